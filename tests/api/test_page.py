"""The page for integrators names addresses that exist."""

import re
from pathlib import Path

from tests.api import rights
from tests.api.kit import Api

PAGE = Path(__file__).parents[2] / "docs" / "api.md"

LINK = "/api/v1/attestations/{token:str}"
"""Where the page describes requests below a link."""


def pattern(path: str) -> re.Pattern[str]:
    """A route's path, whatever stands in its places."""
    return re.compile(re.sub(r"\\\{[^}]*\\\}", r"[^/]+", re.escape(path)))


async def test_every_address_on_the_page_is_one_of_ours(api: Api) -> None:
    routes = [(method, pattern(path)) for method, path, _ in rights.routes(api)]
    routes += [(method, pattern(path.removeprefix(LINK))) for method, path, _ in rights.routes(api) if LINK in path]
    named = re.findall(r"(GET|POST|PUT|PATCH|DELETE) (/[^\s`?,]+|…/[^\s`?,]+)", PAGE.read_text(encoding="utf-8"))
    assert len(named) > 25
    for method, address in named:
        if address.endswith("…"):
            continue
        whole = address.replace("…", "/api/v1/cases/{case_id}") if address.startswith("…") else address
        assert any(method == known and form.fullmatch(whole) for known, form in routes), (method, address)
