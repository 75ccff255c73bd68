"""What an issuer publishes for verifiers everywhere: keys, status lists, achievements, definitions."""

import hashlib
import json
from http import HTTPStatus
from typing import Any, Literal
from uuid import UUID

from litestar import Request, Response, Router, get
from litestar.params import FromPath
from litestar.response import Redirect
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api import headers, issued, languages, numerals
from services.api.house import Reading, TheHouse
from services.documents import achievements
from services.documents.achievements import Issuer
from services.documents.published import Unreachable
from services.records import credentials, programmes
from services.rules.people import Action
from services.rules.programmes import Competency, Language, Programme
from services.rules.refusals import Refused
from services.workflows import means

AnyRequest = Request[Any, Any, Any]

LIST_SECONDS, KEYS_SECONDS, PAGE_SECONDS = 240, 300, 3600
"""How long caches may keep each: a withdrawal is seen everywhere within five minutes."""


SEE_THERE: Literal[303] = 303
WITH_LANGUAGE = 4
"""Parts of an achievement's address that ends in a language."""


def _published(
    request: AnyRequest, document: dict[str, Any], *, seconds: int, language: str | None = None
) -> Response[bytes | None]:
    content = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    tag = f'"{hashlib.sha256(content).hexdigest()}"'
    told = headers.PUBLISHED | {"ETag": tag, "Cache-Control": f"public, max-age={seconds}"}
    if language:
        told |= {"Content-Language": language}
    if request.headers.get("if-none-match") == tag:
        return Response(None, status_code=HTTPStatus.NOT_MODIFIED, headers=told)
    return Response(content, media_type="application/json", headers=told)


@get(
    "/status/revocation/{number:int}",
    opt={"action": Action.PUBLIC},
    operation_id="status_list",
    summary="A signed status list",
)
async def status_list(request: AnyRequest, number: FromPath[int], reading: Reading) -> Response[bytes | None]:
    """Which credentials were withdrawn, as a Bitstring Status List; it says nothing of anybody."""
    document = await credentials.list_document(reading, number)
    if document is None:
        raise Refused("not_found")
    return _published(request, document, seconds=LIST_SECONDS)


async def _keys(request: AnyRequest, house: TheHouse) -> Response[bytes | None]:
    """The issuer's public keys, retired ones included, as a DID document."""
    try:
        document = await issued.did_document(house.database, means.issuer(house.settings))
    except Unreachable:
        raise Refused("not_found") from None
    return _published(request, document, seconds=KEYS_SECONDS)


@get(
    ["/achievements/{name:str}/{version:str}", "/achievements/{name:str}/{version:str}/{language:str}"],
    opt={"action": Action.PUBLIC},
    operation_id=lambda _handler, _method, path: (
        "achievement" if len(path) < WITH_LANGUAGE else "achievement_in_language"
    ),
    summary="A competency as it was published",
)
async def achievement(
    *,
    request: AnyRequest,
    name: FromPath[str],
    version: FromPath[str],
    reading: Reading,
    house: TheHouse,
    language: FromPath[Language] = Language.EN,
) -> Response[bytes | None] | Redirect:
    """Criteria, rubric, usual evidence and methods, as an Open Badges achievement.

    Without a language, a browser is led to the page for people.
    """
    programme, competency = await standard(reading, name, version)
    if "text/html" in request.headers.get("accept", "") and "language" not in request.path_params:
        there = f"/{languages.asked(request)}/standards/{name}/{version}"
        return Redirect(there, status_code=SEE_THERE, headers=headers.PUBLISHED | {"Vary": "Accept, Accept-Language"})
    page = achievements.achievement_page(programme, competency, issuer=means.issuer(house.settings), language=language)
    return _published(request, page, seconds=PAGE_SECONDS, language=achievements.tag(language, programme))


async def standard(session: AsyncSession, name: str, version: str) -> tuple[Programme, Competency]:
    """The competency whose achievement is called `name`, in this version; retired ones too: credentials name them.

    Raises `Refused`: not_found, programme_unknown.
    """
    slug, _, key = name.partition(".")
    number = numerals.read(version.removeprefix("v"))
    if number is None or version != f"v{number}":
        raise Refused("not_found")
    programme = await programmes.version_of(session, slug, version=number)
    competency = next((one for one in programme.competencies if one.key == key), None)
    if competency is None:
        raise Refused("not_found")
    return programme, competency


@get(
    "/profiles/{key:str}/{version:int}",
    opt={"action": Action.PUBLIC},
    operation_id="definition_profile",
    summary="What credentials of this definition satisfy",
)
async def definition(
    request: AnyRequest, key: FromPath[str], version: FromPath[int], house: TheHouse
) -> Response[bytes | None]:
    """The conditions, in both languages."""
    profile = achievements.DEFINITIONS.get((key, version))
    if profile is None:
        raise Refused("not_found")
    return _published(request, achievements.definition_page(profile, base_url=house.base_url), seconds=PAGE_SECONDS)


@get(
    "/ims/case/v1p1/CFItems/{identifier:uuid}",
    opt={"action": Action.PUBLIC},
    operation_id="framework_item",
    summary="A competency as an item of its framework",
)
async def framework_item(
    request: AnyRequest, identifier: FromPath[UUID], reading: Reading, house: TheHouse
) -> Response[bytes | None]:
    """The item that credentials are aligned to, in the form of CASE."""
    issuer = means.issuer(house.settings)
    for version in await programmes.every_version(reading):
        programme = await programmes.read(reading, version.id)
        for competency in programme.competencies:
            if achievements.item_url(programme, competency, issuer.base_url).endswith(str(identifier)):
                item = _item(programme, competency, issuer, changed=version.published_at.isoformat())
                return _published(request, item, seconds=PAGE_SECONDS)
    raise Refused("not_found")


def _item(programme: Programme, competency: Competency, issuer: Issuer, *, changed: str) -> dict[str, Any]:
    address = achievements.item_url(programme, competency, issuer.base_url)
    return {
        "identifier": address.rpartition("/")[2],
        "uri": address,
        "fullStatement": competency.title.en,
        "alternativeLabel": competency.title.fr,
        "humanCodingScheme": competency.code,
        "CFItemType": "Competency",
        "notes": f"{competency.explanation.en}\n\n{competency.explanation.fr}",
        "language": "en-CA",
        "lastChangeDateTime": changed,
    }


def router(issuer: Issuer) -> Router:
    """Every publication of `issuer`; its DID document stands where its DID says."""
    keys = get(issued.did_path(issuer), opt={"action": Action.PUBLIC}, operation_id="did", summary="The issuer's keys")(
        _keys
    )
    handlers = [keys, status_list, achievement, definition, framework_item]
    return Router("/", route_handlers=handlers, tags=["public"])
