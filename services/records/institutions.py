"""Awarding bodies: whose programmes, people and cases are kept apart by their slug."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records.tables.people import Institution
from services.rules import programmes
from services.rules.programmes import Text


@dataclass(frozen=True, slots=True)
class Named:
    """An institution as lists show it."""

    slug: str
    name: Text


async def keep(session: AsyncSession, institution: programmes.Institution, *, now: datetime) -> Institution:
    """The institution's row, written on first sight; a new name in a later programme replaces the old one."""
    row = await session.get(Institution, institution.slug)
    if row is None:
        row = Institution(id=institution.slug, name_en=institution.name.en, name_fr=institution.name.fr, created_at=now)
        session.add(row)
    row.name_en, row.name_fr = institution.name.en, institution.name.fr
    await session.flush()
    return row


async def known(session: AsyncSession) -> tuple[Named, ...]:
    """Every institution, by slug."""
    rows = await session.exec(
        select(Institution.id, Institution.name_en, Institution.name_fr).order_by(col(Institution.id))
    )
    return tuple(Named(slug, Text(en, fr)) for slug, en, fr in rows)
