"""Which competencies elsewhere are worth the same as a programme's own, for whoever keeps it.

A catalogue of the institution may send the whole list at once (`PUT /api/v1/catalogues/{slug}/equivalences`); here one
keeps it by hand, pair by pair. Whoever holds one of a pair is not credited for the other.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api.access import Who
from services.api.house import Now, Reading, TheHouse
from services.api.pages.command_fields import Wrong
from services.api.pages.learner_programmes import says
from services.api.pages.sent import Sent, TheForm
from services.api.pages.site import Page, ThePage
from services.api.routes import plans
from services.records import equivalences, programmes
from services.records.equivalences import Pair
from services.rules.people import Action, Caller
from services.rules.programmes import Programme, Text

KEEP = {"action": Action.KEEP_CATALOGUE}
LONGEST = 500
"""Characters of a source."""

AT_MOST = 50
"""Choices and pairs that stand on the page at once; where there are more, one looks for words of them."""

NOTHING_SENT = Sent(())
Search = Annotated[str, QueryParameter(name="q", required=False, max_length=100)]


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A competency that may stand beside one of the programme: `key` as `programme/competency`, and its titles."""

    key: str
    title: Text
    programme: Text


@dataclass(frozen=True, slots=True)
class Line:
    """A pair with the titles of both; a competency that no version in use names stands by its key."""

    pair: Pair
    own: Text
    other: Text
    programme: Text


@get("/admin/programmes/{slug:str}/equivalences", opt=KEEP, include_in_schema=False)
async def see(slug: FromPath[str], page: ThePage, caller: Who, reading: Reading, wanted: Search = "") -> Response[str]:
    """Every pair that is kept, or those that say what is looked for, and a form for another one."""
    return await _show(reading, page, slug, caller=caller, wanted=wanted.strip())


async def _show(
    session: AsyncSession,
    page: Page,
    slug: str,
    *,
    caller: Caller,
    wanted: str = "",
    sent: Sent = NOTHING_SENT,
    wrong: tuple[Wrong, ...] = (),
) -> Response[str]:
    programme = await plans.kept_by(session, slug, caller)
    known = await _known(session, programme)
    pairs = _once(programme, await equivalences.of_programme(session, programme.slug))
    lines = [_line(pair, programme, known) for pair in pairs]
    kept = [one for one in lines if says((one.own, one.other, one.programme), wanted)]
    choices = [one for one in known.values() if says((one.title, one.programme), wanted)]
    gone = page.request.query_params
    back = await equivalences.withdrawn(
        session, programme.slug, competency=gone.get("own", ""), equals=gone.get("other", "")
    )
    return page.show(
        "admin/equivalences.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        programme=programme,
        kept=kept[:AT_MOST],
        any=bool(pairs),
        kept_beyond=max(0, len(kept) - AT_MOST),
        choices=choices[:AT_MOST],
        choices_beyond=max(0, len(choices) - AT_MOST),
        searched=bool(wanted) or max(len(known), len(pairs)) > AT_MOST,
        wanted=wanted,
        back=_line(back, programme, known) if back else None,
        sent=sent,
        wrong=wrong,
        at={one.at: one.says for one in wrong},
        done=gone.get("done", ""),
        longest=LONGEST,
    )


def _once(programme: Programme, pairs: list[Pair]) -> list[Pair]:
    """The pairs without the second view of those that are both of the programme itself."""
    return [
        one
        for one in pairs
        if not (one.equals.startswith(f"{programme.slug}/") and f"{programme.slug}/{one.competency}" > one.equals)
    ]


async def _known(session: AsyncSession, own: Programme) -> dict[str, Elsewhere]:
    """Every competency of a programme that is open to new cases, and of `own`, by its key; those of others first."""
    every = [await programmes.read(session, one.id) for one in await programmes.published(session)]
    others = [one for one in every if one.slug != own.slug]
    return {
        f"{programme.slug}/{one.key}": Elsewhere(f"{programme.slug}/{one.key}", one.title, programme.title)
        for programme in (*others, own)
        for one in programme.competencies
    }


def _line(pair: Pair, programme: Programme, known: dict[str, Elsewhere]) -> Line:
    own = known.get(f"{programme.slug}/{pair.competency}")
    other = known.get(pair.equals)
    slug, _, _ = pair.equals.partition("/")
    return Line(
        pair,
        own.title if own else Text(pair.competency, pair.competency),
        other.title if other else Text(pair.equals, pair.equals),
        other.programme if other else Text(slug, slug),
    )


@post("/admin/programmes/{slug:str}/equivalences", opt=KEEP, include_in_schema=False)
async def keep(
    slug: FromPath[str], form: TheForm, *, page: ThePage, caller: Who, house: TheHouse, now: Now
) -> Response[str] | Redirect:
    """Keep a pair, or keep one again that was withdrawn; or say what is missing of it."""
    pair = Pair(form.one("competency"), form.one("equals"), form.one("source"))
    async with house.database.writing() as session:
        programme = await plans.kept_by(session, slug, caller)
        if wrong := _missing(page, programme, pair):
            return await _show(
                session, page, slug, caller=caller, wanted=form.one("q")[:100], sent=form, wrong=tuple(wrong)
            )
        await equivalences.keep(session, programme, pair, actor=caller.id, now=now)
    return page.go(f"/admin/programmes/{slug}/equivalences?done=kept")


def _missing(page: Page, programme: Programme, pair: Pair) -> list[Wrong]:
    itself = f"{programme.slug}/{pair.competency}" == pair.equals
    checks = (
        (
            "competency",
            pair.competency in {one.key for one in programme.competencies},
            page.say("Choose a competency of this programme."),
        ),
        ("equals", bool(pair.equals), page.say("Choose what it is worth the same as.")),
        ("equals", not itself, page.say("Choose two different competencies.")),
        (
            "source",
            0 < len(pair.source) <= LONGEST,
            page.say("Say who decided that they are worth the same, and when."),
        ),
    )
    return [Wrong(name, words) for name, fine, words in checks if not fine]


@post("/admin/programmes/{slug:str}/equivalences/withdraw", opt=KEEP, include_in_schema=False)
async def withdraw(
    slug: FromPath[str], form: TheForm, *, page: ThePage, caller: Who, house: TheHouse, now: Now
) -> Redirect:
    """Keep a pair no longer; the page that follows offers to take that back. Raises `Refused('not_found')`."""
    own, other = form.one("competency"), form.one("equals")
    async with house.database.writing() as session:
        programme = await plans.kept_by(session, slug, caller)
        await equivalences.withdraw(session, programme, competency=own, equals=other, actor=caller.id, now=now)
    gone = urlencode({"done": "withdrawn", "own": own, "other": other})
    return page.go(f"/admin/programmes/{slug}/equivalences?{gone}")
