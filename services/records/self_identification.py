"""What people say of themselves: kept, changed and taken back by themselves alone, and read by nobody else.

The only module that reads the answers. The nightly roll-up asks for them once a year, for groups of ten people or more
(`records/group_figures.py`); no route leads from a case to them. Source: case design, section 2; security design,
sections 6, 8 and 10.
"""

import hashlib
import hmac
import secrets
from collections.abc import Collection, Mapping
from datetime import datetime
from itertools import islice
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import audit
from services.records.tables.self_identification import SelfIdentification, SelfIdentificationSecret
from services.rules import self_identification as rules
from services.rules.self_identification import Trait

Answers = dict[Trait, str]

AT_ONCE = 500
"""Keys that are asked for by one question."""


async def of_person(session: AsyncSession, person: UUID) -> Answers | None:
    """What somebody said of themselves, for them alone; None where nothing is kept."""
    secret = await _secret(session)
    row = await session.get(SelfIdentification, _key(secret, person)) if secret else None
    return None if row is None else rules.check(row.answers)


async def keep(session: AsyncSession, person: UUID, answers: Mapping[str, str], *, now: datetime) -> None:
    """Keep these answers in the place of earlier ones; with none, nothing is kept any more.

    Raises `Refused('malformed')` for a question or a word that is none.
    """
    told = rules.check(answers)
    if not told:
        await take_back(session, person, now=now)
        return
    secret = await _secret(session) or await _make_secret(session)
    row = {"answers": {str(one): word for one, word in told.items()}, "text_version": rules.TEXT, "year": now.year}
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    kept = insert(SelfIdentification).values(key=_key(secret, person), **row)
    await session.exec(kept.on_conflict_do_update(index_elements=["key"], set_=row))
    await _log(session, person, action="self_identification_kept", now=now)


async def take_back(session: AsyncSession, person: UUID, *, now: datetime) -> None:
    """Delete what somebody said of themselves; where nothing is kept, nothing happens."""
    if await of_person(session, person) is None:
        return
    secret = await _secret(session)
    await session.exec(sa.delete(SelfIdentification).where(col(SelfIdentification.key) == _key(secret, person)))
    await _log(session, person, action="self_identification_taken_back", now=now)


async def _log(session: AsyncSession, person: UUID, *, action: str, now: datetime) -> None:
    """That somebody agreed, or took it back; of what they said the log holds nothing."""
    details = {"purpose": rules.PURPOSE, "text_version": rules.TEXT}
    await audit.log(session, stream=f"person:{person}", actor=str(person), action=action, details=details, now=now)


# for the roll-up


async def of_people(session: AsyncSession, people: Collection[UUID]) -> dict[UUID, Answers]:
    """What these people said of themselves; whoever said nothing is not in it. For figures alone."""
    secret = await _secret(session)
    if not secret:
        return {}
    by_key = {_key(secret, person): person for person in people}
    keys = iter(sorted(by_key))
    found: dict[UUID, Answers] = {}
    while some := list(islice(keys, AT_ONCE)):
        rows = await session.exec(
            select(SelfIdentification.key, SelfIdentification.answers).where(col(SelfIdentification.key).in_(some))
        )
        found |= {by_key[key]: rules.check(answers) for key, answers in rows}
    return found


async def forget(session: AsyncSession, *, year: int) -> None:
    """Delete what was kept longer than we say, seen from `year`."""
    over = col(SelfIdentification.year) < year - rules.KEPT_YEARS
    await session.exec(sa.delete(SelfIdentification).where(over))


def _key(secret: str, person: UUID) -> str:
    return hmac.digest(bytes.fromhex(secret), person.bytes, hashlib.sha256).hex()


async def _secret(session: AsyncSession) -> str:
    """The secret, empty before the first answer."""
    return (await session.exec(select(SelfIdentificationSecret.secret))).first() or ""


async def _make_secret(session: AsyncSession) -> str:
    """Make the secret; of two who come first at once, both find the same."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    made = insert(SelfIdentificationSecret).values(id=1, secret=secrets.token_hex(32))
    await session.exec(made.on_conflict_do_nothing())
    return await _secret(session)
