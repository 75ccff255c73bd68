"""Where verification looks in this house: our own records, which are the measure of what we issued."""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from services.api import numerals
from services.documents import issuer_keys as keys
from services.documents.achievements import Issuer
from services.documents.published import Unreachable
from services.documents.verdicts import Document, Issuance, Standing
from services.records import credentials, letters
from services.records import issuer_keys as key_rows
from services.records.credentials import Issued
from services.records.database import Database
from services.records.tables.credentials import CredentialState, KeyState

STANDINGS = {
    CredentialState.ACTIVE: Standing.ACTIVE,
    CredentialState.SUSPENDED: Standing.SUSPENDED,
    CredentialState.SUPERSEDED: Standing.WITHDRAWN,
    CredentialState.REVOKED: Standing.WITHDRAWN,
}


class IssuedHere:
    """The lookup of `documents.verification` in the issuance log of this installation."""

    keeps_log = True

    def __init__(self, database: Database, issuer: Issuer) -> None:
        self._database, self._issuer = database, issuer

    async def issuance(self, credential_id: str) -> Issuance | None:
        """What was recorded of a credential named `urn:uuid:…`, or None."""
        try:
            wanted = UUID(credential_id.removeprefix("urn:uuid:"))
        except ValueError:
            return None
        return await self._find(credential_id=wanted)

    async def by_code(self, code: str) -> Issuance | None:
        """What was recorded under a code, in its stored form, or None."""
        return await self._find(code=code)

    async def did_document(self, did: str) -> Document:
        """Our own DID document. Raises `Unreachable` for another's."""
        if did != self._issuer.did:
            raise Unreachable("not_found", did)
        return await did_document(self._database, self._issuer)

    async def status_list(self, url: str) -> Document:
        """Our own list at `url`. Raises `Unreachable`."""
        own = f"{self._issuer.base_url}/status/revocation/"
        number = numerals.read(url.removeprefix(own))
        if not url.startswith(own) or number is None:
            raise Unreachable("not_found", url)
        async with self._database.reading() as session:
            document = await credentials.list_document(session, number)
        if document is None:
            raise Unreachable("not_found", url)
        return document

    async def _find(self, *, code: str | None = None, credential_id: UUID | None = None) -> Issuance | None:
        async with self._database.reading() as session:
            found = await credentials.issued(session, code=code, credential_id=credential_id)
            if found is None:
                return None
            key = await key_rows.one(session, found.intent.key_id)
            carried = await letters.naming(session, found.credential.claim_id)
        if key is None:
            raise Unreachable("not_found", found.intent.key_id)
        return _issuance(found, key.public_key, key.state, {letter.sha256 for letter in carried})


def _issuance(found: Issued, public_key: str, key_state: KeyState, carried: set[str]) -> Issuance:
    credential = found.credential
    return Issuance(
        document=msgspec.json.decode(credential.document),
        hash_data=bytes.fromhex(found.intent.hash_data),
        public_key=bytes.fromhex(public_key),
        letters=frozenset(carried),
        key_compromised=key_state is KeyState.COMPROMISED,
        standing=STANDINGS[credential.state],
        withdrawn_at=credential.revoked_at,
        replaced_by=found.replaced_by,
    )


async def did_document(database: Database, issuer: Issuer) -> dict[str, Any]:
    """The DID document that we publish. Raises `Unreachable` before the first key is registered."""
    async with database.reading() as session:
        rows = await key_rows.published(session, issuer=issuer.did)
    if not rows:
        raise Unreachable("not_found", issuer.did)
    return keys.did_document(
        issuer.did, [keys.IssuerKey(bytes.fromhex(row.public_key), keys.KeyState(row.state.value)) for row in rows]
    )


def did_path(issuer: Issuer) -> str:
    """The path at which the DID document of `issuer` is looked for."""
    return urlsplit(keys.document_url(issuer.did)).path
