"""The form that a third party opens by link: drafted, mended, sent or declined, without account and scripts."""

from typing import Any

import httpx
import pytest

from services.records import attestation_links, attestations
from services.rules.attestations import LIFE, RequestState
from services.rules.case import Stage
from tests.api.kit import HERE, Api
from tests.records import attesting, moving
from tests.records.attesting import Asked
from tests.records.moving import People

WHOLE = {
    "name": "Sample Supervisor",
    "position": "Director",
    "organisation": "Garderie Soleil",
    "relation": "supervisor",
    "how_observed": "We worked side by side.",
    "since": "2024-01-15",
    "seen-first": "seen_often",
    "example-first": "She led the meeting of parents in June, alone, in the large hall.",
    "seen-second": "not_seen",
    "declaration": "yes",
    "version": "0",
}


@pytest.fixture
async def asked(api: Api, who: People) -> Asked:
    case_id = await moving.standing(api.database, who, Stage.ELIGIBLE)
    return await attesting.asked(api.database, case_id, now=api.clock())


async def opened(api: Api, asked: Asked, rest: str = "", language: str = "en") -> httpx.Response:
    return await api.http.get(f"/{language}/attest/{asked.token}{rest}")


async def sent(api: Api, asked: Asked, rest: str = "", **fields: str) -> httpx.Response:
    return await api.http.post(f"/en/attest/{asked.token}{rest}", headers=HERE, data=fields)


async def state(api: Api, asked: Asked) -> RequestState:
    async with api.database.reading() as session:
        return (await attestations.get(session, case_id=asked.case_id, request_id=asked.request_id)).state


async def test_the_link_of_the_mail_leads_to_the_form_which_opening_does_not_change(
    api: Api, who: People, asked: Asked
) -> None:
    led = await api.http.get(f"/attestations/{asked.token}", headers={"Accept-Language": "fr"})
    assert led.headers["location"] == f"/fr/attest/{asked.token}"
    before = await moving.everything(api.database)
    for language in ("en", "fr"):
        shown = await opened(api, asked, language=language)
        assert shown.status_code == 200
        assert who.learner.name in shown.text
        assert "boss@" not in shown.text
        assert "set-cookie" not in shown.headers
    assert await moving.everything(api.database) == before


async def test_a_draft_is_kept_and_a_slower_window_reads_both(api: Api, asked: Asked) -> None:
    half = {"name": "Half", "doubts": "A <b>doubt</b>", "version": "0", "do": "save"}
    kept = await sent(api, asked, **half)
    assert kept.headers["location"] == f"/en/attest/{asked.token}?done=saved"
    assert "A &lt;b&gt;doubt" in (await opened(api, asked, "?done=saved")).text
    slow = await sent(api, asked, **half | {"doubts": "Something else"})
    assert slow.status_code == 409
    assert "Something else" in slow.text
    assert "A &lt;b&gt;doubt" in slow.text
    again = await sent(api, asked, **half | {"doubts": "Something else", "version": "1"})
    assert again.status_code == 303


async def test_everything_that_is_missing_is_named_at_once_and_nothing_typed_is_lost(api: Api, asked: Asked) -> None:
    part = {"doubts": "Keep me", "since": "soon", "version": "0", "do": "send"}
    unread = await sent(api, asked, **part)
    assert (unread.status_code, "#since" in unread.text, "soon" in unread.text) == (422, True, True)
    wrong = await sent(api, asked, **part | {"since": "", "may_call": "yes", "seen-second": "seen_often"})
    assert wrong.status_code == 422
    for at in ("name", "position", "relation", "since", "phone", "seen-first", "example-second", "declaration"):
        assert f'href="#{at}"' in wrong.text, at
        assert f'id="{at}"' in wrong.text, at
    assert "Keep me" in wrong.text
    long = await sent(api, asked, **WHOLE | {"name": "x" * 300, "do": "send"})
    assert (long.status_code, 'href="#name"' in long.text) == (422, True)
    assert await state(api, asked) is RequestState.OPEN


async def test_it_is_sent_once_and_then_every_link_that_opens_nothing_looks_alike(api: Api, asked: Asked) -> None:
    done = await sent(api, asked, **WHOLE | {"do": "send"})
    assert done.headers["location"] == "/en/attested?done=sent", done.text
    assert await state(api, asked) is RequestState.SUBMITTED
    assert (await api.http.get("/en/attested?done=sent")).status_code == 200
    pages = set()
    for token in (asked.token, "never-a-link"):
        for rest in ("", "/files", "/decline"):
            answer = await opened(api, Asked(asked.case_id, asked.request_id, token), rest)
            assert answer.status_code == 404
            pages.add(answer.text.replace(token, "TOKEN").replace(rest, ""))
    assert len(pages) == 1
    assert (await sent(api, asked, **WHOLE | {"do": "send"})).status_code == 404
    assert (await sent(api, asked, "/decline", why="no")).status_code == 404


async def test_an_expired_link_opens_nothing(api: Api, asked: Asked) -> None:
    api.clock.pass_(seconds=LIFE.total_seconds() + 1)
    assert (await opened(api, asked)).status_code == 404


@pytest.mark.parametrize(("why", "then"), [("no", RequestState.DECLINED), ("unknown", RequestState.UNKNOWN_PERSON)])
async def test_somebody_says_no(api: Api, asked: Asked, why: str, then: RequestState) -> None:
    assert (await opened(api, asked, "/decline")).status_code == 200
    done = await sent(api, asked, "/decline", why=why)
    assert done.headers["location"] == "/en/attested?done=declined"
    assert await state(api, asked) is then


async def test_a_file_is_added_by_a_plain_form_and_taken_out_again(api: Api, asked: Asked) -> None:
    async def attach(name: str, content: bytes) -> httpx.Response:
        files: Any = {"file": (name, content, "application/octet-stream")}
        return await api.http.post(f"/en/attest/{asked.token}/files", headers=HERE, files=files)

    assert (await sent(api, asked, name="Half", version="0", do="files")).headers["location"].endswith("/files")
    refused = await attach("letter.exe", b"MZ")
    assert (refused.status_code, "#file" in refused.text) == (415, True)
    assert (await attach("letter.txt", b"I saw her work.")).status_code == 303
    shown = await opened(api, asked, "/files")
    assert "letter.txt" in shown.text
    async with api.database.reading() as session:
        (file,) = await attestation_links.files(session, asked.request_id)
    assert (await sent(api, asked, f"/files/{file.id}/remove")).status_code == 303
    assert "letter.txt" not in (await opened(api, asked, "/files")).text
