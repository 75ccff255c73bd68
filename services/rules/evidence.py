"""What may be shown as evidence: kinds with their class, the résumé rule, accepted files and their first bytes.

A file's name and first bytes must agree before it is taken in; what a media type claims is never read.
Source: security design, sections 5.2 and 5.3; case design, section 4.2.
"""

import unicodedata
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Protocol

from services.rules import signatures
from services.rules.programmes import Text
from services.rules.refusals import Refused
from services.rules.signatures import FileKind


class EvidenceClass(StrEnum):
    """How near a piece of evidence is to the work itself."""

    DIRECT = "direct"
    INDIRECT = "indirect"
    THIRD_PARTY = "third_party"
    SELF_ = "self"


class EvidenceKind(StrEnum):
    """What a piece of evidence is, in the learner's words."""

    WORK_PRODUCT = "work_product"
    PHOTO_OF_WORK = "photo_of_work"
    VIDEO_OF_WORK = "video_of_work"
    RECORDING_OF_WORK = "recording_of_work"
    TRAINING_RECORD = "training_record"
    LOGBOOK = "logbook"
    EARLIER_CREDENTIAL = "earlier_credential"
    THIRD_PARTY_REPORT = "third_party_report"
    EMPLOYER_LETTER = "employer_letter"
    COMMUNITY_ATTESTATION = "community_attestation"
    STATEMENT = "statement"
    ORAL_STATEMENT = "oral_statement"
    RESUME = "resume"
    JOB_DESCRIPTION = "job_description"
    REFERENCE_LETTER = "reference_letter"


class EvidenceState(StrEnum):
    """The life of a file; without a scanner a stored file is `unscanned`, and staff are told so."""

    RECEIVING = "receiving"
    STORED = "stored"
    UNSCANNED = "unscanned"
    REJECTED = "rejected"
    REMOVED = "removed"


CLASS_OF: dict[EvidenceKind, EvidenceClass] = {
    EvidenceKind.WORK_PRODUCT: EvidenceClass.DIRECT,
    EvidenceKind.PHOTO_OF_WORK: EvidenceClass.DIRECT,
    EvidenceKind.VIDEO_OF_WORK: EvidenceClass.DIRECT,
    EvidenceKind.RECORDING_OF_WORK: EvidenceClass.DIRECT,
    EvidenceKind.TRAINING_RECORD: EvidenceClass.INDIRECT,
    EvidenceKind.LOGBOOK: EvidenceClass.INDIRECT,
    EvidenceKind.EARLIER_CREDENTIAL: EvidenceClass.INDIRECT,
    EvidenceKind.THIRD_PARTY_REPORT: EvidenceClass.THIRD_PARTY,
    EvidenceKind.EMPLOYER_LETTER: EvidenceClass.THIRD_PARTY,
    EvidenceKind.COMMUNITY_ATTESTATION: EvidenceClass.THIRD_PARTY,
    EvidenceKind.REFERENCE_LETTER: EvidenceClass.THIRD_PARTY,
    EvidenceKind.STATEMENT: EvidenceClass.SELF_,
    EvidenceKind.ORAL_STATEMENT: EvidenceClass.SELF_,
    EvidenceKind.RESUME: EvidenceClass.SELF_,
    EvidenceKind.JOB_DESCRIPTION: EvidenceClass.SELF_,
}

NEVER_ENOUGH = frozenset(
    {
        EvidenceKind.RESUME,
        EvidenceKind.JOB_DESCRIPTION,
        EvidenceKind.REFERENCE_LETTER,
        EvidenceKind.STATEMENT,
        EvidenceKind.ORAL_STATEMENT,
    }
)
"""The résumé rule: these tell of learning and do not show it; alone or together they never suffice."""


class OfAKind(Protocol):
    """Anything that is a piece of evidence."""

    @property
    def kind(self) -> EvidenceKind: ...


def suffices(items: Iterable[OfAKind]) -> bool:
    """Whether at least one item shows more than words about the learner (the résumé rule)."""
    return any(item.kind not in NEVER_ENOUGH for item in items)


def is_old(ended: date, *, sent: date, years: int) -> bool:
    """Whether what a piece shows `ended` more than so many `years` before the portfolio was `sent`; 0: nobody asks."""
    return years > 0 and (ended.year + years, ended.month, ended.day) < (sent.year, sent.month, sent.day)


def old_words(years: int) -> Text:
    """What both sides read beside old evidence. It is a help and never a verdict. Source: case design, section 4.2."""
    many = "s" if years > 1 else ""
    return Text(
        f"What this shows ended more than {years} year{many} before the portfolio is sent. It is not set aside for "
        "that: a conversation can show whether it still holds.",
        f"Ce que cette preuve montre a pris fin plus de {years} an{many} avant l’envoi du portfolio. Elle n’est pas "
        "écartée pour autant\u00a0: une conversation peut montrer si l’acquis est toujours actuel.",
    )


LONGEST_NAME = 150
"""Characters of a file name that are kept."""

_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that turn the reading direction, with which `exe.fdp` can be made to look like a PDF."""

_NEVER_SHOWN = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Unicode categories: control characters, lone surrogates, line and paragraph separators."""

_BY_EXTENSION = {extension: kind for kind in signatures.FILE_KINDS for extension in kind.extensions}

_WHAT_TO_DO = {
    "archive": "zip rar 7z tar gz tgz bz2 xz iso",
    "save_as_pdf": "doc xls ppt docm xlsm pptm dotm xltm potm rtf pages numbers key msg eml epub xps",
    "web_page": "html htm xhtml mht mhtml svg svgz xml",
    "program": "exe dll bat cmd com msi ps1 sh py js vbs jar apk app dmg scr lnk",
}
_ADVICE = {extension: advice for advice, extensions in _WHAT_TO_DO.items() for extension in extensions.split()}
"""By extension: what to do instead, a key of `words.what_to_do` in `services/locales/refusals.toml`."""


def clean_name(filename: str) -> str:
    """Return `filename` as it may be shown: NFC, one line, no path, at most 150 characters, its extension kept."""
    last = unicodedata.normalize("NFC", filename).replace("\\", "/").rpartition("/")[2]
    shown = "".join(c for c in last if c not in _BIDI and unicodedata.category(c) not in _NEVER_SHOWN)
    shown = shown.strip(" .") or "document"
    if len(shown) <= LONGEST_NAME:
        return shown
    stem, dot, extension = shown.rpartition(".")
    if not dot or len(extension) >= LONGEST_NAME - 1:
        return shown[:LONGEST_NAME]
    return stem[: LONGEST_NAME - len(extension) - 1] + dot + extension


def kind_of_name(filename: str) -> FileKind:
    """Return the kind that the extension promises.

    Raises `Refused`: kind_not_accepted (`name`; `what_to_do` names the way out).
    """
    name = clean_name(filename)
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    if extension not in _BY_EXTENSION:
        raise Refused("kind_not_accepted", name=name, what_to_do=_ADVICE.get(extension, "other"))
    return _BY_EXTENSION[extension]


def agrees(kind: FileKind, head: bytes) -> bool:
    """Whether the first bytes of a file (8 KiB, or all of a shorter one) are what its kind begins with."""
    return kind.begins(head[: signatures.HEAD])
