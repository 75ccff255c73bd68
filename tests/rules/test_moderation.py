"""Who may move a case in moderation, on whom it waits there, and who is asked to sit together."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.rules import assignment, guards, limits, panels, stages
from services.rules.assignment import Candidate
from services.rules.case import CaseState, SeatKind, SeatState, Stage, WaitingOn
from services.rules.guards import Guard
from services.rules.panels import Gap
from services.rules.people import Role
from services.rules.refusals import REFUSALS
from services.rules.second_reading import Way
from tests.rules import makers as make

READ = make.seat(SeatState.SUBMITTED)
CHAIR = make.seat(SeatState.ACCEPTED, person="panel", kind=SeatKind.PANEL, chair=True)
SIGNING = make.seat(SeatState.SUBMITTED, person="panel", kind=SeatKind.PANEL, chair=True)
CASE = replace(make.case(Stage.MODERATION), seats=(READ, CHAIR))
CONFERRING, SITTING = replace(CASE, moderation=Way.CONFER), replace(CASE, moderation=Way.PANEL)
DECIDING = replace(SITTING, stage=Stage.DECISION_PENDING, panel_decides=True, seats=(READ, SIGNING))


@pytest.mark.parametrize(
    ("guard", "case", "role", "code"),
    [
        (guards.confers, CONFERRING, Role.ASSESSOR, None),
        (guards.confers, SITTING, Role.ASSESSOR, "not_conferring"),
        (guards.has_read, CONFERRING, Role.ASSESSOR, None),
        (guards.has_read, replace(CONFERRING, seats=()), Role.ASSESSOR, "offer_ended"),
        (guards.has_read, replace(CONFERRING, seats=()), Role.CLOCK, None),
        (guards.panel_sits, SITTING, Role.PANEL, None),
        (guards.panel_sits, CONFERRING, Role.PANEL, "no_panel"),
        (guards.chairs, SITTING, Role.PANEL, None),
        (guards.chairs, replace(SITTING, seats=(replace(CHAIR, chair=False),)), Role.PANEL, "not_chair"),
        (guards.chairs, replace(SITTING, seats=(SIGNING,)), Role.PANEL, "not_chair"),
        (guards.signs_here, DECIDING, Role.PANEL, None),
        (guards.signs_here, DECIDING, Role.DECISION_MAKER, "not_your_move"),
        (guards.signs_here, replace(DECIDING, seats=(CHAIR,)), Role.PANEL, "not_chair"),
        (guards.signs_here, replace(DECIDING, panel_decides=False), Role.PANEL, "not_your_move"),
        (guards.signs_here, replace(DECIDING, panel_decides=False), Role.DECISION_MAKER, None),
    ],
)
def test_each_question_has_its_answer(guard: Guard, case: CaseState, role: Role, code: str | None) -> None:
    assert guard(case, make.command("any", role)) == code


def test_the_case_waits_for_the_two_for_the_panel_and_for_whoever_signs() -> None:
    assert stages.waiting_on(CONFERRING) is WaitingOn.ASSESSOR
    assert stages.waiting_on(SITTING) is WaitingOn.PANEL
    assert stages.waiting_on(DECIDING) is WaitingOn.PANEL
    assert stages.waiting_on(replace(DECIDING, panel_decides=False)) is WaitingOn.DECISION_MAKER


def test_each_way_of_settling_has_its_own_time() -> None:
    def keys(way: Way) -> set[str]:
        return {limit.key for limit in limits.of_stage(Stage.MODERATION, way)}

    assert (keys(Way.CONFER), keys(Way.PANEL)) == ({"confer"}, {"panel", "panel_cap"})


def test_every_gap_is_refused_under_a_code_of_its_kind() -> None:
    assert set(panels.REFUSED_AS) == set(Gap)
    assert set(panels.REFUSED_AS.values()) <= set(REFUSALS)


def who(person: str, *keys: str, load: int = 0, **how: bool) -> Candidate:
    scope = frozenset(keys) or None
    free = Candidate(person, frozenset({"fr"}), scope, active=True, open_load=load, capacity=10)
    return replace(free, last_offer=datetime(2026, 3, 2, tzinfo=UTC), **how)  # type: ignore[arg-type]  # flags by name


def together(*candidates: Candidate, places: int, **lacking: int) -> tuple[str, ...]:
    return assignment.choose_together(candidates, case_id="case", language="fr", lacking=lacking, places=places)


def test_whoever_holds_what_a_panel_lacks_is_asked_before_whoever_is_next_in_line() -> None:
    able = (who("a", "m3"), who("b", "m3", load=1), who("c", "m1", "m2", load=5), who("d", "m1", load=4))
    assert together(*able, places=2, m1=1, m2=1) == ("c", "a")
    assert together(*able, places=3, m1=2) == ("d", "c", "a")
    assert together(*able, places=2, m1=0, m2=-1) == ("a", "b")


def test_a_panel_has_no_more_places_than_it_has_and_takes_nobody_who_is_barred() -> None:
    barred = (who("a", excluded=True), who("b", active=False), who("c"))
    assert together(*barred, places=3) == ("c",)
    assert together(*barred, places=0) == ()
