"""A learner takes everything along that is held of them and nothing of others; no file is ever held whole."""

import io
import json
import zipfile
from collections.abc import AsyncIterator

from sqlmodel import select

from services.documents import archives
from services.documents.archives import Entry
from services.records.tables.audit import AuditLine
from tests.api.kit import Api
from tests.api.test_public import code_of
from tests.api.test_whole_case import decided, good, into_assessment, open_case, show
from tests.records import makers
from tests.records.makers import NOW
from tests.records.moving import People


async def taken(api: Api, person: object) -> zipfile.ZipFile:
    """The archive that somebody is given."""
    answer = await api.get("/me/export", person)  # type: ignore[arg-type]  # a person
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    return zipfile.ZipFile(io.BytesIO(answer.content))


async def test_everything_of_a_learner_is_in_one_archive_as_the_api_tells_it(api: Api, who: People) -> None:
    case_id = await decided(api, who)
    code = await code_of(api, who, case_id)
    archive = await taken(api, who.learner)
    number = good(await api.get(f"/cases/{case_id}", who.learner))["number"]
    folder = f"cases/{number}"
    told = {
        "case": f"/cases/{case_id}",
        "answers": f"/cases/{case_id}/answers",
        "evidence": f"/cases/{case_id}/evidence",
        "judgements": f"/cases/{case_id}/recommendations",
        "letters": f"/cases/{case_id}/letters",
        "credentials": f"/cases/{case_id}/credentials",
        "timeline": f"/cases/{case_id}/timeline",
    }
    for name, path in told.items():
        assert json.loads(archive.read(f"{folder}/{name}.json")) == good(await api.get(path, who.learner)), name
    assert archive.read(f"{folder}/evidence/01-sample.txt") == b"What I made, step by step."
    assert archive.read(f"{folder}/credentials/{code}.json") == (await api.get(f"/credentials/{code}")).content
    letters = good(await api.get(f"/cases/{case_id}/letters", who.learner))
    assert len([name for name in archive.namelist() if name.endswith(".pdf")]) == len(letters)
    assert json.loads(archive.read("account.json"))["name"] == who.learner.name
    assert {one["purpose"] for one in json.loads(archive.read("agreements.json"))} == {"holder_name"}
    assert {one["part"] for one in json.loads(archive.read("shown.json"))} == {"page", "name"}
    log = json.loads(archive.read("log.json"))
    assert {"credential_shown", "case_opened"} <= {one["action"] for one in log}
    assert json.loads(archive.read("left-out.json")) == []
    assert archive.testzip() is None
    async with api.database.reading() as session:
        noted = await session.exec(select(AuditLine.actor).where(AuditLine.action == "everything_exported"))
        assert list(noted) == [str(who.learner.id)]


async def test_before_the_decision_nothing_of_it_is_told_and_others_are_given_nothing_of_the_case(
    api: Api, who: People
) -> None:
    case_id = await open_case(api, who)
    item = await show(api, who, case_id)
    gone = await api.write("DELETE", f"/cases/{case_id}/evidence/{item}", who.learner)
    assert gone.status_code == 204
    names = (await taken(api, who.learner)).namelist()
    assert [one.rpartition("/")[2] for one in names if "taken-out" in one] == ["01-sample.txt"]
    assert not [one for one in names if "judgements" in one or "letters" in one or "credentials" in one]
    async with api.database.writing() as session:
        stranger = await makers.person(session)
    for person in (stranger, who.advisor, who.assessor):
        archive = await taken(api, person)
        assert sorted(archive.namelist()) == sorted(
            [
                "account.json",
                "agreements.json",
                "shown.json",
                "log.json",
                "sponsors.json",
                "surveys.json",
                "self-identification.json",
                "left-out.json",
            ]
        )
    assert (await api.get("/me/export")).status_code == 401


async def test_the_privacy_page_leads_to_the_archive_and_to_withdrawing(api: Api, who: People) -> None:
    case_id, _ = await into_assessment(api, who)
    page = await api.http.get("/en/account/privacy", headers=await api.as_(who.learner))
    assert 'href="/api/v1/me/export"' in page.text
    assert f'href="/en/cases/{case_id}/do/withdraw"' in page.text


async def test_an_archive_is_written_piece_by_piece() -> None:
    asked = 0

    async def long() -> AsyncIterator[bytes]:
        nonlocal asked
        for _ in range(50):
            asked += 1
            yield b"x" * 100_000

    sizes, ahead = [], []
    whole = io.BytesIO()
    async for piece in archives.written(
        [Entry("a.bin", NOW, long()), Entry("b.txt", NOW, archives.once(b"end"), text=True)]
    ):
        sizes.append(len(piece))
        ahead.append(asked * 100_000 - sum(sizes))
        whole.write(piece)
    assert max(sizes) < 110_000
    assert max(ahead) < 200_000
    archive = zipfile.ZipFile(whole)
    assert archive.read("a.bin") == b"x" * 5_000_000
    assert archive.read("b.txt") == b"end"


def test_names_inside_an_archive_lead_nowhere_else() -> None:
    assert archives.safe("../../etc/passwd") == "_.._etc_passwd"
    assert archives.safe("..") == "_"
    assert archives.safe("a\\b\x00c:d.txt") == "a_b_c_d.txt"
    assert archives.safe("E\u0301te\u0301 ᓄᓇᕗᑦ.pdf") == "Été ᓄᓇᕗᑦ.pdf"
    assert archives.safe("n" * 300 + ".pdf") == "n" * 116 + ".pdf"
    assert archives.safe("n" * 300) == "n" * 120
