"""Who is asked afterwards, in which wave, and what of the answers may be told."""

from datetime import date, timedelta

import pytest

from services.rules import surveys
from services.rules.case import ClosedAs, Stage
from services.rules.claims import Outcome
from services.rules.small_cells import Bound
from services.rules.surveys import ANSWERS, CODEBOOK, EVERYBODY, Followed, Question

SINCE = date(2026, 1, 31)


@pytest.mark.parametrize(
    ("stage", "outcome", "closed_as", "eligible", "group"),
    [
        (Stage.DECIDED, Outcome.GRANTED_FULL, None, False, Followed.RECOGNISED),
        (Stage.GAP_TRAINING, Outcome.GRANTED_PARTIAL, None, False, Followed.RECOGNISED),
        (Stage.CLOSED, Outcome.NOT_GRANTED, ClosedAs.COMPLETED, False, Followed.NOT_YET),
        (Stage.CLOSED, Outcome.NOT_GRANTED, ClosedAs.WITHDRAWN, True, Followed.NOT_YET),
        (Stage.ISSUING, Outcome.GRANTED_FULL, None, False, None),
        (Stage.ASSIGNING, Outcome.NOT_GRANTED, None, False, None),
        (Stage.CLOSED, None, ClosedAs.EXPIRED, True, Followed.NOT_COMPLETED),
        (Stage.CLOSED, None, ClosedAs.WITHDRAWN, False, None),
        (Stage.CLOSED, None, ClosedAs.DUPLICATE, True, None),
        (Stage.ELIGIBLE, None, None, True, None),
    ],
)
def test_people_are_followed_by_what_came_of_their_case(
    stage: Stage,
    outcome: str | None,
    closed_as: ClosedAs | None,
    eligible: bool,  # noqa: FBT001 - a table of cases
    group: Followed | None,
) -> None:
    assert surveys.followed(stage=stage, outcome=outcome, closed_as=closed_as, eligible=eligible) is group


def test_there_are_five_times_of_sixty_days_and_a_month_ends_where_it_ends() -> None:
    days = [SINCE + timedelta(days=n) for n in range(-1, 900)]
    seen = [surveys.wave(SINCE, day) for day in days]
    assert [wave for wave in surveys.WAVES if wave in seen] == [0, 3, 6, 12, 24]
    assert [seen.count(wave) for wave in surveys.WAVES] == [60] * 5
    assert seen[0] is None
    assert surveys.wave(SINCE, date(2026, 4, 29)) is None
    assert surveys.wave(SINCE, date(2026, 4, 30)) == 3
    assert (surveys.over(SINCE, date(2028, 3, 30)), surveys.over(SINCE, date(2028, 3, 31))) == (False, True)


def test_who_answered_is_told_beside_who_did_not_and_a_small_language_cannot_be_found() -> None:
    told = surveys.asked({"en": (60, 40), "fr": (30, 4)})
    assert told[EVERYBODY].asked == 90
    assert isinstance(told["fr"].answered, Bound)
    assert isinstance(told["en"].answered, Bound) or isinstance(told[EVERYBODY].answered, Bound)
    open_ = surveys.asked({"en": (60, 40), "fr": (30, 15)})
    assert (open_["en"].share, open_["fr"].share, open_[EVERYBODY].answered) == (40 / 60, 15 / 30, 55)
    assert surveys.asked({})[EVERYBODY].asked is Bound.BELOW_TEN


def test_an_answer_is_told_as_a_share_that_ten_people_stand_behind_on_both_sides() -> None:
    told = surveys.said(Question.RECOMMEND, {"yes": 30, "unsure": 14, "no": 12})
    assert (told.answered, told.shares["no"]) == (56, 12 / 56)
    few = surveys.said(Question.RECOMMEND, {"yes": 30, "no": 4})
    assert (few.answered, set(few.shares.values())) == (34, {Bound.BELOW_TEN, Bound.WITHHELD})
    assert surveys.said(Question.WORK, {}).answered is Bound.BELOW_TEN


def test_every_question_has_words_and_says_what_it_is_about() -> None:
    assert set(ANSWERS) == set(CODEBOOK) == set(Question)


def test_at_the_beginning_only_work_is_asked() -> None:
    assert surveys.asked_in(surveys.BASELINE) == (Question.WORK,)
    assert all(surveys.asked_in(wave) == tuple(Question) for wave in surveys.WAVES)
