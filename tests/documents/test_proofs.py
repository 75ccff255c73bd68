"""A signature covers every statement of a credential, and the same input gives the same bytes everywhere."""

import asyncio
import hashlib
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pyoxigraph
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from openbadgeslib.ob3.credential import OpenBadgeCredential  # noqa: TID253 - this test is about it
from openbadgeslib.ob3.ldp import OB3LdpVerifier  # noqa: TID253 - this test is about it
from openbadgeslib.ob3.verifier import OB3VerificationError  # noqa: TID253 - this test is about it
from pyld import jsonld  # noqa: TID253 - this test is about it

from services.documents import contexts, multibase, proofs, status_list
from services.documents.proofs import ProofInvalid
from tests.documents import credential_makers as make

DOCUMENT_SHA256 = "83edc19fb20ded0573f121a14fcbf35b86ec641a76e491783e501af7d2752ab8"
OPTIONS_SHA256 = "5f20df9c8e8ec97858cade52b0223aeba9f05ef587d820fadb09513508304387"


async def test_the_fixed_credential_is_reproduced_hash_by_hash_and_byte_by_byte() -> None:
    expected = make.vector("credential")
    document = proofs.take_apart(expected).unsecured
    created = datetime(2026, 11, 20, 14, 0, 5, tzinfo=UTC)
    options = proofs.options_for(document, created=created, verification_method=make.signer().kid)
    assert len(proofs.canonicalise(document).splitlines()) == 137
    assert proofs.hash_data(document, options).hex() == OPTIONS_SHA256 + DOCUMENT_SHA256
    signed = await proofs.sign(document, options, make.signer())
    assert proofs.as_bytes(signed) == proofs.as_bytes(expected)
    assert proofs.verify(signed, make.signer().public_key).hex() == OPTIONS_SHA256 + DOCUMENT_SHA256


async def test_the_fixed_status_list_is_reproduced() -> None:
    start = datetime(2026, 11, 20, tzinfo=UTC)
    signed = await status_list.signed(make.LIST, issuer=make.DID, withdrawn=(), now=start, signer=make.signer())
    assert signed == make.vector("status_list")


@pytest.mark.parametrize("made", [make.signed, make.listing])
async def test_another_implementation_of_the_canonical_form_and_of_the_signature_agrees(
    made: Callable[[], Awaitable[dict[str, Any]]],
) -> None:
    signed = await made()
    [proof] = signed["proof"] if isinstance(signed["proof"], list) else [signed["proof"]]
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    document = {name: value for name, value in signed.items() if name != "proof"}
    data = _by_oxigraph({**options, "@context": signed["@context"]}) + _by_oxigraph(document)
    key = make.vector("credential")["proof"][0]["verificationMethod"].partition("#")[2]
    public = Ed25519PublicKey.from_public_bytes(multibase.ed25519_bytes(key))
    public.verify(multibase.decode(proof["proofValue"]), data)
    with pytest.raises(InvalidSignature):
        public.verify(multibase.decode(proof["proofValue"]), data[::-1])


def _by_oxigraph(document: dict[str, Any]) -> bytes:
    """Hash the canonical form as pyoxigraph makes it; only the reading of JSON-LD is pyld's."""
    loader = {"documentLoader": contexts.load, "format": "application/n-quads"}
    quads = pyoxigraph.parse(jsonld.to_rdf(document, loader).encode(), format=pyoxigraph.RdfFormat.N_QUADS)
    dataset = pyoxigraph.Dataset(quads)
    dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0)
    lines = sorted(f"{_line(quad)}\n" for quad in dataset)
    return hashlib.sha256("".join(lines).encode()).digest()


def _line(quad: pyoxigraph.Quad) -> str:
    text = pyoxigraph.serialize([quad], format=pyoxigraph.RdfFormat.N_QUADS)
    assert text is not None
    return text.decode().rstrip("\n")


async def test_outside_software_verifies_a_credential_with_its_key_and_its_status_and_no_network() -> None:
    served = await _served(withdrawn=())
    assert _outside(served).issuer.id == make.DID


async def test_outside_software_refuses_a_withdrawn_and_a_changed_credential() -> None:
    served = await _served(withdrawn=(make.INDEX,))
    with pytest.raises(OB3VerificationError, match="status 'revocation' is set"):
        _outside(served)
    changed = served["credential"].replace(b"Keep food safe", b"Keep food cold")
    with pytest.raises(OB3VerificationError, match="signature"):
        _outside({**served, "credential": changed})


def _outside(served: dict[str, bytes]) -> OpenBadgeCredential:
    # That verifier reads the list's bit, dates, purpose and issuer, but knows signatures of lists as JWT only: the
    # test above it checks ours by another implementation.
    return OB3LdpVerifier().verify(
        served["credential"], check_status=True, download=served.__getitem__, verify_status_list=False
    )


async def _served(*, withdrawn: tuple[int, ...]) -> dict[str, bytes]:
    """Everything that the issuer publishes, by address; dated by the real clock, which outside software reads."""
    now = datetime.now(UTC)
    document = make.unsigned(decided_at=now - timedelta(hours=1))
    return {
        "credential": proofs.as_bytes(await make.signed(document)),
        "https://acquis.example.org/.well-known/did.json": proofs.as_bytes(make.did_document()),
        make.LIST: proofs.as_bytes(await make.listing(withdrawn, now=now)),
    }


def test_a_term_that_no_context_defines_is_refused_where_it_would_vanish() -> None:
    document = {**make.unsigned(), "favouriteColour": "blue"}
    assert "blue" not in jsonld.normalize(
        document, {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": contexts.load}
    )
    with pytest.raises(ProofInvalid, match="undefined_term") as refused:
        proofs.canonicalise(document)
    assert refused.value.detail == "favouriteColour"


def test_a_term_is_refused_however_deep_it_hides() -> None:
    document = make.unsigned()
    document["credentialSubject"]["achievement"]["criteria"]["mood"] = "good"
    with pytest.raises(ProofInvalid, match="undefined_term"):
        proofs.canonicalise(document)


@pytest.mark.parametrize("part", [{"type": ["VerifiableCredential", "Invented"]}, {"id": "not-absolute"}])
def test_what_is_not_absolute_is_refused(part: dict[str, Any]) -> None:
    with pytest.raises(ProofInvalid, match="relative_reference"):
        proofs.canonicalise({**make.unsigned(), **part})


def test_a_context_that_is_not_pinned_is_refused_and_never_fetched() -> None:
    for url in ("https://purl.imsglobal.org/spec/ob/v3p0/context.json", "https://example.org/own"):
        with pytest.raises(ProofInvalid, match="context_refused") as refused:
            proofs.canonicalise({**make.unsigned(), "@context": [contexts.CREDENTIALS, url]})
        assert refused.value.detail == url


@pytest.mark.parametrize("document", [{"@context": 7}, {"@context": [contexts.CREDENTIALS], "@id": 3}])
def test_what_is_not_json_ld_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(ProofInvalid):
        proofs.canonicalise(document)


def test_a_pinned_context_with_another_byte_stops_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    contexts.assert_pinned()
    name, sha256 = contexts.PINNED[contexts.CREDENTIALS]
    monkeypatch.setitem(contexts.PINNED, contexts.CREDENTIALS, (name, sha256[::-1]))
    contexts._document.cache_clear()  # noqa: SLF001 - the process has read it already
    with pytest.raises(contexts.ContextDiffers, match=name):
        contexts.assert_pinned()


async def test_a_signature_of_another_key_or_over_other_bytes_does_not_hold() -> None:
    signed = await make.signed()
    with pytest.raises(ProofInvalid, match="signature_wrong"):
        proofs.verify(signed, make.signer(bytes(32)).public_key)
    with pytest.raises(ProofInvalid, match="signature_wrong"):
        proofs.verify({**signed, "name": "Another name"}, make.signer().public_key)


@pytest.mark.parametrize("change", [{"created": "2026-11-20T14:00:06Z"}, {"proofValue": "z111"}, {"proofValue": "?"}])
async def test_the_proof_itself_is_covered(change: dict[str, str]) -> None:
    signed = await make.signed()
    signed["proof"][0].update(change)
    with pytest.raises(ProofInvalid, match="signature_wrong"):
        proofs.verify(signed, make.signer().public_key)


@pytest.mark.parametrize(
    ("proof", "code"),
    [
        (None, "proof_missing"),
        ([], "proof_missing"),
        ([{}, {}], "proof_missing"),
        ({"type": "Ed25519Signature2020"}, "proof_unknown"),
        ({"cryptosuite": "eddsa-jcs-2022"}, "proof_unknown"),
        ({"proofPurpose": "authentication"}, "proof_unknown"),
        ({"proofValue": 7}, "proof_unknown"),
        ({"verificationMethod": None}, "proof_unknown"),
        ({"@context": "x"}, "proof_unknown"),
    ],
)
async def test_only_one_proof_of_our_kind_is_taken_apart(proof: object, code: str) -> None:
    signed = await make.signed()
    signed["proof"] = [{**signed["proof"][0], **proof}] if isinstance(proof, dict) else proof
    with pytest.raises(ProofInvalid, match=code):
        proofs.take_apart(signed)


async def test_nothing_leaves_that_the_public_key_does_not_verify() -> None:
    class Broken:
        alg, kid, public_key = "EdDSA", make.signer().kid, make.signer().public_key

        async def sign(self, data: bytes) -> bytes:
            return data

    document = make.unsigned()
    options = proofs.options_for(document, created=make.NOW, verification_method=Broken.kid)
    with pytest.raises(ProofInvalid, match="signature_wrong"):
        await proofs.sign(document, options, Broken())


async def test_order_of_members_and_of_arrays_is_not_signed_and_the_input_is_left_alone() -> None:
    document = make.unsigned()
    before = json.dumps(document)
    shuffled = dict(reversed(document.items()))
    shuffled["evidence"] = document["evidence"][::-1]
    assert proofs.canonicalise(document) == proofs.canonicalise(shuffled)
    assert json.dumps(document) == before


def test_canonical_forms_asked_for_from_many_threads_are_the_same() -> None:
    documents = [make.vector("credential"), make.vector("status_list")] * 6
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(proofs.canonicalise, documents))
    assert len(set(found)) == 2


async def test_signing_many_at_once_does_not_mix_them_up() -> None:
    credentials = await asyncio.gather(*[make.signed(make.unsigned(level=3 + number % 2)) for number in range(6)])
    assert len({document["proof"][0]["proofValue"] for document in credentials}) == 2


def test_instants_are_written_in_utc_with_whole_seconds_and_naive_ones_refused() -> None:
    assert proofs.moment(datetime(2026, 11, 20, 14, 0, 5, 999_999, tzinfo=UTC)) == "2026-11-20T14:00:05Z"
    with pytest.raises(ValueError, match="naive_datetime"):
        proofs.moment(datetime(2026, 11, 20))  # noqa: DTZ001 - the point of the test


def test_importing_the_signer_does_not_load_what_is_heavy() -> None:
    script = "import sys; from services.documents import badges, proofs, verification; print('pyld' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("data", [b"", b"\0", b"\0\0\x01", bytes(range(64)), b"\xff" * 64])
def test_base58_gives_back_what_it_was_given(data: bytes) -> None:
    assert multibase.decode(multibase.encode(data)) == data


@pytest.mark.parametrize("text", ["", "6Mk", "z0", "zO", "zI", "zl", "z" + "2" * 300, "z é"])
def test_what_is_not_base58_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not_base58btc"):
        multibase.decode(text)


def test_a_key_of_another_kind_is_not_taken_for_ed25519() -> None:
    with pytest.raises(ValueError, match="not_ed25519_multikey"):
        multibase.ed25519_bytes(multibase.encode(b"\x80\x24" + bytes(33)))
