"""The letter that tells a person what was decided, why, and what they can do next: its content, and its bytes.

A letter is the document that a learner keeps, shows and may contest. It is set in a process of its own: two at once in
one process corrupt each other's fonts. Source: case design, section 10.
"""

import gc
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING

from services.documents import letter_finish, letter_page
from services.documents.letter_page import LetterFailed
from services.rules.appeals import Ruling
from services.rules.gaps import Way
from services.rules.programmes import Institution, Language, Method
from services.rules.terms import CANADA

if TYPE_CHECKING:
    from services.documents.receipts import Receipt


class LetterKind(StrEnum):
    """What was decided; of a lapse, that nothing was."""

    FULL = "full"
    PARTIAL = "partial"
    NOT_YET = "not_yet"
    TRANSFER = "transfer"
    NOT_ELIGIBLE = "not_eligible"
    REVOCATION = "revocation"
    SUSPENSION = "suspension"
    REINSTATEMENT = "reinstatement"
    APPEAL = "appeal"
    LAPSE = "lapse"


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
    `transfer` nobody assessed it: what another body certified was checked. `block`: of the framework, where results are
    listed by blocks.
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
    block: str = ""


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
class Lapse:
    """Which limit passed without an answer, on which days a mail warned of it, and until when a lead can be asked."""

    limit: str
    warned: tuple[date, ...]
    challenge_until: date


@dataclass(frozen=True, slots=True)
class Letter:
    """Everything that a letter says, in its language, ready to be set.

    `judged_by` holds capacities ("content specialist"), names only where the policy reveals them. `reasons` are those
    of a refusal or a withdrawal as a whole; those of a claim stand with the claim. `signatory` is a person's name.
    `replaces` is the day of the decision that a correction takes the place of, and `reasons` say why.
    `written_in` is the language in which people wrote their reasons, where it may differ from the letter's; `terms` the
    French of the programme. `ruling` is what a review came to; claims without an outcome are then judged anew. `plan`
    is what is proposed for what is missing; `hours_saved` are the course hours of what is recognised.
    `lapse`: why a case was closed without a decision; then `decided` is that day, and the office signs.
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
    lapse: Lapse | None = None

    def __post_init__(self) -> None:
        """Refuse a letter that says two things, and a colour that is none. Raises `ValueError`."""
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", self.institution.colour):
            raise ValueError("colour_invalid")
        if (self.kind is LetterKind.APPEAL) is not (self.ruling is not None):
            raise ValueError("ruling_missing")
        if (self.kind is LetterKind.LAPSE) is not (self.lapse is not None):
            raise ValueError("lapse_missing")
        if self.kind is LetterKind.LAPSE and any(claim.outcome for claim in self.claims):
            raise ValueError("claims_settled")
        if self.kind in (LetterKind.NOT_ELIGIBLE, LetterKind.APPEAL, LetterKind.LAPSE):
            return
        if not self.claims or any(claim.outcome is None for claim in self.claims):
            raise ValueError("claims_unsettled")
        if self.kind is not self._kind_of_outcomes():
            raise ValueError("kind_differs_from_outcomes")

    @property
    def blocks(self) -> list[tuple[str, tuple[Claim, ...]]]:
        """The claims by the block of the framework that they are part of; one without a name where there are none."""
        named = dict.fromkeys(claim.block for claim in self.claims)
        return [(block, tuple(claim for claim in self.claims if claim.block == block)) for block in named]

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
"""For callers that render in their own process; whoever wants speed takes a `Renderer` (`letter_processes`)."""


def render(
    letter: "Letter | Receipt", *, attachments: Sequence[Attached] = (), identifier: bytes, created: datetime
) -> bytes:
    """Return the letter, or the receipt, as a tagged PDF/A-3a file that also declares PDF/UA-1.

    The same input gives the same bytes. `identifier` (16 bytes) goes into the file, `created` is the date of the
    attachments. Raises `LetterFailed` when the fonts are not built or a template asks for an outside file, `OSError`
    when Pango is not installed.
    """
    with _ONE_AT_A_TIME, _nothing_swept():
        return letter_finish.finish(_write(letter, attachments, identifier, created.astimezone(UTC)))


@contextmanager
def _nothing_swept() -> Iterator[None]:
    """Leave the search for garbage until the letter is done.

    What a letter is made of lives until then, so to search it finds nothing and takes a twentieth of the time; without
    it a process has not grown in thirty letters.
    """
    sweeps = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if sweeps:
            gc.enable()


def _write(letter: "Letter | Receipt", attachments: Sequence[Attached], identifier: bytes, stamp: datetime) -> bytes:
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
