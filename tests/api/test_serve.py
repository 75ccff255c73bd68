"""The process of the API comes up by itself, answers, and ends in order when it is asked to."""

import asyncio
import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any, cast

import httpx

from services.records import migrating
from services.settings import Settings


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def no_request(port: int) -> dict[str, Any]:
    """What is answered to bytes that are not HTTP."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"FOO \xff\r\n\r\n")
    head, _, content = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    assert b"\r\nContent-Type: application/problem+json\r\n" in head
    assert b"\r\nX-Content-Type-Options: nosniff\r\n" in head
    return cast("dict[str, Any]", json.loads(content))


async def test_it_answers_until_it_is_told_to_end_and_leaves_with_zero(tmp_path: Path) -> None:
    port = free_port()
    settings = Settings(
        data=str(tmp_path), port=port, base_url=f"http://localhost:{port}", temporal=f"127.0.0.1:{free_port()}"
    )
    await asyncio.to_thread(migrating.upgrade, settings.database_url)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.cli", "api"),
        env=os.environ | settings.environment(),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    try:
        async with asyncio.timeout(60):
            while b"running on" not in (line := await process.stderr.readline()):
                assert line, "the process ended before it answered"
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
            ready = await http.get("/health/ready")
            assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
            assert "server" not in ready.headers
        said = await no_request(port)
        assert said["status"] == 400
        assert said["title"] == "The request could not be understood. / La requête n’a pas pu être comprise."
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(30):
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
