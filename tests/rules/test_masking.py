"""Where a programme reads masked, nothing that we say of a learner tells who it is, until the judgement is locked."""

from dataclasses import replace

import pytest

from services.rules import masking
from services.rules.case import SeatState
from services.rules.programmes import FieldKind, FormField, Text
from tests.records import makers

PLAIN = makers.programme()


@pytest.mark.parametrize("state", SeatState)
def test_a_masked_programme_hides_the_learner_until_the_judgement_is_locked(state: SeatState) -> None:
    masked = replace(PLAIN.policy, mask_identity=True)
    assert masking.masks(masked, state) is (state not in {SeatState.SUBMITTED, SeatState.FINAL})
    assert not masking.masks(PLAIN.policy, state)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Sample Learner résumé.PDF", "file-00c0de.pdf"),
        ("archive.tar.gz", "file-00c0de.gz"),
        ("learner", "file-00c0de"),
        (".hidden", "file-00c0de"),
    ],
)
def test_a_masked_name_of_a_file_keeps_its_kind_alone(name: str, shown: str) -> None:
    assert masking.file_name("01a20dfd-63c0-76ef-9521-09a1be00c0de", name) == shown


def test_identifying_answers_are_left_out() -> None:
    asked = Text("Your age", "Votre âge")
    age = FormField("age", FieldKind.TEXT, asked, asked, required=False, identifying=True)
    programme = replace(PLAIN, form=(*PLAIN.form, age))
    assert masking.answers(programme, {"work": "Welding", "age": "51"}) == {"work": "Welding"}
