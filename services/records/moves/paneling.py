"""A panel is composed, votes, and keeps minutes: what its chair records stands only where nothing is missing in it."""

from uuid import UUID

from services.records import (
    appointments,
    assignments,
    decisions,
    dossier,
    independence,
    judgements,
    moderating,
    panels,
    pointers,
    recordings,
    seat_times,
)
from services.records.ids import new_id
from services.records.moves import documentation, requests
from services.records.moves.content import Content, Outcome, Setting, Told
from services.records.tables.assessment import Assignment, Standing
from services.records.tables.assessment import Judgement as JudgementRow
from services.records.tables.cases import Claim
from services.records.tables.moderation import PanelFinding, PanelMinutes, PanelVote
from services.rules import claims as rules
from services.rules import panels as votes
from services.rules import sending_in, work_time
from services.rules.case import SeatKind, SeatState
from services.rules.claims import Recommendation
from services.rules.commands import ClaimVotes
from services.rules.panels import Ballot, Gap, Member, Minutes, Panel, Settled
from services.rules.people import Role
from services.rules.progress import ON_FILE
from services.rules.refusals import Refused

# who sits


def _named(setting: Setting) -> list[str]:
    """Everybody whom the lead names, each once."""
    return list(dict.fromkeys([*filter(None, [setting.body.chair]), *setting.body.members]))


async def _may_compose(setting: Setting) -> None:
    """Raises `Refused`: reasons_missing, malformed, panel_full, and why a person cannot sit or lead."""
    session, case = setting.session, setting.case
    if not setting.body.reason.strip():
        raise Refused("reasons_missing")
    named = _named(setting)
    if not named:
        raise Refused("malformed", field="members")
    placed = {str(seat.person_id) for seat in await panels.seats(session, case.id, *panels.PLACED)}
    asked = [person for person in named if person not in placed]
    await panels.place_left(session, case_id=case.id, policy=setting.programme.policy, wanted=len(asked))
    known = await assignments.candidates(
        session,
        case=case,
        programme=setting.programme,
        claims=await moderating.unsettled(setting),
        now=setting.now,
        kind=SeatKind.PANEL,
    )
    for person in asked:
        await independence.named(session, case=case, person=person, role=Role.PANEL)
        if any(one.excluded for one in known if one.person == person):
            raise Refused("conflict_of_interest")
    if setting.body.chair in set(map(str, await panels.led_before(session, case.id))):
        raise Refused("separation_of_duties")


async def _compose(setting: Setting) -> Outcome:
    # Why stays on the command's row, as for every seat that a lead changes.
    session, case = setting.session, setting.case
    case.offers_failed = 0
    placed = {str(seat.person_id): seat for seat in await panels.seats(session, case.id, *panels.PLACED)}
    named, chair = _named(setting), setting.body.chair
    for person, seat in placed.items():
        seat.chair = person == chair if chair else seat.chair
    led = chair is not None or any(seat.chair for seat in placed.values())
    claims = await moderating.unsettled(setting)
    told = [
        await panels.ask(
            session,
            case=case,
            programme=setting.programme,
            person=UUID(person),
            claims=claims,
            chair=person == chair,
            now=setting.now,
        )
        for person in named
        if person not in placed
    ]
    return Outcome(told=tuple(told), logged={"asked": len(told), "led": led})


# the minutes


async def _sitting(setting: Setting) -> dict[str, Assignment]:
    """Who has taken a seat in the panel, by the person's id."""
    seats = await panels.seats(setting.session, setting.case.id, SeatState.ACCEPTED)
    return {str(seat.person_id): seat for seat in seats}


def _refusal(setting: Setting, claim: Claim, gap: Gap) -> Refused:
    """The refusal of `gap`, which it names beside the competency."""
    facts = documentation.competency_facts(setting.programme, claim.competency)
    return Refused(votes.REFUSED_AS[gap], gap=gap, **facts)


async def _panel(setting: Setting, claim: Claim, sitting: dict[str, Assignment]) -> Panel:
    """The panel as it votes on `claim`: whoever the minutes name and has a seat in it."""
    present = [one for one in setting.body.members if one.person in sitting]
    able = await panels.qualified(setting.session, [UUID(one.person) for one in present], claim.competency)
    policy = setting.programme.policy
    return Panel(
        members=tuple(Member(one.person, one.capacity, UUID(one.person) in able) for one in present),
        chair=setting.command.actor,
        quorum=policy.panel_quorum,
        qualified_min=policy.panel_qualified_min,
    )


def _ballot(cast: ClaimVotes) -> Ballot | Gap:
    """The votes as the rules count them; a word that is no vote, or a person who votes twice, is a gap."""
    try:
        said = {vote.person: Recommendation(vote.vote) for vote in cast.votes}
        casting = Recommendation(cast.casting) if cast.casting is not None else None
    except ValueError:
        return Gap.CHOICE
    return Ballot(said, casting) if len(said) == len(cast.votes) else Gap.VOTER


async def _claims(setting: Setting) -> list[tuple[Claim, ClaimVotes]]:
    """Each claim in moderation with its votes. Raises `Refused`: malformed, claim_unknown, claims_open."""
    given = {cast.claim: cast for cast in setting.body.claims}
    claims = await moderating.unsettled(setting)
    if len(given) != len(setting.body.claims):
        raise Refused("malformed", field="claims")
    if given.keys() - {str(claim.id) for claim in claims}:
        raise Refused("claim_unknown")
    for claim in claims:
        if str(claim.id) not in given:
            raise Refused("claims_open", **documentation.competency_facts(setting.programme, claim.competency))
    return [(claim, given[str(claim.id)]) for claim in claims]


async def _forms(setting: Setting) -> dict[UUID, JudgementRow]:
    """What the chair has written down, by claim."""
    sitting = await _sitting(setting)
    return await judgements.of_seat(setting.session, sitting[setting.command.actor].id)


async def _enough_sit(setting: Setting) -> None:
    """Raises `Refused('quorum_missing')` while too few have taken a seat."""
    if len(await _sitting(setting)) < setting.programme.policy.panel_quorum:
        raise Refused("quorum_missing", gap=Gap.QUORUM)


async def _may_record(setting: Setting) -> None:
    """Raises `Refused`: quorum_missing, votes_invalid or minutes_missing with the first gap, claims_open, malformed.

    Also work_time_unlikely, claim_unknown, and whatever stands against the chair's judgement form.
    """
    work_time.check(setting.body.worked_minutes)
    sitting, forms = await _sitting(setting), await _forms(setting)
    if len({one.person for one in setting.body.members}) != len(setting.body.members):
        raise Refused("malformed", field="members")
    for claim, cast in await _claims(setting):
        panel, ballot = await _panel(setting, claim, sitting), _ballot(cast)
        if isinstance(ballot, Gap):
            raise _refusal(setting, claim, ballot)
        minutes = Minutes(
            material=setting.body.material,
            reasons=cast.reasons,
            statements={one.person: one.statement for one in setting.body.members},
            dissents={vote.person: vote.dissent for vote in cast.votes if vote.dissent.strip()},
            signed=frozenset({panel.chair} if setting.body.signed else ()),
        )
        for gap in (*votes.gaps_in_votes(panel, ballot), *votes.gaps_in_minutes(panel, minutes, ballot=ballot)):
            raise _refusal(setting, claim, gap)
        await _check_form(setting, claim, forms.get(claim.id), settled=votes.settle(ballot))


async def _check_form(setting: Setting, claim: Claim, row: JudgementRow | None, *, settled: Settled | Gap) -> None:
    """The chair's form says what the votes said, and the rules of evidence bind a panel as they bind an assessor."""
    if row is None:
        raise Refused("claims_open", **documentation.competency_facts(setting.programme, claim.competency))
    content = judgements.read(row)
    if isinstance(settled, Gap) or content.recommendation is not settled.outcome:
        raise _refusal(setting, claim, Gap.OUTCOME)
    policy = setting.programme.policy
    sending_in.check(
        content,
        competency=setting.programme.competency(claim.competency),
        items=(
            *await pointers.for_claim(setting.session, claim.id),
            *await recordings.weighed(setting.session, claim.id),
        ),
        rationale_minimum=policy.rationale_minimum,
        rounds_used=await dossier.rounds_on(setting.session, claim.id),
        nothing_more=await requests.nothing_more(setting, claim),
        carried=await judgements.carried(setting.session, claim, policy, setting.now),
        seen=bool(await appointments.seen(setting.session, claim.id)),
    )


async def _record(setting: Setting) -> Outcome:
    session, case, command = setting.session, setting.case, UUID(setting.command.id)
    sitting, forms, policy = await _sitting(setting), await _forms(setting), setting.programme.policy
    settled = await _claims(setting)
    minutes = PanelMinutes(
        id=new_id(),
        case_id=case.id,
        chair_id=UUID(setting.command.actor),
        command_id=command,
        portfolio_version=await decisions.latest_portfolio(session, case.id) or 0,
        members=[
            {"person": one.person, "capacity": one.capacity.strip(), "statement": one.statement.strip()}
            for one in setting.body.members
        ],
        material=setting.body.material.strip(),
        composition=setting.body.composition.strip(),
        quorum=policy.panel_quorum,
        qualified_min=policy.panel_qualified_min,
        at=setting.now,
    )
    session.add(minutes)
    await session.flush()
    for claim, cast in settled:
        await _keep(setting, claim, cast, form=forms[claim.id], minutes=minutes)
    present = [sitting[one.person].id for one in setting.body.members if one.person in sitting]
    seat_times.keep(setting, present, method=ON_FILE)
    told = await _ended(setting, sitting)
    unbalanced = policy.panel_balance == "warn" and not minutes.composition
    return Outcome(
        result={"minutes": str(minutes.id), "warnings": ["composition"] if unbalanced else []},
        told=(*told, *await moderating.whoever_decides(setting)),
        logged={"minutes": str(minutes.id), "claims": len(settled), "judgements": [str(f.id) for f in forms.values()]},
    )


async def _keep(setting: Setting, claim: Claim, cast: ClaimVotes, *, form: JudgementRow, minutes: PanelMinutes) -> None:
    """Lock the form, write down votes and finding, and let the form stand."""
    session, command = setting.session, UUID(setting.command.id)
    outcome = judgements.read(form).recommendation
    form.recommendation, form.locked_at, form.command_id = outcome, setting.now, command
    claim.state = rules.RECOMMENDED_AS[outcome]
    await session.flush()
    people = [UUID(vote.person) for vote in cast.votes]
    able = await panels.qualified(session, people, claim.competency)
    session.add_all(
        PanelVote(
            minutes_id=minutes.id,
            claim_id=claim.id,
            person_id=UUID(vote.person),
            case_id=setting.case.id,
            vote=Recommendation(vote.vote),
            qualified=UUID(vote.person) in able,
            dissent=vote.dissent.strip(),
        )
        for vote in cast.votes
    )
    session.add(
        PanelFinding(
            minutes_id=minutes.id,
            claim_id=claim.id,
            case_id=setting.case.id,
            judgement_id=form.id,
            outcome=outcome,
            casting=Recommendation(cast.casting) if cast.casting is not None else None,
            reasons=cast.reasons.strip(),
        )
    )
    await judgements.stand(session, form, standing=Standing.PANEL, command_id=command, now=setting.now)


async def _ended(setting: Setting, sitting: dict[str, Assignment]) -> list[Told]:
    """Whoever sat is told that the minutes can be read, whoever was still asked that nothing more is needed."""
    told = []
    for person, seat in sitting.items():
        seat.state = SeatState.SUBMITTED
        if person != setting.command.actor:
            told.append(Told("panel_recorded", seat.person_id, {"assignment": str(seat.id)}))
    for seat in await panels.seats(setting.session, setting.case.id, SeatState.OFFERED):
        await assignments.end(setting.session, seat=seat, state=SeatState.CANCELLED, now=setting.now)
        told.append(Told("offer_ended", seat.person_id, {"assignment": str(seat.id)}))
    return told


CONTENT = {
    "compose_panel": Content(_may_compose, _compose),
    "record_panel": Content(_may_record, _record, _enough_sit),
}
