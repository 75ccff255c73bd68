"""A case stands still for a time, at the learner's wish."""

from datetime import datetime
from uuid import UUID

from services.records import appointments, standstill
from services.records.moves import appointments as dates
from services.records.moves.content import Content, Outcome, Setting, Told
from services.rules import deadlines
from services.rules.appointments import AppointmentState
from services.rules.commands import PauseReason
from services.rules.people import Role
from services.rules.refusals import Refused


def _until(setting: Setting) -> datetime:
    """The end of the day until which the case is to stand still."""
    return deadlines.end_of_day(setting.body.until, setting.case.zone)


async def _time_left(setting: Setting) -> None:
    """Raises `Refused('pause_too_long')` when all the time that a case may stand still is used."""
    session, case = setting.session, setting.case
    last = await standstill.latest_end(session, case=case, policy=setting.programme.policy, now=setting.now)
    today = deadlines.local_day(setting.now, case.zone)
    if deadlines.local_day(last, case.zone) <= today:
        raise Refused("pause_too_long", until=today.isoformat())


async def _may_pause(setting: Setting) -> None:
    """Raises `Refused`: malformed, wish_missing, date_not_later, pause_too_long (with the last day possible)."""
    if setting.body.reason not in set(PauseReason):
        raise Refused("malformed", field="reason")
    if not setting.body.wished:
        raise Refused("wish_missing")
    if _until(setting) <= setting.now:
        raise Refused("date_not_later")
    policy = setting.programme.policy
    last = await standstill.latest_end(setting.session, case=setting.case, policy=policy, now=setting.now)
    if _until(setting) > last:
        raise Refused("pause_too_long", until=deadlines.local_day(last, setting.case.zone).isoformat())


async def _pause(setting: Setting) -> Outcome:
    """Why it stands still is on the case and in the command alone; the log has no reasons of health."""
    until = _until(setting)
    told = await _without_date(setting)
    await standstill.begin(
        setting.session,
        case=setting.case,
        policy=setting.programme.policy,
        reason=PauseReason(setting.body.reason),
        until=until,
        command_id=UUID(setting.command.id),
        now=setting.now,
    )
    return Outcome(result={"until": until.isoformat()}, told=told, logged={"until": until.isoformat()})


async def _without_date(setting: Setting) -> tuple[Told, ...]:
    """Nobody is to come while the case stands still: dates of an appointment are taken back, new ones follow later."""
    row = await appointments.open_one(setting.session, setting.case.id)
    if row is None or row.state in {AppointmentState.REQUESTED, AppointmentState.HELD}:
        return ()
    return await dates.start_over(setting, row)


async def _resume(setting: Setting) -> Outcome:
    case = setting.case
    await standstill.go_on(setting.session, case=case, policy=setting.programme.policy, now=setting.now)
    due = case.due_at.isoformat() if case.due_at else ""
    return Outcome(result={"due_at": due}, logged={"due_at": due, "by_itself": setting.command.role is Role.CLOCK})


CONTENT = {"pause": Content(_may_pause, _pause, _time_left), "resume": Content(carry=_resume)}
