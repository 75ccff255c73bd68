"""The file by which a sponsor's people are named: read whole, and everything that is wrong with it said at once.

Source: case design, section 3 (draft, by cohort import).
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from services.rules.programmes import Language, Text

MOST_ROWS = 200
"""People in one file: each is an account, a case and a mail, all in one transaction. A longer list comes in parts."""

MOST_BYTES = 128 * 1024
"""Bytes of one file."""


class Column(StrEnum):
    """What the file says of each person; a reference is the sponsor's own and may be missing."""

    EMAIL = "email"
    NAME = "name"
    LANGUAGE = "language"
    REFERENCE = "reference"


LONGEST = {Column.EMAIL: 320, Column.NAME: 200, Column.REFERENCE: 64}
"""Characters of a cell."""

REQUIRED = (Column.EMAIL, Column.NAME, Column.LANGUAGE)

HEADINGS = {
    "email": Column.EMAIL,
    "e-mail": Column.EMAIL,
    "courriel": Column.EMAIL,
    "name": Column.NAME,
    "nom": Column.NAME,
    "language": Column.LANGUAGE,
    "langue": Column.LANGUAGE,
    "reference": Column.REFERENCE,
    "référence": Column.REFERENCE,
}
"""How a column may be called in the first line, in either language."""

ADDRESS = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\"]+")


class Wrong(StrEnum):
    """What can be wrong with a file."""

    TOO_LARGE = "too_large"
    NOT_UTF8 = "not_utf8"
    NOT_CSV = "not_csv"
    NO_ROWS = "no_rows"
    TOO_MANY = "too_many"
    COLUMN_MISSING = "column_missing"
    COLUMN_UNKNOWN = "column_unknown"
    COLUMN_TWICE = "column_twice"
    CELLS = "cells"
    EMPTY = "empty"
    TOO_LONG = "too_long"
    HIDDEN = "hidden"
    ADDRESS = "address"
    LANGUAGE = "language"
    TWICE = "twice"
    ONESELF = "oneself"
    CLOSED = "closed"


SAYS: dict[Wrong, Text] = {
    Wrong.TOO_LARGE: Text(
        "The file is too large. Send at most {most} kB, in several files if need be.",
        "Le fichier est trop volumineux. Envoyez au plus {most} ko, en plusieurs fichiers au besoin.",
    ),
    Wrong.NOT_UTF8: Text(
        "This is not text in UTF-8. Save the list as “CSV UTF-8”.",
        "Ce n’est pas du texte en UTF-8. Enregistrez la liste au format «\u00a0CSV UTF-8\u00a0».",
    ),
    Wrong.NOT_CSV: Text(
        "This line cannot be read as CSV. Look for a quotation mark that is not closed.",
        "Cette ligne ne se lit pas comme du CSV. Cherchez un guillemet qui n’est pas fermé.",
    ),
    Wrong.NO_ROWS: Text(
        "There is nobody in the file. Write a line for each person below the headings.",
        "Le fichier ne contient personne. Écrivez une ligne par personne sous les titres des colonnes.",
    ),
    Wrong.TOO_MANY: Text(
        "There are more than {most} people in the file. Send the others in another file.",
        "Le fichier contient plus de {most} personnes. Envoyez les autres dans un autre fichier.",
    ),
    Wrong.COLUMN_MISSING: Text(
        "The column “{column}” is missing. The first line has to name it.",
        "La colonne «\u00a0{column}\u00a0» manque. La première ligne doit la nommer.",
    ),
    Wrong.COLUMN_UNKNOWN: Text(
        "There is no such column here. Use email, name, language and, if you like, reference.",
        "Cette colonne n’existe pas ici. Utilisez courriel, nom, langue et, au choix, référence.",
    ),
    Wrong.COLUMN_TWICE: Text(
        "This column stands twice in the first line. Leave one of them.",
        "Cette colonne figure deux fois dans la première ligne. N’en laissez qu’une.",
    ),
    Wrong.CELLS: Text(
        "The number of cells ({cells}) is not that of the first line ({most}). Put a text that holds a comma in "
        "quotation marks.",
        "Le nombre de cellules ({cells}) n’est pas celui de la première ligne ({most}). Mettez entre guillemets un "
        "texte qui contient une virgule.",
    ),
    Wrong.EMPTY: Text("This is empty. Fill it in.", "C’est vide. Remplissez cette cellule."),
    Wrong.TOO_LONG: Text(
        "This is too long: at most {most} characters.", "C’est trop long\u00a0: {most} caractères au plus."
    ),
    Wrong.HIDDEN: Text(
        "This holds a character that cannot be seen. Type it anew.",
        "Cette cellule contient un caractère invisible. Saisissez-la de nouveau.",
    ),
    Wrong.ADDRESS: Text(
        "This is not an e-mail address. Write one such as ana@example.org.",
        "Ce n’est pas une adresse courriel. Écrivez par exemple ana@example.org.",
    ),
    Wrong.LANGUAGE: Text(
        "This is neither en nor fr. Write one of them.", "Ce n’est ni en ni fr. Écrivez l’un des deux."
    ),
    Wrong.TWICE: Text(
        "This address stands in line {before} already. Leave one of the two lines.",
        "Cette adresse figure déjà à la ligne {before}. Ne laissez qu’une des deux lignes.",
    ),
    Wrong.ONESELF: Text(
        "This is your own address. Nobody opens a case for themselves in this way: take the line out.",
        "C’est votre propre adresse. Personne n’ouvre ainsi un dossier pour soi\u00a0: retirez la ligne.",
    ),
    Wrong.CLOSED: Text(
        "The account with this address is closed. Ask an administrator, or take the line out.",
        "Le compte de cette adresse est fermé. Demandez à une personne administratrice, ou retirez la ligne.",
    ),
}
"""What is wrong, and what would be right."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: the line (1 holds the headings, 0 is the whole file), the column, and what."""

    line: int
    column: str
    wrong: Wrong
    says: Text


def fault(wrong: Wrong, *, line: int = 0, column: str = "", **facts: object) -> Fault:
    """What is wrong, in words."""
    told = SAYS[wrong]
    facts["column"] = column
    return Fault(line, column, wrong, Text(told.en.format_map(facts), told.fr.format_map(facts)))


@dataclass(frozen=True, slots=True)
class Entry:
    """One person of the file, as it stands in `line`; the address in lower case."""

    line: int
    email: str
    name: str
    language: Language
    reference: str


class FileInvalid(Exception):  # noqa: N818 - an answer, not a fault
    """A file of which nobody was taken in; `faults` are all that is wrong with it, in the order of its lines."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(", ".join(f"{one.line}:{one.column}:{one.wrong}" for one in faults))
        self.faults = tuple(sorted(faults, key=lambda one: one.line))


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file says: whoever can be taken in, and everything that is wrong."""

    entries: tuple[Entry, ...]
    faults: tuple[Fault, ...]


def read(content: bytes) -> Reading:
    """What stands in a file of people: CSV with headings, commas or semicolons between, UTF-8 with or without its mark.

    Lines that are empty do not count.
    """
    if len(content) > MOST_BYTES:
        return Reading((), (fault(Wrong.TOO_LARGE, most=MOST_BYTES // 1024),))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as odd:
        return Reading((), (fault(Wrong.NOT_UTF8, line=content.count(b"\n", 0, odd.start) + 1),))
    first, *others = _lines(text) or [(1, [])]
    if isinstance(first, Fault):
        return Reading((), (first,))
    columns, faults = _columns(first[1])
    entries: list[Entry] = []
    people = 0
    for one in () if faults else others:
        if isinstance(one, Fault):
            faults.append(one)
            break
        people += 1
        if people > MOST_ROWS:
            faults.append(fault(Wrong.TOO_MANY, line=one[0], most=MOST_ROWS))
            break
        read_so, wrong = _entry(*one, columns=columns)
        entries += [read_so] if read_so else []
        faults += wrong
    if not people and not faults:
        faults.append(fault(Wrong.NO_ROWS))
    return Reading(tuple(entries), (*faults, *_twice(entries)))


Line = tuple[int, list[str]]


def _lines(text: str) -> list[Line | Fault]:
    """The lines that hold something, with their numbers; the last is a fault where the rest cannot be read."""
    heading = text.partition("\n")[0]
    between = ";" if heading.count(";") > heading.count(",") else ","
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=between, strict=True)
    found: list[Line | Fault] = []
    begins = 1
    try:
        for row in rows:
            cells = [cell.strip() for cell in row]
            if any(cells):
                found.append((begins, cells))
            begins = rows.line_num + 1
    except csv.Error:
        found.append(fault(Wrong.NOT_CSV, line=begins))
    return found


def _columns(headings: Sequence[str]) -> tuple[list[Column], list[Fault]]:
    columns, faults = list[Column](), list[Fault]()
    for place, heading in enumerate(headings, start=1):
        known = HEADINGS.get(heading.lower())
        if known is None:
            faults.append(fault(Wrong.COLUMN_UNKNOWN, line=1, column=str(place)))
        elif known in columns:
            faults.append(fault(Wrong.COLUMN_TWICE, line=1, column=known))
        else:
            columns.append(known)
    faults += [fault(Wrong.COLUMN_MISSING, line=1, column=one) for one in REQUIRED if one not in columns]
    return columns, faults


def _entry(line: int, cells: Sequence[str], *, columns: Sequence[Column]) -> tuple[Entry | None, list[Fault]]:
    if len(cells) != len(columns):
        return None, [fault(Wrong.CELLS, line=line, cells=len(cells), most=len(columns))]
    said = dict(zip(columns, cells, strict=True))
    wrong = [found for column, cell in said.items() for found in _of_cell(line, column, cell)]
    if wrong:
        return None, wrong
    return (
        Entry(
            line=line,
            email=said[Column.EMAIL].lower(),
            name=said[Column.NAME],
            language=Language(said[Column.LANGUAGE].lower()),
            reference=said.get(Column.REFERENCE, ""),
        ),
        [],
    )


def _of_cell(line: int, column: Column, cell: str) -> Iterator[Fault]:
    """What is wrong with one cell: the first thing, for what follows from it helps nobody."""
    at: dict[str, Any] = {"line": line, "column": column}
    if not cell:
        if column in REQUIRED:
            yield fault(Wrong.EMPTY, **at)
    elif any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in cell):
        yield fault(Wrong.HIDDEN, **at)
    elif column is Column.LANGUAGE:
        if cell.lower() not in set(Language):
            yield fault(Wrong.LANGUAGE, **at)
    elif len(cell) > LONGEST[column]:
        yield fault(Wrong.TOO_LONG, **at, most=LONGEST[column])
    elif column is Column.EMAIL and not ADDRESS.fullmatch(cell):
        yield fault(Wrong.ADDRESS, **at)


def _twice(entries: Sequence[Entry]) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for one in entries:
        before = first.setdefault(one.email, one.line)
        if before != one.line:
            yield fault(Wrong.TWICE, line=one.line, column=Column.EMAIL, before=before)
