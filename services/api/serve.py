"""Runs the API as a process of its own, until it is asked to stop."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from uvicorn.loops.auto import auto_loop_factory
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from services import loading
from services.api import app, headers, problems
from services.api.house import Examine
from services.api.pages.site import AssetsMissing
from services.settings import Settings
from services.workflows import means

GRACE_SECONDS = 10
log = logging.getLogger("acquis.api")


class Server(uvicorn.Server):
    """Ends when it is asked to, and then returns: uvicorn would raise the signal again and cut our own ending short."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take SIGTERM and SIGINT as the wish to end."""
        loop = asyncio.get_running_loop()
        signals = (signal.SIGTERM, signal.SIGINT)
        for which in signals:
            loop.add_signal_handler(which, self.handle_exit, which, None)
        try:
            yield
        finally:
            for which in signals:
                loop.remove_signal_handler(which)


class Protocol(HttpToolsProtocol):
    """Answers what cannot even be read as HTTP like everything else; uvicorn has a line of English for it."""

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's signature; the reason is the parser's own
        """Tell it in both languages, for nobody knows which one is asked for, and end the connection."""
        content = problems.of_garble()
        stated = headers.EVERYWHERE | {
            "Content-Type": problems.MEDIA_TYPE,
            "Content-Language": "en, fr",
            "Content-Length": str(len(content)),
            "Connection": "close",
        }
        lines = ["HTTP/1.1 400 Bad Request", *(f"{name}: {value}" for name, value in stated.items()), "", ""]
        self.transport.write("\r\n".join(lines).encode("latin-1") + content)
        self.transport.close()


async def serve(settings: Settings, *, examine: Examine | None = None) -> None:
    """Answer requests until SIGTERM or SIGINT; requests under way get ten seconds to end."""
    database = means.open_database(settings)
    try:
        desk, blobs = await means.open_desk(settings), means.open_blobs(settings)
        with loading.for_life():
            api = app.create(settings, database=database, desk=desk, blobs=blobs, examine=examine)
        server = Server(
            uvicorn.Config(
                api,
                host=settings.host,
                port=settings.port,
                http=Protocol,
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,  # the client's address is found by `requests.address`, from trusted proxies alone
                timeout_graceful_shutdown=GRACE_SECONDS,
                timeout_keep_alive=30,
                h11_max_incomplete_event_size=64 * 1024,
                ws="none",
            )
        )
        log.info("api listens address=%s:%d", settings.host, settings.port)
        await server.serve()
    finally:
        await database.close()


def run(settings: Settings, *, examine: Examine | None = None) -> None:
    """Serve until asked to stop, then leave: a process that imported temporalio must not be taken down in steps."""
    try:
        # uvicorn's own loop, which is faster: it chooses one only where it starts the loop itself.
        with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
            runner.run(serve(settings, examine=examine))
    except AssetsMissing as missing:
        sys.exit(str(missing))
    finally:
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(0)
