"""How many files a learner may send in a year, where the policy of a programme sets a cap.

A year is a calendar year in the case's zone. A file that asks for only part of its programme is not counted, nor is it
held back. Source: case design, section 12 (caps per year).
"""

from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import cases, programmes
from services.records.tables.cases import Case
from services.rules import deadlines
from services.rules.refusals import Refused


async def reached(session: AsyncSession, *, case: Case, now: datetime) -> Refused | None:
    """The refusal `cap_reached` when `case` cannot be sent at `now`; `most` is the cap, in files or in programmes."""
    policy = (await programmes.of_case(session, case)).policy
    if not (policy.cap_files or policy.cap_programmes) or not await _whole(session, case):
        return None
    sent = await session.exec(
        select(Case).where(
            col(Case.learner_id) == case.learner_id, col(Case.id) != case.id, col(Case.submitted_at).is_not(None)
        )
    )
    year = deadlines.local_day(now, case.zone).year
    counted = [
        other
        for other in list(sent)
        if other.submitted_at
        and deadlines.local_day(other.submitted_at, case.zone).year == year
        and await _whole(session, other)
    ]
    files = sum(other.programme == case.programme for other in counted)
    if policy.cap_files and files >= policy.cap_files:
        return Refused("cap_reached", most=str(policy.cap_files))
    others = {other.programme for other in counted} - {case.programme}
    if policy.cap_programmes and len(others) >= policy.cap_programmes:
        return Refused("cap_reached", most=str(policy.cap_programmes))
    return None


async def _whole(session: AsyncSession, case: Case) -> bool:
    """Whether the case asks for every competency of its programme."""
    asked = {claim.competency for claim in await cases.claims_of(session, case.id)}
    programme = await programmes.of_case(session, case)
    return asked == {competency.key for competency in programme.competencies}
