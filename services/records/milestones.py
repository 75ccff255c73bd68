"""How far the people of a cohort came: for whoever leads it, and what of that their sponsor may be told.

Each milestone is read from what the house holds anyway, and comes with a hash by which it can be proved later without
showing what it is about: of the log's line where they became eligible, of the portfolio as it was sent, of the first
credential that holds, of the log's line where they had their sponsor told that they have work.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import agreements, sponsors
from services.records.tables.audit import AuditLine
from services.records.tables.cases import Case, Consent, StageHistory
from services.records.tables.cohorts import CohortEmployment, CohortMember, SponsorAgreement
from services.records.tables.commands import CommandRow
from services.records.tables.credentials import Credential, CredentialState
from services.records.tables.evidence import PortfolioVersion
from services.records.tables.people import Person
from services.records.visibility import cases_seen_as
from services.rules import cohorts, deadlines, small_cells
from services.rules.case import Stage
from services.rules.cohorts import Milestone
from services.rules.people import Caller, Role
from services.rules.small_cells import Count, Printed


@dataclass(frozen=True, slots=True)
class Reached:
    """The day, where the case is, and the SHA-256 of what proves it."""

    on: date
    evidence: str


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of a cohort, as far as their case goes on: `agreed` is whether the sponsor may be told."""

    case_id: UUID
    number: str
    name: str
    reference: str
    agreed: bool
    reached: Mapping[Milestone, Reached]


async def of_cohort(session: AsyncSession, agreement: SponsorAgreement, *, caller: Caller) -> list[Member]:
    """Everybody whose case the caller leads, in the order in which they joined; a conflict on a case leaves it out."""
    rows = list(
        await session.exec(
            select(CohortMember, Case, Person.name, Consent.id)
            .join(sponsors.GOES_ON, sponsors.GOES_ON.c.joined == col(CohortMember.case_id))
            .join(Case, col(Case.id) == sponsors.GOES_ON.c.id)
            .join(Person, col(Person.id) == col(CohortMember.learner_id))
            .outerjoin(Consent, sa.and_(col(Consent.case_id) == col(CohortMember.case_id), *sponsors.RUNS))
            .where(col(CohortMember.agreement_id) == agreement.id, cases_seen_as(caller, {Role.LEAD}))
            .order_by(col(CohortMember.case_id))
        )
    )
    zones = {case.id: case.zone for _, case, _, _ in rows}
    found = await _reached(session, zones)
    work = await _at_work(session, {member.case_id: case for member, case, _, _ in rows})
    return [
        Member(case.id, case.number, name, member.reference, consent is not None, found[case.id] | work[case.id])
        for member, case, name, consent in rows
    ]


async def sizes(session: AsyncSession, *, caller: Caller) -> dict[UUID, tuple[int, int]]:
    """How many belong to each agreement, and of how many the sponsor may be told; counted as `of_cohort` lists them."""
    rows = await session.exec(  # type: ignore[call-overload]  # a select of counts
        sa.select(col(CohortMember.agreement_id), sa.func.count(), sa.func.count(col(Consent.id)))
        .join(sponsors.GOES_ON, sponsors.GOES_ON.c.joined == col(CohortMember.case_id))
        .join(Case, col(Case.id) == sponsors.GOES_ON.c.id)
        .outerjoin(Consent, sa.and_(col(Consent.case_id) == col(CohortMember.case_id), *sponsors.RUNS))
        .where(cases_seen_as(caller, {Role.LEAD}))
        .group_by(col(CohortMember.agreement_id))
    )
    return {agreement: (number, agreed) for agreement, number, agreed in rows}


Told = defaultdict[UUID, dict[Milestone, Reached]]


async def _reached(session: AsyncSession, zones: Mapping[UUID, str]) -> Told:
    """What the cases came to, each for the first time."""
    found: Told = defaultdict(dict)

    def note(milestone: Milestone, case_id: UUID, at: datetime, evidence: str) -> None:
        found[case_id].setdefault(milestone, Reached(deadlines.local_day(at, zones[case_id]), evidence))

    eligible = select(StageHistory).where(
        col(StageHistory.case_id).in_(zones), col(StageHistory.to_stage) == Stage.ELIGIBLE
    )
    moves = list(await session.exec(eligible.order_by(col(StageHistory.version))))
    logged = await session.exec(
        select(AuditLine.stream, AuditLine.subject, AuditLine.hash).where(
            col(AuditLine.stream).in_([f"case:{move.case_id}" for move in moves]),
            col(AuditLine.action) == "command_applied",
        )
    )
    lines = {(stream, subject): line for stream, subject, line in logged}
    for move in moves:
        note(Milestone.ELIGIBLE, move.case_id, move.at, lines[f"case:{move.case_id}", str(move.command_id)])
    sent = await session.exec(
        select(PortfolioVersion.case_id, PortfolioVersion.frozen_at, PortfolioVersion.sha256)
        .join(CommandRow, col(CommandRow.id) == col(PortfolioVersion.command_id))
        .where(col(PortfolioVersion.case_id).in_(zones), col(CommandRow.kind) == "submit_portfolio")
        .order_by(col(PortfolioVersion.number))
    )
    for case_id, at, sha256 in sent:
        note(Milestone.DEPOSITED, case_id, at, sha256)
    granted = await session.exec(
        select(Credential.case_id, Credential.published_at, Credential.document_sha256)
        .where(
            col(Credential.case_id).in_(zones),
            col(Credential.state) == CredentialState.ACTIVE,
            col(Credential.published_at).is_not(None),
        )
        .order_by(col(Credential.published_at), col(Credential.code))
    )
    for case_id, published, sha256 in granted:
        if published is not None:
            note(Milestone.GRANTED, case_id, published, sha256)
    return found


async def _at_work(session: AsyncSession, cases: Mapping[UUID, Case]) -> Told:
    """What people had their sponsor told of their work, by the case that goes on; `cases` by the one that joined."""
    found: Told = defaultdict(dict)
    rows = await session.exec(select(CohortEmployment).where(col(CohortEmployment.case_id).in_(cases)))
    for row in rows:
        case = cases[row.case_id]
        day = deadlines.local_day(row.told_at, case.zone)
        found[case.id][cohorts.EMPLOYED[row.wave]] = Reached(day, row.line_hash)
    return found


@dataclass(frozen=True, slots=True)
class Report:
    """What a sponsor is told: the people who agreed to it, and how many others there are, where that may be told."""

    agreement: SponsorAgreement
    people: tuple[Member, ...]
    others: Printed


async def report(session: AsyncSession, agreement_id: UUID, *, caller: Caller, now: datetime) -> Report:
    """What may leave the house for the sponsor, and a line of the log that it did. Raises `Refused('not_found')`."""
    agreement = await agreements.one(session, agreement_id, caller=caller)
    everybody = await of_cohort(session, agreement, caller=caller)
    told = tuple(one for one in everybody if one.agreed)
    ((others,),) = small_cells.printed([[Count(len(everybody) - len(told))]])
    details = {"cases": len(told)}
    await agreements.log(session, agreement, caller=caller, action="milestones_exported", now=now, details=details)
    return Report(agreement, told, others)
