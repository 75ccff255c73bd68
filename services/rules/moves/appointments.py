"""People meet: a date is found, kept or missed, and what was seen is written down."""

from dataclasses import dataclass
from datetime import datetime

from services.rules import guards
from services.rules.appointments import OPEN, AppointmentState, Sheet
from services.rules.case import Stage
from services.rules.ladders import To
from services.rules.moves import targets
from services.rules.moves.arrows import Move, Nothing, Notice
from services.rules.people import Role

S, R, A = Stage, Role, AppointmentState


@dataclass(frozen=True, slots=True)
class OrderAppointment:
    """`method` is a direct one that every claim named allows; `minutes` its length, before any extra time.

    `about`: what it is to show; `bring`, `attending`, `language`: what both sides have to know.
    """

    method: str
    claims: tuple[str, ...]
    minutes: int
    language: str
    about: str
    bring: str = ""
    attending: str = ""


@dataclass(frozen=True, slots=True)
class Slot:
    """A beginning, with where it would be: `mode` is a word of `Mode`, `place` an address or a link."""

    starts_at: datetime
    mode: str
    place: str


@dataclass(frozen=True, slots=True)
class OfferSlots:
    """Dates to choose from; one that is sooner than the policy's notice must be one that the learner proposed."""

    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class BookSlot:
    """The date that suits; `short_notice` where it has come closer than the policy's notice meanwhile."""

    slot: str
    short_notice: bool = False


@dataclass(frozen=True, slots=True)
class ProposeOtherTimes:
    """Beginnings that would suit the learner, also sooner ones; `note` says what else matters."""

    times: tuple[datetime, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class MoveAppointment:
    """Another of the dates that were offered."""

    slot: str
    reason: str
    short_notice: bool = False


@dataclass(frozen=True, slots=True)
class ChangePlace:
    """Where a booked appointment is held instead; its date stays. `mode` is a word of `Mode`."""

    mode: str
    place: str
    bring: str = ""


@dataclass(frozen=True, slots=True)
class CallOff:
    """The booked date cannot be kept, and new ones are to be found."""

    reason: str


@dataclass(frozen=True, slots=True)
class CancelAppointment:
    """There will be no appointment: the claim is judged on what is on file."""

    reason: str


@dataclass(frozen=True, slots=True)
class ReportNoShow:
    """`absent` is a word of `Absent`; `excused`: a reason was given that anybody would accept."""

    absent: str
    excused: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class RecordAppointment:
    """What was asked and seen, on the form of the appointment's method.

    `worked_minutes`: how long preparing, meeting and writing took, where the sender wishes to say.
    """

    sheet: Sheet
    worked_minutes: int | None = None


CONDUCTING = (R.ASSESSOR, R.PANEL)
"""Whoever may order an appointment, and conducts it."""

BOTH = (R.LEARNER, *CONDUCTING)


def _move(command: str, roles: tuple[Role, ...], *states: AppointmentState, body: type = Nothing) -> Move:
    """A move within the stage while the appointment is in one of `states`; staff make it who conduct it."""
    conducted = (guards.conducts,) if set(roles) & set(CONDUCTING) else ()
    asked = (*conducted, guards.appointment_is(*states))
    return Move(command, (S.DIRECT_ASSESSMENT,), targets.where_it_is, roles, asked, body=body)


MOVES = (
    Move(
        "order_appointment",
        (S.IN_ASSESSMENT, S.SECOND_ASSESSMENT, S.MODERATION),
        S.DIRECT_ASSESSMENT,
        CONDUCTING,
        (guards.seat_accepted,),
        notices=(Notice("appointment_ordered", To.LEARNER),),
        body=OrderAppointment,
    ),
    _move("offer_slots", CONDUCTING, A.REQUESTED, A.SLOTS_OFFERED, body=OfferSlots),
    _move("book_slot", (R.LEARNER,), A.SLOTS_OFFERED, body=BookSlot),
    _move("propose_other_times", (R.LEARNER,), A.SLOTS_OFFERED, body=ProposeOtherTimes),
    _move("move_appointment", (R.LEARNER,), A.BOOKED, body=MoveAppointment),
    _move("change_place", CONDUCTING, A.BOOKED, body=ChangePlace),
    _move("call_off", BOTH, A.BOOKED, body=CallOff),
    # A lead ends what nobody offers, holds or writes down, so that the case can go on.
    _move("cancel_appointment", (*BOTH, R.LEAD), *sorted(OPEN), body=CancelAppointment),
    _move("report_no_show", BOTH, A.BOOKED, A.HELD, body=ReportNoShow),
    _move("record_appointment", CONDUCTING, A.BOOKED, A.HELD, body=RecordAppointment),
    _move("meeting_over", (R.CLOCK,), A.BOOKED),
    _move("booking_timeout", (R.CLOCK,), A.SLOTS_OFFERED),
    Move(
        "end_appointment",
        (S.DIRECT_ASSESSMENT,),
        targets.where_it_came_from,
        (*CONDUCTING, R.CLOCK),
        (guards.no_appointment_open,),
        by_itself=True,
    ),
)
