"""What is reserved is signed, what is signed is published; it says what was found by whoever may say it."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlmodel import col, select

from services.records import cases, credentials, invariants
from services.records.database import Database
from services.records.tables.cases import Claim, Consent
from services.records.tables.commands import EffectRow
from services.records.tables.credentials import Credential, CredentialIntent, CredentialState
from services.records.tables.decisions import Decision
from services.rules import commands as bodies
from services.rules.case import SeatState, Stage
from services.rules.claims import ClaimState, Recommendation
from services.rules.people import Role
from services.rules.refusals import Refused
from tests.records import makers, moving
from tests.records.makers import NOW
from tests.records.prepared import prepared

ISSUER = "did:web:example.org"


@prepared
async def decided(database: Database) -> Decision:
    """A decision that grants the first of two claims; nothing is reserved yet."""
    who = await moving.people(database)
    case_id = await moving.judged(database, who, first=Recommendation.MET, second=Recommendation.NOT_YET)
    await moving.decide(database, who, case_id)
    async with database.reading() as session:
        return (await session.exec(select(Decision))).one()


async def reserved(database: Database, decision: Decision) -> CredentialIntent:
    async with database.writing() as session:
        (granted,) = await credentials.granted_by(session, decision)
        return await makers.intent(session, decision, granted.claim)


async def sign(database: Database, intent: CredentialIntent, document: str = '{"signed": 1}') -> Credential:
    async with database.writing() as session:
        return await credentials.keep_signed(session, intent, document=document, now=NOW)


async def publish(database: Database, decision: Decision) -> int:
    async with database.writing() as session:
        return await credentials.publish(session, decision, now=NOW)


async def key_of(database: Database, decision: Decision) -> str:
    async with database.reading() as session:
        keys = await session.exec(select(EffectRow.key).where(col(EffectRow.decision_id) == decision.id))
        return next(key for key in keys if key.endswith(":reserve_issuance"))


async def test_only_granted_claims_are_reserved_with_their_judgements(database: Database) -> None:
    decision = await decided(database)
    async with database.reading() as session:
        (granted,) = await credentials.granted_by(session, decision)
        claim = await session.get_one(Claim, granted.claim.id)
    assert (claim.competency, claim.state) == ("first", ClaimState.GRANTED)
    assert len(granted.judgements) == 1


async def test_who_signs_second_keeps_nothing_and_other_bytes_raise_an_alarm(database: Database) -> None:
    intent = await reserved(database, await decided(database))
    first = await sign(database, intent)
    assert (await sign(database, intent)).signed_at == first.signed_at
    with pytest.raises(Refused, match="profile_invalid"):
        await sign(database, intent, '{"signed": 2}')
    async with database.reading() as session:
        assert [one.document for one in await session.exec(select(Credential))] == ['{"signed": 1}']


async def test_nothing_is_published_before_all_of_it_is_signed(database: Database) -> None:
    decision = await decided(database)
    intent = await reserved(database, decision)
    with pytest.raises(Refused, match="letter_missing"):
        await publish(database, decision)
    await sign(database, intent)
    async with database.reading() as session:
        assert await credentials.issued(session, code=intent.code) is None
    assert await publish(database, decision) == 1
    async with database.reading() as session:
        by_code = await credentials.issued(session, code=intent.code)
        by_id = await credentials.issued(session, credential_id=intent.id)
        assert await credentials.issued(session, code="SNOSUCHCODE0") is None
    assert by_code is not None
    assert by_id is not None
    assert by_code.credential.id == by_id.credential.id == intent.id
    assert (by_code.credential.state, by_code.credential.published_at) == (CredentialState.ACTIVE, NOW)
    assert by_code.intent.claim_id == intent.claim_id


async def test_an_effect_without_a_decision_in_force_carries_nothing_out(database: Database) -> None:
    decision = await decided(database)
    key = await key_of(database, decision)
    async with database.reading() as session:
        assert (await credentials.decision_of(session, key)).id == decision.id
        with pytest.raises(Refused, match="no_human_decision"):
            await credentials.decision_of(session, f"{decision.case_id}:99:reserve_issuance")


async def test_a_superseded_decision_carries_nothing_out(database: Database) -> None:
    decision = await decided(database)
    key = await key_of(database, decision)
    async with database.writing() as session:
        case = await cases.get(session, decision.case_id)
        again = await makers.applied(session, case, "decide", actor=decision.decided_by, role=Role.DECISION_MAKER)
        await makers.decision(session, case, again, supersedes_id=decision.id)
    async with database.reading() as session:
        with pytest.raises(Refused, match="no_human_decision"):
            await credentials.decision_of(session, key)


async def test_a_place_on_a_list_is_free_and_a_list_half_full_is_followed_by_another(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials, "LIST_SIZE", 2)
    decision = await decided(database)
    async with database.writing() as session:
        other, place = await credentials.free_place(session, issuer="did:web:elsewhere.example.org")
        first, index = await credentials.free_place(session, issuer=ISSUER)
        (granted,) = await credentials.granted_by(session, decision)
        await makers.intent(session, decision, granted.claim, status_list_id=first.id, status_index=index)
        second, _ = await credentials.free_place(session, issuer=ISSUER)
        assert [one.id for one in await credentials.lists(session)] == [other.id, first.id, second.id] == [1, 2, 3]
        assert place in {0, 1}
        assert await credentials.lists_of_decision(session, decision.id) == []
        assert await credentials.list_document(session, second.id) is None
        assert await credentials.list_document(session, 99) is None


async def test_only_withdrawn_credentials_show_on_their_list(database: Database) -> None:
    decision = await decided(database)
    intent = await reserved(database, decision)
    await sign(database, intent)
    await publish(database, decision)
    async with database.reading() as session:
        assert await credentials.withdrawn_places(session, intent.status_list_id) == []
    async with database.writing() as session:
        credential = await session.get_one(Credential, intent.id)
        credential.state, credential.revoked_at, credential.revoked_by = CredentialState.REVOKED, NOW, decision.id
    async with database.reading() as session:
        assert await credentials.withdrawn_places(session, intent.status_list_id) == [intent.status_index]
        assert await credentials.withdrawn_places(session, intent.status_list_id + 1) == []
        assert await credentials.lists_of_decision(session, decision.id) == [intent.status_list_id]
        assert [one.id for one in await credentials.of_claim(session, intent.claim_id)] == [intent.id]


async def test_a_name_is_shown_only_while_its_owner_agrees(database: Database) -> None:
    decision = await decided(database)

    async def agreed() -> bool:
        async with database.reading() as session:
            return await credentials.has_consent(session, case_id=decision.case_id, purpose=credentials.NAME_CONSENT)

    assert not await agreed()
    async with database.writing() as session:
        case = await cases.get(session, decision.case_id)
        consent = Consent(
            id=uuid4(),
            case_id=case.id,
            person_id=case.learner_id,
            purpose=credentials.NAME_CONSENT,
            text_version="2026-1",
            given_at=NOW,
        )
        session.add(consent)
    assert await agreed()
    async with database.writing() as session:
        (await session.get_one(Consent, consent.id)).withdrawn_at = NOW + timedelta(days=1)
    assert not await agreed()


async def test_the_portfolio_was_sent_when_it_was_first_frozen(database: Database) -> None:
    decision = await decided(database)
    async with database.reading() as session:
        assert await credentials.first_frozen(session, decision.case_id) == NOW
        assert await credentials.first_frozen(session, UUID(int=1)) is None


async def judged_by_another(database: Database, who: moving.People) -> tuple[UUID, UUID]:
    """A decided case whose first assessor declared a conflict after judging; and who judged it then."""
    case_id = await moving.judged(database, who, first=Recommendation.MET)
    async with database.writing() as session:
        other = await makers.staff(session, Role.ASSESSOR)
    (seat,) = await moving.seats_of(database, case_id, SeatState.SUBMITTED)
    barred = bodies.DeclareConflict(str(seat.id), moving.tied())
    await moving.send(database, case_id, "declare_conflict", actor=who.assessor, role=Role.ASSESSOR, body=barred)
    assert (await moving.case_of(database, case_id)).stage is Stage.IN_ASSESSMENT
    (offered,) = await moving.seats_of(database, case_id, SeatState.OFFERED)
    await moving.accept(database, offered)
    await moving.write(database, case_id, other, first=moving.finding())
    await moving.send(database, case_id, "submit_judgements", actor=other, role=Role.ASSESSOR)
    await moving.decide(database, who, case_id)
    return case_id, other.id


async def test_what_a_person_in_conflict_found_is_not_attested(database: Database) -> None:
    who = await moving.people(database)
    case_id, other = await judged_by_another(database, who)
    async with database.reading() as session:
        decision = (await session.exec(select(Decision).where(Decision.case_id == case_id))).one()
        (granted,) = await credentials.granted_by(session, decision)
        assert [row.assessor_id for row in granted.judgements] == [other]
        assert [one.number for one in await invariants.broken(session, now=NOW)] == []
