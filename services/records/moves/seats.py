"""Seats are offered, taken after the conflict screen, and given back."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from services.records import (
    appeals,
    appointments,
    assignments,
    cases,
    due_dates,
    effects,
    independence,
    judgements,
    limits,
    moderating,
    panels,
)
from services.records.moves import appeal_panels, documentation, moderation, reading, requests, transferring
from services.records.moves.content import Content, Outcome, Setting, Told
from services.records.tables.assessment import Assignment, Judgement, Standing
from services.records.tables.cases import Claim
from services.rules import conflicts
from services.rules import limits as ladder
from services.rules.assignment import DeclineReason
from services.rules.case import OPEN_SEATS, READING_SEATS, SEAT_ROLE, SeatKind, SeatState, Stage
from services.rules.claims import ClaimState
from services.rules.people import Role
from services.rules.refusals import Refused
from services.rules.second_reading import Way


async def _seat(setting: Setting, *states: SeatState) -> Assignment:
    """The sender's own seat that the command is about, in one of `states`. Raises `Refused('offer_ended')`."""
    for seat in await assignments.of_case(setting.session, setting.case.id, *states):
        if str(seat.person_id) == setting.command.actor and str(seat.id) == setting.command.subject:
            return seat
    raise Refused("offer_ended")


async def offer_again(setting: Setting, claims: list[Claim], *, kind: SeatKind = SeatKind.FIRST) -> tuple[Told, ...]:
    """Offer a seat of `kind` over `claims` to whoever comes next; in a panel, which reads all of them, what is free."""
    if kind is SeatKind.PANEL:
        return await panels.fill_up(
            setting.session,
            case=setting.case,
            programme=setting.programme,
            claims=await moderating.unsettled(setting),
            now=setting.now,
        )
    return await assignments.fill(
        setting.session, case=setting.case, programme=setting.programme, claims=claims, now=setting.now, kind=kind
    )


async def free_claims(setting: Setting, seats: list[Assignment], *, kind: SeatKind = SeatKind.FIRST) -> list[Claim]:
    """Claims of `seats` of `kind` that no open seat of that kind holds any more."""
    of_kind = [seat for seat in seats if seat.seat is kind]
    covered = {claim.id for claim in await assignments.claims_of(setting.session, of_kind)}
    free = await assignments.unseated(setting.session, setting.case, kind=kind)
    return [claim for claim in free if claim.id in covered]


async def ask_the_next(setting: Setting, seats: list[Assignment]) -> tuple[Told, ...]:
    """`seats` came back: the next person is asked, or after too many failures a lead has to find one."""
    case = setting.case
    case.offers_failed += 1
    if any(seat.seat in appeals.KINDS for seat in seats):
        return await appeal_panels.left(setting)
    if case.offers_failed >= setting.programme.policy.offer_failures:
        return await assignments.lead_told(setting.session, case=case)
    told: tuple[Told, ...] = ()
    for kind in sorted({seat.seat for seat in seats}, key=list(SeatKind).index):
        told += await offer_again(setting, await free_claims(setting, seats, kind=kind), kind=kind)
    return told


async def _accept_portfolio(setting: Setting) -> Outcome:
    setting.case.offers_failed = 0
    claims = await documentation.claims_to_assess(setting)
    if not claims:
        people = await effects.staff(setting.session, case=setting.case, role=Role.DECISION_MAKER)
        return Outcome(told=tuple(Told("decision_needed", person) for person in people))
    if setting.programme.policy.readers_per_claim == 0:
        setting.case.moderation = Way.PANEL  # which is called as the case goes there by itself
        return Outcome()
    told = await offer_again(setting, claims)
    told += await reading.known_of_the_programme(setting, claims)
    return Outcome(told=told, logged={"offers": sum(one.notice == "offer" for one in told)})


async def _may_accept(setting: Setting) -> None:
    """Raises `Refused`: offer_ended, screen_unsigned, conflict_of_interest for a tie that is declared."""
    seat = await _seat(setting, SeatState.OFFERED)
    set_aside = await independence.set_aside(setting.session, case=setting.case, person=seat.person_id)
    conflicts.check_screen(setting.body.screen.answers, setting.body.screen.signed, set_aside=set_aside)


async def _may_take_part(setting: Setting) -> None:
    """Raises `Refused`: conflict_of_interest, separation_of_duties."""
    person = UUID(setting.command.actor)
    await independence.check(setting.session, case=setting.case, person=person, role=setting.command.role)


async def _accept(setting: Setting) -> Outcome:
    session, case, now = setting.session, setting.case, setting.now
    seat = await _seat(setting, SeatState.OFFERED)
    await independence.enrol(session, case=case, person=seat.person_id, role=SEAT_ROLE[seat.seat], now=now)
    seat.state, seat.answered_at, seat.screen = SeatState.ACCEPTED, now, asdict(setting.body.screen)
    await limits.end(session, case_id=case.id, key=f"offer:{seat.id}", now=now)
    case.offers_failed = 0
    if case.stage is Stage.MODERATION:
        seat.due_at = case.due_at
    if seat.seat in appeals.KINDS:
        await appeal_panels.seated(setting, seat)
    if case.stage in requests.READ_WITHIN:
        seat.due_at = _due(setting)
        if case.due_at is None or seat.due_at > case.due_at:
            # The stage's own ladder follows whoever started last, or nobody would remind them.
            await limits.extend(session, case=case, policy=setting.programme.policy, now=now, until=seat.due_at)
    told, drawn = await reading.known_of_the_assessor(setting, seat)
    return Outcome(
        result={"assignment": str(seat.id)}, told=told, logged={"assignment": str(seat.id), "kind": seat.seat, **drawn}
    )


def _due(setting: Setting) -> datetime:
    limit = ladder.LIMIT[requests.READ_WITHIN.get(setting.case.stage, "assessment")]
    return due_dates.due_of(case=setting.case, policy=setting.programme.policy, limit=limit, start=setting.now)


async def _start(setting: Setting) -> Outcome:
    if setting.case.moderation is Way.PANEL:
        return Outcome(told=await moderating.lead_into(setting, way=Way.PANEL), leads_to=Stage.MODERATION)
    for claim in await documentation.claims_to_assess(setting):
        claim.state = ClaimState.IN_ASSESSMENT
    for seat in await assignments.of_case(setting.session, setting.case.id, SeatState.ACCEPTED):
        seat.due_at = _due(setting)
    return Outcome()


async def _may_decline(setting: Setting) -> None:
    await _seat(setting, SeatState.OFFERED)
    if setting.body.reason not in set(DeclineReason):
        raise Refused("malformed", field="reason")


async def _decline(setting: Setting) -> Outcome:
    seat = await _seat(setting, SeatState.OFFERED)
    seat.answered_at = setting.now
    reason = setting.body.reason
    await assignments.end(setting.session, seat=seat, state=SeatState.DECLINED, now=setting.now, reason=reason)
    return Outcome(told=await ask_the_next(setting, [seat]), logged={"assignment": str(seat.id), "reason": reason})


async def _may_declare(setting: Setting) -> None:
    """Raises `Refused`: offer_ended, screen_unsigned, tie_missing where none is declared."""
    await _seat(setting, *OPEN_SEATS)
    ties = conflicts.declared(setting.body.screen.answers)
    if not setting.body.screen.signed:
        raise Refused("screen_unsigned", question="signature")
    if not ties:
        raise Refused("tie_missing")


async def _declare(setting: Setting) -> Outcome:
    """Bar the person, void what they found, and ask the next one for every claim they held."""
    session, case, now = setting.session, setting.case, setting.now
    seat = await _seat(setting, *OPEN_SEATS)
    tie = str(min(conflicts.declared(setting.body.screen.answers)))
    await independence.exclude(session, case=case, person=seat.person_id, tie=tie, declared=True, now=now)
    held = [one for one in await assignments.of_case(session, case.id, *OPEN_SEATS) if one.person_id == seat.person_id]
    found_late = any(one.state is not SeatState.OFFERED for one in held)
    cancelled = await _without(setting, held)
    for one in held:
        one.screen, one.answered_at = asdict(setting.body.screen), now
        await assignments.end(session, seat=one, state=SeatState.CONFLICT, now=now)
    await _discard_drafts(setting, held)
    freed = await reading.take_away(setting, [one for one in held if one.seat in READING_SEATS])
    recorded = any(one.seat is SeatKind.PANEL for one in held) and case.stage is Stage.DECISION_PENDING
    told = cancelled + (await _panel_anew(setting) if recorded else await _replaced(setting, held))
    if found_late:
        told += await assignments.lead_told(session, case=case)
    return Outcome(
        told=told,
        logged={"assignment": str(seat.id), "tie": tie},
        leads_to=Stage.MODERATION if recorded else reading.read_anew_in(freed, held, stage=case.stage),
    )


async def _replaced(setting: Setting, held: list[Assignment]) -> tuple[Told, ...]:
    """The next ones are asked; once a panel is to settle the case, or has to, nobody reads in an author's stead."""
    in_panel = any(one.seat is SeatKind.PANEL for one in held)
    if setting.case.moderation is None or in_panel:
        return await ask_the_next(setting, held)
    return await moderation.to_panel(setting)


async def _panel_anew(setting: Setting) -> tuple[Told, ...]:
    """What a panel recorded with somebody who is barred is void, and another panel is called."""
    session, case = setting.session, setting.case
    found = await judgements.settled_by(session, case.id, Standing.PANEL)
    await judgements.stand_no_more(session, sorted(found))
    await panels.rise(session, case_id=case.id, now=setting.now)
    return await moderating.lead_into(setting, way=Way.PANEL)


async def _without(setting: Setting, held: list[Assignment]) -> tuple[Told, ...]:
    """What was to be shown to a barred person is not shown to them: the appointment that they ordered is cancelled."""
    row = await appointments.open_one(setting.session, setting.case.id)
    if row is None or row.assignment_id not in {seat.id for seat in held}:
        return ()
    there = await cases.meeting(setting.session, setting.case)
    barred = {str(seat.person_id) for seat in held}
    people = [UUID(person) for person in there.people if person not in barred] if there else []
    return await appointments.give_up(
        setting.session, row, case=setting.case, people=people, reason="conflict", now=setting.now
    )


async def _discard_drafts(setting: Setting, held: list[Assignment]) -> None:
    """Drafts go; a locked judgement stays in the records, but its seat ended in conflict and it no longer counts."""
    await setting.session.flush()
    await setting.session.exec(
        sa.delete(Judgement).where(
            col(Judgement.assignment_id).in_([seat.id for seat in held]), col(Judgement.locked_at).is_(None)
        )
    )


async def _read_masked(setting: Setting) -> None:
    """Raises `Refused('screen_settled')` for whoever knew the name from the start, or has answered since."""
    mine = [one for one in await _sent_in(setting) if setting.command.subject in ("", str(one.id))]
    if not setting.programme.policy.mask_identity or all(one.screen_again for one in mine):
        raise Refused("screen_settled")


async def _sent_in(setting: Setting) -> list[Assignment]:
    """The seats in which the sender has judged."""
    every = await assignments.of_case(setting.session, setting.case.id, SeatState.SUBMITTED)
    return [one for one in every if str(one.person_id) == setting.command.actor]


async def _may_screen_again(setting: Setting) -> None:
    """Raises `Refused`: offer_ended, screen_unsigned, conflict_of_interest for a tie, which is declared instead."""
    seat = await _seat(setting, SeatState.SUBMITTED)
    set_aside = await independence.set_aside(setting.session, case=setting.case, person=seat.person_id)
    conflicts.check_screen(setting.body.screen.answers, setting.body.screen.signed, set_aside=set_aside)


async def _screen_again(setting: Setting) -> Outcome:
    seat = await _seat(setting, SeatState.SUBMITTED)
    seat.screen_again = asdict(setting.body.screen) | {"at": setting.now.isoformat()}
    return Outcome(logged={"assignment": str(seat.id)})


CONTENT = {
    "accept_portfolio": Content(carry=_accept_portfolio, beforehand=transferring.every_transfer_checked),
    "accept_offer": Content(_may_accept, _accept, _may_take_part),
    "decline_offer": Content(_may_decline, _decline),
    "declare_conflict": Content(_may_declare, _declare),
    "screen_again": Content(_may_screen_again, _screen_again, _read_masked),
    "start_assessment": Content(carry=_start),
}
