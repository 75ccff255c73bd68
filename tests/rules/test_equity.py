"""A planted disparity is flagged, chance is not, and no group can be found by taking the others from the whole."""

import pytest
from hypothesis import given, strategies

from services.rules import equity
from services.rules.equity import ALL, Beside, Rated
from services.rules.small_cells import Bound


def beside(**groups: tuple[int, int]) -> dict[str, Beside]:
    rated = {group: Rated(part, whole) for group, (part, whole) in groups.items()}
    return {one.group: one for one in equity.compared(rated)}


def test_the_interval_is_the_one_of_the_published_example() -> None:
    """Aspirin and heart attacks in 22,071 physicians: 104 of 11,037 against 189 of 11,034.

    Source: Agresti, An Introduction to Categorical Data Analysis (2007), section 2.2: 1.82, from 1.43 to 2.30.
    """
    found = equity.ratio(189, 11_034, other=104, of=11_037)
    assert found.low is not None
    assert found.high is not None
    assert (round(found.value, 2), round(found.low, 2)) == (1.82, 1.43)
    assert found.high == pytest.approx(2.30, abs=0.01)


def test_a_planted_disparity_of_seven_tenths_is_flagged_and_says_against_whom() -> None:
    found = beside(en=(400, 500), fr=(280, 500))
    assert found["fr"].flagged
    assert found["fr"].ratio is not None
    assert found["fr"].ratio.value == pytest.approx(0.7)
    assert (found["en"].ratio, found["en"].flagged) == (None, False)
    assert (found[ALL].persons, found[ALL].flagged) == (1000, False)


@pytest.mark.parametrize("fr", [(22, 40), (330, 500)])
def test_chance_and_small_differences_are_not_flagged(fr: tuple[int, int]) -> None:
    assert not beside(en=(32, 44) if fr[1] == 40 else (400, 500), fr=fr)["fr"].flagged


def test_taking_the_others_from_the_whole_finds_nobody() -> None:
    """The attack: 200 in all with 120 granted, 191 and 115 of them known: so nine people, of whom five."""
    found = beside(en=(115, 191), fr=(60, 90), other=(5, 9))
    assert found["other"].share is Bound.WITHHELD
    hidden = [one for one in found.values() if one.share is Bound.WITHHELD]
    assert len(hidden) > 1
    assert found["other"].ratio is None


def test_a_group_of_which_nobody_came_so_far_has_a_ratio_without_interval() -> None:
    assert equity.ratio(0, 40, other=30, of=40) == equity.Ratio(0.0, None, None)
    assert beside() == {ALL: Beside(ALL, Bound.BELOW_TEN, Bound.WITHHELD, None, False)}  # noqa: FBT003 - a whole row


@given(strategies.dictionaries(strategies.text("abc", min_size=1, max_size=2), strategies.integers(0, 60), max_size=5))
def test_no_single_line_is_ever_hidden(sizes: dict[str, int]) -> None:
    found = equity.compared({group: Rated(size // 2, size) for group, size in sizes.items()})
    assert sum(one.share is Bound.WITHHELD for one in found) != 1 or len(found) == 1
