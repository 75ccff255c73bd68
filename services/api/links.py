"""Links that open something without an account: whoever tries many that open nothing has to wait."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from litestar import Request

from services.api import requests
from services.api.house import House
from services.records import throttles
from services.rules.refusals import Refused


@asynccontextmanager
async def watched(request: Request[Any, Any, Any], house: House, *, ended: str) -> AsyncIterator[None]:
    """Let the holder of a link do something, and count links that open nothing: those refused as `ended`.

    Transactions begin and end inside: a count must not wait for one that is about to fail. Raises `Refused`: throttled.
    """
    address = requests.address(request.scope, trusted=house.trusted)
    async with house.database.reading() as session:
        await throttles.check_links(session, address=address, now=house.clock())
    try:
        yield
    except Refused as refused:
        if refused.code == ended:
            async with house.database.writing() as session:
                await throttles.wrong_link(session, address=address, now=house.clock())
        raise
