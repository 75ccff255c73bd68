"""A case stands still at the learner's wish: every date freezes, and every date has its time again afterwards."""

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select

from services.records import cases
from services.records.database import Database
from services.records.tables.cases import CaseSpan
from services.records.tables.commands import LimitRow, LimitState
from services.records.tables.people import Person
from services.records.tables.support import Pause
from services.rules import commands as bodies
from services.rules import deadlines
from services.rules.case import Clock, SeatState, Stage, WaitingOn
from services.rules.people import Role
from tests.records import makers, moving
from tests.records.makers import NOW
from tests.records.prepared import prepared

ILL = bodies.Pause("illness", date(2026, 4, 30), wished=True)
WEEK = timedelta(days=7)
ZONE = "America/Montreal"


def day(at: datetime | None) -> date:
    assert at is not None
    return deadlines.local_day(at, ZONE)


async def pause(
    database: Database,
    who: moving.People,
    case_id: UUID,
    body: bodies.Pause = ILL,
    *,
    actor: Person | None = None,
    role: Role = Role.ADVISOR,
    now: datetime = NOW,
) -> dict[str, object]:
    return await moving.send(database, case_id, "pause", actor=actor or who.advisor, role=role, body=body, now=now)


async def resume(database: Database, who: moving.People, case_id: UUID, *, now: datetime) -> None:
    await moving.send(database, case_id, "resume", actor=who.advisor, role=Role.ADVISOR, now=now)


async def limit(database: Database, case_id: UUID, key: str, *states: LimitState) -> LimitRow:
    async with database.reading() as session:
        rows = await session.exec(select(LimitRow).where(col(LimitRow.case_id) == case_id))
        (found,) = [row for row in rows if row.key.partition(":")[0] == key and (not states or row.state in states)]
        return found


async def keys(database: Database, case_id: UUID) -> set[str]:
    """The open rungs, without stage entry and subject."""
    async with database.reading() as session:
        state = await cases.state(session, await cases.get(session, case_id))
    parts = [deadline.key.split("/") for deadline in state.deadlines]
    return {f"{key.partition(':')[0]}/{rung}" for _, key, rung in parts}


@prepared
async def reviewing(database: Database, who: moving.People) -> UUID:
    """A case in its eligibility check, whose limit runs."""
    case_id = await moving.standing(database, who, Stage.SUBMITTED)
    await moving.tick(database, case_id, "take_case")
    return case_id


async def test_a_pause_freezes_every_date_and_stops_our_clock(database: Database) -> None:
    who = await moving.people(database)
    case_id = await reviewing(database, who)
    before = await limit(database, case_id, "eligibility")
    said = await pause(database, who, case_id)
    case = await moving.case_of(database, case_id)
    assert said["until"] == deadlines.end_of_day(ILL.until, ZONE).isoformat()
    assert (case.stage, case.waiting_on, case.clock) == (
        Stage.ELIGIBILITY_REVIEW,
        WaitingOn.LEARNER,
        Clock.STOPPED,
    )
    assert (day(case.paused_until), day(case.due_at)) == (ILL.until, ILL.until)
    assert await keys(database, case_id) == {"pause/soon", "pause/end"}
    frozen = await limit(database, case_id, "eligibility")
    assert (frozen.state, frozen.due_at) == (LimitState.PAUSED, before.due_at)
    told = await moving.told(database, case_id)
    assert {("paused", who.learner.id), ("paused_staff", who.advisor.id)} <= set(told)
    async with database.reading() as session:
        spans = list(await session.exec(select(CaseSpan).where(col(CaseSpan.case_id) == case_id)))
    assert (spans[-1].waiting_on, spans[-1].clock) == (WaitingOn.LEARNER, Clock.STOPPED)


async def test_the_case_goes_on_with_the_days_that_were_left(database: Database) -> None:
    who = await moving.people(database)
    case_id = await reviewing(database, who)
    before = await limit(database, case_id, "eligibility")
    ladder = await keys(database, case_id)
    await pause(database, who, case_id)
    await resume(database, who, case_id, now=NOW + 2 * WEEK)
    after = await limit(database, case_id, "eligibility", LimitState.RUNNING)
    # From Monday to Monday ten business days stood still.
    assert day(after.due_at) == day(before.due_at) + 2 * WEEK
    case = await moving.case_of(database, case_id)
    assert (case.paused_until, case.due_at) == (None, after.due_at)
    assert (case.waiting_on, case.clock) == (WaitingOn.ADVISOR, Clock.RUNNING)
    assert await keys(database, case_id) == ladder
    told = await moving.told(database, case_id)
    assert {("resumed", who.learner.id), ("resumed_staff", who.advisor.id)} <= set(told)


async def test_a_pause_ends_by_itself_on_its_last_day(database: Database) -> None:
    who = await moving.people(database)
    case_id = await reviewing(database, who)
    await pause(database, who, case_id)
    assert (await moving.strike(database, case_id, "/soon"))["version"] == (
        await moving.case_of(database, case_id)
    ).version
    assert ("pause_ending", who.learner.id) in await moving.told(database, case_id)
    await moving.strike(database, case_id, "/end")
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.paused_until) == (Stage.ELIGIBILITY_REVIEW, None)
    async with database.reading() as session:
        (stood,) = list(await session.exec(select(Pause).where(col(Pause.case_id) == case_id)))
    assert day(stood.ended_at) == ILL.until


async def test_offers_and_assessments_keep_the_days_they_had(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assigning(database, who)
    (offer,) = await moving.seats_of(database, case_id, SeatState.OFFERED)
    await pause(database, who, case_id)
    async with moving.nothing_changes(database, "on_hold"):
        await moving.accept(database, offer, now=NOW + WEEK)
    await resume(database, who, case_id, now=NOW + WEEK)
    (again,) = await moving.seats_of(database, case_id, SeatState.OFFERED)
    assert day(again.respond_by) == day(offer.respond_by) + WEEK
    assert (await limit(database, case_id, "offer", LimitState.RUNNING)).due_at == again.respond_by
    await moving.accept(database, again, now=NOW + WEEK)
    await moving.tick(database, case_id, "start_assessment", now=NOW + WEEK)
    (seat,) = await moving.seats_of(database, case_id, SeatState.ACCEPTED)
    later = bodies.Pause("parental", date(2026, 5, 29), wished=True)
    await pause(database, who, case_id, later, now=NOW + WEEK)
    assert ("paused_staff", who.assessor.id) in await moving.told(database, case_id)
    await resume(database, who, case_id, now=NOW + 2 * WEEK)
    (moved,) = await moving.seats_of(database, case_id, SeatState.ACCEPTED)
    assert day(moved.due_at) == day(seat.due_at) + WEEK
    assert (await limit(database, case_id, "assessment", LimitState.RUNNING)).due_at == moved.due_at


async def test_whoever_declines_in_a_pause_is_followed_by_an_offer_that_stands_still(database: Database) -> None:
    who = await moving.people(database)
    async with database.writing() as session:
        other = await makers.staff(session, Role.ASSESSOR)
    case_id = await moving.assigning(database, who)
    (offer,) = await moving.seats_of(database, case_id, SeatState.OFFERED)
    asked = who.assessor if offer.person_id == who.assessor.id else other
    await pause(database, who, case_id)
    body = bodies.DeclineOffer(str(offer.id), "no_time")
    await moving.send(database, case_id, "decline_offer", actor=asked, role=Role.ASSESSOR, body=body, now=NOW + WEEK)
    (next_one,) = await moving.seats_of(database, case_id, SeatState.OFFERED)
    assert next_one.person_id != asked.id
    assert await keys(database, case_id) == {"pause/soon", "pause/end"}
    await resume(database, who, case_id, now=NOW + 2 * WEEK)
    (later,) = await moving.seats_of(database, case_id, SeatState.OFFERED)
    assert day(later.respond_by) == day(next_one.respond_by) + WEEK
    assert "offer/lapse" in await keys(database, case_id)


async def test_a_learner_who_paused_is_not_idle_meanwhile(database: Database) -> None:
    who = await moving.people(database)
    case_id = await reviewing(database, who)
    await moving.send(database, case_id, "accept_eligibility", actor=who.advisor, role=Role.ADVISOR)
    before = await limit(database, case_id, "idle")
    await pause(database, who, case_id)
    await resume(database, who, case_id, now=NOW + 8 * WEEK)
    case = await moving.case_of(database, case_id)
    assert case.active_at == NOW + 8 * WEEK
    after = await limit(database, case_id, "idle", LimitState.RUNNING)
    assert day(after.due_at) >= day(before.due_at) + 7 * WEEK
    first = await moving.rung(database, case_id, "idle/first")
    assert day(first.at) == day(NOW) + 8 * WEEK + timedelta(days=165)


async def test_what_already_stood_for_a_request_is_not_let_run_by_the_end_of_a_pause(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assessing(database, who)
    claim = (await moving.claims_of(database, case_id))["first"]
    target = bodies.Target(str(claim.id), "b", "sufficient", "A second occasion", "A photo of another day")
    body = bodies.RequestEvidence((target,))
    await moving.send(database, case_id, "request_evidence", actor=who.assessor, role=Role.ASSESSOR, body=body)
    await pause(database, who, case_id)
    await resume(database, who, case_id, now=NOW + WEEK)
    assert (await limit(database, case_id, "assessment")).state is LimitState.STOPPED
    evidence = await limit(database, case_id, "evidence")
    # Thirty days end on 1 April; the five business days after it leave out Good Friday.
    assert (evidence.state, day(evidence.due_at)) == (LimitState.RUNNING, date(2026, 4, 9))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (bodies.Pause("boredom", ILL.until, wished=True), "malformed"),
        (bodies.Pause("illness", ILL.until, wished=False), "wish_missing"),
        (bodies.Pause("illness", date(2026, 3, 1), wished=True), "date_not_later"),
        (bodies.Pause("illness", date(2026, 9, 3), wished=True), "pause_too_long"),
    ],
)
async def test_a_pause_has_a_reason_a_wish_and_an_end_within_six_months(
    database: Database, body: bodies.Pause, code: str
) -> None:
    who = await moving.people(database)
    case_id = await reviewing(database, who)
    async with moving.nothing_changes(database, code):
        await pause(database, who, case_id, body)


async def test_all_pauses_of_a_case_count_together(database: Database) -> None:
    who = await moving.people(database)
    case_id = await reviewing(database, who)
    await pause(database, who, case_id)
    await resume(database, who, case_id, now=NOW + 4 * WEEK)
    later = NOW + 4 * WEEK
    # Six months from 30 March end on 30 September; four weeks were used.
    async with moving.nothing_changes(database, "pause_too_long") as refused:
        await pause(database, who, case_id, bodies.Pause("other", date(2026, 9, 3), wished=True), now=later)
    assert refused.value.facts == {"until": "2026-09-02"}
    lead = bodies.Pause("other", date(2026, 9, 2), wished=True)
    await pause(database, who, case_id, lead, actor=who.lead, role=Role.LEAD, now=later)
    assert day((await moving.case_of(database, case_id)).paused_until) == lead.until


async def test_a_case_is_paused_once_at_a_time_and_by_staff_alone(database: Database) -> None:
    who = await moving.people(database)
    case_id = await reviewing(database, who)
    async with moving.nothing_changes(database, "not_your_move"):
        await pause(database, who, case_id, actor=who.learner, role=Role.LEARNER)
    async with moving.nothing_changes(database, "not_paused"):
        await resume(database, who, case_id, now=NOW)
    await pause(database, who, case_id)
    async with moving.nothing_changes(database, "on_hold"):
        await pause(database, who, case_id)
    async with moving.nothing_changes(database, "on_hold"):
        await moving.send(database, case_id, "accept_eligibility", actor=who.advisor, role=Role.ADVISOR)


async def test_who_leaves_a_paused_case_leaves_no_pause_behind(database: Database) -> None:
    who = await moving.people(database)
    case_id = await reviewing(database, who)
    await pause(database, who, case_id)
    leave = bodies.Withdraw(confirmed=True)
    await moving.send(database, case_id, "withdraw", actor=who.learner, role=Role.LEARNER, body=leave)
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.paused_until) == (Stage.CLOSED, None)
    assert await keys(database, case_id) == set()
    await moving.send(database, case_id, "undo_withdraw", actor=who.learner, role=Role.LEARNER, now=NOW + WEEK)
    back = await moving.case_of(database, case_id)
    assert (back.stage, back.waiting_on) == (Stage.ELIGIBILITY_REVIEW, WaitingOn.ADVISOR)
    assert (await limit(database, case_id, "eligibility", LimitState.RUNNING)).due_at == back.due_at


async def test_two_pauses_of_one_stay_in_a_stage_do_not_stand_in_each_others_way(database: Database) -> None:
    who = await moving.people(database)
    case_id = await reviewing(database, who)
    for n in range(2):
        start = NOW + n * 3 * WEEK
        await pause(database, who, case_id, now=start)
        await resume(database, who, case_id, now=start + WEEK)
    async with database.reading() as session:
        stood = list(await session.exec(select(Pause).where(col(Pause.case_id) == case_id)))
    assert [one.ended_at is not None for one in stood] == [True, True]
