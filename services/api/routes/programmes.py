"""What can be recognised: published programmes, as anybody may read them before opening a case."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from litestar import Router, get
from litestar.params import FromPath

from services.api.access import Who
from services.api.house import Reading
from services.records import programmes
from services.rules import fees, programme_tables
from services.rules.fees import Price
from services.rules.people import BY_ROLE, Action
from services.rules.programmes import Competency, FormField, Programme, Text
from services.rules.refusals import Refused


@dataclass(frozen=True, slots=True)
class PublishedView:
    """A programme that is open to new cases."""

    slug: str
    version: int
    institution: str
    title: Text
    published_at: datetime


@dataclass(frozen=True, slots=True)
class InstitutionView:
    """Who awards."""

    slug: str
    name: Text
    unit: Text
    email: str
    phone: str
    url: str
    country: str
    region: str
    privacy: Text


@dataclass(frozen=True, slots=True)
class ProgrammeView:
    """One version of a programme: what is assessed, by which criteria, and what the form asks.

    `prices`: what each service costs, nothing where there is none. `ends_at`: until when a case that could take a newer
    version may send its portfolio under this one.
    """

    slug: str
    version: int
    title: Text
    summary: Text
    field_of_study: Text
    framework: Text
    institution: InstitutionView
    competencies: tuple[Competency, ...]
    form: tuple[FormField, ...]
    ends_at: datetime | None
    prices: tuple[Price, ...]


@get("/", opt={"action": Action.PUBLIC}, operation_id="list_programmes", summary="Programmes open to new cases")
async def published(reading: Reading) -> list[PublishedView]:
    """The newest version of each."""
    return [
        PublishedView(one.slug, one.version, one.institution, one.title, one.published_at)
        for one in await programmes.published(reading)
    ]


@get("/{slug:str}", opt={"action": Action.PUBLIC}, operation_id="see_programme", summary="A programme, newest version")
async def newest(slug: FromPath[str], reading: Reading) -> ProgrammeView:
    """The version that a new case is pinned to."""
    row = await programmes.newest(reading, slug)
    return _view(await programmes.read(reading, row.id), row.ends_at)


@get(
    "/{slug:str}/versions/{version:int}",
    opt={"action": Action.PUBLIC},
    operation_id="see_programme_version",
    summary="A programme as it was published",
)
async def one_version(slug: FromPath[str], version: FromPath[int], reading: Reading) -> ProgrammeView:
    """The version that a case is pinned to, retired ones included."""
    programme = await programmes.version_of(reading, slug, version=version)
    return _view(programme, await programmes.ends_at(reading, slug, version=version))


@dataclass(frozen=True, slots=True)
class PolicyView:
    """Every limit, window and share of a programme; `review_by_jurist`: nobody with the texts at hand confirmed them.

    `values` are written as in the files of policies: spans such as `10bd`, `30d`, `12mo`.
    """

    programme: str
    version: int
    policy: str
    review_by_jurist: bool
    values: dict[str, Any]


@get(
    "/{slug:str}",
    opt={"action": Action.SEE_POLICY},
    operation_id="see_policy",
    summary="The policy of a programme, newest version",
)
async def policy(slug: FromPath[str], caller: Who, reading: Reading) -> PolicyView:
    """For who keeps, leads or audits the programme; for others it does not exist."""
    row = await programmes.last_published(reading, slug)
    roles = BY_ROLE[Action.SEE_POLICY] or frozenset()
    if not any(one.role in roles and one.covers(row.institution_id, slug) for one in caller.memberships):
        raise Refused("programme_unknown")
    programme = await programmes.read(reading, row.id)
    return PolicyView(
        programme=programme.slug,
        version=programme.version,
        policy=programme.policy.version,
        review_by_jurist=programme.policy.review_by_jurist,
        values=programme_tables.write(programme.policy),
    )


def _view(programme: Programme, ends_at: datetime | None) -> ProgrammeView:
    who = programme.institution
    return ProgrammeView(
        slug=programme.slug,
        version=programme.version,
        title=programme.title,
        summary=programme.summary,
        field_of_study=programme.field_of_study,
        framework=programme.framework,
        institution=InstitutionView(**{name: getattr(who, name) for name in InstitutionView.__slots__}),
        competencies=programme.competencies,
        form=programme.form,
        ends_at=ends_at,
        prices=fees.prices(programme.policy),
    )


def router() -> Router:
    """Every route of programmes."""
    return Router("/api/v1/programmes", route_handlers=[published, newest, one_version], tags=["programmes"])


def policy_router() -> Router:
    """What is kept of a programme's policy, for its staff alone."""
    return Router("/api/v1/policies", route_handlers=[policy], tags=["programmes"])
