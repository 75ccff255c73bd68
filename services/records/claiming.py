"""Which claims may stand: no more of a programme than may count, and none again too soon after a test.

Nobody drops a claim for the learner: sending is refused with the number that may stand, and the learner chooses which.
A draft may hold more. What comes back later, and what is granted, is counted again: the learner may hold more by then.
A test holds no gap plan back, for its attempts begin when it is accepted. Source: case design, section 4.4.
"""

from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import cases, judgements, programmes
from services.records.tables.appointments import Appointment, AppointmentClaim
from services.records.tables.assessment import Judgement
from services.records.tables.cases import Case, Claim
from services.records.tables.decisions import Decision, DecisionClaim
from services.rules import claiming, deadlines
from services.rules.appointments import AppointmentState
from services.rules.claims import OPEN_CLAIMS, ClaimState
from services.rules.programmes import Method, Programme
from services.rules.refusals import Refused
from services.rules.transfers import ClaimKind


async def refused(session: AsyncSession, *, case: Case, now: datetime) -> list[Refused]:
    """What stands against the open claims of a draft: share_reached, then tested_lately for each that is barred."""
    claims = [claim for claim in await cases.claims_of(session, case.id) if claim.state in OPEN_CLAIMS]
    programme = await programmes.of_case(session, case)
    over = await over_share(session, case=case, claims=claims, programme=programme)
    # A transfer asks for no test: it stays open to whoever has a certificate to show.
    assessed = [claim for claim in claims if claim.kind is ClaimKind.ASSESS]
    return [*([over] if over else []), *await tested_lately(session, case=case, claims=assessed, now=now)]


async def room_for(
    session: AsyncSession, *, case: Case, claims: Sequence[Claim], programme: Programme | None = None
) -> None:
    """Raises `Refused('share_reached')` when `claims`, with those that are open already, are more than may count.

    `programme`: the version that says so, where it is not the case's own.
    """
    opened = [claim for claim in await cases.claims_of(session, case.id) if claim.state in OPEN_CLAIMS]
    measured = programme or await programmes.of_case(session, case)
    if over := await over_share(session, case=case, claims=[*opened, *claims], programme=measured):
        raise over


async def over_share(
    session: AsyncSession, *, case: Case, claims: Sequence[Claim], programme: Programme, code: str = "share_reached"
) -> Refused | None:
    """The refusal `code` if `claims`, with what the learner holds of the programme already, are more than may count."""
    everything = {f"{programme.slug}/{competency.key}" for competency in programme.competencies}
    rows = await session.exec(
        select(Claim.competency_key).where(
            col(Claim.learner_id) == case.learner_id,
            col(Claim.grant_active),
            col(Claim.competency_key).in_(everything),
        )
    )
    held = set(rows)
    most = claiming.may_count(programme.policy, len(everything))
    if len(held | {claim.competency_key for claim in claims}) <= most:
        return None
    return Refused(code, most=str(most), all=str(len(everything)), left=str(max(most - len(held), 0)))


async def tested_lately(session: AsyncSession, *, case: Case, claims: Sequence[Claim], now: datetime) -> list[Refused]:
    """The refusal `tested_lately` for each of `claims` whose last attempt a test left open too short a time ago."""
    programme = await programmes.of_case(session, case)
    if not programme.policy.repeat_bar_months:
        return []
    found = []
    for claim in claims:
        decided = await _left_open_by_a_test(session, claim, zone=case.zone)
        if decided is None:
            continue
        free = claiming.free_from(programme.policy, decided)
        if deadlines.local_day(now, case.zone) < free:
            title = programme.competency(claim.competency).title
            facts = {"competency": claim.competency, "competency_en": title.en, "competency_fr": title.fr}
            found.append(Refused("tested_lately", on=free.isoformat(), **facts))
    return found


async def _left_open_by_a_test(session: AsyncSession, claim: Claim, *, zone: str) -> date | None:
    """When the learner's last attempt at the competency was decided, if a test was part of it and it stays open.

    The first decision on the attempt counts: an appeal or a correction lengthens nothing.
    """
    first = sa.func.min(col(Decision.decided_at))
    rows = await session.exec(
        select(Claim, first)
        .join(DecisionClaim, col(DecisionClaim.claim_id) == col(Claim.id))
        .join(Decision, col(Decision.id) == col(DecisionClaim.decision_id))
        .where(col(Claim.learner_id) == claim.learner_id, col(Claim.competency_key) == claim.competency_key)
        .group_by(col(Claim.id))
        .order_by(first.desc(), col(Claim.id).desc())
        .limit(1)
    )
    last = rows.first()
    if last is None:
        return None
    attempt, decided = last
    if attempt.state is not ClaimState.NOT_YET or not await _tested(session, attempt):
        return None
    return deadlines.local_day(decided, zone)


async def _tested(session: AsyncSession, attempt: Claim) -> bool:
    """Whether a challenge test was recorded for the attempt, or is a method of a judgement that was confirmed."""
    held = await session.exec(
        select(Appointment.id)
        .join(AppointmentClaim, col(AppointmentClaim.appointment_id) == col(Appointment.id))
        .where(
            col(AppointmentClaim.claim_id) == attempt.id,
            col(Appointment.method) == Method.CHALLENGE_TEST,
            col(Appointment.state) == AppointmentState.RECORDED,
        )
        .limit(1)
    )
    if held.first():
        return True
    confirmed = await session.exec(
        select(Judgement)
        .join(DecisionClaim, col(DecisionClaim.judgement_id) == col(Judgement.id))
        .where(col(DecisionClaim.claim_id) == attempt.id)
    )
    return any(Method.CHALLENGE_TEST in judgements.read(row).methods for row in list(confirmed))
