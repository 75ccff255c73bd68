"""What an institution offers to fill gaps, kept per programme as one list that is replaced as a whole.

Courses, prices and dates change every term, and a published programme version never does: so offers are rows beside
the programme, which an institution's own catalogue can send anew whenever it changes.
"""

from datetime import datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import audit
from services.records.ids import new_id
from services.records.tables.plans import CourseOffer
from services.rules.gaps import Gap, Offer
from services.rules.programmes import Language, Programme, Text
from services.rules.refusals import Refused

AT_MOST = 1000


async def replace(
    session: AsyncSession, programme: Programme, offers: list[Offer], *, actor: str, now: datetime
) -> None:
    """Keep `offers` as all that is offered for `programme`; what is no longer among them is withdrawn, not forgotten.

    Raises `Refused`: malformed, for a key that stands twice or something covered that the programme does not have.
    """
    keys = [offer.key for offer in offers]
    if len(keys) != len(set(keys)) or len(keys) > AT_MOST:
        raise Refused("malformed", field="offers")
    for offer in offers:
        if not all(_exists(programme, gap) for gap in offer.covers):
            raise Refused("malformed", field=f"offers.{offer.key}.covers")
    rows = await session.exec(select(CourseOffer).where(col(CourseOffer.programme) == programme.slug))
    known = {row.key: row for row in rows}
    for key, row in known.items():
        if key not in keys and row.withdrawn_at is None:
            row.withdrawn_at = now
    for offer in offers:
        values = _values(offer)
        kept = known.get(offer.key)
        if kept is None:
            session.add(CourseOffer(id=new_id(), programme=programme.slug, key=offer.key, **values))
        else:
            for name, value in (values | {"withdrawn_at": None}).items():
                setattr(kept, name, value)
    await session.flush()
    details = {"programme": programme.slug, "offers": len(offers)}
    await audit.log(
        session,
        stream="system",
        actor=actor,
        action="course_offers_replaced",
        subject=programme.slug,
        details=details,
        now=now,
    )


def _exists(programme: Programme, gap: Gap) -> bool:
    known = {competency.key: competency for competency in programme.competencies}
    if gap.competency not in known:
        return False
    criteria = {criterion.key for criterion in known[gap.competency].criteria}
    return gap.criterion is None or gap.criterion in criteria


def _values(offer: Offer) -> dict[str, Any]:
    return {
        "provider": offer.provider,
        "title_en": offer.title.en,
        "title_fr": offer.title.fr,
        "way": offer.way,
        "covers": [[gap.competency, gap.criterion] for gap in offer.covers],
        "cost": offer.cost,
        "currency": offer.currency,
        "hours": offer.hours,
        "mode": offer.mode,
        "language": offer.language,
        "starts_on": offer.starts_on,
    }


async def live(session: AsyncSession, programme: str) -> list[Offer]:
    """What is offered now for the programme of that slug, by key."""
    rows = await session.exec(
        select(CourseOffer)
        .where(col(CourseOffer.programme) == programme, col(CourseOffer.withdrawn_at).is_(None))
        .order_by(col(CourseOffer.key))
    )
    return [
        Offer(
            key=row.key,
            provider=row.provider,
            title=Text(row.title_en, row.title_fr),
            way=row.way,
            covers=tuple(Gap(competency, criterion) for competency, criterion in row.covers),
            cost=row.cost,
            currency=row.currency,
            hours=row.hours,
            mode=row.mode,
            language=Language(row.language),
            starts_on=row.starts_on,
        )
        for row in rows
    ]
