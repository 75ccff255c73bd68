"""A learner sends no more of a programme than may count, and nothing again too soon after a challenge test."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from services.records import cases, drafts, missing, transfers
from services.records.database import Database
from services.records.ids import new_id
from services.records.tables.appointments import Appointment, AppointmentClaim
from services.rules import commands as bodies
from services.rules.appointments import AppointmentState
from services.rules.case import ClosedAs, SeatState, Stage
from services.rules.claims import ClaimState, Recommendation
from services.rules.people import Role
from services.rules.programmes import Method
from services.rules.transfers import ClaimKind
from tests.records import makers, moderated, moving
from tests.records.makers import NOW

SUBMIT = bodies.Submit("2026-1", ())
ALL = ("first", "second", "third")
FREE: Mapping[str, int] = {}
SHARE = {"max_recognisable_share": 75}
YEAR = {"repeat_bar_months": 12}


async def standing(
    database: Database,
    who: moving.People,
    *competencies: str,
    stage: Stage = Stage.DRAFT,
    policy: Mapping[str, int] = FREE,
) -> UUID:
    """A case under a policy of its own."""
    sample = makers.with_policy(**policy)
    return await moving.standing(database, who, stage, competencies=competencies, sample=sample)


async def submitted(database: Database, who: moving.People, case_id: UUID, *, now: datetime = NOW) -> Stage:
    sent = await moving.send(database, case_id, "submit", actor=who.learner, role=Role.LEARNER, body=SUBMIT, now=now)
    return Stage(sent["stage"])


async def test_a_draft_that_asks_for_more_than_may_count_is_sent_once_the_learner_has_chosen(
    database: Database,
) -> None:
    who = await moving.people(database)
    case_id = await standing(database, who, *ALL, policy=SHARE)
    async with moving.nothing_changes(database, "share_reached") as refused:
        await submitted(database, who, case_id)
    assert refused.value.facts == {"all": "3", "most": "2", "left": "2"}
    async with database.reading() as session:
        found = await missing.of_case(session, await cases.get(session, case_id), now=NOW)
    assert [one.code for one in found] == ["share_reached"]
    async with database.writing() as session:
        await drafts.drop_claim(session, case_id=case_id, competency="second", now=NOW)
    assert await submitted(database, who, case_id) is Stage.SUBMITTED
    assert sorted(await moving.claims_of(database, case_id)) == ["first", "third"]


async def test_what_the_learner_holds_of_the_programme_counts_as_well(database: Database) -> None:
    who = await moving.people(database)
    async with database.writing() as session:
        await makers.decided(session, learner=who.learner)  # holds `first`
    case_id = await standing(database, who, "second", "third", policy=SHARE)
    async with moving.nothing_changes(database, "share_reached") as refused:
        await submitted(database, who, case_id)
    assert refused.value.facts == {"all": "3", "most": "2", "left": "1"}


async def test_unless_a_policy_says_otherwise_the_whole_programme_counts(database: Database) -> None:
    who = await moving.people(database)
    assert await submitted(database, who, await standing(database, who, *ALL)) is Stage.SUBMITTED


# what comes back later, and what is granted


async def holding(database: Database, who: moving.People) -> None:
    """The learner is recognised for `first`, in a case of their own."""
    async with database.writing() as session:
        await makers.decided(session, learner=who.learner)


async def test_a_claim_that_was_taken_back_alone_is_not_taken_up_beyond_the_share(database: Database) -> None:
    who = await moving.people(database)
    case_id = await standing(database, who, *ALL, stage=Stage.ELIGIBLE, policy=SHARE)
    held = await moving.claims_of(database, case_id)
    gone = bodies.WithdrawClaim(str(held["third"].id), confirmed=True)
    await moving.send(database, case_id, "withdraw_claim", actor=who.learner, role=Role.LEARNER, body=gone)
    async with moving.nothing_changes(database, "share_reached"), database.writing() as session:
        await drafts.assess_oneself(session, case_id=case_id, competency="third", said=None, now=NOW)


@pytest.mark.parametrize("back", ["undo_withdraw", "reopen"])
async def test_a_case_does_not_come_back_with_more_than_may_count_by_now(database: Database, back: str) -> None:
    who = await moving.people(database)
    case_id = await standing(database, who, "second", "third", stage=Stage.ELIGIBLE, policy=SHARE)
    leave = bodies.Withdraw(confirmed=True, reason="health")
    await moving.send(database, case_id, "withdraw", actor=who.learner, role=Role.LEARNER, body=leave)
    await holding(database, who)
    actor, role, body = who.learner, Role.LEARNER, None
    if back == "reopen":
        actor, role, body = who.advisor, Role.ADVISOR, bodies.Reopen("Asked for")
    async with moving.nothing_changes(database, "share_reached"):
        await moving.send(database, case_id, back, actor=actor, role=role, body=body)


async def test_a_plan_and_a_reopening_attempt_no_more_than_may_count(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.judged(database, who, second=Recommendation.PARTIAL, third=Recommendation.PARTIAL)
    await moving.decide(database, who, case_id)
    await moving.publish(database, case_id)
    await moderated.pinned(database, case_id, makers.with_policy(**SHARE))
    plan = bodies.PlanGaps(tuple(bodies.PlanRow(one, "practice", "b", 8) for one in ("second", "third")))
    await moving.send(database, case_id, "plan_gaps", actor=who.learner, role=Role.LEARNER, body=plan)
    await holding(database, who)
    async with moving.nothing_changes(database, "share_reached"):
        await moving.send(database, case_id, "accept_plan", actor=who.learner, role=Role.LEARNER)
    async with database.writing() as session:
        case = await cases.get(session, case_id)
        case.stage, case.return_to, case.closed_as, case.closed_at = Stage.CLOSED, None, ClosedAs.COMPLETED, NOW
    async with moving.nothing_changes(database, "share_reached"):
        body = bodies.Reopen("Asked for")
        await moving.send(database, case_id, "reopen", actor=who.advisor, role=Role.ADVISOR, body=body)


async def test_a_version_that_lets_less_count_is_not_taken_by_a_case_that_asks_for_more(database: Database) -> None:
    who = await moving.people(database)
    sent, draft = [await standing(database, who, *ALL, stage=stage) for stage in (Stage.ELIGIBLE, Stage.DRAFT)]
    async with database.writing() as session:
        await makers.published(session, makers.with_policy(version=3, **SHARE))
    change = bodies.ChangeProgrammeVersion(3, confirmed=True)
    async with moving.nothing_changes(database, "share_reached"):
        await moving.send(database, sent, "change_programme_version", actor=who.learner, role=Role.LEARNER, body=change)
    await moving.send(database, draft, "change_programme_version", actor=who.learner, role=Role.LEARNER, body=change)


async def test_no_more_is_granted_than_may_count(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.judged(database, who, second=Recommendation.MET, third=Recommendation.MET)
    await moderated.pinned(database, case_id, makers.with_policy(**SHARE))
    await holding(database, who)
    async with moving.nothing_changes(database, "share_exceeded") as refused:
        await moving.decide(database, who, case_id)
    assert refused.value.facts == {"all": "3", "most": "2", "left": "1"}


# after a test


async def left_open(
    database: Database,
    who: moving.People,
    *,
    judged_by: Method = Method.PORTFOLIO,
    met_for: Method | None = None,
    outcome: ClaimState = ClaimState.NOT_YET,
    at: datetime = NOW,
    stage: Stage = Stage.CLOSED,
) -> UUID:
    """A case over `first` that was decided at `at`, after a meeting of the method `met_for`."""
    case_id = await standing(database, who, "first", stage=stage, policy=YEAR)
    async with database.writing() as session:
        case = await cases.get(session, case_id)
        (claim,) = await makers.claims(session, case)
        seat = await makers.seat(session, case, who.assessor, state=SeatState.FINAL)
        if met_for:
            meeting = Appointment(
                id=new_id(),
                case_id=case_id,
                assignment_id=seat.id,
                person_id=seat.person_id,
                role=Role.ASSESSOR,
                method=met_for,
                state=AppointmentState.RECORDED,
                minutes=45,
                language="en",
                about="Sample",
                ordered_at=at,
            )
            await makers.stored(session, meeting)
            await makers.stored(session, AppointmentClaim(appointment_id=meeting.id, claim_id=claim.id))
        locked = await makers.applied(session, case, "submit_judgements", actor=who.assessor.id, role=Role.ASSESSOR)
        judged = await makers.judgement(session, seat, claim, at=at)
        judged.content = makers.finding(Recommendation.NOT_YET, methods=[judged_by])
        judged.recommendation, judged.locked_at, judged.command_id = Recommendation.NOT_YET, at, locked.id
        asked = await makers.applied(session, case, "decide", actor=who.decider.id, role=Role.DECISION_MAKER)
        await makers.decision(session, case, asked, settles={claim.id: (outcome, judged.id)}, decided_at=at)
        claim.state = outcome
        case.submitted_at = at
        if stage is Stage.CLOSED:
            case.closed_as, case.closed_at = ClosedAs.COMPLETED, at
    return case_id


@pytest.mark.parametrize(
    "how", [{"judged_by": Method.CHALLENGE_TEST}, {"met_for": Method.CHALLENGE_TEST}], ids=["judged", "recorded"]
)
async def test_a_year_passes_before_a_competency_is_claimed_again_after_a_test(
    database: Database, how: dict[str, Method]
) -> None:
    who = await moving.people(database)
    await left_open(database, who, **how)  # type: ignore[arg-type]  # one word or the other
    case_id = await standing(database, who, "first", "second", policy=YEAR)
    async with moving.nothing_changes(database, "tested_lately") as refused:
        await submitted(database, who, case_id, now=NOW + timedelta(days=364))
    assert refused.value.facts["competency"] == "first"
    assert refused.value.facts["on"] == (NOW + timedelta(days=365)).date().isoformat()
    assert await submitted(database, who, case_id, now=NOW + timedelta(days=365)) is Stage.SUBMITTED


async def test_other_competencies_and_policies_without_a_bar_wait_for_nothing(database: Database) -> None:
    who = await moving.people(database)
    await left_open(database, who, met_for=Method.CHALLENGE_TEST)
    barred = await standing(database, who, "second", policy=YEAR)
    assert await submitted(database, who, barred) is Stage.SUBMITTED
    other = await moving.people(database)
    await left_open(database, other, met_for=Method.CHALLENGE_TEST)
    free = await moving.standing(database, other, Stage.DRAFT, competencies=("first",))
    assert await submitted(database, other, free) is Stage.SUBMITTED


@pytest.mark.parametrize(
    "last",
    [{"met_for": Method.INTERVIEW}, {"met_for": Method.CHALLENGE_TEST, "outcome": ClaimState.GRANTED}],
    ids=["interview", "granted"],
)
async def test_only_a_test_that_left_it_open_the_last_time_bars(database: Database, last: dict[str, object]) -> None:
    who = await moving.people(database)
    await left_open(database, who, met_for=Method.CHALLENGE_TEST, at=NOW - timedelta(days=90))
    await left_open(database, who, **last)  # type: ignore[arg-type]  # words of one test
    case_id = await standing(database, who, "first", policy=YEAR)
    assert await submitted(database, who, case_id) is Stage.SUBMITTED


async def test_a_transfer_may_be_asked_for_but_is_not_turned_into_a_test_once_sent(database: Database) -> None:
    who = await moving.people(database)
    await left_open(database, who, met_for=Method.CHALLENGE_TEST)
    draft = await standing(database, who, "first", policy=YEAR)
    eligible = await standing(database, who, "first", stage=Stage.ELIGIBLE, policy=YEAR)
    for case_id in (draft, eligible):
        async with database.writing() as session:
            (claim,) = await makers.claims(session, await cases.get(session, case_id))
            claim.kind = ClaimKind.TRANSFER
    async with moving.nothing_changes(database, "tested_lately"), database.writing() as session:
        await transfers.take_back(session, case_id=eligible, competency="first", now=NOW)
    async with database.writing() as session:
        case = await cases.get(session, eligible)
        case.stage = Stage.CLOSED
    assert await submitted(database, who, draft) is Stage.SUBMITTED


async def test_a_completed_case_is_not_reopened_for_it_before_but_a_plan_that_was_left_is(database: Database) -> None:
    who = await moving.people(database)
    case_id = await left_open(database, who, met_for=Method.CHALLENGE_TEST)

    async def reopened() -> Stage:
        body = bodies.Reopen("New work")
        await moving.send(database, case_id, "reopen", actor=who.advisor, role=Role.ADVISOR, body=body)
        return (await moving.case_of(database, case_id)).stage

    async with moving.nothing_changes(database, "tested_lately"):
        await reopened()
    async with database.writing() as session:
        case = await cases.get(session, case_id)
        await makers.claim(session, case, "first", attempt=2, state=ClaimState.WITHDRAWN, withdrawn_at=case.closed_at)
        case.return_to = Stage.GAP_TRAINING
    assert await reopened() is Stage.GAP_TRAINING


async def test_a_gap_plan_waits_for_nothing(database: Database) -> None:
    who = await moving.people(database)
    case_id = await left_open(database, who, met_for=Method.CHALLENGE_TEST, stage=Stage.DECIDED)
    rows = tuple(bodies.PlanRow("first", "practice", key, 8) for key in ("a", "b", "c"))
    plan = bodies.PlanGaps(rows)
    await moving.send(database, case_id, "plan_gaps", actor=who.learner, role=Role.LEARNER, body=plan)
    await moving.send(database, case_id, "accept_plan", actor=who.learner, role=Role.LEARNER)
    again = (await moving.claims_of(database, case_id))["first"]
    assert (again.attempt, again.state) == (2, ClaimState.CLAIMED)
