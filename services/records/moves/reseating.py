"""Seats that end without their holder's word: an offer nobody answered, an assessment far overdue, a lead's change."""

from uuid import UUID

from services.records import assignments, confirmations, independence, moderating, panels, second_readings
from services.records.ids import new_id
from services.records.moves import reading, seats
from services.records.moves.content import Content, Outcome, Setting, Told
from services.records.tables.assessment import Assignment
from services.records.tables.cases import Claim, ConflictOverride
from services.rules import limits as ladder
from services.rules.case import OPEN_SEATS, READING_SEATS, SEAT_ROLE, SeatKind, SeatState
from services.rules.refusals import Refused
from services.rules.second_reading import Way

ENDS_AS: dict[SeatState, tuple[SeatState, str]] = {
    SeatState.OFFERED: (SeatState.CANCELLED, "offer_ended"),
    SeatState.ACCEPTED: (SeatState.DISMISSED, "assessment_dismissed"),
    SeatState.SUBMITTED: (SeatState.DISMISSED, "assessment_dismissed"),
}
"""How a seat ends that is taken back, and the mail that says so without blame."""


async def take_back(setting: Setting, seat: Assignment) -> Told:
    """End `seat` and say so to whoever had it; a draft stays theirs and is never read by anybody."""
    state, notice = ENDS_AS[seat.state]
    await assignments.end(setting.session, seat=seat, state=state, now=setting.now)
    return Told(notice, seat.person_id, {"assignment": str(seat.id)})


async def _lapse_offer(setting: Setting) -> Outcome:
    overdue = ladder.subject_of(setting.command.subject)
    offered = await assignments.of_case(setting.session, setting.case.id, SeatState.OFFERED)
    seat = next((one for one in offered if str(one.id) == overdue), None)
    if seat is None:
        raise Refused("offer_ended")
    await assignments.end(setting.session, seat=seat, state=SeatState.EXPIRED, now=setting.now)
    ended = Told("offer_ended", seat.person_id, {"assignment": overdue})
    return Outcome(told=(ended, *await seats.ask_the_next(setting, [seat])), logged={"assignment": overdue})


async def _reoffer(setting: Setting) -> Outcome:
    """Take back what is overdue and offer it to others; what was found and locked stays.

    Overdue are judgements that were not sent in, and those that their author has not confirmed on a newer version.
    """
    accepted = await assignments.of_case(setting.session, setting.case.id, SeatState.ACCEPTED)
    late = [seat for seat in accepted if seat.due_at is None or seat.due_at <= setting.now]
    late += await confirmations.awaited(setting.session, setting.case.id)
    told: tuple[Told, ...] = tuple([await take_back(setting, seat) for seat in late])
    setting.case.offers_failed = 0
    await setting.session.flush()
    told += await reading.offer_what_is_free(setting, READING_SEATS)
    return Outcome(told=told, logged={"assignments": [str(seat.id) for seat in late]})


# what a lead changes


async def _ending(setting: Setting) -> Assignment | None:
    """The seat that the lead ends, if one is named. Raises `Refused`: offer_ended, judgement_locked."""
    if setting.body.assignment is None:
        return None
    for seat in await assignments.of_case(setting.session, setting.case.id, *OPEN_SEATS):
        if str(seat.id) == setting.body.assignment:
            if seat.state is SeatState.SUBMITTED and not await _unconfirmed(setting, seat):
                raise Refused("judgement_locked")
            return seat
    raise Refused("offer_ended")


async def _unconfirmed(setting: Setting, seat: Assignment) -> bool:
    """Whether the holder of `seat` still has to confirm what they sent in."""
    return seat.id in {one.id for one in await confirmations.awaited(setting.session, setting.case.id)}


async def _to_seat(setting: Setting, ending: Assignment | None) -> tuple[SeatKind, list[Claim]]:
    """The claims that need somebody, and in which seat: in a panel, in the one that ends, or the first that is free."""
    kind = ending.seat if ending is not None else None
    if SeatKind.PANEL is kind or (ending is None and setting.case.moderation is Way.PANEL):
        return SeatKind.PANEL, await moderating.unsettled(setting)
    if ending is not None:
        return ending.seat, await assignments.claims_of(setting.session, [ending])
    free = await second_readings.places(setting.session, setting.case, setting.programme.policy)
    return next(iter(free.items()), (SeatKind.FIRST, []))


async def _somebody_to_seat(setting: Setting) -> None:
    """A seat can be ended, or a claim needs somebody. Raises `Refused('claims_missing')`."""
    held = await assignments.of_case(setting.session, setting.case.id, *assignments.BUSY)
    if held or await confirmations.awaited(setting.session, setting.case.id):
        return
    if not (await _to_seat(setting, None))[1]:
        raise Refused("claims_missing")


async def _may_reassign(setting: Setting) -> None:
    """Raises `Refused`: reasons_missing, offer_ended, judgement_locked, claims_missing, and why a person cannot."""
    if not setting.body.reason.strip():
        raise Refused("reasons_missing")
    ending = await _ending(setting)
    kind, claims = await _to_seat(setting, ending)
    if not claims:
        raise Refused("claims_missing")
    if setting.body.assessor is None:
        return
    person = await independence.named(
        setting.session, case=setting.case, person=setting.body.assessor, role=SEAT_ROLE[kind]
    )
    if ending is not None and ending.person_id == person:
        raise Refused("not_qualified")
    known = await assignments.candidates(
        setting.session, case=setting.case, programme=setting.programme, claims=claims, now=setting.now, kind=kind
    )
    candidate = {one.person: one for one in known}[str(person)]
    if candidate.excluded:
        raise Refused("conflict_of_interest")
    if not candidate.calibrated:
        raise Refused("not_calibrated")
    wanted = frozenset(claim.competency for claim in claims)
    # Of a panel only some need be qualified, and its votes show whether enough of them were.
    if kind is not SeatKind.PANEL and candidate.covers(wanted) != wanted:
        raise Refused("not_qualified")
    if kind is SeatKind.PANEL and ending is None:
        await panels.place_left(setting.session, case_id=setting.case.id, policy=setting.programme.policy)


async def _reassign(setting: Setting) -> Outcome:
    # Why stays on the command's row: a seat that ends carries no word of blame.
    setting.case.offers_failed = 0
    ending = await _ending(setting)
    kind, claims = await _to_seat(setting, ending)
    told: tuple[Told, ...] = (await take_back(setting, ending),) if ending is not None else ()
    if setting.body.assessor is None:
        told += await seats.offer_again(setting, claims, kind=kind)
    else:
        told += (await _ask(setting, ending, claims, kind=kind),)
    return Outcome(told=told, logged={"ended": str(ending.id) if ending else "", "claims": len(claims)})


async def _ask(setting: Setting, ending: Assignment | None, claims: list[Claim], *, kind: SeatKind) -> Told:
    """The person whom the lead names is asked; whoever takes over from a chair leads, unless they had a part before."""
    session, case, person = setting.session, setting.case, UUID(setting.body.assessor)
    leads = ending is not None and ending.chair and person not in await panels.led_before(session, case.id)
    seat = await assignments.offer(
        session, case=case, programme=setting.programme, person=person, claims=claims, now=setting.now, kind=kind
    )
    seat.chair = leads
    await session.flush()
    return assignments.offered(seat)


# a conflict that a lead sets aside


async def _may_override(setting: Setting) -> None:
    """Only what was declared as `other`, and only in writing. Raises `Refused`: reasons_missing, override_barred."""
    if not setting.body.reason.strip():
        raise Refused("reasons_missing")
    if setting.body.person not in map(str, await independence.overridable(setting.session, setting.case.id)):
        raise Refused("override_barred")


async def _something_to_set_aside(setting: Setting) -> None:
    """Raises `Refused('override_barred')`."""
    if not await independence.overridable(setting.session, setting.case.id):
        raise Refused("override_barred")


async def _override(setting: Setting) -> Outcome:
    """The person may be asked again; what they declared and why it was set aside stays on record."""
    session, case, person = setting.session, setting.case, UUID(setting.body.person)
    ended = await assignments.of_case(session, case.id, SeatState.CONFLICT)
    declared = next((str((one.screen or {}).get("note", "")) for one in reversed(ended) if one.person_id == person), "")
    session.add(
        ConflictOverride(
            id=new_id(),
            case_id=case.id,
            person_id=person,
            declared=declared,
            reason=setting.body.reason.strip(),
            overridden_by=UUID(setting.command.actor),
            command_id=UUID(setting.command.id),
            at=setting.now,
        )
    )
    await independence.lift(session, case=case, person=person)
    return Outcome(logged={"person": str(person)})


CONTENT = {
    "override_conflict": Content(_may_override, _override, _something_to_set_aside),
    "lapse_offer": Content(carry=_lapse_offer),
    "reoffer_seats": Content(carry=_reoffer),
    "reassign": Content(_may_reassign, _reassign, _somebody_to_seat),
}
