"""A portfolio is sent when every file is ready and every claim is shown by something, and stays as it was sent."""

from uuid import UUID

import pytest
from sqlmodel import col, select

from services import locales
from services.records import cases, portfolio
from services.records.database import Database
from services.records.tables.cases import MissingItem
from services.records.tables.evidence import PortfolioVersion
from services.rules import commands as bodies
from services.rules.case import Stage
from services.rules.claims import ClaimState
from services.rules.evidence import EvidenceState
from services.rules.people import Role
from tests.records import makers, moving
from tests.records.makers import NOW
from tests.records.moving import PORTFOLIO


async def send(
    database: Database, who: moving.People, case_id: UUID, body: bodies.SubmitPortfolio = PORTFOLIO
) -> dict[str, object]:
    return await moving.send(database, case_id, "submit_portfolio", actor=who.learner, role=Role.LEARNER, body=body)


async def building(database: Database, who: moving.People, *, state: EvidenceState = EvidenceState.UNSCANNED) -> UUID:
    """A case with a file that speaks to its first claim only."""
    case_id = await moving.standing(database, who, Stage.ELIGIBLE)
    async with database.writing() as session:
        case = await cases.get(session, case_id)
        await makers.evidence(session, case, (await makers.claims(session, case))[0], state=state)
    return case_id


async def test_the_version_that_was_sent_is_frozen_with_its_hash(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.sent_in(database, who)
    assert (await moving.case_of(database, case_id)).stage is Stage.PORTFOLIO_SUBMITTED
    assert {claim.state for claim in (await moving.claims_of(database, case_id)).values()} == {ClaimState.DOCUMENTED}
    async with database.reading() as session:
        version = (await session.exec(select(PortfolioVersion))).one()
    assert (version.number, len(version.manifest["items"])) == (1, 1)
    assert portfolio.verify(version)
    told = await moving.told(database, case_id)
    assert told == [("portfolio_received", who.learner.id), ("portfolio_to_check", who.advisor.id)]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (bodies.SubmitPortfolio(authentic=False, ai_use="None"), "authenticity_missing"),
        (bodies.SubmitPortfolio(authentic=True, ai_use=" "), "ai_use_missing"),
    ],
)
async def test_a_portfolio_is_declared_to_be_the_learners_own(
    database: Database, body: bodies.SubmitPortfolio, code: str
) -> None:
    who = await moving.people(database)
    case_id = await building(database, who)
    async with moving.nothing_changes(database, code):
        await send(database, who, case_id, body)


async def test_every_claim_needs_something_that_speaks_to_it(database: Database) -> None:
    who = await moving.people(database)
    case_id = await building(database, who)
    async with moving.nothing_changes(database, "pointer_missing") as refused:
        await send(database, who, case_id)
    assert refused.value.facts["competency_fr"] == "Deuxième compétence"


async def test_what_was_taken_away_speaks_to_nothing(database: Database) -> None:
    who = await moving.people(database)
    case_id = await building(database, who)
    async with database.writing() as session:
        case = await cases.get(session, case_id)
        second = (await makers.claims(session, case))[1]
        await makers.evidence(session, case, second, state=EvidenceState.REMOVED, removed_at=NOW, sha256="0" * 64)
    async with moving.nothing_changes(database, "pointer_missing"):
        await send(database, who, case_id)


@pytest.mark.parametrize("state", [EvidenceState.RECEIVING, EvidenceState.REJECTED])
async def test_a_file_that_is_not_ready_holds_the_portfolio_back(database: Database, state: EvidenceState) -> None:
    who = await moving.people(database)
    case_id = await building(database, who, state=state)
    async with moving.nothing_changes(database, "evidence_unready"):
        await send(database, who, case_id)


@pytest.mark.parametrize("answers", [{}, {"work": " "}])
async def test_a_question_that_must_be_answered_is_named(database: Database, answers: dict[str, str]) -> None:
    who = await moving.people(database)
    case_id = await building(database, who)
    async with database.writing() as session:
        (await cases.get(session, case_id)).answers = answers
    async with moving.nothing_changes(database, "answers_required") as refused:
        await send(database, who, case_id)
    assert refused.value.facts == {"question": "work", "question_en": "Your work", "question_fr": "Votre travail"}
    assert locales.sentence("answers_required", "fr", **refused.value.facts).endswith("Votre travail")


@pytest.mark.parametrize("added", [True, False])
async def test_what_is_added_to_a_portfolio_that_was_sent_back_is_in_a_version(
    database: Database, *, added: bool
) -> None:
    who = await moving.people(database)
    case_id = await moving.sent_in(database, who)
    missing = bodies.AskCompletion((bodies.MissingItem("A second page", "The first one ends in mid-sentence."),))
    await moving.send(database, case_id, "ask_completion", actor=who.advisor, role=Role.ADVISOR, body=missing)
    async with database.writing() as session:
        case = await cases.get(session, case_id)
        (item,) = await session.exec(select(MissingItem))
        if added:
            await makers.evidence(session, case, (await makers.claims(session, case))[0], sha256="1" * 64)
    answers = bodies.Complete((bodies.ItemAnswer(str(item.id), "Added."),))
    await moving.send(database, case_id, "complete", actor=who.learner, role=Role.LEARNER, body=answers)
    async with database.reading() as session:
        versions = await session.exec(select(PortfolioVersion.number).order_by(col(PortfolioVersion.number)))
        assert list(versions) == ([1, 2] if added else [1])
