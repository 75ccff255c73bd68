"""What is offered to fill gaps: a programme's list, and the same list in the order that fits one case."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router, get, put
from litestar.params import FromPath, JSONBody
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api import plan_views
from services.api.access import Who
from services.api.house import Now, Reading, Writing
from services.records import cases, course_offers, dossier, equivalences, plans, programmes
from services.records.equivalences import Pair
from services.rules.gaps import Gap, Mode, Offer, Way
from services.rules.people import Action, Caller, Role
from services.rules.programmes import Language, Programme, Text
from services.rules.refusals import Refused

Words = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class TitleForm(msgspec.Struct, forbid_unknown_fields=True):
    """The offer's name in both languages."""

    en: Words
    fr: Words


class CoveredForm(msgspec.Struct, forbid_unknown_fields=True):
    """A competency that the offer covers, or one criterion of it."""

    competency: Annotated[str, msgspec.Meta(max_length=64)]
    criterion: Annotated[str, msgspec.Meta(max_length=64)] | None = None


class OfferForm(msgspec.Struct, forbid_unknown_fields=True):
    """A course, a practice place, a mentor; `cost` in cents of `currency`, `starts_on` empty: at any time."""

    key: Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=64)]
    provider: Words
    title: TitleForm
    way: Way
    covers: Annotated[tuple[CoveredForm, ...], msgspec.Meta(min_length=1, max_length=200)]
    cost: Annotated[int, msgspec.Meta(ge=0, le=100_000_000)]
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]
    hours: Annotated[int, msgspec.Meta(ge=0, le=2000)]
    mode: Mode
    language: Language
    starts_on: date | None = None

    def offered(self) -> Offer:
        """As the rules take it."""
        return Offer(
            key=self.key,
            provider=self.provider,
            title=Text(self.title.en, self.title.fr),
            way=self.way,
            covers=tuple(Gap(one.competency, one.criterion) for one in self.covers),
            cost=self.cost,
            currency=self.currency,
            hours=self.hours,
            mode=self.mode,
            language=self.language,
            starts_on=self.starts_on,
        )


class OffersForm(msgspec.Struct, forbid_unknown_fields=True):
    """Everything that is offered now; it replaces the list kept before."""

    offers: Annotated[tuple[OfferForm, ...], msgspec.Meta(max_length=1000)]


async def kept_by(reading: AsyncSession, slug: str, caller: Caller) -> Programme:
    """The newest version of a programme that the caller administers. Raises `Refused('not_found')`."""
    try:
        row = await programmes.last_published(reading, slug)
    except Refused:
        raise Refused("not_found") from None
    if not caller.holds(Role.PROGRAMME_ADMIN, row.institution_id, row.slug):
        raise Refused("not_found")
    return await programmes.read(reading, row.id)


@get(
    "/programmes/{slug:str}/offers",
    opt={"action": Action.PUBLIC},
    operation_id="list_offers",
    summary="What is offered to fill gaps",
)
async def offers(slug: FromPath[str], reading: Reading) -> list[plan_views.OfferView]:
    """By key, whoever asks."""
    row = await programmes.last_published(reading, slug)
    return [plan_views.offer(one) for one in await course_offers.live(reading, row.slug)]


@put(
    "/catalogues/{slug:str}/offers",
    opt={"action": Action.KEEP_CATALOGUE},
    operation_id="replace_offers",
    summary="Replace what is offered to fill gaps",
)
async def replace(
    slug: FromPath[str], data: JSONBody[OffersForm], caller: Who, writing: Writing, now: Now
) -> list[plan_views.OfferView]:
    """The whole list at once, as a catalogue sends it; plans keep what they named."""
    programme = await kept_by(writing, slug, caller)
    given = [one.offered() for one in data.offers]
    await course_offers.replace(writing, programme, given, actor=caller.id, now=now)
    return [plan_views.offer(one) for one in await course_offers.live(writing, programme.slug)]


@get(
    "/cases/{case_id:uuid}/offers",
    opt={"action": Action.SEE_PLAN},
    operation_id="list_offers_for_case",
    summary="What would fill the gaps of a case",
)
async def for_case(case_id: FromPath[UUID], reading: Reading, now: Now) -> list[plan_views.RankedView]:
    """The best first, each with the reason for its place; nothing of a decision whose letter cannot be read yet."""
    return await ranked_for(reading, case_id, now=now)


async def ranked_for(session: AsyncSession, case_id: UUID, *, now: datetime) -> list[plan_views.RankedView]:
    """What would fill the gaps of a case that its learner knows of, the best first."""
    case = await cases.get(session, case_id)
    programme = await programmes.of_case(session, case)
    told = await dossier.told(session, case_id)
    missing = await plans.missing(session, case=case, programme=programme, now=now)
    asked = [gap for gap, claim in missing.items() if claim in told]
    return [plan_views.ranked(one) for one in await plans.offers(session, case=case, asked=asked, now=now)]


class PairForm(msgspec.Struct, forbid_unknown_fields=True):
    """A competency of the programme, another one as `programme/competency`, and who says that they are equivalent."""

    competency: Annotated[str, msgspec.Meta(max_length=64)]
    equals: Annotated[str, msgspec.Meta(pattern="^[a-z0-9-]+/[a-z0-9-]+$", max_length=140)]
    source: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class PairsForm(msgspec.Struct, forbid_unknown_fields=True):
    """Everything that counts as equivalent now; it replaces the list kept before."""

    equivalences: Annotated[tuple[PairForm, ...], msgspec.Meta(max_length=1000)]


@get(
    "/catalogues/{slug:str}/equivalences",
    opt={"action": Action.KEEP_CATALOGUE},
    operation_id="list_equivalences",
    summary="What counts as equivalent",
)
async def equal(slug: FromPath[str], caller: Who, reading: Reading) -> list[Pair]:
    """Seen from the programme; whoever holds one of a pair is not credited for the other."""
    programme = await kept_by(reading, slug, caller)
    return await equivalences.of_programme(reading, programme.slug)


@put(
    "/catalogues/{slug:str}/equivalences",
    opt={"action": Action.KEEP_CATALOGUE},
    operation_id="replace_equivalences",
    summary="Replace what counts as equivalent",
)
async def replace_equal(
    slug: FromPath[str], data: JSONBody[PairsForm], caller: Who, writing: Writing, now: Now
) -> list[Pair]:
    """The whole list at once, each pair with its source."""
    programme = await kept_by(writing, slug, caller)
    pairs = [Pair(one.competency, one.equals, one.source) for one in data.equivalences]
    await equivalences.replace(writing, programme, pairs, actor=caller.id, now=now)
    return await equivalences.of_programme(writing, programme.slug)


def router() -> Router:
    """Every route of plans, offers and equivalences."""
    handlers = [offers, replace, for_case, equal, replace_equal]
    return Router("/api/v1", route_handlers=handlers, tags=["plans"])
