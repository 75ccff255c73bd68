"""The roll-up counts how far cases come, how long that takes, where they are left, and groups beside each other."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import select

from services.records import courses, progress
from services.records.database import Database
from services.records.ids import new_id
from services.records.tables.assessment import Assignment
from services.records.tables.cases import Case, CaseSpan, Claim, StageHistory
from services.records.tables.commands import CommandRow, CommandStatus
from services.records.tables.credentials import Credential
from services.records.tables.decisions import Decision, DecisionKind
from services.records.tables.fees import CaseFee, FeeWaiver
from services.records.tables.sharing import CredentialChecks
from services.records.tables.statistics import ProgressCount
from services.rules.agreement import Quarter, quantile
from services.rules.case import Clock, ClosedAs, SeatKind, SeatState, Stage, WaitingOn
from services.rules.claims import ClaimState, Outcome, Recommendation
from services.rules.fees import Service
from services.rules.people import Role
from services.rules.progress import ALL, Measure, Step
from tests.records import makers, meeting, moderated, moving, test_moves_paneling
from tests.records.makers import NOW

SLUG = makers.programme().slug
REACH = [(makers.INSTITUTION, None)]
LATER = datetime(2026, 7, 6, 6, tzinfo=UTC)
AWAY = (Stage.ELIGIBLE, Stage.PORTFOLIO_SUBMITTED, Stage.DECISION_PENDING, Stage.DECIDED)


async def course(database: Database, *days: int, stage: Stage | None = None, **fields: Any) -> UUID:  # noqa: ANN401 - any field of a case
    """A case sent at `NOW` that came to each stage of `AWAY` after so many days."""
    came = list(zip(AWAY, days, strict=False))
    ends = stage or (came[-1][0] if came else Stage.SUBMITTED)
    async with database.writing() as session:
        values: dict[str, Any] = {
            "submitted_at": NOW,
            "decided_at": NOW + timedelta(days=days[3]) if len(days) > 3 else None,
        }
        case = await makers.case(session, stage=ends, **values | fields)
        for version, (entered, after) in enumerate(came, start=1):
            sent: dict[str, Any] = {
                "status": CommandStatus.APPLIED,
                "version": version,
                "settled_at": NOW,
                "result": {},
            }
            row = await makers.command(session, case, "x", actor=case.learner_id, role=Role.LEARNER, **sent)
            moved: dict[str, Any] = {
                "move": "x",
                "from_stage": Stage.SUBMITTED,
                "to_stage": entered,
                "at": NOW + timedelta(days=after),
            }
            await makers.stored(session, StageHistory(case_id=case.id, version=version, command_id=row.id, **moved))
        return case.id


async def span(database: Database, case_id: UUID, stage: Stage, *, begins: int, ends: int) -> None:
    """A stretch of days in which our clock ran, or a case waited for its learner."""
    ours = stage is not Stage.ELIGIBLE
    row = CaseSpan(
        case_id=case_id,
        seq=begins,
        stage=stage,
        waiting_on=WaitingOn.ASSESSOR if ours else WaitingOn.LEARNER,
        clock=Clock.RUNNING if ours else Clock.STOPPED,
        started_at=NOW + timedelta(days=begins),
        ended_at=NOW + timedelta(days=ends),
    )
    async with database.writing() as session:
        await makers.stored(session, row)


async def rolled_up(database: Database, *, now: datetime = LATER) -> list[ProgressCount]:
    """Every figure, after the sweep."""
    async with database.reading() as session:
        gathered = await courses.gather(session, SLUG, now=now)
    async with database.writing() as session:
        await progress.store(session, gathered, progress.counted(gathered))
    async with database.reading() as session:
        return list(await session.exec(select(ProgressCount)))


def numbers(rows: list[ProgressCount], quarter: str = "2026Q1") -> Counter[tuple[Measure, str]]:
    return Counter({(row.measure, row.word): row.number for row in rows if row.quarter == quarter})


async def test_a_cohort_is_followed_from_sending_to_the_letter(database: Database) -> None:
    await course(database, 5, 20, 50, 60, outcome=Outcome.GRANTED_FULL)
    await course(database, 5, 20, 50, 100, outcome=Outcome.NOT_GRANTED)
    await course(database, 5, 20)
    left: dict[str, Any] = {"stage": Stage.CLOSED, "closed_as": ClosedAs.EXPIRED, "return_to": Stage.ELIGIBLE}
    await course(database, 5, closed_at=NOW + timedelta(days=40), **left)
    await course(database, 5)
    await course(database)
    await course(database, stage=Stage.DRAFT, submitted_at=None)
    found = numbers(await rolled_up(database))
    reached = {step: found[Measure.REACHED, step] for step in Step}
    assert reached == {
        Step.DRAFT: 7, Step.SUBMITTED: 6, Step.ELIGIBLE: 5, Step.DEPOSITED: 3, Step.ASSESSED: 2, Step.DECIDED: 2,
        Step.GRANTED_FULL: 1, Step.GRANTED_PARTIAL: 0, Step.NOT_GRANTED: 1, Step.ISSUED: 0, Step.OPENED: 0,
        Step.APPEALED: 0, Step.ENQUIRY: 0,
    }  # fmt: skip
    assert found[Measure.LED_ON, Step.DRAFT] == 6
    assert (found[Measure.NEVER_PRESENTED, "closed"], found[Measure.NEVER_PRESENTED, "open"]) == (1, 1)
    assert [found[Measure.OLD_ENOUGH, word] for word in ("90", "180", "365")] == [6, 0, 0]
    assert found[Measure.DECIDED_WITHIN, "90"] == 1


async def test_a_whole_case_comes_to_a_credential_and_an_opened_letter(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.judged(database, who, first=Recommendation.MET)
    await moving.decide(database, who, case_id)
    await moving.publish(database, case_id)
    async with database.writing() as session:
        case = await session.get_one(Case, case_id)
        case.submitted_at = NOW
        await session.exec(sa.text("UPDATE letters SET opened_at = drafted_at"))  # type: ignore[call-overload]  # a statement as text
        (claim,) = list(await session.exec(select(Claim).where(Claim.case_id == case_id)))
        claim.withdrawn_at = None
        (credential,) = list(await session.exec(select(Credential).where(Credential.case_id == case_id)))
        for day, number in ((date(2026, 3, 30), 2), (date(2026, 3, 31), 3), (date(2026, 4, 1), 7)):
            await makers.stored(session, CredentialChecks(credential_id=credential.id, day=day, number=number))
        sent = list(await session.exec(select(CommandRow.id).where(CommandRow.case_id == case_id).limit(2)))
        for command in sent:
            fee = CaseFee(
                id=new_id(), case_id=case_id, command_id=command, service=Service.FILE, amount=60, currency="CAD",
                charged_at=NOW,
            )  # fmt: skip
            await makers.stored(session, fee)
    found = numbers(await rolled_up(database))
    for step in (Step.DEPOSITED, Step.ASSESSED, Step.DECIDED, Step.ISSUED, Step.OPENED):
        assert found[Measure.REACHED, step] == 1, step
    assert (found[Measure.CLAIMS, "granted"], found[Measure.CLAIMS_GRANTED, "first"]) == (1, 1)
    assert found[Measure.ASSESSED, "without_request"] == 1
    assert (found[Measure.GRANTED_BY_ATTEMPT, "1"], found[Measure.GRANTED_BY_METHOD, "on_file"]) == (1, 1)
    assert (found[Measure.DECISIONS, ALL], found[Measure.LETTERS_CORRECTED, ALL]) == (1, 0)
    pointed = {word: number for (measure, word), number in found.items() if measure is Measure.POINTED}
    assert pointed == {"all/1": 1, "direct/1": 1}
    assert (found[Measure.CHECKS, "first"], found[Measure.FEES, "file/CAD"]) == (5, 120)


async def test_what_is_waived_counts_beside_what_was_charged_once_both_are_so(database: Database) -> None:
    who, spring = await moving.people(database), NOW + timedelta(days=60)
    async with database.writing() as session:
        case = await makers.case(session)

        async def sent() -> UUID:
            return (await makers.applied(session, case, "x", actor=who.lead.id, role=Role.LEAD)).id

        for service, amount, charged, waived in (
            (Service.FILE, 60, NOW, spring),
            (Service.COMPETENCIES, 40, spring, NOW),
            (Service.REACTIVATION, 30, NOW, None),
        ):
            fee = CaseFee(
                id=new_id(), case_id=case.id, command_id=await sent(), service=service, amount=amount, currency="CAD",
                charged_at=charged,
            )  # fmt: skip
            await makers.stored(session, fee)
            if waived is not None:
                waiver = FeeWaiver(
                    case_id=case.id, service=service, reason="Hard times", waived_by=who.lead.id,
                    command_id=await sent(), at=waived,
                )  # fmt: skip
                await makers.stored(session, waiver)
    found = {
        (row.quarter, row.measure, row.word): row.number
        for row in await rolled_up(database)
        if row.measure in {Measure.FEES, Measure.FEES_WAIVED}
    }
    assert found == {
        ("2026Q1", Measure.FEES, "file/CAD"): 60,
        ("2026Q1", Measure.FEES, "reactivation/CAD"): 30,
        ("2026Q2", Measure.FEES, "competencies/CAD"): 40,
        ("2026Q2", Measure.FEES_WAIVED, "file/CAD"): 60,
        ("2026Q2", Measure.FEES_WAIVED, "competencies/CAD"): 40,
    }


async def test_a_panel_that_its_chair_decides_counts_apart(database: Database) -> None:
    case_id, members, claims = await test_moves_paneling.ready(database)
    split, chairs = (Recommendation.NOT_YET, Recommendation.MET), Recommendation.MET
    minutes = moderated.minutes(members, claims, votes=split, casting=chairs)
    await moderated.record(database, case_id, members[0], minutes)
    found = numbers(await rolled_up(database))
    assert (found[Measure.VOTES, "casting"], found[Measure.VOTES, "majority"]) == (1, 0)


async def test_the_minutes_of_a_meeting_count_once_it_is_written_down(database: Database) -> None:
    who = await moving.people(database)
    await meeting.recorded(database, who)
    found = numbers(await rolled_up(database))
    assert {word: n for (measure, word), n in found.items() if measure is Measure.MEETINGS} == {"interview": 45}


async def test_a_letter_of_a_corrected_decision_counts_once_and_not_by_language(database: Database) -> None:
    async with database.writing() as session:
        case = await makers.decided(session)
        first = (await session.exec(select(Decision).where(Decision.case_id == case.id))).one()
        sent = await makers.applied(session, case, "x", actor=first.decided_by, role=Role.DECISION_MAKER)
        again = await makers.decision(session, case, sent, supersedes_id=first.id)
        for language in ("en", "fr"):
            await makers.letter(session, again, language=language)
    found = numbers(await rolled_up(database))
    assert (found[Measure.LETTERS_CORRECTED, ALL], found[Measure.CHANGED, "corrected"]) == (1, 1)
    assert found[Measure.DECISIONS, ALL] == 1


async def test_our_days_are_business_days_and_the_learners_are_days_of_the_calendar(database: Database) -> None:
    case_id = await course(database, 5, 20, 50, 60, outcome=Outcome.GRANTED_FULL)  # `NOW` is a Monday
    await span(database, case_id, Stage.ELIGIBLE, begins=5, ends=20)
    await span(database, case_id, Stage.IN_ASSESSMENT, begins=21, ends=28)
    await span(database, case_id, Stage.DECISION_PENDING, begins=50, ends=52)
    await span(database, case_id, Stage.IN_ASSESSMENT, begins=70, ends=90)  # after the letter
    await course(database, 5, 20, 50, 61, outcome=Outcome.NOT_GRANTED)
    rows = {(row.measure, row.word): row.values for row in await rolled_up(database) if row.quarter == "2026Q2"}
    assert rows[Measure.DAYS_TO_DECISION, ALL] == [60, 61]
    assert quantile([60.0, 61.0], per_mille=500) == 60
    assert rows[Measure.THEIR_DAYS, ALL] == rows[Measure.THEIR_DAYS, Stage.ELIGIBLE] == [15]
    assert rows[Measure.OUR_DAYS, Stage.IN_ASSESSMENT] == [5]
    assert rows[Measure.OUR_DAYS, ALL] == [7]


async def test_whoever_left_counts_where_and_why_and_what_is_open_by_how_long(database: Database) -> None:
    closed: dict[str, Any] = {
        "stage": Stage.CLOSED,
        "closed_as": ClosedAs.WITHDRAWN,
        "closed_at": NOW,
        "return_to": Stage.ELIGIBLE,
    }
    because = await course(database, 5, **closed)
    await course(database, 5, **closed)
    async with database.writing() as session:
        case = await session.get_one(Case, because)
        sent = {"status": CommandStatus.APPLIED, "version": 9, "settled_at": NOW, "result": {}}
        body = {"confirmed": True, "reason": "cost"}
        await makers.command(session, case, "withdraw", actor=case.learner_id, role=Role.LEARNER, body=body, **sent)
    await course(database, 5, submitted_at=LATER - timedelta(days=400))
    await course(database, submitted_at=LATER - timedelta(days=3))
    rows = await rolled_up(database)
    before, today = numbers(rows), numbers(rows, "2026Q3")
    assert before[Measure.LEFT_IN, Stage.ELIGIBLE] == 2
    assert (before[Measure.LEFT_BECAUSE, "cost"], before[Measure.LEFT_BECAUSE, "not_said"]) == (1, 1)
    assert (today[Measure.OPEN_FOR, "over_365"], today[Measure.OPEN_FOR, "0_30"]) == (1, 1)
    assert (today[Measure.OPEN_IN, Stage.ELIGIBLE], today[Measure.OPEN_WAITING, WaitingOn.LEARNER]) == (1, 1)


async def test_seats_are_late_from_the_end_of_their_day_on(database: Database) -> None:
    who = await moving.people(database)
    async with database.writing() as session:
        for at in (NOW - timedelta(hours=1), NOW + timedelta(days=1), None):
            case = await makers.case(session, stage=Stage.IN_ASSESSMENT)
            if at is None:
                seat = await makers.seat(session, case, who.assessor)
            else:
                await makers.read_by(
                    session, case, (who.assessor, SeatKind.FIRST, {"first": Recommendation.MET}), at=at
                )
                seat = (await session.exec(select(Assignment).where(Assignment.case_id == case.id))).one()
            seat.due_at = NOW
            (claim,) = await makers.claims(session, case)
            claim.state, claim.withdrawn_at = ClaimState.WITHDRAWN, NOW
    found = numbers(await rolled_up(database))
    assert (found[Measure.SEATS_DUE, SeatKind.FIRST], found[Measure.SEATS_LATE, SeatKind.FIRST]) == (3, 2)
    assert found[Measure.CLAIMS, "withdrawn"] == 3


async def test_conflicts_and_changed_decisions_count_in_their_quarter(database: Database) -> None:
    who = await moving.people(database)
    async with database.writing() as session:
        case = await makers.case(session, stage=Stage.ASSIGNING)
        for state, due in (
            (SeatState.DECLINED, None),
            (SeatState.CONFLICT, None),
            (SeatState.CONFLICT, NOW),
            (SeatState.EXPIRED, None),
        ):
            person = await makers.staff(session, Role.ASSESSOR)
            seat = await makers.seat(session, case, person, state=state)
            seat.answered_at, seat.due_at = None if state is SeatState.EXPIRED else NOW, due
        await makers.exclude(session, case, who.assessor)
        row = await makers.decided(session)
        by = (await session.exec(select(Decision).where(Decision.case_id == row.id))).one()
        sent = await makers.applied(session, row, "revoke_grant", actor=by.decided_by, role=Role.DECISION_MAKER)
        other = {"id": new_id(), "kind": DecisionKind.REVOCATION, "command_id": sent.id, "case_version": row.version}
        await makers.stored(session, Decision(**by.model_dump() | other))
    found = numbers(await rolled_up(database))
    offers = [found[Measure.OFFERS_ANSWERED, word] for word in ("declined", "conflict", "conflict_late", "accepted")]
    assert offers == [1, 1, 1, 0]
    assert sum(found[Measure.BARRED, word] for word in ("declared", "detected")) == 1
    assert found[Measure.CHANGED, "revocation"] == 1
    assert found[Measure.CLAIMS, "granted"] == 1


async def test_a_later_night_keeps_what_is_old_and_follows_cohorts(database: Database) -> None:
    await course(database, 5)
    await rolled_up(database)
    again = await rolled_up(database, now=datetime(2027, 9, 1, tzinfo=UTC))
    assert numbers(again)[Measure.REACHED, Step.ELIGIBLE] == 1
    assert {row.quarter for row in again if row.measure is Measure.OPEN_IN} == {"2026Q3", "2027Q3"}
    assert numbers(again)[Measure.OLD_ENOUGH, "365"] == 1
    async with database.reading() as session:
        quarters = [Quarter.of(date(2026, 2, 1))]
        assert await progress.of_quarters(session, REACH, SLUG, quarters)
        assert not await progress.of_quarters(session, [("elsewhere", None)], SLUG, quarters)
