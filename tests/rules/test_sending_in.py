"""Whoever still writes is told everything that is missing; whoever sends is refused with the first of it."""

from dataclasses import replace

import pytest

from services.rules import sending_in
from services.rules.claims import Choice, Judgement, Rating, Recommendation, Verdict
from services.rules.refusals import Refused
from tests.rules import makers as make


def gaps(judgement: Judgement) -> list[tuple[str, str]]:
    found = sending_in.gaps(
        judgement,
        competency=make.competency(),
        items=(make.item(),),
        rationale_minimum=80,
        rounds_used=0,
        nothing_more=False,
    )
    return [(one.code, str(one.facts.get("rule", one.facts.get("where", "")))) for one in found]


def test_a_judgement_with_a_choice_left_open_is_a_draft_whatever_stands_in_its_place() -> None:
    draft = replace(make.judgement(), undecided=(Choice.RECOMMENDATION,))
    assert gaps(make.judgement()) == []
    assert gaps(draft) == [("claims_open", "")]
    with pytest.raises(Refused) as refused:
        sending_in.check(
            draft,
            competency=make.competency(),
            items=(make.item(),),
            rationale_minimum=80,
            rounds_used=0,
            nothing_more=False,
        )
    assert refused.value.code == "claims_open"


def test_every_gap_is_told_at_once() -> None:
    whole = make.judgement()
    first, *rest = whole.ratings
    rated = (replace(first, rating=Rating.NOT_YET, note="Too short."), *rest)
    doubted = replace(
        whole,
        ratings=rated,
        rules=make.rules(valid=Verdict.FAIL),
        methods=(),
        recommendation=Recommendation.MET,
    )
    found = gaps(doubted)
    assert [code for code, _ in found][:2] == ["claims_open", "rationale_missing"]
    assert ("evidence_rule", "valid") in found
    assert ("evidence_rule", "criterion_not_met") in found
