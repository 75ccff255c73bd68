"""What a case offers is what it would let in: nothing is offered that its content leaves nothing for."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import col, select

from services.records import cases, independence, programmes
from services.records.database import Database
from services.records.offering import Desk
from services.records.tables.cases import Case
from services.records.tables.people import Person, PersonRole
from services.rules import commands as bodies
from services.rules.appeals import Ground
from services.rules.case import SeatState, Stage
from services.rules.claims import ClaimState, Recommendation
from services.rules.people import Role
from tests.records import appealing, makers, meeting, moderated, moving, offers
from tests.records.makers import NOW
from tests.records.test_moves_suspending import decided, granted, lift, suspend

PARTIAL = Recommendation.PARTIAL


async def offered(database: Database, case_id: UUID, person: Person, now: datetime = NOW) -> set[str]:
    """What the case offers `person`; each of it is held against words that would be let in."""
    async with database.reading() as session:
        rows = await session.exec(
            select(PersonRole.role, Person).join(Person, col(Person.id) == col(PersonRole.person_id))
        )
        staff: dict[Role, list[Person]] = {role: [person] for role in Role}
        for word, holder in rows:
            role = Role(word)
            staff[role] = [*(one for one in staff[role] if one.id != person.id), holder]
        older = tuple(await session.exec(select(Case.id).where(col(Case.id) != case_id)))
        return set(await offers.of(session, case_id, person, staff=staff, now=now, older=older))


async def against(database: Database, case_id: UUID, command: str, person: Person, role: Role) -> str | None:
    """The code of what stands against a command that the table allows."""
    async with database.reading() as session:
        case = await cases.get(session, case_id)
        state, programme = await cases.state(session, case), await programmes.of_case(session, case)
        refused = await Desk(session, case, state, programme, str(person.id), NOW).against(command, role)
        return refused.code if refused else None


async def test_grants_are_suspended_while_they_hold_and_lifted_while_they_are_suspended(
    sqlite_database: Database,
) -> None:
    database = sqlite_database
    who = await moving.people(database)
    nothing = await moving.standing(database, who, Stage.UNDER_REVIEW, claims_are=ClaimState.NOT_YET)
    grants = {"suspend_grant", "revoke_grant", "lift_suspension"}
    assert not await offered(database, nothing, who.decider) & grants
    assert await against(database, nothing, "suspend_grant", who.decider, Role.DECISION_MAKER) == "not_granted"
    case_id = await decided(database, who)
    assert await offered(database, case_id, who.decider) & grants == grants - {"lift_suspension"}
    assert "correct_decision" in await offered(database, case_id, who.decider)
    await suspend(database, case_id, who.decider, await granted(database, case_id))
    assert await offered(database, case_id, who.decider) & grants == grants - {"suspend_grant"}
    await lift(database, case_id, who.decider, await granted(database, case_id))
    assert "lift_suspension" not in await offered(database, case_id, who.decider)


async def test_whoever_took_part_is_offered_no_signature(sqlite_database: Database) -> None:
    database = sqlite_database
    who = await moving.people(database)
    case_id = await moving.judged(database, who, first=Recommendation.MET)
    assert await against(database, case_id, "decide", who.decider, Role.DECISION_MAKER) is None
    async with moving.writing(database) as session:
        await makers.party(session, await cases.get(session, case_id), who.decider, Role.ADVISOR)
    for command in ("decide", "return_decision"):
        found = await against(database, case_id, command, who.decider, Role.DECISION_MAKER)
        assert found == "separation_of_duties", command


async def test_an_accommodation_is_answered_while_it_is_asked_for_and_ended_until_it_ended(
    sqlite_database: Database,
) -> None:
    database = sqlite_database
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.ELIGIBLE)
    about = {"answer_accommodation", "end_accommodation"}
    assert not (await offered(database, case_id, who.learner) | await offered(database, case_id, who.advisor)) & about
    asked = bodies.AskAccommodation(("breaks",))
    made = await moving.send(database, case_id, "ask_accommodation", actor=who.learner, role=Role.LEARNER, body=asked)
    assert "answer_accommodation" in await offered(database, case_id, who.advisor)
    answer = bodies.AnswerAccommodation(made["accommodation"], granted=True)
    await moving.send(database, case_id, "answer_accommodation", actor=who.lead, role=Role.LEAD, body=answer)
    assert "answer_accommodation" not in await offered(database, case_id, who.advisor)
    assert "end_accommodation" in await offered(database, case_id, who.learner)
    ended = bodies.EndAccommodation(made["accommodation"])
    await moving.send(database, case_id, "end_accommodation", actor=who.learner, role=Role.LEARNER, body=ended)
    assert "end_accommodation" not in await offered(database, case_id, who.learner)


async def test_a_decision_is_contested_once_and_only_where_something_was_left_open(sqlite_database: Database) -> None:
    database = sqlite_database
    who = await moving.people(database)
    await appealing.body(database)
    whole = await moving.judged(database, who, first=Recommendation.MET)
    await moving.decide(database, who, whole)
    await moving.publish(database, whole)
    assert "lodge_appeal" not in await offered(database, whole, who.learner)
    assert await against(database, whole, "lodge_appeal", who.learner, Role.LEARNER) == "claims_missing"
    other = replace(who, learner=await other_learner(database))
    case_id = await moving.judged(database, other, first=PARTIAL)
    await moving.decide(database, other, case_id)
    await moving.publish(database, case_id)
    assert "lodge_appeal" in await offered(database, case_id, other.learner)
    await appealing.lodge(database, other, case_id, bodies.LodgeAppeal((Ground.PROCEDURE.value,), "Nobody looked."))
    await moving.send(
        database,
        case_id,
        "withdraw_appeal",
        actor=other.learner,
        role=Role.LEARNER,
        body=bodies.WithdrawAppeal(confirmed=True),
    )
    assert "lodge_appeal" in await offered(database, case_id, other.learner)


async def other_learner(database: Database) -> Person:
    async with moving.writing(database) as session:
        return await makers.person(session, name="Another Learner")


async def test_a_closed_case_offers_its_ways_back_for_as_long_as_they_are_open(sqlite_database: Database) -> None:
    database = sqlite_database
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.ELIGIBLE)
    left = bodies.Withdraw(confirmed=True)
    await moving.send(database, case_id, "withdraw", actor=who.learner, role=Role.LEARNER, body=left)
    assert "undo_withdraw" in await offered(database, case_id, who.learner)
    assert "undo_withdraw" not in await offered(database, case_id, who.learner, now=NOW + timedelta(days=12))
    await moving.standing(database, who, Stage.ELIGIBLE)
    assert await against(database, case_id, "undo_withdraw", who.learner, Role.LEARNER) == "case_already_open"


async def test_dates_are_chosen_moved_and_recorded_in_their_time(sqlite_database: Database) -> None:
    database = sqlite_database
    who = await moving.people(database)
    case_id = await meeting.booked(database, who)
    before = await offered(database, case_id, who.assessor)
    assert {"change_place", "call_off"} <= before
    assert not before & {"record_appointment", "report_no_show"}
    assert "move_appointment" in await offered(database, case_id, who.learner)
    held = (await meeting.newest(database, case_id)).starts_at
    assert held is not None
    later = held + timedelta(minutes=5)
    after = await offered(database, case_id, who.assessor, now=later)
    assert {"record_appointment", "report_no_show"} <= after
    assert "call_off" not in after
    assert not await offered(database, case_id, who.learner, now=later) & {"move_appointment", "call_off"}


async def test_a_panel_that_has_no_quorum_is_not_asked_for_its_minutes(sqlite_database: Database) -> None:
    database = sqlite_database
    who = await moving.people(database)
    await moderated.panelists(database)
    case_id = await moderated.returned(database, who, first=Recommendation.MET)
    chair = next(seat for seat in await moderated.panel_seats(database, case_id) if seat.chair)
    person = await moderated.accept(database, chair)
    assert await against(database, case_id, "record_panel", person, Role.PANEL) == "quorum_missing"
    for seat in await moderated.panel_seats(database, case_id, SeatState.OFFERED):
        await moderated.accept(database, seat)
    assert await against(database, case_id, "record_panel", person, Role.PANEL) is None


async def test_a_lead_is_offered_what_the_case_holds_for_them(sqlite_database: Database) -> None:
    database = sqlite_database
    who = await moving.people(database)
    case_id = await moving.assigning(database, who)
    lead = await offered(database, case_id, who.lead)
    assert "reassign" in lead
    assert not lead & {"override_conflict", "merge_duplicate"}
    async with moving.writing(database) as session:
        case = await cases.get(session, case_id)
        await independence.exclude(session, case=case, person=who.assessor.id, tie="other", declared=True, now=NOW)
    assert "override_conflict" in await offered(database, case_id, who.lead)
    for command in ("transfer_advisor", "name_mentor"):
        assert await against(database, case_id, command, who.lead, Role.LEAD) == "nobody_to_name"
    async with moving.writing(database) as session:
        await makers.staff(session, Role.MENTOR)
    assert await against(database, case_id, "name_mentor", who.lead, Role.LEAD) is None
    empty = await moving.standing(database, who, Stage.ASSIGNING, competencies=())
    assert "reassign" not in await offered(database, empty, who.lead)


async def test_a_case_that_stood_still_for_as_long_as_it_may_is_not_paused_again(sqlite_database: Database) -> None:
    database = sqlite_database
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.ELIGIBLE)
    assert "pause" in await offered(database, case_id, who.advisor)
    until = (NOW + timedelta(days=150)).date()
    pause = bodies.Pause("illness", until, wished=True)
    await moving.send(database, case_id, "pause", actor=who.advisor, role=Role.ADVISOR, body=pause)
    later = NOW + timedelta(days=149)
    await moving.send(database, case_id, "resume", actor=who.advisor, role=Role.ADVISOR, now=later)
    assert "pause" in await offered(database, case_id, who.advisor, now=later)
    rest = bodies.Pause("illness", (later + timedelta(days=30)).date(), wished=True)
    await moving.send(database, case_id, "pause", actor=who.advisor, role=Role.ADVISOR, body=rest, now=later)
    end = later + timedelta(days=40)
    await moving.send(database, case_id, "resume", actor=who.advisor, role=Role.ADVISOR, now=end)
    assert "pause" not in await offered(database, case_id, who.advisor, now=end)
