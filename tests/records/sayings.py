"""What somebody on a random walk says with a command: plausible words about what is there, often not allowed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import cases, plans, programmes
from services.records.tables.accommodations import Accommodation
from services.records.tables.appointments import Appointment, AppointmentSlot
from services.records.tables.assessment import Assignment, FinalReading, Judgement
from services.records.tables.cases import Case, CaseExclusion, Claim, MissingItem
from services.records.tables.commands import EffectRow, EffectState
from services.records.tables.evidence import EvidenceRequest, RequestTarget
from services.records.tables.people import Person
from services.rules import commands as bodies
from services.rules.appeals import Cause, Ground, Ruling
from services.rules.appointments import Line, Mode, Sheet
from services.rules.case import SeatKind, SeatState
from services.rules.claims import Identification, Rating, Recommendation, Supervision
from services.rules.conflicts import ConflictTie
from services.rules.deadlines import local_day
from services.rules.fees import Service
from services.rules.gaps import Gap
from services.rules.people import Role
from tests.records import moving

ZONE = "America/Montreal"
WHY = "The second work sample shows the whole task, done safely and by the learner alone."


@dataclass(frozen=True, slots=True)
class Scene:
    """What is there when somebody speaks: the case's rows, everybody by role, and who speaks."""

    random: Random
    now: datetime
    speaker: UUID
    case: Case
    older: list[UUID]
    staff: dict[Role, list[Person]]
    claims: list[Claim]
    seats: list[Assignment]
    rows: dict[str, list[Any]]
    gaps: tuple[Gap, ...]

    def pick(self, found: list[Any]) -> str:
        """The id of one of these, or of nothing."""
        return str(self.random.choice(found).id) if found else str(self.case.id)

    def somebody(self, role: Role) -> str:
        return self.pick(self.staff[role])

    def own_seat(self) -> str:
        """The newest seat of the speaker that can be answered."""
        own = [seat for seat in self.seats if seat.person_id == self.speaker]
        waiting = [seat for seat in own if seat.state is SeatState.OFFERED]
        return self.pick((waiting or own)[-1:])

    def until(self, *, days: int) -> date:
        return local_day(self.now, ZONE) + timedelta(days=days)


async def scene(
    session: AsyncSession,
    case_id: UUID,
    *,
    random: Random,
    now: datetime,
    speaker: UUID,
    older: list[UUID],
    staff: dict[Role, list[Person]],
) -> Scene:
    """Everything that somebody may speak of."""

    async def of(table: type[SQLModel]) -> list[Any]:
        column: Any = table.case_id  # type: ignore[attr-defined]  # every table named here has one
        order: Any = table.key if table is EffectRow else getattr(table, "id", column)
        return list(await session.exec(select(table).where(col(column) == case_id).order_by(col(order))))

    case = await cases.get(session, case_id)
    claims = await of(Claim)
    requests = [one.id for one in await of(EvidenceRequest) if one.closed_at is None]
    targets = await session.exec(select(RequestTarget).where(col(RequestTarget.request_id).in_(requests)))
    meetings = await of(Appointment)
    dates = await session.exec(
        select(AppointmentSlot)
        .where(col(AppointmentSlot.appointment_id).in_([one.id for one in meetings[-1:]]))
        .where(col(AppointmentSlot.withdrawn_at).is_(None))
        .order_by(col(AppointmentSlot.id))
    )
    final = await session.exec(
        select(FinalReading.claim_id).where(col(FinalReading.claim_id).in_([one.id for one in claims]))
    )
    rows: dict[str, list[Any]] = {
        "missing": [one for one in await of(MissingItem) if one.answered_at is None],
        "targets": list(targets),
        "slots": list(dates),
        "accommodations": await of(Accommodation),
        "excluded": await of(CaseExclusion),
        "failed": [one for one in await of(EffectRow) if one.state is EffectState.FAILED],
        "readings": [one for one in await of(Judgement) if one.locked_at is not None],
        "final": list(final),
        "meetings": meetings,
    }
    programme = await programmes.of_case(session, case)
    gaps = await plans.missing(session, case=case, programme=programme, now=now)
    return Scene(random, now, speaker, case, older, staff, claims, await of(Assignment), rows, tuple(gaps))


def _screen(s: Scene) -> bodies.Screen:
    return moving.CLEAR if s.random.random() < 0.97 else moving.tied(s.random.choice(list(ConflictTie)))


def _slots(s: Scene) -> bodies.OfferSlots:
    first = s.now + timedelta(days=s.random.choice([1, 9, 12]))
    return bodies.OfferSlots(
        tuple(bodies.Slot(first + timedelta(days=n), Mode.ON_SITE, "Workshop 4") for n in range(3))
    )


def _order(s: Scene) -> bodies.OrderAppointment:
    return bodies.OrderAppointment("interview", (s.pick(s.claims),), 45, "fr", "How the work is planned")


def _sheet(s: Scene) -> bodies.RecordAppointment:
    lines = tuple(Line(str(one.id), "a", "How do you plan?", "A clear plan", Rating.MET) for one in s.claims)
    present = ("The learner", "The assessor")
    some = s.random.choice([lines, lines[:1], lines[1:2]])
    return bodies.RecordAppointment(Sheet(some, Supervision.ON_SITE, Identification.DOCUMENT_SEEN, present))


def _unsettled(s: Scene) -> list[Claim]:
    return [one for one in s.claims if one.id not in s.rows["final"]]


def _choices(s: Scene) -> bodies.SettleConferral:
    found = []
    for claim in _unsettled(s):
        readings = [one for one in s.rows["readings"] if one.claim_id == claim.id]
        # Mostly the first one, so that two people now and then agree.
        found += [bodies.Choice(str(claim.id), str(readings[0].id))] if readings else []
    return bodies.SettleConferral(tuple(found))


def _minutes(s: Scene) -> bodies.RecordPanel:
    sitting = [one for one in s.seats if one.seat is SeatKind.PANEL and one.state is SeatState.ACCEPTED]
    votes = tuple(bodies.Vote(str(one.person_id), s.random.choice(["met"] * 4 + ["partial"])) for one in sitting)
    return bodies.RecordPanel(
        tuple(bodies.PanelMember(str(one.person_id), "Subject expert", "No tie to the learner.") for one in sitting),
        "The portfolio and both assessments.",
        tuple(bodies.ClaimVotes(str(one.id), votes, WHY) for one in _unsettled(s)),
        signed=True,
    )


def _votes(s: Scene) -> bodies.RuleAppeal:
    hearing = [one for one in s.seats if one.seat in (SeatKind.APPEAL_1, SeatKind.APPEAL_2)]
    ruling = s.random.choice([Ruling.DISMISSED, Ruling.VARIED, Ruling.REMITTED])
    votes = tuple(bodies.AppealVote(str(one.person_id), ruling) for one in hearing if one.state is SeatState.ACCEPTED)
    changed = tuple(str(one.id) for one in s.claims[-1:]) if ruling is not Ruling.DISMISSED else ()
    next_step = s.random.choice(["", "Ask your advisor."])
    return bodies.RuleAppeal(votes, WHY, s.random.choice(list(Cause)), "", changed, next_step)


def _lodge(s: Scene) -> bodies.LodgeAppeal:
    late = s.random.choice(["", "", "I was in hospital."])
    return bodies.LodgeAppeal((s.random.choice(list(Ground)).value,), "Nobody looked at it.", late_cause=late)


def _plan(s: Scene) -> bodies.PlanGaps:
    rows = [bodies.PlanRow(gap.competency, "practice", gap.criterion, 8) for gap in s.gaps]
    rows = rows or [bodies.PlanRow(one.competency, "practice", "b", 8) for one in s.claims]
    return bodies.PlanGaps(tuple(rows))


def _corrected(s: Scene) -> bodies.CorrectDecision:
    ground = s.random.choice(list(bodies.CorrectionGround))
    changes = (bodies.CorrectedClaim(s.pick(s.claims), s.random.choice(["granted", "not_yet"])),)
    return bodies.CorrectDecision(ground, WHY, s.random.choice([(), changes, changes]))


def _targets(s: Scene) -> bodies.RequestEvidence:
    return bodies.RequestEvidence((bodies.Target(s.pick(s.claims), "a", "valid", "The work itself", "A photo"),))


def _answers(s: Scene) -> bodies.AnswerRequest:
    return bodies.AnswerRequest(tuple(bodies.TargetAnswer(str(t.id), nothing_more=True) for t in s.rows["targets"]))


def _asked(s: Scene) -> bodies.AskAccommodation:
    return bodies.AskAccommodation(("extra_time",), extra_time=s.random.choice([50, 150]))


def _answered(s: Scene) -> bodies.AnswerAccommodation:
    granted = s.random.random() < 0.7
    return bodies.AnswerAccommodation(
        s.pick(s.rows["accommodations"]), granted, 150 if granted else 0, "" if granted else WHY
    )


def _reassigned(s: Scene) -> bodies.Reassign:
    seat = s.pick([one for one in s.seats if one.state in (SeatState.OFFERED, SeatState.ACCEPTED)])
    return bodies.Reassign(
        "On leave", s.random.choice([seat, seat, None]), s.random.choice([None, s.somebody(Role.ASSESSOR)])
    )


def _barred(s: Scene) -> bodies.OverrideConflict:
    barred = s.rows["excluded"]
    return bodies.OverrideConflict(str(s.random.choice(barred).person_id) if barred else s.somebody(Role.ASSESSOR), WHY)


SAID: dict[str, Callable[[Scene], object]] = {
    "submit": lambda _: bodies.Submit("2026-1", ("holder_name",)),
    "take_case": lambda s: bodies.TakeCase(s.somebody(Role.ADVISOR)),
    "ask_completion": lambda _: bodies.AskCompletion((bodies.MissingItem("Payslip", "To know where you worked"),)),
    "complete": lambda s: bodies.Complete(tuple(bodies.ItemAnswer(str(m.id), "Added.") for m in s.rows["missing"])),
    "record_meeting": lambda s: bodies.RecordMeeting(local_day(s.now, ZONE), "online"),
    "propose_refusal": lambda _: bodies.ProposeRefusal("Outside the field"),
    "refuse_eligibility": lambda _: bodies.RefuseEligibility("Another trade.", "Come back after a year of work."),
    "transfer_advisor": lambda s: bodies.TransferAdvisor(s.somebody(Role.ADVISOR), "learner", "On leave"),
    "name_mentor": lambda s: bodies.NameMentor(s.random.choice([None, s.somebody(Role.MENTOR)])),
    "submit_portfolio": lambda _: moving.PORTFOLIO,
    "check_transfer": lambda s: bodies.CheckTransfer(
        s.pick(s.claims), issuer_holds=True, date_holds=True, equivalent=True, basis="document", reasons=WHY
    ),
    "accept_offer": lambda s: bodies.AcceptOffer(s.own_seat(), _screen(s)),
    "decline_offer": lambda s: bodies.DeclineOffer(s.own_seat(), "no_time"),
    "declare_conflict": lambda s: bodies.DeclareConflict(s.own_seat(), moving.tied(s.random.choice(list(ConflictTie)))),
    "screen_again": lambda s: bodies.ScreenAgain(s.own_seat(), moving.CLEAR),
    "reassign": _reassigned,
    "override_conflict": _barred,
    "request_evidence": _targets,
    "answer_request": _answers,
    "answer_target": lambda s: bodies.AnswerTarget(s.pick(s.rows["targets"]), nothing_more=True),
    "allow_round": lambda _: bodies.AllowRound("The learner was ill."),
    "order_appointment": _order,
    "offer_slots": _slots,
    "book_slot": lambda s: bodies.BookSlot(s.pick(s.rows["slots"]), short_notice=True),
    "propose_other_times": lambda s: bodies.ProposeOtherTimes((s.now + timedelta(days=10),)),
    "move_appointment": lambda s: bodies.MoveAppointment(s.pick(s.rows["slots"]), "A shift", short_notice=True),
    "change_place": lambda _: bodies.ChangePlace(Mode.ONLINE, "https://example.org/room"),
    "call_off": lambda _: bodies.CallOff("Ill"),
    "cancel_appointment": lambda _: bodies.CancelAppointment("The file says enough"),
    "report_no_show": lambda s: bodies.ReportNoShow(s.random.choice(["learner", "staff"]), note="A child was ill"),
    "record_appointment": _sheet,
    "submit_judgements": lambda s: bodies.SubmitJudgements(s.random.choice([None, 45])),
    "settle_conferral": _choices,
    "compose_panel": lambda s: bodies.ComposePanel("One more", members=(s.somebody(Role.PANEL),)),
    "record_panel": _minutes,
    "return_judgement": lambda s: bodies.ReturnJudgement(s.pick(s.claims), WHY),
    "clarify_judgement": lambda s: bodies.ClarifyJudgement(s.pick(s.claims), f"{WHY} {s.now.isoformat()}"),
    "take_back_return": lambda s: bodies.TakeBackReturn(s.pick(s.claims)),
    "return_decision": lambda s: bodies.ReturnDecision((bodies.ReturnedClaim(s.pick(s.claims), WHY),)),
    "decide": lambda _: bodies.Decide("Registrar"),
    "revoke_grant": lambda s: bodies.RevokeGrant(s.pick(s.claims), "fraud", "It is forged."),
    "suspend_grant": lambda s: bodies.SuspendGrant(s.pick(s.claims), WHY),
    "lift_suspension": lambda s: bodies.LiftSuspension(s.pick(s.claims), WHY),
    "correct_decision": _corrected,
    "lodge_appeal": _lodge,
    "admit_appeal": lambda s: bodies.AdmitAppeal(s.random.choice(["", "The learner was in hospital."])),
    "reject_appeal": lambda _: bodies.RejectAppeal("Nothing named.", "See your advisor."),
    "name_appeal_panel": lambda s: bodies.NameAppealPanel(
        (s.somebody(s.random.choice([Role.APPEAL_REVIEWER_1, Role.APPEAL_REVIEWER_2])),)
    ),
    "call_hearing": lambda s: bodies.CallHearing(s.until(days=30), "10:00", "Room 12"),
    "rule_appeal": _votes,
    "withdraw_appeal": lambda _: bodies.WithdrawAppeal(confirmed=True),
    "plan_gaps": _plan,
    "decline_plan": lambda _: bodies.DeclinePlan("No time this spring."),
    "withdraw": lambda s: bodies.Withdraw(confirmed=True, reoriented=s.random.random() < 0.2),
    "withdraw_claim": lambda s: bodies.WithdrawClaim(s.pick(s.claims), confirmed=True),
    "agree_route": lambda _: bodies.AgreeRoute("The apprenticeship at the other college."),
    "change_programme_version": lambda _: bodies.ChangeProgrammeVersion(2, confirmed=True),
    "merge_duplicate": lambda s: bodies.MergeDuplicate(str(s.random.choice(s.older or [s.case.id])), "Opened twice"),
    "reopen": lambda _: bodies.Reopen("The learner has time again."),
    "challenge_lapse": lambda _: bodies.ChallengeLapse("I was in hospital."),
    "rule_lapse": lambda s: bodies.RuleLapse(s.random.random() < 0.8, WHY),
    "pause": lambda s: bodies.Pause("illness", s.until(days=30), wished=True),
    "ask_accommodation": _asked,
    "answer_accommodation": _answered,
    "end_accommodation": lambda s: bodies.EndAccommodation(s.pick(s.rows["accommodations"])),
    "waive_fee": lambda s: bodies.WaiveFee(s.random.choice(list(Service)), WHY),
    "extend": lambda s: bodies.Extend("Ill", s.random.choice([None, s.until(days=90), s.until(days=400)])),
    "retry_effect": lambda s: bodies.RetryEffect(s.rows["failed"][0].key if s.rows["failed"] else "x"),
}
"""By command, what is said; the others need no words."""

FOUND = (Recommendation.MET, Recommendation.MET, Recommendation.MET, Recommendation.PARTIAL, Recommendation.NOT_YET)
"""What somebody may find who judges."""
