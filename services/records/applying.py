"""How a command takes effect: one transaction that moves the case along the table, or leaves it untouched.

Nothing else in the product writes a case's stage or version.
"""

import json
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import appeals, attestations, audit, cases, effects, limits, programmes, standstill, timeline
from services.records.moves import registry
from services.records.moves.content import Content, Outcome, Setting
from services.records.tables.cases import Case, CaseSpan, StageHistory
from services.records.tables.commands import (
    CommandRow,
    CommandStatus,
    DeadlineRow,
    DeadlineState,
    EffectRow,
    EffectState,
    LimitRow,
)
from services.rules import commands as bodies
from services.rules import limits as ladder
from services.rules import stages
from services.rules.case import Applied, CaseState, ClosedAs, Command, Stage, Step, own
from services.rules.moves import targets
from services.rules.people import Role
from services.rules.programmes import Policy, Programme
from services.rules.refusals import Refused

CLOSED_BY: dict[str, ClosedAs] = {
    "withdraw": ClosedAs.WITHDRAWN,
    "expire": ClosedAs.EXPIRED,
    "merge_duplicate": ClosedAs.DUPLICATE,
}
"""What a case is closed as by moves other than `close`."""

CAME_BACK = frozenset({Stage.CLOSED, Stage.UNDER_REVIEW})
"""Stages from which a case comes back to what it had left: an incomplete one still belongs to who had asked."""

KEEPS_WAY_BACK = limits.DETOURS | CAME_BACK
"""Stages in which a case knows where it goes back to."""

SETTLES_LATER = frozenset({Stage.ASSIGNING, Stage.MODERATION, Stage.CLOSED}) | limits.DETOURS
"""Stages in which a case keeps how it is to be settled: it is on its way to moderation, in it, or may come back."""


async def apply(session: AsyncSession, command: Command, *, version: int, now: datetime) -> Applied:
    """Apply `command` to the case that stands at `version`, once: a second call answers as the first did.

    Raises `Refused`: command_mismatch for a command that nobody sent, stale_version when the case has moved on,
    or whatever the rules and the move's content say; then nothing is written.
    """
    case = await cases.get(session, UUID(command.case_id), lock=True)
    row = await _row(session, command, now=now)
    if row.status is CommandStatus.REFUSED:
        raise Refused(row.refusal or "command_mismatch")
    state = await cases.state(session, case)
    if row.status is CommandStatus.APPLIED:
        return answer(state, row)
    if case.version != version:
        raise Refused("stale_version", version=str(case.version))
    step = stages.transition(state, command)
    programme = await programmes.of_case(session, case)
    row.result = await _carry(session, case=case, programme=programme, row=row, step=step, now=now)
    row.status, row.settled_at = CommandStatus.APPLIED, now
    await session.flush()
    return answer(await cases.state(session, case), row)


def answer(state: CaseState, row: CommandRow) -> Applied:
    """What a settled command answers, the first time and every time after."""
    return Applied(state, json.dumps(row.result))


async def _row(session: AsyncSession, command: Command, *, now: datetime) -> CommandRow:
    """The command's row. The clock's commands get theirs here; anybody else's must exist and be the very same."""
    row = await session.get(CommandRow, UUID(command.id), with_for_update=True, populate_existing=True)
    if row is None and command.role is Role.CLOCK:
        row = CommandRow(
            id=UUID(command.id),
            case_id=UUID(command.case_id),
            kind=command.kind,
            subject=command.subject,
            actor=command.actor,
            role=Role.CLOCK,
            expected_version=command.expected_version,
            fingerprint="",
            status=CommandStatus.PENDING,
            received_at=now,
            heard=True,  # it stands in the workflow's history why it is sent, so that it would be sent again
        )
        session.add(row)
        await session.flush()
    same = row is not None and (row.kind, str(row.case_id), row.actor, row.role, row.subject, row.expected_version) == (
        command.kind,
        command.case_id,
        command.actor,
        command.role,
        command.subject,
        command.expected_version,
    )
    if row is None or not same:
        raise Refused("command_mismatch")
    return row


async def _carry(
    session: AsyncSession, *, case: Case, programme: Programme, row: CommandRow, step: Step, now: datetime
) -> dict[str, object]:
    if row.kind in stages.FACTS:
        try:
            goes_on = await _close_fact(session, case=case, programme=programme, row=row, now=now)
            if step.move == row.kind or not goes_on:
                return {"version": case.version}
            async with session.begin_nested():
                return await _move(session, case=case, programme=programme, row=row, step=step, now=now)
        except Refused as refused:
            # A fact is never refused: its move waits, and somebody is told.
            await session.refresh(case)
            await session.refresh(row)
            case.needs_attention = refused.code
            await _try_again(session, case=case, programme=programme, row=row, code=refused.code, now=now)
            return {"version": case.version, "held": refused.code}
    return await _move(session, case=case, programme=programme, row=row, step=step, now=now)


async def _move(
    session: AsyncSession, *, case: Case, programme: Programme, row: CommandRow, step: Step, now: datetime
) -> dict[str, object]:
    """Content first, then stage, history, spans, limits and what follows: all in the caller's transaction."""
    move = stages.MOVE[step.move]
    command = replace(_message(row), kind=step.move)
    # The clock says nothing beside its subject, also where a person would (a lead who names the advisor).
    kind = bodies.Nothing if row.role is Role.CLOCK else bodies.BODIES.get(step.move, bodies.Nothing)
    body: object = msgspec.convert(row.body, kind)
    setting = Setting(session, case, programme, command, body, now)
    content = registry.CONTENT.get(step.move, Content())
    await content.hold(setting)
    case.version += 1
    row.version = case.version
    outcome = await content.carry(setting)
    previous = case.stage
    step = _led(step, outcome=outcome, previous=previous)
    session.add(
        StageHistory(
            case_id=case.id,
            version=case.version,
            command_id=row.id,
            move=step.move,
            from_stage=previous,
            to_stage=step.target,
            at=now,
        )
    )
    await _enter(session, case=case, programme=programme, step=step, now=now)
    if previous is not case.stage:
        case.closed_as = outcome.closed_as or case.closed_as
        await _leave_time(session, case=case, programme=programme, until=outcome.due_at_least, now=now)
    await effects.queue(session, case=case, move=move, outcome=outcome, now=now)
    await _log(session, case=case, row=row, step=step, previous=previous, outcome=outcome, now=now)
    return {"stage": case.stage, "version": case.version, **outcome.result}


def _led(step: Step, *, outcome: Outcome, previous: Stage) -> Step:
    """The step, to the stage that its content found. Raises `ValueError` for one that the table does not know."""
    if outcome.leads_to is None:
        return step
    target = stages.MOVE[step.move].target
    reached = targets.reached_from(previous, target) if callable(target) else {target}
    if outcome.leads_to not in reached:
        raise ValueError(outcome.leads_to)
    return replace(step, target=outcome.leads_to)


async def _enter(session: AsyncSession, *, case: Case, programme: Programme, step: Step, now: datetime) -> None:
    previous = case.stage
    if step.target is not previous:
        case.stage = step.target
        case.stage_entry += 1
        await _keep_way_back(session, case=case, previous=previous)
        if case.stage is Stage.CLOSED and previous is Stage.UNDER_REVIEW:
            await appeals.closed_again(session, case)
        elif case.stage is Stage.CLOSED:
            default = ClosedAs.NOT_ELIGIBLE if previous is Stage.NOT_ELIGIBLE else ClosedAs.COMPLETED
            case.closed_as, case.closed_at = CLOSED_BY.get(step.move, default), now
        elif previous is Stage.CLOSED:
            case.closed_as, case.closed_at = None, None
            case.active_at = now  # or what lay idle before it was closed would be closed for it again
        if case.paused_until is not None:
            await standstill.end(session, case=case, now=now)
        if case.stage not in SETTLES_LATER:
            case.moderation = None
        if case.needs_attention and not await _any_failed(session, case.id):
            case.needs_attention = None  # what was the matter was the matter in the stage that the case has left
        await attestations.end_with_case(session, case, now=now)
    await session.flush()
    # From here on only this module's rows change; the case's own is written once, and not before each question.
    with session.no_autoflush:
        if step.target is not previous:
            await limits.enter(session, case=case, previous=previous, policy=programme.policy, now=now)
            if case.stage not in KEEPS_WAY_BACK:
                case.return_to = None
        await _span(session, case=case, policy=programme.policy, now=now)


async def _leave_time(
    session: AsyncSession, *, case: Case, programme: Programme, until: datetime | None, now: datetime
) -> None:
    """See to it that what runs in the stage just entered is not due before `until`."""
    if until is not None and case.due_at is not None and case.due_at < until:
        await limits.extend(session, case=case, policy=programme.policy, now=now, until=until)


async def _keep_way_back(session: AsyncSession, *, case: Case, previous: Stage) -> None:
    """Note where the case goes back to, in a stage that it comes back from."""
    if case.stage is Stage.UNDER_REVIEW:
        case.return_to = previous
    elif case.stage in limits.DETOURS and previous in CAME_BACK:
        case.return_to = await timeline.came_from(session, case.id, case.stage)
    elif case.stage in limits.DETOURS or case.stage is Stage.CLOSED:
        case.return_to = previous
        case.extended = False


async def _any_failed(session: AsyncSession, case_id: UUID) -> bool:
    """Whether an effect of the case failed for good, and waits for a person."""
    failed = await session.exec(
        select(EffectRow.key)
        .where(col(EffectRow.case_id) == case_id, col(EffectRow.state) == EffectState.FAILED)
        .limit(1)
    )
    return failed.first() is not None


_LAST_SPAN = (
    select(CaseSpan)
    .where(col(CaseSpan.case_id) == sa.bindparam("case", type_=sa.Uuid()))
    .order_by(col(CaseSpan.seq).desc())
    .limit(1)
)


async def _span(session: AsyncSession, *, case: Case, policy: Policy, now: datetime) -> None:
    """End the running span and begin the next, without hole or overlap, where stage, person or clock changed."""
    state = await cases.waiting(session, case, policy)
    waiting, clock = stages.waiting_on(state), stages.clock(state)
    last = (await session.exec(_LAST_SPAN, params={"case": case.id})).first()
    case.waiting_on, case.clock = waiting, clock
    if last is not None and (last.stage, last.waiting_on, last.clock) == (case.stage, waiting, clock):
        return
    if last is not None:
        last.ended_at = now
    session.add(
        CaseSpan(
            case_id=case.id,
            seq=last.seq + 1 if last else 1,
            stage=case.stage,
            waiting_on=waiting,
            clock=clock,
            started_at=now,
        )
    )


async def _close_fact(
    session: AsyncSession, *, case: Case, programme: Programme, row: CommandRow, now: datetime
) -> bool:
    """Close what the fact reports, so that it is never reported again; answers whether its move may follow."""
    if row.kind == "deadline_reached":
        return await _fire(session, case=case, programme=programme, row=row, now=now)
    effect = await session.get(EffectRow, row.subject)
    if effect is None or effect.state is not EffectState.PENDING:
        return False
    effect.settled_at = now
    if row.kind == "effect_failed":
        effect.state, effect.error = EffectState.FAILED, "failed"
        case.needs_attention = f"effect_failed:{effect.activity}"
        await effects.undelivered(session, case=case, effect=effect, now=now)
        return False
    effect.state = EffectState.DONE
    if effect.activity == stages.PIVOT:
        await effects.tell_of_decision(session, case=case, effect=effect, now=now)
    return True


async def _fire(session: AsyncSession, *, case: Case, programme: Programme, row: CommandRow, now: datetime) -> bool:
    rungs = await session.exec(
        select(DeadlineRow).where(col(DeadlineRow.case_id) == case.id, col(DeadlineRow.key) == row.subject)
    )
    rung = rungs.first()
    if rung is None or rung.state is not DeadlineState.OPEN:
        return False
    try:
        limit, rule = ladder.rung_of(rung.key)
    except KeyError:  # written by a release whose ladder still had this rung
        rung.state, rung.settled_at = DeadlineState.DROPPED, now
        return False
    idle = limit.key == limits.IDLE
    if idle and await limits.since_last_activity(session, rung=rung, case=case, policy=programme.policy, now=now):
        return False
    rung.settled_at = now
    later = await session.exec(
        select(DeadlineRow.key)
        .where(col(DeadlineRow.limit_id) == rung.limit_id, col(DeadlineRow.state) == DeadlineState.OPEN)
        .where(col(DeadlineRow.at) > rung.at, col(DeadlineRow.at) <= now)
    )
    if not rule.becomes and later.first() is not None:
        rung.state = DeadlineState.COLLAPSED
        return False
    rung.state = DeadlineState.FIRED
    if rule.alarm:
        case.needs_attention = f"late:{limit.key}"
    running = await session.get_one(LimitRow, rung.limit_id)
    await effects.remind(session, case=case, row=row, rung=rule, programme=programme, limit=running, now=now)
    return True


async def _try_again(
    session: AsyncSession, *, case: Case, programme: Programme, row: CommandRow, code: str, now: datetime
) -> None:
    """Keep the rung whose move was refused with `code`; a lapse that lacks warnings sends one more first."""
    rungs = await session.exec(
        select(DeadlineRow).where(col(DeadlineRow.case_id) == row.case_id, col(DeadlineRow.key) == row.subject)
    )
    rung = rungs.first()
    if rung is None:
        return
    rung.state, rung.settled_at = DeadlineState.OPEN, None
    if code != "notices_missing":
        await limits.again_later(session, rung=rung, now=now)
        return
    running = await limits.postpone(session, rung=rung, case=case, now=now)
    *_, warning = (one for one in ladder.rung_of(rung.key)[0].rungs if one.notice)
    await effects.remind(session, case=case, row=row, rung=warning, programme=programme, limit=running, now=now)


async def _log(
    session: AsyncSession,
    *,
    case: Case,
    row: CommandRow,
    step: Step,
    previous: Stage,
    outcome: Outcome,
    now: datetime,
) -> None:
    await audit.log(
        session,
        stream=f"case:{case.id}",
        actor=row.actor,
        action="command_applied",
        subject=str(row.id),
        details={
            "move": step.move,
            "from": previous.value,
            "to": case.stage.value,
            "version": case.version,
            **outcome.logged,
        },
        now=now,
    )


def _message(row: CommandRow) -> Command:
    return Command(str(row.id), row.kind, str(row.case_id), row.actor, row.role, row.expected_version, row.subject)


async def set_aside(session: AsyncSession, case_id: UUID, *, reason: str) -> None:
    """Raise the flag that a person must look at the case; `reason` is a code."""
    case = await cases.get(session, case_id, lock=True)
    case.needs_attention = reason[:200]


async def close_draft(session: AsyncSession, case_id: UUID, *, now: datetime) -> bool:
    """Close a draft that nobody touched for long; it stays restorable. Answers whether it was still a draft."""
    case = await cases.get(session, case_id, lock=True)
    if case.stage is not Stage.DRAFT:
        return False
    state = await cases.state(session, case)
    await apply(session, own(state, "expire"), version=case.version, now=now)
    return True
