"""The nightly roll-up: one programme at a time, from locked originals (and what else happened) to stored figures.

Source: case design, section 6 (agreement) and section 13, B4, D1 to D4. Pages read what is stored here; none counts
over cases. A quarter older than a year keeps its figures as they are, unless the definitions have changed.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import judgements, looked_back, programmes, sampling, tallies
from services.records.double_readings import Original, Read
from services.records.tables.assessment import Assignment, Judgement, SecondReading
from services.records.tables.cases import Case, Claim
from services.records.tables.decisions import Decision, DecisionClaim
from services.records.tables.statistics import AgreementFigure, DoubleReading, Tally
from services.records.tallies import Happened
from services.rules import agreement, deadlines, reports
from services.rules.agreement import Agreement, Quarter, Scope, Unit
from services.rules.case import READING_SEATS, SeatKind

LOOKED_BACK = 4
"""Quarters before the present one that are computed anew: a decision may come long after the readings it settles."""

Key: TypeAlias = tuple[Scope, str]


@dataclass(frozen=True, slots=True)
class Rollup:
    """What is known of one programme before anything is computed; `looked_back` tells of agreement alone."""

    programme: str
    institution: str
    zone: str
    first: Quarter | None
    now: datetime
    claims: tuple[Read, ...]
    judged: Mapping[Quarter, int]
    below_before: frozenset[str]
    looked_back: tuple[Read, ...] = ()
    happened: Happened = field(default_factory=Happened)

    @property
    def since(self) -> datetime | None:
        """When the first quarter begins that is computed anew; None: all are."""
        return sampling.begin(self.first, self.zone) if self.first else None

    @property
    def today(self) -> Quarter:
        """The quarter that runs."""
        return Quarter.of(deadlines.local_day(self.now, self.zone))


async def programmes_read(session: AsyncSession) -> list[str]:
    """The slug of every programme in which somebody has a case."""
    return list(await session.exec(select(Case.programme).distinct().order_by(Case.programme)))


async def gather(session: AsyncSession, programme: str, *, now: datetime) -> Rollup:
    """Read what the figures of `programme` are made of."""
    version = await programmes.last_published(session, programme)
    zone = (await programmes.read(session, version.id)).policy.calendar.zone
    today = Quarter.of(deadlines.local_day(now, zone))
    first = today.later(-LOOKED_BACK) if await _counted_before(session, programme) else None
    since = sampling.begin(first, zone) if first else None
    claims = await _read_twice(session, programme, since=since)
    before = await session.exec(
        select(AgreementFigure.subject).where(
            col(AgreementFigure.programme) == programme,
            col(AgreementFigure.quarter) == str((first or today).later(-1)),
            col(AgreementFigure.below),
        )
    )
    return Rollup(
        programme=programme,
        institution=version.institution_id,
        zone=zone,
        first=first,
        now=now,
        claims=tuple(one for one in claims if since is None or one.at >= since),
        judged=await _judged(session, programme, zone=zone, first=first, today=today),
        below_before=frozenset(before) if first else frozenset(),
        looked_back=tuple(await _looked_back(session, programme, since=since)),
        happened=await tallies.gather(session, programme, since=since),
    )


async def _counted_before(session: AsyncSession, programme: str) -> bool:
    """Whether the programme has figures of both kinds by the definitions of today."""
    kinds: tuple[tuple[Any, str], ...] = ((DoubleReading, agreement.DEFINITION), (Tally, reports.DEFINITION))
    for table, definition in kinds:
        known = select(table.quarter).where(col(table.programme) == programme, col(table.definition) == definition)
        if (await session.exec(known.limit(1))).first() is None:
            return False
    return True


def _originals(programme: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        col(Case.programme) == programme,
        col(Judgement.locked_at).is_not(None),
        col(Assignment.seat).in_(READING_SEATS),
        col(Assignment.state).in_(judgements.STANDING),
    )


async def _read_twice(session: AsyncSession, programme: str, *, since: datetime | None) -> list[Read]:
    """Claims with originals of two or three seats, the last of them locked at `since` or later."""
    later = (
        sa.select(col(Judgement.claim_id))
        .join(Assignment, col(Assignment.id) == col(Judgement.assignment_id))
        .join(Case, col(Case.id) == col(Judgement.case_id))
        # Few claims are read by somebody else than the first reader; every one that is read twice is among them.
        .where(*_originals(programme), col(Assignment.seat) != SeatKind.FIRST)
        .distinct()
        .subquery()
    )
    originals = (
        sa.select(
            col(Judgement.case_id),
            col(Judgement.claim_id),
            col(Claim.competency),
            col(Assignment.seat),
            col(Judgement.assessor_id),
            col(Judgement.recommendation),
            col(Judgement.content),
            col(Judgement.locked_at),
        )
        .join(later, later.c.claim_id == col(Judgement.claim_id))
        .join(Assignment, col(Assignment.id) == col(Judgement.assignment_id))
        .join(Case, col(Case.id) == col(Judgement.case_id))
        .join(Claim, col(Claim.id) == col(Judgement.claim_id))
        .where(*_originals(programme))
        .order_by(col(Judgement.claim_id), col(Judgement.locked_at), col(Judgement.id))
    )
    if since is not None:
        new = aliased(Judgement)
        originals = originals.where(
            sa.exists().where(col(new.claim_id) == col(Judgement.claim_id), col(new.locked_at) >= since)
        )
    rows = await session.exec(originals)  # type: ignore[call-overload]  # sqlmodel types select for four columns at most
    # A seat that was filled again counts once, by its last reading.
    found: dict[tuple[UUID, UUID, str], dict[SeatKind, Original]] = defaultdict(dict)
    for case_id, claim_id, competency, seat, assessor, recommendation, content, locked_at in rows:
        found[case_id, claim_id, competency][seat] = Original(assessor, recommendation, _ratings(content), locked_at)
    final = await _final(session, programme)
    why = await _triggers(session, programme)
    return [
        Read(
            case_id,
            competency,
            tuple(seats[kind] for kind in READING_SEATS if kind in seats),
            final.get(claim_id),
            frozenset(why[claim_id]),
        )
        for (case_id, claim_id, competency), seats in found.items()
        if len(seats) > 1
    ]


async def _looked_back(session: AsyncSession, programme: str, *, since: datetime | None) -> list[Read]:
    """Claims that were read again after the fact at `since` or later, each with the judgement that was locked first."""
    found = []
    for pair in await looked_back.pairs(session, programme, since=since):
        before = Original(pair.assessor, pair.first, _ratings(pair.content), pair.locked_at)
        rated = {key: agreement.READING[word] for key, word in pair.ratings.items()}
        found.append(
            Read(pair.case_id, pair.competency, (before, Original(pair.reader, pair.again, rated, pair.found_at)), None)
        )
    return found


def _ratings(content: Mapping[str, Any]) -> dict[str, int]:
    return {line["criterion"]: agreement.READING[line["rating"]] for line in content.get("ratings", ())}


async def _triggers(session: AsyncSession, programme: str) -> dict[UUID, set[str]]:
    """Why each claim was read more than once."""
    rows = await session.exec(
        select(SecondReading.claim_id, SecondReading.trigger)
        .join(Claim, col(Claim.id) == col(SecondReading.claim_id))
        .join(Case, col(Case.id) == col(Claim.case_id))
        .where(col(Case.programme) == programme)
    )
    found: dict[UUID, set[str]] = defaultdict(set)
    for claim_id, trigger in rows:
        found[claim_id].add(trigger)
    return found


async def _final(session: AsyncSession, programme: str) -> dict[UUID, str]:
    """What was recommended where a decision stands, by claim; the decision that no other supersedes."""
    later = aliased(Decision)
    rows = await session.exec(
        select(DecisionClaim.claim_id, Judgement.recommendation)
        .join(Judgement, col(Judgement.id) == col(DecisionClaim.judgement_id))
        .join(Case, col(Case.id) == col(Judgement.case_id))
        .outerjoin(later, col(later.supersedes_id) == col(DecisionClaim.decision_id))
        .where(col(Case.programme) == programme, col(later.id).is_(None))
        .order_by(col(DecisionClaim.decision_id))
    )
    return {claim: str(recommendation) for claim, recommendation in rows}


async def _judged(
    session: AsyncSession, programme: str, *, zone: str, first: Quarter | None, today: Quarter
) -> dict[Quarter, int]:
    """Claims with an original locked in each quarter."""
    originals = (
        sa.select()
        .select_from(Judgement)
        .join(Assignment, col(Assignment.id) == col(Judgement.assignment_id))
        .join(Case, col(Case.id) == col(Judgement.case_id))
        .where(*_originals(programme))
    )
    locked = col(Judgement.locked_at)
    if first is None:
        (oldest,) = (await session.exec(originals.add_columns(sa.func.min(locked)))).one()  # type: ignore[call-overload]  # a select of columns
        if oldest is None:
            return {}
        first = Quarter.of(deadlines.local_day(oldest, zone))
    wanted = [first]
    while wanted[-1] < today:
        wanted.append(wanted[-1].later(1))
    begins = {quarter: sampling.begin(quarter, zone) for quarter in (*wanted, today.later(1))}
    # One walk over the judgements counts every quarter.
    counted = originals.where(locked >= begins[first]).add_columns(
        *(
            sa.func.count(
                sa.distinct(
                    sa.case(
                        (
                            sa.and_(
                                locked >= sampling.begin(quarter, zone), locked < sampling.begin(quarter.later(1), zone)
                            ),
                            col(Judgement.claim_id),
                        )
                    )
                )
            )
            for quarter in wanted
        )
    )
    row = (await session.exec(counted)).one()  # type: ignore[call-overload]  # a select of columns
    return dict(zip(wanted, row, strict=True))


# from readings to figures; no database below this line until `store`


def compute(rollup: Rollup) -> list[AgreementFigure]:
    """Every figure of a programme, oldest quarter first. It takes seconds of computing: call it in a thread."""
    by_quarter: dict[Quarter, list[Read]] = defaultdict(list)
    for claim in (*rollup.claims, *rollup.looked_back):
        by_quarter[Quarter.of(deadlines.local_day(claim.at, rollup.zone))].append(claim)
    before = {subject: {_before_first(rollup): True} for subject in rollup.below_before}
    history: defaultdict[str, dict[Quarter, bool]] = defaultdict(dict, before)
    figures: list[AgreementFigure] = []
    for quarter in sorted(by_quarter):
        found = _measured(by_quarter[quarter])
        programme = found.get((Scope.PROGRAMME, ""))
        for (scope, subject), measured in found.items():
            assessor = scope is Scope.ASSESSOR
            below = assessor and agreement.below(measured, programme)
            history[subject] |= {quarter: below}
            figures.append(
                AgreementFigure(
                    programme=rollup.programme,
                    quarter=str(quarter),
                    scope=scope,
                    subject=subject,
                    institution_id=rollup.institution,
                    person_id=UUID(subject) if assessor else None,
                    pairs=measured.pairs,
                    measures=asdict(measured) if measured.pairs >= agreement.SHOWN_FROM else None,
                    below=below,
                    drifting=quarter < rollup.today and agreement.drifts(history[subject], ended=quarter),
                    definition=agreement.DEFINITION,
                    rolled_up_at=rollup.now,
                )
            )
    return figures


def _before_first(rollup: Rollup) -> Quarter:
    return (rollup.first or rollup.today).later(-1)


def _measured(claims: Sequence[Read]) -> dict[Key, Agreement]:
    """The figures of one quarter. An assessor's interval comes from their own cases, the others' from all of them."""
    cases: dict[UUID, dict[Key, list[Unit]]] = defaultdict(lambda: defaultdict(list))
    of_assessors: dict[UUID, dict[UUID, list[Unit]]] = defaultdict(lambda: defaultdict(list))
    for claim in claims:
        readings = tuple(agreement.READING[original.recommendation] for original in claim.originals)
        units = cases[claim.case_id]
        units[Scope.PROGRAMME, ""].append(Unit(readings))
        units[Scope.COMPETENCY, claim.competency].append(Unit(readings))
        for criterion, rated in _criteria(claim):
            units[Scope.CRITERION, f"{claim.competency}/{criterion}"].append(Unit(rated))
        for place, original in enumerate(claim.originals):
            of_assessors[original.assessor][claim.case_id].append(Unit(readings, focus=place))
    found = agreement.measure(_in_order(cases))
    for assessor, theirs in sorted(of_assessors.items()):
        key = (Scope.ASSESSOR, str(assessor))
        found |= agreement.measure([{key: units} for _, units in sorted(theirs.items())])
    return found


def _in_order(cases: Mapping[UUID, Mapping[Key, list[Unit]]]) -> list[Mapping[Key, list[Unit]]]:
    """The cases in the order of their ids, which is the same at every roll-up: so are the draws."""
    return [units for _, units in sorted(cases.items())]


def _criteria(claim: Read) -> Iterable[tuple[str, tuple[int, ...]]]:
    """The readings of every criterion that at least two of the originals rate."""
    for criterion in dict.fromkeys(key for original in claim.originals for key in original.ratings):
        rated = tuple(original.ratings[criterion] for original in claim.originals if criterion in original.ratings)
        if len(rated) > 1:
            yield criterion, rated


def double_readings(rollup: Rollup) -> list[DoubleReading]:
    """How much was judged and read twice, by quarter; of what is settled, how often the first reading was changed."""
    found: dict[Quarter, list[Read]] = {quarter: [] for quarter in rollup.judged}
    for claim in rollup.claims:
        found.setdefault(Quarter.of(deadlines.local_day(claim.at, rollup.zone)), []).append(claim)
    return [
        DoubleReading(
            programme=rollup.programme,
            quarter=str(quarter),
            institution_id=rollup.institution,
            judged=rollup.judged.get(quarter, 0),
            read_twice=len(claims),
            settled=sum(claim.changed is not None for claim in claims),
            changed=sum(claim.changed is True for claim in claims),
            definition=agreement.DEFINITION,
            rolled_up_at=rollup.now,
        )
        for quarter, claims in sorted(found.items())
    ]


def tallied(rollup: Rollup) -> list[Tally]:
    """What happened, by quarter. It reckons dates case by case: call it in a thread."""
    twice = [
        (Quarter.of(deadlines.local_day(claim.at, rollup.zone)), claim.triggers, claim.changed)
        for claim in rollup.claims
    ]
    counts, days = tallies.counted(
        rollup.happened, zone=rollup.zone, since=rollup.since, judged=rollup.judged, read_twice=twice
    )
    return tallies.figures(counts, days, programme=rollup.programme, institution=rollup.institution, now=rollup.now)


async def store(
    session: AsyncSession, rollup: Rollup, figures: Sequence[AgreementFigure], counts: Sequence[Tally]
) -> int:
    """Put the figures in the place of those of the same quarters; answers how many there are."""
    shares = double_readings(rollup)
    tables: tuple[tuple[Any, Sequence[Any]], ...] = (
        (AgreementFigure, figures),
        (DoubleReading, shares),
        (Tally, counts),
    )
    for table, rows in tables:
        old = sa.delete(table).where(col(table.programme) == rollup.programme)
        if rollup.first is not None:
            old = old.where(col(table.quarter) >= str(rollup.first))
        await session.exec(old)
        if rows:
            await session.exec(sa.insert(table), params=[row.model_dump() for row in rows])
    return len(figures) + len(shares) + len(counts)
