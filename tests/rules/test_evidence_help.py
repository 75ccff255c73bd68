"""What is pointed out while somebody judges: criteria without evidence, one source, files that lie elsewhere too."""

from services.rules import evidence_help
from services.rules.claims import PointedItem, Rule
from services.rules.evidence import EvidenceKind
from services.rules.evidence_help import Sign
from tests.rules import makers as make

COMPETENCY = make.competency(make.criterion("a"), make.criterion("b"), make.criterion("c", mandatory=False))
PHOTO = PointedItem("1", EvidenceKind.PHOTO_OF_WORK, learner_authored=False)
REPORT = PointedItem("2", EvidenceKind.THIRD_PARTY_REPORT, learner_authored=False)


def signs(**said: object) -> list[tuple[Rule, Sign, str | None]]:
    asked: dict[str, object] = {"items": (PHOTO, REPORT), "pointed": {None}, "elsewhere": set(), "near": {}} | said
    return [
        (one.rule, one.sign, one.criterion or one.evidence)
        for one in evidence_help.found(COMPETENCY, **asked)  # type: ignore[arg-type]
    ]


def test_evidence_of_two_kinds_for_the_whole_says_nothing() -> None:
    assert signs() == []


def test_a_mandatory_criterion_to_which_nothing_points_is_named_unless_it_is_kept() -> None:
    assert signs(pointed={"a"}) == [(Rule.VALID, Sign.UNPOINTED, "b")]
    assert signs(pointed={"a"}, carried={"b"}) == []


def test_one_piece_or_one_kind_alone_is_pointed_out() -> None:
    one_source = [(Rule.SUFFICIENT, Sign.ONE_SOURCE, None)]
    assert signs(items=(PHOTO,)) == one_source
    assert signs(items=(PHOTO, PointedItem("3", EvidenceKind.PHOTO_OF_WORK, learner_authored=False))) == one_source
    assert signs(items=()) == []


def test_a_file_that_lies_in_somebody_elses_case_is_pointed_out_and_nobody_is_named() -> None:
    assert signs(elsewhere={"2"}) == [(Rule.AUTHENTIC, Sign.ELSEWHERE, "2")]


def test_a_text_that_is_near_to_others_is_pointed_out_with_how_many_cases_hold_one() -> None:
    assert signs(near={"2": 3}) == [(Rule.AUTHENTIC, Sign.NEAR, "2")]
    both = (PHOTO, REPORT)
    said = [
        next(evidence_help.found(COMPETENCY, items=both, pointed={None}, elsewhere=(), near={"2": cases})).text
        for cases in (1, 3)
    ]
    assert [("the case of somebody else" in one.en, "3 cases" in one.en, "3 dossiers" in one.fr) for one in said] == [
        (True, False, False),
        (False, True, True),
    ]


def test_pieces_are_counted_by_kind() -> None:
    assert evidence_help.by_kind((REPORT, PHOTO, REPORT)) == {
        EvidenceKind.THIRD_PARTY_REPORT: 2,
        EvidenceKind.PHOTO_OF_WORK: 1,
    }
