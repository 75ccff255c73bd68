"""A learner contests what was decided: the appeal is lodged, found admissible or not, and taken back."""

from datetime import datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from services.records import appeals, contested, decisions, limits
from services.records.ids import new_id
from services.records.moves import appeal_panels
from services.records.moves.content import Content, Outcome, Setting, Told
from services.records.tables.appeals import Appeal, AppealClaim, AppealHearing
from services.records.tables.decisions import DecisionKind
from services.rules import deadlines
from services.rules import limits as ladder
from services.rules.accommodations import lengthened
from services.rules.appeals import NEW_EVIDENCE, REVIEWER, Ground, Ruling, level_for
from services.rules.appointments import LONGEST, SHORTEST
from services.rules.case import AppealState, SeatState
from services.rules.refusals import Refused

LONGEST_NAME = 200
LONGEST_PLACE = 500


async def the_open(setting: Setting) -> Appeal:
    """The appeal that the case is under. Raises `Refused('appeal_step')`."""
    appeal = await appeals.open_of(setting.session, setting.case.id)
    if appeal is None:
        raise Refused("appeal_step")
    return appeal


# lodged


async def _contested(setting: Setting) -> contested.Contested:
    session, case, policy = setting.session, setting.case, setting.programme.policy
    named = setting.body.decision
    found = await (
        contested.find(session, case=case, policy=policy, decision=named)
        if named
        else contested.first(session, case=case, policy=policy)
    )
    known = {str(claim.id) for claim in found.claims}
    if not known.issuperset(setting.body.claims):
        raise Refused("claim_unknown")
    return found


async def _something_to_contest(setting: Setting) -> None:
    """Raises `Refused`: why the newest decision cannot be contested, where no other can be either."""
    await contested.first(setting.session, case=setting.case, policy=setting.programme.policy)


async def _may_lodge(setting: Setting) -> None:
    """Raises `Refused`: ground_missing, new_evidence_only, malformed, reasons_missing, window_closed, claim_unknown,
    and what `contested.find` says.
    """  # noqa: D205 - one sentence over two lines
    body = setting.body
    said = set(body.grounds)
    if not said:
        raise Refused("ground_missing")
    if said == {NEW_EVIDENCE}:
        raise Refused("new_evidence_only")
    if not said <= {NEW_EVIDENCE, *Ground}:
        raise Refused("malformed", field="grounds")
    if not body.text.strip():
        raise Refused("reasons_missing")
    if len(body.representative.strip()) > LONGEST_NAME:
        raise Refused("malformed", field="representative")
    found = await _contested(setting)
    if setting.now > found.until and not (found.stopped or body.late_cause.strip()):
        raise Refused("window_closed")


async def _lodge(setting: Setting) -> Outcome:
    session, case, body = setting.session, setting.case, setting.body
    found = await _contested(setting)
    late = setting.now > found.until and not found.stopped
    appeal = Appeal(
        id=new_id(),
        case_id=case.id,
        level=found.level,
        matter=found.matter,
        decision_id=found.decision.id if found.decision else None,
        root_id=found.root.id if found.root else None,
        state=AppealState.LODGED,
        grounds=[word for word in (*Ground, NEW_EVIDENCE) if word in body.grounds],
        text=body.text.strip(),
        representative=body.representative.strip(),
        late_cause=body.late_cause.strip() if late else "",
        hearing_wished=body.hearing,
        return_to=case.stage,
        closed_as=case.closed_as,
        closed_at=case.closed_at,
        closed_from=case.return_to if case.closed_as else None,
        lodged_at=setting.now,
    )
    session.add(appeal)
    await session.flush()
    wanted = set(body.claims)
    session.add_all(
        AppealClaim(appeal_id=appeal.id, claim_id=claim.id)
        for claim in found.claims
        if not wanted or str(claim.id) in wanted
    )
    await session.flush()
    case.offers_failed = 0
    told = await appeal_panels.ask_chair(setting, appeal)
    if case.advisor_id is not None:
        told += (Told("appeal_lodged_staff", case.advisor_id),)
    return Outcome(
        result={"appeal": str(appeal.id), "level": appeal.level, "late": late},
        told=told,
        logged={"appeal": str(appeal.id), "level": appeal.level, "matter": appeal.matter, "late": late},
    )


# admitted, or not


async def _may_admit(setting: Setting) -> None:
    """Raises `Refused('reasons_missing')`: why an appeal that came late is heard has to be said."""
    appeal = await the_open(setting)
    if appeal.late_cause and not setting.body.late_accepted.strip():
        raise Refused("reasons_missing")


async def begin_limit(setting: Setting, key: str, *, instead_of: str) -> datetime:
    """Let the limit `key` of the appeal begin where `instead_of` ends, and answer when it is due."""
    session, case = setting.session, setting.case
    await limits.end(session, case_id=case.id, key=instead_of, now=setting.now)
    begun = await limits.begin(
        session, case=case, policy=setting.programme.policy, limit=ladder.LIMIT[key], now=setting.now
    )
    case.due_at = begun.due_at
    for seat in await appeals.seats_of(session, await the_open(setting)):
        if seat.state is SeatState.ACCEPTED:
            seat.due_at = begun.due_at
    return begun.due_at


async def _admit(setting: Setting) -> Outcome:
    appeal = await the_open(setting)
    appeal.state, appeal.admitted_at = AppealState.ADMISSIBLE, setting.now
    appeal.late_accepted = setting.body.late_accepted.strip() if appeal.late_cause else ""
    due = await begin_limit(setting, "appeal_naming", instead_of="appeal_admissibility")
    return Outcome(result={"due_at": due.isoformat()}, logged={"appeal": str(appeal.id)})


async def _may_reject(setting: Setting) -> None:
    if not setting.body.reasons.strip():
        raise Refused("reasons_missing")
    if not setting.body.next_step.strip():
        raise Refused("next_step_missing")


def is_final(setting: Setting, appeal: Appeal) -> bool:
    """Whether nobody reviews what is ruled on `appeal`."""
    return level_for(REVIEWER[appeal.level], levels=setting.programme.policy.appeal_levels) is None


def until(setting: Setting, appeal: Appeal) -> datetime | None:
    """How long a ruling on `appeal` can be contested; a final one counts until it is deemed to be received."""
    if not is_final(setting, appeal):
        return None
    policy, zone = setting.programme.policy, setting.case.zone
    return deadlines.due(policy.calendar, setting.now, policy.deemed_receipt, zone=zone, learner=False)


def facts(setting: Setting, appeal: Appeal, ruling: Ruling) -> dict[str, str]:
    """What the decision that carries a ruling keeps of it."""
    final = {"final": "true"} if is_final(setting, appeal) else {}
    return {"appeal": str(appeal.id), "level": str(appeal.level), "ruling": ruling.value, **final}


def stays_open(setting: Setting, window: datetime) -> None:
    """Let the case stay open for as long as the newest letter can be contested; a date given moves no earlier."""
    known = setting.case.appeal_until
    setting.case.appeal_until = max(known, window) if known else window


async def _reject(setting: Setting) -> Outcome:
    appeal = await the_open(setting)
    decision = await decisions.record(
        setting,
        kind=DecisionKind.APPEAL,
        capacity=setting.programme.institution.appeal_body.in_(setting.case.language),
        reasons=setting.body.reasons.strip(),
        next_step=setting.body.next_step.strip(),
        facts=facts(setting, appeal, Ruling.INADMISSIBLE),
        role=setting.command.role,
        until=until(setting, appeal),
    )
    appeal.state, appeal.outcome = AppealState.INADMISSIBLE, Ruling.INADMISSIBLE
    appeal.ended_at = setting.now
    await appeal_panels.dissolve(setting, appeal, served=SeatState.FINAL)
    stays_open(setting, decision.appeal_until)
    return Outcome(
        result={"decision": str(decision.id)},
        decision=decision,
        logged={"appeal": str(appeal.id), "decision": str(decision.id)},
    )


# heard


async def _may_name(setting: Setting) -> None:
    await appeal_panels.check_members(setting, await the_open(setting))


async def _name(setting: Setting) -> Outcome:
    appeal = await the_open(setting)
    setting.case.offers_failed = 0
    return Outcome(
        told=await appeal_panels.ask_members(setting, appeal),
        logged={"appeal": str(appeal.id), "members": list(setting.body.members)},
    )


async def _convene(setting: Setting) -> Outcome:
    appeal = await the_open(setting)
    appeal.state, appeal.panel_at = AppealState.PANEL_NAMED, setting.now
    await begin_limit(setting, "appeal_ruling", instead_of="appeal_naming")
    return Outcome(logged={"appeal": str(appeal.id)})


async def _ask_hearing(setting: Setting) -> Outcome:
    appeal = await the_open(setting)
    appeal.hearing_wished = True
    return Outcome(logged={"appeal": str(appeal.id)})


def _starts(setting: Setting) -> datetime:
    """When the hearing begins. Raises `Refused('malformed')` for a time that is none."""
    try:
        at = time.fromisoformat(setting.body.time)
    except ValueError as wrong:
        raise Refused("malformed", field="time") from wrong
    return datetime.combine(setting.body.day, at.replace(tzinfo=None), ZoneInfo(setting.case.zone))


async def _may_call(setting: Setting) -> None:
    """Raises `Refused`: malformed, notice_short where the learner is left less notice than the policy does."""
    body, policy, zone = setting.body, setting.programme.policy, setting.case.zone
    if not 0 < len(body.place.strip()) <= LONGEST_PLACE:
        raise Refused("malformed", field="place")
    if len(body.interpreter.strip()) > LONGEST_NAME:
        raise Refused("malformed", field="interpreter")
    if not SHORTEST <= body.minutes <= LONGEST:
        raise Refused("malformed", field="minutes")
    first = deadlines.add(policy.calendar, deadlines.local_day(setting.now, zone), policy.hearing_notice)
    if _starts(setting) <= setting.now or (body.day < first and not body.agreed):
        raise Refused("notice_short", notice=str(policy.hearing_notice))


async def _call(setting: Setting) -> Outcome:
    appeal, starts = await the_open(setting), _starts(setting)
    hearing = AppealHearing(
        id=new_id(),
        appeal_id=appeal.id,
        at=starts,
        minutes=lengthened(setting.body.minutes, setting.case.extra_time),
        place=setting.body.place.strip(),
        interpreter=setting.body.interpreter.strip(),
        called_at=setting.now,
        command_id=UUID(setting.command.id),
    )
    setting.session.add(hearing)
    await setting.session.flush()
    seats = await appeals.seats_of(setting.session, appeal)
    people = [setting.case.learner_id, *(seat.person_id for seat in seats)]
    invited = appeals.invitation(await appeals.hearings_of(setting.session, appeal))
    facts = {"due": starts.isoformat(), **invited}
    return Outcome(
        result={"hearing": str(hearing.id)},
        told=tuple(Told("hearing_called", person, facts) for person in people),
        logged={"appeal": str(appeal.id), "at": starts.isoformat()},
    )


# taken back


async def _may_withdraw(setting: Setting) -> None:
    if not setting.body.confirmed:
        raise Refused("confirmation_missing")


async def _withdraw(setting: Setting) -> Outcome:
    """The appeal ends, and a hearing that was still to come leaves everybody's calendar."""
    appeal = await the_open(setting)
    appeal.state, appeal.ended_at = AppealState.WITHDRAWN, setting.now
    people = await appeal_panels.dissolve(setting, appeal, served=SeatState.CANCELLED)
    hearings = await appeals.hearings_of(setting.session, appeal)
    ahead = bool(hearings) and hearings[-1].at > setting.now
    facts = appeals.invitation(hearings, cancels=True) if ahead else {}
    staff = (Told("appeal_withdrawn_staff", person, facts) for person in people)
    return Outcome(
        told=(Told("appeal_withdrawn", setting.case.learner_id, facts), *staff), logged={"appeal": str(appeal.id)}
    )


CONTENT = {
    "lodge_appeal": Content(_may_lodge, _lodge, _something_to_contest),
    "admit_appeal": Content(_may_admit, _admit),
    "reject_appeal": Content(_may_reject, _reject),
    "name_appeal_panel": Content(_may_name, _name),
    "convene_appeal": Content(carry=_convene),
    "ask_hearing": Content(carry=_ask_hearing),
    "call_hearing": Content(_may_call, _call),
    "withdraw_appeal": Content(_may_withdraw, _withdraw),
}
