"""How this installation is set up: read once from `ACQUIS_*` and handed down; production has no default secrets."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import SplitResult, quote, urlsplit


class SettingsInvalid(Exception):  # noqa: N818 - a sentence for the operator, not a fault
    """Why Acquis does not start: one sentence per setting."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting; the environment variable is `ACQUIS_` and the field's name in capitals.

    Empty texts mean: the embedded default of one machine (SQLite, a folder of blobs, a folder of mails,
    a Temporal server of our own).
    """

    mode: str = "embedded"
    data: str = "data"
    base_url: str = "http://localhost:8000"
    evidence_origin: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    database: str = ""
    blobs: str = ""
    s3_endpoint: str = ""
    s3_region: str = "us-east-1"
    s3_access_key_file: str = ""
    s3_secret_key_file: str = ""
    temporal: str = ""
    temporal_namespace: str = "acquis"
    temporal_port: int = 7233
    mail: str = ""
    mail_from: str = "Acquis <no-reply@localhost>"
    mail_domain: str = "localhost"
    mail_username: str = ""
    mail_password_file: str = ""
    issuer_did: str = ""
    issuer_key_file: str = ""
    issuer_key_passphrase_file: str = ""
    programmes: str = ""
    trusted_proxies: str = ""
    accept_unscanned: str = ""

    @property
    def production(self) -> bool:
        """Whether the strict rules of production hold."""
        return self.mode == "production"

    @property
    def data_folder(self) -> Path:
        """Where an embedded installation keeps everything."""
        return Path(self.data).absolute()

    @property
    def database_url(self) -> str:
        """SQLAlchemy-like address without driver: `sqlite:///…` or `postgresql://…`."""
        return self.database or f"sqlite:///{self.data_folder / 'acquis.db'}"

    @property
    def blob_place(self) -> str:
        """A folder, or `s3://bucket/prefix`."""
        return self.blobs or str(self.data_folder / "blobs")

    @property
    def mail_place(self) -> str:
        """`smtp://host:port`, `smtps://…`, or a folder that gets one `.eml` file a mail."""
        return self.mail or str(self.data_folder / "outbox")

    @property
    def temporal_address(self) -> str:
        """host:port of the Temporal server."""
        return self.temporal or f"127.0.0.1:{self.temporal_port}"

    @property
    def issuer(self) -> str:
        """The issuer's did:web, by default that of the base address."""
        return self.issuer_did or "did:web:" + quote(urlsplit(self.base_url).netloc, safe="")

    @property
    def key_file(self) -> Path:
        """The issuer's signing key."""
        return Path(self.issuer_key_file) if self.issuer_key_file else self.data_folder / "keys" / "issuer.pem"

    def environment(self) -> dict[str, str]:
        """These settings as the environment of a child process."""
        return {f"ACQUIS_{field.name.upper()}": str(getattr(self, field.name)) for field in fields(self)}


def read(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings. Raises `SettingsInvalid` with every problem at once."""
    given = os.environ if environment is None else environment
    known = {field.name: field for field in fields(Settings)}
    problems: list[str] = []
    values: dict[str, str | int] = {}
    for variable, value in sorted(given.items()):
        name = variable.removeprefix("ACQUIS_").lower()
        if not variable.startswith("ACQUIS_") or variable in ELSEWHERE:
            continue
        if name not in known:
            problems.append(f"{variable} is not a setting of Acquis.")
        elif known[name].type is int:
            if value.isdecimal():
                values[name] = int(value)
            else:
                problems.append(f"{variable} must be a number, not {value!r}.")
        else:
            values[name] = value
    settings = Settings(**values)  # type: ignore[arg-type]  # names and types were checked above
    problems.extend(_rules(settings))
    if problems:
        raise SettingsInvalid(tuple(problems))
    return settings


ELSEWHERE = frozenset({"ACQUIS_TEST_DATABASE", "ACQUIS_SHARED", "ACQUIS_STARTED_BY"})
"""Variables of the tests and of our own child processes."""


def _rules(settings: Settings) -> list[str]:
    problems = []
    address = urlsplit(settings.base_url)
    loopback = address.hostname in {"localhost", "127.0.0.1", "::1"}
    if settings.mode not in {"embedded", "production"}:
        problems.append(f"ACQUIS_MODE must be embedded or production, not {settings.mode!r}.")
    if address.scheme not in {"http", "https"} or not address.hostname:
        problems.append(f"ACQUIS_BASE_URL must be a web address, not {settings.base_url!r}.")
    elif address.scheme == "http" and not loopback:
        problems.append("ACQUIS_BASE_URL must begin with https:// anywhere but on this machine itself.")
    problems.extend(_second_origin(settings, address))
    if settings.production:
        problems.extend(
            f"ACQUIS_{name.upper()} must be set in production."
            for name in ("database", "blobs", "temporal", "mail", "issuer_did", "issuer_key_file")
            if not getattr(settings, name)
        )
        if settings.issuer_did and not settings.issuer_did.startswith("did:web:"):
            problems.append("ACQUIS_ISSUER_DID must be a did:web.")
        if not settings.accept_unscanned:
            problems.append(
                "This release has no virus scanner: set ACQUIS_ACCEPT_UNSCANNED=yes to say that you know it."
            )
    return problems


def _second_origin(settings: Settings, address: SplitResult) -> list[str]:
    """What is wrong with the origin of evidence: cookies tell hosts apart and not ports, so it is another host."""
    there = urlsplit(settings.evidence_origin)
    if not settings.evidence_origin:
        return []
    if there.scheme != address.scheme or not there.hostname or there.path or there.query or there.fragment:
        return [
            f"ACQUIS_EVIDENCE_ORIGIN must be {address.scheme}://host without a path, not {settings.evidence_origin!r}."
        ]
    if there.hostname == address.hostname:
        return ["ACQUIS_EVIDENCE_ORIGIN must have another host name than ACQUIS_BASE_URL."]
    return []
