"""Who is asked first: the fewest persons, the least load, the longest wait, and then a lot that anybody can check."""

import random
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings, strategies

from services.rules import assignment
from services.rules.assignment import Bar, Candidate

FREE = Candidate(
    "a",
    languages=frozenset({"en", "fr"}),
    competencies=None,
    active=True,
    open_load=2,
    capacity=10,
    last_offer=datetime(2026, 3, 2, 9, tzinfo=UTC),
)
WANTED = frozenset({"m1", "m2", "m3"})


def choose(*candidates: Candidate, case_id: str = "case", language: str = "fr") -> list[tuple[str, set[str]]]:
    found = assignment.choose(candidates, case_id=case_id, language=language, competencies=WANTED)
    return [(person, set(keys)) for person, keys in found]


def only(person: str, *keys: str, **how: Any) -> Candidate:  # noqa: ANN401 - fields of Candidate, checked by `replace`
    return replace(FREE, person=person, competencies=frozenset(keys), **how)


@pytest.mark.parametrize(
    "unable",
    [
        replace(FREE, active=False),
        replace(FREE, excluded=True),
        replace(FREE, declined_here=True),
        replace(FREE, calibrated=False),
        replace(FREE, languages=frozenset({"en"})),
        replace(FREE, open_load=10),
        replace(FREE, open_load=0, capacity=0),
        replace(FREE, competencies=frozenset({"something else"})),
        replace(FREE, competencies=frozenset()),
    ],
)
def test_who_cannot_judge_is_not_asked(unable: Candidate) -> None:
    assert assignment.eligible(FREE, language="fr", competencies=WANTED)
    assert not assignment.eligible(unable, language="fr", competencies=WANTED)
    assert choose(unable) == []
    assert choose(unable, replace(FREE, person="b")) == [("b", set(WANTED))]


@pytest.mark.parametrize(
    ("how", "bar"),
    [
        ({"active": False}, Bar.AWAY),
        ({"excluded": True}, Bar.CONFLICT),
        ({"declined_here": True}, Bar.ASKED),
        ({"calibrated": False}, Bar.CALIBRATION),
        ({"languages": frozenset({"en"})}, Bar.LANGUAGE),
        ({"open_load": 10}, Bar.LOAD),
        ({"paired_lately": True}, Bar.PAIR),
        ({"competencies": frozenset({"m1"})}, Bar.SCOPE),
    ],
)
def test_each_reason_not_to_ask_somebody_has_a_name(how: dict[str, Any], bar: Bar) -> None:
    assert assignment.bars(FREE, language="fr", competencies=WANTED) == ()
    assert assignment.bars(replace(FREE, **how), language="fr", competencies=WANTED) == (bar,)


def test_somebody_without_listed_competencies_judges_every_one_of_the_programme() -> None:
    assert FREE.covers(WANTED) == WANTED
    assert only("a", "m1", "x").covers(WANTED) == {"m1"}


def test_the_fewest_persons_are_asked() -> None:
    specialists = [only("one", "m1", open_load=0), only("two", "m2", open_load=0), only("three", "m3", open_load=0)]
    assert choose(*specialists, FREE) == [("a", set(WANTED))]
    assert choose(*specialists, only("both", "m1", "m2")) == [("both", {"m1", "m2"}), ("three", {"m3"})]


def test_what_nobody_can_judge_is_left_open() -> None:
    assert choose(only("one", "m1"), only("two", "m1", "m2")) == [("two", {"m1", "m2"})]
    assert choose() == []


def test_the_share_of_capacity_in_use_comes_first() -> None:
    busy = replace(FREE, person="busy", open_load=3, capacity=4)
    assert choose(busy, replace(FREE, person="b", open_load=5)) == [("b", set(WANTED))]


def test_then_who_was_asked_longest_ago_and_never_comes_before_everybody() -> None:
    earlier = replace(FREE, person="earlier", last_offer=datetime(2026, 3, 1, tzinfo=UTC))
    never = replace(FREE, person="never", last_offer=None)
    assert choose(FREE, earlier)[0][0] == "earlier"
    assert choose(FREE, earlier, never)[0][0] == "never"


def test_then_a_lot_that_differs_from_case_to_case_and_not_from_time_to_time() -> None:
    equals = [replace(FREE, person=f"p{n}") for n in range(5)]
    first = {case: choose(*equals, case_id=case)[0][0] for case in map(str, range(40))}
    assert set(first.values()) == {"p0", "p1", "p2", "p3", "p4"}
    assert all(choose(*reversed(equals), case_id=case)[0][0] == person for case, person in first.items())


PEOPLE = strategies.lists(
    strategies.builds(
        Candidate,
        person=strategies.uuids().map(str),
        languages=strategies.sampled_from([frozenset({"fr"}), frozenset({"en"}), frozenset({"en", "fr"})]),
        competencies=strategies.none() | strategies.frozensets(strategies.sampled_from(["m1", "m2", "m3", "m4"])),
        active=strategies.booleans(),
        open_load=strategies.integers(0, 4),
        capacity=strategies.integers(0, 4),
        excluded=strategies.booleans(),
        declined_here=strategies.booleans(),
    ),
    max_size=8,
    unique_by=lambda candidate: candidate.person,
)


@given(people=PEOPLE, seed=strategies.integers(0, 9))
@settings(max_examples=150, deadline=None)
def test_each_key_falls_to_one_able_person_and_the_order_of_the_list_does_not_matter(
    people: list[Candidate], seed: int
) -> None:
    found = choose(*people)
    by_id = {candidate.person: candidate for candidate in people}
    judged = [key for _, keys in found for key in keys]
    possible = {
        key for c in people if assignment.eligible(c, language="fr", competencies=WANTED) for key in c.covers(WANTED)
    }
    assert sorted(judged) == sorted(possible)
    for person, keys in found:
        assert keys
        assert keys <= by_id[person].covers(WANTED)
    shuffled = list(people)
    random.Random(seed).shuffle(shuffled)
    assert choose(*shuffled) == found


def test_the_advisor_with_the_least_load_is_named() -> None:
    calm = replace(FREE, person="calm", open_load=1)
    assert assignment.choose_advisor([FREE, calm], case_id="case", language="fr") == "calm"


def test_a_learner_is_not_left_alone_because_every_advisor_is_busy() -> None:
    busy = replace(FREE, open_load=99, competencies=frozenset())
    assert assignment.choose_advisor([busy], case_id="case", language="fr") == "a"


def test_no_advisor_is_named_who_may_not_or_does_not_speak_the_language() -> None:
    unable = [
        replace(FREE, active=False),
        replace(FREE, excluded=True),
        replace(FREE, declined_here=True),
        replace(FREE, languages=frozenset({"en"})),
    ]
    assert assignment.choose_advisor(unable, case_id="case", language="fr") is None
