"""Where administrators begin, and how the installation is: what waits, what failed, and what is about to end."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from litestar import Response, get, post
from litestar.di import Provide
from litestar.response import Redirect
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api import access
from services.api.access import Who
from services.api.house import House, Now, Reading, TheHouse
from services.api.pages import assess_sending, effect_words
from services.api.pages.assess_sending import TheVisit
from services.api.pages.site import ThePage
from services.api.routes import health
from services.records import credentials, issuer_keys, troubles
from services.records.blobs import Space
from services.records.tables.credentials import StatusList
from services.rules.moves.upkeep import RetryEffect
from services.rules.people import Action
from services.rules.refusals import Refused

KEEP = {"action": Action.KEEP_PEOPLE}
LIST_ALARM = timedelta(days=7)
"""A status list that ends so soon was not signed anew for weeks, and its credentials are about to fail."""


@dataclass(frozen=True, slots=True)
class Signing:
    """Since when the key signs, None while there is none; `late`: status lists that are about to end."""

    since: datetime | None
    late: int


@get("/admin", opt=KEEP, include_in_schema=False)
async def begin(page: ThePage) -> Response[str]:
    """The parts of administration."""
    return page.show("admin/begin.html")


@get("/admin/health", opt=KEEP, include_in_schema=False)
async def see(page: ThePage, caller: Who, *, house: TheHouse, reading: Reading, now: Now) -> Response[str]:
    """What answers, what waits and what failed."""
    return page.show(
        "admin/health.html",
        state=await health.state(house),
        backlog=await troubles.backlog(reading, caller),
        failed=await troubles.failed(reading, caller),
        examines=house.examine is not None,
        signing=await _signing(reading, house, now),
        space=await _space(house),
        new_key=uuid4,
        work=effect_words.said,
    )


@get("/admin/health/examined", opt=KEEP, include_in_schema=False)
async def examined(page: ThePage, house: TheHouse) -> Response[str]:
    """What the machine of this process lacks, as `acquis doctor` would say it."""
    if house.examine is None:
        raise Refused("not_found")
    return page.show("admin/examined.html", findings=await house.examine())


@get("/admin/keys", opt=KEEP, include_in_schema=False)
async def keys(page: ThePage, house: TheHouse, *, reading: Reading, now: Now) -> Response[str]:
    """Every key under which we sign or signed, and every list of withdrawn credentials."""
    issuer = house.settings.issuer
    listed = [row for row in await credentials.lists(reading) if row.issuer == issuer]
    return page.show(
        "admin/keys.html",
        issuer=issuer,
        keys=await issuer_keys.published(reading, issuer=issuer),
        lists=[await _listed(reading, row, now=now) for row in listed],
    )


@dataclass(frozen=True, slots=True)
class Listed:
    """One list: how many credentials stand on it and how many are withdrawn; `late`: it is about to end."""

    row: StatusList
    used: int
    withdrawn: int
    late: bool


async def _listed(session: AsyncSession, row: StatusList, *, now: datetime) -> Listed:
    return Listed(
        row,
        used=await credentials.used(session, row.id),
        withdrawn=len(await credentials.withdrawn_places(session, row.id)),
        late=row.document is not None and (row.valid_until is None or row.valid_until - now < LIST_ALARM),
    )


async def _signing(session: AsyncSession, house: House, now: datetime) -> Signing:
    own = [row for row in await credentials.lists(session) if row.issuer == house.settings.issuer and row.document]
    late = [row for row in own if row.valid_until is None or row.valid_until - now < LIST_ALARM]
    try:
        key = await issuer_keys.active(session, issuer=house.settings.issuer)
    except issuer_keys.NoKeyError:
        return Signing(None, len(late))
    return Signing(key.since, len(late))


async def _space(house: House) -> Space | None:
    return await house.blobs.free_space()


@post(
    "/admin/cases/{case_id:uuid}/retry",
    opt={"action": Action.SEND_COMMAND, access.MOVE: "retry_effect"},
    include_in_schema=False,
    dependencies={"visit": Provide(assess_sending.provide)},
)
async def retry(visit: TheVisit) -> Response[str] | Redirect:
    """Have a failed effect tried again."""
    sent = await visit.send("retry_effect", RetryEffect(visit.form.one("effect")), back="/admin/health")
    if isinstance(sent, Redirect):
        return sent
    return visit.page.show("shell/problem.html", status=sent.status, title=sent.title, problem=sent)
