"""A person who took no part decides; what is granted is published with its letter and can be withdrawn."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select

from services.records import applying, cases, commands, people, ties
from services.records.database import Database
from services.records.ids import new_id
from services.records.tables.cases import CaseParty, Claim
from services.records.tables.commands import EffectRow, EffectState
from services.records.tables.credentials import Credential, CredentialState
from services.records.tables.decisions import Decision, DecisionClaim, DecisionKind, Letter, LetterState
from services.records.tables.people import Person
from services.rules import commands as bodies
from services.rules.case import ClosedAs, Command, SeatState, Stage
from services.rules.claims import ClaimState, Recommendation
from services.rules.people import Role, Tie
from services.rules.refusals import Refused
from tests.records import makers, moving
from tests.records.makers import NOW
from tests.records.prepared import prepared

MET, PARTIAL = Recommendation.MET, Recommendation.PARTIAL


async def decide(
    database: Database, case_id: UUID, actor: Person, body: bodies.Decide | None = None
) -> dict[str, object]:
    return await moving.send(
        database, case_id, "decide", actor=actor, role=Role.DECISION_MAKER, body=body or bodies.Decide("Registrar")
    )


async def test_a_decision_confirms_each_recommendation_and_never_grants_in_part(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.judged(database, who, first=MET, second=PARTIAL)
    result = await decide(database, case_id, who.decider)
    case = await moving.case_of(database, case_id)
    held = await moving.claims_of(database, case_id)
    assert {key: claim.state for key, claim in held.items()} == {
        "first": ClaimState.GRANTED,
        "second": ClaimState.NOT_YET,
    }
    assert {key: claim.grant_active for key, claim in held.items()} == {"first": True, "second": False}
    async with database.reading() as session:
        (decision,) = await session.exec(select(Decision))
        settled = list(await session.exec(select(DecisionClaim)))
        effects = await session.exec(
            select(EffectRow.activity).where(col(EffectRow.decision_id).is_not(None)).order_by(col(EffectRow.step))
        )
        assert list(effects) == ["reserve_issuance", "sign_credentials", "render_letter", "publish_decision"]
        assert (await session.get_one(CaseParty, (case_id, who.decider.id))).role is Role.DECISION_MAKER
    assert {row.claim_id: row.outcome for row in settled} == {claim.id: claim.state for claim in held.values()}
    assert all(row.judgement_id for row in settled)
    assert (decision.kind, decision.capacity, decision.portfolio_version) == (DecisionKind.RECOGNITION, "Registrar", 1)
    assert (decision.facts["programme"], decision.facts["programme_version"]) == ("sample-programme", "1")
    assert (case.stage, case.outcome, case.decided_at) == (Stage.ISSUING, "granted_partial", NOW)
    assert case.appeal_until == decision.appeal_until
    assert (result["decision"], result["outcome"]) == (str(decision.id), "granted_partial")
    (seat,) = await moving.seats_of(database, case_id)
    assert seat.state is SeatState.FINAL


@pytest.mark.parametrize(("found", "outcome"), [(MET, "granted_full"), (PARTIAL, "not_granted")])
async def test_the_outcome_says_what_the_case_came_to(database: Database, found: Recommendation, outcome: str) -> None:
    who = await moving.people(database)
    case_id = await moving.judged(database, who, first=found)
    await decide(database, case_id, who.decider)
    assert (await moving.case_of(database, case_id)).outcome == outcome


async def test_nobody_decides_who_had_another_part_in_the_case(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.judged(database, who, first=MET)
    for party in (who.learner, who.advisor, who.assessor):
        async with moving.nothing_changes(database, "separation_of_duties"):
            await decide(database, case_id, party)
    async with database.writing() as session:
        await makers.exclude(session, await cases.get(session, case_id), who.decider)
    async with moving.nothing_changes(database, "conflict_of_interest"):
        await decide(database, case_id, who.decider)


@pytest.mark.parametrize("capacity", ["", " ", "x" * 201])
async def test_a_decision_is_signed_in_some_capacity(database: Database, capacity: str) -> None:
    who = await moving.people(database)
    case_id = await moving.judged(database, who, first=MET)
    async with moving.nothing_changes(database, "malformed"):
        await decide(database, case_id, who.decider, bodies.Decide(capacity))


async def test_no_claim_is_decided_without_a_locked_judgement(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.judged(database, who, first=MET)
    async with database.writing() as session:
        await makers.claim(session, await cases.get(session, case_id), "second", state=ClaimState.RECOMMENDED_MET)
    async with moving.nothing_changes(database, "claims_open") as refused:
        await decide(database, case_id, who.decider)
    assert refused.value.facts["competency"] == "second"


async def test_a_judgement_of_a_seat_that_ended_in_conflict_decides_nothing(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.judged(database, who, first=MET)
    async with database.writing() as session:
        (seat,) = await moving.seats_of(database, case_id)
        seat.state = SeatState.CONFLICT
        session.add(seat)
    async with moving.nothing_changes(database, "claims_open"):
        await decide(database, case_id, who.decider)


async def test_nobody_is_credited_twice_for_one_competency(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.judged(database, who, first=MET, second=MET)
    async with database.writing() as session:
        await makers.decided(session, learner=who.learner)
    async with moving.nothing_changes(database, "double_credit") as refused:
        await decide(database, case_id, who.decider)
    assert refused.value.facts["competency"] == "first"


async def test_of_two_cases_decided_at_the_same_moment_one_grants(database: Database) -> None:
    who = await moving.people(database)
    waiting = []
    for _ in range(2):
        case_id = await moving.judged(database, who, first=MET)
        version = (await moving.case_of(database, case_id)).version
        async with database.writing() as session:
            asked = commands.Asked(
                new_id(), case_id, "decide", who.decider.id, (Role.DECISION_MAKER,), version, bodies.Decide("Registrar")
            )
            waiting.append(commands.message(await commands.accept(session, asked, now=NOW)))

    async def apply(command: Command) -> str:
        try:
            async with database.writing() as session:
                await applying.apply(session, command, version=command.expected_version, now=NOW)
        except Refused as refused:
            return refused.code
        return "applied"

    assert sorted(await asyncio.gather(*map(apply, waiting))) == ["applied", "double_credit"]
    async with database.reading() as session:
        granted = await session.exec(select(Claim).where(col(Claim.grant_active)))
        assert len(list(granted)) == 1


async def test_a_decided_case_has_its_letter_and_its_credentials(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.judged(database, who, first=MET, second=PARTIAL)
    await decide(database, case_id, who.decider)
    case = await moving.case_of(database, case_id)
    held = await moving.tick(database, case_id, "effect_done", f"{case_id}:{case.version}:publish_decision")
    assert held["held"] == "letter_missing"
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.needs_attention) == (Stage.ISSUING, "letter_missing")


async def test_publication_turns_grants_into_credentials_and_the_learner_is_told(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.judged(database, who, first=MET, second=PARTIAL)
    await decide(database, case_id, who.decider)
    await moving.publish(database, case_id)
    states = {key: claim.state for key, claim in (await moving.claims_of(database, case_id)).items()}
    assert states == {"first": ClaimState.CREDENTIALED, "second": ClaimState.NOT_YET}
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.due_at) == (Stage.DECIDED, case.appeal_until)
    assert ("decided", who.learner.id) in await moving.told(database, case_id)


async def test_a_letter_without_the_credentials_is_not_a_publication(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.judged(database, who, first=MET)
    await decide(database, case_id, who.decider)
    async with database.writing() as session:
        await makers.letter(session, (await session.exec(select(Decision))).one())
    case = await moving.case_of(database, case_id)
    held = await moving.tick(database, case_id, "effect_done", f"{case_id}:{case.version}:publish_decision")
    assert held["held"] == "letter_missing"


@prepared
async def decided(database: Database, who: moving.People) -> UUID:
    case_id = await moving.judged(database, who, first=MET, second=PARTIAL)
    await moving.decide(database, who, case_id)
    await moving.publish(database, case_id)
    return case_id


async def test_the_end_of_the_appeal_window_closes_the_case(database: Database) -> None:
    who = await moving.people(database)
    case_id = await decided(database, who)
    await moving.strike(database, case_id, "appeal_window/end")
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.closed_as, case.closed_at) == (Stage.CLOSED, ClosedAs.COMPLETED, case.appeal_until)


async def test_no_case_is_closed_without_its_letter(database: Database) -> None:
    who = await moving.people(database)
    case_id = await decided(database, who)
    async with database.writing() as session:
        letter = (await session.exec(select(Letter))).one()
        letter.state = LetterState.DRAFTED
        session.add(letter)
    assert (await moving.strike(database, case_id, "appeal_window/end"))["held"] == "letter_missing"
    assert (await moving.case_of(database, case_id)).stage is Stage.DECIDED


async def revoke(
    database: Database,
    case_id: UUID,
    actor: Person,
    claim: Claim,
    *,
    reason: str = "fraud",
    explanation: str = "Forged.",
    now: datetime = NOW,
) -> None:
    await moving.send(
        database,
        case_id,
        "revoke_grant",
        actor=actor,
        role=Role.DECISION_MAKER,
        body=bodies.RevokeGrant(str(claim.id), reason, explanation),
        now=now,
    )


async def test_a_withdrawn_grant_is_withdrawn_at_once_with_reasons_and_a_right_of_appeal(database: Database) -> None:
    who = await moving.people(database)
    case_id = await decided(database, who)
    claim = (await moving.claims_of(database, case_id))["first"]
    await revoke(database, case_id, who.decider, claim)
    async with database.reading() as session:
        decision = (await session.exec(select(Decision).where(Decision.kind == DecisionKind.REVOCATION))).one()
        credential = (await session.exec(select(Credential))).one()
        effects = await session.exec(
            select(EffectRow.activity)
            .where(col(EffectRow.decision_id) == decision.id, col(EffectRow.state) == EffectState.PENDING)
            .order_by(col(EffectRow.step))
        )
        assert list(effects) == ["rebuild_status_list", "render_letter", "publish_decision"]
    assert (credential.state, credential.revoked_at, credential.revoked_by) == (
        CredentialState.REVOKED,
        NOW,
        decision.id,
    )
    assert (decision.reasons, decision.facts["reason"], decision.facts["claim"]) == ("Forged.", "fraud", str(claim.id))
    claim = (await moving.claims_of(database, case_id))["first"]
    assert (claim.state, claim.grant_active) == (ClaimState.REVOKED, False)
    async with moving.nothing_changes(database, "already_revoked"):
        await revoke(database, case_id, who.decider, claim)


async def test_only_a_grant_of_this_case_is_withdrawn_and_with_reasons(database: Database) -> None:
    who = await moving.people(database)
    case_id = await decided(database, who)
    held = await moving.claims_of(database, case_id)
    async with database.writing() as session:
        elsewhere = (await makers.claims(session, await makers.case(session)))[0]
    async with moving.nothing_changes(database, "not_granted"):
        await revoke(database, case_id, who.decider, held["second"])
    async with moving.nothing_changes(database, "claim_unknown"):
        await revoke(database, case_id, who.decider, elsewhere)
    async with moving.nothing_changes(database, "malformed"):
        await revoke(database, case_id, who.decider, held["first"], reason="dislike")
    async with moving.nothing_changes(database, "reasons_missing"):
        await revoke(database, case_id, who.decider, held["first"], explanation=" ")
    async with moving.nothing_changes(database, "separation_of_duties"):
        await revoke(database, case_id, who.assessor, held["first"])


async def test_a_case_stays_open_as_long_as_its_last_decision_can_be_appealed(database: Database) -> None:
    who = await moving.people(database)
    case_id = await decided(database, who)
    before = (await moving.case_of(database, case_id)).appeal_until
    claim = (await moving.claims_of(database, case_id))["first"]
    await revoke(database, case_id, who.decider, claim, now=NOW + timedelta(days=20))
    case = await moving.case_of(database, case_id)
    assert before is not None
    assert case.appeal_until is not None
    assert case.appeal_until > before
    assert (await moving.rung(database, case_id, "appeal_window/end")).at == case.appeal_until == case.due_at


async def test_a_grant_is_withdrawn_while_its_case_lives_again(database: Database) -> None:
    who = await moving.people(database)
    case_id = await decided(database, who)
    claim = (await moving.claims_of(database, case_id))["first"]
    await moving.strike(database, case_id, "appeal_window/end")
    body = bodies.Reopen("New work")
    await moving.send(database, case_id, "reopen", actor=who.advisor, role=Role.ADVISOR, body=body)
    async with database.reading() as session:
        caller = await people.caller(session, who.decider.id)
        assert Tie.DECISION_MAKER in (await ties.ties(session, case_id=case_id, caller=caller)).ties
    await revoke(database, case_id, who.decider, claim)
    assert (await moving.case_of(database, case_id)).stage is Stage.ELIGIBLE
    async with database.reading() as session:
        assert (await session.get_one(Claim, claim.id)).state is ClaimState.REVOKED
        assert (await session.exec(select(Credential.state))).one() is CredentialState.REVOKED
