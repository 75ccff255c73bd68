"""A refusal leaves every table as it was: for each code of a guard, and of the content of a move, somebody tries."""

import ast
from pathlib import Path

import pytest

from services.records import moves
from services.records.database import Database
from services.rules import commands as bodies
from services.rules import guards
from services.rules.case import Stage
from services.rules.claims import Recommendation
from services.rules.people import Role
from services.rules.refusals import REFUSALS
from tests.records import makers, moving
from tests.records.moving import People

HERE = Path(__file__).parent
RULES = Path(guards.__file__).parent
CONTENT = Path(moves.__file__).parent


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


def said_by_content() -> set[str]:
    """The codes with which the content of a move, or a rule that it asks, says no."""
    found: set[str] = set()
    for file in (*CONTENT.glob("*.py"), *RULES.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refused":
                found |= codes_of(node)
    return found


NO_ANSWER = {
    "command_mismatch": "a message that nobody sent: the desk raises it, no sender can",
    "forbidden": "a role that may not ask at all: `tests/api/rights.csv` has each cell",
    "nobody_to_name": "why a page offers nothing: whoever sends it names somebody, and is told why not them",
    "notices_missing": "a lapse is held and tried again, not refused: `test_moves_leaving.py`",
}
"""Codes of content that answer no sender's command, and where they are looked at."""


def test_every_code_of_a_guard_is_tried() -> None:
    assert len(answered()) > 30
    assert answered() - tried() == set()


def test_every_code_of_content_is_tried() -> None:
    assert len(said_by_content()) > 80
    assert said_by_content() - tried() - set(NO_ANSWER) == set()
    assert set(NO_ANSWER) <= said_by_content()


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


async def test_whoever_knew_the_name_is_not_screened_again(sqlite_database: Database) -> None:
    who = await moving.people(sqlite_database)
    case_id = await moving.judged(sqlite_database, who, first=Recommendation.MET)
    (seat,) = await moving.seats_of(sqlite_database, case_id)
    again = bodies.ScreenAgain(str(seat.id), moving.CLEAR)
    async with moving.nothing_changes(sqlite_database, "screen_settled"):
        await moving.send(sqlite_database, case_id, "screen_again", actor=who.assessor, role=Role.ASSESSOR, body=again)
