"""A life from "not yet" over a plan to a grant, through real servers: two letters, a credential each, nothing twice."""

from datetime import date

from services.records import cases, transfers
from services.rules import commands as bodies
from services.rules.case import Stage
from services.rules.claims import ClaimState, Recommendation
from services.rules.people import Role
from tests.records import makers, moving
from tests.workflows import lives
from tests.workflows.house import House
from tests.workflows.test_whole_case import issued, letters_of, sound


async def test_what_was_not_yet_shown_is_planned_shown_and_granted(house: House) -> None:
    who = await moving.people(house.database)
    case_id = await lives.drafted(house.database, who)
    await lives.to_decided(house, who, case_id, second=Recommendation.PARTIAL)
    assert len(await letters_of(house, "partial")) == 2
    await lives.planned(house, who, case_id)
    await lives.judged(house, who, case_id)
    await lives.step(house, case_id, "decide", actor=who.decider, role=Role.DECISION_MAKER, body=lives.DECIDE)
    await house.until(case_id, Stage.DECIDED)
    await house.quiet(case_id)
    held = await moving.claims_of(house.database, case_id)
    assert {(claim.state, claim.attempt) for claim in held.values()} == {
        (ClaimState.CREDENTIALED, 1),
        (ClaimState.CREDENTIALED, 2),
    }
    assert len(await letters_of(house, "full")) == 2
    assert len(await issued(house)) == 2
    assert (await house.case(case_id)).outcome == "granted_full"
    assert await sound(house)


async def test_a_transfer_has_its_letter_and_its_credential_without_an_assessor(house: House) -> None:
    who = await moving.people(house.database)
    case_id = await lives.drafted(house.database, who, "first")
    await lives.to_eligible(house, who, case_id)
    async with house.database.writing() as session:
        item = await makers.evidence(session, await cases.get(session, case_id), kind="earlier_credential")
        claim = await transfers.state(
            session,
            case_id=case_id,
            competency="first",
            issuer="Another college",
            title="Certificate",
            awarded_on=date(2024, 6, 14),
            evidence=item.id,
            now=makers.NOW,
        )
    await lives.step(house, case_id, "submit_portfolio", actor=who.learner, role=Role.LEARNER, body=lives.SEND)
    found = bodies.CheckTransfer(
        str(claim.id), issuer_holds=True, date_holds=True, equivalent=True, basis="document", reasons="Seen."
    )
    await lives.step(house, case_id, "check_transfer", actor=who.advisor, role=Role.ADVISOR, body=found)
    await lives.step(house, case_id, "accept_portfolio", actor=who.advisor, role=Role.ADVISOR)
    await lives.step(house, case_id, "decide", actor=who.decider, role=Role.DECISION_MAKER, body=lives.DECIDE)
    await house.until(case_id, Stage.DECIDED)
    await house.quiet(case_id)
    assert len(await letters_of(house, "transfer")) == 2
    [credential] = await issued(house)
    assert "Credit transfer" in credential.document
    assert await sound(house)
