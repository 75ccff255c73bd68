"""The letter that tells a person what was decided, why, and what they can do next: its content, and its bytes.

A letter is the document that a learner keeps, shows and may contest. It is set in a process of its own: two at once in
one process corrupt each other's fonts. Source: case design, section 10.
"""

import asyncio
import logging
import multiprocessing
import queue
import re
import signal
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Self

from services.documents import letter_finish, letter_page
from services.documents.letter_page import LetterFailed
from services.rules.appeals import Ruling
from services.rules.gaps import Way
from services.rules.programmes import Institution, Language, Method
from services.rules.terms import CANADA


class LetterKind(StrEnum):
    """What was decided."""

    FULL = "full"
    PARTIAL = "partial"
    NOT_YET = "not_yet"
    TRANSFER = "transfer"
    NOT_ELIGIBLE = "not_eligible"
    REVOCATION = "revocation"
    SUSPENSION = "suspension"
    REINSTATEMENT = "reinstatement"
    APPEAL = "appeal"


class Outcome(StrEnum):
    """How one claim was settled; `None` in a claim means that nothing was assessed."""

    GRANTED = "granted"
    TRANSFERRED = "granted_by_transfer"
    NOT_YET = "not_yet"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


IN_FAVOUR = frozenset({Outcome.GRANTED, Outcome.TRANSFERRED})
"""How a claim is recognised."""


@dataclass(frozen=True, slots=True)
class Credential:
    """Where a credential can be checked: the short `code` as printed, and the public address."""

    code: str
    verify_url: str


@dataclass(frozen=True, slots=True)
class Claim:
    """One competency as the letter tells of it, in the letter's language.

    `settled` is the day of the last judgement, or of the withdrawal. `criteria_met`, `criteria_missing` and `reasons`
    are shown for what is not yet demonstrated; `carried_until` is the day until which what was met is kept. With
    `transfer` nobody assessed it: what another body certified was checked.
    """

    title: str
    outcome: Outcome | None = None
    code: str = ""
    credit: Decimal = Decimal(0)
    methods: tuple[Method, ...] = ()
    settled: date | None = None
    criteria_met: tuple[str, ...] = ()
    criteria_missing: tuple[str, ...] = ()
    reasons: str = ""
    carried_until: date | None = None
    credential: Credential | None = None
    transfer: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """One row of the plan that is proposed: what is missing, by which `way`, the offer's name, and its hours.

    `gap` is a criterion of the competency; empty where all of it is meant.
    """

    competency: str
    way: Way
    gap: str = ""
    offer: str = ""
    hours: int = 0


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to ask: a named advisor, or an office."""

    name: str
    email: str
    phone: str = ""
    advisor: bool = True


@dataclass(frozen=True, slots=True)
class Appeal:
    """Until which day a review can be asked for, and what the institution adds (fee, timelines); sentences.

    `final`: nobody reviews this decision any more, and no day is said.
    """

    deadline: date
    notes: tuple[str, ...] = ()
    final: bool = False


@dataclass(frozen=True, slots=True)
class Versions:
    """What the decision rests on; empty and `None` are left out."""

    framework: str
    programme: int
    policy: str
    rubric: str = ""
    portfolio: int | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """Everything that a letter says, in its language, ready to be set.

    `judged_by` holds capacities ("content specialist"), names only where the policy reveals them. `reasons` are those
    of a refusal or a withdrawal as a whole; those of a claim stand with the claim. `signatory` is a person's name.
    `replaces` is the day of the decision that a correction takes the place of, and `reasons` say why.
    `written_in` is the language in which people wrote their reasons, where it may differ from the letter's; `terms` the
    French of the programme. `ruling` is what a review came to; claims without an outcome are then judged anew. `plan`
    is what is proposed for what is missing; `hours_saved` are the course hours of what is recognised.
    `alone`: one person judged, or heard the appeal, and nobody beside them. A `preview` says on every page that it is.
    """

    kind: LetterKind
    language: Language
    number: str
    case_number: str
    institution: Institution
    name: str
    programme: str
    decided: date
    versions: Versions
    appeal: Appeal
    signatory: str
    address: tuple[str, ...] = ()
    received: date | None = None
    claims: tuple[Claim, ...] = ()
    reasons: str = ""
    next_steps: tuple[str, ...] = ()
    contact: Contact | None = None
    judged_by: tuple[str, ...] = ()
    signatory_title: str = ""
    written_in: Language | None = None
    replaces: date | None = None
    terms: str = CANADA
    ruling: Ruling | None = None
    plan: tuple[Planned, ...] = ()
    hours_saved: int = 0
    alone: bool = False
    preview: bool = False

    def __post_init__(self) -> None:
        """Refuse a letter that says two things, and a colour that is none. Raises `ValueError`."""
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", self.institution.colour):
            raise ValueError("colour_invalid")
        if (self.kind is LetterKind.APPEAL) is not (self.ruling is not None):
            raise ValueError("ruling_missing")
        if self.kind in (LetterKind.NOT_ELIGIBLE, LetterKind.APPEAL):
            return
        if not self.claims or any(claim.outcome is None for claim in self.claims):
            raise ValueError("claims_unsettled")
        if self.kind is not self._kind_of_outcomes():
            raise ValueError("kind_differs_from_outcomes")

    @property
    def planned(self) -> list[tuple[str, tuple[Planned, ...]]]:
        """The rows of the plan by competency, in their order."""
        return [(title, tuple(rows)) for title, rows in groupby(self.plan, key=lambda row: row.competency)]

    def _kind_of_outcomes(self) -> LetterKind:
        outcomes = {claim.outcome for claim in self.claims}
        if outcomes == {Outcome.REVOKED}:
            return LetterKind.REVOCATION
        if outcomes == {Outcome.SUSPENDED}:
            return LetterKind.SUSPENSION
        if self.kind is LetterKind.REINSTATEMENT and outcomes <= IN_FAVOUR:
            return LetterKind.REINSTATEMENT
        if outcomes == {Outcome.TRANSFERRED}:
            return LetterKind.TRANSFER
        if not outcomes & IN_FAVOUR:
            return LetterKind.NOT_YET
        return LetterKind.FULL if outcomes <= IN_FAVOUR else LetterKind.PARTIAL


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that travels inside the letter, such as a signed credential; `name` ends in `.json`."""

    name: str
    content: bytes
    description: str


_ONE_AT_A_TIME = threading.Lock()
"""For callers that render in their own process; whoever wants speed takes a `Renderer`."""

LETTERS_PER_PROCESS = 500
MEMORY = 1536 * 1024 * 1024
"""Bytes of address space. A letter of 20 competencies takes about 300 MB; one that takes more is an accident."""
SECONDS = 60.0

log = logging.getLogger("acquis.letters")

Job = tuple[Letter, tuple[Attached, ...], bytes, datetime]
Answer = tuple[bytes, str]
"""The letter, or the empty bytes and what went wrong (never anything about a person)."""


def render(letter: Letter, *, attachments: Sequence[Attached] = (), identifier: bytes, created: datetime) -> bytes:
    """Return the letter as a tagged PDF/A-3a file that also declares PDF/UA-1; the same input gives the same bytes.

    `identifier` (16 bytes) goes into the file, `created` is the date of the attachments. Raises
    `LetterFailed` when the fonts are not built or a template asks for an outside file, `OSError` when
    Pango is not installed.
    """
    with _ONE_AT_A_TIME:
        return letter_finish.finish(_write(letter, attachments, identifier, created.astimezone(UTC)))


def _write(letter: Letter, attachments: Sequence[Attached], identifier: bytes, stamp: datetime) -> bytes:
    from weasyprint import HTML, Attachment
    from weasyprint.urls import FatalURLFetchingError

    try:
        setting = letter_page.setting(letter.language, letter.institution)
        content: bytes = HTML(string=letter_page.html(letter), url_fetcher=setting.fetcher).write_pdf(
            font_config=setting.fonts,
            stylesheets=[setting.style],
            pdf_variant="pdf/a-3a",
            pdf_tags=True,
            pdf_identifier=identifier,
            uncompressed_pdf=True,  # compressed once, by the last touch, which reads and writes the pages again
            # PDF/A-3 wants each file to say how it belongs to the letter; without given dates the bytes would differ.
            attachments=[
                Attachment(
                    string=one.content,
                    name=one.name,
                    description=one.description,
                    relationship="Data",
                    created=stamp,
                    modified=stamp,
                )
                for one in attachments
            ],
        )
    except FatalURLFetchingError as asked:
        raise LetterFailed("a letter's template asks for a file outside the package") from asked
    return content


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
        self, letter: Letter, *, attachments: Sequence[Attached] = (), identifier: bytes, created: datetime
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


def _answer(letter: Letter, attachments: tuple[Attached, ...], identifier: bytes, created: datetime) -> Answer:
    try:
        return render(letter, attachments=attachments, identifier=identifier, created=created), ""
    except LetterFailed as failed:
        return b"", str(failed)
    except Exception as failed:  # noqa: BLE001 - the edge of a process: whoever waits for the letter must hear of it
        # Only the kind: the text of an error could hold a piece of the letter.
        return b"", f"a letter could not be rendered: {type(failed).__name__}"
