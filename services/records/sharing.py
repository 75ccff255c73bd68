"""What its holder shows of a credential: nothing, until they choose; how often it was checked; what checkers answered.

A credential is private when it is issued. Whoever has its code learns whether it holds and nothing else; what it says
is shown once the holder opens its page, and the name once they add that. A visitor who brings the file brings what it
says. Source: security design, section 10 (private by default); credential design, section 9.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import audit, counters
from services.records.ids import new_id
from services.records.tables.cases import Case
from services.records.tables.credentials import Credential, CredentialState
from services.records.tables.sharing import (
    ANSWERS,
    CheckAnswers,
    CredentialChecks,
    CredentialShare,
    Question,
    SharedPart,
)
from services.rules import deadlines
from services.rules.agreement import Quarter
from services.rules.refusals import Refused

TEXT = "2026-1"
"""The version of the words beside the switches to which a holder agrees."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What the holder shows: the page with what the credential says, and their name on it."""

    page: bool = False
    name: bool = False

    @property
    def parts(self) -> frozenset[SharedPart]:
        """What is shown, as it is recorded."""
        shown = {SharedPart.PAGE: self.page, SharedPart.NAME: self.name}
        return frozenset(part for part, chosen in shown.items() if chosen)


PRIVATE = Choice()
"""How every credential begins."""


async def choice(session: AsyncSession, credential_id: UUID) -> Choice:
    """What the holder of a credential shows of it now."""
    return (await choices(session, [credential_id])).get(credential_id, PRIVATE)


async def choices(session: AsyncSession, credential_ids: Collection[UUID]) -> dict[UUID, Choice]:
    """What is shown now of each of these credentials; one of which nothing is shown is not in it."""
    rows = await session.exec(
        select(CredentialShare.credential_id, CredentialShare.part).where(
            col(CredentialShare.credential_id).in_(credential_ids), col(CredentialShare.withdrawn_at).is_(None)
        )
    )
    shown: defaultdict[UUID, set[SharedPart]] = defaultdict(set)
    for credential_id, part in rows:
        shown[credential_id].add(SharedPart(part))
    return {one: Choice(page=SharedPart.PAGE in parts, name=SharedPart.NAME in parts) for one, parts in shown.items()}


async def published(session: AsyncSession, *, case_id: UUID, credential_id: UUID) -> Credential:
    """A credential of this very case that its holder has. Raises `Refused('not_found')`."""
    found = await session.get(Credential, credential_id)
    if found is None or found.case_id != case_id or found.state is CredentialState.SIGNED:
        raise Refused("not_found")
    return found


async def choose(
    session: AsyncSession, credential: Credential, *, chosen: Choice, carries_name: bool, by: UUID, now: datetime
) -> None:
    """Show this much of a credential from now on. What was shown before stays on record.

    `carries_name`: a name stands in the credential. Raises `Refused`: name_without_page for a name on a page that is
    not shown; name_not_carried for a name that is not there.
    """
    if chosen.name and not chosen.page:
        raise Refused("name_without_page")
    if chosen.name and not carries_name:
        raise Refused("name_not_carried")
    credential_id = credential.id
    # Two browsers of one holder would both find nothing shown: whoever comes second waits and sees the first.
    await session.exec(select(Credential.id).where(col(Credential.id) == credential_id).with_for_update())
    rows = await session.exec(
        select(CredentialShare).where(
            col(CredentialShare.credential_id) == credential_id, col(CredentialShare.withdrawn_at).is_(None)
        )
    )
    running = {row.part: row for row in rows}
    for part in SharedPart:
        if part in running and part not in chosen.parts:
            running[part].withdrawn_at = now
            await _log(session, credential, "credential_hidden", part, by=by, now=now)
        elif part in chosen.parts and part not in running:
            session.add(
                CredentialShare(
                    id=new_id(), credential_id=credential_id, part=part, person_id=by, text_version=TEXT, given_at=now
                )
            )
            await _log(session, credential, "credential_shown", part, by=by, now=now)
    await session.flush()


async def _log(
    session: AsyncSession, credential: Credential, action: str, part: SharedPart, *, by: UUID, now: datetime
) -> None:
    await audit.log(
        session,
        stream=f"case:{credential.case_id}",
        actor=str(by),
        action=action,
        subject=str(credential.id),
        details={"part": part.value},
        now=now,
    )


async def checked(session: AsyncSession, credential_id: UUID, *, day: date) -> None:
    """Count a check of a credential; by whom is not asked and not kept."""
    await counters.one_more(session, CredentialChecks, key={"credential_id": credential_id, "day": day}, given={})


async def checks(session: AsyncSession, credential_ids: Collection[UUID]) -> dict[UUID, int]:
    """How often each of these credentials was checked so far."""
    rows = await session.exec(
        select(CredentialChecks.credential_id, sa.func.sum(CredentialChecks.number))
        .where(col(CredentialChecks.credential_id).in_(credential_ids))
        .group_by(col(CredentialChecks.credential_id))
    )
    return {credential_id: int(number) for credential_id, number in rows}


async def answered(session: AsyncSession, *, code: str, answers: Mapping[str, str], now: datetime) -> None:
    """Count what somebody answered under the check of a credential; nothing of them is kept, nor which credential.

    Raises `Refused`: not_found for a code that is none of ours, malformed for a question or an answer that is none.
    """
    for question, answer in answers.items():
        if question not in set(Question) or answer not in ANSWERS[Question(question)]:
            raise Refused("malformed", field=question[:16])
    rows = await session.exec(
        select(Case.programme, Case.institution_id, Case.zone)
        .join(Credential, col(Credential.case_id) == col(Case.id))
        .where(col(Credential.code) == code, col(Credential.state) != CredentialState.SIGNED)
    )
    found = rows.first()
    if found is None:
        raise Refused("not_found")
    programme, institution, zone = found
    quarter = Quarter.of(deadlines.local_day(now, zone))
    for question, answer in sorted(answers.items()):
        key = {"programme": programme, "quarter": str(quarter), "question": Question(question), "answer": answer}
        await counters.one_more(session, CheckAnswers, key=key, given={"institution_id": institution})


async def answers_of(
    session: AsyncSession, reach: sa.ColumnElement[bool], programme: str, quarters: Collection[str]
) -> dict[Question, dict[str, int]]:
    """How often each question was answered with each word in `quarters`, within `reach`; none: nothing was answered."""
    rows = await session.exec(
        select(CheckAnswers.question, CheckAnswers.answer, sa.func.sum(CheckAnswers.number))
        .where(reach, col(CheckAnswers.programme) == programme, col(CheckAnswers.quarter).in_(quarters))
        .group_by(col(CheckAnswers.question), col(CheckAnswers.answer))
    )
    found: dict[Question, dict[str, int]] = {}
    for question, answer, number in rows:
        asked = Question(question)
        found.setdefault(asked, dict.fromkeys(ANSWERS[asked], 0))[answer] = int(number)
    return found
