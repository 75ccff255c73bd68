"""Alembic's entry: `services/records/migrating.py` opens the connection and hands it over here."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlmodel.sql.sqltypes import AutoString

from services.records.database import UtcDateTime
from services.records.tables.everything import METADATA


def spelled(kind: str, item: Any, autogenerate: AutogenContext) -> str | Literal[False]:  # noqa: ANN401 - signature of Alembic
    """Spell column types in a revision without naming our code, which will have moved on when the revision runs."""
    if kind != "type":
        return False
    if isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, AutoString):
        return f"sa.String(length={item.length})" if item.length else "sa.String()"
    if isinstance(item, sa.JSON):
        autogenerate.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


def run() -> None:
    """Run the revisions on the open connection, or print their SQL where there is none."""
    attributes = context.config.attributes
    connection: sa.engine.Connection | None = attributes.get("connection")
    offline: dict[str, Any] = {"dialect_name": attributes.get("dialect"), "literal_binds": True}
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        render_as_batch=bool(attributes.get("following")),
        render_item=spelled,
        **({} if connection is not None else offline),
    )
    with context.begin_transaction():
        context.run_migrations()


run()
