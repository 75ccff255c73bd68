"""Being signed in: tokens that nobody can read back, limits that hold, tries that are counted."""

import hashlib
from datetime import datetime, timedelta

import pytest
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import people, sessions, throttles
from services.records.database import Database
from services.records.tables.audit import AuditLine
from services.records.tables.people import SignInSession, Throttle
from services.rules.people import Role
from services.rules.refusals import Refused
from tests.records import makers


def after(minutes: float) -> datetime:
    return makers.NOW + timedelta(minutes=minutes)


async def test_only_a_hash_of_the_token_is_stored(database: Database) -> None:
    async with database.writing() as session:
        token = await sessions.start(session, (await makers.person(session)).id, now=makers.NOW)
        (row,) = await session.exec(select(SignInSession))
    assert row.token_hash == hashlib.sha256(token.encode()).hexdigest()
    assert len(token) >= 43


async def test_a_token_that_was_never_given_out_opens_nothing(database: Database) -> None:
    async with database.reading() as session:
        assert await sessions.find(session, "made up", now=makers.NOW) is None


@pytest.mark.parametrize(("staff", "idle", "whole"), [(True, 30, 12 * 60), (False, 60, 24 * 60)])
async def test_a_session_ends_when_idle_and_in_any_case_in_the_end(
    database: Database, *, staff: bool, idle: int, whole: int
) -> None:
    async with database.writing() as session:
        who = await (makers.staff(session, Role.ADVISOR) if staff else makers.person(session))
        token = await sessions.start(session, who.id, now=makers.NOW)
        assert await sessions.find(session, token, now=after(idle - 1)) is not None
        assert await sessions.find(session, token, now=after(idle)) is None
        for minute in range(0, whole, idle - 1):
            assert await sessions.find(session, token, now=after(minute)) is not None
            await sessions.touch(session, token, now=after(minute))
        await sessions.touch(session, token, now=after(whole - 1))
        assert await sessions.find(session, token, now=after(whole - 0.5)) is not None
        assert await sessions.find(session, token, now=after(whole)) is None


async def test_use_is_written_down_once_a_minute(database: Database) -> None:
    async with database.writing() as session:
        token = await sessions.start(session, (await makers.person(session)).id, now=makers.NOW)
        found = [await sessions.find(session, token, now=after(minutes)) for minutes in (0.5, 1)]
    assert [one.stale for one in found if one] == [False, True]


async def test_signing_in_never_adopts_the_token_that_was_sent_along(database: Database) -> None:
    async with database.writing() as session:
        who = await makers.person(session)
        old = await sessions.start(session, who.id, now=makers.NOW)
        new = await sessions.start(session, who.id, now=after(1), replaces=old)
        assert new != old
        assert await sessions.find(session, old, now=after(2)) is None
        assert await sessions.find(session, new, now=after(2)) is not None


async def test_signing_out_ends_one_session_and_everywhere_ends_all(database: Database) -> None:
    async with database.writing() as session:
        who = await makers.person(session)
        here, there = [await sessions.start(session, who.id, now=makers.NOW) for _ in range(2)]
        assert await sessions.end(session, here, now=after(1))
        assert not await sessions.end(session, here, now=after(1))
        assert await sessions.find(session, there, now=after(2)) is not None
        await sessions.end_all(session, who.id, now=after(3))
        assert await sessions.find(session, there, now=after(4)) is None


async def test_a_role_that_is_given_or_ended_asks_for_a_new_session(database: Database) -> None:
    async with database.writing() as session:
        who = await makers.person(session)
        await makers.published(session)
        for change in (people.grant_role, people.end_role):
            token = await sessions.start(session, who.id, now=makers.NOW)
            await change(session, who.id, role=Role.LEAD, institution=makers.INSTITUTION, now=after(1))
            assert await sessions.find(session, token, now=after(2)) is None


async def test_old_sessions_are_forgotten_and_live_ones_kept(database: Database) -> None:
    async with database.writing() as session:
        who = await makers.person(session)
        await sessions.start(session, who.id, now=makers.NOW)
        await sessions.start(session, who.id, now=makers.NOW + sessions.KEPT)
        await sessions.sweep(session, now=makers.NOW + sessions.KEPT + timedelta(days=2))
        assert len(list(await session.exec(select(SignInSession)))) == 1


async def refused_for(session: AsyncSession, *, now: datetime, account: str = "sample@example.org") -> int:
    """Seconds to wait before the next try, 0 where this one is let in."""
    try:
        await throttles.admit(session, account=account, address="192.0.2.1", now=now)
    except Refused as refused:
        return int(refused.facts["seconds"])
    return 0


async def test_five_tries_then_a_wait_that_doubles_up_to_an_hour(database: Database) -> None:
    minute, waits = 0.0, []
    async with database.writing() as session:
        assert [await refused_for(session, now=after(0)) for _ in range(5)] == [0] * 5
        for _ in range(4):
            wait = await refused_for(session, now=after(minute))
            waits.append(wait // 60)
            minute += wait / 60
            assert await refused_for(session, now=after(minute)) == 0
    assert waits == [15, 30, 60, 60]


async def test_tries_that_lie_apart_do_not_add_up(database: Database) -> None:
    async with database.writing() as session:
        assert [await refused_for(session, now=after(16 * turn)) for turn in range(12)] == [0] * 12


async def test_a_success_clears_the_account(database: Database) -> None:
    async with database.writing() as session:
        for _ in range(3):
            assert [await refused_for(session, now=after(0)) for _ in range(5)] == [0] * 5
            await throttles.succeeded(session, account="Sample@example.org", address="192.0.2.1")


async def test_one_address_tries_sixty_accounts_an_hour_and_no_more(database: Database) -> None:
    async with database.writing() as session:
        tries = [await refused_for(session, now=after(0), account=f"{number}@example.org") for number in range(61)]
        assert tries == [0] * 60 + [3600]
        assert await refused_for(session, now=after(61), account="new@example.org") == 0


async def test_people_behind_one_address_do_not_lock_each_other_out_by_signing_in(database: Database) -> None:
    async with database.writing() as session:
        for number in range(100):
            account = f"{number}@example.org"
            assert await refused_for(session, now=after(0), account=account) == 0
            await throttles.succeeded(session, account=account, address="192.0.2.1")


async def test_no_address_stands_in_the_table_of_tries(database: Database) -> None:
    async with database.writing() as session:
        await refused_for(session, now=after(0))
        keys = list(await session.exec(select(Throttle.key)))
    assert len(keys) == 2
    assert all(len(key.partition(":")[2]) == 64 and "sample" not in key for key in keys)


async def test_old_tries_are_forgotten(database: Database) -> None:
    async with database.writing() as session:
        await refused_for(session, now=after(0))
        await throttles.sweep(session, now=after(60))
        assert len(list(await session.exec(select(Throttle)))) == 2
        await throttles.sweep(session, now=after(25 * 60))
        assert list(await session.exec(select(Throttle))) == []


async def test_a_sign_in_that_fails_is_logged_on_the_account_or_on_none(database: Database) -> None:
    async with database.writing() as session:
        who = await makers.person(session)
        for person_id in (who.id, None):
            await sessions.failed(session, person_id=person_id, now=makers.NOW)
        streams = list(await session.exec(select(AuditLine.stream).where(AuditLine.action == "sign_in_failed")))
    assert sorted(streams) == sorted([f"person:{who.id}", "system"])


async def test_ten_wrong_links_make_an_address_wait_and_nobody_else(database: Database) -> None:
    async def wrong(address: str, minutes: float) -> None:
        async with database.writing() as session:
            await throttles.wrong_link(session, address=address, now=after(minutes))

    async def check(address: str, minutes: float) -> None:
        async with database.reading() as session:
            await throttles.check_links(session, address=address, now=after(minutes))

    for number in range(10):
        await check("192.0.2.1", number)
        await wrong("192.0.2.1", number)
    with pytest.raises(Refused) as refused:
        await check("192.0.2.1", 10)
    assert refused.value.facts["seconds"] == str(59 * 60)
    with pytest.raises(Refused, match="throttled"):
        await wrong("192.0.2.1", 10)
    await check("192.0.2.2", 10)
    await check("192.0.2.1", 9 + 60)


async def test_a_person_sees_their_open_sessions_and_ends_one_of_them(database: Database) -> None:
    async with database.writing() as session:
        who, other = await makers.person(session), await makers.person(session)
        old = await sessions.start(session, who.id, now=makers.NOW)
        away = await sessions.start(session, who.id, now=after(50))
        here = await sessions.start(session, who.id, now=after(55))
        theirs = await sessions.start(session, other.id, now=after(55))
        shown = await sessions.open_of(session, who.id, token=here, now=after(61))
        assert [(one.own, one.created_at) for one in shown] == [(True, after(55)), (False, after(50))]
        with pytest.raises(Refused, match="not_found"):
            await sessions.end_one(session, other.id, key=shown[1].key, now=after(61))
        await sessions.end_one(session, who.id, key=shown[1].key, now=after(61))
        found = {token: await sessions.find(session, token, now=after(61)) for token in (old, away, here, theirs)}
        logged = list(await session.exec(select(AuditLine.action).where(AuditLine.stream == f"person:{who.id}")))
    assert [token for token, one in found.items() if one is None] == [old, away]
    assert logged.count("session_ended") == 1
