"""The questions that a move asks of the case before it is taken; each answers a refusal's code, or nothing.

Guards here look at the case's own state. What was written (reasons, ratings, files) is checked by the records.
"""

from collections.abc import Callable

from services.rules.appointments import AppointmentState
from services.rules.case import (
    APPEAL_SEATS,
    SEAT_ROLE,
    AppealState,
    CaseState,
    ClosedAs,
    Command,
    Missing,
    SeatKind,
    SeatState,
    Stage,
)
from services.rules.people import Role
from services.rules.second_reading import Way

Guard = Callable[[CaseState, Command], str | None]
"""Answers the code of its refusal, or None where it has nothing against the move."""

REOPENED_AT: dict[ClosedAs | None, Stage] = {
    ClosedAs.COMPLETED: Stage.ELIGIBLE,
    ClosedAs.NOT_ELIGIBLE: Stage.ELIGIBILITY_REVIEW,
}
"""Where a closed case lives again; every other one goes back to where it came from."""


def has_claims(case: CaseState, _: Command) -> str | None:
    """There is something to recognise."""
    return None if case.open_claims else "claims_missing"


def another_claim(case: CaseState, _: Command) -> str | None:
    """A claim can be taken back alone while another one is left; to take back the last one is to withdraw."""
    return None if case.open_claims > 1 else "last_claim"


def advisor_named(case: CaseState, command: Command) -> str | None:
    """The case takes itself only when an advisor was found; a lead names one."""
    return None if case.advisor or command.role is Role.LEAD else "advisor_missing"


def own_or_on_behalf(case: CaseState, command: Command) -> str | None:
    """A case is sent by its learner, or by the advisor who recorded it with their consent."""
    return None if command.role is Role.LEARNER or case.intake_by == command.actor else "not_your_move"


def has_advisor(case: CaseState, _: Command) -> str | None:
    """Somebody accompanies the case."""
    return None if case.advisor else "advisor_missing"


def informed(case: CaseState, command: Command) -> str | None:
    """Where an information meeting comes first, nobody opens a portfolio before it; the law asks for none."""
    return None if case.informed or command.role is Role.CLOCK else "meeting_missing"


def meeting_missing(case: CaseState, _: Command) -> str | None:
    """An information meeting comes first, and none is on record."""
    return "meeting_not_asked" if case.informed else None


def calendar_behind(case: CaseState, _: Command) -> str | None:
    """The institution changed its calendar, and the dates of the case do not rest on it yet."""
    return None if case.calendar_behind else "calendar_same"


def newer_version_open(case: CaseState, _: Command) -> str | None:
    """A newer version of the programme takes new cases, so that the learner may choose it."""
    return None if case.version_behind else "version_same"


def by_a_person_or_by_law(case: CaseState, command: Command) -> str | None:
    """Silence accepts nothing but where the policy says that the law has it so."""
    return None if command.role is not Role.CLOCK or case.accepted_by_silence else "not_your_move"


def has_to_confirm(case: CaseState, _: Command) -> str | None:
    """The policy asks the learner to say from time to time that they go on."""
    return None if case.confirms else "nothing_to_confirm"


def no_refusal_proposed(case: CaseState, _: Command) -> str | None:
    """A refusal is proposed once."""
    return "refusal_waiting" if case.refusal_proposed else None


def refusal_proposed(case: CaseState, _: Command) -> str | None:
    """Nobody is refused before the person who knows the case has proposed it."""
    return None if case.refusal_proposed else "refusal_not_proposed"


def _states(case: CaseState, command: Command) -> set[SeatState]:
    """The states of the seats that the actor has in this role: of the one that the command names, or of all."""
    return {
        seat.state
        for seat in case.seats
        if seat.person == command.actor and SEAT_ROLE[seat.kind] is command.role and command.subject in ("", seat.id)
    }


def seat_open(case: CaseState, command: Command) -> str | None:
    """The actor holds this seat or is offered it."""
    return None if _states(case, command) else "offer_ended"


def seat_on_offer(case: CaseState, command: Command) -> str | None:
    """The seat is offered to the actor."""
    return None if SeatState.OFFERED in _states(case, command) else "offer_ended"


def seat_accepted(case: CaseState, command: Command) -> str | None:
    """The actor has accepted the seat and not yet sent in its judgements."""
    return None if SeatState.ACCEPTED in _states(case, command) else "offer_ended"


def seat_sent_in(case: CaseState, command: Command) -> str | None:
    """The actor has sent in the judgements of the seat."""
    return None if SeatState.SUBMITTED in _states(case, command) else "offer_ended"


def reasons_unclear(case: CaseState, _: Command) -> str | None:
    """Somebody is asked to say more clearly why they found what they found."""
    return None if case.unclear else "nothing_to_clarify"


def offer_still_open(case: CaseState, command: Command) -> str | None:
    """The offer that a deadline is about has not been answered."""
    offered = {seat.id for seat in case.seats if seat.state is SeatState.OFFERED}
    return None if command.subject.partition("offer:")[2].partition("/")[0] in offered else "offer_ended"


def every_seat_accepted(case: CaseState, _: Command) -> str | None:
    """Each open claim has an accepted, screened first seat, or a panel reads the file itself."""
    if case.moderation is Way.PANEL:
        return None
    first = [seat for seat in case.seats if seat.kind is SeatKind.FIRST]
    waiting = case.unseated_claims or any(seat.state is SeatState.OFFERED for seat in first)
    return "seats_open" if waiting or not first else None


def only_transfers(case: CaseState) -> bool:
    """Whether nothing is left that anybody would assess."""
    return case.open_claims == case.open_transfers


def transfers_open(case: CaseState, _: Command) -> str | None:
    """Something that was certified elsewhere waits to be settled."""
    return None if case.open_transfers else "nothing_to_check"


def gaps_left(case: CaseState, _: Command) -> str | None:
    """Something was not yet demonstrated, so that there is something to plan."""
    return None if case.gaps else "gaps_missing"


def plan_proposed(case: CaseState, _: Command) -> str | None:
    """A plan waits for the learner's answer."""
    return None if case.planned else "plan_missing"


def leaves_a_plan(case: CaseState, command: Command) -> str | None:
    """A learner ends a gap plan early; whatever else is decided ends by itself with the time to appeal."""
    early = command.role is Role.LEARNER and case.stage is not Stage.GAP_TRAINING
    return "not_your_move" if early else None


def others_still_judge(case: CaseState, command: Command) -> bool:
    """Whether, the actor's own seat aside, a claim is without judgement."""
    others = [seat for seat in case.seats if seat.person != command.actor]
    return bool(case.unseated_claims) or any(seat.state is not SeatState.SUBMITTED for seat in others)


def confers(case: CaseState, _: Command) -> str | None:
    """The two who read still try to settle it between them."""
    return None if case.moderation is Way.CONFER else "not_conferring"


def has_read(case: CaseState, command: Command) -> str | None:
    """The actor wrote one of the readings; the clock, which ends a conferral in time, did not have to."""
    read = command.role is Role.CLOCK or SeatState.SUBMITTED in _states(case, command)
    return None if read else "offer_ended"


def panel_sits(case: CaseState, _: Command) -> str | None:
    """The case is a panel's to settle."""
    return None if case.moderation is Way.PANEL else "no_panel"


def _chairs(case: CaseState, command: Command, state: SeatState) -> bool:
    return any(
        seat.chair and seat.state is state and seat.kind is SeatKind.PANEL and seat.person == command.actor
        for seat in case.seats
    )


def chairs(case: CaseState, command: Command) -> str | None:
    """The actor leads the panel that sits."""
    return None if _chairs(case, command, SeatState.ACCEPTED) else "not_chair"


def signs_here(case: CaseState, command: Command) -> str | None:
    """Where the programme lets a panel decide, its chair signs, and nobody else; otherwise no panel does."""
    if case.panel_decides is not (command.role is Role.PANEL):
        return "not_your_move"
    return None if command.role is not Role.PANEL or _chairs(case, command, SeatState.SUBMITTED) else "not_chair"


def round_left(case: CaseState, _: Command) -> str | None:
    """A round of requests for more evidence is left, or one is open that more can be asked in."""
    return None if case.rounds_left or case.stage is Stage.MORE_EVIDENCE else "rounds_exhausted"


def reports_came(case: CaseState, _: Command) -> str | None:
    """Everything is answered, and the last report that was waited for has come."""
    return None if case.missing is Missing.NOTHING else "answers_missing"


def waits_otherwise(case: CaseState, _: Command) -> str | None:
    """Only a report is missing where the learner was waited for, or the other way round."""
    now = case.missing is Missing.REPORTS
    return None if case.missing is not Missing.NOTHING and now is not case.awaits_report else "answers_missing"


def no_round_left(case: CaseState, _: Command) -> str | None:
    """Another round is allowed only when all of the programme's are used."""
    return "round_left" if case.rounds_left else None


def conducts(case: CaseState, command: Command) -> str | None:
    """Of those who judge, only whoever conducts the appointment: to anybody else there is none."""
    if command.role in (Role.LEARNER, Role.LEAD):
        return None
    people = case.appointment.people if case.appointment else ()
    return None if command.actor in people else "appointment_moved_on"


def appointment_is(*states: AppointmentState) -> Guard:
    """A guard that is content while the case's appointment is in one of `states`."""

    def guard(case: CaseState, _: Command) -> str | None:
        there = case.appointment is not None and case.appointment.state in states
        return None if there else "appointment_moved_on"

    guard.__doc__ = f"The appointment is `{'` or `'.join(states)}`."
    return guard


def no_appointment_open(case: CaseState, _: Command) -> str | None:
    """The appointment was recorded, or there will be none any more."""
    return "appointment_open" if case.appointment else None


def not_paused(case: CaseState, _: Command) -> str | None:
    """A case stands still once at a time."""
    return "on_hold" if case.paused else None


def is_paused(case: CaseState, _: Command) -> str | None:
    """There is a pause to end."""
    return None if case.paused else "not_paused"


def was_withdrawn(case: CaseState, _: Command) -> str | None:
    """Only a withdrawal can be undone."""
    return None if case.closed_as in (ClosedAs.WITHDRAWN, ClosedAs.REORIENTED) else "illegal_transition"


def no_duplicate(case: CaseState, _: Command) -> str | None:
    """What was merged goes on in the other case."""
    return "closed_as_duplicate" if case.closed_as is ClosedAs.DUPLICATE else None


def has_lapsed(case: CaseState, _: Command) -> str | None:
    """A limit closed the case; a draft that lapsed needs nobody's ruling, its learner takes it up again alone."""
    return None if case.closed_as is ClosedAs.EXPIRED and not _is_lapsed_draft(case) else "illegal_transition"


def lapse_unchallenged(case: CaseState, _: Command) -> str | None:
    """One challenge at a time."""
    return "challenge_waiting" if case.lapse_challenged else None


def lapse_challenged(case: CaseState, _: Command) -> str | None:
    """There is a challenge to rule on."""
    return None if case.lapse_challenged else "challenge_missing"


def _is_lapsed_draft(case: CaseState) -> bool:
    return case.closed_as is ClosedAs.EXPIRED and case.return_to is Stage.DRAFT


def may_reopen(case: CaseState, command: Command) -> str | None:
    """A draft that lapsed was nobody's business but the learner's; every other case is reopened by staff."""
    return None if (command.role is Role.LEARNER) is _is_lapsed_draft(case) else "not_your_move"


def something_to_reopen(case: CaseState, command: Command) -> str | None:
    """A draft may come back as empty as it was; any other case needs something that is still open."""
    return None if _is_lapsed_draft(case) else has_claims(case, command)


def extension_left(case: CaseState, command: Command) -> str | None:
    """A learner extends a limit once, and only one that is the learner's; a lead may extend any."""
    if command.role is Role.LEAD:
        return None
    if case.stage not in (Stage.INCOMPLETE, Stage.MORE_EVIDENCE):
        return "not_your_move"
    return "extension_used" if case.extended else None


def effect_failed(case: CaseState, command: Command) -> str | None:
    """There is a failed effect of that key to try again."""
    failed = command.subject in case.failed_effects if command.subject else bool(case.failed_effects)
    return None if failed else "nothing_to_retry"


# an appeal


def chairs_the_appeal(case: CaseState, command: Command) -> str | None:
    """The actor leads the panel of the appeal, at its level."""
    appeal = case.appeal
    chairs = appeal and appeal.chair == command.actor and SEAT_ROLE[APPEAL_SEATS[appeal.level]] is command.role
    return None if chairs else "not_your_move"


def appeal_waits_for_admission(case: CaseState, _: Command) -> str | None:
    """Nobody has said yet whether the appeal is admissible."""
    return None if case.appeal and case.appeal.state is AppealState.LODGED else "appeal_step"


def appeal_not_ruled(case: CaseState, _: Command) -> str | None:
    """There is an appeal that waits for its ruling."""
    return None if case.appeal else "appeal_step"


def panel_takes_members(case: CaseState, _: Command) -> str | None:
    """Somebody can be asked to hear the appeal: a panel may be larger than it must be, until it is complete."""
    appeal = case.appeal
    may_grow = appeal and (appeal.missing or appeal.state is AppealState.ADMISSIBLE)
    return None if may_grow else "appeal_step"


def _asked(case: CaseState) -> bool:
    """Whether somebody was asked to hear the appeal and has not answered."""
    kinds = set(APPEAL_SEATS.values())
    return any(seat.kind in kinds and seat.state is SeatState.OFFERED for seat in case.seats)


def panel_complete(case: CaseState, _: Command) -> str | None:
    """The appeal is admissible, and everybody asked to hear it has accepted."""
    appeal = case.appeal
    if appeal is None or appeal.state is not AppealState.ADMISSIBLE:
        return "appeal_step"
    return "panel_incomplete" if appeal.missing or _asked(case) else None


def appeal_panel_sits(case: CaseState, _: Command) -> str | None:
    """The panel was complete, and nobody left it since."""
    appeal = case.appeal
    if appeal is None or appeal.state is not AppealState.PANEL_NAMED:
        return "appeal_step"
    return "panel_incomplete" if appeal.missing or _asked(case) else None
