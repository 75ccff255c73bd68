"""One key signs, every key that ever signed stays published, and who registers it twice changes nothing."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from services.records import issuer_keys
from services.records.database import Database
from services.records.issuer_keys import NoKeyError
from services.records.tables.audit import AuditLine
from services.records.tables.credentials import IssuerKey, KeyState
from tests.records.makers import NOW

ISSUER = "did:web:example.org"


async def register(database: Database, kid: str, *, issuer: str = ISSUER, days: int = 0) -> None:
    async with database.writing() as session:
        now = NOW + timedelta(days=days)
        await issuer_keys.register(session, kid=kid, issuer=issuer, public_key=b"\x01" * 32, now=now)


async def published(database: Database) -> list[tuple[str, KeyState]]:
    async with database.reading() as session:
        return [(key.id, key.state) for key in await issuer_keys.published(session, issuer=ISSUER)]


async def test_a_new_key_retires_the_one_before_which_stays_published(database: Database) -> None:
    await register(database, f"{ISSUER}#one")
    await register(database, f"{ISSUER}#two", days=1)
    assert await published(database) == [(f"{ISSUER}#two", KeyState.ACTIVE), (f"{ISSUER}#one", KeyState.RETIRED)]
    async with database.reading() as session:
        assert (await issuer_keys.active(session, issuer=ISSUER)).id == f"{ISSUER}#two"


async def test_a_worker_that_starts_again_registers_nothing(database: Database) -> None:
    await register(database, f"{ISSUER}#one")
    await register(database, f"{ISSUER}#two", days=1)
    await register(database, f"{ISSUER}#one", days=2)
    assert [state for _, state in await published(database)] == [KeyState.ACTIVE, KeyState.RETIRED]
    async with database.reading() as session:
        lines = await session.exec(select(AuditLine.subject).where(col(AuditLine.action) == "issuer_key_registered"))
        assert list(lines) == [f"{ISSUER}#one", f"{ISSUER}#two"]


async def test_an_issuer_without_a_key_has_none_of_another_issuer(database: Database) -> None:
    await register(database, "did:web:elsewhere.example.org#one", issuer="did:web:elsewhere.example.org")
    async with database.reading() as session:
        with pytest.raises(NoKeyError):
            await issuer_keys.active(session, issuer=ISSUER)
        assert await issuer_keys.published(session, issuer=ISSUER) == []


async def test_a_key_is_found_by_its_id(database: Database) -> None:
    await register(database, f"{ISSUER}#one")
    async with database.reading() as session:
        known = await issuer_keys.one(session, f"{ISSUER}#one")
        assert isinstance(known, IssuerKey)
        assert bytes.fromhex(known.public_key) == b"\x01" * 32
        assert await issuer_keys.one(session, f"{ISSUER}#none") is None
