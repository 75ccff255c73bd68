"""What every answer carries, errors included: the headers that tell browsers and caches what not to do with it."""

import logging
import time
from collections.abc import Awaitable, Callable

import msgspec
from litestar.enums import ScopeType
from litestar.types import Message, Scope

from services.api import requests
from services.api.house import House

log = logging.getLogger("acquis.access")

SOURCES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "font-src": "'self'",
    "img-src": "'self' data: blob:",
    "media-src": "'self' blob:",
    "connect-src": "'self'",
    "worker-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
"""From where a page of ours may load what."""

FROM_THE_SECOND_ORIGIN = {"img-src", "media-src", "connect-src"}
"""What evidence is to a page: a picture, sound or film, or bytes for a reader."""


def to_keep(name: str) -> dict[str, str]:
    """What an answer carries that is a file of ours to keep as `name`: nothing in it runs, and no cache holds it."""
    return {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-store",
    }


def policy(evidence_origin: str = "") -> str:
    """The content policy of a page, with the origin of evidence where it has one."""
    also = {kind: f" {evidence_origin}" for kind in FROM_THE_SECOND_ORIGIN if evidence_origin}
    return "; ".join(f"{kind} {places}{also.get(kind, '')}" for kind, places in SOURCES.items())


EVERYWHERE = {
    "Content-Security-Policy": policy(),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=(), payment=()",
    "Cache-Control": "no-store",
}
"""The set of security design, section 13. A handler that needs another value states it, and that one stays."""

TRANSPORT = {"Strict-Transport-Security": "max-age=63072000; includeSubDomains"}

PUBLISHED = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
"""For what verifiers on other sites read."""

BeforeSend = Callable[[Message, Scope], Awaitable[None]]


def of_every_answer(house: House) -> BeforeSend:
    """The hook that puts the headers on an answer as it leaves."""
    # In the form in which they leave: this is done for every answer.
    everywhere = EVERYWHERE | {"Content-Security-Policy": policy(house.evidence_origin)}
    wanted = [(name.lower().encode(), value.encode()) for name, value in everywhere.items()]
    wanted += [(name.lower().encode(), value.encode()) for name, value in TRANSPORT.items() if house.secure]

    async def add(message: Message, scope: Scope) -> None:
        if message["type"] != "http.response.start":
            return
        said = message["headers"] = list(message.get("headers", ()))
        stated = {name.lower() for name, _ in said}
        said += [header for header in wanted if header[0] not in stated]
        said.append((b"x-request-id", requests.id_of(scope).encode()))

    return add


QUIET = ("/status/", "/api/v1/verify", "/en/verify", "/fr/verify", "/v/", "/.well-known/", "/static/", "/health")
"""Visitors of these are not logged. Source: credentials design, sections 6 and 9."""


async def note(message: Message, scope: Scope) -> None:
    """Log an answer: template of the route, status, time, who. Never a path, query, body, header or name."""
    if message["type"] != "http.response.start" or scope["type"] != ScopeType.HTTP:
        return
    template = scope.get("path_template") or "-"
    if template.startswith(QUIET):
        return
    arrival = requests.arrival(scope)
    signed = scope.get("user")
    line = {
        "method": scope["method"],
        "route": template,
        "status": message["status"],
        "ms": round((time.monotonic() - arrival.began) * 1000, 1),
        "request": arrival.id,
        "caller": signed.caller.id if signed else None,
    }
    log.info(msgspec.json.encode(line).decode())
