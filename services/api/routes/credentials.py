"""A credential in its holder's hands: the file, a picture of it, and what of it others are shown."""

from datetime import date, datetime
from uuid import UUID

import msgspec
from litestar import Response, Router, get, put
from litestar.params import FromPath, JSONBody
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api import headers
from services.api.access import Who
from services.api.house import House, Now, Reading, TheHouse, Writing
from services.api.routes.letters import CredentialView, held
from services.documents import badge_picture, badge_profile, credential_codes
from services.documents.badge_picture import Badge
from services.records import audit, cases, programmes, sharing
from services.records.sharing import Choice
from services.records.tables.cases import Claim
from services.records.tables.credentials import Credential
from services.rules.people import Action, Caller
from services.rules.programmes import Language
from services.rules.refusals import Refused

PICTURES = {"svg": "image/svg+xml", "png": "image/png"}
"""The forms of a picture."""


class SharingForm(msgspec.Struct, forbid_unknown_fields=True):
    """What to show to whoever has the link: the page with what the credential says, and the holder's name on it."""

    page: bool
    name: bool = False


@put(
    "/{credential_id:uuid}/sharing",
    opt={"action": Action.SHARE_CREDENTIAL},
    operation_id="share_credential",
    summary="Choose what a credential shows to others",
)
async def share(
    case_id: FromPath[UUID],
    credential_id: FromPath[UUID],
    data: JSONBody[SharingForm],
    *,
    caller: Who,
    house: TheHouse,
    writing: Writing,
    now: Now,
) -> CredentialView:
    """Bites at once. A credential shows nothing but whether it holds until its holder chooses otherwise."""
    await choose(writing, case_id, credential_id, chosen=Choice(data.page, data.name), caller=caller, now=now)
    return next(one for one in await held(writing, house, case_id) if one.id == credential_id)


async def choose(
    session: AsyncSession, case_id: UUID, credential_id: UUID, *, chosen: Choice, caller: Caller, now: datetime
) -> None:
    """Record the choice. Raises `Refused`: not_found, and as `sharing.choose`."""
    credential = await sharing.published(session, case_id=case_id, credential_id=credential_id)
    carried = badge_profile.names(msgspec.json.decode(credential.document))
    await sharing.choose(session, credential, chosen=chosen, carries_name=bool(carried), by=UUID(caller.id), now=now)


@get(
    "/{credential_id:uuid}/file",
    opt={"action": Action.SEE_LETTER},
    operation_id="read_credential",
    summary="A credential as JSON, for its holder",
)
async def read(
    case_id: FromPath[UUID], credential_id: FromPath[UUID], *, caller: Who, writing: Writing, now: Now
) -> Response[bytes]:
    """The signed bytes as an attachment, whether they are shown to others or not; every reading is noted."""
    credential = await sharing.published(writing, case_id=case_id, credential_id=credential_id)
    await audit.log(
        writing,
        stream=f"case:{case_id}",
        actor=caller.id,
        action="credential_read",
        subject=str(credential_id),
        now=now,
    )
    return attached(credential)


def attached(credential: Credential, **headers: str) -> Response[bytes]:
    """The signed bytes of a credential, as a file to keep."""
    name = f'attachment; filename="credential-{credential_codes.display(credential.code)}.json"'
    return Response(
        credential.document.encode(),
        media_type="application/vc+ld+json",
        headers={"Content-Disposition": name, "Cache-Control": "private, no-store"} | headers,
    )


@get(
    "/{credential_id:uuid}/picture/{form:str}",
    opt={"action": Action.SEE_LETTER},
    operation_id="read_credential_picture",
    summary="A credential as a picture, with its address as text and as QR code",
)
async def picture(
    case_id: FromPath[UUID],
    credential_id: FromPath[UUID],
    form: FromPath[str],
    *,
    caller: Who,
    house: TheHouse,
    reading: Reading,
) -> Response[bytes]:
    """An SVG or a PNG in the reader's language. No name is in it: it is made to be shown around."""
    if form not in PICTURES:
        raise Refused("not_found")
    credential = await sharing.published(reading, case_id=case_id, credential_id=credential_id)
    badge = await _badge(reading, house, credential, language=Language(caller.language))
    drawn = badge_picture.svg(badge) if form == "svg" else badge_picture.png(badge)
    return Response(
        drawn,
        media_type=PICTURES[form],
        headers=headers.to_keep(f"credential-{badge.code}-{badge.language}.{form}"),
    )


async def _badge(session: AsyncSession, house: House, credential: Credential, *, language: Language) -> Badge:
    claim = await session.get_one(Claim, credential.claim_id)
    programme = await programmes.of_case(session, await cases.get(session, credential.case_id))
    document = msgspec.json.decode(credential.document)
    code = credential_codes.display(credential.code)
    return Badge(
        title=programme.competency(claim.competency).title.in_(language),
        institution=programme.institution.name.in_(language),
        colour=programme.institution.colour,
        awarded=date.fromisoformat(document["awardedDate"][:10]),
        until=date.fromisoformat(document["validUntil"][:10]) if "validUntil" in document else None,
        code=code,
        url=f"{house.base_url}/v/{code}",
        language=language,
    )


def router() -> Router:
    """Every route of one credential of a case."""
    return Router("/api/v1/cases/{case_id:uuid}/credentials", route_handlers=[share, read, picture], tags=["letters"])
