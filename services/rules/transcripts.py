"""A transcript of sound or film, and the captions in it: only times that its writer gave become times of captions.

A line that begins with a time begins a caption ("1:05 I open the valve"), which stays until the next one. Files of
captions (WebVTT, SubRip) say the end too ("00:01:05,000 --> 00:01:08,000") and are understood when pasted.
Source: interface design, sections 6 and 13; WebVTT 1.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

LONGEST = 20_000
"""Characters of a transcript: more than twenty minutes of speech."""

LAST = 100 * 3_600_000 - 1
"""Milliseconds at which a caption without an end goes: after the end of whatever is played."""

MOMENT = r"(?:(\d{1,2}):)?(\d{1,3}):([0-5]\d)(?:[.,](\d{1,3}))?"
BEGINS = re.compile(rf"[\[(]?{MOMENT}[\])]?(?:\s*[-–—:])?(?:\s+(.*))?")
SPAN = re.compile(rf"{MOMENT}\s+-->\s+{MOMENT}(?:\s.*)?")
PARTS = 4
"""Groups of `MOMENT`: hours, minutes, seconds, thousandths."""


@dataclass(frozen=True, slots=True)
class Caption:
    """What is said from `start` to `end`, in milliseconds."""

    start: int
    end: int
    text: str


@dataclass(slots=True)
class _Open:
    """A caption while its lines are read; `end` is None where the writer gave none."""

    start: int
    end: int | None
    lines: list[str]


def captions(transcript: str) -> tuple[Caption, ...]:
    """The captions of a transcript in the order of their times; none where it gives no times."""
    found = sorted(_read(transcript), key=lambda one: one.start)
    after = [next_.start for _, next_ in pairwise(found)] + [LAST]
    made = (
        Caption(one.start, next_start if one.end is None else one.end, "\n".join(one.lines))
        for one, next_start in zip(found, after, strict=False)
        if one.lines
    )
    return tuple(one for one in made if one.end > one.start)


def _read(transcript: str) -> list[_Open]:
    found: list[_Open] = []
    current: _Open | None = None
    for line in map(str.strip, transcript.splitlines()):
        if span := SPAN.fullmatch(line):
            parts = span.groups()
            current = _Open(_moment(parts[:PARTS]), _moment(parts[PARTS:]), [])
            found.append(current)
        elif begins := BEGINS.fullmatch(line):
            *when, text = begins.groups()
            current = _Open(_moment(when), None, [text] if text else [])
            found.append(current)
        elif not line:
            # What follows an empty line after a whole caption is the number of the next one, or a remark.
            current = current if current and current.end is None else None
        elif current:
            current.lines.append(line)
    return found


def _moment(parts: Sequence[str | None]) -> int:
    hours, minutes, seconds, thousandths = parts
    whole = (int(hours or 0) * 60 + int(minutes or 0)) * 60 + int(seconds or 0)
    return whole * 1000 + int((thousandths or "").ljust(3, "0"))


def webvtt(shown: tuple[Caption, ...]) -> str:
    """Captions as browsers read them; what people wrote is text in it, never markup."""
    return (
        "\n\n".join(["WEBVTT", *(f"{_said(one.start)} --> {_said(one.end)}\n{_plain(one.text)}" for one in shown)])
        + "\n"
    )


def _said(moment: int) -> str:
    seconds, thousandths = divmod(moment, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{thousandths:03}"


def _plain(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
