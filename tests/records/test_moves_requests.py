"""More evidence is asked for by criterion and rule; an answer makes a new version, silence counts against nobody."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select

from services.records import cases, dossier, judgements, pointers
from services.records.database import Database
from services.records.tables.assessment import Judgement
from services.records.tables.evidence import EvidenceItem, EvidenceRequest, Pointer, PortfolioVersion, RequestTarget
from services.records.tables.people import Person
from services.rules import commands as bodies
from services.rules import deadlines
from services.rules.case import SeatKind, Stage
from services.rules.claims import Recommendation, Rule, RuleVerdict, Verdict
from services.rules.evidence import EvidenceState
from services.rules.people import Role
from services.rules.programmes import Method
from tests.records import makers, moving
from tests.records.makers import NOW
from tests.records.prepared import prepared


async def target_on(database: Database, case_id: UUID, competency: str = "first") -> bodies.Target:
    claim = (await moving.claims_of(database, case_id))[competency]
    return bodies.Target(str(claim.id), "b", "sufficient", "A second occasion", "A photo or a log of another day")


async def request(
    database: Database, who: moving.People, case_id: UUID, *targets: bodies.Target, actor: Person | None = None
) -> None:
    await moving.send(
        database,
        case_id,
        "request_evidence",
        actor=actor or who.assessor,
        role=Role.ASSESSOR,
        body=bodies.RequestEvidence(targets),
    )


async def answer(database: Database, who: moving.People, case_id: UUID, *answers: bodies.TargetAnswer) -> None:
    later = NOW + timedelta(days=9)
    await moving.send(
        database,
        case_id,
        "answer_request",
        actor=who.learner,
        role=Role.LEARNER,
        body=bodies.AnswerRequest(answers),
        now=later,
    )


@prepared
async def asked(database: Database, who: moving.People) -> tuple[UUID, str]:
    """A case whose assessor has asked for more on one criterion, and that target's id."""
    case_id = await moving.assessing(database, who)
    await request(database, who, case_id, await target_on(database, case_id))
    async with database.reading() as session:
        return case_id, str((await session.exec(select(RequestTarget.id))).one())


async def new_file(database: Database, case_id: UUID, *, state: EvidenceState = EvidenceState.UNSCANNED) -> str:
    async with database.writing() as session:
        case = await cases.get(session, case_id)
        item = await makers.evidence(session, case, sha256="1" * 64, name="second-day.pdf", state=state)
        return str(item.id)


async def test_a_request_stops_our_clock_and_names_what_is_missing(database: Database) -> None:
    who = await moving.people(database)
    case_id, _ = await asked(database, who)
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.return_to, case.rounds_used) == (Stage.MORE_EVIDENCE, Stage.IN_ASSESSMENT, 1)
    async with database.reading() as session:
        (target,) = await session.exec(select(RequestTarget))
        (round_,) = await session.exec(select(EvidenceRequest))
    assert (target.criterion, target.rule, target.missing) == ("b", "sufficient", "A second occasion")
    assert (round_.round, round_.closed_at) == (1, None)


async def test_every_target_names_an_own_claim_a_criterion_and_a_rule(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assessing(database, who)
    good = await target_on(database, case_id)
    async with moving.nothing_changes(database, "targets_missing"):
        await request(database, who, case_id)
    for wrong in (
        replace(good, claim=str(case_id)),
        replace(good, criterion="z"),
        replace(good, rule="polite"),
        replace(good, missing=" "),
        replace(good, acceptable=""),
    ):
        async with moving.nothing_changes(database, "targets_missing"):
            await request(database, who, case_id, good, wrong)


async def test_a_round_that_is_open_is_the_only_one(database: Database) -> None:
    who = await moving.people(database)
    case_id, _ = await asked(database, who)
    async with database.writing() as session:  # a round left open by mistake must not get a second one beside it
        case = await cases.get(session, case_id)
        case.stage = Stage.IN_ASSESSMENT
    async with moving.nothing_changes(database, "round_open"):
        await request(database, who, case_id, await target_on(database, case_id))


async def test_an_answer_makes_a_new_version_and_the_assessor_has_the_days_left_before(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assessing(database, who)
    await moving.write(database, case_id, who.assessor, second=moving.finding())
    await request(database, who, case_id, await target_on(database, case_id))
    async with database.reading() as session:
        target = (await session.exec(select(RequestTarget))).one()
    item = await new_file(database, case_id)
    await answer(database, who, case_id, bodies.TargetAnswer(str(target.id), (item,)))
    case = await moving.case_of(database, case_id)
    async with database.reading() as session:
        version = (await session.exec(select(PortfolioVersion).where(col(PortfolioVersion.number) == 2))).one()
        (draft,) = await session.exec(select(Judgement))
        (round_,) = await session.exec(select(EvidenceRequest))
        tied = await session.exec(select(Pointer.criterion).where(col(Pointer.evidence_id) == UUID(item)))
        assert list(tied) == ["b"]
        assert len(await pointers.for_claim(session, target.claim_id)) == 2
    assert len(version.manifest["items"]) == 2
    assert (draft.portfolio_version, round_.closed_as) == (2, "answered")
    (seat,) = await moving.seats_of(database, case_id)
    assert (case.stage, seat.due_at) == (Stage.IN_ASSESSMENT, case.due_at)
    # Twenty business days were left on 2 March; on 11 March they begin again: Good Friday is none of them.
    assert case.due_at is not None
    assert case.due_at.date().isoformat() == "2026-04-10"


@pytest.mark.parametrize("kind", ["nothing", "empty", "unknown", "unready", "unasked", "twice"])
async def test_each_target_is_answered_with_files_of_this_case_or_nothing_more(database: Database, kind: str) -> None:
    who = await moving.people(database)
    case_id, target = await asked(database, who)
    item = await new_file(database, case_id, state=EvidenceState.REJECTED)
    answers, code = {
        "nothing": ((), "answers_missing"),
        "empty": ((bodies.TargetAnswer(target),), "answers_missing"),
        "unknown": ((bodies.TargetAnswer(target, (str(case_id),)),), "evidence_unknown"),
        "unready": ((bodies.TargetAnswer(target, (item,)),), "evidence_unready"),
        "unasked": ((bodies.TargetAnswer(str(case_id), nothing_more=True),), "malformed"),
        "twice": ((bodies.TargetAnswer(target, nothing_more=True),) * 2, "malformed"),
    }[kind]
    async with moving.nothing_changes(database, code):
        await answer(database, who, case_id, *answers)


async def answer_one(database: Database, who: moving.People, case_id: UUID, said: bodies.AnswerTarget) -> object:
    done = await moving.send(database, case_id, "answer_target", actor=who.learner, role=Role.LEARNER, body=said)
    return done["waiting"]


async def test_targets_are_answered_one_by_one_and_the_case_waits_for_the_last(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assessing(database, who)
    await request(
        database, who, case_id, await target_on(database, case_id), await target_on(database, case_id, "second")
    )
    async with database.reading() as session:
        first, second = (
            str(one) for one in await session.exec(select(RequestTarget.id).order_by(col(RequestTarget.id)))
        )
    item = await new_file(database, case_id)
    assert await answer_one(database, who, case_id, bodies.AnswerTarget(first, nothing_more=True)) == 1
    assert await answer_one(database, who, case_id, bodies.AnswerTarget(first, (item,))) == 1  # thought better of it
    (seat,) = await moving.seats_of(database, case_id)
    async with database.reading() as session:
        (shown,) = await dossier.rounds(session, case_id, seats=[seat.id])
    assert [(str(one.id), one.evidence, one.nothing_more) for one in shown.targets if one.answered_at] == [
        (first, [item], False)
    ]
    async with moving.nothing_changes(database, "answers_missing") as refused:
        await answer(database, who, case_id)
    assert refused.value.facts == {"target": second}
    assert (await moving.case_of(database, case_id)).stage is Stage.MORE_EVIDENCE
    assert "evidence_answered" not in dict(await moving.told(database, case_id))
    await answer_one(database, who, case_id, bodies.AnswerTarget(second, nothing_more=True))
    async with database.writing() as session:
        (await session.get_one(EvidenceItem, UUID(item))).removed_at = NOW
    async with moving.nothing_changes(database, "evidence_unknown"):  # what answered is not there any more
        await answer(database, who, case_id)
    await answer(database, who, case_id, bodies.TargetAnswer(first, nothing_more=True))
    assert (await moving.case_of(database, case_id)).stage is Stage.IN_ASSESSMENT


async def test_one_answer_is_about_what_was_asked_and_says_something(database: Database) -> None:
    who = await moving.people(database)
    case_id, target = await asked(database, who)
    for said, code in (
        (bodies.AnswerTarget(target), "answers_missing"),
        (bodies.AnswerTarget(str(case_id), nothing_more=True), "malformed"),
        (bodies.AnswerTarget(target, (str(case_id),)), "evidence_unknown"),
    ):
        async with moving.nothing_changes(database, code):
            await answer_one(database, who, case_id, said)


async def test_nothing_more_is_an_answer(database: Database) -> None:
    who = await moving.people(database)
    case_id, target = await asked(database, who)
    await answer(database, who, case_id, bodies.TargetAnswer(target, nothing_more=True))
    assert (await moving.case_of(database, case_id)).judge_on_file is False
    doubt = replace(moving.finding(Recommendation.INSUFFICIENT_EVIDENCE), rules=_doubting())
    await moving.write(database, case_id, who.assessor, first=doubt, second=moving.finding())
    await moving.send(database, case_id, "submit_judgements", actor=who.assessor, role=Role.ASSESSOR)
    async with database.reading() as session:
        found = {one.competency: one.recommendation for one in await judgements.of_case(session, case_id)}
    assert found["first"] is Recommendation.INSUFFICIENT_EVIDENCE


def _doubting() -> tuple[RuleVerdict, ...]:
    return tuple(
        replace(verdict, verdict=Verdict.CONCERN, note="One occasion only")
        if verdict.rule is Rule.SUFFICIENT
        else verdict
        for verdict in moving.finding().rules
    )


async def test_silence_brings_the_case_back_to_be_judged_on_file(database: Database) -> None:
    who = await moving.people(database)
    case_id, _ = await asked(database, who)
    await moving.strike(database, case_id, "evidence/timeout")
    case = await moving.case_of(database, case_id)
    async with database.reading() as session:
        (round_,) = await session.exec(select(EvidenceRequest))
        assert (await session.exec(select(EvidenceItem))).one()
    assert (case.stage, case.judge_on_file, round_.closed_as) == (Stage.IN_ASSESSMENT, True, "timeout")
    (seat,) = await moving.seats_of(database, case_id)
    assert seat.due_at == case.due_at
    told = await moving.told(database, case_id)
    assert ("evidence_timeout", who.learner.id) in told
    assert ("evidence_timeout_staff", who.assessor.id) in told


async def test_after_the_last_round_no_more_is_asked(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assessing(database, who)
    for _ in range(2):
        await request(database, who, case_id, await target_on(database, case_id))
        await moving.strike(database, case_id, "evidence/timeout")
    async with moving.nothing_changes(database, "rounds_exhausted"):
        await request(database, who, case_id, await target_on(database, case_id))


async def test_what_was_uploaded_without_an_answer_is_judged_as_a_version(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assessing(database, who)
    await moving.write(database, case_id, who.assessor, second=moving.finding())
    await request(database, who, case_id, await target_on(database, case_id))
    item = await new_file(database, case_id)
    await moving.strike(database, case_id, "evidence/timeout")
    async with database.reading() as session:
        version = (await session.exec(select(PortfolioVersion).where(col(PortfolioVersion.number) == 2))).one()
        (draft,) = await session.exec(select(Judgement))
    assert item in {one["id"] for one in version.manifest["items"]}
    assert draft.portfolio_version == 2


async def test_silence_that_adds_nothing_makes_no_version(database: Database) -> None:
    who = await moving.people(database)
    case_id, _ = await asked(database, who)
    await moving.strike(database, case_id, "evidence/timeout")
    async with database.reading() as session:
        assert list(await session.exec(select(PortfolioVersion.number))) == [1]


async def test_what_one_claim_was_asked_for_says_nothing_of_another(database: Database) -> None:
    who = await moving.people(database)
    case_id, _ = await asked(database, who)  # about the first claim
    await moving.strike(database, case_id, "evidence/timeout")
    doubt = replace(moving.finding(Recommendation.INSUFFICIENT_EVIDENCE), rules=_doubting())
    await moving.write(database, case_id, who.assessor, first=doubt, second=doubt)
    async with moving.nothing_changes(database, "evidence_rule") as refused:
        await moving.send(database, case_id, "submit_judgements", actor=who.assessor, role=Role.ASSESSOR)
    assert (refused.value.facts["rule"], refused.value.facts["competency"]) == ("not_asked", "second")


async def another_seat(database: Database, case_id: UUID) -> Person:
    """Somebody else who judges the same claims, as a second seat does."""
    async with database.writing() as session:
        other = await makers.staff(session, Role.ASSESSOR)
        await makers.seat(session, await cases.get(session, case_id), other, kind=SeatKind.SECOND)
    return other


async def test_another_seat_asks_in_the_same_round_without_learning_who_opened_it(database: Database) -> None:
    who = await moving.people(database)
    case_id, first = await asked(database, who)
    other = await another_seat(database, case_id)
    seats = {seat.person_id: seat.id for seat in await moving.seats_of(database, case_id)}
    later = NOW + timedelta(days=20)
    body = bodies.RequestEvidence((await target_on(database, case_id, "second"),))
    said = await moving.send(
        database, case_id, "request_evidence", actor=other, role=Role.ASSESSOR, body=body, now=later
    )
    async with database.reading() as session:
        (request,) = await session.exec(select(EvidenceRequest))
        (seen,) = await dossier.rounds(session, case_id, seats=[seats[other.id]])
        (shown,) = await dossier.rounds(session, case_id)
    assert set(said) == {"stage", "version", "request"}
    assert (seen.number, len(seen.targets), len(shown.targets)) == (1, 1, 2)
    case = await moving.case_of(database, case_id)
    assert (case.rounds_used, request.closed_at) == (1, None)
    # Who is asked for something more has the whole time for it: thirty days from then on.
    assert case.due_at == deadlines.end_of_day((later + timedelta(days=30)).date(), case.zone)
    both = [bodies.TargetAnswer(str(target.id), nothing_more=True) for target in shown.targets]
    async with moving.nothing_changes(database, "answers_missing"):
        await answer(database, who, case_id, bodies.TargetAnswer(first, nothing_more=True))
    await answer(database, who, case_id, *both)
    told = await moving.told(database, case_id)
    assert {("evidence_answered", who.assessor.id), ("evidence_answered", other.id)} <= set(told)


async def test_whoever_asked_for_nothing_hears_of_no_answer(database: Database) -> None:
    who = await moving.people(database)
    case_id, target = await asked(database, who)
    other = await another_seat(database, case_id)
    await answer(database, who, case_id, bodies.TargetAnswer(target, nothing_more=True))
    told = await moving.told(database, case_id)
    assert ("evidence_answered", who.assessor.id) in told
    assert ("evidence_answered", other.id) not in told


async def test_a_learner_may_rather_show_it_at_an_appointment(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assessing(database, who)
    ways = replace(await target_on(database, case_id), other_ways=("appointment", "third_party"))
    async with moving.nothing_changes(database, "malformed"):
        await request(database, who, case_id, replace(ways, other_ways=("magic",)))
    await request(database, who, case_id, ways)
    async with database.reading() as session:
        target = (await session.exec(select(RequestTarget))).one()
    assert target.other_ways == ["appointment", "third_party"]
    async with moving.nothing_changes(database, "malformed"):
        both = bodies.TargetAnswer(str(target.id), nothing_more=True, appointment=True)
        await answer(database, who, case_id, both)
    await answer(database, who, case_id, bodies.TargetAnswer(str(target.id), appointment=True))
    async with database.reading() as session:
        target = (await session.exec(select(RequestTarget))).one()
        assert not await dossier.nothing_more(session, target.claim_id)
    case = await moving.case_of(database, case_id)
    assert (target.appointment, case.stage, case.judge_on_file) == (True, Stage.IN_ASSESSMENT, False)


async def test_no_appointment_is_wished_for_where_the_programme_has_none(database: Database) -> None:
    who = await moving.people(database)
    case_id, target = await asked(database, who)
    plain = makers.programme()
    only = tuple(replace(one, methods=(Method.PORTFOLIO,)) for one in plain.competencies)
    async with database.writing() as session:
        version = await makers.published(session, replace(plain, version=2, competencies=only))
        (await cases.get(session, case_id)).programme_version_id = version.id
    async with moving.nothing_changes(database, "method_not_allowed"):
        await answer(database, who, case_id, bodies.TargetAnswer(target, appointment=True))


async def test_a_lead_allows_one_more_round_in_writing(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assessing(database, who)

    async def allow(reason: str) -> None:
        body = bodies.AllowRound(reason)
        await moving.send(database, case_id, "allow_round", actor=who.lead, role=Role.LEAD, body=body)

    async with moving.nothing_changes(database, "round_left"):
        await allow("The learner asked for it")
    for _ in range(2):
        await request(database, who, case_id, await target_on(database, case_id))
        await moving.strike(database, case_id, "evidence/timeout")
    async with moving.nothing_changes(database, "reasons_missing"):
        await allow(" ")
    await allow("The learner was in hospital")
    await request(database, who, case_id, await target_on(database, case_id))
    await moving.strike(database, case_id, "evidence/timeout")
    for again in (allow("Once more"), request(database, who, case_id, await target_on(database, case_id))):
        async with moving.nothing_changes(database, "rounds_exhausted"):
            await again


@pytest.mark.parametrize("stage", [Stage.SECOND_ASSESSMENT, Stage.MODERATION])
async def test_an_answer_leads_back_to_whoever_asked(database: Database, stage: Stage) -> None:
    who = await moving.people(database)
    case_id = await moving.assessing(database, who)
    async with database.writing() as session:
        (await cases.get(session, case_id)).stage = stage
    await request(database, who, case_id, await target_on(database, case_id))
    async with database.reading() as session:
        target = (await session.exec(select(RequestTarget))).one()
    await answer(database, who, case_id, bodies.TargetAnswer(str(target.id), nothing_more=True))
    assert (await moving.case_of(database, case_id)).stage is stage


async def test_a_withdrawal_undone_after_an_extension_finds_the_request_and_the_way_back(database: Database) -> None:
    who = await moving.people(database)
    case_id, target = await asked(database, who)
    more = bodies.Extend("A journey")
    await moving.send(database, case_id, "extend", actor=who.learner, role=Role.LEARNER, body=more)
    gone = bodies.Withdraw(confirmed=True)
    await moving.send(database, case_id, "withdraw", actor=who.learner, role=Role.LEARNER, body=gone)
    await moving.send(database, case_id, "undo_withdraw", actor=who.learner, role=Role.LEARNER)
    await answer(database, who, case_id, bodies.TargetAnswer(target, nothing_more=True))
    assert (await moving.case_of(database, case_id)).stage is Stage.IN_ASSESSMENT
