"""A key file is written once and read by its owner alone; old signatures outlive a rotation, not a compromise."""

import stat
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from services.documents import issuer_keys
from services.documents.issuer_keys import DidInvalid, KeyRefused, KeyState
from tests.documents import credential_makers as make

OLD, NEW = make.signer(bytes([1]) * 32), make.signer(bytes([2]) * 32)


@pytest.mark.parametrize("passphrase", [None, b"sample passphrase"])
async def test_a_created_key_signs_after_it_was_loaded(tmp_path: Path, passphrase: bytes | None) -> None:
    path = tmp_path / "keys" / "issuer.pem"
    public = issuer_keys.create(path, passphrase=passphrase)
    signer = issuer_keys.load(path, did=make.DID, passphrase=passphrase)
    Ed25519PublicKey.from_public_bytes(public).verify(await signer.sign(b"data"), b"data")
    assert (signer.alg, signer.kid) == ("EdDSA", issuer_keys.key_id(make.DID, public))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (b"ENCRYPTED" in path.read_bytes()) is (passphrase is not None)
    assert list(path.parent.iterdir()) == [path]


def test_an_existing_key_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "issuer.pem"
    issuer_keys.create(path)
    before = path.read_bytes()
    with pytest.raises(KeyRefused, match="key_exists"):
        issuer_keys.create(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def refusal(path: Path, passphrase: bytes | None = None) -> str:
    with pytest.raises(KeyRefused) as refused:
        issuer_keys.load(path, did=make.DID, passphrase=passphrase)
    assert refused.value.path == path
    return refused.value.code


def test_a_key_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "issuer.pem"
    issuer_keys.create(path)
    path.chmod(0o640)
    assert refusal(path) == "key_readable_by_others"


def test_each_other_reason_not_to_use_a_key_file_has_its_code(tmp_path: Path) -> None:
    path = tmp_path / "issuer.pem"
    assert refusal(path) == "key_missing"
    issuer_keys.create(path, passphrase=b"right")
    assert refusal(path, b"wrong") == "passphrase_wrong"
    assert refusal(path) == "passphrase_wrong"
    other = generate_private_key(SECP256R1())
    path.write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    assert refusal(path) == "key_not_ed25519"


def test_the_published_test_key_is_known_by_its_name() -> None:
    assert make.signer().kid == f"{make.DID}#{issuer_keys.PUBLISHED_TEST_KEY}"


def test_a_retired_key_stays_and_a_compromised_one_is_gone() -> None:
    document = make.did_document((OLD, KeyState.RETIRED), (NEW, KeyState.ACTIVE), (make.signer(), KeyState.COMPROMISED))
    assert document["assertionMethod"] == [OLD.kid, NEW.kid]
    assert [method["id"] for method in document["verificationMethod"]] == [OLD.kid, NEW.kid]
    assert issuer_keys.find_key(document, did=make.DID, kid=OLD.kid) == OLD.public_key
    assert issuer_keys.find_key(document, did=make.DID, kid=make.signer().kid) is None


@pytest.mark.parametrize(
    "part",
    [
        {"id": "did:web:elsewhere.example.org"},
        {"assertionMethod": []},
        {"assertionMethod": OLD.kid},
        {"verificationMethod": None},
        {"verificationMethod": [None, "x"]},
        {"verificationMethod": [{"id": OLD.kid, "controller": "did:web:other", "publicKeyMultibase": "z6"}]},
        {"verificationMethod": [{"id": OLD.kid, "controller": make.DID, "publicKeyMultibase": "z6"}]},
        {"verificationMethod": [{"id": OLD.kid, "controller": make.DID}]},
    ],
)
def test_a_key_counts_only_where_the_issuers_document_lets_it_assert(part: dict[str, Any]) -> None:
    document = {**make.did_document((OLD, KeyState.ACTIVE)), **part}
    assert issuer_keys.find_key(document, did=make.DID, kid=OLD.kid) is None


@pytest.mark.parametrize(
    ("did", "document"),
    [
        ("did:web:acquis.example.org", "https://acquis.example.org/.well-known/did.json"),
        ("did:web:localhost%3A8000", "http://localhost:8000/.well-known/did.json"),
        ("did:web:127.0.0.1%3A8000", "http://127.0.0.1:8000/.well-known/did.json"),
        ("did:web:h.example.org:i:nord", "https://h.example.org/i/nord/did.json"),
    ],
)
def test_the_address_of_its_document_follows_from_a_did(did: str, document: str) -> None:
    assert issuer_keys.document_url(did) == document


@pytest.mark.parametrize(
    "did",
    ["did:key:z6Mk", "did:web:", "did:web:h:..", "did:web:h::x", "did:web:h:a%2Fb", "did:web:u%40h", "did:web:h%2Fx"],
)
def test_a_did_that_leads_elsewhere_is_refused(did: str) -> None:
    with pytest.raises(DidInvalid):
        issuer_keys.document_url(did)
