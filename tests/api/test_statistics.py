"""Leads read how their assessors agree, and nobody else does; assessors read anchors without their answers."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from temporalio.testing import ActivityEnvironment

from services.records.database import Database
from services.rules.case import SeatKind, Stage
from services.rules.claims import Recommendation
from services.rules.people import Role
from services.workflows.rolling_up import RollingUp
from tests.api.kit import Api
from tests.records import makers
from tests.records.moving import People
from tests.records.prepared import prepared

SLUG = makers.programme().slug
QUARTER = f"/agreement/{SLUG}/2026Q1"
MET, NOT_YET = Recommendation.MET, Recommendation.NOT_YET
FORM = {
    "competency": "first",
    "language": "fr",
    "title": "Dossier échantillon",
    "material": "Trois photos.",
    "agreed": "met",
}


@prepared
async def rolled_up(database: Database, who: People, *, months: tuple[int, ...] = (2,)) -> None:
    """Double readings in which one person says the opposite, in each month of 2026; and the sweep after them."""
    async with database.writing() as session:
        partner, odd = [await makers.staff(session, Role.ASSESSOR) for _ in range(2)]
        for month in months:
            at = datetime(2026, month, 2, 15, tzinfo=UTC)
            for second, first, other in ((partner, MET, MET), (partner, NOT_YET, NOT_YET), (odd, MET, NOT_YET)) * 20:
                of = await makers.case(session, stage=Stage.IN_ASSESSMENT)
                mine = (who.assessor, SeatKind.FIRST, {"first": first})
                theirs = (second, SeatKind.SECOND, {"first": other})
                await makers.read_by(session, of, mine, theirs, at=at)
    rounds = RollingUp(database, lambda: datetime(2026, 7, 2, 6, tzinfo=UTC))
    assert await ActivityEnvironment().run(rounds.statistics) > 0


async def test_a_lead_reads_figures_with_their_definition_and_what_others_found(api: Api, who: People) -> None:
    await rolled_up(api.database, who)
    (third, second, first) = (await api.get("/agreement", who.lead)).json()
    assert [one["quarter"] for one in (first, second, third)] == ["2026Q1", "2026Q2", "2026Q3"]
    assert (first["judged"], first["read_twice"], first["definition"]) == (60, 60, "agreement-1")
    found = (await api.get(QUARTER, who.lead)).json()
    by_scope = {(one["scope"], one["subject"]): one for one in found["figures"]}
    programme = by_scope["programme", ""]["measures"]
    assert (programme["pairs"], programme["agreed"]) == (60, 40)
    assert programme["exact"]["low"] < programme["exact"]["value"] < programme["exact"]["high"]
    assert by_scope["assessor", str(who.assessor.id)]["pairs"] == 60
    assert {(one["value"], one["measure"]) for one in found["yardsticks"]} == {
        (0.26, "kappa"),
        (0.5, "kappa"),
        (0.8, "exact"),
    }
    assert all(one["source"] for one in found["yardsticks"])


async def test_two_quarters_below_the_programme_put_an_assessor_on_the_leads_list(api: Api, who: People) -> None:
    await rolled_up(api.database, who, months=(2, 5))
    api.clock.now = datetime(2026, 7, 2, 15, tzinfo=UTC)
    found = (await api.get("/agreement/outliers", who.lead)).json()
    assert [(one["quarter"], one["scope"], one["drifting"]) for one in found] == [("2026Q2", "assessor", True)]


async def test_a_lead_elsewhere_reads_nothing_and_an_assessor_is_refused(api: Api, who: People) -> None:
    await rolled_up(api.database, who)
    async with api.database.writing() as session:
        elsewhere = await makers.staff(session, Role.LEAD, programme="another-programme")
    assert (await api.get("/agreement", elsewhere)).json() == []
    assert (await api.get("/agreement/outliers", elsewhere)).json() == []
    assert (await api.get(QUARTER, elsewhere)).status_code == 404
    for person in (who.assessor, who.advisor, who.learner, who.decider):
        for path in ("/agreement", "/agreement/outliers", QUARTER):
            assert (await api.get(path, person)).status_code == 403


@pytest.mark.parametrize("quarter", ["2026Q2", "2031Q1", "2026", "now"])
async def test_a_quarter_without_figures_is_not_found(api: Api, who: People, quarter: str) -> None:
    await rolled_up(api.database, who)
    assert (await api.get(f"/agreement/{SLUG}/{quarter}", who.lead)).status_code == 404


@pytest.fixture
def calibrating(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sample programme, where it keeps anchors and two are enough."""
    plain = makers.programme()
    policy = replace(plain.policy, calibration_required=True, calibration_anchors=2)
    keeping = replace(plain, version=2, policy=policy)
    monkeypatch.setattr(makers, "programme", lambda: keeping)


@pytest.mark.usefixtures("calibrating")
async def test_anchors_are_kept_read_and_answered(api: Api, who: People) -> None:
    async with api.database.writing() as session:
        admin = await makers.staff(session, Role.PROGRAMME_ADMIN, programme=SLUG)
    await _published(api)
    path = f"/calibration/{SLUG}"
    one, two, three = [(await api.write("POST", f"{path}/anchors", admin, FORM)).json()["id"] for _ in range(3)]
    assert (await api.write("DELETE", f"{path}/anchors/{three}", admin)).status_code == 204
    assert [row["id"] for row in (await api.get(f"{path}/anchors", admin)).json()] == [one, two]
    before = await api.get(path, who.assessor)
    assert [row["id"] for row in before.json()["left"]] == [one, two]
    assert before.json()["required"]
    assert before.json()["last"] is None
    said = {"recommendation": "met"}
    midway = await api.write("POST", f"{path}/anchors/{one}/answer", who.assessor, said)
    assert (midway.json()["rated"], len(midway.json()["left"])) == (1, 1)
    again = await api.write("POST", f"{path}/anchors/{one}/answer", who.assessor, said)
    assert (again.status_code, again.json()["code"]) == (409, "anchor_rated")
    done = await api.write("POST", f"{path}/anchors/{two}/answer", who.assessor, said)
    last = done.json()["last"]
    assert (last["rated"], last["agreed"], last["passed"], last["valid_until"]) == (2, 2, True, "2028-03-02")
    for answer in (before, midway, done):
        assert all("agreed" not in row for row in answer.json()["left"])


async def _published(api: Api) -> None:
    async with api.database.writing() as session:
        await makers.published(session)


@pytest.mark.usefixtures("calibrating")
async def test_anchors_of_a_programme_that_is_not_ones_own_do_not_exist(api: Api, who: People) -> None:
    await _published(api)
    async with api.database.writing() as session:
        admin = await makers.staff(session, Role.PROGRAMME_ADMIN, programme="another-programme")
        assessor = await makers.staff(session, Role.ASSESSOR, programme="another-programme")
    for slug in (SLUG, "no-programme"):
        assert (await api.get(f"/calibration/{slug}/anchors", admin)).status_code == 404
        assert (await api.write("POST", f"/calibration/{slug}/anchors", admin, FORM)).status_code == 404
        assert (await api.get(f"/calibration/{slug}", assessor)).status_code == 404
    assert (await api.get(f"/calibration/{SLUG}/anchors", who.assessor)).status_code == 403
    assert (await api.get(f"/calibration/{SLUG}", who.lead)).status_code == 403
