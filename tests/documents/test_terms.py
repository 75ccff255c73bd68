"""Every mail, letter, refusal and stage is said in English, in the French of Canada and in that of France."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib import resources
from typing import Any

import pytest

from services import locales
from services.documents import letter_page, letter_words, notices
from services.documents.letters import LetterKind
from services.documents.notices import Envelope
from services.rules import terms
from services.rules.programmes import Language, Text
from services.rules.stages import STAGES
from tests.documents import letter_makers

PACKS = ("fr-CA", "fr-FR")
VARIANTS = [(Language.EN, "fr-CA"), *((Language.FR, pack) for pack in PACKS)]
ENVELOPE = Envelope("acquis@example.org", "you@example.org", "<one@example.org>", datetime(2026, 3, 2, tzinfo=UTC))
LINK = "https://acquis.example.org/cases/1"
CANADIAN = re.compile(
    r"personnes? conseillère|personnes? candidate|dossiers? de preuves|\bcomités?\b|\brévision\b|accommodement"
    r"|reconnaissance des acquis|autoévaluation|\bentrevue\b|formation manquante|\bRAC\b|portfolio",
    re.IGNORECASE,
)
"""What is said in Canada alone. Source: case design, section 15."""
UNFILLED = re.compile(r"[{}]")


def mail(kind: str, language: Language, pack: str) -> tuple[str, str, str]:
    """Subject, plain text and HTML of a mail."""
    message = notices.compose(
        kind,
        language,
        number="RPL-2026-00042",
        link=LINK,
        envelope=ENVELOPE,
        due=date(2026, 4, 1),
        institution="Sample",
        terms=pack,
    )
    bodies = [message.get_body((form,)) for form in ("plain", "html")]
    assert all(bodies)
    plain, page = (str(body.get_content()) for body in bodies if body)
    return str(message["Subject"]), plain, page


@pytest.mark.parametrize(("language", "pack"), VARIANTS)
def test_every_mail_is_said_as_text_and_as_html_with_its_link(language: Language, pack: str) -> None:
    for kind in notices.templates():
        for said in (whole := mail(kind, language, pack)):
            assert not UNFILLED.search(said.replace("{line-height:1.5}", "")), kind
            if pack == "fr-FR":
                assert not CANADIAN.search(said), (kind, said)
        assert all(LINK in body for body in whole[1:]), kind


@pytest.mark.parametrize(("language", "pack"), VARIANTS)
@pytest.mark.parametrize("kind", LetterKind)
def test_every_letter_is_said(kind: LetterKind, language: Language, pack: str) -> None:
    letter = replace(letter_makers.letter(kind, language), terms=pack)
    page = letter_page.html(letter)
    assert not UNFILLED.search(page)
    assert pack == "fr-CA" or "recours" in page


def every_sentence() -> Iterator[Text]:
    """Whatever the house says of itself."""
    for template in notices.templates().values():
        yield from (part for part in (template.subject, template.body, template.action, template.due) if part)
    yield from letter_words.sentences().values()
    yield from (facts.label for facts in STAGES.values())
    steps = resources.files("portfolio_templates").joinpath("letters", "next_steps.toml").read_text(encoding="utf-8")
    yield from (Text(**one) for kind in tomllib.loads(steps).values() for one in kind)
    yield from refusals(locales.catalogue())


def refusals(table: dict[str, Any]) -> Iterator[Text]:
    for value in table.values():
        if isinstance(value, dict):
            if {"en", "fr"} <= set(value):
                yield Text(value["en"], value["fr"])
            yield from refusals(value)


def test_no_sentence_keeps_a_word_of_canada_in_france_and_every_place_for_a_fact_stays() -> None:
    checked = 0
    for text in every_sentence():
        here = terms.said(text, Language.FR, terms="fr-FR")
        assert not CANADIAN.search(here), here
        assert sorted(re.findall(r"{\w+}", here)) == sorted(re.findall(r"{\w+}", text.fr))
        assert terms.said(text, Language.EN, terms="fr-FR") == text.en
        assert terms.said(text, Language.FR) == text.fr
        checked += 1
    assert checked > 300


def test_every_whole_sentence_of_the_pack_is_one_that_is_said() -> None:
    known = {text.fr for text in every_sentence()}
    assert set(terms.pack("fr-FR").sentences) - known == set()


@pytest.mark.parametrize(
    ("usual", "here"),
    [
        ("Votre personne conseillère en RAC vous aide.", "Votre personne accompagnatrice vous aide."),
        ("La personne candidate a répondu.", "Le ou la candidat·e a répondu."),
        ("Modération", "Jury"),
        ("En révision", "En recours"),
        ("Formation manquante", "Formation complémentaire"),
        ("Rappel\u00a0: une décision est attendue", "Rappel\u00a0: une décision est attendue"),
    ],
)
def test_words_of_the_glossary_keep_their_capital_and_others_stay(usual: str, here: str) -> None:
    assert terms.otherwise(usual, Language.FR, terms="fr-FR") == here


def test_a_refusal_says_it_too_with_its_facts() -> None:
    usual = locales.sentence("double_credit", "fr", competency_en="Run a meeting", competency_fr="Animer un comité")
    here = locales.sentence(
        "double_credit", "fr", terms="fr-FR", competency_en="Run a meeting", competency_fr="Animer un comité"
    )
    assert usual.startswith("Cette personne candidate")
    assert here.startswith("Ce ou cette candidat·e")
    assert "Animer un comité" in here, "what a programme calls its competency is not ours to change"


def test_an_unknown_pack_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        terms.pack("fr-XX")
