"""A statement says who speaks and what they saw; how far we know who that is follows from address, call and chance."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import product

import pytest

from services.rules import attestations
from services.rules.attestations import (
    CallBack,
    Doubt,
    IdentityLevel,
    Observation,
    Relation,
    Seen,
    Statement,
)
from services.rules.programmes import Text
from services.rules.refusals import Refused
from services.rules.statements import as_text

TODAY = date(2026, 3, 2)
ASKED = {"first": Text("First thing", "Première chose"), "second": Text("Second thing", "Deuxième chose")}
WHOLE = Statement(
    name="Sample Supervisor",
    position="Foreman",
    organisation="Garderie Soleil",
    relation=Relation.SUPERVISOR,
    how_observed="Every week, on the floor, for two years.",
    since=date(2023, 1, 1),
    observations=(
        Observation("first", Seen.SEEN_OFTEN, "x" * 40),
        Observation("second", Seen.CANNOT_SAY),
    ),
    declaration="2026-1",
)


def refusal(statement: Statement) -> tuple[str, dict[str, str]]:
    with pytest.raises(Refused) as refused:
        attestations.check(statement, competencies=ASKED, today=TODAY)
    return refused.value.code, refused.value.facts


def test_a_whole_statement_is_taken() -> None:
    attestations.check(WHOLE, competencies=ASKED, today=TODAY)
    attestations.check(replace(WHOLE, until=TODAY, may_call=True, phone="1"), competencies=ASKED, today=TODAY)


@pytest.mark.parametrize("field", attestations.NEEDED)
def test_who_speaks_and_from_what_they_know_it_is_needed(field: str) -> None:
    empty: dict[str, object] = {field: None if field in {"relation", "since"} else "  "}
    assert refusal(replace(WHOLE, **empty)) == ("statement_incomplete", {"field": field})  # type: ignore[arg-type]  # one field


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"since": TODAY + timedelta(days=1)}, "since"),
        ({"until": TODAY + timedelta(days=1)}, "until"),
        ({"until": date(2022, 12, 31)}, "until"),
        ({"may_call": True}, "phone"),
        ({"observations": ()}, "observations"),
        ({"observations": (Observation("first", Seen.NOT_SEEN), Observation("second"))}, "observations"),
        ({"observations": (*WHOLE.observations, Observation("first", Seen.NOT_SEEN))}, "observations"),
        ({"observations": (*WHOLE.observations, Observation("third", Seen.NOT_SEEN))}, "observations"),
    ],
)
def test_what_does_not_fit_is_named(changes: dict[str, object], field: str) -> None:
    assert refusal(replace(WHOLE, **changes)) == ("statement_incomplete", {"field": field})  # type: ignore[arg-type]  # any field


@pytest.mark.parametrize("example", ["", "x" * 39, "x" + " " * 60 + "y"])
def test_what_was_seen_needs_an_example(example: str) -> None:
    said = (Observation("first", Seen.SEEN_SOMETIMES, example), Observation("second", Seen.NOT_SEEN))
    code, facts = refusal(replace(WHOLE, observations=said))
    assert (code, facts["minimum"], facts["competency_fr"]) == ("example_missing", "40", "Première chose")


def test_nothing_is_taken_without_the_declaration_of_truth() -> None:
    assert refusal(replace(WHOLE, declaration="2020-1"))[0] == "declaration_missing"


def test_a_statement_speaks_for_what_was_seen_and_for_nothing_else() -> None:
    assert attestations.witnessed(WHOLE) == {"first"}


@pytest.mark.parametrize(
    ("address", "organisation", "level"),
    [
        ("a@garderiesoleil.example", "Garderie Soleil", IdentityLevel.ORGANISATION_DOMAIN),
        ("a@mail.garderie-soleil.example", "La Garderie Soleil inc.", IdentityLevel.ORGANISATION_DOMAIN),
        ("a@ecole-elan.example", "École Élan", IdentityLevel.ORGANISATION_DOMAIN),
        ("a@uqam.example", "Une Qualité Assurée Maintenant", IdentityLevel.ORGANISATION_DOMAIN),
        ("a@ab.example", "Alpha Beta", IdentityLevel.UNVERIFIED),
        ("a@elsewhere.example", "Garderie Soleil", IdentityLevel.UNVERIFIED),
        ("a@services.example", "Services", IdentityLevel.UNVERIFIED),
        ("a@soleil", "Soleil", IdentityLevel.UNVERIFIED),
        ("Boss@Gmail.com ", "Gmail", IdentityLevel.PUBLIC_DOMAIN),
    ],
)
def test_an_address_says_how_far_its_holder_is_known(address: str, organisation: str, level: IdentityLevel) -> None:
    assert attestations.identity(address=address, organisation=organisation, called_back=False) is level
    called = attestations.identity(address=address, organisation=organisation, called_back=True)
    assert called is IdentityLevel.CALLED_BACK


def test_one_author_in_ten_is_drawn_and_anybody_can_recompute_it() -> None:
    seed = bytes(range(32))
    drawn = [number for number in range(2000) if attestations.is_drawn(seed, f"request-{number}")]
    assert 150 < len(drawn) < 250
    assert drawn == [number for number in range(2000) if attestations.is_drawn(seed, f"request-{number}")]
    assert not attestations.is_drawn(seed, "request", share=Fraction(0))
    assert attestations.is_drawn(seed, "request", share=Fraction(1))


def test_whoever_is_drawn_or_stands_alone_is_called_back_until_that_is_done() -> None:
    for drawn, sole in product((True, False), repeat=2):
        wanted = CallBack.WANTED if drawn or sole else CallBack.NOT_NEEDED
        assert attestations.call_back(drawn=drawn, sole=sole, done=False) is wanted
        assert attestations.call_back(drawn=drawn, sole=sole, done=True) is CallBack.DONE


def test_assessors_are_told_of_everything_that_speaks_against_knowing_the_author() -> None:
    known = attestations.doubts(IdentityLevel.CALLED_BACK, same_device=False, call=CallBack.DONE)
    assert known == ()
    worst = attestations.doubts(IdentityLevel.UNVERIFIED, same_device=True, call=CallBack.WANTED, denied=True)
    assert worst == (Doubt.DENIED, Doubt.SAME_DEVICE, Doubt.UNVERIFIED, Doubt.NOT_CALLED_BACK)
    public = attestations.doubts(IdentityLevel.PUBLIC_DOMAIN, same_device=False, call=CallBack.NOT_NEEDED)
    assert public == (Doubt.PUBLIC_DOMAIN,)
    assert attestations.DOUBTS.keys() == set(Doubt)


@pytest.mark.parametrize(
    ("days", "rung"), [(8, None), (7, "first"), (6, "first"), (5, "second"), (1, "second"), (0, None), (-1, None)]
)
def test_the_later_reminder_stands_for_both(days: int, rung: str | None) -> None:
    assert attestations.due_reminder(timedelta(days=days)) == rung


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_statement_reads_as_text_without_the_number_to_call(language: str) -> None:
    text = as_text(
        replace(WHOLE, may_call=True, phone="555-0100", until=TODAY), titles=ASKED, language=language, spoken=True
    )
    assert "555-0100" not in text
    for said in ("Sample Supervisor", "Garderie Soleil", "x" * 40, ASKED["second"].in_(language), "2026-03-02"):
        assert said in text
    assert "\u00a0: Foreman" in text if language == "fr" else ": Foreman" in text


def test_a_draft_reads_as_text_too() -> None:
    text = as_text(Statement(observations=(Observation("first"),)), titles=ASKED, language="en")
    assert "Until: today" in text
    assert text.endswith("First thing\n–\n")


def test_a_telephone_number_is_compared_by_its_digits() -> None:
    assert attestations.plain_number("+1 (514) 555-0100") == "+15145550100"
    assert attestations.plain_number("514.555.0100") == "5145550100"
    for wrong in ("", "123456", "1" * 16, "514 555 0100 ext. 4"):
        with pytest.raises(Refused, match="malformed"):
            attestations.plain_number(wrong)
