"""A real mail server inside the test's own process, which keeps what it accepts and refuses whom it is told to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP

from services.records.tables.people import Person


class Mailbox:
    """`refusals` answers an address, for every mail or as often as its list says; the others are accepted."""

    def __init__(self) -> None:
        self.port = 0
        self.kept: list[EmailMessage] = []
        self.refusals: dict[str, str] = {}
        self.asked: list[str] = []

    async def handle_RCPT(self, _: object, __: object, envelope: Any, address: str, ___: object) -> str:  # noqa: ANN401, N802 - the server's own names
        self.asked.append(address)
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _: object, __: object, envelope: Any) -> str:  # noqa: ANN401, N802 - the server's own names
        self.kept.append(BytesParser(policy=default).parsebytes(envelope.content))
        return "250 OK"

    def to(self, person: Person) -> list[str]:
        """The Message-IDs of the mails that this person got."""
        return [str(mail["Message-ID"]) for mail in self.kept if person.email in str(mail["To"])]


@asynccontextmanager
async def opened() -> AsyncIterator[Mailbox]:
    """A mailbox that listens on a free port of this machine."""
    mailbox = Mailbox()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(mailbox, hostname="localhost"), "127.0.0.1", 0)
    mailbox.port = server.sockets[0].getsockname()[1]
    try:
        yield mailbox
    finally:
        server.close()
        await server.wait_closed()
