"""A case to which anything is sent, in any order, by anybody, never leaves the table of moves."""

import random
from dataclasses import replace

import pytest
from hypothesis import settings, strategies
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from services.rules import limits, stages
from services.rules.appointments import OPEN as OPEN_APPOINTMENTS
from services.rules.appointments import AppointmentState as A
from services.rules.appointments import Meeting
from services.rules.case import (
    OPEN_APPEALS,
    AppealState,
    Clock,
    ClosedAs,
    Command,
    Review,
    SeatKind,
    SeatState,
    Stage,
    Step,
    WaitingOn,
    own,
)
from services.rules.moves import targets
from services.rules.people import Role
from services.rules.refusals import Refused
from services.rules.second_reading import Way
from services.rules.stages import FACTS, MOVE, MOVES
from tests.rules import makers as make

EVERYWHERE = {Stage.ISSUING, Stage.DECIDED, Stage.NOT_ELIGIBLE, Stage.CLOSED}
"""Stages in which nobody is waited for: our own work, or the end."""

ANY_SEAT = strategies.sampled_from([None, *(SeatState.OFFERED, SeatState.ACCEPTED, SeatState.SUBMITTED)])
RUNGS = [f"1/{limit.key}/{rung.key}" for limit in limits.LIMITS for rung in limit.rungs]
EFFECTS = [f"c/1:{work.activity}" for move in MOVES for work in move.effects]


FORWARD = [(move.command, role) for move in MOVES for role in move.roles if move.command not in {"withdraw", "expire"}]


class AnyCase(RuleBasedStateMachine):
    """A case to which anything is sent, in any order, by anybody; the facts around it change as they may."""

    content: random.Random

    def __init__(self) -> None:
        super().__init__()
        self.case = replace(make.case(), return_to=None)
        self.pairs: list[tuple[str, Stage, Stage]] = []

    @initialize(stage=strategies.sampled_from(Stage), content=strategies.randoms(use_true_random=False))
    def it_begins_anywhere(self, stage: Stage, content: random.Random) -> None:
        self.case = replace(self.case, stage=stage)
        self.content = content

    def _led(self, step: Step) -> Stage:
        """Where the step leads: its content, which the rules do not see, may name any stage that the table allows."""
        target = MOVE[step.move].target if step.move in MOVE else step.target
        # Where a case goes back to, its own past says; what has no such list leads where the rules say.
        if not callable(target) or target not in targets.REACHES or self.content.random() < 0.5:
            return step.target
        return self.content.choice(sorted(targets.reached_from(self.case.stage, target)))

    def _take(self, command: Command) -> None:
        before = self.case
        try:
            step = stages.transition(before, command)
        except Refused:
            assert command.kind not in FACTS, "a fact was refused"
            return
        stage = self._led(step)
        self.pairs.append((step.move, before.stage, stage))
        detours = {Stage.INCOMPLETE, Stage.MORE_EVIDENCE, Stage.DIRECT_ASSESSMENT, Stage.UNDER_REVIEW, Stage.CLOSED}
        entered = stage in detours and (before.stage is not Stage.CLOSED or stage is Stage.UNDER_REVIEW)
        moved = stage is not before.stage
        self.case = replace(
            before,
            stage=stage,
            version=before.version + 1,
            return_to=before.stage if moved and entered else before.return_to,
            refusal_proposed=step.move == "propose_refusal" or (before.refusal_proposed and not moved),
            rounds_left=before.rounds_left - (step.move == "request_evidence"),
            closed_as=_closed_as(step.move, before.stage) if moved and stage is Stage.CLOSED else before.closed_as,
            paused=step.move == "pause" or (before.paused and step.move != "resume" and not moved),
            extended=step.move == "extend" or (before.extended and not moved),
            moderation=before.moderation if stage in {Stage.ASSIGNING, Stage.MODERATION, *detours} else None,
            appointment=before.appointment if stage is Stage.DIRECT_ASSESSMENT else None,
            appeal=before.appeal if stage is Stage.UNDER_REVIEW else None,
        )

    @rule(kind=strategies.sampled_from(sorted(MOVE)), role=strategies.sampled_from(Role), stale=strategies.booleans())
    def somebody_sends(self, kind: str, role: Role, stale: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
        version = self.case.version - (1 if stale else 0)
        self._take(Command("k", kind, self.case.id, "assessor", role, version, ""))

    def _forward(self) -> list[Command]:
        """Every command that would lead the case on now, whoever may send it; the ways out aside."""
        drawn = [Command("k", kind, self.case.id, "assessor", role, self.case.version) for kind, role in FORWARD]
        return [
            command
            for command in drawn
            if command.kind in stages.allowed(self.case, command.role, actor="assessor")
            and stages.transition(self.case, command).target is not self.case.stage
        ]

    @precondition(lambda self: bool(self._forward()))
    @rule(pick=strategies.randoms(use_true_random=False))
    def somebody_leads_the_case_on(self, pick: random.Random) -> None:
        before = self.case
        self._take(pick.choice(self._forward()))
        assert self.case.version == before.version + 1

    @rule(rung=strategies.sampled_from(RUNGS))
    def a_deadline_is_reached(self, rung: str) -> None:
        self._take(own(self.case, "deadline_reached", rung))

    @rule(effect=strategies.sampled_from(EFFECTS), kind=strategies.sampled_from(["effect_done", "effect_failed"]))
    def an_effect_ends(self, effect: str, kind: str) -> None:
        self._take(own(self.case, kind, effect))

    @rule(
        state=ANY_SEAT,
        kind=strategies.sampled_from(SeatKind),
        chair=strategies.booleans(),
        unseated=strategies.integers(0, 1),
    )
    def seats_change(self, state: SeatState | None, kind: SeatKind, chair: bool, unseated: int) -> None:  # noqa: FBT001 - drawn by hypothesis
        seats = (make.seat(state, kind=kind, chair=chair),) if state else ()
        self.case = replace(self.case, seats=seats, unseated_claims=unseated)

    @precondition(lambda self: self.case.stage in {Stage.ASSIGNING, Stage.MODERATION})
    @rule(way=strategies.sampled_from(Way))
    def it_is_settled_otherwise(self, way: Way) -> None:
        self.case = replace(self.case, moderation=way)

    @precondition(lambda self: self.case.stage is Stage.DIRECT_ASSESSMENT)
    @rule(state=strategies.sampled_from([None, *sorted(OPEN_APPOINTMENTS)]))
    def an_appointment_goes_on(self, state: A | None) -> None:
        self.case = replace(self.case, appointment=Meeting(state, ("assessor",)) if state else None)

    @precondition(lambda self: self.case.stage is Stage.CLOSED)
    @rule(challenged=strategies.booleans(), closed_as=strategies.sampled_from(ClosedAs))
    def a_closed_case_was_closed_for_any_reason(self, challenged: bool, closed_as: ClosedAs) -> None:  # noqa: FBT001 - drawn by hypothesis
        challenged = challenged and closed_as is ClosedAs.EXPIRED
        self.case = replace(self.case, closed_as=closed_as, lapse_challenged=challenged)

    @rule(panel=strategies.booleans(), informed=strategies.booleans(), law=strategies.booleans())
    def the_programme_asks_for_more(self, panel: bool, informed: bool, law: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
        self.case = replace(
            self.case, panel_decides=panel, informed=informed, accepted_by_silence=law, confirms=not law
        )

    @precondition(lambda self: self.case.stage is Stage.UNDER_REVIEW)
    @rule(
        state=strategies.sampled_from(sorted(OPEN_APPEALS)),
        chair=strategies.sampled_from([None, "assessor"]),
        level=strategies.integers(1, 2),
        missing=strategies.integers(0, 1),
    )
    def an_appeal_goes_on(self, state: AppealState, chair: str | None, level: int, missing: int) -> None:
        self.case = replace(self.case, appeal=Review("appeal", level, state, chair, missing))

    @rule(
        claims=strategies.integers(0, 3),
        transfers=strategies.integers(0, 3),
        gaps=strategies.integers(0, 2),
        planned=strategies.booleans(),
        rounds=strategies.integers(0, 2),
    )
    def facts_change(self, claims: int, transfers: int, gaps: int, planned: bool, rounds: int) -> None:  # noqa: FBT001 - drawn by hypothesis
        held = replace(self.case, open_claims=claims, open_transfers=min(claims, transfers), rounds_left=rounds)
        self.case = replace(held, gaps=gaps, planned=planned and gaps > 0)

    @precondition(lambda self: stages.by_itself(self.case) is not None)
    @rule()
    def the_case_goes_on_by_itself(self) -> None:
        move = stages.by_itself(self.case)
        assert move
        before = self.case.version
        self._take(own(self.case, move))
        assert self.case.version == before + 1, "what the case can do by itself was refused"

    @invariant()
    def only_pairs_of_the_table_change_the_stage(self) -> None:
        for move, source, target in self.pairs[-1:]:
            if move in FACTS:
                assert source is target
            else:
                row = MOVE[move]
                assert source in row.sources
                assert target in (targets.reached_from(source, row.target) if callable(row.target) else {row.target})

    @invariant()
    def somebody_is_waited_for_unless_we_work_or_it_is_over(self) -> None:
        nobody = self.case.stage in EVERYWHERE and not self.case.paused
        assert (stages.waiting_on(self.case) is WaitingOn.NONE) == nobody

    @invariant()
    def our_clock_stands_while_the_learner_is_waited_for(self) -> None:
        if stages.waiting_on(self.case) is WaitingOn.LEARNER:
            assert stages.clock(self.case) is Clock.STOPPED

    @invariant()
    def whatever_a_page_offers_is_accepted(self) -> None:
        for kind in stages.allowed(self.case, Role.LEARNER, actor="learner"):
            sent = Command("k", kind, self.case.id, "learner", Role.LEARNER, self.case.version)
            assert stages.transition(self.case, sent).move == kind


def _closed_as(move: str, before: Stage) -> ClosedAs:
    if move in {"withdraw", "expire"}:
        return ClosedAs.WITHDRAWN if move == "withdraw" else ClosedAs.EXPIRED
    return ClosedAs.NOT_ELIGIBLE if before is Stage.NOT_ELIGIBLE else ClosedAs.COMPLETED


AnyCase.TestCase.settings = settings(max_examples=12, stateful_step_count=50, deadline=None)
TestAnyCase = AnyCase.TestCase


@pytest.mark.chaos
def test_ten_thousand_steps_never_leave_the_table() -> None:
    run_state_machine_as_test(AnyCase, settings=settings(max_examples=250, stateful_step_count=50, deadline=None))
