"""A learner takes one claim back, and the case goes on with the others."""

from uuid import UUID

import pytest

from services.records import drafts
from services.records.database import Database
from services.rules import commands as bodies
from services.rules.case import SeatState, Stage
from services.rules.claims import ClaimState
from services.rules.people import Role
from services.rules.refusals import Refused
from tests.records import makers, moving
from tests.records.makers import NOW
from tests.records.prepared import prepared


async def take_back(database: Database, who: moving.People, case_id: UUID, competency: str = "first") -> None:
    claim = (await moving.claims_of(database, case_id))[competency]
    body = bodies.WithdrawClaim(str(claim.id), confirmed=True)
    await moving.send(database, case_id, "withdraw_claim", actor=who.learner, role=Role.LEARNER, body=body)


async def states(database: Database, case_id: UUID) -> dict[str, ClaimState]:
    return {key: claim.state for key, claim in (await moving.claims_of(database, case_id)).items()}


async def test_a_claim_taken_back_is_no_longer_asked_of_anybody(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assigning(database, who)
    (seat,) = await moving.seats_of(database, case_id, SeatState.OFFERED)
    await take_back(database, who, case_id)
    assert await states(database, case_id) == {"first": ClaimState.WITHDRAWN, "second": ClaimState.DOCUMENTED}
    (after,) = await moving.seats_of(database, case_id)
    assert (after.id, after.state) == (seat.id, SeatState.OFFERED)
    told = await moving.told(database, case_id)
    assert {("claim_withdrawn", who.learner.id), ("claim_withdrawn_staff", who.advisor.id)} <= set(told)
    assert ("seat_smaller", who.assessor.id) in told
    await moving.accept(database, after)
    await moving.tick(database, case_id, "start_assessment")
    assert await states(database, case_id) == {"first": ClaimState.WITHDRAWN, "second": ClaimState.IN_ASSESSMENT}


@prepared
async def two_seats(database: Database) -> tuple[moving.People, UUID]:
    """A case in assessment by two people: `first` is sent in, `second` is not."""
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.IN_ASSESSMENT, claims_are=ClaimState.IN_ASSESSMENT)
    async with database.writing() as session:
        case = await session.merge(await moving.case_of(database, case_id))
        first, second = await makers.claims(session, case)
        other = await makers.staff(session, Role.ASSESSOR)
        await makers.evidence(session, case, first, second)
        await makers.seat(session, case, who.assessor, claimed=[first])
        await makers.seat(session, case, other, claimed=[second])
    await moving.write(database, case_id, who.assessor, first=moving.finding())
    await moving.send(database, case_id, "submit_judgements", actor=who.assessor, role=Role.ASSESSOR)
    return who, case_id


async def test_without_the_claim_that_was_waited_for_the_case_is_decided(database: Database) -> None:
    who, case_id = await two_seats(database)
    await take_back(database, who, case_id, "second")
    assert (await moving.case_of(database, case_id)).stage is Stage.DECISION_PENDING
    assert {seat.state for seat in await moving.seats_of(database, case_id)} == {
        SeatState.SUBMITTED,
        SeatState.CANCELLED,
    }
    assert ("decision_needed", who.decider.id) in await moving.told(database, case_id)


async def test_what_was_sent_in_on_a_claim_taken_back_is_kept_and_decides_nothing(database: Database) -> None:
    who, case_id = await two_seats(database)
    await take_back(database, who, case_id, "first")
    assert (await moving.case_of(database, case_id)).stage is Stage.IN_ASSESSMENT
    assert await states(database, case_id) == {"first": ClaimState.WITHDRAWN, "second": ClaimState.IN_ASSESSMENT}


async def test_a_request_that_asked_for_nothing_else_is_over(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assessing(database, who)
    held = await moving.claims_of(database, case_id)
    target = bodies.Target(str(held["first"].id), "a", "valid", "A second occasion", "A photo")
    asked = bodies.RequestEvidence((target,))
    await moving.send(database, case_id, "request_evidence", actor=who.assessor, role=Role.ASSESSOR, body=asked)
    await take_back(database, who, case_id)
    assert (await moving.case_of(database, case_id)).stage is Stage.IN_ASSESSMENT


async def test_a_request_that_asks_for_more_is_still_waited_for(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assessing(database, who)
    held = await moving.claims_of(database, case_id)
    targets = tuple(bodies.Target(str(claim.id), "a", "valid", "More", "A photo") for claim in held.values())
    asked = bodies.RequestEvidence(targets)
    await moving.send(database, case_id, "request_evidence", actor=who.assessor, role=Role.ASSESSOR, body=asked)
    await take_back(database, who, case_id)
    assert (await moving.case_of(database, case_id)).stage is Stage.MORE_EVIDENCE


async def test_the_last_claim_is_taken_back_with_the_case(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.ELIGIBLE, competencies=("first",))
    async with moving.nothing_changes(database, "last_claim"):
        await take_back(database, who, case_id)


async def test_a_claim_is_named_and_taking_it_back_confirmed(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.ELIGIBLE)
    held = await moving.claims_of(database, case_id)
    for claim, confirmed, code in (
        ("nothing", True, "claim_unknown"),
        (str(held["first"].id), False, "confirmation_missing"),
    ):
        body = bodies.WithdrawClaim(claim, confirmed=confirmed)
        async with moving.nothing_changes(database, code):
            await moving.send(database, case_id, "withdraw_claim", actor=who.learner, role=Role.LEARNER, body=body)


async def test_a_claim_can_be_made_again_while_the_portfolio_is_with_the_learner(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.ELIGIBLE)
    await take_back(database, who, case_id)
    async with database.writing() as session:
        claim = await drafts.assess_oneself(session, case_id=case_id, competency="first", said=None, now=NOW)
    assert (claim.state, claim.withdrawn_at) == (ClaimState.CLAIMED, None)
    later = await moving.assigning(database, who)
    await take_back(database, who, later)
    with pytest.raises(Refused, match="portfolio_locked"):
        async with database.writing() as session:
            await drafts.assess_oneself(session, case_id=later, competency="first", said=None, now=NOW)


async def test_what_was_taken_back_alone_stays_so_when_the_whole_case_comes_back(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.ELIGIBLE)
    await take_back(database, who, case_id)
    body = bodies.Withdraw(confirmed=True)
    later = NOW.replace(hour=16)
    await moving.send(database, case_id, "withdraw", actor=who.learner, role=Role.LEARNER, body=body, now=later)
    await moving.send(database, case_id, "undo_withdraw", actor=who.learner, role=Role.LEARNER, now=later)
    assert await states(database, case_id) == {"first": ClaimState.WITHDRAWN, "second": ClaimState.CLAIMED}
