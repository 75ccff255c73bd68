"""A mentor's page says whom to call and what is due; the notes on it are read by nobody else."""

from services.rules.case import Stage
from services.rules.people import Role
from tests.api.kit import Api
from tests.api.test_whole_case import good
from tests.records import makers, moving
from tests.records.moving import People


async def test_a_mentor_reads_dates_and_keeps_notes_that_nobody_else_reads(api: Api, who: People) -> None:
    case_id = await moving.standing(api.database, who, Stage.ELIGIBLE)
    async with api.database.writing() as session:
        mentor = await makers.staff(session, Role.MENTOR)
    good(await api.command(case_id, "name_mentor", who.lead, {"mentor": str(mentor.id)}))
    page = good(await api.get(f"/cases/{case_id}", mentor))
    assert (page["view"], page["learner"]["id"], page["commands"]) == ("mentor", str(who.learner.id), [])
    assert not {"claims", "answers", "employers", "requests"} & set(page)
    assert good(await api.get(f"/cases/{case_id}", who.learner))["mentor"]["id"] == str(mentor.id)
    note = good(await api.write("POST", f"/cases/{case_id}/notes", mentor, {"text": "Called", "spoke": True}), 201)
    assert good(await api.get(f"/cases/{case_id}/notes", mentor)) == [note]
    for person, status in ((who.learner, 403), (who.advisor, 403), (who.lead, 403), (who.assessor, 404)):
        assert (await api.get(f"/cases/{case_id}/notes", person)).status_code == status
    assert (await api.get(f"/cases/{case_id}/evidence", mentor)).status_code == 403
    words = {"words": "I plan the week on Monday.", "claims": [], "language": "fr", "consent": "2026-1"}
    path = f"/cases/{case_id}/attestations/oral-statements"
    kept = good(await api.write("POST", f"{path}/learner", mentor, words), 201)
    (item,) = good(await api.get(f"/cases/{case_id}/evidence", who.learner))
    assert (item["id"], item["kind"]) == (kept["id"], "oral_statement")
    assert (await api.write("POST", f"{path}/knowledge-holder", mentor, words)).status_code == 403
    again = await api.command(case_id, "name_mentor", who.lead, {"mentor": str(mentor.id)})
    assert (again.status_code, again.json()["code"]) == (409, "mentor_unchanged")
