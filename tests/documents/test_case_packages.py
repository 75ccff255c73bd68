"""Frameworks pass through Acquis without loss, and our programmes leave it as CASE 1.0 packages."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.documents import case_exports, case_packages
from services.documents.case_packages import Package, PackageInvalid
from services.rules import programme_files
from services.rules.programmes import Programme

PUBLISHED = programme_files.read(programme_files.published())
AT = datetime(2026, 1, 15, 12, tzinfo=UTC)
IDENTIFIER = "9d8d5691-3c65-4f95-af82-858844732458"
NODE = {"title": "A", "identifier": IDENTIFIER, "uri": "https://x.example/a"}
DOCUMENT = {
    "identifier": IDENTIFIER,
    "uri": "https://x.example/d",
    "creator": "Sample",
    "title": "Sample",
    "lastChangeDateTime": "2026-01-15T12:00:00+00:00",
}
ITEM = {**DOCUMENT, "fullStatement": "Say \U0001d451"}


def package(**parts: object) -> bytes:
    """A package as another system would send it."""
    return json.dumps({"CFDocument": DOCUMENT, **parts}).encode()


def export(programme: Programme) -> Package:
    return case_exports.from_programme(programme, base_url="https://rac.college-exemple.example/", at=AT)


@pytest.mark.needs_data("frameworks/case")
@pytest.mark.parametrize(
    "name", ["ItemTypeTestFramework.json", "Ordering.json", "SmartLevelFramework.json", "Utf8TestFramework.json"]
)
def test_a_foreign_framework_comes_out_as_it_went_in(name: str, shared_data: Path) -> None:
    content = (shared_data / "frameworks/case" / name).read_bytes()
    read = case_packages.read(content)
    assert json.loads(case_packages.write(read)) == json.loads(content)
    assert case_packages.read(case_packages.write(read)) == read
    assert read.items


@pytest.mark.needs_data("frameworks/case")
def test_text_outside_ascii_is_read_as_it_was_meant(shared_data: Path) -> None:
    read = case_packages.read((shared_data / "frameworks/case/Utf8TestFramework.json").read_bytes())
    assert read.document.title == "UTF8 \U0001d451 Test"
    assert case_packages.write(read).isascii()


def test_what_we_have_no_word_for_is_kept() -> None:
    item = {**ITEM, "notes": None, "educationLevel": ["09"], "x-own": {"deep": [1, 2.5, None, True]}}
    association = {**DOCUMENT, "associationType": "ext:own", "originNodeURI": {**NODE, "x": 1}, "sequenceNumber": "1"}
    content = package(
        CFItems=[item],
        CFAssociations=[{**association, "destinationNodeURI": NODE}],
        CFDefinitions=[],
        CFOther={"a": 1},
    )
    read = case_packages.read(content)
    assert json.loads(case_packages.write(read)) == json.loads(content)
    assert read.associations is not None
    assert read.associations[0].origin.extra == {"x": 1}


def test_an_absent_list_stays_absent_and_an_empty_one_empty() -> None:
    assert case_packages.read(package()).items is None
    assert case_packages.read(package(CFItems=[])).items == ()


@pytest.mark.parametrize(
    ("content", "key", "said"),
    [
        (b"", "", "This is not JSON"),
        (b'{"a":\n\xff\xfe\xfd}', "", "This is not JSON: see line 2."),
        (b'{"a":\n1,}', "", "This is not JSON: see line 2."),
        (b"[]", "", "Write keys with their values"),
        (b"{}", "CFDocument", "as CASE 1.0 asks"),
        (b'{"CFDocument": NaN}', "", "“NaN” stands where a number belongs"),
        (b'{"CFDocument": 1e999}', "", "“1e999” stands where a number belongs"),
        (b'{"CFDocument": 9' + b"9" * 5000 + b"}", "", "stands where a number belongs"),
        (b'{"CFDocument": {"title": "a", "title": "b"}}', "", "the key “title” twice"),
        (b"[" * 100_000, "", "nested more than 64 levels deep"),
        (b'{"a":' * 70 + b"1" + b"}" * 70, "", "nested more than 64 levels deep"),
        (package(CFItems=[{**ITEM, "fullStatement": "\x00"}]), "CFItems[1].fullStatement", "cannot be kept"),
        (package(CFItems=[{**ITEM, "notes": "\ud800"}]), "CFItems[1].notes", "cannot be kept"),
        (package(CFItems=[{**ITEM, "fullStatement": 7}]), "CFItems[1].fullStatement", "“7” does not fit here"),
        (package(CFItems=[{**ITEM, "identifier": "one"}]), "CFItems[1].identifier", "Write it like 9d8d5691"),
        (package(CFItems=[ITEM, ITEM]), "CFItems", f"{IDENTIFIER} stands twice"),
        (package(CFItems=["x"]), "CFItems[1]", "Write keys with their values"),
    ],
)
def test_a_file_that_is_no_package_is_refused_with_its_place(content: bytes, key: str, said: str) -> None:
    with pytest.raises(PackageInvalid) as invalid:
        case_packages.read(content)
    assert (key, True) in [(each.key, said in each.in_("en")) for each in invalid.value.problems], str(invalid.value)
    assert all(each.wrong.fr and each.right.fr for each in invalid.value.problems)


def test_a_file_of_any_size_is_refused_before_it_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case_packages, "MAX_BYTES", 100)
    with pytest.raises(PackageInvalid, match="A package may have 100 bytes"):
        case_packages.read(package())


def test_all_problems_of_a_package_are_told_at_once() -> None:
    broken = {"title": "only a title"}
    with pytest.raises(PackageInvalid) as invalid:
        case_packages.read(package(CFItems=[broken], CFAssociations=[broken]))
    assert {each.key.split("[")[0] for each in invalid.value.problems} == {"CFItems", "CFAssociations"}
    assert len(invalid.value.problems) == 4 + 6


@pytest.mark.needs_data("frameworks/case")
@pytest.mark.parametrize("programme", PUBLISHED.values(), ids=PUBLISHED.keys())
def test_our_programmes_are_valid_packages(programme: Programme, shared_data: Path) -> None:
    import jsonschema

    schema = json.loads((shared_data / "frameworks/case/case-v1p0-cfpackage-schema.json").read_bytes())
    content = case_packages.write(export(programme))
    jsonschema.Draft4Validator(schema).validate(json.loads(content))
    assert case_packages.read(content) == export(programme)


@pytest.mark.parametrize("programme", PUBLISHED.values(), ids=PUBLISHED.keys())
def test_every_competency_and_criterion_leaves_in_both_languages(programme: Programme) -> None:
    items = export(programme).items or ()
    for language in ("en", "fr"):
        statements = [item.statement for item in items if item.language == f"{language}-CA"]
        expected = []
        for competency in programme.competencies:
            expected.append(competency.title.in_(language))
            expected.extend(criterion.text.in_(language) for criterion in competency.criteria)
        assert sorted(statements) == sorted(expected)


def test_the_tree_is_whole_and_every_french_entry_has_its_english_match() -> None:
    exported = export(PUBLISHED["cnc-machining"])
    known = {item.identifier: item for item in exported.items or ()}
    links: dict[str, list[Any]] = {"isChildOf": [], "exactMatchOf": [], "isRelatedTo": []}
    for association in exported.associations or ():
        links[association.kind].append(association)
    assert {each.origin.identifier for each in links["isChildOf"]} | {
        each.origin.identifier for each in links["exactMatchOf"]
    } == set(known)
    for each in links["exactMatchOf"]:
        assert known[each.origin.identifier].language == "fr-CA"
        assert known[each.destination.identifier].language == "en-CA"
    assert {each.destination.identifier for each in links["isChildOf"]} <= {*known, exported.document.identifier}
    assert all("/esco/skill/" in each.destination.uri for each in links["isRelatedTo"])


def test_identifiers_are_unique_and_the_same_in_the_next_export() -> None:
    programme = PUBLISHED["dining-room-service"]
    assert export(programme) == export(programme)
    exported = export(programme)
    identifiers = [each.identifier for each in exported.items or ()]
    identifiers += [each.identifier for each in exported.associations or ()]
    assert len(set(identifiers)) == len(identifiers)


def test_a_rubric_carries_the_four_levels_of_its_competency() -> None:
    exported = export(PUBLISHED["early-childhood-education"])
    rubrics = exported.extra["CFRubrics"]
    assert len(rubrics) == 2 * 9
    levels = rubrics[0]["CFRubricCriteria"][0]["CFRubricCriterionLevels"]
    assert [level["score"] for level in levels] == [1, 2, 3, 4]
    assert levels[0]["quality"] == "Not yet demonstrated"
