"""What stands in lists: cases, what waits for their reader, and the steps of a history."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from services.api import views
from services.rules.case import SeatState, Stage, WaitingOn
from services.rules.people import Role
from services.rules.programmes import Text


@dataclass(frozen=True, slots=True)
class ListedCase:
    """A case in a list; stage, waiting_on and due_at are empty for whoever only assesses it."""

    id: UUID
    number: str
    programme: str
    created_at: datetime
    stage: views.StageView | None


@dataclass(frozen=True, slots=True)
class CasePage:
    """One page of a list; `next` goes into `after` for the following one, and is empty on the last."""

    cases: list[ListedCase]
    next: UUID | None


class WaitingView(msgspec.Struct, frozen=True):
    """What waits for the reader as `as_role`; an assessor sees the state of the seat alone."""

    as_role: Role
    id: UUID
    case_id: UUID
    number: str
    programme: str
    due_at: datetime | None
    stage: Stage | None
    label: Text | None
    waiting_on: WaitingOn | None
    needs_attention: str | None
    seat: SeatState | None


@dataclass(frozen=True, slots=True)
class QueuePage:
    """What is most urgent first; `next` goes into `after` for the following page, and is empty on the last."""

    waiting: list[WaitingView]
    next: str | None


@dataclass(frozen=True, slots=True)
class StepView:
    """One step of a case's history; `by` is a role, `clock` for what the case does by itself."""

    at: datetime
    move: str
    from_stage: Stage
    to_stage: Stage
    label: Text
    by: Role
