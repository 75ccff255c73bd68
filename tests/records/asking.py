"""Counts what the database is asked: a number that is the same on every machine, where a time is not."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from services.records.database import Database


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """Every statement inside the block, except the lock by which PostgreSQL keeps the writers of a log in line."""
    asked: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        if "pg_advisory_xact_lock" not in statement:
            asked.append(statement)

    engine = database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)
