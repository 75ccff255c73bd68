"""Makes the files that the demo's learner sends: a photo with the traces of a camera, PDF, DOCX, a recording.

They are drawn and computed here, so that nothing of anybody's is needed.
"""

import io
import math
import wave
import zipfile
from collections.abc import Callable
from datetime import datetime
from functools import partial
from xml.sax.saxutils import escape

SAMPLE_RATE = 16_000
SECONDS = 12
GPS = ((46.0, 48.0, 30.0), (71.0, 12.0, 27.0))
"""Where the photo says that it was taken: degrees, minutes, seconds north and west."""

TAKEN = datetime(2025, 3, 10, 9, 42)  # noqa: DTZ001 - a camera writes local time without a zone


def photo() -> bytes:
    """A JPEG of a drawn room; camera, time and place stand in its EXIF data."""
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", (1600, 1200), "#f3ead8")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 860, 1600, 1200), fill="#c9a878")
    for left, colour in ((120, "#7fa3b5"), (560, "#b58f7f"), (1000, "#8fae84")):
        pen.rectangle((left, 420, left + 360, 860), fill=colour, outline="#554433", width=6)
        for shelf in (560, 700):
            pen.line((left, shelf, left + 360, shelf), fill="#554433", width=6)
        pen.ellipse((left + 60, 590, left + 150, 680), fill="#d9b44a")
        pen.polygon([(left + 220, 680), (left + 270, 590), (left + 320, 680)], fill="#5d6d9e")
    pen.ellipse((560, 930, 1060, 1130), fill="#a34f4f")
    pen.text((60, 60), "SAMPLE  /  EXEMPLE", fill="#554433", font_size=64)
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Sample Camera", "Sample 1"
    exif[0x0132] = TAKEN.strftime("%Y:%m:%d %H:%M:%S")
    exif.get_ifd(0x8769)[0x9003] = exif[0x0132]
    north, west = GPS
    exif.get_ifd(0x8825).update({1: "N", 2: north, 3: "W", 4: west})
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=88, exif=exif)
    return written.getvalue()


def pdf(title: str, pages: list[list[str]]) -> bytes:
    """A PDF with one page per list of lines, in Helvetica. Source: ISO 32000-1, with WinAnsiEncoding for accents."""
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    bodies: list[bytes] = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids [{kids}] >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, lines in enumerate(pages):
        drawn = [b"BT /F1 16 Tf 72 720 Td 22 TL", _shown(title) + b" Tj T* /F1 11 Tf T*"]
        drawn += [_shown(line) + b" Tj T*" for line in lines]
        stream = b"\n".join([*drawn, b"ET"])
        page = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {5 + 2 * number} 0 R "
        bodies.append(page.encode() + b"/Resources << /Font << /F1 3 0 R >> >> >>")
        bodies.append(b"<< /Length %d >>\nstream\n%b\nendstream" % (len(stream), stream))
    written = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(bodies, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    written += b"".join(b"%010d 00000 n \n" % place for place in places)
    written += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(bodies) + 1, start)
    return bytes(written)


def _shown(text: str) -> bytes:
    """A text as PDF writes it."""
    plain = text.encode("cp1252", "replace")
    return b"(" + plain.replace(b"\\", rb"\\").replace(b"(", rb"\(").replace(b")", rb"\)") + b")"


def docx(title: str, paragraphs: list[str]) -> bytes:
    """A Word document: the three parts that one needs. Source: ECMA-376, parts 1 and 2."""
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    package = "http://schemas.openxmlformats.org/package/2006"
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    document = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    told = [f"<w:p><w:r><w:rPr><w:b/></w:rPr><w:t>{escape(title)}</w:t></w:r></w:p>"]
    told += [f'<w:p><w:r><w:t xml:space="preserve">{escape(line)}</w:t></w:r></w:p>' for line in paragraphs]
    parts = {
        "[Content_Types].xml": f'{head}<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>',
        "_rels/.rels": f'{head}<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="rId1" Type="{document}" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'{head}<w:document xmlns:w="{word}"><w:body>{"".join(told)}</w:body></w:document>',
    }
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return written.getvalue()


def recording() -> bytes:
    """A WAV file, 12 s, mono, 16 bit: tones that rise and fall like somebody speaking."""
    frames = bytearray()
    phase = 0.0
    for position in range(SAMPLE_RATE * SECONDS):
        moment = position / SAMPLE_RATE
        phase += 2 * math.pi * (150 + 40 * math.sin(moment * 2.3)) / SAMPLE_RATE
        syllable = max(0.0, math.sin(moment * 2 * math.pi * 2.5)) * (0.6 + 0.4 * math.sin(moment * 0.9))
        frames += int(9000 * syllable * (math.sin(phase) + 0.4 * math.sin(2 * phase))).to_bytes(
            2, "little", signed=True
        )
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(bytes(frames))
    return written.getvalue()


WEEKS = 12


def _checklists() -> bytes:
    weeks = [
        f"Week {week}: room, yard, toys checked daily. Found: {found}. Removed or reported the same day."
        for week, found in zip(range(1, WEEKS + 1), ["nothing", "loose shelf", "cracked toy"] * 4, strict=True)
    ]
    drills = [
        "Evacuation drill, 18 September: group of ten out in 2 min 40 s, counted twice.",
        "Evacuation drill, 6 November: back door blocked on purpose; second way used, 3 min 05 s.",
        "Incident report, 2 October: scraped knee, cleaned, cold pack, family told at 16:10.",
    ]
    return pdf("SAMPLE - Safety checks and drills", [weeks, drills])


def _menus() -> bytes:
    menus = [
        f"Week {week}: soup, vegetables, whole grains, fruit; milk or fortified drink each day." for week in range(1, 5)
    ]
    allergies = [
        "Allergies and diets (no names), updated on 1 October:",
        "Child A - peanuts: separate tray, auto-injector on the shelf by the door.",
        "Child B - lactose: fortified soy drink. Child C - no pork.",
    ]
    return pdf("SAMPLE - Menus and allergies", [[*menus, "", *allergies]])


def _plans() -> bytes:
    return docx(
        "SAMPLE - A week around shadows",
        [
            "Monday. Seen on Friday: three children followed their shadows along the wall. Plan: torches and a sheet.",
            "Changed on the spot: two children were afraid of the dark corner; we moved the sheet to the window.",
            "Wednesday. Outdoor: we drew the shadow of one tree at nine, at noon and at three.",
            "Changed: one child drew her own hand instead, and others joined; I let it become the activity.",
            "Friday. The children told the story of the week to their families with the drawings.",
            "Note: “It is long in the morning because it is still sleepy.” I wrote it down as it was said.",
        ],
    )


FILES: dict[str, Callable[[], bytes]] = {
    "play-corner.jpg": photo,
    "safety-checklists.pdf": _checklists,
    "activity-plans.docx": _plans,
    "supervisor.wav": recording,
    "menus-and-allergies.pdf": _menus,
    "shop-rounds.pdf": partial(
        pdf,
        "SAMPLE - Rounds at the start of the shift",
        [
            ["12 January: guards, doors, stops in order. Coolant topped up by its data sheet."],
            ["Lockout, 3 February: power off, lock on, tried to start, chips cleared, lock off."],
        ],
    ),
    "bracket-drawing.pdf": partial(
        pdf,
        "SAMPLE - Drawing of a bracket, with notes",
        [
            ["Bore 20 H7: 20.000 to 20.021. Datum A: the foot; B: the long side; C: the bore."],
            ["Fixture: foot on the plate, long side against two pins. Size missing between holes: cleared."],
        ],
    ),
    "care-log.pdf": partial(
        pdf,
        "SAMPLE - Care log without names",
        [["12 January: nap 1 h 20. 13 January: warm forehead, family called at 9:40, report signed."]],
    ),
    "short-notes.pdf": partial(
        pdf,
        "SAMPLE - Short notes on one child",
        [["Monday: names four colours. Tuesday: waits for a turn at the sink."]],
    ),
    "month-of-notes.pdf": partial(
        pdf,
        "SAMPLE - A month of notes on one child",
        [["Timed note, 10 min: climbs, jumps from two steps. Checklist: language, thinking, feelings, others."]],
    ),
    "service-plans.pdf": partial(
        pdf,
        "SAMPLE - Plans of five services",
        [["Friday: 14 tables, starters 18:40, mains 19:05, one pass for table 9."]],
    ),
    "complaints-book.pdf": partial(
        pdf,
        "SAMPLE - Complaints book without names",
        [
            ["Cold soup: new plate within four minutes, coffee offered, guest asked again."],
            ["Two tables quarrel: one moved, voices lowered, duty manager told. Change: seats by the door kept free."],
        ],
    ),
}
"""Each file of the story and how it is made."""
