"""The public halves of the signing keys: what is published for verifiers, and which one signs now."""

from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import audit
from services.records.tables.credentials import IssuerKey, KeyState


class NoKeyError(Exception):
    """No signing key is registered yet; the effects worker registers its key when it starts."""


async def register(session: AsyncSession, *, kid: str, issuer: str, public_key: bytes, now: datetime) -> None:
    """Publish the key that signs from now on; the one before it is retired and goes on verifying what it signed."""
    present = await session.get(IssuerKey, kid)
    if present is not None:
        return
    for key in await published(session, issuer=issuer):
        if key.state is KeyState.ACTIVE:
            key.state = KeyState.RETIRED
    session.add(IssuerKey(id=kid, issuer=issuer, public_key=public_key.hex(), state=KeyState.ACTIVE, since=now))
    await session.flush()
    await audit.log(session, stream="system", actor="system", action="issuer_key_registered", subject=kid, now=now)


async def active(session: AsyncSession, *, issuer: str) -> IssuerKey:
    """The key that signs now. Raises `NoKeyError`."""
    for key in await published(session, issuer=issuer):
        if key.state is KeyState.ACTIVE:
            return key
    raise NoKeyError(issuer)


async def published(session: AsyncSession, *, issuer: str) -> list[IssuerKey]:
    """Every key of the issuer, newest first; a compromised one must not be published any longer."""
    rows = await session.exec(select(IssuerKey).where(col(IssuerKey.issuer) == issuer).order_by(col(IssuerKey.since)))
    return list(rows)[::-1]


async def one(session: AsyncSession, kid: str) -> IssuerKey | None:
    """The key of this id, or None."""
    return await session.get(IssuerKey, kid)
