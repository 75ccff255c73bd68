"""What a person sends with each command, as typed data: the bodies that the rows of the table name, by name.

Texts are what the person wrote, in the language of the case unless said; ids are UUIDs as text.
"""

from dataclasses import MISSING, fields

from services.rules import stages
from services.rules.moves.accommodating import AnswerAccommodation, AskAccommodation, EndAccommodation
from services.rules.moves.appeals import (
    AdmitAppeal,
    AppealVote,
    CallHearing,
    LodgeAppeal,
    NameAppealPanel,
    RejectAppeal,
    RuleAppeal,
    WithdrawAppeal,
)
from services.rules.moves.appointments import (
    BookSlot,
    CallOff,
    CancelAppointment,
    ChangePlace,
    MoveAppointment,
    OfferSlots,
    OrderAppointment,
    ProposeOtherTimes,
    RecordAppointment,
    ReportNoShow,
    Slot,
)
from services.rules.moves.arrows import Nothing
from services.rules.moves.charging import WaiveFee
from services.rules.moves.deciding import (
    CorrectDecision,
    CorrectedClaim,
    CorrectionGround,
    Decide,
    LiftSuspension,
    ReturnDecision,
    ReturnedClaim,
    RevocationReason,
    RevokeGrant,
    SuspendGrant,
)
from services.rules.moves.documentation import SubmitPortfolio
from services.rules.moves.guiding import NameMentor, TransferAdvisor, TransferWish
from services.rules.moves.identification import (
    DECLARATIONS,
    PURPOSES,
    AskCompletion,
    Complete,
    ItemAnswer,
    MeetingForm,
    MissingItem,
    ProposeRefusal,
    RecordMeeting,
    RefuseEligibility,
    Submit,
    TakeCase,
)
from services.rules.moves.judging import (
    ClarifiedNote,
    ClarifyJudgement,
    ReturnJudgement,
    SubmitJudgements,
    TakeBackReturn,
)
from services.rules.moves.leaving import (
    AgreeRoute,
    ChallengeLapse,
    LeavingReason,
    MergeDuplicate,
    Reopen,
    RuleLapse,
    Withdraw,
    WithdrawClaim,
)
from services.rules.moves.moderation import (
    Choice,
    ClaimVotes,
    ComposePanel,
    PanelMember,
    RecordPanel,
    SettleConferral,
    Vote,
)
from services.rules.moves.pausing import Pause, PauseReason
from services.rules.moves.planning import DeclinePlan, PlanGaps, PlanRow
from services.rules.moves.requests import (
    AllowRound,
    AnswerRequest,
    AnswerTarget,
    OtherWay,
    RequestEvidence,
    Target,
    TargetAnswer,
)
from services.rules.moves.seats import (
    AcceptOffer,
    DeclareConflict,
    DeclineOffer,
    OverrideConflict,
    Reassign,
    Screen,
    ScreenAgain,
)
from services.rules.moves.transferring import CheckTransfer
from services.rules.moves.upkeep import ChangeProgrammeVersion, Extend, RetryEffect
from services.rules.people import Role

__all__ = [
    "BODIES",
    "DECLARATIONS",
    "PURPOSES",
    "SUBJECTS",
    "WORDLESS",
    "AcceptOffer",
    "AdmitAppeal",
    "AgreeRoute",
    "AllowRound",
    "AnswerAccommodation",
    "AnswerRequest",
    "AnswerTarget",
    "AppealVote",
    "AskAccommodation",
    "AskCompletion",
    "BookSlot",
    "CallHearing",
    "CallOff",
    "CancelAppointment",
    "ChallengeLapse",
    "ChangePlace",
    "ChangeProgrammeVersion",
    "CheckTransfer",
    "Choice",
    "ClaimVotes",
    "ClarifiedNote",
    "ClarifyJudgement",
    "Complete",
    "ComposePanel",
    "CorrectDecision",
    "CorrectedClaim",
    "CorrectionGround",
    "Decide",
    "DeclareConflict",
    "DeclineOffer",
    "DeclinePlan",
    "EndAccommodation",
    "Extend",
    "ItemAnswer",
    "LeavingReason",
    "LiftSuspension",
    "LodgeAppeal",
    "MeetingForm",
    "MergeDuplicate",
    "MissingItem",
    "MoveAppointment",
    "NameAppealPanel",
    "NameMentor",
    "Nothing",
    "OfferSlots",
    "OrderAppointment",
    "OtherWay",
    "OverrideConflict",
    "PanelMember",
    "Pause",
    "PauseReason",
    "PlanGaps",
    "PlanRow",
    "ProposeOtherTimes",
    "ProposeRefusal",
    "Reassign",
    "RecordAppointment",
    "RecordMeeting",
    "RecordPanel",
    "RefuseEligibility",
    "RejectAppeal",
    "Reopen",
    "ReportNoShow",
    "RequestEvidence",
    "RetryEffect",
    "ReturnDecision",
    "ReturnJudgement",
    "ReturnedClaim",
    "RevocationReason",
    "RevokeGrant",
    "RuleAppeal",
    "RuleLapse",
    "Screen",
    "ScreenAgain",
    "SettleConferral",
    "Slot",
    "Submit",
    "SubmitJudgements",
    "SubmitPortfolio",
    "SuspendGrant",
    "TakeBackReturn",
    "TakeCase",
    "Target",
    "TargetAnswer",
    "TransferAdvisor",
    "TransferWish",
    "Vote",
    "WaiveFee",
    "Withdraw",
    "WithdrawAppeal",
    "WithdrawClaim",
    "subject_of",
]

BODIES: dict[str, type] = {move.command: move.body for move in stages.MOVES if set(move.roles) - {Role.CLOCK}}
"""The body of every command that a person may send."""

WORDLESS = frozenset(
    kind
    for kind, body in BODIES.items()
    if all(one.default is not MISSING or one.default_factory is not MISSING for one in fields(body))
)
"""Commands in which nothing has to be said; their body may be left out."""

SUBJECTS: dict[str, str] = {move.command: move.subject for move in stages.MOVES if move.subject}
"""The field of a body that names what the command is about; the others are about the case itself."""


def subject_of(kind: str, body: object) -> str:
    """What the command is about: an id or a key, or the empty string."""
    return str(getattr(body, SUBJECTS[kind])) if kind in SUBJECTS else ""
