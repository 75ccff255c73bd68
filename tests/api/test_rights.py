"""Nobody's rights differ from the reviewed table, and what one must not know is answered like what does not exist."""

import json
from uuid import uuid4

import pytest

from services.rules.case import Stage
from services.rules.people import Action
from tests.api import rights
from tests.api.kit import Api
from tests.records import makers, moving
from tests.records.moving import People


@pytest.mark.slow
async def test_every_cell_is_as_it_was_reviewed(api: Api) -> None:
    found = await rights.table(api, await rights.world(api.database))
    reviewed = rights.written()
    assert sorted(found.keys() - reviewed.keys()) == [], "a route without a reviewed row: python -m tests.api.rights"
    assert sorted(reviewed.keys() - found.keys()) == [], "a reviewed row without a route: python -m tests.api.rights"
    different = {
        (key, name): (reviewed[key][name], cell)
        for key, cells in found.items()
        for name, cell in cells.items()
        if reviewed[key][name] != cell
    }
    assert different == {}, "reviewed, found"


def test_nothing_about_a_case_is_open_to_strangers_in_the_reviewed_table() -> None:
    strangers = ("other_learner", "other_advisor", "conflicted", "unassigned", "foreign_lead")
    for (method, path, group), cells in rights.written().items():
        if group == rights.ANY:
            continue
        assert cells["anonymous"] == "401", (method, path, group)
        for name in strangers:
            assert cells[name] == "404", (method, path, group, name)


def test_nobody_learns_from_the_reviewed_table_that_a_missing_case_is_missing() -> None:
    missing = [cells for (_, _, group), cells in rights.written().items() if group == "missing"]
    assert missing
    for cells in missing:
        assert set(cells.values()) == {"401", "404"}


def test_evidence_is_closed_to_whoever_was_asked_and_has_not_accepted() -> None:
    for (_, path, group), cells in rights.written().items():
        if "/evidence" in path and group != rights.ANY:  # of no case's path: a reading after the fact is somebody's own
            assert cells["offered"] == "404"
            assert cells["lead"] in {"403", "404"}


@pytest.mark.parametrize("path", ["", "/evidence", "/timeline", "/letters", "/answers", "/recommendations"])
async def test_a_case_of_others_and_a_missing_one_are_answered_alike(api: Api, who: People, path: str) -> None:
    case_id = await moving.standing(api.database, who, Stage.ELIGIBLE)
    async with api.database.writing() as session:
        stranger = await makers.person(session)
    answers = [await api.get(f"/cases/{one}{path}", stranger) for one in (case_id, uuid4())]
    told = [{k: v for k, v in json.loads(answer.content).items() if k != "instance"} for answer in answers]
    headers = [{k: v for k, v in answer.headers.items() if k != "x-request-id"} for answer in answers]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert told[0] == told[1]
    assert headers[0] == headers[1]


async def test_the_list_shows_exactly_the_cases_that_can_be_opened(api: Api) -> None:
    known = await rights.world(api.database)
    for name, person in known.people.items():
        page = (await api.get("/cases", person)).json()
        listed = {case["id"] for case in page["cases"]}
        opened = {
            str(case_id) for case_id in known.cases.values() if (await api.get(f"/cases/{case_id}", person)).is_success
        }
        assert listed == opened, name


def test_every_action_of_the_rules_is_used_by_a_route(api: Api) -> None:
    used = {handler.opt["action"] for _, _, handler in rights.routes(api)}
    assert set(Action) - used <= {Action.SEE_SEATS}
