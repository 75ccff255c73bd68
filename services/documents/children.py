"""Hands a file to a process of its own, which may be killed: bytes from outside are taken apart nowhere else.

Source: security design, section 5.7.
"""

import asyncio
from asyncio import StreamWriter
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """How the child ended and what it wrote."""

    code: int
    written: bytes


async def ask(command: Sequence[str], content: AsyncIterator[bytes], *, wall_seconds: float) -> Answer | None:
    """What a child says of a file that comes on its standard input; None when its time is over. It outlives nothing."""
    # An empty environment: the child sees no setting and no secret of this process.
    child = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={})
    try:
        async with asyncio.timeout(wall_seconds):
            await _hand_over(child.stdin, content)
            written, _ = await child.communicate()
            return Answer(await child.wait(), written)
    except TimeoutError:
        return None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()


async def _hand_over(into: StreamWriter | None, content: AsyncIterator[bytes]) -> None:
    if into is None:
        raise TypeError("a child without a pipe")
    with suppress(ConnectionError):  # a child that died tells by its exit code
        async for chunk in content:
            into.write(chunk)
            await into.drain()
    into.close()
