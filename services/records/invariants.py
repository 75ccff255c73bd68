"""What must always hold, asked of the whole database: by tests, after chaos, in the restore drill, by `acquis doctor`.

`invariants.sql` says what SQL can say; here stands what needs a hash, a programme or the table of moves.
"""

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import audit, judgements, panels, portfolio, programmes
from services.records.database import UtcDateTime
from services.records.tables.assessment import Assignment, Judgement
from services.records.tables.cases import Case, Claim, StageHistory
from services.records.tables.credentials import CredentialIntent
from services.records.tables.decisions import Decision, DecisionClaim
from services.records.tables.evidence import PortfolioVersion
from services.rules import stages
from services.rules.case import SeatState, Stage
from services.rules.claims import ClaimState, Rating, Rule, Verdict
from services.rules.moves import targets
from services.rules.people import Role
from services.rules.programmes import Policy

FILE = Path(__file__).with_name("invariants.sql")

PATIENCE = timedelta(minutes=10)
"""How long a command may wait while the house is open; none, once it is quiet."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A sentence that does not hold, and the ids of what breaks it."""

    number: int
    sentence: str
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """One sentence of `invariants.sql` with its query."""

    number: int
    sentence: str
    sql: str


@lru_cache(maxsize=1)
def queries() -> tuple[Query, ...]:
    """The sentences of `invariants.sql`, in its order."""
    found = re.findall(r"^-- (\d+): (.+)\n((?:(?!-- ).*\n?)+)", FILE.read_text(encoding="utf-8"), re.MULTILINE)
    return tuple(Query(int(number), sentence, sql.strip().rstrip(";")) for number, sentence, sql in found)


async def broken(session: AsyncSession, *, now: datetime, patience: timedelta = PATIENCE) -> list[Broken]:
    """Every sentence that does not hold at `now`, in order; `patience` is how long a command may wait."""
    found = [await _asked(session, query, oldest=now - patience) for query in queries()]
    found += [
        Broken(check.number, check.sentence, tuple(sorted([key async for key in check.ask(session)])))
        for check in CHECKS
    ]
    return sorted((one for one in found if one.ids), key=lambda one: one.number)


async def _asked(session: AsyncSession, query: Query, *, oldest: datetime) -> Broken:
    asked = sa.text(query.sql)
    if ":oldest" in query.sql:
        asked = asked.bindparams(sa.bindparam("oldest", oldest, type_=UtcDateTime()))
    rows = await (await session.connection()).execute(asked)
    return Broken(query.number, query.sentence, tuple(sorted(str(key) for (key,) in rows)))


async def _unfounded(session: AsyncSession) -> AsyncIterator[str]:
    rows = await session.exec(
        select(Judgement, Claim, Case, Assignment.state)
        .join(DecisionClaim, col(DecisionClaim.judgement_id) == col(Judgement.id))
        .join(Claim, col(Claim.id) == col(DecisionClaim.claim_id))
        .join(Case, col(Case.id) == col(Claim.case_id))
        .join(Assignment, col(Assignment.id) == col(Judgement.assignment_id))
        .where(col(DecisionClaim.outcome) == ClaimState.GRANTED)
    )
    for judgement, claim, case, seat in rows:
        programme = await programmes.of_case(session, case)
        competency = programme.competency(claim.competency)
        then = judgement.locked_at or judgement.updated_at
        carried = await judgements.carried(session, claim, programme.policy, then)
        met = {one["criterion"] for one in judgement.content["ratings"] if one["rating"] == Rating.MET}
        holding = {one["rule"] for one in judgement.content["rules"] if one["verdict"] == Verdict.OK}
        stands = SeatState(seat) in judgements.STANDING
        proven = holding >= {Rule.VALID, Rule.SUFFICIENT, Rule.AUTHENTIC}
        if not (stands and proven and competency.mandatory <= met | carried):
            yield str(claim.id)
    async for claim_id in _not_found_by_anybody(session):
        yield claim_id


async def _past_the_panel(session: AsyncSession) -> AsyncIterator[str]:
    """Claims settled without a panel where the policy asks for one: that of the first decision which confirmed them.

    A later decision that repeats it is taken under a policy of its own, which asked for nothing at the time.
    """
    rows = await session.exec(
        select(DecisionClaim.claim_id, DecisionClaim.judgement_id, Decision)
        .join(Decision, col(Decision.id) == col(DecisionClaim.decision_id))
        .join(Judgement, col(Judgement.id) == col(DecisionClaim.judgement_id))
        .where(col(Judgement.role) == Role.ASSESSOR)
        .order_by(col(Decision.case_version).desc())
    )
    versions = await _versions(session)
    for claim_id, decision in {judgement: (claim, decision) for claim, judgement, decision in rows}.values():
        policy = await _taken_under(session, decision, versions)
        if panels.required(policy) or policy.readers_per_claim == 0:
            yield str(claim_id)


async def _signed_by_a_panel(session: AsyncSession) -> AsyncIterator[str]:
    """Decisions that a panel's chair signed where the policy leaves them to the registrar."""
    rows = await session.exec(select(Decision).where(col(Decision.role) == Role.PANEL))
    versions = await _versions(session)
    for decision in rows:
        if (await _taken_under(session, decision, versions)).decision_by != "panel":
            yield str(decision.id)


Versions = dict[tuple[str, int], UUID]
"""Every version of every programme, by slug and number."""


async def _versions(session: AsyncSession) -> Versions:
    return {(version.slug, version.version): version.id for version in await programmes.every_version(session)}


async def _taken_under(session: AsyncSession, decision: Decision, versions: Versions) -> Policy:
    """The policy of the version that the decision names, whatever its case is pinned to by now."""
    named = decision.facts["programme"], int(decision.facts["programme_version"])
    return (await programmes.read(session, versions[named])).policy


async def _not_found_by_anybody(session: AsyncSession) -> AsyncIterator[str]:
    """Claims whose credential states a level that no standing judgement found: what was voided is not attested."""
    rows = await session.exec(
        select(CredentialIntent.claim_id, CredentialIntent.document)
        .join(DecisionClaim, col(DecisionClaim.claim_id) == col(CredentialIntent.claim_id))
        .where(col(DecisionClaim.decision_id) == col(CredentialIntent.decision_id))
    )
    for claim_id, document in list(rows):
        found = await session.exec(
            select(Judgement)
            .join(Assignment, col(Assignment.id) == col(Judgement.assignment_id))
            .where(
                col(Judgement.claim_id) == claim_id,
                col(Judgement.locked_at).is_not(None),
                col(Assignment.state).in_(judgements.STANDING),
            )
        )
        levels = {f"level-{judgements.read(row).level}" for row in found}
        results = document.get("credentialSubject", {}).get("result", [])
        stated = {one["achievedLevel"].rpartition("#")[2] for one in results if "achievedLevel" in one}
        if stated - levels:
            yield str(claim_id)


async def _off_the_table(session: AsyncSession) -> AsyncIterator[str]:
    rows = await session.exec(
        select(StageHistory.move, StageHistory.from_stage, StageHistory.to_stage, StageHistory.command_id)
    )
    for move, source, target, command_id in rows:
        if not on_the_table(move, Stage(source), Stage(target)):
            yield str(command_id)


def on_the_table(name: str, source: Stage, target: Stage) -> bool:
    """Whether the table of moves can lead from `source` to `target` by the move `name`."""
    move = stages.MOVE.get(name)
    if move is None or source not in move.sources:
        return False
    if isinstance(move.target, Stage):
        return target is move.target
    return target in targets.reached_from(source, move.target)


async def _other_manifest(session: AsyncSession) -> AsyncIterator[str]:
    for version in await session.exec(select(PortfolioVersion)):
        if not portfolio.verify(version):
            yield f"{version.case_id}#{version.number}"


async def _chain(session: AsyncSession) -> AsyncIterator[str]:
    for line in await audit.broken(session):
        yield line


async def _valid_too_early(session: AsyncSession) -> AsyncIterator[str]:
    rows = await session.exec(
        select(CredentialIntent.id, CredentialIntent.document, CredentialIntent.reserved_at, Decision.decided_at).join(
            Decision, col(Decision.id) == col(CredentialIntent.decision_id)
        )
    )
    for key, document, reserved_at, decided_at in rows:
        valid_from = datetime.fromisoformat(document["validFrom"])
        # Documents count in whole seconds, rows in microseconds.
        if not decided_at.replace(microsecond=0) <= valid_from <= reserved_at:
            yield str(key)


@dataclass(frozen=True, slots=True)
class Check:
    """One sentence that SQL cannot say."""

    number: int
    sentence: str
    ask: Callable[[AsyncSession], AsyncIterator[str]]


CHECKS = (
    Check(2, "A panel's chair signs only where the policy says so.", _signed_by_a_panel),
    Check(
        8, "Every granted claim met each mandatory criterion with valid, sufficient, authentic evidence.", _unfounded
    ),
    Check(9, "Where the policy asks for a panel, what was decided is what a panel found.", _past_the_panel),
    Check(11, "Every line of history is a move of the table.", _off_the_table),
    Check(17, "A portfolio version's hash is the hash of its manifest.", _other_manifest),
    Check(19, "Every line of the log has the hash of what it says.", _chain),
    Check(
        23, "A credential is valid from the decision on, and never from later than its reservation.", _valid_too_early
    ),
)
