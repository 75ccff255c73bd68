"""A case is declared, taken, completed, found eligible, or refused by a person who took no part in it."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select

from services.records import credentials
from services.records.database import Database
from services.records.tables.cases import CaseParty, Claim, Consent, MissingItem
from services.records.tables.decisions import Decision, DecisionClaim, DecisionKind
from services.records.tables.people import Person, PersonRole
from services.records.tables.programmes import ProgrammeVersion
from services.rules import commands as bodies
from services.rules import deadlines
from services.rules.case import Stage, WaitingOn
from services.rules.claims import ClaimState
from services.rules.people import Role
from tests.records import makers, moving
from tests.records.makers import NOW
from tests.records.prepared import prepared

SUBMIT = bodies.Submit("2026-1", ("holder_name",))


async def draft(database: Database, who: moving.People) -> UUID:
    async with database.writing() as session:
        return (await makers.case(session, learner=who.learner, competencies=("first", "second"))).id


async def submit(
    database: Database, who: moving.People, case_id: UUID, body: bodies.Submit = SUBMIT
) -> dict[str, object]:
    return await moving.send(database, case_id, "submit", actor=who.learner, role=Role.LEARNER, body=body)


async def test_a_submitted_case_keeps_its_consents_and_finds_its_advisor(database: Database) -> None:
    who = await moving.people(database)
    case_id = await draft(database, who)
    result = await submit(database, who, case_id)
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.submitted_at, case.advisor_id) == (Stage.SUBMITTED, NOW, who.advisor.id)
    assert result["number"] == case.number
    async with database.reading() as session:
        (consent,) = await session.exec(select(Consent))
        party = await session.get_one(CaseParty, (case_id, who.advisor.id))
    assert (consent.purpose, consent.text_version, consent.person_id) == ("holder_name", "2026-1", who.learner.id)
    assert party.role is Role.ADVISOR
    await moving.tick(database, case_id, "take_case")
    assert (await moving.case_of(database, case_id)).stage is Stage.ELIGIBILITY_REVIEW
    assert ("case_taken", who.advisor.id) in await moving.told(database, case_id)


async def test_the_advisor_with_the_fewest_open_cases_comes_first(database: Database) -> None:
    who = await moving.people(database)
    await moving.standing(database, who, Stage.ELIGIBLE)
    async with database.writing() as session:
        free = await makers.staff(session, Role.ADVISOR)
        other = await makers.person(session)
        case = await makers.case(session, learner=other)
    await moving.send(database, case.id, "submit", actor=other, role=Role.LEARNER, body=SUBMIT)
    assert (await moving.case_of(database, case.id)).advisor_id == free.id


async def test_nobody_advises_their_own_case_and_a_lead_finds_somebody(database: Database) -> None:
    who = await moving.people(database)
    async with database.writing() as session:
        case_id = (await makers.case(session, learner=who.advisor)).id
    await moving.send(database, case_id, "submit", actor=who.advisor, role=Role.LEARNER, body=SUBMIT)
    assert (await moving.case_of(database, case_id)).advisor_id is None

    async def name(person: str) -> None:
        await moving.send(database, case_id, "take_case", actor=who.lead, role=Role.LEAD, body=bodies.TakeCase(person))

    async with moving.nothing_changes(database, "separation_of_duties"):
        await name(str(who.advisor.id))
    async with moving.nothing_changes(database, "not_qualified"):
        await name(str(who.assessor.id))
    async with moving.nothing_changes(database, "not_qualified"):
        await name("nobody")
    async with database.writing() as session:
        barred, free = await makers.staff(session, Role.ADVISOR), await makers.staff(session, Role.ADVISOR)
        await makers.exclude(session, await moving.case_of(database, case_id), barred)
    async with moving.nothing_changes(database, "conflict_of_interest"):
        await name(str(barred.id))
    await name(str(free.id))
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.advisor_id) == (Stage.ELIGIBILITY_REVIEW, free.id)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (bodies.Submit("", ()), "declaration_missing"),
        (bodies.Submit("1999-1", ()), "declaration_missing"),
        (bodies.Submit("2026-1", ("",)), "malformed"),
        (bodies.Submit("2026-1", ("x" * 65,)), "malformed"),
    ],
)
async def test_a_case_is_not_sent_without_its_declaration(database: Database, body: bodies.Submit, code: str) -> None:
    who = await moving.people(database)
    case_id = await draft(database, who)
    async with moving.nothing_changes(database, code):
        await submit(database, who, case_id, body)


async def test_a_retired_programme_takes_no_new_case(database: Database) -> None:
    who = await moving.people(database)
    case_id = await draft(database, who)
    async with database.writing() as session:
        version = (await session.exec(select(ProgrammeVersion))).one()
        version.retired_at = NOW
        session.add(version)
    async with moving.nothing_changes(database, "programme_closed"):
        await submit(database, who, case_id)


async def test_one_open_case_per_learner_and_programme(database: Database) -> None:
    who = await moving.people(database)
    await moving.standing(database, who, Stage.ELIGIBLE)
    case_id = await draft(database, who)
    async with moving.nothing_changes(database, "case_already_open"):
        await submit(database, who, case_id)


async def test_a_settled_case_does_not_stand_in_the_way_and_its_grants_are_named(database: Database) -> None:
    who = await moving.people(database)
    async with database.writing() as session:
        await makers.decided(session, learner=who.learner)
    case_id = await draft(database, who)
    assert (await submit(database, who, case_id))["already_recognised"] == ["first"]


@prepared
async def in_review(database: Database, who: moving.People) -> UUID:
    return await moving.standing(database, who, Stage.ELIGIBILITY_REVIEW)


async def advise(database: Database, who: moving.People, case_id: UUID, kind: str, body: object = None) -> None:
    await moving.send(database, case_id, kind, actor=who.advisor, role=Role.ADVISOR, body=body)


@pytest.mark.parametrize(
    "items", [(), (bodies.MissingItem("Payslip", " "),), (bodies.MissingItem("", "To know where you worked"),)]
)
async def test_whoever_asks_for_more_says_what_and_why(
    database: Database, items: tuple[bodies.MissingItem, ...]
) -> None:
    who = await moving.people(database)
    case_id = await in_review(database, who)
    async with moving.nothing_changes(database, "items_missing"):
        await advise(database, who, case_id, "ask_completion", bodies.AskCompletion(items))


async def test_every_item_is_answered_or_said_to_be_impossible(database: Database) -> None:
    who = await moving.people(database)
    case_id = await in_review(database, who)
    items = (bodies.MissingItem("Payslip", "To know where"), bodies.MissingItem("Diploma", "To know what"))
    await advise(database, who, case_id, "ask_completion", bodies.AskCompletion(items))
    async with database.reading() as session:
        asked = [str(item.id) for item in await session.exec(select(MissingItem).order_by(col(MissingItem.id)))]

    async def complete(*answers: bodies.ItemAnswer) -> None:
        await moving.send(
            database, case_id, "complete", actor=who.learner, role=Role.LEARNER, body=bodies.Complete(answers)
        )

    async with moving.nothing_changes(database, "items_unanswered"):
        await complete(bodies.ItemAnswer(asked[0], "Added"))
    async with moving.nothing_changes(database, "items_unanswered"):
        await complete(bodies.ItemAnswer(asked[0], "Added"), bodies.ItemAnswer(asked[1], " ", cannot_provide=True))
    async with moving.nothing_changes(database, "malformed"):
        await complete(bodies.ItemAnswer("unasked", "Added"))
    await complete(
        bodies.ItemAnswer(asked[0], "Added"), bodies.ItemAnswer(asked[1], "Lost in a fire", cannot_provide=True)
    )
    assert (await moving.case_of(database, case_id)).stage is Stage.ELIGIBILITY_REVIEW
    async with database.reading() as session:
        answers = [item.answer for item in await session.exec(select(MissingItem).order_by(col(MissingItem.id)))]
    assert answers == ["Added", "Lost in a fire"]
    await advise(database, who, case_id, "ask_completion", bodies.AskCompletion(items[:1]))
    async with moving.nothing_changes(database, "malformed"):
        await complete(bodies.ItemAnswer(asked[0], "Answered before"))


REFUSAL = bodies.RefuseEligibility("The work is of another trade.", "Ask about the welding programme.")


async def test_only_a_person_who_took_no_part_refuses_and_the_letter_says_until_when(database: Database) -> None:
    who = await moving.people(database)
    case_id = await in_review(database, who)
    async with moving.nothing_changes(database, "reasons_missing"):
        await advise(database, who, case_id, "propose_refusal", bodies.ProposeRefusal(" "))
    await advise(database, who, case_id, "propose_refusal", bodies.ProposeRefusal("Another trade"))
    case = await moving.case_of(database, case_id)
    assert (case.refusal_proposed, case.waiting_on) == (True, WaitingOn.DECISION_MAKER)
    assert ("decision_needed", who.decider.id) in await moving.told(database, case_id)

    async def refuse(person: Person, body: bodies.RefuseEligibility = REFUSAL) -> None:
        await moving.send(
            database,
            case_id,
            "refuse_eligibility",
            actor=person,
            role=Role.DECISION_MAKER,
            body=body,
        )

    async with moving.nothing_changes(database, "reasons_missing"):
        await refuse(who.decider, bodies.RefuseEligibility("", "Ask again."))
    async with moving.nothing_changes(database, "next_step_missing"):
        await refuse(who.decider, bodies.RefuseEligibility("Another trade.", "\n"))
    async with moving.nothing_changes(database, "separation_of_duties"):
        await refuse(who.advisor)
    async with moving.nothing_changes(database, "separation_of_duties"):
        await refuse(who.learner)
    async with database.writing() as session:
        barred = await makers.staff(session, Role.DECISION_MAKER)
        await makers.exclude(session, await moving.case_of(database, case_id), barred)
    async with moving.nothing_changes(database, "conflict_of_interest"):
        await refuse(barred)
    await refuse(who.decider)
    case = await moving.case_of(database, case_id)
    async with database.reading() as session:
        decision = (await session.exec(select(Decision))).one()
        assert (await session.exec(select(DecisionClaim))).all() == []
        states = set(await session.exec(select(Claim.state)))
    assert (decision.kind, decision.reasons, decision.next_step) == (
        DecisionKind.ELIGIBILITY_REFUSAL,
        REFUSAL.reasons,
        REFUSAL.next_step,
    )
    assert case.stage is Stage.NOT_ELIGIBLE
    assert states == {ClaimState.CLAIMED}
    # Ten days until the letter counts as received, then thirty: 11 April is a Saturday, so the Monday after it.
    assert deadlines.local_day(decision.appeal_until, case.zone).isoformat() == "2026-04-13"
    assert case.appeal_until == decision.appeal_until == case.due_at


async def test_eligibility_takes_a_proposed_refusal_off_the_table(database: Database) -> None:
    who = await moving.people(database)
    case_id = await in_review(database, who)
    await advise(database, who, case_id, "propose_refusal", bodies.ProposeRefusal("Another trade"))
    await advise(database, who, case_id, "accept_eligibility")
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.refusal_proposed) == (Stage.ELIGIBLE, False)


async def test_somebody_whose_role_ended_is_not_asked_to_advise(database: Database) -> None:
    who = await moving.people(database)
    case_id = await draft(database, who)
    async with database.writing() as session:
        (role,) = await session.exec(select(PersonRole).where(col(PersonRole.role) == Role.ADVISOR))
        role.ended_at = NOW - timedelta(days=1)
        session.add(role)
    await submit(database, who, case_id)
    assert (await moving.case_of(database, case_id)).advisor_id is None


@pytest.mark.parametrize("consents", [("credential_name",), ("holder_name", ""), ("Holder_name",)])
async def test_a_consent_to_nothing_that_is_asked_is_refused(database: Database, consents: tuple[str, ...]) -> None:
    who = await moving.people(database)
    case_id = await draft(database, who)
    async with moving.nothing_changes(database, "malformed") as refused:
        await submit(database, who, case_id, bodies.Submit("2026-1", consents))
    assert refused.value.facts == {"field": "consents"}


def test_every_consent_that_is_looked_for_can_be_given() -> None:
    assert credentials.NAME_CONSENT in bodies.PURPOSES
