"""Holds the house to what clients were told: every acknowledgement against database, blobs and outbox.

Present but never acknowledged is allowed: the answer was lost, not the work.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records.blobs import Blobs
from services.records.tables.assessment import Judgement
from services.records.tables.cases import Case, StageHistory
from services.records.tables.commands import CommandRow, CommandStatus, EffectRow, EffectState, Mail
from services.records.tables.credentials import WITHDRAWN, Credential
from services.records.tables.decisions import DecisionClaim, Letter
from services.records.tables.evidence import EvidenceItem, Pointer
from services.rules.people import Role
from tests.chaos.ledger import Entry

PLAIN = frozenset({"open", "upload", "describe", "point", "answers", "judge"})
"""What is written without a command; everything else in a ledger is one."""

MANY_TIMES = frozenset({"complete", "answer_request", "ask_completion", "request_evidence"})
"""Moves that a script of ours may make more than once; every other one a person makes once a case."""


@dataclass(slots=True)
class Verdict:
    """What was found. `lost` and `duplicated` are sentences, one for each; empty in a sound house."""

    acked: int = 0
    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    unacked_present: int = 0


async def judge(session: AsyncSession, blobs: Blobs, entries: Sequence[Entry], *, outbox: Path | None) -> Verdict:
    """Hold the whole house against the ledgers, once it is quiet."""
    verdict = await losses(session, blobs, entries)
    verdict.duplicated += await _twice(session)
    if outbox is not None:
        verdict.lost += await _mails(session, outbox)
    verdict.unacked_present = await _unacknowledged(session, entries)
    return verdict


async def losses(session: AsyncSession, blobs: Blobs, entries: Sequence[Entry]) -> Verdict:
    """What was acknowledged and is not there, or is not as it was told."""
    verdict = Verdict()
    told = [entry for entry in entries if entry.event in {"answered", "settled"} and entry.status in {200, 201, 202}]
    verdict.acked = len(told)
    for entry in told:
        check = PLAIN_CHECKS[entry.kind] if entry.kind in PLAIN else _command
        wrong = await check(session, entry)
        if wrong is None and entry.kind == "upload":
            wrong = await _bytes(blobs, entry)
        if wrong:
            verdict.lost.append(f"{entry.kind} {entry.key or entry.told.get('id')}: {wrong}")
    verdict.lost += await _refusals(session, entries)
    verdict.lost += await _versions(session, told)
    return verdict


# commands


async def _command(session: AsyncSession, entry: Entry) -> str | None:
    row = await session.get(CommandRow, UUID(entry.key))
    if row is None:
        return "acknowledged and not there"
    if entry.status == 202:
        return "kept and never settled" if row.status is CommandStatus.PENDING else None
    result = {name: value for name, value in (row.result or {}).items() if name in (entry.told.get("result") or {})}
    if (row.status, row.version) != (CommandStatus.APPLIED, entry.told["version"]):
        return f"told as applied at {entry.told['version']}, is {row.status} at {row.version}"
    return None if result == entry.told["result"] else "another result"


async def _refusals(session: AsyncSession, entries: Sequence[Entry]) -> list[str]:
    """Commands that were refused and had an effect all the same."""
    refused = {entry.key for entry in entries if entry.key and entry.status == 409}
    rows = [await session.get(CommandRow, UUID(key)) for key in refused]
    return [f"{row.kind} {row.id}: refused and {row.status}" for row in rows if row and not _without_effect(row)]


def _without_effect(row: CommandRow) -> bool:
    return row.status is CommandStatus.REFUSED and row.version is None


async def _versions(session: AsyncSession, told: Iterable[Entry]) -> list[str]:
    """A case stands where its clients were told, or further; no version was told of two commands."""
    wrong = []
    said: dict[tuple[str, int], set[str]] = {}
    for entry in told:
        if entry.kind not in PLAIN and entry.status == 200:
            said.setdefault((entry.case, int(entry.told["version"])), set()).add(entry.key)
    for (case_id, version), keys in said.items():
        case = await session.get(Case, UUID(case_id))
        if case is None or case.version < version:
            wrong.append(f"case {case_id}: told version {version}")
        if len(keys) > 1:
            wrong.append(f"case {case_id}: version {version} was told of {len(keys)} commands")
    return wrong


# plain writes


async def _opened(session: AsyncSession, entry: Entry) -> str | None:
    return None if await session.get(Case, UUID(entry.told["id"])) else "opened and not there"


async def _uploaded(session: AsyncSession, entry: Entry) -> str | None:
    item = await session.get(EvidenceItem, UUID(entry.told["id"]))
    if item is None or item.removed_at is not None:
        return "received and not there"
    return None if (item.sha256, item.size) == (entry.told["sha256"], entry.told["size"]) else "other bytes"


async def _bytes(blobs: Blobs, entry: Entry) -> str | None:
    sha256 = entry.told["sha256"]
    if not await blobs.exists(sha256):
        return "its bytes are not there"
    digest = hashlib.sha256()
    async for chunk in blobs.read(sha256):
        digest.update(chunk)
    return None if digest.hexdigest() == sha256 else "its bytes are others"


async def _described(session: AsyncSession, entry: Entry) -> str | None:
    item = await session.get(EvidenceItem, UUID(entry.told["id"]))
    return None if item and item.title == entry.told["title"] else "described and not kept"


async def _pointed(session: AsyncSession, entry: Entry) -> str | None:
    return None if await session.get(Pointer, UUID(entry.told["id"])) else "pointed and not kept"


async def _answered(session: AsyncSession, entry: Entry) -> str | None:
    case = await session.get(Case, UUID(entry.case))
    if case is None or case.answers_version < entry.told["version"]:
        return "answered and not kept"
    newer = case.answers_version > entry.told["version"]
    return None if newer or case.answers == entry.told["answers"] else "other answers"


async def _judged(session: AsyncSession, entry: Entry) -> str | None:
    rows = await session.exec(select(Judgement.version).where(col(Judgement.claim_id) == UUID(entry.told["claim"])))
    return None if max(rows, default=0) >= entry.told["version"] else "judged and not kept"


PLAIN_CHECKS: dict[str, Any] = {
    "open": _opened,
    "upload": _uploaded,
    "describe": _described,
    "point": _pointed,
    "answers": _answered,
    "judge": _judged,
}


# what must be there once


async def _twice(session: AsyncSession) -> list[str]:
    """Everything that exists more often than it may; where the database forbids it, that is asked all the same."""
    letters = [
        (str(one), language) for one, language in await session.exec(select(Letter.decision_id, Letter.language))
    ]
    active = await session.exec(select(Credential.claim_id).where(col(Credential.state).not_in(WITHDRAWN)))
    settled = await session.exec(select(DecisionClaim.claim_id))
    moves = await session.exec(
        select(StageHistory.case_id, StageHistory.move)
        .join(CommandRow, col(CommandRow.id) == col(StageHistory.command_id))
        .where(col(CommandRow.role) != Role.CLOCK, col(StageHistory.move).not_in(MANY_TIMES))
    )
    commands = await session.exec(select(StageHistory.command_id))
    notices = await session.exec(select(EffectRow.case_id, EffectRow.seq, EffectRow.notice, EffectRow.recipient))
    counted: dict[str, list[Any]] = {
        "letter": letters,
        "credential": list(active),
        "decision on claim": list(settled),
        "move": [(str(case), move) for case, move in moves],
        "history of command": list(commands),
        "notice": [row for row in notices if row[2] is not None],
    }
    return [
        f"{what} {one}: {times} times"
        for what, found in counted.items()
        for one, times in Counter(found).items()
        if times > 1
    ]


async def _mails(session: AsyncSession, outbox: Path) -> list[str]:
    """Every mail that is noted lies in the outbox, and every one that lies there is noted."""
    rows = list(await session.exec(select(Mail.message_id)))
    noted = {message_id.strip("<>").partition("@")[0] for message_id in rows}
    sent = {path.stem for path in outbox.glob("*.eml")}
    # A reminder of what is over by then is done without a mail.
    due = await session.exec(
        select(EffectRow.key)
        .outerjoin(Mail, col(Mail.effect_key) == col(EffectRow.key))
        .where(col(EffectRow.activity) == "send_notice", col(EffectRow.state) == EffectState.DONE)
        .where(col(EffectRow.limit_id).is_(None) | col(Mail.effect_key).is_not(None))
    )
    missing = [f"mail {one}: noted and not sent" for one in noted - sent]
    missing += [f"mail {one}: sent and not noted" for one in sent - noted]
    return missing if len(list(due)) == len(rows) else [*missing, "mails: not one for each that was due"]


async def _unacknowledged(session: AsyncSession, entries: Sequence[Entry]) -> int:
    """Commands and files that are there although nobody was told."""
    told = {entry.key or entry.told.get("id") for entry in entries if entry.status in {200, 201}}
    commands = await session.exec(
        select(CommandRow.id).where(col(CommandRow.role) != Role.CLOCK, col(CommandRow.status) == CommandStatus.APPLIED)
    )
    items = await session.exec(select(EvidenceItem.id))
    return sum(str(one) not in told for one in [*commands, *items])
