"""The form of an appointment says what its method asks for; dates leave the learner time; absences are made good."""

from dataclasses import replace
from datetime import date

import pytest

from services.rules import appointments, claims, sending_in
from services.rules.appointments import ASKED, DIRECT, KeptAs, Line, Sheet, check_consent, check_kind
from services.rules.claims import (
    Identification,
    Judgement,
    PointedItem,
    Rating,
    Recommendation,
    Rule,
    Supervision,
    Verdict,
)
from services.rules.deadlines import Span
from services.rules.evidence import EvidenceKind
from services.rules.programmes import Method
from services.rules.refusals import Refused
from services.rules.signatures import Family
from tests.rules import makers as make

LINE = Line("one", "plan", "How do you plan?", "A clear plan", Rating.MET, marks=3, out_of=4, done=True)
FULL = Sheet(
    lines=(LINE,),
    supervision=Supervision.ON_SITE,
    identification=Identification.DOCUMENT_SEEN,
    present=("The learner", "The assessor"),
    version="2026-1",
    conditions="An hour, without help",
    place="Workshop 4",
    props="A lathe",
    safety_stop="none",
    supervisor_present=True,
)
CRITERIA = {"one": ("plan", "lead")}


def lacks(sheet: Sheet, method: Method) -> str:
    with pytest.raises(Refused) as refused:
        appointments.check_sheet(sheet, method=method, criteria=CRITERIA)
    assert refused.value.code == "record_incomplete"
    return refused.value.facts["field"]


@pytest.mark.parametrize("method", sorted(DIRECT))
def test_a_form_that_says_everything_is_taken_for_every_method(method: Method) -> None:
    appointments.check_sheet(FULL, method=method, criteria=CRITERIA)


EMPTY = {
    "version": replace(FULL, version=" "),
    "conditions": replace(FULL, conditions=""),
    "place": replace(FULL, place=""),
    "props": replace(FULL, props=""),
    "safety_stop": replace(FULL, safety_stop=""),
    "supervisor_present": replace(FULL, supervisor_present=None),
    "what": replace(FULL, lines=(replace(LINE, what=""),)),
    "seen": replace(FULL, lines=(replace(LINE, seen=""),)),
    "marks": replace(FULL, lines=(replace(LINE, marks=5),)),
    "done": replace(FULL, lines=(replace(LINE, done=None),)),
}


@pytest.mark.parametrize("method", sorted(DIRECT))
def test_each_method_asks_for_its_own_fields_and_for_no_other(method: Method) -> None:
    asked = {field for field, _ in ASKED[method]}
    for field, sheet in EMPTY.items():
        if field in asked:
            assert lacks(sheet, method) == field
        else:
            appointments.check_sheet(sheet, method=method, criteria=CRITERIA)


def test_every_claim_is_rated_and_somebody_was_there() -> None:
    assert lacks(replace(FULL, lines=()), Method.INTERVIEW) == "lines"
    assert lacks(replace(FULL, present=(" ",)), Method.INTERVIEW) == "present"


@pytest.mark.parametrize(
    "lines", [(replace(LINE, criterion="other"),), (replace(LINE, claim="two"), LINE), (LINE,) * 2]
)
def test_a_line_about_something_else_is_malformed(lines: tuple[Line, ...]) -> None:
    with pytest.raises(Refused, match="malformed"):
        appointments.check_sheet(replace(FULL, lines=lines), method=Method.INTERVIEW, criteria=CRITERIA)


def test_a_recording_needs_the_consent_of_all_who_are_present() -> None:
    half = replace(FULL, recorded=True, consenting=("The assessor",))
    with pytest.raises(Refused, match="recording_consent"):
        appointments.check_sheet(half, method=Method.INTERVIEW, criteria=CRITERIA)
    everybody = replace(half, consenting=FULL.present)
    appointments.check_sheet(everybody, method=Method.INTERVIEW, criteria=CRITERIA)


def test_a_date_leaves_the_business_days_that_the_policy_promises() -> None:
    friday, span = date(2026, 6, 19), Span.parse("5bd")
    # The 24th of June is a holiday in Quebec: the fifth business day after a Friday is the next Monday but one.
    assert not appointments.in_good_time(make.QUEBEC, friday, date(2026, 6, 26), span)
    assert appointments.in_good_time(make.QUEBEC, friday, date(2026, 6, 29), span)


@pytest.mark.parametrize(
    ("excused", "unexcused", "again"),
    [(0, 1, True), (0, 2, False), (2, 0, True), (3, 0, False), (2, 1, True)],
)
def test_an_excused_absence_is_made_good_twice_and_another_once(excused: int, unexcused: int, again: bool) -> None:  # noqa: FBT001 - a row of the table
    tried = appointments.left_to_try(excused=excused, unexcused=unexcused, may_excused=2, may_unexcused=1)
    assert tried is again


def test_what_was_seen_at_an_appointment_is_current_and_nothing_else_is_mended_by_it() -> None:
    for rule in Rule:
        doubted = replace(make.judgement(), rules=make.rules(**{rule: Verdict.CONCERN}))
        assert Recommendation.MET not in allowed(doubted, seen=False)
        assert (Recommendation.MET in allowed(doubted, seen=True)) is (rule is Rule.CURRENT)
    sending_in.check(
        replace(make.judgement(), rules=make.rules(current=Verdict.CONCERN)),
        competency=make.competency(),
        items=(make.item(),),
        rationale_minimum=1,
        rounds_used=0,
        nothing_more=False,
        seen=True,
    )


@pytest.mark.parametrize("items", [(), (make.item(EvidenceKind.RESUME),), (make.item(learner_authored=True),)])
def test_the_record_of_an_appointment_is_direct_evidence(items: tuple[PointedItem, ...]) -> None:
    assert Recommendation.MET not in allowed(make.judgement(), seen=False, items=items)
    assert Recommendation.MET in allowed(make.judgement(), seen=True, items=items)


def allowed(
    found: Judgement, *, seen: bool, items: tuple[PointedItem, ...] = (make.item(),)
) -> frozenset[Recommendation]:
    return claims.allowed_recommendations(
        found, competency=make.competency(), items=items, rounds_used=0, nothing_more=False, seen=seen
    )


def test_a_recording_is_sound_or_film_to_which_everybody_present_agreed_and_a_form_can_be_read() -> None:
    both = ("The learner", "The assessor")
    check_consent(KeptAs.FORM, present=(), consenting=())
    check_consent(KeptAs.RECORDING, present=both, consenting=both)
    for present, consenting in (((), both), (both, both[:1])):
        with pytest.raises(Refused, match="recording_consent"):
            check_consent(KeptAs.RECORDING, present=present, consenting=consenting)
    check_kind(KeptAs.FORM, name="form.pdf", family=Family.PDF)
    check_kind(KeptAs.RECORDING, name="voice.mp3", family=Family.SOUND)
    for what, family in ((KeptAs.FORM, Family.VIDEO), (KeptAs.RECORDING, Family.TEXT)):
        with pytest.raises(Refused, match="kind_not_accepted"):
            check_kind(what, name="any", family=family)
