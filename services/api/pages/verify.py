"""Whether a credential holds, for somebody who never heard of one: no account, no cookie, nothing of the visitor kept.

What is shown of a credential is what was recorded when it was issued, never what a visitor's file says of itself.
"""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api import access
from services.api.house import Reading, TheHouse
from services.api.pages.site import AnyRequest, Page, ThePage
from services.api.routes import public
from services.documents import credential_codes, presented, verification_words
from services.documents.verdicts import Report, Status, Verdict
from services.records import cases, credentials, programmes
from services.records.tables.cases import Claim
from services.rules.people import Action
from services.rules.programmes import Competency, Programme

QUIET: dict[str, Any] = {"X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}
OPEN = {"action": Action.PUBLIC}
LARGEST_FORM = presented.LARGEST_PDF + 64 * 1024
"""Bytes of a form that brings a file: the file, and what surrounds it."""

ANSWERED = (Status.VALID, Status.EXPIRED, Status.WITHDRAWN, Status.CHANGED)
"""Answers about a credential that we know."""

Code = Annotated[str, QueryParameter(name="code", required=False)]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What we recorded of a credential: the standard in both languages, and what its signed text says."""

    code: str
    document: dict[str, Any]
    programme: Programme
    competency: Competency
    level: int
    decided_at: datetime
    holder: str

    @property
    def host(self) -> str:
        """Under which name the issuer publishes."""
        return str(self.document["issuer"]["id"]).removeprefix("did:web:").replace("%3A", ":")


async def recorded(session: AsyncSession, credential_id: UUID) -> Recorded | None:
    """What stands in our records of a credential, or None."""
    found = await credentials.issued(session, credential_id=credential_id)
    if found is None:
        return None
    document: dict[str, Any] = msgspec.json.decode(found.credential.document)
    claim = await session.get_one(Claim, found.credential.claim_id)
    programme = await programmes.of_case(session, await cases.get(session, claim.case_id))
    subject = document["credentialSubject"]
    names = [one["identityHash"] for one in subject.get("identifier", ()) if one["identityType"] == "name"]
    return Recorded(
        code=credential_codes.display(found.credential.code),
        document=document,
        programme=programme,
        competency=programme.competency(claim.competency),
        level=_level(subject),
        decided_at=datetime.fromisoformat(document["awardedDate"]),
        holder=names[0] if names else "",
    )


def _level(subject: dict[str, Any]) -> int:
    """The level of the rubric that was reached; 0 where nobody assessed it here."""
    reached = [str(one["achievedLevel"]) for one in subject["result"] if "achievedLevel" in one]
    return int(reached[0].rpartition("-")[2]) if reached else 0


@get("/verify", opt=OPEN, include_in_schema=False)
async def ask(page: ThePage, code: Code = "") -> Response[str] | Redirect:
    """Type a code, or choose a file."""
    stored = credential_codes.normalise(code) if code else None
    if stored:
        return page.go(f"/verify/{credential_codes.display(stored)}")
    wrong = page.say("This is not a code of ours. It has twelve letters and digits.") if code else ""
    status = HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
    return page.show("public/verify.html", status=status, headers=QUIET, code=code, wrong=wrong, at="code")


@get("/verify/{code:str}", opt=OPEN, include_in_schema=False)
async def by_code(
    request: AnyRequest, code: FromPath[str], *, page: ThePage, house: TheHouse, reading: Reading
) -> Response[str]:
    """The answer for a code."""
    report = await public.look_up(request, house, code)
    return await _answer(page, reading, report)


@post(
    "/verify",
    opt=OPEN | {access.CHANGES_NOTHING: True},
    request_max_body_size=LARGEST_FORM,
    status_code=HTTPStatus.OK,
    include_in_schema=False,
)
async def sent(request: AnyRequest, page: ThePage, *, house: TheHouse, reading: Reading) -> Response[str]:
    """The answer for a file; nothing of it is kept."""
    file = (await request.form()).get("file")
    content = await file.read() if isinstance(file, UploadFile) else b""
    try:
        report = await public.look_into(request, house, content)
    except presented.Unreadable as unreadable:
        wrong = page.text(verification_words.unreadable(unreadable.code))
        return page.show(
            "public/verify.html",
            status=HTTPStatus.UNPROCESSABLE_ENTITY,
            headers=QUIET,
            code="",
            wrong=wrong,
            at="file",
        )
    return await _answer(page, reading, report)


async def _answer(page: Page, session: AsyncSession, report: Report) -> Response[str]:
    under_review = any(one.under_review and one.status is report.status for one in report.verdicts)
    shown = [(verdict, await _of(session, verdict)) for verdict in report.verdicts]
    status = HTTPStatus.SERVICE_UNAVAILABLE if report.status is Status.UNCHECKED else HTTPStatus.OK
    return page.show(
        "public/verdict.html",
        status=status,
        headers=QUIET | ({"Retry-After": "60"} if status is HTTPStatus.SERVICE_UNAVAILABLE else {}),
        title=page.text(verification_words.title(report.status, under_review=under_review)),
        sentence=page.text(verification_words.sentence(report.status, under_review=under_review)),
        status_name=report.status.value,
        letter=verification_words.letter(compared=report.letter) if report.letter is not None else None,
        credentials=shown,
        check=verification_words.check,
        code_of=credential_codes.display,
    )


async def _of(session: AsyncSession, verdict: Verdict) -> Recorded | None:
    if verdict.status not in ANSWERED:
        return None
    return await recorded(session, UUID(verdict.credential_id.removeprefix("urn:uuid:")))
