"""An advisor opens, writes and sends a case for a learner who agreed to it, and hands it over."""

from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from services.records import people
from services.records.tables.audit import AuditLine
from services.records.tables.cases import Case, CaseParty, Consent
from services.records.tables.people import Person
from services.rules.people import Role
from tests.api.kit import Api
from tests.api.test_whole_case import good
from tests.records import makers, moving
from tests.records.moving import People

APPLICANT = {"name": "Sample Newcomer", "email": "newcomer@example.org", "language": "fr"}
AGREED = {"text_version": "2026-1", "form": "spoken"}


def wanted(**changes: object) -> dict[str, object]:
    form: dict[str, object] = {
        "learner": APPLICANT,
        "consent": AGREED,
        "programme": "sample-programme",
        "purpose": "upskill",
        "competencies": ["first"],
    }
    return form | changes


async def opened(api: Api, who: People) -> dict[str, Any]:
    async with api.database.writing() as session:
        await makers.published(session)
    answer: dict[str, Any] = good(await api.write("POST", "/intakes", who.advisor, wanted()), 201)
    return answer


async def learner_of(api: Api, case_id: str) -> Person:
    async with api.database.reading() as session:
        case = await session.get_one(Case, UUID(case_id))
        return await session.get_one(Person, case.learner_id)


async def test_an_intake_opens_an_account_a_draft_and_a_consent_and_tells_the_learner(api: Api, who: People) -> None:
    case = await opened(api, who)
    assert (case["view"], case["stage"]["stage"], case["intake_by"]) == ("advisor", "draft", str(who.advisor.id))
    learner = await learner_of(api, case["id"])
    assert (learner.email, learner.language, learner.password_hash) == ("newcomer@example.org", "fr", None)
    async with api.database.reading() as session:
        consent = (await session.exec(select(Consent))).one()
        party = await session.get_one(CaseParty, (UUID(case["id"]), who.advisor.id))
        lines = await session.exec(
            select(AuditLine).where(col(AuditLine.stream) == f"case:{case['id']}").order_by(col(AuditLine.seq))
        )
        told = [(line.action, line.actor, line.details["on_behalf_of"]) for line in lines]
    assert (consent.purpose, consent.person_id, consent.recorded_by, consent.form) == (
        "intake_on_behalf",
        learner.id,
        who.advisor.id,
        "spoken",
    )
    assert party.role is Role.ADVISOR
    assert told == [
        ("case_opened", str(who.advisor.id), str(learner.id)),
        ("intake_opened", str(who.advisor.id), str(learner.id)),
    ]
    assert ("account_invited", learner.id) in await moving.told(api.database, UUID(case["id"]))


async def test_the_advisor_writes_and_sends_and_the_log_says_for_whom(api: Api, who: People) -> None:
    case = await opened(api, who)
    path = f"/cases/{case['id']}"
    good(await api.write("PUT", f"{path}/answers", who.advisor, {"answers": {"work": "Cook"}, "version": 0}))
    good(await api.write("PUT", f"{path}/claims/second", who.advisor, {"self_assessment": "alone"}))
    assert "submit" in good(await api.get(path, who.advisor))["commands"]
    body = {"declaration": "2026-1", "consents": ["holder_name"]}
    good(await api.command(case["id"], "submit", who.advisor, body))
    learner = await learner_of(api, case["id"])
    async with api.database.reading() as session:
        lines = await session.exec(
            select(AuditLine.action, AuditLine.details).where(
                col(AuditLine.stream) == f"case:{case['id']}", col(AuditLine.actor) == str(who.advisor.id)
            )
        )
        behalf = {action for action, details in lines if details.get("on_behalf_of") == str(learner.id)}
        named = await session.exec(select(Consent).where(col(Consent.purpose) == "holder_name"))
        assert named.one().recorded_by == who.advisor.id
    assert {"form_answered", "claim_assessed_by_learner", "command_applied"} <= behalf
    assert ("submitted", learner.id) in await moving.told(api.database, UUID(case["id"]))


async def test_the_learner_takes_the_case_over_and_the_advisor_only_reads_from_then_on(api: Api, who: People) -> None:
    case = await opened(api, who)
    path, learner = f"/cases/{case['id']}", await learner_of(api, case["id"])
    assert (await api.write("POST", f"{path}/hand-over", who.lead)).status_code == 403
    assert (await api.write("POST", f"{path}/hand-over", learner)).status_code == 204
    answers = {"answers": {"work": "Cook"}, "version": 0}
    assert (await api.write("PUT", f"{path}/answers", who.advisor, answers)).status_code == 403
    good(await api.write("PUT", f"{path}/answers", learner, answers))
    assert "submit" not in good(await api.get(path, who.advisor))["commands"]
    again = await api.write("POST", f"{path}/hand-over", learner)
    assert (again.status_code, again.json()["code"]) == (409, "nobody_on_behalf")
    async with api.database.reading() as session:
        assert (await session.exec(select(Consent))).one().withdrawn_at is not None


async def test_somebody_who_has_an_account_keeps_it_and_another_advisor_does_not_write_for_them(
    api: Api, who: People
) -> None:
    async with api.database.writing() as session:
        await makers.published(session)
        other = await makers.staff(session, Role.ADVISOR)
    known = APPLICANT | {"email": who.learner.email.upper(), "name": "Somebody Else"}
    case = good(await api.write("POST", "/intakes", who.advisor, wanted(learner=known)), 201)
    learner = await learner_of(api, case["id"])
    assert (learner.id, learner.name) == (who.learner.id, who.learner.name)
    assert (await api.get(f"/cases/{case['id']}", other)).status_code == 404
    body = {"declaration": "2026-1", "consents": []}
    good(await api.command(case["id"], "submit", who.learner, body))
    moved = {"advisor": str(other.id), "wished_by": "learner", "reason": "Asked"}
    async with api.database.reading() as session:
        assert await people.by_email(session, who.learner.email) is not None
    good(await api.command(case["id"], "transfer_advisor", who.lead, moved))
    assert good(await api.get(f"/cases/{case['id']}", other))["intake_by"] is None


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"consent": {"text_version": "1999-1", "form": "spoken"}}, 409, "agreement_missing"),
        ({"programme": "nothing"}, 404, "programme_unknown"),
        ({"learner": APPLICANT | {"email": "nobody"}}, 422, "malformed"),
        ({"learner": APPLICANT | {"name": " "}}, 422, "malformed"),
        ({"competencies": ["ninth"]}, 422, "claim_unknown"),
    ],
)
async def test_an_intake_that_cannot_be_leaves_nothing_behind(
    api: Api, who: People, changes: dict[str, object], status: int, code: str
) -> None:
    async with api.database.writing() as session:
        await makers.published(session)
    answer = await api.write("POST", "/intakes", who.advisor, wanted(**changes))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    async with api.database.reading() as session:
        assert list(await session.exec(select(Case))) == []
        assert await people.by_email(session, "newcomer@example.org") is None


async def test_nobody_opens_their_own_case_as_an_advisor_or_one_of_another_programme(api: Api, who: People) -> None:
    async with api.database.writing() as session:
        await makers.published(session)
        elsewhere = await makers.staff(session, Role.ADVISOR, programme="another-programme")
    mine = wanted(learner=APPLICANT | {"email": who.advisor.email})
    answer = await api.write("POST", "/intakes", who.advisor, mine)
    assert answer.json()["code"] == "separation_of_duties"
    answer = await api.write("POST", "/intakes", elsewhere, wanted())
    assert answer.json()["code"] == "not_qualified"
    assert (await api.write("POST", "/intakes", who.learner, wanted())).status_code == 403
