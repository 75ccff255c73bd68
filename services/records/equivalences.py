"""Double credit: who holds a competency, or one that is worth the same, is not credited for it again.

Equal keys are held apart by an index; this extends it to competencies of which somebody said that they are equivalent.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import audit, programmes
from services.records.ids import new_id
from services.records.tables.cases import Claim
from services.records.tables.equivalences import Equivalence
from services.records.tables.people import Person
from services.rules.programmes import Programme
from services.rules.refusals import Refused


@dataclass(frozen=True, slots=True)
class Pair:
    """A competency of a programme (its key there), the key of another one elsewhere, and the source that says so."""

    competency: str
    equals: str
    source: str


async def replace(
    session: AsyncSession, programme: Programme, pairs: Sequence[Pair], *, actor: str, now: datetime
) -> None:
    """Keep `pairs` as all that is equivalent to competencies of `programme`; what is left out counts no more.

    Raises `Refused`: malformed, for a competency that no published programme has, or one beside itself.
    """
    wanted = {await _keys(session, programme, pair): pair.source.strip() for pair in pairs}
    rows = {(row.key_a, row.key_b): row for row in await _of(session, programme.slug)}
    for keys, row in rows.items():
        if keys not in wanted and row.withdrawn_at is None:
            row.withdrawn_at = now
    for keys, source in wanted.items():
        _put(session, rows.get(keys), keys, source=source, now=now)
    await session.flush()
    await _log(session, programme, {"equivalences": len(wanted)}, action="equivalences_replaced", actor=actor, now=now)


async def keep(session: AsyncSession, programme: Programme, pair: Pair, *, actor: str, now: datetime) -> None:
    """Keep one more pair beside the others; where it is kept already, with this source instead of its own.

    Raises `Refused`: malformed, as `replace`.
    """
    keys = await _keys(session, programme, pair)
    _put(session, await _row(session, keys), keys, source=pair.source.strip(), now=now)
    await session.flush()
    await _log(session, programme, {"one": keys[0], "other": keys[1]}, action="equivalence_kept", actor=actor, now=now)


async def withdraw(
    session: AsyncSession, programme: Programme, *, competency: str, equals: str, actor: str, now: datetime
) -> None:
    """Keep one pair no longer; what was decided while it was kept stands. Raises `Refused('not_found')`."""
    keys = _in_order(f"{programme.slug}/{competency}", equals)
    row = await _row(session, keys)
    if row is None or row.withdrawn_at is not None:
        raise Refused("not_found")
    row.withdrawn_at = now
    await session.flush()
    about = {"one": keys[0], "other": keys[1]}
    await _log(session, programme, about, action="equivalence_withdrawn", actor=actor, now=now)


async def withdrawn(session: AsyncSession, slug: str, *, competency: str, equals: str) -> Pair | None:
    """A pair that was kept and is no longer, so that it can be kept again as it was."""
    row = await _row(session, _in_order(f"{slug}/{competency}", equals))
    return None if row is None or row.withdrawn_at is None else Pair(competency, equals, row.source)


def _in_order(own: str, other: str) -> tuple[str, str]:
    return min(own, other), max(own, other)


async def _keys(session: AsyncSession, programme: Programme, pair: Pair) -> tuple[str, str]:
    if pair.competency not in {known.key for known in programme.competencies}:
        raise Refused("malformed", field="equivalences.competency")
    own = f"{programme.slug}/{pair.competency}"
    if own == pair.equals or not await _published(session, pair.equals):
        raise Refused("malformed", field="equivalences.equals")
    return _in_order(own, pair.equals)


async def _row(session: AsyncSession, keys: tuple[str, str]) -> Equivalence | None:
    found = await session.exec(
        select(Equivalence).where(col(Equivalence.key_a) == keys[0], col(Equivalence.key_b) == keys[1])
    )
    return found.first()


def _put(session: AsyncSession, row: Equivalence | None, keys: tuple[str, str], *, source: str, now: datetime) -> None:
    if row is None:
        session.add(Equivalence(id=new_id(), key_a=keys[0], key_b=keys[1], source=source, kept_at=now))
    else:
        row.source, row.withdrawn_at = source, None


async def _log(
    session: AsyncSession,
    programme: Programme,
    details: Mapping[str, object],
    *,
    action: str,
    actor: str,
    now: datetime,
) -> None:
    about = {"programme": programme.slug, **details}
    await audit.log(
        session, stream="system", actor=actor, action=action, subject=programme.slug, details=about, now=now
    )


async def _published(session: AsyncSession, key: str) -> bool:
    slug, _, competency = key.partition("/")
    try:
        row = await programmes.last_published(session, slug)
    except Refused:
        return False
    return competency in {known.key for known in (await programmes.read(session, row.id)).competencies}


async def _of(session: AsyncSession, slug: str) -> list[Equivalence]:
    rows = await session.exec(select(Equivalence).order_by(col(Equivalence.key_a), col(Equivalence.key_b)))
    return [row for row in rows if f"{slug}/" in (row.key_a[: len(slug) + 1], row.key_b[: len(slug) + 1])]


async def of_programme(session: AsyncSession, slug: str) -> list[Pair]:
    """What counts as equivalent to competencies of the programme, seen from it."""
    found = []
    for row in await _of(session, slug):
        if row.withdrawn_at is None:
            for own, other in ((row.key_a, row.key_b), (row.key_b, row.key_a)):
                if own.startswith(f"{slug}/"):
                    found.append(Pair(own.partition("/")[2], other, row.source))
    return found


async def alike(session: AsyncSession, keys: Iterable[str]) -> dict[str, frozenset[str]]:
    """For each of `keys` the keys that are worth the same, itself among them; one step, for nobody said more."""
    asked = set(keys)
    rows = await session.exec(
        select(Equivalence).where(
            col(Equivalence.withdrawn_at).is_(None),
            sa.or_(col(Equivalence.key_a).in_(asked), col(Equivalence.key_b).in_(asked)),
        )
    )
    found = {key: {key} for key in asked}
    for row in rows:
        for own, other in ((row.key_a, row.key_b), (row.key_b, row.key_a)):
            if own in found:
                found[own].add(other)
    return {key: frozenset(same) for key, same in found.items()}


async def held(session: AsyncSession, learner: UUID, claims: Sequence[Claim]) -> list[Claim]:
    """Those of `claims` that the learner holds already, by an earlier grant or by another of `claims` before it."""
    same = await alike(session, [claim.competency_key for claim in claims])
    if any(len(keys) > 1 for keys in same.values()):
        # The index holds equal keys apart; for others the learner's row stands between two decisions at once.
        await session.exec(select(Person.id).where(col(Person.id) == learner).with_for_update(key_share=True))
    rows = await session.exec(
        select(Claim.competency_key).where(
            col(Claim.learner_id) == learner,
            col(Claim.grant_active),
            col(Claim.competency_key).in_(set().union(*same.values())),
        )
    )
    credited = set(rows)
    twice = []
    for claim in claims:
        if same[claim.competency_key] & credited:
            twice.append(claim)
        credited.add(claim.competency_key)
    return twice
