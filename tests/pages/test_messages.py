"""A conversation on pages: written without scripts, counted where a day begins, previewed in the learner’s language."""

import re
from datetime import timedelta
from uuid import UUID

import httpx

from services.api.pages import nudges
from services.records import sessions
from services.records.tables.cases import Case
from services.records.tables.people import Person
from services.rules.case import Stage
from services.rules.people import Role
from tests.api.kit import Api
from tests.pages.reading import read, sent
from tests.records import makers, moving
from tests.records.makers import NOW
from tests.records.moving import People


async def pulse(api: Api, person: Person, case_id: UUID, tag: str = "") -> httpx.Response:
    headers = await api.as_(person) | {"If-None-Match": tag, "Acquis-Background": "1"}
    return await api.http.get(f"/en/cases/{case_id}/pulse", headers=headers)


async def test_a_message_is_written_read_and_answered_without_scripts(api: Api, who: People) -> None:
    case_id = await moving.standing(api.database, who, Stage.ELIGIBLE)
    path = f"/en/cases/{case_id}/messages"
    asked = await sent(api, who.learner, path, text="Which <b>file</b>?", thread="guidance")
    assert (asked.status_code, asked.headers["location"]) == (303, path)
    caseload = await read(api, who.advisor, "/en/cases?show=needs_me")
    assert f"/en/cases/{case_id}/messages" in caseload
    assert "1 new" in caseload
    assert "1 nouveau" in await read(api, who.advisor, f"/fr/cases/{case_id}")
    async with api.database.writing() as session:
        auditor = await makers.staff(session, Role.AUDITOR)
    assert "1 new" not in await read(api, auditor, f"/en/cases/{case_id}")
    assert "Write a message" not in await read(api, auditor, path)
    seen = await read(api, who.advisor, path)
    assert "Which &lt;b&gt;file&lt;/b&gt;?" in seen
    assert "The learner has waited for an answer since" in seen
    assert "1 new" not in await read(api, who.advisor, f"/en/cases/{case_id}")  # what was shown counts as read
    assert (await sent(api, who.advisor, path, text="The <i>second</i> one")).status_code == 303
    assert "has waited for an answer" not in await read(api, who.advisor, path)
    for start in ("/en/portfolio", f"/en/cases/{case_id}"):
        assert "1 new" in await read(api, who.learner, start)
    mine = await read(api, who.learner, path)
    assert mine.index("The &lt;i&gt;second&lt;/i&gt; one") < mine.index("Which &lt;b&gt;file")
    assert "No answer is needed" not in mine
    assert "1 new" not in await read(api, who.learner, "/en/portfolio")


async def test_what_cannot_be_sent_comes_back_as_it_was_typed(api: Api, who: People) -> None:
    case_id = await moving.standing(api.database, who, Stage.ELIGIBLE)
    for text, says in (("  ", "Write a message"), ("x" * 4001, "must have 4000 characters or fewer")):
        answer = await sent(api, who.learner, f"/en/cases/{case_id}/messages", text=text)
        assert answer.status_code == 422
        assert says in answer.text
        assert text.strip() in answer.text


async def test_a_learner_message_that_needs_no_answer_is_settled(api: Api, who: People) -> None:
    case_id = await moving.standing(api.database, who, Stage.ELIGIBLE)
    path = f"/fr/cases/{case_id}/messages"
    await sent(api, who.learner, path, text="Merci !")
    assert (await sent(api, who.learner, f"{path}/settled")).status_code == 403
    assert (await sent(api, who.advisor, f"{path}/settled", thread="guidance")).headers["location"] == path
    assert "attend une réponse" not in await read(api, who.advisor, path)


async def test_a_nudge_is_shown_in_the_language_of_the_learner_before_it_is_sent(api: Api, who: People) -> None:
    due = NOW + timedelta(days=9)
    case_id = await moving.standing(api.database, who, Stage.ELIGIBLE, language="fr", due_at=due)
    seen = await read(api, who.advisor, f"/en/cases/{case_id}/messages?nudge=date_comes")
    box = re.search(r"<textarea[^>]*lang=\"fr\"[^>]*>([^<]*)", seen)
    assert box is not None
    assert "La prochaine échéance de votre dossier est le 11" in box[1]
    assert "The next date of your case is 11" in seen
    assert "In your language it says" not in await read(
        api, who.advisor, f"/fr/cases/{case_id}/messages?nudge=date_comes"
    )
    for person, path in ((who.learner, "?nudge=date_comes"), (who.advisor, "?nudge=unknown")):
        other = await read(api, person, f"/en/cases/{case_id}/messages{path}")
        assert "La prochaine échéance" not in other
    async with api.database.writing() as session:
        case = await session.get_one(Case, case_id)
        case.due_at = None
        assert set(nudges.offered(case)) == set(nudges.known()) - {"date_comes"}


async def test_a_mentor_and_a_learner_have_a_thread_of_their_own(api: Api, who: People) -> None:
    async with api.database.writing() as session:
        mentor = await makers.staff(session, Role.MENTOR)
    case_id = await moving.standing(api.database, who, Stage.ELIGIBLE, mentor_id=mentor.id, mentor_since=NOW)
    path = f"/en/cases/{case_id}/messages"
    there = await sent(api, who.learner, path, text="Shall we talk?", thread="mentoring")
    assert there.headers["location"] == f"{path}?thread=mentoring"
    assert f"{path}?thread=mentoring" in await read(api, mentor, "/en/cases")
    assert "Shall we talk?" in await read(api, mentor, path)
    assert "Shall we talk?" not in await read(api, who.advisor, path)
    await read(api, who.advisor, f"{path}?thread=mentoring", 403)


async def test_remarks_stand_on_the_case_of_those_who_lead_it_alone(api: Api, who: People) -> None:
    case_id = await moving.assessing(api.database, who)
    kept = await sent(api, who.lead, f"/en/cases/{case_id}/remarks", text="Ask <u>again</u>")
    assert kept.headers["location"] == f"/en/cases/{case_id}#remarks"
    assert "Ask &lt;u&gt;again&lt;/u&gt;" in await read(api, who.advisor, f"/en/cases/{case_id}")
    for person in (who.learner, who.assessor):
        assert "&lt;u&gt;" not in await read(api, person, f"/en/cases/{case_id}")
        assert (await sent(api, person, f"/en/cases/{case_id}/remarks", text="x")).status_code == 403


async def test_older_messages_stand_on_pages_of_their_own(api: Api, who: People) -> None:
    case_id = await moving.standing(api.database, who, Stage.ELIGIBLE)
    path = f"/en/cases/{case_id}/messages"
    for number in range(51):
        await sent(api, who.learner, path, text=f"Number {number:03}")
    newest = await read(api, who.advisor, path)
    assert "Number 050" in newest
    assert "Number 000" not in newest
    older = re.search(r'href="([^"]*before=[^"]*)"', newest)
    assert older is not None
    assert "Number 000" in await read(api, who.advisor, older[1].replace("&amp;", "&"))


async def test_a_page_learns_that_something_happened_and_keeps_nobody_signed_in(api: Api, who: People) -> None:
    case_id = await moving.standing(api.database, who, Stage.ELIGIBLE)
    seen = await read(api, who.learner, f"/en/cases/{case_id}")
    tag = re.search(r'data-tag="([^"]*)"', seen)
    assert tag is not None
    known = tag[1].replace("&#34;", '"')
    assert (await pulse(api, who.learner, case_id, known)).status_code == 304
    await sent(api, who.advisor, f"/en/cases/{case_id}/messages", text="Hello")
    fresh = await pulse(api, who.learner, case_id, known)
    assert fresh.status_code == 204
    assert fresh.headers["etag"] != known
    for person, status in ((who.assessor, 404), (who.decider, 404)):
        assert (await pulse(api, person, case_id)).status_code == status
    token = (await api.as_(who.learner))["Authorization"].removeprefix("Bearer acq_")

    async def forgotten() -> bool:
        api.clock.pass_(minutes=10)
        await pulse(api, who.learner, case_id)
        async with api.database.reading() as session:
            found = await sessions.find(session, token, now=api.clock())
        return found is not None and found.stale

    assert await forgotten()
    await read(api, who.learner, "/en/portfolio")
    async with api.database.reading() as session:
        found = await sessions.find(session, token, now=api.clock())
    assert found is not None
    assert not found.stale
