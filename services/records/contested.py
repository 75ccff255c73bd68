"""What of a case can be contested, at which level, about which claims, and until when."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import appeals, decisions, lapses, receipts
from services.records.tables.appeals import Appeal
from services.records.tables.cases import Case, Claim
from services.records.tables.decisions import Decision, DecisionClaim, DecisionKind, Letter, LetterState
from services.rules import appeals as rules
from services.rules.appeals import Matter, Ruling
from services.rules.case import AppealState, ClosedAs, Stage
from services.rules.claims import ClaimState
from services.rules.programmes import Policy
from services.rules.refusals import Refused

MATTER: dict[DecisionKind, Matter] = {
    DecisionKind.RECOGNITION: Matter.RECOGNITION,
    DecisionKind.ELIGIBILITY_REFUSAL: Matter.ELIGIBILITY,
    DecisionKind.REVOCATION: Matter.REVOCATION,
    DecisionKind.SUSPENSION: Matter.SUSPENSION,
}
"""What is contested with each kind of first decision; a ruling is about what its appeal was about."""

AGAINST = (Ruling.DISMISSED, Ruling.INADMISSIBLE)
"""Rulings that leave something to contest at the next level."""

ABOUT_A_GRANT = frozenset({DecisionKind.SUSPENSION, DecisionKind.REINSTATEMENT, DecisionKind.REVOCATION})
"""Decisions about one grant: the newest of them says what became of it."""

STILL_OPEN: dict[Matter, ClaimState] = {
    Matter.RECOGNITION: ClaimState.NOT_YET,
    Matter.REVOCATION: ClaimState.REVOKED,
    Matter.SUSPENSION: ClaimState.SUSPENDED,
}
"""The state of a claim on which a review can still find for the learner."""


@dataclass(frozen=True, slots=True)
class Contested:
    """What an appeal is about. `decision` None: a lapse; `root`: the first decision; `until`: the window's end.

    `stopped`: the mail that announces the decision is undelivered, so that no time runs.
    """

    matter: Matter
    decision: Decision | None
    root: Decision | None
    level: int
    claims: tuple[Claim, ...]
    until: datetime
    stopped: bool = False


async def find(session: AsyncSession, *, case: Case, policy: Policy, decision: str = "") -> Contested:
    """What the learner contests with the decision of that id, or with the newest one that can be contested.

    Raises `Refused`: decision_unknown for what is not this case's, was replaced or found for the learner,
    letter_missing before its letter can be read, appeal_final at the last level, appeal_lodged when it was contested
    before, claims_missing where everything was recognised.
    """
    if not decision and await _lapsed(session, case):
        return Contested(Matter.LAPSE, None, None, 1, (), await _after_lapse(session, case=case, policy=policy))
    named = await _named(session, case=case, decision=decision)
    level = rules.level_for(named.role, levels=policy.appeal_levels)
    if level is None:
        raise Refused("appeal_final")
    before = await _lodged_on(session, named)
    if any(one.state is not AppealState.WITHDRAWN for one in before):
        raise Refused("appeal_lodged")
    about = await _ruled_on(session, named) if named.kind is DecisionKind.APPEAL else None
    matter = about.matter if about else MATTER[named.kind]
    root = await _root(session, named, about)
    claims = await _claims(session, matter=matter, root=root, about=about)
    if matter in STILL_OPEN and not claims:
        raise Refused("claims_missing")
    time = await window(session, case=case, policy=policy, decision=named)
    return Contested(matter, named, root, level, claims, time.until, time.stopped)


async def first(session: AsyncSession, *, case: Case, policy: Policy) -> Contested:
    """What can be contested: the newest decision, or an earlier one. Raises `Refused` for the newest where none can."""
    try:
        return await find(session, case=case, policy=policy)
    except Refused as newest:
        others = (await every(session, case=case, policy=policy))[:1]
        if others:
            return others[0]
        raise newest from None


async def every(session: AsyncSession, *, case: Case, policy: Policy) -> list[Contested]:
    """Everything that the learner can contest now, in time or late: a lapse, then decisions, the newest first."""
    found = []
    lapse = [""] if await _lapsed(session, case) else []
    rows = await session.exec(
        select(Decision.id).where(col(Decision.case_id) == case.id).order_by(col(Decision.case_version).desc())
    )
    for decision in [*lapse, *map(str, rows)]:
        try:
            found.append(await find(session, case=case, policy=policy, decision=decision))
        except Refused:
            continue
    return found


async def _lapsed(session: AsyncSession, case: Case) -> bool:
    """Whether the case lapsed and nobody has ruled on that yet; a draft is simply taken up again."""
    if case.closed_as is not ClosedAs.EXPIRED or case.closed_at is None or case.return_to is Stage.DRAFT:
        return False
    return not any(
        one.matter is Matter.LAPSE and one.lodged_at >= case.closed_at and one.state is not AppealState.WITHDRAWN
        for one in await appeals.of_case(session, case.id)
    )


async def _named(session: AsyncSession, *, case: Case, decision: str) -> Decision:
    rows = await session.exec(
        select(Decision).where(col(Decision.case_id) == case.id).order_by(col(Decision.case_version).desc())
    )
    found = list(rows)
    replaced = {one.supersedes_id for one in found}
    for one in found:
        standing = one.id not in replaced and not _ended(one, found) and (one.kind in MATTER or _lost(one))
        if standing and (not decision or str(one.id) == decision):
            if await first_letter(session, one) is None:
                raise Refused("letter_missing")
            return one
    raise Refused("decision_unknown")


def _ended(decision: Decision, every: list[Decision]) -> bool:
    """Whether a suspension has ended: by being lifted, for good, or by a later one of the same grant."""
    return decision.kind is DecisionKind.SUSPENSION and any(
        one.kind in ABOUT_A_GRANT
        and one.case_version > decision.case_version
        and one.facts["claim"] == decision.facts["claim"]
        for one in every
    )


def _lost(ruling: Decision) -> bool:
    return ruling.facts.get("ruling") in AGAINST


async def first_letter(session: AsyncSession, decision: Decision) -> Letter | None:
    """The letter of the decision that was opened first, or any of them; None before they can be read."""
    rows = await session.exec(
        select(Letter)
        .where(col(Letter.decision_id) == decision.id, col(Letter.state) == LetterState.RELEASED)
        .order_by(col(Letter.opened_at).is_(None), col(Letter.opened_at))
        .limit(1)
    )
    return rows.first()


async def _lodged_on(session: AsyncSession, decision: Decision) -> list[Appeal]:
    return list(await session.exec(select(Appeal).where(col(Appeal.decision_id) == decision.id)))


async def _ruled_on(session: AsyncSession, ruling: Decision) -> Appeal:
    """The appeal on which `ruling` was given."""
    return await session.get_one(Appeal, UUID(str(ruling.facts["appeal"])))


async def _root(session: AsyncSession, named: Decision, about: Appeal | None) -> Decision | None:
    """The first decision on the matter, as it stands now."""
    if about is None:
        return named
    root = await session.get(Decision, about.root_id) if about.root_id else None
    return await decisions.in_force(session, root) if root else None


async def _claims(
    session: AsyncSession, *, matter: Matter, root: Decision | None, about: Appeal | None
) -> tuple[Claim, ...]:
    """The claims on which the learner can still be found for; at the second level, those of the first."""
    if matter not in STILL_OPEN or root is None:
        return ()
    wanted = select(Claim).where(col(Claim.state) == STILL_OPEN[matter]).order_by(col(Claim.id))
    if matter is not Matter.RECOGNITION:
        wanted = wanted.where(col(Claim.id) == UUID(str(root.facts["claim"])))
    else:
        wanted = wanted.join(DecisionClaim, col(DecisionClaim.claim_id) == col(Claim.id)).where(
            col(DecisionClaim.decision_id) == root.id
        )
    found = list(await session.exec(wanted))
    if about is None:
        return tuple(found)
    before = {claim.id for claim in await appeals.contested_claims(session, about)}
    return tuple(claim for claim in found if claim.id in before)


async def _after_lapse(session: AsyncSession, *, case: Case, policy: Policy) -> datetime:
    """Until when an appeal against a lapse is in time: counted from the mail that told of it."""
    if case.closed_at is None:
        raise Refused("decision_unknown")
    # Where a lead was asked first, their answer is what is contested.
    upheld = [one.ruled_at for one in await lapses.of_case(session, case.id) if one.ruled_at]
    return rules.window_end(policy, sent=max([case.closed_at, *upheld]), opened=None, zone=case.zone)


@dataclass(frozen=True, slots=True)
class Window:
    """Until when an appeal is in time. `stopped`: no time runs now; `late`: it began after the date of the letter."""

    until: datetime
    stopped: bool
    late: bool


async def window(session: AsyncSession, *, case: Case, policy: Policy, decision: Decision) -> Window:
    """The time to appeal against `decision`, counted from the receipt of its letter."""
    sent = await receipts.of_decision(session, decision, learner=case.learner_id)
    until = rules.window_end(policy, sent=sent.at, opened=sent.opened, zone=case.zone, printed=decision.appeal_until)
    return Window(until, sent.stopped, sent.late)
