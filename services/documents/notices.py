"""The mails that tell people what waits for them: a link, a date and the case number, never what the case is about.

Mailboxes are read by others too, so content stays behind the sign-in. Source: security design, T-15.
"""

import hashlib
import html
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache
from importlib import resources
from typing import Any

from services.documents import letter_words
from services.rules.programmes import Language, Text
from services.rules.terms import CANADA, said

LINK = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True, slots=True)
class Template:
    """One kind of mail; `due` is said only where a date is known, `action` names the link."""

    subject: Text
    body: Text
    action: Text
    due: Text | None = None


@dataclass(frozen=True, slots=True)
class CalendarFile:
    """A calendar file beside the text; `does` is its method, which mail programs read from the part's header."""

    content: bytes
    does: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who sends, to which address, and under which fixed Message-ID (`<…@…>`), so that a retry is the same mail."""

    sender: str
    to: str
    message_id: str
    sent: datetime


def compose(
    kind: str,
    language: Language,
    *,
    number: str,
    link: str,
    envelope: Envelope,
    due: date | None = None,
    institution: str = "",
    calendar: CalendarFile | None = None,
    terms: str = CANADA,
    lines: tuple[tuple[Text, int], ...] = (),
) -> EmailMessage:
    """Return the mail of `kind` as plain text with an HTML alternative; the same input gives the same bytes.

    `number` is the case number, empty for a draft that has none and for somebody without an account, to whom
    `institution` says who writes. Raises `KeyError` for an unknown kind, `ValueError`
    where an address, a number or a link would break out of its place. `terms`: the French of the case's programme.
    `lines` are said one by one: what is counted, and the number.
    """

    def say(text: Text, **known: str) -> str:
        return said(text, language, terms=terms).format(**known)

    template, facts = templates()[kind], {"number": number, "institution": institution}
    subject = say(template.subject, **facts)
    sentences = [say(template.body, **facts)]
    if due is not None and template.due is not None:
        sentences.append(say(template.due, due=letter_words.day(due, language)))
    sentences += [f"{what.in_(language)}{_colon(language)} {count}" for what, count in lines]
    if not LINK.fullmatch(link):
        raise ValueError("link_invalid")
    message = _addressed(envelope, subject)
    sender = "sender_without_account" if kind in without_account() else "sender"
    page = _Page(language, tuple(sentences), say(template.action), link, number, sender)
    message.set_content(page.text(), cte="quoted-printable")
    message.add_alternative(page.html(), subtype="html", cte="quoted-printable")
    if calendar is not None:
        _attach(message, calendar)
    message["Content-Language"] = language  # last: setting the content clears every header that begins with Content-
    for place, part in enumerate(one for one in message.walk() if one.is_multipart()):
        part.set_boundary(_boundary(envelope, place))
    return message


@dataclass(frozen=True, slots=True)
class Task:
    """One of the things that a mail of several reminds of: its `kind`, as a mail of its own would have it."""

    kind: str
    number: str
    link: str
    due: date | None = None
    terms: str = CANADA


def compose_together(tasks: Sequence[Task], language: Language, *, envelope: Envelope) -> EmailMessage:
    """Return one mail for several `tasks`, each with its link and its date; the same input gives the same bytes.

    Raises `KeyError` for an unknown kind, `ValueError` where an address, a number or a link would break out.
    """
    if not all(LINK.fullmatch(task.link) for task in tasks):
        raise ValueError("link_invalid")
    words = {key: _frames()[key].in_(language).format(count=len(tasks)) for key in ("several", "each", "sender")}
    message = _addressed(envelope, words["several"])
    entries = [(*_said(task, language), task.link) for task in tasks]
    greeting = _frames()["greeting"].in_(language)
    plain = "\n\n".join("\n".join(part for part in entry if part) for entry in entries)
    message.set_content(f"{greeting}\n\n{words['each']}\n\n{plain}\n\n{words['sender']}\n", cte="quoted-printable")
    items = "".join(
        f'<li><p><a href="{html.escape(link, quote=True)}"><b>{html.escape(what)}</b></a>'
        f"{'<br>' if when else ''}{html.escape(when)}</p></li>\n"
        for what, when, link in entries
    )
    message.add_alternative(
        f'<!doctype html>\n<html lang="{language}">\n<body style="font-family:sans-serif;line-height:1.5">\n'
        f"<p>{html.escape(greeting)}</p>\n<p>{html.escape(words['each'])}</p>\n<ul>\n{items}</ul>\n"
        f'<p style="color:#4a5560;font-size:small">{html.escape(words["sender"])}</p>\n</body>\n</html>\n',
        subtype="html",
        cte="quoted-printable",
    )
    message["Content-Language"] = language
    message.set_boundary(_boundary(envelope, 0))
    return message


def _said(task: Task, language: Language) -> tuple[str, str]:
    """What waits, and until when (empty where no date is known)."""
    template = templates()[task.kind]
    what = said(template.subject, language, terms=task.terms).format(number=task.number, institution="")
    if task.due is None or template.due is None:
        return what, ""
    day = letter_words.day(task.due, language)
    return what, said(template.due, language, terms=task.terms).format(due=day)


def _colon(language: Language) -> str:
    return letter_words.NO_BREAK + ":" if language is Language.FR else ":"


def _boundary(envelope: Envelope, place: int) -> str:
    named = f"{envelope.message_id}/{place}" if place else envelope.message_id
    return "=_" + hashlib.sha256(named.encode()).hexdigest()[:32]


def _attach(message: EmailMessage, calendar: CalendarFile) -> None:
    message.add_attachment(
        calendar.content,
        maintype="text",
        subtype="calendar",
        filename="appointment.ics",
        params={"method": calendar.does, "charset": "utf-8"},
    )


def _addressed(envelope: Envelope, subject: str) -> EmailMessage:
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = envelope.sender
    # An address alone, taken apart and put together again: no name, no second address, no other header.
    message["To"] = Address(addr_spec=envelope.to)
    message["Subject"] = subject
    message["Date"] = format_datetime(envelope.sent)
    message["Message-ID"] = envelope.message_id
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    return message


@dataclass(frozen=True, slots=True)
class _Page:
    """What a mail says, twice: as text and as HTML."""

    language: Language
    sentences: tuple[str, ...]
    action: str
    link: str
    number: str
    sender: str

    def _frame(self, key: str) -> str:
        return _frames()[key].in_(self.language).format(number=self.number)

    def _last(self) -> tuple[str, ...]:
        return (self._frame("number"), self._frame(self.sender)) if self.number else (self._frame(self.sender),)

    def text(self) -> str:
        middle = "\n".join(self.sentences)
        last = "\n".join(self._last())
        return f"{self._frame('greeting')}\n\n{middle}\n\n{self.action}{_colon(self.language)}\n{self.link}\n\n{last}\n"

    def html(self) -> str:
        quoted = html.escape(self.link, quote=True)
        paragraphs = [self._frame("greeting"), *self.sentences]
        body = "".join(f"<p>{html.escape(one)}</p>\n" for one in paragraphs)
        last = "<br>\n".join(html.escape(one) for one in self._last())
        return (
            f'<!doctype html>\n<html lang="{self.language}">\n<body style="font-family:sans-serif;line-height:1.5">\n'
            f'{body}<p><a href="{quoted}"><b>{html.escape(self.action)}</b></a><br>{quoted}</p>\n'
            f'<p style="color:#4a5560;font-size:small">{last}</p>\n</body>\n</html>\n'
        )


@cache
def templates() -> Mapping[str, Template]:
    """Every kind of mail by its name."""
    with_account = ("learner.toml", "staff.toml", "attestations.toml")
    return {kind: template for name in with_account for kind, template in _read(name)} | without_account()


@cache
def without_account() -> dict[str, Template]:
    """The kinds of mail that go to people who cannot sign in."""
    return dict(_read("third_party.toml"))


def _read(name: str) -> Iterator[tuple[str, Template]]:
    for kind, table in _toml(name).items():
        yield kind, Template(**{part: Text(**said) for part, said in table.items()})


@cache
def _frames() -> Mapping[str, Text]:
    return {key: Text(**said) for key, said in _toml("frame.toml").items()}


def _toml(name: str) -> dict[str, Any]:
    content = resources.files("portfolio_templates").joinpath("emails", name).read_text(encoding="utf-8")
    return tomllib.loads(content)
