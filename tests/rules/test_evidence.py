"""What may be shown: the résumé rule, the kinds of file that are taken in, their first bytes and their names."""

import io
import unicodedata
import wave
import zipfile
from collections.abc import Iterable
from datetime import date

import pytest
from hypothesis import given, settings, strategies

from services.rules import evidence, signatures
from services.rules.evidence import CLASS_OF, NEVER_ENOUGH, EvidenceClass, EvidenceKind
from services.rules.refusals import Refused
from services.rules.signatures import FILE_KINDS, HEAD, MIB, Family, FileKind
from tests.rules import makers as make

BIDI = "\u202e\u2066\u200f\u061c"


def zipped(*names: str, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name in names:
            archive.writestr(name, f"<{name}/>" * 20)
    return target.getvalue()


def open_document(media_type: str, *, method: int = zipfile.ZIP_STORED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("mimetype", media_type, compress_type=method)
        archive.writestr("content.xml", "<office/>")
    return target.getvalue()


def sound() -> bytes:
    target = io.BytesIO()
    with wave.open(target, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(bytes(160))
    return target.getvalue()


def ftyp(brand: bytes) -> bytes:
    return b"\x00\x00\x00\x18ftyp" + brand + b"\x00\x00\x00\x00isommp42"


ODF = "application/vnd.oasis.opendocument."
MP3_FRAME = b"\xff\xfb\x90\x00" + bytes(413)
"""MPEG 1 layer III, 128 kbit/s, 44.1 kHz: 417 bytes."""
MP3_LATER = b"\xff\xf3\x82\x00" + bytes(205)
"""MPEG 2 layer III, 64 kbit/s, 22.05 kHz with a byte of padding: 209 bytes."""
EBML = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm"

GENUINE: dict[str, bytes] = {
    "report.pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "photo.jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00",
    "photo.JPEG": b"\xff\xd8\xff\xe1\x00\x10Exif\x00",
    "drawing.png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    "picture.webp": b"RIFF\x24\x00\x00\x00WEBPVP8 ",
    "phone.heic": ftyp(b"heic"),
    "phone.heif": ftyp(b"mif1"),
    "scan.tif": b"II*\x00\x08\x00\x00\x00",
    "scan.tiff": b"MM\x00*\x00\x00\x00\x08",
    "moving.gif": b"GIF89a\x01\x00\x01\x00",
    "letter.docx": zipped("[Content_Types].xml", "_rels/.rels", "word/document.xml"),
    "budget.xlsx": zipped("xl/workbook.xml", "[Content_Types].xml"),
    "slides.pptx": zipped("_rels/.rels", "ppt/presentation.xml"),
    "letter.odt": open_document(ODF + "text"),
    "budget.ods": open_document(ODF + "spreadsheet"),
    "slides.odp": open_document(ODF + "presentation"),
    "notes.txt": "Compte rendu de la réunion\n".encode(),
    "hours.csv": b"\xef\xbb\xbfdate;hours\r\n2026-03-02;7\r\n",
    "voice.mp3": b"ID3\x04\x00\x00\x00\x00\x0f\x76TIT2",
    "raw.mp3": MP3_FRAME * 2,
    "later.mp3": MP3_LATER * 2,
    "memo.m4a": ftyp(b"M4A "),
    "tone.wav": sound(),
    "talk.ogg": b"OggS\x00\x02",
    "work.mp4": ftyp(b"isom"),
    "work.mov": ftyp(b"qt  "),
    "older.mov": b"\x00\x00\x00\x08wide\x00\x00\x10\x00mdat",
    "work.webm": EBML + b"\x42\x87",
}


@pytest.mark.parametrize("name", GENUINE)
def test_a_genuine_file_is_taken_for_what_it_is(name: str) -> None:
    assert evidence.agrees(evidence.kind_of_name(name), GENUINE[name])


@pytest.mark.parametrize("name", GENUINE)
def test_a_genuine_file_under_another_name_is_not(name: str) -> None:
    mine = evidence.kind_of_name(name)
    audiovisual = {"m4a", "mp4"}  # one container for both; which it is only a parser can say
    for other in FILE_KINDS:
        same = other.key == mine.key or {other.key, mine.key} <= audiovisual or {other.key, mine.key} == {"txt", "csv"}
        if not same:
            assert not evidence.agrees(other, GENUINE[name]), other.key


def kind(key: str) -> FileKind:
    return {kind.key: kind for kind in FILE_KINDS}[key]


@pytest.mark.parametrize(
    ("key", "head"),
    [
        ("pdf", b"\n%PDF-1.7"),
        ("pdf", b"<html>%PDF-1.7"),
        ("png", b"\x89PNG"),
        ("heif", ftyp(b"avif")),
        ("docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)),  # a password makes an OLE file of it
        ("docx", zipped("mimetype", "word/document.xml")),
        ("docx", zipped("[Content_Types].xml", "xl/workbook.xml")),
        ("docx", zipped("program.exe")),
        ("docx", b"PK\x05\x06" + bytes(18)),
        ("docx", b"PK\x03\x04"),
        ("odt", open_document(ODF + "text-template")),
        ("odt", open_document(ODF + "text", method=zipfile.ZIP_DEFLATED)),
        ("odt", zipped("content.xml", "mimetype", method=zipfile.ZIP_STORED)),
        ("wav", b"RIFF\x24\x00\x00\x00AVI LIST"),
        ("mp4", ftyp(b"heic")),
        ("mp4", ftyp(b"avif")),
        ("mov", ftyp(b"mp42")),
        ("webm", EBML.replace(b"\x84webm", b"\x88matroska")),
        ("mp3", MP3_FRAME),
        ("mp3", MP3_FRAME + b"not a frame"),
        ("mp3", b"\xff\xfb"),
        ("mp3", b"\xff\xfb\xf0\x00" * 400),
        ("mp3", b"\xff\xfb\x9c\x00" * 400),
        ("mp3", b"\xff\xd8\xff\xe0" * 400),
        ("mp3", b"ID3\xff\x00\x00\x00\x00\x00\x00"),
        ("txt", b"  \r\n<!DOCTYPE html>"),
        ("txt", b"\xef\xbb\xbf<svg xmlns='x'>"),
        ("txt", b"#!/bin/sh\nrm"),
        ("txt", b"{\\rtf1 hello}"),
        ("txt", b"MIME-Version: 1.0"),
        ("txt", b"MZ\x90\x00\x03"),
        ("txt", b"words\x1b[31m"),
        ("txt", b"\xff\xfeh\x00i\x00"),
        ("txt", b"\x81\x8d undefined in Windows-1252"),
        ("txt", b" \n"),
        ("csv", b"<table><tr>"),
    ],
)
def test_a_file_that_only_looks_like_its_name_is_not_taken(key: str, head: bytes) -> None:
    assert not evidence.agrees(kind(key), head)


@pytest.mark.parametrize("key", [kind.key for kind in FILE_KINDS])
def test_an_empty_file_is_of_no_kind(key: str) -> None:
    assert not evidence.agrees(kind(key), b"")


def test_a_text_may_be_cut_in_the_middle_of_a_letter_where_the_head_ends() -> None:
    text = ("a" + "Á" * HEAD).encode()  # the second byte of Á has no meaning in Windows-1252
    assert evidence.agrees(kind("txt"), text)
    assert evidence.agrees(kind("txt"), text[:HEAD])


def test_a_text_from_an_older_machine_is_read_as_windows_1252() -> None:
    assert evidence.agrees(kind("txt"), "Évaluation – « oui »".encode("cp1252"))


@given(head=strategies.binary(max_size=600))
@settings(max_examples=150, deadline=None)
def test_no_bytes_ever_break_a_signature(head: bytes) -> None:
    for each in FILE_KINDS:
        assert evidence.agrees(each, head) in {True, False}


@given(tail=strategies.binary(max_size=80), start=strategies.sampled_from([b"PK\x03\x04", b"\xff\xfb", b"RIFF", EBML]))
@settings(max_examples=100, deadline=None)
def test_no_broken_start_of_a_known_kind_breaks_a_signature(start: bytes, tail: bytes) -> None:
    for each in FILE_KINDS:
        assert evidence.agrees(each, start + tail) in {True, False}


def test_the_accepted_kinds_and_their_caps_are_those_of_the_design() -> None:
    families: dict[Family, set[str]] = {family: set() for family in Family}
    for each in FILE_KINDS:
        families[each.family] |= set(each.extensions)
    assert families == {
        Family.PDF: {"pdf"},
        Family.PICTURE: {"jpg", "jpeg", "png", "webp", "heic", "heif", "tif", "tiff", "gif"},
        Family.OFFICE: {"docx", "xlsx", "pptx", "odt", "ods", "odp"},
        Family.TEXT: {"txt", "csv"},
        Family.SOUND: {"mp3", "m4a", "wav", "ogg"},
        Family.VIDEO: {"mp4", "mov", "webm"},
    }
    caps = {family: cap // MIB for family, cap in signatures.CAP.items()}
    assert list(caps.values()) == [100, 50, 50, 5, 200, 2000]
    assert kind("png").cap == 50 * MIB
    assert len({each.key for each in FILE_KINDS}) == len(FILE_KINDS)
    assert max(len(each.key) for each in FILE_KINDS) <= 16
    assert max(len(each.media_type) for each in FILE_KINDS) <= 100


@pytest.mark.parametrize(
    ("name", "what_to_do"),
    [
        ("all.zip", "archive"),
        ("all.tar.gz", "archive"),
        ("old.DOC", "save_as_pdf"),
        ("macro.docm", "save_as_pdf"),
        ("page.html", "web_page"),
        ("logo.svg", "web_page"),
        ("data.xml", "web_page"),
        ("setup.exe", "program"),
        ("photo.pdf.exe", "program"),
        ("no extension", "other"),
        ("notes.", "other"),
        (".pdf", "other"),
        ("", "other"),
    ],
)
def test_what_is_not_taken_in_is_refused_with_what_to_do_instead(name: str, what_to_do: str) -> None:
    with pytest.raises(Refused) as refused:
        evidence.kind_of_name(name)
    assert refused.value.code == "kind_not_accepted"
    assert refused.value.facts == {"name": evidence.clean_name(name), "what_to_do": what_to_do}


def test_a_name_that_hides_its_extension_is_taken_for_what_it_is() -> None:
    with pytest.raises(Refused):
        evidence.kind_of_name("report\u202efdp.exe")
    assert evidence.kind_of_name("report\u202e.pdf").key == "pdf"


@pytest.mark.parametrize(
    ("given_", "shown"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\Sample\\report.pdf", "report.pdf"),
        ("/", "document"),
        ("..", "document"),
        ("a\x00b\r\nc.pdf", "abc.pdf"),
        ("re\u0301sume\u0301.pdf", "résumé.pdf"),
        ("اختبار.pdf", "اختبار.pdf"),
        ("ᐃᓄᒃᑎᑐᑦ.pdf", "ᐃᓄᒃᑎᑐᑦ.pdf"),
        ("<img src=x>.pdf", "<img src=x>.pdf"),
        ("line\u2028end.pdf", "lineend.pdf"),
        ("x" * 200 + ".pdf", "x" * 146 + ".pdf"),
        ("x" * 200, "x" * 150),
        ("x." + "y" * 200, "x." + "y" * 148),
    ],
)
def test_a_file_name_is_shown_safely_and_otherwise_as_it_was(given_: str, shown: str) -> None:
    assert evidence.clean_name(given_) == shown


@given(name=strategies.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_whatever_a_file_is_called_its_name_is_one_short_harmless_line(name: str) -> None:
    shown = evidence.clean_name(name)
    assert 0 < len(shown) <= 150
    assert not set(shown) & set("/\\\r\n\x00" + BIDI)
    assert all(unicodedata.category(letter) not in {"Cc", "Cs", "Zl", "Zp"} for letter in shown)
    assert unicodedata.is_normalized("NFC", shown) or len(shown) == 150
    shown.encode()


def classes(kinds: Iterable[EvidenceKind]) -> set[EvidenceClass]:
    return {CLASS_OF[kind] for kind in kinds}


def test_every_kind_of_evidence_has_a_class() -> None:
    assert set(CLASS_OF) == set(EvidenceKind)
    assert classes(EvidenceKind) == set(EvidenceClass)
    assert CLASS_OF[EvidenceKind.ORAL_STATEMENT] is CLASS_OF[EvidenceKind.STATEMENT]
    assert EvidenceClass.DIRECT not in classes(NEVER_ENOUGH)


@pytest.mark.parametrize("kind", EvidenceKind)
def test_one_piece_suffices_unless_it_only_tells_of_the_learner(kind: EvidenceKind) -> None:
    told = {"resume", "job_description", "reference_letter", "statement", "oral_statement"}
    assert evidence.suffices([make.item(kind)]) is (kind.value not in told)


@pytest.mark.parametrize(
    ("ended", "years", "old"),
    [
        (date(2021, 3, 2), 5, False),
        (date(2021, 3, 1), 5, True),
        (date(2020, 2, 29), 6, True),
        (date(1990, 1, 1), 0, False),
    ],
)
def test_evidence_is_old_when_it_ended_longer_ago_than_the_policy_asks(ended: date, *, years: int, old: bool) -> None:
    assert evidence.is_old(ended, sent=date(2026, 3, 2), years=years) is old


def test_old_evidence_is_pointed_out_and_never_set_aside() -> None:
    assert "5 years" in evidence.old_words(5).en
    assert "1 an avant" in evidence.old_words(1).fr
    assert "not set aside" in evidence.old_words(1).en
