"""A learner can leave and come back; nobody lapses without two warnings; what was settled stays settled."""

import asyncio
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select

from services.records import applying, audit, cases
from services.records.database import Database
from services.records.tables.commands import EffectRow, EffectState, Mail
from services.records.tables.evidence import EvidenceRequest, Pointer
from services.rules import commands as bodies
from services.rules.case import ClosedAs, Lane, SeatState, Stage
from services.rules.claims import ClaimState, Recommendation
from services.rules.people import Role
from services.rules.refusals import Refused
from tests.records import makers, moving
from tests.records.makers import NOW
from tests.records.prepared import prepared

LEAVE = bodies.Withdraw(confirmed=True, reason="family")
TOMORROW = NOW + timedelta(days=1)
S = SeatState


async def withdraw(database: Database, who: moving.People, case_id: UUID, body: bodies.Withdraw = LEAVE) -> None:
    await moving.send(database, case_id, "withdraw", actor=who.learner, role=Role.LEARNER, body=body)


async def undo(database: Database, who: moving.People, case_id: UUID, *, days: int = 1) -> None:
    later = NOW + timedelta(days=days)
    await moving.send(database, case_id, "undo_withdraw", actor=who.learner, role=Role.LEARNER, now=later)


async def reopen(
    database: Database, who: moving.People, case_id: UUID, *, reason: str = "New work", days: int = 60
) -> None:
    later = NOW + timedelta(days=days)
    await moving.send(
        database, case_id, "reopen", actor=who.advisor, role=Role.ADVISOR, body=bodies.Reopen(reason), now=later
    )


async def states(database: Database, case_id: UUID) -> set[ClaimState]:
    return {claim.state for claim in (await moving.claims_of(database, case_id)).values()}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (bodies.Withdraw(confirmed=False), "confirmation_missing"),
        (bodies.Withdraw(confirmed=True, reason="bored of it all"), "malformed"),
    ],
)
async def test_leaving_is_confirmed_and_its_reason_is_one_of_the_list(
    database: Database, body: bodies.Withdraw, code: str
) -> None:
    who = await moving.people(database)
    case_id = await moving.assigning(database, who)
    async with moving.nothing_changes(database, code):
        await withdraw(database, who, case_id, body)


async def test_leaving_ends_every_offer_and_tells_whoever_was_at_work(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assigning(database, who)
    await withdraw(database, who, case_id)
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.closed_as, case.return_to) == (Stage.CLOSED, ClosedAs.WITHDRAWN, Stage.ASSIGNING)
    assert await states(database, case_id) == {ClaimState.WITHDRAWN}
    (seat,) = await moving.seats_of(database, case_id)
    assert (seat.state, seat.ended_at) == (S.CANCELLED, NOW)
    told = await moving.told(database, case_id)
    assert {("offer_ended", who.assessor.id), ("withdrawn_staff", who.advisor.id)} <= set(told)
    async with database.reading() as session:
        assert (await cases.state(session, case)).deadlines == ()


async def test_a_case_that_comes_back_to_assessment_asks_its_former_assessor_first(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assessing(database, who)
    async with database.writing() as session:
        for _ in range(3):
            await makers.staff(session, Role.ASSESSOR)
    await withdraw(database, who, case_id)
    assert ("withdrawn_staff", who.assessor.id) in await moving.told(database, case_id)
    await undo(database, who, case_id)
    assert (await moving.case_of(database, case_id)).stage is Stage.IN_ASSESSMENT
    assert await states(database, case_id) == {ClaimState.IN_ASSESSMENT}
    (offered,) = await moving.seats_of(database, case_id, S.OFFERED)
    assert offered.person_id == who.assessor.id
    await moving.accept(database, offered, now=TOMORROW)
    (seat,) = await moving.seats_of(database, case_id, S.ACCEPTED)
    assert seat.due_at == (await moving.case_of(database, case_id)).due_at


async def test_what_was_judged_before_leaving_stands_after_coming_back(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.judged(database, who, first=Recommendation.MET, second=Recommendation.PARTIAL)
    await withdraw(database, who, case_id)
    assert await states(database, case_id) == {ClaimState.WITHDRAWN}
    await undo(database, who, case_id)
    assert await states(database, case_id) == {ClaimState.RECOMMENDED_MET, ClaimState.RECOMMENDED_PARTIAL}
    (seat,) = await moving.seats_of(database, case_id)
    assert (seat.state, seat.ended_at) == (S.SUBMITTED, None)
    await moving.decide(database, who, case_id)


async def test_a_request_is_open_again_after_coming_back(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assessing(database, who)
    claim = (await moving.claims_of(database, case_id))["first"]
    target = bodies.Target(str(claim.id), "a", "valid", "The work itself", "A photo")
    asked = bodies.RequestEvidence((target,))
    await moving.send(database, case_id, "request_evidence", actor=who.assessor, role=Role.ASSESSOR, body=asked)
    await withdraw(database, who, case_id)
    async with database.reading() as session:
        assert (await session.exec(select(EvidenceRequest.closed_as))).one() == "withdrawn"
    await undo(database, who, case_id)
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.return_to) == (Stage.MORE_EVIDENCE, Stage.IN_ASSESSMENT)
    async with database.reading() as session:
        assert (await session.exec(select(EvidenceRequest.closed_at))).one() is None
    (offered,) = await moving.seats_of(database, case_id, S.OFFERED)
    assert offered.person_id == who.assessor.id
    await moving.accept(database, offered, now=TOMORROW)
    await moving.strike(database, case_id, "evidence/timeout")
    (seat,) = await moving.seats_of(database, case_id, S.ACCEPTED)
    assert seat.due_at == (await moving.case_of(database, case_id)).due_at


@pytest.mark.parametrize(
    ("stage", "state"),
    [
        (Stage.DRAFT, ClaimState.CLAIMED),
        (Stage.ELIGIBLE, ClaimState.CLAIMED),
        (Stage.PORTFOLIO_SUBMITTED, ClaimState.DOCUMENTED),
    ],
)
async def test_claims_come_back_as_they_were(database: Database, stage: Stage, state: ClaimState) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, stage, claims_are=state)
    await withdraw(database, who, case_id)
    await undo(database, who, case_id)
    assert (await moving.case_of(database, case_id)).stage is stage
    assert await states(database, case_id) == {state}


async def test_an_incomplete_portfolio_comes_back_documented_and_goes_on_where_it_was(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.sent_in(database, who)
    asked = bodies.AskCompletion((bodies.MissingItem("A clearer photo", "The date cannot be read"),))
    await moving.send(database, case_id, "ask_completion", actor=who.advisor, role=Role.ADVISOR, body=asked)
    await withdraw(database, who, case_id)
    await undo(database, who, case_id)
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.return_to) == (Stage.INCOMPLETE, Stage.PORTFOLIO_SUBMITTED)
    assert await states(database, case_id) == {ClaimState.DOCUMENTED}


async def test_a_withdrawal_is_undone_within_ten_days_and_reopened_within_twelve_months(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.ELIGIBLE)
    await withdraw(database, who, case_id)
    async with moving.nothing_changes(database, "window_closed"):
        await undo(database, who, case_id, days=11)
    async with moving.nothing_changes(database, "reasons_missing"):
        await reopen(database, who, case_id, reason=" ")
    async with moving.nothing_changes(database, "window_closed"):
        await reopen(database, who, case_id, days=367)
    await reopen(database, who, case_id, days=300)
    assert (await moving.case_of(database, case_id)).stage is Stage.ELIGIBLE
    assert await states(database, case_id) == {ClaimState.CLAIMED}


async def test_after_a_decision_open_claims_get_a_new_attempt_with_what_was_shown(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.judged(database, who, first=Recommendation.MET, second=Recommendation.PARTIAL)
    await moving.decide(database, who, case_id)
    await moving.publish(database, case_id)
    await moving.strike(database, case_id, "appeal_window/end")
    before = (await moving.claims_of(database, case_id))["second"]
    await reopen(database, who, case_id)
    case = await moving.case_of(database, case_id)
    held = await moving.claims_of(database, case_id)
    assert (case.stage, case.rounds_used, case.closed_as) == (Stage.ELIGIBLE, 0, None)
    assert {key: (claim.state, claim.attempt) for key, claim in held.items()} == {
        "first": (ClaimState.CREDENTIALED, 1),
        "second": (ClaimState.CLAIMED, 2),
    }
    async with database.reading() as session:
        carried = await session.exec(select(Pointer.evidence_id).where(col(Pointer.claim_id) == held["second"].id))
        shown = await session.exec(select(Pointer.evidence_id).where(col(Pointer.claim_id) == before.id))
        assert list(carried) == list(shown)


async def test_a_second_attempt_is_judged_alone_and_completes_the_case(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.judged(database, who, first=Recommendation.MET, second=Recommendation.PARTIAL)
    await moving.decide(database, who, case_id)
    await moving.publish(database, case_id)
    await moving.strike(database, case_id, "appeal_window/end")
    await reopen(database, who, case_id)
    await moving.send(
        database, case_id, "submit_portfolio", actor=who.learner, role=Role.LEARNER, body=moving.PORTFOLIO
    )
    await moving.send(database, case_id, "accept_portfolio", actor=who.advisor, role=Role.ADVISOR)
    (offered,) = await moving.seats_of(database, case_id, S.OFFERED)
    await moving.accept(database, offered)
    await moving.tick(database, case_id, "start_assessment")
    await moving.write(database, case_id, who.assessor, second=moving.finding())
    await moving.send(database, case_id, "submit_judgements", actor=who.assessor, role=Role.ASSESSOR)
    await moving.decide(database, who, case_id)
    assert (await moving.case_of(database, case_id)).outcome == "granted_full"


async def test_a_refused_case_that_is_reopened_is_looked_at_anew(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.NOT_ELIGIBLE)
    async with database.writing() as session:
        case = await cases.get(session, case_id)
        case.refusal_proposed, case.stage = True, Stage.CLOSED
        case.closed_as, case.closed_at, case.return_to = ClosedAs.NOT_ELIGIBLE, NOW, Stage.NOT_ELIGIBLE
    await reopen(database, who, case_id)
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.refusal_proposed) == (Stage.ELIGIBILITY_REVIEW, False)


async def mails(database: Database, case_id: UUID, notice: str) -> int:
    """Let the mail service accept every mail of this kind that was queued, and count them."""
    async with database.writing() as session:
        rows = await session.exec(
            select(EffectRow).where(col(EffectRow.case_id) == case_id, col(EffectRow.notice) == notice)
        )
        sent = list(rows)
        for row in sent:
            if await session.get(Mail, row.key) is None and row.recipient is not None:
                mail = Mail(
                    effect_key=row.key,
                    message_id=f"<{row.key}@example.org>",
                    case_id=case_id,
                    notice=notice,
                    recipient=row.recipient,
                    language="en",
                    accepted_at=row.queued_at,
                )
                await makers.stored(session, mail)
        return len(sent)


@prepared
async def incomplete(database: Database, who: moving.People) -> UUID:
    case_id = await moving.standing(database, who, Stage.ELIGIBILITY_REVIEW)
    asked = bodies.AskCompletion((bodies.MissingItem("Payslip", "To know where you worked"),))
    await moving.send(database, case_id, "ask_completion", actor=who.advisor, role=Role.ADVISOR, body=asked)
    return case_id


async def test_a_case_lapses_after_two_warnings_that_were_accepted_and_never_before(database: Database) -> None:
    who = await moving.people(database)
    case_id = await incomplete(database, who)
    await moving.strike(database, case_id, "completion/early")
    assert await mails(database, case_id, "completion_reminder") == 1
    await moving.strike(database, case_id, "completion/soon")
    held = await moving.strike(database, case_id, "completion/lapse")
    assert held["held"] == "notices_missing"
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.needs_attention) == (Stage.INCOMPLETE, "notices_missing")
    assert await mails(database, case_id, "completion_reminder") == 3  # the one that was missing, and one more for it
    await moving.strike(database, case_id, "completion/lapse")
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.closed_as) == (Stage.CLOSED, ClosedAs.EXPIRED)
    assert ("lapsed", who.learner.id) in await moving.told(database, case_id)
    assert await states(database, case_id) == {ClaimState.CLAIMED}
    await reopen(database, who, case_id)
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.return_to) == (Stage.INCOMPLETE, Stage.ELIGIBILITY_REVIEW)


async def extend(
    database: Database, who: moving.People, case_id: UUID, *, until: date | None = None, reason: str = "Ill"
) -> dict[str, object]:
    body = bodies.Extend(reason, until)
    return await moving.send(database, case_id, "extend", actor=who.lead, role=Role.LEAD, body=body)


async def test_a_learner_extends_once_by_the_length_of_the_policy(database: Database) -> None:
    who = await moving.people(database)
    case_id = await incomplete(database, who)
    before = (await moving.case_of(database, case_id)).due_at

    async def ask() -> None:
        await moving.send(
            database, case_id, "extend", actor=who.learner, role=Role.LEARNER, body=bodies.Extend("", date(2030, 1, 1))
        )

    await ask()
    case = await moving.case_of(database, case_id)
    assert before is not None
    assert case.due_at is not None
    assert case.extended
    assert timedelta(days=30) <= case.due_at - before <= timedelta(days=34)
    async with moving.nothing_changes(database, "extension_used"):
        await ask()


async def test_a_lead_moves_a_date_later_and_never_earlier(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assessing(database, who)
    due = (await moving.case_of(database, case_id)).due_at
    assert due is not None
    async with moving.nothing_changes(database, "date_not_later"):
        await extend(database, who, case_id, until=due.date() - timedelta(days=2))
    async with moving.nothing_changes(database, "reasons_missing"):
        await extend(database, who, case_id, until=date(2026, 6, 1), reason="")
    await extend(database, who, case_id, until=date(2026, 6, 1))
    case = await moving.case_of(database, case_id)
    (seat,) = await moving.seats_of(database, case_id)
    assert case.due_at is not None
    assert case.due_at.date() == date(2026, 6, 2)  # the last second of 1 June in Quebec, told in UTC
    assert seat.due_at == case.due_at
    assert (await moving.rung(database, case_id, "assessment/soon")).at.date() == date(2026, 5, 29)


async def test_more_time_to_build_a_portfolio_is_not_cut_short_by_idleness(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.ELIGIBILITY_REVIEW)
    await moving.send(database, case_id, "accept_eligibility", actor=who.advisor, role=Role.ADVISOR)
    later = NOW + timedelta(days=200)
    body = bodies.Extend("Ill", date(2027, 9, 1))
    await moving.send(database, case_id, "extend", actor=who.lead, role=Role.LEAD, body=body, now=later)
    assert (await moving.case_of(database, case_id)).active_at == later


async def test_an_effect_that_failed_for_good_is_tried_again(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.judged(database, who, first=Recommendation.MET)
    await moving.decide(database, who, case_id)
    version = (await moving.case_of(database, case_id)).version
    key = f"{case_id}:{version}:sign_credentials"
    await moving.tick(database, case_id, "effect_failed", key)
    assert (await moving.case_of(database, case_id)).needs_attention == "effect_failed:sign_credentials"

    async def retry(effect: str) -> None:
        await moving.send(
            database, case_id, "retry_effect", actor=who.lead, role=Role.LEAD, body=bodies.RetryEffect(effect)
        )

    async with moving.nothing_changes(database, "nothing_to_retry"):
        await retry(f"{case_id}:{version}:render_letter")
    await retry(key)
    async with database.reading() as session:
        effect = await session.get_one(EffectRow, key)
    assert (effect.state, effect.error, effect.lane) == (EffectState.PENDING, None, Lane.ISSUE)
    assert (await moving.case_of(database, case_id)).needs_attention is None


async def take_up(database: Database, who: moving.People, case_id: UUID) -> None:
    """The learner takes up a draft that lapsed."""
    later, body = NOW + timedelta(days=60), bodies.Reopen("I have time again")
    await moving.send(database, case_id, "reopen", actor=who.learner, role=Role.LEARNER, body=body, now=later)


async def test_an_idle_draft_closes_without_warnings_of_a_ladder_and_can_be_restored(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.DRAFT)
    async with database.writing() as session:
        assert await applying.close_draft(session, case_id, now=NOW)
    case = await moving.case_of(database, case_id)
    assert (case.closed_as, case.return_to) == (ClosedAs.EXPIRED, Stage.DRAFT)
    await take_up(database, who, case_id)
    assert (await moving.case_of(database, case_id)).stage is Stage.DRAFT
    assert await states(database, case_id) == {ClaimState.CLAIMED}
    async with database.reading() as session:
        assert await audit.broken(session) == []


async def test_a_draft_in_which_nothing_was_claimed_comes_back_as_empty_as_it_was(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.DRAFT, competencies=())
    async with database.writing() as session:
        assert await applying.close_draft(session, case_id, now=NOW)
    async with moving.nothing_changes(database, "not_your_move"):
        await reopen(database, who, case_id)
    await take_up(database, who, case_id)
    assert (await moving.case_of(database, case_id)).stage is Stage.DRAFT


async def test_a_case_does_not_come_back_beside_another_one_on_its_programme(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.ELIGIBLE)
    await withdraw(database, who, case_id)
    await moving.standing(database, who, Stage.ASSIGNING, competencies=("third",))
    async with moving.nothing_changes(database, "case_already_open"):
        await undo(database, who, case_id)
    async with moving.nothing_changes(database, "case_already_open"):
        await reopen(database, who, case_id)


async def test_a_draft_comes_back_beside_a_case_that_is_under_way(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.DRAFT)
    await withdraw(database, who, case_id)
    await moving.standing(database, who, Stage.ASSIGNING, competencies=("third",))
    await undo(database, who, case_id)
    assert (await moving.case_of(database, case_id)).stage is Stage.DRAFT


async def test_of_two_cases_that_come_back_at_once_one_stays_closed(database: Database) -> None:
    who = await moving.people(database)
    pair = []
    for competency in ("first", "second"):
        pair.append(await moving.standing(database, who, Stage.ELIGIBLE, competencies=(competency,)))
        await withdraw(database, who, pair[-1])
    answers = await asyncio.gather(*(undo(database, who, one) for one in pair), return_exceptions=True)
    refused = [answer.code for answer in answers if isinstance(answer, Refused)]
    stages = sorted([(await moving.case_of(database, one)).stage for one in pair])
    assert (refused, stages) == (["case_already_open"], [Stage.CLOSED, Stage.ELIGIBLE])


async def agree(database: Database, who: moving.People, case_id: UUID, *, route: str = "A shorter course") -> None:
    body = bodies.AgreeRoute(route)
    await moving.send(database, case_id, "agree_route", actor=who.advisor, role=Role.ADVISOR, body=body)


async def test_a_learner_leaves_for_another_route_only_where_the_advisor_agreed_to_one(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.ELIGIBLE)
    elsewhere = bodies.Withdraw(confirmed=True, reason="other_route", reoriented=True)
    async with moving.nothing_changes(database, "route_not_agreed"):
        await withdraw(database, who, case_id, elsewhere)
    async with moving.nothing_changes(database, "next_step_missing"):
        await agree(database, who, case_id, route=" ")
    await agree(database, who, case_id)
    assert ("route_agreed", who.learner.id) in await moving.told(database, case_id)
    assert (await moving.case_of(database, case_id)).stage is Stage.ELIGIBLE
    await withdraw(database, who, case_id, elsewhere)
    case = await moving.case_of(database, case_id)
    assert (case.closed_as, case.other_route) == (ClosedAs.REORIENTED, "A shorter course")
    await undo(database, who, case_id)
    assert (await moving.case_of(database, case_id)).stage is Stage.ELIGIBLE
    await withdraw(database, who, case_id)
    assert (await moving.case_of(database, case_id)).closed_as is ClosedAs.WITHDRAWN
