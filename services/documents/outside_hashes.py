"""Asks the killable child for the signed bytes of documents from outside, a few children at a time."""

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

WALL_SECONDS = 10.0
AT_ONCE = 2
COMMAND = (sys.executable, "-I", "-m", "services.documents.check_child")


class ChildLost(Exception):  # noqa: N818 - an answer, not a fault of ours
    """The child gave no answer: killed at a limit, or broken. Nothing is known about the documents."""


@dataclass(frozen=True, slots=True)
class Hashed:
    """The 64 signed bytes of a document, or the code of why there are none."""

    data: bytes | None
    code: str = ""
    detail: str = ""


class OutsideHashes:
    """Runs at most `at_once` children; each ends after `wall_seconds` whatever it is doing."""

    def __init__(self, *, at_once: int = AT_ONCE, wall_seconds: float = WALL_SECONDS) -> None:
        self._places = asyncio.Semaphore(at_once)
        self._wall_seconds = wall_seconds

    async def __call__(self, documents: Sequence[dict[str, Any]]) -> tuple[Hashed, ...]:
        """Return what is signed by each document's proof, in their order. Raises `ChildLost`."""
        request = json.dumps({"documents": list(documents)}).encode()
        async with self._places:
            answer = await _ask(request, self._wall_seconds)
        return tuple(
            Hashed(bytes.fromhex(row["hash"])) if "hash" in row else Hashed(None, row["code"], row["detail"])
            for row in json.loads(answer)["answers"]
        )


async def _ask(request: bytes, wall_seconds: float) -> bytes:
    # An empty environment: the child sees no setting and no secret of this process.
    child = await asyncio.create_subprocess_exec(*COMMAND, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={})
    try:
        answer, _ = await asyncio.wait_for(child.communicate(request), wall_seconds)
    except TimeoutError:
        raise ChildLost("time") from None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode != 0:
        raise ChildLost("ended")
    return answer
