"""A sent portfolio is a manifest under a hash: nothing of it can change unseen, and the learner holds the receipt."""

import copy
import hashlib
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import evidence, portfolio
from services.records.database import Database
from services.records.ids import new_id
from services.records.tables.cases import Case
from services.records.tables.evidence import EvidenceItem, Pointer, PortfolioVersion
from services.rules.claims import ClaimState, SelfAssessment
from services.rules.people import Role
from services.rules.refusals import Refused
from tests.records import makers as make
from tests.records.makers import NOW


@pytest.fixture
async def case(database: Database) -> Case:
    async with database.writing() as session:
        made = await make.case(session, competencies=(), answers={"work": "J’ai « tout » fait à l’atelier."})
        shown = await make.claim(session, made, "first", self_assessment=SelfAssessment.ALONE)
        await make.claim(session, made, "second", state=ClaimState.WITHDRAWN)
        await make.evidence(session, made, shown, name="Relevé.pdf", title="Ma note")
        return made


async def freeze(session: AsyncSession, of: Case) -> PortfolioVersion:
    sent = await make.command(session, of, "submit_portfolio", actor=of.learner_id, role=Role.LEARNER)
    return await portfolio.freeze(session, case=of, command_id=sent.id, now=NOW)


async def test_a_version_holds_files_pointers_answers_and_open_claims_as_they_were(
    database: Database, case: Case
) -> None:
    async with database.writing() as session:
        version = await freeze(session, case)
        item = (await session.exec(select(EvidenceItem))).one()
        pointer = (await session.exec(select(Pointer))).one()
        claim = (await make.claims(session, case))[0]
    async with database.reading() as session:
        kept = await session.get_one(PortfolioVersion, (case.id, 1))
        assert portfolio.verify(kept)
        assert kept.sha256 == version.sha256
        assert kept.manifest["case"] == str(case.id)
        assert kept.manifest["answers"] == {"work": "J’ai « tout » fait à l’atelier."}
        assert [(one["id"], one["sha256"], one["name"]) for one in kept.manifest["items"]] == [
            (str(item.id), item.sha256, "Relevé.pdf")
        ]
        assert [(one["id"], one["item"], one["claim"]) for one in kept.manifest["pointers"]] == [
            (str(pointer.id), str(item.id), str(claim.id))
        ]
        assert kept.manifest["claims"] == [{"id": str(claim.id), "competency": "first", "self_assessment": "alone"}]


def test_the_hash_is_that_of_canonical_json() -> None:
    written = '{"a":["é",1],"b":null}'
    assert portfolio.digest({"b": None, "a": ["é", 1]}) == hashlib.sha256(written.encode()).hexdigest()


async def test_any_change_of_a_manifest_is_seen(database: Database, case: Case) -> None:
    async with database.writing() as session:
        version = await freeze(session, case)
    for part in ("items", "pointers", "claims"):
        changed = copy.deepcopy(version.manifest)
        changed[part].append(dict(changed[part][0]))
        assert portfolio.verify(version)
        assert not portfolio.verify(version.model_copy(update={"manifest": changed}))


async def test_the_database_itself_keeps_a_sent_version(database: Database, case: Case) -> None:
    async with database.writing() as session:
        await freeze(session, case)
    with pytest.raises(sa.exc.DBAPIError):
        async with database.writing() as session:
            await session.exec(sa.update(PortfolioVersion).values(sha256="0" * 64))


async def test_each_sending_is_the_next_version_and_the_last_one_stays(database: Database, case: Case) -> None:
    async with database.writing() as session:
        first = await freeze(session, case)
        await make.evidence(session, case, sha256="b" * 64)
        second = await freeze(session, case)
        assert (first.number, second.number) == (1, 2)
        assert first.sha256 != second.sha256
        assert len((await portfolio.sent(session, case.id)).items) == 2


async def test_a_removed_file_is_not_sent(database: Database, case: Case) -> None:
    async with database.writing() as session:
        (item,) = await evidence.of_case(session, case.id)
        await evidence.remove(session, case_id=case.id, evidence_id=item.id, person=case.learner_id, now=NOW)
        version = await freeze(session, case)
        assert (version.manifest["items"], version.manifest["pointers"]) == ([], [])


async def test_the_receipt_names_every_file_that_is_held_and_every_version_that_was_sent(
    database: Database, case: Case
) -> None:
    async with database.writing() as session:
        version = await freeze(session, case)
        await make.evidence(session, case, name="later.pdf", sha256="b" * 64, received_at=NOW + timedelta(days=1))
        await make.evidence(session, case, name="removed.pdf", sha256="c" * 64, removed_at=NOW)
    async with database.reading() as session:
        receipt = await portfolio.receipt(session, case.id)
    assert receipt.case_number == case.number
    assert [(one.name, one.sha256[:1], one.size, one.received_at) for one in receipt.files] == [
        ("Relevé.pdf", hashlib.sha256(b"file").hexdigest()[:1], 4, NOW),
        ("later.pdf", "b", 4, NOW + timedelta(days=1)),
    ]
    assert [(one.number, one.sha256, one.frozen_at) for one in receipt.versions] == [(1, version.sha256, NOW)]


async def test_a_case_that_does_not_exist_has_no_receipt(database: Database) -> None:
    async with database.reading() as session:
        with pytest.raises(Refused, match="not_found"):
            await portfolio.receipt(session, new_id())


async def test_pointers_stay_in_the_version_in_which_they_were_sent(database: Database, case: Case) -> None:
    async with database.writing() as session:
        version = await freeze(session, case)
        await session.exec(sa.delete(Pointer).where(col(Pointer.case_id) == case.id))
        assert {one["id"] for one in version.manifest["pointers"]} == (await portfolio.sent(session, case.id)).pointers
