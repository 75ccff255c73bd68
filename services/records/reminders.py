"""Which reminders leave together: those of one person on one day are one mail, whatever cases they are about.

The reminders of a morning come up between nine and ten, each case at a minute of its own. The mail waits for the last
of them, and no longer than the morning; a reminder of what is over by then is not sent at all. Each keeps its own row,
which is noted as sent when the mail service took the mail that it went in. Source: case design, section 12 (reminders).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import people
from services.records.tables.cases import Case
from services.records.tables.commands import (
    DeadlineRow,
    DeadlineState,
    EffectRow,
    EffectState,
    LimitRow,
    LimitState,
    Mail,
)
from services.records.tables.people import Person
from services.records.visibility import cases_visible_to
from services.rules import deadlines
from services.rules import limits as ladder

A_MOMENT = timedelta(minutes=1)
"""How long after the last of them a mail waits, so that what came up in the same minute goes with it."""

PATIENCE = timedelta(minutes=10)
"""How long after its morning a mail waits for a reminder that should have come up: a case may stand still."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Not yet: ask again after `delay`."""

    delay: timedelta


@dataclass(frozen=True, slots=True)
class Together:
    """What goes in one mail, in a fixed order; none where nothing is left to say."""

    effects: tuple[EffectRow, ...]


async def plan(session: AsyncSession, key: str, *, now: datetime) -> Wait | Together:
    """What becomes of the reminder `key` now; what was put into one mail stays in it, also after a crash."""
    effect = await session.get_one(EffectRow, key)
    # One at a time for each person, or two of their reminders would each take the other along.
    await session.get_one(Person, effect.recipient, with_for_update=True)
    await session.refresh(effect)
    if await session.get(Mail, key) is not None:
        return Together(())
    if effect.sent_with is not None and effect.sent_with != key:
        lead = await session.get_one(EffectRow, effect.sent_with)
        if lead.state is EffectState.PENDING:
            return Wait(A_MOMENT)
        effect.sent_with = None  # that mail never left: this reminder goes by itself
    if effect.sent_with is None:
        if await _over(session, effect):
            return Together(())
        if delay := await _others_come(session, effect, now=now):
            return Wait(delay)
        for one in [effect, *await _waiting(session, effect)]:
            one.sent_with = key
        await session.flush()
    gathered = await session.exec(
        select(EffectRow).where(col(EffectRow.sent_with) == key).order_by(col(EffectRow.queued_at), col(EffectRow.key))
    )
    return Together(tuple(gathered))


async def _over(session: AsyncSession, effect: EffectRow) -> bool:
    """Whether what it reminds of is done, or stands still."""
    limit = await session.get_one(LimitRow, effect.limit_id, populate_existing=True)
    return limit.state is not LimitState.RUNNING


async def _waiting(session: AsyncSession, effect: EffectRow) -> list[EffectRow]:
    """The person's other reminders that came up and that no mail holds yet."""
    rows = await session.exec(
        select(EffectRow)
        .join(LimitRow, col(LimitRow.id) == col(EffectRow.limit_id))
        .where(
            col(EffectRow.recipient) == effect.recipient,
            col(EffectRow.state) == EffectState.PENDING,
            col(EffectRow.sent_with).is_(None),
            col(EffectRow.key) != effect.key,
            col(LimitRow.state) == LimitState.RUNNING,
        )
    )
    return list(rows)


async def _others_come(session: AsyncSession, effect: EffectRow, *, now: datetime) -> timedelta | None:
    """How long until the last reminder of this morning that may be for the same person, None where none will come."""
    zone = str(effect.facts.get("zone", "UTC"))
    until = max(deadlines.morning_over(effect.queued_at, zone=zone), effect.queued_at)
    if now >= until + PATIENCE:
        return None
    coming = await _coming(session, effect, until=until)
    return max(max(coming) - now, timedelta()) + A_MOMENT if coming else None


async def _coming(session: AsyncSession, effect: EffectRow, *, until: datetime) -> list[datetime]:
    """When reminders come up, up to `until`, on other cases that the person sees."""
    recipient = UUID(str(effect.recipient))
    active = await session.exec(select(Person.id).where(col(Person.id) == recipient, col(Person.active)))
    if active.first() is None:
        return []
    caller = await people.caller(session, recipient)
    rows = await session.exec(
        select(DeadlineRow.key, DeadlineRow.at)
        .join(Case, col(Case.id) == col(DeadlineRow.case_id))
        .where(
            col(DeadlineRow.state) == DeadlineState.OPEN,
            col(DeadlineRow.at) <= until,
            col(DeadlineRow.case_id) != effect.case_id,
            cases_visible_to(caller),
        )
    )
    return [at for key, at in rows if _is_a_mail(key)]


def _is_a_mail(key: str) -> bool:
    try:
        return bool(ladder.rung_of(key)[1].notice)
    except KeyError:  # written by a release whose ladder still had this rung
        return False
