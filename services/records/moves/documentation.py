"""The portfolio is sent: every file ready, every claim shown by something, and the version frozen as it was."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import cases, fees, limits, portfolio, transfers, versions
from services.records.moves.content import Content, Outcome, Setting
from services.records.tables.cases import Case, Claim
from services.records.tables.evidence import EvidenceItem, Pointer
from services.rules.claims import OPEN_CLAIMS, ClaimState
from services.rules.evidence import EvidenceState
from services.rules.programmes import FormField, Programme
from services.rules.refusals import Refused
from services.rules.transfers import ClaimKind

READY = (EvidenceState.STORED, EvidenceState.UNSCANNED)
"""States of a file that an assessor may be shown; the second with a label."""


def competency_facts(programme: Programme, key: str) -> dict[str, str]:
    """The facts with which a refusal names a competency in both languages."""
    title = programme.competency(key).title
    return {"competency": key, "competency_en": title.en, "competency_fr": title.fr}


def unanswered(programme: Programme, answers: Mapping[str, str]) -> list[FormField]:
    """The questions of the portfolio form that must be answered and are not, in the form's order."""
    return [field for field in programme.form if field.required and not answers.get(field.key, "").strip()]


async def open_claims(setting: Setting) -> list[Claim]:
    """The claims that still ask for an answer."""
    return [claim for claim in await cases.claims_of(setting.session, setting.case.id) if claim.state in OPEN_CLAIMS]


async def claims_to_assess(setting: Setting) -> list[Claim]:
    """The open claims that somebody has to judge: all but the transfers."""
    return [claim for claim in await open_claims(setting) if claim.kind is ClaimKind.ASSESS]


async def _version_runs(setting: Setting) -> None:
    """Raises `Refused('version_ended')`."""
    if await versions.ended(setting.session, setting.case, now=setting.now):
        raise Refused("version_ended")


async def _may_submit(setting: Setting) -> None:
    """Raises `Refused`: authenticity_missing, ai_use_missing, or whatever the portfolio still lacks."""
    if not setting.body.authentic:
        raise Refused("authenticity_missing")
    if not setting.body.ai_use.strip():
        raise Refused("ai_use_missing")
    for refused in await missing_to_submit(
        setting.session, case=setting.case, programme=setting.programme, now=setting.now
    ):
        raise refused


async def missing_to_submit(session: AsyncSession, *, case: Case, programme: Programme, now: datetime) -> list[Refused]:
    """What the portfolio still lacks, all of it.

    Codes: version_ended, answers_required, evidence_unready, pointer_missing, and transfer_incomplete for what nobody
    will assess.
    """
    found = [Refused("version_ended")] if await versions.ended(session, case, now=now) else []
    found += [
        Refused("answers_required", question=one.key, question_en=one.label.en, question_fr=one.label.fr)
        for one in unanswered(programme, case.answers)
    ]
    unready = await session.exec(
        select(EvidenceItem.name)
        .where(
            col(EvidenceItem.case_id) == case.id,
            col(EvidenceItem.removed_at).is_(None),
            col(EvidenceItem.state).not_in(READY),
        )
        .order_by(col(EvidenceItem.id))
    )
    found += [Refused("evidence_unready", name=name) for name in unready]
    shown = await session.exec(
        select(Pointer.claim_id)
        .join(EvidenceItem, col(EvidenceItem.id) == col(Pointer.evidence_id))
        .where(col(Pointer.case_id) == case.id, col(EvidenceItem.removed_at).is_(None))
        .distinct()
    )
    stated = await transfers.statements(session, case.id)
    kept = await session.exec(
        select(EvidenceItem.id).where(col(EvidenceItem.case_id) == case.id, col(EvidenceItem.removed_at).is_(None))
    )
    files = set(kept)
    certified = {claim for claim, said in stated.items() if said.evidence_id in files}
    shown_by = {
        ClaimKind.ASSESS: ("pointer_missing", set(shown)),
        ClaimKind.TRANSFER: ("transfer_incomplete", certified),
    }
    return found + [
        Refused(code, **competency_facts(programme, claim.competency))
        for claim in await cases.claims_of(session, case.id)
        for code, complete in (shown_by[claim.kind],)
        if claim.state in OPEN_CLAIMS and claim.id not in complete
    ]


async def _submit(setting: Setting) -> Outcome:
    # How AI tools were used stays on the command's row, which the frozen version names.
    for claim in await open_claims(setting):
        claim.state = ClaimState.DOCUMENTED
    await setting.session.flush()
    await fees.for_competencies(
        setting.session,
        setting.case,
        setting.programme.policy,
        number=len(await claims_to_assess(setting)),
        command=setting.command.id,
        now=setting.now,
    )
    version = await portfolio.freeze(
        setting.session, case=setting.case, command_id=UUID(setting.command.id), now=setting.now
    )
    return Outcome(
        result={"portfolio_version": version.number, "sha256": version.sha256},
        logged={"portfolio_version": version.number, "sha256": version.sha256},
    )


async def _confirm(setting: Setting) -> Outcome:
    """The learner goes on: the time to the next confirmation begins anew, and so does that of idleness."""
    case = setting.case
    case.active_at = setting.now
    due = await limits.anew(
        setting.session, case=case, policy=setting.programme.policy, key="confirmation", now=setting.now
    )
    return Outcome(result={"due_at": due.isoformat()}, logged={"due_at": due.isoformat()})


CONTENT = {"submit_portfolio": Content(_may_submit, _submit, _version_runs), "confirm_case": Content(carry=_confirm)}
