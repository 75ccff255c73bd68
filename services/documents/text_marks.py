"""Asks the killable child for the marks of a file's text, by which texts that are nearly the same are found.

Only kinds whose words lie open are read. A PDF's do not: its fonts say what its signs mean.
"""

import json
import sys
from collections.abc import AsyncIterator

from services.documents import children, text_child

KINDS = frozenset({"txt", *text_child.PARTS})
WALL_SECONDS = 60.0


async def of(kind: str, content: AsyncIterator[bytes]) -> tuple[int, ...]:
    """The marks of a file of one of `KINDS`; none where its text is short, or cannot be read within the limits."""
    command = (sys.executable, "-I", "-m", text_child.__name__, kind)
    answer = await children.ask(command, content, wall_seconds=WALL_SECONDS)
    return tuple(json.loads(answer.written)) if answer is not None and answer.code == 0 else ()
