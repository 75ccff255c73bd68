"""What is answered when something cannot be done: RFC 9457, in the reader's language, and nothing of our insides.

The one place that turns refusals of the rules, faults of form and faults of ours into answers.
"""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from traceback import extract_tb
from typing import Any
from uuid import uuid4

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, SerializationException, ValidationException
from litestar.types import ExceptionHandlersMap
from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from services import locales
from services.api import allowed_words, languages, problem_words, requests
from services.rules.refusals import REFUSALS, Refused
from services.rules.terms import CANADA

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = {"unavailable": 5, "throttled": 60}
"""After how long it is worth asking again, where the refusal itself does not say."""

log = logging.getLogger("acquis.api")


class Fault(msgspec.Struct, omit_defaults=True):
    """What is wrong with one part of a request: `at` is a path such as `items[0].what`, `code` a word for programs."""

    at: str
    code: str
    detail: str


class Reasons(msgspec.Struct):
    """The same sentence in both languages."""

    en: str
    fr: str


class Problem(msgspec.Struct, omit_defaults=True):
    """Why a request was not carried out (RFC 9457).

    `code` is for programs and `title` for people; `detail` says what to do next; `instance` names this answer in our
    log. `errors` comes with 422; `reasons` and `version` (the case as it stands) with a refused command.
    """

    type: str
    title: str
    status: int
    code: str
    instance: str
    detail: str = ""
    errors: list[Fault] = []
    reasons: Reasons | None = None
    version: int | None = None


AnyRequest = Request[Any, Any, Any]


class Malformed(Exception):  # noqa: N818 - an answer, not a fault
    """What was sent cannot be read, for reasons that have their own sentences."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(*(fault.code for fault in faults))
        self.faults = faults


class CommandRefused(Exception):  # noqa: N818 - an answer, not a fault
    """A refused command: the refusal, the version at which the case stands now, and whether it was told before.

    `terms`: the French of the case's programme.
    """

    def __init__(self, refused: Refused, *, version: int, replayed: bool = False, terms: str = CANADA) -> None:
        super().__init__(refused.code)
        self.refused, self.version, self.replayed, self.terms = refused, version, replayed, terms


def of_refusal(request: AnyRequest, refused: Refused) -> Response[Problem]:
    """The answer to a refusal of the rules."""
    return _answer(request, _said(request, refused), headers=_retry(refused))


def of_command(request: AnyRequest, refused: CommandRefused) -> Response[Problem]:
    """The answer to a refused command: why, in both languages, and the version to look at."""
    problem = _said(request, refused.refused, terms=refused.terms)
    why = refused.refused
    problem.reasons = reasons(why, terms=refused.terms)
    problem.version = refused.version
    headers = {"ETag": f'"{refused.version}"'} | ({"Idempotency-Replayed": "true"} if refused.replayed else {})
    return _answer(request, problem, headers=headers | _retry(why))


def reasons(refused: Refused, *, terms: str = CANADA) -> Reasons:
    """Why, in both languages."""
    return Reasons(
        *(locales.sentence(refused.code, language, terms=terms, **refused.facts) for language in languages.KNOWN)
    )


def of_form(request: AnyRequest, wrong: ValidationException) -> Response[Problem]:
    """The answer to a body, parameter or header that cannot be read."""
    problem = _said(request, Refused("malformed"))
    problem.errors = [_fault(request, error) for error in _listed(wrong.extra)]
    return _answer(request, problem)


def of_malformed(request: AnyRequest, wrong: Malformed) -> Response[Problem]:
    """The answer to what cannot be read, for reasons of its own."""
    problem = _said(request, Refused("malformed"))
    problem.errors = list(wrong.faults)
    return _answer(request, problem)


def of_http(request: AnyRequest, wrong: HTTPException) -> Response[Problem]:
    """The answer to what the framework refuses before anything of ours is asked."""
    if wrong.status_code == HTTPStatus.BAD_REQUEST and isinstance(wrong.__cause__, SerializationException):
        return of_form(request, ValidationException(extra=[{"message": wrong.detail}]))
    if wrong.status_code in OWN_REFUSALS:
        return of_refusal(request, Refused(OWN_REFUSALS[HTTPStatus(wrong.status_code)]))
    code = OWN_PROBLEMS.get(wrong.status_code, "fault" if wrong.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR else "")
    problem = _made(request, code or "bad_request", wrong.status_code)
    problem.title = problem_words.problem(problem.code).in_(languages.asked(request))
    return _answer(request, problem, headers=wrong.headers or {})


def of_outage(request: AnyRequest, outage: Exception) -> Response[Problem]:
    """The answer while the database or the disk does not work: nothing was promised."""
    log.error("outage request=%s kind=%s", requests.id_of(request.scope), type(outage).__name__)
    return of_refusal(request, Refused("unavailable"))


def of_unbounded(request: AnyRequest, _: Exception) -> Response[Problem]:
    """The answer to what nothing of ours can hold: a character that is none, an endless number, endless brackets."""
    return of_malformed(
        request, Malformed(Fault("", "unbounded", problem_words.field("unbounded", languages.asked(request))))
    )


def of_fault(request: AnyRequest, fault: Exception) -> Response[Problem]:
    """The answer to a fault of ours. Its message may hold what people wrote, so the log gets kind and place alone."""
    places = " < ".join(f"{frame.filename}:{frame.lineno}" for frame in reversed(extract_tb(fault.__traceback__)[-8:]))
    log.error("fault request=%s kind=%s at=%s", requests.id_of(request.scope), type(fault).__name__, places)
    return of_http(request, HTTPException(status_code=HTTPStatus.INTERNAL_SERVER_ERROR))


def of_garble() -> bytes:
    """What is said of bytes that are no request: without an id, for nothing of ours saw them."""
    words = problem_words.problem("bad_request")
    return msgspec.json.encode(
        Problem(
            type="urn:acquis:problem:bad_request",
            title=f"{words.en} / {words.fr}",
            status=int(HTTPStatus.BAD_REQUEST),
            code="bad_request",
            instance=f"urn:uuid:{uuid4()}",
        )
    )


OWN_REFUSALS = {
    HTTPStatus.UNAUTHORIZED: "sign_in_required",
    HTTPStatus.FORBIDDEN: "forbidden",
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.TOO_MANY_REQUESTS: "throttled",
    HTTPStatus.SERVICE_UNAVAILABLE: "unavailable",
}
"""What the framework refuses and the rules have a word for."""

OWN_PROBLEMS = {
    int(HTTPStatus.METHOD_NOT_ALLOWED): "method_not_allowed",
    int(HTTPStatus.REQUEST_ENTITY_TOO_LARGE): "body_too_large",
    int(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE): "range_not_there",
}

HANDLERS: ExceptionHandlersMap = {
    Refused: of_refusal,
    CommandRefused: of_command,
    Malformed: of_malformed,
    ValidationException: of_form,
    HTTPException: of_http,
    OperationalError: of_outage,
    InterfaceError: of_outage,
    PoolTimeoutError: of_outage,
    OSError: of_outage,
    DataError: of_unbounded,
    OverflowError: of_unbounded,
    RecursionError: of_unbounded,
    Exception: of_fault,
}
"""Every exception that reaches the edge, and who answers it."""


def _made(request: AnyRequest, code: str, status: int) -> Problem:
    return Problem(
        type=f"urn:acquis:problem:{code}",
        title="",
        status=status,
        code=code,
        instance=f"urn:uuid:{requests.id_of(request.scope)}",
    )


def _said(request: AnyRequest, refused: Refused, *, terms: str | None = None) -> Problem:
    """The refusal in words: of a case, those of its programme."""
    terms = terms or languages.terms(request)
    language = languages.asked(request)
    problem = _made(request, refused.code, REFUSALS[refused.code])
    problem.title = locales.sentence(refused.code, language, terms=terms, **refused.facts)
    problem.detail = locales.what_next(refused.code, language, terms=terms, **refused.facts)
    if refused.code == "malformed" and (at := refused.facts.get("field")):
        form = refused.facts.get("form", "form")
        problem.errors = [Fault(at, form, problem_words.field(form, language))]
    return problem


def _retry(refused: Refused) -> dict[str, str]:
    seconds = refused.facts.get("seconds") or refused.facts.get("retry_after") or RETRY_SECONDS.get(refused.code)
    return {"Retry-After": str(seconds)} if seconds else {}


def _answer(request: AnyRequest, problem: Problem, *, headers: Mapping[str, str] | None = None) -> Response[Problem]:
    return Response(
        problem,
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers={"Content-Language": languages.asked(request), **(headers or {})},
    )


def _listed(extra: object) -> list[dict[str, Any]]:
    return [error for error in extra if isinstance(error, dict)] if isinstance(extra, list) else []


def _fault(request: AnyRequest, error: dict[str, Any]) -> Fault:
    language, place = languages.asked(request), str(error.get("key", ""))
    code, name, sentence = problem_words.read_fault(str(error.get("message", "")), language)
    if code == "word":
        allowed = allowed_words.at(request.scope["route_handler"], place, in_body=error.get("source") == "body")
        if allowed:
            sentence = problem_words.field("words", language, allowed=", ".join(allowed))
    at = place.removeprefix("data")
    return Fault(".".join(part for part in (at, name) if part), code, sentence)
