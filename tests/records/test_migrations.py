"""A database goes up to this release and back on both engines, and then guards its past by itself."""

import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from services.records import migrating, triggers
from services.records.database import Database, connect
from services.records.tables.everything import METADATA
from tests.records import makers
from tests.records.databases import PostgresqlTemplate, Template


@pytest.fixture
def empty_url(template: Template) -> Iterator[str]:
    """The address of a database without tables."""
    url = template.empty()
    yield url
    template.drop(url)


async def fill(url: str) -> None:
    opened = connect(url)
    async with opened.writing() as session:
        await makers.decided(session)
    await opened.close()


async def test_up_down_and_up_again_with_rows_in_every_place(empty_url: str) -> None:
    migrating.upgrade(empty_url)
    await fill(empty_url)
    migrating.downgrade(empty_url, to="base")
    assert migrating.revision(empty_url) is None
    migrating.upgrade(empty_url)
    assert migrating.revision(empty_url) == migrating.head()
    await fill(empty_url)


async def test_up_on_a_database_that_is_up_keeps_its_rows_and_its_guards(database_url: str) -> None:
    await fill(database_url)
    migrating.upgrade(database_url)
    opened = connect(database_url)
    with pytest.raises(IntegrityError):
        async with opened.engine.begin() as connection:
            await connection.execute(sa.text("DELETE FROM audit"))
    await opened.close()


def test_the_migrated_database_is_the_one_that_the_code_describes(database_url: str) -> None:
    assert migrating.differences(database_url) == []


def test_a_column_that_no_revision_knows_is_found(database_url: str) -> None:
    table = METADATA.tables["employers"]
    added = sa.Column("forgotten", sa.String())
    table.append_column(added)
    try:
        assert [difference[0] for difference in migrating.differences(database_url)] == ["add_column"]
    finally:
        table._columns.remove(added)  # noqa: SLF001 - SQLAlchemy has no way to take a column back


def schema(path: Path) -> dict[str, list[str]]:
    """Every table and index of a SQLite file with its parts, whatever their order and spelling."""
    with sqlite3.connect(path) as connection:
        rows = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL"
        ).fetchall()
    connection.close()
    return {
        name: sorted(re.sub(r"\s+", " ", part).strip(' "') for part in re.split(r",\s*\n|\n\)", sql))
        for name, sql in rows
        if name != "alembic_version"
    }


def test_checks_and_indexes_too_are_those_of_the_code(tmp_path: Path) -> None:
    migrating.upgrade(f"sqlite:///{tmp_path / 'migrated.db'}")
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'described.db'}")
    METADATA.create_all(engine)
    engine.dispose()
    assert schema(tmp_path / "migrated.db") == schema(tmp_path / "described.db")


def test_a_migration_that_leaves_rows_without_parents_is_undone(tmp_path: Path) -> None:
    path = tmp_path / "orphans.db"
    url = f"sqlite:///{path}"
    migrating.upgrade(url)
    with sqlite3.connect(path) as connection:
        connection.execute(
            "INSERT INTO sessions (token_hash, person_id, created_at, seen_at, idle_minutes, expires_at)"
            " VALUES ('t', 'nobody', '2026-01-01', '2026-01-01', 30, '2026-01-02')"
        )
    connection.close()
    with pytest.raises(RuntimeError, match="without their parents"):
        migrating.upgrade(url)


CHANGES = {
    "audit": "actor = 'somebody'",
    "stage_history": "move = 'other'",
    "decisions": "reasons = 'other'",
    "decision_claims": "judgement_id = NULL",
    "case_parties": "since = '2020-01-01'",
    "credential_intents": "code = 'OTHER'",
    "judgements": "updated_at = '2020-01-01'",
    "credentials": "document = '{}'",
    "letters": "sha256 = 'other'",
    "programme_versions": "fingerprint = 'other'",
}
WITHOUT_ROWS = {
    "cohort_members",
    "credential_shares",
    "portfolio_versions",
    "conflict_overrides",
    "calendar_editions",
    "sponsor_agreements",
    "transfer_checks",
    "lapse_challenges",
    "gap_plans",
    "gap_rows",
    "anchors",
    "anchor_ratings",
    "calibration_rounds",
    "attestation_statements",
    "attestation_call_backs",
    "conferral_messages",
    "conferral_choices",
    "decision_returns",
    "panel_minutes",
    "panel_votes",
    "panel_findings",
    "appointment_claims",
    "appointment_records",
    "appointment_files",
    "judgement_confirmations",
    "judgement_returns",
    "judgement_clarifications",
    "second_readings",
    "sampling_seeds",
    "appeals",
    "appeal_claims",
    "appeal_hearings",
    "appeal_rulings",
    "appeal_votes",
    "case_messages",
    "remarks",
    "look_back_findings",
    "case_fees",
    "fee_waivers",
    "survey_invitations",
    "public_reports",
    "group_years",
}
"""The makers' decided case has none; they are guarded by the same two lines as the others.

Checks of transfers and plans are tried by `test_moves_transferring.py` and `test_moves_planning.py`, anchors and
rounds by `test_calibrations.py`, what third parties said by `test_statements.py`, moderation by
`test_moves_moderation.py`, records of appointments by `test_moves_meetings.py` and what was kept of them by
`test_recordings.py`, second readings by `test_second_readings.py` and `test_sampling.py`, appeals by
`test_moves_ruling.py`, editions of calendars by `test_calendars.py`, what a holder shows by
`test_sharing.py`, messages and remarks by `test_messages.py`, what was
found again by `test_looking_back.py`, what was charged by `test_fees.py`, who was asked what became of them by
`test_surveys.py`, reasons said anew by `test_moves_clarifying.py`, public years by `test_public_reports.py`, years in
groups by `test_group_figures.py`.
"""


def test_every_guarded_table_is_tried() -> None:
    assert {ban.table for ban in triggers.BANS} == set(CHANGES) | WITHOUT_ROWS


@pytest.mark.parametrize(("table", "change"), CHANGES.items())
async def test_what_happened_cannot_be_changed_or_deleted(database: Database, table: str, change: str) -> None:
    async with database.writing() as session:
        await makers.decided(session)
    statements = [f"UPDATE {table} SET {change}", f"DELETE FROM {table}"]  # noqa: S608 - names from the table above
    if database.engine.dialect.name == "postgresql":
        statements.append(f"TRUNCATE {table} CASCADE")
    for statement in statements:
        with pytest.raises(IntegrityError, match=table):
            async with database.engine.begin() as connection:
                await connection.execute(sa.text(statement))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE credentials SET state = 'revoked'",
        "UPDATE letters SET opened_at = released_at",
        "UPDATE programme_versions SET retired_at = published_at",
        "UPDATE judgements SET updated_at = '2020-01-01' WHERE locked_at IS NULL",
        "DELETE FROM judgements WHERE locked_at IS NULL",
    ],
)
async def test_what_is_still_open_can_be_changed(database: Database, change: str) -> None:
    async with database.writing() as session:
        row = await makers.decided(session)
        draft = await makers.claim(session, row, "second")
        assessor = await makers.person(session)
        await makers.judgement(session, await makers.seat(session, row, assessor, claimed=[draft]), draft)
    async with database.engine.begin() as connection:
        assert (await connection.execute(sa.text(change))).rowcount > 0


@pytest.mark.parametrize(
    ("seq", "prev"), [(2, triggers.FIRST), (1, "f" * 64), (5, "f" * 64)], ids=["gap", "no first", "nowhere"]
)
async def test_a_line_that_does_not_follow_from_the_log_is_refused(database: Database, seq: int, prev: str) -> None:
    line = sa.insert(METADATA.tables["audit"]).values(
        stream="case:sample",
        seq=seq,
        at=makers.NOW,
        actor="clock",
        action="sample",
        subject="",
        details={},
        prev=prev,
        hash="a" * 64,
    )
    with pytest.raises(IntegrityError, match="follows"):
        async with database.engine.begin() as connection:
            await connection.execute(line)


async def test_guards_can_be_taken_away_and_put_back_any_number_of_times(database: Database) -> None:
    async with database.engine.begin() as connection:
        for work in (triggers.install, triggers.install, triggers.remove, triggers.remove, triggers.install):
            await connection.run_sync(work)


def test_the_sql_for_an_administrator_is_what_upgrade_runs(postgresql_template: PostgresqlTemplate) -> None:
    url = postgresql_template.empty()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(migrating.sql().encode())
    assert migrating.differences(url) == []
    assert migrating.revision(url) == migrating.head()
    postgresql_template.drop(url)


TOLERATED = (
    "prefer-text-field",  # lengths are part of the contract with the API, and checked by both engines
    "prefer-bigint-over-int",  # versions and counts of one case
    "prefer-robust-stmts",  # the whole migration is one transaction
    "require-timeout-settings",  # the first revision meets no traffic
    "require-concurrent-index-creation",  # the same
)


def test_the_sql_for_postgresql_passes_its_linter(tmp_path: Path) -> None:
    squawk = shutil.which("squawk", path=Path(sys.executable).parent) or shutil.which("squawk")
    if squawk is None:
        pytest.skip("squawk is not installed here (extra `dev`)")
    path = tmp_path / "upgrade.sql"
    path.write_text(migrating.sql(), encoding="utf-8")
    told = subprocess.run(
        [squawk, f"--exclude={','.join(TOLERATED)}", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout


def test_the_command_line_says_how_it_is_used(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'cli.db'}"
    assert migrating.main(["upgrade", url]) == 0
    assert migrating.main(["check", url]) == 0
    assert migrating.main(["downgrade", url, "base"]) == 0
    assert migrating.main(["check", url]) == 1
    assert migrating.main(["sql"]) == 0
    assert migrating.main(["nonsense"]) == 2
    assert "Usage" in capsys.readouterr().out


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the revisions that a test may write to."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrating.FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(migrating, "FOLDER", folder)
    return folder


def test_the_first_revision_is_what_the_tables_say_today(own_folder: Path) -> None:
    (kept,) = own_folder.glob("versions/*.py")
    before = kept.read_text(encoding="utf-8")
    assert migrating.write(None) == kept
    assert kept.read_text(encoding="utf-8") == before


def test_the_next_revision_says_what_changes_and_runs(own_folder: Path, tmp_path: Path) -> None:
    table = METADATA.tables["employers"]
    added = sa.Column("sector", sa.String(length=20))
    table.append_column(added)
    try:
        written = migrating.write("employers name their sector")
        url = f"sqlite:///{tmp_path / 'next.db'}"
        migrating.upgrade(url)
        assert migrating.revision(url) == "0002"
        assert migrating.differences(url) == []
        migrating.downgrade(url, to="0001")
        assert migrating.revision(url) == "0001"
        with pytest.raises(SystemExit, match="followed by others"):
            migrating.write(None)
    finally:
        table._columns.remove(added)  # noqa: SLF001 - as above
    assert written.parent.parent == own_folder
    assert "sector" in written.read_text(encoding="utf-8")
