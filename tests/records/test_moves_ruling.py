"""What a panel rules has its decision, its letter and its consequence; what was recognised is never lowered."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from services.records import cases, credentials, letters
from services.records.database import Database
from services.records.tables.appeals import AppealRuling, AppealVote
from services.records.tables.assessment import FinalReading, Judgement, Standing
from services.records.tables.cases import CaseExclusion, Claim
from services.records.tables.credentials import Credential, CredentialState
from services.records.tables.decisions import DecisionClaim, DecisionKind
from services.rules import commands as bodies
from services.rules.appeals import Matter, Ruling
from services.rules.case import AppealState, ClosedAs, SeatState, Stage
from services.rules.claims import ClaimState, Rating, Recommendation
from services.rules.people import Role
from services.rules.refusals import Refused
from tests.records import appealing, makers, moving
from tests.records.appealing import LODGE
from tests.records.makers import NOW
from tests.records.prepared import prepared

R1 = Role.APPEAL_REVIEWER_1
LATER = NOW + timedelta(days=5)


@prepared
async def sitting(database: Database) -> tuple[moving.People, appealing.Body, UUID, appealing.Bench]:
    """A partial recognition, contested before a panel that is complete."""
    who, body = await moving.people(database), await appealing.body(database)
    case_id = await appealing.decided(database, who)
    return who, body, case_id, await appealing.convened(database, who, body, case_id, now=LATER)


async def test_a_dismissed_appeal_leads_back_with_a_letter_and_a_second_level(database: Database) -> None:
    who, body, case_id, bench = await sitting(database)
    result = await appealing.rule(database, bench, "dismissed")
    case, appeal = await moving.case_of(database, case_id), await appealing.appeal_of(database, case_id)
    decision = await appealing.newest(database, case_id)
    assert (case.stage, appeal.state, appeal.outcome) == (Stage.DECIDED, AppealState.RULED, Ruling.DISMISSED)
    assert (decision.kind, decision.role, decision.reasons) == (DecisionKind.APPEAL, R1, appealing.REASONS)
    assert (result["ruling"], result["decision"]) == ("dismissed", str(decision.id))
    assert case.appeal_until == decision.appeal_until > LATER
    assert case.due_at == case.appeal_until
    async with database.reading() as session:
        (ruling,) = await session.exec(select(AppealRuling))
        votes = list(await session.exec(select(AppealVote)))
    assert (ruling.outcome, ruling.by_casting_vote, ruling.ruled_by) == (Ruling.DISMISSED, False, bench.chair.id)
    assert {vote.person_id for vote in votes} == {bench.chair.id, bench.other.id}
    assert {seat.state for seat in await appealing.seats(database, case_id)} == {SeatState.FINAL}
    await appealing.told(database, case_id)
    second = await appealing.convened(database, who, body, case_id, level=2, now=LATER)
    assert {second.chair.id, second.other.id} <= {one.id for one in body.second}
    assert (await appealing.appeal_of(database, case_id)).level == 2
    await appealing.rule(database, second, "dismissed")
    final = await appealing.newest(database, case_id)
    assert (final.role, final.facts["final"]) == (Role.APPEAL_REVIEWER_2, "true")
    assert final.appeal_until < decision.appeal_until
    await appealing.told(database, case_id)
    key = f"{case_id}:{final.case_version}:publish_decision"
    await moving.tick(database, case_id, "effect_done", key)
    assert ("appeal_ruled_finally", who.learner.id) in await moving.told(database, case_id)
    async with moving.nothing_changes(database, "appeal_final"):
        await appealing.lodge(database, who, case_id, replace(LODGE, decision=str(final.id)))
    with pytest.raises(Refused, match="appeal_lodged"):
        await appealing.lodge(database, who, case_id, replace(LODGE, decision=str(decision.id)))


async def test_a_varied_result_replaces_the_decision_and_issues_only_what_is_new(database: Database) -> None:
    _, _, case_id, bench = await sitting(database)
    older = await appealing.newest(database, case_id)
    before = await moving.claims_of(database, case_id)
    await appealing.varied(database, bench)
    case, held = await moving.case_of(database, case_id), await moving.claims_of(database, case_id)
    decision = await appealing.newest(database, case_id)
    assert (case.stage, case.outcome) == (Stage.ISSUING, "granted_full")
    assert (decision.kind, decision.supersedes_id, decision.role) == (DecisionKind.RECOGNITION, older.id, R1)
    assert {key: claim.state for key, claim in held.items()} == {
        "first": ClaimState.CREDENTIALED,
        "second": ClaimState.GRANTED,
    }
    async with database.reading() as session:
        rows = list(await session.exec(select(DecisionClaim).where(col(DecisionClaim.decision_id) == decision.id)))
        reading = await session.get_one(FinalReading, held["second"].id)
        written = await session.get_one(Judgement, reading.judgement_id)
        granted = await credentials.granted_by(session, decision)
    assert {row.claim_id: row.outcome for row in rows} == dict.fromkeys(
        (claim.id for claim in before.values()), ClaimState.GRANTED
    )
    assert (reading.standing, written.role, written.assessor_id) == (Standing.APPEAL, R1, bench.chair.id)
    assert written.locked_at == bench.now
    assert [one.claim.id for one in granted] == [held["second"].id]
    await moving.publish(database, case_id)
    case, held = await moving.case_of(database, case_id), await moving.claims_of(database, case_id)
    assert (case.stage, {claim.state for claim in held.values()}) == (Stage.DECIDED, {ClaimState.CREDENTIALED})
    async with database.reading() as session:
        issued = list(await session.exec(select(Credential).order_by(col(Credential.signed_at))))
        assert len(await credentials.standing_of(session, [claim.id for claim in held.values()])) == 2
        told = await letters.naming(session, held["first"].id)
    assert {letter.decision_id for letter in told} == {older.id, decision.id}  # both show what was issued first
    assert {(one.claim_id, one.decision_id) for one in issued} == {
        (held["first"].id, older.id),
        (held["second"].id, decision.id),
    }


async def test_the_rule_for_met_binds_the_appeal_body(database: Database) -> None:
    _, _, case_id, bench = await sitting(database)
    second = (await moving.claims_of(database, case_id))["second"]
    async with moving.nothing_changes(database, "claims_open"):
        await appealing.rule(database, bench, "varied", second.id)
    weak = moving.finding()
    weak = replace(weak, ratings=(replace(weak.ratings[0], rating=Rating.PARTLY_MET), *weak.ratings[1:]))
    await moving.write(database, case_id, bench.chair, second=weak)
    async with moving.nothing_changes(database, "evidence_rule"):
        await appealing.rule(database, bench, "varied", second.id)


async def test_nobody_but_the_chair_writes_for_the_panel_and_nobody_on_what_was_not_contested(
    database: Database,
) -> None:
    _, _, case_id, bench = await sitting(database)
    with pytest.raises(Refused, match="not_found"):
        await moving.write(database, case_id, bench.chair, first=moving.finding())
    await moving.write(database, case_id, bench.other, second=moving.finding())
    second = (await moving.claims_of(database, case_id))["second"]
    async with moving.nothing_changes(database, "claims_open"):
        await appealing.rule(database, bench, "varied", second.id)


async def test_what_was_recognised_elsewhere_meanwhile_is_not_granted_again(database: Database) -> None:
    who, _, case_id, bench = await sitting(database)
    second = (await moving.claims_of(database, case_id))["second"]
    await moving.write(database, case_id, bench.chair, second=moving.finding())
    async with database.writing() as session:
        other = await makers.case(session, learner=who.learner, competencies=())
        await makers.claim(session, other, "second", state=ClaimState.CREDENTIALED, grant_active=True)
    async with moving.nothing_changes(database, "double_credit"):
        await appealing.rule(database, bench, "varied", second.id)


async def test_votes_that_do_not_make_a_ruling_are_refused(database: Database) -> None:
    _, _, case_id, bench = await sitting(database)
    second = (await moving.claims_of(database, case_id))["second"]
    first = (await moving.claims_of(database, case_id))["first"]

    async def refused(code: str, said: bodies.RuleAppeal) -> None:
        async with moving.nothing_changes(database, code):
            await moving.send(database, case_id, "rule_appeal", actor=bench.chair, role=R1, body=said, now=bench.now)

    chair, other = str(bench.chair.id), str(bench.other.id)
    both = (bodies.AppealVote(chair, "dismissed"), bodies.AppealVote(other, "dismissed"))
    split = (bodies.AppealVote(chair, "dismissed"), bodies.AppealVote(other, "remitted"))
    good = bodies.RuleAppeal(both, "Because.", "procedure")
    await refused("reasons_missing", replace(good, reasons=" "))
    await refused("malformed", replace(good, cause="bad luck"))
    await refused("malformed", replace(good, votes=(both[0], both[0])))
    await refused("malformed", replace(good, votes=(both[0], bodies.AppealVote(other, "perhaps"))))
    await refused("malformed", replace(good, votes=(both[0], bodies.AppealVote("somebody", "dismissed"))))
    await refused("malformed", replace(good, casting="perhaps"))
    await refused("malformed", replace(good, claims=(str(second.id),)))
    await refused("votes_missing", replace(good, votes=both[:1]))
    await refused("vote_tied", replace(good, votes=split))
    await refused("vote_tied", replace(good, casting="dismissed"))
    remit = replace(good, votes=split, casting="remitted")
    await refused("claims_missing", remit)
    await refused("claim_unknown", replace(remit, claims=(str(first.id),)))


async def test_a_casting_vote_is_recorded_as_such(database: Database) -> None:
    *_, bench = await sitting(database)
    await appealing.rule(database, bench, "dismissed", other="varied", casting="dismissed")
    async with database.reading() as session:
        (ruling,) = await session.exec(select(AppealRuling))
        votes = {vote.person_id: vote.vote for vote in await session.exec(select(AppealVote))}
    assert (ruling.outcome, ruling.by_casting_vote) == (Ruling.DISMISSED, True)
    assert votes == {bench.chair.id: Ruling.DISMISSED, bench.other.id: Ruling.VARIED}


async def test_what_is_remitted_is_judged_by_somebody_else_and_the_rest_stays(database: Database) -> None:
    who, _, case_id, bench = await sitting(database)
    async with database.writing() as session:
        fresh = await makers.staff(session, Role.ASSESSOR)
    old = await moving.claims_of(database, case_id)
    await appealing.rule(database, bench, "remitted", old["second"].id)
    case, held = await moving.case_of(database, case_id), await moving.claims_of(database, case_id)
    assert (case.stage, held["first"].state) == (Stage.ASSIGNING, ClaimState.CREDENTIALED)
    assert (held["second"].attempt, held["second"].state) == (2, ClaimState.DOCUMENTED)
    (offer,) = await moving.seats_of(database, case_id, SeatState.OFFERED)
    assert offer.person_id == fresh.id
    async with database.reading() as session:
        barred = {one.person_id: one.tie for one in await session.exec(select(CaseExclusion))}
        assert barred == {who.assessor.id: "remitted"}
        assert await session.get_one(Claim, old["second"].id)
    await moving.accept(database, offer)
    await moving.tick(database, case_id, "start_assessment")
    await moving.write(database, case_id, fresh, second=moving.finding())
    await moving.send(database, case_id, "submit_judgements", actor=fresh, role=Role.ASSESSOR)
    await moving.decide(database, who, case_id)
    await moving.publish(database, case_id)
    held = await moving.claims_of(database, case_id)
    assert {claim.state for claim in held.values()} == {ClaimState.CREDENTIALED}


async def test_a_new_decision_after_a_remission_is_contested_before_people_who_are_new(database: Database) -> None:
    who, _, case_id, bench = await sitting(database)
    second = (await moving.claims_of(database, case_id))["second"]
    async with database.writing() as session:
        fresh = await makers.staff(session, Role.ASSESSOR)
    await appealing.rule(database, bench, "remitted", second.id)
    (offer,) = await moving.seats_of(database, case_id, SeatState.OFFERED)
    await moving.accept(database, offer)
    await moving.tick(database, case_id, "start_assessment")
    await moving.write(database, case_id, fresh, second=moving.finding(Recommendation.PARTIAL))
    await moving.send(database, case_id, "submit_judgements", actor=fresh, role=Role.ASSESSOR)
    await moving.decide(database, who, case_id)
    await moving.publish(database, case_id)
    result = await appealing.lodge(database, who, case_id)
    (seat,) = await appealing.seats(database, case_id, SeatState.OFFERED)
    assert result["level"] == 1
    assert seat.person_id not in {bench.chair.id, bench.other.id}


# other matters on the same terms


async def test_a_refusal_at_the_door_is_set_aside(database: Database) -> None:
    who, body = await moving.people(database), await appealing.body(database)
    case_id = await appealing.refused(database, who)
    refusal = await appealing.newest(database, case_id)
    bench = await appealing.convened(database, who, body, case_id)
    assert (await appealing.appeal_of(database, case_id)).matter is Matter.ELIGIBILITY
    await appealing.rule(database, bench, "varied", cause="procedure")
    case, decision = await moving.case_of(database, case_id), await appealing.newest(database, case_id)
    assert (case.stage, case.refusal_proposed) == (Stage.ELIGIBLE, False)
    assert (decision.kind, decision.supersedes_id) == (DecisionKind.APPEAL, refusal.id)
    assert case.due_at is not None


async def test_a_refusal_that_is_remitted_is_looked_at_anew_by_another_decision_maker(database: Database) -> None:
    who, body = await moving.people(database), await appealing.body(database)
    case_id = await appealing.refused(database, who)
    bench = await appealing.convened(database, who, body, case_id)
    await appealing.rule(database, bench, "remitted")
    assert (await moving.case_of(database, case_id)).stage is Stage.ELIGIBILITY_REVIEW
    proposal = bodies.ProposeRefusal("Still missing.")
    await moving.send(database, case_id, "propose_refusal", actor=who.advisor, role=Role.ADVISOR, body=proposal)
    no = bodies.RefuseEligibility("Still missing.", "Come back.")
    async with moving.nothing_changes(database, "conflict_of_interest"):
        await moving.send(database, case_id, "refuse_eligibility", actor=who.decider, role=Role.DECISION_MAKER, body=no)


async def test_a_withdrawn_grant_is_given_back_under_a_new_credential(database: Database) -> None:
    who, body = await moving.people(database), await appealing.body(database)
    case_id = await appealing.decided(database, who)
    first = (await moving.claims_of(database, case_id))["first"]
    revoke = bodies.RevokeGrant(str(first.id), "issued_in_error", "Mixed up.")
    await moving.send(database, case_id, "revoke_grant", actor=who.decider, role=Role.DECISION_MAKER, body=revoke)
    await appealing.told(database, case_id)
    bench = await appealing.convened(database, who, body, case_id)
    appeal = await appealing.appeal_of(database, case_id)
    assert appeal.matter is Matter.REVOCATION
    await appealing.rule(database, bench, "varied", first.id, cause="information")
    decision = await appealing.newest(database, case_id)
    assert (decision.kind, (await moving.case_of(database, case_id)).stage) == (
        DecisionKind.RECOGNITION,
        Stage.ISSUING,
    )
    await moving.publish(database, case_id)
    async with database.reading() as session:
        issued = list(await session.exec(select(Credential).where(col(Credential.claim_id) == first.id)))
    assert sorted(one.state for one in issued) == [CredentialState.ACTIVE, CredentialState.REVOKED]
    held = await moving.claims_of(database, case_id)
    assert (held["first"].state, held["first"].grant_active) == (ClaimState.CREDENTIALED, True)
    assert held["second"].state is ClaimState.NOT_YET


async def test_a_withdrawal_made_during_an_appeal_can_be_contested_afterwards(database: Database) -> None:
    who, _, case_id, bench = await sitting(database)
    first = (await moving.claims_of(database, case_id))["first"]
    revoke = bodies.RevokeGrant(str(first.id), "fraud", "Forged.")
    late = LATER + timedelta(days=40)
    await moving.send(
        database, case_id, "revoke_grant", actor=who.decider, role=Role.DECISION_MAKER, body=revoke, now=late
    )
    revocation = await appealing.newest(database, case_id)
    await appealing.rule(database, bench, "dismissed")
    assert (await moving.case_of(database, case_id)).appeal_until == revocation.appeal_until


async def test_a_lapse_is_contested_and_the_case_lives_again_where_it_was(database: Database) -> None:
    who, body = await moving.people(database), await appealing.body(database)
    case_id = await moving.standing(database, who, Stage.CLOSED)
    async with database.writing() as session:
        case = await cases.get(session, case_id)
        case.closed_as, case.closed_at, case.return_to = ClosedAs.EXPIRED, NOW, Stage.ELIGIBLE
    bench = await appealing.convened(database, who, body, case_id)
    appeal = await appealing.appeal_of(database, case_id)
    assert (appeal.matter, appeal.decision_id) == (Matter.LAPSE, None)
    async with moving.nothing_changes(database, "malformed"):
        await appealing.rule(database, bench, "remitted")
    await appealing.rule(database, bench, "varied", cause="procedure")
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.closed_as) == (Stage.ELIGIBLE, None)
    assert case.due_at is not None
    assert case.due_at > NOW + timedelta(days=30)


async def test_a_lapse_that_is_upheld_stays_one_and_can_go_to_the_second_level(database: Database) -> None:
    who, body = await moving.people(database), await appealing.body(database)
    case_id = await moving.standing(database, who, Stage.CLOSED)
    async with database.writing() as session:
        case = await cases.get(session, case_id)
        case.closed_as, case.closed_at, case.return_to = ClosedAs.EXPIRED, NOW, Stage.ELIGIBLE
    bench = await appealing.convened(database, who, body, case_id)
    await appealing.rule(database, bench, "dismissed")
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.closed_as, case.return_to) == (Stage.CLOSED, ClosedAs.EXPIRED, Stage.ELIGIBLE)
    await appealing.told(database, case_id)
    second = await appealing.convened(database, who, body, case_id, level=2)
    assert (await appealing.appeal_of(database, case_id)).matter is Matter.LAPSE
    await appealing.rule(database, second, "varied")
    assert (await moving.case_of(database, case_id)).stage is Stage.ELIGIBLE


async def test_a_draft_that_lapsed_is_no_matter_for_an_appeal(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.CLOSED)
    async with database.writing() as session:
        case = await cases.get(session, case_id)
        case.closed_as, case.closed_at, case.return_to = ClosedAs.EXPIRED, NOW, Stage.DRAFT
    async with moving.nothing_changes(database, "decision_unknown"):
        await appealing.lodge(database, who, case_id)


CHANGES = {
    "appeals": "text = 'other'",
    "appeal_claims": "claim_id = appeal_id",
    "appeal_hearings": "place = 'elsewhere'",
    "appeal_rulings": "reasons = 'other'",
    "appeal_votes": "vote = 'varied'",
}


async def test_what_was_contested_voted_and_ruled_cannot_be_changed_or_deleted(database: Database) -> None:
    *_, case_id, bench = await sitting(database)
    soon = bodies.CallHearing((LATER + timedelta(days=1)).date(), "10:00", "Room 12", agreed=True)
    await moving.send(database, case_id, "call_hearing", actor=bench.chair, role=R1, body=soon, now=LATER)
    await appealing.rule(database, replace(bench, now=LATER + timedelta(days=2)), "dismissed")
    for table, change in CHANGES.items():
        for statement in (f"UPDATE {table} SET {change}", f"DELETE FROM {table}"):  # noqa: S608 - names from above
            with pytest.raises(IntegrityError, match=table):
                async with database.engine.begin() as connection:
                    await connection.execute(sa.text(statement))
