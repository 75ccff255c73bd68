"""Whoever keeps a programme reads its policy, and what of it a jurist has still to confirm; nobody else does."""

import pytest

from services.rules.people import Role
from tests.api.kit import Api
from tests.records import makers, presets
from tests.records.moving import People


@pytest.mark.parametrize(("preset", "waits"), [("generic", False), ("fr-vae", True)])
async def test_a_policy_is_shown_with_what_waits_for_a_jurist(api: Api, preset: str, *, waits: bool) -> None:
    programme = presets.sample(preset)
    async with api.database.writing() as session:
        await makers.published(session, programme)
        admin = await makers.staff(session, Role.PROGRAMME_ADMIN, programme=programme.slug)
    found = (await api.get(f"/policies/{programme.slug}", admin)).json()
    assert (found["policy"].partition("+")[0], found["review_by_jurist"]) == (f"{preset}-1", waits)
    assert found["values"]["eligibility_limit"] == ("2mo" if preset == "fr-vae" else "10bd")


async def test_a_policy_is_nobody_elses(api: Api, who: People) -> None:
    programme = presets.sample("generic")
    path = f"/policies/{programme.slug}"
    async with api.database.writing() as session:
        await makers.published(session, programme)
        elsewhere = await makers.staff(session, Role.LEAD, programme="another-programme")
    assert (await api.get(path, who.lead)).status_code == 200
    assert (await api.get(path, elsewhere)).status_code == 404
    for person in (who.learner, who.advisor, who.assessor):
        assert (await api.get(path, person)).status_code == 403
