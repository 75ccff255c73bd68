"""When the letter of a decision counts as sent: with the mail that announces it, not while that is undelivered.

A letter that was opened was received, whatever became of its mail. Source: case design, section 10 (receipt).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import effects
from services.records.tables.commands import EffectRow, EffectState, Mail
from services.records.tables.decisions import Decision, Letter, LetterState

TRIED_FOR = timedelta(days=1)
"""How long a mail is tried before it counts as undelivered; one taken later than that was sent once more."""


@dataclass(frozen=True, slots=True)
class Sent:
    """When a letter was sent and first opened; `stopped`: its mail is undelivered, so that no receipt is deemed.

    `late`: the mail was taken only after it had come to nothing for a day.
    """

    at: datetime
    opened: datetime | None
    stopped: bool
    late: bool


async def of_decision(session: AsyncSession, decision: Decision, *, learner: UUID) -> Sent:
    """How the letters of `decision` reached the learner."""
    letters = await session.exec(
        select(Letter).where(col(Letter.decision_id) == decision.id, col(Letter.state) == LetterState.RELEASED)
    )
    found = list(letters)
    released = min((one.released_at for one in found if one.released_at), default=decision.decided_at)
    opened = min((one.opened_at for one in found if one.opened_at), default=None)
    key = effects.announcement(decision, learner=learner)
    effect, mail = await session.get(EffectRow, key), await session.get(Mail, key)
    late = mail is not None and mail.accepted_at - released > TRIED_FOR
    return Sent(
        at=mail.accepted_at if mail is not None and late else released,
        opened=opened,
        late=late,
        stopped=opened is None and effect is not None and effect.state is EffectState.FAILED,
    )
