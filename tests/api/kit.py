"""The API in this process, with everything that a test asks of it, and people who are signed in."""

import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, wraps
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import httpx
from litestar import Litestar

from services import doctor
from services.api import app as composition
from services.api.misses import Misses
from services.documents import issuer_keys
from services.documents.achievements import Issuer
from services.documents.issuer_keys import FileSigner
from services.documents.outside_hashes import OutsideHashes
from services.records import blobs as stores
from services.records import cases, passwords, sessions
from services.records.blobs import Blobs
from services.records.database import Database
from services.records.tables.people import Person
from services.rules.programmes import Text
from services.settings import Settings
from services.workflows.desk import Desk
from services.workflows.issuing import Issuing
from tests.api import desks
from tests.records import makers
from tests.records.moving import People
from tests.records.prepared import prepared

BASE = "http://localhost:8000"
ISSUER = Issuer("did:web:localhost%3A8000", BASE)
HERE = {"Origin": BASE}
"""What a browser says of a page of ours."""


@dataclass(slots=True)
class Clock:
    """A clock that a test moves."""

    now: datetime = makers.NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)


Headers = dict[UUID, dict[str, str]]
"""By person, the header of a session of theirs."""


@dataclass(slots=True)
class Api:
    """A running API; `http` speaks as nobody, `as_` gives the header of somebody; files are kept in `folder`."""

    app: Litestar
    http: httpx.AsyncClient
    database: Database
    blobs: Blobs
    desk: Desk
    clock: Clock
    hashing: passwords.Passwords
    folder: Path
    headers: Headers = field(default_factory=dict)

    async def as_(self, person: Person) -> dict[str, str]:
        """The header of a session of `person`."""
        if person.id not in self.headers:
            async with self.database.writing() as session:
                token = await sessions.start(session, person.id, now=self.clock())
            self.headers[person.id] = {"Authorization": f"Bearer acq_{token}"}
        return self.headers[person.id]

    async def get(self, path: str, who: Person | None = None, **headers: str) -> httpx.Response:
        """What `who` finds at `path` below `/api/v1`."""
        return await self.http.get(f"/api/v1{path}", headers=(await self.as_(who) if who else {}) | headers)

    async def write(
        self, method: str, path: str, who: Person, body: object | None = None, **headers: str
    ) -> httpx.Response:
        """What `who` is answered for `body`."""
        return await self.http.request(method, f"/api/v1{path}", headers=await self.as_(who) | headers, json=body)

    async def command(
        self, case_id: object, kind: str, who: Person, body: object | None = None, *, version: int | None = None
    ) -> httpx.Response:
        """What `who` is answered for a command, at the case's present version unless one is said."""
        if version is None:
            version = await self.version(case_id)
        path = f"/cases/{case_id}/{kind.replace('_', '-')}"
        return await self.write("POST", path, who, body, **{"If-Match": f'"{version}"'})

    async def version(self, case_id: object) -> int:
        """The version at which the case stands."""
        async with self.database.reading() as session:
            return (await cases.get(session, UUID(str(case_id)))).version


def settings(**changes: Any) -> Settings:  # noqa: ANN401 - any setting
    """The settings of one machine."""
    return Settings(**({"base_url": BASE} | changes))


def cheap() -> passwords.Passwords:
    """Passwords that cost nothing to hash."""
    return passwords.argon2id(rounds=1, memory_kib=8, lanes=1)


def issuer_at(base: str) -> Issuer:
    """Who signs where the pages stand at `base`."""
    return Issuer("did:web:" + base.removeprefix("http://").replace(":", "%3A"), base)


@cache
def signer_of(did: str) -> FileSigner:
    """This process's key of an issuer."""
    with tempfile.TemporaryDirectory() as folder:
        key = Path(folder) / "issuer.pem"
        issuer_keys.create(key)
        return issuer_keys.load(key, did=did)


@prepared
async def registered(database: Database, issuer: Issuer) -> None:
    """The key of `issuer` is known."""
    await Issuing(database, issuer, signer_of(issuer.did), Clock()).register()


@asynccontextmanager
async def opened(
    database: Database,
    folder: Path,
    *,
    desk: Desk | None = None,
    base: str = BASE,
    **changes: Any,  # noqa: ANN401 - any setting
) -> AsyncIterator[Api]:
    """An API over `database`, up inside the block; unless said otherwise its desk applies commands at once."""
    clock, store, issuer = Clock(), stores.connect(str(folder / "blobs")), issuer_at(base)
    direct = desks.direct(database, store, clock, issuer=issuer, signer=signer_of(issuer.did))
    await registered(database, issuer)
    changes.setdefault("base_url", base)
    hashing = cheap()
    parts = {"database": database, "desk": desk or direct, "blobs": store, "passwords": hashing, "clock": clock}
    app = _moved_in(settings(**changes), **parts, examine=_nothing_wrong)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)  # type: ignore[arg-type]  # httpx types ASGI by plain mappings
    async with httpx.AsyncClient(transport=transport, base_url=base) as http:
        yield Api(app, http, database, store, desk or direct, clock, hashing, folder / "blobs")
    hashing.close()
    _EMPTY[settings(**changes)].append(app)


Answer = TypeVar("Answer")
_AT_WORK: ContextVar[Api] = ContextVar("_AT_WORK")


def led(work: Callable[[Api, People], Awaitable[Answer]]) -> Callable[[Api, People], Awaitable[Answer]]:
    """As `prepared`, for what leads a case through an API; its sessions and files are kept beside its rows."""

    async def steps(database: Database, who: People, now: datetime) -> tuple[Answer, Headers, dict[str, bytes]]:  # noqa: ARG001 - what the answer depends on
        api = _AT_WORK.get()
        answer = await work(api, who)
        kept = {
            str(file.relative_to(api.folder)): file.read_bytes() for file in api.folder.rglob("*") if file.is_file()
        }
        return answer, api.headers, kept

    steps.__module__, steps.__qualname__ = work.__module__, work.__qualname__
    known = prepared(steps)

    @wraps(work)
    async def through(api: Api, who: People) -> Answer:
        before = _AT_WORK.set(api)
        answer, headers, kept = await known(api.database, who, api.clock())
        _AT_WORK.reset(before)
        api.headers |= headers
        for name, content in kept.items():
            file = api.folder / name
            if not file.exists():
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
        return answer

    return through


async def _nothing_wrong() -> list[doctor.Finding]:
    """What a machine says of itself on which one thing is to be known; the real examination reads this machine."""
    return [doctor.Finding(Text("mail", "courriel"), doctor.State.NOTE, Text("mails are kept", "courriels gardés"))]


_EMPTY: defaultdict[Settings, list[Litestar]] = defaultdict(list)
"""Composed applications that nobody uses now, by their settings: to compose one takes longer than most tests."""


def _moved_in(chosen: Settings, **parts: Any) -> Litestar:  # noqa: ANN401 - as `composition.create` takes them
    """An application over these parts: an empty one whose house is furnished anew, or one that is composed now."""
    waiting = _EMPTY[chosen]
    if not waiting:
        return composition.create(chosen, **parts)
    app = waiting.pop()
    house = app.state.house
    for name, part in (parts | {"hashes": OutsideHashes(), "misses": Misses(time.monotonic)}).items():
        object.__setattr__(house, name, part)  # handlers were given this very house and must not change it; we may
    return app
