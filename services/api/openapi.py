"""The description of the API that clients are generated from, made once from the handlers themselves."""

import json
from http import HTTPStatus
from typing import Any

from litestar import Litestar
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, License, SecurityScheme, Server, Tag

from services.api import problems
from services.rules.people import Action

VERSION = "1"

CLOSED = "/schema"
"""Where the framework would show descriptions of its own: the guard answers 403 there, for they state no action."""

TAGS = {
    "accounts": "Signing in and out, and what is known of oneself.",
    "programmes": "What can be recognised.",
    "cases": "A learner's case, as each of its people sees it.",
    "enquiries": "People who ask before they have a case: when and how, never who.",
    "cohorts": "People who apply under an agreement with a sponsor, and what the sponsor is told.",
    "messages": "What learners and those who guide them write to each other, and what staff note on a case.",
    "evidence": "Files of a portfolio.",
    "attestations": "People who saw the learner at work: asked by link, answering without an account, heard in person.",
    "appointments": "Interviews, tests, observations and simulations, as each side sees them.",
    "appeals": "Reviews of a decision: how far each is, and for whoever hears it, its record.",
    "judgements": "What assessors write, and what a decision stands on.",
    "moderation": "Readings that differ: what two assessors write and sign, who sits in a panel, and its minutes.",
    "calibration": "Anchors, whose answers were agreed in advance, and assessors who read them before they are asked.",
    "look-backs": "Settled cases that somebody reads again, so that it is known how far assessors agree.",
    "plans": "What is offered to fill gaps, for a programme and in the order that fits one case.",
    "statistics": "How far assessors agree, for those who lead them; what a programme reports, within and outside.",
    "surveys": "What became of people after a decision: asked by link, answers counted without a name.",
    "commands": "What is asked of a case: one address per move. Each needs `If-Match` with the case's version.",
    "letters": "Letters and credentials of a decision.",
    "public": "For everybody, without an account: verification, and what an issuer publishes.",
    "health": "For whoever operates this installation.",
}


def config(base_url: str) -> OpenAPIConfig:
    """What the framework puts into its description. Its own pages and schema addresses stay closed."""
    return OpenAPIConfig(
        title="Acquis",
        version=VERSION,
        summary="Recognition of prior learning: from a portfolio to verifiable credentials and a letter.",
        description=(
            "Sentences for people come in English and Canadian French, as `Accept-Language` asks. Whatever cannot be "
            "done is answered as `application/problem+json` (RFC 9457)."
        ),
        license=License(name="Apache-2.0", identifier="Apache-2.0"),
        servers=[Server(url=base_url)],
        tags=[Tag(name=name, description=about) for name, about in TAGS.items()],
        components=Components(
            security_schemes={
                "token": SecurityScheme(type="http", scheme="bearer", description="A session's token: `acq_…`"),
                "cookie": SecurityScheme(
                    type="apiKey",
                    name="__Host-acquis",
                    security_scheme_in="cookie",
                    description="A browser's session; `acquis` on loopback without https",
                ),
            }
        ),
        security=[{"token": []}, {"cookie": []}],
        use_handler_docstrings=True,
        path=CLOSED,
        render_plugins=[JsonRenderPlugin()],
    )


INSTEAD = {
    HTTPStatus.UNAUTHORIZED: "Nobody is signed in",
    HTTPStatus.FORBIDDEN: "Not in this role, or sent from another site",
    HTTPStatus.NOT_FOUND: "There is nothing here, or it is not open to the caller",
    HTTPStatus.UNPROCESSABLE_ENTITY: "What was sent has not the expected form; `errors` says where",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many tries; `Retry-After` says when to come back",
    HTTPStatus.SERVICE_UNAVAILABLE: "Not possible at the moment; nothing was changed",
}
"""What any handler may answer instead, as a `Problem`."""

PROBLEM = {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}


BINARY = {"type": "string", "format": "binary"}
OBJECT = {"type": "object"}
WORDS = {
    name: {"type": "string"}
    for name in (
        "kind",
        "title",
        "description",
        "period_start",
        "period_end",
        "language",
        "author",
        "learner_authored",
        "transcript",
    )
}

SENT: dict[str, dict[str, Any]] = {
    "grow_upload": {"application/offset+octet-stream": BINARY},
    "attach_evidence": {
        "multipart/form-data": {"type": "object", "properties": WORDS | {"file": BINARY}, "required": ["file"]}
    },
    "keep_recording": {
        "multipart/form-data": {
            "type": "object",
            "properties": {name: {"type": "string"} for name in ("claims", "language", "consent", "transcript")}
            | {"file": BINARY},
            "required": ["claims", "language", "consent", "file"],
        }
    },
    "keep_appointment_file": {
        "multipart/form-data": {
            "type": "object",
            "properties": {
                "what": {"type": "string", "enum": ["recording", "form"]},
                "present": {"type": "string"},
                "consenting": {"type": "string"},
                "file": BINARY,
            },
            "required": ["what", "file"],
        }
    },
    "attach_to_attestation": {
        "multipart/form-data": {"type": "object", "properties": {"file": BINARY}, "required": ["file"]}
    },
    "verify_file": {"application/json": OBJECT, "application/pdf": BINARY},
}
"""Bodies that handlers read as they stream, by operation."""

ANSWERED: dict[str, tuple[str, dict[str, Any]]] = {
    "read_evidence": ("application/octet-stream", BINARY),
    "view_evidence": ("application/octet-stream", BINARY),
    "read_appointment_file": ("application/octet-stream", BINARY),
    "read_look_back_file": ("application/octet-stream", BINARY),
    "probe_evidence": ("application/octet-stream", BINARY),
    "read_letter": ("application/pdf", BINARY),
    "read_credential": ("application/vc+ld+json", OBJECT),
    "read_credential_picture": ("image/*", BINARY),
    "export_me": ("application/zip", BINARY),
    "download_credential": ("application/vc+ld+json", OBJECT),
    "did": ("application/json", OBJECT),
    "status_list": ("application/json", OBJECT),
    "achievement": ("application/json", OBJECT),
    "achievement_in_language": ("application/json", OBJECT),
    "definition_profile": ("application/json", OBJECT),
    "framework_item": ("application/json", OBJECT),
}
"""Answers that handlers hand out as bytes, by operation."""


def document(app: Litestar) -> dict[str, Any]:
    """The OpenAPI document of `app`, with what the framework cannot know of its handlers."""
    made: dict[str, Any] = _without_ellipses(app.openapi_schema.to_schema())
    public = {
        (route.path_format, method.lower())
        for route in app.routes
        for handler in getattr(route, "route_handlers", ())
        if handler.opt.get("action") is Action.PUBLIC
        for method in handler.http_methods
    }
    for path, operations in made["paths"].items():
        for method, operation in operations.items():
            _complete(operation)
            if (path, method) in public:
                operation["security"] = []
    return made


def _complete(operation: dict[str, Any]) -> None:
    """400 is never answered, every handler may answer a problem, and what answers 428 needs `If-Match`."""
    answers = operation["responses"]
    answers.pop("400", None)
    for parameter in operation.get("parameters", ()):
        if parameter["name"] == "If-Match" and str(int(HTTPStatus.PRECONDITION_REQUIRED)) in answers:
            parameter["required"], parameter["schema"] = True, {"type": "string"}
    if (name := operation["operationId"]) in SENT:
        operation["requestBody"] = {
            "required": True,
            "content": {media: {"schema": schema} for media, schema in SENT[name].items()},
        }
    if name in ANSWERED:
        media, schema = ANSWERED[name]
        answers["200"]["content"] = {media: {"schema": schema}}
    for status, about in INSTEAD.items():
        answers.setdefault(str(int(status)), {"description": about, "content": PROBLEM})


def _without_ellipses(tree: Any) -> Any:  # noqa: ANN401 - a JSON document
    """The framework reads the dots of `tuple[X, ...]` as a second kind of entry, of which it knows nothing."""
    if isinstance(tree, list):
        return [_without_ellipses(part) for part in tree]
    if not isinstance(tree, dict):
        return tree
    parts = {name: _without_ellipses(part) for name, part in tree.items()}
    choices = parts.get("items", {}).get("oneOf") if isinstance(parts.get("items"), dict) else None
    if choices and choices[1:] == [{}]:
        parts["items"] = choices[0]
    return parts


def printed(app: Litestar) -> bytes:
    """The document as it is served and kept."""
    return json.dumps(document(app), ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"
