"""Reasons in newer words: what was found stays, and what is said has to be enough and something new."""

from dataclasses import replace

import pytest

from services.rules import clarity, guards, stages
from services.rules.case import Stage, WaitingOn
from services.rules.claims import Judgement, Rating, Recommendation
from services.rules.people import Role
from services.rules.refusals import Refused
from tests.rules import makers as make

ANEW = "You showed how a wall is squared; how you check that it holds is still to be seen."


def check(judgement: Judgement, *, rationale: str = "", **notes: str) -> None:
    clarity.check(judgement, rationale=rationale, notes=notes, competency=make.competency(), minimum=80)


def test_only_the_words_change() -> None:
    locked = make.judgement(lead=Rating.PARTLY_MET)
    first = locked.ratings[0]
    anew = clarity.said_anew(locked, rationale=ANEW, notes={first.criterion: ANEW})
    assert (anew.rationale, anew.ratings[0].note) == (ANEW, ANEW)
    assert replace(anew, rationale=locked.rationale, ratings=locked.ratings) == locked
    assert [one.rating for one in anew.ratings] == [one.rating for one in locked.ratings]
    assert clarity.said_anew(locked, rationale="", notes={first.criterion: ""}) == locked


def test_new_words_name_what_was_rated_and_are_new_and_long_enough() -> None:
    locked = replace(make.judgement(), recommendation=Recommendation.NOT_YET)
    for given, code in (
        ({"z": ANEW}, "malformed"),
        ({"rationale": locked.rationale}, "reasons_unchanged"),
        ({"rationale": "Short"}, "rationale_missing"),
    ):
        with pytest.raises(Refused) as refused:
            check(locked, **given)
        assert refused.value.code == code
    check(locked, rationale=ANEW)


def test_a_decision_waits_for_whoever_is_asked() -> None:
    waits = replace(make.case(Stage.DECISION_PENDING), unclear=1, panel_decides=True)
    assert stages.waiting_on(waits) is WaitingOn.ASSESSOR
    assert stages.waiting_on(replace(waits, unclear=0)) is WaitingOn.PANEL
    command = make.command("clarify_judgement", Role.PANEL)
    assert guards.reasons_unclear(waits, command) is None
    assert guards.reasons_unclear(replace(waits, unclear=0), command) == "nothing_to_clarify"
