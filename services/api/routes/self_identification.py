"""What one says of oneself so that others are treated alike: one's own answers, for oneself alone.

No route leads to the answers of anybody else, and none from a case to them.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, Router, delete, get, put
from litestar.params import JSONBody

from services.api.access import Who
from services.api.house import Now, Reading, Writing
from services.records import self_identification
from services.rules import self_identification as rules
from services.rules.people import Action
from services.rules.self_identification import Trait

OWN: dict[str, Any] = {"action": Action.OWN_ACCOUNT}
HEADERS = {"Cache-Control": "private, no-store"}


@dataclass(frozen=True, slots=True)
class SelfIdentificationView:
    """What can be said, and what one said; null where nothing is kept."""

    questions: dict[Trait, tuple[str, ...]]
    answers: dict[Trait, str] | None
    text_version: str
    kept_years: int


class SaidOfOneself(msgspec.Struct, forbid_unknown_fields=True):
    """One word for each question that one answers; see `questions`. No question has to be answered."""

    answers: dict[Trait, str]


@get("/", opt=OWN, operation_id="see_self_identification", summary="What one says of oneself")
async def see(caller: Who, reading: Reading) -> Response[SelfIdentificationView]:
    """One's own answers."""
    answers = await self_identification.of_person(reading, UUID(caller.id))
    return Response(SelfIdentificationView(rules.ANSWERS, answers, rules.TEXT, rules.KEPT_YEARS), headers=HEADERS)


@put(
    "/",
    opt=OWN,
    status_code=HTTPStatus.NO_CONTENT,
    operation_id="keep_self_identification",
    summary="Say something of oneself, or say it anew",
)
async def keep(data: JSONBody[SaidOfOneself], caller: Who, writing: Writing, now: Now) -> None:
    """To send it is to agree that it is counted in groups of ten people or more; with no answers nothing is kept."""
    await self_identification.keep(
        writing, UUID(caller.id), {str(one): word for one, word in data.answers.items()}, now=now
    )


@delete("/", opt=OWN, operation_id="take_back_self_identification", summary="Take back what one said of oneself")
async def take_back(caller: Who, writing: Writing, now: Now) -> None:
    """It is deleted at once; years that were counted before stay as they were told."""
    await self_identification.take_back(writing, UUID(caller.id), now=now)


def router() -> Router:
    """Every route of what one says of oneself."""
    return Router("/api/v1/me/self-identification", route_handlers=[see, keep, take_back], tags=["accounts"])
