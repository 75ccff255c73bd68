"""The bytes of letters: the signed credentials that travel inside, and where a letter is kept."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from services.documents.letters import Attached, Letter
from services.records import blobs
from services.records import letters as rows
from services.records.database import Database
from services.records.lapses import Lapsed
from services.records.tables.credentials import Credential
from services.records.tables.decisions import Decision
from services.rules.programmes import Language, Text

CHUNK = 1 << 16


def attached(issued: Iterable[Credential], titles: Mapping[UUID, Text], language: Language) -> list[Attached]:
    """Each credential as a file, called by its code; `titles` by claim."""
    return [
        Attached(
            f"{one.code}.json",
            json.dumps(json.loads(one.document), ensure_ascii=True, separators=(",", ":")).encode(),
            titles[one.claim_id].in_(language),
        )
        for one in issued
    ]


async def keep(
    database: Database, store: blobs.Blobs, letter: Letter, content: bytes, *, about: Decision | Lapsed, now: datetime
) -> None:
    """Keep a drafted letter: its bytes among the blobs, then its row; the first of a language stays the letter."""
    async with store.incoming() as incoming:
        for start in range(0, len(content), CHUNK):
            await incoming.write(content[start : start + CHUNK])
        stored = await incoming.keep()
    async with database.writing() as session:
        await rows.keep(
            session,
            about=about,
            language=letter.language.value,
            kind=letter.kind.value,
            number=letter.number,
            sha256=stored.sha256,
            size=stored.size,
            now=now,
        )
