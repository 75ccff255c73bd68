"""Every sentence of the catalogues exists in English and in French, says the same facts, and is set as French is."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import services
from services import locales
from services.rules.case import Stage
from services.rules.claims import Obstacle, Rule
from services.rules.panels import Gap
from services.rules.programmes import Method
from services.rules.refusals import REFUSALS

LANGUAGES = ("en", "fr")
CATALOGUES = sorted((Path(services.__file__).parent / "locales").glob("*.toml"))
PLACEHOLDER = re.compile(r"\{(\w+)\}")
NO_BREAK = "\u00a0"
UNTYPOGRAPHIC = re.compile(r"[^\u00a0\u202f:!?;](?<!\d)[:;!?](?=\s|$)|«(?!\u00a0)|(?<!\u00a0)»|\w'\w")
"""French as it must not be set: a sign without its no-break space, a straight apostrophe."""


def pairs(table: dict[str, object], path: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    """Every sentence with its path; a table that speaks one language only is given out as well, to be found."""
    if table.keys() & {"en", "fr"}:
        yield path, {key: value for key, value in table.items() if isinstance(value, str)}
    for name, value in table.items():
        if isinstance(value, dict):
            yield from pairs(value, f"{path}.{name}".lstrip("."))


def sentences() -> list[tuple[str, dict[str, str]]]:
    found = []
    for path in CATALOGUES:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        found += [(f"{path.stem}/{place}", sentence) for place, sentence in pairs(content)]
    return found


ALL = sentences()


def test_a_sentence_exists_in_both_languages() -> None:
    assert ALL
    assert [place for place, said in ALL if not all(said.get(language, "").strip() for language in LANGUAGES)] == []


def test_a_sentence_is_set_as_french_is() -> None:
    assert [(place, said["fr"]) for place, said in ALL if UNTYPOGRAPHIC.search(said["fr"])] == []


def test_every_refusal_has_a_sentence_and_no_sentence_lacks_its_refusal() -> None:
    assert set(locales.catalogue()) - {"words"} == set(REFUSALS)


def test_a_refusal_has_no_words_that_nobody_would_read() -> None:
    said = {code: set(parts) for code, parts in locales.catalogue().items() if code != "words"}
    assert {code for code, parts in said.items() if parts - {"en", "fr", "what_next"}} == set()


def test_both_languages_say_the_same_facts() -> None:
    sentences_of_refusals = [(place, sentence) for place, sentence in ALL if place.startswith("refusals/")]
    assert sentences_of_refusals
    for place, sentence in sentences_of_refusals:
        assert sorted(PLACEHOLDER.findall(sentence["en"])) == sorted(PLACEHOLDER.findall(sentence["fr"])), place


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_is_said_whatever_facts_are_known(language: str) -> None:
    for code in REFUSALS:
        said = locales.sentence(code, language)
        assert said, code
        assert "{" not in said + locales.what_next(code, language), code


@pytest.mark.parametrize(
    ("fact", "codes"),
    [("rule", Obstacle), ("where", Rule), ("method", Method), ("stage", Stage), ("gap", Gap)],
    ids=str,
)
def test_every_fact_that_is_a_code_is_said_in_words(fact: str, codes: type[Stage]) -> None:
    assert {str(code) for code in codes} <= set(locales.catalogue()["words"][fact])


def test_a_fact_stands_in_the_sentence_in_the_language_that_was_asked_for() -> None:
    facts = {"competency": "meetings", "competency_en": "Run a meeting", "competency_fr": "Animer une réunion"}
    assert locales.sentence("claims_open", "en", **facts).endswith(": Run a meeting")
    assert locales.sentence("claims_open", "fr", **facts).endswith(f"{NO_BREAK}: Animer une réunion")
    assert locales.sentence("claims_open", "fr", competency="meetings").endswith(": meetings")
    assert locales.sentence("claims_open", "fr").endswith(": …")


def test_a_stage_is_named_by_the_label_that_a_person_reads() -> None:
    assert "“Being assessed”" in locales.sentence("illegal_transition", "en", stage="in_assessment", command="submit")
    assert "En évaluation" in locales.sentence("illegal_transition", "fr", stage="in_assessment", command="submit")


def test_a_file_that_is_not_accepted_comes_with_what_to_do_instead() -> None:
    assert "one by one" in locales.what_next("kind_not_accepted", "en", name="all.zip", what_to_do="archive")
    assert locales.what_next("offer_ended", "fr") == ""


def test_a_fact_is_never_read_as_a_template() -> None:
    assert locales.sentence("kind_not_accepted", "en", name="{stage}.zip").endswith("{stage}.zip")


def test_a_code_without_a_sentence_is_an_error() -> None:
    with pytest.raises(KeyError):
        locales.sentence("because_i_say_so", "en")
