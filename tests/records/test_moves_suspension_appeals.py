"""A suspension is contested as any other decision: set aside by a new credential, looked at anew, or left standing."""

from uuid import UUID

from sqlmodel import col, select

from services.documents.letters import LetterKind, Outcome
from services.records import credentials, invariants
from services.records.database import Database
from services.records.tables.cases import Claim
from services.records.tables.credentials import Credential, CredentialState
from services.records.tables.decisions import DecisionKind
from services.rules import commands as bodies
from services.rules.appeals import Matter
from services.rules.case import SeatState, Stage
from services.rules.claims import ClaimState
from services.rules.people import Role
from tests.records import appealing, makers, moving
from tests.records.makers import NOW
from tests.records.test_moves_suspending import held, issue, letter_of, lift, suspend

S = CredentialState


async def suspended(database: Database) -> tuple[moving.People, appealing.Body, UUID, Claim]:
    """A case whose one grant is suspended, with the letter that says so."""
    who, body = await moving.people(database), await appealing.body(database)
    case_id = await appealing.decided(database, who)
    claim = (await moving.claims_of(database, case_id))["first"]
    await suspend(database, case_id, who.decider, claim)
    await appealing.told(database, case_id)
    return who, body, case_id, claim


async def whole(database: Database) -> None:
    async with database.reading() as session:
        broken = await invariants.broken(session, now=NOW)
    assert [one for one in broken if one.number in {1, 5, 6, 8, 20, 21, 22}] == []


async def test_a_suspension_that_is_set_aside_gives_a_new_credential_in_the_place_of_the_old(
    database: Database,
) -> None:
    who, body, case_id, claim = await suspended(database)
    bench = await appealing.convened(database, who, body, case_id)
    appeal = await appealing.appeal_of(database, case_id)
    assert (appeal.matter, appeal.level) == (Matter.SUSPENSION, 1)
    await appealing.rule(database, bench, "varied", claim.id, cause="information")
    decision = await appealing.newest(database, case_id)
    assert (decision.kind, (await moving.case_of(database, case_id)).stage) == (DecisionKind.RECOGNITION, Stage.ISSUING)
    await issue(database, decision)
    await moving.tick(database, case_id, "published")
    claims = await moving.claims_of(database, case_id)
    assert (claims["first"].state, claims["first"].grant_active) == (ClaimState.CREDENTIALED, True)
    assert claims["second"].state is ClaimState.NOT_YET
    former, new = await held(database, claim)
    assert (former.state, new.state, new.decision_id) == (S.SUPERSEDED, S.ACTIVE, decision.id)
    told = await letter_of(database, decision)
    assert (told.kind, [one.outcome for one in told.claims]) == (LetterKind.APPEAL, [Outcome.GRANTED, Outcome.NOT_YET])
    await whole(database)
    async with moving.nothing_changes(database, "not_suspended"):
        await lift(database, case_id, who.decider, claim)


async def test_a_suspension_that_stands_says_so_and_can_go_to_the_second_level(database: Database) -> None:
    who, body, case_id, claim = await suspended(database)
    bench = await appealing.convened(database, who, body, case_id)
    await appealing.rule(database, bench, "dismissed")
    assert (await moving.case_of(database, case_id)).stage is Stage.DECIDED
    told = await letter_of(database, await appealing.newest(database, case_id))
    assert (told.kind, [one.outcome for one in told.claims]) == (LetterKind.APPEAL, [Outcome.SUSPENDED])
    assert [one.state for one in await held(database, claim)] == [S.SUSPENDED]
    await appealing.told(database, case_id)
    second = await appealing.convened(database, who, body, case_id, level=2)
    appeal = await appealing.appeal_of(database, case_id)
    assert (appeal.matter, appeal.level) == (Matter.SUSPENSION, 2)
    await appealing.rule(database, second, "varied", claim.id)
    assert (await moving.claims_of(database, case_id))["first"].state is ClaimState.GRANTED


async def test_a_suspended_grant_is_judged_anew_by_others_and_its_credential_waits_for_them(
    database: Database,
) -> None:
    who, body, case_id, claim = await suspended(database)
    bench = await appealing.convened(database, who, body, case_id)
    async with database.writing() as session:
        fresh = await makers.staff(session, Role.ASSESSOR)
    await appealing.rule(database, bench, "remitted", claim.id)
    assert (await moving.case_of(database, case_id)).stage is Stage.ASSIGNING
    (seat,) = await moving.seats_of(database, case_id, SeatState.OFFERED)
    assert seat.person_id == fresh.id
    async with moving.nothing_changes(database, "judged_anew"):
        await lift(database, case_id, who.decider, claim)
    await moving.accept(database, seat)
    await moving.tick(database, case_id, "start_assessment")
    await moving.write(database, case_id, fresh, first=moving.finding())
    await moving.send(database, case_id, "submit_judgements", actor=fresh, role=Role.ASSESSOR)
    await moving.decide(database, who, case_id)
    assert [one.state for one in await held(database, claim)] == [S.SUSPENDED]
    await issue(database, await appealing.newest(database, case_id))
    await moving.tick(database, case_id, "published")
    async with database.reading() as session:
        attempts = await session.exec(
            select(Claim).where(col(Claim.competency) == "first").order_by(col(Claim.attempt))
        )
        assert [one.state for one in attempts] == [ClaimState.SUPERSEDED, ClaimState.CREDENTIALED]
        issued = list(await session.exec(select(Credential).order_by(col(Credential.signed_at))))
        assert [one.state for one in issued] == [S.SUPERSEDED, S.ACTIVE]
        found = await credentials.issued(session, code=issued[0].code)
    assert found is not None
    assert found.replaced_by == issued[1].code
    await whole(database)


async def test_what_was_decided_on_the_grant_since_is_not_overruled(database: Database) -> None:
    who, body, case_id, claim = await suspended(database)
    bench = await appealing.convened(database, who, body, case_id)
    revoke = bodies.RevokeGrant(str(claim.id), "fraud", "It is forged.")
    await moving.send(database, case_id, "revoke_grant", actor=who.decider, role=Role.DECISION_MAKER, body=revoke)
    await appealing.told(database, case_id)
    revocation = await appealing.newest(database, case_id)
    async with moving.nothing_changes(database, "appeal_overtaken"):
        await appealing.rule(database, bench, "varied", claim.id)
    await appealing.rule(database, bench, "dismissed")
    await appealing.told(database, case_id)
    against = bodies.LodgeAppeal(appealing.LODGE.grounds, appealing.WHY, decision=str(revocation.id))
    await appealing.lodge(database, who, case_id, against)
    assert (await appealing.appeal_of(database, case_id)).matter is Matter.REVOCATION


async def test_a_suspension_that_was_lifted_or_came_twice_is_no_matter_any_more(database: Database) -> None:
    who, _, case_id, claim = await suspended(database)
    first = await appealing.newest(database, case_id)
    await lift(database, case_id, who.decider, claim)
    await issue(database, await appealing.newest(database, case_id))
    contested = bodies.LodgeAppeal(appealing.LODGE.grounds, appealing.WHY, decision=str(first.id))
    async with moving.nothing_changes(database, "decision_unknown"):
        await appealing.lodge(database, who, case_id, contested)
    await suspend(database, case_id, who.decider, claim)
    await appealing.told(database, case_id)
    async with moving.nothing_changes(database, "decision_unknown"):
        await appealing.lodge(database, who, case_id, contested)
    await appealing.lodge(database, who, case_id)
    appeal = await appealing.appeal_of(database, case_id)
    assert appeal.decision_id == (await appealing.newest(database, case_id)).id
