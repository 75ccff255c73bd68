"""Nobody who is close to the learner judges: what is asked, what is answered, and what is found without asking."""

from dataclasses import replace
from datetime import date

import pytest

from services.rules import conflict_screen, conflicts
from services.rules.conflicts import PUBLIC_MAIL, CaseFacts, ConflictTie, Known, PersonFacts
from services.rules.programmes import Policy
from services.rules.refusals import Refused
from tests.records import presets

NONE = dict.fromkeys(map(str, ConflictTie), False)
PERSON = PersonFacts("assessor", "sample.assessor@college.example", "Collège Exemple")
CASE = CaseFacts("learner")


def policy_of(preset: str) -> Policy:
    return presets.sample(preset).policy


@pytest.mark.parametrize(
    ("preset", "windows", "said"),
    [
        ("generic", (100, 0, 1, 4, 4, 100), ("In the last year, have", "Au cours des 4 dernières années, avez")),
        ("fr-vae", (100, 100, 100, 100, 100, 100), ("Have you ever worked for", "Avez-vous déjà travaillé étroit")),
    ],
)
def test_each_tie_is_asked_about_once_in_both_languages_and_with_the_window_of_the_policy(
    preset: str, windows: tuple[int, ...], said: tuple[str, str]
) -> None:
    asked = conflict_screen.questions(policy_of(preset))
    assert [question.tie for question in asked] == list(ConflictTie)
    assert tuple(question.years for question in asked) == windows
    for question in asked:
        assert question.text.en.endswith("?")
        assert question.text.fr.endswith("\u00a0?")
        assert "{" not in question.text.en + question.text.fr
    assert asked[2].text.en.startswith(said[0])
    assert asked[3].text.fr.startswith(said[1])


def test_an_interest_in_common_counts_as_long_as_the_policy_says() -> None:
    policy = replace(policy_of("generic"), coi_financial_years=2)
    text = conflict_screen.questions(policy)[1].text
    assert text.en.startswith("In the last 2 years, have you had a financial interest")


@pytest.mark.parametrize(
    ("until", "years", "counts"),
    [
        (date(2025, 3, 2), 1, True),
        (date(2025, 3, 1), 1, False),
        (date(2024, 2, 29), 2, False),
        (date(9999, 12, 31), 1, True),
        (date(1950, 1, 1), 100, True),
    ],
)
def test_what_ended_counts_until_its_window_is_over(until: date, *, years: int, counts: bool) -> None:
    assert conflict_screen.still_counts(until, today=date(2026, 3, 2), years=years) is counts


@pytest.mark.parametrize("tie", ConflictTie)
def test_every_kind_of_tie_is_a_conflict(tie: ConflictTie) -> None:
    answers = NONE | {tie.value: True}
    assert conflicts.declared(answers) == {tie}
    with pytest.raises(Refused) as refused:
        conflicts.check_screen(answers, signed=True)
    assert (refused.value.code, refused.value.facts["tie"]) == ("conflict_of_interest", tie)


def test_a_clear_and_signed_screen_passes_and_an_unsigned_one_does_not() -> None:
    assert conflicts.declared(NONE) == frozenset()
    conflicts.check_screen(NONE, signed=True)
    with pytest.raises(Refused, match="screen_unsigned"):
        conflicts.check_screen(NONE, signed=False)


def test_a_tie_is_not_accepted_by_leaving_the_signature_out() -> None:
    with pytest.raises(Refused, match="screen_unsigned"):
        conflicts.check_screen(NONE | {"other": True}, signed=False)


@pytest.mark.parametrize("answers", [{}, {"other": False}, NONE | {"astrology": False}])
def test_a_screen_with_a_question_too_few_or_too_many_is_not_answered(answers: dict[str, bool]) -> None:
    with pytest.raises(Refused, match="screen_unsigned"):
        conflicts.declared(answers)


@pytest.mark.parametrize(
    ("case", "tie"),
    [
        (CASE, None),
        (replace(CASE, learner="assessor"), "learner"),
        (replace(CASE, parties=frozenset({"assessor", "advisor"})), "party"),
        (replace(CASE, excluded=frozenset({"assessor"})), "excluded"),
        (replace(CASE, decided_before=frozenset({"assessor"})), "decided_before"),
        (replace(CASE, emails=frozenset({"boss@college.example"})), "email_domain"),
        (replace(CASE, emails=frozenset({"college.example"})), "email_domain"),
        (replace(CASE, emails=frozenset({"boss@mail.College.Example."})), "email_domain"),
        (replace(CASE, emails=frozenset({"boss@othercollege.example", "", "@"})), None),
        (replace(CASE, organisations=frozenset({"  COLLÈGE   exemple"})), "same_organisation"),
        (replace(CASE, organisations=frozenset({"Atelier d\u2019exemple"})), None),
        (replace(CASE, excluded=frozenset({"assessor"}), parties=frozenset({"assessor"})), "excluded"),
    ],
)
def test_the_system_finds_what_nobody_declared(case: CaseFacts, tie: str | None) -> None:
    assert conflicts.detected(person=PERSON, case=case) == tie


def test_the_kind_of_apostrophe_does_not_make_another_organisation() -> None:
    person = replace(PERSON, organisation="Atelier d'exemple")
    case = replace(CASE, organisations=frozenset({"Atelier d\u2019Exemple"}))
    assert conflicts.detected(person=person, case=case) == "same_organisation"


def test_a_mailbox_below_the_employers_domain_ties_as_well() -> None:
    person = replace(PERSON, email="a@shop.college.example")
    assert conflicts.detected(person=person, case=replace(CASE, emails=frozenset({"college.example"})))


def test_a_domain_that_only_ends_alike_ties_nobody() -> None:
    person = replace(PERSON, email="a@othercollege.example")
    assert conflicts.detected(person=person, case=replace(CASE, emails=frozenset({"college.example"}))) is None


@pytest.mark.parametrize("domain", sorted(PUBLIC_MAIL))
def test_public_mail_ties_nobody(domain: str) -> None:
    person = replace(PERSON, email=f"assessor@{domain}")
    case = replace(CASE, emails=frozenset({f"boss@{domain.upper()}"}))
    assert conflicts.detected(person=person, case=case) is None


def test_having_no_organisation_or_address_in_common_with_nobody_is_no_tie() -> None:
    nobody = PersonFacts("assessor", "")
    case = replace(CASE, organisations=frozenset({"", " "}), emails=frozenset({""}))
    assert conflicts.detected(person=nobody, case=case) is None


@pytest.mark.parametrize(
    ("known", "met"),
    [
        (Known(email=" Sample.Learner@Mail.example "), True),
        (Known(name="sample  LEARNER"), True),
        (Known(name="Sample Learner", email="another@mail.example"), False),
        (Known(name="Another Person"), False),
        (Known(), False),
    ],
)
def test_somebody_in_the_register_of_an_assessor_is_not_theirs_to_judge(known: Known, met: bool) -> None:  # noqa: FBT001 - drawn by pytest
    case = replace(CASE, who=Known("Sample Learner", "sample.learner@mail.example"))
    found = conflicts.detected(person=replace(PERSON, register=(known,)), case=case)
    assert found == ("register" if met else None)


def test_nobody_is_known_by_an_empty_name() -> None:
    assert conflicts.detected(person=replace(PERSON, register=(Known(name=" "),)), case=CASE) is None


def test_a_tie_that_was_set_aside_no_longer_bars() -> None:
    answers = {tie.value: tie is ConflictTie.OTHER for tie in ConflictTie}
    with pytest.raises(Refused, match="conflict_of_interest"):
        conflicts.check_screen(answers, signed=True)
    conflicts.check_screen(answers, signed=True, set_aside=frozenset({ConflictTie.OTHER}))
    with pytest.raises(Refused, match="screen_unsigned"):
        conflicts.check_screen(answers, signed=False, set_aside=frozenset({ConflictTie.OTHER}))
