"""What people say of themselves is theirs alone: kept under a key that leads nowhere, changed and deleted by them."""

import ast
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlmodel import col, select

from services.records import self_identification
from services.records.database import Database
from services.records.tables.audit import AuditLine
from services.records.tables.everything import METADATA
from services.records.tables.self_identification import SelfIdentification
from services.rules.refusals import Refused
from services.rules.self_identification import KEPT_YEARS, Trait
from tests.records import makers
from tests.records.makers import NOW

ONE, OTHER = uuid4(), uuid4()
SAID = {"gender": "woman", "region": "remote"}
SERVICES = Path(self_identification.__file__).parents[1]


async def said(database: Database, person: UUID, answers: dict[str, str]) -> None:
    async with database.writing() as session:
        await self_identification.keep(session, person, answers, now=NOW)


async def kept(database: Database) -> list[SelfIdentification]:
    async with database.reading() as session:
        return list(await session.exec(select(SelfIdentification)))


async def test_answers_are_kept_changed_and_taken_back_and_the_log_says_only_that(database: Database) -> None:
    async with database.reading() as session:
        assert await self_identification.of_person(session, ONE) is None
    await said(database, ONE, {"gender": "man", "age": "25_34"})
    await said(database, ONE, SAID)
    await said(database, OTHER, {"gender": "man"})
    async with database.reading() as session:
        assert await self_identification.of_person(session, ONE) == SAID
        everybody = await self_identification.of_people(session, [ONE, uuid4()])
    assert everybody == {ONE: {Trait.GENDER: "woman", Trait.REGION: "remote"}}
    for row in await kept(database):
        assert str(ONE) not in row.key
        assert ONE.hex not in row.key
    async with database.writing() as session:
        for _ in range(2):
            await self_identification.take_back(session, ONE, now=NOW)
    await said(database, OTHER, {})
    assert await kept(database) == []
    async with database.reading() as session:
        lines = list(await session.exec(select(AuditLine).where(col(AuditLine.stream) == f"person:{ONE}")))
    assert [line.action for line in lines] == [
        "self_identification_kept",
        "self_identification_kept",
        "self_identification_taken_back",
    ]
    assert all(set(line.details or {}) == {"purpose", "text_version"} for line in lines)


@pytest.mark.parametrize("answers", [{"gender": "none_of_these"}, {"income": "high"}])
async def test_what_is_no_word_is_refused_and_changes_nothing(database: Database, answers: dict[str, str]) -> None:
    await said(database, ONE, SAID)
    with pytest.raises(Refused) as refused:
        await said(database, ONE, SAID | answers)
    assert refused.value.code == "malformed"
    assert [row.answers for row in await kept(database)] == [SAID]


async def test_what_was_not_changed_for_five_years_is_forgotten(database: Database) -> None:
    await said(database, ONE, SAID)
    async with database.writing() as session:
        await self_identification.forget(session, year=NOW.year + KEPT_YEARS)
    assert len(await kept(database)) == 1
    async with database.writing() as session:
        await self_identification.forget(session, year=NOW.year + KEPT_YEARS + 1)
    assert await kept(database) == []


async def test_no_table_leads_to_the_answers_and_one_module_reads_them(database: Database) -> None:
    table = METADATA.tables["self_identifications"]
    assert not table.foreign_keys
    assert not [one for other in METADATA.tables.values() for one in other.foreign_keys if one.column.table is table]
    assert not [one for one in table.columns if isinstance(one.type, type(METADATA.tables["cases"].c.created_at.type))]
    readers = set()
    for module in SERVICES.rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").endswith("tables.self_identification"):
                readers.add(module.relative_to(SERVICES).as_posix())
    assert readers == {"records/self_identification.py"}
    async with database.writing() as session:
        case = await makers.case(session)
    await said(database, case.learner_id, SAID)
    (row,) = await kept(database)
    assert str(case.learner_id) not in str(row.model_dump())
