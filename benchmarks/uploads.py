"""Upload speed against bare ASGI that hashes and writes, over real sockets, and what uploads do to the server's memory.

One of 1 GiB in a form, then fifty of 10 MB at once in parts of 5 MiB, each of another person, as pages send them.

`python -m benchmarks.uploads [MiB of one round] [rounds]`
"""

import asyncio
import base64
import hashlib
import os
import secrets
import socket
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

from benchmarks import figure, serving
from benchmarks.figure import Figure
from services.records.database import connect
from services.rules.people import Caller
from tests.records import makers as make
from tests.records.databases import SqliteTemplate

MIB = 1024 * 1024
GIB = 1024 * MIB
SHARE_WANTED = 0.85
GROWTH_ALLOWED = 20 * MIB
CROWD = 50
CROWD_SIZE = 10_000_000
CROWD_GROWTH_ALLOWED = 60_000_000
PART = 5 * MIB
AGAIN = 0.5
"""Seconds after which a client tries again what a busy server put off (503), as tus clients do."""
MP4 = b"\x00\x00\x00\x18ftypisom" + b"\x00" * 16
BOUNDARY = "benchmark"
HEAD = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="film.mp4"\r\n\r\n'.encode() + MP4
TAIL = f"\r\n--{BOUNDARY}--\r\n".encode()
BLOCK = os.urandom(MIB)


async def bare(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - bare ASGI
    """The limit: receive, hash, write, sync."""
    digest = hashlib.sha256()
    path = Path(os.environ["BARE_FOLDER"]) / f"{time.monotonic_ns()}-{scope['client'][1]}"
    with path.open("xb", buffering=0) as file:
        more = True
        while more:
            event = await receive()
            digest.update(event["body"])
            file.write(event["body"])
            more = event["more_body"]
        os.fsync(file.fileno())
    await send({"type": "http.response.start", "status": 201, "headers": [(b"content-length", b"64")]})
    await send({"type": "http.response.body", "body": digest.hexdigest().encode()})


def upload(port: int, path: str, authorization: str, size: int) -> None:
    """Send `size` bytes, other ones each time, and wait for the answer."""
    mark = secrets.token_bytes(MIB)
    length = len(HEAD) + size + len(TAIL)
    request = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {authorization}\r\nConnection: close\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {length}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(request.encode() + HEAD + mark)
        for _ in range(size // MIB - 1):
            connection.sendall(BLOCK)
        connection.sendall(TAIL)
        answer = connection.makefile("rb").readline()
    if b" 201 " not in answer:
        raise SystemExit(answer.decode())


def peak(pid: int, *, forget: bool = False) -> int:
    """Highest memory of a process in bytes, since it was last forgotten."""
    if forget:
        Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")
    return int(Path(f"/proc/{pid}/status").read_text(encoding="ascii").partition("VmHWM:")[2].split()[0]) * 1024


async def sample_case(url: str) -> tuple[str, str]:
    """Path of a fresh draft's evidence, and its learner signed in."""
    database = connect(url)
    async with database.writing() as session:
        case = await make.case(session, competencies=("first",))
    authorization = await serving.signed_in(database, Caller(str(case.learner_id), "en"))
    await database.close()
    return f"/api/v1/cases/{case.id}/evidence", authorization


async def crowd(url: str) -> list[tuple[str, str]]:
    """Where each of many people sends, and who they are."""
    database = connect(url)
    async with database.writing() as session:
        cases = [await make.case(session, competencies=("first",)) for _ in range(CROWD)]
    signed = [await serving.signed_in(database, Caller(str(case.learner_id), "en")) for case in cases]
    await database.close()
    return [(f"/api/v1/cases/{case.id}/uploads", one) for case, one in zip(cases, signed, strict=True)]


class Sender:
    """Sends one file by the tus protocol over one connection, as pages do: what is not to be had now is asked again."""

    def __init__(self, port: int, path: str, authorization: str) -> None:
        self._line = HTTPConnection("127.0.0.1", port)
        self._path = path
        self._about = {"Host": "localhost", "Authorization": authorization, "Tus-Resumable": "1.0.0"}

    def send(self) -> None:
        """Send it whole. Raises `RuntimeError` when it is refused."""
        mark = secrets.token_bytes(PART)
        content = MP4 + mark[len(MP4) :] + mark[: CROWD_SIZE - PART]
        name = base64.b64encode(b"film.mp4").decode()
        about = {"Upload-Length": str(CROWD_SIZE), "Upload-Metadata": f"filename {name}"}
        while (opened := self._ask("POST", self._path, about)) is None:
            time.sleep(AGAIN)
        here, offset = str(opened.headers["Location"]), 0
        kind = {"Content-Type": "application/offset+octet-stream"}
        while offset < CROWD_SIZE:
            about = kind | {"Upload-Offset": str(offset)}
            answer = self._ask("PATCH", here, about, content[offset : offset + PART])
            while answer is None:
                time.sleep(AGAIN)
                answer = self._ask("HEAD", here, {})
            offset = int(answer.headers["Upload-Offset"])
        self._line.close()

    def _ask(self, method: str, path: str, about: dict[str, str], content: bytes = b"") -> HTTPResponse | None:
        """The answer, or None where the server is too busy now."""
        self._line.request(method, path, content, self._about | about)
        answer = self._line.getresponse()
        answer.read()
        if answer.status >= HTTPStatus.BAD_REQUEST and answer.status != HTTPStatus.SERVICE_UNAVAILABLE:
            raise RuntimeError(answer.status)
        return answer if answer.status < HTTPStatus.BAD_REQUEST else None


def all_at_once(port: int, people: list[tuple[str, str]]) -> float:
    """Seconds that everybody together needs."""
    began = time.perf_counter()
    with ThreadPoolExecutor(len(people)) as threads:
        for sending in [threads.submit(Sender(port, *one).send) for one in people]:
            sending.result()
    return time.perf_counter() - began


def main(mib: int = 200, rounds: int = figure.ROUNDS) -> None:
    """Print one line a figure."""
    with tempfile.TemporaryDirectory(prefix="acquis-benchmark-") as name:
        folder = Path(name)
        (folder / "bare").mkdir()
        url = SqliteTemplate(folder).make()
        path, authorization = asyncio.run(sample_case(url))
        people = asyncio.run(crowd(url))
        with (
            serving.printing_its_port("benchmarks.uploads", "bare", BARE_FOLDER=str(folder / "bare")) as (bare_port, _),
            serving.api(folder, url) as (port, pid),
        ):
            ours, limit = figure.paired(
                lambda: upload(port, path, authorization, mib * MIB),
                lambda: upload(bare_port, "/", authorization, mib * MIB),
                rounds=rounds,
            )
            before = peak(pid, forget=True)
            upload(port, path, authorization, GIB)
            growth = peak(pid) - before
            before = peak(pid, forget=True)
            took = all_at_once(port, people)
            crowd_growth = peak(pid) - before
    print(Figure(f"upload of {mib} MiB, hashed and written", ours, limit, "ms", SHARE_WANTED).line())
    print(f"upload speed: {mib / ours * 1000:.0f} MiB/s, limit {mib / limit * 1000:.0f} MiB/s")
    print(f"upload of 1 GiB: memory grows by {growth / MIB:.1f} MiB (allowed < {GROWTH_ALLOWED // MIB})")
    verdict = "reached" if crowd_growth < CROWD_GROWTH_ALLOWED else "WORSE THAN WANTED"
    print(
        f"{CROWD} uploads of {CROWD_SIZE / 1e6:.0f} MB at once: memory grows by {crowd_growth / 1e6:.1f} MB, "
        f"limit {CROWD_GROWTH_ALLOWED / 1e6:.0f} MB {verdict} ({took:.1f} s)"
    )


if __name__ == "__main__":
    if sys.argv[1:] == ["bare"]:
        serving.answer_bare(bare)
    else:
        main(*map(int, sys.argv[1:]))
