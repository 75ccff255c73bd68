"""A file comes in whole or not at all, is refused before it has arrived, and goes out as an attachment, noted."""

import asyncio
import hashlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from services.api import body_pace, uploads
from services.api.body_pace import Pace
from services.api.routes.evidence import DescriptionChange
from services.records import blobs as blob_stores
from services.records.blobs import Blobs, Space
from services.records.blobs_folder import FolderBlobs
from services.records.database import Database, connect
from services.records.evidence import Description
from services.records.ids import new_id
from services.records.tables.audit import AuditLine
from services.records.tables.cases import Case
from services.records.tables.evidence import EvidenceItem
from services.rules.case import Stage
from services.rules.refusals import Refused
from tests.api import upload_app
from tests.records import makers as make
from tests.records.databases import SqliteTemplate

MIB = 1024 * 1024
PDF = b"%PDF-1.7\n" + b"sample data, visibly\n" * 1000
MP4 = b"\x00\x00\x00\x18ftypisom" + b"\x00" * 16
BOUNDARY = "sample-boundary"


@pytest.fixture(scope="module")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> SqliteTemplate:
    return SqliteTemplate(tmp_path_factory.mktemp("sqlite"))


@dataclass
class Place:
    """A draft, its database and blobs, and a client that is its learner."""

    database: Database
    database_url: str
    blobs: Blobs
    folder: Path
    case: Case
    client: httpx.AsyncClient

    @property
    def address(self) -> str:
        return f"/api/v1/cases/{self.case.id}/evidence"

    async def send(self, content: bytes = PDF, name: str = "Relevé.pdf", **fields: str) -> httpx.Response:
        return await self.client.post(self.address, data=fields, files={"file": (name, content)})

    async def rows(self) -> list[EvidenceItem]:
        async with self.database.reading() as session:
            return list(await session.exec(select(EvidenceItem)))

    async def lines(self, action: str) -> list[AuditLine]:
        async with self.database.reading() as session:
            return list(await session.exec(select(AuditLine).where(col(AuditLine.action) == action)))

    def files(self) -> list[Path]:
        return [path for path in self.folder.rglob("*") if path.is_file()]


@pytest.fixture
async def place(sqlite_template: SqliteTemplate, tmp_path: Path) -> AsyncIterator[Place]:
    url = sqlite_template.make()
    database = connect(url)
    async with database.writing() as session:
        case = await make.case(session, competencies=("first",))
    folder = tmp_path / "blobs"
    blobs = blob_stores.connect(str(folder))
    app = upload_app.create(database, blobs)
    headers = {upload_app.WHO: str(case.learner_id)}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),  # type: ignore[arg-type]  # Litestar types its messages more closely
        base_url="http://localhost",
        headers=headers,
    ) as client:
        yield Place(database, url, blobs, folder, case, client)
    await database.close()
    sqlite_template.drop(url)


async def nothing_kept(place: Place) -> bool:
    return not await place.rows() and not place.files()


def form(*parts: bytes, end: bool = True) -> bytes:
    """A form by hand, so that it may be wrong."""
    opened = b"".join(b"--" + BOUNDARY.encode() + b"\r\n" + part + b"\r\n" for part in parts)
    return opened + (b"--" + BOUNDARY.encode() + b"--\r\n" if end else b"")


def file_part(content: bytes = PDF, name: str = "sample.pdf") -> bytes:
    return f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode() + content


def text_part(name: str, text: str) -> bytes:
    return f'Content-Disposition: form-data; name="{name}"\r\n\r\n{text}'.encode()


async def post_raw(place: Place, content: bytes, **headers: str) -> httpx.Response:
    kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    return await place.client.post(place.address, content=content, headers=kind | headers)


async def test_a_file_with_its_description_comes_back_byte_for_byte(place: Place) -> None:
    sent = await place.send(kind="logbook", title="Mon carnet", period_start="2024-01-08", learner_authored="true")
    assert sent.status_code == 201, sent.text
    view = sent.json()
    assert sent.headers["Location"] == f"{place.address}/{view['id']}"
    assert (view["name"], view["file_kind"], view["media_type"]) == ("Relevé.pdf", "pdf", "application/pdf")
    assert (view["size"], view["sha256"]) == (len(PDF), hashlib.sha256(PDF).hexdigest())
    assert (view["state"], view["scanned"]) == ("unscanned", False)
    assert (view["kind"], view["title"], view["period_start"]) == ("logbook", "Mon carnet", "2024-01-08")
    assert view["learner_authored"] is True
    got = await place.client.get(f"{place.address}/{view['id']}/file")
    assert (got.status_code, got.content) == (200, PDF)
    assert (await place.client.get(place.address)).json() == [view]


@pytest.mark.parametrize("size", [5, 8191, 8192, 8193, MIB, 3 * MIB + 17])
async def test_files_of_any_size_keep_their_hash(place: Place, size: int) -> None:
    content = (PDF[:5] + os.urandom(size))[:size]
    sent = await place.send(content)
    assert sent.json()["sha256"] == hashlib.sha256(content).hexdigest()


async def test_a_file_that_holds_the_boundary_s_beginning_stays_whole(place: Place) -> None:
    content = PDF + f"\r\n--{BOUNDARY[:-1]}\r\n--".encode() * 50
    sent = await post_raw(place, form(file_part(content)))
    assert sent.json()["sha256"] == hashlib.sha256(content).hexdigest()


async def test_the_same_file_again_is_the_item_there_is(place: Place) -> None:
    first, again = await place.send(), await place.send(name="copy.pdf")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    assert len(await place.rows()) == len(place.files()) == 1


@pytest.mark.parametrize(
    ("content", "name", "status", "code"),
    [
        (b"PK\x03\x04" + b"x" * 9000, "all.zip", 415, "kind_not_accepted"),
        (b"<html></html>", "page.html", 415, "kind_not_accepted"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 9000, "picture.pdf", 415, "type_mismatch"),
        (b"MZ" + b"x" * 9000, "program.pdf", 415, "type_mismatch"),
        (b"MZ", "short.pdf", 415, "type_mismatch"),
        (b"", "empty.pdf", 422, "empty_file"),
        (b"text " * (MIB + 1), "long.txt", 413, "too_large"),
    ],
)
async def test_what_is_not_accepted_is_refused_and_not_kept(
    place: Place, content: bytes, name: str, status: int, code: str
) -> None:
    refused = await place.send(content, name)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert await nothing_kept(place)


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (form(), "file"),
        (form(text_part("title", "no file")), "file"),
        (form(file_part(), text_part("title", "late")), "form"),
        (form(file_part(), file_part()), "form"),
        (form(*[text_part(f"field{n}", "x") for n in range(uploads.MOST_FIELDS + 1)], file_part()), "form"),
        (form(text_part("title", "x" * 9000), file_part()), "title"),
        (form(text_part("title", "x" * 201), file_part()), "title"),
        (form(text_part("kind", "no-such-kind"), file_part()), "kind"),
        (form(text_part("period_end", "yesterday"), file_part()), "period_end"),
        (form(text_part("owner", "me"), file_part()), "owner"),
        (form(text_part("author", "a\x00b"), file_part()), "author"),
        (form(b'Content-Disposition: form-data; name="title"\r\n\r\n\xff\xfe', file_part()), "title"),
        (b"no form at all", "form"),
    ],
)
async def test_a_form_that_is_not_ours_is_malformed_and_not_kept(place: Place, content: bytes, field: str) -> None:
    refused = await post_raw(place, content)
    assert (refused.status_code, refused.json()["code"]) == (422, "malformed")
    assert [fault["at"] for fault in refused.json()["errors"]] == [field]
    assert await nothing_kept(place)


@pytest.mark.parametrize(
    "kind", ["application/json", "multipart/form-data", f"multipart/form-data; boundary={'x' * 71}"]
)
async def test_a_body_that_is_no_form_is_malformed(place: Place, kind: str) -> None:
    refused = await place.client.post(place.address, content=b"{}", headers={"Content-Type": kind})
    assert (refused.status_code, refused.json()["errors"][0]["at"]) == (422, "content-type")


async def test_a_form_without_its_end_was_aborted(place: Place) -> None:
    refused = await post_raw(place, form(file_part(), end=False))
    assert (refused.status_code, refused.json()["code"]) == (400, "upload_aborted")
    assert await nothing_kept(place)


class Endless(httpx.AsyncByteStream):
    """A body that never ends; `sent` counts what was asked of it."""

    def __init__(self, head: bytes) -> None:
        self.head, self.sent = head, 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.head
        while True:
            self.sent += MIB
            yield b"x" * MIB


@pytest.mark.parametrize(
    ("head", "status", "reads_at_most"),
    [
        (file_part(b"", "all.zip"), 415, 0),
        (file_part(b"MZ" + b"x" * 9000, "program.pdf"), 415, 0),
        (text_part("kind", "no-such-kind") + b"\r\n--" + BOUNDARY.encode() + b"\r\n" + file_part(), 422, 0),
        (file_part(b"plain text", "long.txt"), 413, 6 * MIB),
    ],
)
async def test_a_refusal_does_not_wait_for_the_rest(place: Place, head: bytes, status: int, reads_at_most: int) -> None:
    endless = Endless(f"--{BOUNDARY}\r\n".encode() + head)
    kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    refused = await place.client.post(place.address, content=endless, headers=kind)
    assert refused.status_code == status
    assert endless.sent <= reads_at_most
    assert refused.headers["Connection"] == "close"
    assert await nothing_kept(place)


@pytest.mark.parametrize(
    ("name", "length", "status"),
    [("film.mp4", 2001 * MIB, 413), ("film.mp4", 3000 * MIB, 413), ("sample.pdf", 101 * MIB, 413)],
)
async def test_a_size_that_is_announced_is_refused_at_once(place: Place, name: str, length: int, status: int) -> None:
    endless = Endless(form(file_part(b"", name), end=False)[:-2])
    kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Content-Length": str(length)}
    refused = await place.client.post(place.address, content=endless, headers=kind)
    assert (refused.status_code, endless.sent) == (status, 0)


async def small_case(place: Place, most: int) -> None:
    """Let the case hold `most` bytes."""
    sample = make.programme()
    sample = replace(sample, version=2, policy=replace(sample.policy, max_bytes_per_case=most))
    async with place.database.writing() as session:
        place.case = await make.case(session, sample=sample, competencies=("first",))
    place.client.headers[upload_app.WHO] = str(place.case.learner_id)


async def test_what_is_over_the_case_s_quota_is_refused_announced_or_not(place: Place) -> None:
    await small_case(place, MIB)
    content = PDF[:5] + bytes(2 * MIB)
    announced = await place.send(content)
    streamed = await place.client.post(
        place.address,
        content=Endless(f"--{BOUNDARY}\r\n".encode() + file_part()),
        headers={"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"},
    )
    for refused in (announced, streamed):
        assert (refused.status_code, refused.json()["code"]) == (409, "quota_exceeded")
    assert await nothing_kept(place)


async def test_a_sent_portfolio_takes_no_file_and_reads_none(place: Place) -> None:
    async with place.database.writing() as session:
        place.case = await make.case(session, stage=Stage.IN_ASSESSMENT)
    endless = Endless(b"")
    refused = await place.client.post(place.address, content=endless)
    assert (refused.status_code, refused.json()["code"], endless.sent) == (409, "portfolio_locked", 0)


async def test_a_full_disk_takes_nothing_and_promises_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    async def tight(_: object) -> Space:
        return Space(free=1, total=1000)

    monkeypatch.setattr(FolderBlobs, "free_space", tight)
    refused = await place.send()
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert "Retry-After" in refused.headers
    assert await nothing_kept(place)


def test_one_person_has_three_uploads_under_way_and_others_have_theirs() -> None:
    slots = uploads.Slots()
    with slots.take("a"), slots.take("a"), slots.take("a"), slots.take("b"):
        with pytest.raises(Refused, match="uploads_at_once") as refused, slots.take("a"):
            pass
        assert refused.value.facts["retry_after"] == "30"
    with slots.take("a"):
        pass


async def test_the_fourth_upload_at_once_is_told_to_wait(place: Place) -> None:
    begun, go_on = asyncio.Semaphore(0), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        whole = form(file_part())
        yield whole[:200]
        begun.release()
        await go_on.wait()
        yield whole[200:]

    kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    under_way = [asyncio.create_task(place.client.post(place.address, content=slow(), headers=kind)) for _ in range(3)]
    for _ in under_way:
        await begun.acquire()
    refused = await place.send()
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "30")
    go_on.set()
    assert {answer.status_code for answer in await asyncio.gather(*under_way)} <= {200, 201}
    assert (await place.send()).status_code == 200


async def with_item(place: Place) -> str:
    return f"{place.address}/{(await place.send(kind='photo_of_work')).json()['id']}"


async def test_a_file_leaves_as_an_attachment_that_no_browser_runs(place: Place) -> None:
    sent = await place.send(name='C:\\x\\Relevé "2024" 100%.pdf')
    got = await place.client.get(f"{place.address}/{sent.json()['id']}/file")
    assert got.headers["Content-Disposition"] == (
        "attachment; filename=\"Relev_ _2024_ 100_.pdf\"; filename*=UTF-8''Relev%C3%A9%20%222024%22%20100%25.pdf"
    )
    assert got.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Cache-Control"] == "private, no-store"
    assert got.headers["ETag"] == f'"{hashlib.sha256(PDF).hexdigest()}"'


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("bytes=0-0", 0, 1), ("bytes=10-19", 10, 20), ("bytes=100-", 100, len(PDF)), ("bytes=-7", len(PDF) - 7, len(PDF))],
)
async def test_a_part_is_answered_with_that_part(place: Place, asked: str, start: int, end: int) -> None:
    item = await with_item(place)
    got = await place.client.get(f"{item}/file", headers={"Range": asked})
    assert (got.status_code, got.content) == (206, PDF[start:end])
    assert got.headers["Content-Range"] == f"bytes {start}-{end - 1}/{len(PDF)}"
    assert got.headers["Content-Length"] == str(end - start)


@pytest.mark.parametrize("asked", [f"bytes={len(PDF)}-", "bytes=-0"])
async def test_a_part_that_is_not_there_is_not_satisfiable(place: Place, asked: str) -> None:
    item = await with_item(place)
    got = await place.client.get(f"{item}/file", headers={"Range": asked})
    assert (got.status_code, got.headers["Content-Range"]) == (416, f"bytes */{len(PDF)}")
    assert await place.lines("evidence_read") == []


@pytest.mark.parametrize("asked", ["bytes=5-1", "bytes=-", "bytes=a-b", "lines=1-2", "bytes=0-1,5-6", "bytes=٣-٤"])
async def test_what_is_no_part_gets_the_whole(place: Place, asked: str) -> None:
    item = await with_item(place)
    got = await place.client.get(f"{item}/file", headers=[(b"Range", asked.encode())])
    assert (got.status_code, got.content) == (200, PDF)


async def test_a_part_of_other_bytes_is_not_mixed_with_these(place: Place) -> None:
    item = await with_item(place)
    same = {"Range": "bytes=0-3", "If-Range": f'"{hashlib.sha256(PDF).hexdigest()}"'}
    assert (await place.client.get(f"{item}/file", headers=same)).status_code == 206
    other = same | {"If-Range": '"other"'}
    assert (await place.client.get(f"{item}/file", headers=other)).status_code == 200


async def test_only_reading_bytes_is_noted_and_by_whom(place: Place) -> None:
    item = await with_item(place)
    head = await place.client.head(f"{item}/file")
    assert (head.status_code, head.content, head.headers["Content-Length"]) == (200, b"", str(len(PDF)))
    known = await place.client.get(f"{item}/file", headers={"If-None-Match": head.headers["ETag"]})
    assert (known.status_code, known.content) == (304, b"")
    assert await place.lines("evidence_read") == []
    await place.client.get(f"{item}/file")
    await place.client.get(f"{item}/file", headers={"Range": "bytes=5-9"})
    noted = await place.lines("evidence_read")
    assert [(line.actor, line.subject) for line in noted] == [(str(place.case.learner_id), item.rpartition("/")[2])] * 2


async def test_without_a_line_in_the_log_no_byte_leaves(place: Place) -> None:
    item = await with_item(place)
    async with place.database.writing() as session:
        await session.exec(
            sa.text("CREATE TRIGGER no_line BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no'); END")  # type: ignore[call-overload]  # plain SQL
        )
    refused = await place.client.get(f"{item}/file")
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert PDF[:5] not in refused.content


async def test_a_blob_that_is_gone_is_unavailable_not_a_fault(place: Place) -> None:
    item = await with_item(place)
    place.files()[0].unlink()
    refused = await place.client.get(f"{item}/file")
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert await place.lines("evidence_read") == []


async def test_describing_changes_only_what_is_said(place: Place) -> None:
    item = await with_item(place)
    await place.client.patch(item, json={"title": "Atelier", "period_end": "2024-05-01"})
    changed = await place.client.patch(item, json={"period_end": None, "kind": "work_product"})
    view = changed.json()
    assert (view["title"], view["period_end"], view["kind"]) == ("Atelier", None, "work_product")
    for wrong in ({"owner": "me"}, {"kind": "no-such-kind"}, {"title": "x" * 201}, {"title": "a\u0000b"}):
        assert (await place.client.patch(item, json=wrong)).status_code in {400, 422}
    assert (await place.client.get(place.address)).json() == [view]


async def test_pointing_and_untying(place: Place) -> None:
    item = await with_item(place)
    async with place.database.reading() as session:
        (claim,) = await make.claims(session, place.case)
    made = await place.client.post(f"{item}/pointers", json={"claim": str(claim.id), "criterion": "a", "page": 2})
    assert made.status_code == 201, made.text
    assert (await place.client.get(place.address)).json()[0]["pointers"] == [made.json()]
    wrong = await place.client.post(f"{item}/pointers", json={"claim": str(claim.id), "criterion": "nowhere"})
    assert (wrong.status_code, wrong.json()["errors"][0]["at"]) == (422, "criterion")
    gone = await place.client.delete(f"{item}/pointers/{made.json()['id']}")
    assert (gone.status_code, gone.content) == (204, b"")
    assert (await place.client.get(place.address)).json()[0]["pointers"] == []


async def test_a_removed_file_is_gone_for_readers(place: Place) -> None:
    item = await with_item(place)
    assert (await place.client.delete(item)).status_code == 204
    assert (await place.client.get(place.address)).json() == []
    assert (await place.client.get(f"{item}/file")).status_code == 404
    assert (await place.client.delete(item)).status_code == 404


async def test_a_file_of_another_case_is_not_found_by_its_id(place: Place) -> None:
    item = await with_item(place)
    async with place.database.writing() as session:
        other = await make.case(session)
    foreign = item.replace(str(place.case.id), str(other.id))
    assert (await place.client.get(f"{foreign}/file")).status_code == 404
    assert (await place.client.patch(foreign, json={"title": "x"})).status_code == 404
    assert (await place.client.get(f"{place.address}/{new_id()}/file")).status_code == 404


async def test_the_receipt_is_a_file_with_every_hash(place: Place) -> None:
    await with_item(place)
    got = await place.client.get(f"{place.address}/receipt")
    assert got.headers["Content-Disposition"] == f'attachment; filename="receipt-{place.case.number}.json"'
    receipt = got.json()
    assert [(one["name"], one["sha256"], one["size"]) for one in receipt["files"]] == [
        ("Relevé.pdf", hashlib.sha256(PDF).hexdigest(), len(PDF))
    ]
    assert receipt["files"][0]["received_at"].endswith(("Z", "+00:00"))


# How slowly a body may come


class Sender:
    """What a client sends, part by part; a number waits so many seconds."""

    def __init__(self, *script: float | bytes | dict[str, Any]) -> None:
        self.script = list(script)

    async def __call__(self) -> Any:  # noqa: ANN401 - an ASGI message
        while self.script:
            step = self.script.pop(0)
            if isinstance(step, float):
                try:
                    await asyncio.sleep(step)
                except asyncio.CancelledError:
                    self.script.insert(0, step)
                    raise
            elif isinstance(step, dict):
                return step
            else:
                return {"type": "http.request", "body": step, "more_body": True}
        return await asyncio.Event().wait()


QUICK = Pace(first=0.05, rate=1000, window=0.1, whole=0.5)
END = {"type": "http.request", "body": b"", "more_body": False}


async def took(*script: float | bytes | dict[str, Any]) -> int:
    """The bytes of a body that came in time. Raises `Refused`."""
    body = body_pace.Body(Sender(*script), QUICK)
    size = 0
    while not body.complete:
        event: Any = await body.receive()
        size += len(event.get("body", b""))
    return size


@pytest.mark.parametrize(
    ("script", "size"),
    [
        ([b"x" * 10, END], 10),
        ([b"x" * 200, 0.06, b"x" * 200, 0.06, END], 400),
        ([b"x", {"type": "http.disconnect"}], 1),
    ],
    ids=["at once", "fast enough", "hung up"],
)
async def test_a_body_that_keeps_the_pace_comes_in(script: list[Any], size: int) -> None:
    assert await took(*script) == size


@pytest.mark.parametrize(
    "script",
    [
        [1.0],
        [b"", 1.0],
        [b"x", 1.0],
        [*[step for _ in range(40) for step in (b"x", 0.02)], END],
        [*[step for _ in range(40) for step in (b"x" * 1000, 0.02)], END],
    ],
    ids=["never", "empty first", "then nothing", "dripping", "for ever"],
)
async def test_a_body_that_is_too_slow_is_given_up(script: list[Any]) -> None:
    with pytest.raises(Refused) as slow:
        await took(*script)
    assert (slow.value.code, slow.value.status) == ("upload_too_slow", 408)


async def test_after_its_end_a_body_has_no_deadline() -> None:
    body = body_pace.Body(Sender(END), replace(QUICK, first=0.01))
    await body.receive()
    waiting = asyncio.create_task(body.receive())
    done, _ = await asyncio.wait({waiting}, timeout=0.2)
    assert not done
    waiting.cancel()
    with suppress(asyncio.CancelledError):
        await waiting


# Against a real server


@dataclass
class Server:
    port: int
    process: subprocess.Popen[str]

    def peak(self) -> int:
        """Highest memory in bytes since `forget`."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) * 1024

    def forget(self) -> None:
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")


@pytest.fixture
def server(place: Place) -> Iterator[Server]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.api.upload_app", place.database_url, str(place.folder)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    yield Server(int(process.stdout.readline()), process)
    process.kill()
    process.wait()
    process.stdout.close()


def request_head(place: Place, length: int) -> bytes:
    return (
        f"POST {place.address} HTTP/1.1\r\nHost: localhost\r\n{upload_app.WHO}: {place.case.learner_id}\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


async def test_a_client_that_hangs_up_leaves_nothing(place: Place, server: Server) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(request_head(place, 50 * MIB) + form(file_part(MP4, "film.mp4"), end=False)[:-2] + bytes(5 * MIB))
    await writer.drain()
    await until(lambda: any(path.stat().st_size >= 4 * MIB for path in place.files()))
    writer.close()
    await until(lambda: not place.files())
    assert await place.rows() == []
    assert not await reader.read()


async def until(true: Any) -> None:  # noqa: ANN401 - any question without arguments
    """Wait for what another process does; it can tell us nothing but by what it leaves on the disk."""
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110 - no event of ours can be set by another process
            await asyncio.sleep(0.02)


async def test_a_refused_file_stops_coming(place: Place, server: Server) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(request_head(place, 90 * MIB) + form(file_part(b"MZ" + bytes(9000), "film.mp4"), end=False))
    answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 60)
    assert answer.startswith(b"HTTP/1.1 415")
    assert b"\r\nconnection: close\r\n" in answer.lower()
    await asyncio.wait_for(reader.read(), 60)
    assert not await takes_more(writer, 80 * MIB)


async def takes_more(writer: asyncio.StreamWriter, size: int) -> bool:
    """Whether the other side still lets us send so many bytes."""
    try:
        for _ in range(size // MIB):
            writer.write(bytes(MIB))
            await writer.drain()
            await asyncio.sleep(0)
    except ConnectionError:
        return False
    finally:
        writer.close()
    return True


def film(size: int) -> Iterator[bytes]:
    yield form(file_part(MP4, "film.mp4"), end=False)[:-2]
    block = bytes(MIB)
    for _ in range(size // MIB):
        yield block
    yield f"\r\n--{BOUNDARY}--\r\n".encode()


@pytest.mark.slow
async def test_a_large_file_passes_through_without_filling_the_memory(place: Place, server: Server) -> None:
    size = 300 * MIB
    url = f"http://127.0.0.1:{server.port}{place.address}"
    headers = {upload_app.WHO: str(place.case.learner_id)}
    async with httpx.AsyncClient(headers=headers, timeout=60, trust_env=False) as client:
        await client.post(url, files={"file": ("warm.pdf", PDF)})
        server.forget()
        before = server.peak()
        kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}

        async def body() -> AsyncIterator[bytes]:
            for block in film(size):
                yield block

        sent = await client.post(url, content=body(), headers=kind)
        assert sent.status_code == 201, sent.text
        assert sent.json()["size"] == size + len(MP4)
        received = 0
        async with client.stream("GET", f"{url}/{sent.json()['id']}/file") as got:
            async for chunk in got.aiter_raw():
                received += len(chunk)
    assert received == size + len(MP4)
    assert server.peak() - before < 20 * MIB


def test_every_field_of_the_form_is_one_of_the_record() -> None:
    assert DescriptionChange.__struct_fields__ == Description.__slots__
