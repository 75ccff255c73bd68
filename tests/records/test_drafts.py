"""A draft holds what its learner writes: on what is published, in the form's terms, and only while it is theirs."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from sqlmodel import col, select

from services.records import cases, drafts, programmes
from services.records.database import Database
from services.records.drafts import NamedEmployer, Purpose
from services.records.tables.cases import Case, CaseParty, CaseSpan, Claim
from services.records.tables.evidence import Pointer
from services.rules.case import Stage, WaitingOn
from services.rules.claims import ClaimState, SelfAssessment
from services.rules.people import Role
from services.rules.programmes import FieldKind, FormField, Programme, Text
from services.rules.refusals import Refused
from tests.records import makers
from tests.records.makers import NOW

WORD = Text("Word", "Mot")
FORM = (
    FormField("line", FieldKind.TEXT, WORD, WORD, required=True),
    FormField("story", FieldKind.LONG_TEXT, WORD, WORD, required=False),
    FormField("since", FieldKind.DATE, WORD, WORD, required=False),
    FormField("field", FieldKind.CHOICE, WORD, WORD, required=False, choices=(("wood", WORD), ("metal", WORD))),
)


def asking() -> Programme:
    """A programme whose form has a question of each kind."""
    return replace(makers.programme(), slug="asking-programme", form=FORM)


async def opened(
    database: Database, *, programme: str = "sample-programme", competencies: tuple[str, ...] = ("first",)
) -> Case:
    async with database.writing() as session:
        await makers.published(session)
        await makers.published(session, asking())
        learner = await makers.person(session, name="Sample Learner")
        return await drafts.open_case(
            session,
            learner=learner.id,
            programme=programme,
            language="fr",
            purpose=Purpose.ACCESS,
            competencies=competencies,
            employers=[NamedEmployer(" Sample Works ", until=date(2025, 1, 31))],
            now=NOW,
        )


async def test_a_case_opens_as_a_draft_that_waits_for_its_learner(database: Database) -> None:
    case = await opened(database, competencies=("first", "second", "first"))
    assert (case.stage, case.version, case.waiting_on, case.due_at) == (Stage.DRAFT, 0, WaitingOn.LEARNER, None)
    assert case.zone == makers.programme().policy.calendar.zone
    async with database.reading() as session:
        claims = await cases.claims_of(session, case.id)
        party = await session.get_one(CaseParty, (case.id, case.learner_id))
        spans = (await session.exec(select(CaseSpan).where(col(CaseSpan.case_id) == case.id))).all()
    assert [(claim.competency, claim.competency_key) for claim in claims] == [
        ("first", "sample-programme/first"),
        ("second", "sample-programme/second"),
    ]
    assert party.role is Role.LEARNER
    assert [(span.stage, span.ended_at) for span in spans] == [(Stage.DRAFT, None)]


async def test_a_retired_programme_takes_no_new_case(database: Database) -> None:
    async with database.writing() as session:
        await makers.published(session)
        await programmes.retire(session, "sample-programme", version=1, actor="test", now=NOW)
    with pytest.raises(Refused, match="programme_closed"):
        await opened(database)


@pytest.mark.parametrize(
    ("question", "answer", "taken"),
    [
        ("line", "One line", True),
        ("line", "Two\nlines", False),
        ("line", "x" * 501, False),
        ("story", "Two\nlines", True),
        ("since", "2019-05-01", True),
        ("since", "in May", False),
        ("since", "", True),
        ("field", "wood", True),
        ("field", "glass", False),
    ],
)
async def test_an_answer_has_the_form_that_its_question_asks_for(
    database: Database,
    question: str,
    answer: str,
    taken: bool,  # noqa: FBT001 - a column of the table
) -> None:
    case = await opened(database, programme="asking-programme")
    async with database.writing() as session:
        if not taken:
            with pytest.raises(Refused, match="malformed") as refused:
                await drafts.answer_form(session, case_id=case.id, answers={question: answer}, version=0, now=NOW)
            assert refused.value.facts == {"field": f"answers.{question}"}
            return
        kept = await drafts.answer_form(session, case_id=case.id, answers={question: answer}, version=0, now=NOW)
        assert (kept.answers, kept.answers_version) == ({question: answer}, 1)


async def claim_states(database: Database, case_id: UUID) -> dict[str, ClaimState]:
    async with database.reading() as session:
        return {claim.competency: claim.state for claim in await cases.claims_of(session, case_id)}


async def test_a_dropped_claim_takes_along_what_was_pointed_at_it(database: Database) -> None:
    case = await opened(database, competencies=("first", "second"))
    async with database.writing() as session:
        row = await cases.get(session, case.id)
        await makers.evidence(session, row, *await makers.claims(session, row))
    async with database.writing() as session:
        await drafts.drop_claim(session, case_id=case.id, competency="first", now=NOW)
    async with database.reading() as session:
        pointers = (await session.exec(select(Pointer).where(col(Pointer.case_id) == case.id))).all()
    assert list(await claim_states(database, case.id)) == ["second"]
    assert len(pointers) == 1


@pytest.mark.parametrize("stage", [Stage.ELIGIBLE, Stage.INCOMPLETE])
async def test_after_the_draft_claims_neither_come_nor_go(database: Database, stage: Stage) -> None:
    case = await opened(database)
    async with database.writing() as session:
        (await cases.get(session, case.id)).stage = stage
    async with database.writing() as session:
        claim = await drafts.assess_oneself(
            session, case_id=case.id, competency="first", said=SelfAssessment.NOT_YET, now=NOW
        )
        assert claim.self_assessment is SelfAssessment.NOT_YET
        with pytest.raises(Refused, match="portfolio_locked"):
            await drafts.assess_oneself(session, case_id=case.id, competency="second", said=None, now=NOW)
        with pytest.raises(Refused, match="portfolio_locked"):
            await drafts.drop_claim(session, case_id=case.id, competency="first", now=NOW)


async def test_a_settled_claim_is_not_assessed_by_its_learner_any_more(database: Database) -> None:
    case = await opened(database)
    async with database.writing() as session:
        claim = (await session.exec(select(Claim).where(col(Claim.case_id) == case.id))).one()
        claim.state = ClaimState.NOT_YET
        with pytest.raises(Refused, match="portfolio_locked"):
            await drafts.assess_oneself(session, case_id=case.id, competency="first", said=None, now=NOW)


async def test_employers_do_not_change_once_they_were_shown_to_whoever_is_asked(database: Database) -> None:
    case = await opened(database)
    async with database.writing() as session:
        (await cases.get(session, case.id)).stage = Stage.MORE_EVIDENCE
    async with database.writing() as session:
        with pytest.raises(Refused, match="portfolio_locked"):
            await drafts.name_employers(session, case_id=case.id, employers=[], now=NOW)
