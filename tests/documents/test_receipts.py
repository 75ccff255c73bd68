"""The receipt is accessible, says the same in both languages, and sets any file name as what it is: text."""

from dataclasses import replace
from pathlib import Path

import outloud
import pytest

from services.documents import letter_page, letters
from services.documents.letters import Contact
from services.documents.receipts import HeldFile, Next, Receipt, SentVersion
from services.rules.programmes import Language
from tests.documents import letter_makers as make
from tests.documents.test_letters import words
from tests.pages import hostile

# WeasyPrint reads its own colour profile without closing it.
pytestmark = pytest.mark.filterwarnings(r"ignore:unclosed file .*sRGB2014\.icc:ResourceWarning")


def receipt(language: Language = Language.EN) -> Receipt:
    """The receipt of a portfolio whose files bear the names that people could give them."""
    return Receipt(
        language=language,
        case_number="RPL-2026-00042",
        institution=make.COLLEGE,
        name="Sample Learner",
        programme="Sample programme",
        issued="2 March 2026, 15:04",
        opened="5 January 2026",
        submitted="12 January 2026, 09:00",
        next=Next("In assessment", "An assessor reads your portfolio.", "An assessor", "By when", "20 March 2026"),
        contact=Contact("Sample Advisor", "advisor@college-exemple.example"),
        files=tuple(HeldFile(name, "1.5 MB", "2 March 2026, 15:04", "0f" * 32) for name in hostile.TEXTS),
        versions=(SentVersion(1, "2 March 2026, 15:04", "ab" * 32),),
    )


@pytest.mark.parametrize("language", Language)
def test_the_receipt_is_accessible_whatever_files_are_called(language: Language, tmp_path: Path) -> None:
    file = tmp_path / "receipt.pdf"
    made = receipt(language)
    file.write_bytes(letters.render(made, identifier=make.IDENTIFIER, created=make.CREATED))
    result = outloud.check(str(file))
    assert result.error is None
    assert result.errors == 0, [(one.rule, one.message) for one in result.findings if one.severity == "error"]


def test_names_of_files_are_text_and_nothing_else() -> None:
    page = letter_page.html(receipt())
    assert not {"<img", "<script", "<svg", 'onerror="'} & set(page.split())
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    for fact in ("0f" * 32, "ab" * 32, "20 March 2026", "advisor@college-exemple.example", "RPL-2026-00042"):
        assert fact in page


def test_a_receipt_of_nothing_sent_says_so() -> None:
    made = replace(receipt(Language.FR), submitted="", versions=(), files=())
    said = words(letter_page.html(replace(made, next=Next("Brouillon", "Personne ne lit encore."))))
    assert "Vous n’avez encore rien envoyé." in said
    assert "Aucun fichier pour l’instant." in said
    assert "À qui le tour" not in said
