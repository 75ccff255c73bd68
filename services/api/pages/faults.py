"""What a person reads where something cannot be done: the same problem that a program is told, as a page."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

from litestar import Request, Response

from services.api.pages import site
from services.api.problems import HANDLERS, Problem

AnyRequest = Request[Any, Any, Any]
Handler = Callable[[AnyRequest, Any], Response[Problem]]

KEPT = ("Retry-After", "ETag", "Allow")
"""Headers of a problem that mean the same on a page."""


def is_page(request: AnyRequest) -> bool:
    """Whether the address is one of a page."""
    path = request.scope["path"]
    return path == "/" or path.startswith(("/en/", "/fr/", "/v/")) or path in {"/en", "/fr"}


def _as_page(told: Handler) -> Callable[[AnyRequest, Exception], Response[Any]]:
    def answer(request: AnyRequest, wrong: Exception) -> Response[Any]:
        problem = told(request, wrong)
        return page(request, problem) if is_page(request) else problem

    return answer


def page(request: AnyRequest, problem: Response[Problem]) -> Response[Any]:
    """A problem as a page; whoever has to sign in first is led there, and back."""
    shown = site.of(request)
    if problem.content.status == HTTPStatus.UNAUTHORIZED:
        return shown.go(f"/sign-in?next={_back(request)}")
    headers = {name: value for name, value in problem.headers.items() if name in KEPT}
    return shown.show(
        "shell/problem.html",
        status=problem.content.status,
        headers=headers,
        title=problem.content.title,
        problem=problem.content,
    )


def _back(request: AnyRequest) -> str:
    """Where to return to after signing in: this page, or the page whose form was sent, as the browser names it."""
    if request.method == "GET":
        query = request.scope["query_string"].decode("latin-1")
        return quote(request.scope["path"] + (f"?{query}" if query else ""))
    came = urlsplit(request.headers.get("referer", ""))
    ours = came.netloc == request.headers.get("host") and came.path.startswith(("/en/", "/fr/"))
    return quote(came.path + (f"?{came.query}" if came.query else "") if ours else site.of(request).link("/"))


PAGE_HANDLERS: dict[Any, Any] = {kind: _as_page(told) for kind, told in HANDLERS.items()}
"""Every exception that reaches the edge: a page where a person asked for one, else a problem for programs."""
