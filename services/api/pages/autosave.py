"""What a page answers to its own script that saves while somebody types (`assets/draft.mjs`).

The script sends the very form that the button sends, and asks for JSON; without it the button does the same.
"""

from datetime import datetime
from http import HTTPStatus
from typing import Any

from litestar import Response

from services.api.pages.site import Page

JSON = "application/json"


def asked(page: Page) -> bool:
    """Whether the script sends, and not the button."""
    return JSON in page.request.headers.get("accept", "")


def saved(page: Page, *, now: datetime, version: int = 0) -> Response[dict[str, Any]]:
    """It is kept: the version to go on from, and the time of day to show."""
    return Response({"version": version, "time": page.words.clock(now)}, media_type=JSON)


def elsewhere(theirs: dict[str, str], *, version: int) -> Response[dict[str, Any]]:
    """Somebody wrote in between: what stands there now, by field, and its version."""
    return Response({"version": version, "theirs": theirs}, media_type=JSON, status_code=HTTPStatus.CONFLICT)


def unreadable(says: str) -> Response[dict[str, Any]]:
    """It cannot be kept as it is, and why."""
    return Response({"says": says}, media_type=JSON, status_code=HTTPStatus.UNPROCESSABLE_ENTITY)
