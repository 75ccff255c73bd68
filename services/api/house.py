"""What every handler may ask for: the parts that the composition was given, under the names that handlers use."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeAlias

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
from services.rules.programmes import Text
from services.settings import Settings
from services.workflows.desk import Desk
from services.workflows.relay import Heard

Clock = Callable[[], datetime]


class Examined(Protocol):
    """One thing that was looked at on the machine: its name, fine, note or fault, and what is to be said of it."""

    @property
    def name(self) -> Text:
        """What was looked at."""

    @property
    def state(self) -> str:
        """`fine`, `note` or `fault`."""

    @property
    def says(self) -> Text:
        """A sentence, with what to do where something is wrong."""


Examine = Callable[[], Awaitable[Sequence[Examined]]]
"""Examines this machine, as `acquis doctor` does; given by whoever composes the process."""


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
    heard: Heard
    examine: Examine | None = None
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
