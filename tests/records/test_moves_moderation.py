"""Two assessors settle by signing under one of their readings; what cannot be confirmed goes back to a panel."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from services.records import moderating
from services.records.database import Database
from services.records.tables.assessment import FinalReading, Standing
from services.records.tables.cases import CaseParty
from services.records.tables.moderation import DecisionReturn
from services.rules import commands as bodies
from services.rules.case import ClosedAs, SeatState, Stage, WaitingOn
from services.rules.claims import ClaimState
from services.rules.people import Role
from services.rules.refusals import Refused
from services.rules.second_reading import Way
from tests.records import makers, moderated, moving
from tests.records.makers import NOW
from tests.records.moderated import MET, NOT_YET, PARTIAL


async def settle(database: Database, case: moderated.Differing, actor: object, body: object) -> dict[str, object]:
    return await moving.send(database, case.id, "settle_conferral", actor=actor, role=Role.ASSESSOR, body=body)  # type: ignore[arg-type]  # persons and bodies


async def test_the_second_signature_under_the_same_reading_settles(database: Database) -> None:
    who = await moving.people(database)
    case = await moderated.differing(database, who, first=(MET, PARTIAL), second=(MET, MET))
    claims = await moderated.conferring(database, case)
    assert set(claims) == {"first"}
    hers = case.choice(who.assessor, claims)
    await settle(database, case, who.assessor, hers)
    waiting = await moving.case_of(database, case.id)
    assert (waiting.stage, waiting.waiting_on) == (Stage.MODERATION, WaitingOn.ASSESSOR)
    assert ("conferral_signed", case.second.id) in await moving.told(database, case.id)
    result = await settle(database, case, case.second, hers)
    settled = await moving.case_of(database, case.id)
    assert (result["stage"], settled.moderation) == (Stage.DECISION_PENDING, None)
    assert ("decision_needed", who.decider.id) in await moving.told(database, case.id)
    async with database.reading() as session:
        rows = {row.claim_id: row for row in await session.exec(select(FinalReading))}
    final = rows[claims["first"]]
    assert (final.standing, final.judgement_id) == (Standing.CONFERRED, case.readings[who.assessor.id, "first"])
    assert {key: one.state for key, one in (await moving.claims_of(database, case.id)).items()} == {
        "first": ClaimState.RECOMMENDED_MET,
        "second": ClaimState.RECOMMENDED_MET,
    }
    await moving.decide(database, who, case.id)
    assert (await moving.case_of(database, case.id)).outcome == "granted_full"


async def test_whoever_thinks_again_signs_anew_and_the_last_signature_of_each_counts(database: Database) -> None:
    who = await moving.people(database)
    case = await moderated.differing(database, who, first=(MET, PARTIAL))
    claims = await moderated.unsettled(database, case.id)
    hers, theirs = case.choice(who.assessor, claims), case.choice(case.second, claims)
    await settle(database, case, who.assessor, hers)
    await settle(database, case, case.second, theirs)
    assert (await moving.case_of(database, case.id)).stage is Stage.MODERATION
    await settle(database, case, who.assessor, theirs)
    assert (await moving.claims_of(database, case.id))["first"].state is ClaimState.RECOMMENDED_PARTIAL


async def test_a_choice_is_made_for_each_claim_that_differs_and_among_its_readings(database: Database) -> None:
    who = await moving.people(database)
    case = await moderated.differing(database, who, first=(MET, PARTIAL), second=(MET, MET))
    claims = await moderated.unsettled(database, case.id)
    other = (await moving.claims_of(database, case.id))["second"].id
    (mine,) = case.choice(who.assessor, claims).choices
    foreign = bodies.Choice(str(claims["first"]), str(case.readings[who.assessor.id, "second"]))
    for choices, code in (
        ((), "choices_missing"),
        ((foreign,), "choices_missing"),
        ((mine, mine), "malformed"),
        ((mine, bodies.Choice(str(other), mine.judgement)), "malformed"),
    ):
        async with moving.nothing_changes(database, code):
            await settle(database, case, who.assessor, bodies.SettleConferral(choices))


async def test_nobody_confers_who_wrote_none_of_the_readings_that_differ(database: Database) -> None:
    who = await moving.people(database)
    case = await moderated.differing(database, who, first=(MET, PARTIAL))
    claims = await moderated.unsettled(database, case.id)
    async with database.writing() as session:
        other = await makers.staff(session, Role.ASSESSOR)
        row = await moving.case_of(database, case.id)
        await makers.seat(session, row, other, state=SeatState.SUBMITTED, claimed=[])
    for kind, body in (("settle_conferral", case.choice(who.assessor, claims)), ("end_conferral", None)):
        async with moving.nothing_changes(database, "not_conferring"):
            await moving.send(database, case.id, kind, actor=other, role=Role.ASSESSOR, body=body)
        async with moving.nothing_changes(database, "offer_ended"):
            await moving.send(database, case.id, kind, actor=who.lead, role=Role.ASSESSOR, body=body)


async def test_in_a_panels_hands_the_two_confer_no_more(database: Database) -> None:
    who = await moving.people(database)
    case = await moderated.differing(database, who, way=Way.PANEL, first=(MET, NOT_YET))
    claims = await moderated.unsettled(database, case.id)
    async with moving.nothing_changes(database, "not_conferring"):
        await settle(database, case, who.assessor, case.choice(who.assessor, claims))


@pytest.mark.parametrize("by_itself", [True, False])
async def test_without_agreement_a_panel_takes_over_with_a_time_of_its_own(
    database: Database,
    by_itself: bool,  # noqa: FBT001 - a row
) -> None:
    who = await moving.people(database)
    await moderated.panelists(database)
    case = await moderated.differing(database, who, first=(MET, PARTIAL))
    conferred_until = (await moving.case_of(database, case.id)).due_at
    if by_itself:
        await moving.strike(database, case.id, "confer/end")
    else:
        await moving.send(database, case.id, "end_conferral", actor=case.second, role=Role.ASSESSOR)
    row = await moving.case_of(database, case.id)
    assert (row.stage, row.moderation, row.waiting_on) == (Stage.MODERATION, Way.PANEL, WaitingOn.PANEL)
    assert conferred_until is not None
    assert row.due_at is not None
    assert row.due_at > conferred_until
    assert len(await moderated.panel_seats(database, case.id, SeatState.OFFERED)) == 3
    told = await moving.told(database, case.id)
    assert {("conferral_ended", who.assessor.id), ("conferral_ended", case.second.id)} <= set(told)
    with pytest.raises(ValueError, match="not enough values"):
        await moving.rung(database, case.id, "confer/end")
    await moving.rung(database, case.id, "panel/week_10")


async def test_messages_are_kept_as_they_were_written(database: Database) -> None:
    who = await moving.people(database)
    case = await moderated.differing(database, who, first=(MET, PARTIAL))
    async with database.writing() as session:
        kept = await moderating.write(
            session, case_id=case.id, author=who.assessor.id, text=" I saw a second occasion. ", now=NOW
        )
    for text in (" ", "x" * (moderating.LONGEST_MESSAGE + 1)):
        async with moving.nothing_changes(database, "malformed"), database.writing() as session:
            await moderating.write(session, case_id=case.id, author=who.assessor.id, text=text, now=NOW)
    async with database.reading() as session:
        (row,) = await moderating.messages(session, case.id)
    assert (row.id, row.text) == (kept.id, "I saw a second occasion.")
    with pytest.raises(IntegrityError):
        async with database.writing() as session:
            await moderating.write(session, case_id=case.id, author=who.lead.id, text="Let me in", now=NOW)


# a decision that is returned


async def test_what_cannot_be_confirmed_goes_to_a_panel_with_the_reasons(database: Database) -> None:
    who = await moving.people(database)
    await moderated.panelists(database)
    case_id = await moving.judged(database, who, first=MET, second=MET)
    held = await moving.claims_of(database, case_id)
    body = bodies.ReturnDecision((bodies.ReturnedClaim(str(held["first"].id), " One occasion only. "),))
    await moving.send(database, case_id, "return_decision", actor=who.decider, role=Role.DECISION_MAKER, body=body)
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.moderation, case.waiting_on) == (Stage.MODERATION, Way.PANEL, WaitingOn.PANEL)
    assert set(await moderated.unsettled(database, case_id)) == {"first"}
    assert ("decision_returned", who.lead.id) in await moving.told(database, case_id)
    async with database.reading() as session:
        (row,) = await session.exec(select(DecisionReturn))
        assert (await session.get_one(CaseParty, (case_id, who.decider.id))).role is Role.DECISION_MAKER
    assert (row.claim_id, row.reasons, row.returned_by) == (held["first"].id, "One occasion only.", who.decider.id)
    members = await moderated.seated(database, case_id)
    await moderated.form(database, case_id, members[0], first=PARTIAL)
    votes = moderated.minutes(members, {"first": held["first"].id}, votes=(PARTIAL, PARTIAL, MET))
    await moderated.record(database, case_id, members[0], votes)
    await moving.decide(database, who, case_id)
    assert (await moving.case_of(database, case_id)).outcome == "granted_partial"


async def test_a_return_names_open_claims_each_once_with_reasons(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.judged(database, who, first=MET)
    claim = str((await moving.claims_of(database, case_id))["first"].id)
    why = bodies.ReturnedClaim(claim, "One occasion only.")
    for claims, code in (
        ((), "claims_missing"),
        ((why, why), "malformed"),
        ((bodies.ReturnedClaim(str(case_id), "Why"),), "claim_unknown"),
        ((bodies.ReturnedClaim(claim, " "),), "reasons_missing"),
    ):
        async with moving.nothing_changes(database, code):
            await moving.send(
                database,
                case_id,
                "return_decision",
                actor=who.decider,
                role=Role.DECISION_MAKER,
                body=bodies.ReturnDecision(claims),
            )
    for party in (who.learner, who.assessor):
        async with moving.nothing_changes(database, "separation_of_duties"):
            await moving.send(
                database,
                case_id,
                "return_decision",
                actor=party,
                role=Role.DECISION_MAKER,
                body=bodies.ReturnDecision((why,)),
            )


async def test_a_withdrawal_ends_everything_in_moderation_and_its_undoing_calls_the_panel_again(
    database: Database,
) -> None:
    who = await moving.people(database)
    await moderated.panelists(database)
    case_id = await moderated.returned(database, who, first=PARTIAL)
    members = {one.id for one in await moderated.seated(database, case_id)}
    leave = bodies.Withdraw(confirmed=True)
    await moving.send(database, case_id, "withdraw", actor=who.learner, role=Role.LEARNER, body=leave)
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.closed_as) == (Stage.CLOSED, ClosedAs.WITHDRAWN)
    assert not await moderated.panel_seats(database, case_id, SeatState.OFFERED, SeatState.ACCEPTED)
    await moving.send(database, case_id, "undo_withdraw", actor=who.learner, role=Role.LEARNER)
    again = await moving.case_of(database, case_id)
    assert (again.stage, again.moderation) == (Stage.MODERATION, Way.PANEL)
    asked = await moderated.panel_seats(database, case_id, SeatState.OFFERED)
    assert {seat.person_id for seat in asked} == members
    assert sum(seat.chair for seat in asked) == 1
    assert (await moving.claims_of(database, case_id))["first"].state is ClaimState.IN_ASSESSMENT


async def test_two_who_confer_find_each_other_again_after_a_withdrawal_is_undone(database: Database) -> None:
    who = await moving.people(database)
    case = await moderated.differing(database, who, first=(MET, PARTIAL))
    leave = bodies.Withdraw(confirmed=True)
    await moving.send(database, case.id, "withdraw", actor=who.learner, role=Role.LEARNER, body=leave)
    await moving.send(database, case.id, "undo_withdraw", actor=who.learner, role=Role.LEARNER)
    assert (await moving.case_of(database, case.id)).moderation is Way.CONFER
    claims = await moderated.unsettled(database, case.id)
    for author in (who.assessor, case.second):
        await settle(database, case, author, case.choice(who.assessor, claims))
    assert (await moving.case_of(database, case.id)).stage is Stage.DECISION_PENDING


async def test_an_author_who_is_barred_leaves_the_rest_to_a_panel(database: Database) -> None:
    who = await moving.people(database)
    await moderated.panelists(database)
    case = await moderated.differing(database, who, first=(MET, PARTIAL))
    seat = next(one for one in await moving.seats_of(database, case.id) if one.person_id == case.second.id)
    body = bodies.DeclareConflict(str(seat.id), moving.tied())
    await moving.send(database, case.id, "declare_conflict", actor=case.second, role=Role.ASSESSOR, body=body)
    row = await moving.case_of(database, case.id)
    assert (row.stage, row.moderation) == (Stage.MODERATION, Way.PANEL)
    assert len(await moderated.panel_seats(database, case.id, SeatState.OFFERED)) == 3
    async with database.reading() as session:
        claims = await moderated.unsettled(database, case.id)
        (left,) = await moderating.originals(session, list(claims.values()))
    assert left.assessor_id == who.assessor.id


@pytest.mark.parametrize("table", ["conferral_choices", "decision_returns", "panel_minutes", "panel_votes"])
async def test_what_was_signed_returned_and_voted_stays(database: Database, table: str) -> None:
    who = await moving.people(database)
    if table == "conferral_choices":
        case = await moderated.differing(database, who, first=(MET, PARTIAL))
        claims = await moderated.unsettled(database, case.id)
        await settle(database, case, who.assessor, case.choice(who.assessor, claims))
    else:
        await moderated.found_by_panel(database, who)
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET role = role"):  # noqa: S608 - names from above
        with pytest.raises(IntegrityError):
            async with database.engine.begin() as connection:
                await connection.execute(sa.text(statement))


async def test_whoever_returned_the_decision_is_asked_again(database: Database) -> None:
    who = await moving.people(database)
    case_id, _ = await moderated.found_by_panel(database, who)
    asked = [person for notice, person in await moving.told(database, case_id) if notice == "decision_needed"]
    assert asked.count(who.decider.id) == 2
    with pytest.raises(Refused, match="illegal_transition"):
        await moving.send(database, case_id, "settle_conferral", actor=who.assessor, role=Role.ASSESSOR)
    async with database.reading() as session:
        rows = await session.exec(select(FinalReading.standing).where(col(FinalReading.standing) == Standing.PANEL))
        assert list(rows) == [Standing.PANEL]
