"""A second reading is asked for by rule, never by wish, and what two readings come to can be recomputed."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rules import second_reading
from services.rules.claims import Confidence, Judgement, Recommendation, Rule, RuleVerdict, Verdict
from services.rules.second_reading import Original, Trigger, Way
from tests.rules.makers import judgement

MET, PARTIAL, NOT_YET, LACKING = (
    Recommendation.MET,
    Recommendation.PARTIAL,
    Recommendation.NOT_YET,
    Recommendation.INSUFFICIENT_EVIDENCE,
)
SEED = bytes([7]) * second_reading.SEED_BYTES
CASE = UUID("0193a1b2-0000-7000-8000-000000000001")
DRAWN = 0xDAD412580CB30797
"""The first 8 bytes of the HMAC of `CASE` under `SEED`, computed with openssl."""


def in_advance(
    *, readers: int = 1, high_stakes: bool = False, earlier: int = 5, sampled: bool = False
) -> frozenset[Trigger]:
    return second_reading.triggers_in_advance(
        readers_per_claim=readers, high_stakes=high_stakes, earlier_cases=earlier, first_cases=5, sampled=sampled
    )


def test_an_experienced_assessor_reads_an_ordinary_case_alone() -> None:
    assert in_advance() == frozenset()


def test_each_reason_known_in_advance_asks_for_a_second_seat() -> None:
    assert in_advance(readers=2) == {Trigger.READERS}
    assert in_advance(high_stakes=True) == {Trigger.HIGH_STAKES}
    assert in_advance(earlier=4) == {Trigger.NEW_ASSESSOR}
    assert in_advance(sampled=True) == {Trigger.SAMPLED}
    assert in_advance(readers=3, earlier=0) == {Trigger.READERS, Trigger.NEW_ASSESSOR}


def of_reading(originals: Mapping[str, Judgement], *held: str) -> frozenset[Trigger]:
    return second_reading.triggers_of_reading(originals, competencies=("a", "b", "c"), held=held)


SURE = judgement()
REFUSED = replace(judgement(), recommendation=NOT_YET)


def doubted(verdict: Verdict) -> Judgement:
    others = tuple(said for said in SURE.rules if said.rule is not Rule.AUTHENTIC)
    return replace(SURE, rules=(*others, RuleVerdict(Rule.AUTHENTIC, verdict, "Two voices.")))


@pytest.mark.parametrize(
    ("originals", "held", "expected"),
    [
        ({}, (), frozenset()),
        ({"a": SURE, "b": SURE}, (), frozenset()),
        ({"a": SURE, "b": REFUSED}, (), frozenset()),
        ({"a": REFUSED, "b": REFUSED}, (), {Trigger.ALL_NOT_YET}),
        ({"a": SURE, "b": SURE, "c": SURE}, (), {Trigger.FULL_GRANT}),
        ({"a": SURE, "b": SURE}, ("c",), {Trigger.FULL_GRANT}),
        ({"a": SURE, "b": REFUSED}, ("c",), frozenset()),
        ({"a": replace(SURE, confidence=Confidence.LOW)}, (), {Trigger.LOW_CONFIDENCE}),
        ({"a": replace(SURE, confidence=Confidence.MEDIUM)}, (), frozenset()),
        ({"a": doubted(Verdict.CONCERN)}, (), {Trigger.DOUBTED_AUTHORSHIP}),
        ({"a": doubted(Verdict.FAIL)}, (), {Trigger.DOUBTED_AUTHORSHIP}),
    ],
)
def test_a_first_reading_that_weighs_much_or_is_unsure_asks_for_a_second(
    originals: Mapping[str, Judgement], held: tuple[str, ...], expected: frozenset[Trigger]
) -> None:
    assert of_reading(originals, *held) == expected


@pytest.mark.parametrize(
    ("previous", "share"),
    [(0, Fraction(1)), (3, Fraction(1)), (4, Fraction(3, 4)), (30, Fraction(1, 10)), (400, Fraction(1, 10))],
)
def test_the_share_aims_at_three_cases_a_quarter_and_never_falls_below_ten_percent(
    previous: int, share: Fraction
) -> None:
    assert second_reading.sample_share(previous, percent=10, least=3) == share


@given(previous=st.integers(0, 10_000), percent=st.integers(0, 100), least=st.integers(0, 50))
def test_a_share_is_a_share_and_is_enough_for_the_aim(previous: int, percent: int, least: int) -> None:
    share = second_reading.sample_share(previous, percent=percent, least=least)
    assert Fraction(percent, 100) <= share <= 1
    assert share * previous >= min(least, previous)


def test_a_draw_is_what_anybody_computes_with_openssl() -> None:
    mine = Fraction(DRAWN, 2**64)
    assert not second_reading.is_sampled(SEED, CASE, share=mine)
    assert second_reading.is_sampled(SEED, CASE, share=mine + Fraction(1, 2**64))


@given(case=st.uuids(), seed=st.binary(min_size=32, max_size=32))
def test_everybody_is_drawn_at_one_and_nobody_at_nought(case: UUID, seed: bytes) -> None:
    assert second_reading.is_sampled(seed, case, share=Fraction(1))
    assert not second_reading.is_sampled(seed, case, share=Fraction(0))


def test_about_one_case_in_ten_is_drawn() -> None:
    drawn = sum(second_reading.is_sampled(SEED, UUID(int=number), share=Fraction(1, 10)) for number in range(5_000))
    assert 430 < drawn < 570


def test_the_digest_of_a_seed_can_be_recomputed_and_a_short_seed_is_none() -> None:
    assert second_reading.seed_digest(SEED) == "4bb06f8e4e3a7715d201d573d0aa423762e55dabd61a2c02278fa56cc6d294e0"
    with pytest.raises(ValueError, match="32 bytes, not 31"):
        second_reading.seed_digest(SEED[1:])


def read(*claims: tuple[Recommendation, ...]) -> Way:
    return second_reading.compare(
        {str(place): [Original(word, 1) for word in each] for place, each in enumerate(claims)}
    )


@pytest.mark.parametrize(
    ("claims", "way"),
    [
        ([(MET, MET), (NOT_YET, NOT_YET)], Way.AGREED),
        ([(LACKING, LACKING)], Way.AGREED),
        ([(MET, PARTIAL), (MET, MET)], Way.CONFER),
        ([(NOT_YET, PARTIAL)], Way.CONFER),
        ([(MET, PARTIAL), (PARTIAL, NOT_YET)], Way.PANEL),
        ([(MET, NOT_YET)], Way.PANEL),
        ([(MET, LACKING)], Way.PANEL),
        ([(LACKING, NOT_YET), (MET, MET)], Way.PANEL),
        ([(MET, MET, PARTIAL)], Way.CONFER),
        ([(MET, PARTIAL, NOT_YET)], Way.PANEL),
    ],
)
def test_readings_lead_to_the_decision_to_a_talk_or_to_a_panel(
    claims: list[tuple[Recommendation, ...]], way: Way
) -> None:
    assert read(*claims) is way


pairs = st.lists(st.tuples(st.sampled_from(Recommendation), st.sampled_from(Recommendation)), min_size=1, max_size=8)


@given(pairs)
def test_who_read_first_makes_no_difference(claims: list[tuple[Recommendation, Recommendation]]) -> None:
    assert read(*claims) is read(*[(second, first) for first, second in claims])


@given(pairs)
def test_a_case_is_agreed_exactly_when_every_claim_is(claims: list[tuple[Recommendation, Recommendation]]) -> None:
    assert (read(*claims) is Way.AGREED) == all(first is second for first, second in claims)


@pytest.mark.parametrize("claims", [{}, {"a": []}, {"a": [Original(MET, 1)]}])
def test_one_reading_is_never_compared(claims: dict[str, list[Original]]) -> None:
    with pytest.raises(ValueError, match="nothing to compare"):
        second_reading.compare(claims)


def test_a_reading_is_confirmed_on_the_newer_portfolio_before_it_is_compared() -> None:
    with pytest.raises(ValueError, match="different portfolio versions"):
        second_reading.compare({"a": [Original(MET, 1), Original(MET, 2)]})
    assert second_reading.compare({"a": [Original(MET, 2), Original(MET, 2)]}) is Way.AGREED
