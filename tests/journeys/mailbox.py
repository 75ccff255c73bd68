"""The mail service of an installation, which tests take down and bring back."""

from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller


class Mailbox:
    """A mail server that keeps what it accepts."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.kept: list[EmailMessage] = []
        self._server: Controller | None = None

    def open(self) -> None:
        """Take mails from now on."""
        self._server = Controller(self, hostname="127.0.0.1", port=self.port)
        self._server.start()

    def close(self) -> None:
        """Nobody listens any more."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    async def handle_DATA(self, _: object, __: object, envelope: Any) -> str:  # noqa: ANN401, N802 - the server's own names
        """Take a mail in."""
        self.kept.append(BytesParser(policy=default).parsebytes(envelope.content))
        return "250 OK"
