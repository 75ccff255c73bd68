"""The relay: sends again what was kept and not yet applied, so that no acknowledged command waits for ever.

And it tells a workflow to look again where a command was applied that it may not know of: its answer was lost together
with the server that held it, and what the command led to would wait for the next one.
"""

import asyncio
import logging
from datetime import UTC, datetime
from uuid import UUID

import sqlalchemy as sa

from services.records import cases, commands
from services.records.database import Database
from services.records.tables.commands import CommandRow
from services.rules.case import Stage
from services.rules.refusals import Refused
from services.workflows.desk import Desk

EVERY = 15.0
AT_ONCE = 50
NOTED_AFTER = 5.0
"""Seconds after which it is written down whose workflows are known to know; `commands.UNHEARD_AFTER` is longer."""

GONE = (sa.exc.DBAPIError, sa.exc.TimeoutError)
"""The database pauses. Only the kind is logged: its text could hold a name."""

log = logging.getLogger("acquis.relay")


async def deliver(database: Database, desk: Desk, row: CommandRow) -> bool:
    """Send one kept command, settle its refusal; answers whether it is settled now."""

    async def case_open() -> bool:
        return await cases.stage(database, row.case_id) is not Stage.CLOSED

    try:
        settled = await desk.send(commands.message(row), case_open=case_open)
    except Refused as refused:
        if refused.code == "unavailable":
            return False
        async with database.writing() as session:
            await commands.refuse(session, row.id, refused, now=datetime.now(UTC))
        return True
    return settled


class Heard:
    """Commands that were answered, and so stand in their workflow's history; written down together, a little later.

    One that is never written down, because this process ended, costs its workflow one look at the records.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ids: list[UUID] = []
        self._writing: asyncio.Task[None] | None = None

    def note(self, command_id: UUID) -> None:
        """The command was answered."""
        self._ids.append(command_id)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_later())

    async def close(self) -> None:
        """Write down what is left."""
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.gather(self._writing, return_exceptions=True)
            await self._write()

    async def _write_later(self) -> None:
        while self._ids:
            await asyncio.sleep(NOTED_AFTER)
            await self._write()

    async def _write(self) -> None:
        ids, self._ids = self._ids, []
        if not ids:
            return
        try:
            async with self._database.writing() as session:
                await commands.heard(session, ids)
        except GONE as failed:
            log.warning("heard not noted count=%d cause=%s", len(ids), type(failed).__name__)


async def once(database: Database, desk: Desk) -> int:
    """Send every command that is due, at most fifty cases at once; answers how many were settled."""
    now = datetime.now(UTC)
    async with database.writing() as session:
        rows = await commands.pending(session, now=now, limit=AT_ONCE)
        for row in rows:
            await commands.tried(session, row.id, now=now)
    settled = await asyncio.gather(*(deliver(database, desk, row) for row in rows))
    if rows:
        log.info("relay sent=%d settled=%d", len(rows), sum(settled))
        async with database.writing() as session:
            await commands.heard(session, [row.id for row, done in zip(rows, settled, strict=True) if done])
    return sum(settled)


async def tell(database: Database, desk: Desk) -> None:
    """Have the workflow of every case look again that may not know what was applied in it."""
    async with database.reading() as session:
        unheard = await commands.unheard(session, now=datetime.now(UTC), limit=AT_ONCE)
    if not unheard:
        return
    woken = await asyncio.gather(*(desk.wake(case_id) for case_id in unheard))
    told = [command for done, ids in zip(woken, unheard.values(), strict=True) if done for command in ids]
    log.info("relay unheard=%d told=%d", sum(map(len, unheard.values())), len(told))
    async with database.writing() as session:
        await commands.heard(session, told)


async def run(database: Database, desk: Desk) -> None:
    """Go on until cancelled: at once, then every fifteen seconds, sooner while commands get settled."""
    while True:
        try:
            while await once(database, desk):
                pass
            await tell(database, desk)
        except GONE as failed:  # it comes back, and what was kept waits in it
            log.warning("relay interrupted cause=%s", type(failed).__name__)
        await asyncio.sleep(EVERY)
