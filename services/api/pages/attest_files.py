"""Files that go with what a third party says: chosen one by one in a plain form, on a page beside the questions."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from services.api import body_pace, problems
from services.api.house import House, TheHouse
from services.api.pages.attest_form import GUARDED, OPEN, QUIET
from services.api.pages.site import AnyRequest, Page, ThePage
from services.api.routes import attestation_links as links
from services.records import attestation_links
from services.rules import signatures
from services.rules.refusals import Refused

ACCEPTED = ",".join(f".{ending}" for kind in signatures.FILE_KINDS for ending in sorted(kind.extensions))


@get("/attest/{token:str}/files", opt=OPEN, include_in_schema=False, exception_handlers=GUARDED)
async def see(request: AnyRequest, token: FromPath[str], page: ThePage, house: TheHouse) -> Response[str]:
    """What was sent so far, and room for one more."""
    return await _shown(request, token, page, house)


async def _shown(
    request: AnyRequest, token: str, page: Page, house: House, *, wrong: str = "", status: int = HTTPStatus.OK
) -> Response[str]:
    form = await links.read(request, house, token)
    return page.show(
        "attest/files.html",
        status=status,
        headers=QUIET,
        token=token,
        form=form,
        wrong=wrong,
        full=len(form.files) >= attestation_links.MOST_FILES,
        accepted=ACCEPTED,
    )


@post(
    "/attest/{token:str}/files",
    opt=OPEN,
    include_in_schema=False,
    exception_handlers=GUARDED,
    middleware=[body_pace.Paced()],
    request_max_body_size=None,
)
async def attach(request: AnyRequest, token: FromPath[str], *, page: ThePage, house: TheHouse) -> Response[Any]:
    """Take in one file, or say at the field why not."""
    try:
        await links.take_file(request, house, token, slots=links.SLOTS)
    except Refused as refused:
        if refused.code == "link_ended":
            raise
        problem = problems.of_refusal(request, refused).content
        return await _shown(
            request, token, page, house, wrong=f"{problem.title} {problem.detail}", status=problem.status
        )
    return page.go(f"/attest/{token}/files")


@post("/attest/{token:str}/files/{file_id:uuid}/remove", opt=OPEN, include_in_schema=False, exception_handlers=GUARDED)
async def remove(
    request: AnyRequest, token: FromPath[str], file_id: FromPath[UUID], *, page: ThePage, house: TheHouse
) -> Redirect:
    """Take a file out again."""
    await links.take_out(request, house, token, file_id)
    return page.go(f"/attest/{token}/files")
