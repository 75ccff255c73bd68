"""Brings a database to the schema of this release and back; what Alembic needs to know is said here, not in a file.

`python -m services.records.migrating revision` writes the one revision anew from the tables until it is released;
with a sentence behind it, it writes the next one.
"""

import io
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations.ops import CreateIndexOp, MigrationScript
from alembic.script import ScriptDirectory
from sqlalchemy import event
from sqlalchemy.engine import Connection

from services.records import triggers
from services.records.tables.everything import METADATA

FOLDER = Path(__file__).parent / "migrations"
FIRST = "0001"
LOCK = 0x61637175
"""Advisory lock on PostgreSQL: of two servers that start at once, one migrates and the other then finds it done."""


def upgrade(url: str, *, to: str = "head") -> None:
    """Bring the database at `url` (`sqlite:///path`, `postgresql://…`) up to revision `to`, in one transaction."""
    with _opened(url) as connection:
        triggers.remove(connection)
        command.upgrade(_config(connection=connection), to)
        triggers.install(connection)
        _no_orphans(connection)


def downgrade(url: str, *, to: str) -> None:
    """Take the database back to revision `to`; `base` leaves an empty database."""
    with _opened(url) as connection:
        triggers.remove(connection)
        command.downgrade(_config(connection=connection), to)
        if to != "base":
            triggers.install(connection)
        _no_orphans(connection)


def revision(url: str) -> str | None:
    """The revision that the database is at; None for an empty one."""
    with _opened(url) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """The revision of this release."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def differences(url: str) -> list[Any]:
    """What the database's tables, columns and indexes differ in from the code's, as Alembic names it."""
    with _opened(url) as connection, _quiet_about_expressions():
        return list(compare_metadata(MigrationContext.configure(connection), METADATA))


def sql(dialect: str = "postgresql") -> str:
    """Everything that `upgrade` runs on an empty database, as SQL to read, lint or hand to an administrator."""
    printed = io.StringIO()
    command.upgrade(_config(output=printed, dialect=dialect), "head", sql=True)
    guards = "".join(f"{statement};\n\n" for statement in triggers.statements(dialect))
    before, commit, after = printed.getvalue().rpartition("COMMIT;")
    return f"{before}{guards}{commit}{after}"


def write(message: str | None) -> Path:
    """Write a revision from the tables: the next one that `message` describes, or the first one anew."""
    revisions = sorted(FOLDER.glob("versions/*.py"))
    with tempfile.TemporaryDirectory() as scratch:
        url = f"sqlite:///{scratch}/schema.db"
        if message is None:
            if any(not path.name.startswith(FIRST) for path in revisions):
                raise SystemExit("the first revision is followed by others; say what the next one changes")
            for path in revisions:
                path.unlink()
        else:
            upgrade(url)
        with _opened(url) as connection, _quiet_about_expressions():
            script = command.revision(
                _config(connection=connection, following=message is not None),
                message=message or "every table",
                rev_id=FIRST if message is None else f"{len(revisions) + 1:04}",
                autogenerate=True,
                process_revision_directives=None if message else _with_expression_indexes,
            )
    if script is None or isinstance(script, list):
        raise SystemExit("no revision was written")
    return Path(script.path)


def _config(
    *,
    connection: Connection | None = None,
    following: bool = False,
    output: io.StringIO | None = None,
    dialect: str = "postgresql",
) -> Config:
    config = Config(output_buffer=output, stdout=io.StringIO())
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes |= {"connection": connection, "following": following, "dialect": dialect}
    return config


def _with_expression_indexes(_: object, __: object, scripts: list[MigrationScript]) -> None:
    """Add the indexes over expressions: Alembic leaves them out because SQLite cannot show them."""
    steps = scripts[0].upgrade_ops
    for table in METADATA.sorted_tables:
        for index in sorted(table.indexes, key=lambda one: str(one.name)):
            if steps is not None and not all(isinstance(part, sa.Column) for part in index.expressions):
                steps.ops.append(CreateIndexOp.from_index(index))


@contextmanager
def _quiet_about_expressions() -> Iterator[None]:
    """On SQLite indexes over expressions are not compared; a test compares the whole schema's SQL instead."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "autogenerate skipping metadata-specified expression-based index")
        warnings.filterwarnings("ignore", "Skipped unsupported reflection of expression-based index")
        yield


@contextmanager
def _opened(url: str) -> Iterator[Connection]:
    """A connection inside one transaction that holds the schema alone."""
    sqlite = url.startswith("sqlite")
    engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:", 1), poolclass=sa.NullPool)
    if sqlite:
        event.listen(engine, "connect", _schema_settings)
        event.listen(engine, "begin", _begin_alone)
    try:
        with engine.begin() as connection:
            if not sqlite:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
            yield connection
    finally:
        engine.dispose()


def _schema_settings(connection: Any, _: object) -> None:  # noqa: ANN401 - the driver's own connection has no shared type
    # Rebuilding a table drops it for a moment: with foreign keys on, its rows' children would go with it.
    connection.isolation_level = None
    for pragma in ("foreign_keys=OFF", "journal_mode=WAL", "busy_timeout=5000"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_alone(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _no_orphans(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if orphans:
        raise RuntimeError(f"the migration left rows without their parents: {orphans[:5]}")


def main(arguments: list[str]) -> int:
    """Usage: revision [SENTENCE] | upgrade URL | downgrade URL REVISION | check URL | sql."""
    status = 0
    match arguments:
        case ["revision", *rest] if len(rest) <= 1:
            said = [str(write(rest[0] if rest else None))]
        case ["upgrade", url]:
            upgrade(url)
            said = [head()]
        case ["downgrade", url, to]:
            downgrade(url, to=to)
            said = [to]
        case ["check", url]:
            said = [str(difference) for difference in differences(url)]
            status = 1 if said else 0
        case ["sql"]:
            said = [sql()]
        case _:
            said, status = [str(main.__doc__)], 2
    sys.stdout.write("".join(f"{line}\n" for line in said))
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
