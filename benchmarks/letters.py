"""A decision letter in a warm process, beside bare WeasyPrint on the same HTML. `python -m benchmarks.letters`."""

from benchmarks.figure import Figure, paired
from services.documents import letter_page, letters
from tests.documents import letter_makers


def main() -> None:
    """Print one line."""
    from weasyprint import HTML

    letter = letter_makers.letter()
    attachments = letter_makers.attachments(letter)
    html = letter_page.html(letter)
    setting = letter_page.setting(letter.language, letter.institution)

    def ours() -> bytes:
        return letters.render(
            letter, attachments=attachments, identifier=letter_makers.IDENTIFIER, created=letter_makers.CREATED
        )

    def bare() -> bytes:
        document = HTML(string=html, url_fetcher=setting.fetcher)
        return bytes(document.write_pdf(font_config=setting.fonts, stylesheets=[setting.style], pdf_tags=True))

    took, limit = paired(ours, bare)
    print(Figure("letter, warm", took, limit, unit="ms", wanted=0.95).line())


if __name__ == "__main__":
    main()
