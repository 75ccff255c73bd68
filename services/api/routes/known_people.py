"""The register of people whom somebody knows and must not be asked to judge; each keeps and sees their own."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router, delete, get, post
from litestar.params import FromPath, JSONBody

from services.api.access import Who
from services.api.house import Now, Reading, Writing
from services.records import known_people
from services.records.tables.people import KnownPerson
from services.rules.people import Action


class KnownForm(msgspec.Struct, forbid_unknown_fields=True):
    """Whom one knows: a name, a mail address, or both."""

    name: Annotated[str, msgspec.Meta(max_length=200)] = ""
    email: Annotated[str, msgspec.Meta(max_length=320)] = ""


@dataclass(frozen=True, slots=True)
class KnownView:
    """One line of the register."""

    id: UUID
    name: str
    email: str
    added_at: datetime


def _view(row: KnownPerson) -> KnownView:
    return KnownView(row.id, row.name, row.email, row.added_at)


@get("/", opt={"action": Action.KEEP_REGISTER}, operation_id="list_known_people", summary="Whom one knows")
async def register(caller: Who, reading: Reading) -> list[KnownView]:
    """One's own register, oldest line first."""
    return [_view(row) for row in await known_people.of(reading, UUID(caller.id))]


@post("/", opt={"action": Action.KEEP_REGISTER}, operation_id="add_known_person", summary="Add somebody one knows")
async def add(data: JSONBody[KnownForm], caller: Who, writing: Writing, now: Now) -> KnownView:
    """From now on no seat is offered over a case of this person."""
    return _view(await known_people.add(writing, owner=UUID(caller.id), name=data.name, email=data.email, now=now))


@delete(
    "/{line:uuid}",
    opt={"action": Action.KEEP_REGISTER},
    status_code=HTTPStatus.NO_CONTENT,
    operation_id="remove_known_person",
    summary="Take a line out",
)
async def remove(line: FromPath[UUID], caller: Who, writing: Writing, now: Now) -> None:
    """Take a line out of one's own register."""
    await known_people.remove(writing, owner=UUID(caller.id), line=line, now=now)


def router() -> Router:
    """Every route of the register."""
    return Router("/api/v1/known-people", route_handlers=[register, add, remove], tags=["accounts"])
