"""Whoever reads masked is told nothing of who the learner is, in no view and under no file name."""

import json
import re
from dataclasses import replace

import pytest
from sqlmodel import select

from services.records import cases
from services.records.tables.decisions import Decision
from services.records.tables.evidence import EvidenceItem
from services.rules import commands as bodies
from services.rules.case import SeatState
from services.rules.claims import Recommendation
from services.rules.conflicts import ConflictTie
from services.rules.people import Role
from services.rules.programmes import FieldKind, FormField, Language, Text
from services.workflows import letter_writing
from tests.api.kit import Api
from tests.records import makers, moving
from tests.records.moving import People

AGE = FormField(
    "age",
    FieldKind.TEXT,
    Text("Your age", "Votre âge"),
    Text("In years.", "En années."),
    required=False,
    identifying=True,
)


@pytest.fixture
def masked(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = makers.programme()
    programme = replace(plain, version=2, form=(*plain.form, AGE), policy=replace(plain.policy, mask_identity=True))
    monkeypatch.setattr(makers, "programme", lambda: programme)


async def told(api: Api, case_id: object, who: People) -> str:
    """Everything that the assessor can read of the case, as text."""
    paths = ("", "/screen", "/evidence", "/answers", "/judgements")
    answers = [await api.get(f"/cases/{case_id}{path}", who.assessor) for path in paths]
    files = json.loads(answers[2].text)
    answers += [await api.get(f"/cases/{case_id}/evidence/{file['id']}/file", who.assessor) for file in files]
    return "\n".join(f"{answer.headers} {answer.text}" for answer in answers)


async def signed(api: Api, who: People) -> object:
    case_id = await moving.assessing(api.database, who)
    async with api.database.writing() as session:
        case = await cases.get(session, case_id, lock=True)
        case.answers = {"work": "Two years of welding", "age": "51"}
        for row in await session.exec(select(EvidenceItem)):
            row.name, row.title, row.author = f"{who.learner.name}.pdf", who.learner.name, who.learner.name
    return case_id


@pytest.mark.usefixtures("masked")
async def test_a_masked_reader_learns_no_name_and_no_age(api: Api, who: People) -> None:
    case_id = await signed(api, who)
    text = await told(api, case_id, who)
    assert who.learner.name not in text
    assert who.learner.email not in text
    assert '"51"' not in text
    assert "Two years of welding" in text


@pytest.mark.usefixtures("masked")
async def test_once_judged_the_name_is_shown(api: Api, who: People) -> None:
    case_id = await moving.judged(api.database, who, first=Recommendation.MET)
    view = (await api.get(f"/cases/{case_id}", who.assessor)).json()
    assert view["learner"] == who.learner.name


@pytest.mark.usefixtures("masked")
async def test_once_the_name_is_shown_the_screen_is_asked_again_and_kept_once(api: Api, who: People) -> None:
    case_id = await moving.judged(api.database, who, first=Recommendation.MET)
    asked = (await api.get(f"/cases/{case_id}/screen", who.assessor)).json()
    assert (asked["again"], asked["learner"], "screen_again" in asked["commands"]) == (True, who.learner.name, True)
    page = await api.http.get(f"/en/cases/{case_id}", headers=await api.as_(who.assessor))
    assert "Answer the questions about ties" in page.text
    seat = asked["assignment"]
    async with moving.nothing_changes(api.database, "conflict_of_interest"):
        await moving.send(
            api.database,
            case_id,
            "screen_again",
            actor=who.assessor,
            role=Role.ASSESSOR,
            body=bodies.ScreenAgain(seat, moving.tied()),
        )
    sent = {"assignment": seat, "answer": "again", "signed": "yes", "version": str(asked["version"])}
    sent |= {f"tie-{tie.value}": "no" for tie in ConflictTie}
    path = f"/en/cases/{case_id}/offer"
    offer = await api.http.get(path, headers=await api.as_(who.assessor))
    assert "Now that you know who it is" in offer.text
    answer = await api.http.post(path, headers=await api.as_(who.assessor), data=sent)
    assert answer.status_code == 303, answer.text
    again = (await api.get(f"/cases/{case_id}/screen", who.assessor)).json()
    assert (again["again"], "screen_again" in again["commands"]) == (False, False)
    async with moving.nothing_changes(api.database, "screen_settled"):
        await moving.send(
            api.database,
            case_id,
            "screen_again",
            actor=who.assessor,
            role=Role.ASSESSOR,
            body=bodies.ScreenAgain(seat, moving.CLEAR),
        )


async def test_elsewhere_the_name_is_shown_from_the_start(api: Api, who: People) -> None:
    case_id = await signed(api, who)
    assert who.learner.name in await told(api, case_id, who)


async def test_each_keeps_a_register_of_their_own(api: Api, who: People) -> None:
    kept = await api.write("POST", "/known-people", who.assessor, {"name": "Sample Cousin"})
    assert (kept.status_code, kept.json()["name"]) == (201, "Sample Cousin")
    assert [line["name"] for line in (await api.get("/known-people", who.assessor)).json()] == ["Sample Cousin"]
    async with api.database.writing() as session:
        other = await makers.staff(session, Role.ASSESSOR)
    assert (await api.get("/known-people", other)).json() == []
    line = f"/known-people/{kept.json()['id']}"
    assert (await api.write("DELETE", line, other)).status_code == 404
    assert (await api.write("DELETE", line, who.assessor)).status_code == 204
    assert (await api.get("/known-people", who.assessor)).json() == []


async def test_a_lead_reads_what_was_declared_before_setting_it_aside(api: Api, who: People) -> None:
    case_id = await moving.assigning(api.database, who)
    (seat,) = await moving.seats_of(api.database, case_id, SeatState.OFFERED)
    answers = moving.tied(ConflictTie.OTHER).answers
    screen = {"answers": answers, "signed": True, "note": "We sat on a jury"}
    sent = await api.command(case_id, "declare_conflict", who.assessor, {"assignment": str(seat.id), "screen": screen})
    assert sent.status_code == 200, sent.text
    view = (await api.get(f"/cases/{case_id}", who.lead)).json()
    assert [one["declared"] for one in view["seats"]] == ["We sat on a jury"]
    assert "override_conflict" in view["commands"]


async def test_whoever_judges_reads_that_somebody_else_filed_where_asked_and_never_of_money(
    api: Api, who: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = makers.programme()
    policy = replace(
        plain.policy, agents="flagged", letter_group_by="block", fee_competency=50, fee_file=10, reveal_assessor="name"
    )
    first, *others = plain.competencies
    block = Text("Block of the first", "Bloc de la première")
    programme = replace(plain, version=2, policy=policy, competencies=(replace(first, block=block), *others))
    monkeypatch.setattr(makers, "programme", lambda: programme)
    case_id = await moving.judged(api.database, who, first=Recommendation.MET, second=Recommendation.PARTIAL)
    view = (await api.get(f"/cases/{case_id}", who.assessor)).json()
    assert (view["by_agent"], "fees" in view) == (False, False)
    async with api.database.writing() as session:
        (await cases.get(session, case_id)).agent = "Sample Agency"
    answer = await api.get(f"/cases/{case_id}", who.assessor)
    assert (answer.json()["by_agent"], "Sample Agency" in answer.text) == (True, False)
    bench = await api.http.get(f"/en/assess/{case_id}", headers=await api.as_(who.assessor))
    assert "Somebody else filed this case" in bench.text
    mine = (await api.get(f"/cases/{case_id}", who.learner)).json()
    assert mine["agent"] == "Sample Agency"
    assert [(one["service"], one["amount"]) for one in mine["fees"]] == [("competencies", 100)]
    page = await api.http.get(f"/en/cases/{case_id}", headers=await api.as_(who.learner))
    assert "What was charged" in page.text
    waived = {"service": "file", "reason": "Hard times"}
    assert (await api.command(case_id, "waive_fee", who.lead, waived)).status_code == 200
    for person in (who.advisor, who.lead):
        led = (await api.get(f"/cases/{case_id}", person)).json()
        assert [(one["amount"], one["currency"], one["waived"]) for one in led["fees"]] == [(100, "CAD", False)]
        assert [(one["service"], one["reason"]) for one in led["waivers"]] == [("file", "Hard times")]
    for person in (who.assessor, who.decider):
        for path in (f"/api/v1/cases/{case_id}", f"/en/cases/{case_id}"):
            seen = await api.http.get(path, headers=await api.as_(person))
            assert seen.status_code == 200
            assert not re.search(r"\bfees?\b|waive|charged|Hard times", seen.text, re.IGNORECASE)
    shown = await api.http.get(f"/en/programmes/{programme.slug}")
    assert "whatever its result" in shown.text
    await moving.decide(api.database, who, case_id)
    async with api.database.reading() as session:
        decision = (await session.exec(select(Decision))).one()
        facts = await letter_writing.facts_of(session, decision)
    letter = letter_writing.compose(facts, language=Language.EN, number="L-1", base_url="https://example.org")
    assert [title for title, _ in letter.blocks] == [block.en, ""]
    assert "Another assessment costs 50 CAD" in letter.next_steps[-1]
    assert letter.judged_by == ("One qualified assessor of this programme", who.assessor.name)
