"""After "not yet" a plan is proposed, answered and followed, and the next attempt judges only the gaps."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from services.records import cases, course_offers, dossier, judgements, plans, portfolio
from services.records.database import Database
from services.records.tables.cases import Case
from services.records.tables.evidence import Pointer
from services.records.tables.people import Person
from services.records.tables.plans import CourseOffer, GapPlan, GapRow
from services.rules import commands as bodies
from services.rules.case import ClosedAs, SeatState, Stage
from services.rules.claims import ClaimState, Rating, Recommendation
from services.rules.gaps import Gap, Mode, Offer, Way
from services.rules.people import Role
from services.rules.programmes import Language, Text
from services.rules.refusals import Refused
from tests.records import makers, moving
from tests.records.makers import NOW
from tests.records.prepared import prepared

MET, PARTIAL = Recommendation.MET, Recommendation.PARTIAL
GAP = Gap("second", "b")

COURSE = Offer(
    key="safe-work",
    provider="Example College",
    title=Text("Safe work", "Travailler en sécurité"),
    way=Way.COURSE,
    covers=(GAP,),
    cost=9_000,
    currency="CAD",
    hours=12,
    mode=Mode.ONLINE,
    language=Language.EN,
)


async def offered(database: Database, *offers: Offer) -> None:
    async with database.writing() as session:
        await makers.published(session)
        await course_offers.replace(session, makers.programme(), list(offers), actor="test", now=NOW)


@prepared
async def decided(database: Database, who: moving.People) -> UUID:
    """`first` granted; of `second`, criterion `b` is not yet demonstrated. The letter can be read."""
    case_id = await moving.judged(database, who, first=MET, second=PARTIAL)
    await moving.decide(database, who, case_id)
    await moving.publish(database, case_id)
    return case_id


def row(**said: object) -> bodies.PlanRow:
    values = {"competency": "second", "criterion": "b", "way": "practice", "hours": 8}
    return bodies.PlanRow(**(values | said))  # type: ignore[arg-type]  # one word of one test differs


async def plan(database: Database, case_id: UUID, actor: Person, role: Role, *rows: bodies.PlanRow) -> None:
    await moving.send(database, case_id, "plan_gaps", actor=actor, role=role, body=bodies.PlanGaps(rows))


async def accept(database: Database, who: moving.People, case_id: UUID) -> None:
    await moving.send(database, case_id, "accept_plan", actor=who.learner, role=Role.LEARNER)


async def newest(database: Database, case_id: UUID) -> plans.Plan:
    async with database.reading() as session:
        found = await plans.newest(session, case_id)
    assert found is not None
    return found


async def test_a_decision_drafts_a_plan_with_the_best_offer_for_each_gap(database: Database) -> None:
    await offered(database, COURSE)
    who = await moving.people(database)
    case_id = await decided(database, who)
    found = await newest(database, case_id)
    assert (found.plan.number, found.plan.made_by, found.plan.answered_as, found.hours) == (1, Role.CLOCK, None, 12)
    [gap] = found.rows
    assert (gap.competency, gap.criterion, gap.way, gap.hours) == ("second", "b", Way.COURSE, 12)
    assert gap.offer is not None
    assert (gap.offer["key"], gap.offer["cost"]) == ("safe-work", 9_000)
    async with database.reading() as session:
        assert gap.claim_id in await dossier.told(session, case_id)


async def test_without_an_offer_the_first_plan_asks_for_new_evidence(database: Database) -> None:
    who = await moving.people(database)
    found = await newest(database, await decided(database, who))
    assert [(gap.way, gap.offer, gap.hours) for gap in found.rows] == [(Way.NEW_EVIDENCE, None, 0)]


async def test_nothing_is_planned_where_everything_was_granted(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.judged(database, who, first=MET)
    await moving.decide(database, who, case_id)
    await moving.publish(database, case_id)
    async with database.reading() as session:
        assert await plans.newest(session, case_id) is None
    async with moving.nothing_changes(database, "gaps_missing"):
        await accept(database, who, case_id)


async def test_advisor_and_learner_change_the_plan_in_turn_and_each_is_told(database: Database) -> None:
    await offered(database, COURSE)
    who = await moving.people(database)
    case_id = await decided(database, who)
    await plan(database, case_id, who.advisor, Role.ADVISOR, row(note="At the kitchen of your employer"))
    await plan(database, case_id, who.learner, Role.LEARNER, row(way="course", offer="safe-work", hours=1))
    found = await newest(database, case_id)
    assert (found.plan.number, found.plan.made_by, found.hours) == (3, Role.LEARNER, 12)
    told = await moving.told(database, case_id)
    assert ("plan_proposed", who.learner.id) in told
    assert ("plan_changed", who.advisor.id) in told


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ((), "plan_incomplete"),
        ((row(), row()), "malformed"),
        ((row(criterion="a"),), "malformed"),
        ((row(way="magic"),), "malformed"),
        ((row(hours=-1),), "malformed"),
        ((row(note="x" * 1001),), "malformed"),
        ((row(offer="unheard-of"),), "course_unknown"),
    ],
    ids=["no row", "twice", "no gap", "way", "hours", "note", "offer"],
)
async def test_a_plan_has_one_row_for_each_gap(database: Database, rows: tuple[bodies.PlanRow, ...], code: str) -> None:
    who = await moving.people(database)
    case_id = await decided(database, who)
    async with moving.nothing_changes(database, code):
        await plan(database, case_id, who.advisor, Role.ADVISOR, *rows)


async def test_a_plan_that_was_declined_waits_for_another(database: Database) -> None:
    who = await moving.people(database)
    case_id = await decided(database, who)
    body = bodies.DeclinePlan("No time this spring.")
    await moving.send(database, case_id, "decline_plan", actor=who.learner, role=Role.LEARNER, body=body)
    assert (await newest(database, case_id)).plan.answered_as == "declined"
    assert ("plan_declined", who.advisor.id) in await moving.told(database, case_id)
    async with moving.nothing_changes(database, "plan_missing"):
        await accept(database, who, case_id)
    await plan(database, case_id, who.advisor, Role.ADVISOR, row())
    await accept(database, who, case_id)
    assert (await moving.case_of(database, case_id)).stage is Stage.GAP_TRAINING


@prepared
async def returned(database: Database, who: moving.People) -> UUID:
    """The plan was accepted, something new was shown, and the assessor of before has the seat again."""
    case_id = await decided(database, who)
    await accept(database, who, case_id)
    async with database.writing() as session:
        case = await cases.get(session, case_id)
        again = [claim for claim in await makers.claims(session, case) if claim.attempt == 2]
        await makers.evidence(session, case, *again)
    await moving.send(
        database, case_id, "submit_portfolio", actor=who.learner, role=Role.LEARNER, body=moving.PORTFOLIO
    )
    await moving.send(database, case_id, "accept_portfolio", actor=who.advisor, role=Role.ADVISOR)
    (seat,) = await moving.seats_of(database, case_id, SeatState.OFFERED)
    assert seat.person_id == who.assessor.id
    await moving.accept(database, seat)
    await moving.tick(database, case_id, "start_assessment")
    return case_id


async def test_accepting_opens_new_attempts_at_what_is_open_and_nothing_else(database: Database) -> None:
    who = await moving.people(database)
    case_id = await decided(database, who)
    await accept(database, who, case_id)
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.outcome) == (Stage.GAP_TRAINING, "granted_partial")
    held = await moving.claims_of(database, case_id)
    assert {key: (claim.state, claim.attempt) for key, claim in held.items()} == {
        "first": (ClaimState.CREDENTIALED, 1),
        "second": (ClaimState.CLAIMED, 2),
    }
    async with database.reading() as session:
        pointed = await session.exec(select(Pointer).where(col(Pointer.claim_id) == held["second"].id))
        assert list(pointed)
        assert await portfolio.editable(session, case_id, lock=False)
    told = await moving.told(database, case_id)
    assert {("gap_begun", who.learner.id), ("plan_accepted", who.advisor.id)} <= set(told)
    due = NOW + timedelta(days=365)
    assert case.due_at is not None
    assert abs(case.due_at - due) < timedelta(days=4)


async def test_the_next_attempt_judges_only_the_gaps_and_grants_what_was_carried(database: Database) -> None:
    who = await moving.people(database)
    case_id = await returned(database, who)
    again = (await moving.claims_of(database, case_id))["second"]
    async with database.reading() as session:
        programme = makers.programme()
        kept = await judgements.carried(session, again, programme.policy, NOW)
    assert kept == {"a", "c"}
    found = moving.finding(MET)
    content = replace(found, ratings=tuple(rating for rating in found.ratings if rating.criterion == "b"))
    await moving.write(database, case_id, who.assessor, second=content)
    await moving.send(database, case_id, "submit_judgements", actor=who.assessor, role=Role.ASSESSOR)
    await moving.decide(database, who, case_id)
    await moving.publish(database, case_id)
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.outcome) == (Stage.DECIDED, "granted_full")
    held = await moving.claims_of(database, case_id)
    assert {claim.state for claim in held.values()} == {ClaimState.CREDENTIALED}
    async with database.reading() as session:
        every = await cases.claims_of(session, case_id)
        assert plans.hours_saved(every, makers.programme()) == 90


async def test_what_was_met_before_cannot_be_taken_back(database: Database) -> None:
    who = await moving.people(database)
    case_id = await returned(database, who)
    lower = moving.finding(PARTIAL)
    ratings = tuple(
        rating if rating.criterion != "a" else replace(rating, rating=Rating.NOT_YET) for rating in lower.ratings
    )
    with pytest.raises(Refused) as refused:
        await moving.write(database, case_id, who.assessor, second=replace(lower, ratings=ratings))
    assert (refused.value.code, refused.value.facts["criterion"]) == ("criterion_carried", "a")


async def test_what_is_still_not_shown_is_planned_again_as_often_as_it_takes(database: Database) -> None:
    who = await moving.people(database)
    case_id = await returned(database, who)
    await moving.write(database, case_id, who.assessor, second=moving.finding(PARTIAL))
    await moving.send(database, case_id, "submit_judgements", actor=who.assessor, role=Role.ASSESSOR)
    await moving.decide(database, who, case_id)
    await moving.publish(database, case_id)
    found = await newest(database, case_id)
    assert (found.plan.number, [gap.criterion for gap in found.rows]) == (2, ["b"])
    await accept(database, who, case_id)
    assert (await moving.claims_of(database, case_id))["second"].attempt == 3


async def test_a_learner_may_leave_the_plan_and_take_it_up_again(database: Database) -> None:
    who = await moving.people(database)
    case_id = await decided(database, who)
    async with moving.nothing_changes(database, "not_your_move"):
        await moving.send(database, case_id, "close", actor=who.learner, role=Role.LEARNER)
    await accept(database, who, case_id)
    await moving.send(database, case_id, "close", actor=who.learner, role=Role.LEARNER)
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.closed_as, case.outcome) == (Stage.CLOSED, ClosedAs.COMPLETED, "granted_partial")
    assert (await moving.claims_of(database, case_id))["second"].state is ClaimState.WITHDRAWN
    assert ("gap_over", who.advisor.id) in await moving.told(database, case_id)
    body = bodies.Reopen("The learner has time again.")
    await moving.send(database, case_id, "reopen", actor=who.advisor, role=Role.ADVISOR, body=body)
    assert (await moving.case_of(database, case_id)).stage is Stage.GAP_TRAINING
    again = (await moving.claims_of(database, case_id))["second"]
    assert (again.state, again.attempt, again.withdrawn_at) == (ClaimState.CLAIMED, 2, None)


async def test_a_plan_is_asked_after_three_times_and_ends_by_itself(database: Database) -> None:
    who = await moving.people(database)
    case_id = await decided(database, who)
    await accept(database, who, case_id)
    for name in ("gap/first", "gap/second", "gap/third"):
        await moving.strike(database, case_id, name)
    told = await moving.told(database, case_id)
    assert told.count(("gap_prompt", who.learner.id)) == 3
    await moving.strike(database, case_id, "gap/end")
    assert (await moving.case_of(database, case_id)).closed_as is ClosedAs.COMPLETED


async def test_a_plan_runs_beside_no_other_case_on_the_programme(database: Database) -> None:
    who = await moving.people(database)
    case_id = await decided(database, who)
    await moving.standing(database, who, Stage.ELIGIBLE, competencies=("third",))
    async with moving.nothing_changes(database, "case_already_open"):
        await accept(database, who, case_id)


async def test_a_claim_of_the_plan_can_be_taken_back_alone(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.judged(database, who, first=PARTIAL, second=PARTIAL)
    await moving.decide(database, who, case_id)
    await moving.publish(database, case_id)
    await accept(database, who, case_id)
    claim = (await moving.claims_of(database, case_id))["first"]
    body = bodies.WithdrawClaim(str(claim.id), confirmed=True)
    await moving.send(database, case_id, "withdraw_claim", actor=who.learner, role=Role.LEARNER, body=body)
    async with database.reading() as session:
        case = await session.get_one(Case, case_id)
        missing = await plans.missing(session, case=case, programme=makers.programme(), now=NOW)
    assert list(missing) == [GAP]


async def test_a_catalogue_is_replaced_as_a_whole_and_forgets_nothing(database: Database) -> None:
    await offered(database, COURSE)
    await offered(database)
    async with database.reading() as session:
        assert await course_offers.live(session, makers.programme().slug) == []
        (kept,) = await session.exec(select(CourseOffer))
        assert kept.withdrawn_at == NOW
    await offered(database, COURSE)
    async with database.reading() as session:
        assert await course_offers.live(session, makers.programme().slug) == [COURSE]


@pytest.mark.parametrize("covers", [Gap("nothing"), Gap("first", "nothing")], ids=["competency", "criterion"])
async def test_an_offer_covers_what_the_programme_has(database: Database, covers: Gap) -> None:
    for listed in ((replace(COURSE, covers=(covers,)),), (COURSE, COURSE)):
        with pytest.raises(Refused, match="malformed"):
            await offered(database, *listed)


async def test_what_was_proposed_is_never_changed(database: Database) -> None:
    who = await moving.people(database)
    await decided(database, who)
    for change in (sa.update(GapRow).values(hours=1), sa.update(GapPlan).values(number=9), sa.delete(GapRow)):
        with pytest.raises(sa.exc.IntegrityError):
            async with database.writing() as session:
                await session.exec(change)
