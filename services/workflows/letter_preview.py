"""The letter that a decision would make, before anybody signs: composed as every letter is, marked, and never kept."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.documents.letters import Letter
from services.records import decisions, programmes, transfers
from services.records.ids import new_id
from services.records.moves import deciding
from services.records.tables.cases import Case
from services.records.tables.decisions import Decision, DecisionKind
from services.rules.people import Role
from services.rules.programmes import Language
from services.workflows import letter_writing
from services.workflows.letter_writing import Foreseen

NO_NUMBER = "–"
"""Where a letter's number will stand."""


async def of_decision(
    session: AsyncSession, case: Case, *, signatory: UUID, language: Language, base_url: str, now: datetime
) -> Letter:
    """What `signatory` would send out by deciding now. Raises `Refused('claims_open')` while something is open.

    The plan for what is missing and the credentials come with the decision itself.
    """
    programme = await programmes.of_case(session, case)
    grounds = await deciding.grounds(session, case, programme)
    checks = await transfers.checks(session, case.id)
    decision = Decision(
        id=new_id(),
        case_id=case.id,
        kind=DecisionKind.RECOGNITION,
        decided_by=signatory,
        role=Role.DECISION_MAKER,
        capacity=programme.institution.signatory_title.in_(language),
        command_id=new_id(),
        case_version=case.version,
        portfolio_version=await decisions.latest_portfolio(session, case.id),
        appeal_until=decisions.appeal_until(case=case, policy=programme.policy, decided_at=now),
        decided_at=now,
    )
    foreseen = Foreseen(
        outcomes={ground.claim.id: ground.settles_as for ground in grounds},
        checks={ground.claim.id: checks[ground.claim.id] for ground in grounds if ground.check is not None},
    )
    facts = await letter_writing.facts_of(session, decision, foreseen=foreseen)
    letter = letter_writing.compose(facts, language=language, number=NO_NUMBER, base_url=base_url)
    return replace(letter, preview=True)
