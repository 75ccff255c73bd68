"""What a person sends with a command names what the command is about, or the case itself."""

from dataclasses import fields

import pytest

from services.rules import commands
from services.rules.commands import BODIES, SUBJECTS
from services.rules.conflicts import ConflictTie


@pytest.mark.parametrize("kind", SUBJECTS)
def test_the_subject_of_a_command_is_a_field_of_its_body(kind: str) -> None:
    assert SUBJECTS[kind] in {field.name for field in fields(BODIES[kind])}


def test_a_command_about_a_seat_says_which_and_one_about_the_case_says_nothing() -> None:
    screen = commands.Screen(dict.fromkeys(map(str, ConflictTie), False), signed=True)
    assert commands.subject_of("accept_offer", commands.AcceptOffer("seat-9", screen)) == "seat-9"
    assert commands.subject_of("revoke_grant", commands.RevokeGrant("claim-1", "fraud", "Why.")) == "claim-1"
    assert commands.subject_of("decide", commands.Decide("Registrar")) == ""
