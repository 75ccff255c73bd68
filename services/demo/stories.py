"""The four stories that the demo can tell, and what is written and checked at the end of each."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from services.demo import appeal_story, gap_story, other_cases, outputs, panel_story, walk
from services.demo.telling import Teller
from services.demo.visitor import StoryBroke
from services.demo.walk import Decided, Enter, Walk
from services.rules.programmes import Text
from services.settings import Settings


@dataclass(frozen=True, slots=True)
class Story:
    """One case from its first click to its last letter; `steps` are the lines that it is told in, its title aside."""

    title: Text
    steps: int
    tell: Callable[[Walk], Awaitable[Decided]]


FIRST, ALL = "first", "all"

STORIES: dict[str, Story] = {
    FIRST: Story(
        Text("From portfolio to credential", "Du portfolio à l’attestation"),
        24,
        walk.whole_case,
    ),
    "panel": Story(
        Text("Two readings disagree, and a panel votes", "Deux évaluations divergent, et un comité vote"),
        29,
        panel_story.tell,
    ),
    "gap": Story(
        Text("Not yet, a plan, and a return", "Pas encore, un plan et un retour"),
        29,
        gap_story.tell,
    ),
    "appeal": Story(
        Text("An appeal changes the result", "Une demande de révision change le résultat"),
        25,
        appeal_story.tell,
    ),
}
"""By the word that chooses it, in the order in which all of them are told."""

CHOICES = (*STORIES, ALL)


def chosen(word: str) -> list[str]:
    """The stories that a word of `CHOICES` stands for."""
    return list(STORIES) if word == ALL else [word]


def steps(word: str) -> int:
    """The lines of what `word` stands for, for the bar: the titles, the other cases and the list of files with them."""
    told = chosen(word)
    return sum(STORIES[key].steps for key in told) + len(told) + 1


@dataclass(frozen=True, slots=True)
class Told:
    """The end of everything that was told: the last case, and every file written."""

    decided: Decided
    written: list[Path]


async def tell(
    word: str, enter: Enter, teller: Teller, *, folder: Path, http: httpx.AsyncClient, settings: Settings
) -> Told:
    """Tell what `word` stands for and write it into `folder`, which is emptied first. Raises `StoryBroke`."""
    await asyncio.to_thread(outputs.clear, folder)
    told = Walk(enter, teller, folder / "evidence")
    await other_cases.leave_some(told)
    ends: list[Decided] = []
    every: list[Path] = []
    for key in chosen(word):
        teller.step("", STORIES[key].title)
        decided = await STORIES[key].tell(told)
        written = await outputs.write(folder, decided, story="" if key == FIRST else key, settings=settings, http=http)
        await _verify(teller, http, decided, written)
        await outputs.check(folder, written)
        listed = ", ".join(str(file.relative_to(folder)) for file in written)
        teller.step("Acquis", Text(f"wrote {folder}/: {listed}", f"a écrit {folder}/\u00a0: {listed}"))
        teller.line(f"    acquis verify --offline {folder / 'www'} {written[-1]}")
        ends.append(decided)
        every += written
    if word != ALL:
        others = " | ".join(key for key in CHOICES if key != word)
        teller.detail(
            Text(
                f"Other stories: acquis demo --story {others}", f"Autres histoires\u00a0: acquis demo --story {others}"
            )
        )
    return Told(ends[-1], every)


async def _verify(teller: Teller, http: httpx.AsyncClient, decided: Decided, written: list[Path]) -> None:
    """An employer checks one credential by its code and a letter as a file, without an account."""
    code = decided.credentials[0]["code"]
    answer = (await http.get(f"/api/v1/verify/{code}")).json()
    letter = await asyncio.to_thread(written[0].read_bytes)
    by_file = (await http.post("/api/v1/verify", content=letter)).json()
    if (answer.get("status"), by_file.get("status"), by_file.get("letter")) != ("valid", "valid", True):
        raise StoryBroke(f"{code}: {answer}; letter: {by_file}")
    teller.step(
        "Sample Employer",
        Text(
            f"looks up {code} without an account: {answer['title']['en']}. The letter: unchanged.",
            f"consulte {code} sans compte\u00a0: {answer['title']['fr']}. La lettre\u00a0: inchangée.",
        ),
    )
