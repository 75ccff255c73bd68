"""The letter that a decision would make, before anybody signs: composed as every letter is, marked, and never kept."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.documents.letters import Letter
from services.records import decisions, plans, programmes, transfers
from services.records.ids import new_id
from services.records.moves import deciding
from services.records.plans import Settling
from services.records.tables.cases import Case
from services.records.tables.decisions import Decision, DecisionKind
from services.rules.people import Role
from services.rules.programmes import Language
from services.workflows import letter_writing
from services.workflows.letter_foreseen import Foreseen

NO_NUMBER = "–"
"""Where a letter's number will stand."""


@dataclass(frozen=True, slots=True)
class Signing:
    """Who would sign, as what (empty: as the programme says), and what they would add in the letter."""

    person: UUID
    capacity: str = ""
    note: str = ""


async def of_decision(
    session: AsyncSession, case: Case, *, signing: Signing, language: Language, base_url: str, now: datetime
) -> Letter:
    """What would be sent out by deciding now, with the first plan for what is missing.

    Its number and the codes of credentials come with the decision. Raises `Refused('claims_open')` while something is
    open.
    """
    programme = await programmes.of_case(session, case)
    grounds = await deciding.grounds(session, case, programme)
    checks = await transfers.checks(session, case.id)
    decision = Decision(
        id=new_id(),
        case_id=case.id,
        kind=DecisionKind.RECOGNITION,
        decided_by=signing.person,
        role=Role.DECISION_MAKER,
        capacity=signing.capacity.strip() or programme.institution.signatory_title.in_(language),
        reasons=signing.note.strip(),
        command_id=new_id(),
        case_version=case.version,
        portfolio_version=await decisions.latest_portfolio(session, case.id),
        appeal_until=decisions.appeal_until(case=case, policy=programme.policy, decided_at=now),
        decided_at=now,
    )
    settles = {ground.claim.id: Settling(ground.settles_as, ground.judgement) for ground in grounds}
    foreseen = Foreseen(
        outcomes={ground.claim.id: ground.settles_as for ground in grounds},
        checks={ground.claim.id: checks[ground.claim.id] for ground in grounds if ground.check is not None},
        plan=await plans.foreseen(session, case, programme=programme, settles=settles, now=now),
    )
    facts = await letter_writing.facts_of(session, decision, foreseen=foreseen)
    letter = letter_writing.compose(facts, language=language, number=NO_NUMBER, base_url=base_url)
    return replace(letter, preview=True)
