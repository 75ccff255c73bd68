"""The link by which somebody whose account was opened for them chooses a password: random, spent once, ending.

A token is drawn when its mail is sent, and only its SHA-256 is kept. Whatever is wrong with a link is answered in one
way, and opening it changes nothing: mail scanners open links. Source: security design, section 7.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import audit, cases, effects, people
from services.records.tables.cases import Case
from services.records.tables.cohorts import CohortMember
from services.records.tables.people import Invitation, Person
from services.rules import deadlines
from services.rules.refusals import Refused

NOTICE, COHORT_NOTICE = "account_invited", "cohort_invited"
NOTICES = frozenset({NOTICE, COHORT_NOTICE})
"""The mails that hold the link: of a case that an advisor opened, and of one that was opened under an agreement."""

LASTS = timedelta(days=30)
"""How long a link lives, to the end of its last day. Source: as that of attestations, case design, section 8."""


async def invite(session: AsyncSession, case: Case, *, now: datetime) -> bool:
    """Queue the mail with the link to the learner of `case`, once a day at the most; answers whether it was queued."""
    until = deadlines.end_of_day(deadlines.local_day(now + LASTS, case.zone), case.zone)
    occasion = f"invited-{deadlines.local_day(now, case.zone).isoformat()}"
    facts = {"due": until.isoformat()}
    sponsored = await session.exec(select(CohortMember.case_id).where(col(CohortMember.case_id) == case.id))
    notice = NOTICE if sponsored.first() is None else COHORT_NOTICE
    return await effects.tell(
        session, case=case, notice=notice, person=case.learner_id, now=now, facts=facts, occasion=occasion
    )


async def invite_again(session: AsyncSession, case_id: UUID, *, now: datetime) -> bool:
    """Send another link; earlier ones stay what they are. Raises `Refused`: not_found, invitation_needless."""
    case = await cases.get(session, case_id, lock=True)
    learner = await session.get_one(Person, case.learner_id)
    if learner.password_hash is not None:
        raise Refused("invitation_needless")
    return await invite(session, case, now=now)


async def make(session: AsyncSession, person_id: UUID, *, expires_at: datetime, now: datetime) -> str | None:
    """A new link's token (256 random bits) for the mail that is about to leave; None once there is a password."""
    person = await session.get_one(Person, person_id)
    if person.password_hash is not None:
        return None
    token = secrets.token_urlsafe(32)
    session.add(Invitation(token_hash=_hash(token), person_id=person_id, made_at=now, expires_at=expires_at))
    await session.flush()
    return token


async def opened(session: AsyncSession, token: str, *, now: datetime) -> tuple[Invitation, Person]:
    """The invitation that `token` opens, and whose. Raises `Refused('invitation_ended')`, whatever is wrong with it."""
    rows = await session.exec(
        select(Invitation, Person)
        .join(Person, col(Person.id) == col(Invitation.person_id))
        .where(
            col(Invitation.token_hash) == _hash(token),
            col(Invitation.spent_at).is_(None),
            col(Invitation.expires_at) > now,
            col(Person.active),
            col(Person.password_hash).is_(None),
        )
    )
    found = rows.first()
    if found is None:
        raise Refused("invitation_ended")
    return found


async def spend(session: AsyncSession, token: str, *, password_hash: str, now: datetime) -> Person:
    """Give the account its first password; every link to it is spent. Raises `Refused('invitation_ended')`."""
    _, person = await opened(session, token, now=now)
    await session.exec(
        sa.update(Invitation)
        .where(col(Invitation.person_id) == person.id, col(Invitation.spent_at).is_(None))
        .values(spent_at=now)
    )
    await people.set_password(session, person.id, password_hash=password_hash, now=now, actor=str(person.id))
    await audit.log(session, stream=f"person:{person.id}", actor=str(person.id), action="invitation_spent", now=now)
    return person


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
