"""A year of a programme in groups: counted once, on the first night after it, and kept as it may be told.

What people said of themselves is read here and nowhere else for figures, and only what tells of nobody is stored.
Source: case design, section 13 (E1 to E3, small cells).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import agreement_figures, progress, sampling, self_identification
from services.records.courses import Course, Gathered
from services.records.self_identification import Answers
from services.records.tables.accommodations import Accommodation
from services.records.tables.appeals import Appeal
from services.records.tables.cases import Case
from services.records.tables.decisions import Decision, DecisionClaim, DecisionKind
from services.records.tables.messages import CaseMessage
from services.records.tables.statistics import GroupYear
from services.records.tables.support import MentorNote
from services.rules import deadlines, groups
from services.rules.accommodations import Answered, Arrangement
from services.rules.agreement import Quarter
from services.rules.appeals import Matter
from services.rules.case import Stage
from services.rules.claims import ClaimState, Outcome
from services.rules.groups import NO_ANSWER, NOT_USED, USED, Dimension, Groups, Settled, Took, Walk
from services.rules.people import Role
from services.rules.progress import Measure
from services.rules.self_identification import Trait

HALF_A_YEAR = 180
"""Days within which a decision is looked for, where groups are compared."""


@dataclass(frozen=True, slots=True)
class Owed:
    """What a year in groups is made of, beside the courses of its cases; `claims`: granted and not yet, by case."""

    year: int
    gathered: Gathered
    said: Mapping[UUID, Answers]
    used: Mapping[Dimension, frozenset[UUID]]
    claims: Mapping[UUID, tuple[int, int]]
    appealed: frozenset[UUID]


async def gather(session: AsyncSession, gathered: Gathered) -> Owed | None:
    """What the year that is over and not yet counted is made of; None where none is owed or nothing happened in it."""
    year = gathered.owed
    if year is None or not any(
        _sent_in(gathered, one, year) or _told_in(gathered, one, year) for one in gathered.courses
    ):
        return None
    return Owed(
        year=year,
        gathered=gathered,
        said=await self_identification.of_people(session, {one.learner for one in gathered.courses}),
        used=await _used(session, gathered.programme),
        claims=await _claims(session, gathered, year),
        appealed=await _appealed(session, gathered, year),
    )


def _sent_in(gathered: Gathered, course: Course, year: int) -> bool:
    return course.submitted is not None and deadlines.local_day(course.submitted, gathered.zone).year == year


def _told_in(gathered: Gathered, course: Course, year: int) -> bool:
    return course.decided is not None and deadlines.local_day(course.decided, gathered.zone).year == year


async def _used(session: AsyncSession, programme: str) -> dict[Dimension, frozenset[UUID]]:
    """The cases in which each support was used: an advisor wrote, a mentor was there, something was arranged."""
    ours = col(Case.programme) == programme
    wrote = select(CaseMessage.case_id).join(Case, col(Case.id) == col(CaseMessage.case_id))
    spoke = select(MentorNote.case_id).join(Case, col(Case.id) == col(MentorNote.case_id))
    arranged = list(
        await session.exec(
            select(Accommodation.case_id, Accommodation.arrangements)
            .join(Case, col(Case.id) == col(Accommodation.case_id))
            .where(ours, col(Accommodation.state).in_((Answered.GRANTED, Answered.ENDED)))
        )
    )
    mentored = await session.exec(select(Case.id).where(ours, col(Case.mentor_since).is_not(None)))
    return {
        Dimension.ADVISOR_CONTACT: frozenset(
            await session.exec(wrote.where(ours, col(CaseMessage.role) == Role.ADVISOR).distinct())
        ),
        Dimension.MENTOR: frozenset(mentored) | frozenset(await session.exec(spoke.where(ours).distinct())),
        Dimension.ACCOMMODATION: frozenset(case_id for case_id, _ in arranged),
        Dimension.INTERPRETER: frozenset(case_id for case_id, what in arranged if Arrangement.INTERPRETER in what),
    }


async def _claims(session: AsyncSession, gathered: Gathered, year: int) -> dict[UUID, tuple[int, int]]:
    """How many claims of each case a first decision granted, and how many it did not yet, from the year before on."""

    def number(state: ClaimState) -> sa.ColumnElement[int]:
        return sa.func.sum(sa.case((col(DecisionClaim.outcome) == state, 1), else_=0))

    rows = await session.exec(
        sa.select(col(Decision.case_id), number(ClaimState.GRANTED), number(ClaimState.NOT_YET))  # type: ignore[call-overload]  # a select of columns
        .join(DecisionClaim, col(DecisionClaim.decision_id) == col(Decision.id))
        .join(Case, col(Case.id) == col(Decision.case_id))
        .where(
            col(Case.programme) == gathered.programme,
            col(Decision.kind) == DecisionKind.RECOGNITION,
            col(Decision.supersedes_id).is_(None),
            col(Decision.decided_at) >= sampling.begin(Quarter(year - 1, 4), gathered.zone),
        )
        .group_by(col(Decision.case_id))
    )
    return {case_id: (int(granted), int(not_yet)) for case_id, granted, not_yet in rows}


async def _appealed(session: AsyncSession, gathered: Gathered, year: int) -> frozenset[UUID]:
    """The cases of which a decision was contested since the year began."""
    rows = await session.exec(
        select(Appeal.case_id)
        .join(Case, col(Case.id) == col(Appeal.case_id))
        .where(
            col(Case.programme) == gathered.programme,
            col(Appeal.matter) != Matter.LAPSE,
            col(Appeal.lodged_at) >= sampling.begin(Quarter(year, 1), gathered.zone),
        )
    )
    return frozenset(rows)


# from what was read to what may be told; no database below this line until `store`


def counted(owed: Owed) -> GroupYear:
    """The year in groups. It reckons day by day: call it in a thread."""
    gathered = owed.gathered
    sent: dict[UUID, Course] = {}
    told: dict[UUID, Course] = {}
    for course in gathered.courses:
        if course.submitted is not None and _sent_in(gathered, course, owed.year):
            known = sent.get(course.learner)
            if known is None or (course.submitted, course.id) < (known.submitted or course.submitted, known.id):
                sent[course.learner] = course
        if course.decided is not None and _told_in(gathered, course, owed.year):
            known = told.get(course.learner)
            if known is None or (course.decided, course.id) < (known.decided or course.decided, known.id):
                told[course.learner] = course
    tables = groups.tables([_walk(owed, one) for one in sent.values()], _settled(owed, list(told.values())))
    return GroupYear(
        programme=gathered.programme,
        year=owed.year,
        institution_id=gathered.institution,
        tables=[asdict(one) for one in tables],
        definition=groups.DEFINITION,
        counted_at=gathered.now,
    )


def _groups(owed: Owed, course: Course) -> Groups:
    said = owed.said.get(course.learner, {})
    return (
        course.language,
        course.purpose,
        *(said.get(trait, NO_ANSWER) for trait in Trait),
        *(USED if course.id in owed.used[support] else NOT_USED for support in groups.SUPPORTS),
    )


def _walk(owed: Owed, course: Course) -> Walk:
    """How far a case came; a step that was skipped was reached, so that each is a part of the one before."""
    decided = course.decided is not None
    deposited = decided or course.deposited is not None
    zone = owed.gathered.zone
    sent = deadlines.local_day(course.submitted or course.created, zone)
    within: bool | None = None
    if (deadlines.local_day(owed.gathered.now, zone) - sent).days >= HALF_A_YEAR:
        within = course.decided is not None and (deadlines.local_day(course.decided, zone) - sent).days <= HALF_A_YEAR
    return Walk(
        groups=_groups(owed, course),
        eligible=deposited or course.eligible is not None,
        deposited=deposited,
        decided=decided,
        granted=decided and course.outcome in {Outcome.GRANTED_FULL, Outcome.GRANTED_PARTIAL},
        closed=course.stage == Stage.CLOSED,
        within=within,
    )


def _settled(owed: Owed, courses: Sequence[Course]) -> list[Settled]:
    stood, zone = progress.stood(owed.gathered), owed.gathered.zone
    found = []
    for course in courses:
        days = {
            took: stood[measure][course.id].total()
            for took, measure in ((Took.OURS, Measure.OUR_DAYS), (Took.THEIRS, Measure.THEIR_DAYS))
            if course.id in stood[measure]
        }
        if course.decided is not None and course.submitted is not None:
            since = deadlines.local_day(course.submitted, zone)
            days[Took.DECISION] = (deadlines.local_day(course.decided, zone) - since).days
        granted, not_yet = owed.claims.get(course.id, (0, 0))
        found.append(Settled(_groups(owed, course), days, granted, not_yet, course.id in owed.appealed))
    return found


async def store(session: AsyncSession, row: GroupYear) -> None:
    """Keep the year, once and for good."""
    session.add(row)
    await session.flush()


# what staff read


async def of_year(
    session: AsyncSession, reach: Sequence[tuple[str, str | None]], programme: str, year: int
) -> list[dict[str, Any]]:
    """The tables of a year, as far as the programme is in `reach` (see `agreement_figures`); none: not counted."""
    rows = await session.exec(
        select(GroupYear.tables).where(
            agreement_figures.within(GroupYear, reach),
            col(GroupYear.programme) == programme,
            col(GroupYear.year) == year,
        )
    )
    return list(rows.first() or ())
