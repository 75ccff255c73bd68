"""How far an appointment has come, by the moves that lead there."""

from datetime import timedelta
from uuid import UUID

from sqlmodel import col, select

from services.records.database import Database
from services.records.tables.appointments import Appointment, AppointmentSlot
from services.records.tables.people import Person
from services.rules import commands as bodies
from services.rules.appointments import Line, Mode, Sheet
from services.rules.claims import Identification, Rating, Supervision
from services.rules.people import Role
from tests.records import moving
from tests.records.makers import NOW
from tests.records.prepared import prepared

SOON = NOW + timedelta(days=9)
"""Six business days after NOW."""

TIMES = tuple(SOON + timedelta(days=day) for day in range(3))
SLOTS = tuple(bodies.Slot(at, Mode.ON_SITE, "Workshop 4") for at in TIMES)
HELD = SOON + timedelta(hours=3)
"""After the first of the dates."""


async def order(
    database: Database, who: moving.People, case_id: UUID, *competencies: str, actor: Person | None = None
) -> str:
    """An assessor orders an interview on these competencies; answers its id."""
    held = await moving.claims_of(database, case_id)
    body = bodies.OrderAppointment(
        "interview", tuple(str(held[key].id) for key in competencies or ("first",)), 45, "fr", "How the work is planned"
    )
    done = await moving.send(
        database, case_id, "order_appointment", actor=actor or who.assessor, role=Role.ASSESSOR, body=body
    )
    return str(done["appointment"])


@prepared
async def ordered(database: Database, who: moving.People) -> UUID:
    """A case of two claims whose assessor ordered an interview on the first."""
    case_id = await moving.assessing(database, who)
    await order(database, who, case_id)
    return case_id


async def offer(
    database: Database, who: moving.People, case_id: UUID, *slots: bodies.Slot, actor: Person | None = None
) -> None:
    body = bodies.OfferSlots(slots or SLOTS)
    await moving.send(database, case_id, "offer_slots", actor=actor or who.assessor, role=Role.ASSESSOR, body=body)


@prepared
async def offered(database: Database, who: moving.People) -> UUID:
    """A case whose learner has dates to choose from."""
    case_id = await ordered(database, who)
    await offer(database, who, case_id)
    return case_id


async def slots(database: Database, case_id: UUID) -> list[AppointmentSlot]:
    """The dates of the newest appointment that stand."""
    row = await newest(database, case_id)
    async with database.reading() as session:
        rows = await session.exec(
            select(AppointmentSlot)
            .where(col(AppointmentSlot.appointment_id) == row.id, col(AppointmentSlot.withdrawn_at).is_(None))
            .order_by(col(AppointmentSlot.starts_at))
        )
        return list(rows)


async def book(database: Database, who: moving.People, case_id: UUID, *, which: int = 0) -> None:
    slot = (await slots(database, case_id))[which]
    body = bodies.BookSlot(str(slot.id))
    await moving.send(database, case_id, "book_slot", actor=who.learner, role=Role.LEARNER, body=body)


@prepared
async def booked(database: Database, who: moving.People) -> UUID:
    """A case whose learner chose the first date."""
    case_id = await offered(database, who)
    await book(database, who, case_id)
    return case_id


async def newest(database: Database, case_id: UUID) -> Appointment:
    """The appointment that was ordered last."""
    async with database.reading() as session:
        rows = await session.exec(
            select(Appointment).where(col(Appointment.case_id) == case_id).order_by(col(Appointment.id).desc()).limit(1)
        )
        return rows.one()


async def sheet(database: Database, case_id: UUID, *competencies: str) -> Sheet:
    """A form of an interview in which everything is said."""
    held = await moving.claims_of(database, case_id)
    return Sheet(
        lines=tuple(
            Line(str(held[key].id), "a", "How do you plan?", "A clear plan", Rating.MET)
            for key in competencies or ("first",)
        ),
        supervision=Supervision.ON_SITE,
        identification=Identification.DOCUMENT_SEEN,
        present=("The learner", "The assessor"),
    )


async def write(database: Database, who: moving.People, case_id: UUID, *, actor: Person | None = None) -> None:
    """Whoever conducts it writes the record, after the first of the dates."""
    body = bodies.RecordAppointment(await sheet(database, case_id))
    await moving.send(
        database, case_id, "record_appointment", actor=actor or who.assessor, role=Role.ASSESSOR, body=body, now=HELD
    )


@prepared
async def recorded(database: Database, who: moving.People) -> UUID:
    """A case that comes back from an interview."""
    case_id = await booked(database, who)
    await write(database, who, case_id)
    await moving.tick(database, case_id, "end_appointment", now=HELD)
    return case_id
