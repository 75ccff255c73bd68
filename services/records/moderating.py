"""The way into moderation: how readings that differ, or a file that a panel reads itself, are to be settled."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import audit, effects, judgements, panels
from services.records.ids import new_id
from services.records.moves import documentation
from services.records.moves.content import Setting, Told
from services.records.tables.assessment import Assignment, FinalReading, Judgement
from services.records.tables.cases import Claim
from services.records.tables.moderation import ConferralChoice, ConferralMessage
from services.rules.case import SeatState
from services.rules.claims import ClaimState
from services.rules.people import Role
from services.rules.refusals import Refused
from services.rules.second_reading import Way

LONGEST_MESSAGE = 4000
"""Characters that one message between two assessors may have."""


async def lead_into(setting: Setting, *, way: Way) -> tuple[Told, ...]:
    """Let the case be settled by `way` (`confer` or `panel`); called by every move that leads to moderation.

    Where a panel is required anyhow, nobody confers. Answers who is told. The caller's outcome leads to
    `Stage.MODERATION`.
    """
    case = setting.case
    case.moderation = Way.PANEL if panels.required(setting.programme.policy) else way
    claims = await unsettled(setting)
    for claim in claims:
        claim.state = ClaimState.IN_ASSESSMENT
    await setting.session.flush()
    if case.moderation is Way.CONFER:
        people = await authors(setting.session, [claim.id for claim in claims])
        return tuple(Told("conferral_opened", person) for person in sorted(people))
    return await panels.fill_up(setting.session, case=case, programme=setting.programme, claims=claims, now=setting.now)


async def unsettled(setting: Setting) -> list[Claim]:
    """The open claims of which no reading stands: those that are in moderation."""
    claims = await documentation.claims_to_assess(setting)
    rows = await setting.session.exec(
        select(FinalReading.claim_id).where(col(FinalReading.claim_id).in_([claim.id for claim in claims]))
    )
    settled = set(rows)
    return [claim for claim in claims if claim.id not in settled]


async def originals(session: AsyncSession, claims: Sequence[UUID]) -> list[Judgement]:
    """The locked readings of assessors on `claims`, without those that are void, in the order of the claims."""
    rows = await session.exec(
        select(Judgement)
        .join(Assignment, col(Assignment.id) == col(Judgement.assignment_id))
        .where(
            col(Judgement.claim_id).in_(claims),
            col(Judgement.role) == Role.ASSESSOR,
            col(Judgement.locked_at).is_not(None),
            col(Assignment.state).in_(judgements.STANDING),
        )
        .order_by(col(Judgement.claim_id), col(Judgement.id))
    )
    return list(rows)


async def authors(session: AsyncSession, claims: Sequence[UUID]) -> set[UUID]:
    """Who wrote the readings of `claims` that differ."""
    return {row.assessor_id for row in await originals(session, claims)}


async def choices(session: AsyncSession, claims: Sequence[UUID]) -> dict[UUID, dict[UUID, UUID]]:
    """By author and claim, the reading under which they put their name last."""
    rows = await session.exec(
        select(ConferralChoice)
        .where(col(ConferralChoice.claim_id).in_(claims))
        .order_by(col(ConferralChoice.at), col(ConferralChoice.command_id))
    )
    found: dict[UUID, dict[UUID, UUID]] = {}
    for row in rows:
        found.setdefault(row.person_id, {})[row.claim_id] = row.judgement_id
    return found


async def messages(session: AsyncSession, case_id: UUID) -> list[ConferralMessage]:
    """What was written, oldest first."""
    rows = await session.exec(
        select(ConferralMessage).where(col(ConferralMessage.case_id) == case_id).order_by(col(ConferralMessage.id))
    )
    return list(rows)


async def write(session: AsyncSession, *, case_id: UUID, author: UUID, text: str, now: datetime) -> ConferralMessage:
    """Keep a message; whether `author` confers is the caller's question. Raises `Refused('malformed')`."""
    said = text.strip()
    if not 0 < len(said) <= LONGEST_MESSAGE:
        raise Refused("malformed", field="text")
    row = ConferralMessage(id=new_id(), case_id=case_id, author_id=author, text=said, at=now)
    session.add(row)
    await session.flush()
    await audit.log(
        session,
        stream=f"case:{case_id}",
        actor=str(author),
        action="conferral_message",
        subject=str(row.id),
        now=now,
    )
    return row


async def whoever_decides(setting: Setting) -> tuple[Told, ...]:
    """The mail to those who may decide: nobody who took part, or the panel's chair where the programme says so."""
    session, case = setting.session, setting.case
    if setting.programme.policy.decision_by == "panel":
        placed = await panels.seats(session, case.id, SeatState.ACCEPTED, SeatState.SUBMITTED)
        return tuple(Told("decision_needed", seat.person_id) for seat in placed if seat.chair)
    people = await effects.staff(session, case=case, role=Role.DECISION_MAKER)
    return tuple(Told("decision_needed", person) for person in people)
