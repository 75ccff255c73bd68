"""A competency as it was published, for people: what a credential that names it stands for."""

from litestar import Response, get
from litestar.params import FromPath

from services.api.house import Reading, TheHouse
from services.api.pages.site import ThePage
from services.api.routes import publications
from services.documents import achievements
from services.records import programmes
from services.rules.people import Action


@get("/standards/{name:str}/{version:str}", opt={"action": Action.PUBLIC}, include_in_schema=False)
async def see(
    name: FromPath[str], version: FromPath[str], *, page: ThePage, reading: Reading, house: TheHouse
) -> Response[str]:
    """Criteria, levels, usual evidence and methods; a version that a newer one replaced says so."""
    programme, competency = await publications.standard(reading, name, version)
    newest = await programmes.last_published(reading, programme.slug)
    latest = await programmes.read(reading, newest.id)
    newer = newest.version > programme.version and any(one.key == competency.key for one in latest.competencies)
    return page.show(
        "public/standard.html",
        programme=programme,
        competency=competency,
        address=achievements.url(programme, competency, house.base_url),
        newer=f"/standards/{name}/v{newest.version}" if newer else "",
        open=newest.retired_at is None,
    )
