"""A public year is written once; a note is all that is ever added to it."""

import pytest
import sqlalchemy as sa

from services.records import public_reports
from services.records.database import Database
from services.rules.programmes import Text
from tests.records import makers, moving
from tests.records.makers import NOW

SLUG = makers.programme().slug
LINES: list[public_reports.Line] = [
    ("reached", "submitted", 120, "", "progress-1"),
    ("claims", "x", None, "withheld", "y"),
]


async def test_a_public_year_stays_and_takes_a_note(database: Database) -> None:
    who = await moving.people(database)
    of = {"programme": SLUG, "year": 2025, "institution": makers.INSTITUTION, "by": who.lead.id, "now": NOW}
    async with database.writing() as session:
        await public_reports.publish(session, lines=LINES, **of)  # type: ignore[arg-type]  # as named above
    async with moving.nothing_changes(database, "already_public"), database.writing() as session:
        await public_reports.publish(session, lines=[], **of)  # type: ignore[arg-type]  # as above
    for text in (Text("x", ""), Text("x" * 1_001, "y")):
        async with moving.nothing_changes(database, "malformed"), database.writing() as session:
            row = await public_reports.of_year(session, SLUG, 2025)
            assert row is not None
            await public_reports.note(session, row, text=text, by=who.lead.id, now=NOW)
    async with database.writing() as session:
        row = await public_reports.of_year(session, SLUG, 2025)
        assert row is not None
        await public_reports.note(session, row, text=Text("Wrong", "Inexact"), by=who.lead.id, now=NOW)
    async with database.reading() as session:
        (kept,) = await public_reports.published(session)
        assert (kept.note_fr, kept.lines) == ("Inexact", [list(line) for line in LINES])
    for broken in ("UPDATE public_reports SET lines = '[]'", "DELETE FROM public_reports"):
        with pytest.raises(sa.exc.DBAPIError):
            async with database.writing() as session:
                await session.exec(sa.text(broken))  # type: ignore[call-overload]  # a statement as text
