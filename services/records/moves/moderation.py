"""Two assessors sign under one of their readings, or end their talk; what cannot be confirmed goes back to a panel."""

from uuid import UUID

from services.records import independence, judgements, limits, moderating, panels
from services.records.moves import documentation
from services.records.moves.content import Content, Outcome, Setting, Told
from services.records.tables.assessment import Judgement, Standing
from services.records.tables.cases import Claim
from services.records.tables.moderation import ConferralChoice, DecisionReturn
from services.rules import claims as rules
from services.rules.case import Stage
from services.rules.people import Role
from services.rules.refusals import Refused
from services.rules.second_reading import Way

# the two who read


async def _differing(setting: Setting) -> tuple[list[Claim], list[Judgement]]:
    """The claims that are conferred on with their readings. Raises `Refused('not_conferring')` for anybody else."""
    claims = await moderating.unsettled(setting)
    readings = await moderating.originals(setting.session, [claim.id for claim in claims])
    if setting.command.role is not Role.CLOCK and setting.command.actor not in {str(r.assessor_id) for r in readings}:
        raise Refused("not_conferring")
    return claims, readings


async def _may_settle(setting: Setting) -> None:
    """Raises `Refused`: not_conferring, choices_missing where a claim has none or names no reading of it."""
    claims, readings = await _differing(setting)
    chosen = {choice.claim: choice.judgement for choice in setting.body.choices}
    if len(chosen) != len(setting.body.choices) or chosen.keys() - {str(claim.id) for claim in claims}:
        raise Refused("malformed", field="choices")
    for claim in claims:
        known = {str(reading.id) for reading in readings if reading.claim_id == claim.id}
        if chosen.get(str(claim.id)) not in known:
            raise Refused("choices_missing", **documentation.competency_facts(setting.programme, claim.competency))


async def _settle(setting: Setting) -> Outcome:
    """A signature; the last one under the same choices makes the readings that they name stand."""
    session, command = setting.session, UUID(setting.command.id)
    claims, readings = await _differing(setting)
    actor = UUID(setting.command.actor)
    session.add_all(
        ConferralChoice(
            command_id=command,
            claim_id=UUID(choice.claim),
            case_id=setting.case.id,
            person_id=actor,
            judgement_id=UUID(choice.judgement),
            at=setting.now,
        )
        for choice in setting.body.choices
    )
    await session.flush()
    signed = await moderating.choices(session, [claim.id for claim in claims])
    people = {reading.assessor_id for reading in readings}
    mine = signed[actor]
    if any(signed.get(person) != mine for person in people):
        others = sorted(people - {actor})
        return Outcome(told=tuple(Told("conferral_signed", person) for person in others), logged={"settled": False})
    for claim in claims:
        reading = next(one for one in readings if one.id == mine[claim.id])
        await judgements.stand(session, reading, standing=Standing.CONFERRED, command_id=command, now=setting.now)
        claim.state = rules.RECOMMENDED_AS[rules.Recommendation(judgements.read(reading).recommendation)]
    await session.flush()
    return Outcome(
        told=await moderating.whoever_decides(setting),
        logged={"settled": True, "judgements": [str(one) for one in mine.values()]},
        leads_to=Stage.DECISION_PENDING,
    )


async def _confers(setting: Setting) -> None:
    """Raises `Refused('not_conferring')`."""
    await _differing(setting)


async def to_panel(setting: Setting) -> tuple[Told, ...]:
    """What the two could not settle is a panel's, within moderation; a panel that sits goes on with what is left."""
    told = await moderating.lead_into(setting, way=Way.PANEL)
    await limits.turn(setting.session, case=setting.case, policy=setting.programme.policy, now=setting.now)
    return told


async def _end(setting: Setting) -> Outcome:
    return Outcome(told=await to_panel(setting), logged={"by_itself": setting.command.role is Role.CLOCK})


# whoever decides cannot confirm


async def _recommended(setting: Setting) -> set[str]:
    """The claims whose recommendation waits to be confirmed, by id."""
    found = await judgements.recommendations(setting.session, setting.case.id)
    return {str(claim.id) for claim in await documentation.open_claims(setting) if claim.id in found}


async def _something_to_return(setting: Setting) -> None:
    """Raises `Refused`: claims_missing where nobody recommended anything, or that the sender took part."""
    person = UUID(setting.command.actor)
    await independence.check(setting.session, case=setting.case, person=person, role=Role.DECISION_MAKER)
    if not await _recommended(setting):
        raise Refused("claims_missing")


async def _may_return(setting: Setting) -> None:
    """Raises `Refused`: claims_missing, malformed, claim_unknown, reasons_missing."""
    if not setting.body.claims:
        raise Refused("claims_missing")
    known = await _recommended(setting)
    if len({one.claim for one in setting.body.claims}) != len(setting.body.claims):
        raise Refused("malformed", field="claims")
    for one in setting.body.claims:
        if one.claim not in known:
            raise Refused("claim_unknown")
        if not one.reasons.strip():
            raise Refused("reasons_missing")


async def _return(setting: Setting) -> Outcome:
    """The readings of the claims named no longer stand; whoever returned them may decide once the panel has spoken."""
    session, case, person = setting.session, setting.case, UUID(setting.command.actor)
    await independence.enrol(session, case=case, person=person, role=Role.DECISION_MAKER, now=setting.now)
    found = await judgements.recommendations(session, case.id)
    returned = [UUID(one.claim) for one in setting.body.claims]
    session.add_all(
        DecisionReturn(
            command_id=UUID(setting.command.id),
            claim_id=UUID(one.claim),
            case_id=case.id,
            returned_by=person,
            judgement_id=found[UUID(one.claim)].id,
            reasons=one.reasons.strip(),
            at=setting.now,
        )
        for one in setting.body.claims
    )
    await judgements.stand_no_more(session, returned)
    await panels.rise(session, case_id=case.id, now=setting.now)
    told = await moderating.lead_into(setting, way=Way.PANEL)
    return Outcome(told=told, logged={"claims": [str(one) for one in returned]})


CONTENT = {
    "settle_conferral": Content(_may_settle, _settle, _confers),
    "end_conferral": Content(carry=_end, beforehand=_confers),
    "return_decision": Content(_may_return, _return, _something_to_return),
}
