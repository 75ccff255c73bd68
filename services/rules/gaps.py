"""The way from "not yet" to the next attempt: what is missing, what could fill it, and a plan that a person may change.

Offers are ranked by what they cover, then by cost and hours, so that a learner sees why one stands first; nothing
here chooses for anybody. Source: case design, section 10 (gap loop).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated

from services.rules.programmes import Between, Key, Language, Shape, Text


class Way(StrEnum):
    """How a gap can be filled."""

    COURSE = "course"
    PRACTICE = "practice"
    MENTORING = "mentoring"
    NEW_EVIDENCE = "new_evidence"
    APPOINTMENT = "appointment"


class Mode(StrEnum):
    """How an offer is taken."""

    ONLINE = "online"
    HYBRID = "hybrid"
    WORKPLACE = "workplace"
    ON_SITE = "on_site"


LONGEST_HOURS = 2000
"""Hours of one way, as many as a competency may stand for."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A criterion of a competency that is missing; of what was to be transferred, the competency as a whole."""

    competency: str
    criterion: str | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """What an institution offers to fill gaps. `cost` in cents of `currency`; `starts_on` empty: at any time."""

    key: Key
    provider: str
    title: Text
    way: Way
    covers: Annotated[tuple[Gap, ...], Between(1, 200)]
    cost: Annotated[int, Between(0, 100_000_000)]
    currency: Annotated[str, Shape(r"[A-Z]{3}", "CAD")]
    hours: Annotated[int, Between(0, LONGEST_HOURS)]
    mode: Mode
    language: Language
    starts_on: date | None = None


@dataclass(frozen=True, slots=True)
class Ranked:
    """An offer with the gaps that it covers, and the reason for its place."""

    offer: Offer
    covered: tuple[Gap, ...]
    reason: Text


@dataclass(frozen=True, slots=True)
class Row:
    """One gap and how it is to be filled; `offer` is the key of an offer, `hours` those of this row."""

    gap: Gap
    way: Way
    hours: int = 0
    offer: str | None = None
    note: str = ""


def rank(offers: Collection[Offer], gaps: Sequence[Gap], *, language: str, today: date) -> tuple[Ranked, ...]:
    """The offers that cover one of `gaps` and have not begun yet, the best first.

    In this order: more gaps covered, lower cost, fewer hours, from online to on site, the learner's `language`, the
    earlier start.
    """
    found = []
    for offer in offers:
        covered = tuple(gap for gap in gaps if _covers(offer, gap))
        if covered and (offer.starts_on is None or offer.starts_on >= today):
            found.append(Ranked(offer, covered, _reason(offer, len(covered), len(gaps))))
    modes = list(Mode)

    def place(one: Ranked) -> tuple[int, int, int, int, bool, date, str]:
        offer = one.offer
        other = offer.language != language
        begins = offer.starts_on or today
        return -len(one.covered), offer.cost, offer.hours, modes.index(offer.mode), other, begins, offer.key

    return tuple(sorted(found, key=place))


def _covers(offer: Offer, gap: Gap) -> bool:
    """An offer on a whole competency covers each of its criteria."""
    return gap in offer.covers or Gap(gap.competency) in offer.covers


def _reason(offer: Offer, covered: int, total: int) -> Text:
    price = f"{offer.cost / 100:.2f}"
    french = price.replace(".", ",")
    return Text(
        f"Covers {covered} of {total} missing; {price} {offer.currency}; {offer.hours} h",
        f"Couvre {covered} manque(s) sur {total}\u00a0; {french}\u00a0{offer.currency}\u00a0; {offer.hours}\u00a0h",
    )


def draft(gaps: Sequence[Gap], ranked: Sequence[Ranked]) -> tuple[Row, ...]:
    """A first plan: for each gap the best offer that covers it, otherwise new evidence. A person may change it all."""
    rows = []
    for gap in gaps:
        best = next((one.offer for one in ranked if gap in one.covered), None)
        if best is None:
            rows.append(Row(gap, Way.NEW_EVIDENCE))
        else:
            rows.append(Row(gap, best.way, best.hours, best.key))
    return tuple(rows)


def hours(rows: Collection[Row]) -> int:
    """The hours that a plan takes: an offer that fills several gaps is taken once."""
    offered = {row.offer: row.hours for row in rows if row.offer}
    return sum(offered.values()) + sum(row.hours for row in rows if not row.offer)
