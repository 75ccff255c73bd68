"""A decision has one letter per language: its first bytes are the letter for ever, and nobody reads it too early."""

from datetime import timedelta
from hashlib import sha256
from uuid import UUID

import pytest
from sqlmodel import select

from services.records import credentials, letters
from services.records.database import Database
from services.records.tables.decisions import Decision, Letter, LetterState
from services.rules.claims import ClaimState, Recommendation
from services.rules.refusals import Refused
from tests.records import moving
from tests.records.makers import NOW


async def decided(database: Database) -> Decision:
    """A decision whose letters are not written yet: one claim granted, one not yet."""
    who = await moving.people(database)
    case_id = await moving.judged(database, who, first=Recommendation.MET, second=Recommendation.NOT_YET)
    await moving.decide(database, who, case_id)
    async with database.reading() as session:
        return (await session.exec(select(Decision))).one()


async def draft(database: Database, decision: Decision, language: str, content: bytes) -> UUID:
    async with database.writing() as session:
        letter = await letters.keep(
            session,
            about=decision,
            language=language,
            kind="partial",
            number=f"L-{sha256(content).hexdigest()[:8]}",
            sha256=sha256(content).hexdigest(),
            size=len(content),
            now=NOW,
        )
        return letter.id


async def release(database: Database, decision: Decision) -> bool:
    async with database.writing() as session:
        return await letters.release(session, decision, now=NOW + timedelta(hours=1))


async def test_the_first_letter_written_is_the_letter(database: Database) -> None:
    decision = await decided(database)
    first = await draft(database, decision, "en", b"first")
    assert await draft(database, decision, "en", b"second") == first
    async with database.reading() as session:
        (kept,) = await letters.of_decision(session, decision.id)
    assert kept.sha256 == sha256(b"first").hexdigest()


async def test_letters_are_released_together_or_not_at_all(database: Database) -> None:
    decision = await decided(database)
    await draft(database, decision, "en", b"english")
    with pytest.raises(Refused, match="letter_missing"):
        await release(database, decision)
    async with database.reading() as session:
        assert await letters.released_of(session, decision.case_id) == []
        assert {letter.state for letter in await session.exec(select(Letter))} == {LetterState.DRAFTED}
    await draft(database, decision, "fr", "français".encode())
    assert await release(database, decision)
    assert not await release(database, decision)
    async with database.reading() as session:
        assert [one.language for one in await letters.released_of(session, decision.case_id)] == ["en", "fr"]


async def test_a_letter_tells_what_the_decision_said_of_each_claim(database: Database) -> None:
    decision = await decided(database)
    held = await moving.claims_of(database, decision.case_id)
    async with database.reading() as session:
        assert await letters.outcomes(session, decision.id) == {
            held["first"].id: ClaimState.GRANTED,
            held["second"].id: ClaimState.NOT_YET,
        }


async def test_the_first_reading_is_the_receipt(database: Database) -> None:
    decision = await decided(database)
    letter = await draft(database, decision, "en", b"english")
    for hours in (2, 3):
        async with database.writing() as session:
            await letters.opened(session, letter, now=NOW + timedelta(hours=hours))
    async with database.reading() as session:
        assert (await session.get_one(Letter, letter)).opened_at == NOW + timedelta(hours=2)


async def test_letter_record_and_credentials_list_the_same_claims(database: Database) -> None:
    decision = await decided(database)
    async with database.reading() as session:
        told = await letters.outcomes(session, decision.id)
        promised = {one.claim.id for one in await credentials.granted_by(session, decision)}
    await moving.publish(database, decision.case_id)
    async with database.reading() as session:
        issued = {one.claim_id for one in await credentials.credentials_of(session, decision.id)}
    held = {one.id: one.state for one in (await moving.claims_of(database, decision.case_id)).values()}
    assert {claim for claim, outcome in told.items() if outcome is ClaimState.GRANTED} == promised == issued
    assert {claim for claim, state in held.items() if state is ClaimState.CREDENTIALED} == issued
    assert set(held) == set(told)
    assert len(issued) == 1
