"""Reads the words of one file and answers the marks of its text, in a process of its own that may be killed.

The kind is the argument, the file comes on standard input, the marks leave as JSON on standard output; any exit code
but zero says that the file could not be read. No word leaves the process.
Source: security design, sections 5.5 and 5.7.
"""

import io
import json
import resource
import sys
import zipfile
from xml.parsers import expat

MEMORY = 512 * 1024 * 1024
PROCESSOR_SECONDS = 20
CHUNK = 64 * 1024
INFLATED = 64 * 1024 * 1024
"""Bytes of a document's one part with words; what unpacks to more is not read."""

PARTS = {"docx": "word/document.xml", "odt": "content.xml"}
WORDS_IN = {"docx": frozenset({"t"}), "odt": frozenset({"p", "h", "span", "a"})}
"""The elements whose own characters are words; of a deleted word or of a field's code Word keeps other elements."""

BREAKS = frozenset({"p", "h", "tab", "br", "cr", "s", "line-break"})
"""The elements at which a word ends."""


class Unreadable(Exception):  # noqa: N818 - an answer, not a fault of ours
    """The file is not what its kind says, or holds what no honest one does."""


def main() -> None:
    """Answer for one file."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from services.rules import likeness

    json.dump(likeness.marks(text(sys.argv[1], sys.stdin.buffer.read())), sys.stdout)


def text(kind: str, content: bytes) -> str:
    """The words of a file. Raises `Unreadable`, or what the libraries raise on what is broken."""
    if kind in PARTS:
        return _of_office(content, PARTS[kind], WORDS_IN[kind])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _of_office(content: bytes, part: str, words_in: frozenset[str]) -> str:
    pieces: list[str] = []
    within: list[str] = []

    def begin(name: str, _: dict[str, str]) -> None:
        within.append(name.rpartition(" ")[2])

    def end(_: str) -> None:
        if within.pop() in BREAKS:
            pieces.append(" ")

    def say(characters: str) -> None:
        if within[-1] in words_in:
            pieces.append(characters)

    def refuse(*_: object) -> None:
        raise Unreadable("a document type")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = say, refuse
    with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(part) as opened:
        left = INFLATED
        while chunk := opened.read(CHUNK):
            left -= len(chunk)
            if left < 0:
                raise Unreadable("too large")
            parser.Parse(chunk)
    parser.Parse(b"", True)  # noqa: FBT003 - the parser takes it by place only
    return "".join(pieces)


if __name__ == "__main__":
    main()
