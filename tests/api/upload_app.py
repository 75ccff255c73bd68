"""The routes of evidence alone, for a caller named by a header: in a test, or as a server of their own.

`python -m tests.api.upload_app DATABASE_URL BLOB_FOLDER` prints its port when it listens.
"""

import asyncio
import socket
import sys
from datetime import UTC, datetime
from typing import Any, cast

import uvicorn
from litestar import Litestar, Request
from litestar.di import Provide

from services.api import house as parts
from services.api import problems
from services.api.house import House
from services.api.routes import evidence, uploads
from services.records import blobs as blob_stores
from services.records.blobs import Blobs
from services.records.database import Database, connect
from services.rules.people import Caller, CaseFacts, Tie
from services.settings import Settings

WHO = "X-Test-Person"


def create(database: Database, blobs: Blobs) -> Litestar:
    """The application; what evidence never asks for is not there."""
    absent = cast("Any", None)
    house = House(
        settings=Settings(),
        database=database,
        desk=absent,
        blobs=blobs,
        passwords=absent,
        hashes=absent,
        clock=lambda: datetime.now(UTC),
        trusted=(),
        misses=absent,
        heard=absent,
    )

    def caller(request: Request[Any, Any, Any]) -> Caller:
        return Caller(request.headers[WHO], "en")

    def facts() -> CaseFacts:
        return CaseFacts(frozenset({Tie.LEARNER}))

    standing = {"caller": Provide(caller, sync_to_thread=False), "facts": Provide(facts, sync_to_thread=False)}
    return Litestar(
        [evidence.router(), uploads.router()],
        dependencies={**parts.dependencies(house), **standing},
        exception_handlers=problems.HANDLERS,
        openapi_config=None,
    )


async def serve(database_url: str, folder: str) -> None:
    """Answer on a free port of loopback until the process ends."""
    app = create(connect(database_url), blob_stores.connect(folder))
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    print(listening.getsockname()[1], flush=True)  # noqa: T201 - how the test learns the port
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    await server.serve(sockets=[listening])


if __name__ == "__main__":
    asyncio.run(serve(*sys.argv[1:]))
