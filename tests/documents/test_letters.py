"""A letter says the result first, gives reasons and ways on in plain words, and says the same in both languages."""

import html
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from importlib import resources
from pathlib import Path

import pytest

from services.documents import letter_page, letter_words
from services.documents.letters import Claim, Letter, LetterKind, Outcome, Planned
from services.rules.appeals import Ruling
from services.rules.gaps import Way
from services.rules.programmes import Language
from tests.documents import letter_makers as make

KINDS = [(kind, language) for kind in LetterKind for language in Language]


def words(page: str) -> str:
    """The text of the page's HTML, entities and tags undone."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)).replace("\u00a0", " "))


def said(letter: Letter) -> str:
    return words(letter_page.html(letter))


@pytest.mark.parametrize(("kind", "language"), KINDS)
def test_the_result_stands_before_everything_else(kind: LetterKind, language: Language) -> None:
    page = letter_page.html(make.letter(kind, language))
    assert page.index('class="result"') < page.index("<h2>")


def test_a_full_letter_counts_what_is_recognised() -> None:
    assert "We recognise each of the 8 competencies" in said(make.letter(LetterKind.FULL))
    assert "We recognise the competency that you asked" in said(make.letter(LetterKind.FULL, total=1))
    assert "Nous reconnaissons les 8 compétences" in said(make.letter(LetterKind.FULL, Language.FR))


def test_a_partial_letter_counts_both_and_french_agrees_with_one() -> None:
    assert "We recognise 6 of the 8 competencies" in said(make.letter())
    two = make.letter(language=Language.FR, total=4)
    one = replace(two, claims=(*two.claims[:1], *(make.claim(3, Language.FR, outcome=Outcome.NOT_YET),) * 2))
    assert "Nous reconnaissons une des 3 compétences" in said(one)


@pytest.mark.parametrize(("kind", "language"), KINDS)
def test_nobody_is_told_that_they_failed(kind: LetterKind, language: Language) -> None:
    # Of a lapse its letter says that it is none.
    told = re.sub(r"This is not a refusal\.|Ce n’est pas un refus\.", "", said(make.letter(kind, language)))
    assert not re.search(r"\bfail|échec|échou|refus|rejet|reject", told, re.IGNORECASE)


def test_what_is_not_yet_demonstrated_comes_with_reasons_gaps_and_what_is_kept() -> None:
    letter = make.letter(LetterKind.NOT_YET)
    text = said(letter)
    for claim in letter.claims:
        for sentence in (claim.title, claim.reasons, *claim.criteria_met, *claim.criteria_missing):
            assert words(sentence) in text
    assert "kept until 1 March 2028" in text


@pytest.mark.parametrize("kind", [LetterKind.PARTIAL, LetterKind.NOT_YET])
def test_a_plan_says_for_each_gap_how_it_can_be_filled(kind: LetterKind) -> None:
    planned = (Planned("Work safely", Way.COURSE, "It is done safely.", "Safe work, Example College", 12),)
    letter = replace(make.letter(kind), plan=(*planned, Planned("Lead a meeting", Way.NEW_EVIDENCE)))
    text = said(letter)
    assert "This is a proposal." in text
    assert "Hours Work safely It is done safely. Course Safe work, Example College 12" in text
    assert "Lead a meeting The whole competency New evidence" in text
    without_hours = said(replace(letter, plan=letter.plan[1:]))
    assert "How Lead a meeting" in without_hours
    assert "A plan for what" not in said(make.letter(kind))


def test_the_hours_that_need_not_be_sat_through_are_counted() -> None:
    assert "45 course hours that need not be taken" in said(replace(make.letter(), hours_saved=45))


@pytest.mark.parametrize("kind", [LetterKind.PARTIAL, LetterKind.APPEAL])
def test_one_person_who_judged_alone_is_spoken_of_as_one(kind: LetterKind) -> None:
    for language, alone, several in (
        (Language.EN, "This person declared", "Each of these persons"),
        (Language.FR, "Cette personne a déclaré", "Chacune de ces personnes"),
    ):
        assert several in said(make.letter(kind, language))
        text = said(replace(make.letter(kind, language), alone=True))
        assert alone in text
        assert several not in text


def test_every_credential_is_shown_with_code_and_address() -> None:
    letter = make.letter(LetterKind.FULL)
    page = letter_page.html(letter)
    for claim in letter.claims:
        assert claim.credential
        assert f'href="{claim.credential.verify_url}"' in page
        assert claim.credential.code in words(page)
        assert f"QR code of {claim.credential.verify_url}" in words(page)


@pytest.mark.parametrize(("kind", "language"), KINDS)
def test_every_letter_names_the_way_to_a_review_and_its_last_day(kind: LetterKind, language: Language) -> None:
    letter = make.letter(kind, language)
    text = said(letter)
    assert {Language.EN: "31 March 2026", Language.FR: "31 mars 2026"}[language] in text
    assert letter.institution.appeal_body.in_(language) in text
    assert letter.institution.appeal_email in text
    assert letter.signatory in text
    assert letter.institution.privacy.in_(language) in text


def test_what_the_institution_adds_to_the_review_is_a_step_of_it() -> None:
    letter = make.letter()
    noted = replace(letter, appeal=replace(letter.appeal, notes=("Asking is free of charge.",)))
    assert "Asking is free of charge." in said(noted)


def test_a_letter_without_advisor_names_the_office() -> None:
    letter = make.letter()
    assert letter.contact
    office = replace(letter, contact=replace(letter.contact, name="Sample Office", phone="", advisor=False))
    assert "We are glad to help: Sample Office" in said(office)
    assert "Your next steps" in said(replace(letter, contact=None))
    assert "Your next steps" not in said(replace(letter, contact=None, next_steps=()))


def test_what_is_unknown_leaves_no_empty_label() -> None:
    letter = make.letter(LetterKind.NOT_ELIGIBLE)
    bare = replace(letter, received=None, address=(), claims=(), reasons="", judged_by=())
    text = said(bare)
    assert "Application received" not in text
    assert "Reasons" not in text
    assert "What you asked us to recognise" not in text
    assert "Who judged" not in text


def test_a_persons_words_cannot_become_markup() -> None:
    letter = make.letter(name='<img src="https://x.example/">&')
    page = letter_page.html(replace(letter, next_steps=("<script>{{ letter }}</script>",)))
    assert "https://x.example" not in re.sub(r"&lt;.*?&gt;", "", page)
    assert "<script>" not in page
    assert "{{ letter }}" in words(page)


@pytest.mark.parametrize(
    ("claims", "kind", "problem"),
    [
        ((), LetterKind.FULL, "claims_unsettled"),
        ((make.claim(0, Language.EN, outcome=None),), LetterKind.NOT_YET, "claims_unsettled"),
        ((make.claim(0, Language.EN),), LetterKind.NOT_YET, "kind_differs_from_outcomes"),
        ((make.claim(0, Language.EN, outcome=Outcome.NOT_YET),), LetterKind.FULL, "kind_differs_from_outcomes"),
        ((make.claim(0, Language.EN, outcome=Outcome.REVOKED),), LetterKind.PARTIAL, "kind_differs_from_outcomes"),
    ],
)
def test_a_letter_cannot_say_one_thing_above_and_another_below(
    claims: tuple[Claim, ...], kind: LetterKind, problem: str
) -> None:
    with pytest.raises(ValueError, match=problem):
        replace(make.letter(), claims=claims, kind=kind)


def test_only_a_colour_is_a_colour() -> None:
    with pytest.raises(ValueError, match="colour_invalid"):
        replace(make.letter(), institution=replace(make.COLLEGE, colour="red; } body { display: none"))


def test_every_sentence_exists_in_both_languages_with_the_same_facts() -> None:
    for key, text in letter_words.sentences().items():
        assert text.en, key
        assert text.fr, key
        assert set(re.findall(r"{(\w+)}", text.en)) == set(re.findall(r"{(\w+)}", text.fr)), key


def test_french_keeps_its_signs_with_their_words() -> None:
    for key, text in letter_words.sentences().items():
        assert not re.search(r"[^\u00a0][;?!:»]|«[^\u00a0]|'", text.fr), key


def test_no_sentence_is_left_unused() -> None:
    folder = resources.files("portfolio_templates").joinpath("letters")
    sources = "".join(file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith((".html", ".css")))
    sources += Path(letter_page.__file__).read_text("utf-8") + Path(letter_words.__file__).read_text("utf-8")
    stems = {key.rpartition(".")[0] or key for key in letter_words.sentences()}
    for stem in stems:
        assert f'"{stem}' in sources or f'"{stem.rpartition(".")[0]}.' in sources, stem


def test_days_read_as_people_write_them() -> None:
    assert letter_words.day(date(2026, 11, 3), Language.EN) == "3\u00a0November\u00a02026"
    assert letter_words.day(date(2026, 11, 3), Language.FR) == "3\u00a0novembre\u00a02026"
    assert letter_words.day(date(2026, 8, 1), Language.FR) == "1er\u00a0août\u00a02026"


@pytest.mark.parametrize(
    ("number", "english", "french"),
    [("3", "3", "3"), ("1.50", "1.5", "1,5"), ("2.00", "2", "2"), ("10", "10", "10"), ("100", "100", "100")],
)
def test_credits_read_as_people_write_them(number: str, english: str, french: str) -> None:
    assert letter_words.decimal(Decimal(number), Language.EN) == english
    assert letter_words.decimal(Decimal(number), Language.FR) == french


@pytest.mark.parametrize(
    ("number", "english", "french"), [("1", "one", "one"), ("1.5", "many", "one"), ("2", "many", "many")]
)
def test_one_and_many_follow_the_language(number: str, english: str, french: str) -> None:
    assert letter_words.number_form(Decimal(number), Language.EN) == english
    assert letter_words.number_form(Decimal(number), Language.FR) == french


def test_reasons_in_another_language_are_marked_as_such_and_the_reader_is_told() -> None:
    letter = replace(make.letter(LetterKind.PARTIAL, Language.FR), written_in=Language.EN)
    page = letter_page.html(letter)
    assert '<p class="reasons" lang="en">' in page
    assert "en anglais" in page
    assert 'class="reasons" lang' not in letter_page.html(replace(letter, written_in=Language.FR))


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("ruling", Ruling)
def test_the_letter_of_a_review_says_what_it_came_to(ruling: Ruling, language: Language) -> None:
    open_claims = (make.claim(0, language, outcome=None),)
    letter = replace(
        make.letter(LetterKind.APPEAL, language),
        ruling=ruling,
        claims=open_claims
        if ruling is Ruling.REMITTED
        else ()
        if ruling is Ruling.INADMISSIBLE
        else make.claims(LetterKind.PARTIAL, language),
    )
    text = said(letter)
    assert words(letter_words.say(f"result.appeal.{ruling}", language)) in text
    assert words(letter.reasons) in text
    assert (words(letter_words.say("table.again", language)) in text) is (ruling is Ruling.REMITTED)
    assert (words(letter_words.say("table.now", language)) in text) is (ruling in {Ruling.DISMISSED, Ruling.VARIED})


def test_a_final_letter_names_no_day_and_says_that_it_is_final() -> None:
    letter = make.letter(LetterKind.APPEAL)
    assert "31 March 2026" in said(letter)
    final = said(replace(letter, appeal=replace(letter.appeal, final=True)))
    assert "This decision is final" in final
    assert "31 March 2026" not in final


def test_a_letter_of_a_review_needs_its_ruling_and_no_other_letter_has_one() -> None:
    with pytest.raises(ValueError, match="ruling_missing"):
        replace(make.letter(LetterKind.APPEAL), ruling=None)
    with pytest.raises(ValueError, match="ruling_missing"):
        replace(make.letter(LetterKind.FULL), ruling=Ruling.VARIED)


@pytest.mark.parametrize("language", list(Language))
def test_a_letter_of_the_appeal_body_names_the_institution_once_below_its_chair(language: Language) -> None:
    letter = make.letter(LetterKind.APPEAL, language)
    body, name = letter.institution.appeal_body.in_(language), letter.institution.name.in_(language)
    signed = said(replace(letter, signatory_title=body))
    assert f"{body}, {name}" not in signed
    assert f"Dean, {name}" in said(replace(letter, signatory_title="Dean"))
    neither = {Language.EN: "Whoever decided neither", Language.FR: "La personne qui a rendu la décision"}
    assert neither[language] not in signed  # the chair of an appeal body judges and decides


def test_results_are_listed_by_block_and_say_what_of_it_is_held_for_good() -> None:
    plain = make.letter(LetterKind.PARTIAL, total=4)  # the last of them is not yet demonstrated
    named = zip(plain.claims, ("Block A", "Block A", "Block B", "Block B"), strict=True)
    letter = replace(plain, claims=tuple(replace(one, block=block) for one, block in named))
    assert [(block, len(within)) for block, within in letter.blocks] == [("Block A", 2), ("Block B", 2)]
    text = said(letter)
    assert "Block A · block recognised as far as you asked for it, for good" in text
    assert "Block B · parts of the block recognised, for good" in text
    assert "Block" not in said(make.letter(LetterKind.FULL))
