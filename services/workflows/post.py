"""How a mail leaves the house: over SMTP, or into a folder that anybody can open."""

import asyncio
import os
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import aiosmtplib

from services.records.database import Database
from services.settings import Settings
from services.workflows.clock import Clock, present


class AddressRefused(Exception):  # noqa: N818 - the mail service's answer, not a fault of ours
    """The mail service refused the address for good: trying again would not help."""


class NotTaken(Exception):  # noqa: N818 - as above
    """The mail service did not take the mail this time; says only what kind of trouble it was."""


class Post(Protocol):
    """A mail service; `send` returns once the service has accepted the mail."""

    async def send(self, message: EmailMessage) -> None:
        """Hand `message` over. Raises `AddressRefused` for good, `NotTaken` or an `OSError` for now."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Whoever writes mails: what it reads, the service that takes them, in whose name, and where their links lead."""

    database: Database
    post: Post
    sender: str
    domain: str
    base_url: str
    clock: Clock = present


@dataclass(frozen=True, slots=True)
class Outbox:
    """A folder with one `.eml` file a mail, named by its Message-ID: sent again, it is the same file."""

    folder: Path

    async def send(self, message: EmailMessage) -> None:
        await asyncio.to_thread(self._write, message)

    def _write(self, message: EmailMessage) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        name = str(message["Message-ID"]).strip("<>").partition("@")[0]
        draft = self.folder / f".{name}.{os.getpid()}"
        with draft.open("wb") as file:
            file.write(bytes(message))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.folder / f"{name}.eml")


@dataclass(frozen=True, slots=True)
class Smtp:
    """A mail server; TLS from the start for `smtps`, STARTTLS where the server offers it otherwise."""

    host: str
    port: int
    tls: bool
    username: str | None = None
    password: str | None = None

    async def send(self, message: EmailMessage) -> None:
        try:
            await aiosmtplib.send(
                message,
                hostname=self.host,
                port=self.port,
                use_tls=self.tls,
                username=self.username,
                password=self.password,
                timeout=20,
            )
        except aiosmtplib.SMTPException as failed:
            # Without its cause: what a mail server answers names the person, and this is written to logs.
            recipients = failed.recipients if isinstance(failed, aiosmtplib.SMTPRecipientsRefused) else []
            if recipients and all(one.code >= PERMANENT for one in recipients):
                raise AddressRefused from None
            raise NotTaken(type(failed).__name__) from None


PERMANENT = 500
"""SMTP answers from here on are final. Source: RFC 5321, section 4.2.1."""


def opened(settings: Settings) -> Post:
    """The mail service that the settings name."""
    place = urlsplit(settings.mail_place)
    if place.scheme not in {"smtp", "smtps"}:
        return Outbox(Path(settings.mail_place))
    tls = place.scheme == "smtps"
    password = Path(settings.mail_password_file).read_text().strip() if settings.mail_password_file else None
    return Smtp(
        place.hostname or "localhost",
        place.port or (465 if tls else 25),
        tls,
        settings.mail_username or None,
        password,
    )
