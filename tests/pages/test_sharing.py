"""A credential that its holder keeps to themselves shows nothing of them, by code, by link, in data or on a page."""

import io
import json
from typing import Any
from uuid import UUID

from sqlmodel import select

from services.records.tables.audit import AuditLine
from services.records.tables.cases import Claim
from services.records.tables.credentials import Credential
from services.records.tables.decisions import DecisionKind
from services.records.tables.sharing import CheckAnswers
from tests.api.kit import HERE, Api
from tests.api.test_public import code_of
from tests.api.test_whole_case import decided, good, open_case
from tests.records import test_moves_suspending
from tests.records.moving import People

CONTENT = ("First competency", "It is done safely.", "Assessed individually", "Fully demonstrated")
"""What the sample credential says."""


async def held(api: Api, who: People, case_id: str) -> dict[str, Any]:
    (credential,) = good(await api.get(f"/cases/{case_id}/credentials", who.learner))
    found: dict[str, Any] = credential
    return found


async def visited(api: Api, code: str) -> str:
    """Everything that somebody without an account can read about a code, in one text."""
    addresses = (f"/en/verify/{code}", f"/fr/verify/{code}", f"/api/v1/verify/{code}", f"/api/v1/credentials/{code}")
    return "".join([(await api.http.get(address, follow_redirects=True)).text for address in addresses])


async def test_a_credential_that_nobody_chose_to_share_says_whether_it_holds_and_nothing_else(
    api: Api, who: People
) -> None:
    case_id = await decided(api, who)
    credential = await held(api, who, case_id)
    assert (credential["page_shown"], credential["name_shown"], credential["carries_name"]) == (False, False, True)
    text = await visited(api, credential["code"])
    assert not [one for one in (*CONTENT, who.learner.name, credential["id"]) if one in text]
    answered = good(await api.get(f"/verify/{credential['code']}"))
    assert (answered["status"], answered["credentials"][0]["id"]) == ("valid", None)
    assert (await api.get(f"/credentials/{credential['code']}")).status_code == 404
    page = (await api.http.get(f"/en/verify/{credential['code']}")).text
    assert "Valid\n" in page.replace("</h1>", "\n")
    assert "has not opened this page" in page


async def test_what_is_shown_follows_the_choice_at_once_and_back_again(api: Api, who: People) -> None:
    case_id = await decided(api, who)
    code = await code_of(api, who, case_id, page=True, name=False)
    text = await visited(api, code)
    assert all(one in text for one in CONTENT)
    assert who.learner.name not in text
    assert (await api.get(f"/credentials/{code}")).status_code == 404  # a name cannot be taken out of what is signed
    await code_of(api, who, case_id)
    assert who.learner.name in (await api.http.get(f"/en/verify/{code}")).text
    assert (await api.get(f"/credentials/{code}")).json()["name"] == "First competency"
    await code_of(api, who, case_id, page=False, name=False)
    text = await visited(api, code)
    assert not [one for one in (*CONTENT, who.learner.name) if one in text]


async def test_whoever_brings_the_file_reads_what_we_recorded_but_no_name_that_is_not_in_it(
    api: Api, who: People
) -> None:
    case_id = await decided(api, who)
    credential = await held(api, who, case_id)
    file = await api.http.get(credential["url"], headers=await api.as_(who.learner))
    shown = (await api.http.post("/en/verify", files={"file": ("a.json", file.content)})).text
    assert all(one in shown for one in (*CONTENT, who.learner.name))
    document = json.loads(file.content)
    document["credentialSubject"]["identifier"] = [{"identityType": "name", "identityHash": "Somebody Else"}, 7]
    changed = (await api.http.post("/en/verify", files={"file": ("a.json", json.dumps(document).encode())})).text
    assert "Changed after issue" in changed
    assert CONTENT[0] in changed
    assert who.learner.name not in changed
    assert "Somebody Else" not in changed
    assert (await api.http.get(credential["url"])).status_code == 401
    async with api.database.reading() as session:
        lines = await session.exec(select(AuditLine.actor).where(AuditLine.action == "credential_read"))
        assert list(lines) == [str(who.learner.id)]


async def test_the_switches_stand_on_the_learners_page_and_lead_out_only_while_the_page_is_shown(
    api: Api, who: People
) -> None:
    case_id = await decided(api, who)
    credential = await held(api, who, case_id)
    headers = await api.as_(who.learner) | HERE
    path = f"/en/cases/{case_id}/credentials"
    private = (await api.http.get(path, headers=headers)).text
    assert "linkedin.com" not in private
    assert credential["verify_url"] in private
    refused = await api.http.post(f"{path}/{credential['id']}/sharing", headers=headers, data={"show": "name"})
    assert (refused.status_code, "Your name can only be shown on a page" in refused.text) == (409, True)
    sent = await api.http.post(f"{path}/{credential['id']}/sharing", headers=headers, data={"show": ["page", "name"]})
    assert sent.status_code == 303
    page = (await api.http.get(sent.headers["location"], headers=headers)).text
    assert "The page and your name are shown." in page
    profile = next(part for part in page.split('"') if "linkedin.com" in part).replace("&amp;", "&")
    assert "&name=First+competency&organizationName=Example+College&issueYear=2026&issueMonth=3&certUrl=" in profile
    assert f"certId={credential['code']}" in profile
    assert who.learner.name.replace(" ", "+") not in profile
    off = await api.http.post(f"{path}/{credential['id']}/sharing", headers=headers, data={})
    assert "It is private now." in (await api.http.get(off.headers["location"], headers=headers)).text
    absent = await api.http.post(f"{path}/{case_id}/sharing", headers=headers, data={"show": "page"})
    assert absent.status_code == 404


async def test_before_the_decision_the_page_says_when_there_will_be_credentials(api: Api, who: People) -> None:
    case_id = await open_case(api, who)
    page = await api.http.get(f"/fr/cases/{case_id}/credentials", headers=await api.as_(who.learner))
    assert "le jour de la décision" in page.text


async def test_a_picture_has_the_address_and_its_qr_code_and_no_name(api: Api, who: People) -> None:
    from PIL import Image

    credential = await held(api, who, await decided(api, who))
    headers = await api.as_(who.learner)
    drawn = await api.http.get(f"{credential['picture_url']}/svg", headers=headers)
    assert drawn.headers["content-type"].startswith("image/svg+xml")
    assert credential["verify_url"] in drawn.text
    assert who.learner.name not in drawn.text
    painted = await api.http.get(f"{credential['picture_url']}/png", headers=headers)
    image = Image.open(io.BytesIO(painted.content))
    assert (image.format, image.size) == ("PNG", (1200, 630))
    assert credential["verify_url"] in image.info["Description"]
    assert (await api.http.get(f"{credential['picture_url']}/gif", headers=headers)).status_code == 404


async def test_each_check_by_code_or_file_is_counted_for_the_holder(api: Api, who: People) -> None:
    case_id = await decided(api, who)
    code = await code_of(api, who, case_id)
    file = (await api.get(f"/credentials/{code}")).content
    assert (await held(api, who, case_id))["checks"] == 0
    await api.http.get(f"/en/verify/{code}")
    await api.get(f"/verify/{code}")
    await api.http.post("/api/v1/verify", content=file)
    await api.http.post("/api/v1/verify", content=file.replace(b"First", b"Third"))
    await api.get("/verify/0000-0000-0000")
    assert (await held(api, who, case_id))["checks"] == 4


async def test_three_questions_under_an_answer_are_counted_without_a_trace_of_who_answered(
    api: Api, who: People
) -> None:
    code = await code_of(api, who, await decided(api, who), page=False, name=False)
    assert "Three short questions" in (await api.http.get(f"/en/verify/{code}")).text
    path = f"/en/verify/{code}/answers"
    sent = await api.http.post(path, headers=HERE, data={"clear": "yes", "known": "not_at_all"})
    assert (sent.status_code, sent.headers["location"]) == (303, "/en/verify/thanks")
    assert "set-cookie" not in sent.headers
    assert "Your answers are counted" in (await api.http.get("/en/verify/thanks")).text
    answered = await api.http.post(f"/api/v1/verify/{code}/answers", headers=HERE, json={"clear": "yes"})
    assert answered.status_code == 204
    elsewhere = await api.http.post(path, headers={"Origin": "https://other.example"}, data={"clear": "no"})
    assert elsewhere.status_code == 403
    assert (await api.http.post("/api/v1/verify/x/answers", headers=HERE, json={"clear": "yes"})).status_code == 404
    assert (
        await api.http.post(f"/api/v1/verify/{code}/answers", headers=HERE, json={"clear": "maybe"})
    ).status_code == 422
    async with api.database.reading() as session:
        rows = [row.model_dump() for row in await session.exec(select(CheckAnswers))]
    counted = {(row["question"], row["answer"]): row["number"] for row in rows}
    assert counted == {("clear", "yes"): 2, ("known", "not_at_all"): 1}
    assert set(rows[0]) == {"programme", "institution_id", "quarter", "question", "answer", "number"}
    said = [(await api.http.post(path, headers=HERE, data={"clear": "yes"})).status_code for _ in range(40)]
    assert (said[0], said[-1]) == (303, 429)


async def test_a_holder_asks_in_a_message_to_have_a_credential_withdrawn_or_something_deleted(
    api: Api, who: People
) -> None:
    case_id = await decided(api, who)
    credential = await held(api, who, case_id)
    wish = f"/cases/{case_id}/messages?wish=withdraw-credential"
    page = await api.http.get(f"/en/cases/{case_id}/credentials", headers=await api.as_(who.learner))
    assert f"/en{wish}&amp;about={credential['id']}" in page.text
    message = await api.http.get(f"/en{wish}&about={credential['id']}", headers=await api.as_(who.learner))
    begun = "I ask you to withdraw this credential for good: First competency"
    assert f">{begun}</textarea>" in message.text
    privacy = await api.http.get("/fr/account/privacy", headers=await api.as_(who.learner))
    for one in ("correct", "delete"):
        assert f"/fr/cases/{case_id}/messages?wish={one}" in privacy.text
    form = {"text": begun, "thread": "guidance"}
    path = f"/en/cases/{case_id}/messages"
    assert (await api.http.post(path, headers=await api.as_(who.learner) | HERE, data=form)).status_code == 303
    assert begun in (await api.http.get(path, headers=await api.as_(who.advisor))).text
    strange = await api.http.get(f"/en{wish}&about={credential['id']}", headers=await api.as_(who.advisor))
    assert "></textarea>" in strange.text


async def test_what_takes_the_place_of_a_shared_credential_says_that_it_is_private(api: Api, who: People) -> None:
    case_id = await decided(api, who)
    await code_of(api, who, case_id)
    says, path = "takes the place of a credential that you shared", f"/en/cases/{case_id}/credentials"
    assert says not in (await api.http.get(path, headers=await api.as_(who.learner))).text
    async with api.database.writing() as session:
        old = (await session.exec(select(Credential))).one()
        claim = await session.get_one(Claim, old.claim_id)
    await test_moves_suspending.suspend(api.database, UUID(case_id), who.decider, claim)
    await test_moves_suspending.lift(api.database, UUID(case_id), who.decider, claim)
    lifted = await test_moves_suspending.latest(api.database, DecisionKind.REINSTATEMENT)
    await test_moves_suspending.issue(api.database, lifted)
    page = (await api.http.get(path, headers=await api.as_(who.learner))).text
    assert page.count(says) == 1
    async with api.database.reading() as session:
        new = (await session.exec(select(Credential).where(Credential.id != old.id))).one()
    (card,) = [one for one in page.split("<section ")[1:] if says in one]
    assert f'id="c-{new.id}"' in card
