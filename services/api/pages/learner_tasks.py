"""What a learner has to do before something can be sent: each task, how far it is, and why it cannot begin yet."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.api.pages.command_choices import Setting
from services.records import attestations, dossier, evidence, missing, portfolio, transfers
from services.records.evidence import Shown
from services.records.moves import documentation
from services.records.tables.cases import Claim
from services.rules import evidence as rules
from services.rules.case import Stage
from services.rules.claims import OPEN_CLAIMS
from services.rules.refusals import Refused
from services.rules.transfers import ClaimKind

BUILDING = frozenset({Stage.DRAFT, Stage.ELIGIBLE, Stage.GAP_TRAINING})
"""Stages in which something is to be sent: the application, then the portfolio."""


class TaskState(StrEnum):
    """How far a task is; `later` cannot begin yet and says why."""

    DONE = "done"
    STARTED = "started"
    TO_DO = "to_do"
    OPTIONAL = "optional"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Task:
    """One task: its key, the page where it is done, its state, and a number that its words may show."""

    key: str
    path: str
    state: TaskState
    count: int = 0


class Shows(StrEnum):
    """Whether something in the portfolio shows a competency: a help for the learner, never a verdict."""

    ENOUGH = "enough"
    NEEDS_MORE = "needs_more"
    NOTHING = "nothing"
    TRANSFER = "transfer"


@dataclass(frozen=True, slots=True)
class Skill:
    """A claimed competency with the files that are said to show it."""

    claim: Claim
    files: tuple[Shown, ...]
    shows: Shows


@dataclass(frozen=True, slots=True)
class Building:
    """A portfolio as it is being built: its tasks, its skills, and what stands in the way of sending it."""

    tasks: tuple[Task, ...]
    skills: tuple[Skill, ...]
    lacking: tuple[Refused, ...]

    @property
    def done(self) -> int:
        """How many tasks are done."""
        return sum(task.state is TaskState.DONE for task in self.tasks)


def skills(claims: list[Claim], files: tuple[Shown, ...], certified: frozenset[UUID]) -> tuple[Skill, ...]:
    """Every open claim with what is pointed at it; `certified` are those that a certificate speaks for.

    Words about oneself alone are not enough, as the résumé rule says (`rules.evidence`).
    """
    found = []
    for claim in claims:
        if claim.state not in OPEN_CLAIMS:
            continue
        mine = tuple(file for file in files if any(one.claim == claim.id for one in file.pointers))
        if claim.kind is ClaimKind.TRANSFER:
            shows = Shows.TRANSFER if claim.id in certified else Shows.NEEDS_MORE
        elif not mine:
            shows = Shows.NOTHING
        else:
            shows = Shows.ENOUGH if _suffices(mine) else Shows.NEEDS_MORE
        found.append(Skill(claim, mine, shows))
    return tuple(found)


def _suffices(files: tuple[Shown, ...]) -> bool:
    """What nobody has said yet what it is may be anything; what is said counts by the résumé rule."""
    return any(file.said.kind is None or file.said.kind not in rules.NEVER_ENOUGH for file in files)


async def of_case(setting: Setting, *, now: datetime) -> Building:
    """The portfolio as it stands."""
    session, case = setting.session, setting.case
    files = await evidence.of_case(session, case.id)
    certified = frozenset(await transfers.statements(session, case.id))
    shown = skills(setting.claims, files, certified)
    lacking = tuple(await missing.of_case(session, case, now=now))
    asked = await attestations.of_case(session, case.id)
    named = await dossier.employers(session, case.id)
    tasks = (
        _self_check(shown),
        Task("employers", "employers", TaskState.DONE if named else TaskState.TO_DO, len(named)),
        _story(setting),
        _evidence(files, shown),
        _matrix(shown),
        Task("references", "references", TaskState.DONE if asked else TaskState.OPTIONAL, len(asked)),
        _send(case.stage, lacking),
    )
    return Building(tasks, shown, lacking)


def _self_check(shown: tuple[Skill, ...]) -> Task:
    said = sum(one.claim.self_assessment is not None for one in shown)
    whole = bool(shown) and said == len(shown)
    state = TaskState.DONE if whole else TaskState.STARTED if shown else TaskState.TO_DO
    return Task("self_check", "self-check", state, len(shown))


def _story(setting: Setting) -> Task:
    unanswered = documentation.unanswered(setting.programme, setting.case.answers)
    begun = any(str(text).strip() for text in setting.case.answers.values())
    state = TaskState.STARTED if begun and unanswered else TaskState.TO_DO if unanswered else TaskState.DONE
    return Task("story", "story", state, len(unanswered))


def _evidence(files: tuple[Shown, ...], shown: tuple[Skill, ...]) -> Task:
    bare = sum(one.shows is Shows.NOTHING for one in shown)
    state = TaskState.TO_DO if not files else TaskState.STARTED if bare or not shown else TaskState.DONE
    return Task("evidence", "evidence", state, len(files))


def _matrix(shown: tuple[Skill, ...]) -> Task:
    if not shown:
        return Task("skills", "skills", TaskState.LATER)
    enough = sum(one.shows in {Shows.ENOUGH, Shows.TRANSFER} for one in shown)
    state = TaskState.DONE if enough == len(shown) else TaskState.STARTED if enough else TaskState.TO_DO
    return Task("skills", "skills", state, enough)


def _send(stage: Stage, lacking: tuple[Refused, ...]) -> Task:
    key = "send_application" if stage is Stage.DRAFT else "send_portfolio"
    return Task(key, "send", TaskState.LATER if lacking else TaskState.TO_DO, len(lacking))


def with_learner(stage: Stage) -> bool:
    """Whether the portfolio may change now."""
    return stage in portfolio.EDITABLE
