"""The checker finds every kind of broken promise, and says nothing of a house that kept them."""

import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import blobs as stores
from services.records.blobs import Blobs
from services.records.database import Database
from services.records.tables.cases import Case
from services.records.tables.commands import CommandRow, CommandStatus, EffectRow, EffectState, Mail
from services.records.tables.evidence import EvidenceItem
from services.rules.case import Lane, Stage
from services.rules.people import Role
from tests.chaos import checker
from tests.chaos.ledger import Entry
from tests.records import makers
from tests.records.conftest import (  # noqa: F401 - the databases of the records' tests
    readers,
    sqlite_database,
    sqlite_template,
    sqlite_url,
)

BYTES = b"%PDF-1.4 sample"


@dataclass(frozen=True, slots=True)
class Kept:
    """A house that kept what it told: a case, a command applied to it, a file, and the ledger of whoever was told."""

    session: AsyncSession
    blobs: Blobs
    case: Case
    command: CommandRow
    item: EvidenceItem

    def told(self) -> list[Entry]:
        """What was acknowledged."""
        return [
            Entry("answered", "open", status=200, told={"id": str(self.case.id)}),
            Entry(
                "answered",
                "upload",
                case=str(self.case.id),
                status=201,
                told={"id": str(self.item.id), "sha256": self.item.sha256, "size": self.item.size},
            ),
            self.applied(),
        ]

    def applied(self) -> Entry:
        """The acknowledgement of the command."""
        return Entry(
            "answered",
            "submit",
            key=str(self.command.id),
            case=str(self.case.id),
            status=200,
            told={"version": self.command.version, "result": dict(self.command.result or {})},
        )

    async def lost(self, *entries: Entry) -> str:
        """What the checker says of these entries."""
        return "; ".join((await checker.losses(self.session, self.blobs, entries)).lost)


@pytest.fixture
async def kept(sqlite_database: Database, tmp_path: Path) -> AsyncIterator[Kept]:  # noqa: F811 - fixtures are asked for by name
    """What was told is there."""
    store = stores.connect(str(tmp_path / "blobs"))
    async with store.incoming() as incoming:
        await incoming.write(BYTES)
        stored = await incoming.keep()
    async with sqlite_database.writing() as session:
        case = await makers.case(session)
        command = await makers.applied(
            session, case, "submit", actor=case.learner_id, role=Role.LEARNER, to=Stage.SUBMITTED
        )
        item = await makers.evidence(session, case, sha256=stored.sha256, size=stored.size)
        yield Kept(session, store, case, command, item)


async def test_a_house_that_kept_what_it_told_has_lost_nothing(kept: Kept, tmp_path: Path) -> None:
    verdict = await checker.judge(kept.session, kept.blobs, kept.told(), outbox=tmp_path)

    assert (verdict.lost, verdict.duplicated, verdict.unacked_present, verdict.acked) == ([], [], 0, 3)


async def test_what_is_there_and_was_not_told_is_counted_and_not_held_against_anybody(kept: Kept) -> None:
    verdict = await checker.judge(kept.session, kept.blobs, [], outbox=None)

    assert (verdict.lost, verdict.unacked_present) == ([], 2)


Lie = Callable[[Entry], Entry]

LIES: dict[str, tuple[Lie, str]] = {
    "a command that is not there": (lambda one: replace(one, key=str(uuid4())), "not there"),
    "another version": (lambda one: replace(one, told=one.told | {"version": 2}), "told as applied at 2"),
    "another result": (lambda one: replace(one, told=one.told | {"result": {"version": 9}}), "another result"),
    "refused, and applied all the same": (lambda one: replace(one, status=409), "refused and applied"),
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_command_that_is_not_as_it_was_told_is_found(kept: Kept, lie: str) -> None:
    told, found = LIES[lie]

    assert found in await kept.lost(told(kept.applied()))


async def test_a_command_that_was_kept_and_never_settled_is_found(kept: Kept) -> None:
    waiting = await makers.command(
        kept.session, kept.case, "withdraw", actor=kept.case.learner_id, role=Role.LEARNER, status=CommandStatus.PENDING
    )

    told = Entry("answered", "withdraw", key=str(waiting.id), case=str(kept.case.id), status=202)

    assert "never settled" in await kept.lost(told)


async def test_a_version_that_was_told_of_two_commands_is_found(kept: Kept) -> None:
    twice = replace(kept.applied(), key=str(uuid4()))

    assert "was told of 2 commands" in await kept.lost(kept.applied(), twice)


async def test_a_case_that_went_back_is_found(kept: Kept) -> None:
    kept.case.version = 0
    await kept.session.flush()

    assert "told version 1" in await kept.lost(kept.applied())


@pytest.mark.parametrize("kind", sorted(checker.PLAIN))
async def test_what_was_written_without_a_command_and_is_not_there_is_found(kept: Kept, kind: str) -> None:
    told = {"id": str(uuid4()), "claim": str(uuid4()), "version": 3, "title": "x", "sha256": "0" * 64, "size": 1}

    assert await kept.lost(Entry("answered", kind, case=str(kept.case.id), status=200, told=told))


async def test_a_file_whose_bytes_are_gone_or_others_is_found(kept: Kept, tmp_path: Path) -> None:
    upload = kept.told()[1]
    digest = hashlib.sha256(BYTES).hexdigest()
    place = tmp_path / "blobs" / digest[:2] / digest

    place.chmod(0o600)
    place.write_bytes(BYTES + b"!")
    assert "its bytes are others" in await kept.lost(upload)
    place.unlink()
    assert "its bytes are not there" in await kept.lost(upload)


async def test_a_move_made_twice_is_found(kept: Kept) -> None:
    await makers.applied(kept.session, kept.case, "submit", actor=kept.case.learner_id, role=Role.LEARNER)

    verdict = await checker.judge(kept.session, kept.blobs, kept.told(), outbox=None)

    assert [one for one in verdict.duplicated if one.startswith("move")]


async def test_a_mail_that_is_noted_and_not_sent_or_sent_and_not_noted_is_found(kept: Kept, tmp_path: Path) -> None:
    key = f"{kept.case.id}:1:send_notice:learner"
    kept.session.add(
        EffectRow(
            key=key,
            case_id=kept.case.id,
            seq=1,
            step=0,
            activity="send_notice",
            lane=Lane.MAIL,
            notice="submitted",
            recipient=kept.case.learner_id,
            state=EffectState.DONE,
            queued_at=makers.NOW,
        )
    )
    await kept.session.flush()
    outbox = tmp_path / "outbox"
    outbox.mkdir()

    async def said() -> str:
        return "; ".join((await checker.judge(kept.session, kept.blobs, kept.told(), outbox=outbox)).lost)

    assert "not one for each that was due" in await said()
    kept.session.add(
        Mail(
            effect_key=key,
            message_id="<sample@localhost>",
            case_id=kept.case.id,
            notice="submitted",
            recipient=kept.case.learner_id,
            language="en",
            accepted_at=makers.NOW,
        )
    )
    await kept.session.flush()
    assert "noted and not sent" in await said()
    (outbox / "sample.eml").touch()
    assert await said() == ""
    (outbox / "other.eml").touch()
    assert "sent and not noted" in await said()
