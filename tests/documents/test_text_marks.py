"""The marks of a file are those of its words, whatever they are packed in; what cannot be read has none."""

import io
import zipfile
from collections.abc import AsyncIterator
from html import escape

import pytest

from services.demo import evidence_files
from services.documents import text_child, text_marks
from services.rules import likeness

SAID = [f"On day {day} I checked guard {day * 7}, « ended » shift {day * 3} & wrote it down." for day in range(1, 13)]
MARKS = likeness.marks("\n".join(SAID))


def odt(paragraphs: list[str], *, prologue: str = "") -> bytes:
    """The one part of an OpenDocument text that holds its words."""
    office = "urn:oasis:names:tc:opendocument:xmlns:"
    lines = "".join(f"<t:p>{escape(one).replace(' ', '<t:s/>', 1)}</t:p>" for one in paragraphs)
    content = f'<o:c xmlns:o="{office}office:1.0" xmlns:t="{office}text:1.0">{lines}<o:x>not words</o:x></o:c>'
    return packed("content.xml", (prologue + content).encode())


def packed(name: str, content: bytes) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return into.getvalue()


async def chunks(content: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(content), 1000):
        yield content[at : at + 1000]


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("txt", "\r\n".join(SAID).encode()),
        ("docx", evidence_files.docx(SAID[0], SAID[1:])),
        ("odt", odt(SAID)),
    ],
)
async def test_the_same_words_have_the_same_marks_in_every_kind(kind: str, content: bytes) -> None:
    assert len(MARKS) == likeness.MARKS
    assert await text_marks.of(kind, chunks(content)) == MARKS


async def test_what_is_broken_or_takes_too_long_has_no_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await text_marks.of("docx", chunks(b"PK\x03\x04 and nothing else")) == ()
    monkeypatch.setattr(text_marks, "WALL_SECONDS", 0.0)
    assert await text_marks.of("odt", chunks(odt(SAID))) == ()


def test_old_encodings_are_read() -> None:
    assert text_child.text("txt", "\ufeffété".encode()) == text_child.text("txt", "été".encode("cp1252")) == "été"


def test_a_document_type_and_a_part_that_unpacks_to_too_much_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert text_child.text("odt", odt(SAID)).split() == " ".join(SAID).split()
    with pytest.raises(text_child.Unreadable, match="document type"):
        text_child.text("odt", odt(SAID, prologue='<!DOCTYPE c [<!ENTITY a "b">]>'))
    monkeypatch.setattr(text_child, "INFLATED", 100)
    with pytest.raises(text_child.Unreadable, match="too large"):
        text_child.text("odt", odt(SAID))
