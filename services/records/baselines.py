"""What a learner did when they applied, so that what became of them can be held against it.

Told by the learner if they like, kept with the case, seen by nobody else, and gone from it as soon as it is counted.
Source: case design, section 13 (G1, "against the intake baseline").
"""

from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import audit, counters
from services.records.tables.cases import Case
from services.records.tables.surveys import SurveyBaseline, SurveyCount, SurveyInvitation
from services.rules import surveys as rules
from services.rules.refusals import Refused
from services.rules.surveys import ANSWERS, BASELINE, Question


async def tell(session: AsyncSession, case_id: UUID, work: str, *, person: UUID, now: datetime) -> None:
    """Keep what the learner of a running case does at work, in the place of what they said before; nothing, for "".

    Raises `Refused`: not_found for a case of somebody else, survey_not_open before it is sent and once it is decided,
    malformed for a word that is none.
    """
    case = (await session.exec(select(Case).where(col(Case.id) == case_id).with_for_update())).first()
    if case is None or case.learner_id != person:
        raise Refused("not_found")
    if case.stage not in rules.BEFORE:
        raise Refused("survey_not_open")
    if work and work not in ANSWERS[Question.WORK]:
        raise Refused("malformed", field="work")
    known = await session.get(SurveyBaseline, case_id)
    if known is not None:
        await session.delete(known)
        await session.flush()
    if work:
        session.add(SurveyBaseline(case_id=case_id, work=work, text_version=rules.TEXT, given_at=now))
    await audit.log(
        session,
        stream=f"case:{case_id}",
        actor=str(person),
        action="survey_baseline_kept" if work else "survey_baseline_taken_back",
        now=now,
    )


async def of_case(session: AsyncSession, case_id: UUID) -> str | None:
    """What the learner said, for them alone; None for nothing, and once it was counted."""
    row = await session.get(SurveyBaseline, case_id)
    return row.work if row else None


async def count(session: AsyncSession, invitation: SurveyInvitation, case: Case) -> None:
    """Count what the learner did beside whoever ended as they did; then it stands nowhere with their case."""
    row = await session.get(SurveyBaseline, case.id)
    if row is None:
        return
    key = {
        "programme": case.programme,
        "year": invitation.year,
        "wave": BASELINE,
        "followed": invitation.followed,
        "question": Question.WORK,
        "answer": row.work,
    }
    await counters.one_more(session, SurveyCount, key=key, given={"institution_id": case.institution_id})
    await session.delete(row)
    await session.flush()
