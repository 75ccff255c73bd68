"""A gap plan as learner and advisor see it: what is missing, how it is to be filled, what it takes."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.records.plans import Plan
from services.rules.gaps import Gap, Mode, Offer, Ranked, Way
from services.rules.people import Role
from services.rules.programmes import Programme, Text


@dataclass(frozen=True, slots=True)
class OfferView:
    """A course or another offer; `cost` in cents of `currency`, `starts_on` empty: at any time."""

    key: str
    provider: str
    title: Text
    way: Way
    cost: int
    currency: str
    hours: int
    mode: Mode
    language: str
    starts_on: date | None


@dataclass(frozen=True, slots=True)
class PlanRowView:
    """One gap in words, and how it is to be filled; `offer` as it was when the plan was proposed."""

    competency: str
    criterion: str | None
    text: Text
    way: Way
    hours: int
    offer: OfferView | None
    note: str


@dataclass(frozen=True, slots=True)
class PlanView:
    """The newest plan; `made_by` is `clock` for the first, `answered_as` empty while it waits for the learner."""

    id: UUID
    number: int
    made_by: Role
    made_at: datetime
    answered_as: str | None
    answered_at: datetime | None
    hours: int
    rows: list[PlanRowView]


@dataclass(frozen=True, slots=True)
class RankedView:
    """An offer with what it would cover here, and the reason for its place in the list."""

    offer: OfferView
    covers: list[Gap]
    reason: Text


def plan(found: Plan | None, programme: Programme, *, told: Collection[UUID]) -> PlanView | None:
    """The plan, once the letter that it travels in can be read."""
    if found is None or not all(row.claim_id in told for row in found.rows):
        return None
    kept = found.plan
    rows = []
    for row in found.rows:
        competency = programme.competency(row.competency)
        text = competency.criterion(row.criterion).text if row.criterion else competency.title
        shown = _kept(row.offer) if row.offer else None
        rows.append(PlanRowView(row.competency, row.criterion, text, row.way, row.hours, shown, row.note))
    return PlanView(
        kept.id, kept.number, kept.made_by, kept.made_at, kept.answered_as, kept.answered_at, found.hours, rows
    )


def _kept(offer: dict[str, Any]) -> OfferView:
    begins = offer["starts_on"]
    return OfferView(
        key=offer["key"],
        provider=offer["provider"],
        title=Text(**offer["title"]),
        way=Way(offer["way"]),
        cost=offer["cost"],
        currency=offer["currency"],
        hours=offer["hours"],
        mode=Mode(offer["mode"]),
        language=offer["language"],
        starts_on=date.fromisoformat(begins) if begins else None,
    )


def offer(one: Offer) -> OfferView:
    """An offer as it is now."""
    return OfferView(**{name: getattr(one, name) for name in OfferView.__slots__})


def ranked(one: Ranked) -> RankedView:
    """An offer in its place."""
    return RankedView(offer(one.offer), list(one.covered), one.reason)
