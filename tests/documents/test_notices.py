"""A mail says what waits, where and until when, in the person's language, and nothing about what the case holds."""

import re
from datetime import UTC, date, datetime
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest

from services.documents import notices
from services.documents.notices import Envelope, Task
from services.rules import limits, stages
from services.rules.programmes import Language

ENVELOPE = Envelope(
    sender="Acquis <no-reply@college.example>",
    to="sample.learner@example.org",
    message_id="<6f0c5a3e@college.example>",
    sent=datetime(2026, 3, 2, 14, 0, tzinfo=UTC),
)
LINK = "https://acquis.example.org/cases/0197?a=1&b=2"
BOTH = list(Language)


def mail(kind: str = "evidence_asked", language: Language = Language.EN, **given: object) -> EmailMessage:
    facts: dict[str, object] = {"number": "RPL-2026-00042", "link": LINK, "due": date(2026, 4, 1), "envelope": ENVELOPE}
    return notices.compose(kind, language, **(facts | given))  # type: ignore[arg-type]  # tests give wrong facts too


def text(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


class Words(HTMLParser):
    """The words and links of an HTML page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words, self.links = "", []  # type: str, list[str | None]
        self.feed(page)

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.links.append(dict(attrs)["href"])


@pytest.mark.parametrize("language", BOTH)
def test_every_kind_is_said_in_both_languages_with_its_link_and_nothing_unfilled(language: Language) -> None:
    for kind in notices.templates():
        message = mail(kind, language)
        plain = text(message)
        assert LINK in plain, kind
        assert "RPL-2026-00042" in plain, kind
        assert not re.search(r"[{}]", message["Subject"] + plain), kind
        assert message["Content-Language"] == language, kind


def test_the_two_languages_of_a_mail_are_two_texts() -> None:
    for kind in notices.templates():
        english, french = mail(kind, Language.EN), mail(kind, Language.FR)
        assert english["Subject"] != french["Subject"], kind
        assert set(text(english).splitlines()).isdisjoint(set(text(french).splitlines()) - {"", LINK}), kind


def test_every_mail_that_the_rules_send_has_its_words() -> None:
    moved = {notice.kind for move in stages.MOVES for notice in move.notices}
    reminded = {rung.notice for limit in limits.LIMITS for rung in limit.rungs if rung.notice}
    assert moved | reminded <= notices.templates().keys()


def test_the_html_says_the_same_as_the_text_and_leads_to_the_same_place() -> None:
    message = mail()
    page = message.get_body(("html",))
    assert page is not None
    words = Words(page.get_content())
    assert words.links == [LINK]
    for line in filter(None, text(message).splitlines()):
        assert line.removesuffix(":") in words.words


def test_a_date_is_said_only_where_there_is_one() -> None:
    assert "1\u00a0April\u00a02026" in text(mail())
    assert "1er\u00a0avril\u00a02026" in text(mail(language=Language.FR))
    assert "Please answer by" not in text(mail(due=None))


def test_a_draft_without_a_number_has_no_line_for_it() -> None:
    assert "Case number" in text(mail("draft_nudge"))
    assert "Case number" not in text(mail("draft_nudge", number=""))


def test_a_mail_sent_again_is_the_same_mail() -> None:
    assert bytes(mail()) == bytes(mail())
    assert mail()["Message-ID"] == ENVELOPE.message_id


def test_a_mail_says_that_no_person_sent_it() -> None:
    assert mail()["Auto-Submitted"] == "auto-generated"


def test_the_addressee_is_one_bare_address() -> None:
    assert mail()["To"] == "sample.learner@example.org"
    assert "Sample" not in text(mail())


@pytest.mark.parametrize(
    "to",
    [
        "a@example.org\r\nBcc: b@example.org",
        "a@example.org\nSubject: other",
        "a@example.org, b@example.org",
        "Somebody <a@example.org>",
        "a@example.org b@example.org",
    ],
)
def test_an_address_cannot_become_a_header_or_a_second_address(to: str) -> None:
    envelope = Envelope(ENVELOPE.sender, to, ENVELOPE.message_id, ENVELOPE.sent)
    with pytest.raises(ValueError, match=r".+"):
        mail(envelope=envelope)


@pytest.mark.parametrize("number", ["RPL-1\r\nBcc: b@example.org", "RPL-1\nX: y"])
def test_a_number_cannot_become_a_header(number: str) -> None:
    with pytest.raises(ValueError, match=r"linefeed|carriage|newline"):
        mail(number=number)


@pytest.mark.parametrize("link", ["javascript:alert(1)", 'https://x.example/"><b>', "https://x.example/a b", ""])
def test_only_a_web_address_is_a_link(link: str) -> None:
    with pytest.raises(ValueError, match="link_invalid"):
        mail(link=link)


def test_an_unknown_kind_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        mail("greeting_card")


def test_french_keeps_its_signs_with_their_words() -> None:
    for kind in notices.templates():
        message = mail(kind, Language.FR)
        said = message["Subject"] + text(message).replace(LINK, "")
        assert not re.search(r"[^\u00a0][;?!:»]|«[^\u00a0]| '", said), (kind, said)


def several(language: Language, *links: str) -> EmailMessage:
    kinds = ("assessment_reminder", "assignment_failed")
    tasks = [
        Task(kind, f"RPL-2026-0004{number}", link, due=None if number else date(2026, 4, 1))
        for number, (kind, link) in enumerate(zip(kinds, links, strict=True))
    ]
    return notices.compose_together(tasks, language, envelope=ENVELOPE)


@pytest.mark.parametrize(("language", "day"), [(Language.EN, "1 April 2026"), (Language.FR, "1er avril 2026")])
def test_several_reminders_are_one_mail_with_the_link_and_the_date_of_each(language: Language, day: str) -> None:
    links = (LINK, "https://acquis.example.org/cases/0198")
    message = several(language, *links)
    plain, page = text(message), message.get_body(("html",))
    assert page is not None
    shown = Words(page.get_content())
    assert shown.links == list(links)
    for said in (plain, shown.words):
        assert said.replace("\u00a0", " ").count(day) == 1
        assert "RPL-2026-00040" in said
        assert "RPL-2026-00041" in said
    assert not re.search(r"[{}]", message["Subject"] + plain)
    assert message["Subject"].startswith("2 ")
    assert (message["Content-Language"], message["Message-ID"]) == (language, ENVELOPE.message_id)
    assert message.as_bytes() == several(language, *links).as_bytes()


def test_a_link_that_would_break_out_of_several_is_refused() -> None:
    with pytest.raises(ValueError, match="link_invalid"):
        several(Language.EN, LINK, "javascript:alert(1)")
