"""While the mail service is down people can read their decision all the same, and are told when it is back."""

from collections.abc import AsyncIterator
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from tests.journeys import installations, lives
from tests.journeys.installations import Installation

pytestmark = pytest.mark.slow


class Mailbox:
    """A mail server that keeps what it accepts."""

    def __init__(self, port: int) -> None:
        self.kept: list[EmailMessage] = []
        self.server = Controller(self, hostname="127.0.0.1", port=port)

    async def handle_DATA(self, _: object, __: object, envelope: Any) -> str:  # noqa: ANN401, N802 - the server's own names
        """Take a mail in."""
        self.kept.append(BytesParser(policy=default).parsebytes(envelope.content))
        return "250 OK"


@pytest.fixture
def port() -> int:
    """Where the mail service is, once it is up."""
    return installations.free_port()


@pytest.fixture
async def town(tmp_path: Path, port: int) -> AsyncIterator[Installation]:
    """An installation whose mail service is down."""
    async with installations.running(installations.settings(tmp_path, mail=f"smtp://127.0.0.1:{port}")) as ready:
        yield ready


async def test_a_decision_is_published_while_mail_is_down_and_its_mails_follow(town: Installation, port: int) -> None:
    who = await lives.staff(town, each=1)
    learner, case_id = await lives.judged(town, who)
    await who.deciders[0].command(case_id, "decide", {"capacity": "Registrar"})

    await lives.stage(learner, case_id, "decided")

    assert len(await learner.get(f"/cases/{case_id}/letters")) == 2
    mailbox = Mailbox(port)
    mailbox.server.start()
    try:
        await learner.until(town.settled, bool)
    finally:
        mailbox.server.stop()
    written = [str(mail["Message-ID"]) for mail in mailbox.kept]
    assert len(written) == len(set(written)), "each mail once"
    to_learner = [str(mail["Subject"]) for mail in mailbox.kept if str(mail["To"]).startswith("learner.")]
    assert any("decision" in subject.lower() for subject in to_learner)
    assert await town.broken() == []
