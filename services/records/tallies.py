"""What happened in a programme by quarter: letters within the service standard, decisions, appeals.

Gathered with the roll-up of double reading and stored beside it, so that no page counts over cases.
Source: case design, section 13 (B4, D1, D4); the definitions are in `rules/reports.py`.
"""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import agreement_figures, calendars, programmes, service_standards
from services.records.tables.appeals import Appeal, AppealRuling
from services.records.tables.cases import Case, CaseSpan, StageHistory
from services.records.tables.decisions import Decision, DecisionKind
from services.records.tables.statistics import Tally
from services.rules import deadlines, reports
from services.rules.agreement import Quarter
from services.rules.appeals import Matter, Ruling
from services.rules.case import AppealState, Clock, Stage
from services.rules.deadlines import Unit
from services.rules.programmes import Policy
from services.rules.reports import ALL, Measure, Pace

CONTESTABLE = (
    DecisionKind.RECOGNITION,
    DecisionKind.ELIGIBILITY_REFUSAL,
    DecisionKind.REVOCATION,
    DecisionKind.SUSPENSION,
)
"""Kinds of decision that appeals are set against; one that replaces another is not counted beside it."""

LETTER_WITHIN = timedelta(days=62)
"""How much earlier than its letter a decision may lie, to find the cases of a quarter: far more than a letter takes."""

Stops = tuple[tuple[datetime, datetime], ...]
Tallied = Counter[tuple[Quarter, Measure, str]]


@dataclass(frozen=True, slots=True)
class Letter:
    """The first decision letter of a case, and what its service standard is reckoned from."""

    sent: datetime
    told: datetime
    zone: str
    policy: Policy
    stops: Stops

    @property
    def pace(self) -> Pace:
        """Whether it came in time; within as many days of the calendar nothing need be counted."""
        span = self.policy.service_standard
        if span.unit is not Unit.HOUR and self.told <= self.sent + timedelta(days=span.amount):
            return Pace.WITHIN
        due = service_standards.due(self.policy, sent=self.sent, stops=self.stops, zone=self.zone)
        return Pace.WITHIN if self.told <= due else Pace.BEYOND


@dataclass(frozen=True, slots=True)
class Contest:
    """An appeal as the report counts it; `cause` is None until a panel ruled."""

    level: int
    matter: Matter
    grounds: tuple[str, ...]
    lodged_at: datetime
    ended_at: datetime | None
    taken_back: bool
    outcome: Ruling | None
    cause: str | None


@dataclass(frozen=True, slots=True)
class Happened:
    """What is counted, before it is counted."""

    letters: tuple[Letter, ...] = ()
    decided_at: tuple[datetime, ...] = ()
    contests: tuple[Contest, ...] = ()


async def gather(session: AsyncSession, programme: str, *, since: datetime | None) -> Happened:
    """What happened in `programme` at `since` or later; from the beginning where that is None."""
    return Happened(
        letters=tuple([one async for one in _letters(session, programme, since=since)]),
        decided_at=tuple(await _decided(session, programme, since=since)),
        contests=tuple(await _contests(session, programme, since=since)),
    )


async def _letters(session: AsyncSession, programme: str, *, since: datetime | None) -> AsyncIterator[Letter]:
    first = _first_letters(programme, since=since).subquery()
    spans = sa.select(col(CaseSpan.case_id), col(CaseSpan.started_at), col(CaseSpan.ended_at)).join(
        first, first.c.case_id == col(CaseSpan.case_id)
    )
    stood = spans.where(
        col(CaseSpan.clock) == Clock.STOPPED,
        col(CaseSpan.started_at) >= first.c.sent,
        col(CaseSpan.started_at) < first.c.told,
        col(CaseSpan.ended_at).is_not(None),
    )
    stops: dict[UUID, list[tuple[datetime, datetime]]] = defaultdict(list)
    for case_id, started, ended in await session.exec(stood.order_by(col(CaseSpan.case_id), col(CaseSpan.seq))):  # type: ignore[call-overload]  # a select of columns
        stops[case_id].append((started, ended))
    policies: dict[tuple[UUID, UUID | None], Policy] = {}
    for case_id, version, calendar, zone, sent, told in list(await session.exec(sa.select(first))):  # type: ignore[call-overload]  # as above
        if (version, calendar) not in policies:
            policies[version, calendar] = await _policy(session, version, calendar)
        yield Letter(sent, told, zone, policies[version, calendar], tuple(stops[case_id]))


def _first_letters(programme: str, *, since: datetime | None) -> sa.Select[*tuple[Any, ...]]:
    """Cases with a portfolio and a letter after it, the first of each."""

    def first(stage: Stage) -> sa.ColumnElement[datetime]:
        entered = sa.and_(col(StageHistory.to_stage) == stage, col(StageHistory.from_stage) != stage)
        return sa.func.min(sa.case((entered, col(StageHistory.at))))

    sent, told = first(Stage.PORTFOLIO_SUBMITTED), first(Stage.DECIDED)
    asked: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            col(StageHistory.case_id).label("case_id"),
            col(Case.programme_version_id),
            col(Case.calendar_id),
            col(Case.zone),
            sent.label("sent"),
            told.label("told"),
        )
        .join(Case, col(Case.id) == col(StageHistory.case_id))
        .where(col(Case.programme) == programme, col(Case.decided_at).is_not(None))
        .group_by(col(StageHistory.case_id), col(Case.programme_version_id), col(Case.calendar_id), col(Case.zone))
        .having(sent <= told)
    )
    if since is not None:
        asked = asked.where(col(Case.decided_at) >= since - LETTER_WITHIN).having(told >= since)
    return asked


async def _policy(session: AsyncSession, version: UUID, calendar: UUID | None) -> Policy:
    policy = (await programmes.read(session, version)).policy
    return replace(policy, calendar=await calendars.read(session, calendar)) if calendar else policy


async def _decided(session: AsyncSession, programme: str, *, since: datetime | None) -> list[datetime]:
    asked = (
        select(Decision.decided_at)
        .join(Case, col(Case.id) == col(Decision.case_id))
        .where(
            col(Case.programme) == programme,
            col(Decision.kind).in_(CONTESTABLE),
            col(Decision.supersedes_id).is_(None),
        )
    )
    return list(await session.exec(asked if since is None else asked.where(col(Decision.decided_at) >= since)))


async def _contests(session: AsyncSession, programme: str, *, since: datetime | None) -> list[Contest]:
    asked = (
        select(Appeal, AppealRuling.cause)
        .join(Case, col(Case.id) == col(Appeal.case_id))
        .outerjoin(AppealRuling, col(AppealRuling.appeal_id) == col(Appeal.id))
        .where(col(Case.programme) == programme)
    )
    if since is not None:
        asked = asked.where((col(Appeal.lodged_at) >= since) | (col(Appeal.ended_at) >= since))
    return [
        Contest(
            level=row.level,
            matter=row.matter,
            grounds=tuple(row.grounds),
            lodged_at=row.lodged_at,
            ended_at=row.ended_at,
            taken_back=row.state is AppealState.WITHDRAWN,
            outcome=row.outcome,
            cause=cause,
        )
        for row, cause in await session.exec(asked)
    ]


# from what happened to figures; no database below this line


def counted(
    happened: Happened,
    *,
    zone: str,
    since: datetime | None,
    judged: Mapping[Quarter, int],
    read_twice: Sequence[tuple[Quarter, frozenset[str], bool | None]],
) -> tuple[Tallied, dict[Quarter, list[int]]]:
    """The counts of every quarter, and how many days each appeal took that was ruled on in it.

    `judged`: claims by quarter; `read_twice`: the quarter of each claim that was read twice, why it
    was, and whether it was settled otherwise than it was first read; None while it is not settled.
    """
    found: Tallied = Counter()
    found.update({(quarter, Measure.JUDGED, ALL): number for quarter, number in judged.items()})
    same, other = reports.WORDS[Measure.SETTLED]
    for quarter, triggers, changed in read_twice:
        found.update((quarter, Measure.READ_TWICE, word) for word in (ALL, *triggers))
        if changed is not None:
            found[quarter, Measure.SETTLED, other if changed else same] += 1

    def within(at: datetime) -> Quarter:
        return Quarter.of(deadlines.local_day(at, zone))

    found.update((within(letter.told), Measure.DECIDED, letter.pace) for letter in happened.letters)
    found.update((within(at), Measure.DECISIONS, ALL) for at in happened.decided_at)
    days: dict[Quarter, list[int]] = defaultdict(list)
    for contest in happened.contests:
        for at, measure, word in _events(contest):
            if since is None or at >= since:
                found[within(at), measure, word] += 1
        if contest.cause and contest.ended_at and (since is None or contest.ended_at >= since):
            took = deadlines.local_day(contest.ended_at, zone) - deadlines.local_day(contest.lodged_at, zone)
            days[within(contest.ended_at)].append(took.days)
    return found, days


def figures(
    counts: Tallied, days: Mapping[Quarter, Sequence[int]], *, programme: str, institution: str, now: datetime
) -> list[Tally]:
    """The counts as they are stored, oldest quarter first."""
    everything = counts + Counter({(quarter, Measure.DAYS, ALL): len(taken) for quarter, taken in days.items()})
    return [
        Tally(
            programme=programme,
            quarter=str(quarter),
            measure=measure,
            word=word,
            institution_id=institution,
            number=number,
            values=sorted(days[quarter]) if measure is Measure.DAYS else None,
            definition=reports.DEFINITION,
            rolled_up_at=now,
        )
        for (quarter, measure, word), number in sorted(
            everything.items(), key=lambda one: (str(one[0][0]), *one[0][1:])
        )
    ]


def _events(contest: Contest) -> Iterator[tuple[datetime, Measure, str]]:
    contested = contest.matter if contest.level == 1 else reports.SECOND_LEVEL
    yield contest.lodged_at, Measure.LODGED, contested
    for ground in contest.grounds:
        yield contest.lodged_at, Measure.GROUNDS, ground
    if contest.ended_at is None:
        return
    if contest.taken_back or contest.outcome is None:
        yield contest.ended_at, Measure.ENDED, reports.TAKEN_BACK
        return
    yield contest.ended_at, Measure.ENDED, contest.outcome
    if contest.cause:
        yield contest.ended_at, Measure.CAUSES, contest.cause


# what staff read


async def of_quarters(
    session: AsyncSession, reach: Sequence[tuple[str, str | None]], programme: str, quarters: Sequence[Quarter]
) -> list[Tally]:
    """The counts of `programme` in `quarters`, as far as it is in `reach` (see `agreement_figures`)."""
    rows = await session.exec(
        select(Tally)
        .where(
            agreement_figures.within(Tally, reach),
            col(Tally.programme) == programme,
            col(Tally.quarter).in_([str(quarter) for quarter in quarters]),
        )
        .order_by(col(Tally.quarter), col(Tally.measure), col(Tally.word))
    )
    return list(rows)


async def periods(session: AsyncSession, reach: Sequence[tuple[str, str | None]]) -> dict[str, tuple[str, ...]]:
    """The quarters of which something is stored, newest first, by programme, as far as they are in `reach`."""
    rows = await session.exec(
        select(Tally.programme, Tally.quarter)
        .where(agreement_figures.within(Tally, reach))
        .distinct()
        .order_by(col(Tally.programme), col(Tally.quarter).desc())
    )
    found: dict[str, tuple[str, ...]] = {}
    for programme, quarter in rows:
        found[programme] = (*found.get(programme, ()), quarter)
    return found


async def this_year(session: AsyncSession, programme: str, *, now: datetime) -> int:
    """The year that runs where the programme is at home."""
    version = await programmes.last_published(session, programme)
    zone = (await programmes.read(session, version.id)).policy.calendar.zone
    return deadlines.local_day(now, zone).year
