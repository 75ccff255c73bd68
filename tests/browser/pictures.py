"""The pictures of README.md and README.fr.md: `python -m tests.browser.pictures` takes them anew.

Everything in them is a visible sample: a programme that says so, people called Sample, and a file of one sentence.
"""

import asyncio
import io
import socket
import sys
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from playwright.async_api import Page as Tab
from playwright.async_api import async_playwright, expect
from sqlmodel import col

from services.documents.achievements import Issuer
from services.records import cases
from services.records.database import connect
from services.records.tables.people import Person
from services.rules.case import Stage, WaitingOn
from services.rules.claims import ClaimState
from services.rules.programmes import Programme, Text
from tests.api import kit
from tests.api import test_whole_case as whole
from tests.api.kit import Api
from tests.api.test_public import code_of
from tests.browser import chromium
from tests.browser.chromium import Watch
from tests.browser.conftest import Site, served
from tests.records import makers, moving
from tests.records.databases import SqliteTemplate
from tests.records.moving import People

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
SIZE = {"width": 1100, "height": 900}
LARGEST = 120_000
"""Bytes of a picture: a README is read on poor connections too."""

PLAIN = makers.programme()
COMPETENCIES = {
    "first": Text("Keep children safe and well", "Veiller à la sécurité et au bien-être des enfants"),
    "second": Text("Plan a day with a group", "Planifier une journée avec un groupe"),
    "third": Text("Work with families", "Travailler avec les familles"),
}
CRITERIA = {
    "a": Text("Sees what could harm a child and acts on it", "Voit ce qui pourrait blesser un enfant et agit"),
    "b": Text("Talks with each child at eye level", "Parle avec chaque enfant à sa hauteur"),
    "c": Text("Writes down what happened, the same day", "Note ce qui s’est passé, le jour même"),
}
MEANS = Text(
    "You see risks before they hurt anybody, and you are there for each child.",
    "Vous voyez les risques avant qu’ils ne blessent quelqu’un, et vous êtes là pour chaque enfant.",
)
NAMES = ("Amina Sample", "Jean Sample", "Mei Sample", "Lucía Sample", "Omar Sample", "Éloïse Sample")
STAGES = (Stage.ELIGIBILITY_REVIEW, Stage.ELIGIBLE, Stage.PORTFOLIO_SUBMITTED, Stage.DECISION_PENDING, Stage.INCOMPLETE)


def programme() -> Programme:
    """The sample programme in the words of a trade."""
    return replace(
        PLAIN,
        title=Text("Early childhood education (sample)", "Éducation à l’enfance (exemple)"),
        competencies=tuple(
            replace(
                one,
                title=COMPETENCIES[one.key],
                explanation=MEANS,
                criteria=tuple(replace(seen, text=CRITERIA[seen.key]) for seen in one.criteria),
            )
            for one in PLAIN.competencies
        ),
    )


async def called(api: Api, *named: tuple[Person, str]) -> None:
    """People under these names."""
    async with api.database.writing() as session:
        for person, name in named:
            await session.exec(sa.update(Person).where(col(Person.id) == person.id).values(name=name))


async def caseload(api: Api, who: People) -> None:
    """Cases of several learners, one of them late."""
    async with api.database.writing() as session:
        for number, (name, stage) in enumerate(zip(NAMES[1:], STAGES, strict=True)):
            learner = await makers.person(session, name=name)
            learner.name = name
            due = makers.NOW + timedelta(days=9 * number - 4)
            await makers.case(session, stage=stage, learner=learner, advisor=who.advisor, due_at=due)


async def reading(api: Api, who: People) -> UUID:
    """A case that an assessor reads, with a letter of one page."""
    from weasyprint import HTML  # heavy, and needed here alone

    words = "<h1>Sample letter</h1><p>Amina has worked with our group of three-year-olds since 2022.</p>"
    content = HTML(string=words).write_pdf()
    async with api.blobs.incoming() as incoming:
        await incoming.write(content or b"")
        stored = await incoming.keep()
    async with api.database.writing() as session:
        case = await makers.case(
            session,
            stage=Stage.IN_ASSESSMENT,
            learner=who.learner,
            competencies=("first", "second"),
            claims_are=ClaimState.IN_ASSESSMENT,
            waiting_on=WaitingOn.ASSESSOR,
        )
        claims = await makers.claims(session, case)
        kept = {"sha256": stored.sha256, "size": stored.size, "name": "lettre.pdf"}
        await makers.evidence(session, case, *claims, title="Letter of the day care", **kept)
        await makers.evidence(session, case, claims[0], title="My safety round, with photos", name="round.pdf")
        await makers.seat(session, case, who.assessor)
        return case.id


async def building(api: Api, who: People) -> UUID:
    """A portfolio that is half done."""
    case_id = await moving.standing(api.database, who, Stage.ELIGIBLE)
    async with api.database.writing() as session:
        case = await cases.get(session, case_id)
        await makers.evidence(session, case, *(await makers.claims(session, case))[:1])
    return case_id


async def taken(tab: Tab, name: str) -> None:
    """Keep what the window shows, in few colours."""
    from PIL import Image  # as above

    shown = Image.open(io.BytesIO(await tab.screenshot()))
    shown.convert("RGB").quantize(96).save(FOLDER / f"{name}.png", optimize=True)
    size = (FOLDER / f"{name}.png").stat().st_size
    assert size <= LARGEST, (name, size)
    sys.stdout.write(f"{name}.png {size} bytes\n")


async def take(site: Site) -> None:
    """Every picture, in both languages."""
    api, who = site.api, await moving.people(site.api.database)
    await called(api, (who.learner, NAMES[0]), (who.advisor, "Advisor Sample"), (who.assessor, "Assessor Sample"))
    code = await code_of(api, who, await whole.decided(api, who))
    bench = await reading(api, who)
    async with api.database.writing() as session:
        learner = await makers.person(session)
    await called(api, (learner, NAMES[0]))
    await building(api, replace(who, learner=learner))
    await caseload(api, who)
    pages = (
        ("portfolio", learner, "/portfolio"),
        ("bench", who.assessor, f"/assess/{bench}"),
        ("cases", who.advisor, "/cases"),
        ("verify", None, f"/verify/{code}"),
    )
    for name, person, path in pages:
        tab = await site.window(person, size=SIZE)
        await tab.clock.set_fixed_time(makers.NOW)
        for language in ("en", "fr"):
            await tab.goto(site.at(f"/{language}{path}"))
            if name == "bench":
                await tab.keyboard.press("e")
                await expect(tab.locator("#viewer canvas")).to_be_visible()
            await taken(tab, f"{name}-{language}")


async def main() -> None:
    """Serve the pages of a new house, and take the pictures."""
    makers.programme = programme  # type: ignore[assignment]  # the same programme in other words
    with tempfile.TemporaryDirectory() as scratch, socket.socket() as port:
        folder = Path(scratch)
        port.bind(("127.0.0.1", 0))
        number = port.getsockname()[1]
        kit.BASE = f"http://localhost:{number}"
        kit.ISSUER = Issuer(f"did:web:localhost%3A{number}", kit.BASE)
        database = connect((await asyncio.to_thread(SqliteTemplate, folder)).make())
        with chromium.running(folder) as address:
            async with (
                kit.opened(database, folder) as api,
                served(api, port),
                async_playwright() as playwright,
            ):
                browser = await playwright.chromium.connect_over_cdp(address)
                await take(Site(api, kit.BASE, browser, Watch(kit.BASE)))
                await browser.close()
        await database.close()


if __name__ == "__main__":
    asyncio.run(main())
