"""What a person decided, as a row that is never changed: who signed, for which versions, and until when to appeal."""

from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import independence
from services.records.ids import new_id
from services.records.moves.content import Setting
from services.records.tables.cases import Case
from services.records.tables.decisions import Decision, DecisionKind
from services.records.tables.evidence import PortfolioVersion
from services.rules import deadlines
from services.rules.people import Role
from services.rules.programmes import Policy


def appeal_until(*, case: Case, policy: Policy, decided_at: datetime) -> datetime:
    """The end of the appeal window: the learner's time to appeal, counted from the deemed receipt of the letter."""
    calendar, zone = policy.calendar, case.zone
    received = deadlines.due(calendar, decided_at, policy.deemed_receipt, zone=zone, learner=False)
    return deadlines.due(calendar, received, policy.appeal_lodge, zone=zone, learner=True, extra_time=case.extra_time)


async def record(
    setting: Setting,
    *,
    kind: DecisionKind,
    capacity: str,
    reasons: str = "",
    next_step: str = "",
    facts: dict[str, str] | None = None,
    role: Role = Role.DECISION_MAKER,
    supersedes: UUID | None = None,
    until: datetime | None = None,
) -> Decision:
    """Write down that the sender of the command decided, and make them a party of the case.

    `until`: the end of the time to appeal, where it is not the policy's.

    Raises `Refused('separation_of_duties')` for a party in another role.
    """
    case, programme, session = setting.case, setting.programme, setting.session
    person = UUID(setting.command.actor)
    await independence.enrol(session, case=case, person=person, role=role, now=setting.now)
    versions = {
        "programme": programme.slug,
        "programme_version": str(programme.version),
        "framework": programme.framework.in_(case.language),
        "policy": programme.policy.version,
    }
    decision = Decision(
        id=new_id(),
        case_id=case.id,
        kind=kind,
        decided_by=person,
        role=role,
        capacity=capacity,
        command_id=UUID(setting.command.id),
        case_version=case.version,
        portfolio_version=await latest_portfolio(session, case.id),
        reasons=reasons,
        next_step=next_step,
        facts=versions | (facts or {}),
        supersedes_id=supersedes,
        appeal_until=until or appeal_until(case=case, policy=programme.policy, decided_at=setting.now),
        decided_at=setting.now,
    )
    session.add(decision)
    await session.flush()
    return decision


async def latest(session: AsyncSession, case_id: UUID, *kinds: DecisionKind) -> Decision | None:
    """The newest decision of one of `kinds` on the case."""
    rows = await session.exec(
        select(Decision)
        .where(col(Decision.case_id) == case_id, col(Decision.kind).in_(kinds or tuple(DecisionKind)))
        .order_by(col(Decision.case_version).desc())
        .limit(1)
    )
    return rows.first()


async def in_force(session: AsyncSession, decision: Decision) -> Decision:
    """What stands of `decision` today: itself, or the last of those that replaced it one after the other."""
    while True:
        rows = await session.exec(select(Decision).where(col(Decision.supersedes_id) == decision.id))
        later = rows.first()
        if later is None:
            return decision
        decision = later


async def latest_portfolio(session: AsyncSession, case_id: UUID) -> int | None:
    """The number of the newest portfolio version, or None before the first was sent."""
    rows = await session.exec(
        select(PortfolioVersion.number)
        .where(col(PortfolioVersion.case_id) == case_id)
        .order_by(col(PortfolioVersion.number).desc())
        .limit(1)
    )
    return rows.first()
