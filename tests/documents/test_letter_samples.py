"""Samples of letters: each kind can be made of any published programme, in both languages."""

from datetime import date

import pytest

from services.documents import letter_page, letter_samples
from services.documents.letters import LetterKind
from services.rules import programme_files
from services.rules.programmes import Language, Programme


def published() -> list[Programme]:
    return list(programme_files.read(programme_files.published()).values())


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", LetterKind)
def test_a_sample_says_that_nothing_is_decided(kind: LetterKind, language: Language) -> None:
    for programme in published():
        sample = letter_samples.sample(
            kind, language, programme, today=date(2026, 3, 2), base_url="https://acquis.example.org"
        )
        html = letter_page.html(sample)
        assert letter_samples.NAME.in_(language) in html
        assert "watermark" in html
