"""An assessor sends in every claim of the seat at once; what was written is locked as it stands.

What the claims come to is found once everybody who has to read them has: until then nothing on them is final.
"""

from uuid import UUID

from services.records import (
    appointments,
    assignments,
    confirmations,
    decisions,
    dossier,
    judgements,
    pointers,
    recordings,
)
from services.records.moves import documentation, reading, requests
from services.records.moves.content import Content, Outcome, Setting
from services.records.tables.assessment import Assignment
from services.records.tables.assessment import Judgement as JudgementRow
from services.records.tables.cases import Claim
from services.rules import claims as rules
from services.rules.case import SeatState
from services.rules.claims import ClaimState
from services.rules.programmes import Method
from services.rules.refusals import Refused

Sent = tuple[Claim, JudgementRow | None]


async def _sent(setting: Setting) -> tuple[list[Assignment], list[Sent]]:
    """The sender's seats, and each claim of theirs that is still to judge with what was written on it."""
    session, case = setting.session, setting.case
    seats = await judgements.seats_of(session, case_id=case.id, assessor=setting.command.actor)
    sent: list[Sent] = []
    for seat in seats:
        written = await judgements.of_seat(session, seat.id)
        covered = await assignments.claims_of(session, [seat])
        sent.extend((claim, written.get(claim.id)) for claim in covered if claim.state is ClaimState.IN_ASSESSMENT)
    return seats, sent


async def _may_submit(setting: Setting) -> None:
    """Raises `Refused`: claims_open, interview_missing, method_not_allowed, rationale_missing, evidence_rule."""
    on_file = setting.case.judge_on_file
    _, sent = await _sent(setting)
    for claim, row in sent:
        if row is None:
            raise Refused("claims_open", **documentation.competency_facts(setting.programme, claim.competency))
        seen = await appointments.seen(setting.session, claim.id)
        if setting.programme.policy.interview_required and Method.INTERVIEW not in seen and not on_file:
            facts = documentation.competency_facts(setting.programme, claim.competency)
            raise Refused("interview_missing", **facts)
        rules.check(
            judgements.read(row),
            competency=setting.programme.competency(claim.competency),
            items=(
                *await pointers.for_claim(setting.session, claim.id),
                *await recordings.weighed(setting.session, claim.id, person=UUID(setting.command.actor)),
            ),
            rationale_minimum=setting.programme.policy.rationale_minimum,
            rounds_used=await dossier.rounds_on(setting.session, claim.id),
            nothing_more=await requests.nothing_more(setting, claim),
            carried=await judgements.carried(setting.session, claim, setting.programme.policy, setting.now),
            seen=bool(seen),
        )


async def _submit(setting: Setting) -> Outcome:
    seats, sent = await _sent(setting)
    for claim, row in sent:
        if row is None:
            raise Refused("claims_open", **documentation.competency_facts(setting.programme, claim.competency))
        row.recommendation = judgements.read(row).recommendation
        row.locked_at, row.command_id = setting.now, UUID(setting.command.id)
    for seat in seats:
        seat.state = SeatState.SUBMITTED
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
    "confirm_judgements": Content(_may_confirm, _confirm),
}
