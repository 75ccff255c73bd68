"""What the tests of cohorts need: an agreement of a lead, people taken in under it, and cases that stand further on."""

from datetime import date, datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import agreements, cohorts, people
from services.records.cohorts import TakenIn
from services.records.database import Database
from services.records.drafts import Purpose
from services.records.intake import Agreed, ConsentForm
from services.records.tables.cases import Case
from services.records.tables.cohorts import CohortMember, SponsorAgreement
from services.records.tables.people import Person
from services.rules.people import Caller
from tests.records import makers
from tests.records.makers import NOW

AGREED = Agreed("cohort-2026-1", ConsentForm.WRITTEN)
SPONSOR = "Sample Works inc."
TERMS = agreements.Agreed(
    SPONSOR, "E-2026-1", "sample-programme", Purpose.UPSKILL, date(2026, 1, 1), date(2026, 12, 31)
)


async def caller_of(database: Database, person: Person) -> Caller:
    """Somebody as the guard knows them."""
    async with database.reading() as session:
        return await people.caller(session, person.id)


async def agreement(database: Database, lead: Person, terms: agreements.Agreed = TERMS) -> UUID:
    """An agreement that `lead` made."""
    caller = await caller_of(database, lead)
    async with database.writing() as session:
        await makers.published(session)
        return (await agreements.make(session, terms, caller=caller, now=NOW)).id


async def take_in(
    database: Database, agreement_id: UUID, lines: str, *, lead: Person, agreed: Agreed = AGREED, now: datetime = NOW
) -> TakenIn:
    """Take in a file with these lines."""
    caller = await caller_of(database, lead)
    content = f"email,name,language,reference\n{lines}".encode()
    async with database.writing() as session:
        return await cohorts.take_in(session, agreement_id, content, agreed=agreed, caller=caller, now=now)


async def join(session: AsyncSession, case: Case, agreement_id: UUID, *, reference: str = "") -> CohortMember:
    """A case of the cohort, however far it came."""
    agreed = await session.get_one(SponsorAgreement, agreement_id)
    return await makers.stored(
        session,
        CohortMember(
            case_id=case.id,
            agreement_id=agreement_id,
            learner_id=case.learner_id,
            reference=reference,
            added_by=agreed.made_by,
            added_at=NOW,
        ),
    )
