"""What a decision gives: letters to read and keep, and credentials to show."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from litestar import Router, get
from litestar.params import FromPath
from litestar.response import Stream
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api import headers
from services.api.access import Facts, Who
from services.api.house import House, Now, Reading, TheHouse
from services.documents import badge_profile, credential_codes
from services.records import audit, cases, dossier, letters, programmes, sharing
from services.records.sharing import Choice
from services.records.tables.credentials import CredentialState
from services.rules.people import Action, Tie
from services.rules.programmes import Language, Text
from services.rules.refusals import Refused


@dataclass(frozen=True, slots=True)
class LetterView:
    """A letter that can be read; `sha256` is of its bytes."""

    id: UUID
    number: str
    kind: str
    language: Language
    size: int
    sha256: str
    released_at: datetime | None
    url: str


@dataclass(frozen=True, slots=True)
class CredentialView:
    """A credential of the case: `code` is what others look it up by, at `verify_url`; `url` is its JSON.

    `picture_url` goes on with `/svg` or `/png`; `valid_until` is empty for one that does not expire.
    `page_shown`, `name_shown`: what others see of it; `carries_name`: whether a name stands in it at all. `checks`: how
    often it was checked so far, by whom is not known.
    """

    id: UUID
    code: str
    competency: str
    title: Text
    state: CredentialState
    published_at: datetime | None
    revoked_at: datetime | None
    valid_until: datetime | None
    url: str
    picture_url: str
    verify_url: str
    page_shown: bool
    name_shown: bool
    carries_name: bool
    checks: int


@get("/letters", opt={"action": Action.SEE_LETTER}, operation_id="list_letters", summary="The letters of a case")
async def of_case(case_id: FromPath[UUID], reading: Reading) -> list[LetterView]:
    """Newest decision first, in both languages."""
    return await readable(reading, case_id)


async def readable(session: AsyncSession, case_id: UUID) -> list[LetterView]:
    """The letters of a case that can be read, newest decision first."""
    return [
        LetterView(
            id=row.id,
            number=row.number,
            kind=row.kind,
            language=Language(row.language),
            size=row.size,
            sha256=row.sha256,
            released_at=row.released_at,
            url=f"/api/v1/cases/{case_id}/letters/{row.id}/file",
        )
        for row in await letters.released_of(session, case_id)
    ]


@get(
    "/letters/{letter_id:uuid}/file",
    opt={"action": Action.SEE_LETTER},
    operation_id="read_letter",
    summary="A letter as PDF",
)
async def read(
    *, case_id: FromPath[UUID], letter_id: FromPath[UUID], caller: Who, facts: Facts, house: TheHouse, now: Now
) -> Stream:
    """Always an attachment; every reading is noted, and the learner's first one counts as receipt."""
    async with house.database.reading() as session:
        letter = await dossier.letter(session, case_id=case_id, letter_id=letter_id)
    if letter is None:
        raise Refused("not_found")
    if not await house.blobs.exists(letter.sha256):
        raise Refused("unavailable")
    async with house.database.writing() as session:
        await audit.log(
            session, stream=f"case:{case_id}", actor=caller.id, action="letter_read", subject=str(letter_id), now=now
        )
        if Tie.LEARNER in facts.ties:
            await letters.opened(session, letter_id, now=now)
    return Stream(
        house.blobs.read(letter.sha256),
        media_type="application/pdf",
        headers=headers.to_keep(f"{letter.number}-{letter.language}.pdf")
        | {"Content-Length": str(letter.size), "ETag": f'"{letter.sha256}"'},
    )


@get(
    "/credentials",
    opt={"action": Action.SEE_LETTER},
    operation_id="list_credentials",
    summary="The credentials of a case",
)
async def credentials(case_id: FromPath[UUID], reading: Reading, house: TheHouse) -> list[CredentialView]:
    """Every one that was published, withdrawn ones included."""
    return await held(reading, house, case_id)


async def held(session: AsyncSession, house: House, case_id: UUID) -> list[CredentialView]:
    """The credentials of a case, those that were withdrawn among them."""
    programme = await programmes.of_case(session, await cases.get(session, case_id))
    found = await dossier.credentials(session, case_id)
    ids = [one.id for one in found]
    chosen, checks = await sharing.choices(session, ids), await sharing.checks(session, ids)
    return [
        _credential(
            one,
            programme.competency(one.competency).title,
            house=house,
            place=f"{house.base_url}/api/v1/cases/{case_id}/credentials/{one.id}",
            chosen=chosen.get(one.id, sharing.PRIVATE),
            checks=checks.get(one.id, 0),
        )
        for one in found
    ]


def _credential(
    one: dossier.HeldCredential, title: Text, *, house: House, place: str, chosen: Choice, checks: int
) -> CredentialView:
    document = msgspec.json.decode(one.document)
    code = credential_codes.display(one.code)
    return CredentialView(
        id=one.id,
        code=code,
        competency=one.competency,
        title=title,
        state=one.state,
        published_at=one.published_at,
        revoked_at=one.revoked_at,
        valid_until=badge_profile.instant(document.get("validUntil")),
        url=f"{place}/file",
        picture_url=f"{place}/picture",
        verify_url=f"{house.base_url}/v/{code}",
        page_shown=chosen.page,
        name_shown=chosen.name,
        carries_name=bool(badge_profile.names(document)),
        checks=checks,
    )


def router() -> Router:
    """Every route of letters and of a case's credentials."""
    return Router("/api/v1/cases/{case_id:uuid}", route_handlers=[of_case, read, credentials], tags=["letters"])
