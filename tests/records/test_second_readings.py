"""A claim that must be read twice is read twice, apart from each other, and decided on only then."""

from dataclasses import replace
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from services.records import second_readings
from services.records.database import Database
from services.records.tables.assessment import Assignment, FinalReading, SecondReading, Standing
from services.rules import commands as bodies
from services.rules.case import SeatKind, SeatState, Stage
from services.rules.claims import ClaimState, Confidence
from services.rules.people import Role
from services.rules.second_reading import Trigger, Way
from tests.records import makers, moving, reading
from tests.records.prepared import prepared
from tests.records.reading import MET, NOT_YET, PARTIAL

FIRST, SECOND, THIRD = SeatKind.FIRST, SeatKind.SECOND, SeatKind.THIRD
UNSURE = replace(moving.finding(), confidence=Confidence.LOW)
NEW = reading.programme(first_cases=5)
"""A programme in which everything that the sample assessors read is among their first cases."""

ALONE = reading.programme()
"""A programme in which only what the first reader finds can ask for a second."""


async def triggers(database: Database, case_id: UUID) -> set[Trigger]:
    async with database.reading() as session:
        found = await second_readings.asked(session, case_id)
    return {trigger for reasons in found.values() for trigger in reasons}


async def standings(database: Database, case_id: UUID) -> dict[str, Standing]:
    held = {claim.id: key for key, claim in (await moving.claims_of(database, case_id)).items()}
    async with database.reading() as session:
        rows = await session.exec(select(FinalReading))
        return {held[row.claim_id]: row.standing for row in rows if row.claim_id in held}


async def offered(database: Database, case_id: UUID) -> list[SeatKind]:
    return [seat.seat for seat in await moving.seats_of(database, case_id, SeatState.OFFERED)]


# known in advance


async def test_an_assessors_first_cases_are_offered_to_a_second_at_once_and_read_side_by_side(
    database: Database,
) -> None:
    who = await reading.people(database)
    case_id = await reading.assigning(database, who, NEW)
    assert await offered(database, case_id) == [FIRST]
    await reading.accept(database, case_id, FIRST)
    assert await offered(database, case_id) == [SECOND]
    assert await triggers(database, case_id) == {Trigger.NEW_ASSESSOR}
    await moving.tick(database, case_id, "start_assessment")  # the second reader is not waited for
    await reading.accept(database, case_id, SECOND)
    first, second = [await reading.seat(database, case_id, kind) for kind in (FIRST, SECOND)]
    assert first.person_id != second.person_id
    assert first.due_at == second.due_at
    await reading.sends(database, case_id, SECOND, first=MET, second=PARTIAL)
    assert (await moving.case_of(database, case_id)).stage is Stage.IN_ASSESSMENT
    assert await standings(database, case_id) == {}
    await reading.sends(database, case_id, FIRST, first=MET, second=PARTIAL)
    assert (await moving.case_of(database, case_id)).stage is Stage.DECISION_PENDING
    assert await standings(database, case_id) == {"first": Standing.AGREED, "second": Standing.AGREED}
    assert await reading.final(database, case_id) == {
        "first": ("met", first.person_id),
        "second": ("partial", first.person_id),
    }


async def test_nothing_is_settled_or_told_before_everybody_has_read(database: Database) -> None:
    who = await reading.people(database)
    case_id = await reading.assessing(database, who, NEW)
    await reading.sends(database, case_id, FIRST, first=MET, second=PARTIAL)
    case = await moving.case_of(database, case_id)
    assert case.stage is Stage.IN_ASSESSMENT  # the second seat is on offer still
    assert {claim.state for claim in (await moving.claims_of(database, case_id)).values()} == {ClaimState.IN_ASSESSMENT}
    assert "decision_needed" not in dict(await moving.told(database, case_id))
    async with moving.nothing_changes(database, "illegal_transition"):
        await moving.decide(database, who, case_id)


async def test_a_programme_may_want_three_readers(database: Database) -> None:
    who = await reading.people(database, assessors=3)
    case_id = await reading.assigning(database, who, reading.programme(readers_per_claim=3))
    assert await offered(database, case_id) == [FIRST, SECOND, THIRD]
    assert await triggers(database, case_id) == {Trigger.READERS}
    await reading.accept(database, case_id, FIRST, SECOND, THIRD)
    await moving.tick(database, case_id, "start_assessment")
    for kind in (FIRST, SECOND):
        await reading.sends(database, case_id, kind, first=MET, second=PARTIAL)
        assert (await moving.case_of(database, case_id)).stage is Stage.IN_ASSESSMENT
    await reading.sends(database, case_id, THIRD, first=MET, second=PARTIAL)
    assert (await moving.case_of(database, case_id)).stage is Stage.DECISION_PENDING


async def test_where_much_is_at_stake_two_are_asked_from_the_start(database: Database) -> None:
    who = await reading.people(database)
    case_id = await reading.assigning(database, who, reading.programme(high_stakes=True))
    assert await offered(database, case_id) == [FIRST, SECOND]
    assert await triggers(database, case_id) == {Trigger.HIGH_STAKES}


async def test_a_panel_reads_the_file_itself_where_the_programme_asks_nobody_else(database: Database) -> None:
    who = await reading.people(database)
    case_id = await reading.assigning(database, who, reading.programme(readers_per_claim=0))
    assert FIRST not in await offered(database, case_id)
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.moderation) == (Stage.ASSIGNING, Way.PANEL)


# what the first reading asks for


@pytest.mark.parametrize(
    ("found", "because"),
    [
        ({"first": UNSURE, "second": MET}, Trigger.LOW_CONFIDENCE),
        ({"first": NOT_YET, "second": NOT_YET}, Trigger.ALL_NOT_YET),
        ({"first": MET, "second": MET, "third": MET}, Trigger.FULL_GRANT),
    ],
)
async def test_a_first_reading_can_ask_for_a_second_which_has_its_own_time(
    database: Database, found: dict[str, object], because: Trigger
) -> None:
    who = await reading.people(database)
    case_id = await reading.assessing(database, who, ALONE, *found)
    await reading.sends(database, case_id, FIRST, **found)  # type: ignore[arg-type]  # by competency
    case = await moving.case_of(database, case_id)
    assert case.stage is Stage.SECOND_ASSESSMENT
    assert await triggers(database, case_id) == {because}
    assert await offered(database, case_id) == [SECOND]
    assert await standings(database, case_id) == {}
    rung = await moving.rung(database, case_id, "second/late")
    assert rung.at > makers.NOW
    await reading.accept(database, case_id, SECOND)
    second = await reading.seat(database, case_id, SECOND)
    assert second.due_at == (await moving.case_of(database, case_id)).due_at
    await reading.sends(database, case_id, SECOND, **found)  # type: ignore[arg-type]  # as above
    assert (await moving.case_of(database, case_id)).stage is Stage.DECISION_PENDING
    assert set((await standings(database, case_id)).values()) == {Standing.AGREED}


async def test_one_sure_reading_of_an_ordinary_case_is_enough(database: Database) -> None:
    who = await reading.people(database)
    case_id = await reading.assessing(database, who, ALONE)
    await reading.sends(database, case_id, FIRST, first=MET, second=PARTIAL)
    assert (await moving.case_of(database, case_id)).stage is Stage.DECISION_PENDING
    assert await triggers(database, case_id) == set()
    assert set((await standings(database, case_id)).values()) == {Standing.SINGLE}


# what two readings come to


@prepared
async def read_twice(database: Database, first: dict[str, object], second: dict[str, object]) -> UUID:
    """A case that was read by two, who found this."""
    who = await reading.people(database, assessors=3)
    case_id = await reading.assessing(database, who, NEW)
    await reading.accept(database, case_id, SECOND)
    await reading.sends(database, case_id, FIRST, **first)  # type: ignore[arg-type]  # by competency
    await reading.sends(database, case_id, SECOND, **second)  # type: ignore[arg-type]  # as above
    return case_id


@pytest.mark.parametrize(
    ("second", "way"), [({"first": MET, "second": NOT_YET}, Way.CONFER), ({"first": NOT_YET, "second": MET}, Way.PANEL)]
)
async def test_readings_that_differ_are_settled_by_those_who_read_or_by_a_panel(
    database: Database, second: dict[str, object], way: Way
) -> None:
    case_id = await read_twice(database, {"first": MET, "second": PARTIAL}, second)
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.moderation) == (Stage.MODERATION, way)
    assert await standings(database, case_id) == ({"first": Standing.AGREED} if way is Way.CONFER else {})
    states = {key: claim.state for key, claim in (await moving.claims_of(database, case_id)).items()}
    assert states["second"] is ClaimState.IN_ASSESSMENT


# one version of the portfolio


async def answered(database: Database, case_id: UUID, who: moving.People, asking: SeatKind) -> None:
    """Whoever holds the seat asks for more, and the learner has nothing."""
    claim = (await moving.claims_of(database, case_id))["first"]
    target = bodies.Target(str(claim.id), "a", "sufficient", "Only one occasion", "A second one")
    asker = await reading.person(database, await reading.seat(database, case_id, asking))
    body = bodies.RequestEvidence((target,))
    sent = await moving.send(database, case_id, "request_evidence", actor=asker, role=Role.ASSESSOR, body=body)
    async with database.reading() as session:
        rows = await session.exec(sa.text("SELECT id FROM request_targets"))  # type: ignore[call-overload]  # plain SQL
        (asked,) = rows.scalars()
    assert set(sent) == {"stage", "version", "request"}
    answer = bodies.AnswerRequest((bodies.TargetAnswer(str(UUID(str(asked))), nothing_more=True),))
    await moving.send(database, case_id, "answer_request", actor=who.learner, role=Role.LEARNER, body=answer)


async def test_what_was_judged_on_an_older_version_is_confirmed_before_it_is_compared(database: Database) -> None:
    who = await reading.people(database)
    case_id = await reading.assessing(database, who, ALONE)
    await reading.sends(database, case_id, FIRST, first=UNSURE, second=MET)
    await reading.accept(database, case_id, SECOND)
    first = await reading.seat(database, case_id, FIRST)
    author = await reading.person(database, first)
    async with moving.nothing_changes(database, "judgement_current"):
        await moving.send(database, case_id, "confirm_judgements", actor=author, role=Role.ASSESSOR)
    await answered(database, case_id, who, SECOND)
    case = await moving.case_of(database, case_id)
    assert case.stage is Stage.SECOND_ASSESSMENT
    assert ("judgements_to_confirm", author.id) in await moving.told(database, case_id)
    await reading.sends(database, case_id, SECOND, first=MET, second=MET)
    assert (await moving.case_of(database, case_id)).stage is Stage.SECOND_ASSESSMENT
    assert await standings(database, case_id) == {}
    confirmed = await moving.send(database, case_id, "confirm_judgements", actor=author, role=Role.ASSESSOR)
    assert (confirmed["claims"], confirmed["portfolio_version"]) == (2, 2)
    assert (await moving.case_of(database, case_id)).stage is Stage.DECISION_PENDING
    assert set((await standings(database, case_id)).values()) == {Standing.AGREED}


async def test_whoever_never_confirms_is_reminded_and_then_replaced(database: Database) -> None:
    who = await reading.people(database, assessors=3)
    case_id = await reading.assessing(database, who, ALONE)
    await reading.sends(database, case_id, FIRST, first=UNSURE, second=MET)
    await reading.accept(database, case_id, SECOND)
    await answered(database, case_id, who, SECOND)
    await reading.sends(database, case_id, SECOND, first=MET, second=MET)
    first = await reading.seat(database, case_id, FIRST)
    await moving.strike(database, case_id, "second/late")
    assert ("assessment_reminder", first.person_id) in await moving.told(database, case_id)
    await moving.strike(database, case_id, "second/reoffer")
    again = await reading.seat(database, case_id, FIRST, SeatState.OFFERED)
    assert again.person_id != first.person_id
    assert (await reading.seat(database, case_id, FIRST, SeatState.DISMISSED)).id == first.id
    assert (await reading.seat(database, case_id, SECOND)).state is SeatState.SUBMITTED


# seats that change hands


async def conflict(database: Database, seat: Assignment) -> None:
    body = bodies.DeclareConflict(str(seat.id), moving.tied())
    who = await reading.person(database, seat)
    await moving.send(database, seat.case_id, "declare_conflict", actor=who, role=Role.ASSESSOR, body=body)


@pytest.mark.parametrize(("kind", "stage"), [(FIRST, Stage.IN_ASSESSMENT), (SECOND, Stage.SECOND_ASSESSMENT)])
async def test_a_tie_found_before_the_decision_has_the_same_seat_read_again(
    database: Database, kind: SeatKind, stage: Stage
) -> None:
    found: dict[str, object] = {"first": MET, "second": PARTIAL}
    case_id = await read_twice(database, found, found)
    assert (await moving.case_of(database, case_id)).stage is Stage.DECISION_PENDING
    barred = await reading.seat(database, case_id, kind)
    await conflict(database, barred)
    assert (await moving.case_of(database, case_id)).stage is stage
    assert await standings(database, case_id) == {}
    assert await offered(database, case_id) == [kind]
    await reading.accept(database, case_id, kind)
    await reading.sends(database, case_id, kind, first=MET, second=PARTIAL)
    assert (await moving.case_of(database, case_id)).stage is Stage.DECISION_PENDING
    assert barred.person_id not in {person for _, person in (await reading.final(database, case_id)).values()}


async def test_a_tie_found_while_two_confer_leaves_it_to_a_panel(database: Database) -> None:
    case_id = await read_twice(database, {"first": MET, "second": PARTIAL}, {"first": MET, "second": NOT_YET})
    await conflict(database, await reading.seat(database, case_id, SECOND))
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.moderation) == (Stage.MODERATION, Way.PANEL)
    assert await standings(database, case_id) == {}
    assert SECOND not in await offered(database, case_id)


async def test_a_withdrawal_that_is_undone_finds_the_readings_and_asks_the_second_again(database: Database) -> None:
    who = await reading.people(database, assessors=3)
    case_id = await reading.assessing(database, who, ALONE)
    await reading.sends(database, case_id, FIRST, first=UNSURE, second=MET)
    await reading.accept(database, case_id, SECOND)
    second = await reading.seat(database, case_id, SECOND)
    body = bodies.Withdraw(confirmed=True)
    await moving.send(database, case_id, "withdraw", actor=who.learner, role=Role.LEARNER, body=body)
    await moving.send(database, case_id, "undo_withdraw", actor=who.learner, role=Role.LEARNER)
    assert (await moving.case_of(database, case_id)).stage is Stage.SECOND_ASSESSMENT
    assert (await reading.seat(database, case_id, FIRST)).state is SeatState.SUBMITTED
    again = await reading.seat(database, case_id, SECOND, SeatState.OFFERED)
    assert again.person_id == second.person_id
    await reading.accept(database, case_id, SECOND)
    await reading.sends(database, case_id, SECOND, first=MET, second=MET)
    assert (await moving.case_of(database, case_id)).stage is Stage.DECISION_PENDING


async def test_a_lead_names_the_second_reader_when_nobody_could_be_found(database: Database) -> None:
    who = await reading.people(database, assessors=1)
    case_id = await reading.assessing(database, who, NEW)
    assert ("assignment_failed", who.lead.id) in await moving.told(database, case_id)
    async with database.writing() as session:
        late = await makers.staff(session, Role.ASSESSOR)
    body = bodies.Reassign("Nobody else was there", assessor=str(late.id))
    await moving.send(database, case_id, "reassign", actor=who.lead, role=Role.LEAD, body=body)
    seat = await reading.seat(database, case_id, SECOND, SeatState.OFFERED)
    assert seat.person_id == late.id


async def test_an_overdue_second_reader_is_replaced_by_another(database: Database) -> None:
    who = await reading.people(database, assessors=3)
    case_id = await reading.assessing(database, who, ALONE)
    await reading.sends(database, case_id, FIRST, first=UNSURE, second=MET)
    await reading.accept(database, case_id, SECOND)
    late = await reading.seat(database, case_id, SECOND)
    await moving.strike(database, case_id, "second/reoffer")
    again = await reading.seat(database, case_id, SECOND, SeatState.OFFERED)
    assert again.person_id != late.person_id
    assert (await reading.seat(database, case_id, FIRST)).state is SeatState.SUBMITTED


async def test_a_pair_that_read_its_last_cases_together_is_not_paired_again(database: Database) -> None:
    who = await reading.people(database)
    sample = reading.programme(high_stakes=True, avoid_same_pair=2)
    for _ in range(2):
        case_id = await reading.assigning(database, who, sample, "first")
        await reading.accept(database, case_id, FIRST, SECOND)
        await moving.tick(database, case_id, "start_assessment")
        for kind in (FIRST, SECOND):
            await reading.sends(database, case_id, kind, first=PARTIAL)
        await moving.decide(database, who, case_id)
        async with database.writing() as session:
            await session.exec(sa.text("UPDATE cases SET stage = 'closed'"))  # type: ignore[call-overload]  # plain SQL
    case_id = await reading.assigning(database, who, sample, "first")
    assert await offered(database, case_id) == [FIRST]
    assert ("assignment_failed", who.lead.id) in await moving.told(database, case_id)


async def test_what_was_asked_for_stays_asked_for(database: Database) -> None:
    who = await reading.people(database)
    await reading.assigning(database, who, reading.programme(high_stakes=True))
    for statement in (sa.delete(SecondReading), sa.update(SecondReading).values(trigger=Trigger.SAMPLED)):
        with pytest.raises(sa.exc.IntegrityError, match="to be read twice"):
            async with database.writing() as session:
                await session.exec(statement.where(col(SecondReading.trigger) == Trigger.HIGH_STAKES))
