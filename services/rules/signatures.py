"""The accepted kinds of file, and with which bytes a file of each kind begins.

Only the first 8 KiB are looked at, so that a wrong file is refused before it has arrived.
Source: security design, sections 5.2 and 5.3.
"""

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

HEAD = 8 * 1024
"""Bytes from the start of a file that a signature may look at."""

MIB = 1024 * 1024

Begins = Callable[[bytes], bool]


class Family(StrEnum):
    """What a file is to a person."""

    PDF = "pdf"
    PICTURE = "picture"
    OFFICE = "office"
    TEXT = "text"
    SOUND = "sound"
    VIDEO = "video"


CAP: dict[Family, int] = {
    Family.PDF: 100 * MIB,
    Family.PICTURE: 50 * MIB,
    Family.OFFICE: 50 * MIB,
    Family.TEXT: 5 * MIB,
    Family.SOUND: 200 * MIB,
    Family.VIDEO: 2000 * MIB,
}
"""Largest file of each family, in bytes."""


@dataclass(frozen=True, slots=True)
class FileKind:
    """One accepted format: extensions without dot, the media type it is served as, and how its bytes begin."""

    key: str
    family: Family
    extensions: tuple[str, ...]
    media_type: str
    begins: Begins

    @property
    def cap(self) -> int:
        """Largest size in bytes."""
        return CAP[self.family]


def _starts(*magics: bytes) -> Begins:
    return lambda head: head.startswith(magics)


def _riff(form: bytes) -> Begins:
    return lambda head: head[:4] == b"RIFF" and head[8:12] == form


def _brands(*brands: bytes) -> Begins:
    """ISO base media: the first box is `ftyp` and its major brand is one of `brands`. Source: ISO/IEC 14496-12."""
    return lambda head: head[4:8] == b"ftyp" and head[8:12] in brands


def _quicktime(head: bytes) -> bool:
    """QuickTime: brand `qt`, or one of the atoms with which films from before brands begin."""
    return head[4:12] == b"ftypqt  " or head[4:8] in {b"moov", b"mdat", b"wide"}


def _webm(head: bytes) -> bool:
    """EBML header whose DocType (element 4282) is `webm`; Matroska proper is not accepted."""
    return head.startswith(b"\x1a\x45\xdf\xa3") and b"\x42\x82\x84webm" in head[:256]


def _names(head: bytes) -> list[bytes]:
    """Names of the zip members whose local headers lie in `head`, in order. Source: PKWARE APPNOTE, 4.3.7."""
    parts = head.split(b"PK\x03\x04")[1:]
    return [part[26:][: int.from_bytes(part[22:24], "little")] for part in parts]


_OOXML_FOLDERS = {"docx": b"word/", "xlsx": b"xl/", "pptx": b"ppt/"}
_OOXML_FIRST = (b"[Content_Types].xml", b"_rels/", b"docProps/", b"customXml/", *_OOXML_FOLDERS.values())


def _ooxml(extension: str) -> Begins:
    """A zip that begins like an office document and shows no folder of another one. Source: ECMA-376, part 2."""
    others = tuple(folder for name, folder in _OOXML_FOLDERS.items() if name != extension)

    def begins(head: bytes) -> bool:
        names = _names(head) if head.startswith(b"PK\x03\x04") else []
        first = bool(names) and names[0].startswith(_OOXML_FIRST)
        return first and not any(name.startswith(others) for name in names)

    return begins


def _odf(media_type: str) -> Begins:
    """The first member is `mimetype`, stored. Source: OpenDocument 1.2, part 3, section 3.3."""
    wanted = b"mimetype" + media_type.encode()

    def begins(head: bytes) -> bool:
        after = head[30 + len(wanted) :]
        stored = head.startswith(b"PK\x03\x04") and head[30:].startswith(wanted)
        return stored and (not after or after.startswith(b"PK"))

    return begins


_FIRST = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0)
_LATER = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0)
_MP3 = {
    0xFA: (144, _FIRST, (44100, 48000, 32000, 0)),
    0xF2: (72, _LATER, (22050, 24000, 16000, 0)),
    0xE2: (72, _LATER, (11025, 12000, 8000, 0)),
}
"""Layer III by second byte, checksum bit aside: factor of the length, kbit/s and samples per second by index.

A 0 stands where a header may not point. Source: ISO/IEC 11172-3, 13818-3, and the 2.5 extension.
"""

_ID3 = re.compile(rb"ID3[^\xff][^\xff].[\x00-\x7f]{4}", re.DOTALL)
"""Version, flags, and a length of four bytes below 128. Source: ID3v2.4, section 3.1."""


def _mp3_frame(head: bytes) -> int:
    """Length in bytes of the layer III frame that begins here, or 0 where none does."""
    sync, version, indices, *_ = *head[:3], 0, 0, 0
    if sync != 0xFF or version & 0xFE not in _MP3:  # noqa: PLR2004 - the frame sync of the standard
        return 0
    factor, bitrates, rates = _MP3[version & 0xFE]
    bitrate, rate, padding = bitrates[indices >> 4], rates[indices >> 2 & 3], indices >> 1 & 1
    return factor * bitrate * 1000 // rate + padding if bitrate and rate else 0


def _mp3(head: bytes) -> bool:
    """An ID3v2 tag, or two frames one after the other: the sync bytes alone occur in too many other files."""
    if _ID3.match(head):
        return True
    length = _mp3_frame(head)
    return length > 0 and _mp3_frame(head[length:]) > 0


_TEXT_NEVER_STARTS = ("<", "%pdf-", "%!ps", "{\\rtf", "#!", "gif8", "mime-version:")
"""How markup, programs and other formats made of letters begin."""


def _text(head: bytes) -> bool:
    """Letters only: UTF-8 or Windows-1252, no control characters, not the start of markup or a program."""
    try:
        # A sign of several bytes may be cut at the end of the head.
        found = codecs.getincrementaldecoder("utf-8")().decode(head, final=len(head) < HEAD)
    except UnicodeDecodeError:
        try:
            found = head.decode("cp1252")
        except UnicodeDecodeError:
            return False
    if any(letter < " " and letter not in "\t\n\r\f" for letter in found):
        return False
    start = found.removeprefix("\ufeff").lstrip().lower()
    return bool(start) and not start.startswith(_TEXT_NEVER_STARTS)


_OOXML = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."
_ISO_BRANDS = (b"isom", *(b"iso%d" % n for n in range(2, 10)), b"mp41", b"mp42", b"dash")

FILE_KINDS = (
    FileKind("pdf", Family.PDF, ("pdf",), "application/pdf", _starts(b"%PDF-")),
    FileKind("jpeg", Family.PICTURE, ("jpg", "jpeg"), "image/jpeg", _starts(b"\xff\xd8\xff")),
    FileKind("png", Family.PICTURE, ("png",), "image/png", _starts(b"\x89PNG\r\n\x1a\n")),
    FileKind("webp", Family.PICTURE, ("webp",), "image/webp", _riff(b"WEBP")),
    FileKind(
        "heif",
        Family.PICTURE,
        ("heic", "heif"),
        "image/heif",
        _brands(b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"),
    ),
    FileKind("tiff", Family.PICTURE, ("tif", "tiff"), "image/tiff", _starts(b"II*\x00", b"MM\x00*")),
    FileKind("gif", Family.PICTURE, ("gif",), "image/gif", _starts(b"GIF87a", b"GIF89a")),
    FileKind("docx", Family.OFFICE, ("docx",), _OOXML + "wordprocessingml.document", _ooxml("docx")),
    FileKind("xlsx", Family.OFFICE, ("xlsx",), _OOXML + "spreadsheetml.sheet", _ooxml("xlsx")),
    FileKind("pptx", Family.OFFICE, ("pptx",), _OOXML + "presentationml.presentation", _ooxml("pptx")),
    FileKind("odt", Family.OFFICE, ("odt",), _ODF + "text", _odf(_ODF + "text")),
    FileKind("ods", Family.OFFICE, ("ods",), _ODF + "spreadsheet", _odf(_ODF + "spreadsheet")),
    FileKind("odp", Family.OFFICE, ("odp",), _ODF + "presentation", _odf(_ODF + "presentation")),
    FileKind("txt", Family.TEXT, ("txt",), "text/plain", _text),
    FileKind("csv", Family.TEXT, ("csv",), "text/csv", _text),
    FileKind("mp3", Family.SOUND, ("mp3",), "audio/mpeg", _mp3),
    FileKind("m4a", Family.SOUND, ("m4a",), "audio/mp4", _brands(b"M4A ", b"M4B ", *_ISO_BRANDS)),
    FileKind("wav", Family.SOUND, ("wav",), "audio/wav", _riff(b"WAVE")),
    FileKind("ogg", Family.SOUND, ("ogg",), "audio/ogg", _starts(b"OggS")),
    FileKind(
        "mp4",
        Family.VIDEO,
        ("mp4",),
        "video/mp4",
        _brands(b"avc1", b"M4V ", b"M4VH", b"M4VP", b"MSNV", b"XAVC", b"mmp4", b"3gp4", b"3gp5", *_ISO_BRANDS),
    ),
    FileKind("mov", Family.VIDEO, ("mov",), "video/quicktime", _quicktime),
    FileKind("webm", Family.VIDEO, ("webm",), "video/webm", _webm),
)
"""Every kind that is taken in; a programme may narrow it, never widen it."""

PLAYED = frozenset({Family.SOUND, Family.VIDEO})
"""What is heard or watched, and may have a transcript."""

FAMILY_OF: dict[str, Family] = {kind.key: kind.family for kind in FILE_KINDS}
"""What a file is to a person, by the key under which its kind is kept."""
