"""What was certified elsewhere is stated, checked by the advisor, settled by whoever decides, and never assessed."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from services.records import cases, transfers
from services.records.database import Database
from services.records.tables.cases import Claim
from services.records.tables.decisions import DecisionClaim
from services.records.tables.evidence import EvidenceItem
from services.records.tables.people import Person
from services.records.tables.transfers import TransferCheck
from services.rules import commands as bodies
from services.rules.case import SeatState, Stage
from services.rules.claims import ClaimState, Recommendation
from services.rules.people import Role
from services.rules.refusals import Refused
from services.rules.transfers import ClaimKind
from tests.records import makers, moving
from tests.records.makers import NOW

AWARDED = date(2024, 6, 14)


async def state(database: Database, case_id: UUID, competency: str = "first", **said: object) -> UUID:
    """The learner states that a college certified the competency, and shows the transcript; answers the file."""
    async with database.writing() as session:
        item = await makers.evidence(session, await cases.get(session, case_id), kind="earlier_credential")
        given = {"issuer": "Another college", "title": "Certificate 4", "awarded_on": AWARDED, "evidence": item.id}
        await transfers.state(session, case_id=case_id, competency=competency, now=NOW, **(given | said))  # type: ignore[arg-type]  # one word of one test differs
        return item.id


def checked(
    claim: Claim, *, equivalent: bool = True, reasons: str = "The transcript was seen."
) -> bodies.CheckTransfer:
    return bodies.CheckTransfer(
        str(claim.id), issuer_holds=True, date_holds=True, equivalent=equivalent, basis="document", reasons=reasons
    )


async def check(database: Database, case_id: UUID, actor: Person, body: bodies.CheckTransfer) -> None:
    await moving.send(database, case_id, "check_transfer", actor=actor, role=Role.ADVISOR, body=body)


async def sent(database: Database, who: moving.People, *assessed: str) -> UUID:
    """A portfolio that was sent: `first` by transfer, what is named besides to be assessed."""
    case_id = await moving.standing(database, who, Stage.ELIGIBLE, competencies=("first", *assessed))
    await state(database, case_id)
    async with database.writing() as session:
        case = await cases.get(session, case_id)
        to_assess = [claim for claim in await makers.claims(session, case) if claim.competency != "first"]
        await makers.evidence(session, case, *to_assess)
    await moving.send(
        database, case_id, "submit_portfolio", actor=who.learner, role=Role.LEARNER, body=moving.PORTFOLIO
    )
    return case_id


async def accept(database: Database, who: moving.People, case_id: UUID) -> None:
    await moving.send(database, case_id, "accept_portfolio", actor=who.advisor, role=Role.ADVISOR)


async def test_a_case_of_transfers_alone_goes_from_the_advisor_to_the_decision(database: Database) -> None:
    who = await moving.people(database)
    case_id = await sent(database, who)
    claim = (await moving.claims_of(database, case_id))["first"]
    await check(database, case_id, who.advisor, checked(claim))
    await accept(database, who, case_id)
    assert (await moving.case_of(database, case_id)).stage is Stage.DECISION_PENDING
    assert await moving.seats_of(database, case_id) == []
    assert ("decision_needed", who.decider.id) in await moving.told(database, case_id)
    await moving.decide(database, who, case_id)
    claim = (await moving.claims_of(database, case_id))["first"]
    assert (claim.state, claim.grant_active) == (ClaimState.GRANTED_BY_TRANSFER, True)
    async with database.reading() as session:
        (settled,) = await session.exec(select(DecisionClaim))
        (found,) = await session.exec(select(TransferCheck))
    assert (settled.outcome, settled.judgement_id, settled.check_id) == (claim.state, None, found.id)
    assert (await moving.case_of(database, case_id)).outcome == "granted_full"


async def test_a_transfer_beside_other_claims_is_offered_to_nobody(database: Database) -> None:
    who = await moving.people(database)
    case_id = await sent(database, who, "second")
    held = await moving.claims_of(database, case_id)
    await check(database, case_id, who.advisor, checked(held["first"], equivalent=False, reasons="Half the hours."))
    await accept(database, who, case_id)
    (seat,) = await moving.seats_of(database, case_id, SeatState.OFFERED)
    await moving.accept(database, seat)
    await moving.tick(database, case_id, "start_assessment")
    held = await moving.claims_of(database, case_id)
    assert {key: claim.state for key, claim in held.items()} == {
        "first": ClaimState.DOCUMENTED,
        "second": ClaimState.IN_ASSESSMENT,
    }
    await moving.write(database, case_id, who.assessor, second=moving.finding())
    await moving.send(database, case_id, "submit_judgements", actor=who.assessor, role=Role.ASSESSOR)
    assert (await moving.case_of(database, case_id)).stage is Stage.DECISION_PENDING
    await moving.decide(database, who, case_id)
    held = await moving.claims_of(database, case_id)
    assert {key: claim.state for key, claim in held.items()} == {
        "first": ClaimState.NOT_YET,
        "second": ClaimState.GRANTED,
    }


async def test_nothing_goes_on_while_a_transfer_is_unchecked(database: Database) -> None:
    who = await moving.people(database)
    case_id = await sent(database, who)
    async with moving.nothing_changes(database, "transfer_unchecked") as refused:
        await accept(database, who, case_id)
    assert refused.value.facts["competency"] == "first"


async def test_what_is_stated_anew_is_checked_anew(database: Database) -> None:
    who = await moving.people(database)
    case_id = await sent(database, who)
    claim = (await moving.claims_of(database, case_id))["first"]
    await check(database, case_id, who.advisor, checked(claim))
    asked = bodies.AskCompletion((bodies.MissingItem("A newer transcript", "The old one is hard to read."),))
    await moving.send(database, case_id, "ask_completion", actor=who.advisor, role=Role.ADVISOR, body=asked)
    async with database.writing() as session:
        item = (await session.exec(select(EvidenceItem))).first()
        assert item
        await transfers.state(
            session,
            case_id=case_id,
            competency="first",
            issuer="Another college",
            title="Certificate 4, second copy",
            awarded_on=AWARDED,
            evidence=item.id,
            now=NOW + timedelta(minutes=1),
        )
    async with database.reading() as session:
        assert await transfers.checks(session, case_id) == {}


async def test_a_check_is_made_of_a_stated_transfer_with_reasons_and_by_a_known_basis(database: Database) -> None:
    who = await moving.people(database)
    case_id = await sent(database, who, "second")
    held = await moving.claims_of(database, case_id)
    for body, code in (
        (checked(held["second"]), "claim_unknown"),
        (checked(held["first"], reasons=" "), "reasons_missing"),
        (replace(checked(held["first"]), basis="hearsay"), "malformed"),
    ):
        async with moving.nothing_changes(database, code):
            await check(database, case_id, who.advisor, body)
    async with moving.nothing_changes(database, "separation_of_duties"):
        await check(database, case_id, who.learner, checked(held["first"]))


async def test_whoever_sends_a_portfolio_has_shown_what_certifies_each_transfer(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.ELIGIBLE, competencies=("first",))
    item = await state(database, case_id)
    async with database.writing() as session:
        (await session.get_one(EvidenceItem, item)).removed_at = NOW
    async with moving.nothing_changes(database, "transfer_incomplete"):
        await moving.send(
            database, case_id, "submit_portfolio", actor=who.learner, role=Role.LEARNER, body=moving.PORTFOLIO
        )


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"competency": "third"}, "claim_unknown"),
        ({"issuer": " "}, "malformed"),
        ({"title": "x" * 201}, "malformed"),
        ({"awarded_on": NOW.date() + timedelta(days=1)}, "malformed"),
        ({"awarded_on": date(1, 1, 1)}, "malformed"),
        ({"evidence": UUID(int=1)}, "evidence_unknown"),
    ],
)
async def test_a_statement_names_an_issuer_a_title_a_past_day_and_a_file(
    database: Database, said: dict[str, object], code: str
) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.ELIGIBLE, competencies=("first",))
    with pytest.raises(Refused) as refused:
        await state(database, case_id, **({"competency": "first"} | said))  # type: ignore[arg-type]  # as above
    assert refused.value.code == code
    assert (await moving.claims_of(database, case_id))["first"].kind is ClaimKind.ASSESS


async def test_a_claim_becomes_a_transfer_only_while_the_learner_builds_the_portfolio(database: Database) -> None:
    who = await moving.people(database)
    for stage, claims in ((Stage.MORE_EVIDENCE, ClaimState.IN_ASSESSMENT), (Stage.ELIGIBLE, ClaimState.NOT_YET)):
        case_id = await moving.standing(database, who, stage, competencies=("first",), claims_are=claims)
        with pytest.raises(Refused, match="portfolio_locked"):
            await state(database, case_id)
    case_id = await moving.standing(database, who, Stage.INCOMPLETE, competencies=("first",))
    with pytest.raises(Refused, match="portfolio_locked"):
        async with database.writing() as session:
            await transfers.take_back(session, case_id=case_id, competency="first", now=NOW)


async def test_a_learner_may_ask_for_an_assessment_after_all(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.ELIGIBLE, competencies=("first",))
    await state(database, case_id)
    async with database.writing() as session:
        await transfers.take_back(session, case_id=case_id, competency="first", now=NOW)
    assert (await moving.claims_of(database, case_id))["first"].kind is ClaimKind.ASSESS
    async with database.reading() as session:
        assert await transfers.statements(session, case_id) == {}


async def test_a_programme_may_recognise_nothing_by_transfer(database: Database) -> None:
    sample = makers.with_policy(transfer_no_reassessment=False)
    who = await moving.people(database)
    async with database.writing() as session:
        case = await makers.case(session, stage=Stage.ELIGIBLE, learner=who.learner, sample=sample)
    with pytest.raises(Refused, match="transfer_not_offered"):
        await state(database, case.id)


async def test_two_transfers_of_one_competency_grant_it_once(database: Database) -> None:
    who = await moving.people(database)
    case_id = await sent(database, who)
    claim = (await moving.claims_of(database, case_id))["first"]
    await check(database, case_id, who.advisor, checked(claim))
    await accept(database, who, case_id)
    async with database.writing() as session:
        await makers.decided(session, learner=who.learner)
    async with moving.nothing_changes(database, "double_credit"):
        await moving.decide(database, who, case_id)


async def test_a_new_attempt_keeps_what_was_stated_and_is_checked_anew(database: Database) -> None:
    who = await moving.people(database)
    case_id = await sent(database, who, "second")
    held = await moving.claims_of(database, case_id)
    await check(database, case_id, who.advisor, checked(held["first"], equivalent=False))
    await accept(database, who, case_id)
    (seat,) = await moving.seats_of(database, case_id, SeatState.OFFERED)
    await moving.accept(database, seat)
    await moving.tick(database, case_id, "start_assessment")
    await moving.write(database, case_id, who.assessor, second=moving.finding(Recommendation.MET))
    await moving.send(database, case_id, "submit_judgements", actor=who.assessor, role=Role.ASSESSOR)
    await moving.decide(database, who, case_id)
    await moving.publish(database, case_id)
    await moving.strike(database, case_id, "appeal_window/end")
    await moving.send(
        database, case_id, "reopen", actor=who.advisor, role=Role.ADVISOR, body=bodies.Reopen("A new transcript.")
    )
    again = (await moving.claims_of(database, case_id))["first"]
    assert (again.attempt, again.kind, again.state) == (2, ClaimKind.TRANSFER, ClaimState.CLAIMED)
    async with database.reading() as session:
        assert again.id in await transfers.statements(session, case_id)
        assert again.id not in await transfers.checks(session, case_id)


async def test_a_check_is_never_changed(database: Database) -> None:
    who = await moving.people(database)
    case_id = await sent(database, who)
    claim = (await moving.claims_of(database, case_id))["first"]
    await check(database, case_id, who.advisor, checked(claim))
    with pytest.raises(sa.exc.IntegrityError):
        async with database.writing() as session:
            await session.exec(sa.update(TransferCheck).values(equivalent=False).where(col(TransferCheck.equivalent)))
