"""Seats: one person asked at a time, the conflict screen before anything is seen, and never two roles on a case."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select

from services.records import cases, independence
from services.records.database import Database
from services.records.ids import new_id
from services.records.tables.assessment import Assignment, AssignmentClaim, Judgement
from services.records.tables.cases import CaseExclusion, CaseParty, Employer
from services.records.tables.commands import CommandRow
from services.records.tables.people import AssessorProfile, Person
from services.rules import commands as bodies
from services.rules.case import SeatState, Stage
from services.rules.claims import ClaimState, Recommendation
from services.rules.conflicts import ConflictTie
from services.rules.people import Role
from tests.records import makers, moving
from tests.records.makers import NOW
from tests.records.moving import CLEAR

S = SeatState


async def another(database: Database, kind: Role = Role.ASSESSOR) -> Person:
    async with database.writing() as session:
        return await makers.staff(session, kind)


async def person(database: Database, person_id: UUID) -> Person:
    async with database.reading() as session:
        return await session.get_one(Person, person_id)


async def answer(database: Database, seat: Assignment, kind: str, body: object) -> None:
    """What the person who is asked sends."""
    actor = await person(database, seat.person_id)
    await moving.send(database, seat.case_id, kind, actor=actor, role=Role.ASSESSOR, body=body)


async def decline(database: Database, seat: Assignment, reason: str = "no_time") -> None:
    await answer(database, seat, "decline_offer", bodies.DeclineOffer(str(seat.id), reason))


async def declare(database: Database, seat: Assignment, screen: bodies.Screen | None = None) -> None:
    await answer(database, seat, "declare_conflict", bodies.DeclareConflict(str(seat.id), screen or moving.tied()))


async def reassign(database: Database, who: moving.People, case_id: UUID, body: bodies.Reassign) -> None:
    await moving.send(database, case_id, "reassign", actor=who.lead, role=Role.LEAD, body=body)


async def test_an_accepted_portfolio_is_offered_to_one_person_with_a_date(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assigning(database, who)
    (seat,) = await moving.seats_of(database, case_id)
    assert (seat.state, seat.person_id) == (S.OFFERED, who.assessor.id)
    due = await moving.rung(database, case_id, "/lapse")
    assert due.at == seat.respond_by
    assert ("offer", who.assessor.id) in await moving.told(database, case_id)
    async with database.reading() as session:
        covered = list(await session.exec(select(AssignmentClaim.claim_id)))
    assert len(covered) == 2


async def test_a_case_that_nobody_can_assess_waits_and_a_lead_is_told(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.sent_in(database, who)
    async with database.writing() as session:
        await makers.stored(
            session, AssessorProfile(person_id=who.assessor.id, languages=["en"], competencies=["first"], capacity=5)
        )
    await moving.send(database, case_id, "accept_portfolio", actor=who.advisor, role=Role.ADVISOR)
    (seat,) = await moving.seats_of(database, case_id)
    async with database.reading() as session:
        state = await cases.state(session, await cases.get(session, case_id))
    assert (seat.state, state.unseated_claims) == (S.OFFERED, 1)
    assert ("assignment_failed", who.lead.id) in await moving.told(database, case_id)


async def test_a_seat_is_taken_with_a_clear_and_signed_screen_only(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assigning(database, who)
    (seat,) = await moving.seats_of(database, case_id)

    async def accept(screen: bodies.Screen) -> None:
        await answer(database, seat, "accept_offer", bodies.AcceptOffer(str(seat.id), screen))

    async with moving.nothing_changes(database, "screen_unsigned"):
        await accept(bodies.Screen(CLEAR.answers, signed=False))
    async with moving.nothing_changes(database, "screen_unsigned"):
        await accept(bodies.Screen({ConflictTie.FINANCIAL.value: False}, signed=True))
    async with moving.nothing_changes(database, "conflict_of_interest"):
        await accept(moving.tied())
    await accept(CLEAR)
    (seat,) = await moving.seats_of(database, case_id)
    assert (seat.state, seat.answered_at, seat.due_at) == (S.ACCEPTED, NOW, None)
    assert seat.screen is not None
    assert seat.screen["signed"]
    async with database.reading() as session:
        assert (await session.get_one(CaseParty, (case_id, who.assessor.id))).role is Role.ASSESSOR
        assert await cases.state(session, await cases.get(session, case_id))
    await moving.tick(database, case_id, "start_assessment")
    case = await moving.case_of(database, case_id)
    (seat,) = await moving.seats_of(database, case_id)
    assert (case.stage, seat.due_at) == (Stage.IN_ASSESSMENT, case.due_at)
    assert {claim.state for claim in (await moving.claims_of(database, case_id)).values()} == {ClaimState.IN_ASSESSMENT}


async def test_nobody_takes_a_seat_of_somebody_else(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assigning(database, who)
    (seat,) = await moving.seats_of(database, case_id)
    other = await another(database)
    async with moving.nothing_changes(database, "offer_ended"):
        await moving.send(
            database,
            case_id,
            "accept_offer",
            actor=other,
            role=Role.ASSESSOR,
            body=bodies.AcceptOffer(str(seat.id), CLEAR),
        )


async def test_a_party_in_another_role_or_an_excluded_person_takes_no_seat(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assigning(database, who)
    (seat,) = await moving.seats_of(database, case_id)
    async with database.writing() as session:
        case = await cases.get(session, case_id)
        await makers.party(session, case, who.assessor, Role.DECISION_MAKER)
    async with moving.nothing_changes(database, "separation_of_duties"):
        await moving.accept(database, seat)
    async with database.writing() as session:
        await makers.exclude(session, await cases.get(session, case_id), who.assessor)
    async with moving.nothing_changes(database, "conflict_of_interest"):
        await moving.accept(database, seat)


async def test_a_declined_offer_goes_to_the_next_person_and_after_three_to_a_lead(database: Database) -> None:
    who = await moving.people(database)
    for _ in range(3):
        await another(database)
    case_id = await moving.assigning(database, who)
    asked = []
    for _ in range(3):
        (seat,) = await moving.seats_of(database, case_id, S.OFFERED)
        asked.append(seat.person_id)
        await decline(database, seat)
    assert len(set(asked)) == 3
    assert await moving.seats_of(database, case_id, S.OFFERED) == []
    assert ("assignment_failed", who.lead.id) in await moving.told(database, case_id)
    assert (await moving.case_of(database, case_id)).offers_failed == 3
    ended = await moving.seats_of(database, case_id, S.DECLINED)
    assert {(seat.reason, seat.ended_at) for seat in ended} == {("no_time", NOW)}


async def test_a_reason_for_declining_is_one_of_the_list(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assigning(database, who)
    (seat,) = await moving.seats_of(database, case_id)
    async with moving.nothing_changes(database, "malformed"):
        await decline(database, seat, "I know this person is lazy")


async def test_an_offer_that_nobody_answers_lapses_and_goes_on(database: Database) -> None:
    who = await moving.people(database)
    await another(database)
    case_id = await moving.assigning(database, who)
    (first,) = await moving.seats_of(database, case_id)
    await moving.strike(database, case_id, "/lapse")
    old, new = await moving.seats_of(database, case_id)
    assert (old.id, old.state, new.state) == (first.id, S.EXPIRED, S.OFFERED)
    assert old.person_id != new.person_id
    assert ("offer_ended", old.person_id) in await moving.told(database, case_id)


async def test_an_offer_answered_in_time_does_not_lapse(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assigning(database, who)
    due = await moving.rung(database, case_id, "/lapse")
    (seat,) = await moving.seats_of(database, case_id)
    await moving.accept(database, seat)
    await moving.tick(database, case_id, "deadline_reached", due.key, now=due.at)
    (seat,) = await moving.seats_of(database, case_id)
    assert seat.state is S.ACCEPTED


async def test_a_declared_conflict_bars_the_person_for_ever(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assigning(database, who)
    (seat,) = await moving.seats_of(database, case_id)
    other = await another(database)
    async with moving.nothing_changes(database, "screen_unsigned"):
        await declare(database, seat, moving.tied(signed=False))
    async with moving.nothing_changes(database, "tie_missing"):
        await declare(database, seat, CLEAR)
    await declare(database, seat)
    async with database.reading() as session:
        barred = await session.get_one(CaseExclusion, (case_id, who.assessor.id))
    assert (barred.tie, barred.declared) == ("taught_or_guided", True)
    old, new = await moving.seats_of(database, case_id)
    assert (old.state, new.state, new.person_id) == (S.CONFLICT, S.OFFERED, other.id)


async def test_a_conflict_found_late_voids_what_was_written_and_the_lead_is_told(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assessing(database, who)
    await moving.write(database, case_id, who.assessor, first=moving.finding())
    other = await another(database)
    (seat,) = await moving.seats_of(database, case_id)
    await declare(database, seat)
    async with database.reading() as session:
        assert (await session.exec(select(Judgement))).all() == []
    (new,) = await moving.seats_of(database, case_id, S.OFFERED)
    assert new.person_id == other.id
    assert ("assignment_failed", who.lead.id) in await moving.told(database, case_id)
    await moving.accept(database, new, now=NOW + timedelta(days=20))
    (new,) = await moving.seats_of(database, case_id, S.ACCEPTED)
    case = await moving.case_of(database, case_id)
    assert new.due_at == case.due_at
    assert (await moving.rung(database, case_id, "assessment/late")).at > NOW + timedelta(days=40)


async def two_seats(database: Database, who: moving.People) -> tuple[UUID, Person]:
    """A case with one assessor per claim: `who.assessor` over the first, somebody else over the second."""
    other = await another(database)
    async with database.writing() as session:
        for assessor, scope in ((who.assessor, "first"), (other, "second")):
            await makers.stored(
                session, AssessorProfile(person_id=assessor.id, languages=["en"], competencies=[scope], capacity=5)
            )
    return await moving.assessing(database, who), other


async def test_a_judgement_sent_in_by_somebody_in_conflict_no_longer_counts(database: Database) -> None:
    who = await moving.people(database)
    case_id, _ = await two_seats(database, who)
    await moving.write(database, case_id, who.assessor, first=moving.finding())
    await moving.send(database, case_id, "submit_judgements", actor=who.assessor, role=Role.ASSESSOR)
    third = await another(database)
    (seat,) = await moving.seats_of(database, case_id, S.SUBMITTED)
    await declare(database, seat)
    held = await moving.claims_of(database, case_id)
    assert held["first"].state is ClaimState.IN_ASSESSMENT
    (new,) = await moving.seats_of(database, case_id, S.OFFERED)
    assert new.person_id == third.id
    async with database.reading() as session:
        (kept,) = await session.exec(select(Judgement))
    assert kept.recommendation is Recommendation.MET


async def test_while_the_learner_is_asked_a_free_seat_is_offered_and_its_time_starts_with_the_case(
    database: Database,
) -> None:
    who = await moving.people(database)
    case_id, other = await two_seats(database, who)
    await another(database)
    await another(database)
    claim = (await moving.claims_of(database, case_id))["second"]
    asked = bodies.RequestEvidence((bodies.Target(str(claim.id), "a", "valid", "The work itself", "A photo"),))
    await moving.send(database, case_id, "request_evidence", actor=other, role=Role.ASSESSOR, body=asked)
    (seat,) = [one for one in await moving.seats_of(database, case_id) if one.person_id == who.assessor.id]
    await declare(database, seat)
    (first,) = await moving.seats_of(database, case_id, S.OFFERED)
    await moving.strike(database, case_id, "/lapse")
    (second,) = await moving.seats_of(database, case_id, S.OFFERED)
    assert len({first.person_id, second.person_id, who.assessor.id, other.id}) == 4
    await moving.accept(database, second)
    (taken,) = [one for one in await moving.seats_of(database, case_id, S.ACCEPTED) if one.id == second.id]
    assert taken.due_at is None
    await moving.strike(database, case_id, "evidence/timeout")
    due = (await moving.case_of(database, case_id)).due_at
    assert {one.due_at for one in await moving.seats_of(database, case_id, S.ACCEPTED)} == {due}


async def test_an_assessment_far_overdue_is_offered_to_somebody_else_without_blame(database: Database) -> None:
    who = await moving.people(database)
    case_id, late = await two_seats(database, who)
    await moving.write(database, case_id, who.assessor, first=moving.finding())
    await moving.send(database, case_id, "submit_judgements", actor=who.assessor, role=Role.ASSESSOR)
    spare = await another(database)
    await moving.strike(database, case_id, "assessment/reoffer")
    states = {seat.person_id: seat.state for seat in await moving.seats_of(database, case_id)}
    assert states == {who.assessor.id: S.SUBMITTED, late.id: S.DISMISSED, spare.id: S.OFFERED}
    assert ("assessment_dismissed", late.id) in await moving.told(database, case_id)
    (dismissed,) = await moving.seats_of(database, case_id, S.DISMISSED)
    assert dismissed.reason is None


async def move_to(
    database: Database, who: moving.People, seat: Assignment, assessor: Person, *, reason: str = "On leave"
) -> None:
    await reassign(database, who, seat.case_id, bodies.Reassign(reason, str(seat.id), str(assessor.id)))


async def test_a_lead_moves_a_seat_to_somebody_named(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assessing(database, who)
    other = await another(database)
    (seat,) = await moving.seats_of(database, case_id)
    async with moving.nothing_changes(database, "reasons_missing"):
        await move_to(database, who, seat, other, reason=" ")
    async with moving.nothing_changes(database, "offer_ended"):
        await reassign(database, who, case_id, bodies.Reassign("On leave", str(other.id), str(other.id)))
    async with moving.nothing_changes(database, "claims_missing"):
        await reassign(database, who, case_id, bodies.Reassign("On leave", None, str(other.id)))
    async with moving.nothing_changes(database, "not_qualified"):
        await move_to(database, who, seat, who.assessor)
    await move_to(database, who, seat, other)
    states = {one.person_id: one.state for one in await moving.seats_of(database, case_id)}
    assert states == {who.assessor.id: S.DISMISSED, other.id: S.OFFERED}
    told = await moving.told(database, case_id)
    assert ("assessment_dismissed", who.assessor.id) in told
    assert ("offer", other.id) in told
    async with database.reading() as session:
        rows = await session.exec(select(CommandRow.body).where(col(CommandRow.kind) == "reassign"))
        assert rows.one()["reason"] == "On leave"


async def test_how_long_ago_an_employer_ties_is_for_the_policy_to_say(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assessing(database, who)
    async with database.writing() as session:
        for name, until in (("Lately", NOW - timedelta(days=200)), ("Long ago", NOW - timedelta(days=9000))):
            tied = Employer(id=new_id(), case_id=case_id, organisation=name, until=until.date())
            await makers.stored(session, tied)
    for years, tying in ((1, {"Lately"}), (100, {"Lately", "Long ago"})):
        policy = makers.with_policy(coi_organisation_years=years).policy
        async with database.reading() as session:
            case = await cases.get(session, case_id)
            ties = await independence.known_ties(session, case=case, role=Role.ASSESSOR, policy=policy, now=NOW)
        assert ties.organisations & {"Lately", "Long ago"} == tying


async def test_a_lead_names_nobody_who_is_tied_to_the_case_or_not_qualified(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assessing(database, who)
    (seat,) = await moving.seats_of(database, case_id)
    async with database.writing() as session:
        barred, narrow, tied = [await makers.staff(session, Role.ASSESSOR) for _ in range(3)]
        await makers.exclude(session, await cases.get(session, case_id), barred)
        profile = AssessorProfile(person_id=narrow.id, languages=["en"], competencies=["third"], capacity=5)
        await makers.stored(session, profile)
        tied.organisation = "Atelier Exemple"
        await makers.stored(session, Employer(id=tied.id, case_id=case_id, organisation="atelier  exemple"))
        await makers.role(session, who.advisor, Role.ASSESSOR)
    for person_named, code in (
        (barred, "conflict_of_interest"),
        (tied, "conflict_of_interest"),
        (narrow, "not_qualified"),
        (who.decider, "not_qualified"),
        (who.advisor, "separation_of_duties"),
    ):
        async with moving.nothing_changes(database, code):
            await move_to(database, who, seat, person_named)


async def test_a_lead_lets_the_next_candidate_be_asked(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assigning(database, who)
    spare = await another(database)
    (seat,) = await moving.seats_of(database, case_id)
    await reassign(database, who, case_id, bodies.Reassign("No answer by phone", str(seat.id)))
    states = {one.person_id: one.state for one in await moving.seats_of(database, case_id)}
    assert states == {who.assessor.id: S.CANCELLED, spare.id: S.OFFERED}
    assert ("offer_ended", who.assessor.id) in await moving.told(database, case_id)


async def test_what_was_judged_is_not_taken_from_its_assessor(database: Database) -> None:
    who = await moving.people(database)
    case_id, _ = await two_seats(database, who)
    await moving.write(database, case_id, who.assessor, first=moving.finding())
    await moving.send(database, case_id, "submit_judgements", actor=who.assessor, role=Role.ASSESSOR)
    (seat,) = await moving.seats_of(database, case_id, S.SUBMITTED)
    async with moving.nothing_changes(database, "judgement_locked"):
        await reassign(database, who, case_id, bodies.Reassign("Not pleased with it", str(seat.id)))


async def test_after_three_refusals_a_lead_names_somebody_and_the_count_begins_anew(database: Database) -> None:
    who = await moving.people(database)
    for _ in range(2):
        await another(database)
    case_id = await moving.assigning(database, who)
    for _ in range(3):
        (seat,) = await moving.seats_of(database, case_id, S.OFFERED)
        await decline(database, seat)
    found = await another(database)
    await reassign(database, who, case_id, bodies.Reassign("Asked by phone", assessor=str(found.id)))
    (seat,) = await moving.seats_of(database, case_id, S.OFFERED)
    assert seat.person_id == found.id
    await moving.accept(database, seat)
    assert (await moving.case_of(database, case_id)).offers_failed == 0
    await moving.tick(database, case_id, "start_assessment")


@pytest.mark.parametrize("state", [S.OFFERED, S.ACCEPTED])
async def test_a_person_asked_twice_answers_once(database: Database, state: SeatState) -> None:
    who = await moving.people(database)
    case_id = await moving.assigning(database, who)
    (seat,) = await moving.seats_of(database, case_id)
    if state is S.ACCEPTED:
        await moving.accept(database, seat)
    else:
        await decline(database, seat)
    async with moving.nothing_changes(database, "offer_ended"):
        await moving.accept(database, seat)


async def test_whoever_has_judged_one_claim_can_be_given_another(database: Database) -> None:
    who = await moving.people(database)
    case_id, late = await two_seats(database, who)
    await moving.write(database, case_id, who.assessor, first=moving.finding())
    await moving.send(database, case_id, "submit_judgements", actor=who.assessor, role=Role.ASSESSOR)
    async with database.writing() as session:
        (await session.get_one(AssessorProfile, who.assessor.id)).competencies = None
    (seat,) = [one for one in await moving.seats_of(database, case_id) if one.person_id == late.id]
    await move_to(database, who, seat, who.assessor)
    (offered,) = await moving.seats_of(database, case_id, S.OFFERED)
    await moving.accept(database, offered)
    await moving.write(database, case_id, who.assessor, second=moving.finding())
    await moving.send(database, case_id, "submit_judgements", actor=who.assessor, role=Role.ASSESSOR)
    assert (await moving.case_of(database, case_id)).stage is Stage.DECISION_PENDING
    assert {one.state for one in await moving.seats_of(database, case_id, S.SUBMITTED)} == {S.SUBMITTED}


async def test_a_conflict_found_before_the_decision_leads_back_to_assessment(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.judged(database, who, first=Recommendation.MET)
    other = await another(database)
    (seat,) = await moving.seats_of(database, case_id)
    await declare(database, seat)
    assert (await moving.case_of(database, case_id)).stage is Stage.IN_ASSESSMENT
    assert (await moving.claims_of(database, case_id))["first"].state is ClaimState.IN_ASSESSMENT
    (offered,) = await moving.seats_of(database, case_id, S.OFFERED)
    assert offered.person_id == other.id
    await moving.accept(database, offered)
    await moving.write(database, case_id, other, first=moving.finding(Recommendation.MET))
    await moving.send(database, case_id, "submit_judgements", actor=other, role=Role.ASSESSOR)
    await moving.decide(database, who, case_id)
