"""What happens by itself happens on its day: on a server that skips time, months take a second."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import col, select
from temporalio.testing import WorkflowEnvironment

from services.documents.letter_processes import Renderer
from services.records import letters
from services.records.tables.cases import Case
from services.records.tables.commands import DeadlineRow, EffectState, Mail
from services.rules import commands as bodies
from services.rules.case import ClosedAs, SeatState, Stage
from services.rules.people import Role
from services.workflows import means
from services.workflows.issuing import Issuing
from tests.records import makers, moving
from tests.workflows import lives
from tests.workflows.house import House

DAY = timedelta(days=1)


async def pass_until(house: House, machine: WorkflowEnvironment, when: datetime) -> None:
    """Let time pass until `when`, and let the case do what it then has to do."""
    await machine.sleep(when - await house.now() + timedelta(minutes=1))


async def accepted(house: House, case_id: UUID, *notices: str) -> list[tuple[str, UUID, datetime]]:
    """Which of these notices the mail service took, for whom and when, oldest first."""
    async with house.database.reading() as session:
        rows = await session.exec(
            select(Mail.notice, Mail.recipient, Mail.accepted_at)
            .where(col(Mail.case_id) == case_id, col(Mail.notice).in_(notices))
            .order_by(col(Mail.accepted_at), col(Mail.notice), col(Mail.recipient))
        )
        return [(notice, person, at) for notice, person, at in rows if person is not None]


def near(at: datetime, wanted: datetime) -> bool:
    """Whether it happened at its moment."""
    return abs(at - wanted) < timedelta(minutes=1)


async def test_an_overdue_assessment_is_recalled_escalated_and_offered_to_somebody_else(
    years: House, time_machine: WorkflowEnvironment
) -> None:
    who = await moving.people(years.database)
    case_id = await lives.drafted(years.database, who)
    first = await lives.to_assessment(years, who, case_id)
    async with years.database.writing() as session:
        other = await makers.staff(session, Role.ASSESSOR)
    ladder = {key.partition("/")[2]: at for key, at in (await years.deadlines(case_id)).items()}
    assert list(ladder) == ["early", "soon", "late", "lead", "reoffer"]
    for rung, told in {"early": 1, "soon": 2, "late": 3, "lead": 3, "reoffer": 3}.items():
        await pass_until(years, time_machine, ladder[rung])
        assert len(await accepted(years, case_id, "assessment_reminder")) == told, rung
    reminders = await accepted(years, case_id, "assessment_reminder")
    assert [person for _, person, _ in reminders] == [who.assessor.id] * 3
    for (_, _, at), rung in zip(reminders, ("early", "soon", "late"), strict=True):
        assert near(at, ladder[rung])
        assert at.astimezone(ZoneInfo("America/Montreal")).hour == 9
    escalated = await accepted(years, case_id, "assessment_overdue")
    assert {person for _, person, _ in escalated} == {who.assessor.id, who.lead.id}
    assert all(near(at, ladder["lead"]) for _, _, at in escalated)
    (dismissed,) = await moving.seats_of(years.database, case_id, SeatState.DISMISSED)
    assert dismissed.id == first.id
    (offer,) = await moving.seats_of(years.database, case_id, SeatState.OFFERED)
    assert offer.person_id == other.id
    assert (await years.case(case_id)).stage is Stage.IN_ASSESSMENT


async def test_the_reminders_of_a_morning_reach_their_reader_in_one_mail(
    years: House, time_machine: WorkflowEnvironment
) -> None:
    who = await moving.people(years.database)
    async with years.database.writing() as session:
        another = replace(who, learner=await makers.person(session))
    early = []
    for one in (who, another):
        case_id = await lives.drafted(years.database, one)
        await lives.to_assessment(years, one, case_id)
        early += [at for key, at in (await years.deadlines(case_id)).items() if key.endswith("/early")]
    await pass_until(years, time_machine, max(early) + timedelta(minutes=1))
    async with years.database.reading() as session:
        rows = await session.exec(
            select(Mail.message_id, Mail.accepted_at).where(col(Mail.notice) == "assessment_reminder")
        )
        (first, at), (second, _) = rows
    assert first == second
    assert max(early) < at
    assert near(at, max(early) + timedelta(minutes=1))


async def test_an_idle_portfolio_lapses_after_two_warnings(years: House, time_machine: WorkflowEnvironment) -> None:
    who = await moving.people(years.database)
    case_id = await lives.drafted(years.database, who)
    await lives.to_eligible(years, who, case_id)
    rungs = await years.deadlines(case_id)
    await pass_until(years, time_machine, rungs["idle/second"] + 40 * DAY)
    assert (await years.case(case_id)).stage is Stage.ELIGIBLE
    warned = await accepted(years, case_id, "eligible_idle", "lapse_warning")
    assert [notice for notice, _, _ in warned] == ["eligible_idle", "lapse_warning"]
    assert near(warned[0][2], rungs["idle/first"])
    assert near(warned[1][2], rungs["idle/second"])
    await pass_until(years, time_machine, rungs["idle/lapse"])
    case = await years.case(case_id)
    assert (case.stage, case.closed_as) == (Stage.CLOSED, ClosedAs.EXPIRED)
    assert await years.over(case_id) == Stage.CLOSED
    assert len(await accepted(years, case_id, "lapsed")) == 1
    async with years.database.reading() as session:
        told = await letters.released_of(session, case_id)
    assert [(one.kind, one.language) for one in told] == [("lapse", "en"), ("lapse", "fr")]


async def test_who_goes_on_working_is_not_warned(years: House, time_machine: WorkflowEnvironment) -> None:
    who = await moving.people(years.database)
    case_id = await lives.drafted(years.database, who)
    await lives.to_eligible(years, who, case_id)
    rungs = await years.deadlines(case_id)
    await pass_until(years, time_machine, rungs["idle/first"] - 10 * DAY)
    await active(years, case_id)
    await pass_until(years, time_machine, rungs["idle/lapse"])
    assert await accepted(years, case_id, "lapse_warning") == []
    assert (await years.case(case_id)).stage is Stage.ELIGIBLE
    later = await years.deadlines(case_id)
    assert later["idle/lapse"] > rungs["idle/lapse"] + 100 * DAY


async def active(house: House, case_id: UUID) -> None:
    """The learner does something on the case."""
    now = await house.now()
    async with house.database.writing() as session:
        await session.exec(sa.update(Case).where(col(Case.id) == case_id).values(active_at=now))


async def test_nobody_loses_a_case_without_two_mails_that_were_taken(
    years: House, time_machine: WorkflowEnvironment
) -> None:
    who = await moving.people(years.database)
    case_id = await lives.drafted(years.database, who)
    await lives.to_review(years, who, case_id)
    years.mailbox.refusals[who.learner.email] = "550 no such person"
    await lives.asked_to_complete(years, who, case_id)
    rungs = await years.deadlines(case_id)
    await pass_until(years, time_machine, rungs["completion/lapse"] + 3 * DAY)
    case = await years.case(case_id)
    assert (case.stage, case.needs_attention) == (Stage.INCOMPLETE, "effect_failed:send_notice")
    again = (await years.deadlines(case_id))["completion/lapse"]
    years.mailbox.refusals.clear()
    for effect in await years.effects(case_id, EffectState.FAILED):
        body = bodies.RetryEffect(effect.key)
        await lives.step(years, case_id, "retry_effect", actor=who.lead, role=Role.LEAD, body=body)
    await years.quiet(case_id)
    assert len(await accepted(years, case_id, "completion_reminder")) == 4  # one more for those that did not arrive
    await pass_until(years, time_machine, again)
    case = await years.case(case_id)
    assert (case.stage, case.closed_as) == (Stage.CLOSED, ClosedAs.EXPIRED)


async def test_a_request_nobody_answers_ends_and_the_file_is_judged_as_it_is(
    years: House, time_machine: WorkflowEnvironment
) -> None:
    who = await moving.people(years.database)
    case_id = await lives.drafted(years.database, who)
    await lives.to_assessment(years, who, case_id)
    before = await years.deadlines(case_id)
    await lives.asked_for_more(years, who, case_id)
    rungs = await years.deadlines(case_id)
    assert {key.partition("/")[0] for key in rungs} == {"evidence"}  # ours stands still
    await pass_until(years, time_machine, rungs["evidence/timeout"])
    case = await years.case(case_id)
    assert (case.stage, case.judge_on_file) == (Stage.IN_ASSESSMENT, True)
    assert len(await accepted(years, case_id, "evidence_reminder")) == 3
    assert [person for _, person, _ in await accepted(years, case_id, "evidence_timeout")] == [who.learner.id]
    after = await years.deadlines(case_id)
    assert after["assessment/lead"] > before["assessment/lead"] + 25 * DAY


async def test_the_end_of_the_appeal_window_closes_the_case(years: House, time_machine: WorkflowEnvironment) -> None:
    who = await moving.people(years.database)
    case_id = await lives.drafted(years.database, who, "first")
    await lives.to_decided(years, who, case_id)
    case = await years.case(case_id)
    assert case.appeal_until is not None
    await pass_until(years, time_machine, case.appeal_until)
    case = await years.case(case_id)
    assert (case.stage, case.closed_as) == (Stage.CLOSED, ClosedAs.COMPLETED)
    assert await years.over(case_id) == Stage.CLOSED


async def test_an_offer_nobody_answers_lapses_and_goes_to_the_next(
    years: House, time_machine: WorkflowEnvironment
) -> None:
    who = await moving.people(years.database)
    async with years.database.writing() as session:
        await makers.staff(session, Role.ASSESSOR)
    case_id = await lives.drafted(years.database, who)
    await lives.to_eligible(years, who, case_id)
    await lives.step(years, case_id, "submit_portfolio", actor=who.learner, role=Role.LEARNER, body=lives.SEND)
    await lives.step(years, case_id, "accept_portfolio", actor=who.advisor, role=Role.ADVISOR)
    (first,) = await moving.seats_of(years.database, case_id)
    rungs = await years.deadlines(case_id)
    await pass_until(years, time_machine, rungs[f"offer:{first.id}/lapse"])
    lapsed, second = await moving.seats_of(years.database, case_id)
    assert [lapsed.state, second.state] == [SeatState.EXPIRED, SeatState.OFFERED]
    assert second.person_id != first.person_id
    assert [person for _, person, _ in await accepted(years, case_id, "offer_reminder")] == [first.person_id]


async def stood_still(house: House, case_id: UUID, past: str) -> None:
    """Let the case come back after a standstill during which the rung `past` came: its workflow was lost, too."""
    await house.desk.client.get_workflow_handle(f"case/{case_id}").terminate("a standstill")
    by = (await house.deadlines(case_id))[past] - datetime.now(UTC) + timedelta(hours=1)
    async with house.database.writing() as session:
        for rung in await session.exec(select(DeadlineRow).where(col(DeadlineRow.case_id) == case_id)):
            rung.at -= by
    assert await house.desk.start(case_id)


async def test_after_a_standstill_one_reminder_is_sent_and_not_all_that_were_missed(house: House) -> None:
    who = await moving.people(house.database)
    case_id = await lives.drafted(house.database, who)
    await lives.to_assessment(house, who, case_id)
    await house.quiet(case_id)
    await stood_still(house, case_id, "assessment/late")

    async def caught_up() -> bool:
        return set(await house.deadlines(case_id)) == {"assessment/lead", "assessment/reoffer"}

    await house.wait(caught_up)
    await house.quiet(case_id)
    assert len(await accepted(house, case_id, "assessment_reminder")) == 1


async def test_a_letter_that_does_not_come_raises_an_alarm(resting: House, renderer: Renderer) -> None:
    house = resting
    who = await moving.people(house.database)
    await Issuing(house.database, house.shop.issuer, means.open_signer(house.settings)).register()
    async with house.working(renderer, "case"):  # nobody signs and nobody writes
        case_id = await lives.drafted(house.database, who, "first")
        await lives.to_issuing(house, who, case_id)
        assert (await house.case(case_id)).needs_attention is None
        await stood_still(house, case_id, "issuing/alarm")

        async def flagged() -> bool:
            return (await house.case(case_id)).needs_attention == "late:issuing"

        await house.wait(flagged)


async def test_a_mail_nobody_takes_for_a_day_raises_an_alarm_while_the_others_went(
    years: House, time_machine: WorkflowEnvironment
) -> None:
    who = await moving.people(years.database)
    years.mailbox.refusals[who.advisor.email] = "451 busy"
    case_id = await lives.drafted(years.database, who)
    await lives.to_review(years, who, case_id)
    await time_machine.sleep(timedelta(hours=1))
    assert (await years.case(case_id)).needs_attention is None
    assert len(years.mailbox.kept) == 2
    tries = years.mailbox.asked.count(who.advisor.email)
    assert tries > 3
    await time_machine.sleep(timedelta(hours=24))
    assert (await years.case(case_id)).needs_attention == "effect_failed:send_notice"
    assert len(years.mailbox.kept) == 2
    (failed,) = await years.effects(case_id, EffectState.FAILED)
    assert failed.recipient == who.advisor.id
