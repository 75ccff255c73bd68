"""A case takes up a changed calendar: what is left of every limit is counted anew, and no date moves earlier."""

from dataclasses import replace
from datetime import datetime

from services.records import assignments, calendars, effects, limits
from services.records.moves.content import Content, Outcome, Setting, Told
from services.records.tables.commands import LimitRow
from services.rules import deadlines
from services.rules import limits as ladder
from services.rules.case import SeatState
from services.rules.deadlines import Calendar, Unit
from services.rules.ladders import To


async def _take_up(setting: Setting) -> Outcome:
    """Whoever the case waits on is told where the date that they know has moved."""
    session, case, policy = setting.session, setting.case, setting.programme.policy
    if case.next_calendar_id is None:
        return Outcome()
    old, new = policy.calendar, await calendars.read(session, case.next_calendar_id)
    before, policy = case.due_at, replace(policy, calendar=new)
    for row in await limits.alive(session, case.id):
        row.due_at = _moved(setting, row, old=old, new=new)
        await limits.arm(session, row=row, case=case, policy=policy, start=row.started_at, now=setting.now)
    for seat in await assignments.of_case(session, case.id, SeatState.OFFERED, SeatState.ACCEPTED):
        if seat.state is SeatState.OFFERED:
            seat.respond_by = _staff(setting, seat.respond_by, old=old, new=new)
        elif seat.due_at is not None:
            seat.due_at = _staff(setting, seat.due_at, old=old, new=new)
    case.calendar_id, case.next_calendar_id = case.next_calendar_id, None
    case.due_at = await limits.first_due(session, case) or case.due_at
    moved = before is not None and case.due_at != before
    people = await effects.recipients(session, case=case, to=To.WAITED_ON) if moved else []
    return Outcome(
        told=tuple(Told("dates_moved", person) for person in people), logged={"calendar": str(case.calendar_id)}
    )


def _moved(setting: Setting, row: LimitRow, *, old: Calendar, new: Calendar) -> datetime:
    """When the limit is due by the new calendar; one of another release, or with a fixed date, keeps its date."""
    limit = ladder.LIMIT.get(row.key.partition(":")[0])
    if limit is None or not limit.span:
        return row.due_at
    return deadlines.by_another(
        row.due_at,
        old=old,
        new=new,
        now=setting.now,
        zone=setting.case.zone,
        unit=getattr(setting.programme.policy, limit.span).unit,
        learner=limit.learner,
    )


def _staff(setting: Setting, due: datetime, *, old: Calendar, new: Calendar) -> datetime:
    return deadlines.by_another(
        due,
        old=old,
        new=new,
        now=setting.now,
        zone=setting.case.zone,
        unit=Unit.BUSINESS_DAY,
        learner=False,
    )


CONTENT = {"calendar_changed": Content(carry=_take_up)}
