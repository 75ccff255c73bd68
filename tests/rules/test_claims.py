"""When a claim is met: the rules of evidence, the résumé rule, and what each finding allows."""

from dataclasses import replace
from itertools import product

import pytest

from services.rules import claims, sending_in
from services.rules.claims import (
    OPEN_CLAIMS,
    RECOMMENDED_AS,
    ClaimState,
    CriterionRating,
    Judgement,
    Obstacle,
    PointedItem,
    Rating,
    Recommendation,
    Rule,
    RuleVerdict,
    Verdict,
)
from services.rules.evidence import EvidenceKind
from services.rules.programmes import Competency, Method
from services.rules.refusals import Refused
from tests.rules import makers as make

MET, PARTIAL, NOT_YET, INSUFFICIENT = Recommendation
WORK = (make.item(),)
COMPETENCY = make.competency()


def allowed(
    judgement: Judgement,
    *,
    items: tuple[PointedItem, ...] = WORK,
    rounds_used: int = 0,
    nothing_more: bool = False,
    carried: frozenset[str] = frozenset(),
) -> set[Recommendation]:
    found = claims.allowed_recommendations(
        judgement,
        competency=COMPETENCY,
        items=items,
        rounds_used=rounds_used,
        nothing_more=nothing_more,
        carried=carried,
    )
    return set(found)


def check(
    judgement: Judgement,
    *,
    items: tuple[PointedItem, ...] = WORK,
    competency: Competency = COMPETENCY,
    rounds_used: int = 0,
    carried: frozenset[str] = frozenset(),
) -> None:
    sending_in.check(
        judgement,
        competency=competency,
        items=items,
        rationale_minimum=80,
        rounds_used=rounds_used,
        nothing_more=False,
        carried=carried,
    )


def test_with_everything_seen_a_claim_can_be_recommended_met_but_need_not() -> None:
    assert allowed(make.judgement()) == {MET, NOT_YET}


@pytest.mark.parametrize("rating", [Rating.PARTLY_MET, Rating.NOT_YET, Rating.NOT_ASSESSED])
def test_a_mandatory_criterion_that_is_not_met_bars_met_and_allows_partial(rating: Rating) -> None:
    assert allowed(make.judgement(plan=rating)) == {PARTIAL, NOT_YET}


def test_a_criterion_that_is_not_mandatory_bars_nothing() -> None:
    assert allowed(make.judgement(minutes=Rating.NOT_ASSESSED), rounds_used=1) == {MET, NOT_YET}


def test_partial_needs_at_least_one_criterion_met() -> None:
    nothing = make.judgement(plan=Rating.PARTLY_MET, lead=Rating.NOT_YET, minutes=Rating.NOT_YET)
    assert allowed(nothing) == {NOT_YET}


def test_a_criterion_met_in_an_earlier_attempt_counts_as_met() -> None:
    gaps_only = replace(make.judgement(), ratings=make.rated(lead=Rating.MET, minutes=Rating.MET))
    assert allowed(gaps_only) == {PARTIAL, NOT_YET}
    assert allowed(gaps_only, carried=frozenset({"plan"})) == {MET, NOT_YET}
    assert allowed(make.judgement(plan=Rating.NOT_YET), carried=frozenset({"plan"})) == {MET, NOT_YET}


@pytest.mark.parametrize(("rule", "verdict"), list(product(Rule, [Verdict.CONCERN, Verdict.FAIL])), ids=str)
def test_each_rule_of_evidence_that_does_not_hold_bars_met(rule: Rule, verdict: Verdict) -> None:
    doubted = replace(make.judgement(), rules=make.rules(**{rule: verdict}))
    assert MET not in allowed(doubted)
    assert NOT_YET in allowed(doubted)


def test_a_rule_of_evidence_that_was_not_answered_does_not_hold() -> None:
    assert MET not in allowed(replace(make.judgement(), rules=make.rules()[1:]))


@pytest.mark.parametrize(
    "kinds",
    [
        (),
        (EvidenceKind.RESUME,),
        (EvidenceKind.RESUME, EvidenceKind.JOB_DESCRIPTION, EvidenceKind.REFERENCE_LETTER),
        (EvidenceKind.STATEMENT, EvidenceKind.ORAL_STATEMENT),
    ],
)
def test_words_about_the_learner_never_suffice_alone_or_together(kinds: tuple[EvidenceKind, ...]) -> None:
    told = tuple(make.item(kind) for kind in kinds)
    assert allowed(make.judgement(), items=told) == {NOT_YET}
    assert MET in allowed(make.judgement(), items=(*told, make.item(EvidenceKind.EMPLOYER_LETTER)))


def test_something_must_be_there_that_the_learner_did_not_write() -> None:
    own = make.item(EvidenceKind.WORK_PRODUCT, learner_authored=True)
    assert allowed(make.judgement(), items=(own,)) == {NOT_YET}
    assert MET in allowed(make.judgement(), items=(own, make.item(EvidenceKind.PHOTO_OF_WORK)))


def test_a_level_of_the_rubric_below_the_standard_bars_met() -> None:
    assert MET not in allowed(replace(make.judgement(), level=2))
    assert MET in allowed(replace(make.judgement(), level=4))


@pytest.mark.parametrize(
    "lacking",
    [
        make.judgement(plan=Rating.NOT_ASSESSED),
        replace(make.judgement(), rules=make.rules(sufficient=Verdict.CONCERN)),
        replace(make.judgement(), rules=make.rules(authentic=Verdict.FAIL)),
    ],
)
def test_insufficient_evidence_is_said_only_after_the_learner_was_asked(lacking: Judgement) -> None:
    assert INSUFFICIENT not in allowed(lacking)
    assert INSUFFICIENT in allowed(lacking, rounds_used=1)
    assert INSUFFICIENT in allowed(lacking, nothing_more=True)


def test_evidence_that_was_seen_and_found_wanting_is_not_insufficient() -> None:
    assert INSUFFICIENT not in allowed(make.judgement(plan=Rating.NOT_YET), rounds_used=2)
    stale = replace(make.judgement(), rules=make.rules(current=Verdict.FAIL, valid=Verdict.FAIL))
    assert INSUFFICIENT not in allowed(stale, rounds_used=2)


@pytest.mark.parametrize("ratings", list(product(Rating, repeat=3)), ids=str)
def test_not_yet_is_always_allowed_and_met_and_partial_never_both(ratings: tuple[Rating, ...]) -> None:
    found = allowed(make.judgement(**dict(zip(("plan", "lead", "minutes"), ratings, strict=True))), rounds_used=1)
    assert NOT_YET in found
    assert not {MET, PARTIAL} <= found
    assert (INSUFFICIENT in found) == (Rating.NOT_ASSESSED in ratings[:2])


def refusal(judgement: Judgement, **how: object) -> tuple[str, dict[str, str]]:
    with pytest.raises(Refused) as refused:
        check(judgement, **how)  # type: ignore[arg-type] # the keywords of `check`
    return refused.value.code, refused.value.facts


def test_a_judgement_that_follows_from_what_was_found_is_taken() -> None:
    check(make.judgement())
    check(replace(make.judgement(plan=Rating.PARTLY_MET), recommendation=PARTIAL))
    check(replace(make.judgement(), recommendation=NOT_YET))
    check(replace(make.judgement(plan=Rating.NOT_ASSESSED), recommendation=INSUFFICIENT), rounds_used=1)


@pytest.mark.parametrize(
    "incomplete",
    [
        replace(make.judgement(), ratings=make.judgement().ratings[:-1]),
        replace(make.judgement(), ratings=()),
        replace(make.judgement(), ratings=(*make.judgement().ratings, CriterionRating("plan", Rating.MET))),
        replace(make.judgement(), ratings=(*make.judgement().ratings, CriterionRating("unheard_of", Rating.MET))),
        replace(make.judgement(), rules=make.rules()[:3]),
        replace(make.judgement(), rules=(*make.rules(), RuleVerdict(Rule.VALID, Verdict.OK))),
        replace(make.judgement(), methods=()),
    ],
)
def test_a_judgement_with_something_left_out_or_twice_is_not_taken(incomplete: Judgement) -> None:
    code, facts = refusal(incomplete)
    assert code == "claims_open"
    assert (facts["competency"], facts["competency_fr"]) == ("meetings", "Animer une réunion")


def test_carried_criteria_need_no_second_rating() -> None:
    gaps_only = replace(make.judgement(), ratings=make.rated(lead=Rating.MET, minutes=Rating.MET))
    check(gaps_only, carried=frozenset({"plan"}))
    assert refusal(gaps_only)[0] == "claims_open"


@pytest.mark.parametrize("where", ["judgement", "rating"])
def test_only_methods_of_the_competency_are_used(where: str) -> None:
    foreign = (Method.PORTFOLIO, Method.THIRD_PARTY)
    judgement = make.judgement()
    if where == "judgement":
        judgement = replace(judgement, methods=foreign)
    else:
        judgement = replace(judgement, ratings=tuple(replace(r, methods=foreign) for r in judgement.ratings))
    code, facts = refusal(judgement)
    assert (code, facts["method"]) == ("method_not_allowed", "third_party")


def test_the_learner_reads_why_for_each_criterion_that_is_not_met() -> None:
    short = tuple(
        replace(rating, note="x" * 79 if rating.criterion == "minutes" else make.REASONS)
        for rating in make.judgement(minutes=Rating.NOT_YET).ratings
    )
    code, facts = refusal(replace(make.judgement(), ratings=short))
    assert (code, facts["where"], facts["minimum"]) == ("rationale_missing", "minutes", "80")
    assert facts["where_fr"] == "minutes en français"
    check(replace(make.judgement(), ratings=tuple(replace(rating, note="x" * 80) for rating in short)))


def test_a_criterion_that_is_met_needs_no_words() -> None:
    check(replace(make.judgement(), ratings=tuple(replace(r, note="") for r in make.judgement().ratings), rationale=""))


def test_spaces_do_not_fill_a_rationale() -> None:
    empty = replace(make.judgement(), recommendation=NOT_YET, rationale="Not yet." + " " * 100)
    code, facts = refusal(empty)
    assert (code, facts["where"], facts["where_en"]) == ("rationale_missing", "meetings", "Run a meeting")


def test_a_doubt_about_a_rule_of_evidence_comes_with_a_note() -> None:
    doubted = (*make.rules()[:3], RuleVerdict(Rule.CURRENT, Verdict.CONCERN, " "))
    code, facts = refusal(replace(make.judgement(), rules=doubted, recommendation=NOT_YET))
    assert (code, facts["where"], facts["minimum"]) == ("rationale_missing", "current", "1")


@pytest.mark.parametrize(
    ("judgement", "items", "obstacle", "criterion"),
    [
        (make.judgement(lead=Rating.PARTLY_MET), WORK, Obstacle.CRITERION_NOT_MET, "lead"),
        (replace(make.judgement(), rules=make.rules(valid=Verdict.FAIL)), WORK, Obstacle.VALID, ""),
        (replace(make.judgement(), rules=make.rules(sufficient=Verdict.FAIL)), WORK, Obstacle.SUFFICIENT, ""),
        (replace(make.judgement(), rules=make.rules(authentic=Verdict.CONCERN)), WORK, Obstacle.AUTHENTIC, ""),
        (replace(make.judgement(), rules=make.rules(current=Verdict.CONCERN)), WORK, Obstacle.CURRENT, ""),
        (make.judgement(), (make.item(learner_authored=True),), Obstacle.OWN_WORDS_ONLY, ""),
        (make.judgement(), (make.item(EvidenceKind.RESUME),), Obstacle.RESUME_RULE, ""),
        (replace(make.judgement(), level=1), WORK, Obstacle.LEVEL, ""),
        (replace(make.judgement(), recommendation=PARTIAL), WORK, Obstacle.EVERYTHING_MET, ""),
        (
            replace(
                make.judgement(plan=Rating.NOT_YET, lead=Rating.NOT_YET, minutes=Rating.NOT_YET),
                recommendation=PARTIAL,
            ),
            WORK,
            Obstacle.NOTHING_MET,
            "",
        ),
        (replace(make.judgement(), recommendation=INSUFFICIENT), WORK, Obstacle.NOTHING_LACKING, ""),
        (
            replace(make.judgement(plan=Rating.NOT_ASSESSED), recommendation=INSUFFICIENT),
            WORK,
            Obstacle.NOT_ASKED,
            "",
        ),
    ],
)
def test_a_recommendation_that_does_not_follow_is_refused_with_the_rule_and_the_criterion(
    judgement: Judgement, items: tuple[PointedItem, ...], obstacle: Obstacle, criterion: str
) -> None:
    code, facts = refusal(judgement, items=items)
    assert code == "evidence_rule"
    assert (facts["rule"], facts["criterion"], facts["competency"]) == (obstacle, criterion, "meetings")
    assert facts.get("criterion_en", "") == (f"{criterion} in English" if criterion else "")


def test_a_claim_is_never_part_granted() -> None:
    settled = {recommendation: claims.settles_as(recommendation) for recommendation in Recommendation}
    assert settled.pop(MET) is ClaimState.GRANTED
    assert set(settled.values()) == {ClaimState.NOT_YET}


@pytest.mark.parametrize(
    ("states", "outcome"),
    [
        ((), "not_granted"),
        ((ClaimState.GRANTED, ClaimState.CREDENTIALED), "granted_full"),
        ((ClaimState.GRANTED, ClaimState.WITHDRAWN), "granted_full"),
        ((ClaimState.GRANTED, ClaimState.NOT_YET), "granted_partial"),
        ((ClaimState.NOT_YET, ClaimState.NOT_YET), "not_granted"),
        ((ClaimState.WITHDRAWN,), "not_granted"),
        ((ClaimState.CREDENTIALED, ClaimState.REVOKED), "granted_partial"),
        ((ClaimState.REVOKED,), "not_granted"),
    ],
)
def test_what_the_claims_of_a_case_come_to(states: tuple[ClaimState, ...], outcome: str) -> None:
    assert claims.outcome(states) == outcome


def test_the_letter_attests_what_was_met_and_names_what_is_missing_in_the_competencys_order() -> None:
    judgement = make.judgement(plan=Rating.PARTLY_MET, minutes=Rating.NOT_YET)
    assert claims.met_criteria(judgement) == ("lead",)
    assert claims.missing_criteria(judgement, COMPETENCY) == ("plan", "minutes")


def test_every_recommendation_has_its_state_before_the_decision() -> None:
    assert set(RECOMMENDED_AS) == set(Recommendation)
    assert set(RECOMMENDED_AS.values()) < OPEN_CLAIMS
    assert not OPEN_CLAIMS & {claims.settles_as(recommendation) for recommendation in Recommendation}
