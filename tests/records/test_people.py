"""Accounts and roles: found however the address is typed, bitten on the next request, gone when ended."""

import asyncio
import threading
from collections.abc import Iterator
from datetime import datetime
from typing import TypedDict

import pytest
from argon2 import PasswordHasher
from sqlmodel import col, select

from services.records import passwords, people, sessions
from services.records.database import Database
from services.records.passwords import Passwords
from services.records.tables.audit import AuditLine
from services.records.tables.people import Person
from services.rules.people import Membership, Role
from services.rules.refusals import Refused
from tests.records import makers

PASSWORD = "a long sample password"


class Lead(TypedDict):
    """A role, as it is given and ended."""

    role: Role
    institution: str
    programme: str
    now: datetime


LEAD_HERE = Lead(role=Role.LEAD, institution=makers.INSTITUTION, programme="sample-programme", now=makers.NOW)


@pytest.fixture
def cheap() -> Iterator[Passwords]:
    """Hashes that cost next to nothing."""
    made = passwords.argon2id(rounds=1, memory_kib=8, lanes=1)
    yield made
    made.close()


async def added(database: Database, email: str = "Sample.Learner@Example.org ") -> Person:
    async with database.writing() as session:
        return await people.add(
            session,
            name="Sample Learner",
            email=email,
            language="fr",
            password_hash=None,
            organisation=None,
            now=makers.NOW,
        )


async def test_an_account_is_found_however_its_address_is_typed(database: Database) -> None:
    person = await added(database)
    async with database.reading() as session:
        found = await people.by_email(session, " sample.learner@EXAMPLE.org")
    assert found is not None
    assert found.id == person.id


async def test_an_address_opens_one_account(database: Database) -> None:
    await added(database)
    with pytest.raises(people.AddressTakenError):
        await added(database, "SAMPLE.learner@example.org")


async def test_a_role_is_held_from_the_grant_to_the_end_of_it(database: Database) -> None:
    person = await added(database)
    async with database.writing() as session:
        await makers.published(session)
        await people.grant_role(
            session,
            person.id,
            role=Role.LEAD,
            institution=makers.INSTITUTION,
            programme="sample-programme",
            now=makers.NOW,
        )
    async with database.reading() as session:
        caller = await people.caller(session, person.id)
    assert caller.memberships == (Membership(Role.LEAD, makers.INSTITUTION, "sample-programme"),)
    assert caller.language == "fr"
    async with database.writing() as session:
        ended = await people.end_role(
            session,
            person.id,
            role=Role.LEAD,
            institution=makers.INSTITUTION,
            programme="sample-programme",
            now=makers.NOW,
        )
        again = await people.end_role(
            session,
            person.id,
            role=Role.LEAD,
            institution=makers.INSTITUTION,
            programme="sample-programme",
            now=makers.NOW,
        )
    assert (ended, again) == (True, False)
    async with database.reading() as session:
        assert (await people.caller(session, person.id)).memberships == ()


async def test_the_same_role_twice_is_one_role(database: Database) -> None:
    person = await added(database)
    async with database.writing() as session:
        await makers.published(session)
        for _ in range(2):
            await people.grant_role(
                session, person.id, role=Role.AUDITOR, institution=makers.INSTITUTION, now=makers.NOW
            )
        assert len(await people.memberships(session, person.id)) == 1


@pytest.mark.parametrize("role", [Role.LEARNER, Role.CLOCK])
async def test_nobody_is_given_the_role_of_a_learner_or_of_the_clock(database: Database, role: Role) -> None:
    person = await added(database)
    async with database.writing() as session:
        with pytest.raises(ValueError, match=role):
            await people.grant_role(session, person.id, role=role, institution=makers.INSTITUTION, now=makers.NOW)


async def test_a_closed_account_is_nobody(database: Database) -> None:
    person = await added(database)
    async with database.writing() as session:
        token = await sessions.start(session, person.id, now=makers.NOW)
        await people.deactivate(session, person.id, now=makers.NOW)
    async with database.reading() as session:
        assert await sessions.find(session, token, now=makers.NOW) is None
        with pytest.raises(Refused, match="sign_in_required"):
            await people.caller(session, person.id)


async def test_a_new_password_ends_what_the_old_one_opened(database: Database) -> None:
    person = await added(database)
    async with database.writing() as session:
        token = await sessions.start(session, person.id, now=makers.NOW)
        await people.set_password(session, person.id, password_hash="new hash", now=makers.NOW)
        assert await sessions.find(session, token, now=makers.NOW) is None


async def test_what_happens_to_an_account_is_logged_without_its_name_or_address(database: Database) -> None:
    person = await added(database)
    async with database.writing() as session:
        await makers.published(session)
        await people.grant_role(session, person.id, role=Role.LEAD, institution=makers.INSTITUTION, now=makers.NOW)
        lines = list(
            await session.exec(
                select(AuditLine).where(col(AuditLine.stream) == f"person:{person.id}").order_by(col(AuditLine.seq))
            )
        )
    assert [line.action for line in lines] == ["account_opened", "role_granted"]
    assert "ample" not in str([(line.subject, line.details) for line in lines]).replace("college-exemple", "")


async def test_a_password_is_recognised_and_another_is_not(cheap: Passwords) -> None:
    stored = await cheap.hash(PASSWORD)
    assert stored.startswith("$argon2id$")
    assert await cheap.verify(PASSWORD, stored)
    assert not await cheap.verify(PASSWORD + "!", stored)


@pytest.mark.parametrize("weak", ["short words", "a" * 12, "abcd" * 5, "x" * 60 + "abcdef" * 12])
async def test_a_password_that_is_too_short_too_long_or_one_key_is_refused(cheap: Passwords, weak: str) -> None:
    with pytest.raises(Refused, match="password_weak"):
        await cheap.hash(weak)


async def test_the_longest_password_is_told_from_one_that_only_begins_like_it(cheap: Passwords) -> None:
    longest = ("abcdefgh" * 16)[: passwords.LONGEST]
    stored = await cheap.hash(longest)
    assert await cheap.verify(longest, stored)
    assert not await cheap.verify(longest + "i", stored)


@pytest.mark.parametrize("stored", [None, "not a hash"])
async def test_without_an_account_no_password_is_right(cheap: Passwords, stored: str | None) -> None:
    assert not await cheap.verify(PASSWORD, stored)


async def test_an_unknown_account_is_hashed_for_like_a_known_one(
    cheap: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = await cheap.hash(PASSWORD)
    against: list[str] = []
    verify = type(cheap.hasher).verify

    def noted(hasher: PasswordHasher, known: str, said: str) -> bool:
        against.append(known)
        return verify(hasher, known, said)

    monkeypatch.setattr(type(cheap.hasher), "verify", noted)
    await cheap.verify(PASSWORD, stored)
    await cheap.verify(PASSWORD, None)
    parameters = {known.rpartition("$")[0].rpartition("$")[0] for known in against}
    assert len(against) == 2
    assert len(parameters) == 1


async def test_two_hashes_at_most_are_made_at_once(cheap: Passwords, monkeypatch: pytest.MonkeyPatch) -> None:
    cheap.decoy.result()
    started, go_on = threading.Semaphore(0), threading.Event()

    def slow(_: object, password: str) -> str:
        started.release()
        go_on.wait(60)
        return password

    monkeypatch.setattr(type(cheap.hasher), "hash", slow)
    running = [asyncio.create_task(cheap.hash(f"{PASSWORD} {number}")) for number in range(5)]
    await asyncio.to_thread(started.acquire, timeout=60)
    await asyncio.to_thread(started.acquire, timeout=60)
    third_started = await asyncio.to_thread(started.acquire, timeout=0.2)
    go_on.set()
    await asyncio.gather(*running)
    assert not third_started
