"""Rows of lists say what is expected next, whatever a case or a seat waits for, and of nobody what is not theirs."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import cast
from uuid import UUID

from services.api.house import House
from services.api.pages import assess_queue, next_steps
from services.api.pages.site import AnyRequest, Page
from services.api.pages.words import Words
from services.records.caseload import Row
from services.records.seats_held import Held, Pile
from services.rules.case import Clock, SeatKind, Stage, WaitingOn
from services.rules.people import Caller, Membership, Role
from services.rules.programmes import Language

PAGE = Page(cast("AnyRequest", None), cast("House", None), Words(Language.EN), None)
ID, WHEN = UUID(int=1), datetime(2026, 3, 2, tzinfo=UTC)
ROW = Row(
    ID, "S-1", "Sample Learner", "sample", Stage.ELIGIBILITY_REVIEW, WaitingOn.ADVISOR, Clock.RUNNING, WHEN, "UTC",
    needs_attention=False, paused=False, contact=WHEN,
)  # fmt: skip
HELD = Held(
    ID, ID, "S-1", ID, SeatKind.FIRST, chair=False, pile=Pile.MINE, due_at=WHEN, sent_at=None, claims=1,
    readable=True, confers=False,
)  # fmt: skip


def test_every_case_that_waits_for_somebody_says_for_what() -> None:
    for stage in Stage:
        for waiting in set(WaitingOn) - {WaitingOn.NONE}:
            assert next_steps.of_case(PAGE, replace(ROW, stage=stage, waiting_on=waiting)).endswith(".")
    said = next_steps.of_case(PAGE, ROW)
    assert said.startswith("Check the application")
    assert "pause" in next_steps.of_case(PAGE, replace(ROW, waiting_on=WaitingOn.LEARNER, paused=True))
    assert next_steps.of_case(PAGE, replace(ROW, stage=Stage.CLOSED, waiting_on=WaitingOn.NONE)) == ""


def test_what_comes_next_is_marked_for_whoever_holds_the_office() -> None:
    advisor = Caller("a", Language.EN, (Membership(Role.ADVISOR, "sample"),))
    assert next_steps.for_me(ROW, advisor)
    assert not next_steps.for_me(replace(ROW, waiting_on=WaitingOn.LEAD), advisor)
    assert not next_steps.for_me(replace(ROW, waiting_on=WaitingOn.ASSESSOR), advisor)


def test_every_seat_that_waits_for_its_holder_says_for_what_and_leads_there() -> None:
    mine = {kind: next_steps.of_seat(PAGE, replace(HELD, seat=kind)) for kind in SeatKind}
    assert mine[SeatKind.FIRST] == mine[SeatKind.SECOND] == mine[SeatKind.THIRD]
    assert len(set(mine.values())) == 4
    panel = replace(HELD, seat=SeatKind.PANEL, chair=True)
    steps = [panel, replace(panel, signs=True), replace(HELD, confers=True), replace(HELD, unclear=True)]
    steps += [replace(HELD, pile=Pile.OFFERED), replace(HELD, pile=Pile.WAITING)]
    assert len({next_steps.of_seat(PAGE, one) for one in steps} | set(mine.values())) == 10
    assert next_steps.of_seat(PAGE, replace(HELD, pile=Pile.DONE)) == ""
    assert assess_queue.door(steps[1]) == f"/cases/{ID}"
