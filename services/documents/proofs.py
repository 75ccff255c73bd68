"""Signs and checks documents as `eddsa-rdfc-2022`: canonical form, two hashes, one pure Ed25519 signature.

An undefined term would vanish from the canonical form and the signature still verify; here it is refused.
"""

import asyncio
import hashlib
import json
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.documents import contexts, multibase
from services.documents.issuer_keys import Signer

CRYPTOSUITE = "eddsa-rdfc-2022"
RELATIVE = "https://relative.invalid/"
"""What is not absolute resolves under this address, so that it can be seen and refused."""

Document = dict[str, Any]


class ProofInvalid(Exception):  # noqa: N818 - an answer, not a fault of ours
    """The document cannot be signed or its proof does not hold.

    Codes: `undefined_term`, `relative_reference`, `not_json_ld`, `context_refused`, `proof_missing`,
    `proof_unknown`, `signature_wrong`; `detail` names the term or the address.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Proved:
    """A signed document taken apart: what was signed, how, and the signature."""

    unsecured: Document
    options: Document
    proof_value: str


def moment(at: datetime) -> str:
    """Write an instant as credentials do: UTC, whole seconds, `Z`. Raises `ValueError` for a naive one."""
    if at.tzinfo is None:
        raise ValueError("naive_datetime")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def as_bytes(document: Document) -> bytes:
    """Return the bytes that are stored and handed out: ASCII, which readers that break on accents survive."""
    return json.dumps(document, ensure_ascii=True, separators=(",", ":"), allow_nan=False).encode("ascii")


def canonicalise(document: Document) -> bytes:
    """Return the canonical N-Quads of `document`, UTF-8. Raises `ProofInvalid`; blocks until pyld's thread is free."""
    return _on_pyld_thread(_canonical, document).result()


def options_for(document: Document, *, created: datetime, verification_method: str) -> Document:
    """Return the proof options of `document`: the proof without its value, with the document's context."""
    return {
        "@context": document["@context"],
        "type": "DataIntegrityProof",
        "created": moment(created),
        "verificationMethod": verification_method,
        "cryptosuite": CRYPTOSUITE,
        "proofPurpose": "assertionMethod",
    }


def hash_data(document: Document, options: Document) -> bytes:
    """Return the 64 bytes that are signed: SHA-256 of the options, then of the document. Raises `ProofInvalid`."""
    return _on_pyld_thread(_hashes, document, options).result()


async def hash_data_async(document: Document, options: Document) -> bytes:
    """Do what `hash_data` does without holding up the event loop."""
    return await asyncio.wrap_future(_on_pyld_thread(_hashes, document, options))


async def sign(document: Document, options: Document, signer: Signer, *, as_list: bool = True) -> Document:
    """Return `document` with its proof, checked with the signer's public key before it leaves.

    `as_list`: a credential's proof is an array, a status list's an object. The same input gives the same bytes.
    Raises `ProofInvalid`, nothing signed, when a term is undefined or the signature does not verify.
    """
    data = await hash_data_async(document, options)
    signature = await signer.sign(data)
    _check_signature(signature, data, signer.public_key)
    proof = {name: value for name, value in options.items() if name != "@context"}
    proof["proofValue"] = multibase.encode(signature)
    return {**document, "proof": [proof] if as_list else proof}


def take_apart(document: Document) -> Proved:
    """Return what was signed and how; exactly one proof is expected. Raises `ProofInvalid`."""
    proof = document.get("proof")
    if isinstance(proof, list) and len(proof) == 1:
        proof = proof[0]
    if not isinstance(proof, dict):
        raise ProofInvalid("proof_missing")
    expected = {"type": "DataIntegrityProof", "cryptosuite": CRYPTOSUITE, "proofPurpose": "assertionMethod"}
    value = proof.get("proofValue")
    if any(proof.get(name) != wanted for name, wanted in expected.items()) or not isinstance(value, str):
        raise ProofInvalid("proof_unknown")
    if not isinstance(proof.get("verificationMethod"), str) or "@context" in proof:
        raise ProofInvalid("proof_unknown")
    unsecured = {name: part for name, part in document.items() if name != "proof"}
    options = {name: part for name, part in proof.items() if name != "proofValue"}
    return Proved(unsecured, {"@context": document.get("@context"), **options}, value)


def verify(document: Document, public_key: bytes) -> bytes:
    """Return the 64 signed bytes when the document's one proof holds under `public_key` (32 bytes).

    Only the signature is checked here: dates, issuer and status are `verification`'s. Raises `ProofInvalid`.
    """
    proved = take_apart(document)
    data = hash_data(proved.unsecured, proved.options)
    check_value(proved.proof_value, data, public_key)
    return data


def check_value(proof_value: str, data: bytes, public_key: bytes) -> None:
    """Check a proof value over the 64 signed bytes. Raises `ProofInvalid`."""
    try:
        signature = multibase.decode(proof_value)
    except ValueError:
        raise ProofInvalid("signature_wrong") from None
    _check_signature(signature, data, public_key)


def _check_signature(signature: bytes, data: bytes, public_key: bytes) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, data)
    except (InvalidSignature, ValueError):
        raise ProofInvalid("signature_wrong") from None


@cache
def _pyld_thread() -> ThreadPoolExecutor:
    # pyld keeps contexts in module-wide caches that are not safe for threads, so one thread does all of its work;
    # it is made on first use, so that a process that signs nothing has none.
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="pyld")


def _on_pyld_thread(work: Callable[..., bytes], *documents: Document) -> Future[bytes]:
    return _pyld_thread().submit(work, *documents)


def _hashes(document: Document, options: Document) -> bytes:
    return hashlib.sha256(_canonical(options)).digest() + hashlib.sha256(_canonical(document)).digest()


def _canonical(document: Document) -> bytes:
    from pyld import jsonld

    settings = {
        "documentLoader": contexts.load,
        "base": RELATIVE,
        "algorithm": "URDNA2015",
        "format": "application/n-quads",
    }
    try:
        # The processor itself, not `jsonld.normalize`: it refuses terms in the one expansion that it does anyway.
        quads = jsonld.JsonLdProcessor(on_property_dropped=_refuse_term).normalize(document, settings)
    except jsonld.JsonLdError as wrong:
        if refused := _refused_context(wrong):
            raise ProofInvalid("context_refused", refused.url) from wrong
        raise ProofInvalid("not_json_ld", str(wrong.type)) from wrong
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as wrong:
        # pyld answers some malformed documents with these instead of its own error.
        raise ProofInvalid("not_json_ld", type(wrong).__name__) from wrong
    if RELATIVE in quads:
        raise ProofInvalid("relative_reference")
    return str(quads).encode()


def _refuse_term(term: object) -> NoReturn:
    raise ProofInvalid("undefined_term", str(term))


def _refused_context(wrong: BaseException | None) -> contexts.ContextRefused | None:
    """Find the loader's refusal under pyld's own error."""
    while wrong is not None:
        if isinstance(wrong, contexts.ContextRefused):
            return wrong
        wrong = getattr(wrong, "cause", None) or wrong.__cause__
    return None
