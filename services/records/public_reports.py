"""A year of a programme for everybody: published once by whoever administers it, and never changed afterwards.

What turns out to be wrong is said in a note beside the figures; they stay as they were published, for two versions of a
number would tell of whom they differ. Source: case design, section 13 (H1, small cells).
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import audit, wording
from services.records.tables.statistics import PublicReport
from services.rules.programmes import Text
from services.rules.refusals import Refused

Line = tuple[str, str, float | int | None, str, str]
"""Figure, word, value (None where it is withheld), what stands in its place, and the version of the definition."""

LONGEST_NOTE = 1_000


async def published(session: AsyncSession) -> list[PublicReport]:
    """Every year that is public, newest first."""
    rows = await session.exec(select(PublicReport).order_by(col(PublicReport.year).desc(), col(PublicReport.programme)))
    return list(rows)


async def of_year(session: AsyncSession, programme: str, year: int) -> PublicReport | None:
    """The public year of a programme, if it is."""
    return await session.get(PublicReport, (programme, year))


async def publish(
    session: AsyncSession,
    *,
    programme: str,
    year: int,
    institution: str,
    lines: Sequence[Line],
    by: UUID,
    now: datetime,
) -> PublicReport:
    """Make a year public as it stands now, for good. Raises `Refused('already_public')`."""
    if await of_year(session, programme, year) is not None:
        raise Refused("already_public")
    row = PublicReport(
        programme=programme,
        year=year,
        institution_id=institution,
        lines=[list(line) for line in lines],
        published_by=by,
        published_at=now,
    )
    session.add(row)
    await _log(session, row, action="report_published", by=by, now=now)
    return row


async def note(session: AsyncSession, row: PublicReport, *, text: Text, by: UUID, now: datetime) -> None:
    """Say beside the figures, in both languages, what is wrong with them. Raises `Refused('malformed')`."""
    for language, said in (("en", text.en), ("fr", text.fr)):
        wording.check(language, said, most=LONGEST_NOTE, lines=True)
        if not said.strip():
            raise Refused("malformed", field=language)
    row.note_en, row.note_fr, row.noted_at = text.en.strip(), text.fr.strip(), now
    await _log(session, row, action="report_noted", by=by, now=now)


async def _log(session: AsyncSession, row: PublicReport, *, action: str, by: UUID, now: datetime) -> None:
    await session.flush()
    await audit.log(
        session,
        stream="system",
        actor=str(by),
        action=action,
        subject=row.programme,
        details={"programme": row.programme, "year": row.year},
        now=now,
    )
