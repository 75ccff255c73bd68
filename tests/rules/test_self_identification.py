"""What people may say of themselves: our words alone, and each question has some."""

import pytest

from services.rules import self_identification
from services.rules.refusals import Refused
from services.rules.self_identification import ANSWERS, Trait


def test_every_question_has_words_and_what_is_left_out_is_nowhere() -> None:
    assert set(ANSWERS) == set(Trait)
    assert all(len(words) > 1 for words in ANSWERS.values())
    assert self_identification.check({"age": "25_34"}) == {Trait.AGE: "25_34"}
    assert self_identification.check({}) == {}


@pytest.mark.parametrize("answers", [{"age": "old"}, {"income": "high"}, {"x" * 99: "y"}])
def test_other_words_are_malformed(answers: dict[str, str]) -> None:
    with pytest.raises(Refused) as refused:
        self_identification.check(answers)
    assert refused.value.code == "malformed"
