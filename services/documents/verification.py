"""Says what a shown credential is worth: one of six answers, found by one fixed row of checks.

The first failing check decides. With the issuance log at hand (`Issuance`) what we stored is the measure; without it
(a folder or the public addresses of the issuer) the signature is. Whatever cannot be checked is never called valid.
"""

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.documents import badge_profile, issuer_keys, presented, proofs, published, status_list
from services.documents.outside_hashes import ChildLost, Hashed
from services.documents.verdicts import Check, Document, Issuance, Lookup, Report, Standing, Status, Verdict

Hashes = Callable[[Sequence[Document]], Awaitable[tuple[Hashed, ...]]]
"""Computes the signed bytes of documents; for what comes from outside an `outside_hashes.OutsideHashes`."""


@dataclass(frozen=True, slots=True)
class _Means:
    """What one verification works with."""

    lookup: Lookup
    hashes: Hashes
    now: datetime
    ours: str | None = None


class _Failed(Exception):  # noqa: N818 - an answer, not a fault of ours
    def __init__(
        self, check: Check, status: Status, detail: str, *alarms: str, withdrawn: Issuance | None = None
    ) -> None:
        super().__init__(detail)
        self.check, self.status, self.detail, self.alarms, self.withdrawn = check, status, detail, alarms, withdrawn


async def verify_file(
    content: bytes, *, lookup: Lookup, hashes: Hashes, now: datetime, ours: str | None = None
) -> Report:
    """Answer for a file: JSON, or our letter. `ours` is our DID where only our own credentials are answered for.

    Raises `presented.Unreadable` for a file in which no credential is found.
    """
    shown = presented.read(content)
    means = _Means(lookup, hashes, now, ours)
    verdicts = tuple([await _verify_shown(document, shown.letter_sha256, means) for document in shown.credentials])
    compared = shown.letter_sha256 is not None and lookup.keeps_log
    same = all(verdict.letter for verdict in verdicts)
    status = min((verdict.status for verdict in verdicts), key=list(Status).index)
    return Report(status, verdicts, same if compared else None)


async def verify_issued(issuance: Issuance, *, lookup: Lookup, now: datetime) -> Verdict:
    """Answer for a credential of the log, found by its code."""
    return await _answer(issuance.document, _stored(issuance, _Means(lookup, own_hashes, now)))


async def own_hashes(documents: Sequence[Document]) -> tuple[Hashed, ...]:
    """Compute the signed bytes of documents that we made ourselves, in this process."""
    return tuple([await _own_hash(document) for document in documents])


async def _verify_shown(document: Document, letter: str | None, means: _Means) -> Verdict:
    if not means.lookup.keeps_log:
        return await _answer(document, _by_signature(document, means))
    try:
        issuance = await means.lookup.issuance(str(document["id"]))
    except published.Unreachable as lost:
        return await _answer(document, _fail(_Failed(Check.REACHABLE, Status.UNCHECKED, lost.code)))
    if issuance is None:
        named = "uses_our_name" if means.ours and issuer_of(document) == means.ours else "unknown"
        return await _answer(document, _fail(_Failed(Check.ISSUED, Status.NOT_OURS, named)))
    verdict = await _answer(document, _by_log(document, letter, issuance, means))
    return replace(verdict, letter=letter in issuance.letters, names=badge_profile.names(document))


async def _answer(document: Document, row: Awaitable[None]) -> Verdict:
    """Walk a row of checks; the one that fails decides. What was achieved is told of what is signed alone."""
    verdict = await _walked(document, row)
    signed = dict(verdict.checks)[Check.SIGNATURE] is True
    return replace(verdict, achievement=badge_profile.achievement(document)) if signed else verdict


async def _walked(document: Document, row: Awaitable[None]) -> Verdict:
    passed = Verdict(
        Status.VALID,
        credential_id=str(document["id"]),
        issuer=issuer_of(document),
        valid_until=badge_profile.instant(document.get("validUntil")),
    )
    try:
        await row
    except _Failed as failed:
        verdict = replace(passed, status=failed.status, failed=failed.check, detail=failed.detail, alarms=failed.alarms)
        if failed.withdrawn is None:
            return verdict
        return replace(
            verdict,
            under_review=failed.withdrawn.standing is Standing.SUSPENDED,
            withdrawn_at=failed.withdrawn.withdrawn_at,
            replaced_by=failed.withdrawn.replaced_by,
        )
    return passed


async def _fail(failed: _Failed) -> None:
    raise failed


async def _by_log(document: Document, letter: str | None, issuance: Issuance, means: _Means) -> None:
    if not _same(document, issuance.document):
        await _compare(document, issuance, means)
    if letter is not None and letter not in issuance.letters:
        raise _Failed(Check.UNCHANGED, Status.CHANGED, "letter_changed")
    await _stored(issuance, means)


async def _compare(document: Document, issuance: Issuance, means: _Means) -> None:
    """Compare what is signed, not how it is written: order of members and escapes do not matter."""
    try:
        shown = proofs.take_apart(document)
    except proofs.ProofInvalid as wrong:
        raise _Failed(Check.UNCHANGED, Status.CHANGED, wrong.code) from None
    hashed = await _outside_hash(document, means)
    if hashed.data != issuance.hash_data:
        raise _Failed(Check.UNCHANGED, Status.CHANGED, hashed.code or "content_changed")
    if shown.proof_value != proofs.take_apart(issuance.document).proof_value:
        raise _Failed(Check.UNCHANGED, Status.CHANGED, "proof_changed")


async def _outside_hash(document: Document, means: _Means) -> Hashed:
    try:
        [hashed] = await means.hashes([document])
    except ChildLost as lost:
        raise _Failed(Check.REACHABLE, Status.UNCHECKED, f"check_{lost}") from None
    return hashed


async def _stored(issuance: Issuance, means: _Means) -> None:
    """Check what we stored ourselves: signature, status, dates."""
    document, issuer = issuance.document, issuer_of(issuance.document)
    try:
        proved = proofs.take_apart(document)
        data = await proofs.hash_data_async(proved.unsecured, proved.options)
        proofs.check_value(proved.proof_value, data, issuance.public_key)
    except proofs.ProofInvalid as wrong:
        raise _Failed(Check.SIGNATURE, Status.UNCHECKED, wrong.code, "stored_signature") from None
    if data != issuance.hash_data or proved.options["verificationMethod"].partition("#")[0] != issuer:
        raise _Failed(Check.SIGNATURE, Status.UNCHECKED, "not_as_recorded", "stored_signature")
    await _not_withdrawn(issuance, str(issuer), means)
    _in_time(document, means.now)


async def _not_withdrawn(issuance: Issuance, issuer: str, means: _Means) -> None:
    """Ask the log and the published list; either withdraws, and a difference rings."""
    withdrawn = issuance.key_compromised or issuance.standing is not Standing.ACTIVE
    try:
        keys = await means.lookup.did_document(issuer)
        # The list is of our own making as well.
        listed = await _listed(issuance.document, issuer, keys, replace(means, hashes=own_hashes))
    except (published.Unreachable, status_list.ListInvalid) as lost:
        if not withdrawn:
            raise _Failed(Check.NOT_WITHDRAWN, Status.UNCHECKED, lost.code, "status_list") from None
        listed = False
    if withdrawn or listed:
        why = "key_compromised" if issuance.key_compromised else str(issuance.standing)
        alarms = () if withdrawn and listed else ("log_and_list_differ",)
        raise _Failed(Check.NOT_WITHDRAWN, Status.WITHDRAWN, why, *alarms, withdrawn=issuance)


async def _by_signature(document: Document, means: _Means) -> None:
    """Check against published things alone."""
    issuer = issuer_of(document)
    if issuer is None or (means.ours is not None and issuer != means.ours):
        raise _Failed(Check.ISSUED, Status.NOT_OURS, "another_issuer")
    try:
        proved = proofs.take_apart(document)
        keys = await means.lookup.did_document(issuer)
    except proofs.ProofInvalid as wrong:
        raise _Failed(Check.ISSUED, Status.NOT_OURS, wrong.code) from None
    except published.Unreachable as lost:
        raise _Failed(Check.REACHABLE, Status.UNCHECKED, lost.code) from None
    key = issuer_keys.find_key(keys, did=issuer, kid=proved.options["verificationMethod"])
    if key is None:
        raise _Failed(Check.ISSUED, Status.NOT_OURS, "key_unknown")
    await _signed(document, proved.proof_value, key, means)
    try:
        listed = await _listed(document, issuer, keys, means)
    except (published.Unreachable, status_list.ListInvalid) as lost:
        raise _Failed(Check.NOT_WITHDRAWN, Status.UNCHECKED, lost.code) from None
    if listed:
        raise _Failed(Check.NOT_WITHDRAWN, Status.WITHDRAWN, "listed")
    _in_time(document, means.now)


async def _signed(document: Document, proof_value: str, key: bytes, means: _Means) -> None:
    hashed = await _outside_hash(document, means)
    if hashed.data is None:
        status = Status.UNCHECKED if hashed.code == "context_refused" else Status.CHANGED
        raise _Failed(Check.UNCHANGED, status, hashed.code)
    try:
        proofs.check_value(proof_value, hashed.data, key)
    except proofs.ProofInvalid as wrong:
        raise _Failed(Check.UNCHANGED, Status.CHANGED, wrong.code) from None
    try:
        # The signature covers statements, the rows below read JSON: without this a date of expiry or a status entry
        # could hide under another spelling of its name.
        badge_profile.check(document)
    except badge_profile.ProfileInvalid:
        raise _Failed(Check.UNCHANGED, Status.UNCHECKED, "form_unknown") from None


async def _listed(document: Document, issuer: str, keys: Document, means: _Means) -> bool:
    """Say whether the published list withdraws a credential. Raises `ListInvalid`, `Unreachable`."""
    entry = document["credentialStatus"]
    url = entry["statusListCredential"]
    listing = await means.lookup.status_list(url)
    bits = status_list.read(listing, url=url, issuer=issuer, now=means.now)
    try:
        proved = proofs.take_apart(listing)
        key = issuer_keys.find_key(keys, did=issuer, kid=proved.options["verificationMethod"])
        [hashed] = await means.hashes([listing])
        if key is None or hashed.data is None:
            raise status_list.ListInvalid("list_unsigned")
        proofs.check_value(proved.proof_value, hashed.data, key)
    except (ChildLost, proofs.ProofInvalid):
        raise status_list.ListInvalid("list_unsigned") from None
    return status_list.is_set(bits, int(entry["statusListIndex"]))


def _in_time(document: Document, now: datetime) -> None:
    start = badge_profile.instant(document.get("validFrom"))
    if start is None or start > now:
        raise _Failed(Check.STARTED, Status.UNCHECKED, "in_the_future", "in_the_future")
    if "validUntil" in document:
        until = badge_profile.instant(document["validUntil"])
        if until is None or until <= now:
            raise _Failed(Check.NOT_EXPIRED, Status.EXPIRED, "expired")


def issuer_of(document: Document) -> str | None:
    """Return the DID that a document names as its issuer, whatever it is worth."""
    issuer = document.get("issuer")
    named = issuer.get("id") if isinstance(issuer, dict) else issuer
    return named if isinstance(named, str) and named.startswith("did:web:") else None


def _same(one: Document, other: Document) -> bool:
    # As text: in Python True equals 1 and 1 equals 1.0, in a credential they do not.
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


async def _own_hash(document: Document) -> Hashed:
    try:
        proved = proofs.take_apart(document)
        return Hashed(await proofs.hash_data_async(proved.unsecured, proved.options))
    except proofs.ProofInvalid as wrong:
        return Hashed(None, wrong.code, wrong.detail)
