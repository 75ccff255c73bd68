"""A file of people is read whole, and everything that is wrong with it is said at once, with what would be right."""

import string

import pytest

from services.rules import cohort_files
from services.rules.cohort_files import MOST_BYTES, MOST_ROWS, SAYS, Entry, FileInvalid, Wrong, fault, read
from services.rules.programmes import Language

HEAD = "email,name,language,reference\n"


def wrong(text: str | bytes) -> list[tuple[int, str, Wrong]]:
    found = read(text.encode() if isinstance(text, str) else text)
    return [(one.line, one.column, one.wrong) for one in found.faults]


@pytest.mark.parametrize(
    "text",
    [
        HEAD + 'Ana@Example.org , Ana Sample ,FR,E-7\n\n ,,,\nbo@example.org,"Sample, Bo",en,\n',
        (
            "\ufeffRéférence;Courriel;Nom;Langue\r\nE-7;ana@example.org;Ana Sample;fr\r\n"
            "\r\n;;;\r\n;bo@example.org;Sample, Bo;en"
        ),
    ],
    ids=["as a program writes it", "as a spreadsheet in French writes it"],
)
def test_a_file_is_read_as_spreadsheets_write_it(text: str) -> None:
    found = read(text.encode())
    assert not found.faults
    assert found.entries == (
        Entry(2, "ana@example.org", "Ana Sample", Language.FR, "E-7"),
        Entry(5, "bo@example.org", "Sample, Bo", Language.EN, ""),
    )


def test_a_reference_may_be_missing_altogether() -> None:
    (one,) = read(b"name,email,language\n=1+1,a@b.ca,en").entries
    assert (one.name, one.reference) == ("=1+1", "")


def test_everything_that_is_wrong_is_said_at_once_by_line_and_column() -> None:
    text = HEAD + (
        "a@example.org,Ana,en,\n"
        "nobody,,de,\n"
        f"b@example.org,{'x' * 201},en,{'y' * 65}\n"
        "c@example.org,C\x00C,en,\u0007\n"
        "d@example.org,D\n"
        '"A@example.org","Ana\nagain",en,\n'
        "A@EXAMPLE.ORG,Ana once more,fr,\n"
        "two words@example.org,E,en,\n"
    )
    assert wrong(text) == [
        (3, "email", Wrong.ADDRESS),
        (3, "name", Wrong.EMPTY),
        (3, "language", Wrong.LANGUAGE),
        (4, "name", Wrong.TOO_LONG),
        (4, "reference", Wrong.TOO_LONG),
        (5, "name", Wrong.HIDDEN),
        (5, "reference", Wrong.HIDDEN),
        (6, "", Wrong.CELLS),
        (7, "name", Wrong.HIDDEN),
        (10, "email", Wrong.ADDRESS),
        (9, "email", Wrong.TWICE),
    ]
    assert "line 2" in read(text.encode()).faults[-1].says.en
    assert [one.line for one in FileInvalid(read(text.encode()).faults).faults] == [3, 3, 3, 4, 4, 5, 5, 6, 7, 9, 10]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", [(1, column, Wrong.COLUMN_MISSING) for column in ("email", "name", "language")]),
        (b"email,Email,name,what,language", [(1, "email", Wrong.COLUMN_TWICE), (1, "4", Wrong.COLUMN_UNKNOWN)]),
        (HEAD.encode(), [(0, "", Wrong.NO_ROWS)]),
        (HEAD.encode() + b"\nb@example.org,\xe9,en,", [(3, "", Wrong.NOT_UTF8)]),
        (HEAD.encode() + b'a@example.org,"A"B,en,\nc', [(2, "", Wrong.NOT_CSV)]),
        (b'"email', [(1, "", Wrong.NOT_CSV)]),
        (b"x" * (MOST_BYTES + 1), [(0, "", Wrong.TOO_LARGE)]),
    ],
    ids=["nothing", "columns", "headings alone", "not UTF-8", "a stray quotation mark", "an open one", "too large"],
)  # fmt: skip
def test_what_cannot_be_read_at_all_is_said_too(content: bytes, found: list[tuple[int, str, Wrong]]) -> None:
    assert wrong(content) == found


def test_so_many_people_and_no_more() -> None:
    lines = [f"p{number}@example.org,P,en,\n" for number in range(MOST_ROWS + 3)]
    assert wrong(HEAD + "".join(lines[:MOST_ROWS])) == []
    assert wrong(HEAD + "".join(lines)) == [(MOST_ROWS + 2, "", Wrong.TOO_MANY)]


def test_every_fault_is_said_with_the_same_facts_in_both_languages() -> None:
    assert set(SAYS) == set(Wrong)
    for one, said in SAYS.items():
        facts = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (said.en, said.fr)]
        assert facts[0] == facts[1], one
        told = fault(one, line=1, column="name", most=1, cells=1, before=1).says
        assert "{" not in told.en + told.fr
    assert cohort_files.MOST_BYTES < 256 * 1024
