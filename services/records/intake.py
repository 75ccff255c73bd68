"""An advisor writes for a learner who agreed to it: the account, the draft, the consent, and the end of it.

The advisor is a guide of this case from the first line on, and so never judges it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import audit, cases, drafts, effects, independence, invitations, people, programmes, wording
from services.records.ids import new_id
from services.records.tables.cases import Case, Consent
from services.records.tables.people import Person
from services.rules.people import Caller, Role
from services.rules.refusals import Refused

PURPOSE = "intake_on_behalf"
"""What the learner agrees to: that the advisor opens, writes and sends the case in their name."""

TEXTS = frozenset({"2026-1"})
"""Versions of the text that is read out or signed."""


class ConsentForm(StrEnum):
    """How the learner agreed."""

    SPOKEN = "spoken"
    WRITTEN = "written"


@dataclass(frozen=True, slots=True)
class Applicant:
    """For whom the case is opened; an account with this address is theirs."""

    name: str
    email: str
    language: str


@dataclass(frozen=True, slots=True)
class Application:
    """What is applied for, as in a draft of one's own."""

    programme: str
    purpose: drafts.Purpose
    competencies: Sequence[str] = ()
    employers: Sequence[drafts.NamedEmployer] = ()


@dataclass(frozen=True, slots=True)
class Agreed:
    """Which version of the text the learner agreed to, and how."""

    text_version: str
    form: ConsentForm


async def open_for(
    session: AsyncSession,
    applicant: Applicant,
    *,
    application: Application,
    agreed: Agreed,
    advisor: Caller,
    now: datetime,
) -> Case:
    """Open a draft for `applicant`, whom the advisor writes for until it is handed over.

    Raises `Refused`: agreement_missing, not_qualified (an advisor of other programmes), separation_of_duties (one's own
    case), malformed, and what opening a draft refuses.
    """
    if agreed.text_version not in TEXTS:
        raise Refused("agreement_missing")
    version = await programmes.newest(session, application.programme)
    if not advisor.holds(Role.ADVISOR, version.institution_id, version.slug):
        raise Refused("not_qualified")
    learner, person = await _learner(session, applicant, advisor=advisor, now=now), UUID(advisor.id)
    if learner.id == person:
        raise Refused("separation_of_duties")
    case = await drafts.open_case(
        session,
        learner=learner.id,
        programme=application.programme,
        language=applicant.language,
        purpose=application.purpose,
        competencies=application.competencies,
        employers=application.employers,
        now=now,
        actor=person,
    )
    await independence.enrol(session, case=case, person=person, role=Role.ADVISOR, now=now)
    case.advisor_id = case.intake_by_id = person
    session.add(
        Consent(
            id=new_id(),
            case_id=case.id,
            person_id=learner.id,
            purpose=PURPOSE,
            text_version=agreed.text_version,
            recorded_by=person,
            form=agreed.form,
            given_at=now,
        )
    )
    await _log(session, case, person=person, action="intake_opened", now=now)
    if learner.password_hash is None:
        await invitations.invite(session, case, now=now)
    else:
        await effects.tell(session, case=case, notice="intake_opened", person=learner.id, now=now)
    await session.flush()
    return case


async def _learner(session: AsyncSession, applicant: Applicant, *, advisor: Caller, now: datetime) -> Person:
    """The account of this address, or a new one without a password, which the learner chooses by a link."""
    for field, text in (("name", applicant.name), ("email", applicant.email)):
        wording.check(field, text, most=200)
        if not text.strip():
            raise Refused("malformed", field=field)
    if "@" not in applicant.email:
        raise Refused("malformed", field="email")
    known = await people.by_email(session, applicant.email)
    if known is not None and known.account:
        return known
    return await people.add(
        session,
        name=applicant.name,
        email=applicant.email,
        language=applicant.language,
        password_hash=None,
        organisation=None,
        now=now,
        actor=advisor.id,
    )


async def hand_over(session: AsyncSession, case_id: UUID, *, person: UUID, now: datetime) -> Case:
    """From now on the learner writes alone. Raises `Refused`: not_found, nobody_on_behalf."""
    case = await cases.get(session, case_id, lock=True)
    if case.intake_by_id is None:
        raise Refused("nobody_on_behalf")
    await end(session, case=case, person=person, now=now)
    return case


async def end(session: AsyncSession, *, case: Case, person: UUID, now: datetime) -> None:
    """End the advisor's writing for the learner; the consent stays on record with its end."""
    case.intake_by_id = None
    rows = await session.exec(
        select(Consent).where(
            col(Consent.case_id) == case.id, col(Consent.purpose) == PURPOSE, col(Consent.withdrawn_at).is_(None)
        )
    )
    for consent in rows:
        consent.withdrawn_at = now
    await _log(session, case, person=person, action="intake_ended", now=now)
    await session.flush()


async def _log(session: AsyncSession, case: Case, *, person: UUID, action: str, now: datetime) -> None:
    await audit.log(
        session,
        stream=f"case:{case.id}",
        actor=str(person),
        action=action,
        subject=str(case.id),
        details={"on_behalf_of": str(case.learner_id)},
        now=now,
    )
