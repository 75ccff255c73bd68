"""What a case still lacks before its learner can send it: the very questions that are asked when it is sent."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import cases, programmes
from services.records.moves import documentation, identification
from services.records.tables.cases import Case
from services.rules.case import Stage
from services.rules.claims import OPEN_CLAIMS
from services.rules.refusals import Refused


async def of_case(session: AsyncSession, case: Case, *, now: datetime) -> list[Refused]:
    """Everything that would be refused, beside the words said when sending; nothing in a stage that sends nothing."""
    if case.stage not in (Stage.DRAFT, Stage.ELIGIBLE, Stage.GAP_TRAINING):
        return []
    claimed = any(claim.state in OPEN_CLAIMS for claim in await cases.claims_of(session, case.id))
    found = [] if claimed else [Refused("claims_missing")]
    if case.stage is Stage.DRAFT:
        return found + await identification.missing_to_submit(session, case=case, now=now)
    programme = await programmes.of_case(session, case)
    return found + await documentation.missing_to_submit(session, case=case, programme=programme, now=now)
