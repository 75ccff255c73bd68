"""What every handler may ask for: the parts that the composition was given, under the names that handlers use."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from litestar.connection import ASGIConnection
from litestar.di import NamedDependency, Provide
from litestar.params import SkipValidation
from litestar.types import Scope
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api import requests, uploads
from services.api.misses import Misses
from services.api.previews import Previews
from services.documents.outside_hashes import OutsideHashes
from services.records.blobs import Blobs
from services.records.database import Database
from services.records.passwords import Passwords
from services.settings import Settings
from services.workflows.desk import Desk

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class House:
    """The parts of a running API; one per application, made by whoever composes it."""

    settings: Settings
    database: Database
    desk: Desk
    blobs: Blobs
    passwords: Passwords
    hashes: OutsideHashes
    clock: Clock
    trusted: tuple[requests.Network, ...]
    misses: Misses
    previews: Previews = field(default_factory=Previews)
    slots: uploads.Slots = field(default_factory=uploads.Slots)
    locks: uploads.Locks = field(default_factory=uploads.Locks)

    @property
    def base_url(self) -> str:
        """Our public address, without a slash at the end."""
        return self.settings.base_url.rstrip("/")

    @property
    def evidence_origin(self) -> str:
        """Where browsers fetch files from, if that is not here."""
        return self.settings.evidence_origin.rstrip("/")

    @property
    def secure(self) -> bool:
        """Whether the public address is https; otherwise it is loopback, as the settings make sure."""
        return self.base_url.startswith("https://")


AnyConnection = ASGIConnection[Any, Any, Any, Any]

TheHouse: TypeAlias = NamedDependency[SkipValidation[House]]
Writing: TypeAlias = NamedDependency[SkipValidation[AsyncSession]]
"""A transaction that commits before the answer leaves: a commit that fails is answered as a failure."""
Reading: TypeAlias = NamedDependency[SkipValidation[AsyncSession]]
Now: TypeAlias = NamedDependency[datetime]


def of(scope: Scope) -> House:
    """The house that answers this request."""
    house: House = scope["litestar_app"].state.house
    return house


def dependencies(house: House) -> dict[str, Provide]:
    """What handlers name: `house`, `now`, `writing`, `reading`."""

    async def writing() -> AsyncIterator[AsyncSession]:
        async with house.database.writing() as session:
            yield session

    async def reading() -> AsyncIterator[AsyncSession]:
        async with house.database.reading() as session:
            yield session

    def now() -> datetime:
        return house.clock()

    return {
        "house": Provide(lambda: house, sync_to_thread=False),
        "now": Provide(now, sync_to_thread=False),
        "writing": Provide(writing),
        "reading": Provide(reading),
    }
