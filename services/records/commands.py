"""The inbox: what people asked, kept before anything else happens, and settled exactly once."""

import hashlib
import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import audit, blind, cases, programmes
from services.records.moves import registry
from services.records.moves.content import Content, Setting
from services.records.tables.commands import CommandRow, CommandStatus
from services.rules import commands as bodies
from services.rules import stages
from services.rules.case import CLOCK, Command
from services.rules.people import Role
from services.rules.refusals import REFUSALS, Refused

RELAY_AFTER = timedelta(seconds=10)
UNHEARD_AFTER = timedelta(seconds=30)
FIRST_RETRY, LAST_RETRY = timedelta(seconds=15), timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Asked:
    """A command as a person sent it: `id` is the idempotency key, `body` one of `rules.commands`.

    `blind`: whoever sends it must not learn of other seats, and counts versions without them.
    """

    id: UUID
    case_id: UUID
    kind: str
    actor: UUID
    roles: tuple[Role, ...]
    expected_version: int
    body: Any
    blind: bool = False

    @property
    def fingerprint(self) -> str:
        """SHA-256 of who asks what of which case: the same key may only ever carry the same request."""
        said = [str(self.actor), str(self.case_id), self.kind, self.expected_version, asdict(self.body)]
        return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


def message(row: CommandRow) -> Command:
    """The command as it travels to the workflow: ids and enums only."""
    return Command(str(row.id), row.kind, str(row.case_id), row.actor, row.role, row.expected_version, row.subject)


async def known(session: AsyncSession, asked: Asked) -> CommandRow | None:
    """The row of this idempotency key if it was used before. Raises `Refused('key_reused')` for another request."""
    row = await session.get(CommandRow, asked.id)
    if row is not None and row.fingerprint != asked.fingerprint:
        raise Refused("key_reused")
    return row


async def accept(session: AsyncSession, asked: Asked, *, now: datetime) -> CommandRow:
    """Keep a command that the rules allow now; from the commit on it cannot be lost.

    Raises the `Refused` of the rules or of the content; then nothing is stored.
    """
    case = await cases.get(session, asked.case_id)
    move = stages.MOVE.get(asked.kind)
    wanted = move.roles if move else ()
    role = next((one for one in asked.roles if one in wanted), asked.roles[0] if asked.roles else Role.LEARNER)
    row = CommandRow(
        id=asked.id,
        case_id=asked.case_id,
        kind=asked.kind,
        subject=bodies.subject_of(asked.kind, asked.body),
        actor=str(asked.actor),
        role=role,
        expected_version=await _expected(session, asked, present=case.version),
        fingerprint=asked.fingerprint,
        body=msgspec.to_builtins(asked.body),
        status=CommandStatus.PENDING,
        received_at=now,
    )
    stages.transition(await cases.state(session, case), message(row))
    programme = await programmes.of_case(session, case)
    content = registry.CONTENT.get(asked.kind, Content())
    await content.hold(Setting(session, case, programme, message(row), asked.body, now))
    session.add(row)
    await session.flush()
    await audit.log(
        session,
        stream=f"case:{asked.case_id}",
        actor=str(asked.actor),
        action="command_received",
        subject=str(asked.id),
        details={"kind": asked.kind},
        now=now,
    )
    return row


async def _expected(session: AsyncSession, asked: Asked, *, present: int) -> int:
    """The case's version that is meant: a blind reader's stands for the present one while nothing they see changed."""
    if asked.blind:
        seen = await blind.version(session, case_id=asked.case_id, person=asked.actor, upto=present)
        return present if asked.expected_version == seen else asked.expected_version
    return asked.expected_version


async def refuse(session: AsyncSession, command_id: UUID, refused: Refused, *, now: datetime) -> CommandRow:
    """Settle a pending command as refused, and answer from its row: it may have been applied after all."""
    await session.exec(
        sa.update(CommandRow)
        .where(col(CommandRow.id) == command_id, col(CommandRow.status) == CommandStatus.PENDING)
        .values(
            status=CommandStatus.REFUSED,
            refusal=refused.code,
            refusal_facts=refused.facts,
            settled_at=now,
            heard=True,
        )
    )
    return await session.get_one(CommandRow, command_id, populate_existing=True)


def refusal_of(row: CommandRow) -> Refused:
    """Why the command was refused, as it was told then."""
    code = row.refusal if row.refusal in REFUSALS else "illegal_transition"
    return Refused(str(code), **{key: str(value) for key, value in (row.refusal_facts or {}).items()})


async def pending(session: AsyncSession, *, now: datetime, limit: int = 50) -> list[CommandRow]:
    """Commands that wait for longer than ten seconds, oldest first, one per case: what the relay sends again."""
    due = sa.or_(col(CommandRow.try_after).is_(None), col(CommandRow.try_after) <= now)
    rows = await session.exec(
        select(CommandRow)
        .where(col(CommandRow.status) == CommandStatus.PENDING, col(CommandRow.received_at) <= now - RELAY_AFTER, due)
        .order_by(col(CommandRow.received_at), col(CommandRow.id))
        .limit(limit * 4)
    )
    first: dict[UUID, CommandRow] = {}
    for row in rows:
        first.setdefault(row.case_id, row)
    return list(first.values())[:limit]


async def tried(session: AsyncSession, command_id: UUID, *, now: datetime) -> None:
    """Note that the relay sent the command; the next attempt waits twice as long, ten minutes at most."""
    row = await session.get_one(CommandRow, command_id)
    row.attempts += 1
    row.try_after = now + min(FIRST_RETRY * 2 ** min(row.attempts - 1, 10), LAST_RETRY)


async def heard(session: AsyncSession, command_ids: Collection[UUID]) -> None:
    """Note that the workflows of these applied commands know of them."""
    await session.exec(sa.update(CommandRow).where(col(CommandRow.id).in_(command_ids)).values(heard=True))


async def unheard(session: AsyncSession, *, now: datetime, limit: int = 50) -> dict[UUID, list[UUID]]:
    """Commands applied for longer than half a minute that their workflow may not know of, by case, oldest first."""
    rows = await session.exec(
        select(CommandRow.case_id, CommandRow.id)
        .where(~col(CommandRow.heard), col(CommandRow.settled_at) <= now - UNHEARD_AFTER)
        .where(col(CommandRow.status) == CommandStatus.APPLIED)
        .order_by(col(CommandRow.settled_at), col(CommandRow.id))
        .limit(limit)
    )
    found: dict[UUID, list[UUID]] = {}
    for case_id, command_id in rows:
        found.setdefault(case_id, []).append(command_id)
    return found


async def oldest_pending(session: AsyncSession) -> datetime | None:
    """When the command that waits longest was received."""
    rows = await session.exec(
        select(CommandRow.received_at)
        .where(col(CommandRow.status) == CommandStatus.PENDING, col(CommandRow.actor) != CLOCK)
        .order_by(col(CommandRow.received_at))
        .limit(1)
    )
    return rows.first()
