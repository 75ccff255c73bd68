"""Servers in processes of their own, a bare client, and what processes cost: what figures over HTTP share."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import uvicorn
from uvicorn.loops.auto import auto_loop_factory

from services import embedded
from services.records import sessions
from services.records.database import Database
from services.rules.people import Caller

UP_WITHIN = 30.0


def answer_bare(app: Any) -> None:  # noqa: ANN401 - bare ASGI
    """Serve `app` on a free port of loopback, which is printed first, as Acquis serves itself."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    print(listening.getsockname()[1], flush=True)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off"))
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        runner.run(server.serve(sockets=[listening]))


@contextmanager
def printing_its_port(*arguments: str, **environment: str) -> Iterator[tuple[int, int]]:
    """Port and process id of a server that prints its port, ended after the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", *arguments], stdout=subprocess.PIPE, text=True, env=os.environ | environment
    )
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline()), process.pid
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@contextmanager
def api(folder: Path, database_url: str) -> Iterator[tuple[int, int]]:
    """Port and process id of the API as `acquis api` runs it, over this database and without a Temporal server."""
    port = embedded.free_port("127.0.0.1", 0)
    environment = os.environ | {
        "ACQUIS_DATA": str(folder),
        "ACQUIS_DATABASE": database_url,
        "ACQUIS_PORT": str(port),
        "ACQUIS_BASE_URL": f"http://localhost:{port}",
        "ACQUIS_TEMPORAL": "127.0.0.1:1",
    }
    with (folder / "api.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "services.cli", "api"], env=environment, stdout=log, stderr=log
        )
    try:
        _wait_for(port)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + UP_WITHIN
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)  # a port gives no event to wait for
    raise TimeoutError(port)


class Line:
    """One connection that is kept alive; it costs as little as a client can, on both sides of a comparison alike."""

    def __init__(self, port: int, path: str, *headers: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._request = "\r\n".join((f"GET {path} HTTP/1.1", f"Host: localhost:{port}", *headers, "", "")).encode()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def ask(self) -> bytes:
        """The body of the next answer. Raises `RuntimeError` when it is not 200, `EOFError` when the server is gone."""
        self._socket.sendall(self._request)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self._more()
        head, _, body = answer.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(answer.decode())
        length = int(head.lower().partition(b"content-length:")[2].split()[0])
        while len(body) < length:
            body += self._more()
        return body

    def _more(self) -> bytes:
        more = self._socket.recv(65536)
        if not more:
            raise EOFError("the server has closed the connection")
        return more


class Posting:
    """Connections that are kept alive, one for each who asks at the same moment; as light as a client can be."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def post(self, path: str, body: bytes, *headers: str) -> tuple[int, bytes]:
        """Status and body of the answer."""
        line = self._free.pop() if self._free else await asyncio.open_connection("127.0.0.1", self._port)
        reading, writing = line
        fixed = (f"Host: localhost:{self._port}", "Content-Type: application/json", f"Content-Length: {len(body)}")
        writing.write("\r\n".join((f"POST {path} HTTP/1.1", *fixed, *headers, "", "")).encode() + body)
        head = (await reading.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].split()[0])
        answer = await reading.readexactly(length)
        self._free.append(line)
        return int(head.split()[1]), answer

    async def aclose(self) -> None:
        """Close them all."""
        for _, writing in self._free:
            writing.close()
            await writing.wait_closed()


async def signed_in(database: Database, caller: Caller) -> str:
    """The `Authorization` of somebody who has just signed in."""
    async with database.writing() as session:
        token = await sessions.start(session, UUID(caller.id), now=datetime.now(UTC))
    return f"Bearer acq_{token}"


def cpu_seconds(pids: Iterable[int]) -> float:
    """What these processes have used so far, in user and system."""
    fields = [Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split() for pid in pids]
    return sum(int(one[11]) + int(one[12]) for one in fields) / os.sysconf("SC_CLK_TCK")
