"""What a person asked is applied once or refused with a reason, whatever happens on the way to the workflow."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from services.documents.letter_processes import Renderer
from services.records import cases, commands, effects
from services.records.ids import new_id
from services.records.tables.cases import Claim
from services.records.tables.commands import CommandRow, CommandStatus, EffectState
from services.rules.case import CLOCK, ClosedAs, Command, Stage, own
from services.rules.people import Role
from services.rules.refusals import Refused
from services.workflows import desk as desks
from services.workflows import relay
from services.workflows.desk import Desk
from tests import temporal_servers
from tests.records import makers, moving
from tests.workflows import lives
from tests.workflows.house import House


async def open_still() -> bool:
    return True


async def refusal(house: House, command: Command) -> str:
    """The code with which the case refuses a command that comes in past the API."""
    with pytest.raises(Refused) as refused:
        await house.desk.send(command, case_open=open_still)
    return refused.value.code


async def nowhere() -> Desk:
    """A desk whose server does not run."""
    return await desks.connect(f"127.0.0.1:{temporal_servers.free_port()}", namespace=temporal_servers.NAMESPACE)


async def aged(house: House, command_id: UUID, by: timedelta = timedelta(seconds=11)) -> None:
    """Let a command have been received a little earlier: the relay leaves the newest to who sent them."""
    async with house.database.writing() as session:
        await session.exec(
            sa.update(CommandRow)
            .where(col(CommandRow.id) == command_id)
            .values(received_at=datetime.now(UTC) - by, try_after=None)
        )


async def test_a_forged_command_has_no_effect(house: House) -> None:
    who = await moving.people(house.database)
    case_id = await lives.drafted(house.database, who)
    await lives.to_review(house, who, case_id)
    before = await house.case(case_id)
    forged = Command(
        str(new_id()), "accept_eligibility", str(case_id), str(who.advisor.id), Role.ADVISOR, before.version
    )
    assert await refusal(house, forged) == "command_mismatch"
    assert (await house.case(case_id)).model_dump() == before.model_dump()


async def test_a_command_whose_fields_are_not_those_of_its_row_leaves_the_row_as_it_is(house: House) -> None:
    who = await moving.people(house.database)
    case_id = await lives.drafted(house.database, who)
    await lives.to_review(house, who, case_id)
    row = await house.keep(case_id, "accept_eligibility", actor=who.advisor, role=Role.ADVISOR)
    other = replace(commands.message(row), actor=str(who.lead.id))
    assert await refusal(house, other) == "command_mismatch"
    assert (await house.row(row.id)).status is CommandStatus.PENDING
    assert (await house.case(case_id)).stage is Stage.ELIGIBILITY_REVIEW


async def test_nobody_but_the_case_speaks_for_the_clock(house: House) -> None:
    who = await moving.people(house.database)
    case_id = await lives.drafted(house.database, who)
    await lives.to_eligible(house, who, case_id)
    async with house.database.reading() as session:
        state = await cases.state(session, await cases.get(session, case_id))
    assert await refusal(house, own(state, "expire", "3/idle/lapse")) == "command_mismatch"
    fact = Command(str(new_id()), "effect_failed", str(case_id), CLOCK, Role.LEAD, state.version)
    assert await refusal(house, fact) == "command_mismatch"


async def test_of_two_commands_for_one_version_one_is_applied(house: House) -> None:
    who = await moving.people(house.database)
    case_id = await lives.drafted(house.database, who)
    await lives.to_review(house, who, case_id)
    yes = await house.keep(case_id, "accept_eligibility", actor=who.advisor, role=Role.ADVISOR)
    no = await house.keep(case_id, "withdraw", actor=who.learner, role=Role.LEARNER, body=lives.LEAVE)
    await asyncio.gather(*(relay.deliver(house.database, house.desk, row) for row in (yes, no)))
    rows = [await house.row(row.id) for row in (yes, no)]
    assert sorted(row.status for row in rows) == [CommandStatus.APPLIED, CommandStatus.REFUSED]
    (refused,) = [row for row in rows if row.status is CommandStatus.REFUSED]
    assert refused.refusal in {"stale_version", "illegal_transition"}
    (applied,) = [row for row in rows if row.status is CommandStatus.APPLIED]
    assert (await house.case(case_id)).version == applied.version


async def test_a_command_sent_again_after_the_case_was_closed_is_answered_from_its_row(house: House) -> None:
    who = await moving.people(house.database)
    case_id = await lives.drafted(house.database, who)
    await lives.to_review(house, who, case_id)
    await lives.withdrawn(house, who, case_id)
    assert await house.over(case_id) == Stage.CLOSED
    async with house.database.reading() as session:
        rows = await session.exec(select(CommandRow).where(col(CommandRow.kind) == "withdraw"))
        withdrawal = rows.one()
    assert await relay.deliver(house.database, house.desk, withdrawal)
    assert (await house.row(withdrawal.id)).model_dump() == withdrawal.model_dump()
    assert (await house.case(case_id)).closed_as is ClosedAs.WITHDRAWN


async def test_a_command_sent_twice_after_a_new_run_began_is_applied_once(house: House) -> None:
    who = await moving.people(house.database)
    case_id = await lives.drafted(house.database, who)
    await lives.to_eligible(house, who, case_id)
    async with house.database.reading() as session:
        rows = await session.exec(select(CommandRow).where(col(CommandRow.kind) == "accept_eligibility"))
        accepted = rows.one()
    before = await house.case(case_id)
    await house.desk.client.get_workflow_handle(f"case/{case_id}").terminate("Temporal forgets its update ids")
    await relay.deliver(house.database, house.desk, accepted)
    assert (await house.row(accepted.id)).model_dump() == accepted.model_dump()
    assert (await house.case(case_id)).model_dump() == before.model_dump()


async def test_a_command_for_a_closed_case_is_refused_unless_it_reopens_it(house: House) -> None:
    who = await moving.people(house.database)
    case_id = await lives.drafted(house.database, who)
    await lives.to_review(house, who, case_id)
    late = await house.keep(case_id, "accept_eligibility", actor=who.advisor, role=Role.ADVISOR)
    await lives.withdrawn(house, who, case_id)
    await house.over(case_id)
    await relay.deliver(house.database, house.desk, late)
    assert ((await house.row(late.id)).status, (await house.row(late.id)).refusal) == (
        CommandStatus.REFUSED,
        "illegal_transition",
    )
    await lives.step(house, case_id, "undo_withdraw", actor=who.learner, role=Role.LEARNER)
    assert (await house.case(case_id)).stage is Stage.ELIGIBILITY_REVIEW
    assert await house.runs(case_id)


async def test_what_nobody_could_apply_is_kept_and_applied_once_somebody_can(
    resting: House, renderer: Renderer, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = resting
    who = await moving.people(house.database)
    case_id = await lives.drafted(house.database, who)
    with monkeypatch.context() as impatient:
        impatient.setattr(desks, "PATIENCE", timedelta(milliseconds=300))
        row = await house.send(case_id, "submit", actor=who.learner, role=Role.LEARNER, body=lives.SUBMIT)
    assert row.status is CommandStatus.PENDING
    assert await relay.once(house.database, house.desk) == 0  # it may still be on its way
    await aged(house, row.id)
    monkeypatch.setattr(desks, "PATIENCE", timedelta(minutes=1))  # however slow this machine is
    async with house.working(renderer):
        assert await relay.once(house.database, house.desk) == 1
        assert (await house.row(row.id)).status is CommandStatus.APPLIED
        assert await relay.once(house.database, house.desk) == 0


async def test_without_a_server_a_command_is_kept(house: House) -> None:
    nobody = await nowhere()
    who = await moving.people(house.database)
    case_id = await lives.drafted(house.database, who)
    row = await house.keep(case_id, "submit", actor=who.learner, role=Role.LEARNER, body=lives.SUBMIT)
    assert not await relay.deliver(house.database, nobody, row)
    assert not await nobody.healthy()
    assert not await nobody.start(case_id)
    assert not await nobody.renew(case_id)
    assert not await nobody.wake(case_id)
    assert (await house.row(row.id)).status is CommandStatus.PENDING


async def test_a_command_that_goes_on_failing_is_tried_later_and_later(resting: House) -> None:
    house = resting
    nobody = await nowhere()
    who = await moving.people(house.database)
    case_id = await lives.drafted(house.database, who)
    row = await house.keep(case_id, "submit", actor=who.learner, role=Role.LEARNER, body=lives.SUBMIT)
    waits = []
    for _ in range(3):
        await aged(house, row.id)
        before = datetime.now(UTC)
        assert await relay.once(house.database, nobody) == 0
        again = (await house.row(row.id)).try_after
        assert again is not None
        waits.append(round((again - before).total_seconds() / 15))
    assert waits == [1, 2, 4]


async def test_the_relay_outlives_a_pause_of_the_database(
    resting: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    rounds = 0
    again = asyncio.Event()

    async def once(_: object, __: object) -> int:
        nonlocal rounds
        rounds += 1
        if rounds == 1:
            raise sa.exc.OperationalError("SELECT name", {"name": "Sample Learner"}, Exception("gone"))
        again.set()
        return 0

    monkeypatch.setattr(relay, "once", once)
    monkeypatch.setattr(relay, "EVERY", 0.01)
    running = asyncio.create_task(relay.run(resting.database, resting.desk))
    async with asyncio.timeout(60):
        await again.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert "relay interrupted cause=OperationalError" in caplog.text
    assert "Sample Learner" not in caplog.text


async def test_a_refusal_of_the_content_is_told_with_its_facts(house: House) -> None:
    who = await moving.people(house.database)
    case_id = await lives.drafted(house.database, who)
    await lives.to_eligible(house, who, case_id)
    row = await house.keep(case_id, "submit_portfolio", actor=who.learner, role=Role.LEARNER, body=lives.SEND)
    async with house.database.writing() as session:
        case = await cases.get(session, case_id)
        await makers.claim(session, case, "third")  # a claim without evidence, since the command was kept
    assert await relay.deliver(house.database, house.desk, row)
    settled = await house.row(row.id)
    assert (settled.status, settled.refusal) == (CommandStatus.REFUSED, "pointer_missing")
    assert settled.refusal_facts


async def test_a_draft_may_be_edited_while_its_workflow_runs(house: House) -> None:
    who = await moving.people(house.database)
    house.mailbox.refusals[who.learner.email] = "451 later"
    async with house.database.writing() as session:
        case = await makers.case(session, learner=who.learner, competencies=(), active_at=makers.NOW)
    case_id = case.id
    async with house.database.writing() as session:
        case = await cases.get(session, case_id)
        await effects.tell(session, case=case, notice="draft_nudge", person=who.learner.id, now=datetime.now(UTC))
    assert await house.desk.start(case_id)

    async def trying() -> bool:
        return bool(house.mailbox.asked)

    await house.wait(trying)  # its workflow now waits for the mail, and has seen a draft without claims
    async with house.database.writing() as session:
        case = await cases.get(session, case_id)
        await makers.evidence(session, case, await makers.claim(session, case, "first"))
    await lives.to_review(house, who, case_id)
    async with house.database.reading() as session:
        assert len(list(await session.exec(select(Claim)))) == 1


async def test_a_case_that_moved_on_unseen_is_read_again_before_it_answers(house: House) -> None:
    who = await moving.people(house.database)
    case_id = await lives.drafted(house.database, who)
    await lives.to_review(house, who, case_id)
    await house.quiet(case_id)
    # Past its workflow, as after a restored copy of Temporal's own database.
    await moving.send(house.database, case_id, "accept_eligibility", actor=who.advisor, role=Role.ADVISOR)
    await lives.step(house, case_id, "submit_portfolio", actor=who.learner, role=Role.LEARNER, body=lives.SEND)
    assert (await house.case(case_id)).stage is Stage.PORTFOLIO_SUBMITTED


async def settled_long_ago(house: House, command_id: UUID) -> None:
    """As if the command had been applied a minute ago."""
    async with house.database.writing() as session:
        row = await session.get_one(CommandRow, command_id)
        assert row.settled_at is not None
        row.settled_at -= timedelta(minutes=1)


async def test_a_workflow_learns_of_a_command_that_was_applied_before_the_server_was_lost(house: House) -> None:
    who = await moving.people(house.database)
    case_id = await lives.drafted(house.database, who)
    await lives.to_review(house, who, case_id)
    await house.quiet(case_id)
    # What is left when server and worker are lost after the commit: the records know, and no history does.
    now = datetime.now(UTC)
    await moving.send(house.database, case_id, "accept_eligibility", actor=who.advisor, role=Role.ADVISOR, now=now)
    async with house.database.reading() as session:
        row = (await session.exec(select(CommandRow).where(col(CommandRow.kind) == "accept_eligibility"))).one()
    assert await house.effects(case_id, EffectState.PENDING)
    await relay.tell(house.database, house.desk)
    assert not (await house.row(row.id)).heard  # it may still be on its way
    await settled_long_ago(house, row.id)
    await relay.tell(house.database, await nowhere())
    assert not (await house.row(row.id)).heard  # nobody could be told
    await relay.tell(house.database, house.desk)
    assert (await house.row(row.id)).heard
    await house.quiet(case_id)
    assert (await house.case(case_id)).stage is Stage.ELIGIBLE


async def test_what_was_answered_is_noted_together_and_nobody_is_told_twice(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "NOTED_AFTER", 0.05)
    who = await moving.people(house.database)
    case_id = await lives.drafted(house.database, who)
    row = await house.send(case_id, "submit", actor=who.learner, role=Role.LEARNER, body=lives.SUBMIT)
    assert not row.heard
    heard = relay.Heard(house.database)
    heard.note(row.id)

    async def noted() -> bool:
        return (await house.row(row.id)).heard

    await house.wait(noted)
    async with house.database.reading() as session:
        assert not await commands.unheard(session, now=datetime.now(UTC) + timedelta(hours=1))
    monkeypatch.setattr(relay, "NOTED_AFTER", 3600)
    later = await house.send(case_id, "withdraw", actor=who.learner, role=Role.LEARNER, body=lives.LEAVE)
    heard.note(later.id)
    await heard.close()  # what is left is written down when a process ends
    assert (await house.row(later.id)).heard
    await heard.close()


async def test_what_cannot_be_noted_costs_a_look_and_is_told_without_names(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def gone(*_: object) -> None:
        raise sa.exc.OperationalError("UPDATE name", {"name": "Sample Learner"}, Exception("gone"))

    monkeypatch.setattr(commands, "heard", gone)
    heard = relay.Heard(house.database)
    heard.note(new_id())
    await heard.close()
    assert "heard not noted count=1 cause=OperationalError" in caplog.text
    assert "Sample Learner" not in caplog.text


async def test_refusals_and_what_the_clock_does_need_not_be_heard(house: House) -> None:
    who = await moving.people(house.database)
    case_id = await lives.drafted(house.database, who)
    await lives.to_review(house, who, case_id)
    await house.quiet(case_id)
    yes = await house.keep(case_id, "accept_eligibility", actor=who.advisor, role=Role.ADVISOR)
    await lives.withdrawn(house, who, case_id)
    await relay.deliver(house.database, house.desk, yes)
    assert ((await house.row(yes.id)).status, (await house.row(yes.id)).heard) == (CommandStatus.REFUSED, True)
    await house.over(case_id)
    async with house.database.reading() as session:
        own_ones = await session.exec(select(CommandRow.heard).where(col(CommandRow.role) == Role.CLOCK))
        assert all(own_ones.all())


@pytest.mark.parametrize("kind", ["submit", "withdraw"])
async def test_nobody_waits_longer_than_five_seconds_for_a_command_that_was_taken_in(
    house: House, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    who = await moving.people(house.database)
    case_id = await lives.drafted(house.database, who)
    if kind == "withdraw":
        await lives.to_review(house, who, case_id)
        await house.quiet(case_id)
    body = lives.SUBMIT if kind == "submit" else lives.LEAVE
    row = await house.keep(case_id, kind, actor=who.learner, role=Role.LEARNER, body=body)
    monkeypatch.setattr(desks, "PATIENCE", timedelta(seconds=1))
    async with house.database.writing() as session:
        await cases.get(session, case_id)  # from here on nobody else can write, so nothing can be applied
        async with asyncio.timeout(60):
            assert not await relay.deliver(house.database, house.desk, row)

    async def applied() -> bool:
        return (await house.row(row.id)).status is CommandStatus.APPLIED

    await house.wait(applied)
