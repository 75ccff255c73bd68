"""Sign and verify a credential, beside raw canonicalisation and Ed25519. `python -m benchmarks.credentials`."""

import asyncio
import hashlib
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from benchmarks.figure import Figure, paired_async
from services.documents import badge_profile, contexts, proofs
from tests.documents import credential_makers as makers

CREATED = datetime(2026, 11, 20, 14, 0, 5, tzinfo=UTC)


def _canonical(document: dict[str, Any]) -> bytes:
    """The limit: what the library does alone."""
    from pyld import jsonld

    options = {
        "algorithm": "URDNA2015",
        "format": "application/n-quads",
        "documentLoader": contexts.load,
        "base": "https://relative.invalid/",
    }
    return str(jsonld.normalize(document, options)).encode()


async def measure() -> None:
    """Print two lines."""
    key = Ed25519PrivateKey.generate()
    document = makers.unsigned()
    signer = makers.signer()
    options = proofs.options_for(document, created=CREATED, verification_method=signer.kid)
    secured = await proofs.sign(document, options, signer)
    public_key = signer.public_key

    async def sign() -> object:
        badge_profile.check(document)
        return await proofs.sign(document, options, signer)

    async def raw() -> object:
        both = b"".join(hashlib.sha256(_canonical(one)).digest() for one in (options, document))
        return key.sign(both)

    async def verify() -> object:
        return proofs.verify(secured, public_key)

    async def raw_verify() -> None:
        both = b"".join(hashlib.sha256(_canonical(one)).digest() for one in (options, document))
        key.public_key().verify(key.sign(both), both)

    for name, pair in (("sign", (sign, raw)), ("verify", (verify, raw_verify))):
        ours, limit = await paired_async(*pair, rounds=25)
        print(Figure(f"credential, {name}", ours, limit, unit="ms", wanted=0.90).line())


if __name__ == "__main__":
    asyncio.run(measure())
