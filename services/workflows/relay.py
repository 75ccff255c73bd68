"""The relay: sends again what was kept and not yet applied, so that no acknowledged command waits for ever."""

import asyncio
import logging
from datetime import UTC, datetime

import sqlalchemy as sa

from services.records import cases, commands
from services.records.database import Database
from services.records.tables.commands import CommandRow
from services.rules.case import Stage
from services.rules.refusals import Refused
from services.workflows.desk import Desk

EVERY = 15.0
AT_ONCE = 50

log = logging.getLogger("acquis.relay")


async def deliver(database: Database, desk: Desk, row: CommandRow) -> bool:
    """Send one kept command, settle its refusal; answers whether it is settled now."""
    case_open = await cases.stage(database, row.case_id) is not Stage.CLOSED
    try:
        settled = await desk.send(commands.message(row), case_open=case_open)
    except Refused as refused:
        if refused.code == "unavailable":
            return False
        async with database.writing() as session:
            await commands.refuse(session, row.id, refused, now=datetime.now(UTC))
        return True
    return settled


async def once(database: Database, desk: Desk) -> int:
    """Send every command that is due, at most fifty cases at once; answers how many were settled."""
    now = datetime.now(UTC)
    async with database.writing() as session:
        rows = await commands.pending(session, now=now, limit=AT_ONCE)
        for row in rows:
            await commands.tried(session, row.id, now=now)
    settled = sum(await asyncio.gather(*(deliver(database, desk, row) for row in rows)))
    if rows:
        log.info("relay sent=%d settled=%d", len(rows), settled)
    return settled


async def run(database: Database, desk: Desk) -> None:
    """Go on until cancelled: at once, then every fifteen seconds, sooner while commands get settled."""
    while True:
        try:
            while await once(database, desk):
                pass
        except (sa.exc.DBAPIError, sa.exc.TimeoutError) as failed:
            # The database comes back, and what was kept waits in it; only the kind, its text could hold a name.
            log.warning("relay interrupted cause=%s", type(failed).__name__)
        await asyncio.sleep(EVERY)
