"""An assessor sends in every claim of the seat at once; what was written is locked as it stands.

What the claims come to is found once everybody who has to read them has: until then nothing on them is final.
"""

from uuid import UUID

from services.records import confirmations, decisions, judgements, readiness, seat_times
from services.records.moves import documentation, reading
from services.records.moves.content import Content, Outcome, Setting
from services.records.tables.assessment import Assignment
from services.rules import work_time
from services.rules.case import SeatState
from services.rules.progress import ON_FILE
from services.rules.refusals import Refused


async def _sent(setting: Setting) -> tuple[list[Assignment], list[readiness.Written]]:
    """The sender's seats, and each claim of theirs that is still to judge with what was written on it."""
    seats = await judgements.seats_of(setting.session, case_id=setting.case.id, assessor=setting.command.actor)
    return seats, await readiness.open_claims(setting.session, seats)


async def _may_submit(setting: Setting) -> None:
    """Raises `Refused`: work_time_unlikely, and why a claim cannot be sent in.

    That is claims_open, interview_missing, method_not_allowed, rationale_missing or evidence_rule.
    """
    work_time.check(setting.body.worked_minutes)
    _, sent = await _sent(setting)
    for claim, row in sent:
        for gap in await readiness.gaps(
            setting.session, case=setting.case, programme=setting.programme, claim=claim, row=row, now=setting.now
        ):
            raise gap


async def _submit(setting: Setting) -> Outcome:
    seats, sent = await _sent(setting)
    for claim, row in sent:
        if row is None:
            raise Refused("claims_open", **documentation.competency_facts(setting.programme, claim.competency))
        row.recommendation = judgements.read(row).recommendation
        row.locked_at, row.command_id = setting.now, UUID(setting.command.id)
    for seat in seats:
        seat.state = SeatState.SUBMITTED
    seat_times.keep(setting, [seat.id for seat in seats], method=ON_FILE)
    await setting.session.flush()
    stage, told = await reading.lead_on(setting)
    return Outcome(
        result={"claims": len(sent)},
        told=told,
        logged={"judgements": [str(row.id) for _, row in sent if row]},
        leads_to=stage,
    )


# more evidence came after the judgements were sent in


async def _may_confirm(setting: Setting) -> None:
    """Raises `Refused('judgement_current')`: what the sender judged is the portfolio as it stands."""
    awaited = await confirmations.awaited(setting.session, setting.case.id)
    if not any(str(seat.person_id) == setting.command.actor for seat in awaited):
        raise Refused("judgement_current")


async def _confirm(setting: Setting) -> Outcome:
    version = await decisions.latest_portfolio(setting.session, setting.case.id) or 0
    confirmed = await confirmations.confirm(
        setting.session,
        case_id=setting.case.id,
        author=UUID(setting.command.actor),
        version=version,
        command_id=UUID(setting.command.id),
        now=setting.now,
    )
    stage, told = await reading.lead_on(setting)
    return Outcome(
        result={"claims": len(confirmed), "portfolio_version": version},
        told=told,
        logged={"judgements": [str(judgement) for judgement in confirmed], "portfolio_version": version},
        leads_to=stage,
    )


CONTENT = {
    "submit_judgements": Content(_may_submit, _submit),
    "confirm_judgements": Content(carry=_confirm, beforehand=_may_confirm),
}
