"""Offers are ranked by what they cover and what they take, and a first plan is made of the best ones."""

from dataclasses import replace
from datetime import date

import pytest

from services.rules import gaps
from services.rules.gaps import Gap, Mode, Offer, Row, Way
from services.rules.programmes import Language, Text

TODAY = date(2026, 3, 2)
FIRST, SECOND, WHOLE = Gap("first", "a"), Gap("first", "b"), Gap("second")
ASKED = (FIRST, SECOND, WHOLE)


def offer(key: str = "course", *, covers: tuple[Gap, ...] = (FIRST,), **values: object) -> Offer:
    plain = Offer(
        key=key,
        provider="Example College",
        title=Text("A short course", "Un cours bref"),
        way=Way.COURSE,
        covers=covers,
        cost=12_050,
        currency="CAD",
        hours=15,
        mode=Mode.ONLINE,
        language=Language.EN,
    )
    return replace(plain, **values)  # type: ignore[arg-type]  # one field of one test


def order(*offers: Offer, asked: tuple[Gap, ...] = ASKED) -> list[str]:
    return [one.offer.key for one in gaps.rank(offers, asked, language="en", today=TODAY)]


@pytest.mark.parametrize(
    "better",
    [
        offer("better", covers=(FIRST, SECOND)),
        offer("better", cost=12_000),
        offer("better", hours=14),
        offer("better", mode=Mode.ONLINE),
        offer("better", language=Language.EN),
        offer("better", starts_on=date(2026, 4, 1)),
        offer("a-key-before"),
    ],
    ids=["covers", "cost", "hours", "mode", "language", "start", "key"],
)
def test_what_covers_more_stands_first_then_what_takes_less(better: Offer) -> None:
    worse = offer(mode=Mode.ON_SITE, language=Language.FR, starts_on=date(2026, 5, 1))
    assert order(worse, better) == [better.key, "course"]


def test_what_covers_nothing_or_has_begun_is_not_offered() -> None:
    assert order(offer(covers=(Gap("third"),)), offer(starts_on=date(2026, 3, 1))) == []
    assert order(offer(starts_on=TODAY)) == ["course"]


def test_an_offer_on_a_whole_competency_covers_each_of_its_criteria() -> None:
    [one] = gaps.rank([offer(covers=(Gap("first"), WHOLE))], ASKED, language="en", today=TODAY)
    assert one.covered == ASKED


def test_the_reason_for_a_place_is_said_in_both_languages() -> None:
    [one] = gaps.rank([offer()], ASKED, language="fr", today=TODAY)
    assert one.reason.en == "Covers 1 of 3 missing; 120.50 CAD; 15 h"
    assert "120,50\u00a0CAD" in one.reason.fr


def test_a_first_plan_takes_the_best_offer_for_each_gap_and_new_evidence_for_the_rest() -> None:
    ranked = gaps.rank([offer("both", covers=(FIRST, SECOND)), offer()], ASKED, language="en", today=TODAY)
    plan = gaps.draft(ASKED, ranked)
    assert plan == (
        Row(FIRST, Way.COURSE, 15, "both"),
        Row(SECOND, Way.COURSE, 15, "both"),
        Row(WHOLE, Way.NEW_EVIDENCE),
    )
    assert gaps.hours((*plan, Row(Gap("third"), Way.PRACTICE, 8))) == 23
