"""Files from a host of their own: a grant for one file and one session, nothing of the application there, no cookie."""

import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from sqlmodel import col, select

from services.api import access
from services.records import sessions
from services.records.database import Database
from services.records.ids import new_id
from services.records.tables.appointments import Appointment, AppointmentFile
from services.records.tables.assessment import Assignment
from services.records.tables.audit import AuditLine
from services.records.tables.evidence import EvidenceGrant, EvidenceItem
from services.records.tables.people import Person
from services.rules.appointments import AppointmentState, KeptAs
from services.rules.case import Stage
from services.rules.people import Role
from services.rules.programmes import Method
from services.workflows.rounds import FileRounds
from tests.api import kit
from tests.api.kit import BASE, Api
from tests.api.test_whole_case import decided
from tests.records import makers, moving
from tests.records.makers import NOW
from tests.records.moving import People

THERE = "http://127.0.0.1:8000"
PDF = b"%PDF-1.7\n" + b"sample data, visibly\n" * 1000


@pytest.fixture
async def api(sqlite_database: Database, tmp_path: Path) -> AsyncIterator[Api]:
    """An API whose files leave from a second origin."""
    async with kit.opened(sqlite_database, tmp_path, evidence_origin=THERE) as ready:
        yield ready


@pytest.fixture
async def case_id(api: Api, who: People) -> UUID:
    return await moving.standing(api.database, who, Stage.ELIGIBLE)


async def file(api: Api, case_id: UUID, who: People, name: str = "Relevé.pdf", content: bytes = PDF) -> str:
    """The address of a file that the learner has just sent."""
    address = f"/api/v1/cases/{case_id}/evidence"
    came = await api.http.post(address, headers=await api.as_(who.learner), files={"file": (name, content)})
    assert came.status_code == 201, came.text
    return f"{address}/{came.json()['id']}"


async def led(api: Api, address: str, person: Person, method: str = "GET") -> str:
    """Where the address of a file leads `person`."""
    answer = await api.http.request(method, address, headers=await api.as_(person))
    assert answer.status_code == 307, answer.text
    assert not answer.content
    return answer.headers["Location"]


async def read_by(api: Api, case_id: UUID) -> int:
    """How many readings the case's log holds."""
    async with api.database.reading() as session:
        lines = select(AuditLine.seq).where(
            col(AuditLine.stream) == f"case:{case_id}", col(AuditLine.action) == "evidence_read"
        )
        return len(list(await session.exec(lines)))


async def test_a_file_is_noted_here_and_fetched_there_in_a_sandbox(api: Api, who: People, case_id: UUID) -> None:
    here = await file(api, case_id, who)
    page = await api.http.get(f"/en/cases/{case_id}/evidence", headers=await api.as_(who.learner))
    policy = page.headers["Content-Security-Policy"]
    assert f"img-src 'self' data: blob: {THERE}; media-src 'self' blob: {THERE}" in policy
    assert f"connect-src 'self' {THERE}" in policy
    assert "script-src 'self';" in policy
    view = await led(api, f"{here}/view", who.learner)
    assert view.startswith(f"{THERE}/e/")
    assert await read_by(api, case_id) == 1
    got = await api.http.get(view)
    assert (got.status_code, got.content) == (200, PDF)
    said = {
        "Content-Disposition": "inline",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Access-Control-Allow-Origin": BASE,
        "Cache-Control": "private, no-store",
    }
    assert {name: got.headers[name] for name in said} == said
    assert "Set-Cookie" not in got.headers
    part = await api.http.get(view, headers={"Range": "bytes=5-8"})
    assert (part.status_code, part.content) == (206, PDF[5:9])
    assert (await api.http.get(view, headers={"Range": "bytes=99999999-"})).status_code == 416
    assert (await api.http.head(view)).headers["Content-Length"] == str(len(PDF))
    original = await api.http.get(await led(api, f"{here}/file", who.learner, "HEAD"))
    assert original.headers["Content-Disposition"].startswith("attachment; ")
    assert await read_by(api, case_id) == 2


async def test_each_host_answers_its_own_addresses_only(api: Api, who: People, case_id: UUID) -> None:
    here = await file(api, case_id, who)
    grant = (await led(api, f"{here}/view", who.learner)).removeprefix(THERE)
    cookie = (await api.as_(who.learner))["Authorization"].removeprefix("Bearer ")
    signed = {"Cookie": f"{access.cookie_name(api.app.state.house)}={cookie}"}
    for address in ("/en/portfolio", "/api/v1/me", f"{here}/file", "/e/unknown"):
        assert (await api.http.get(f"{THERE}{address}", headers=signed)).status_code == 404
    assert (await api.http.get(grant, headers=signed)).status_code == 404
    assert (await api.http.get(f"{THERE}/health")).status_code == 200
    assert (await api.http.get("/api/v1/me", headers=signed)).status_code == 200


async def test_a_grant_is_worth_no_more_than_its_session_its_time_and_its_holder_s_right(api: Api, who: People) -> None:
    case_id = await moving.assessing(api.database, who)
    async with api.blobs.incoming() as incoming:
        await incoming.write(PDF)
        stored = await incoming.keep()
    async with api.database.writing() as session:
        item = (await session.exec(select(EvidenceItem).where(col(EvidenceItem.case_id) == case_id))).one()
        item.sha256, item.size = stored.sha256, stored.size
        session.add(item)
    here = f"/api/v1/cases/{case_id}/evidence/{item.id}"
    first = await led(api, f"{here}/view", who.assessor)
    assert (await api.http.get(first)).status_code == 200
    api.clock.pass_(minutes=16)
    assert (await api.http.get(first)).status_code == 404
    second = await led(api, f"{here}/view", who.assessor)
    assert (await api.http.get(second)).status_code == 200
    async with api.database.writing() as session:
        await sessions.end_all(session, who.assessor.id, now=api.clock())
    assert (await api.http.get(second)).status_code == 404
    api.headers.clear()
    third = await led(api, f"{here}/file", who.assessor)
    case = await moving.case_of(api.database, case_id)
    async with api.database.writing() as session:
        await makers.exclude(session, case, who.assessor)
    assert (await api.http.get(third)).status_code == 404
    api.clock.pass_(minutes=16)
    rounds = FileRounds(api.database, api.blobs, api.clock)
    await rounds.uploads()
    async with api.database.reading() as session:
        assert not list(await session.exec(select(EvidenceGrant)))


async def test_a_recording_is_fetched_there_too_and_the_learner_takes_it_along(api: Api, who: People) -> None:
    case_id = await decided(api, who)
    async with api.blobs.incoming() as incoming:
        await incoming.write(PDF)
        stored = await incoming.keep()
    async with api.database.writing() as session:
        seat = (await session.exec(select(Assignment).where(col(Assignment.case_id) == UUID(case_id)))).first()
        assert seat is not None
        met = Appointment(
            id=new_id(),
            case_id=seat.case_id,
            assignment_id=seat.id,
            person_id=seat.person_id,
            role=Role.ASSESSOR,
            method=Method.INTERVIEW,
            state=AppointmentState.RECORDED,
            minutes=30,
            language="en",
            about="How the work is done.",
            ordered_at=NOW,
        )
        session.add(met)
        await session.flush()
        row = AppointmentFile(
            id=new_id(),
            appointment_id=met.id,
            case_id=seat.case_id,
            person_id=seat.person_id,
            role=Role.ASSESSOR,
            what=KeptAs.FORM,
            name="form.pdf",
            file_kind="pdf",
            media_type="application/pdf",
            size=stored.size,
            sha256=stored.sha256,
            received_at=NOW,
        )
        session.add(row)
    here = f"/api/v1/cases/{case_id}/appointments/{met.id}/files/{row.id}"
    got = await api.http.get(await led(api, here, who.learner))
    assert (got.status_code, got.content) == (200, PDF)
    assert got.headers["Content-Disposition"].startswith("attachment; ")
    assert (await api.http.get(here, headers=await api.as_(who.decider))).status_code == 403
    answer = await api.get("/me/export", who.learner)
    names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert [one for one in names if one.endswith(f"/appointments/{met.id}/01-form.pdf")]


async def test_whoever_may_not_see_a_file_is_led_nowhere(api: Api, who: People, case_id: UUID) -> None:
    here = await file(api, case_id, who)
    async with api.database.writing() as session:
        stranger = await makers.person(session, name="Sample Stranger")
    refused: list[httpx.Response] = [
        await api.http.get(f"{here}/{way}", headers=await api.as_(stranger)) for way in ("file", "view")
    ]
    text = await file(api, case_id, who, "notes.txt", b"a text is only ever downloaded")
    refused.append(await api.http.get(f"{text}/view", headers=await api.as_(who.learner)))
    assert {answer.status_code for answer in refused} == {404}
    async with api.database.reading() as session:
        assert not list(await session.exec(select(EvidenceGrant)))
