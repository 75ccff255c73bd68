"""A database with many cases, loaded in bulk: every row as the product would have written it, in simple variety."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import SQLModel

from services.records.database import Database
from services.records.ids import new_id
from services.records.tables.cases import Case
from services.records.tables.people import Person
from services.rules import stages
from services.rules.case import Stage
from services.rules.people import Caller, Membership, Role
from tests.records import makers

BATCH = 2_000
START = datetime(2026, 1, 5, 14, tzinfo=UTC)
OPEN_STAGES = (
    Stage.ELIGIBILITY_REVIEW,
    Stage.ELIGIBLE,
    Stage.PORTFOLIO_SUBMITTED,
    Stage.IN_ASSESSMENT,
    Stage.DECISION_PENDING,
)
OPEN_SHARE = 0.6
CASES_OF_ONE = 100
"""An advisor's caseload, open and closed: it is no larger where there are more cases."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """Who looks at the cases: one of many advisors, and the lead of all."""

    advisor: Caller
    lead: Caller


async def load(database: Database, *, cases: int, seed: int = 1) -> Loaded:
    """Write `cases` cases of one programme, spread over two hundred learners and as many advisors as that takes."""
    chance = random.Random(seed)
    async with database.writing() as session:
        version = await makers.published(session)
        advisors = [(await makers.staff(session, Role.ADVISOR)).id for _ in range(max(cases // CASES_OF_ONE, 1))]
        lead = (await makers.staff(session, Role.LEAD)).id
    learners = [new_id() for _ in range(200)]
    people = (
        {"id": one, "email": f"load.{n}@example.org", "name": f"Sample {n}", "language": "en", "created_at": START}
        for n, one in enumerate(learners)
    )
    await _insert(database, Person, people)
    rows = (_case(n, version.id, advisors, learners, chance) for n in range(cases))
    await _insert(database, Case, rows)
    async with database.engine.execution_options(acquis_writes=True).begin() as connection:
        await connection.exec_driver_sql("ANALYZE")

    def caller(person: UUID, role: Role) -> Caller:
        return Caller(str(person), "en", (Membership(role, makers.INSTITUTION, None),))

    return Loaded(caller(advisors[0], Role.ADVISOR), caller(lead, Role.LEAD))


def _case(
    number: int, version: UUID, advisors: list[UUID], learners: list[UUID], chance: random.Random
) -> dict[str, Any]:
    stage = chance.choice(OPEN_STAGES) if chance.random() < OPEN_SHARE else Stage.CLOSED
    facts = stages.STAGES[stage]
    due = START + timedelta(minutes=chance.randrange(500_000))
    return {
        "id": new_id(),
        "number": f"RPL-2026-{number:07d}",
        "institution_id": makers.INSTITUTION,
        "programme": makers.programme().slug,
        "programme_version_id": version,
        "learner_id": chance.choice(learners),
        "advisor_id": chance.choice(advisors),
        "language": "en",
        "purpose": "upskill",
        "zone": "America/Toronto",
        "stage": stage,
        "version": 3,
        "waiting_on": facts.waiting_on,
        "clock": facts.clock,
        "due_at": None if stage is Stage.CLOSED else due,
        "created_at": START,
        "active_at": START,
    }


async def _insert(database: Database, table: type[SQLModel], rows: Iterator[dict[str, Any]]) -> None:
    defaults = {
        name: field.get_default(call_default_factory=True)
        for name, field in table.model_fields.items()
        if not field.is_required()
    }
    while batch := list(islice(rows, BATCH)):
        async with database.writing() as session:
            statement = sa.insert(table)
            await session.exec(statement, params=[defaults | row for row in batch])
