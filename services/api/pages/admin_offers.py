"""What a programme offers to fill gaps, for whoever keeps it: courses, practice, mentors, with price, place and dates.

A catalogue of the institution may send the whole list at once (`PUT /api/v1/catalogues/{slug}/offers`); here one keeps
it by hand. Plans keep what they named, whatever becomes of an offer.
"""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api.access import Who
from services.api.house import Now, Reading, TheHouse
from services.api.pages.command_fields import Wrong
from services.api.pages.sent import Sent, TheForm
from services.api.pages.site import Page, ThePage
from services.api.routes import plans
from services.records import course_offers
from services.rules.gaps import LONGEST_HOURS, Gap, Mode, Offer, Way
from services.rules.people import Action, Caller
from services.rules.programmes import Language, Programme, Text
from services.rules.refusals import Refused

KEEP = {"action": Action.KEEP_CATALOGUE}
LONGEST = 200
DEAREST = 1_000_000
"""Characters of a name, and the most that an offer may cost in whole units."""

NOTHING_SENT = Sent(())
Chosen = Annotated[str, QueryParameter(name="offer", required=False)]


@get("/admin/programmes/{slug:str}/offers", opt=KEEP, include_in_schema=False)
async def see(slug: FromPath[str], page: ThePage, caller: Who, reading: Reading, chosen: Chosen = "") -> Response[str]:
    """Everything that is offered now, and a form for another offer or for the one that is `chosen`."""
    listed = await course_offers.live(reading, slug)
    one = next((offer for offer in listed if offer.key == chosen), None)
    return await _show(reading, page, slug, caller=caller, sent=_filled(one) if one else NOTHING_SENT)


async def _show(
    session: AsyncSession,
    page: Page,
    slug: str,
    *,
    caller: Caller,
    sent: Sent = NOTHING_SENT,
    wrong: tuple[Wrong, ...] = (),
) -> Response[str]:
    programme = await plans.kept_by(session, slug, caller)
    return page.show(
        "admin/offers.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        programme=programme,
        offers=await course_offers.live(session, programme.slug),
        titles={one.key: one.title for one in programme.competencies},
        ways=tuple(Way),
        modes=tuple(Mode),
        sent=sent,
        ticked=sent.all("covers"),
        wrong=wrong,
        at={one.at: one.says for one in wrong},
        done=page.request.query_params.get("done", ""),
        longest=LONGEST,
    )


def _filled(offer: Offer) -> Sent:
    """An offer as the form shows it."""
    words = {
        "key": offer.key,
        "title_en": offer.title.en,
        "title_fr": offer.title.fr,
        "provider": offer.provider,
        "way": offer.way,
        "cost": f"{Decimal(offer.cost) / 100:.2f}",
        "currency": offer.currency,
        "hours": str(offer.hours),
        "mode": offer.mode,
        "language": offer.language,
        "starts_on": offer.starts_on.isoformat() if offer.starts_on else "",
    }
    covers = (("covers", _place(gap)) for gap in offer.covers)
    return Sent((*words.items(), *covers))


def _place(gap: Gap) -> str:
    return f"{gap.competency}/{gap.criterion}" if gap.criterion else gap.competency


@post("/admin/programmes/{slug:str}/offers", opt=KEEP, include_in_schema=False)
async def keep(
    slug: FromPath[str], form: TheForm, *, page: ThePage, caller: Who, house: TheHouse, now: Now
) -> Response[str] | Redirect:
    """Add an offer, or change the one whose key the form carries; or say what is missing of it."""
    async with house.database.writing() as session:
        programme = await plans.kept_by(session, slug, caller)
        listed = await course_offers.live(session, programme.slug)
        if wrong := tuple(_missing(page, programme, form)):
            return await _show(session, page, slug, caller=caller, sent=form, wrong=wrong)
        offer = _offer(form, taken={one.key for one in listed})
        others = [one for one in listed if one.key != offer.key]
        await course_offers.replace(session, programme, [*others, offer], actor=caller.id, now=now)
    return page.go(f"/admin/programmes/{slug}/offers?done=kept")


@post("/admin/programmes/{slug:str}/offers/{key:str}/withdraw", opt=KEEP, include_in_schema=False)
async def withdraw(
    slug: FromPath[str], key: FromPath[str], *, page: ThePage, caller: Who, house: TheHouse, now: Now
) -> Redirect:
    """Offer it no longer. Raises `Refused('not_found')` for what is not offered."""
    async with house.database.writing() as session:
        programme = await plans.kept_by(session, slug, caller)
        listed = await course_offers.live(session, programme.slug)
        others = [one for one in listed if one.key != key]
        if len(others) == len(listed):
            raise Refused("not_found")
        await course_offers.replace(session, programme, others, actor=caller.id, now=now)
    return page.go(f"/admin/programmes/{slug}/offers?done=withdrawn")


def _missing(page: Page, programme: Programme, form: Sent) -> Iterator[Wrong]:
    known = {one.key for one in programme.competencies}
    known |= {f"{one.key}/{criterion.key}" for one in programme.competencies for criterion in one.criteria}
    covers, hours = form.all("covers"), form.one("hours")
    priced, dated = _cents(form) is not None, _starts(form) is not None
    short = bool(re.fullmatch("[A-Z]{3}", form.one("currency")))
    taken = hours.isdecimal() and int(hours) <= LONGEST_HOURS
    checks = (
        ("title_en", 0 < len(form.one("title_en")) <= LONGEST, page.say("Give it a name in English.")),
        ("title_fr", 0 < len(form.one("title_fr")) <= LONGEST, page.say("Give it a name in French.")),
        ("provider", 0 < len(form.one("provider")) <= LONGEST, page.say("Say who offers it.")),
        ("way", form.one("way") in set(Way), page.say("Choose what it is.")),
        ("covers", bool(covers) and set(covers) <= known, page.say("Tick what it covers.")),
        ("cost", priced, page.say("Write the price as a number, such as 90 or 90.50; 0 for nothing.")),
        ("currency", short, page.say("Write the currency as three letters, such as CAD.")),
        ("hours", taken, page.say("Write how many hours it takes, as a number.")),
        ("mode", form.one("mode") in set(Mode), page.say("Choose where it takes place.")),
        ("language", form.one("language") in set(Language), page.say("Choose the language.")),
        ("starts_on", dated, page.say("Write the day as year-month-day, such as 2024-09-30.")),
    )
    return (Wrong(name, says) for name, fine, says in checks if not fine)


def _cents(form: Sent) -> int | None:
    """The price in cents; None for what is none."""
    try:
        cost = Decimal(form.one("cost").replace(",", "."))
    except InvalidOperation:
        return None
    fits = cost.is_finite() and 0 <= cost <= DEAREST and cost == round(cost, 2)
    return int(cost * 100) if fits else None


def _starts(form: Sent) -> tuple[date | None] | None:
    """The day in a tuple, or (None,) for any time; None for what is no day."""
    try:
        return (date.fromisoformat(form.one("starts_on")) if form.one("starts_on") else None,)
    except ValueError:
        return None


def _offer(form: Sent, *, taken: set[str]) -> Offer:
    """What the form says; nothing of it is missing."""
    known = form.one("key") in taken
    (starts,) = _starts(form) or (None,)
    said: dict[str, Any] = {
        "title": Text(form.one("title_en"), form.one("title_fr")),
        "covers": tuple(_gap(one) for one in form.all("covers")),
        "cost": _cents(form) or 0,
        "hours": form.number("hours"),
        "starts_on": starts,
    }
    return Offer(
        key=form.one("key") if known else _key(form.one("title_en"), taken=taken),
        provider=form.one("provider"),
        way=Way(form.one("way")),
        currency=form.one("currency"),
        mode=Mode(form.one("mode")),
        language=Language(form.one("language")),
        **said,
    )


def _gap(place: str) -> Gap:
    competency, _, criterion = place.partition("/")
    return Gap(competency, criterion or None)


def _key(title: str, *, taken: set[str]) -> str:
    """A key made of the English name that nothing else has; what was withdrawn under it comes back."""
    plain = "-".join(re.findall("[a-z0-9]+", title.lower())).lstrip("0123456789-")[:56].rstrip("-") or "offer"
    tried = [plain, *(f"{plain}-{number}" for number in range(2, len(taken) + 3))]
    return next(one for one in tried if one not in taken)
