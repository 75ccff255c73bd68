"""What leads read of the nightly roll-up: stored figures of their own programmes, and nobody else's."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records.tables.statistics import AgreementFigure, DoubleReading
from services.rules.agreement import Quarter

A_YEAR = 4
"""Quarters of which the list of those who drift still tells."""


async def quarters(session: AsyncSession, reach: Sequence[tuple[str, str | None]]) -> list[DoubleReading]:
    """Every quarter of the programmes in `reach`, newest first; each is an institution and a slug, or None for all."""
    rows = await session.exec(
        select(DoubleReading)
        .where(within(DoubleReading, reach))
        .order_by(col(DoubleReading.programme), col(DoubleReading.quarter).desc())
    )
    return list(rows)


async def figures_of(
    session: AsyncSession, reach: Sequence[tuple[str, str | None]], *, programme: str, quarter: Quarter
) -> list[AgreementFigure]:
    """The figures of one programme in one quarter, as far as it is in `reach`."""
    rows = await session.exec(
        select(AgreementFigure)
        .where(
            within(AgreementFigure, reach),
            col(AgreementFigure.programme) == programme,
            col(AgreementFigure.quarter) == str(quarter),
        )
        .order_by(col(AgreementFigure.scope), col(AgreementFigure.subject))
    )
    return list(rows)


async def drifting(
    session: AsyncSession, reach: Sequence[tuple[str, str | None]], *, now: datetime
) -> list[AgreementFigure]:
    """Assessors of whom a lead should know: below their programme's kappa for two quarters, newest first.

    Of the last year; the list says nothing more than that, and nothing follows from it by itself.
    """
    oldest = Quarter.of(now.date()).later(-A_YEAR)
    rows = await session.exec(
        select(AgreementFigure)
        .where(
            within(AgreementFigure, reach),
            col(AgreementFigure.drifting),
            col(AgreementFigure.quarter) >= str(oldest),
        )
        .order_by(col(AgreementFigure.quarter).desc(), col(AgreementFigure.programme), col(AgreementFigure.subject))
    )
    return list(rows)


def within(table: Any, reach: Sequence[tuple[str, str | None]]) -> sa.ColumnElement[bool]:  # noqa: ANN401 - either table
    """Access is part of the question: rows of the institutions and programmes in `reach` only."""
    return sa.or_(
        sa.false(),
        *(
            sa.and_(
                col(table.institution_id) == institution,
                sa.true() if programme is None else col(table.programme) == programme,
            )
            for institution, programme in reach
        ),
    )
