"""What kept judgements independent and set decisions right, and what came of which skills and at what cost, by quarter.

Grouped in the database: there are more lines of these than anybody needs one by one. Source: case design, section 13
(C1, C3, D3, D5, D6, F1, G2).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import sampling
from services.records.tables.appointments import Appointment, AppointmentClaim
from services.records.tables.assessment import Assignment
from services.records.tables.cases import Case, CaseExclusion, Claim, ConflictOverride
from services.records.tables.credentials import Credential
from services.records.tables.decisions import Decision, DecisionClaim, DecisionKind, Letter
from services.records.tables.evidence import EvidenceItem, Pointer
from services.records.tables.fees import CaseFee, FeeWaiver
from services.records.tables.moderation import DecisionReturn, PanelFinding, PanelMinutes
from services.records.tables.sharing import CredentialChecks
from services.records.tallies import CONTESTABLE
from services.rules.agreement import Quarter
from services.rules.appointments import AppointmentState
from services.rules.case import SeatState
from services.rules.claims import ClaimState
from services.rules.evidence import CLASS_OF
from services.rules.progress import ALL, ATTEMPTS, ON_FILE, Measure

TEN_YEARS = 40
"""Quarters that are told apart where everything is counted anew; what lies before counts in the first of them."""

Happened = tuple[Quarter, Measure, str, int]
CHANGES = (DecisionKind.REVOCATION, DecisionKind.SUSPENSION, DecisionKind.REINSTATEMENT)

Column = Any  # SQLModel says of its columns what they hold, SQLAlchemy what they are
Rows = sa.Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is counted: when it happened, in which word, of which rows; `number`: what is added up instead.

    `days`: it happened on a day, not at a moment.
    """

    measure: Measure
    at: Column
    word: Column
    rows: Rows
    number: Column = None
    days: bool = False


async def happened(
    session: AsyncSession, programme: str, *, first: Quarter | None, today: Quarter, zone: str
) -> tuple[Happened, ...]:
    """How often each thing happened in each quarter, from `first` on where that is given."""
    quarters = _quarters(first or today.later(1 - TEN_YEARS), today)
    found: list[Happened] = []
    for asked in _questions(programme):

        def begins(quarter: Quarter, *, days: bool = asked.days) -> Column:
            return quarter.first_day if days else sampling.begin(quarter, zone)

        quarter = sa.case(
            *((asked.at >= begins(one), str(one)) for one in reversed(quarters)), else_=str(quarters[0])
        ).label("quarter")
        said = asked.word.label("said")
        number = sa.func.count() if asked.number is None else asked.number
        counted = asked.rows.add_columns(quarter, said, number).group_by(quarter, said)
        if first is not None:
            counted = counted.where(asked.at >= begins(first))
        rows = await session.exec(counted)  # type: ignore[call-overload]  # a select of columns
        found += [(Quarter.parse(row[0]), asked.measure, str(row[1]), int(row[2])) for row in rows]
    return tuple(found)


def _quarters(first: Quarter, last: Quarter) -> Sequence[Quarter]:
    found = [first]
    while found[-1] != last:
        found.append(found[-1].later(1))
    return found


def _questions(programme: str) -> tuple[Asked, ...]:
    def of(table: Any, *conditions: Column) -> Rows:  # noqa: ANN401 - any table with a case
        joined = sa.select().select_from(table).join(Case, col(Case.id) == col(table.case_id))
        return joined.where(col(Case.programme) == programme, *conditions)

    first = of(Decision, col(Decision.kind) == DecisionKind.RECOGNITION, col(Decision.supersedes_id).is_(None))
    claims = first.join(DecisionClaim, col(DecisionClaim.decision_id) == col(Decision.id)).join(
        Claim, col(Claim.id) == col(DecisionClaim.claim_id)
    )
    checked = of(Credential).join(CredentialChecks, col(CredentialChecks.credential_id) == col(Credential.id))
    return (
        *_of_claims(claims),
        *_of_seats(of),
        *_of_decisions(of),
        Asked(
            Measure.CLAIMS,
            col(Claim.withdrawn_at),
            sa.literal("withdrawn"),
            of(Claim, col(Claim.state) == ClaimState.WITHDRAWN, col(Claim.withdrawn_at).is_not(None)),
        ),
        *_of_fees(of(CaseFee)),
        Asked(
            Measure.MEETINGS,
            col(Appointment.closed_at),
            sa.cast(col(Appointment.method), sa.String),
            of(Appointment, col(Appointment.state) == AppointmentState.RECORDED),
            sa.func.sum(col(Appointment.minutes)),
        ),
        Asked(
            Measure.CHECKS,
            col(CredentialChecks.day),
            col(Claim.competency),
            checked.join(Claim, col(Claim.id) == col(Credential.claim_id)),
            sa.func.sum(col(CredentialChecks.number)),
            days=True,
        ),
    )


def _of_fees(charges: Rows) -> tuple[Asked, ...]:
    """What was charged, and what of it was waived: as soon as both are so, whichever came first."""
    word, amount = sa.cast(col(CaseFee.service), sa.String) + "/" + col(CaseFee.currency), sa.func.sum(CaseFee.amount)
    waived = charges.join(
        FeeWaiver,
        (col(FeeWaiver.case_id) == col(CaseFee.case_id)) & (col(FeeWaiver.service) == col(CaseFee.service)),
    )
    charged_at, waived_at = col(CaseFee.charged_at), col(FeeWaiver.at)
    both: Column = sa.case((waived_at > charged_at, waived_at), else_=charged_at)
    return (
        Asked(Measure.FEES, charged_at, word, charges, amount),
        Asked(Measure.FEES_WAIVED, both, word, waived, amount),
    )


def _of_claims(claims: Rows) -> tuple[Asked, ...]:
    """What first decisions came to: in all, by competency, by meeting, by attempt, and by what points at them."""
    outcome, at = sa.cast(col(DecisionClaim.outcome), sa.String), col(Decision.decided_at)
    granted, not_yet = claims.where(outcome == ClaimState.GRANTED), claims.where(outcome == ClaimState.NOT_YET)
    met = (
        sa.select(
            col(AppointmentClaim.claim_id).label("claim"), sa.cast(col(Appointment.method), sa.String).label("how")
        )
        .join(Appointment, col(Appointment.id) == col(AppointmentClaim.appointment_id))
        .where(col(Appointment.state) == AppointmentState.RECORDED)
        .distinct()
        .subquery()
    )
    method = sa.func.coalesce(met.c.how, ON_FILE)
    *some, many = ATTEMPTS
    attempt = sa.case(*((col(Claim.attempt) == int(one), one) for one in some), else_=many)
    found = [Asked(Measure.CLAIMS, at, outcome, claims)]
    for rows, by_competency, by_method, by_attempt in (
        (granted, Measure.CLAIMS_GRANTED, Measure.GRANTED_BY_METHOD, Measure.GRANTED_BY_ATTEMPT),
        (not_yet, Measure.CLAIMS_NOT_YET, Measure.NOT_YET_BY_METHOD, Measure.NOT_YET_BY_ATTEMPT),
    ):
        found += [
            Asked(by_competency, at, col(Claim.competency), rows),
            Asked(by_method, at, method, rows.outerjoin(met, met.c.claim == col(Claim.id))),
            Asked(by_attempt, at, attempt, rows),
        ]
    return (*found, *_of_pointed(granted))


def _of_pointed(granted: Rows) -> tuple[Asked, ...]:
    """How many granted claims have how many pieces of evidence pointing at them, in all and by class."""
    items = granted.join(Pointer, col(Pointer.claim_id) == col(Claim.id)).join(
        EvidenceItem, (col(EvidenceItem.id) == col(Pointer.evidence_id)) & col(EvidenceItem.removed_at).is_(None)
    )
    kind = sa.case(*((col(EvidenceItem.kind) == one, str(of)) for one, of in CLASS_OF.items()), else_="none")
    found = []
    for word in (sa.literal(ALL), kind):
        each = items.add_columns(
            col(Decision.decided_at).label("at"),
            word.label("class"),
            sa.func.count(sa.distinct(col(EvidenceItem.id))).label("number"),
        )
        numbers = each.group_by(col(Decision.decided_at), col(Claim.id), sa.text("class")).subquery()
        said = numbers.c["class"] + "/" + sa.cast(numbers.c.number, sa.String)
        found.append(Asked(Measure.POINTED, numbers.c.at, said, sa.select().select_from(numbers)))
    return tuple(found)


def _of_seats(of: Any) -> tuple[Asked, ...]:  # noqa: ANN401 - a function of this module
    """How offers were answered, and who was kept from a case."""
    told: Column = sa.case(
        (col(Assignment.state) == SeatState.DECLINED, "declined"),
        ((col(Assignment.state) == SeatState.CONFLICT) & col(Assignment.due_at).is_not(None), "conflict_late"),
        (col(Assignment.state) == SeatState.CONFLICT, "conflict"),
        else_="accepted",
    )
    found: Column = sa.case((col(CaseExclusion.declared), "declared"), else_="detected")
    answered = of(Assignment, col(Assignment.answered_at).is_not(None))
    return (
        Asked(Measure.OFFERS_ANSWERED, col(Assignment.answered_at), told, answered),
        Asked(Measure.BARRED, col(CaseExclusion.at), found, of(CaseExclusion)),
        Asked(Measure.SET_ASIDE, col(ConflictOverride.at), sa.literal(ALL), of(ConflictOverride)),
    )


def _of_decisions(of: Any) -> tuple[Asked, ...]:  # noqa: ANN401 - a function of this module
    """Decisions, what was changed of them, and how panels voted."""
    at = col(Decision.decided_at)
    changed: Column = sa.case(
        (col(Decision.kind) == DecisionKind.RECOGNITION, "corrected"), else_=sa.cast(col(Decision.kind), sa.String)
    )
    superseding = (col(Decision.kind) == DecisionKind.RECOGNITION) & col(Decision.supersedes_id).is_not(None)
    corrected = of(Letter, col(Letter.released_at).is_not(None), col(Letter.language) == col(Case.language)).join(
        Decision, (col(Decision.id) == col(Letter.decision_id)) & col(Decision.supersedes_id).is_not(None)
    )
    votes = of(PanelFinding).join(PanelMinutes, col(PanelMinutes.id) == col(PanelFinding.minutes_id))
    cast: Column = sa.case((col(PanelFinding.casting).is_not(None), "casting"), else_="majority")
    first = of(Decision, col(Decision.kind).in_(CONTESTABLE), col(Decision.supersedes_id).is_(None))
    return (
        Asked(Measure.CHANGED, at, changed, of(Decision, col(Decision.kind).in_(CHANGES) | superseding)),
        Asked(Measure.RETURNED, col(DecisionReturn.at), sa.literal(ALL), of(DecisionReturn)),
        Asked(Measure.LETTERS_CORRECTED, col(Letter.released_at), sa.literal(ALL), corrected),
        Asked(Measure.DECISIONS, at, sa.literal(ALL), first),
        Asked(Measure.VOTES, col(PanelMinutes.at), cast, votes),
    )
