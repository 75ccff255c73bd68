"""What people write to each other in offices makes no markup either: programmes, appeals, minutes, reasons, statements.

The walk is that of `test_hostile_texts.py`: every page that a person comes to by following links.
"""

from dataclasses import replace
from functools import lru_cache
from uuid import UUID

import pytest

from services.records.tables.people import Person
from services.rules import commands as bodies
from services.rules.claims import Recommendation
from services.rules.people import Role
from services.rules.programmes import Programme, Text
from tests.api.kit import Api
from tests.api.test_whole_case import good
from tests.pages import hostile
from tests.pages.test_hostile_texts import tongues, walked
from tests.records import appealing, attesting, makers, moderated, moving
from tests.records.moving import People

TOLD = Text(hostile.TOGETHER, hostile.TOGETHER)
NAME = hostile.TOGETHER[:100]
SAMPLE = makers.programme()
PARTIAL = Recommendation.PARTIAL


@lru_cache(maxsize=1)
def programme() -> Programme:
    """The sample programme, all of whose texts are hostile."""
    competencies = tuple(
        replace(
            one,
            title=TOLD,
            explanation=TOLD,
            criteria=tuple(replace(criterion, text=TOLD) for criterion in one.criteria),
        )
        for one in SAMPLE.competencies
    )
    form = tuple(replace(question, label=TOLD) for question in SAMPLE.form)
    return replace(SAMPLE, version=2, title=TOLD, competencies=competencies, form=form)


async def appealed(api: Api, who: People) -> tuple[UUID, Person]:
    """An appeal that was lodged, heard and ruled on, and its chair."""
    people = await appealing.body(api.database)
    case_id = await moving.judged(api.database, who, first=Recommendation.MET, second=PARTIAL)
    decided = bodies.Decide(NAME, hostile.TOGETHER)
    await moving.send(api.database, case_id, "decide", actor=who.decider, role=Role.DECISION_MAKER, body=decided)
    await moving.publish(api.database, case_id)
    said = replace(appealing.LODGE, text=hostile.TOGETHER)
    bench = await appealing.convened(api.database, who, people, case_id, said)
    await appealing.rule(api.database, bench, "dismissed", reasons=hostile.TOGETHER)
    return case_id, bench.chair


async def voted(api: Api, who: People) -> tuple[UUID, Person]:
    """A case that came back with reasons and of which a panel wrote minutes, and its chair."""
    await moderated.panelists(api.database)
    case_id = await moving.judged(api.database, who, first=PARTIAL)
    (claim,) = (await moving.claims_of(api.database, case_id)).values()
    back = bodies.ReturnDecision((bodies.ReturnedClaim(str(claim.id), hostile.TOGETHER),))
    await moving.send(api.database, case_id, "return_decision", actor=who.decider, role=Role.DECISION_MAKER, body=back)
    members = await moderated.seated(api.database, case_id)
    found = replace(moving.finding(), rationale=hostile.TOGETHER + "x" * 80)
    await moving.write(api.database, case_id, members[0], first=found)
    minutes = moderated.minutes(members, await moderated.unsettled(api.database, case_id))
    written = replace(
        minutes,
        material=hostile.TOGETHER,
        members=tuple(replace(one, capacity=NAME, statement=hostile.TOGETHER) for one in minutes.members),
        claims=tuple(replace(one, reasons=hostile.TOGETHER) for one in minutes.claims),
    )
    await moderated.record(api.database, case_id, members[0], written)
    return case_id, members[0]


async def attested(api: Api, who: People) -> tuple[UUID, str]:
    """A case with an employer, a statement that was sent and a person who was asked, and that person's link."""
    opened = await api.write(
        "POST",
        "/cases",
        who.learner,
        {
            "programme": programme().slug,
            "language": "en",
            "purpose": "upskill",
            "competencies": ["first", "second"],
            "employers": [{"organisation": NAME, "referee": NAME}],
        },
    )
    case_id = UUID(good(opened, 201)["id"])
    words = {"name": NAME, "organisation": NAME}
    answered = await attesting.asked(api.database, case_id, now=api.clock(), email="a@example.org", **words)
    said = attesting.statement("first", **words, position=NAME, how_observed=hostile.TOGETHER)
    observed = tuple(replace(one, example=hostile.TOGETHER) if one.example else one for one in said.observations)
    await attesting.submit(api.database, answered.token, replace(said, observations=observed), now=api.clock())
    asked = await attesting.asked(api.database, case_id, now=api.clock(), email="b@example.org", **words)
    return case_id, asked.token


@pytest.mark.gate
async def test_no_page_makes_markup_of_what_offices_write(
    api: Api, who: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(makers, "programme", programme)
        async with api.database.writing() as session:
            admin = await makers.staff(session, Role.PROGRAMME_ADMIN)
            auditor = await makers.staff(session, Role.AUDITOR)
        cases, links = [], []
        case_id, chair = await appealed(api, who)
        cases.append(case_id)
        case_id, president = await voted(api, who)
        cases.append(case_id)
        case_id, link = await attested(api, who)
        cases.append(case_id)
        links += [f"/{tongue}/attest/{link}{page}" for tongue in ("en", "fr") for page in ("", "/files", "/decline")]
    more = [f"/{tongue}/cases/{one}" for tongue in ("en", "fr") for one in cases]
    rooms = [f"{at}/{room}" for at in more for room in ("appeals", "panel", "decision", "timeline", "references")]
    offices = (who.advisor, who.assessor, who.decider, who.lead, chair, president, admin, auditor)
    for number, person in enumerate((None, who.learner, *offices)):
        pages = await walked(api, person, (*more, *rooms) if person else tuple(links), tongues(person, who, number))
        assert {path: page.wrong for path, page in pages.items() if page.wrong} == {}
        assert any(hostile.MARK in page.text for page in pages.values()), person
