"""A refusal is an answer: it has a status, facts, and no code that nobody wrote a sentence for."""

import pytest

from services.rules.refusals import REFUSALS, Refused


def test_a_refusal_carries_its_status_and_its_facts() -> None:
    refused = Refused("stale_version", version="4")
    assert (refused.code, refused.status, refused.facts) == ("stale_version", 409, {"version": "4"})
    assert str(refused) == "stale_version"


def test_a_code_that_is_not_in_the_table_cannot_be_raised() -> None:
    with pytest.raises(KeyError):
        Refused("because_i_say_so")


def test_every_status_is_one_of_a_refusal() -> None:
    assert REFUSALS
    assert [code for code, status in REFUSALS.items() if not 400 <= status < 500] == ["unavailable"]
