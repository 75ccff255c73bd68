"""What institutions publish, kept as it was published: a case reads the version that it is pinned to, for ever."""

from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import audit, calendars, institutions
from services.records.database import Asked
from services.records.ids import new_id
from services.records.tables.cases import Case
from services.records.tables.programmes import Framework, ProgrammeVersion
from services.rules import deadlines, programme_files
from services.rules.programmes import Followed, Programme, Text
from services.rules.refusals import Refused

_READ: dict[UUID, Programme] = {}
"""Versions already turned into rules; a published version cannot change, so neither can this."""

_TERMS: dict[UUID, str] = {}
"""The French of versions, which cannot change either."""

READ_AT_MOST = 256


class FrameworkTakenError(Exception):
    """Another framework is kept under this identifier; `title` is what that one is called."""

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self.title = title


class VersionTakenError(Exception):
    """The version is published with other contents; what was published stays, so the file needs the next number."""


@dataclass(frozen=True, slots=True)
class Published:
    """A programme as lists show it."""

    id: UUID
    slug: str
    version: int
    institution: str
    title: Text
    published_at: datetime


async def publish(session: AsyncSession, programme: Programme, *, actor: str, now: datetime) -> ProgrammeVersion:
    """Store `programme` as published by `actor`; the same version again changes nothing.

    Raises `VersionTakenError` when that version was published with other contents.
    """
    fingerprint = programme_files.fingerprint(programme)
    row = (
        await session.exec(
            select(ProgrammeVersion).where(
                col(ProgrammeVersion.slug) == programme.slug, col(ProgrammeVersion.version) == programme.version
            )
        )
    ).first()
    if row is not None:
        if row.fingerprint != fingerprint:
            raise VersionTakenError(f"{programme.slug} {programme.version}")
        return row
    institution = await institutions.keep(session, programme.institution, now=now)
    row = ProgrammeVersion(
        id=new_id(),
        slug=programme.slug,
        version=programme.version,
        institution_id=institution.id,
        title_en=programme.title.en,
        title_fr=programme.title.fr,
        document=programme_files.as_document(programme),
        fingerprint=fingerprint,
        published_at=now,
    )
    session.add(row)
    await session.flush()
    await audit.log(
        session,
        stream="system",
        actor=actor,
        action="programme_published",
        subject=str(row.id),
        details={"slug": row.slug, "version": row.version, "fingerprint": fingerprint},
        now=now,
    )
    return row


async def retire(
    session: AsyncSession, slug: str, *, version: int, actor: str, now: datetime, until: date | None = None
) -> None:
    """Close a version to new cases; running ones keep it, and send their portfolio `until` that day where it is set.

    A day once set may be moved later, never earlier. Raises `Refused`: programme_unknown, end_too_early.
    """
    row = (
        await session.exec(
            select(ProgrammeVersion).where(col(ProgrammeVersion.slug) == slug, col(ProgrammeVersion.version) == version)
        )
    ).first()
    if row is None:
        raise Refused("programme_unknown")
    if row.retired_at is None:
        row.retired_at = now
        await audit.log(session, stream="system", actor=actor, action="programme_retired", subject=str(row.id), now=now)
    if until is not None:
        await _end(session, row, until, actor=actor, now=now)


async def _end(session: AsyncSession, row: ProgrammeVersion, until: date, *, actor: str, now: datetime) -> None:
    zone = (await read(session, row.id)).policy.calendar.zone
    end = deadlines.end_of_day(until, zone)
    if end <= now or (row.ends_at is not None and end < row.ends_at):
        raise Refused("end_too_early")
    row.ends_at = end
    await audit.log(
        session,
        stream="system",
        actor=actor,
        action="programme_ends",
        subject=str(row.id),
        details={"until": until.isoformat()},
        now=now,
    )


async def published(session: AsyncSession) -> tuple[Published, ...]:
    """The newest version of every programme that is open to new cases, by slug."""
    newest = (
        select(col(ProgrammeVersion.slug), sa.func.max(col(ProgrammeVersion.version)).label("version"))
        .where(col(ProgrammeVersion.retired_at).is_(None))
        .group_by(col(ProgrammeVersion.slug))
        .subquery()
    )
    rows = await session.exec(  # type: ignore[call-overload]  # sqlmodel types select for four columns at most
        sa.select(
            col(ProgrammeVersion.id),
            col(ProgrammeVersion.slug),
            col(ProgrammeVersion.version),
            col(ProgrammeVersion.institution_id),
            col(ProgrammeVersion.title_en),
            col(ProgrammeVersion.title_fr),
            col(ProgrammeVersion.published_at),
        )
        .join(
            newest,
            sa.and_(newest.c.slug == col(ProgrammeVersion.slug), newest.c.version == col(ProgrammeVersion.version)),
        )
        .order_by(col(ProgrammeVersion.slug))
    )
    return tuple(
        Published(id=key, slug=slug, version=version, institution=institution, title=Text(en, fr), published_at=at)
        for key, slug, version, institution, en, fr, at in rows
    )


TERMS = col(ProgrammeVersion.document)["policy"]["terms"].as_string()
"""The French of a version, as a column: a list says its words by it without reading programmes."""


_TERMS_OF = sa.select(TERMS).where(col(ProgrammeVersion.id) == sa.bindparam("version", type_=sa.Uuid()))


async def terms_of(session: Asked, version_id: UUID) -> str:
    """The French of one version.

    Asked for once: a document is long, and looking into it for every row of a list costs more than the list.
    """
    if version_id not in _TERMS:
        ((spoken,),) = await session.exec(_TERMS_OF, params={"version": version_id})  # type: ignore[call-overload]  # of columns
        while len(_TERMS) >= READ_AT_MOST:
            _TERMS.pop(next(iter(_TERMS)))
        _TERMS[version_id] = spoken
    return _TERMS[version_id]


async def terms(session: AsyncSession) -> dict[str, str]:
    """The French that each programme speaks, by slug: that of the newest version, an open one before a retired one."""
    rows = await session.exec(  # type: ignore[call-overload]  # a select of columns
        sa.select(col(ProgrammeVersion.slug), TERMS).order_by(
            col(ProgrammeVersion.retired_at).is_(None), col(ProgrammeVersion.version)
        )
    )
    return dict(rows.all())


async def newest(session: AsyncSession, slug: str) -> ProgrammeVersion:
    """The version that a new case is pinned to. Raises `Refused`: programme_unknown, or programme_closed."""
    row = await last_published(session, slug)
    if row.retired_at is not None:
        raise Refused("programme_closed")
    return row


async def last_published(session: AsyncSession, slug: str) -> ProgrammeVersion:
    """The newest version, an open one before a retired one. Raises `Refused('programme_unknown')`."""
    rows = await session.exec(
        select(ProgrammeVersion)
        .where(col(ProgrammeVersion.slug) == slug)
        .order_by(col(ProgrammeVersion.retired_at).is_(None).desc(), col(ProgrammeVersion.version).desc())
        .limit(1)
    )
    row = rows.first()
    if row is None:
        raise Refused("programme_unknown")
    return row


async def newer(session: AsyncSession, case: Case) -> ProgrammeVersion | None:
    """The newest version that takes new cases, where it is newer than the one of `case` and of the same institution."""
    own = select(ProgrammeVersion.version).where(col(ProgrammeVersion.id) == case.programme_version_id)
    rows = await session.exec(
        select(ProgrammeVersion)
        .where(
            col(ProgrammeVersion.slug) == case.programme,
            col(ProgrammeVersion.institution_id) == case.institution_id,
            col(ProgrammeVersion.retired_at).is_(None),
            col(ProgrammeVersion.version) > own.scalar_subquery(),
        )
        .order_by(col(ProgrammeVersion.version).desc())
        .limit(1)
    )
    return rows.first()


async def zones(session: AsyncSession) -> dict[str, str]:
    """The time zone of every programme that was ever published, by slug; the newest version's, in order of slug."""
    slugs = list(await session.exec(select(ProgrammeVersion.slug).distinct().order_by(col(ProgrammeVersion.slug))))
    newest = {slug: await last_published(session, slug) for slug in slugs}
    return {slug: (await read(session, row.id)).policy.calendar.zone for slug, row in newest.items()}


async def read(session: AsyncSession, version_id: UUID) -> Programme:
    """The published version `version_id` as the rules use it. Raises `Refused('programme_unknown')`."""
    if version_id in _READ:
        return _READ[version_id]
    found = await session.exec(select(ProgrammeVersion.document).where(col(ProgrammeVersion.id) == version_id))
    document = found.first()
    if document is None:
        raise Refused("programme_unknown")
    programme = programme_files.from_document(document)
    while len(_READ) >= READ_AT_MOST:
        _READ.pop(next(iter(_READ)))
    _READ[version_id] = programme
    return programme


async def version_of(session: AsyncSession, slug: str, *, version: int) -> Programme:
    """The published version `version` of a programme, retired ones included. Raises `Refused('programme_unknown')`."""
    found = await session.exec(
        select(ProgrammeVersion.id).where(col(ProgrammeVersion.slug) == slug, col(ProgrammeVersion.version) == version)
    )
    version_id = found.first()
    if version_id is None:
        raise Refused("programme_unknown")
    return await read(session, version_id)


async def ends_at(session: AsyncSession, slug: str, *, version: int) -> datetime | None:
    """Until when cases that could take a newer version may send their portfolio under this one, if that was said."""
    found = await session.exec(
        select(ProgrammeVersion.ends_at).where(
            col(ProgrammeVersion.slug) == slug, col(ProgrammeVersion.version) == version
        )
    )
    return found.first()


async def every_version(session: AsyncSession) -> tuple[Published, ...]:
    """Every version that was ever published, oldest first."""
    rows = await session.exec(  # type: ignore[call-overload]  # sqlmodel types select for four columns at most
        sa.select(
            col(ProgrammeVersion.id),
            col(ProgrammeVersion.slug),
            col(ProgrammeVersion.version),
            col(ProgrammeVersion.institution_id),
            col(ProgrammeVersion.title_en),
            col(ProgrammeVersion.title_fr),
            col(ProgrammeVersion.published_at),
        ).order_by(col(ProgrammeVersion.published_at), col(ProgrammeVersion.id))
    )
    return tuple(Published(key, slug, number, who, Text(en, fr), at) for key, slug, number, who, en, fr, at in rows)


async def versions(session: AsyncSession) -> list[ProgrammeVersion]:
    """Every version with its state, by programme, newest first."""
    rows = await session.exec(
        select(ProgrammeVersion).order_by(col(ProgrammeVersion.slug), col(ProgrammeVersion.version).desc())
    )
    return list(rows)


async def of_case(session: AsyncSession, case: Case) -> Programme:
    """The programme that `case` is pinned to, with the edition of its calendar by which the case is measured."""
    programme = await read(session, case.programme_version_id)
    if case.left_versions:
        programme = await _followed(session, case, programme)
    if case.calendar_id is None:
        return programme
    calendar = await calendars.read(session, case.calendar_id)
    return replace(programme, policy=replace(programme.policy, calendar=calendar))


async def _followed(session: AsyncSession, case: Case, programme: Programme) -> Followed:
    """The programme with the competencies that older versions held, the oldest first: a later wording counts."""
    older = [await read(session, UUID(version)) for version in case.left_versions]
    former = tuple(competency for version in older for competency in version.competencies)
    return Followed(**{each.name: getattr(programme, each.name) for each in fields(programme)}, former=former)


async def keep_framework(
    session: AsyncSession,
    *,
    identifier: str,
    title: str,
    source: str,
    licence: str,
    package: dict[str, Any],
    actor: str,
    now: datetime,
    replace: bool = False,
) -> Framework:
    """Store an outside framework's CASE package whole; what is kept under `identifier` gives way only to `replace`.

    Raises `FrameworkTakenError`.
    """
    row = await framework(session, identifier)
    if row is not None and row.package == package:
        return row
    if row is not None and not replace:
        raise FrameworkTakenError(row.title)
    if row is None:
        row = Framework(
            id=new_id(), identifier=identifier, title="", source="", licence="", package={}, imported_at=now
        )
        session.add(row)
    row.title, row.source, row.licence, row.package, row.imported_at = title, source, licence, package, now
    await session.flush()
    await audit.log(session, stream="system", actor=actor, action="framework_imported", subject=str(row.id), now=now)
    return row


async def framework(session: AsyncSession, identifier: str) -> Framework | None:
    """The imported framework `identifier`, or None."""
    return (await session.exec(select(Framework).where(col(Framework.identifier) == identifier))).first()
