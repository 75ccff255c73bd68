"""The pages of evidence: one comes by the plain form, is described, tied to skills, replaced, taken out, restored."""

import re
from uuid import UUID

import httpx
import pytest

from services.records.tables.people import Person
from services.rules.case import Stage
from tests.api.kit import HERE, Api
from tests.records import makers, moving
from tests.records.moving import People

PDF = b"%PDF-1.7\n" + b"sample data, visibly\n" * 1000
HOSTILE = '<img src=x onerror="alert(1)">\u202efdp.pdf'


async def page(api: Api, path: str, person: Person) -> httpx.Response:
    return await api.http.get(path, headers=await api.as_(person))


async def sent(api: Api, path: str, person: Person, **fields: object) -> httpx.Response:
    return await api.http.post(path, headers=await api.as_(person) | HERE, data=fields)


async def file(api: Api, path: str, person: Person, name: str = "logbook.pdf", content: bytes = PDF) -> httpx.Response:
    return await api.http.post(path, headers=await api.as_(person) | HERE, files={"file": (name, content)})


@pytest.fixture
async def case_id(api: Api, who: People) -> UUID:
    return await moving.standing(api.database, who, Stage.ELIGIBLE, competencies=("first", "second"))


async def held(api: Api, case_id: UUID, who: People) -> list[dict[str, object]]:
    listed: list[dict[str, object]] = (await api.get(f"/cases/{case_id}/evidence", who.learner)).json()
    return listed


async def test_a_file_is_sent_described_and_tied_to_skills_without_scripts(
    api: Api, who: People, case_id: UUID
) -> None:
    empty = await page(api, f"/en/cases/{case_id}/evidence", who.learner)
    assert "Most people add 3 to 6 files" in empty.text
    assert "No files yet" in empty.text
    came = await file(api, f"/en/cases/{case_id}/evidence", who.learner)
    assert came.status_code == 303
    here = came.headers["location"].removesuffix("?saved=file")
    assert "Now say what this file is" in (await page(api, came.headers["location"], who.learner)).text
    claims = await moving.claims_of(api.database, case_id)
    both = [str(one.id) for one in claims.values()]
    undescribed = await sent(api, here, who.learner, title="My logbook", claim=both)
    assert undescribed.status_code == 422
    assert 'href="#kind"' in undescribed.text
    assert 'value="My logbook"' in undescribed.text
    turned = await sent(
        api, here, who.learner, kind="logbook", period_start="2024-06-30", period_end="2024-01-01", title="x" * 201
    )
    assert turned.status_code == 422
    assert {'href="#period_end"', 'href="#title"'} <= set(re.findall(r'href="#\w+"', turned.text))
    unreadable = await sent(api, here, who.learner, period_start="last summer")
    assert 'href="#period_start"' in unreadable.text
    saved = await sent(
        api, here, who.learner, kind="logbook", title="My logbook", period_start="2024-01-01", claim=both
    )
    assert saved.headers["location"] == f"{here}?saved=words"
    assert "This file shows 2 skills." in (await page(api, saved.headers["location"], who.learner)).text
    assert "Ce fichier montre 2" in (await page(api, f"/fr/cases/{case_id}/evidence", who.learner)).text
    await sent(api, here, who.learner, kind="logbook", title="My logbook", claim=both[:1])
    (kept,) = await held(api, case_id, who)
    assert (kept["title"], kept["kind"], kept["period_start"]) == ("My logbook", "logbook", None)
    assert [one["claim"] for one in kept["pointers"]] == both[:1]  # type: ignore[attr-defined]  # a list of the answer


async def test_sound_is_played_beside_its_transcript_and_times_in_it_become_captions(
    api: Api, who: People, case_id: UUID
) -> None:
    voice = b"ID3" + b"\0" * 500
    came = await file(api, f"/en/cases/{case_id}/evidence", who.learner, "voice.mp3", voice)
    here = came.headers["location"].removesuffix("?saved=file")
    bare = (await page(api, here, who.learner)).text
    assert '<audio class="aq-player" controls preload="none"' in bare
    assert "<track" not in bare
    captions = f"/api/v1{here.removeprefix('/en')}/captions"
    assert (await page(api, captions, who.learner)).status_code == 404
    long = await sent(api, here, who.learner, transcript="x" * 20_001)
    assert (long.status_code, 'href="#transcript"' in long.text) == (422, True)
    text = "0:01 I open the valve.\r\n0:04 <b>Hot</b> & loud."
    saved = await sent(api, here, who.learner, kind="video_of_work", transcript=text)
    assert saved.status_code == 303
    mine = (await page(api, here, who.learner)).text
    assert "0:04 &lt;b&gt;Hot&lt;/b&gt; &amp; loud.</textarea>" in mine
    assert f'src="{captions}" srclang="en"' in mine
    seen = (await page(api, here.replace("/en/", "/fr/"), who.advisor)).text
    assert 'lang="en" tabindex="0">0:01 I open the valve.' in seen
    answer = await page(api, captions, who.advisor)
    assert answer.headers["content-type"].startswith("text/vtt")
    assert "00:00:04.000 --> 99:59:59.999\n&lt;b&gt;Hot&lt;/b&gt; &amp; loud." in answer.text
    assert (await page(api, captions, who.decider)).status_code == 404
    (kept,) = await held(api, case_id, who)
    assert (kept["captioned"], kept["transcript"]) == (True, text.replace("\r", ""))


async def test_a_file_is_replaced_removed_and_brought_back(api: Api, who: People, case_id: UUID) -> None:
    listed = f"/en/cases/{case_id}/evidence"
    first = (await file(api, listed, who.learner, HOSTILE)).headers["location"].removesuffix("?saved=file")
    shown = await page(api, first, who.learner)
    assert "<img" not in shown.text
    assert "\u202e" not in shown.text
    wrong = await file(api, f"{first}/replace", who.learner, "page.html", b"<html>")
    assert wrong.status_code == 415
    assert "This kind of file is not accepted" in wrong.text
    other = await file(api, f"{first}/replace", who.learner, "right.pdf", PDF + b"more")
    second = other.headers["location"].removesuffix("?saved=file")
    assert second != first
    assert (await page(api, first, who.learner)).status_code == 404
    gone = await sent(api, f"{second}/remove", who.learner)
    after = await page(api, gone.headers["location"], who.learner)
    assert "Undo: bring this file back" in after.text
    assert await held(api, case_id, who) == []
    back = await sent(api, f"{second}/restore", who.learner)
    assert back.headers["location"].startswith(f"{listed}#file-")
    assert [one["name"] for one in await held(api, case_id, who)] == ["right.pdf"]


@pytest.mark.parametrize(
    ("name", "content", "status", "says"),
    [
        ("page.html", b"<html>", 415, "Ce type de fichier n’est pas accepté"),
        ("wrong.pdf", b"not what it says", 415, "Le contenu de ce fichier ne correspond pas à son nom."),
        ("empty.pdf", b"", 422, "Ce fichier est vide."),
    ],
)
async def test_what_is_wrong_with_a_file_stands_at_the_file(
    api: Api, who: People, case_id: UUID, *, name: str, content: bytes, status: int, says: str
) -> None:
    answer = await file(api, f"/fr/cases/{case_id}/evidence", who.learner, name, content)
    assert answer.status_code == status
    assert re.search(rf'id="file-error">{re.escape(says)}', answer.text)
    assert await held(api, case_id, who) == []


async def test_others_read_what_is_theirs_and_change_nothing(api: Api, who: People) -> None:
    case_id = await moving.assessing(api.database, who)
    here = f"/en/cases/{case_id}/evidence"
    read = await page(api, here, who.assessor)
    assert "sample.pdf" in read.text
    assert "Send this file" not in read.text
    assert (await file(api, here, who.assessor)).status_code == 403
    locked = await page(api, here, who.learner)
    assert "Your portfolio was sent." in locked.text
    assert "Send this file" not in locked.text
    (only,) = await held(api, case_id, who)
    one = f"{here}/{only['id']}"
    assert "Skills it shows" in (await page(api, one, who.assessor)).text
    assert (await sent(api, f"{one}/remove", who.learner)).status_code == 409
    assert (await sent(api, one, who.learner, kind="logbook")).status_code == 409
    assert (await file(api, f"{one}/replace", who.learner)).status_code == 409
    async with api.database.writing() as session:
        stranger = await makers.person(session, name="Sample Stranger")
    assert (await page(api, here, stranger)).status_code == 404
    assert (await page(api, one, stranger)).status_code == 404
