"""How the tests of third parties ask, open links and answer."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import attestation_asking, attestation_links, attestations, cases, statements
from services.records.attestation_asking import Named
from services.records.blobs import Stored
from services.records.database import Database
from services.records.tables.attestations import AttestationRequest
from services.records.tables.cases import Case
from services.rules.attestations import Observation, Relation, Seen, Statement
from tests.records import makers
from tests.records.makers import NOW

CONSENT = "2026-1"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that went out, and the token of its link."""

    case_id: UUID
    request_id: UUID
    token: str


def named(*about: UUID, **changes: Any) -> Named:  # noqa: ANN401 - any field
    """Somebody who supervised the learner."""
    somebody = Named(
        "Sample Supervisor", "Garderie Soleil", Relation.SUPERVISOR, "boss@garderiesoleil.example", "en", about
    )
    return replace(somebody, **changes)


async def ask(session: AsyncSession, of: Case, *, now: datetime = NOW, **changes: Any) -> AttestationRequest:  # noqa: ANN401 - any field
    """Ask somebody about every claim of the case."""
    claims = [claim.id for claim in await makers.claims(session, of)]
    return await attestation_asking.ask(
        session, case_id=of.id, learner=of.learner_id, named=named(*claims, **changes), consent=CONSENT, now=now
    )


async def link(session: AsyncSession, request: AttestationRequest, *, now: datetime = NOW) -> str:
    """The token of a link, as the mail makes it."""
    return await attestation_links.make(session, request, now=now)


async def asked(database: Database, case_id: UUID, *, now: datetime = NOW, **changes: Any) -> Asked:  # noqa: ANN401 - any field
    """Somebody who was asked, and their link."""
    async with database.writing() as session:
        request = await ask(session, await cases.get(session, case_id), now=now, **changes)
        return Asked(case_id, request.id, await link(session, request, now=now))


def statement(*seen: str, **changes: Any) -> Statement:  # noqa: ANN401 - any field
    """A whole statement that saw the competencies `seen`."""
    whole = Statement(
        name="Sample Supervisor",
        position="Foreman",
        organisation="Garderie Soleil",
        relation=Relation.SUPERVISOR,
        how_observed="Every week, on the floor.",
        since=date(2023, 1, 1),
        observations=tuple(
            Observation(key, Seen.SEEN_OFTEN if key in seen else Seen.NOT_SEEN, "x" * 40 if key in seen else "")
            for key in ("first", "second")
        ),
        declaration="2026-1",
    )
    return replace(whole, **changes)


def stored(words: str = "statement") -> Stored:
    """The bytes of a statement, as if they were kept."""
    return Stored(sha256(words.encode()).hexdigest(), len(words))


async def submit(
    database: Database, token: str, said: Statement | None = None, *, same_device: bool = False, now: datetime = NOW
) -> None:
    """Send the form."""
    async with database.writing() as session:
        await statements.submit(
            session, token, said or statement("first"), stored=stored(token), same_device=same_device, now=now
        )


async def answer(database: Database, asked: Asked, *, now: datetime = NOW) -> None:
    """Send a whole form about whatever was asked, of which the first thing was seen."""
    async with database.reading() as session:
        keys = list((await attestation_links.form(session, asked.token, now=now)).competencies)
    said = statement(
        observations=tuple(
            Observation(key, Seen.NOT_SEEN if number else Seen.SEEN_OFTEN, "" if number else "x" * 40)
            for number, key in enumerate(keys)
        )
    )
    await submit(database, asked.token, said, now=now)


async def request(database: Database, asked: Asked) -> AttestationRequest:
    """The request as it stands."""
    async with database.reading() as session:
        return await attestations.get(session, case_id=asked.case_id, request_id=asked.request_id)
