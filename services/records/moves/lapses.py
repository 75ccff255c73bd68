"""A lapse is challenged, and a lead rules: the case lives again with time to go on, or stays closed with reasons."""

from datetime import datetime
from uuid import UUID

from services.records import effects, lapses, limits
from services.records.ids import new_id
from services.records.moves import identification, leaving
from services.records.moves.content import Content, Outcome, Setting, Told
from services.records.tables.support import LapseChallenge
from services.rules import deadlines
from services.rules import limits as ladder
from services.rules.case import Stage
from services.rules.people import Role
from services.rules.refusals import Refused

RULING = ladder.LIMIT["lapse_ruling"]


async def _may_challenge(setting: Setting) -> None:
    """Raises `Refused('reasons_missing')`."""
    if not setting.body.reasons.strip():
        raise Refused("reasons_missing")


async def _can_be_challenged(setting: Setting) -> None:
    """Raises `Refused`: window_closed, challenge_ruled."""
    leaving.within(setting, setting.programme.policy.reopen_window)
    closed_at = setting.case.closed_at
    earlier = await lapses.of_case(setting.session, setting.case.id)
    if closed_at is not None and any(one.challenged_at >= closed_at for one in earlier):
        raise Refused("challenge_ruled")


async def _challenge(setting: Setting) -> Outcome:
    session, case, now = setting.session, setting.case, setting.now
    limit = await limits.begin(session, case=case, policy=setting.programme.policy, limit=RULING, now=now)
    session.add(
        LapseChallenge(
            id=new_id(),
            case_id=case.id,
            command_id=UUID(setting.command.id),
            reasons=setting.body.reasons.strip(),
            challenged_at=now,
            due_at=limit.due_at,
        )
    )
    due = {"due": limit.due_at.isoformat()}
    leads = await effects.staff(session, case=case, role=Role.LEAD)
    return Outcome(
        result=due,
        told=(
            Told("challenge_received", case.learner_id, due),
            *(Told("lapse_to_rule", person, due) for person in leads),
        ),
    )


async def _may_rule(setting: Setting) -> None:
    """Raises `Refused`: reasons_missing, case_already_open (where the case would live again)."""
    if not setting.body.reasons.strip():
        raise Refused("reasons_missing")
    if setting.body.restored:
        await identification.no_other_open(setting)


async def _rule(setting: Setting) -> Outcome:
    session, case, now = setting.session, setting.case, setting.now
    challenge = await lapses.waiting(session, case.id)
    if challenge is None:
        raise Refused("challenge_missing")
    challenge.restored, challenge.ruling = setting.body.restored, setting.body.reasons.strip()
    challenge.ruled_by, challenge.ruled_at = UUID(setting.command.actor), now
    await session.flush()
    await limits.end(session, case_id=case.id, key=RULING.key, now=now)
    logged = {"challenge": str(challenge.id), "restored": setting.body.restored}
    if not setting.body.restored:
        return Outcome(told=(Told("lapse_stands", case.learner_id),), logged=logged, leads_to=Stage.CLOSED)
    await identification.alone_open(setting)
    told = await leaving.restore(setting)
    return Outcome(
        told=(*told, Told("lapse_restored", case.learner_id)), logged=logged, due_at_least=restored_until(setting)
    )


def restored_until(setting: Setting) -> datetime:
    """Until when a case whose lapse is undone has at least: nobody comes back to a date that is tomorrow."""
    policy, zone = setting.programme.policy, setting.case.zone
    return deadlines.due(policy.calendar, setting.now, policy.lapse_restored, zone=zone, learner=True)


CONTENT = {
    "challenge_lapse": Content(_may_challenge, _challenge, _can_be_challenged),
    "rule_lapse": Content(_may_rule, _rule),
}
