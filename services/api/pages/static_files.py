"""Hands out the built assets, packed as the browser can unpack them, to keep for ever: names say what they hold."""

from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import PurePosixPath

from litestar import Response, Router, get
from litestar.params import FromPath

from services.api.pages import site
from services.rules.people import Action
from services.rules.refusals import Refused

FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".wasm": "application/wasm",
    ".ttf": "font/ttf",
}
PACKED = {"br": ".br", "gzip": ".gz"}
"""Ways of packing, the best first."""


@dataclass(frozen=True, slots=True)
class _Asset:
    name: str
    kind: str
    packed: frozenset[str]


@cache
def _known() -> dict[str, _Asset]:
    """Every file that may be asked for, so that no path of a request ever reaches the disk."""
    folder = resources.files("services.api.pages").joinpath("static")
    names = {one.name for one in folder.iterdir()}
    mine = set(site.manifest().values())
    known = {
        name: _Asset(name, _kind(name), frozenset(way for way, end in PACKED.items() if name + end in names))
        for name in names & mine
    }
    for part in folder.joinpath("pdf").iterdir():
        for file in part.iterdir():
            inside = f"pdf/{part.name}/{file.name}"
            known[inside] = _Asset(inside, _kind(file.name), frozenset())
    return known


def _kind(name: str) -> str:
    return KINDS.get(PurePosixPath(name).suffix, "application/octet-stream")


@cache
def _content(name: str) -> bytes:
    return resources.files("services.api.pages").joinpath("static", *name.split("/")).read_bytes()


@get("/static/{name:path}", opt={"action": Action.PUBLIC}, include_in_schema=False)
async def static(request: site.AnyRequest, name: FromPath[str]) -> Response[bytes]:
    """One built file."""
    found = _known().get(name.lstrip("/"))
    if found is None:
        raise Refused("not_found")
    takes = {part.split(";")[0].strip() for part in request.headers.get("accept-encoding", "").split(",")}
    way = next((way for way in PACKED if way in found.packed and way in takes), None)
    packed = {"Content-Encoding": way, "Vary": "Accept-Encoding"} if way else {}
    content = _content(found.name + (PACKED[way] if way else ""))
    return Response(content, media_type=found.kind, headers=FOR_EVER | packed)


def router() -> Router:
    """The one route of built files."""
    return Router("/", route_handlers=[static])
