"""How the tests of the moves send commands: accepted into the inbox first, applied by a second transaction."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import applying, cases, commands, judgements
from services.records.database import Database
from services.records.ids import new_id
from services.records.tables.assessment import Assignment
from services.records.tables.cases import Case, Claim
from services.records.tables.commands import DeadlineRow, DeadlineState, EffectRow
from services.records.tables.decisions import Decision
from services.records.tables.everything import METADATA
from services.records.tables.people import Person
from services.rules import commands as bodies
from services.rules.case import SeatState, Stage, own
from services.rules.claims import (
    ClaimState,
    Confidence,
    CriterionRating,
    Identification,
    Judgement,
    LearningSetting,
    Rating,
    Recommendation,
    Rule,
    RuleVerdict,
    Supervision,
    Verdict,
)
from services.rules.conflicts import ConflictTie
from services.rules.people import Role
from services.rules.programmes import Method, Programme
from services.rules.refusals import Refused
from tests.records import makers
from tests.records.makers import NOW
from tests.records.prepared import prepared

CLEAR = bodies.Screen({tie.value: False for tie in ConflictTie}, signed=True)


def tied(tie: ConflictTie = ConflictTie.TAUGHT_OR_GUIDED, *, signed: bool = True) -> bodies.Screen:
    """A screen with one yes."""
    return bodies.Screen({one.value: one is tie for one in ConflictTie}, signed=signed)


@dataclass(frozen=True, slots=True)
class People:
    """Everybody whom a case of the sample programme needs."""

    learner: Person
    advisor: Person
    assessor: Person
    decider: Person
    lead: Person


@prepared
async def people(database: Database) -> People:
    async with database.writing() as session:
        return People(
            learner=await makers.person(session, name="Sample Learner"),
            advisor=await makers.staff(session, Role.ADVISOR),
            assessor=await makers.staff(session, Role.ASSESSOR),
            decider=await makers.staff(session, Role.DECISION_MAKER),
            lead=await makers.staff(session, Role.LEAD),
        )


async def standing(
    database: Database,
    who: People,
    stage: Stage,
    *,
    claims_are: ClaimState = ClaimState.CLAIMED,
    competencies: tuple[str, ...] = ("first", "second"),
    sample: Programme | None = None,
    **fields: object,
) -> UUID:
    """A case of `who` that stands in `stage`, of the programme `sample`, and its id."""
    async with database.writing() as session:
        case = await makers.case(
            session,
            stage=stage,
            learner=who.learner,
            advisor=who.advisor,
            competencies=competencies,
            claims_are=claims_are,
            sample=sample,
            **fields,
        )
        return case.id


def unsaid(kind: str) -> object:
    """The body of a command in which nothing is said."""
    return bodies.BODIES[kind]() if kind in bodies.WORDLESS else bodies.Nothing()


async def send(
    database: Database,
    case_id: UUID,
    kind: str,
    *,
    actor: Person,
    role: Role,
    body: object = None,
    now: datetime = NOW,
) -> dict[str, Any]:
    """Send a command as a person does, and answer its result. Raises `Refused`."""
    async with database.writing() as session:
        case = await cases.get(session, case_id)
        sent = unsaid(kind) if body is None else body
        asked = commands.Asked(new_id(), case_id, kind, actor.id, (role,), case.version, sent)
        row = await commands.accept(session, asked, now=now)
        message, version = commands.message(row), case.version
    async with database.writing() as session:
        applied = await applying.apply(session, message, version=version, now=now)
    result: dict[str, Any] = json.loads(applied.result)
    return result


async def tick(
    database: Database, case_id: UUID, kind: str, subject: str = "", *, now: datetime = NOW
) -> dict[str, Any]:
    """Let the case's own clock speak, and answer the result."""
    async with database.writing() as session:
        state = await cases.state(session, await cases.get(session, case_id))
        command = own(state, kind, subject, when=now.isoformat())
        applied = await applying.apply(session, command, version=state.version, now=now)
    result: dict[str, Any] = json.loads(applied.result)
    return result


async def rung(database: Database, case_id: UUID, name: str) -> DeadlineRow:
    """The open rung whose key ends with `name` (`offer…/lapse` by its last part, or `limit/rung`)."""
    async with database.reading() as session:
        rows = await session.exec(
            select(DeadlineRow).where(col(DeadlineRow.case_id) == case_id, col(DeadlineRow.state) == DeadlineState.OPEN)
        )
        (found,) = [row for row in rows if row.key.endswith(name)]
        return found


async def strike(database: Database, case_id: UUID, name: str) -> dict[str, Any]:
    """Let the time of one rung come, and answer the result."""
    due = await rung(database, case_id, name)
    return await tick(database, case_id, "deadline_reached", due.key, now=due.at)


async def case_of(database: Database, case_id: UUID) -> Case:
    async with database.reading() as session:
        return await cases.get(session, case_id)


async def claims_of(database: Database, case_id: UUID) -> dict[str, Claim]:
    """The newest attempt at each competency."""
    async with database.reading() as session:
        rows = await session.exec(select(Claim).where(col(Claim.case_id) == case_id).order_by(col(Claim.attempt)))
        return {claim.competency: claim for claim in rows}


async def seats_of(database: Database, case_id: UUID, *states: SeatState) -> list[Assignment]:
    """Every seat of the case (in one of `states`), oldest first."""
    async with database.reading() as session:
        rows = await session.exec(
            select(Assignment).where(col(Assignment.case_id) == case_id).order_by(col(Assignment.id))
        )
        return [seat for seat in rows if not states or seat.state in states]


async def told(database: Database, case_id: UUID) -> list[tuple[str, UUID]]:
    """Every mail that was queued: which, and to whom."""
    async with database.reading() as session:
        rows = await session.exec(
            select(EffectRow.notice, EffectRow.recipient)
            .where(col(EffectRow.case_id) == case_id, col(EffectRow.notice).is_not(None))
            .order_by(col(EffectRow.seq), col(EffectRow.key))
        )
        return [(str(notice), person) for notice, person in rows if person is not None]


async def everything(database: Database) -> dict[str, list[str]]:
    """Every row of every table."""
    async with database.engine.connect() as connection:
        return {
            table.name: sorted(map(repr, (await connection.execute(sa.select(table))).all()))
            for table in METADATA.sorted_tables
        }


async def imprint(database: Database) -> list[tuple[str, str]]:
    """Every row of every table as its engine writes it, asked for at once."""
    sqlite = database.engine.dialect.name == "sqlite"
    asked = []
    for table in METADATA.sorted_tables:
        row = " || ' ' || ".join(f'quote("{column.name}")' for column in table.columns) if sqlite else "shown::text"
        asked.append(f"SELECT '{table.name}', {row} FROM \"{table.name}\" AS shown")  # noqa: S608 - names of our own
    async with database.engine.connect() as connection:
        rows: Any = await connection.exec_driver_sql(" UNION ALL ".join(asked))
        return sorted((name, row) for name, row in rows)


@asynccontextmanager
async def nothing_changes(database: Database, code: str) -> AsyncIterator[pytest.ExceptionInfo[Refused]]:
    """What is done inside is refused with `code` and leaves every table as it was."""
    before = await imprint(database)
    with pytest.raises(Refused) as refused:
        yield refused
    assert refused.value.code == code
    assert await imprint(database) == before


@asynccontextmanager
async def writing(database: Database) -> AsyncIterator[AsyncSession]:
    """A transaction in which a test arranges what it needs."""
    async with database.writing() as session:
        yield session


# how far a case has come, by the moves that lead there

PORTFOLIO = bodies.SubmitPortfolio(authentic=True, ai_use="None")


@prepared
async def sent_in(database: Database, who: People, competencies: tuple[str, ...] = ("first", "second")) -> UUID:
    """A case whose portfolio was sent: one file that speaks to every claim."""
    case_id = await standing(database, who, Stage.ELIGIBLE, competencies=competencies)
    async with database.writing() as session:
        case = await cases.get(session, case_id)
        await makers.evidence(session, case, *await makers.claims(session, case))
    await send(database, case_id, "submit_portfolio", actor=who.learner, role=Role.LEARNER, body=PORTFOLIO)
    return case_id


@prepared
async def assigning(database: Database, who: People, competencies: tuple[str, ...] = ("first", "second")) -> UUID:
    """A case whose seats are on offer."""
    case_id = await sent_in(database, who, competencies)
    await send(database, case_id, "accept_portfolio", actor=who.advisor, role=Role.ADVISOR)
    return case_id


async def accept(database: Database, seat: Assignment, *, now: datetime = NOW) -> None:
    """The person asked takes the seat, with a clear screen."""
    async with database.reading() as session:
        person = await session.get_one(Person, seat.person_id)
    body = bodies.AcceptOffer(str(seat.id), CLEAR)
    await send(database, seat.case_id, "accept_offer", actor=person, role=Role.ASSESSOR, body=body, now=now)


@prepared
async def assessing(database: Database, who: People, competencies: tuple[str, ...] = ("first", "second")) -> UUID:
    """A case in assessment: everybody who was asked has accepted."""
    case_id = await assigning(database, who, competencies)
    for seat in await seats_of(database, case_id, SeatState.OFFERED):
        await accept(database, seat)
    await tick(database, case_id, "start_assessment")
    return case_id


def finding(recommendation: Recommendation = Recommendation.MET, *, note: str = "x" * 80) -> Judgement:
    """What an assessor writes on a claim of the sample programme; one criterion is partly met unless all is met."""
    met = recommendation is Recommendation.MET
    rated = {"a": Rating.MET, "b": Rating.MET if met else Rating.PARTLY_MET, "c": Rating.MET}
    return Judgement(
        ratings=tuple(CriterionRating(key, rating, note) for key, rating in rated.items()),
        rules=tuple(RuleVerdict(rule, Verdict.OK) for rule in Rule),
        methods=(Method.PORTFOLIO,),
        rationale=note,
        recommendation=recommendation,
        confidence=Confidence.HIGH,
        supervision=Supervision.NONE,
        identification=Identification.NONE,
        learning_setting=LearningSetting.INFORMAL,
        private_note="Only mine to read",
    )


async def write(database: Database, case_id: UUID, assessor: Person, **found: Judgement) -> None:
    """Save a first draft per competency."""
    held = await claims_of(database, case_id)
    for competency, content in found.items():
        async with database.writing() as session:
            await judgements.save_draft(
                session,
                case_id=case_id,
                claim_id=held[competency].id,
                assessor=assessor.id,
                content=content,
                expected_version=0,
                now=NOW,
            )


@prepared
async def judged(database: Database, who: People, **found: Recommendation) -> UUID:
    """A case that waits for its decision, with these recommendations by competency."""
    case_id = await assessing(database, who, tuple(found))
    await write(database, case_id, who.assessor, **{key: finding(word) for key, word in found.items()})
    await send(database, case_id, "submit_judgements", actor=who.assessor, role=Role.ASSESSOR)
    return case_id


async def decide(database: Database, who: People, case_id: UUID) -> None:
    """The decision maker signs."""
    body = bodies.Decide("Registrar")
    await send(database, case_id, "decide", actor=who.decider, role=Role.DECISION_MAKER, body=body)


async def publish(database: Database, case_id: UUID) -> None:
    """What the effects of a decision leave behind: credentials and a letter; then the clock says that it is done."""
    async with database.writing() as session:
        decision = (
            await session.exec(
                select(Decision)
                .where(col(Decision.case_id) == case_id)
                .order_by(col(Decision.case_version).desc())
                .limit(1)
            )
        ).one()
        for claim in await makers.claims(session, await cases.get(session, case_id)):
            if claim.state is ClaimState.GRANTED:
                await makers.credential(session, await makers.intent(session, decision, claim))
        await makers.letter(session, decision)
        key = f"{case_id}:{decision.case_version}:publish_decision"
    await tick(database, case_id, "effect_done", key)
