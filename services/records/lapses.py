"""Lapses: which limit closed a case, of what its learner was warned, what they say against it, how a lead ruled."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records.tables.cases import Case, StageHistory
from services.records.tables.commands import CommandRow, EffectRow, LimitRow, Mail
from services.records.tables.support import LapseChallenge
from services.rules import limits as ladder


@dataclass(frozen=True, slots=True)
class Lapsed:
    """One lapse of a case: the clock's command, when, which limit had passed, and when the learner was warned of it."""

    case_id: UUID
    command_id: UUID
    at: datetime
    limit: str
    warned: tuple[datetime, ...]


async def told_by(session: AsyncSession, effect_key: str) -> Lapsed:
    """The lapse of which the effect tells. Raises `LookupError` where the effect belongs to none."""
    effect = await session.get_one(EffectRow, effect_key)
    rows = await session.exec(
        select(StageHistory.at, CommandRow)
        .join(CommandRow, col(CommandRow.id) == col(StageHistory.command_id))
        .where(
            col(StageHistory.case_id) == effect.case_id,
            col(StageHistory.version) == effect.seq,
            col(StageHistory.move) == "expire",
        )
    )
    found = rows.first()
    if found is None:
        raise LookupError(effect_key)
    at, command = found
    limit, _ = ladder.rung_of(command.subject)
    began = await session.exec(
        select(LimitRow.started_at).where(
            col(LimitRow.case_id) == effect.case_id,
            col(LimitRow.stage_entry) == int(command.subject.partition("/")[0]),
            col(LimitRow.key) == limit.key,
        )
    )
    sent = await session.exec(
        select(Mail.accepted_at)
        .join(Case, col(Case.id) == col(Mail.case_id))
        .where(
            col(Mail.case_id) == effect.case_id,
            col(Mail.recipient) == col(Case.learner_id),
            col(Mail.notice).in_({rung.notice for rung in limit.rungs if rung.notice}),
            col(Mail.accepted_at) >= began.one(),
            col(Mail.accepted_at) <= at,
        )
        .order_by(col(Mail.accepted_at))
    )
    return Lapsed(effect.case_id, command.id, at, limit.key, tuple(sent))


async def of_case(session: AsyncSession, case_id: UUID) -> list[LapseChallenge]:
    """Every challenge of the case, oldest first."""
    rows = await session.exec(
        select(LapseChallenge).where(col(LapseChallenge.case_id) == case_id).order_by(col(LapseChallenge.challenged_at))
    )
    return list(rows)


async def waiting(session: AsyncSession, case_id: UUID) -> LapseChallenge | None:
    """The challenge that waits for its ruling, if there is one."""
    rows = await session.exec(
        select(LapseChallenge).where(col(LapseChallenge.case_id) == case_id, col(LapseChallenge.ruled_at).is_(None))
    )
    return rows.first()


async def overtaken(session: AsyncSession, *, case_id: UUID, by: UUID, now: datetime) -> None:
    """Settle a waiting challenge in the learner's favour: the case is reopened, so nothing is left to rule on."""
    challenge = await waiting(session, case_id)
    if challenge is not None:
        challenge.restored, challenge.ruled_by, challenge.ruled_at = True, by, now
        await session.flush()
