"""What a check of a credential can say: six answers, the checks in their order, and what the issuance log knows."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

Document = dict[str, Any]


class Status(StrEnum):
    """The six answers, the gravest first."""

    CHANGED = "changed"
    NOT_OURS = "not_ours"
    WITHDRAWN = "withdrawn"
    UNCHECKED = "unchecked"
    EXPIRED = "expired"
    VALID = "valid"


class Check(StrEnum):
    """What is looked at, in this order."""

    REACHABLE = "reachable"
    ISSUED = "issued"
    UNCHANGED = "unchanged"
    SIGNATURE = "signature"
    NOT_WITHDRAWN = "not_withdrawn"
    STARTED = "started"
    NOT_EXPIRED = "not_expired"


class Standing(StrEnum):
    """What the issuance log says of a credential today."""

    ACTIVE = "active"
    WITHDRAWN = "withdrawn"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class Issuance:
    """One row of the issuance log: what we stored when we issued it, and what became of it since.

    `hash_data` are the 64 signed bytes, `public_key` the 32 of the recorded key, `letters` the SHA-256 (hex) of every
    letter that carried it, `replaced_by` the code of its successor.
    """

    document: Document
    hash_data: bytes
    public_key: bytes
    letters: frozenset[str] = frozenset()
    key_compromised: bool = False
    standing: Standing = Standing.ACTIVE
    withdrawn_at: datetime | None = None
    replaced_by: str | None = None


class Lookup(Protocol):
    """Where the checks look: the database, or what the issuer publishes. Its methods raise `published.Unreachable`."""

    @property
    def keeps_log(self) -> bool:
        """Whether `issuance` can tell what was never issued."""

    async def issuance(self, credential_id: str) -> Issuance | None:
        """Return the row of a credential (`urn:uuid:…`), or None where there is none."""

    async def did_document(self, did: str) -> Document:
        """Return the DID document of an issuer."""

    async def status_list(self, url: str) -> Document:
        """Return the status list at an address."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer for one credential. `failed` is the check that decided and `detail` the code of why.

    `letter`: the log knows the letter that carried it. `names`: the names that a file carries in which it was brought,
    never those of our records. `achievement`: the name of what was achieved, empty unless its signature held; whoever
    made the file could write anything there. `alarms` are for the operator: what cannot be and yet is.
    """

    status: Status
    credential_id: str
    issuer: str | None
    failed: Check | None = None
    detail: str = ""
    under_review: bool = False
    withdrawn_at: datetime | None = None
    replaced_by: str | None = None
    valid_until: datetime | None = None
    letter: bool = False
    names: frozenset[str] = frozenset()
    achievement: str = ""
    alarms: tuple[str, ...] = ()

    @property
    def checks(self) -> tuple[tuple[Check, bool | None], ...]:
        """Every check and whether it passed; None for those that were not reached."""
        rows = tuple(Check)
        reached = rows.index(self.failed) if self.failed else len(rows)
        return tuple((row, place < reached if place <= reached else None) for place, row in enumerate(rows))


@dataclass(frozen=True, slots=True)
class Report:
    """The answer for a file: the gravest of its credentials', and all of them.

    `letter` says whether the letter itself was compared: True the same, False changed, None not compared.
    """

    status: Status
    verdicts: tuple[Verdict, ...]
    letter: bool | None = None


def as_json(report: Report) -> Document:
    """Return a report as the API and the command line hand it out; alarms stay inside."""
    return {
        "status": report.status,
        "letter": report.letter,
        "credentials": [_verdict_as_json(verdict) for verdict in report.verdicts],
    }


def _verdict_as_json(verdict: Verdict) -> Document:
    return {
        "status": verdict.status,
        "id": verdict.credential_id,
        "achievement": verdict.achievement,
        "issuer": verdict.issuer,
        "detail": verdict.detail,
        "under_review": verdict.under_review,
        "withdrawn_at": verdict.withdrawn_at and verdict.withdrawn_at.isoformat(),
        "replaced_by": verdict.replaced_by,
        "valid_until": verdict.valid_until and verdict.valid_until.isoformat(),
        "checks": [{"check": check, "passed": passed} for check, passed in verdict.checks],
    }
