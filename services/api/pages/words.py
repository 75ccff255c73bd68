"""The pages' words in both languages, and dates, sizes and numbers as each language writes them.

Messages are English sentences; `services/locales/fr/*.po` says them in the French of Canada, one file per folder of
templates. Words of another jurisdiction come from its pack of terms, as everywhere (`services/rules/terms.py`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

from babel.core import Locale
from babel.dates import format_date, format_datetime, format_timedelta
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from services import locales
from services.rules import terms as packs
from services.rules.programmes import Language, Text
from services.rules.refusals import Refused
from services.rules.terms import CANADA

LOCALES = {Language.EN: Locale("en", "CA"), Language.FR: Locale("fr", "CA")}
HOME = "America/Toronto"
"""The zone of a page that is about no case; a case has its own."""

Message = str | tuple[str, str]
"""What a catalogue is asked for: a sentence, or a sentence with its plural."""


@cache
def catalogue() -> dict[Message, str | tuple[str, ...]]:
    """Every message in French. Raises `ValueError` where two files say the same message differently."""
    found: dict[Message, str | tuple[str, ...]] = {}
    for file in sorted(resources.files("services").joinpath("locales", "fr").iterdir(), key=lambda one: one.name):
        if not file.name.endswith(".po"):
            continue
        with file.open("rb") as source:
            for message in read_po(source, locale="fr"):
                if not message.id or not message.string or message.fuzzy:
                    continue
                said = message.string if isinstance(message.string, str) else tuple(message.string)
                key: Message = message.id if isinstance(message.id, str) else (message.id[0], message.id[1])
                if found.setdefault(key, said) != said:
                    raise ValueError(f"{file.name}: said differently elsewhere: {message.id}")
    return found


@dataclass(frozen=True, slots=True)
class Words:
    """How a page speaks: its language, the pack of terms of the case it is about, and that case's time zone."""

    language: Language
    terms: str = CANADA
    zone: str = HOME

    @property
    def tag(self) -> str:
        """The language as HTML names it."""
        return "en-CA" if self.language is Language.EN else "fr-FR" if self.terms != CANADA else "fr-CA"

    def gettext(self, message: str) -> str:
        """One of our sentences. A message that nobody translated stays English; a test finds it."""
        if self.language is Language.EN:
            return message
        said = catalogue().get(message, message)
        return packs.otherwise(str(said), self.language, terms=self.terms)

    def ngettext(self, one: str, many: str, number: int) -> str:
        """The form for `number` of a sentence that counts."""
        if self.language is Language.EN:
            return one if number == 1 else many
        said = catalogue().get((one, many))
        chosen = (one, many)[number > 1] if said is None else said[min(number > 1, len(said) - 1)]
        return packs.otherwise(chosen, self.language, terms=self.terms)

    def text(self, text: Text) -> str:
        """A text that exists in both languages."""
        return packs.said(text, self.language, terms=self.terms)

    def refusal(self, refused: Refused) -> tuple[str, str]:
        """Why something cannot be done, and what to do about it (empty where nothing but waiting helps)."""
        facts = {name: str(value) for name, value in refused.facts.items()}
        return (
            locales.sentence(refused.code, self.language, terms=self.terms, **facts),
            locales.what_next(refused.code, self.language, terms=self.terms, **facts),
        )

    def day(self, moment: datetime | date) -> str:
        """The day in words: "26 November 2026"."""
        local = moment.astimezone(ZoneInfo(self.zone)) if isinstance(moment, datetime) else moment
        pattern = "d MMMM y" if self.language is Language.EN or local.day > 1 else "'1er' MMMM y"
        return format_date(local, pattern, locale=LOCALES[self.language])

    def moment(self, moment: datetime) -> str:
        """Day and time: "26 November 2026, 09:00", "26 novembre 2026, 9 h 00"."""
        return f"{self.day(moment)}, {self.clock(moment)}"

    def clock(self, moment: datetime) -> str:
        """The time of day: "09:00", "9 h 00"."""
        pattern = "HH:mm" if self.language is Language.EN else "H 'h' mm"
        return format_datetime(moment.astimezone(ZoneInfo(self.zone)), pattern, locale=LOCALES[self.language])

    def span(self, until: datetime, *, now: datetime) -> str:
        """How far away a moment is: "in 3 days", "2 days ago"."""
        locale = LOCALES[self.language]
        return format_timedelta(until - now, granularity="minute", threshold=1.2, add_direction=True, locale=locale)

    def number(self, value: float) -> str:
        """A number: "1,234.5", "1 234,5"."""
        return format_decimal(value, locale=LOCALES[self.language])

    def share(self, value: float) -> str:
        """A share of one: "76.9%", "76,9 %"."""
        sign = "%" if self.language is Language.EN else "\u00a0%"
        return self.number(round(value * 100, 1)) + sign

    def size(self, octets: int) -> str:
        """The size of a file: "1.5 MB", "1,5 Mo"."""
        units = ("B", "kB", "MB", "GB") if self.language is Language.EN else ("o", "ko", "Mo", "Go")
        value, step = float(octets), 0
        while value >= 1000 and step < len(units) - 1:  # noqa: PLR2004 - a kilo is a thousand
            value, step = value / 1000, step + 1
        return f"{self.number(round(value, 1 if step > 1 else 0))}\u00a0{units[step]}"


def other(language: Language) -> Language:
    """The language to switch to."""
    return Language.FR if language is Language.EN else Language.EN


Filter = Callable[..., str]
