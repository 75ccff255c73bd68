"""Whatever people call themselves, their files or their reasons, no page makes markup of it.

One walk opens every page that a case leads to, for everybody whom it concerns: each link of each page is followed. A
page that lands later is walked through as soon as something leads there.
"""

import re
from dataclasses import replace
from urllib.parse import quote
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from services.records import cases, messages, reading_notes, remarks
from services.records.ids import new_id
from services.records.reading_notes import Place
from services.records.tables.evidence import EvidenceItem
from services.records.tables.people import Person
from services.rules import commands as bodies
from services.rules.case import Stage
from services.rules.claims import Recommendation
from services.rules.conversations import Thread
from services.rules.people import Role, Tie
from tests.api.kit import HERE, Api
from tests.pages import hostile
from tests.records import makers, moving
from tests.records.moving import People

STARTS = ("", "/home", "/queue", "/cases", "/sign-in", "/verify", "/account", "/portfolio")
MOST_PAGES = 900
"""A walk that never ends would be a fault of the test: lists that lead to lists."""


def names(number: int) -> str:
    """A text of the corpus that fits where a name does."""
    return hostile.TEXTS[number % len(hostile.TEXTS)][:150]


async def written(api: Api, who: People) -> list[UUID]:
    """A case before its assessment, one in it and one that waits for its decision, each full of what people wrote."""
    async with api.database.writing() as session:
        for number, person in enumerate((who.learner, who.advisor, who.assessor, who.decider, who.lead)):
            await session.exec(sa.update(Person).where(col(Person.id) == person.id).values(name=names(number)))
    asked = await moving.standing(api.database, who, Stage.ELIGIBILITY_REVIEW, answers={"work": hostile.TOGETHER})
    items = tuple(bodies.MissingItem(text, hostile.TOGETHER) for text in hostile.TEXTS)
    completion = bodies.AskCompletion(items)
    await moving.send(api.database, asked, "ask_completion", actor=who.advisor, role=Role.ADVISOR, body=completion)
    read = await moving.assessing(api.database, who)
    await fill(api, read)
    found = replace(moving.finding(note=hostile.TOGETHER), private_note=hostile.TEXTS[0])
    await moving.write(api.database, read, who.assessor, first=found, second=found)
    judged = await moving.judged(api.database, who, first=Recommendation.MET, second=Recommendation.NOT_YET)
    await fill(api, judged)
    offered = await moving.assigning(api.database, who)
    for case_id in (asked, read):
        await say(api, case_id, who)
    async with api.database.writing() as session:
        item = (await session.exec(select(EvidenceItem.id).where(col(EvidenceItem.case_id) == read))).first()
        assert item is not None
        place = Place(item, page=2)
        await reading_notes.keep(
            session, case_id=read, person=who.assessor.id, place=place, text=hostile.TOGETHER[:2000], now=makers.NOW
        )
    return [asked, offered, read, judged]


async def say(api: Api, case_id: UUID, who: People) -> None:
    """What learner and advisor wrote to each other, and what a lead remarked."""
    async with api.database.writing() as session:
        for person, role in ((who.learner, Role.LEARNER), (who.advisor, Role.ADVISOR), (who.learner, Role.LEARNER)):
            words = {"case_id": case_id, "thread": Thread.GUIDANCE, "key": new_id(), "now": makers.NOW}
            await messages.write(session, **words, author=person.id, role=role, text=hostile.TOGETHER)  # type: ignore[arg-type]  # four kinds of value
        lead = {"author": who.lead.id, "ties": frozenset({Tie.LEAD})}
        await remarks.keep(session, case_id=case_id, **lead, text=hostile.TOGETHER, now=makers.NOW)  # type: ignore[arg-type]  # two kinds of value


async def fill(api: Api, case_id: UUID) -> None:
    """Files that are called by the whole corpus, and somebody who was asked to attest."""
    async with api.database.writing() as session:
        case = await cases.get(session, case_id)
        claims = await makers.claims(session, case)
        for number, text in enumerate(hostile.TEXTS):
            words = {"name": names(number), "title": text, "description": hostile.TOGETHER, "author": names(number + 1)}
            await makers.evidence(session, case, *claims, **words)


def tongues(person: Person | None, who: People, number: int) -> str:
    """What somebody walks in: learners and strangers in both languages, everybody else in the one whose turn it is.

    Both languages are one template, and what people wrote comes into it in one place.
    """
    return "en|fr" if person is None or person is who.learner else ("en", "fr")[number % 2]


async def walked(api: Api, person: Person | None, more: tuple[str, ...], tongue: str) -> dict[str, hostile.Watched]:
    """Every page in `tongue` that `person` comes to by following links, taken apart."""
    waiting = [*(f"/{one}{start}" for one in tongue.split("|") for start in STARTS), *more]
    found: dict[str, hostile.Watched] = {}
    headers = await api.as_(person) if person else {}
    known: set[str] = set()
    while waiting:
        path = waiting.pop()
        # Filters of a list: another value of the same one shows the same page.
        if (kind := re.sub(r"=[^&]*", "", path)) in known or not re.match(rf"/({tongue})(/|$|\?)", path):
            continue
        known.add(kind)
        answer = await api.http.get(path, headers=headers)
        # A credential that cannot be checked at the moment is answered with 503 and a page of its own.
        assert answer.status_code < 500 or (answer.status_code == 503 and "/verify/" in path), (path, answer.text)
        if "location" in answer.headers:
            waiting.append(answer.headers["location"])
        found[path] = page = hostile.Watched()
        if answer.headers.get("content-type", "").startswith("text/html"):
            page = found[path] = hostile.parsed(answer.text)
            waiting += [str(httpx.URL(path).join(link)) for link in page.links if not link.startswith("#")]
        assert len(found) <= MOST_PAGES
    return found


@pytest.mark.gate
async def test_no_page_makes_markup_of_what_people_wrote(api: Api, who: People) -> None:
    held = await written(api, who)
    shown: dict[str, set[str]] = {}
    more = tuple(
        f"/{tongue}/{room}/{case_id}" for tongue in ("en", "fr") for room in ("cases", "assess") for case_id in held
    )
    for number, name in enumerate(("learner", "advisor", "assessor", "decider", "lead")):
        person = getattr(who, name)
        pages = await walked(api, person, more, tongues(person, who, number))
        assert {path: page.wrong for path, page in pages.items() if page.wrong} == {}
        shown[name] = {path for path, page in pages.items() if hostile.MARK in page.text}
    assert all(shown.values()), "nobody saw a text of the corpus, so nothing was tested"


@pytest.mark.parametrize("text", hostile.TEXTS)
async def test_what_was_typed_wrong_comes_back_as_text(api: Api, who: People, text: str) -> None:
    case_id = await moving.standing(api.database, who, Stage.ELIGIBILITY_REVIEW)
    signed = await api.as_(who.advisor) | HERE
    answers = [
        await api.http.post("/en/sign-in", headers=HERE, data={"email": text, "password": text}),
        await api.http.get("/fr/verify", params={"code": text}),
        await api.http.post("/en/verify", headers=HERE, files={"file": (text, text.encode())}),
        await api.http.post("/fr/cases/find", headers=signed, data={"text": text[:100]}),
        await api.http.post("/en/cases/views", headers=signed, data={"name": text[:60]}, follow_redirects=True),
        await api.http.get(
            "/en/cases", headers=signed, params={"show": text, "stage": text, "sort": text, "after": text}
        ),
        await api.http.get(f"/en/cases/{case_id}", headers=signed, params={"done": text}),
        await api.http.get(f"/fr/cases/{case_id}/messages", headers=signed, params={"thread": text, "nudge": text}),
        await api.http.post(f"/en/cases/{case_id}/messages", headers=signed, data={"text": text + "x" * 4000}),
        await api.http.get(f"/fr/cases/{case_id}/do/{quote(text[:20].replace('/', ''))}", headers=signed),
        await api.http.post(
            f"/fr/cases/{case_id}/do/ask-completion", headers=signed, data={"items-0-what": text, "version": text}
        ),
    ]
    pages = [hostile.parsed(answer.text) for answer in answers]
    assert [(answer.url.path, page.wrong) for answer, page in zip(answers, pages, strict=True) if page.wrong] == []
    assert all(answer.status_code < 500 for answer in answers), [answer.status_code for answer in answers]
