"""The bytes of letters: the signed credentials that travel inside, and where a letter is kept."""

import json
from collections.abc import Iterable, Mapping
from uuid import UUID

from services.documents.letters import Attached
from services.records import blobs
from services.records.tables.credentials import Credential
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


async def kept(store: blobs.Blobs, content: bytes) -> blobs.Stored:
    """The bytes of a letter, kept among the blobs."""
    async with store.incoming() as incoming:
        for start in range(0, len(content), CHUNK):
            await incoming.write(content[start : start + CHUNK])
        return await incoming.keep()
