"""The receipt that a learner keeps of what was sent: every file and version by its hash, and what comes next.

It is set by the machinery of letters, but is no letter: nothing is decided by it, and it is made anew for whoever asks.
"""

from dataclasses import dataclass
from typing import ClassVar

from services.documents.letters import Contact
from services.rules.programmes import Institution, Language
from services.rules.terms import CANADA


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A file as it was received; all but the hash as the receipt's language writes it."""

    name: str
    size: str
    received: str
    sha256: str


@dataclass(frozen=True, slots=True)
class SentVersion:
    """A version of the portfolio as it was sent; `sha256` is that of its manifest."""

    number: int
    sent: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Next:
    """Where the case stands, what comes next, whose turn it is (empty: nobody's), and the date with its name if any."""

    stands: str
    comes: str
    turn: str = ""
    due_name: str = ""
    due: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Everything that a receipt says, in its language, ready to be set; moments are as that language writes them.

    `submitted` is empty for an application that was not sent yet: the receipt is then a list of what is held.
    """

    kind: ClassVar[str] = "receipt"

    language: Language
    case_number: str
    institution: Institution
    name: str
    programme: str
    issued: str
    opened: str
    next: Next
    contact: Contact
    submitted: str = ""
    files: tuple[HeldFile, ...] = ()
    versions: tuple[SentVersion, ...] = ()
    terms: str = CANADA

    @property
    def sent(self) -> bool:
        """Whether anything was sent."""
        return bool(self.submitted or self.versions)
