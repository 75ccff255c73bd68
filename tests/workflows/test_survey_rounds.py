"""The nightly sweep writes to people once a wave, whatever fails on the way, and never to whoever stopped."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from uuid import UUID

import pytest
from temporalio.testing import ActivityEnvironment

from services.records import surveys
from services.records.database import Database
from services.rules.case import Stage
from services.rules.claims import Outcome
from services.rules.surveys import Question
from services.workflows.post import AddressRefused, NotTaken
from services.workflows.survey_rounds import SurveyRounds
from tests.records import makers, moving
from tests.records.makers import NOW
from tests.workflows.house import House
from tests.workflows.test_sweeps import go_round

LINK = re.compile(r"http://x\.example/(en|fr)/survey/(\S+)")


@dataclass
class Pillar:
    """A mail service that keeps what it takes, and fails as it is told to; `dies`: after it took the mail.

    `meanwhile` happens while it takes one.
    """

    kept: list[EmailMessage] = field(default_factory=list)
    fails: dict[str, Exception] = field(default_factory=dict)
    dies: bool = False
    meanwhile: Callable[[], Awaitable[None]] | None = None

    async def send(self, message: EmailMessage) -> None:
        if failure := self.fails.get(str(message["To"])):
            raise failure
        self.kept.append(message)
        if self.meanwhile is not None:
            await self.meanwhile()
        if self.dies:
            raise RuntimeError("the process is gone")


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


async def agreed(database: Database) -> tuple[moving.People, UUID]:
    who = await moving.people(database)
    case_id = await moving.standing(
        database, who, Stage.DECIDED, outcome=Outcome.GRANTED_FULL, decided_at=NOW - timedelta(hours=1)
    )
    async with database.writing() as session:
        await surveys.agree(session, case_id, person=who.learner.id, now=NOW)
    return who, case_id


def rounds(database: Database, post: Pillar, now: list[datetime]) -> SurveyRounds:
    return SurveyRounds(database, post, "a@x.example", "x.example", "http://x.example", lambda: now[0])


async def test_two_years_of_nights_write_five_times_and_a_failure_touches_nobody_else(database: Database) -> None:
    (who, case_id), (other, _) = await agreed(database), await agreed(database)
    post, now = Pillar(fails={other.learner.email: NotTaken("busy")}), [NOW]
    sweep = rounds(database, post, now)
    assert await ActivityEnvironment().run(sweep.surveys) == 1
    post.fails = {other.learner.email: AddressRefused()}
    sent = []
    for week in range(115):
        now[0] = NOW + timedelta(days=1 + 7 * week)
        sent.append(await ActivityEnvironment().run(sweep.surveys))
    assert sum(sent) == 4
    assert len({message["Message-ID"] for message in post.kept}) == 5
    first = text_of(post.kept[0])
    assert LINK.search(first)
    for secret in (str(case_id), who.learner.name, "S-2026"):
        assert secret not in first
    async with database.reading() as session:
        told = await surveys.invitations_of(session, other.learner.id)
        assert all(one["ended_at"] and not one["accepted_at"] for one in told)


async def test_a_kill_after_the_mail_left_sends_the_same_mail_again_and_one_click_ends_it_all(
    database: Database,
) -> None:
    await agreed(database)
    post, now = Pillar(dies=True), [NOW]
    sweep = rounds(database, post, now)
    with pytest.raises(RuntimeError):
        await ActivityEnvironment().run(sweep.surveys)
    post.dies = False
    assert await ActivityEnvironment().run(sweep.surveys) == 1
    assert await ActivityEnvironment().run(sweep.surveys) == 0
    one, again = post.kept
    assert one["Message-ID"] == again["Message-ID"]
    found = LINK.search(text_of(one))
    assert found is not None
    async with database.writing() as session:
        await surveys.answer(session, found[2], {Question.RECOMMEND: "yes"}, now=NOW)
    async with database.writing() as session:
        await surveys.stop_by_link(session, found[2], now=NOW)
    now[0] = NOW + timedelta(days=100)
    assert await ActivityEnvironment().run(sweep.surveys) == 0


async def test_whoever_stops_while_the_mails_leave_is_not_written_to(database: Database) -> None:
    people = [(await agreed(database))[0].learner for _ in range(2)]

    async def stop() -> None:
        async with database.writing() as session:
            for person in people:
                await surveys.stop(session, person.id, now=NOW)

    post = Pillar(meanwhile=stop)
    assert await ActivityEnvironment().run(rounds(database, post, [NOW]).surveys) == 1
    assert len(post.kept) == 1


async def test_the_survey_goes_round_with_the_worker_that_has_the_mail_service(house: House) -> None:
    async with house.database.writing() as session:
        await makers.published(session)
    assert await go_round(house, "surveys") == 0
