"""A sponsor's people: taken in from a file, all of them or nobody, and each asked before anything is told of them.

That a case is opened for them everybody on the list agreed to before; whoever hands in the list answers for it, as an
advisor does who opens a case for a learner. That the sponsor is told what became of it, each agrees to alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import agreements, audit, drafts, effects, invitations, people, programmes
from services.records.drafts import Purpose
from services.records.ids import new_id
from services.records.intake import Agreed
from services.records.tables.cases import Case, Consent
from services.records.tables.cohorts import CohortMember, SponsorAgreement
from services.records.tables.people import Person
from services.rules import cohort_files, cohorts, deadlines
from services.rules.case import Stage
from services.rules.cohort_files import Column, Entry, Fault, FileInvalid, Wrong
from services.rules.people import Caller
from services.rules.refusals import Refused

JOINED = "cohort_joined"
"""The mail to somebody who has an account already."""


@dataclass(frozen=True, slots=True)
class TakenIn:
    """How many joined, how many had joined before, and the cases of which a mail is about to leave."""

    added: int
    known: int
    told: tuple[UUID, ...]


async def take_in(
    session: AsyncSession, agreement_id: UUID, content: bytes, *, agreed: Agreed, caller: Caller, now: datetime
) -> TakenIn:
    """Open a draft for everybody in the file, under the agreement; whoever has joined before is left as they are.

    Whoever has not chosen a password yet is sent another link, once a day at the most.
    Raises `FileInvalid` with all that is wrong; `Refused`: agreement_missing where it is not said that they agreed,
    not_found, agreement_over, programme_closed. Then nobody was taken in.
    """
    if agreed.text_version != cohorts.OPENING_TEXT:
        raise Refused("agreement_missing")
    agreement = await agreements.one(session, agreement_id, caller=caller, lock=True)
    zone = (await programmes.read(session, (await programmes.newest(session, agreement.programme)).id)).policy.calendar
    if deadlines.local_day(now, zone.zone) > agreement.ends_on:
        raise Refused("agreement_over")
    found = cohort_files.read(content)
    accounts = await _accounts(session, found.entries)
    if faults := [*found.faults, *_barred(found.entries, accounts, caller=caller)]:
        raise FileInvalid(faults)
    joined = await _joined(session, agreement)
    importing = _Importing(session, agreement, agreed, caller, now)
    told, added = list[UUID](), 0
    for entry in found.entries:
        person = await importing.person(entry, accounts.get(entry.email))
        case = joined.get(person.id)
        if case is None:
            case, added = await importing.join(entry, person), added + 1
        elif person.password_hash is not None:
            continue
        if await importing.tell(case, person):
            told.append(case.id)
    known = len(found.entries) - added
    details = {"added": added, "known": known}
    await agreements.log(session, agreement, caller=caller, action="cohort_imported", now=now, details=details)
    return TakenIn(added, known, tuple(told))


async def _accounts(session: AsyncSession, entries: Sequence[Entry]) -> dict[str, Person]:
    rows = await session.exec(select(Person).where(col(Person.email).in_([one.email for one in entries])))
    return {person.email: person for person in rows}


def _barred(entries: Sequence[Entry], accounts: dict[str, Person], *, caller: Caller) -> list[Fault]:
    """Whoever nobody can open a case for in this way."""
    known = [(one, accounts[one.email]) for one in entries if one.email in accounts]
    return [
        cohort_files.fault(
            Wrong.ONESELF if person.id == UUID(caller.id) else Wrong.CLOSED, line=one.line, column=Column.EMAIL
        )
        for one, person in known
        if person.id == UUID(caller.id) or (person.account and not person.active)
    ]


async def _joined(session: AsyncSession, agreement: SponsorAgreement) -> dict[UUID, Case]:
    rows = await session.exec(
        select(Case)
        .join(CohortMember, col(CohortMember.case_id) == col(Case.id))
        .where(col(CohortMember.agreement_id) == agreement.id)
    )
    return {case.learner_id: case for case in rows}


@dataclass(frozen=True, slots=True)
class _Importing:
    """What every line of one file shares."""

    session: AsyncSession
    agreement: SponsorAgreement
    agreed: Agreed
    caller: Caller
    now: datetime

    async def person(self, entry: Entry, known: Person | None) -> Person:
        """The account of the address, as it is; or a new one, whose password is chosen by a link."""
        if known is not None and known.account:
            return known
        return await people.add(
            self.session,
            name=entry.name,
            email=entry.email,
            language=entry.language,
            password_hash=None,
            organisation=None,
            now=self.now,
            actor=self.caller.id,
        )

    async def join(self, entry: Entry, person: Person) -> Case:
        """The person's draft, which joins the cohort: one that they began themselves, else a new one."""
        case = await self._own_draft(person) or await drafts.open_case(
            self.session,
            learner=person.id,
            programme=self.agreement.programme,
            language=entry.language,
            purpose=Purpose(self.agreement.purpose),
            competencies=(),
            employers=(),
            now=self.now,
            actor=UUID(self.caller.id),
        )
        by = UUID(self.caller.id)
        self.session.add(
            CohortMember(
                case_id=case.id,
                agreement_id=self.agreement.id,
                learner_id=person.id,
                reference=entry.reference,
                added_by=by,
                added_at=self.now,
            )
        )
        self.session.add(
            Consent(
                id=new_id(),
                case_id=case.id,
                person_id=person.id,
                purpose=cohorts.OPENING,
                text_version=self.agreed.text_version,
                recorded_by=by,
                form=self.agreed.form,
                given_at=self.now,
            )
        )
        await audit.log(
            self.session,
            stream=f"case:{case.id}",
            actor=self.caller.id,
            action="cohort_joined",
            subject=str(self.agreement.id),
            details={"on_behalf_of": str(person.id)},
            now=self.now,
        )
        return case

    async def _own_draft(self, person: Person) -> Case | None:
        rows = await self.session.exec(
            select(Case)
            .where(
                col(Case.learner_id) == person.id,
                col(Case.institution_id) == self.agreement.institution_id,
                col(Case.programme) == self.agreement.programme,
                col(Case.stage) == Stage.DRAFT,
                ~sa.exists().where(col(CohortMember.case_id) == col(Case.id)),
            )
            .order_by(col(Case.id))
            .limit(1)
        )
        return rows.first()

    async def tell(self, case: Case, person: Person) -> bool:
        """Queue the mail; answers whether it was queued now."""
        if person.password_hash is None:
            return await invitations.invite(self.session, case, now=self.now)
        return await effects.tell(self.session, case=case, notice=JOINED, person=person.id, now=self.now)
