"""Finds the credentials in a file that somebody shows: JSON, or our letter with its attachments.

Bytes from outside: limits come first, and a file in which no credential is found is an error of form, not a verdict.
"""

import hashlib
import io
import json
import math
from dataclasses import dataclass
from typing import Any, NoReturn

LARGEST_JSON = 256 * 1024
LARGEST_PDF = 20 * 1024 * 1024
MOST_ATTACHMENTS = 20
DEEPEST = 32
MOST_VALUES = 5_000
MOST_PROOFS = 4
"""Bytes and counts. Source: the design of uploaded credentials; all but the first set by judgement."""


class Unreadable(Exception):  # noqa: N818 - an answer, not a fault of ours
    """The file cannot be read as credentials.

    Codes: `too_large`, `not_json`, `duplicate_keys`, `not_a_number`, `broken_text`, `too_deep`, `too_many_values`,
    `too_many_proofs`, `no_credential`, `pdf_unreadable`, `too_many_attachments`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Presented:
    """What a file holds: its credentials, and the SHA-256 of the letter when it is one."""

    credentials: tuple[dict[str, Any], ...]
    letter_sha256: str | None = None


def read(content: bytes) -> Presented:
    """Return the credentials in a file. Raises `Unreadable`."""
    if content.startswith(b"%PDF-"):
        return _letter(content)
    document = read_json(content)
    if not is_credential(document):
        raise Unreadable("no_credential")
    return Presented((document,))


def read_json(content: bytes) -> dict[str, Any]:
    """Return the object in a JSON file within the limits. Raises `Unreadable`."""
    if len(content) > LARGEST_JSON:
        raise Unreadable("too_large")
    try:
        document = json.loads(
            content.decode("utf-8-sig"),
            object_pairs_hook=_object,
            parse_constant=_refuse_constant,
            parse_float=_finite,
        )
    except RecursionError:
        raise Unreadable("too_deep") from None
    except ValueError:
        # Not UTF-8, not JSON, or a number of thousands of digits.
        raise Unreadable("not_json") from None
    _measure(document)
    if not isinstance(document, dict):
        raise Unreadable("no_credential")
    return document


def is_credential(document: dict[str, Any]) -> bool:
    """Say whether an object claims to be an Open Badges credential with an id."""
    kinds = document.get("type")
    claimed = isinstance(kinds, list) and {"OpenBadgeCredential", "AchievementCredential"} & set(map(str, kinds))
    return bool(claimed) and isinstance(document.get("id"), str)


def _letter(content: bytes) -> Presented:
    if len(content) > LARGEST_PDF:
        raise Unreadable("too_large")
    documents = [document for attached in _attachments(content) if (document := _credential_in(attached))]
    if not documents:
        raise Unreadable("no_credential")
    return Presented(tuple(documents), hashlib.sha256(content).hexdigest())


def _attachments(content: bytes) -> list[bytes]:
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(content), suppress_warnings=True) as letter:
            if len(letter.attachments) > MOST_ATTACHMENTS:
                raise Unreadable("too_many_attachments")
            return [attached.get_file().read_bytes() for attached in letter.attachments.values()]
    except (pikepdf.PdfError, AttributeError, KeyError, NotImplementedError, RuntimeError, TypeError, ValueError):
        # What pikepdf answers to damaged objects depends on where the damage lies.
        raise Unreadable("pdf_unreadable") from None


def _credential_in(attached: bytes) -> dict[str, Any] | None:
    """Return the credential in one attachment; a letter may carry other files beside."""
    if attached.lstrip()[:1] != b"{":
        return None
    document = read_json(attached)
    return document if is_credential(document) else None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Unreadable("duplicate_keys")
    return members


def _refuse_constant(_: str) -> NoReturn:
    raise Unreadable("not_a_number")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise Unreadable("not_a_number")
    return number


def _measure(document: object) -> None:
    """Walk without recursion: depth, number of values, text that is no Unicode, number of proofs."""
    waiting: list[tuple[object, int]] = [(document, 1)]
    values = 0
    while waiting:
        value, depth = waiting.pop()
        values += 1
        if values > MOST_VALUES:
            raise Unreadable("too_many_values")
        if depth > DEEPEST:
            raise Unreadable("too_deep")
        if isinstance(value, str):
            _whole_text(value)
        elif isinstance(value, list):
            waiting += [(element, depth + 1) for element in value]
        elif isinstance(value, dict):
            for name, part in value.items():
                _whole_text(name)
                waiting.append((part, depth + 1))
            proofs = value.get("proof")
            if isinstance(proofs, list) and len(proofs) > MOST_PROOFS:
                raise Unreadable("too_many_proofs")


def _whole_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Unreadable("broken_text") from None
