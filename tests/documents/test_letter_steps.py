"""A letter says in which capacity people judged, never who they were."""

import pytest

from services.documents import letter_steps
from services.rules.programmes import Language


@pytest.mark.parametrize("language", list(Language))
def test_who_judged_is_said_by_capacity_and_a_panel_by_its_votes(language: Language) -> None:
    assert letter_steps.capacities(0, language) == ()
    (one,) = letter_steps.capacities(1, language)
    (two,) = letter_steps.capacities(2, language)
    (panel,) = letter_steps.capacities(0, language, panel=3)
    assert one != two
    assert "2" in two
    assert "3" in panel
    assert letter_steps.capacities(1, language, panel=3) == (one, panel)
