"""Counts what the database is asked: a number that is the same on every machine, where a time is not."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from unittest.mock import patch

from sqlalchemy import event

from services.records import lone
from services.records.database import Database


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """Every statement inside the block, except the lock by which PostgreSQL keeps the writers of a log in line."""
    asked: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        if "pg_advisory_xact_lock" not in statement:
            asked.append(statement)

    really = lone.Lines.rows

    async def alone(lines: lone.Lines, statement: lone.Columns, params: Mapping[str, object]) -> lone.Rows:
        asked.append(str(statement))
        return await really(lines, statement, params)

    engine = database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        with patch.object(lone.Lines, "rows", alone):
            yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)
