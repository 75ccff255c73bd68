"""Anchors are kept, assessors read them, and whoever reads as agreed may be offered a seat.

Nobody is told the agreed answer of an anchor: the next round asks the same ones.
Source: case design, section 6 (calibration).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import audit, wording
from services.records.ids import new_id
from services.records.tables.calibration import Anchor, AnchorRating, CalibrationRound
from services.rules import calibration, deadlines
from services.rules.calibration import Round
from services.rules.claims import Recommendation
from services.rules.people import Role
from services.rules.programmes import Programme
from services.rules.refusals import Refused

MOST = 200
"""Anchors of one programme that are in use."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How an assessor stands: what is left to read, and how the last finished round ended."""

    left: tuple[Anchor, ...]
    rated: int
    last: CalibrationRound | None
    passed: bool
    valid_until: date | None


async def in_use(session: AsyncSession, programme: str) -> list[Anchor]:
    """The anchors of a programme, oldest first, retired ones left out."""
    rows = await session.exec(
        select(Anchor)
        .where(col(Anchor.programme) == programme, col(Anchor.retired_at).is_(None))
        .order_by(col(Anchor.id))
    )
    return list(rows)


async def keep(
    session: AsyncSession,
    programme: Programme,
    *,
    competency: str,
    language: str,
    title: str,
    material: str,
    agreed: Recommendation,
    keeper: UUID,
    now: datetime,
) -> Anchor:
    """Add an anchor. Raises `Refused`: claim_unknown for a competency of another programme, malformed, anchors_full."""
    if competency not in {one.key for one in programme.competencies}:
        raise Refused("claim_unknown")
    title, material = title.strip(), material.strip()
    wording.check("title", title, most=200)
    wording.check("material", material, most=20_000, lines=True)
    for field, text in (("title", title), ("material", material)):
        if not text:
            raise Refused("malformed", field=field)
    if len(await in_use(session, programme.slug)) >= MOST:
        raise Refused("anchors_full", most=str(MOST))
    row = Anchor(
        id=new_id(),
        programme=programme.slug,
        institution_id=programme.institution.slug,
        competency=competency,
        language=language,
        title=title,
        material=material,
        agreed=agreed,
        kept_by=keeper,
        kept_at=now,
    )
    session.add(row)
    await session.flush()
    await _log(session, actor=keeper, action="anchor_kept", subject=row.id, now=now)
    return row


async def retire(session: AsyncSession, *, programme: str, anchor: UUID, keeper: UUID, now: datetime) -> None:
    """Take an anchor out of use; answers given to it stay. Whoever has answered all the others is done.

    Raises `Refused('not_found')`.
    """
    row = await session.get(Anchor, anchor)
    if row is None or row.programme != programme or row.retired_at is not None:
        raise Refused("not_found")
    row.retired_at = now
    await session.flush()
    live = await in_use(session, programme)
    waiting = select(CalibrationRound).where(
        col(CalibrationRound.programme) == programme, col(CalibrationRound.finished_at).is_(None)
    )
    for round_ in list(await session.exec(waiting)):
        await _finish(session, round_, live, now=now)
    await _log(session, actor=keeper, action="anchor_retired", subject=anchor, now=now)


async def rate(
    session: AsyncSession, programme: Programme, *, anchor: UUID, person: UUID, answer: Recommendation, now: datetime
) -> Standing:
    """Answer one anchor; the first answer begins a round, the last one ends it.

    Raises `Refused`: not_found for an anchor out of use or of another programme, anchor_rated for one already
    answered in this round.
    """
    live = {one.id: one for one in await in_use(session, programme.slug)}
    if anchor not in live:
        raise Refused("not_found")
    round_ = await _open_round(session, programme.slug, person)
    if round_ is None:
        round_ = CalibrationRound(id=new_id(), programme=programme.slug, person_id=person, begun_at=now)
        session.add(round_)
        await session.flush()
    if anchor in await _given(session, round_):
        raise Refused("anchor_rated")
    session.add(AnchorRating(round_id=round_.id, anchor_id=anchor, recommendation=answer, rated_at=now))
    await session.flush()
    await _finish(session, round_, list(live.values()), now=now)
    return await standing(session, programme, person=person)


async def _finish(session: AsyncSession, round_: CalibrationRound, live: Sequence[Anchor], *, now: datetime) -> None:
    """End the round if every anchor in use is answered; one retired on the way may have been wrong, and counts not."""
    given = await _given(session, round_)
    if not live or any(one.id not in given for one in live):
        return
    round_.rated = len(live)
    round_.agreed = sum(given[one.id] is one.agreed for one in live)
    round_.finished_at = now
    await session.flush()
    await _log(session, actor=round_.person_id, action="calibration_finished", subject=round_.id, now=now)


async def standing(session: AsyncSession, programme: Programme, *, person: UUID) -> Standing:
    """What `person` has still to read, in a round that is open or would begin now, and how the last one ended."""
    live = await in_use(session, programme.slug)
    round_ = await _open_round(session, programme.slug, person)
    given = await _given(session, round_) if round_ else {}
    last = (await _latest(session, programme.slug, [person])).get(person)
    result = _result(last, programme) if last else None
    good = result is not None and calibration.passed(result, programme.policy)
    return Standing(
        left=tuple(one for one in live if one.id not in given),
        rated=len(given),
        last=last,
        passed=good,
        valid_until=calibration.valid_until(result, programme.policy) if result and good else None,
    )


async def ready(
    session: AsyncSession, people: Collection[UUID], *, programme: Programme, role: Role, now: datetime
) -> set[UUID]:
    """Who of `people` may be offered a seat as `role`: only assessors read anchors, and only where there is a need."""
    if role is not Role.ASSESSOR or not programme.policy.calibration_required:
        return set(people)
    latest = await _latest(session, programme.slug, people)
    today = deadlines.local_day(now, programme.policy.calendar.zone)
    return {
        person
        for person, last in latest.items()
        if calibration.calibrated(_result(last, programme), programme.policy, today=today)
    }


def _result(last: CalibrationRound, programme: Programme) -> Round:
    if last.finished_at is None:
        raise ValueError(last.id)
    return Round(last.rated, last.agreed, deadlines.local_day(last.finished_at, programme.policy.calendar.zone))


async def _open_round(session: AsyncSession, programme: str, person: UUID) -> CalibrationRound | None:
    rows = await session.exec(
        select(CalibrationRound).where(
            col(CalibrationRound.programme) == programme,
            col(CalibrationRound.person_id) == person,
            col(CalibrationRound.finished_at).is_(None),
        )
    )
    return rows.first()


async def _given(session: AsyncSession, round_: CalibrationRound) -> dict[UUID, Recommendation]:
    rows = await session.exec(
        select(AnchorRating.anchor_id, AnchorRating.recommendation).where(col(AnchorRating.round_id) == round_.id)
    )
    return {anchor: Recommendation(said) for anchor, said in rows}


async def _latest(session: AsyncSession, programme: str, people: Collection[UUID]) -> dict[UUID, CalibrationRound]:
    """The newest finished round of each of `people`: a failed repetition counts, as it is what is known last."""
    rows = await session.exec(
        select(CalibrationRound)
        .where(
            col(CalibrationRound.programme) == programme,
            col(CalibrationRound.person_id).in_(people),
            col(CalibrationRound.finished_at).is_not(None),
        )
        .order_by(col(CalibrationRound.finished_at), col(CalibrationRound.id))
    )
    return {row.person_id: row for row in rows}


async def _log(session: AsyncSession, *, actor: UUID, action: str, subject: UUID, now: datetime) -> None:
    await audit.log(session, stream=f"person:{actor}", actor=str(actor), action=action, subject=str(subject), now=now)
