"""The letter of a lapse lies on the page of its case, for the learner and the advisor, and in both languages."""

from tests.api.kit import Api
from tests.pages.reading import read
from tests.records import moving, test_lapse_letters
from tests.records.moving import People


async def test_the_letter_is_read_by_those_whom_it_concerns(api: Api, who: People) -> None:
    case_id = await test_lapse_letters.lapsed(api.database, who)
    assert (await api.get(f"/cases/{case_id}/letters", who.learner)).status_code == 403
    await api.desk.wake(case_id)
    (english, french) = (await api.get(f"/cases/{case_id}/letters", who.learner)).json()
    assert {english["kind"], french["kind"]} == {"lapse"}
    page = await read(api, who.learner, f"/en/cases/{case_id}")
    assert english["url"] in page
    assert "Your letter" in page
    assert "Your decision" not in page
    assert english["url"] in await read(api, who.advisor, f"/en/cases/{case_id}")
    for person, status in ((who.learner, 200), (who.advisor, 200), (who.lead, 403), (who.decider, 404)):
        letter = await api.http.get(english["url"], headers=await api.as_(person))
        assert letter.status_code == status, person.id
    assert (await api.get(f"/cases/{case_id}/recommendations", who.learner)).status_code == 403
    assert (await moving.case_of(api.database, case_id)).outcome is None
