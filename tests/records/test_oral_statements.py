"""What is spoken counts as what is written, once its speaker agreed: a learner's words, a knowledge holder's words."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import col, select

from services.records import attested, cases, evidence, invariants, oral_statements, people, pointers, portfolio
from services.records.blobs import Stored
from services.records.database import Database
from services.records.oral_statements import Heard, Record, Spoken
from services.records.tables.attestations import AttestationStatement
from services.records.tables.audit import AuditLine
from services.records.tables.cases import CaseParty, Consent
from services.rules import commands as bodies
from services.rules.attestations import CallBack, IdentityLevel
from services.rules.case import Stage
from services.rules.evidence import EvidenceKind
from services.rules.people import Role
from tests.records import attesting, makers, moving
from tests.records.makers import NOW
from tests.records.moving import People, nothing_changes


@pytest.fixture
async def who(database: Database) -> People:
    return await moving.people(database)


async def first(database: Database, case_id: UUID) -> UUID:
    return (await moving.claims_of(database, case_id))["first"].id


async def record(database: Database, who: People, case_id: UUID, **changes: Any) -> UUID:  # noqa: ANN401 - any field
    kept = Record(changes.pop("stored", attesting.stored()))
    recorder = changes.pop("recorder", who.advisor.id)
    spoken = replace(Spoken((await first(database, case_id),), "atj", "2026-1"), **changes)
    async with database.writing() as session:
        item = await oral_statements.record(
            session, case_id=case_id, recorder=recorder, spoken=spoken, kept=kept, now=NOW
        )
        return item.id


async def hear(database: Database, who: People, case_id: UUID, **changes: Any) -> UUID:  # noqa: ANN401 - any field
    said = attesting.statement("first", observations=attesting.statement("first").observations[:1])
    heard = replace(Heard(said, (await first(database, case_id),), "fr", "2026-1"), **changes)
    async with database.writing() as session:
        row = await oral_statements.hear(
            session, case_id=case_id, advisor=who.advisor.id, heard=heard, stored=attesting.stored("heard"), now=NOW
        )
        return row.id


async def holds(database: Database) -> set[int]:
    async with database.reading() as session:
        return {one.number for one in await invariants.broken(session, now=NOW)}


async def test_a_learners_words_are_their_own_with_the_consent_on_record(database: Database, who: People) -> None:
    case_id = await moving.standing(database, who, Stage.ELIGIBLE)
    item_id = await record(database, who, case_id)
    async with database.reading() as session:
        shown = await evidence.one(session, case_id=case_id, evidence_id=item_id)
        (pointed,) = await pointers.for_claim(session, await first(database, case_id))
        (consent,) = await session.exec(select(Consent).where(col(Consent.purpose) == "oral_statement"))
        (line,) = await session.exec(select(AuditLine).where(col(AuditLine.action) == "oral_statement_recorded"))
    assert (shown.said.kind, shown.said.language) == (EvidenceKind.ORAL_STATEMENT, "atj")
    assert pointed.learner_authored
    assert (consent.person_id, consent.text_version) == (who.learner.id, "2026-1")
    assert (line.actor, line.details["consent"]) == (str(who.advisor.id), "2026-1")
    assert await holds(database) == set()


async def test_a_mentor_writes_down_what_the_learner_says_and_the_learner_ties_it_to_claims(
    database: Database, who: People
) -> None:
    case_id = await moving.standing(database, who, Stage.ELIGIBLE)
    async with database.writing() as session:
        mentor = await makers.staff(session, Role.MENTOR)
    async with nothing_changes(database, "claim_unknown"):
        await record(database, who, case_id, recorder=mentor.id, claims=())  # who is not the mentor of this case
    named = bodies.NameMentor(str(mentor.id))
    await moving.send(database, case_id, "name_mentor", actor=who.advisor, role=Role.ADVISOR, body=named)
    async with nothing_changes(database, "consent_missing"):
        await record(database, who, case_id, recorder=mentor.id, claims=(), consent="")
    item = await record(database, who, case_id, recorder=mentor.id, claims=())
    async with database.reading() as session:
        (shown,) = await evidence.of_case(session, case_id)
        (line,) = await session.exec(select(AuditLine).where(col(AuditLine.action) == "oral_statement_recorded"))
        assert await pointers.for_claim(session, await first(database, case_id)) == ()
    assert (shown.id, shown.said.kind) == (item, EvidenceKind.ORAL_STATEMENT)
    assert (line.actor, line.details["recorder"]) == (str(mentor.id), "mentor")
    assert ("words_recorded", who.learner.id) in await moving.told(database, case_id)
    async with database.writing() as session:
        claim, place = await first(database, case_id), pointers.Place("a")
        mine = {"case_id": case_id, "evidence_id": item, "claim_id": claim}
        await pointers.point(session, **mine, person=who.learner.id, place=place, now=NOW)
        assert [one.id for one in await pointers.for_claim(session, claim)] == [str(item)]
    async with database.writing() as session:
        (await cases.get(session, case_id)).stage = Stage.IN_ASSESSMENT  # nobody would tie it to a claim by now
    async with nothing_changes(database, "claim_unknown"):
        await record(database, who, case_id, recorder=mentor.id, claims=())


async def test_words_that_come_while_assessors_read_make_a_version(database: Database, who: People) -> None:
    case_id = await moving.assessing(database, who)
    await record(database, who, case_id)
    await hear(database, who, case_id)
    async with database.reading() as session:
        receipt = await portfolio.receipt(session, case_id)
    assert [version.number for version in receipt.versions] == [1, 2, 3]
    assert await holds(database) == set()


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("consent_missing", {"consent": ""}),
        ("quota_exceeded", {"stored": Stored("f" * 64, 10**12)}),
        ("malformed", {"language": "x" * 17}),
        ("claim_unknown", {"claims": ()}),
        ("claim_unknown", {"claims": (uuid4(),)}),
    ],
)
async def test_a_learners_words_are_not_kept_without_what_they_need(
    database: Database, who: People, code: str, changes: dict[str, object]
) -> None:
    case_id = await moving.standing(database, who, Stage.ELIGIBLE)
    async with nothing_changes(database, code):
        await record(database, who, case_id, **changes)


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("consent_missing", {"consent": "2020-1"}),
        ("malformed", {"address": "nobody"}),
        ("claim_unknown", {"claims": ()}),
        ("malformed", {"statement": attesting.statement()}),
        ("statement_incomplete", {"statement": attesting.statement(observations=())}),
    ],
)
async def test_a_holders_words_are_not_kept_without_what_they_need(
    database: Database, who: People, code: str, changes: dict[str, object]
) -> None:
    case_id = await moving.standing(database, who, Stage.ELIGIBLE)
    async with nothing_changes(database, code):
        await hear(database, who, case_id, **changes)


async def test_nothing_is_recorded_once_it_could_not_be_weighed(database: Database, who: People) -> None:
    case_id = await moving.assessing(database, who)
    found = {key: moving.finding() for key in ("first", "second")}
    await moving.write(database, case_id, who.assessor, **found)
    await moving.send(database, case_id, "submit_judgements", actor=who.assessor, role=Role.ASSESSOR)
    for step in (record, hear):
        async with nothing_changes(database, "portfolio_locked"):
            await step(database, who, case_id)
    async with database.writing() as session:
        (await cases.get(session, case_id)).stage = Stage.ELIGIBLE  # something is judged, and still open
    async with nothing_changes(database, "portfolio_locked"):
        await record(database, who, case_id)


async def test_a_knowledge_holder_is_a_third_party_heard_in_person(database: Database, who: People) -> None:
    case_id = await moving.standing(database, who, Stage.ELIGIBLE)
    request_id = await hear(database, who, case_id)
    async with database.reading() as session:
        (one,) = await attested.of_case(session, case_id)
        row = await session.get_one(AttestationStatement, request_id)
        (shown,) = await evidence.of_case(session, case_id)
        parties = await session.exec(select(CaseParty).where(col(CaseParty.role) == Role.THIRD_PARTY))
        assert parties.first() is None
    assert (one.level, one.call, one.doubts) == (IdentityLevel.CALLED_BACK, CallBack.DONE, ())
    assert (row.recorded_by, row.consent_version, row.person_id) == (who.advisor.id, "2026-1", None)
    assert shown.said.kind is EvidenceKind.COMMUNITY_ATTESTATION
    assert await moving.told(database, case_id) == []
    assert await holds(database) == set()


async def test_a_knowledge_holder_who_is_known_takes_part_in_no_other_way(database: Database, who: People) -> None:
    case_id = await moving.standing(database, who, Stage.ELIGIBLE)
    await hear(database, who, case_id, address=" Elder@Example.org ")
    async with database.reading() as session:
        known = await people.by_email(session, "elder@example.org")
        (party,) = await session.exec(select(CaseParty).where(col(CaseParty.role) == Role.THIRD_PARTY))
        assert known is not None
        assert (party.person_id, known.account) == (known.id, False)
    async with nothing_changes(database, "separation_of_duties"):
        await hear(database, who, case_id, address=who.advisor.email)
    assert await holds(database) == set()
