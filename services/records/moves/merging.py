"""Two cases of one learner for one programme become one: the younger closes, what it showed goes on in the older."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import audit, cases, evidence, independence, pointers, programmes, statements
from services.records.ids import new_id
from services.records.moves import leaving
from services.records.moves.content import Content, Outcome, Setting
from services.records.portfolio import EDITABLE
from services.records.tables.cases import Case, Claim
from services.records.tables.evidence import EvidenceItem, Pointer
from services.rules.case import Stage
from services.rules.claims import OPEN_CLAIMS, ClaimState
from services.rules.people import Role
from services.rules.refusals import Refused

ENDED = frozenset({Stage.ISSUING, Stage.CLOSED})
"""Stages in which a case takes nothing in: a closed one is reopened first."""


async def older_ones(session: AsyncSession, younger: Case, *, lead: UUID) -> list[Case]:
    """The cases that `younger` can be merged into, as far as `lead` may know of them."""
    rows = await session.exec(
        select(Case).where(
            col(Case.learner_id) == younger.learner_id,
            col(Case.programme) == younger.programme,
            col(Case.institution_id) == younger.institution_id,
            col(Case.created_at) <= younger.created_at,
            col(Case.id) != younger.id,
            col(Case.stage).not_in(ENDED),
        )
    )
    return [older for older in rows if await _may_know(session, older, lead=lead)]


async def _may_know(session: AsyncSession, older: Case, *, lead: UUID) -> bool:
    try:
        await independence.check(session, case=older, person=lead, role=Role.LEAD)
    except Refused:
        return False
    return True


async def _older(setting: Setting, *, lock: bool = False) -> Case:
    """The case that goes on. Raises `Refused('not_a_duplicate')`, also where the lead may not know of it."""
    known = await older_ones(setting.session, setting.case, lead=UUID(setting.command.actor))
    older = {str(one.id): one for one in known}.get(setting.body.into)
    if older is None:
        raise Refused("not_a_duplicate")
    return await cases.get(setting.session, older.id, lock=True) if lock else older


async def _some_older(setting: Setting) -> None:
    """Raises `Refused('not_a_duplicate')`."""
    if not await older_ones(setting.session, setting.case, lead=UUID(setting.command.actor)):
        raise Refused("not_a_duplicate")


async def _may_merge(setting: Setting) -> None:
    """Raises `Refused`: reasons_missing, not_a_duplicate, quota_exceeded."""
    if not setting.body.reason.strip():
        raise Refused("reasons_missing")
    older = await _older(setting)
    left = await evidence.quota(setting.session, older.id, person=older.learner_id, now=setting.now)
    new = [item for item, known in await _files(setting, older) if known is None]
    if left.files + len(new) > left.most_files or left.size + sum(item.size for item in new) > left.most_bytes:
        raise Refused("quota_exceeded")


async def _merge(setting: Setting) -> Outcome:
    """The files come over under the hashes they have; what they point at comes where the older case takes it.

    Raises `Refused('separation_of_duties')` where a third party of the younger case judges the older one.
    """
    session, younger = setting.session, setting.case
    older = await _older(setting, lock=True)
    told = await leaving.end_everything(setting, notice="merged_staff")
    took = await _copy_files(setting, older)
    await statements.come_along(session, older, took.values(), now=setting.now)
    claimed = await _copy_claims(setting, older)
    pointed = await _copy_pointers(setting, older, took) if older.stage in EDITABLE else 0
    await leaving.end_claims(setting)
    younger.merged_into_id = older.id
    counts = {"files": len(took), "claims": claimed, "pointers": pointed}
    await audit.log(
        session,
        stream=f"case:{older.id}",
        actor=setting.command.actor,
        action="duplicate_merged",
        subject=str(younger.id),
        details=counts,
        now=setting.now,
    )
    return Outcome(result={"into": str(older.id), **counts}, told=told, logged={"into": str(older.id), **counts})


async def _files(setting: Setting, older: Case) -> list[tuple[EvidenceItem, EvidenceItem | None]]:
    """Each file of the younger case, with the one of the same bytes that the older has already."""

    async def kept(case: Case) -> list[EvidenceItem]:
        rows = await setting.session.exec(
            select(EvidenceItem)
            .where(col(EvidenceItem.case_id) == case.id, col(EvidenceItem.removed_at).is_(None))
            .order_by(col(EvidenceItem.id))
        )
        return list(rows)

    known = {item.sha256: item for item in await kept(older)}
    return [(item, known.get(item.sha256)) for item in await kept(setting.case)]


async def _copy_files(setting: Setting, older: Case) -> dict[UUID, EvidenceItem]:
    """The older case's file for each of the younger one's, by the latter's id."""
    took = {}
    for item, known in await _files(setting, older):
        took[item.id] = known or EvidenceItem(**(item.model_dump() | {"id": new_id(), "case_id": older.id}))
        if known is not None and known.kind is None and older.stage in EDITABLE:
            for field in evidence.Description.__slots__:
                setattr(known, field, getattr(item, field))
    setting.session.add_all(took.values())
    await setting.session.flush()
    return took


async def _copy_claims(setting: Setting, older: Case) -> int:
    """What the older case does not claim yet is claimed there, as long as it is a draft; answers how many."""
    if older.stage is not Stage.DRAFT:
        return 0
    present = {claim.competency for claim in await cases.claims_of(setting.session, older.id)}
    offered = {competency.key for competency in (await programmes.of_case(setting.session, older)).competencies}
    claimed = [
        Claim(
            id=new_id(),
            case_id=older.id,
            learner_id=older.learner_id,
            competency=claim.competency,
            competency_key=claim.competency_key,
            state=ClaimState.CLAIMED,
            self_assessment=claim.self_assessment,
        )
        for claim in await cases.claims_of(setting.session, setting.case.id)
        if claim.competency in offered - present
    ]
    setting.session.add_all(claimed)
    await setting.session.flush()
    return len(claimed)


async def _copy_pointers(setting: Setting, older: Case, took: dict[UUID, EvidenceItem]) -> int:
    """Tie the files to the older case's open claims as they were tied to the younger one's; answers how many ties."""
    session, programme = setting.session, await programmes.of_case(setting.session, older)
    open_claims = {
        claim.competency: claim for claim in await cases.claims_of(session, older.id) if claim.state in OPEN_CLAIMS
    }
    names = {claim.id: claim.competency for claim in await cases.claims_of(session, setting.case.id)}
    rows = await session.exec(select(Pointer).where(col(Pointer.case_id) == setting.case.id).order_by(col(Pointer.id)))
    made = 0
    for tie in list(rows):
        claim, item = open_claims.get(names[tie.claim_id]), took.get(tie.evidence_id)
        if claim is None or item is None or item.kind is None:
            continue
        criteria = {criterion.key for criterion in programme.competency(claim.competency).criteria}
        place = pointers.Place(tie.criterion if tie.criterion in criteria else None, tie.page, tie.seconds, tie.note)
        made += await pointers.carry_over(session, case=older, evidence_id=item.id, claim_id=claim.id, place=place)
    return made


CONTENT = {"merge_duplicate": Content(_may_merge, _merge, _some_older)}
