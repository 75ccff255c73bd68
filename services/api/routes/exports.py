"""Everything that is held of a person, for that person: one ZIP with data that programs read, and the original files.

What stands in it is what the API answers its owner, by the very functions that answer: nothing here decides anew who
may see what. Source: security design, section 10 (access and portability).
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Router, get
from litestar.response import Stream
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api import portraits
from services.api.access import Who
from services.api.house import House, Now, TheHouse
from services.api.routes import (
    accommodations,
    appeals,
    appointments,
    attestations,
    cases,
    evidence,
    evidence_files,
    judgements,
    letters,
    messages,
    portfolio,
)
from services.documents import archives, credential_codes
from services.documents.archives import Entry
from services.records import baselines, belongings, dossier, self_identification, sponsors, surveys, ties
from services.records import cases as case_rows
from services.records import evidence as evidence_rows
from services.records import letters as letter_rows
from services.records.blobs import Blobs
from services.records.tables.cases import Case
from services.rules import conversations
from services.rules.people import Action, Answer, Caller, CaseFacts, on_a_case
from services.rules.refusals import Refused


@dataclass(slots=True)
class Gathered:
    """What goes into the archive: the data by their names, the files by where their bytes lie, and what stays out."""

    data: dict[str, object] = field(default_factory=dict)
    files: list[tuple[str, datetime, str]] = field(default_factory=list)
    left_out: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Looking:
    """Who reads which case of theirs."""

    session: AsyncSession
    house: House
    case: Case
    caller: Caller
    facts: CaseFacts
    now: datetime

    @property
    def to_case(self) -> dict[str, Any]:
        """What most answers ask for."""
        return {"caller": self.caller, "facts": self.facts}


Part = Callable[[_Looking], Awaitable[object]]


async def _thread(looking: _Looking) -> object:
    """Every thread that the learner reads, from its first message."""
    found: dict[str, list[messages.MessageView]] = {}
    for thread in conversations.readable(looking.facts.ties):
        after: UUID | None = None
        said = found.setdefault(thread.value, [])
        while True:
            page = await messages.thread_of(
                looking.session, looking.case.id, **looking.to_case, thread=thread, after=after
            )
            said += page.messages
            after = page.next
            if after is None:
                break
    return found


PARTS: dict[str, tuple[Action, Part]] = {
    "case": (
        Action.SEE_CASE,
        lambda one: portraits.of_case(one.session, one.case.id, **one.to_case, now=one.now),
    ),
    "answers": (Action.SEE_PORTFOLIO, lambda one: portfolio.answered(one.session, one.case.id, **one.to_case)),
    "employers": (Action.SEE_PORTFOLIO, lambda one: dossier.employers(one.session, one.case.id)),
    "evidence": (
        Action.SEE_EVIDENCE,
        lambda one: evidence.listed(one.session, one.case.id, **one.to_case, now=one.now),
    ),
    "requests": (Action.SEE_REQUESTS, lambda one: attestations.asked(one.session, one.case.id)),
    "appointments": (
        Action.SEE_APPOINTMENTS,
        lambda one: appointments.listed(one.session, one.case.id, **one.to_case),
    ),
    "arranged": (
        Action.SEE_ARRANGED,
        lambda one: accommodations.portrayed(one.session, one.case.id, facts=one.facts),
    ),
    "messages": (Action.READ_MESSAGES, _thread),
    "judgements": (
        Action.SEE_JUDGEMENTS,
        lambda one: judgements.readable(one.session, one.case.id, facts=one.facts),
    ),
    "letters": (Action.SEE_LETTER, lambda one: letters.readable(one.session, one.case.id)),
    "credentials": (Action.SEE_LETTER, lambda one: letters.held(one.session, one.house, one.case.id)),
    "appeals": (Action.SEE_APPEALS, lambda one: appeals.shown(one.session, one.case.id, facts=one.facts)),
    "timeline": (Action.SEE_TIMELINE, lambda one: cases.steps(one.session, one.case.id, facts=one.facts)),
}
"""What is told of a case, and the right without which it is not: the one that the API's own answer asks for."""


async def gathered(session: AsyncSession, house: House, caller: Caller, *, now: datetime) -> Gathered:
    """Everything of a person, in one look; the bytes of files are only named."""
    person = UUID(caller.id)
    found = Gathered()
    found.data["account"] = await dossier.person(session, person)
    found.data["agreements"] = await belongings.consents(session, person)
    found.data["shown"] = await belongings.shares(session, person)
    found.data["sponsors"] = await sponsors.of_person(session, person)
    found.data["surveys"] = await surveys.invitations_of(session, person)
    found.data["self-identification"] = await self_identification.of_person(session, person)
    found.data["log"] = await belongings.acts(session, person)
    for case in reversed(await case_rows.of_learner(session, person)):
        facts = await ties.ties(session, case_id=case.id, caller=caller)
        looking = _Looking(session, house, case, caller, facts, now)
        for name, (action, part) in PARTS.items():
            if on_a_case(action, facts) is Answer.ALLOWED:
                found.data[f"cases/{case.number}/{name}"] = await part(looking)
        if (work := await baselines.of_case(session, case.id)) is not None:
            found.data[f"cases/{case.number}/beginning"] = {"work": work}
        await _files(looking, found)
    found.data["left-out"] = found.left_out
    return found


async def _files(looking: _Looking, found: Gathered) -> None:
    session, case = looking.session, looking.case
    folder = f"cases/{case.number}"
    for number, shown in enumerate(await evidence_rows.of_case(session, case.id), start=1):
        try:
            await evidence_files.check_seal(session, case.id, shown, facts=looking.facts)
        except Refused as refused:
            found.left_out.append({"file": shown.name, "because": refused.code})
            continue
        name = f"{folder}/evidence/{number:02}-{archives.safe(shown.name)}"
        found.files.append((name, shown.received_at, shown.sha256))
    for number, item in enumerate(await belongings.taken_out(session, case), start=1):
        name = f"{folder}/evidence-taken-out/{number:02}-{archives.safe(item.name)}"
        found.files.append((name, item.received_at, item.sha256))
    for met in await appointments.listed(session, case.id, caller=looking.caller, facts=looking.facts):
        for number, kept in enumerate(met.files, start=1):
            name = f"{folder}/appointments/{met.id}/{number:02}-{archives.safe(kept.name)}"
            found.files.append((name, kept.received_at, kept.sha256))
    if on_a_case(Action.SEE_LETTER, looking.facts) is not Answer.ALLOWED:
        return
    for row in await letter_rows.released_of(session, case.id):
        released = row.released_at or row.drafted_at
        found.files.append((f"{folder}/letters/{row.number}-{row.language}.pdf", released, row.sha256))
    for credential in await belongings.documents(session, case.id):
        code = credential_codes.display(credential.code)
        found.data[f"{folder}/credentials/{code}"] = msgspec.Raw(credential.document.encode())


@get(
    "/export",
    opt={"action": Action.OWN_ACCOUNT},
    operation_id="export_me",
    summary="Everything that is held of oneself",
    description="A ZIP: `account.json`, a folder per case with its data as JSON, the original files, letters and "
    "credentials; `left-out.json` names what is not in it and why.",
)
async def export(caller: Who, house: TheHouse, now: Now) -> Stream:
    """Sent while it is written, so that it may be large; that it was asked for is noted first."""
    async with house.database.reading() as session:
        found = await gathered(session, house, caller, now=now)
    for file in list(found.files):
        if not await house.blobs.exists(file[2]):
            found.files.remove(file)
            found.left_out.append({"file": file[0], "because": "unavailable"})
    async with house.database.writing() as session:
        await belongings.taken_along(session, UUID(caller.id), now=now)
    name = f"acquis-{now:%Y-%m-%d}.zip"
    return Stream(
        archives.written(_entries(found, house.blobs, now=now)),
        media_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"},
    )


def _entries(found: Gathered, blobs: Blobs, *, now: datetime) -> list[Entry]:
    told = [Entry(f"{name}.json", now, _written(content), text=True) for name, content in found.data.items()]
    return told + [Entry(name, at, _bytes(blobs, sha256)) for name, at, sha256 in found.files]


def _written(content: object) -> AsyncIterator[bytes]:
    """Data as people can read them too; what was signed stays as it was signed."""
    encoded = msgspec.json.encode(content)
    return archives.once(encoded if isinstance(content, msgspec.Raw) else msgspec.json.format(encoded, indent=2))


async def _bytes(blobs: Blobs, sha256: str) -> AsyncIterator[bytes]:
    """The bytes of a file, asked for when its turn comes."""
    async for piece in blobs.read(sha256):
        yield piece


def router() -> Router:
    """The one route of taking everything along."""
    return Router("/api/v1/me", route_handlers=[export], tags=["accounts"])
