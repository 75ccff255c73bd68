"""A refusal leaves every table as it was: for each code that a guard of the table of moves answers, somebody tries."""

import ast
from pathlib import Path

import pytest

from services.records.database import Database
from services.rules import commands as bodies
from services.rules import guards
from services.rules.case import Stage
from services.rules.people import Role
from services.rules.refusals import REFUSALS
from tests.records import makers, moving
from tests.records.moving import People

HERE = Path(__file__).parent


def codes_of(tree: ast.AST) -> set[str]:
    """The codes of refusals that stand as words in a piece of source."""
    words = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return words & set(REFUSALS)


def tried() -> set[str]:
    """The codes in every function of these tests that asks whether nothing changes, and in the table below."""
    found = {one[0] for one in TRIES}
    for file in HERE.glob("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.AsyncFunctionDef) and "nothing_changes" in ast.unparse(node):
                found |= codes_of(node)
    return found


def answered() -> set[str]:
    """The codes that the guards answer."""
    tree = ast.parse(Path(guards.__file__).read_text(encoding="utf-8"))
    return set().union(*(codes_of(node) for node in ast.walk(tree) if isinstance(node, ast.Return)))


def test_every_code_of_a_guard_is_tried() -> None:
    assert len(answered()) > 30
    assert answered() - tried() == set()


CHECK = bodies.CheckTransfer(
    "x", issuer_holds=True, date_holds=True, equivalent=True, basis="document", reasons="Seen."
)
REFUSE = bodies.RefuseEligibility("Another trade.", "Come back later.")
PROPOSE = bodies.ProposeRefusal("Another trade.")


Try = tuple[str, Stage, str, Role, object]

TRIES: tuple[Try, ...] = (
    ("refusal_not_proposed", Stage.ELIGIBILITY_REVIEW, "refuse_eligibility", Role.DECISION_MAKER, REFUSE),
    ("nothing_to_check", Stage.PORTFOLIO_SUBMITTED, "check_transfer", Role.ADVISOR, CHECK),
    ("no_panel", Stage.MODERATION, "compose_panel", Role.LEAD, bodies.ComposePanel("More eyes")),
    ("appeal_step", Stage.UNDER_REVIEW, "ask_hearing", Role.LEARNER, None),
    ("appeal_step", Stage.UNDER_REVIEW, "name_appeal_panel", Role.LEAD, bodies.NameAppealPanel(("x",))),
)


@pytest.mark.parametrize("tried_out", TRIES, ids=lambda one: f"{one[2]}-{one[0]}")
async def test_what_a_guard_refuses_changes_nothing(sqlite_database: Database, tried_out: Try) -> None:
    code, stage, command, role, body = tried_out
    who = await moving.people(sqlite_database)
    case_id = await moving.standing(sqlite_database, who, stage)
    people = {Role.LEARNER: who.learner, Role.ADVISOR: who.advisor, Role.LEAD: who.lead}
    async with moving.nothing_changes(sqlite_database, code):
        await moving.send(sqlite_database, case_id, command, actor=people.get(role, who.decider), role=role, body=body)


async def test_a_refusal_is_proposed_once(sqlite_database: Database) -> None:
    who = await moving.people(sqlite_database)
    case_id = await moving.standing(sqlite_database, who, Stage.ELIGIBILITY_REVIEW, refusal_proposed=True)
    async with moving.nothing_changes(sqlite_database, "refusal_waiting"):
        await moving.send(
            sqlite_database, case_id, "propose_refusal", actor=who.advisor, role=Role.ADVISOR, body=PROPOSE
        )


async def test_a_case_without_advisor_is_not_taken_and_not_offered_to_nobody(sqlite_database: Database) -> None:
    who: People = await moving.people(sqlite_database)
    async with moving.writing(sqlite_database) as session:
        case = await makers.case(session, stage=Stage.SUBMITTED, learner=who.learner)
    async with moving.nothing_changes(sqlite_database, "advisor_missing"):
        await moving.tick(sqlite_database, case.id, "take_case")
