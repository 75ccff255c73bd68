"""An assessor sends in every claim of the seat at once; what was written is locked as it stands."""

from uuid import UUID

from services.records import appointments, assignments, dossier, effects, judgements, pointers
from services.records.moves import documentation, requests
from services.records.moves.content import Content, Outcome, Setting, Told
from services.records.tables.assessment import Assignment, Standing
from services.records.tables.assessment import Judgement as JudgementRow
from services.records.tables.cases import Claim
from services.rules import claims as rules
from services.rules.case import SeatState
from services.rules.claims import ClaimState
from services.rules.people import Role
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
            items=await pointers.for_claim(setting.session, claim.id),
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
        claim.state = rules.RECOMMENDED_AS[row.recommendation]
        command = UUID(setting.command.id)
        await judgements.stand(setting.session, row, standing=Standing.SINGLE, command_id=command, now=setting.now)
    for seat in seats:
        seat.state = SeatState.SUBMITTED
    await setting.session.flush()
    return Outcome(
        result={"claims": len(sent)},
        told=await _whoever_decides(setting),
        logged={"judgements": [str(row.id) for _, row in sent if row]},
    )


async def _whoever_decides(setting: Setting) -> tuple[Told, ...]:
    """With the last judgement, those who may decide are told; nobody who took part is asked."""
    if any(claim.state not in judgements.JUDGED for claim in await documentation.claims_to_assess(setting)):
        return ()
    people = await effects.staff(setting.session, case=setting.case, role=Role.DECISION_MAKER)
    return tuple(Told("decision_needed", person) for person in people)


CONTENT = {"submit_judgements": Content(_may_submit, _submit)}
