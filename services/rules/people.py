"""Who may do what: roles, the actions that routes declare, and the one table that answers them."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person is to an institution, or to one case; `clock` is the case's own workflow."""

    LEARNER = "learner"
    ADVISOR = "advisor"
    MENTOR = "mentor"
    ASSESSOR = "assessor"
    LEAD = "lead"
    PANEL = "panel"
    DECISION_MAKER = "decision_maker"
    APPEAL_REVIEWER_1 = "appeal_reviewer_1"
    APPEAL_REVIEWER_2 = "appeal_reviewer_2"
    THIRD_PARTY = "third_party"
    PROGRAMME_ADMIN = "programme_admin"
    AUDITOR = "auditor"
    CLOCK = "clock"


STAFF = frozenset(Role) - {Role.LEARNER, Role.THIRD_PARTY, Role.CLOCK}
"""Roles that an institution gives to a person; a learner is one by opening a case, a third party by answering."""


SITTERS = frozenset({Role.ASSESSOR, Role.PANEL, Role.APPEAL_REVIEWER_1, Role.APPEAL_REVIEWER_2})
"""Roles in which somebody is offered a seat, and in which a finding can be written down."""

DECIDERS = frozenset({Role.DECISION_MAKER, Role.PANEL, Role.APPEAL_REVIEWER_1, Role.APPEAL_REVIEWER_2})
"""Roles in which a decision can be signed: who decides, a panel's chair where the policy says so, an appeal body."""


class Action(StrEnum):
    """What a route does; the guard refuses a route that declares none."""

    PUBLIC = "public"
    OWN_ACCOUNT = "own_account"
    LIST_CASES = "list_cases"
    KEEP_REGISTER = "keep_register"
    KEEP_ANCHORS = "keep_anchors"
    KEEP_CATALOGUE = "keep_catalogue"
    CALIBRATE = "calibrate"
    LOOK_BACK = "look_back"
    SEE_AGREEMENT = "see_agreement"
    SEE_REPORT = "see_report"
    PUBLISH_REPORT = "publish_report"
    EXPORT_CODES = "export_codes"
    KEEP_COHORTS = "keep_cohorts"
    SEE_POLICY = "see_policy"
    KEEP_PEOPLE = "keep_people"
    SEE_LOG = "see_log"
    OPEN_CASE = "open_case"
    OPEN_INTAKE = "open_intake"
    KEEP_ENQUIRIES = "keep_enquiries"
    END_INTAKE = "end_intake"
    INVITE = "invite"
    KEEP_NOTES = "keep_notes"
    READ_MESSAGES = "read_messages"
    WRITE_MESSAGES = "write_messages"
    SEE_REMARKS = "see_remarks"
    KEEP_REMARKS = "keep_remarks"
    SEE_CASE = "see_case"
    EDIT_PORTFOLIO = "edit_portfolio"
    SEE_PORTFOLIO = "see_portfolio"
    SEE_MISSING = "see_missing"
    SEE_EVIDENCE = "see_evidence"
    SEE_RECEIPT = "see_receipt"
    ASK_ATTESTATION = "ask_attestation"
    PROPOSE_ATTESTATION = "propose_attestation"
    SEE_REQUESTS = "see_requests"
    SEE_STATEMENTS = "see_statements"
    CALL_BACK = "call_back"
    RECORD_WORDS = "record_words"
    HEAR_OTHERS = "hear_others"
    SCREEN_OFFER = "screen_offer"
    JUDGE = "judge"
    SEE_JUDGEMENTS = "see_judgements"
    SEE_ARRANGED = "see_arranged"
    SEE_APPOINTMENTS = "see_appointments"
    KEEP_RECORDING = "keep_recording"
    SEE_CONFERRAL = "see_conferral"
    CONFER = "confer"
    SEE_ORIGINALS = "see_originals"
    SEE_PANEL = "see_panel"
    SEE_LETTER = "see_letter"
    SHARE_CREDENTIAL = "share_credential"
    SEE_PLAN = "see_plan"
    SEE_TIMELINE = "see_timeline"
    SEE_SEATS = "see_seats"
    SEE_APPEALS = "see_appeals"
    SEND_COMMAND = "send_command"
    SEE_COMMAND = "see_command"


class Tie(StrEnum):
    """How a caller is tied to one case, strongest first; `excluded` ends every other tie."""

    EXCLUDED = "excluded"
    LEARNER = "learner"
    ADVISOR = "advisor"
    INTAKE = "intake"
    MENTOR = "mentor"
    OFFERED = "offered"
    ASSESSOR = "assessor"
    PANEL = "panel"
    APPEAL_REVIEWER = "appeal_reviewer"
    FORMER_ASSESSOR = "former_assessor"
    DECISION_MAKER = "decision_maker"
    LEAD = "lead"
    PROGRAMME_ADMIN = "programme_admin"
    AUDITOR = "auditor"
    STRANGER = "stranger"


@dataclass(frozen=True, slots=True)
class Membership:
    """One role at one institution; `programme` is a slug, or None for all of its programmes."""

    role: Role
    institution: str
    programme: str | None = None

    def covers(self, institution: str, programme: str) -> bool:
        """Whether this role reaches a case of `programme` at `institution`."""
        return self.institution == institution and self.programme in (None, programme)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the signed-in person and what they are; `language` is the one they read."""

    id: str
    language: str
    memberships: tuple[Membership, ...] = ()

    def holds(self, role: Role, institution: str, programme: str) -> bool:
        """Whether the caller holds `role` for cases of `programme` at `institution`."""
        return any(m.role is role and m.covers(institution, programme) for m in self.memberships)

    @property
    def roles(self) -> frozenset[Role]:
        """Every role held anywhere."""
        return frozenset(membership.role for membership in self.memberships)


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What the table needs to know of a case and the caller's ties to it.

    `decided`: a decision can be read; `lapsed`: a letter says that the case lapsed, which decides nothing.
    `seats` are the roles in which the caller holds a seat or is offered one; `terms` is the French of its programme.
    """

    ties: frozenset[Tie]
    decided: bool = False
    lapsed: bool = False
    seats: frozenset[Role] = frozenset()
    terms: str = "fr-CA"


ARRANGING = frozenset({Tie.LEARNER, Tie.ADVISOR, Tie.LEAD})
"""Ties that see what accommodation was asked for and how it was answered; others see what is arranged."""


class Answer(StrEnum):
    """Yes; no, and say so; no, and the case does not exist for this caller."""

    ALLOWED = "allowed"
    FORBIDDEN = "forbidden"
    HIDDEN = "hidden"


Policy = Callable[[CaseFacts], bool]

_READING = (Tie.ASSESSOR, Tie.PANEL, Tie.APPEAL_REVIEWER)
"""Whoever took a seat reads what the seat is about."""

_SEEING = frozenset(Tie) - {Tie.EXCLUDED, Tie.STRANGER, Tie.OFFERED, Tie.FORMER_ASSESSOR, Tie.PROGRAMME_ADMIN}


def _any_of(*ties: Tie) -> Policy:
    wanted = frozenset(ties)
    return lambda facts: bool(facts.ties & wanted)


def _judgements(facts: CaseFacts) -> bool:
    """A learner and the advisor read judgements from the decision on; a panel, who decides and a lead before."""
    if facts.ties & {Tie.LEARNER, Tie.ADVISOR}:
        return facts.decided
    return bool(facts.ties & {Tie.PANEL, Tie.DECISION_MAKER, Tie.APPEAL_REVIEWER, Tie.LEAD, Tie.AUDITOR})


def _letter(facts: CaseFacts) -> bool:
    readers = {Tie.LEARNER, Tie.ADVISOR, Tie.DECISION_MAKER, Tie.APPEAL_REVIEWER, Tie.AUDITOR}
    return (facts.decided or facts.lapsed) and bool(facts.ties & readers)


def _plan(facts: CaseFacts) -> bool:
    return facts.decided and bool(facts.ties & {Tie.LEARNER, Tie.ADVISOR, Tie.AUDITOR})


ON_A_CASE: dict[Action, Policy] = {
    Action.SEE_CASE: _any_of(*_SEEING),
    # An advisor writes for a learner who agreed to it, until the learner takes the case in hand.
    Action.EDIT_PORTFOLIO: _any_of(Tie.LEARNER, Tie.INTAKE),
    Action.END_INTAKE: _any_of(Tie.LEARNER, Tie.INTAKE),
    Action.INVITE: _any_of(Tie.ADVISOR),
    # A mentor's notes are the mentor's alone: whoever assesses or decides never learns that there are any.
    Action.KEEP_NOTES: _any_of(Tie.MENTOR),
    # A learner speaks with those who guide them. Whoever judges or decides asks by commands alone, and learns of no
    # conversation; in which of its threads a tie reads and writes stands in `conversations.py`.
    Action.READ_MESSAGES: _any_of(Tie.LEARNER, Tie.ADVISOR, Tie.MENTOR, Tie.LEAD, Tie.AUDITOR),
    Action.WRITE_MESSAGES: _any_of(Tie.LEARNER, Tie.ADVISOR, Tie.MENTOR, Tie.LEAD),
    # What those who lead a case remark among themselves: neither the learner nor whoever judges or decides reads it.
    Action.SEE_REMARKS: _any_of(Tie.ADVISOR, Tie.LEAD, Tie.AUDITOR),
    Action.KEEP_REMARKS: _any_of(Tie.ADVISOR, Tie.LEAD),
    # Whoever decides reads recommendations and their reasons, not evidence: to look again would be to judge again.
    Action.SEE_PORTFOLIO: _any_of(Tie.LEARNER, Tie.ADVISOR, *_READING, Tie.AUDITOR),
    Action.SEE_EVIDENCE: _any_of(Tie.LEARNER, Tie.ADVISOR, *_READING, Tie.AUDITOR),
    Action.SEE_MISSING: _any_of(Tie.LEARNER, Tie.ADVISOR),
    Action.SEE_RECEIPT: _any_of(Tie.LEARNER, Tie.ADVISOR, Tie.AUDITOR),
    Action.ASK_ATTESTATION: _any_of(Tie.LEARNER),
    Action.PROPOSE_ATTESTATION: _any_of(Tie.ASSESSOR),
    Action.SEE_REQUESTS: _any_of(Tie.LEARNER, Tie.ADVISOR, Tie.AUDITOR),
    Action.SEE_STATEMENTS: _any_of(Tie.ADVISOR, *_READING, Tie.AUDITOR),
    Action.CALL_BACK: _any_of(Tie.ADVISOR),
    # Whoever accompanies a learner may write down what the learner says; a third party is heard by the advisor alone.
    Action.RECORD_WORDS: _any_of(Tie.ADVISOR, Tie.MENTOR),
    Action.HEAR_OTHERS: _any_of(Tie.ADVISOR),
    Action.SCREEN_OFFER: _any_of(Tie.OFFERED, *_READING),
    Action.JUDGE: _any_of(*_READING),
    Action.SEE_JUDGEMENTS: _judgements,
    # Everybody who meets the learner; what was asked and answered is for learner, advisor and lead alone.
    Action.SEE_ARRANGED: _any_of(Tie.LEARNER, Tie.ADVISOR, Tie.LEAD, *_READING),
    Action.SEE_APPOINTMENTS: _any_of(Tie.LEARNER, Tie.ADVISOR, *_READING, Tie.LEAD, Tie.AUDITOR),
    Action.KEEP_RECORDING: _any_of(Tie.ASSESSOR, Tie.PANEL),
    # What two assessors write to each other is theirs: no lead and nobody who decides reads it.
    Action.SEE_CONFERRAL: _any_of(Tie.ASSESSOR, Tie.AUDITOR),
    Action.CONFER: _any_of(Tie.ASSESSOR),
    Action.SEE_ORIGINALS: _any_of(Tie.PANEL, Tie.APPEAL_REVIEWER, Tie.AUDITOR),
    Action.SEE_PANEL: _any_of(Tie.PANEL, Tie.DECISION_MAKER, Tie.APPEAL_REVIEWER, Tie.AUDITOR),
    Action.SEE_LETTER: _letter,
    # What a credential shows to others is for whom it is about to choose, and for nobody on their behalf.
    Action.SHARE_CREDENTIAL: _any_of(Tie.LEARNER),
    Action.SEE_PLAN: _plan,
    Action.SEE_TIMELINE: _any_of(
        Tie.LEARNER, Tie.ADVISOR, Tie.LEAD, Tie.DECISION_MAKER, Tie.APPEAL_REVIEWER, Tie.AUDITOR
    ),
    Action.SEE_SEATS: _any_of(Tie.LEAD, Tie.AUDITOR),
    Action.SEND_COMMAND: _any_of(*(_SEEING - {Tie.AUDITOR, Tie.INTAKE, Tie.MENTOR}), Tie.OFFERED, Tie.PROGRAMME_ADMIN),
    # That there is one, and how far it is; what was written, and who hears it, the answer itself keeps back.
    Action.SEE_APPEALS: _any_of(Tie.LEARNER, Tie.ADVISOR, Tie.LEAD, Tie.APPEAL_REVIEWER, Tie.AUDITOR),
    Action.SEE_COMMAND: _any_of(*_SEEING, Tie.OFFERED, Tie.PROGRAMME_ADMIN),
}
"""Who may do what on a case, by tie; which command in which stage is the table of `stages.py`."""

BY_ROLE: dict[Action, frozenset[Role] | None] = {
    Action.OWN_ACCOUNT: None,
    Action.KEEP_REGISTER: SITTERS,
    Action.KEEP_ANCHORS: frozenset({Role.PROGRAMME_ADMIN}),
    Action.KEEP_CATALOGUE: frozenset({Role.PROGRAMME_ADMIN}),
    Action.CALIBRATE: frozenset({Role.ASSESSOR}),
    # Of settled cases, and only of those that one was asked to read again: which, stands in a row of one's own.
    Action.LOOK_BACK: frozenset({Role.ASSESSOR}),
    Action.SEE_AGREEMENT: frozenset({Role.LEAD, Role.AUDITOR}),
    Action.SEE_REPORT: frozenset({Role.PROGRAMME_ADMIN, Role.LEAD, Role.AUDITOR}),
    Action.PUBLISH_REPORT: frozenset({Role.PROGRAMME_ADMIN}),
    Action.EXPORT_CODES: frozenset({Role.LEAD, Role.AUDITOR}),
    # Who pays for whom, and what they are told: nobody who assesses, sits in a panel or decides learns of it.
    Action.KEEP_COHORTS: frozenset({Role.LEAD}),
    Action.SEE_POLICY: frozenset({Role.PROGRAMME_ADMIN, Role.LEAD, Role.AUDITOR}),
    Action.KEEP_PEOPLE: frozenset({Role.PROGRAMME_ADMIN}),
    Action.SEE_LOG: frozenset({Role.AUDITOR}),
    Action.OPEN_CASE: None,
    Action.OPEN_INTAKE: frozenset({Role.ADVISOR}),
    Action.KEEP_ENQUIRIES: frozenset({Role.ADVISOR, Role.LEAD}),
    Action.LIST_CASES: None,
}
"""Who may do what without naming a case; None means anybody who is signed in."""


GIVEN = STAFF - {Role.PROGRAMME_ADMIN, Role.AUDITOR}
"""Roles that an administrator gives and ends; who administers and who audits them is named on the command line."""


def keeps_role(caller: Caller, role: Role, *, institution: str, programme: str | None) -> bool:
    """Whether the caller may give and end this role there: whoever administers one programme only for that one."""
    return role in GIVEN and any(
        one.role is Role.PROGRAMME_ADMIN and one.institution == institution and one.programme in (None, programme)
        for one in caller.memberships
    )


def on_a_case(action: Action, facts: CaseFacts) -> Answer:
    """Answer for a case: strangers and excluded people are told nothing of it, the others yes or no."""
    if Tie.EXCLUDED in facts.ties or not facts.ties - {Tie.STRANGER, Tie.FORMER_ASSESSOR}:
        return Answer.HIDDEN
    if ON_A_CASE[action](facts):
        return Answer.ALLOWED
    return Answer.FORBIDDEN if facts.ties & _SEEING else Answer.HIDDEN


def by_role(action: Action, caller: Caller) -> Answer:
    """Answer for what names no case."""
    roles = BY_ROLE[action]
    return Answer.ALLOWED if roles is None or roles & caller.roles else Answer.FORBIDDEN


TIE_ROLES: dict[Tie, Role] = {
    Tie.LEARNER: Role.LEARNER,
    Tie.ADVISOR: Role.ADVISOR,
    Tie.DECISION_MAKER: Role.DECISION_MAKER,
    Tie.LEAD: Role.LEAD,
    Tie.PROGRAMME_ADMIN: Role.PROGRAMME_ADMIN,
}
"""The role in which a tie lets a person send commands, strongest first; a seat lets them act in its own."""


def roles_on_a_case(facts: CaseFacts) -> tuple[Role, ...]:
    """The roles in which the caller may act on the case, strongest first."""
    if Tie.EXCLUDED in facts.ties:
        return ()
    seated = sorted(facts.seats, key=list(Role).index)
    named = (role for tie, role in TIE_ROLES.items() if tie in facts.ties)
    return tuple(dict.fromkeys((*seated, *named)))
