"""A withdrawn credential is one bit in a signed list; a list that is not in order says nothing."""

import base64
import gzip
from datetime import timedelta
from typing import Any

import pytest

from services.documents import proofs, status_list
from services.documents.status_list import ListInvalid
from tests.documents import credential_makers as make


@pytest.mark.parametrize(("index", "byte", "value"), [(0, 0, 0x80), (7, 0, 0x01), (8, 1, 0x80), (131_071, 16_383, 1)])
def test_index_0_is_the_left_most_bit_of_the_first_byte(index: int, byte: int, value: int) -> None:
    bits = status_list.bitmap([index])
    assert len(bits) * 8 == status_list.SIZE
    assert bits[byte] == value
    assert sum(bits) == value
    assert status_list.is_set(bits, index)


def test_only_the_withdrawn_are_set_after_encoding_and_decoding() -> None:
    withdrawn = {3, 94567, 131_071}
    bits = status_list.decode(status_list.encode(status_list.bitmap(withdrawn)))
    assert {index for index in range(status_list.SIZE) if status_list.is_set(bits, index)} == withdrawn


@pytest.mark.parametrize("index", [-1, status_list.SIZE])
def test_an_index_outside_the_list_is_refused(index: int) -> None:
    with pytest.raises(ValueError, match=str(index)):
        status_list.bitmap([index])
    with pytest.raises(ListInvalid, match="list_short"):
        status_list.is_set(status_list.bitmap([]), index)


async def test_the_same_list_gives_the_same_bytes_and_lives_thirty_days() -> None:
    one, other = await make.listing([7]), await make.listing([7])
    assert proofs.as_bytes(one) == proofs.as_bytes(other)
    bits = status_list.read(one, url=make.LIST, issuer=make.DID, now=make.NOW + timedelta(days=29))
    assert status_list.is_set(bits, 7)
    with pytest.raises(ListInvalid, match="list_expired"):
        status_list.read(one, url=make.LIST, issuer=make.DID, now=make.NOW + timedelta(days=30))


async def test_a_signed_list_verifies_with_a_proof_that_is_an_object() -> None:
    signed = await make.listing([7])
    assert isinstance(signed["proof"], dict)
    assert len(proofs.verify(signed, make.signer().public_key)) == 64


def packed(data: bytes) -> str:
    return "u" + base64.urlsafe_b64encode(gzip.compress(data)).decode().rstrip("=")


@pytest.mark.parametrize(
    ("part", "code"),
    [
        ({"issuer": "did:web:elsewhere.example.org"}, "list_issuer"),
        ({"issuer": {"id": make.DID}}, "list_issuer"),
        ({"id": f"{make.BASE}/status/revocation/2"}, "list_shape"),
        ({"type": ["VerifiableCredential"]}, "list_shape"),
        ({"type": "BitstringStatusListCredential"}, "list_shape"),
        ({"validUntil": None}, "list_shape"),
        ({"validFrom": "2027-01-01T00:00:00Z"}, "list_early"),
        ({"credentialSubject": []}, "list_shape"),
        ({"subject": {"type": "StatusList2021"}}, "list_shape"),
        ({"subject": {"statusPurpose": ["revocation"]}}, "list_purpose"),
        ({"subject": {"statusPurpose": "suspension"}}, "list_purpose"),
        ({"subject": {"encodedList": None}}, "list_encoding"),
        ({"subject": {"encodedList": packed(bytes(16_384))[1:]}}, "list_encoding"),
        ({"subject": {"encodedList": "u!!!"}}, "list_encoding"),
        ({"subject": {"encodedList": "uAAAA"}}, "list_encoding"),
        ({"subject": {"encodedList": packed(bytes(16_384))[:-8]}}, "list_encoding"),
        ({"subject": {"encodedList": packed(bytes(1_024))}}, "list_short"),
        ({"subject": {"encodedList": packed(bytes(50_000_000))}}, "list_encoding"),
    ],
)
async def test_a_list_that_is_not_in_order_is_refused(part: dict[str, Any], code: str) -> None:
    document = await make.listing()
    subject = part.pop("subject", {})
    changed = {**document, "credentialSubject": {**document["credentialSubject"], **subject}, **part}
    with pytest.raises(ListInvalid) as refused:
        status_list.read(changed, url=make.LIST, issuer=make.DID, now=make.NOW)
    assert refused.value.code == code


async def test_the_list_carries_nothing_but_bits() -> None:
    assert (await make.listing([1])).keys() == make.vector("status_list").keys()
