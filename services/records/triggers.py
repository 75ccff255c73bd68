"""What the database itself refuses: history that is rewritten, judgements changed after they were locked.

One table and two spellings of it. SQLite forgets triggers when a migration rebuilds a table, so every migration ends
by putting all of them back.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection


@dataclass(frozen=True, slots=True)
class Ban:
    """Rows of `table` are never deleted nor changed: not at all, not `once` a column is set, or not in `columns`."""

    table: str
    because: str
    columns: tuple[str, ...] = ()
    once: str = ""


BANS = (
    Ban("audit", "the log is only ever added to"),
    Ban("stage_history", "history is only ever added to"),
    Ban("calendar_editions", "dates that were given rest on it"),
    Ban("decisions", "a decision is superseded, never changed"),
    Ban("decision_claims", "a decision is superseded, never changed"),
    Ban("case_parties", "one role per person and case, for ever"),
    Ban("transfer_checks", "what was found of a certificate is only ever added to"),
    Ban("gap_plans", "what was proposed stays as it was", columns=("id", "case_id", "number", "made_by", "command_id")),
    Ban("gap_rows", "what was proposed stays as it was"),
    Ban("conflict_overrides", "why a conflict was set aside stays on record"),
    Ban("lapse_challenges", "a ruling on a lapse stays as it was given", once="ruled_at"),
    Ban("appeal_rulings", "what was ruled is contested at the next level, never changed"),
    Ban("appeal_votes", "a vote stays as it was cast"),
    Ban("appeal_hearings", "a hearing is called anew, never changed"),
    Ban("appeal_claims", "what was contested stays as it was lodged"),
    Ban(
        "appeals",
        "what was contested stays as it was lodged",
        columns=(
            "id",
            "case_id",
            "level",
            "matter",
            "decision_id",
            "root_id",
            "grounds",
            "text",
            "representative",
            "late_cause",
            "return_to",
            "lodged_at",
        ),
    ),
    Ban("case_fees", "what was charged stays on record"),
    Ban("fee_waivers", "what a learner was told they need not pay stays so"),
    Ban("portfolio_versions", "a portfolio version is what was sent"),
    Ban("credential_intents", "what was reserved for signing is what is signed"),
    Ban("appointment_files", "what was kept of an appointment stays as it is"),
    Ban("attestation_statements", "what somebody attested stays as they said it"),
    Ban("attestation_call_backs", "what was said on the telephone stays as it was noted"),
    Ban("anchor_ratings", "what an assessor answered without knowing the agreed answer stays as it was"),
    Ban(
        "anchors",
        "what was agreed in advance is not agreed afterwards",
        columns=(
            "id",
            "programme",
            "institution_id",
            "competency",
            "language",
            "title",
            "material",
            "agreed",
            "kept_at",
        ),
    ),
    Ban("calibration_rounds", "a finished round stays as it ended", once="finished_at"),
    Ban("case_messages", "what was written to somebody stays as it was written"),
    Ban("remarks", "what was noted on a case stays as it was noted"),
    Ban("conferral_messages", "what two assessors wrote to each other stays as it was written"),
    Ban("conferral_choices", "whoever thinks again signs anew"),
    Ban("decision_returns", "why a recommendation was not confirmed stays on record"),
    Ban("panel_minutes", "minutes are only ever added to"),
    Ban("panel_votes", "a vote was cast"),
    Ban("panel_findings", "minutes are only ever added to"),
    Ban("appointment_records", "what was seen at an appointment stays as it was written down"),
    Ban("appointment_claims", "what an appointment was held for is not said afterwards"),
    Ban("judgements", "a submitted judgement is locked", once="locked_at"),
    Ban("judgement_returns", "what was asked of an author stays on record"),
    Ban("judgement_clarifications", "what was said anew stays beside what was locked"),
    Ban("judgement_confirmations", "what an author confirmed stays on record"),
    Ban("look_back_findings", "what was found again stays as it was found"),
    Ban("second_readings", "what was to be read twice stays to be read twice"),
    Ban(
        "sampling_seeds",
        "a sample is drawn with the seed that was announced",
        columns=("programme", "quarter", "seed", "digest", "made_at"),
    ),
    Ban(
        "credentials",
        "a signed credential never changes",
        columns=("id", "case_id", "claim_id", "decision_id", "code", "document", "document_sha256", "signed_at"),
    ),
    Ban(
        "credential_shares",
        "what its holder agreed to show, and until when, stays on record",
        columns=("id", "credential_id", "part", "person_id", "text_version", "given_at"),
    ),
    Ban(
        "public_reports",
        "what was made public stays as it was read",
        columns=("programme", "year", "institution_id", "lines", "published_by", "published_at"),
    ),
    Ban("group_years", "a year is counted in groups once, and never again"),
    Ban(
        "survey_invitations",
        "who was asked in which wave stays on record",
        columns=("id", "case_id", "consent_id", "wave", "followed", "year", "made_at", "expires_at"),
    ),
    Ban("sponsor_agreements", "what was agreed with a sponsor stays as it was written down"),
    Ban("cohort_members", "a case belongs to one agreement, for good"),
    Ban(
        "letters",
        "the first bytes of a letter are the letter",
        columns=(
            "id",
            "case_id",
            "decision_id",
            "command_id",
            "number",
            "kind",
            "language",
            "sha256",
            "size",
            "drafted_at",
        ),
    ),
    Ban(
        "programme_versions",
        "cases are pinned to a published version",
        columns=("id", "slug", "version", "institution_id", "document", "fingerprint", "published_at"),
    ),
)
"""The tables that keep a past; everything else in the schema may change."""

VERBS = (("never_changed", "UPDATE"), ("never_deleted", "DELETE"))

CHAIN = "audit_follows"
BROKEN_CHAIN = "a line of the log follows the one before it"
FIRST = "0" * 64

_FOLLOWS = f"""(NEW.seq = 1 AND NEW.prev = '{FIRST}') OR EXISTS (
    SELECT 1 FROM audit WHERE stream = NEW.stream AND seq = NEW.seq - 1 AND hash = NEW.prev)"""  # noqa: S608 - no input, only the constant above


def install(connection: Connection) -> None:
    """Put every trigger in place, whatever was there before."""
    remove(connection)
    for statement in statements(connection.dialect.name):
        connection.exec_driver_sql(statement)


def remove(connection: Connection) -> None:
    """Take every trigger away, so that a migration may rebuild what they watch."""
    present = set(sa.inspect(connection).get_table_names())
    postgresql = connection.dialect.name == "postgresql"
    for name, table in names(postgresql=postgresql):
        if table in present:
            on = f" ON {table}" if postgresql else ""
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}{on}")
    if postgresql:
        connection.exec_driver_sql("DROP FUNCTION IF EXISTS acquis_refuse()")
        connection.exec_driver_sql("DROP FUNCTION IF EXISTS acquis_audit_follows()")


def names(*, postgresql: bool) -> Iterator[tuple[str, str]]:
    """Every trigger's name with its table."""
    for ban in BANS:
        yield f"{ban.table}_never_changed", ban.table
        yield f"{ban.table}_never_deleted", ban.table
        if postgresql:
            yield f"{ban.table}_never_emptied", ban.table
    yield CHAIN, "audit"


def statements(dialect: str) -> list[str]:
    """The SQL that creates every trigger on `sqlite` or `postgresql`."""
    return list(_postgresql() if dialect == "postgresql" else _sqlite())


def _condition(ban: Ban, *, differs: str, verb: str) -> str:
    if ban.once:
        return f"OLD.{ban.once} IS NOT NULL"
    if ban.columns and verb == "UPDATE":
        return " OR ".join(f"OLD.{column} {differs} NEW.{column}" for column in ban.columns)
    return ""


def _sqlite() -> Iterator[str]:
    for ban in BANS:
        for suffix, verb in VERBS:
            condition = _condition(ban, differs="IS NOT", verb=verb)
            when = f" WHEN {condition}" if condition else ""
            yield (
                f"CREATE TRIGGER {ban.table}_{suffix} BEFORE {verb} ON {ban.table} FOR EACH ROW{when}"
                f" BEGIN SELECT RAISE(ABORT, '{ban.table}: {ban.because}'); END"
            )
    yield (
        f"CREATE TRIGGER {CHAIN} BEFORE INSERT ON audit FOR EACH ROW WHEN NOT ({_FOLLOWS})"
        f" BEGIN SELECT RAISE(ABORT, 'audit: {BROKEN_CHAIN}'); END"
    )


def _postgresql() -> Iterator[str]:
    # 23001, restrict_violation: drivers report it as an integrity error, as SQLite's RAISE is.
    yield """CREATE FUNCTION acquis_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ': ' || TG_ARGV[0], ERRCODE = '23001'; END $$"""
    yield f"""CREATE FUNCTION acquis_audit_follows() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF {_FOLLOWS} THEN RETURN NEW; END IF;
        RAISE EXCEPTION 'audit: {BROKEN_CHAIN}' USING ERRCODE = '23001';
    END $$"""
    for ban in BANS:
        for suffix, verb in VERBS:
            condition = _condition(ban, differs="IS DISTINCT FROM", verb=verb)
            when = f" WHEN ({condition})" if condition else ""
            yield (
                f"CREATE TRIGGER {ban.table}_{suffix} BEFORE {verb} ON {ban.table} FOR EACH ROW{when}"
                f" EXECUTE FUNCTION acquis_refuse('{ban.because}')"
            )
        yield (
            f"CREATE TRIGGER {ban.table}_never_emptied BEFORE TRUNCATE ON {ban.table} FOR EACH STATEMENT"
            f" EXECUTE FUNCTION acquis_refuse('{ban.because}')"
        )
    yield (f"CREATE TRIGGER {CHAIN} BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION acquis_audit_follows()")
