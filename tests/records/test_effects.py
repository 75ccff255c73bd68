"""Who is told what, once: nobody who is barred, nobody who has left, and nobody in two parts."""

from uuid import UUID

import pytest
from sqlmodel import col, select

from services.records import cases, effects
from services.records.database import Database
from services.records.tables.commands import EffectRow
from services.rules.case import Lane, SeatState, Stage, WaitingOn
from services.rules.claims import Recommendation
from services.rules.ladders import To
from services.rules.people import Role
from tests.records import makers, moving
from tests.records.makers import NOW


async def of_lane(database: Database, case_id: UUID, lane: Lane) -> list[EffectRow]:
    async with database.reading() as session:
        rows = await session.exec(
            select(EffectRow)
            .where(col(EffectRow.case_id) == case_id, col(EffectRow.lane) == lane)
            .order_by(col(EffectRow.seq), col(EffectRow.step))
        )
        return list(rows)


async def told(database: Database, case_id: UUID, to: To, *, subject: str = "") -> list[UUID]:
    async with database.reading() as session:
        case = await cases.get(session, case_id)
        return await effects.recipients(session, case=case, to=to, subject=subject)


async def test_the_work_on_a_decision_is_queued_in_its_order_under_one_version(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.judged(database, who, first=Recommendation.MET)
    await moving.decide(database, who, case_id)
    work = await of_lane(database, case_id, Lane.ISSUE)
    assert [one.activity for one in work] == [
        "reserve_issuance",
        "sign_credentials",
        "render_letter",
        "publish_decision",
    ]
    assert {one.key for one in work} == {f"{case_id}:{work[0].seq}:{one.activity}" for one in work}
    assert len({one.decision_id for one in work}) == 1


async def test_the_same_notice_on_the_same_occasion_goes_once(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.ELIGIBLE)
    for occasion in ("first", "first", "second"):
        async with database.writing() as session:
            case = await cases.get(session, case_id)
            await effects.tell(session, case=case, notice="eligible", person=who.learner.id, now=NOW, occasion=occasion)
    assert len(await of_lane(database, case_id, Lane.MAIL)) == 2


@pytest.mark.parametrize(
    ("to", "name"),
    [
        (To.LEARNER, "learner"),
        (To.ADVISOR, "advisor"),
        (To.SEAT, "assessor"),
        (To.LEAD, "lead"),
        (To.DECISION_MAKER, "decider"),
    ],
)
async def test_everybody_is_found_by_their_part(database: Database, to: To, name: str) -> None:
    who = await moving.people(database)
    case_id = await moving.assessing(database, who)
    assert await told(database, case_id, to) == [getattr(who, name).id]


@pytest.mark.parametrize(
    ("waits", "name"),
    [
        (WaitingOn.LEARNER, "learner"),
        (WaitingOn.ADVISOR, "advisor"),
        (WaitingOn.ASSESSOR, "assessor"),
        (WaitingOn.DECISION_MAKER, "decider"),
        (WaitingOn.LEAD, "lead"),
        (WaitingOn.NONE, "lead"),
    ],
)
async def test_a_reminder_goes_to_whoever_the_case_waits_on(database: Database, waits: WaitingOn, name: str) -> None:
    who = await moving.people(database)
    case_id = await moving.assessing(database, who)
    async with database.writing() as session:
        (await cases.get(session, case_id)).waiting_on = waits
    assert await told(database, case_id, To.WAITED_ON) == [getattr(who, name).id]


async def test_a_mail_about_one_seat_goes_to_its_holder_alone(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assigning(database, who)
    (seat,) = await moving.seats_of(database, case_id, SeatState.OFFERED)
    assert await told(database, case_id, To.SEAT) == []  # nobody sits yet
    assert await told(database, case_id, To.SEAT, subject=str(seat.id)) == [seat.person_id]


async def test_staff_who_are_barred_gone_or_in_another_part_are_not_told(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.SUBMITTED)
    async with database.writing() as session:
        case = await cases.get(session, case_id)
        barred, gone, one, another = [await makers.staff(session, Role.LEAD) for _ in range(4)]
        await makers.exclude(session, case, barred)
        gone.active = False
        session.add(gone)
        await makers.role(session, who.advisor, Role.LEAD)  # who follows the case does not lead it
        other = await makers.person(session)
        await makers.role(session, other, Role.LEAD, programme="another-programme")
        role = await makers.role(session, await makers.person(session), Role.LEAD)
        role.ended_at = NOW
        session.add(role)
    assert sorted(await told(database, case_id, To.LEAD)) == sorted([who.lead.id, one.id, another.id])


async def test_a_case_without_an_advisor_tells_no_advisor(database: Database) -> None:
    async with database.writing() as session:
        case_id = (await makers.case(session, stage=Stage.SUBMITTED)).id
    assert await told(database, case_id, To.ADVISOR) == []
