"""More time for whoever needs it, and another try for an effect that failed."""

from datetime import datetime

from services.records import assignments, limits
from services.records.moves import requests
from services.records.moves.content import Content, Outcome, Setting
from services.records.tables.commands import EffectRow, EffectState
from services.rules import deadlines
from services.rules.case import SeatState, Stage
from services.rules.people import Role
from services.rules.refusals import Refused


def _until(setting: Setting) -> datetime | None:
    """The end of the day that a lead names; None where the length is the policy's."""
    by_lead = setting.command.role is Role.LEAD and setting.body.until is not None
    return deadlines.end_of_day(setting.body.until, setting.case.zone) if by_lead else None


async def _may_extend(setting: Setting) -> None:
    """Raises `Refused`: reasons_missing for a lead without one, date_not_later."""
    if setting.command.role is not Role.LEAD:
        return
    if not setting.body.reason.strip():
        raise Refused("reasons_missing")
    until, due = _until(setting), await limits.extendable_due(setting.session, setting.case)
    if until is not None and (until <= setting.now or (due is not None and until <= due)):
        raise Refused("date_not_later")


async def _extend(setting: Setting) -> Outcome:
    case, policy = setting.case, setting.programme.policy
    if case.stage is Stage.ELIGIBLE:
        case.active_at = setting.now  # or the case would lapse for idleness before the date that is given
    due = await limits.extend(setting.session, case=case, policy=policy, now=setting.now, until=_until(setting))
    if setting.command.role is Role.LEARNER:
        case.extended = True
    for seat in await assignments.of_case(setting.session, case.id, SeatState.ACCEPTED):
        if case.stage in requests.READ_WITHIN and (seat.due_at is None or seat.due_at < due):
            seat.due_at = due
    return Outcome(result={"due_at": due.isoformat()}, logged={"due_at": due.isoformat()})


async def _retry(setting: Setting) -> Outcome:
    """Let the effect be tried again; the case's flag goes, for somebody is looking at it."""
    effect = await setting.session.get_one(EffectRow, setting.body.effect)
    effect.state, effect.error, effect.settled_at = EffectState.PENDING, None, None
    setting.case.needs_attention = None
    return Outcome(logged={"effect": effect.key})


async def _may_retry(setting: Setting) -> None:
    """Raises `Refused('nothing_to_retry')`: the effect is another case's, or did not fail."""
    effect = await setting.session.get(EffectRow, setting.body.effect)
    if effect is None or effect.case_id != setting.case.id or effect.state is not EffectState.FAILED:
        raise Refused("nothing_to_retry")


CONTENT = {
    "extend": Content(_may_extend, _extend),
    "retry_effect": Content(_may_retry, _retry),
}
