"""A letter's file is accessible, holds its credentials, sets anybody's name, and is the same bytes each time."""

import multiprocessing
import re
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta, timezone
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import outloud
import pytest
import segno

from services.api.previews import Previews
from services.documents import letter_finish, letter_page, letters
from services.documents.letter_page import LetterFailed
from services.documents.letter_processes import Renderer
from services.documents.letters import Letter, LetterKind, Planned
from services.rules.gaps import Way
from services.rules.programmes import Language
from services.rules.refusals import Refused
from tests.documents import letter_makers as make

if TYPE_CHECKING:
    from pikepdf import Object

# WeasyPrint reads its own colour profile without closing it.
pytestmark = pytest.mark.filterwarnings(r"ignore:unclosed file .*sRGB2014\.icc:ResourceWarning")

KINDS = [(kind, language) for kind in LetterKind for language in Language]


def rendered(letter: Letter) -> bytes:
    return letters.render(
        letter, attachments=make.attachments(letter), identifier=make.IDENTIFIER, created=make.CREATED
    )


def fonts(content: bytes) -> set[str]:
    """The families embedded in the file, without the mark of the subset."""
    import pikepdf

    with pikepdf.open(BytesIO(content)) as pdf:
        found = [font for page in pdf.pages for font in page.Resources.Font.values()]
        return {str(font.BaseFont).partition("+")[2] for font in found}


def embedded(content: bytes) -> dict[str, bytes]:
    import pikepdf

    with pikepdf.open(BytesIO(content)) as pdf:
        return {name: file.get_file().read_bytes() for name, file in pdf.attachments.items()}


def tagged(element: "Object") -> Iterator["Object"]:
    """Every element of the structure below `element`."""
    import pikepdf

    for child in element.K:
        if isinstance(child, pikepdf.Dictionary) and "/S" in child:
            yield child
            yield from tagged(child)


@pytest.fixture(scope="module", params=KINDS, ids=lambda pair: f"{pair[0]}-{pair[1]}")
def written(request: pytest.FixtureRequest) -> tuple[Letter, bytes]:
    letter = make.letter(*request.param)
    return letter, rendered(letter)


def test_a_letter_is_accessible(written: tuple[Letter, bytes], tmp_path: Path) -> None:
    file = tmp_path / "letter.pdf"
    file.write_bytes(written[1])
    result = outloud.check(str(file))
    assert result.error is None
    assert result.errors == 0, [(one.rule, one.message) for one in result.findings if one.severity == "error"]


def test_every_attachment_comes_back_as_it_was_given(written: tuple[Letter, bytes]) -> None:
    letter, content = written
    assert embedded(content) == {one.name: one.content for one in make.attachments(letter)}


def test_every_attachment_is_listed_once_as_data_with_the_given_date(written: tuple[Letter, bytes]) -> None:
    import pikepdf

    letter, content = written
    with pikepdf.open(BytesIO(content)) as pdf:
        listed = list(pdf.Root.get("/AF", []))
        assert len(listed) == len(make.attachments(letter))
        assert len({file.objgen for file in listed}) == len(listed)
        for file in listed:
            assert file.AFRelationship == "/Data"
            assert str(file.EF.F.Params.CreationDate) == "D:20260302150405Z"


def test_the_file_says_what_it_is(written: tuple[Letter, bytes]) -> None:
    import pikepdf

    letter, content = written
    with pikepdf.open(BytesIO(content)) as pdf, pdf.open_metadata() as about:
        assert about["pdfuaid:part"] == "1"
        assert (about["pdfaid:part"], about["pdfaid:conformance"]) == ("3", "A")
        assert letter.case_number in str(about["dc:title"])
        assert str(pdf.Root.Lang) == f"{letter.language}-CA"


def test_headers_and_footers_are_no_part_of_the_text(written: tuple[Letter, bytes]) -> None:
    import pikepdf

    with pikepdf.open(BytesIO(written[1])) as pdf:
        tree = pdf.Root.StructTreeRoot
        for number, page in enumerate(pdf.pages):
            numbered = {int(found) for found in re.findall(rb"/MCID (\d+)", page.Contents.read_bytes())}
            elements = tree.ParentTree.Nums[2 * number + 1]
            assert numbered == {piece for piece in range(len(elements)) if "/S" in (elements[piece] or {})}
            assert page.Contents.read_bytes().count(b"/Artifact BMC") >= 2


def test_only_our_fonts_are_in_it(written: tuple[Letter, bytes]) -> None:
    assert all(family.startswith("Letter-") for family in fonts(written[1]))


def test_the_same_letter_is_the_same_file() -> None:
    letter = make.letter(LetterKind.FULL, Language.FR)
    first = rendered(letter)
    assert rendered(letter) == first
    elsewhere = make.CREATED.astimezone(timezone(timedelta(hours=-5)))
    again = letters.render(letter, attachments=make.attachments(letter), identifier=make.IDENTIFIER, created=elsewhere)
    assert again == first


def test_another_decision_is_another_file() -> None:
    letter = make.letter(LetterKind.NOT_ELIGIBLE)
    one = letters.render(letter, identifier=bytes(16), created=make.CREATED)
    other = letters.render(replace(letter, number="L-2026-000124"), identifier=bytes(16), created=make.CREATED)
    assert one != other


@pytest.mark.parametrize(
    ("name", "families"),
    [
        ("ᐆᒃᑑᑎ ᐃᓕᓐᓂᐊᖅᑎ", {"Letter-canadian-aboriginal", "Letter-canadian-aboriginal-Semi-Bold"}),
        ("عينة المتعلّم", {"Letter-arabic", "Letter-arabic-Semi-Bold"}),
        ("Próbka Uczeńska", {"Letter-latin-ext", "Letter-latin-ext-Semi-Bold"}),
        ("Nguyễn Thị Mẫu", {"Letter-vietnamese"}),
        ("Δείγμα Μαθητή", {"Letter-greek"}),
        ("Зразок Учениці", {"Letter-cyrillic"}),
        ("नमूना शिक्षार्थी", {"Letter-devanagari"}),
    ],
)
def test_names_of_many_scripts_are_set_in_our_own_fonts(name: str, families: set[str]) -> None:
    content = letters.render(
        make.letter(LetterKind.NOT_ELIGIBLE, name=name), identifier=make.IDENTIFIER, created=make.CREATED
    )
    embedded_families = fonts(content)
    assert families <= embedded_families
    assert all(family.startswith("Letter-") for family in embedded_families)


def test_twenty_claims_break_between_rows_only_and_repeat_their_heading() -> None:
    import pikepdf

    content = rendered(make.letter(total=20, name="Marie-Élisabeth Exemple de La Modèle-Échantillon"))
    with pikepdf.open(BytesIO(content)) as pdf:
        rows = [one for one in tagged(pdf.Root.StructTreeRoot.K[0]) if one.S == "/TR"]
        told = [row for row in rows if str(row.P.S) == "/TBody"]
        assert len([row for row in told if len(row.K) == 4]) == 20, "a row on two pages would be tagged twice"
        assert len([row for row in rows if str(row.P.S) == "/THead"]) == 2


def test_a_letter_about_eight_competencies_has_two_pages() -> None:
    import pikepdf

    for language in Language:
        with pikepdf.open(BytesIO(rendered(make.letter(LetterKind.FULL, language)))) as pdf:
            assert len(pdf.pages) == 2


def test_a_partial_result_with_its_plan_fits_two_pages() -> None:
    import pikepdf

    for language in Language:
        letter = make.letter(LetterKind.PARTIAL, language, total=4)
        plan = tuple(
            Planned(claim.title, Way.NEW_EVIDENCE, gap)
            for claim in letter.claims
            for gap in claim.criteria_missing + claim.criteria_met
        )
        assert len(plan) == 4
        with pikepdf.open(BytesIO(rendered(replace(letter, plan=plan)))) as pdf:
            assert len(pdf.pages) == 2


def test_paper_follows_the_country() -> None:
    abroad = replace(make.COLLEGE, country="FR")
    assert "size: letter" in letter_page.style(Language.FR, make.COLLEGE)
    assert "size: A4" in letter_page.style(Language.FR, abroad)


def test_the_qr_code_is_that_of_the_address() -> None:
    url = "https://acquis.example.org/v/K7Q0-TM4X-9RDF"
    code = letter_page.qr(url)
    drawn = {
        (int(x) + step, int(float(y)))
        for x, y, run in re.findall(r"M(\d+) ([\d.]+)h(\d+)", str(code["path"]))
        for step in range(int(run))
    }
    matrix = segno.make_qr(url, error="m").matrix
    assert drawn == {(x, y) for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark}
    assert code["size"] == len(matrix) == 33


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/x.png",
        "file:///etc/passwd",
        "file://example.org/etc/passwd",
        (Path(letter_page.__file__).parents[2] / "portfolio_templates/../pyproject.toml").as_uri(),
    ],
)
def test_a_template_reaches_nothing_outside_the_package(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letter_page, "html", lambda _: f'<html lang="en"><title>t</title><img alt="x" src="{url}">')
    with pytest.raises(LetterFailed, match="outside the package"):
        letters.render(make.letter(), identifier=make.IDENTIFIER, created=make.CREATED)


def test_a_template_may_hold_its_own_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'%3E%3C/svg%3E"
    monkeypatch.setattr(
        letter_page, "html", lambda _: f'<html lang="en"><title>t</title><p>x<img alt="x" src="{picture}">'
    )
    assert letters.render(make.letter(), identifier=make.IDENTIFIER, created=make.CREATED).startswith(b"%PDF-1.7")


def test_missing_fonts_are_named_with_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letter_page, "_package", lambda: tmp_path)
    letter_page.faces.cache_clear()
    with pytest.raises(LetterFailed, match="make assets"):
        letter_page.style(Language.EN, make.COLLEGE)


def test_a_file_whose_metadata_lies_elsewhere_is_not_finished() -> None:
    import pikepdf

    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.Root.Metadata = pdf.make_stream(b"<x:xmpmeta/>")
        pdf.Root.StructTreeRoot = pikepdf.Dictionary(K=[pikepdf.Dictionary(K=[])], ParentTree={"/Nums": [0, []]})
        pdf.pages[0].Contents = pdf.make_stream(b"")
        file = BytesIO()
        pdf.save(file, fix_metadata_version=False)
    with pytest.raises(ValueError, match="metadata_without_rdf"):
        letter_finish.finish(file.getvalue())


async def test_a_process_renders_the_same_bytes_and_is_gone_afterwards() -> None:
    letter = make.letter(LetterKind.PARTIAL, Language.FR)
    async with Renderer() as renderer:
        content = await renderer.render(
            letter, attachments=make.attachments(letter), identifier=make.IDENTIFIER, created=make.CREATED
        )
    assert content == rendered(letter)
    with pytest.raises(LetterFailed, match="not started"):
        await renderer.render(letter, identifier=make.IDENTIFIER, created=make.CREATED)


async def test_a_letter_that_takes_too_long_costs_its_process_not_the_next_letter() -> None:
    letter = make.letter(LetterKind.NOT_ELIGIBLE)
    async with Renderer(seconds=0.05) as renderer:
        with pytest.raises(LetterFailed, match="took longer"):
            await renderer.render(letter, identifier=make.IDENTIFIER, created=make.CREATED)
        renderer.seconds = 60
        content = await renderer.render(letter, identifier=make.IDENTIFIER, created=make.CREATED)
    assert content.startswith(b"%PDF-1.7")


async def test_a_mistake_in_a_letter_is_told_by_its_kind_and_the_process_goes_on() -> None:
    letter = make.letter(LetterKind.NOT_ELIGIBLE)
    async with Renderer() as renderer:
        with pytest.raises(LetterFailed, match=r"^a letter could not be rendered: AttributeError$"):
            await renderer.render(letter, identifier=make.IDENTIFIER, created=None)  # type: ignore[arg-type]  # on purpose
        content = await renderer.render(letter, identifier=make.IDENTIFIER, created=make.CREATED)
    assert content.startswith(b"%PDF-1.7")


async def test_a_process_that_dies_costs_no_letter() -> None:
    letter, others = make.letter(LetterKind.NOT_ELIGIBLE), set(multiprocessing.active_children())
    async with Renderer() as renderer:
        for process in set(multiprocessing.active_children()) - others:
            process.kill()
            process.join()
        content = await renderer.render(letter, identifier=make.IDENTIFIER, created=make.CREATED)
    assert content.startswith(b"%PDF-1.7")


async def test_a_letter_that_ends_every_process_fails_and_the_next_does_not() -> None:
    letter = make.letter(LetterKind.NOT_ELIGIBLE)
    async with Renderer() as renderer:
        with pytest.raises(LetterFailed, match="ended with -9"):
            await renderer.render(letter, identifier=make.IDENTIFIER, created=Deadly())  # type: ignore[arg-type]  # on purpose
        content = await renderer.render(letter, identifier=make.IDENTIFIER, created=make.CREATED)
    assert content.startswith(b"%PDF-1.7")


async def test_a_preview_that_takes_too_long_is_not_there_for_the_moment() -> None:
    previews = Previews(Renderer(seconds=0))
    with pytest.raises(Refused) as refused:
        await previews.render(make.letter(LetterKind.NOT_ELIGIBLE), now=make.CREATED)
    await previews.close()
    assert refused.value.code == "unavailable"


async def test_whoever_would_wait_behind_many_is_asked_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.api.previews.MOST_WAITING", 0)
    with pytest.raises(Refused, match="unavailable"):
        await Previews().render(make.letter(LetterKind.NOT_ELIGIBLE), now=make.CREATED)


class Deadly:
    """Ends the process that takes it off the line."""

    def __reduce__(self) -> tuple[object, ...]:
        return signal.raise_signal, (signal.SIGKILL,)
