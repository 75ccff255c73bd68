"""Whoever is in conflict with a case finds nothing of it: not its pages, and not its number on any other page."""

import re

from services.records.tables.cases import Case
from services.rules.people import STAFF
from tests.api.kit import Api
from tests.browser import catalogue
from tests.records import makers, moving
from tests.records.moving import People

HIDDEN = {403, 404}
"""Not there, or, before anything is asked of the case, not for these roles."""


async def test_whoever_is_in_conflict_finds_no_page_of_the_case_and_its_number_nowhere(api: Api, who: People) -> None:
    case_id = await moving.assessing(api.database, who)
    async with api.database.writing() as session:
        tied = await makers.person(session, name="Sample Tied")
        for role in sorted(STAFF):
            await makers.role(session, tied, role)
        case = await session.get_one(Case, case_id)
        await makers.exclude(session, case, tied)
        number = case.number
    headers = await api.as_(tied)
    seen: dict[str, int] = {}
    # Lists first: afterwards the log tells this person of their own what was refused to them, as they asked for it.
    for path in sorted(catalogue.routes(), key=lambda one: ("{case_id" in one, one)):
        about_it = "{case_id:uuid}" in path
        if "{" in path.replace("{case_id:uuid}", "") and not about_it:
            continue
        address = re.sub(r"\{\w+:(\w+)\}", "extend", path.replace("{case_id:uuid}", str(case_id)))
        answer = await api.http.get(f"/en{address}", headers=headers)
        if about_it:
            seen[path] = answer.status_code
        assert number not in answer.text, path
        assert str(case_id) not in answer.text.replace(address, ""), path
    assert set(seen.values()) <= HIDDEN, seen
    assert list(seen.values()).count(404) > len(seen) / 2, seen
