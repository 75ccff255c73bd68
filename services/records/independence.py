"""Who may take part in a case: one role per person and case, nobody in conflict, and ties that the system finds."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import attestations, messages
from services.records.tables.cases import Case, CaseExclusion, CaseParty, ConflictOverride, Employer
from services.records.tables.decisions import Decision
from services.records.tables.people import Person, PersonRole
from services.rules import conflict_screen, conflicts, deadlines
from services.rules.conflicts import ConflictTie, Detected
from services.rules.people import SITTERS, Role
from services.rules.programmes import Policy
from services.rules.refusals import Refused

LASTING = frozenset({Detected.EMAIL_DOMAIN, Detected.SAME_ORGANISATION, Detected.REGISTER})
"""Ties that the system writes down as an exclusion; the others already stand in rows of their own."""


def live_role(case: Case, role: Role) -> tuple[sa.ColumnElement[bool], ...]:
    """Conditions on `person_roles`: `role` held today for the case's programme."""
    return (
        col(PersonRole.role) == role,
        col(PersonRole.ended_at).is_(None),
        col(PersonRole.institution_id) == case.institution_id,
        sa.or_(col(PersonRole.programme).is_(None), col(PersonRole.programme) == case.programme),
    )


async def check(session: AsyncSession, *, case: Case, person: UUID, role: Role) -> None:
    """Hold `person` against the case before they take part as `role`.

    Raises `Refused`: conflict_of_interest for whoever is excluded, separation_of_duties for a party in another role
    and, before a seat, for whoever wrote to the learner.
    """
    if await session.get(CaseExclusion, (case.id, person)) is not None:
        raise Refused("conflict_of_interest")
    party = await session.get(CaseParty, (case.id, person))
    if person == case.learner_id or (party is not None and party.role is not role):
        raise Refused("separation_of_duties")
    if role in SITTERS and person in await messages.wrote(session, case.id):
        raise Refused("separation_of_duties")


async def enrol(session: AsyncSession, *, case: Case, person: UUID, role: Role, now: datetime) -> None:
    """Make `person` a party of the case as `role`, for ever; somebody who already is one stays so.

    Raises `Refused('separation_of_duties')` for a party in another role.
    """
    party = await session.get(CaseParty, (case.id, person))
    if party is None:
        session.add(CaseParty(case_id=case.id, person_id=person, role=role, since=now))
        await session.flush()
    elif party.role is not role:
        raise Refused("separation_of_duties")


async def named(session: AsyncSession, *, case: Case, person: str, role: Role, party: Role | None = None) -> UUID:
    """The person whom somebody names for `role`, by id; `party`: as what they then are a party, where not as that.

    Raises `Refused`: not_qualified for somebody who does not hold the role, or what `check` says.
    """
    holders = await session.exec(
        select(PersonRole.person_id)
        .join(Person, col(Person.id) == col(PersonRole.person_id))
        .where(*live_role(case, role), col(Person.active))
    )
    found = {str(holder): holder for holder in holders}.get(person)
    if found is None:
        raise Refused("not_qualified")
    await check(session, case=case, person=found, role=party or role)
    return found


async def nameable(session: AsyncSession, *, case: Case, role: Role, party: Role | None = None) -> list[UUID]:
    """Everybody whom `named` would take for `role`."""
    excluded = select(CaseExclusion.person_id).where(col(CaseExclusion.case_id) == case.id)
    elsewhere = select(CaseParty.person_id).where(
        col(CaseParty.case_id) == case.id, col(CaseParty.role) != (party or role)
    )
    rows = await session.exec(
        select(PersonRole.person_id)
        .join(Person, col(Person.id) == col(PersonRole.person_id))
        .where(
            *live_role(case, role),
            col(Person.active),
            col(Person.id) != case.learner_id,
            col(Person.id).not_in(excluded),
            col(Person.id).not_in(elsewhere),
        )
        .distinct()
    )
    return list(rows)


async def exclude(session: AsyncSession, *, case: Case, person: UUID, tie: str, declared: bool, now: datetime) -> None:
    """Bar `person` from the case in every role; the first reason stays."""
    if await session.get(CaseExclusion, (case.id, person)) is None:
        session.add(CaseExclusion(case_id=case.id, person_id=person, tie=tie, declared=declared, at=now))
        await session.flush()


async def overridable(session: AsyncSession, case_id: UUID) -> list[UUID]:
    """Whoever is barred from the case by a tie that they declared as `other`: a lead may set it aside."""
    rows = await session.exec(
        select(CaseExclusion.person_id).where(
            col(CaseExclusion.case_id) == case_id,
            col(CaseExclusion.declared),
            col(CaseExclusion.tie) == ConflictTie.OTHER,
        )
    )
    return list(rows)


async def set_aside(session: AsyncSession, *, case: Case, person: UUID) -> frozenset[str]:
    """The ties of `person` to the case that a lead set aside in writing."""
    rows = await session.exec(
        select(ConflictOverride.id).where(
            col(ConflictOverride.case_id) == case.id, col(ConflictOverride.person_id) == person
        )
    )
    return frozenset({ConflictTie.OTHER}) if rows.first() else frozenset()


async def overrides(session: AsyncSession, case_id: UUID) -> list[ConflictOverride]:
    """Every conflict on the case that a lead set aside in writing, oldest first."""
    rows = await session.exec(
        select(ConflictOverride).where(col(ConflictOverride.case_id) == case_id).order_by(col(ConflictOverride.at))
    )
    return list(rows)


async def lift(session: AsyncSession, *, case: Case, person: UUID) -> None:
    """Take the exclusion of `person` from the case away; why is written down by whoever calls this."""
    barred = await session.get(CaseExclusion, (case.id, person))
    if barred is not None:
        await session.delete(barred)
        await session.flush()


async def known_ties(
    session: AsyncSession, *, case: Case, role: Role, policy: Policy, now: datetime
) -> conflicts.CaseFacts:
    """Whom the case ties, as far as the records know, for somebody who might take part in it as `role`."""
    parties = await session.exec(
        select(CaseParty.person_id).where(col(CaseParty.case_id) == case.id, col(CaseParty.role) != role)
    )
    excluded = await session.exec(select(CaseExclusion.person_id).where(col(CaseExclusion.case_id) == case.id))
    decided = await session.exec(
        select(Decision.decided_by)
        .join(Case, col(Case.id) == col(Decision.case_id))
        .where(col(Case.learner_id) == case.learner_id)
        .distinct()
    )
    listed = list(await session.exec(select(Employer).where(col(Employer.case_id) == case.id)))
    asked = await attestations.named(session, case.id)
    emails = frozenset(employer.email for employer in listed if employer.email) | {
        one.email for one in asked if one.email
    }
    today = deadlines.local_day(now, case.zone)
    recent = {
        employer.organisation
        for employer in listed
        if employer.until is None
        or conflict_screen.still_counts(employer.until, today=today, years=policy.coi_organisation_years)
    }
    learner = await session.get_one(Person, case.learner_id)
    own = learner.organisation
    # Public mail ties nobody by its domain; whoever was named by their very address is tied all the same.
    named = await session.exec(
        select(Person.id).where(col(Person.email).in_([address.strip().lower() for address in emails]))
    )
    return conflicts.CaseFacts(
        learner=str(case.learner_id),
        who=conflicts.Known(learner.name, learner.email),
        parties=frozenset(map(str, (*parties, *named, *await messages.wrote(session, case.id)))),
        excluded=frozenset(map(str, excluded)),
        decided_before=frozenset(map(str, decided)),
        emails=emails,
        organisations=frozenset(recent | {one.organisation for one in asked} | ({own} if own else set())),
    )
