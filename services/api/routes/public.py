"""What anybody may ask without an account: whether a credential holds, and what it says of itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, JSONBody
from litestar.response import Redirect

from services.api import access, languages, problems, requests
from services.api.house import House, Reading, TheHouse
from services.api.issued import IssuedHere
from services.api.routes.credentials import attached
from services.documents import (
    badge_profile,
    credential_codes,
    presented,
    verdicts,
    verification,
    verification_words,
)
from services.documents.published import Unreachable
from services.documents.verdicts import Check, Report, Status, Verdict
from services.records import credentials, sharing
from services.records.sharing import Choice
from services.rules.people import Action
from services.rules.programmes import Text
from services.rules.refusals import Refused
from services.workflows import means

CHECK_AGAIN_SECONDS = 60
HEADERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class CheckView:
    """One thing that was looked at; `passed` is empty for what was not reached."""

    check: verdicts.Check
    label: Text
    passed: bool | None


@dataclass(frozen=True, slots=True)
class VerdictView:
    """The answer for one credential; `detail` is the code of why, `replaced_by` the code of its successor.

    `id` is empty for a code whose holder does not show what the credential says.
    """

    id: str | None
    issuer: str | None
    status: Status
    title: Text
    sentence: Text
    detail: str
    under_review: bool
    withdrawn_at: str | None
    valid_until: str | None
    replaced_by: str | None
    checks: list[CheckView]


@dataclass(frozen=True, slots=True)
class ReportView:
    """The answer: the gravest of what was found, in words, and every credential that was looked at.

    `letter` says of a PDF whether it is the very letter that was sent; empty where there was none to compare.
    """

    status: Status
    title: Text
    sentence: Text
    letter: bool | None
    credentials: list[VerdictView]


STATUSES: dict[int, ResponseSpec] = {
    int(HTTPStatus.NOT_FOUND): ResponseSpec(
        ReportView, description="No record of this code: `not_ours`", generate_examples=False
    ),
    int(HTTPStatus.SERVICE_UNAVAILABLE): ResponseSpec(
        ReportView, description="It could not be checked: `unchecked`", generate_examples=False
    ),
}


def _view(report: Report, *, shown: bool = True) -> ReportView:
    under_review = any(one.under_review and one.status is report.status for one in report.verdicts)
    return ReportView(
        status=report.status,
        title=verification_words.title(report.status, under_review=under_review),
        sentence=verification_words.sentence(report.status, under_review=under_review),
        letter=report.letter,
        credentials=[_verdict(one, shown=shown) for one in report.verdicts],
    )


def _verdict(verdict: Verdict, *, shown: bool) -> VerdictView:
    return VerdictView(
        id=verdict.credential_id if shown else None,
        issuer=verdict.issuer,
        status=verdict.status,
        title=verification_words.title(verdict.status, under_review=verdict.under_review),
        sentence=verification_words.sentence(verdict.status, under_review=verdict.under_review),
        detail=verdict.detail,
        under_review=verdict.under_review,
        withdrawn_at=verdict.withdrawn_at.isoformat() if verdict.withdrawn_at else None,
        valid_until=verdict.valid_until.isoformat() if verdict.valid_until else None,
        replaced_by=credential_codes.display(verdict.replaced_by) if verdict.replaced_by else None,
        checks=[CheckView(row, verification_words.check(row), passed) for row, passed in verdict.checks],
    )


def _answer(report: Report, *, unknown: HTTPStatus, shown: bool = True) -> Response[ReportView]:
    status = {Status.UNCHECKED: HTTPStatus.SERVICE_UNAVAILABLE, Status.NOT_OURS: unknown}.get(
        report.status, HTTPStatus.OK
    )
    again = {"Retry-After": str(CHECK_AGAIN_SECONDS)} if status is HTTPStatus.SERVICE_UNAVAILABLE else {}
    return Response(_view(report, shown=shown), status_code=status, headers=HEADERS | again)


def _lookup(house: House) -> IssuedHere:
    return IssuedHere(house.database, means.issuer(house.settings))


@get(
    "/api/v1/verify/{code:str}",
    opt={"action": Action.PUBLIC},
    responses=STATUSES,
    operation_id="verify_code",
    summary="Does the credential with this code hold?",
)
async def by_code(request: AnyRequest, code: FromPath[str], house: TheHouse, reading: Reading) -> Response[ReportView]:
    """One of six answers. Case, spaces and hyphens of the code do not count."""
    report = await look_up(request, house, code)
    choices = [await sharing.choice(reading, uuid_of(one)) for one in report.verdicts]
    return _answer(report, unknown=HTTPStatus.NOT_FOUND, shown=all(one.page for one in choices))


def uuid_of(verdict: Verdict) -> UUID:
    """The credential of ours that a verdict is about. Raises `ValueError` for another's."""
    return UUID(verdict.credential_id.removeprefix("urn:uuid:"))


async def look_up(request: AnyRequest, house: House, code: str) -> Report:
    """What is known of a code, however it is written; the check is counted. Raises `Refused('throttled')`."""
    address = requests.address(request.scope, trusted=house.trusted)
    house.misses.check(address)
    lookup, stored = _lookup(house), credential_codes.normalise(code)
    try:
        issuance = await lookup.by_code(stored) if stored else None
    except Unreachable:
        return Report(Status.UNCHECKED, ())  # something of ours is missing: that says nothing about the credential
    if issuance is None:
        house.misses.note(address)
        return Report(Status.NOT_OURS, ())
    verdict = await verification.verify_issued(issuance, lookup=lookup, now=house.clock())
    await _count(house, (verdict,))
    return Report(verdict.status, (verdict,))


async def _count(house: House, verdicts: Sequence[Verdict]) -> None:
    """Count a check of each credential of ours: a number a day, and nothing of whoever asked."""
    ours = [one for one in verdicts if one.status is not Status.NOT_OURS and one.failed is not Check.REACHABLE]
    if ours:
        async with house.database.writing() as session:
            for one in ours:
                await sharing.checked(session, uuid_of(one), day=house.clock().date())


@post(
    "/api/v1/verify",
    opt={"action": Action.PUBLIC, access.CHANGES_NOTHING: True},
    status_code=HTTPStatus.OK,
    request_max_body_size=presented.LARGEST_PDF,
    responses={int(HTTPStatus.SERVICE_UNAVAILABLE): STATUSES[int(HTTPStatus.SERVICE_UNAVAILABLE)]},
    operation_id="verify_file",
    summary="Does this file hold?",
    description="The body is the file itself: a credential as JSON (256 KiB) or one of our letters as PDF (20 MiB).",
)
async def by_file(request: AnyRequest, house: TheHouse) -> Response[ReportView]:
    """One of six answers; nothing of the file is kept."""
    try:
        report = await look_into(request, house, await request.body())
    except presented.Unreadable as unreadable:
        said = verification_words.unreadable(unreadable.code).in_(languages.asked(request))
        raise problems.Malformed(problems.Fault("file", unreadable.code, said)) from unreadable
    return _answer(report, unknown=HTTPStatus.OK)


async def look_into(request: AnyRequest, house: House, content: bytes) -> Report:
    """What is known of what a file holds; the check is counted.

    Raises `Refused('throttled')`, `presented.Unreadable`.
    """
    address = requests.address(request.scope, trusted=house.trusted)
    house.misses.check(address)
    report = await verification.verify_file(
        content, lookup=_lookup(house), hashes=house.hashes, now=house.clock(), ours=house.settings.issuer
    )
    if report.status is Status.NOT_OURS:
        house.misses.note(address)
    await _count(house, report.verdicts)
    return report


@get(
    "/api/v1/credentials/{code:str}",
    opt={"action": Action.PUBLIC},
    operation_id="download_credential",
    summary="A credential as JSON",
)
async def download(request: AnyRequest, code: FromPath[str], house: TheHouse, reading: Reading) -> Response[bytes]:
    """The signed bytes, as an attachment, for whoever was given the code, while its holder shows all that they say.

    A credential whose name its holder does not show is not handed out: the name cannot be taken out of what is signed.
    """
    address = requests.address(request.scope, trusted=house.trusted)
    house.misses.check(address)
    stored = credential_codes.normalise(code)
    found = await credentials.issued(reading, code=stored) if stored else None
    if found is None:
        house.misses.note(address)
        raise Refused("not_found")
    chosen = await sharing.choice(reading, found.credential.id)
    if not handed_out(chosen, msgspec.json.decode(found.credential.document)):
        raise Refused("not_found")
    return attached(found.credential, **HEADERS)


def handed_out(chosen: Choice, document: Mapping[str, Any]) -> bool:
    """Whether a credential is given to whoever has its code: its holder shows all that is in it."""
    return chosen.page and (chosen.name or not badge_profile.names(document))


class AnswersForm(msgspec.Struct, forbid_unknown_fields=True):
    """What whoever checked a credential says of the answer; whatever is left out is not counted."""

    clear: str = ""
    helped: str = ""
    known: str = ""


@post(
    "/api/v1/verify/{code:str}/answers",
    opt={"action": Action.PUBLIC},
    status_code=HTTPStatus.NO_CONTENT,
    operation_id="answer_about_check",
    summary="Say whether the answer helped",
)
async def answers(request: AnyRequest, code: FromPath[str], data: JSONBody[AnswersForm], house: TheHouse) -> None:
    """Counted by programme and quarter: nothing of the visitor is kept, nor which credential it was about.

    `clear` and `helped`: `yes`, `partly`, `no`; `known`, how well the word was known before: `well`, `a_little`,
    `not_at_all`.
    """
    given = {name: str(value) for name, value in msgspec.structs.asdict(data).items() if value}
    await count_answers(request, house, code, given)


async def count_answers(request: AnyRequest, house: House, code: str, given: Mapping[str, str]) -> None:
    """Count answers about a check. Raises `Refused`: throttled, not_found, malformed."""
    address = requests.address(request.scope, trusted=house.trusted)
    house.misses.check(address)
    # An answer weighs as much as a miss: nobody has more of them to give in a minute.
    house.misses.note(address)
    stored = credential_codes.normalise(code)
    if stored is None:
        raise Refused("not_found")
    async with house.database.writing() as session:
        await sharing.answered(session, code=stored, answers=given, now=house.clock())


@get(
    "/v/{code:str}",
    opt={"action": Action.PUBLIC},
    operation_id="short_link",
    summary="The short address on letters",
)
async def short(request: AnyRequest, code: FromPath[str]) -> Redirect:
    """Leads a person to the page with the answer, and a program to the answer."""
    stored = credential_codes.normalise(code)
    if stored is None:
        raise Refused("not_found")
    reads_pages = "text/html" in request.headers.get("accept", "")
    place = f"/{languages.asked(request)}/verify/" if reads_pages else "/api/v1/verify/"
    kept = {"Vary": "Accept, Accept-Language"}
    return Redirect(place + credential_codes.display(stored), status_code=302, headers=HEADERS | kept)


def router() -> Router:
    """Every route of verification."""
    return Router("/", route_handlers=[by_code, by_file, answers, download, short], tags=["public"])
