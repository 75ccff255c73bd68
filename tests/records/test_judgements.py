"""A draft is its author's alone and counts its versions; what was sent in is locked and judged by the rules first."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import select

from services.records import cases, invariants, judgements
from services.records.database import Database
from services.records.tables.assessment import Judgement as JudgementRow
from services.records.tables.audit import AuditLine
from services.records.tables.people import AssessorProfile, Person
from services.rules import commands as bodies
from services.rules.case import SeatKind, SeatState, Stage
from services.rules.claims import ClaimState, CriterionRating, Judgement, Rating, Recommendation
from services.rules.people import Role
from services.rules.programmes import Method
from tests.records import makers, moving
from tests.records.makers import NOW
from tests.records.prepared import prepared

MET, PARTIAL = Recommendation.MET, Recommendation.PARTIAL
STANDS = SeatState.SUBMITTED


async def save(
    database: Database, case_id: UUID, assessor: Person, content: Judgement, *, expected: int, competency: str = "first"
) -> judgements.Found:
    claim = (await moving.claims_of(database, case_id))[competency]
    async with database.writing() as session:
        return await judgements.save_draft(
            session,
            case_id=case_id,
            claim_id=claim.id,
            assessor=assessor.id,
            content=content,
            expected_version=expected,
            now=NOW,
        )


async def submit(database: Database, who: moving.People, case_id: UUID) -> None:
    await moving.send(database, case_id, "submit_judgements", actor=who.assessor, role=Role.ASSESSOR)


async def test_a_draft_counts_its_versions_and_is_read_back_as_written(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assessing(database, who)
    first = await save(database, case_id, who.assessor, moving.finding(PARTIAL), expected=0)
    second = await save(database, case_id, who.assessor, moving.finding(), expected=1)
    assert (first.version, second.version, second.portfolio_version) == (1, 2, 1)
    async with database.reading() as session:
        (draft,) = await judgements.drafts_of(session, case_id=case_id, assessor=who.assessor.id)
        assert await judgements.of_case(session, case_id) == []
        saved = await session.exec(select(AuditLine).where(AuditLine.action == "judgement_drafted"))
        assert [line.details for line in saved] == [{"version": 1}, {"version": 2}]
    assert (draft.content, draft.recommendation, draft.locked_at) == (moving.finding(), None, None)


async def test_whoever_writes_over_a_newer_draft_is_told_so(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assessing(database, who)
    await save(database, case_id, who.assessor, moving.finding(), expected=0)
    for stale in (0, 2):
        async with moving.nothing_changes(database, "stale_version") as refused:
            await save(database, case_id, who.assessor, moving.finding(), expected=stale)
        assert refused.value.facts == {"version": "1"}


async def test_only_whoever_holds_the_seat_can_write_on_its_claims(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assigning(database, who)
    for person in (who.assessor, who.advisor, who.learner, who.lead):  # the assessor has not accepted yet
        async with moving.nothing_changes(database, "not_found"):
            await save(database, case_id, person, moving.finding(), expected=0)


@pytest.mark.parametrize("criteria", [("a", "z"), ("a", "a")])
async def test_a_draft_rates_the_criteria_of_its_competency_once(database: Database, criteria: tuple[str, ...]) -> None:
    who = await moving.people(database)
    case_id = await moving.assessing(database, who)
    wrong = replace(moving.finding(), ratings=tuple(CriterionRating(key, Rating.MET) for key in criteria))
    async with moving.nothing_changes(database, "malformed"):
        await save(database, case_id, who.assessor, wrong, expected=0)


async def test_judgements_are_locked_as_they_stand_and_whoever_decides_is_told(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.judged(database, who, first=MET, second=PARTIAL)
    case = await moving.case_of(database, case_id)
    states = {key: claim.state for key, claim in (await moving.claims_of(database, case_id)).items()}
    assert case.stage is Stage.DECISION_PENDING
    assert states == {"first": ClaimState.RECOMMENDED_MET, "second": ClaimState.RECOMMENDED_PARTIAL}
    (seat,) = await moving.seats_of(database, case_id)
    assert seat.state is SeatState.SUBMITTED
    assert ("decision_needed", who.decider.id) in await moving.told(database, case_id)
    async with database.reading() as session:
        found = {one.competency: one for one in (await judgements.recommendations(session, case_id)).values()}
    assert {key: one.recommendation for key, one in found.items()} == {"first": MET, "second": PARTIAL}
    assert {one.locked_at for one in found.values()} == {NOW}
    async with moving.nothing_changes(database, "judgement_locked"):
        await save(database, case_id, who.assessor, moving.finding(), expected=1)


async def test_the_database_keeps_a_locked_judgement(database: Database) -> None:
    who = await moving.people(database)
    await moving.judged(database, who, first=MET)
    with pytest.raises(sa.exc.IntegrityError):
        async with database.writing() as session:
            await session.exec(sa.update(JudgementRow).values(recommendation=PARTIAL))


async def test_every_claim_of_the_seat_is_sent_in_at_once(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assessing(database, who)
    await moving.write(database, case_id, who.assessor, first=moving.finding())
    async with moving.nothing_changes(database, "claims_open") as refused:
        await submit(database, who, case_id)
    assert refused.value.facts["competency"] == "second"


def lacking(code: str) -> Judgement:
    """A judgement that the rules refuse with `code`."""
    good = moving.finding()
    return {
        "claims_open": replace(good, ratings=good.ratings[:2]),
        "method_not_allowed": replace(good, methods=(Method.SIMULATION,)),
        "rationale_missing": replace(moving.finding(PARTIAL), rationale="Too short"),
        "evidence_rule": replace(moving.finding(PARTIAL), recommendation=MET),
    }[code]


@pytest.mark.parametrize("code", ["claims_open", "method_not_allowed", "rationale_missing", "evidence_rule"])
async def test_what_the_rules_do_not_allow_is_not_locked(database: Database, code: str) -> None:
    who = await moving.people(database)
    case_id = await moving.assessing(database, who, ("first",))
    await moving.write(database, case_id, who.assessor, first=lacking(code))
    async with moving.nothing_changes(database, code):
        await submit(database, who, case_id)


async def test_a_claim_shown_by_own_words_alone_is_not_met(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assessing(database, who, ("first",))
    async with database.writing() as session:
        await session.exec(sa.text("UPDATE evidence_items SET kind = 'resume', learner_authored = true"))  # type: ignore[call-overload]  # plain SQL
    await moving.write(database, case_id, who.assessor, first=moving.finding())
    async with moving.nothing_changes(database, "evidence_rule"):
        await submit(database, who, case_id)


async def test_the_case_waits_for_the_last_assessor(database: Database) -> None:
    who = await moving.people(database)
    async with database.writing() as session:
        other = await makers.staff(session, Role.ASSESSOR)
        for assessor, scope in ((who.assessor, "first"), (other, "second")):
            await makers.stored(
                session, AssessorProfile(person_id=assessor.id, languages=["en"], competencies=[scope], capacity=5)
            )
    case_id = await moving.assessing(database, who)
    await moving.write(database, case_id, who.assessor, first=moving.finding())
    await submit(database, who, case_id)
    assert (await moving.case_of(database, case_id)).stage is Stage.IN_ASSESSMENT
    assert "decision_needed" not in {notice for notice, _ in await moving.told(database, case_id)}
    await moving.write(database, case_id, other, second=moving.finding())
    await moving.send(database, case_id, "submit_judgements", actor=other, role=Role.ASSESSOR)
    assert (await moving.case_of(database, case_id)).stage is Stage.DECISION_PENDING
    async with database.reading() as session:
        (mine,) = await judgements.drafts_of(session, case_id=case_id, assessor=who.assessor.id)
    assert mine.competency == "first"


async def test_a_private_note_is_its_authors_unless_it_is_asked_for(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.judged(database, who, first=MET)
    async with database.reading() as session:
        (shown,) = await judgements.of_case(session, case_id)
        (whole,) = await judgements.of_case(session, case_id, private=True)
        (own,) = await judgements.drafts_of(session, case_id=case_id, assessor=who.assessor.id)
    assert (shown.content.private_note, whole.content.private_note) == ("", "Only mine to read")
    assert own.content == moving.finding()


@prepared
async def second_attempt(database: Database, who: moving.People) -> UUID:
    """A case reopened after a first attempt that met all but `b`, in assessment again."""
    case_id = await moving.judged(database, who, first=PARTIAL)
    await moving.decide(database, who, case_id)
    await moving.publish(database, case_id)
    await moving.strike(database, case_id, "appeal_window/end")
    again = bodies.Reopen("New evidence")
    await moving.send(database, case_id, "reopen", actor=who.advisor, role=Role.ADVISOR, body=again)
    await moving.send(
        database, case_id, "submit_portfolio", actor=who.learner, role=Role.LEARNER, body=moving.PORTFOLIO
    )
    await moving.send(database, case_id, "accept_portfolio", actor=who.advisor, role=Role.ADVISOR)
    (offered,) = await moving.seats_of(database, case_id, SeatState.OFFERED)
    await moving.accept(database, offered)
    await moving.tick(database, case_id, "start_assessment")
    return case_id


GAP = replace(moving.finding(), ratings=(CriterionRating("b", Rating.MET, "Seen now"),))
"""A judgement of nothing but what was missing."""


async def test_a_second_attempt_judges_only_the_gaps(database: Database) -> None:
    who = await moving.people(database)
    case_id = await second_attempt(database, who)
    await moving.write(database, case_id, who.assessor, first=GAP)
    await submit(database, who, case_id)
    await moving.decide(database, who, case_id)
    await moving.publish(database, case_id)
    assert (await moving.claims_of(database, case_id))["first"].state is ClaimState.CREDENTIALED
    async with database.reading() as session:
        assert [one.number for one in await invariants.broken(session, now=NOW)] == []


async def test_what_was_met_is_kept_until_the_day_that_the_letter_names(database: Database) -> None:
    who = await moving.people(database)
    case_id = await second_attempt(database, who)
    claim, policy = (await moving.claims_of(database, case_id))["first"], makers.programme().policy
    async with database.reading() as session:
        kept = [
            await judgements.carried(session, claim, policy, datetime(2028, 3, day, 17, tzinfo=UTC)) for day in (2, 3)
        ]
    assert kept == [{"a", "c"}, set()]
    await moving.write(database, case_id, who.assessor, first=GAP)
    later = datetime(2028, 3, 3, 17, tzinfo=UTC)
    async with moving.nothing_changes(database, "claims_open"):
        await moving.send(database, case_id, "submit_judgements", actor=who.assessor, role=Role.ASSESSOR, now=later)


async def test_an_attempt_that_was_recognised_leaves_nothing_to_reopen(database: Database) -> None:
    who = await moving.people(database)
    case_id = await second_attempt(database, who)
    await moving.write(database, case_id, who.assessor, first=moving.finding())
    await submit(database, who, case_id)
    await moving.decide(database, who, case_id)
    await moving.publish(database, case_id)
    await moving.strike(database, case_id, "appeal_window/end")
    async with database.reading() as session:
        assert (await cases.state(session, await cases.get(session, case_id))).open_claims == 0
    async with moving.nothing_changes(database, "claims_missing"):
        again = bodies.Reopen("Once more")
        await moving.send(database, case_id, "reopen", actor=who.advisor, role=Role.ADVISOR, body=again)


async def test_everybody_who_read_is_counted_whosever_reading_stands(database: Database) -> None:
    async with database.writing() as session:
        case = await makers.case(session)
        (claim,) = await makers.claims(session, case)
        for kind, state in ((SeatKind.FIRST, STANDS), (SeatKind.SECOND, STANDS), (SeatKind.THIRD, SeatState.CONFLICT)):
            reader = await makers.staff(session, Role.ASSESSOR)
            await makers.party(session, case, reader, Role.ASSESSOR)
            sat = await makers.seat(session, case, reader, state=state, kind=kind)
            sent = await makers.applied(session, case, "submit_judgements", actor=reader.id, role=Role.ASSESSOR)
            await makers.judgement(session, sat, claim, locked_by=sent)
    async with database.reading() as session:
        assert len(await judgements.readers(session, [claim.id])) == 2
        assert await judgements.readers(session, []) == []
        assert [found.claim_id for found in await judgements.of_case(session, case.id)] == [claim.id]
