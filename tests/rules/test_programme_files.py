"""Programme files are read as they are written, and every error in them is told at once, in both languages."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from services.rules import programme_files
from services.rules.deadlines import Span, Unit
from services.rules.programme_files import ProgrammeInvalid
from services.rules.programme_tables import Problem

SLUG = "dining-room-service"
Writer = Callable[..., Path]
OVERRIDDEN = ("rationale_minimum = 100", "first_cases = 0", "sample_percent = 0", "sample_least = 0")
"""What the written programme changes of its preset."""


@pytest.fixture
def written(tmp_path: Path) -> Writer:
    """Writes a published programme with some of its words changed, alone in a folder of its own."""

    def write(*changes: tuple[str, str], name: str = SLUG) -> Path:
        text = (programme_files.published() / f"{SLUG}.toml").read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        path = tmp_path / f"{name}.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def shared(folder: Path, part: str, name: str, *changes: tuple[str, str]) -> None:
    """Put a changed copy of a published shared file beside the programmes of `folder`."""
    text = (programme_files.published() / part / f"{name}.toml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (folder / part).mkdir()
    (folder / part / f"{name}.toml").write_text(text, encoding="utf-8")


def only(problems: tuple[Problem, ...]) -> Problem:
    assert len(problems) == 1, [problem.in_("en") for problem in problems]
    return problems[0]


def test_a_programme_is_read_with_all_that_it_names(written: Writer) -> None:
    programme = programme_files.read_one(written())
    assert programme.institution.name.fr == "Collège Exemple"
    assert programme.policy.calendar.zone == "America/Toronto"
    assert programme.policy.eligibility_limit == Span(10, Unit.BUSINESS_DAY)
    assert programme.policy.credential_validity is None
    assert programme.competency("beverages").credit == Decimal("1.67")
    assert [level.name.en for level in programme.competencies[0].levels][2] == "Fully demonstrated"
    assert not programme.competency("beverages").criterion("pairing").mandatory
    assert programme.form[1].choices[0][0] == "restaurant"


def test_a_programme_changes_single_values_of_its_policy(written: Writer) -> None:
    policy = programme_files.read_one(written()).policy
    assert (policy.rationale_minimum, policy.request_rounds) == (100, 2)
    assert policy.version == f"generic-1+{SLUG}-1"
    plain = programme_files.read_one(written(*((line, "") for line in OVERRIDDEN)))
    assert (plain.policy.rationale_minimum, plain.policy.version) == (80, "generic-1")


def test_a_limited_credential_and_a_closure_are_read(written: Writer, tmp_path: Path) -> None:
    path = written(("rationale_minimum = 100", 'credential_validity = "60mo"'))
    shared(tmp_path, "calendars", "qc", ("closures = []", "closures = [2026-12-24]"))
    programme = programme_files.read_one(path)
    assert programme.policy.credential_validity == Span(60, Unit.MONTH)
    assert programme.policy.calendar.closures == (date(2026, 12, 24),)
    assert programme_files.from_document(programme_files.as_document(programme)) == programme


def test_what_lies_beside_a_programme_comes_before_what_is_published(written: Writer, tmp_path: Path) -> None:
    shared(tmp_path, "institutions", "college-exemple", ('en = "Example College"', 'en = "Other College"'))
    assert programme_files.read_one(written()).institution.name.en == "Other College"


def test_a_document_gives_back_the_same_programme() -> None:
    for programme in programme_files.read(programme_files.published()).values():
        stored = json.loads(json.dumps(programme_files.as_document(programme)))
        assert programme_files.from_document(stored) == programme


def test_equal_programmes_have_equal_fingerprints_and_others_do_not(written: Writer) -> None:
    programme = programme_files.read_one(written())
    again = programme_files.from_document(dict(sorted(programme_files.as_document(programme).items())))
    assert programme_files.fingerprint(again) == programme_files.fingerprint(programme)
    assert len(programme_files.fingerprint(programme)) == 64
    assert programme_files.fingerprint(replace(programme, version=2)) != programme_files.fingerprint(programme)


def test_a_document_that_was_tampered_with_is_refused(written: Writer) -> None:
    document = programme_files.as_document(programme_files.read_one(written()))
    document["competency"][2]["credit"] = "NaN"
    with pytest.raises(ProgrammeInvalid) as invalid:
        programme_files.from_document(document)
    assert only(invalid.value.problems).key == "competency[3].credit"


def test_every_problem_of_every_file_is_told_at_once(written: Writer, tmp_path: Path) -> None:
    written(("version = 1", 'version = "one"'), ("hours = 30", "hours = 0"), ('key = "hygiene-and-safety"', ""))
    written(('slug = "dining', 'slug = "other'), name="other")
    with pytest.raises(ProgrammeInvalid) as invalid:
        programme_files.read(tmp_path)
    assert [(problem.file, problem.key) for problem in invalid.value.problems] == [
        (f"{SLUG}.toml", "version"),
        (f"{SLUG}.toml", "competency[1].key"),
        (f"{SLUG}.toml", "competency[1].hours"),
        ("other.toml", "slug"),
    ]
    assert programme_files.check(tmp_path) == invalid.value.problems
    assert "dining-room-service.toml, version: “one” does not fit here." in str(invalid.value)


def test_a_problem_says_what_is_wrong_and_what_would_be_right_in_both_languages(written: Writer) -> None:
    path = written(('en = "Notices signs of hurry, celebration, tension or discomfort and adapts the service."', ""))
    problem = only(programme_files.check(path))
    assert problem.key == "competency[3].criterion[3].en"
    assert problem.in_("en").endswith("This key is missing. Add a text in quotes, without spaces around it.")
    assert problem.in_("fr").endswith(
        "Cette clé est absente. Ajoutez un texte entre guillemets droits, sans espaces autour."
    )


FAULTS = {
    "unknown key": (("title = {", "tilte = {"), "tilte", "Did you mean title?"),
    "unlike any key": (("[override]", "zzz = 1\n[override]"), "summary.zzz", "Did you mean en, fr?"),
    "empty": (('en = "Supervise a dining-room team"', 'en = " "'), "competency[9].title.en", "empty"),
    "space around": (('en = "Supervise a', 'en = " Supervise a'), "competency[9].title.en", "without spaces around it"),
    "number for text": (('key = "places"', "key = 7"), "question[1].key", "a text in quotes"),
    "true for a number": (("hours = 30", "hours = true"), "competency[1].hours", "a whole number"),
    "text for true": (("required = true", 'required = "yes"'), "question[1].required", "true or false"),
    "true for a credit": (('credit = "1.00"', "credit = true"), "competency[1].credit", "a number, such as 2.33"),
    "words for a credit": (('credit = "1.00"', 'credit = "one"'), "competency[1].credit", "a number, such as 2.33"),
    "no credit": (('credit = "1.00"', "credit = 0.0"), "competency[1].credit", "from 0.01 to 100"),
    "span": (("rationale_minimum = 100", 'carry = "2 years"'), "override.carry", "10bd (business days)"),
    "override": (("rationale_minimum = 100", "rationale_min = 9"), "override.rationale_min", "rationale_minimum?"),
    "override a word": (("rationale_minimum = 100", 'terms = "fr"'), "override.terms", "fr-CA, fr-FR"),
    "kind": (('kind = "text"', 'kind = "essay"'), "question[3].kind", "text, long_text, choice, date"),
    "kind missing": (('kind = "text"', ""), "question[3].kind", "Add one of these words: text"),
    "method": (('methods = ["portfolio"', 'methods = ["guess"'), "competency[1].methods[1]", "portfolio, interview"),
    "methods missing": (
        ('methods = ["portfolio", "interview", "observation", "challenge_test", "third_party"]', ""),
        "competency[1].methods",
        "Add a list",
    ),
    "list": (
        ('methods = ["portfolio", "interview", "s', 'methods = 3 # "'),
        "competency[8].methods",
        "Write its entries one by one",
    ),
    "shape": (('key = "places"', 'key = "Places!"'), "question[1].key", "Write it like child-health."),
    "twice": (('key = "languages"', 'key = "places"'), "question", "“places” stands twice"),
    "pair": (('["cafe", {', '["cafe", "bar", {'), "question[2].choices[4]", "There are 3 entries. Give 2 to 2."),
    "levels": (("level = 1\n", "level = 2\n"), "competency[1].level", "Describe levels 1, 2, 3 and 4"),
    "slug": (('slug = "dining-room-service"', 'slug = "dining"'), "slug", "Write dining-room-service, or rename"),
    "not text": (("[summary]\n", "[summary]\nde = 1\n"), "summary.de", "Did you mean en"),
    "institution": (('institution = "c', 'institution = "C'), "institution", "Name one of these: college-exemple."),
    "calendar": (('calendar = "qc"', ""), "calendar", "Nothing is named here."),
    "policy": (('policy = "generic"', 'policy = "none"'), "policy", "Name one of these: au-vet, fr-vae, generic"),
    "rubric": (('rubric = "four-levels"', "rubric = 4"), "rubric", "There is no 4 here."),
    "title missing": (("title = {", "# {"), "title", "Add the text in both languages, en and fr."),
    "untranslated": (
        (
            'fr = "Présente, ouvre, vérifie et verse une bouteille à la bonne température et dans le bon verre."',
            'fr = "Presents, opens, checks and pours a bottle at the right temperature and in the right glass."',
        ),
        "competency[6].criterion[2]",
        "Translate one of them.",
    ),
}


@pytest.mark.parametrize(("change", "key", "said"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_found_where_it_is(written: Writer, change: tuple[str, str], key: str, said: str) -> None:
    problems = programme_files.check(written(change))
    assert (key, True) in [(problem.key, said in problem.in_("en")) for problem in problems], [
        problem.in_("en") for problem in problems
    ]
    assert all(problem.wrong.fr != problem.wrong.en and problem.right.fr for problem in problems)


def test_a_table_is_not_a_word(written: Writer) -> None:
    without = [(line, "") for line in ("[override]\n", *OVERRIDDEN)]
    path = written(*without, ("[summary]", 'override = "none"\n[summary]'))
    assert only(programme_files.check(path)).key == "override"
    path = written(('hint = { en = "Choose the one that you have done most often."', 'hint = "yes" # {'))
    assert only(programme_files.check(path)).right.en == "Write keys with their values."


def test_a_long_wrong_value_is_quoted_short(written: Writer) -> None:
    problem = only(programme_files.check(written(("version = 1", f'version = "{"9" * 200}"'))))
    assert len(problem.wrong.en) < 100


def test_a_question_with_choices_offers_some(written: Writer) -> None:
    path = written(('kind = "text"', 'kind = "choice"'))
    assert only(programme_files.check(path)).key == "question[3].choices"


def test_a_competency_has_something_that_must_be_seen(written: Writer) -> None:
    path = written()
    path.write_text(path.read_text(encoding="utf-8").replace("mandatory = true", "mandatory = false"), encoding="utf-8")
    keys = [problem.key for problem in programme_files.check(path)]
    assert keys == [f"competency[{number}].criterion" for number in range(1, 10)]


def test_competencies_are_tables_in_a_list(written: Writer) -> None:
    path = written(("version = 1", 'version = 1\ncompetency = ["welcome", 3]'))
    path.write_text(path.read_text(encoding="utf-8").partition("[[competency]]")[0], encoding="utf-8")
    assert [problem.key for problem in programme_files.check(path)] == ["competency[1]", "competency[2]"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a = 1\nslug = ?", "Ce fichier n’est pas du TOML\u00a0: voyez la ligne 2."),
        (b"a = 1\nb = [", "Ce fichier n’est pas du TOML\u00a0: voyez la ligne 2."),
        (b"a = 1\n\nb = '\xff\xfe'", "Ce fichier n’est pas en UTF-8\u00a0: voyez la ligne 3."),
        (None, "Ce fichier est illisible"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_problem(tmp_path: Path, content: bytes | None, said: str) -> None:
    path = tmp_path / "broken.toml"
    if content is not None:
        path.write_bytes(content)
    assert only(programme_files.check(path)).wrong.fr.startswith(said)
    with pytest.raises(ProgrammeInvalid, match=r"broken\.toml"):
        programme_files.read_one(path)


def test_what_is_overridden_is_looked_at_without_a_policy_too(written: Writer) -> None:
    path = written(('policy = "generic"', 'policy = "none"'), ("[override]", '[override]\ncarry = "soon"\ncary = 1'))
    assert [problem.key for problem in programme_files.check(path)] == ["policy", "override.cary", "override.carry"]
    path = written(('policy = "generic"', ""), ('calendar = "qc"', 'calendar = ""'))
    found = {problem.key: problem.wrong.fr for problem in programme_files.check(path)}
    assert found == {"policy": "Rien n’est nommé ici.", "calendar": "Rien n’est nommé ici."}


def test_a_fault_in_a_shared_file_is_told_once_under_its_own_name(written: Writer, tmp_path: Path) -> None:
    shared(tmp_path, "policies", "generic", ('carry = "24mo"', 'carry = "long"'))
    written()
    written((f'slug = "{SLUG}"', 'slug = "second"'), name="second")
    problem = only(programme_files.check(tmp_path))
    assert (problem.file, problem.key) == ("policies/generic.toml", "carry")


def test_a_shared_file_that_cannot_be_parsed_is_told_of(written: Writer, tmp_path: Path) -> None:
    shared(tmp_path, "rubrics", "four-levels", ("[[level]]", "[level"))
    assert only(programme_files.check(written())).file == "rubrics/four-levels.toml"


@pytest.mark.parametrize(
    ("change", "key", "said"),
    [
        (('"America/Toronto"', '"America/Nowhere"'), "zone", "America/Nowhere"),
        (("month = 6, day = 24", "month = 2, day = 29"), "holidays[4]", "falls on no day"),
        (("closures = []", 'closures = ["Christmas"]'), "closures[1]", "a day, such as"),
    ],
)
def test_a_calendar_has_real_days(
    written: Writer, tmp_path: Path, change: tuple[str, str], key: str, said: str
) -> None:
    shared(tmp_path, "calendars", "qc", change)
    problem = only(programme_files.check(written()))
    assert (problem.file, problem.key) == ("calendars/qc.toml", key)
    assert said in problem.in_("en")
