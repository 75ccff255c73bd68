"""The one workflow of a case: what may happen next, and when. The database says what is true.

Imports the standard library, temporalio and the rules only; activities are named, never imported.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from services.rules import stages
    from services.rules.case import Applied, CaseState, Command, Deadline, Effect, Lane, Stage, own
    from services.rules.people import Role
    from services.rules.refusals import REFUSALS, Refused

CASE_QUEUE, EFFECTS_QUEUE = "acquis-case", "acquis-effects"
MAIL_PATIENCE = RetryPolicy(
    initial_interval=timedelta(seconds=30),
    maximum_interval=timedelta(hours=1),
    non_retryable_error_types=["address_refused"],
)
RECORDS_PATIENCE = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    maximum_interval=timedelta(minutes=1),
    non_retryable_error_types=sorted(REFUSALS),
)
EFFECTS_PATIENCE = RetryPolicy(
    initial_interval=timedelta(seconds=2),
    maximum_interval=timedelta(minutes=10),
    non_retryable_error_types=["profile_invalid", "letter_invalid", "no_human_decision"],
)
AT_HAND = timedelta(seconds=5)
"""The longest pause between two tries for which a task of the workflow is kept open."""

SILENCE = timedelta(seconds=12)
"""Without a sign of life for this long an effect's worker is dead, and another one takes the effect up."""

ON_CASE_QUEUE = frozenset({"reserve_issuance", "publish_decision"})
"""Effects that are one database transaction; the others run in the effects worker."""


def decide(case: CaseState, command: Command) -> None:
    """Ask the rules. Raises `ApplicationError` with the refusal's code as type: the update fails, not the case."""
    try:
        stages.transition(case, command)
    except Refused as refused:
        raise ApplicationError(refused.code, refused.facts, type=refused.code, non_retryable=True) from refused


def _lane(effect: Effect) -> str:
    """Work on a decision goes strictly in order; a mail waits for nothing, least of all for another person's mail."""
    return effect.key if effect.lane is Lane.MAIL else effect.lane.value


@workflow.defn(name="RecognitionCase")
class RecognitionCase:
    """Serialises everything that happens to one case: commands of people, deadlines, effects."""

    @workflow.init
    def __init__(self, case_id: str) -> None:
        self.case_id = case_id
        self.case: CaseState | None = None
        self.lock = asyncio.Lock()
        self.lanes: set[str] = set()
        self.running: set[asyncio.Task[None]] = set()
        self.renew = False
        self.unread = False
        self.tried = -1

    @workflow.run
    async def run(self, case_id: str) -> str:
        """Live until the case is closed and nothing is left to carry out; answers the last stage."""
        self.case = await self._load()
        while True:
            if self.unread:
                await self._look_again()
            await self._go_on_by_itself()
            if self._done() or (self._worn() and not self.lanes):
                await workflow.wait_condition(workflow.all_handlers_finished)
                if self._done():  # asked again: a waiting handler may have reopened the case
                    return self._state().stage.value
                if self._worn() and not self.lanes:
                    workflow.continue_as_new(case_id)
                continue  # what the handlers changed may ask for a move of the case's own
            if not self._worn():
                self._start_effects()
            due = self._first_deadline()
            wait = None if due is None else max(due.at - workflow.now(), timedelta(0))
            try:
                await workflow.wait_condition(self._woken(due), timeout=wait)
            except TimeoutError:
                if due is not None:
                    await self._report("deadline_reached", due.key, when=due.at.isoformat(), still=self._stands(due))

    @workflow.update(name="command")
    async def command(self, command: Command) -> str:
        """Apply a person's command and answer its result as JSON; fails with the refusal's code as type."""
        await workflow.wait_condition(lambda: self.case is not None)
        async with self.lock:
            return await self._apply(command)

    @workflow.signal(name="renew")
    def begin_anew(self) -> None:
        """Begin a new run, with a short history and on the present code, as soon as nothing is under way."""
        self.renew = True

    @workflow.signal(name="look_again")
    def see_rows(self) -> None:
        """Read the case again: something was queued for it that no command brought."""
        self.unread = True

    @command.validator
    def refuse(self, command: Command) -> None:
        """Say no before anything is written to history. Only the workflow itself speaks for the clock.

        While something is being applied nobody says no: the records may hold by now what only its answer will tell us,
        such as an effect that failed and may be tried again.
        """
        if command.role is Role.CLOCK or command.kind in stages.FACTS:
            raise ApplicationError("command_mismatch", type="command_mismatch", non_retryable=True)
        if self.case is not None and not self.lock.locked() and not self._behind(command):
            self._decide(command)

    def _behind(self, command: Command) -> bool:
        """Whether the records have moved on unseen: a command is kept only for a version that they hold."""
        return command.expected_version > self._state().version

    def _decide(self, command: Command) -> None:
        # A draft is edited without its workflow, which may be about to send a mail: only the records know it.
        if self._state().stage is not Stage.DRAFT:
            decide(self._state(), command)

    def _state(self) -> CaseState:
        if self.case is None:
            raise ApplicationError("not_found", type="not_found", non_retryable=True)
        return self.case

    async def _load(self) -> CaseState:
        loaded: CaseState = await workflow.execute_local_activity(
            "load_case",
            self.case_id,
            result_type=CaseState,
            start_to_close_timeout=timedelta(seconds=20),
            retry_policy=RECORDS_PATIENCE,
            local_retry_threshold=AT_HAND,
        )
        return loaded

    async def _look_again(self) -> None:
        self.unread = False
        async with self.lock:
            self.case = await self._load()

    async def _apply(self, command: Command) -> str:
        """The caller holds the lock.

        The records are asked within the workflow's task, which spares a person two thirds of the waiting. When this
        process and the server are lost between their commit and the end of the task, they know of a command that
        this workflow does not: the relay tells it to look again (`relay.Heard`), and what is sent again is answered
        from its row.
        """
        if self._behind(command):
            self.case = await self._load()
        case = self._state()
        self._decide(command)  # again: two updates can both pass the validator
        try:
            done: Applied = await workflow.execute_local_activity(
                "apply_command",
                args=[command, case.version],
                result_type=Applied,
                start_to_close_timeout=timedelta(seconds=20),
                retry_policy=RECORDS_PATIENCE,
                local_retry_threshold=AT_HAND,
            )
        except ActivityError as failed:
            if isinstance(failed.cause, ApplicationError):
                if failed.cause.type == "stale_version":
                    self.case = await self._load()  # the database is ahead: believe it
                raise failed.cause from failed  # callers see the refusal, not its wrapper
            raise ApplicationError("unavailable", type="unavailable", non_retryable=True) from failed
        self.case = done.case
        return done.result

    async def _report(
        self, kind: str, subject: str = "", *, when: str = "", still: Callable[[], bool] = lambda: True
    ) -> None:
        """A fact or a move of the case itself; whatever the records answer, the case goes on from what they hold."""
        async with self.lock:
            if still():
                try:
                    await self._apply(own(self._state(), kind, subject, when=when))
                except ApplicationError:
                    self.case = await self._load()

    async def _go_on_by_itself(self) -> None:
        """Make the moves that nobody has to ask for; one that the records refuse is not tried twice."""
        while kind := self._next_move():
            self.tried = self._state().version
            await self._report(kind)

    def _next_move(self) -> str | None:
        return stages.by_itself(self._state()) if self.tried != self._state().version else None

    def _first_deadline(self) -> Deadline | None:
        return min(self._state().deadlines, key=lambda deadline: (deadline.at, deadline.key), default=None)

    def _stands(self, due: Deadline) -> Callable[[], bool]:
        return lambda: due in self._state().deadlines

    def _woken(self, due: Deadline | None) -> Callable[[], bool]:
        # Not by every command: a timer is replaced only when the first deadline is another one.
        def woken() -> bool:
            if self.unread or self._first_deadline() != due or self._next_move() or self._done():
                return True
            return not self.lanes if self._worn() else bool(self._startable())

        return woken

    def _done(self) -> bool:
        # A draft is only data: a run that finds one sends what waits and ends, so that `submit` starts afresh.
        # A closed case has a date only while somebody has to answer in it, such as a challenge of its lapse.
        quiet = self._state().stage in {Stage.CLOSED, Stage.DRAFT} and not self._state().deadlines
        return quiet and not self.unread and not self._state().effects and not self.lanes

    def _worn(self) -> bool:
        return self.renew or workflow.info().is_continue_as_new_suggested()

    def _startable(self) -> list[Effect]:
        """The first waiting effect of every idle lane."""
        first: dict[str, Effect] = {}
        for effect in self._state().effects:
            if (lane := _lane(effect)) not in self.lanes:
                first.setdefault(lane, effect)
        return list(first.values())

    def _start_effects(self) -> None:
        for effect in self._startable():
            self.lanes.add(_lane(effect))
            task = asyncio.create_task(self._carry_out(effect))
            self.running.add(task)
            task.add_done_callback(self.running.discard)

    async def _carry_out(self, effect: Effect) -> None:
        """Run the effect outside the lock, report how it ended, free its lane."""
        on_case_queue = effect.activity in ON_CASE_QUEUE
        mail = effect.lane is Lane.MAIL
        try:
            settled: object = await workflow.execute_activity(
                effect.activity,
                effect.key,
                task_queue=CASE_QUEUE if on_case_queue else EFFECTS_QUEUE,
                start_to_close_timeout=timedelta(seconds=20 if on_case_queue else 30 if mail else 120),
                schedule_to_close_timeout=None if on_case_queue else timedelta(hours=24),
                heartbeat_timeout=None if on_case_queue else SILENCE,
                retry_policy=RECORDS_PATIENCE if on_case_queue else MAIL_PATIENCE if mail else EFFECTS_PATIENCE,
            )
        except ActivityError:
            await self._report("effect_failed", effect.key)
        else:
            if settled is True:
                await self._cross_off(effect)
            else:
                await self._report("effect_done", effect.key)
        self.lanes.remove(_lane(effect))

    async def _cross_off(self, effect: Effect) -> None:
        """The records hold the effect as done already; whatever was read of them before is put right."""
        async with self.lock:
            case = self._state()
            self.case = replace(case, effects=tuple(one for one in case.effects if one.key != effect.key))
