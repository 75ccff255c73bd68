"""A year in groups: a planted disparity is flagged, support is not judged, no difference of figures finds anybody."""

from itertools import repeat

import pytest

from services.rules import groups
from services.rules.equity import ALL, Beside
from services.rules.groups import (
    CODEBOOK,
    NO_ANSWER,
    NOT_USED,
    PLACES,
    SUPPORTS,
    USED,
    Compared,
    Dimension,
    Indicator,
    Settled,
    Took,
    Walk,
)
from services.rules.small_cells import Bound


def named(**some: str) -> tuple[str, ...]:
    """Somebody's groups: those that are named, and otherwise what most people have."""
    usual = {Dimension.LANGUAGE: "en", Dimension.PURPOSE: "upskill", **dict.fromkeys(SUPPORTS, NOT_USED)}
    return tuple(some.get(one, usual.get(one, NO_ANSWER)) for one in Dimension)


def walked(number: int, *, steps: int, closed: bool = False, within: bool | None = None, **some: str) -> list[Walk]:
    """So many people who came so many steps."""
    eligible, deposited, decided, granted = (steps > n for n in range(4))
    return list(repeat(Walk(named(**some), eligible, deposited, decided, granted, closed, within), number))


def beside(found: list[Compared], dimension: Dimension, indicator: Indicator) -> dict[str, Beside]:
    (table,) = [one for one in found if one.dimension is dimension]
    (shares,) = [one for one in table.shares if one.indicator is indicator]
    return {one.group: one for one in shares.groups}


def test_a_planted_disparity_of_seven_tenths_between_what_people_say_of_themselves_is_flagged() -> None:
    walks = [
        *walked(320, steps=4, gender="man"), *walked(80, steps=3, gender="man"),
        *walked(224, steps=4, gender="woman"), *walked(176, steps=3, gender="woman"),
        *walked(20, steps=4), *walked(20, steps=3),
    ]  # fmt: skip
    found = groups.tables(walks, [])
    told = beside(found, Dimension.GENDER, Indicator.GRANTED)
    assert list(told) == ["woman", "man", NO_ANSWER, ALL]
    assert (told["man"].share, told["woman"].share, told["woman"].flagged, told["man"].flagged) == (
        0.8,
        0.56,
        True,
        False,
    )
    assert told["woman"].ratio is not None
    assert told["woman"].ratio.value == 0.7
    assert next(one.unanswered for one in found if one.dimension is Dimension.GENDER) == 0.05


def test_support_that_was_used_stands_in_a_cross_tab_without_ratio_or_flag() -> None:
    walks = [*walked(200, steps=4, mentor=USED), *walked(100, steps=2), *walked(100, steps=4), *walked(40, steps=3)]
    told = beside(groups.tables(walks, []), Dimension.MENTOR, Indicator.DECIDED)
    assert (told[NOT_USED].share, told[NOT_USED].ratio, told[NOT_USED].flagged) == (Bound.WITHHELD, None, False)
    walks += walked(50, steps=2, mentor=USED)
    told = beside(groups.tables(walks, []), Dimension.MENTOR, Indicator.DECIDED)
    assert (told[USED].share, told[NOT_USED].share, told[USED].ratio) == (0.8, 0.58, None)


def test_the_difference_of_two_steps_finds_nobody() -> None:
    """The attack: 100 sent, and 95 stand as the whole of the next share: so five were not eligible."""
    walks = [*walked(76, steps=2, age="25_34"), *walked(19, steps=1, age="25_34"), *walked(5, steps=0, age="25_34")]
    walks += [*walked(200, steps=2), *walked(100, steps=1), *walked(100, steps=0)]
    found = groups.tables(walks, [])
    first, then = (beside(found, Dimension.AGE, one) for one in (Indicator.ELIGIBLE, Indicator.DEPOSITED))
    assert (first["25_34"].persons, first["25_34"].share) == (100, Bound.WITHHELD)
    assert (then["25_34"].persons, then["25_34"].share) == (Bound.WITHHELD, 0.8)
    assert all(one.persons is Bound.WITHHELD for one in then.values())


def test_claims_are_told_where_ten_people_stand_on_either_side_and_appeals_and_days_beside_them() -> None:
    days = {Took.DECISION: 50, Took.OURS: 20}
    many = [Settled(named(region="town"), days, 10, 10, n < 12) for n in range(30)]
    one_person = [Settled(named(region="remote"), {Took.DECISION: 9}, 40, 40, appealed=True)]
    found = groups.tables([], many + one_person * 2)
    told = beside(found, Dimension.REGION, Indicator.CLAIMS)
    assert (told["town"].share, told["remote"].share) == (Bound.WITHHELD, Bound.WITHHELD)  # or the two could be found
    others = [Settled(named(region="countryside"), days, 10, 30, appealed=False) for _ in range(30)]
    told = beside(groups.tables([], many + others), Dimension.REGION, Indicator.CLAIMS)
    assert (told["town"].share, told["countryside"].share, told["countryside"].flagged) == (0.5, 0.25, False)
    told = beside(groups.tables([], many), Dimension.REGION, Indicator.APPEALED)
    assert told["town"].share == 0.4
    (region,) = [one for one in found if one.dimension is Dimension.REGION]
    took = {one.took: one.groups for one in region.days}
    assert took[Took.DECISION] == {
        "town": {"median": 50, "p90": 50},
        "remote": {"median": Bound.WITHHELD, "p90": Bound.WITHHELD},
    }
    assert took[Took.THEIRS]["town"]["median"] is Bound.WITHHELD


@pytest.mark.parametrize(
    ("indicator", "share"), [(Indicator.NEVER_PRESENTED, 0.2), (Indicator.WITHIN, 0.71), (Indicator.ELIGIBLE, 0.83)]
)
def test_shares_are_of_what_they_say(indicator: Indicator, share: float) -> None:
    walks = [
        *walked(20, steps=1, closed=True), *walked(50, steps=2, within=True), *walked(30, steps=1, within=None),
        *walked(20, steps=0, within=False),
    ]  # fmt: skip
    told = beside(groups.tables(walks, []), Dimension.LANGUAGE, indicator)
    assert told["en"].share == share


def test_every_indicator_and_dimension_has_its_words_and_its_place() -> None:
    assert set(CODEBOOK) == set(Indicator)
    assert list(PLACES.values()) == list(range(len(Dimension)))
    assert len(groups.tables([], [])) == len(Dimension)
