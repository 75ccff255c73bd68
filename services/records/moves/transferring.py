"""An advisor checks what was certified elsewhere: the check is on record, and whoever decides confirms it."""

from uuid import UUID

from services.records import independence, transfers, wording
from services.records.ids import new_id
from services.records.moves import documentation
from services.records.moves.content import Content, Outcome, Setting
from services.records.tables.cases import Claim
from services.records.tables.transfers import TransferCheck, TransferStatement
from services.rules import transfers as rules
from services.rules.people import Role
from services.rules.refusals import Refused
from services.rules.transfers import Basis, ClaimKind

LONGEST_REASONS = 4000


async def _transfer(setting: Setting) -> tuple[Claim, TransferStatement]:
    """The open transfer that is named, with what was stated. Raises `Refused('claim_unknown')`."""
    stated = await transfers.statements(setting.session, setting.case.id)
    for claim in await documentation.open_claims(setting):
        if str(claim.id) == setting.body.claim and claim.kind is ClaimKind.TRANSFER and claim.id in stated:
            return claim, stated[claim.id]
    raise Refused("claim_unknown")


async def _may_check(setting: Setting) -> None:
    """Raises `Refused`: claim_unknown, malformed, reasons_missing, conflict_of_interest, separation_of_duties."""
    await _transfer(setting)
    body = setting.body
    if body.basis not in set(Basis):
        raise Refused("malformed", field="basis")
    if not body.reasons.strip():
        raise Refused("reasons_missing")
    wording.check("reasons", body.reasons, most=LONGEST_REASONS, lines=True)
    person = UUID(setting.command.actor)
    await independence.check(setting.session, case=setting.case, person=person, role=Role.ADVISOR)


async def _check(setting: Setting) -> Outcome:
    claim, stated = await _transfer(setting)
    body = setting.body
    row = TransferCheck(
        id=new_id(),
        case_id=setting.case.id,
        claim_id=claim.id,
        checked_by=UUID(setting.command.actor),
        issuer_holds=body.issuer_holds,
        date_holds=body.date_holds,
        equivalent=body.equivalent,
        basis=body.basis,
        reasons=body.reasons.strip(),
        evidence_id=stated.evidence_id,
        command_id=UUID(setting.command.id),
        checked_at=setting.now,
    )
    setting.session.add(row)
    await setting.session.flush()
    found = rules.settles_as(rules.Check(body.issuer_holds, body.date_holds, body.equivalent))
    return Outcome(result={"check": str(row.id)}, logged={"claim": str(claim.id), "check": str(row.id), "found": found})


async def every_transfer_checked(setting: Setting) -> None:
    """Raises `Refused('transfer_unchecked')` for the first open transfer that no check stands for."""
    checked = await transfers.checks(setting.session, setting.case.id)
    for claim in await documentation.open_claims(setting):
        if claim.kind is ClaimKind.TRANSFER and claim.id not in checked:
            raise Refused("transfer_unchecked", **documentation.competency_facts(setting.programme, claim.competency))


CONTENT = {"check_transfer": Content(_may_check, _check)}
