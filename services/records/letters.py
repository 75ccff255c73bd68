"""Letters as rows: drafted once per decision (or lapse) and language, released with it, opened by the learner."""

from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import ids
from services.records.lapses import Lapsed
from services.records.tables.decisions import Decision, DecisionClaim, Letter, LetterState
from services.rules.claims import ClaimState
from services.rules.refusals import Refused

LANGUAGES = ("en", "fr")
"""Every decision is told in both."""


async def of_decision(session: AsyncSession, decision_id: UUID) -> list[Letter]:
    """The letters of a decision, by language."""
    rows = await session.exec(
        select(Letter).where(col(Letter.decision_id) == decision_id).order_by(col(Letter.language))
    )
    return list(rows)


async def of_lapse(session: AsyncSession, command_id: UUID) -> list[Letter]:
    """The letters that tell of the lapse by which the command closed a case, by language."""
    rows = await session.exec(select(Letter).where(col(Letter.command_id) == command_id).order_by(col(Letter.language)))
    return list(rows)


async def naming(session: AsyncSession, claim_id: UUID) -> list[Letter]:
    """The letters of every decision on a claim: a decision that replaces another one repeats what still stands."""
    rows = await session.exec(
        select(Letter)
        .join(DecisionClaim, col(DecisionClaim.decision_id) == col(Letter.decision_id))
        .where(col(DecisionClaim.claim_id) == claim_id)
        .order_by(col(Letter.id))
    )
    return list(rows)


async def released_of(session: AsyncSession, case_id: UUID) -> list[Letter]:
    """The letters of a case that can be read, newest first."""
    rows = await session.exec(
        select(Letter)
        .where(col(Letter.case_id) == case_id, col(Letter.state) == LetterState.RELEASED)
        .order_by(col(Letter.released_at).desc(), col(Letter.language))
    )
    return list(rows)


async def outcomes(session: AsyncSession, decision_id: UUID) -> dict[UUID, ClaimState]:
    """How the decision settled each claim."""
    rows = await session.exec(
        select(DecisionClaim.claim_id, DecisionClaim.outcome).where(col(DecisionClaim.decision_id) == decision_id)
    )
    return {claim_id: ClaimState(outcome) for claim_id, outcome in rows}


async def keep(
    session: AsyncSession,
    *,
    about: Decision | Lapsed,
    language: str,
    kind: str,
    number: str,
    sha256: str,
    size: int,
    now: datetime,
) -> Letter:
    """Keep a drafted letter; where one of this decision (or lapse) and language exists, that one is the letter."""
    for letter in await _about(session, about):
        if letter.language == language:
            return letter
    letter = Letter(
        id=ids.new_id(),
        case_id=about.case_id,
        decision_id=about.id if isinstance(about, Decision) else None,
        command_id=about.command_id if isinstance(about, Lapsed) else None,
        number=number,
        kind=kind,
        language=language,
        sha256=sha256,
        size=size,
        state=LetterState.DRAFTED,
        drafted_at=now,
    )
    session.add(letter)
    await session.flush()
    return letter


async def _about(session: AsyncSession, about: Decision | Lapsed) -> list[Letter]:
    if isinstance(about, Lapsed):
        return await of_lapse(session, about.command_id)
    return await of_decision(session, about.id)


async def release(session: AsyncSession, about: Decision | Lapsed, *, now: datetime) -> bool:
    """Make the letters of a decision or lapse readable; answers whether any was not readable before.

    Raises `Refused('letter_missing')` unless one is there per language.
    """
    letters = await _about(session, about)
    if {letter.language for letter in letters} != set(LANGUAGES):
        raise Refused("letter_missing")
    drafts = [letter for letter in letters if letter.state is LetterState.DRAFTED]
    for letter in drafts:
        letter.state, letter.released_at = LetterState.RELEASED, now
    await session.flush()
    return bool(drafts)


async def opened(session: AsyncSession, letter_id: UUID, *, now: datetime) -> None:
    """Note that the learner has opened the letter; the first time counts as its receipt."""
    letter = await session.get_one(Letter, letter_id)
    letter.opened_at = letter.opened_at or now
