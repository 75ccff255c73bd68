"""Hands out the description of this API, from which clients are generated."""

from typing import Any

from litestar import Request, Response, get

from services.api import openapi
from services.rules.people import Action


@get("/api/v1/openapi.json", opt={"action": Action.PUBLIC}, include_in_schema=False)
async def see(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The OpenAPI document, made once a process."""
    state = request.app.state
    if "openapi" not in state:
        state.openapi = openapi.printed(request.app)
    return Response(state.openapi, media_type="application/json", headers={"Cache-Control": "public, max-age=300"})
