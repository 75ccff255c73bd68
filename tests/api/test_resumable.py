"""A file that comes in parts: no acknowledged byte is lost, nobody else's upload is there, and the end is evidence."""

import asyncio
import base64
import hashlib
import os
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any
from uuid import UUID

import httpx
import pytest
from tusclient.client import TusClient

from services.api import body_pace
from services.api import uploads as receiving
from services.api.routes import uploads as routes
from services.records.database import connect
from services.records.tables.people import Person
from services.records.tables.uploads import Upload
from services.rules.case import Stage
from services.rules.refusals import Refused
from services.workflows.rounds import FileRounds
from tests.api import upload_app
from tests.api.kit import Api
from tests.browser.conftest import served
from tests.documents.test_pdf_locks import pdf
from tests.records import makers, moving
from tests.records.databases import SqliteTemplate
from tests.records.moving import People

MIB = 1024 * 1024
PDF = b"%PDF-1.7\n" + os.urandom(3 * MIB)
TUS = {"Tus-Resumable": "1.0.0"}
PART = TUS | {"Content-Type": "application/offset+octet-stream"}


def named(name: str, length: int = len(PDF)) -> dict[str, str]:
    """The headers that open an upload."""
    return TUS | {
        "Upload-Length": str(length),
        "Upload-Metadata": f"filename {base64.b64encode(name.encode()).decode()},filetype eC95",
    }


@pytest.fixture
async def case_id(api: Api, who: People) -> UUID:
    return await moving.standing(api.database, who, Stage.ELIGIBLE)


async def begun(api: Api, case_id: UUID, person: Person, name: str = "Relevé.pdf", length: int = len(PDF)) -> str:
    """The address of a new upload."""
    opened = await ask(api, "POST", f"/api/v1/cases/{case_id}/uploads", person, **named(name, length))
    assert opened.status_code == 201, opened.text
    assert "GMT" in opened.headers["Upload-Expires"]
    return opened.headers["Location"]


async def ask(
    api: Api,
    method: str,
    path: str,
    person: Person,
    content: Any = b"",  # noqa: ANN401 - what httpx sends
    **headers: str,
) -> httpx.Response:
    return await api.http.request(method, path, headers=await api.as_(person) | headers, content=content)


async def part(api: Api, path: str, person: Person, start: int, content: bytes, **headers: str) -> httpx.Response:
    return await ask(api, "PATCH", path, person, content, **PART | {"Upload-Offset": str(start)} | headers)


async def held(api: Api, case_id: UUID, person: Person) -> list[tuple[str, str]]:
    """Names and hashes of the case's files."""
    return [(one["name"], one["sha256"]) for one in (await api.get(f"/cases/{case_id}/evidence", person)).json()]


async def test_a_file_in_parts_becomes_evidence_byte_for_byte(either_api: Api) -> None:
    api, who = either_api, await moving.people(either_api.database)
    case_id = await moving.standing(api.database, who, Stage.ELIGIBLE)
    said = await ask(api, "OPTIONS", f"/api/v1/cases/{case_id}/uploads", who.learner)
    assert (said.status_code, said.headers["Tus-Version"]) == (204, "1.0.0")
    assert said.headers["Tus-Extension"] == "creation,checksum,termination,expiration"
    here = await begun(api, case_id, who.learner)
    first = await part(api, here, who.learner, 0, PDF[:MIB])
    assert (first.status_code, first.headers["Upload-Offset"]) == (204, str(MIB))
    assert await held(api, case_id, who.learner) == []
    wrong = await part(api, here, who.learner, 5, PDF[5:MIB])
    assert (wrong.status_code, wrong.json()["code"]) == (409, "upload_offset")
    promise = {"Upload-Checksum": f"sha256 {base64.b64encode(hashlib.sha256(b'other').digest()).decode()}"}
    mixed = await part(api, here, who.learner, MIB, PDF[MIB:], **promise)
    assert (mixed.status_code, mixed.json()["code"]) == (460, "checksum_mismatch")
    asked = await ask(api, "HEAD", here, who.learner, **TUS)
    assert (asked.headers["Upload-Offset"], asked.headers["Upload-Length"]) == (str(MIB), str(len(PDF)))
    assert asked.headers["Cache-Control"] == "no-store"
    kept = {"Upload-Checksum": f"sha1 {base64.b64encode(hashlib.sha1(PDF[MIB:]).digest()).decode()}"}  # noqa: S324 - of the protocol
    last = await part(api, here, who.learner, MIB, PDF[MIB:], **kept)
    assert (last.status_code, last.headers["Upload-Offset"]) == (204, str(len(PDF)))
    again = await ask(api, "HEAD", here, who.learner, **TUS)
    assert again.headers["Upload-Offset"] == str(len(PDF))
    assert await held(api, case_id, who.learner) == [("Relevé.pdf", hashlib.sha256(PDF).hexdigest())]
    ended = await ask(api, "DELETE", here, who.learner, **TUS)
    assert ended.status_code == 204
    assert len(await held(api, case_id, who.learner)) == 1


async def test_a_part_that_is_cut_off_counts_as_far_as_it_came(api: Api, who: People, case_id: UUID) -> None:
    here = await begun(api, case_id, who.learner)

    async def cut(request: object) -> AsyncIterator[bytes]:
        del request
        yield PDF[: MIB // 2]
        raise Refused("upload_aborted")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(receiving, "arriving", cut)
        assert (await part(api, here, who.learner, 0, PDF)).status_code == 400
    assert (await ask(api, "HEAD", here, who.learner, **TUS)).headers["Upload-Offset"] == str(MIB // 2)


async def test_a_part_that_stops_coming_is_ended_and_what_came_counts(
    api: Api, who: People, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = await begun(api, case_id, who.learner)
    monkeypatch.setattr(body_pace.Body, "_deadline", lambda _: asyncio.get_running_loop().time() + 0.1)
    about = await api.as_(who.learner) | PART | {"Upload-Offset": "0", "Content-Length": str(len(PDF)), "Host": "x"}
    lines = [f"PATCH {here} HTTP/1.1", *(f"{name}: {value}" for name, value in about.items()), "", ""]
    with socket.socket() as port:
        port.bind(("127.0.0.1", 0))
        async with served(api, port):
            reader, writer = await asyncio.open_connection(*port.getsockname())
            writer.write("\r\n".join(lines).encode() + PDF[: MIB // 2])
            answer = await asyncio.wait_for(reader.read(), 60)  # to its end: the connection is closed
            writer.close()
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"upload_too_slow" in answer
    assert (await ask(api, "HEAD", here, who.learner, **TUS)).headers["Upload-Offset"] == str(MIB // 2)
    assert (await part(api, here, who.learner, MIB // 2, PDF[MIB // 2 :])).status_code == 204
    assert await held(api, case_id, who.learner) == [("Relevé.pdf", hashlib.sha256(PDF).hexdigest())]


async def test_nobody_else_s_upload_is_there_and_one_given_up_is_gone(
    api: Api, who: People, case_id: UUID, tmp_path: Path
) -> None:
    here = await begun(api, case_id, who.learner)
    await part(api, here, who.learner, 0, PDF[:MIB])
    async with api.database.writing() as session:
        stranger = await makers.person(session, name="Sample Stranger")
        other = await makers.case(session, learner=stranger, sample=makers.with_policy(version=3))
    elsewhere = here.replace(str(case_id), str(other.id))
    for path in (here, elsewhere):
        assert (await ask(api, "HEAD", path, stranger, **TUS)).status_code == 404
        assert (await part(api, path, stranger, MIB, PDF[MIB:])).status_code == 404
        assert (await ask(api, "DELETE", path, stranger, **TUS)).status_code == 404
    assert list((tmp_path / "blobs" / "parts").rglob("*"))
    assert (await ask(api, "DELETE", here, who.learner, **TUS)).status_code == 204
    assert list((tmp_path / "blobs" / "parts").rglob("*")) == []
    assert (await ask(api, "HEAD", here, who.learner, **TUS)).status_code == 404


@pytest.mark.parametrize(
    ("name", "length", "status", "code"),
    [
        ("page.html", 5, 415, "kind_not_accepted"),
        ("large.txt", 6 * MIB, 413, "too_large"),
        ("empty.pdf", 0, 422, "empty_file"),
    ],
)
async def test_what_will_not_be_taken_is_not_begun(
    api: Api, who: People, case_id: UUID, *, name: str, length: int, status: int, code: str
) -> None:
    refused = await ask(api, "POST", f"/api/v1/cases/{case_id}/uploads", who.learner, **named(name, length))
    assert (refused.status_code, refused.json()["code"]) == (status, code)


async def test_content_that_is_not_what_the_name_says_and_malformed_requests(
    api: Api, who: People, case_id: UUID
) -> None:
    here = await begun(api, case_id, who.learner, length=20)
    disguised = await part(api, here, who.learner, 0, b"<html>not a PDF</htm")
    assert (disguised.status_code, disguised.json()["code"]) == (415, "type_mismatch")
    longer = await part(api, here, who.learner, 0, b"%PDF-" + b"x" * 16)
    assert longer.status_code == 413
    for wrong in ({"Upload-Offset": "-1"}, {"Upload-Checksum": "md5 AAAA"}, {"Upload-Checksum": "sha1 ?"}):
        assert (await part(api, here, who.learner, 0, b"%PDF-", **wrong)).status_code == 422
    assert (await part(api, here, who.learner, 0, b"%PDF-", **{"Content-Type": "text/plain"})).status_code == 422
    assert (await ask(api, "HEAD", here, who.learner)).status_code == 412
    address = f"/api/v1/cases/{case_id}/uploads"
    assert (await ask(api, "POST", address, who.learner, **TUS | {"Upload-Length": "5"})).status_code == 422


async def test_a_file_with_a_password_is_refused_and_nothing_is_kept(
    api: Api, who: People, case_id: UUID, tmp_path: Path
) -> None:
    content = pdf(user="secret", owner="other")
    here = await begun(api, case_id, who.learner, length=len(content))
    locked = await part(api, here, who.learner, 0, content)
    assert (locked.status_code, locked.json()["code"]) == (422, "password_locked")
    whole = await api.http.post(
        f"/api/v1/cases/{case_id}/evidence", headers=await api.as_(who.learner), files={"file": ("x.pdf", content)}
    )
    assert (whole.status_code, whole.json()["code"]) == (422, "password_locked")
    assert await held(api, case_id, who.learner) == []
    assert not (tmp_path / "blobs" / hashlib.sha256(content).hexdigest()[:2]).exists()


async def test_three_under_way_and_one_writer_each(api: Api, who: People, case_id: UUID) -> None:
    here, *_ = [await begun(api, case_id, who.learner) for _ in range(3)]
    fourth = await ask(api, "POST", f"/api/v1/cases/{case_id}/uploads", who.learner, **named("more.pdf"))
    assert (fourth.status_code, fourth.json()["code"]) == (429, "uploads_at_once")
    house = api.app.state.house
    with house.locks.take(UUID(here.rpartition("/")[2])):
        busy = await part(api, here, who.learner, 0, PDF[:MIB])
    assert (busy.status_code, busy.json()["code"]) == (423, "upload_busy")
    api.clock.pass_(hours=2)
    api.headers.clear()  # the session ended meanwhile
    await begun(api, case_id, who.learner)


async def test_an_upload_ends_a_week_after_its_last_byte_and_is_swept(
    api: Api, who: People, case_id: UUID, tmp_path: Path
) -> None:
    here = await begun(api, case_id, who.learner)
    await part(api, here, who.learner, 0, PDF[:MIB])
    headers = await api.as_(who.learner)
    async with api.database.writing() as session:
        upload = await session.get_one(Upload, UUID(here.rpartition("/")[2]))
        upload.expires_at = api.clock()
        session.add(upload)
    over = await api.http.head(here, headers=headers | TUS)
    assert over.status_code == 410
    rounds = FileRounds(api.database, api.blobs, api.clock)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("services.workflows.rounds.activity.heartbeat", lambda: None)
        assert await rounds.uploads() == 1
    assert list((tmp_path / "blobs" / "parts").rglob("*")) == []
    assert (await ask(api, "HEAD", here, who.learner, **TUS)).status_code == 404


async def test_another_client_interoperates(api: Api, who: People, case_id: UUID) -> None:
    bearer = await api.as_(who.learner)
    with socket.socket() as port:
        port.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{port.getsockname()[1]}/api/v1/cases/{case_id}/uploads"
        async with served(api, port):

            def send() -> None:
                client = TusClient(address, headers=bearer)
                sender = client.uploader(
                    file_stream=BytesIO(PDF), chunk_size=MIB, metadata={"filename": "two.pdf"}, upload_checksum=True
                )
                sender.upload(stop_at=MIB)
                client.uploader(file_stream=BytesIO(PDF), url=sender.url, chunk_size=MIB).upload()

            await asyncio.to_thread(send)
    assert await held(api, case_id, who.learner) == [("two.pdf", hashlib.sha256(PDF).hexdigest())]


@contextmanager
def server(url: str, folder: Path) -> Iterator[tuple[Popen[str], str]]:
    """A server of its own, which can be killed."""
    command = [sys.executable, "-m", upload_app.__name__, url, str(folder)]
    with Popen(command, stdout=PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.kill()


async def test_what_was_acknowledged_survives_a_killed_server(tmp_path: Path) -> None:
    url = SqliteTemplate(tmp_path).make()
    database = connect(url)
    async with database.writing() as session:
        case = await makers.case(session, competencies=("first",))
    who = {upload_app.WHO: str(case.learner_id)}
    folder = tmp_path / "blobs"
    async with httpx.AsyncClient() as client:
        with server(url, folder) as (process, base):
            opened = await client.post(f"{base}/api/v1/cases/{case.id}/uploads", headers=who | named("sample.pdf"))
            path = opened.headers["Location"]
            for start in (0, MIB):
                sent = await client.patch(
                    base + path, headers=who | PART | {"Upload-Offset": str(start)}, content=PDF[start : start + MIB]
                )
                assert sent.status_code == 204

            async def dying() -> AsyncIterator[bytes]:
                yield PDF[2 * MIB : 2 * MIB + 100_000]
                process.kill()
                yield PDF[2 * MIB + 100_000 :]

            with pytest.raises(httpx.TransportError):
                await client.patch(base + path, headers=who | PART | {"Upload-Offset": str(2 * MIB)}, content=dying())
        with server(url, folder) as (_, base):
            offset = int((await client.head(base + path, headers=who | TUS)).headers["Upload-Offset"])
            assert offset == 2 * MIB
            rest = await client.patch(
                base + path, headers=who | PART | {"Upload-Offset": str(offset)}, content=PDF[offset:]
            )
            assert rest.status_code == 204, rest.text
            (item,) = (await client.get(f"{base}/api/v1/cases/{case.id}/evidence", headers=who)).json()
    assert item["sha256"] == hashlib.sha256(PDF).hexdigest()
    await database.close()


async def test_a_whole_file_whose_server_died_before_the_end_is_attached_when_it_is_asked_for(
    api: Api, who: People, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = await begun(api, case_id, who.learner)

    async def died(*_: object) -> None:
        raise Refused("unavailable")

    with monkeypatch.context() as patched:
        patched.setattr(routes, "_finish", died)
        assert (await part(api, here, who.learner, 0, PDF)).status_code == 503
    assert await held(api, case_id, who.learner) == []
    assert (await ask(api, "HEAD", here, who.learner, **TUS)).status_code == 200
    assert await held(api, case_id, who.learner) == [("Relevé.pdf", hashlib.sha256(PDF).hexdigest())]
