"""A case from submission to letters and credentials, through real servers and real databases."""

import json
from datetime import UTC, datetime

from sqlmodel import col, select

from services.documents import proofs, status_list
from services.records import credentials, invariants, issuer_keys, letters
from services.records.tables.commands import EffectState, Mail
from services.records.tables.credentials import Credential, CredentialIntent, CredentialState
from services.records.tables.decisions import Decision, Letter, LetterState
from services.rules.case import Stage
from services.rules.claims import ClaimState, Recommendation
from tests.records import moving
from tests.workflows import lives
from tests.workflows.house import House


async def sound(house: House) -> bool:
    """Whether everything that must always hold holds."""
    async with house.database.reading() as session:
        return await invariants.broken(session, now=datetime.now(UTC)) == []


async def letters_of(house: House, kind: str) -> list[Letter]:
    """The letters of one kind, by language."""
    async with house.database.reading() as session:
        rows = await session.exec(select(Letter).where(col(Letter.kind) == kind).order_by(col(Letter.language)))
        return list(rows)


async def issued(house: House) -> list[Credential]:
    """Every credential, whatever its state."""
    async with house.database.reading() as session:
        return list(await session.exec(select(Credential).order_by(col(Credential.claim_id))))


async def test_a_case_goes_from_submission_to_credentials_and_letters(either_house: House) -> None:
    house = either_house
    who = await moving.people(house.database)
    case_id = await lives.drafted(house.database, who)
    await lives.to_decided(house, who, case_id)
    case = await house.case(case_id)
    assert (case.stage, case.needs_attention) == (Stage.DECIDED, None)
    claims = await moving.claims_of(house.database, case_id)
    assert {claim.state for claim in claims.values()} == {ClaimState.CREDENTIALED}
    both = await letters_of(house, "full")
    assert [(letter.language, letter.state) for letter in both] == [
        ("en", LetterState.RELEASED),
        ("fr", LetterState.RELEASED),
    ]
    for letter in both:
        content = b"".join([chunk async for chunk in house.shop.blobs.read(letter.sha256)])
        assert content.startswith(b"%PDF-")
        assert len(content) == letter.size
    assert {effect.state for effect in await house.effects(case_id)} == {EffectState.DONE}
    assert await sound(house)


async def test_a_credential_verifies_with_the_published_key_and_its_list_is_there(house: House) -> None:
    who = await moving.people(house.database)
    await lives.to_decided(house, who, await lives.drafted(house.database, who))
    first, second = await issued(house)
    async with house.database.reading() as session:
        key = await issuer_keys.active(session, issuer=house.shop.issuer.did)
        published = await credentials.list_document(session, 1)
    for credential in (first, second):
        document = json.loads(credential.document)
        assert credential.state is CredentialState.ACTIVE
        assert proofs.verify(document, bytes.fromhex(key.public_key))
        assert document["credentialSubject"]["achievement"]["name"]
    assert published is not None
    assert proofs.verify(published, bytes.fromhex(key.public_key))


async def test_everybody_is_told_once_with_a_link_and_without_content(house: House) -> None:
    who = await moving.people(house.database)
    case_id = await lives.drafted(house.database, who)
    await lives.to_decided(house, who, case_id)
    async with house.database.reading() as session:
        noted = set(await session.exec(select(Mail.message_id)))
    sent = [str(mail["Message-ID"]) for mail in house.mailbox.kept]
    assert len(sent) == len(set(sent)) == len(noted)
    assert set(sent) == noted
    told = {effect.notice for effect in await house.effects(case_id) if effect.recipient == who.learner.id}
    assert told == {"submitted", "advisor_named", "eligible", "portfolio_received", "assessment_started", "decided"}
    for mail in house.mailbox.kept:
        body = mail.get_body()
        assert body is not None
        assert f"http://localhost:8000/cases/{case_id}" in body.get_content()
        assert "First competency" not in body.get_content()


async def test_only_what_was_granted_becomes_a_credential(house: House) -> None:
    who = await moving.people(house.database)
    case_id = await lives.drafted(house.database, who)
    await lives.to_decided(house, who, case_id, second=Recommendation.NOT_YET)
    (credential,) = await issued(house)
    assert credential.claim_id == (await moving.claims_of(house.database, case_id))["first"].id
    assert len(await letters_of(house, "partial")) == 2


async def test_a_decision_that_grants_nothing_has_its_letter_and_no_credential(house: House) -> None:
    who = await moving.people(house.database)
    case_id = await lives.drafted(house.database, who)
    # Were nothing at all found of either, a second assessor would read first.
    found = {"first": Recommendation.NOT_YET, "second": Recommendation.PARTIAL}
    await lives.to_decided(house, who, case_id, **found)
    assert await issued(house) == []
    assert len(await letters_of(house, "not_yet")) == 2
    assert await sound(house)


async def test_a_refusal_at_the_door_is_signed_by_a_person_and_has_its_letter(house: House) -> None:
    who = await moving.people(house.database)
    case_id = await lives.drafted(house.database, who)
    await lives.refused(house, who, case_id)
    assert (await house.case(case_id)).stage is Stage.NOT_ELIGIBLE
    assert {letter.state for letter in await letters_of(house, "not_eligible")} == {LetterState.RELEASED}
    assert await issued(house) == []
    assert await sound(house)


async def test_a_withdrawn_grant_shows_on_the_published_list_and_has_its_letter(house: House) -> None:
    who = await moving.people(house.database)
    case_id = await lives.drafted(house.database, who)
    await lives.to_decided(house, who, case_id)
    await lives.revoked(house, who, case_id)
    (withdrawn,) = [one for one in await issued(house) if one.state is CredentialState.REVOKED]
    (kept,) = [one for one in await issued(house) if one.state is CredentialState.ACTIVE]
    async with house.database.reading() as session:
        places = [await session.get_one(CredentialIntent, one.id) for one in (withdrawn, kept)]
        published = await credentials.list_document(session, 1)
        decided = list(await session.exec(select(Decision.id)))
        assert [len(await letters.of_decision(session, one)) for one in decided] == [2, 2]
    assert published is not None
    bits = status_list.decode(published["credentialSubject"]["encodedList"])
    assert [status_list.is_set(bits, place.status_index) for place in places] == [True, False]
    assert len(await letters_of(house, "revocation")) == 2
    assert await sound(house)
