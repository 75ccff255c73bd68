"""What can be recognised: published programmes, as anybody may read them before opening a case."""

from dataclasses import dataclass
from datetime import datetime

from litestar import Router, get
from litestar.params import FromPath

from services.api.house import Reading
from services.records import programmes
from services.rules.people import Action
from services.rules.programmes import Competency, FormField, Programme, Text


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
    """One version of a programme: what is assessed, by which criteria, and what the form asks."""

    slug: str
    version: int
    title: Text
    summary: Text
    field_of_study: Text
    framework: Text
    institution: InstitutionView
    competencies: tuple[Competency, ...]
    form: tuple[FormField, ...]


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
    return _view(await programmes.read(reading, row.id))


@get(
    "/{slug:str}/versions/{version:int}",
    opt={"action": Action.PUBLIC},
    operation_id="see_programme_version",
    summary="A programme as it was published",
)
async def one_version(slug: FromPath[str], version: FromPath[int], reading: Reading) -> ProgrammeView:
    """The version that a case is pinned to, retired ones included."""
    return _view(await programmes.version_of(reading, slug, version=version))


def _view(programme: Programme) -> ProgrammeView:
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
    )


def router() -> Router:
    """Every route of programmes."""
    return Router("/api/v1/programmes", route_handlers=[published, newest, one_version], tags=["programmes"])
