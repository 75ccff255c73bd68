"""The dates of limits and of their rungs: made in this one place, for a case that runs and for one that is imagined."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.rules import deadlines, limits
from services.rules.accommodations import USUAL_TIME, lengthened
from services.rules.deadlines import Span, Unit
from services.rules.ladders import From, Limit, Rung, To
from services.rules.programmes import Policy


class Measured(Protocol):
    """What a case is measured by: where its learner lives, and how much longer they have (percent)."""

    @property
    def id(self) -> UUID: ...
    @property
    def zone(self) -> str: ...
    @property
    def extra_time(self) -> int: ...
    @property
    def appeal_until(self) -> datetime | None: ...


NOBODYS = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Imagined:
    """A case that nobody opened, to see what the limits of a policy come to."""

    zone: str
    id: UUID = NOBODYS
    extra_time: int = USUAL_TIME
    appeal_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A limit that begins at some moment: how long it lasts, when it runs out, and its rungs, first to last."""

    limit: Limit
    span: Span
    due: datetime
    rungs: tuple[tuple[datetime, Rung], ...]


def due_of(*, case: Measured, policy: Policy, limit: Limit, start: datetime) -> datetime:
    """When `limit` is due if it begins at `start`; the one place where this date is made."""
    if not limit.span:
        return case.appeal_until or start
    span: Span = getattr(policy, limit.span)
    return deadlines.due(
        policy.calendar, start, span, zone=case.zone, learner=limit.learner, extra_time=case.extra_time
    )


def instant(
    rung: Rung, *, case: Measured, policy: Policy, start: datetime, due: datetime, learner: bool = False
) -> datetime:
    """When `rung` fires: mails at nine in the morning of its day, moves at the end of it.

    What is counted from the start of a `learner` limit is lengthened as the limit is.
    """
    calendar, zone = policy.calendar, case.zone
    first, last = deadlines.local_day(start, zone), deadlines.local_day(due, zone)
    if rung.counted is From.DUE and not rung.notice:
        return due
    if rung.counted is From.SHARE:
        days = deadlines.business_days(calendar, first, last)
        day = deadlines.add(calendar, first, Span(round(days * float(rung.by)), Unit.BUSINESS_DAY))
    elif rung.counted is From.DUE:
        day = last
    else:
        span: Span = getattr(policy, rung.by) if hasattr(policy, rung.by) else Span.parse(rung.by)
        if rung.counted is From.START and learner:
            span = Span(lengthened(span.amount, case.extra_time), span.unit)
        if rung.counted is From.BEFORE_DUE:
            day = deadlines.back(calendar, last, span)
        else:
            day = deadlines.add(calendar, first if rung.counted is From.START else last, span)
    if rung.notice and not set(rung.to) & {To.LEARNER, To.WAITED_ON}:
        # People who work on cases are written to on mornings of work, before what comes rather than after it.
        day = deadlines.working_day(calendar, day, before=rung.counted is From.BEFORE_DUE)
    if rung.notice:
        return deadlines.reminder(day, zone=zone, key=str(case.id))
    return deadlines.end_of_day(day, zone)


def foreseen(policy: Policy, *, start: datetime) -> Iterator[Foreseen]:
    """Every limit that `policy` sets, in the order of a case's life, as if each began at `start`.

    Dates that no span decides (the end of a pause, of an appeal window, an appointment) are not among them.
    """
    case = Imagined(policy.calendar.zone)
    for limit in limits.LIMITS:
        span: Span | None = getattr(policy, limit.span) if limit.span else None
        if span is None:
            continue
        due = due_of(case=case, policy=policy, limit=limit, start=start)
        rungs = sorted(
            (
                (instant(rung, case=case, policy=policy, start=start, due=due, learner=limit.learner), rung)
                for rung in limit.rungs
                if not rung.only_if or getattr(policy, rung.only_if)
            ),
            key=lambda found: found[0],
        )
        yield Foreseen(limit, span, due, tuple(found for found in rungs if found[0] > start or found[1].becomes))
