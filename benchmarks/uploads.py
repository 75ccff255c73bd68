"""Upload speed against bare ASGI that hashes and writes, over real sockets, and what 1 GB does to the server's memory.

`python -m benchmarks.uploads [MiB of one round] [rounds]`
"""

import asyncio
import hashlib
import os
import secrets
import socket
import sys
import tempfile
import time
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


def main(mib: int = 200, rounds: int = figure.ROUNDS) -> None:
    """Print one line a figure."""
    with tempfile.TemporaryDirectory(prefix="acquis-benchmark-") as name:
        folder = Path(name)
        (folder / "bare").mkdir()
        url = SqliteTemplate(folder).make()
        path, authorization = asyncio.run(sample_case(url))
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
    print(Figure(f"upload of {mib} MiB, hashed and written", ours, limit, "ms", SHARE_WANTED).line())
    print(f"upload speed: {mib / ours * 1000:.0f} MiB/s, limit {mib / limit * 1000:.0f} MiB/s")
    print(f"upload of 1 GiB: memory grows by {growth / MIB:.1f} MiB (allowed < {GROWTH_ALLOWED // MIB})")


if __name__ == "__main__":
    if sys.argv[1:] == ["bare"]:
        serving.answer_bare(bare)
    else:
        main(*map(int, sys.argv[1:]))
