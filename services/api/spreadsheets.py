"""Tables that people open with a spreadsheet: what somebody wrote is text there, and accents are what they are."""

import csv
import io
from collections.abc import Iterable, Sequence

from litestar import Response

FORMULAS = tuple("=+-@\t\r")
"""With what a spreadsheet begins a formula."""


def cell(text: str) -> str:
    """A text that a spreadsheet takes for a text: what would begin a formula is quoted."""
    return f"'{text}" if text.startswith(FORMULAS) else text


def table(rows: Iterable[Sequence[object]]) -> str:
    """A table as CSV; what people wrote in it has gone through `cell`."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    # The mark at the beginning tells spreadsheets that accents are UTF-8.
    return "\ufeff" + text.getvalue()


def file(name: str, rows: Iterable[Sequence[object]]) -> Response[str]:
    """A table to keep as `name`."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return Response(table(rows), media_type="text/csv; charset=utf-8", headers=headers)
