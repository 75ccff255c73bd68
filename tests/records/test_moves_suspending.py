"""A grant under review does not hold; when the review ends well, a new credential takes the place of the old one."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select

from services.documents.letters import Letter, LetterKind, Outcome
from services.records import cases, credentials, invariants
from services.records.database import Database
from services.records.letters import LANGUAGES
from services.records.tables.cases import Claim
from services.records.tables.commands import EffectRow, EffectState
from services.records.tables.credentials import Credential, CredentialState
from services.records.tables.decisions import Decision, DecisionKind
from services.records.tables.people import Person
from services.rules import commands as bodies
from services.rules.case import Stage
from services.rules.claims import ClaimState, Recommendation
from services.rules.people import Role
from services.rules.programmes import Language
from services.workflows import letter_writing
from tests.records import makers, moving
from tests.records.makers import NOW

WHY = "An employer says that a letter is not theirs."
S = CredentialState


async def decided(database: Database, who: moving.People) -> UUID:
    """A case with one grant, and one competency not yet demonstrated."""
    case_id = await moving.judged(database, who, first=Recommendation.MET, second=Recommendation.PARTIAL)
    await moving.decide(database, who, case_id)
    await moving.publish(database, case_id)
    return case_id


async def granted(database: Database, case_id: UUID) -> Claim:
    return (await moving.claims_of(database, case_id))["first"]


async def suspend(database: Database, case_id: UUID, actor: Person, claim: Claim, *, why: str = WHY) -> None:
    body = bodies.SuspendGrant(str(claim.id), why)
    await moving.send(database, case_id, "suspend_grant", actor=actor, role=Role.DECISION_MAKER, body=body)


async def lift(database: Database, case_id: UUID, actor: Person, claim: Claim, *, why: str = "It is.") -> None:
    body = bodies.LiftSuspension(str(claim.id), why)
    await moving.send(database, case_id, "lift_suspension", actor=actor, role=Role.DECISION_MAKER, body=body)


async def latest(database: Database, kind: DecisionKind) -> Decision:
    async with database.reading() as session:
        rows = await session.exec(
            select(Decision).where(col(Decision.kind) == kind).order_by(col(Decision.case_version).desc()).limit(1)
        )
        return rows.one()


async def issue(database: Database, decision: Decision) -> None:
    """What the effects of a decision that issues credentials leave behind."""
    async with database.writing() as session:
        for one in await credentials.granted_by(session, decision):
            intent = await makers.intent(session, decision, one.claim)
            await makers.credential(session, intent, state=S.SIGNED, signed_at=NOW + timedelta(hours=1))
        for language in LANGUAGES:
            await makers.letter(session, decision, language=language)
        await credentials.publish(session, decision, now=NOW + timedelta(hours=2))


async def held(database: Database, claim: Claim) -> list[Credential]:
    async with database.reading() as session:
        return await credentials.of_claim(session, claim.id)


async def letter_of(database: Database, decision: Decision) -> Letter:
    """The letter that the decision's effects would set."""
    async with database.reading() as session:
        facts = await letter_writing.facts_of(session, decision)
    return letter_writing.compose(facts, language=Language.EN, number="L-2026-1", base_url="https://example.org")


async def queued(database: Database, decision: Decision) -> list[str]:
    async with database.reading() as session:
        rows = await session.exec(
            select(EffectRow.activity)
            .where(col(EffectRow.decision_id) == decision.id, col(EffectRow.state) == EffectState.PENDING)
            .order_by(col(EffectRow.step))
        )
        return list(rows)


async def test_a_suspended_grant_does_not_hold_from_this_moment_with_reasons_and_a_letter(database: Database) -> None:
    who = await moving.people(database)
    case_id = await decided(database, who)
    await suspend(database, case_id, who.decider, await granted(database, case_id))
    claim = await granted(database, case_id)
    assert (claim.state, claim.grant_active) == (ClaimState.SUSPENDED, False)
    decision = await latest(database, DecisionKind.SUSPENSION)
    assert (decision.reasons, decision.facts["claim"]) == (WHY, str(claim.id))
    assert await queued(database, decision) == ["rebuild_status_list", "render_letter", "publish_decision"]
    told = await letter_of(database, decision)
    assert (told.kind, told.reasons, [one.outcome for one in told.claims]) == (
        LetterKind.SUSPENSION,
        WHY,
        [Outcome.SUSPENDED],
    )
    assert told.claims[0].credential is not None
    (credential,) = await held(database, claim)
    assert (credential.state, credential.revoked_at, credential.revoked_by) == (S.SUSPENDED, NOW, decision.id)
    async with database.reading() as session:
        intent = (await credentials.intents_of(session, credential.decision_id))[0]
        assert await credentials.withdrawn_places(session, 1) == [intent.status_index]
        assert await credentials.lists_of_decision(session, decision.id) == [1]
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.appeal_until) == (Stage.DECIDED, decision.appeal_until)


async def test_a_review_that_ends_well_gives_a_new_credential_and_the_old_place_stays_set(database: Database) -> None:
    who = await moving.people(database)
    case_id = await decided(database, who)
    claim = await granted(database, case_id)
    await suspend(database, case_id, who.decider, claim)
    await lift(database, case_id, who.decider, claim)
    decision = await latest(database, DecisionKind.REINSTATEMENT)
    assert await queued(database, decision) == [
        "reserve_issuance",
        "sign_credentials",
        "render_letter",
        "publish_decision",
    ]
    claim = await granted(database, case_id)
    assert (claim.state, claim.grant_active) == (ClaimState.GRANTED, True)
    assert [one.state for one in await held(database, claim)] == [S.SUSPENDED]
    await issue(database, decision)
    assert (await granted(database, case_id)).state is ClaimState.CREDENTIALED
    former, new = await held(database, claim)
    told = await letter_of(database, decision)
    assert (told.kind, [one.outcome for one in told.claims]) == (LetterKind.REINSTATEMENT, [Outcome.GRANTED])
    assert told.claims[0].credential is not None
    assert told.claims[0].credential.code.replace("-", "") == new.code
    assert (former.state, new.state, new.decision_id) == (S.SUPERSEDED, S.ACTIVE, decision.id)
    async with database.reading() as session:
        found = await credentials.issued(session, code=former.code)
        assert found is not None
        assert found.replaced_by == new.code
        assert len(await credentials.withdrawn_places(session, 1)) == 1
        broken = await invariants.broken(session, now=NOW)
    assert [one for one in broken if one.number in {1, 5, 6, 20, 21, 22}] == []


async def test_a_review_that_ends_badly_withdraws_the_grant_for_good(database: Database) -> None:
    who = await moving.people(database)
    case_id = await decided(database, who)
    claim = await granted(database, case_id)
    await suspend(database, case_id, who.decider, claim)
    body = bodies.RevokeGrant(str(claim.id), "fraud", "It is forged.")
    await moving.send(database, case_id, "revoke_grant", actor=who.decider, role=Role.DECISION_MAKER, body=body)
    assert (await granted(database, case_id)).state is ClaimState.REVOKED
    (credential,) = await held(database, claim)
    assert (credential.state, credential.revoked_by) == (
        S.REVOKED,
        (await latest(database, DecisionKind.REVOCATION)).id,
    )
    async with moving.nothing_changes(database, "not_suspended"):
        await lift(database, case_id, who.decider, claim)


async def test_only_what_holds_is_suspended_and_only_by_somebody_without_a_part(database: Database) -> None:
    who = await moving.people(database)
    case_id = await decided(database, who)
    claims = await moving.claims_of(database, case_id)
    async with moving.nothing_changes(database, "not_granted"):
        await suspend(database, case_id, who.decider, claims["second"])
    async with moving.nothing_changes(database, "reasons_missing"):
        await suspend(database, case_id, who.decider, claims["first"], why=" ")
    async with moving.nothing_changes(database, "separation_of_duties"):
        await suspend(database, case_id, who.assessor, claims["first"])
    async with moving.nothing_changes(database, "not_suspended"):
        await lift(database, case_id, who.decider, claims["first"])
    await suspend(database, case_id, who.decider, claims["first"])
    async with moving.nothing_changes(database, "not_granted"):
        await suspend(database, case_id, who.decider, claims["first"])
    async with moving.nothing_changes(database, "reasons_missing"):
        await lift(database, case_id, who.decider, claims["first"], why="")


async def test_a_suspended_grant_does_not_come_back_beside_another_one_of_the_same_competency(
    database: Database,
) -> None:
    who = await moving.people(database)
    case_id = await decided(database, who)
    claim = await granted(database, case_id)
    await suspend(database, case_id, who.decider, claim)
    async with database.writing() as session:
        other = await makers.case(session, stage=Stage.DECIDED, learner=who.learner, competencies=())
        await makers.claim(session, other, "first", state=ClaimState.GRANTED, grant_active=True)
    async with moving.nothing_changes(database, "double_credit"):
        await lift(database, case_id, who.decider, claim)


@pytest.mark.parametrize("stage", [Stage.CLOSED, Stage.GAP_TRAINING])
async def test_a_grant_is_suspended_wherever_its_case_is_by_now(database: Database, stage: Stage) -> None:
    who = await moving.people(database)
    case_id = await decided(database, who)
    async with database.writing() as session:
        (await cases.get(session, case_id, lock=True)).stage = stage
    await suspend(database, case_id, who.decider, await granted(database, case_id))
    assert (await moving.case_of(database, case_id)).stage is stage
