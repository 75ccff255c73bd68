"""Whether something happened in a case: a page that somebody looks at asks every few seconds, and is fetched only then.

The answer is an `ETag` of what the reader may know of: the version of their view of the case and the last message of
their threads. Asking does not keep a session alive (`access.BACKGROUND`), for nobody need be there.
"""

import hashlib
from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api import portraits
from services.api.access import Facts, Who
from services.api.house import Reading
from services.api.pages.site import ThePage
from services.records import cases, messages
from services.records.tables.cases import Case
from services.rules import conversations
from services.rules.people import Action, Answer, Caller, CaseFacts, on_a_case


@dataclass(frozen=True, slots=True)
class Beat:
    """Where a page asks, and what it knows already."""

    path: str
    tag: str
    version: int


async def of_case(session: AsyncSession, case: Case, *, caller: Caller, facts: CaseFacts) -> Beat | None:
    """What a page about the case starts from; None for a reader whose page does not change by itself."""
    if on_a_case(Action.READ_MESSAGES, facts) is not Answer.ALLOWED:
        return None
    version = await portraits.version_shown(session, case, caller=caller, facts=facts)
    threads = conversations.readable(facts.ties)
    last = await messages.last(session, case_id=case.id, threads=threads)
    tag = hashlib.sha256(f"{version}:{last}".encode()).hexdigest()[:32]
    return Beat(f"/cases/{case.id}/pulse", f'"{tag}"', version)


@get("/cases/{case_id:uuid}/pulse", opt={"action": Action.READ_MESSAGES}, include_in_schema=False)
async def pulse(
    case_id: FromPath[UUID], *, page: ThePage, caller: Who, facts: Facts, reading: Reading
) -> Response[None]:
    """204 with a new tag once something happened, 304 before."""
    beat = await of_case(reading, await cases.get(reading, case_id), caller=caller, facts=facts)
    tag = beat.tag if beat else ""
    known = page.request.headers.get("if-none-match") == tag
    status = HTTPStatus.NOT_MODIFIED if known else HTTPStatus.NO_CONTENT
    return Response(None, status_code=status, headers={"ETag": tag})
