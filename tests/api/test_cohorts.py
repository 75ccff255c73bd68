"""Leads take in a sponsor's people and hand out milestones; whoever judges or decides finds nothing of it anywhere."""

import csv
import io
import json
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from services.records import cases, cohorts
from services.records.tables.audit import AuditLine
from services.records.tables.cases import StageHistory
from services.records.tables.commands import EffectRow
from services.records.tables.credentials import Credential
from services.records.tables.evidence import PortfolioVersion
from services.rules.case import Stage
from tests.api.kit import Api
from tests.api.test_whole_case import decided, good
from tests.records import makers, sponsored
from tests.records.moving import People, people
from tests.records.sponsored import SPONSOR

NEW = {
    "sponsor": SPONSOR,
    "reference": "=E-2026",
    "programme": "sample-programme",
    "purpose": "upskill",
    "starts_on": "2026-01-01",
    "ends_on": "2026-12-31",
}
CONSENT = {"text_version": "cohort-2026-1", "form": "written"}


async def made(api: Api, who: People) -> str:
    answer = await api.write("POST", "/agreements", who.lead, NEW)
    view = good(answer, 201)
    assert answer.headers["location"] == f"/api/v1/agreements/{view['id']}"
    return str(view["id"])


async def imported(api: Api, who: People, agreement: str, lines: str, **headers: str) -> Any:  # noqa: ANN401 - an answer
    body = {"file": f"email,name,language,reference\n{lines}", "consent": CONSENT}
    return await api.write("POST", f"/agreements/{agreement}/people", who.lead, body, **headers)


async def test_a_lead_takes_people_in_and_every_error_is_told_in_their_language(api: Api, who: People) -> None:
    await decided(api, who)
    agreement = await made(api, who)
    wrong = await imported(api, who, agreement, "nobody,,de,\n", **{"Accept-Language": "fr"})
    assert wrong.status_code == 422
    assert [(one["at"], one["code"]) for one in wrong.json()["errors"]] == [
        ("file.lines[2].email", "address"),
        ("file.lines[2].name", "empty"),
        ("file.lines[2].language", "language"),
    ]
    assert wrong.json()["errors"][0]["detail"].startswith("Ce n’est pas une adresse courriel.")
    assert good(await imported(api, who, agreement, "ana@example.org,Ana,fr,E-7\n")) == {"added": 1, "known": 0}
    assert good(await imported(api, who, agreement, "ana@example.org,Ana,fr,E-7\n")) == {"added": 0, "known": 1}
    seen = good(await api.get(f"/agreements/{agreement}", who.lead))
    assert [(one["name"], one["reference"], one["agreed"], one["reached"]) for one in seen["people"]] == [
        ("Ana", "E-7", False, {})
    ]
    assert [one["id"] for one in good(await api.get("/agreements", who.lead))] == [agreement]


async def test_a_list_is_taken_in_again_where_another_one_brought_the_same_person_at_that_moment(
    api: Api, who: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    agreement, taken_in = await made(api, who), cohorts.take_in

    async def too_late(*_: object, **__: object) -> None:
        monkeypatch.setattr(cohorts, "take_in", taken_in)
        raise IntegrityError("INSERT INTO people", {}, Exception("taken"))

    monkeypatch.setattr(cohorts, "take_in", too_late)
    assert good(await imported(api, who, agreement, "ana@example.org,Ana,fr,E-7\n")) == {"added": 1, "known": 0}


async def test_a_sponsor_is_told_what_was_reached_with_its_proof_and_nothing_that_was_not(
    api: Api, who: People
) -> None:
    case_id, agreement = await decided(api, who), await made(api, who)  # one competency granted, the other not yet
    async with api.database.writing() as session:
        case = await cases.get(session, UUID(case_id))
        await sponsored.join(session, case, UUID(agreement), reference="+7")
        number = case.number
        (version,) = await session.exec(select(PortfolioVersion))
        (credential,) = await session.exec(select(Credential))
        moved = await session.exec(select(StageHistory.command_id).where(col(StageHistory.to_stage) == Stage.ELIGIBLE))
        lines = select(AuditLine.hash).where(col(AuditLine.action) == "command_applied")
        line = (await session.exec(lines.where(col(AuditLine.subject) == str(moved.one())))).one()
    path = f"/agreements/{agreement}/milestones"
    assert good(await api.get(path, who.lead))["people"] == []
    choice = {"case": case_id, "tell": True}
    assert (await api.write("PUT", "/me/sponsors", who.learner, choice)).status_code == 204
    assert (await api.write("PUT", "/me/sponsors", who.advisor, choice)).status_code == 404
    (mine,) = good(await api.get("/me/sponsors", who.learner))
    assert (mine["sponsor"], mine["agreed_at"] is None) == (SPONSOR, False)
    report = good(await api.get(path, who.lead))
    (one,) = report["people"]
    proofs = {"eligible": line, "deposited": version.sha256, "granted": credential.document_sha256}
    assert {name: reached["evidence"] for name, reached in one["milestones"].items()} == proofs
    assert (one["case"], one["name"], report["others"]) == (number, who.learner.name, "below_ten")
    told = json.dumps(report)
    assert not [word for word in ("not_yet", "second", "outcome", "partial", "reason", "judg") if word in told]
    table = await api.get(f"{path}.csv", who.lead)
    assert table.headers["content-disposition"].startswith("attachment")
    heads, row, others = csv.reader(io.StringIO(table.text.removeprefix("\ufeff")))
    kept = dict(zip(heads, row, strict=True))
    assert {name: kept[f"{name}_evidence"] for name in proofs} == proofs
    assert (kept["agreement"], kept["reference"], kept["employed_3_months_on"]) == ("'=E-2026", "'+7", "")
    assert (others[0], others[-1]) == ("'=E-2026", "below_ten")


async def test_whoever_judges_or_decides_finds_nothing_of_a_sponsor(api: Api, who: People) -> None:
    case_id, agreement = await decided(api, who), await made(api, who)
    async with api.database.writing() as session:
        await sponsored.join(session, await cases.get(session, UUID(case_id)), UUID(agreement))
    await api.write("PUT", "/me/sponsors", who.learner, {"case": case_id, "tell": True})
    for reader in (who.assessor, who.decider, who.advisor):
        for path in ("/agreements", f"/agreements/{agreement}", f"/agreements/{agreement}/milestones"):
            assert (await api.get(path, reader)).status_code == 403, path
        assert good(await api.get("/me/sponsors", reader)) == []
        for path in (f"/cases/{case_id}", f"/cases/{case_id}/timeline", "/cases"):
            assert SPONSOR not in (await api.get(path, reader)).text
            assert "sponsor" not in (await api.get(path, reader)).text
        for path in (f"/en/cases/{case_id}", "/en/queue", "/en/cases", f"/en/cases/{case_id}/timeline"):
            assert SPONSOR not in (await api.http.get(path, headers=await api.as_(reader))).text


async def test_people_are_taken_in_while_nobody_sends_mails(waiting_api: Api) -> None:
    api, who = waiting_api, await people(waiting_api.database)
    async with api.database.writing() as session:
        await makers.published(session)
    agreement = await made(api, who)
    lines = "ana@example.org,Ana,fr,\nbo@example.org,Bo,en,\n"
    assert good(await imported(api, who, agreement, lines)) == {"added": 2, "known": 0}
    async with api.database.reading() as session:
        queued = await session.exec(select(EffectRow.notice))
        assert list(queued) == ["cohort_invited"] * 2
