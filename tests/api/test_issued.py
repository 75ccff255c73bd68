"""Verification looks into our own records for what is ours, and says of everything else that it is not there."""

import pytest

from services.api.issued import IssuedHere, did_path
from services.documents.achievements import Issuer
from services.documents.published import Unreachable
from services.records.database import Database
from tests.api.kit import BASE, ISSUER


async def test_what_is_not_ours_is_not_looked_up(sqlite_database: Database) -> None:
    lookup = IssuedHere(sqlite_database, ISSUER)
    assert await lookup.issuance("https://elsewhere.example/credential") is None
    assert await lookup.issuance("urn:uuid:0193a1f0-0000-7000-8000-000000000001") is None
    with pytest.raises(Unreachable, match="not_found"):
        await lookup.did_document("did:web:elsewhere.example")
    for url in (
        "https://elsewhere.example/status/revocation/1",
        f"{BASE}/status/revocation/x",
        f"{BASE}/status/revocation/7",
    ):
        with pytest.raises(Unreachable, match="not_found"):
            await lookup.status_list(url)


async def test_before_the_first_key_there_is_no_did_document(sqlite_database: Database) -> None:
    with pytest.raises(Unreachable, match="not_found"):
        await IssuedHere(sqlite_database, ISSUER).did_document(ISSUER.did)


@pytest.mark.parametrize(
    ("did", "path"),
    [
        ("did:web:acquis.example.org", "/.well-known/did.json"),
        ("did:web:localhost%3A8000", "/.well-known/did.json"),
        ("did:web:example.org:recognition", "/recognition/did.json"),
    ],
)
def test_the_did_document_stands_where_its_did_says(did: str, path: str) -> None:
    assert did_path(Issuer(did, "https://example.org")) == path
