"""How this installation is set up: read once from `ACQUIS_*` and handed down; production has no default secrets."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from email.utils import parseaddr
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

from services.rules.programmes import Text


class SettingsInvalid(Exception):  # noqa: N818 - a sentence for the operator, not a fault
    """Why Acquis does not start: one sentence per setting, in both languages."""

    def __init__(self, problems: tuple[Text, ...]) -> None:
        super().__init__("\n".join(problem.en for problem in problems))
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
    problems: list[Text] = []
    values: dict[str, str | int] = {}
    for variable, value in sorted(given.items()):
        name = variable.removeprefix("ACQUIS_").lower()
        if not variable.startswith("ACQUIS_") or variable in ELSEWHERE:
            continue
        if name not in known:
            problems.append(
                Text(f"{variable} is not a setting of Acquis.", f"{variable} n’est pas un réglage d’Acquis.")
            )
        elif known[name].type is int:
            if value.isdecimal():
                values[name] = int(value)
            else:
                problems.append(_must(name, "be a number", "être un nombre"))
        else:
            values[name] = value
    settings = Settings(**values)  # type: ignore[arg-type]  # names and types were checked above
    problems.extend(_rules(settings))
    if problems:
        raise SettingsInvalid(tuple(problems))
    return settings


ELSEWHERE = frozenset({"ACQUIS_TEST_DATABASE", "ACQUIS_SHARED", "ACQUIS_STARTED_BY"})
"""Variables of the tests and of our own child processes."""


def _rules(settings: Settings) -> Iterator[Text]:
    address = _split(settings.base_url)
    if settings.mode not in {"embedded", "production"}:
        yield _must("mode", "be embedded or production", "être embedded ou production")
    if address is None or address.scheme not in {"http", "https"} or not address.hostname:
        yield _must("base_url", "be a web address", "être une adresse web")
    else:
        if address.scheme == "http" and address.hostname not in {"localhost", "127.0.0.1", "::1"}:
            yield _must(
                "base_url",
                "begin with https:// anywhere but on this machine itself",
                "commencer par https:// ailleurs que sur cette machine même",
            )
        yield from _second_origin(settings, address)
    yield from (
        _must(name, f"be {form.en}", f"être {form.fr}")  # without the value: an address may hold a password
        for name, (holds, form) in FORMS.items()
        if (value := getattr(settings, name)) and not holds(value)
    )
    if settings.production:
        yield from (
            _must(name, "be set in production", "être défini en production")
            for name in ("database", "blobs", "temporal", "mail", "issuer_did", "issuer_key_file")
            if not getattr(settings, name)
        )
        if not settings.accept_unscanned:
            yield Text(
                "This release has no virus scanner: set ACQUIS_ACCEPT_UNSCANNED=yes to say that you know it.",
                "Cette version n’a pas d’antivirus\u00a0: ACQUIS_ACCEPT_UNSCANNED=yes dit que vous le savez.",
            )


def _must(name: str, en: str, fr: str) -> Text:
    return Text(f"ACQUIS_{name.upper()} must {en}.", f"ACQUIS_{name.upper()} doit {fr}.")


def _split(address: str) -> SplitResult | None:
    """The parts of an address; None for what is none."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _is_database(address: str) -> bool:
    parts = _split(address)
    return parts is not None and (address.startswith("sqlite:///") or bool(parts.scheme == "postgresql" and parts.path))


def _is_store(place: str) -> bool:
    parts = _split(place)
    return parts is not None and ("://" not in place or bool(parts.scheme == "s3" and parts.netloc))


def _is_post(place: str) -> bool:
    parts = _split(place)
    return parts is not None and ("://" not in place or bool(parts.scheme in {"smtp", "smtps"} and parts.hostname))


def _is_web_address(address: str) -> bool:
    parts = _split(address)
    return parts is not None and parts.scheme in {"http", "https"} and bool(parts.hostname)


def _is_host_and_port(address: str) -> bool:
    parts = _split(f"//{address}")
    return parts is not None and bool(parts.hostname and parts.port) and "/" not in address


def _is_sender(sender: str) -> bool:
    return sender.isprintable() and "@" in parseaddr(sender)[1]


def _are_networks(networks: str) -> bool:
    try:
        return all(ip_network(part.strip()) for part in networks.split(",") if part.strip())
    except ValueError:
        return False


def _is_port(number: int) -> bool:
    return number in PORTS


PORTS = range(65_536)
"""0 asks for any that is free."""

FORMS: dict[str, tuple[Callable[[Any], bool], Text]] = {
    "port": (_is_port, Text("a port", "un port")),
    "temporal_port": (_is_port, Text("a port", "un port")),
    "database": (
        _is_database,
        Text(
            "postgresql://user:password@host/name or sqlite:///path",
            "postgresql://utilisateur:motdepasse@hote/nom ou sqlite:///chemin",
        ),
    ),
    "blobs": (_is_store, Text("a folder or s3://bucket/prefix", "un dossier ou s3://bucket/prefixe")),
    "s3_endpoint": (_is_web_address, Text("a web address", "une adresse web")),
    "temporal": (_is_host_and_port, Text("host:port", "hote:port")),
    "mail": (
        _is_post,
        Text("smtp://host:port, smtps://host:port or a folder", "smtp://hote:port, smtps://hote:port ou un dossier"),
    ),
    "mail_from": (
        _is_sender,
        Text("a sender such as Office <office@college.example>", "un expéditeur comme Bureau <bureau@college.example>"),
    ),
    "issuer_did": (lambda did: did.startswith("did:web:"), Text("a did:web", "un did:web")),
    "trusted_proxies": (
        _are_networks,
        Text("addresses or networks with commas between them", "des adresses ou réseaux séparés par des virgules"),
    ),
    "programmes": (lambda folder: Path(folder).is_dir(), Text("a folder that is there", "un dossier qui existe")),
}
"""What a setting has to look like where it is given."""


def _second_origin(settings: Settings, address: SplitResult) -> Iterator[Text]:
    """What is wrong with the origin of evidence: cookies tell hosts apart and not ports, so it is another host."""
    there = _split(settings.evidence_origin)
    bare = there is not None and there.hostname and not (there.path or there.query or there.fragment)
    if not settings.evidence_origin:
        return
    if there is None or not bare or there.scheme != address.scheme:
        form = f"{address.scheme}://host"
        yield _must("evidence_origin", f"be {form} without a path", f"être {form} sans chemin")
    elif there.hostname == address.hostname:
        yield _must(
            "evidence_origin",
            "have another host name than ACQUIS_BASE_URL",
            "avoir un autre nom d’hôte qu’ACQUIS_BASE_URL",
        )
