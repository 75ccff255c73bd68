"""Processes that set letters: each warm, one letter at a time, replaced when it dies, hangs or has done its share."""

import asyncio
import logging
import multiprocessing
import queue
import signal
import sys
import tempfile
from collections.abc import Sequence
from datetime import datetime
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Self

from services.documents import letters
from services.documents.letter_page import LetterFailed
from services.documents.letters import Attached, Letter
from services.documents.receipts import Receipt

LETTERS_PER_PROCESS = 500
MEMORY = 1536 * 1024 * 1024
"""Bytes of address space. A letter of 20 competencies takes about 300 MB; one that takes more is an accident."""
SECONDS = 60.0

log = logging.getLogger("acquis.letters")

Job = tuple[Letter | Receipt, tuple[Attached, ...], bytes, datetime]
Answer = tuple[bytes, str]
"""The letter, or the empty bytes and what went wrong (never anything about a person)."""


class ProcessEnded(LetterFailed):
    """The process that was to render a letter is gone."""


class Renderer:
    """`workers` processes that render; use it as an async context manager, or `start` and `close` it."""

    def __init__(self, *, workers: int = 1, seconds: float = SECONDS) -> None:
        self._workers = workers
        self.seconds = seconds
        self._idle: queue.SimpleQueue[_Child] = queue.SimpleQueue()
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def start(self) -> None:
        """Start the processes; they warm up by themselves while their first letter is on its way."""
        if self._folder is None:
            # Fonts are copied there by each process, and a process that is killed cannot tidy up after itself.
            self._folder = tempfile.TemporaryDirectory(prefix="acquis-letters-")
            for _ in range(self._workers):
                self._idle.put(_Child(self._folder.name))

    def close(self) -> None:
        """Wait for letters under way and end the processes."""
        if self._folder is not None:
            for _ in range(self._workers):
                self._idle.get().end()
            self._folder.cleanup()
            self._folder = None

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self.start)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.close)

    async def render(
        self, letter: Letter | Receipt, *, attachments: Sequence[Attached] = (), identifier: bytes, created: datetime
    ) -> bytes:
        """As `letters.render`. Raises `LetterFailed`, also when it took longer than it may.

        A process that died is replaced and asked once more: a letter is a pure function of what it is made of, and a
        process may be ended for reasons that have nothing to do with it.
        """
        job = (letter, tuple(attachments), identifier, created)
        try:
            return await asyncio.to_thread(self._render, job)
        except ProcessEnded as ended:
            log.warning("a process that renders letters %s; the letter is set again", ended)
            return await asyncio.to_thread(self._render, job)

    def _render(self, job: Job) -> bytes:
        if self._folder is None:
            raise LetterFailed("the renderer of letters is not started")
        child = self._idle.get()
        try:
            content, problem = child.ask(job, self.seconds)
        finally:
            if not child.fit:
                child.end()
                child = _Child(self._folder.name)
            self._idle.put(child)
        if problem:
            raise LetterFailed(problem)
        return content


class _Child:
    """One process and the line to it."""

    def __init__(self, folder: str) -> None:
        context = multiprocessing.get_context("spawn")
        self._line, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs, folder), name="acquis-letters", daemon=True)
        self._process.start()
        theirs.close()
        self._asked = 0
        self._broken = False

    @property
    def fit(self) -> bool:
        """Whether it may take another letter."""
        return not self._broken and self._asked < LETTERS_PER_PROCESS

    def ask(self, job: Job, seconds: float) -> Answer:
        """Send a letter and wait for its bytes."""
        self._asked += 1
        self._broken = True
        try:
            self._line.send(job)
            if not self._line.poll(seconds):
                return b"", f"a letter took longer than {seconds:g} s"
            answer: Answer = self._line.recv()
        except (EOFError, BrokenPipeError, ConnectionResetError):
            self._process.join(timeout=5)
            raise ProcessEnded(f"ended with {self._process.exitcode}") from None
        self._broken = False
        return answer

    def end(self) -> None:
        """End the process, by force when it hangs."""
        if self._broken:
            self._process.kill()
        self._line.close()
        self._process.join(timeout=5)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._process.close()


def serve(line: Connection, folder: str) -> None:
    """Render what comes down the line until it closes: the whole life of a rendering process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    tempfile.tempdir = folder
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    while True:
        try:
            letter, attachments, identifier, created = line.recv()
        except EOFError:
            return
        line.send(_answer(letter, attachments, identifier, created))


def _answer(
    letter: Letter | Receipt, attachments: tuple[Attached, ...], identifier: bytes, created: datetime
) -> Answer:
    try:
        return letters.render(letter, attachments=attachments, identifier=identifier, created=created), ""
    except LetterFailed as failed:
        return b"", str(failed)
    except Exception as failed:  # noqa: BLE001 - the edge of a process: whoever waits for the letter must hear of it
        # Only the kind: the text of an error could hold a piece of the letter.
        return b"", f"a letter could not be rendered: {type(failed).__name__}"
