"""How often sign-in and links may be tried.

Sign-in is counted before the password is looked at, so that trying in parallel gains nothing.

Keys are hashed: the table tells nobody's address. Source of the figures: security design, section 13.
"""

import hashlib
import math
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records.tables.people import Throttle
from services.rules.refusals import Refused


@dataclass(frozen=True, slots=True)
class Allowance:
    """`tries` within `window`; then a wait of `first`, doubled by every further try up to `longest`."""

    tries: int
    window: timedelta
    first: timedelta
    longest: timedelta


PER_ACCOUNT = Allowance(5, timedelta(minutes=15), timedelta(minutes=15), timedelta(hours=1))
PER_ADDRESS = Allowance(60, timedelta(hours=1), timedelta(hours=1), timedelta(hours=1))
PER_LINKS = Allowance(10, timedelta(hours=1), timedelta(hours=1), timedelta(hours=1))
"""Links without an account that open nothing, by address."""

FORGOTTEN_AFTER = timedelta(days=1)
"""Without a try for this long, a key that had to wait starts anew."""


async def admit(session: AsyncSession, *, account: str, address: str, now: datetime) -> None:
    """Count a try to sign in to `account` from `address`. Raises `Refused('throttled')` with the seconds to wait."""
    for key, allowance in ((_key("account", account), PER_ACCOUNT), (_key("address", address), PER_ADDRESS)):
        await _count(session, key=key, allowance=allowance, now=now)


async def succeeded(session: AsyncSession, *, account: str, address: str) -> None:
    """Forget the tries on `account`, and take the one that succeeded off the address, which many people may share."""
    row = await session.get(Throttle, _key("account", account))
    if row is not None:
        await session.delete(row)
    shared = await session.get(Throttle, _key("address", address))
    if shared is not None:
        shared.failures = max(shared.failures - 1, 0)
        if shared.failures < PER_ADDRESS.tries:
            shared.blocked_until = None
    await session.flush()


async def check_links(session: AsyncSession, *, address: str, now: datetime) -> None:
    """Raise `Refused('throttled')` for an address that tried too many wrong links, whatever it tries now."""
    row = await session.get(Throttle, _key("links", address))
    if row is not None and row.blocked_until is not None and now < row.blocked_until:
        raise Refused("throttled", seconds=str(math.ceil((row.blocked_until - now).total_seconds())))


async def wrong_link(session: AsyncSession, *, address: str, now: datetime) -> None:
    """Count a link that opened nothing. Raises `Refused('throttled')`, as `check_links`."""
    await _count(session, key=_key("links", address), allowance=PER_LINKS, now=now)


async def sweep(session: AsyncSession, *, now: datetime) -> None:
    """Forget what is too old to count."""
    past = now - FORGOTTEN_AFTER
    await session.exec(
        sa.delete(Throttle).where(
            col(Throttle.since) < past, sa.func.coalesce(col(Throttle.blocked_until), past) <= past
        )
    )


async def _count(session: AsyncSession, *, key: str, allowance: Allowance, now: datetime) -> None:
    row = await _locked(session, key=key, now=now)
    if row.blocked_until is not None and now < row.blocked_until:
        raise Refused("throttled", seconds=str(math.ceil((row.blocked_until - now).total_seconds())))
    over = now - row.since >= allowance.window if row.blocked_until is None else _forgotten(row.blocked_until, now)
    if over:
        row.failures, row.since, row.blocked_until = 0, now, None
    row.failures += 1
    if row.failures >= allowance.tries:
        wait = allowance.first * 2 ** min(row.failures - allowance.tries, 10)
        row.blocked_until = now + min(wait, allowance.longest)
    await session.flush()


def _forgotten(blocked_until: datetime, now: datetime) -> bool:
    return now - blocked_until >= FORGOTTEN_AFTER


async def _locked(session: AsyncSession, *, key: str, now: datetime) -> Throttle:
    """The key's row, made where there is none, and locked: two tries at once count as two."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    await session.exec(insert(Throttle).values(key=key, failures=0, since=now).on_conflict_do_nothing())
    rows = await session.exec(
        select(Throttle).where(col(Throttle.key) == key).with_for_update().execution_options(populate_existing=True)
    )
    return rows.one()


def _key(kind: str, value: str) -> str:
    return f"{kind}:{hashlib.sha256(value.strip().lower().encode()).hexdigest()}"
