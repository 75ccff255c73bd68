"""After a quarter with too few double readings the quarter's seed says which cases are read again."""

from dataclasses import replace
from uuid import UUID

import pytest

from services.rules import looking_back, second_reading
from services.rules.looking_back import Finding
from services.rules.refusals import Refused
from tests.rules import makers as make

SEED = bytes(range(32))
CASES = [UUID(int=number) for number in range(1, 20)]
COMPETENCY = make.competency()
WHOLE = Finding({"plan": "met", "lead": "met", "minutes": "not_yet"}, "met", "")


def test_what_lacks_is_what_the_policy_wants_beside_what_is_known() -> None:
    assert [looking_back.lacking(known, least=3) for known in (0, 2, 3, 7)] == [3, 1, 0, 0]


def test_the_seed_draws_and_anybody_can_draw_again() -> None:
    drawn = looking_back.drawn(SEED, CASES, number=3)
    assert drawn == looking_back.drawn(SEED, CASES[::-1], number=3)
    bound = second_reading.lot(SEED, drawn[-1])
    assert {case for case in CASES if second_reading.lot(SEED, case) <= bound} == set(drawn)
    assert looking_back.drawn(SEED, CASES, number=0) == []


def check(finding: Finding) -> None:
    looking_back.check(finding, competency=COMPETENCY, rationale_minimum=20)


def test_met_needs_every_mandatory_criterion_and_no_reasons() -> None:
    check(WHOLE)
    check(replace(WHOLE, recommendation="not_yet", rationale="It does not show the whole task yet."))


@pytest.mark.parametrize(
    ("code", "finding"),
    [
        ("malformed", replace(WHOLE, recommendation="splendid")),
        ("malformed", replace(WHOLE, ratings=dict(WHOLE.ratings) | {"minutes": "perhaps"})),
        ("claims_open", replace(WHOLE, ratings={"plan": "met"})),
        ("evidence_rule", replace(WHOLE, ratings=dict.fromkeys(WHOLE.ratings, "not_yet"))),
        ("rationale_missing", replace(WHOLE, recommendation="not_yet", rationale="  Short   words  ")),
    ],
)
def test_a_finding_that_is_not_whole_says_what_it_lacks(code: str, finding: Finding) -> None:
    with pytest.raises(Refused) as refused:
        check(finding)
    assert refused.value.code == code
