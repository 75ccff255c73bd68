"""Draws a case for whoever looks at it: one function per kind of person, each reading only what its view shows."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.api import claim_views, plan_views, side_views, views
from services.records import (
    blind,
    cases,
    dossier,
    fees,
    lapses,
    limits,
    plans,
    programmes,
    service_standards,
    transfers,
)
from services.records.dossier import Round
from services.records.offering import Desk
from services.records.tables.cases import Case, Claim
from services.rules import masking, stages
from services.rules.case import CaseState, SeatKind, SeatState, Stage
from services.rules.people import Caller, CaseFacts, Role, Tie, roles_on_a_case
from services.rules.programmes import Language, Programme
from services.rules.refusals import Refused

BLIND = frozenset({Role.ASSESSOR, Role.PANEL})
"""Roles that must not infer from a case's stage who else reads it."""

JUDGING = (SeatState.ACCEPTED, SeatState.SUBMITTED)


@dataclass(frozen=True, slots=True)
class _Sitter:
    """Whoever is portrayed, and who looks."""

    session: AsyncSession
    case: Case
    state: CaseState
    programme: Programme
    claims: list[Claim]
    caller: Caller
    facts: CaseFacts
    version: int
    now: datetime

    async def folder(self, *, subject: str = "") -> dict[str, Any]:
        """What every view of a case shows; `subject` is the seat that it is about."""
        desk = Desk(self.session, self.case, self.state, self.programme, self.caller.id, self.now, subject)
        return {
            "id": self.case.id,
            "number": self.case.number,
            "version": self.version,
            "programme": views.programme_ref(self.programme),
            "language": Language(self.case.language),
            "paused_until": self.case.paused_until,
            "commands": await desk.offers(roles_on_a_case(self.facts)),
        }

    async def staged(self) -> dict[str, Any]:
        """What everybody but an assessor sees as well; `dates` are those of the stage, none of a seat."""
        case = self.case
        dates = await limits.dates(self.session, case)
        return await self.folder() | {
            "purpose": case.purpose,
            "stage": views.stage_view(case.stage, case.waiting_on, case.due_at, terms=self.programme.policy.terms),
            "dates": [views.DateView(key, due_at) for key, due_at in dates],
            "created_at": case.created_at,
            "submitted_at": case.submitted_at,
            "closed_as": case.closed_as,
            "closed_at": case.closed_at,
        }

    async def shown_claims(self) -> list[claim_views.ClaimView]:
        """The claims as learner and advisor see them: nothing of a judgement before its letter can be read."""
        told = await dossier.told(self.session, self.case.id)
        return [claim_views.claim(row, self.programme, told=told) for row in self.claims]

    async def transfers(self, *, told: set[UUID] | None = None) -> list[claim_views.TransferView]:
        """What was certified elsewhere; where `told` is given, a check is shown with the letter that speaks of it."""
        stated = await transfers.statements(self.session, self.case.id)
        checks = await transfers.checks(self.session, self.case.id)
        shown = {claim: check for claim, check in checks.items() if told is None or claim in told}
        return [claim_views.transfer(stated[row.id], shown.get(row.id)) for row in self.claims if row.id in stated]

    async def with_learner(self) -> dict[str, Any]:
        """What is with the learner: what is missing, what more is asked, whom they named."""
        session, case_id = self.session, self.case.id
        missing = await dossier.missing_items(session, case_id)
        told = await dossier.told(session, case_id)
        return {
            "claims": await self.shown_claims(),
            "answers": self.case.answers,
            "employers": [views.EmployerView(**asdict(one)) for one in await dossier.employers(session, case_id)],
            "missing_items": [views.missing_item(item) for item in missing if item.answered_at is None],
            "requests": [_round(one) for one in await dossier.rounds(session, case_id)],
            "other_route": self.case.other_route,
            "merged_into": self.case.merged_into_id,
            "intake_by": self.case.intake_by_id,
            "lapse_challenge": await self.challenge(),
            "plan": plan_views.plan(await plans.newest(session, case_id), self.programme, told=told),
            "agent": self.case.agent,
            **await self.charges(),
            "hours_saved": plans.hours_saved([claim for claim in self.claims if claim.id in told], self.programme),
        }

    async def charges(self) -> dict[str, Any]:
        """What was charged and what is waived: for the learner, their advisor and leads, and for nobody who judges."""
        session, case_id = self.session, self.case.id
        return side_views.charges(await fees.of_case(session, case_id), await fees.waivers(session, case_id))

    async def challenge(self) -> side_views.LapseView | None:
        """The newest challenge of a lapse."""
        made = await lapses.of_case(self.session, self.case.id)
        if not made:
            return None
        last = made[-1]
        return side_views.LapseView(last.reasons, last.challenged_at, last.due_at, last.restored, last.ruling)

    async def standard(self) -> views.StandardView | None:
        """How the case stands against the institution's own service standard."""
        found = await service_standards.of_case(self.session, self.case, policy=self.programme.policy)
        return views.StandardView(found.due_at, found.kept) if found else None

    async def person(self, person_id: UUID | None) -> views.PersonView | None:
        """Somebody by name."""
        found = await dossier.person(self.session, person_id)
        return views.PersonView(found.id, found.name, found.email) if found else None

    async def people(self) -> dict[str, Any]:
        """Learner and advisor by name."""
        return {
            "learner": await self.person(self.case.learner_id),
            "advisor": await self.person(self.case.advisor_id),
        }

    async def seats(self) -> list[views.SeatView]:
        """Every offer and assignment."""
        return [views.seat(shown) for shown in await dossier.seats(self.session, self.case.id)]


def _by_agent(sitter: _Sitter) -> bool:
    """Whether whoever judges is told that somebody else filed the case, by no name."""
    return sitter.programme.policy.agents == "flagged" and bool(sitter.case.agent)


async def of_case(
    session: AsyncSession, case_id: UUID, *, caller: Caller, facts: CaseFacts, now: datetime
) -> views.CaseView:
    """The case as the strongest tie of `caller` shows it."""
    case = await cases.get(session, case_id)
    sitter = _Sitter(
        session=session,
        case=case,
        state=await cases.state(session, case),
        programme=await programmes.of_case(session, case),
        claims=await cases.claims_of(session, case_id),
        caller=caller,
        facts=facts,
        version=await version_shown(session, case, caller=caller, facts=facts),
        now=now,
    )
    for tie, portray in PORTRAITS.items():
        if tie in facts.ties:
            return await portray(sitter)
    raise Refused("not_found")


async def why_not(
    session: AsyncSession, case: Case, command: str, *, caller: Caller, facts: CaseFacts, now: datetime
) -> Refused | None:
    """What stands against a command that the case would be at the right stage for; None where it is not."""
    state, programme = await cases.state(session, case), await programmes.of_case(session, case)
    desk = Desk(session, case, state, programme, caller.id, now)
    for role in roles_on_a_case(facts):
        if command in stages.allowed(state, role, actor=caller.id):
            return await desk.against(command, role)
    return None


def _outcome_of(case: Case, *, decided: bool) -> dict[str, object]:
    """What the case came to, once its letter can be read and until it lives again."""
    settled = {Stage.DECIDED, Stage.GAP_TRAINING, Stage.NOT_ELIGIBLE, Stage.UNDER_REVIEW, Stage.CLOSED}
    shown = decided and case.stage in settled
    return {
        "outcome": case.outcome if shown else None,
        "decided_at": case.decided_at if shown else None,
        "appeal_until": case.appeal_until if shown else None,
    }


async def _learner(sitter: _Sitter) -> views.CaseView:
    return views.LearnerView(
        **await sitter.staged(),
        **await sitter.with_learner(),
        **_outcome_of(sitter.case, decided=sitter.facts.decided),  # type: ignore[arg-type]  # three columns by name
        transfers=await sitter.transfers(told=await dossier.told(sitter.session, sitter.case.id)),
        advisor=await sitter.person(sitter.case.advisor_id),
        mentor=await sitter.person(sitter.case.mentor_id),
        answers_version=sitter.case.answers_version,
    )


async def _advisor(sitter: _Sitter) -> views.CaseView:
    return views.AdvisorView(
        **await sitter.staged(),
        **await sitter.with_learner(),
        **_outcome_of(sitter.case, decided=sitter.facts.decided),  # type: ignore[arg-type]  # three columns by name
        transfers=await sitter.transfers(),
        learner=(await sitter.people())["learner"],
        service_standard=await sitter.standard(),
    )


async def _mentor(sitter: _Sitter) -> views.CaseView:
    case = sitter.case
    return views.MentorView(
        **await sitter.folder(),
        stage=views.stage_view(case.stage, case.waiting_on, case.due_at, terms=sitter.programme.policy.terms),
        learner=(await sitter.people())["learner"],
    )


async def _assessor(sitter: _Sitter) -> views.CaseView:
    own = await dossier.seats(sitter.session, sitter.case.id, person_id=UUID(sitter.caller.id))
    shown = next(one for one in own if one.seat.state in JUDGING)
    seat = shown.seat
    masked = masking.masks(sitter.programme.policy, seat.state)
    learner = await dossier.person(sitter.session, sitter.case.learner_id)
    asked = await dossier.rounds(sitter.session, sitter.case.id, seats=[one.seat.id for one in own])
    return views.AssessorView(
        **await sitter.folder(subject=str(seat.id)),
        seat=views.OwnSeat(seat.id, seat.state, seat.respond_by, seat.due_at),
        learner=None if masked or learner is None else learner.name,
        claims=[claim_views.seat_claim(row, sitter.programme) for row in sitter.claims if row.id in shown.claims],
        requests=[_round(one) for one in asked],
        judge_on_file=sitter.case.judge_on_file,
        by_agent=_by_agent(sitter),
    )


async def _panel(sitter: _Sitter) -> views.CaseView:
    every = [one for one in await dossier.seats(sitter.session, sitter.case.id) if one.seat.seat is SeatKind.PANEL]
    shown = next(one for one in every if str(one.seat.person_id) == sitter.caller.id and one.seat.state in JUDGING)
    seat = shown.seat
    masked = masking.masks(sitter.programme.policy, seat.state)
    learner = await dossier.person(sitter.session, sitter.case.learner_id)
    asked = await dossier.rounds(sitter.session, sitter.case.id, seats=[one.seat.id for one in every])
    return views.PanelMemberView(
        **await sitter.folder(subject=str(seat.id)),
        seat=views.OwnSeat(seat.id, seat.state, seat.respond_by, seat.due_at),
        chair=seat.chair,
        learner=None if masked or learner is None else learner.name,
        claims=[claim_views.seat_claim(row, sitter.programme) for row in sitter.claims if row.id in shown.claims],
        requests=[_round(one) for one in asked],
        judge_on_file=sitter.case.judge_on_file,
        by_agent=_by_agent(sitter),
    )


async def _decision_maker(sitter: _Sitter) -> views.CaseView:
    waiting = sitter.case.refusal_proposed or sitter.case.stage is Stage.NOT_ELIGIBLE
    return views.DecisionView(
        **await sitter.staged(),
        learner=(await sitter.people())["learner"],
        claims=[claim_views.claim(row, sitter.programme, told=None) for row in sitter.claims],
        transfers=await sitter.transfers(),
        refusal_reasons=await dossier.proposed_reasons(sitter.session, sitter.case.id) if waiting else None,
        outcome=sitter.case.outcome,
        decided_at=sitter.case.decided_at,
        appeal_until=sitter.case.appeal_until,
    )


async def _lead(sitter: _Sitter) -> views.CaseView:
    return views.LeadView(
        **await sitter.staged(),
        **await sitter.people(),
        claims=[claim_views.seat_claim(row, sitter.programme) for row in sitter.claims],
        seats=await sitter.seats(),
        offers_failed=sitter.case.offers_failed,
        needs_attention=sitter.case.needs_attention,
        failed_effects=list(sitter.state.failed_effects),
        lapse_challenge=await sitter.challenge(),
        **await sitter.charges(),
        service_standard=await sitter.standard(),
    )


async def _auditor(sitter: _Sitter) -> views.CaseView:
    case = sitter.case
    return views.AuditorView(
        **await sitter.staged(),
        **await sitter.people(),
        claims=[claim_views.claim(row, sitter.programme, told=None) for row in sitter.claims],
        seats=await sitter.seats(),
        outcome=case.outcome,
        decided_at=case.decided_at,
        appeal_until=case.appeal_until,
        needs_attention=case.needs_attention,
        failed_effects=list(sitter.state.failed_effects),
    )


async def _reviewer(sitter: _Sitter) -> views.CaseView:
    own = await dossier.seats(sitter.session, sitter.case.id, person_id=UUID(sitter.caller.id))
    seat = next(one.seat for one in own if one.seat.state in JUDGING)
    return views.ReviewerView(
        **await sitter.staged(),
        **await sitter.people(),
        seat=views.OwnSeat(seat.id, seat.state, seat.respond_by, seat.due_at),
        claims=[claim_views.claim(row, sitter.programme, told=None) for row in sitter.claims],
        outcome=sitter.case.outcome,
        decided_at=sitter.case.decided_at,
        appeal_until=sitter.case.appeal_until,
    )


PORTRAITS: dict[Tie, Callable[[_Sitter], Awaitable[views.CaseView]]] = {
    Tie.LEARNER: _learner,
    Tie.ADVISOR: _advisor,
    Tie.MENTOR: _mentor,
    Tie.ASSESSOR: _assessor,
    Tie.PANEL: _panel,
    Tie.APPEAL_REVIEWER: _reviewer,
    Tie.DECISION_MAKER: _decision_maker,
    Tie.LEAD: _lead,
    Tie.AUDITOR: _auditor,
}
"""Who draws the case for which tie, strongest first."""


def _round(asked: Round) -> views.RoundView:
    return views.RoundView(
        id=asked.id,
        number=asked.number,
        asked_at=asked.asked_at,
        closed_as=asked.closed_as,
        targets=[
            views.TargetView(
                id=target.id,
                claim=target.claim_id,
                criterion=target.criterion,
                rule=target.rule,
                missing=target.missing,
                acceptable=target.acceptable,
                other_ways=target.other_ways,
                evidence=target.evidence,
                nothing_more=target.nothing_more,
                appointment=target.appointment,
                third_party=target.attestation_id is not None,
                answered_at=target.answered_at,
            )
            for target in asked.targets
        ],
    )


async def version_shown(session: AsyncSession, case: Case, *, caller: Caller, facts: CaseFacts) -> int:
    """The version of the case that `caller` sends back with a command; it counts no other seat for a blind reader."""
    if learns_stage(facts):
        return case.version
    return await blind.version(session, case_id=case.id, person=UUID(caller.id), upto=case.version)


def learns_stage(facts: CaseFacts) -> bool:
    """Whether somebody may know the case's stage: assessors must not infer another reading from it."""
    return bool(set(roles_on_a_case(facts)) - BLIND) or Tie.AUDITOR in facts.ties
