"""Texts that are nearly the same are found by their marks, others are not, and of a short one nothing is kept."""

import random

from hypothesis import given
from hypothesis import strategies as st

from services.rules import likeness
from services.rules.likeness import FEWEST, MARKS, RUN

WORDS = [f"word{number}" for number in range(400)]


def told(seed: int, *, paragraphs: int = 6, sentences: int = 5, words: int = 12) -> list[list[str]]:
    """A text of somebody: paragraphs of sentences."""
    dice = random.Random(seed)
    return [[" ".join(dice.choices(WORDS, k=words)) + "." for _ in range(sentences)] for _ in range(paragraphs)]


def written(paragraphs: list[list[str]]) -> tuple[int, ...]:
    return likeness.marks("\n\n".join(" ".join(one) for one in paragraphs))


def test_a_text_with_a_sentence_said_otherwise_is_near() -> None:
    other = told(1)
    other[2][3] = "Here something else is said than over there, in as many words as before."
    assert likeness.near(written(told(1)), written(other))


def test_a_text_with_its_paragraphs_in_another_order_is_near() -> None:
    assert likeness.near(written(told(1)), written(told(1)[::-1]))


def test_how_a_text_is_set_makes_no_difference() -> None:
    said = "\n\n".join(" ".join(one) for one in told(1))
    assert likeness.marks(said.upper().replace(" ", "\u00a0\n").replace(".", " –")) == likeness.marks(said)


def test_other_texts_and_a_form_that_two_filled_in_are_not_near() -> None:
    assert not likeness.near(written(told(1)), written(told(2)))
    assert not likeness.near(written(told(3, paragraphs=6) + told(1)), written(told(3, paragraphs=6) + told(2)))


def test_a_text_that_is_a_small_part_of_another_is_not_near() -> None:
    assert not likeness.near(written(told(1)), written(told(1) + told(2) + told(4)))


def test_a_short_text_has_no_marks_and_is_near_to_nothing() -> None:
    words = WORDS[: FEWEST + RUN - 1]
    assert likeness.marks(" ".join(words[:-1])) == ()
    assert likeness.marks("same words " * 500) == ()
    assert len(likeness.marks(" ".join(words))) == FEWEST
    assert not likeness.near((), ())


@given(st.text(max_size=600), st.integers(0, 2**32), st.integers(0, 2**32), st.integers(1, 30))
def test_marks_are_few_in_order_and_near_either_way(noise: str, one: int, other: int, paragraphs: int) -> None:
    first = likeness.marks(noise + " ".join(" ".join(said) for said in told(one, paragraphs=paragraphs)))
    second = written(told(other, paragraphs=paragraphs))
    assert len(first) <= MARKS
    assert list(first) == sorted(set(first))
    assert all(-(2**63) <= mark < 2**63 for mark in first)
    assert likeness.near(first, second) is likeness.near(second, first)
    assert likeness.near(first, first) is bool(first)
