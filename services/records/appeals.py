"""Appeals as rows: the open one of a case, what it is about, who hears it, and what its panel still lacks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records.appointments import CANCEL, REQUEST
from services.records.tables.appeals import Appeal, AppealClaim, AppealHearing, AppealRuling, AppealVote
from services.records.tables.assessment import Assignment
from services.records.tables.cases import Case, Claim
from services.records.tables.decisions import Decision, Letter, LetterState
from services.records.tables.people import AssessorProfile
from services.rules.appeals import Ruling
from services.rules.case import APPEAL_SEATS, OPEN_APPEALS, OPEN_SEATS, AppealState, Review, SeatKind
from services.rules.programmes import Policy

HEARING = "hearing"
"""What the calendar file of a hearing is about, as `documents/calendar_files.py` names it."""

KINDS: frozenset[SeatKind] = frozenset(APPEAL_SEATS.values())
"""The seats of those who hear appeals."""


async def of_case(session: AsyncSession, case_id: UUID) -> list[Appeal]:
    """Every appeal of the case, oldest first."""
    return list(await session.exec(select(Appeal).where(col(Appeal.case_id) == case_id).order_by(col(Appeal.id))))


async def open_of(session: AsyncSession, case_id: UUID) -> Appeal | None:
    """The appeal that keeps the case under review, if there is one; a case has one at a time."""
    rows = await session.exec(
        select(Appeal).where(col(Appeal.case_id) == case_id, col(Appeal.state).in_(sorted(OPEN_APPEALS)))
    )
    return rows.first()


async def latest_of(session: AsyncSession, case_id: UUID) -> Appeal:
    """The newest appeal of a case that has one."""
    rows = await session.exec(
        select(Appeal).where(col(Appeal.case_id) == case_id).order_by(col(Appeal.id).desc()).limit(1)
    )
    return rows.one()


async def contested_claims(session: AsyncSession, appeal: Appeal) -> list[Claim]:
    """The claims that the appeal is about; none for eligibility and for a lapse, which say nothing on any."""
    rows = await session.exec(
        select(Claim)
        .join(AppealClaim, col(AppealClaim.claim_id) == col(Claim.id))
        .where(col(AppealClaim.appeal_id) == appeal.id)
        .order_by(col(Claim.id))
    )
    return list(rows)


async def seats_of(session: AsyncSession, appeal: Appeal) -> list[Assignment]:
    """The seats of the open appeal's panel that are taken or on offer, oldest first."""
    rows = await session.exec(
        select(Assignment)
        .where(
            col(Assignment.case_id) == appeal.case_id,
            col(Assignment.seat) == APPEAL_SEATS[appeal.level],
            col(Assignment.state).in_(OPEN_SEATS),
        )
        .order_by(col(Assignment.id))
    )
    return list(rows)


async def hearings_of(session: AsyncSession, appeal: Appeal) -> list[AppealHearing]:
    """Every hearing that was called on the appeal, oldest first: the last one counts."""
    rows = await session.exec(
        select(AppealHearing).where(col(AppealHearing.appeal_id) == appeal.id).order_by(col(AppealHearing.id))
    )
    return list(rows)


def invitation(hearings: Sequence[AppealHearing], *, cancels: bool = False) -> dict[str, str]:
    """What the mail of the last of `hearings` carries, so that a retry attaches the same calendar file.

    Each hearing called is a change of one entry, and so is calling the last one off.
    """
    last = hearings[-1]
    return {
        "identity": str(last.appeal_id),
        "calendar": CANCEL if cancels else REQUEST,
        "sequence": str(len(hearings) + cancels),
        "about": HEARING,
        "starts": last.at.isoformat(),
        "ends": ends_at(last).isoformat(),
        "place": last.place,
    }


def ends_at(hearing: AppealHearing) -> datetime:
    """When a hearing is over."""
    return hearing.at + timedelta(minutes=hearing.minutes)


async def hearing_of(session: AsyncSession, appeal: Appeal) -> AppealHearing | None:
    """When and where the learner is heard, as it was called last."""
    called = await hearings_of(session, appeal)
    return called[-1] if called else None


async def experts(session: AsyncSession, appeal: Appeal, people: list[UUID]) -> set[UUID]:
    """Those of `people` who know every competency that the appeal is about; without a profile, the whole programme."""
    wanted = {claim.competency for claim in await contested_claims(session, appeal)}
    rows = await session.exec(select(AssessorProfile).where(col(AssessorProfile.person_id).in_(people)))
    scopes = {profile.person_id: profile.competencies for profile in rows}
    return {person for person in people if (scope := scopes.get(person)) is None or wanted <= set(scope)}


async def missing(session: AsyncSession, appeal: Appeal, policy: Policy) -> int:
    """How many people have still to be asked: for a chair, then for as many as the policy wants and one expert."""
    seated = [seat.person_id for seat in await seats_of(session, appeal)]
    if appeal.state is AppealState.LODGED:
        return 0 if seated else 1
    lacks_expert = 0 if await experts(session, appeal, seated) else 1
    return max(policy.appeal_reviewers - len(seated), lacks_expert)


async def review(session: AsyncSession, case: Case, policy: Policy) -> Review | None:
    """The open appeal of the case as the rules see it."""
    appeal = await open_of(session, case.id)
    if appeal is None:
        return None
    chair = str(appeal.chair_id) if appeal.chair_id else None
    return Review(str(appeal.id), appeal.level, appeal.state, chair, await missing(session, appeal, policy))


@dataclass(frozen=True, slots=True)
class Told:
    """The claims that the letter of a ruling names; `anew`: they are judged again, so nothing is said of them yet."""

    claims: tuple[Claim, ...]
    anew: bool


async def told_by(session: AsyncSession, decision: Decision) -> Told:
    """What the letter of `decision`, a ruling that settled no claim, has to say of claims."""
    appeal = await session.get_one(Appeal, UUID(str(decision.facts["appeal"])))
    contested = await contested_claims(session, appeal)
    ruling = await ruling_of(session, decision)
    anew = ruling is not None and ruling.outcome is Ruling.REMITTED
    named = set(ruling.claims) if ruling is not None and anew else None
    return Told(tuple(claim for claim in contested if named is None or str(claim.id) in named), anew)


async def ruling_of(session: AsyncSession, decision: Decision) -> AppealRuling | None:
    """The ruling that `decision` carries; none for one that found the appeal inadmissible."""
    rows = await session.exec(select(AppealRuling).where(col(AppealRuling.decision_id) == decision.id))
    return rows.first()


async def ruling_on(session: AsyncSession, appeal: Appeal) -> AppealRuling | None:
    """The ruling on `appeal`, if its panel has ruled."""
    rows = await session.exec(select(AppealRuling).where(col(AppealRuling.appeal_id) == appeal.id))
    return rows.first()


async def told(session: AsyncSession, appeal: Appeal) -> bool:
    """Whether the letter that says what the appeal came to can be read."""
    released = await session.exec(
        select(Letter.decision_id)
        .join(Decision, col(Decision.id) == col(Letter.decision_id))
        .where(col(Decision.case_id) == appeal.case_id, col(Letter.state) == LetterState.RELEASED)
    )
    readable = set(released)
    decisions = await session.exec(select(Decision).where(col(Decision.id).in_(readable)))
    return any(one.facts.get("appeal") == str(appeal.id) for one in decisions)


async def bench_of(session: AsyncSession, appeal: Appeal) -> list[Assignment]:
    """Everybody who hears the appeal, heard it, or was asked to, oldest first."""
    rows = await session.exec(
        select(Assignment)
        .where(
            col(Assignment.case_id) == appeal.case_id,
            col(Assignment.seat) == APPEAL_SEATS[appeal.level],
            col(Assignment.offered_at) >= appeal.lodged_at,
        )
        .order_by(col(Assignment.id))
    )
    return [seat for seat in rows if appeal.ended_at is None or seat.offered_at <= appeal.ended_at]


async def votes_of(session: AsyncSession, ruling: AppealRuling) -> list[AppealVote]:
    """The votes behind a ruling."""
    rows = await session.exec(
        select(AppealVote).where(col(AppealVote.ruling_id) == ruling.id).order_by(col(AppealVote.person_id))
    )
    return list(rows)


async def voters(session: AsyncSession, decision: Decision) -> int:
    """How many people voted for the ruling that `decision` carries."""
    ruling = await ruling_of(session, decision)
    return len(await votes_of(session, ruling)) if ruling else 0


async def closed_again(session: AsyncSession, case: Case) -> None:
    """Let a case that was closed before its appeal be closed as it was then."""
    appeal = await latest_of(session, case.id)
    case.closed_as, case.closed_at, case.return_to = appeal.closed_as, appeal.closed_at, appeal.closed_from
