"""Sound that can be played, for pages that show some."""

import io
import wave

from services.records.blobs import Stored
from tests.api.kit import Api


def silence(seconds: int) -> bytes:
    """A sound of that length."""
    kept = io.BytesIO()
    with wave.open(kept, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(8000)
        sound.writeframes(b"\x80" * 8000 * seconds)
    return kept.getvalue()


async def kept(api: Api, content: bytes) -> Stored:
    """Bytes where evidence lies."""
    async with api.blobs.incoming() as incoming:
        await incoming.write(content)
        return await incoming.keep()


async def recording(api: Api) -> dict[str, object]:
    """What the row of a piece of evidence says of a recording with a transcript that holds times."""
    stored = await kept(api, silence(3))
    words = {"title": "What I heard", "transcript": "0:01 The pump starts.\n0:02 <i>It</i> runs.", "language": "fr"}
    file = {"name": "voice.wav", "file_kind": "wav", "media_type": "audio/wav"}
    return {"sha256": stored.sha256, "size": stored.size} | file | words
