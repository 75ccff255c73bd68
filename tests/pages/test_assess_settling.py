"""Two readings that differ are settled by their authors or by a panel; and what assessors keep for themselves."""

from uuid import UUID

from services.records import calibrations, comment_bank
from services.records.tables.people import Person
from services.rules.claims import Recommendation
from services.rules.people import Role
from services.rules.programmes import Language
from tests.api.kit import Api
from tests.pages.test_assess_offers import page, sent
from tests.records import appealing, makers, moderated, moving
from tests.records.moving import People

MET, PARTIAL = Recommendation.MET, Recommendation.PARTIAL


async def version(api: Api, case_id: UUID, person: Person) -> str:
    return str((await api.get(f"/cases/{case_id}", person)).json()["version"])


async def test_the_two_write_to_each_other_and_sign_the_same(api: Api, who: People) -> None:
    case = await moderated.differing(api.database, who, first=(MET, PARTIAL))
    path = f"/en/cases/{case.id}/compare"
    assert path in (await page(api, "/en/queue", who.assessor)).text
    form = f"/en/cases/{case.id}/do/settle-conferral"
    led = await page(api, form, who.assessor)
    assert (led.status_code, led.headers["location"]) == (303, path)
    assert (await sent(api, form, who.assessor)).headers["location"] == path
    assert (await page(api, form, who.lead)).status_code == 409
    shown = await page(api, path, who.assessor)
    assert "It is done safely." in shown.text
    assert "Valid:" not in shown.text
    assert "Valid:" in (await page(api, f"{path}?all=1", who.assessor)).text
    assert case.second.name not in shown.text
    empty = await sent(api, path, who.assessor, answer="write", text="  ")
    assert empty.status_code == 422
    await sent(api, path, who.assessor, answer="write", text="Look at <b>page 2</b>")
    assert "Look at &lt;b&gt;page 2&lt;/b&gt;" in (await page(api, path, case.second)).text
    async with api.database.writing() as session:
        auditor = await makers.staff(session, Role.AUDITOR)
    audited = (await page(api, path, auditor)).text
    assert "First assessment" in audited
    assert "Sign what I chose" not in audited
    claim = (await moving.claims_of(api.database, case.id))["first"].id
    chosen = {f"choice-{claim}": str(case.readings[who.assessor.id, "first"]), "answer": "sign"}
    for person in (who.assessor, case.second):
        signed = await sent(api, path, person, version=await version(api, case.id, person), **chosen)
        assert signed.headers["location"] == "/en/queue?done=signed"
    assert (await moving.case_of(api.database, case.id)).stage == "decision_pending"
    for person, status in ((who.learner, 403), (who.lead, 403), (who.decider, 403), (who.assessor, 404)):
        assert (await page(api, path, person)).status_code == status


async def test_a_chair_signs_the_minutes_and_keeps_what_was_typed_when_refused(api: Api, who: People) -> None:
    await moderated.panelists(api.database)
    case_id = await moderated.returned(api.database, who, first=PARTIAL)
    members = await moderated.seated(api.database, case_id)
    chair = members[0]
    (claim,) = (await moderated.unsettled(api.database, case_id)).values()
    path = f"/en/cases/{case_id}/panel"
    assert "Record the minutes" in (await page(api, path, chair)).text
    led = await page(api, f"/en/cases/{case_id}/do/record-panel", chair)
    assert (led.status_code, led.headers["location"]) == (303, path)
    assert (await page(api, f"/en/cases/{case_id}/do/record-panel", members[1])).status_code == 409
    assert "Record the minutes" not in (await page(api, path, members[1])).text
    assert "Open the panel" in (await page(api, f"/en/cases/{case_id}", members[1])).text
    fields: dict[str, str | list[str]] = {
        "member": [str(one.id) for one in members],
        "claim": str(claim),
        "material": "The portfolio & both readings.",
        f"reasons-{claim}": "The second work sample shows the whole task.",
        "version": await version(api, case_id, chair),
    }
    for one in members:
        fields |= {
            f"present-{one.id}": "yes",
            f"capacity-{one.id}": "Subject expert",
            f"statement-{one.id}": "No tie to the learner.",
            f"vote-{claim}-{one.id}": "met",
        }
    await moderated.form(api.database, case_id, chair, first=MET)
    headers = await api.as_(chair)
    unsigned = await api.http.post(path, headers=headers, data=fields)
    assert unsigned.status_code == 409
    assert "The portfolio &amp; both readings." in unsigned.text
    signed = await api.http.post(path, headers=headers, data=fields | {"signed": "yes"})
    assert signed.headers["location"] == "/en/queue?done=recorded"
    kept = (await page(api, path, who.decider)).text
    assert "Minutes of" in kept
    assert members[1].name in kept
    for person in (who.learner, who.lead):
        assert (await page(api, path, person)).status_code == 403


async def test_anchors_are_read_one_by_one_and_their_answers_never_told(api: Api, who: People) -> None:
    programme = makers.programme()
    async with api.database.writing() as session:
        keeper = await makers.staff(session, Role.PROGRAMME_ADMIN)
        kept = [
            await calibrations.keep(
                session,
                programme,
                competency="first",
                language=Language.EN,
                title=title,
                material="<i>Read</i>",
                agreed=MET,
                keeper=keeper.id,
                now=makers.NOW,
            )
            for title in ("One", "Two")
        ]
    path = "/en/calibration/sample-programme"
    assert path in (await page(api, "/en/calibration", who.assessor)).text
    first = (await page(api, path, who.assessor)).text
    assert "&lt;i&gt;Read&lt;/i&gt;" in first
    assert (await sent(api, f"{path}/anchors/{kept[0].id}", who.assessor)).status_code == 422
    async with api.database.reading() as session:
        left = (await calibrations.standing(session, programme, person=who.assessor.id)).left
    for one in left:
        answer = await sent(api, f"{path}/anchors/{one.id}", who.assessor, recommendation="met")
        assert answer.headers["location"] == path
    assert "2 of 2 as agreed" in (await page(api, path, who.assessor)).text
    assert (await page(api, path, who.lead)).status_code == 403


async def test_a_comment_is_ones_own_unless_it_is_shared(api: Api, who: People) -> None:
    async with api.database.writing() as session:
        other = await makers.staff(session, Role.ASSESSOR)
    assert (await sent(api, "/en/comments", who.assessor)).status_code == 422
    await sent(api, "/en/comments", who.assessor, en="Mine <b>alone</b>")
    await sent(api, "/en/comments", who.assessor, en="For all", fr="Pour tous", shared="yes")
    assert "Mine &lt;b&gt;alone" in (await page(api, "/en/comments", who.assessor)).text
    theirs = (await page(api, "/fr/comments", other)).text
    assert "Pour tous" in theirs
    assert "Mine" not in theirs
    async with api.database.reading() as session:
        mine, shared = await comment_bank.of(session, who.assessor.id)
    assert shared.text_in("fr") == "Pour tous"
    assert (await sent(api, "/en/comments", other, remove=str(shared.id))).status_code == 404
    await sent(api, "/en/comments", who.assessor, remove=str(mine.id))
    assert "Mine" not in (await page(api, "/en/comments", who.assessor)).text
    assert (await page(api, "/en/comments", who.learner)).status_code == 403


async def test_a_register_of_people_is_kept_by_its_owner(api: Api, who: People) -> None:
    assert (await sent(api, "/en/known-people", who.assessor)).status_code == 422
    await sent(api, "/en/known-people", who.assessor, name="Aïcha <i>Tremblay</i>")
    shown = (await page(api, "/en/known-people", who.assessor)).text
    assert "Aïcha &lt;i&gt;Tremblay" in shown
    line = (await api.get("/known-people", who.assessor)).json()[0]["id"]
    await sent(api, "/en/known-people", who.assessor, remove=line)
    assert "Nobody yet." in (await page(api, "/en/known-people", who.assessor)).text


async def test_an_appeal_body_reads_on_the_same_workbench(api: Api, who: People) -> None:
    people = await appealing.body(api.database)
    bench = await appealing.convened(api.database, who, people, await appealing.decided(api.database, who))
    api.clock.now = bench.now
    shown = await page(api, f"/en/assess/{bench.case_id}", bench.chair)
    assert shown.status_code == 200
    assert "Go on to the appeal" in shown.text


async def test_the_queue_leads_to_anchors_only_whoever_reads_them(api: Api, who: People) -> None:
    async with api.database.writing() as session:
        member = await makers.staff(session, Role.PANEL)
    assert "/en/calibration" in (await page(api, "/en/queue", who.assessor)).text
    assert "/en/calibration" not in (await page(api, "/en/queue", member)).text
    assert (await page(api, "/en/calibration", member)).status_code == 403
