"""Which credentials were withdrawn: one signed list of 131,072 bits per issuer, without anything personal in it."""

import base64
import binascii
import zlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from services.documents import contexts, proofs
from services.documents.issuer_keys import Signer

SIZE = 131_072
"""Bits; the smallest list that hides one holder among others. Source: Bitstring Status List v1.0."""
LONGEST = 4 * SIZE
"""Bits of the longest list that is unpacked, so that a small file cannot fill the memory."""
PURPOSE = "revocation"
VALIDITY = timedelta(days=30)
"""An expired list makes every credential fail; it is signed again daily and on every change."""
GZIP = 31
"""zlib's window setting for a gzip wrapper; it writes modification time 0, so the same bits give the same bytes."""


class ListInvalid(Exception):  # noqa: N818 - an answer, not a fault of ours
    """A status list that says nothing about a credential.

    Codes: `list_shape`, `list_issuer`, `list_purpose`, `list_encoding`, `list_short`, `list_expired`, `list_early`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def bitmap(withdrawn: Iterable[int]) -> bytes:
    """Return the bits with those of `withdrawn` set; index 0 is the left-most bit of byte 0. Raises `ValueError`."""
    bits = bytearray(SIZE // 8)
    for index in withdrawn:
        if not 0 <= index < SIZE:
            raise ValueError(index)
        bits[index >> 3] |= 0x80 >> (index & 7)
    return bytes(bits)


def is_set(bits: bytes, index: int) -> bool:
    """Say whether the bit of `index` is set. Raises `ListInvalid("list_short")` past the end."""
    if not 0 <= index < len(bits) * 8:
        raise ListInvalid("list_short")
    return bool(bits[index >> 3] & (0x80 >> (index & 7)))


def encode(bits: bytes) -> str:
    """Return the bits as a list carries them: `u`, then base64url without padding of the gzip."""
    packer = zlib.compressobj(9, zlib.DEFLATED, GZIP)
    packed = packer.compress(bits) + packer.flush()
    return "u" + base64.urlsafe_b64encode(packed).rstrip(b"=").decode("ascii")


def decode(encoded: str) -> bytes:
    """Return the bits of an encoded list. Raises `ListInvalid`: list_encoding, list_short."""
    if not encoded.startswith("u"):
        raise ListInvalid("list_encoding")
    unpacker = zlib.decompressobj(GZIP)
    try:
        packed = base64.b64decode(encoded[1:] + "=" * (-(len(encoded) - 1) % 4), altchars=b"-_", validate=True)
        bits = unpacker.decompress(packed, LONGEST // 8)
    except (binascii.Error, ValueError, zlib.error):
        raise ListInvalid("list_encoding") from None
    if not unpacker.eof:
        raise ListInvalid("list_encoding")
    if len(bits) * 8 < SIZE:
        raise ListInvalid("list_short")
    return bits


def unsigned(url: str, *, issuer: str, withdrawn: Iterable[int], now: datetime) -> dict[str, Any]:
    """Return the list at `url` as a credential without proof, valid for 30 days from `now`."""
    return {
        "@context": [contexts.CREDENTIALS],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": proofs.moment(now),
        "validUntil": proofs.moment(now + VALIDITY),
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": PURPOSE,
            "encodedList": encode(bitmap(withdrawn)),
        },
    }


async def signed(url: str, *, issuer: str, withdrawn: Iterable[int], now: datetime, signer: Signer) -> dict[str, Any]:
    """Return the signed list at `url`; the same arguments give the same bytes. Raises `proofs.ProofInvalid`."""
    document = unsigned(url, issuer=issuer, withdrawn=withdrawn, now=now)
    options = proofs.options_for(document, created=now, verification_method=signer.kid)
    return await proofs.sign(document, options, signer, as_list=False)


def read(document: dict[str, Any], *, url: str, issuer: str, now: datetime) -> bytes:
    """Return the bits of a published list whose signature the caller checks.

    A list without a date of expiry is refused like an expired one: an old copy of it could hide a withdrawal for ever.
    Raises `ListInvalid`.
    """
    subject, kinds = document.get("credentialSubject"), document.get("type")
    if not isinstance(subject, dict) or not isinstance(kinds, list) or document.get("id") != url:
        raise ListInvalid("list_shape")
    if "BitstringStatusListCredential" not in kinds or subject.get("type") != "BitstringStatusList":
        raise ListInvalid("list_shape")
    if document.get("issuer") != issuer:
        raise ListInvalid("list_issuer")
    if subject.get("statusPurpose") != PURPOSE:
        raise ListInvalid("list_purpose")
    if _moment(document.get("validFrom")) > now:
        raise ListInvalid("list_early")
    if _moment(document.get("validUntil")) <= now:
        raise ListInvalid("list_expired")
    encoded = subject.get("encodedList")
    if not isinstance(encoded, str):
        raise ListInvalid("list_encoding")
    return decode(encoded)


def _moment(text: object) -> datetime:
    try:
        return datetime.strptime(str(text), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise ListInvalid("list_shape") from None
