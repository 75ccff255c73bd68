"""A decision is corrected by another one with reasons; both stay, and no grant is lowered lightly."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select

from services.documents.letters import LetterKind
from services.records import cases, credentials, invariants
from services.records.database import Database
from services.records.tables.cases import Claim
from services.records.tables.commands import EffectRow, EffectState
from services.records.tables.credentials import CredentialState
from services.records.tables.decisions import Decision, DecisionClaim
from services.records.tables.people import Person
from services.rules import commands as bodies
from services.rules.case import SeatKind, SeatState, Stage
from services.rules.claims import ClaimState, Recommendation
from services.rules.people import Role
from services.rules.programmes import Language
from services.workflows import letter_writing
from tests.records import makers, moving
from tests.records.makers import NOW
from tests.records.prepared import prepared

MET, PARTIAL = Recommendation.MET, Recommendation.PARTIAL
SOON, LATE = NOW + timedelta(days=20), NOW + timedelta(days=60)


@prepared
async def decided(database: Database, who: moving.People) -> UUID:
    """A case with one grant, and one competency not yet demonstrated."""
    case_id = await moving.judged(database, who, first=MET, second=PARTIAL)
    await moving.decide(database, who, case_id)
    await moving.publish(database, case_id)
    return case_id


def changed(claim: Claim, outcome: str) -> tuple[bodies.CorrectedClaim, ...]:
    return (bodies.CorrectedClaim(str(claim.id), outcome),)


async def correct(
    database: Database,
    case_id: UUID,
    actor: Person,
    claims: tuple[bodies.CorrectedClaim, ...] = (),
    *,
    ground: str = "clerical_error",
    reasons: str = "The wrong line was read.",
    now: datetime = SOON,
) -> dict[str, object]:
    body = bodies.CorrectDecision(ground, reasons, claims)
    return await moving.send(
        database, case_id, "correct_decision", actor=actor, role=Role.DECISION_MAKER, body=body, now=now
    )


async def decisions(database: Database) -> list[Decision]:
    async with database.reading() as session:
        return list(await session.exec(select(Decision).order_by(col(Decision.case_version))))


async def second_reader(database: Database, case_id: UUID) -> None:
    """A second original on what is not yet granted, which found it met."""
    claim = (await moving.claims_of(database, case_id))["second"]
    async with database.writing() as session:
        case = await cases.get(session, case_id, lock=True)
        reader = await makers.staff(session, Role.ASSESSOR)
        sat = await makers.seat(session, case, reader, state=SeatState.FINAL, claimed=[claim], kind=SeatKind.SECOND)
        sent = await makers.applied(session, case, "submit_judgements", actor=reader.id, role=Role.ASSESSOR)
        await makers.judgement(session, sat, claim, locked_by=sent, recommendation=MET)


async def test_a_grant_made_in_error_is_taken_back_soon_by_a_decision_that_names_the_old_one(
    database: Database,
) -> None:
    who = await moving.people(database)
    case_id = await decided(database, who)
    claim = (await moving.claims_of(database, case_id))["first"]
    result = await correct(database, case_id, who.decider, changed(claim, "not_yet"))
    former, new = await decisions(database)
    assert (new.supersedes_id, new.reasons, result["decision"]) == (former.id, "The wrong line was read.", str(new.id))
    assert former.reasons == ""
    claim = (await moving.claims_of(database, case_id))["first"]
    assert (claim.state, claim.grant_active) == (ClaimState.NOT_YET, False)
    async with database.reading() as session:
        (credential,) = await credentials.of_claim(session, claim.id)
        settled = await session.exec(select(DecisionClaim).where(col(DecisionClaim.decision_id) == new.id))
        assert {row.outcome for row in settled} == {ClaimState.NOT_YET}
        queued = await session.exec(
            select(EffectRow.activity)
            .where(col(EffectRow.decision_id) == new.id, col(EffectRow.state) == EffectState.PENDING)
            .order_by(col(EffectRow.step))
        )
        assert next(iter(queued)) == "rebuild_status_list"
        broken = await invariants.broken(session, now=NOW)
        facts = await letter_writing.facts_of(session, new)
    told = letter_writing.compose(facts, language=Language.FR, number="L-2026-1", base_url="https://example.org")
    assert (told.replaces, told.reasons, told.kind) == (NOW.date(), new.reasons, LetterKind.NOT_YET)
    assert (credential.state, credential.revoked_by) == (CredentialState.REVOKED, new.id)
    assert [one for one in broken if one.number in {5, 6, 21, 22}] == []
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.outcome, case.appeal_until) == (Stage.ISSUING, "not_granted", new.appeal_until)
    await moving.publish(database, case_id)
    assert (await moving.case_of(database, case_id)).stage is Stage.DECIDED


async def test_what_was_found_met_and_not_granted_is_granted_after_all_and_the_rest_stays(database: Database) -> None:
    who = await moving.people(database)
    case_id = await decided(database, who)
    await second_reader(database, case_id)
    held = await moving.claims_of(database, case_id)
    async with database.writing() as session:
        again = await makers.claim(session, await cases.get(session, case_id), "second", attempt=2)
    await correct(database, case_id, who.decider, changed(held["second"], "granted"), ground="other", now=LATE)
    async with database.reading() as session:
        new = (await session.exec(select(Decision).where(col(Decision.supersedes_id).is_not(None)))).one()
        (issued,) = await credentials.granted_by(session, new)
        assert issued.claim.id == held["second"].id
        assert (await session.get_one(Claim, again.id)).state is ClaimState.WITHDRAWN
        assert [one.state for one in await credentials.of_claim(session, held["first"].id)] == [CredentialState.ACTIVE]
    await moving.publish(database, case_id)
    async with database.reading() as session:
        assert (await session.get_one(Claim, held["second"].id)).state is ClaimState.CREDENTIALED
        broken = await invariants.broken(session, now=NOW)
    assert [one for one in broken if one.number in {1, 5, 6, 8, 21, 22}] == []


async def test_fraud_lowers_a_grant_however_late_and_also_in_a_closed_case(database: Database) -> None:
    who = await moving.people(database)
    case_id = await decided(database, who)
    await moving.strike(database, case_id, "appeal_window/end")
    claim = (await moving.claims_of(database, case_id))["first"]
    for ground in ("clerical_error", "other"):
        async with moving.nothing_changes(database, "correction_barred"):
            await correct(database, case_id, who.decider, changed(claim, "not_yet"), ground=ground, now=LATE)
    await correct(database, case_id, who.decider, changed(claim, "not_yet"), ground="fraud", now=LATE)
    assert (await moving.case_of(database, case_id)).stage is Stage.ISSUING


async def test_a_letter_alone_is_written_anew_for_an_error_in_it(database: Database) -> None:
    who = await moving.people(database)
    case_id = await decided(database, who)
    await correct(database, case_id, who.decider, now=LATE)
    _, new = await decisions(database)
    async with database.reading() as session:
        assert await credentials.granted_by(session, new) == []
        settled = await session.exec(select(DecisionClaim.outcome).where(col(DecisionClaim.decision_id) == new.id))
        assert set(settled) == {ClaimState.GRANTED, ClaimState.NOT_YET}


@pytest.mark.parametrize(
    ("outcome", "ground", "reasons", "code"),
    [
        ("not_yet", "clerical_error", " ", "reasons_missing"),
        ("not_yet", "dislike", "Seen", "malformed"),
        ("revoked", "fraud", "Seen", "malformed"),
        ("granted", "other", "Seen", "nothing_to_correct"),
        ("not_yet", "other", "Seen", "correction_barred"),
    ],
)
async def test_a_correction_says_why_and_changes_something(
    database: Database, outcome: str, ground: str, reasons: str, code: str
) -> None:
    who = await moving.people(database)
    case_id = await decided(database, who)
    claim = (await moving.claims_of(database, case_id))["first"]
    async with moving.nothing_changes(database, code):
        await correct(database, case_id, who.decider, changed(claim, outcome), ground=ground, reasons=reasons)


async def test_nothing_is_granted_that_nobody_found_and_nobody_corrects_who_had_a_part(database: Database) -> None:
    who = await moving.people(database)
    case_id = await decided(database, who)
    held = await moving.claims_of(database, case_id)
    async with moving.nothing_changes(database, "recommendation_missing"):
        await correct(database, case_id, who.decider, changed(held["second"], "granted"), ground="other")
    async with moving.nothing_changes(database, "separation_of_duties"):
        await correct(database, case_id, who.assessor, changed(held["first"], "not_yet"))
    async with moving.nothing_changes(database, "nothing_to_correct"):
        await correct(database, case_id, who.decider, ground="fraud")
    async with database.writing() as session:
        elsewhere = (await makers.claims(session, await makers.case(session)))[0]
        undecided = await makers.case(session, stage=Stage.CLOSED)
    async with moving.nothing_changes(database, "claim_unknown"):
        await correct(database, case_id, who.decider, changed(elsewhere, "not_yet"))
    async with moving.nothing_changes(database, "nothing_to_correct"):
        await correct(database, undecided.id, who.decider)
