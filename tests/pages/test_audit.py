"""The log as auditors read it: their own institution's cases and people, page by page, with the chain and as a file."""

import csv
import io
import re

import httpx
import pytest
import sqlalchemy as sa

from services.records import audit, audit_reading, people
from services.records.audit_reading import Wanted
from services.records.tables.audit import AuditLine
from services.records.tables.people import Person
from services.rules.case import Stage
from services.rules.people import Role
from tests.api.kit import Api
from tests.pages.test_stats import elsewhere
from tests.records import makers, moving
from tests.records.makers import NOW
from tests.records.moving import People


@pytest.fixture
async def auditor(api: Api, who: People) -> Person:  # noqa: ARG001 - their doings are what is read
    async with api.database.writing() as session:
        return await makers.staff(session, Role.AUDITOR)


async def page(api: Api, path: str, person: Person) -> httpx.Response:
    return await api.http.get(path, headers=await api.as_(person))


async def test_the_log_is_filtered_by_case_person_and_action_and_paged_over(
    api: Api, who: People, auditor: Person
) -> None:
    case_id = await moving.standing(api.database, who, Stage.ELIGIBLE)
    number = (await moving.case_of(api.database, case_id)).number
    async with api.database.writing() as session:
        for _ in range(audit_reading.PAGE + 1):
            await audit.log(session, stream=f"case:{case_id}", actor=str(who.advisor.id), action="case_opened", now=NOW)
    first = await page(api, f"/en/audit?case={number}", auditor)
    assert "chain whole" in first.text
    assert who.advisor.name in first.text
    further = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert further
    second = await page(api, further[1].replace("&amp;", "&"), auditor)
    assert second.status_code == 200
    assert "First page" in second.text
    assert "Next 50" not in second.text
    opened = await page(api, f"/fr/audit?person={who.advisor.email}&action=case_opened", auditor)
    assert (opened.text.count(">A ouvert un dossier</a>"), number in opened.text) == (audit_reading.PAGE, True)
    for query, said in (("case=NONE", "no case"), ("person=a@b.example", "nobody"), ("action=none", "No line")):
        assert said in (await page(api, f"/en/audit?{query}", auditor)).text
    assert (await page(api, "/en/audit?after=x", auditor)).status_code == 422
    file = await page(api, f"/en/audit.csv?case={number}", auditor)
    rows = list(csv.reader(io.StringIO(file.text)))
    assert rows[0][0] == "at"
    assert {row[4] for row in rows[1:]} == {f"case:{case_id}"}
    assert "log_exported" in (await page(api, "/en/audit?action=log_exported", auditor)).text
    assert (await page(api, "/en/audit.csv?case=NONE", auditor)).status_code == 404


async def test_a_changed_line_breaks_the_chain(api: Api, who: People, auditor: Person) -> None:
    case_id = await moving.standing(api.database, who, Stage.ELIGIBLE)
    number = (await moving.case_of(api.database, case_id)).number
    assert "The log is complete and unchanged" in (await page(api, "/en/audit/chain", auditor)).text
    async with api.database.writing() as session:
        await audit.log(session, stream=f"case:{case_id}", actor="system", action="opened", now=NOW)
        known = (await audit_reading.lines(session, await people.caller(session, auditor.id), Wanted(case=case_id)))[0]
        forged = known.model_dump() | {"seq": known.seq + 1, "prev": known.hash, "actor": "somebody"}
        await session.exec(sa.insert(AuditLine), params=forged)
    assert f"case:{case_id}#{known.seq + 1}" in (await page(api, f"/en/audit?case={number}", auditor)).text
    assert f"case:{case_id}#{known.seq + 1}" in (await page(api, "/fr/audit/chain", auditor)).text


async def test_nothing_is_read_of_other_institutions_and_of_cases_with_a_conflict(api: Api, who: People) -> None:
    case_id = await moving.standing(api.database, who, Stage.ELIGIBLE)
    case = await moving.case_of(api.database, case_id)
    async with api.database.writing() as session:
        foreign = await elsewhere(session, Role.AUDITOR)
        tied = await makers.staff(session, Role.AUDITOR)
        await makers.exclude(session, case, tied)
        await audit.log(session, stream=f"case:{case_id}", actor="system", action="opened", now=NOW)
    for person in (foreign, tied):
        assert "no case of this number" in (await page(api, f"/en/audit?case={case.number}", person)).text
        assert case.number not in (await page(api, "/en/audit", person)).text
        assert f"case:{case_id}" not in (await page(api, "/en/audit.csv", person)).text
    assert "nobody with this address" in (await page(api, f"/en/audit?person={who.advisor.email}", foreign)).text
    for person in (who.lead, who.learner, who.advisor):
        assert (await page(api, "/en/audit", person)).status_code == 403
