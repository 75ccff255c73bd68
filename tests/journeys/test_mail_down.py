"""While the mail service is down people can read their decision all the same, and are told when it is back."""

from email.message import EmailMessage

import pytest

from tests.journeys import lives
from tests.journeys.installations import Installation
from tests.journeys.lives import Staff
from tests.journeys.mailbox import Mailbox

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]


async def test_a_decision_is_published_while_mail_is_down_and_its_mails_follow(
    town: Installation, who: Staff, mailbox: Mailbox
) -> None:
    learner, case_id = await lives.judged(town, who)
    await learner.until(town.settled, bool)
    before = len(mailbox.kept)
    mailbox.close()
    try:
        await who.deciders[0].command(case_id, "decide", {"capacity": "Registrar"})
        await lives.stage(learner, case_id, "decided")
        assert len(await learner.get(f"/cases/{case_id}/letters")) == 2
        assert not await town.settled(), "its mails wait"
    finally:
        mailbox.open()
    await learner.until(town.settled, bool)

    written = [str(mail["Message-ID"]) for mail in mailbox.kept[before:]]
    assert len(written) == len(set(written)), "each mail once"
    assert any(_of_a_decision(mail) for mail in mailbox.kept[before:])
    assert await town.broken() == []


def _of_a_decision(mail: EmailMessage) -> bool:
    return str(mail["To"]).startswith("learner.") and "decision" in str(mail["Subject"]).lower()
