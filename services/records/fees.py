"""What is charged in a case, noted by service as each begins; whoever judges is never shown it."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records.ids import new_id
from services.records.tables.cases import Case
from services.records.tables.fees import CaseFee, FeeWaiver
from services.rules import deadlines, fees
from services.rules.fees import Service
from services.rules.programmes import Policy


async def of_case(session: AsyncSession, case_id: UUID) -> list[CaseFee]:
    """Everything that was charged, oldest first."""
    rows = await session.exec(select(CaseFee).where(col(CaseFee.case_id) == case_id).order_by(col(CaseFee.id)))
    return list(rows)


async def waivers(session: AsyncSession, case_id: UUID) -> dict[Service, FeeWaiver]:
    """What costs the learner nothing in this case, by service."""
    rows = await session.exec(select(FeeWaiver).where(col(FeeWaiver.case_id) == case_id).order_by(col(FeeWaiver.at)))
    return {row.service: row for row in rows}


async def waivable(session: AsyncSession, case: Case, policy: Policy) -> frozenset[Service]:
    """What was charged in the case, or would be by its policy, and is not waived yet."""
    costs = {price.service for price in fees.prices(policy)} | {row.service for row in await of_case(session, case.id)}
    return frozenset(costs - (await waivers(session, case.id)).keys())


async def charged(session: AsyncSession, case_id: UUID, service: Service) -> int:
    """What was charged for `service` so far."""
    rows = await session.exec(
        select(sa.func.coalesce(sa.func.sum(CaseFee.amount), 0)).where(
            col(CaseFee.case_id) == case_id, col(CaseFee.service) == service
        )
    )
    return int(rows.one())


async def for_file(session: AsyncSession, case: Case, policy: Policy, *, command: str, now: datetime) -> None:
    """Charge for the file, once however often it is sent."""
    if not await charged(session, case.id, Service.FILE):
        await _charge(session, case, policy, Service.FILE, policy.fee_file, command=command, now=now)


async def for_competencies(
    session: AsyncSession, case: Case, policy: Policy, *, number: int, command: str, now: datetime
) -> None:
    """Charge for `number` competencies that are to be assessed, up to the most that a case may cost."""
    before = await charged(session, case.id, Service.COMPETENCIES)
    amount = fees.for_competencies(policy, number, charged=before)
    await _charge(session, case, policy, Service.COMPETENCIES, amount, command=command, now=now)


async def for_reactivation(session: AsyncSession, case: Case, policy: Policy, *, command: str, now: datetime) -> None:
    """Charge for a case that is taken up again after it rested as long as the policy says."""
    rested = deadlines.add(policy.calendar, deadlines.local_day(case.active_at, case.zone), policy.fee_idle)
    if deadlines.local_day(now, case.zone) >= rested:
        await _charge(session, case, policy, Service.REACTIVATION, policy.fee_reactivation, command=command, now=now)


async def _charge(
    session: AsyncSession, case: Case, policy: Policy, service: Service, amount: int, *, command: str, now: datetime
) -> None:
    if amount:
        session.add(
            CaseFee(
                id=new_id(),
                case_id=case.id,
                command_id=UUID(command),
                service=service,
                amount=amount,
                currency=policy.fee_currency,
                charged_at=now,
            )
        )
        await session.flush()
