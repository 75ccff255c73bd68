"""Each person sees what is theirs: assessors no stage and no other seat, learners no judgement before its letter."""

import json
from typing import Any

import pytest

from services.records import cases, dossier
from services.rules.case import SeatState, Stage
from services.rules.claims import Recommendation
from services.rules.people import Role
from tests.api.kit import Api
from tests.records import asking, makers, moving
from tests.records.moving import People

MET, NOT_YET = Recommendation.MET, Recommendation.NOT_YET


async def seen(api: Api, path: str, who: Any) -> Any:  # noqa: ANN401 - JSON
    answer = await api.get(path, who)
    assert answer.status_code == 200, answer.text
    return answer.json()


def every_key(tree: Any) -> set[str]:  # noqa: ANN401 - JSON
    """Every name in a document, however deep."""
    if isinstance(tree, list):
        return set().union(*(every_key(part) for part in tree)) if tree else set()
    if isinstance(tree, dict):
        return set(tree) | set().union(*(every_key(part) for part in tree.values())) if tree else set()
    return set()


async def test_an_assessor_sees_neither_the_stage_nor_another_seat(api: Api, who: People) -> None:
    case_id = await moving.assessing(api.database, who)
    async with api.database.writing() as session:
        other = await makers.staff(session, Role.ASSESSOR)
        await makers.seat(session, await cases.get(session, case_id), other, state=SeatState.ACCEPTED)
    view = await seen(api, f"/cases/{case_id}", who.assessor)
    assert view["view"] == "assessor"
    assert not every_key(view) & {"stage", "waiting_on", "state_of_claim", "seats", "advisor", "email", "purpose"}
    assert str(other.id) not in json.dumps(view)
    assert "in_assessment" not in json.dumps(view)
    (listed,) = (await seen(api, "/cases", who.assessor))["cases"]
    assert listed["stage"] is None
    (waiting,) = (await seen(api, "/queue", who.assessor))["waiting"]
    assert (waiting["stage"], waiting["waiting_on"], waiting["seat"]) == (None, None, "accepted")


async def test_a_page_of_the_queue_asks_who_reads_it_and_what_waits_and_nothing_else(either_api: Api) -> None:
    who = await moving.people(either_api.database)
    await moving.assessing(either_api.database, who)
    await either_api.as_(who.assessor)
    with asking.statements(either_api.database) as asked:
        (waiting,) = (await seen(either_api, "/queue", who.assessor))["waiting"]
    assert waiting["seat"] == "accepted"
    assert len(asked) == 2, asked


async def test_an_assessor_who_sends_a_move_too_early_is_not_told_the_stage(api: Api, who: People) -> None:
    case_id = await moving.assigning(api.database, who)
    (seat,) = await moving.seats_of(api.database, case_id, SeatState.OFFERED)
    await moving.accept(api.database, seat)
    answer = await api.command(case_id, "submit_judgements", who.assessor)
    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition")
    assert "Finding an assessor" not in answer.text


async def test_whoever_is_asked_sees_the_screen_and_nothing_else(api: Api, who: People) -> None:
    case_id = await moving.assigning(api.database, who)
    screen = await seen(api, f"/cases/{case_id}/screen", who.assessor)
    assert screen["competencies"][0]["en"] == "First competency"
    assert screen["questions"][0]["tie"] == "family_household"
    assert not every_key(screen) & {"stage", "evidence", "seats", "answers", "claims"}
    for path in ("", "/evidence", "/answers", "/judgements", "/timeline"):
        assert (await api.get(f"/cases/{case_id}{path}", who.assessor)).status_code == 404


@pytest.mark.parametrize("reader", ["learner", "advisor"])
async def test_nothing_of_a_judgement_shows_before_its_letter_can_be_read(api: Api, who: People, reader: str) -> None:
    case_id = await moving.judged(api.database, who, first=MET, second=NOT_YET)
    person = getattr(who, reader)
    for step in ("judged", "signed"):
        view = await seen(api, f"/cases/{case_id}", person)
        assert {claim["state"] for claim in view["claims"]} == {"in_assessment"}, step
        assert (view["outcome"], view["decided_at"], view["appeal_until"]) == (None, None, None)
        assert (await api.get(f"/cases/{case_id}/recommendations", person)).status_code == 403
        assert (await api.get(f"/cases/{case_id}/letters", person)).status_code == 403
        if step == "judged":
            await moving.decide(api.database, who, case_id)
    await moving.publish(api.database, case_id)
    view = await seen(api, f"/cases/{case_id}", person)
    assert {claim["competency"]: claim["state"] for claim in view["claims"]} == {
        "first": "credentialed",
        "second": "not_yet",
    }
    assert view["outcome"] == "granted_partial"
    found = await seen(api, f"/cases/{case_id}/recommendations", person)
    assert [one["recommendation"] for one in found] == ["met", "not_yet"]


async def test_nobody_but_its_author_reads_a_private_note(api: Api, who: People) -> None:
    case_id = await moving.judged(api.database, who, first=MET)
    for person in (who.decider,):
        assert "Only mine to read" not in json.dumps(await seen(api, f"/cases/{case_id}/recommendations", person))
    await moving.decide(api.database, who, case_id)
    await moving.publish(api.database, case_id)
    for person in (who.learner, who.advisor, who.decider):
        text = json.dumps(await seen(api, f"/cases/{case_id}/recommendations", person))
        assert "Only mine to read" not in text
        assert str(who.assessor.id) not in text


async def test_a_lead_sees_seats_and_no_evidence(api: Api, who: People) -> None:
    case_id = await moving.assessing(api.database, who)
    view = await seen(api, f"/cases/{case_id}", who.lead)
    assert [(seat["name"], seat["state"]) for seat in view["seats"]] == [(who.assessor.name, "accepted")]
    assert not every_key(view) & {"answers", "evidence", "self_assessment_note", "employers"}
    assert (await api.get(f"/cases/{case_id}/evidence", who.lead)).status_code == 403


async def test_advisor_and_lead_alone_see_how_the_service_standard_stands(api: Api, who: People) -> None:
    case_id = await moving.assessing(api.database, who)
    for person in (who.advisor, who.lead):
        shown = (await seen(api, f"/cases/{case_id}", person))["service_standard"]
        assert shown["due_at"] is not None
        assert shown["kept"] is None
    for person in (who.learner, who.assessor):
        assert "service_standard" not in await seen(api, f"/cases/{case_id}", person)


async def test_whoever_decides_reads_why_a_refusal_is_proposed(api: Api, who: People) -> None:
    case_id = await moving.standing(api.database, who, Stage.ELIGIBILITY_REVIEW)
    assert (await api.get(f"/cases/{case_id}", who.decider)).status_code == 404
    await api.command(case_id, "propose_refusal", who.advisor, {"reasons": "The programme does not fit."})
    view = await seen(api, f"/cases/{case_id}", who.decider)
    assert (view["view"], view["refusal_reasons"]) == ("decision_maker", "The programme does not fit.")
    assert "refuse_eligibility" in view["commands"]


async def test_what_a_page_offers_is_what_the_server_accepts(api: Api, who: People) -> None:
    case_id = await moving.standing(api.database, who, Stage.ELIGIBILITY_REVIEW)
    offered = {
        name: (await seen(api, f"/cases/{case_id}", getattr(who, name)))["commands"]
        for name in ("learner", "advisor", "lead")
    }
    beside = {"withdraw_claim", "ask_accommodation", "answer_accommodation", "end_accommodation"}
    assert {name: [command for command in commands if command not in beside] for name, commands in offered.items()} == {
        "learner": ["withdraw"],
        "advisor": ["ask_completion", "accept_eligibility", "propose_refusal", "agree_route", "pause"],
        "lead": ["pause"],
    }


async def test_the_learner_reads_what_is_missing_and_why(api: Api, who: People) -> None:
    case_id = await moving.standing(api.database, who, Stage.ELIGIBILITY_REVIEW)
    await api.command(case_id, "ask_completion", who.advisor, {"items": [{"what": "A date", "why": "To count years"}]})
    view = await seen(api, f"/cases/{case_id}", who.learner)
    assert [(item["what"], item["why"]) for item in view["missing_items"]] == [("A date", "To count years")]
    assert view["stage"]["label"] == {"en": "Something is missing", "fr": "Dossier incomplet"}
    answer = {"answers": [{"item": view["missing_items"][0]["id"], "answer": "The fifth of May"}]}
    assert (await api.command(case_id, "complete", who.learner, answer)).status_code == 200
    (item,) = await seen(api, f"/cases/{case_id}/missing-items", who.advisor)
    assert (item["what"], item["answer"], item["cannot_provide"]) == ("A date", "The fifth of May", False)
    assert (await seen(api, f"/cases/{case_id}", who.learner))["missing_items"] == []


async def test_the_form_keeps_both_when_two_pages_write(api: Api, who: People) -> None:
    case_id = await moving.standing(api.database, who, Stage.DRAFT)
    path = f"/cases/{case_id}/answers"
    first = await api.write("PUT", path, who.learner, {"answers": {"work": "One"}, "version": 0})
    second = await api.write("PUT", path, who.learner, {"answers": {"work": "Two"}, "version": 0})
    assert (first.status_code, second.status_code, second.json()["code"]) == (200, 409, "stale_version")
    assert (await seen(api, path, who.learner)) == {"answers": {"work": "One"}, "version": 1}


@pytest.mark.parametrize("answers", [{"unknown": "x"}, {"work": "x" * 20_001}, {"work": "\x07"}])
async def test_an_answer_that_the_form_does_not_take_is_refused(api: Api, who: People, answers: dict[str, str]) -> None:
    case_id = await moving.standing(api.database, who, Stage.DRAFT)
    answer = await api.write("PUT", f"/cases/{case_id}/answers", who.learner, {"answers": answers, "version": 0})
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed")


async def test_a_claim_comes_and_goes_while_the_case_is_a_draft(api: Api, who: People) -> None:
    case_id = await moving.standing(api.database, who, Stage.DRAFT, competencies=("first",))
    path = f"/cases/{case_id}/claims"
    assert (await api.write("PUT", f"{path}/third", who.learner, {"self_assessment": "alone"})).status_code == 200
    assert (await api.write("PUT", f"{path}/fourth", who.learner, {})).json()["code"] == "claim_unknown"
    assert (await api.write("DELETE", f"{path}/first", who.learner)).status_code == 204
    view = await seen(api, f"/cases/{case_id}", who.learner)
    assert [(claim["competency"], claim["self_assessment"]) for claim in view["claims"]] == [("third", "alone")]


async def test_a_portfolio_that_was_sent_does_not_change(api: Api, who: People) -> None:
    case_id = await moving.sent_in(api.database, who)
    tries = [
        await api.write("PUT", f"/cases/{case_id}/claims/first", who.learner, {"self_assessment": "alone"}),
        await api.write("DELETE", f"/cases/{case_id}/claims/first", who.learner),
        await api.write("PUT", f"/cases/{case_id}/answers", who.learner, {"answers": {}, "version": 0}),
        await api.write("PUT", f"/cases/{case_id}/employers", who.learner, {"employers": []}),
    ]
    assert [(one.status_code, one.json()["code"]) for one in tries] == [(409, "portfolio_locked")] * 4


async def test_employers_are_named_before_anybody_is_asked(api: Api, who: People) -> None:
    case_id = await moving.standing(api.database, who, Stage.ELIGIBLE)
    body = {"employers": [{"organisation": "Sample Works", "email": "a@sample-works.example", "until": "2025-01-31"}]}
    answer = await api.write("PUT", f"/cases/{case_id}/employers", who.learner, body)
    assert answer.json() == [body["employers"][0] | {"referee": None}]


async def test_lists_go_on_where_they_ended(api: Api, who: People) -> None:
    async with api.database.writing() as session:
        for _ in range(53):
            await makers.case(session, learner=who.learner)
    first = await seen(api, "/cases", who.learner)
    second = await seen(api, f"/cases?after={first['next']}", who.learner)
    assert (len(first["cases"]), len(second["cases"]), second["next"]) == (50, 3, None)
    queue = await seen(api, "/queue", who.learner)
    rest = (
        await api.http.get("/api/v1/queue", params={"after": queue["next"]}, headers=await api.as_(who.learner))
    ).json()
    assert (len(queue["waiting"]), len(rest["waiting"]), rest["next"]) == (50, 3, None)


@pytest.mark.parametrize("after", ["x", "2026-01-01T00:00:00_x", "_", "2026-01-01T00:00:00_" + "0" * 32])
async def test_a_place_in_the_queue_that_is_none_is_malformed(api: Api, who: People, after: str) -> None:
    answer = await api.http.get("/api/v1/queue", params={"after": after}, headers=await api.as_(who.learner))
    assert answer.status_code == 422


async def test_a_case_is_opened_only_on_what_is_published(api: Api, who: People) -> None:
    body = {"programme": "sample-programme", "language": "fr", "purpose": "upskill"}
    for change, code in (
        ({"programme": "unknown"}, "programme_unknown"),
        ({"competencies": ["fourth"]}, "claim_unknown"),
        ({"employers": [{"organisation": "   "}]}, "malformed"),
        ({"purpose": "fun"}, "malformed"),
        ({"learner": "somebody"}, "malformed"),
    ):
        answer = await api.write("POST", "/cases", who.learner, body | change)
        assert answer.json()["code"] == code
    assert (await seen(api, "/cases", who.learner))["cases"] == []


async def test_an_assessor_reads_what_speaks_to_the_own_claims(api: Api, who: People) -> None:
    case_id = await moving.standing(api.database, who, Stage.IN_ASSESSMENT)
    async with api.database.writing() as session:
        case = await cases.get(session, case_id)
        first, second = await makers.claims(session, case)
        await makers.seat(session, case, who.assessor, claimed=[first])
        other = await makers.staff(session, Role.ASSESSOR)
        await makers.seat(session, case, other, claimed=[second])
        own = await makers.evidence(session, case, first)
        theirs = await makers.evidence(session, case, second, sha256="1" * 64)
    assert [one["id"] for one in await seen(api, f"/cases/{case_id}/evidence", who.assessor)] == [str(own.id)]
    answer = await api.get(f"/cases/{case_id}/evidence/{theirs.id}/file", who.assessor)
    assert (answer.status_code, answer.json()["code"]) == (404, "evidence_unknown")
    assert len(await seen(api, f"/cases/{case_id}/evidence", who.advisor)) == 2


async def test_a_seat_that_ends_while_its_screen_is_asked_for_shows_nothing(
    api: Api, who: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = await moving.assigning(api.database, who)

    async def ended(*_: object, **__: object) -> list[object]:
        return []

    monkeypatch.setattr(dossier, "seats", ended)
    answer = await api.get(f"/cases/{case_id}/screen", who.assessor)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("until", ["1899-12-31", "2201-01-01", "9999-12-31"])
async def test_an_employer_of_another_age_is_refused(api: Api, who: People, until: str) -> None:
    case_id = await moving.standing(api.database, who, Stage.DRAFT)
    body = {"employers": [{"organisation": "Sample Works", "until": until}]}
    answer = await api.write("PUT", f"/cases/{case_id}/employers", who.learner, body)
    assert (answer.status_code, answer.json()["errors"][0]["at"]) == (422, "employers.until")
