"""Small makers of rows, each with everything it leans on: a test names what it is about and nothing else.

What they leave in the database keeps every invariant, so that a test can break exactly one.
"""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import audit, judgements, letters, programmes
from services.records.ids import new_id
from services.records.tables.assessment import Assignment, AssignmentClaim, FinalReading, Judgement, Standing
from services.records.tables.cases import Case, CaseExclusion, CaseParty, Claim, StageHistory
from services.records.tables.commands import CommandRow, CommandStatus
from services.records.tables.credentials import Credential, CredentialIntent, CredentialState, StatusList
from services.records.tables.decisions import Decision, DecisionClaim, DecisionKind, Letter, LetterState
from services.records.tables.evidence import EvidenceItem, Pointer
from services.records.tables.people import Person, PersonRole
from services.records.tables.programmes import ProgrammeVersion
from services.rules import programme_files, stages
from services.rules.case import SEAT_ROLE, SeatKind, SeatState, Stage, WaitingOn
from services.rules.claims import ClaimState, Recommendation
from services.rules.evidence import EvidenceState
from services.rules.people import Role
from services.rules.programmes import Programme

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
"""A Monday, ten in the morning in Quebec."""

INSTITUTION = "college-exemple"
COMPETENCIES = ("first", "second", "third")

_NUMBERS = itertools.count(1)

PARTY_SEATS = frozenset({SeatState.ACCEPTED, SeatState.SUBMITTED, SeatState.FINAL, SeatState.DISMISSED})
"""States of a seat that somebody has sat in."""


Row = TypeVar("Row", bound=SQLModel)


async def stored(session: AsyncSession, row: Row) -> Row:
    """`row`, written in the caller's transaction."""
    session.add(row)
    await session.flush()
    return row


@lru_cache(maxsize=1)
def programme() -> Programme:
    """The sample programme: three competencies of three criteria, of which two are mandatory."""
    return programme_files.read_one(Path(__file__).with_name("sample-programme.toml"))


def with_policy(*, version: int = 2, **values: object) -> Programme:
    """The sample programme with another policy, as its next version."""
    sample = programme()
    return replace(sample, version=version, policy=replace(sample.policy, **values))  # type: ignore[arg-type]  # keys


_FINGERPRINTS: dict[int, tuple[Programme, str]] = {}
"""By the identity of a programme, which is kept with it. Nearly every maker asks, and to reckon one takes a while."""


def _fingerprint(of: Programme) -> str:
    if id(of) not in _FINGERPRINTS:
        _FINGERPRINTS[id(of)] = of, programme_files.fingerprint(of)
    return _FINGERPRINTS[id(of)][1]


async def published(session: AsyncSession, sample: Programme | None = None) -> ProgrammeVersion:
    """The published version of `sample`, once however often it is asked for."""
    wanted = sample or programme()
    same = select(ProgrammeVersion).where(
        col(ProgrammeVersion.slug) == wanted.slug,
        col(ProgrammeVersion.version) == wanted.version,
        col(ProgrammeVersion.fingerprint) == _fingerprint(wanted),
    )
    return (await session.exec(same)).first() or await programmes.publish(session, wanted, actor="test", now=NOW)


async def person(session: AsyncSession, *, name: str = "Sample Person", **fields: object) -> Person:
    """An account."""
    number = next(_NUMBERS)
    values: dict[str, Any] = {"email": f"sample.person.{number}@example.org", "language": "en", "created_at": NOW}
    return await stored(session, Person(id=new_id(), name=f"{name} {number}", **(values | fields)))


async def role(
    session: AsyncSession,
    holder: Person,
    kind: Role,
    *,
    programme: str | None = None,
    institution: str = INSTITUTION,
) -> PersonRole:
    """A role at the institution, for one programme or for all."""
    await published(session)
    return await stored(
        session,
        PersonRole(
            id=new_id(),
            person_id=holder.id,
            role=kind,
            institution_id=institution,
            programme=programme,
            granted_at=NOW,
        ),
    )


async def staff(session: AsyncSession, kind: Role, *, programme: str | None = None) -> Person:
    """A person who holds the role `kind`."""
    holder = await person(session, name=f"Sample {kind.value.replace('_', ' ').title()}")
    await role(session, holder, kind, programme=programme)
    return holder


async def case(
    session: AsyncSession,
    *,
    stage: Stage = Stage.DRAFT,
    learner: Person | None = None,
    advisor: Person | None = None,
    competencies: tuple[str, ...] = ("first",),
    claims_are: ClaimState = ClaimState.CLAIMED,
    sample: Programme | None = None,
    **fields: object,
) -> Case:
    """A case that stands in `stage`, with its learner and advisor as parties and a claim per competency."""
    version = await published(session, sample)
    owner = learner or await person(session, name="Sample Learner")
    facts = stages.STAGES[stage]
    values: dict[str, Any] = {
        "number": f"S-2026-{next(_NUMBERS):07}",
        "institution_id": version.institution_id,
        "programme": version.slug,
        "programme_version_id": version.id,
        "learner_id": owner.id,
        "advisor_id": advisor.id if advisor else None,
        "language": owner.language,
        "purpose": "upskill",
        "zone": "America/Montreal",
        "stage": stage,
        "waiting_on": facts.waiting_on,
        "clock": facts.clock,
        "created_at": NOW,
        "active_at": NOW,
        "answers": {"work": "Sample work, every day"},
    }
    row = await stored(session, Case(id=new_id(), **(values | fields)))
    await party(session, row, owner, Role.LEARNER)
    if advisor:
        await party(session, row, advisor, Role.ADVISOR)
    for competency in competencies:
        await claim(session, row, competency, state=claims_are)
    return row


async def claim(
    session: AsyncSession, of: Case, competency: str, *, state: ClaimState = ClaimState.CLAIMED, **fields: object
) -> Claim:
    """One claim of the case."""
    values: dict[str, Any] = {"state": state, "competency_key": f"{of.programme}/{competency}"}
    return await stored(
        session,
        Claim(
            id=new_id(),
            case_id=of.id,
            learner_id=of.learner_id,
            competency=competency,
            **(values | fields),
        ),
    )


async def claims(session: AsyncSession, of: Case) -> list[Claim]:
    """The case's claims, in the order in which they were made."""
    return list(await session.exec(select(Claim).where(col(Claim.case_id) == of.id).order_by(col(Claim.id))))


async def party(session: AsyncSession, of: Case, who: Person, kind: Role) -> CaseParty:
    """Make `who` a party of the case; whoever is one already stays what they are."""
    known = await session.get(CaseParty, (of.id, who.id))
    return known or await stored(session, CaseParty(case_id=of.id, person_id=who.id, role=kind, since=NOW))


async def exclude(session: AsyncSession, of: Case, who: Person) -> CaseExclusion:
    """Bar `who` from the case."""
    return await stored(
        session,
        CaseExclusion(case_id=of.id, person_id=who.id, tie="family_household", declared=True, at=NOW),
    )


async def seat(
    session: AsyncSession,
    of: Case,
    who: Person,
    *,
    state: SeatState = SeatState.ACCEPTED,
    due_at: datetime | None = None,
    claimed: list[Claim] | None = None,
    kind: SeatKind = SeatKind.FIRST,
) -> Assignment:
    """An offer or assignment over `claimed` (all claims of the case unless said); who sat in it is a party."""
    if state in PARTY_SEATS:
        await party(session, of, who, SEAT_ROLE[kind])
    row = await stored(
        session,
        Assignment(
            id=new_id(),
            case_id=of.id,
            person_id=who.id,
            seat=kind,
            state=state,
            offered_at=NOW,
            respond_by=NOW + timedelta(days=7),
            due_at=due_at,
        ),
    )
    for one in claimed if claimed is not None else await claims(session, of):
        await stored(session, AssignmentClaim(assignment_id=row.id, claim_id=one.id))
    return row


async def evidence(session: AsyncSession, of: Case, *points_at: Claim, **fields: object) -> EvidenceItem:
    """A file of the case that points at the claims named."""
    values: dict[str, Any] = {
        "name": "sample.pdf",
        "file_kind": "pdf",
        "media_type": "application/pdf",
        "size": 4,
        "sha256": sha256(b"file").hexdigest(),
        "state": EvidenceState.UNSCANNED,
        "kind": "work_product",
        "received_at": NOW,
        "uploaded_by": of.learner_id,
    }
    item = await stored(session, EvidenceItem(id=new_id(), case_id=of.id, **(values | fields)))
    for one in points_at:
        await stored(session, Pointer(id=new_id(), case_id=of.id, evidence_id=item.id, claim_id=one.id))
    return item


async def command(
    session: AsyncSession, of: Case, kind: str, *, actor: UUID | str, role: Role, **fields: object
) -> CommandRow:
    """A command that waits in the inbox."""
    values: dict[str, Any] = {"status": CommandStatus.PENDING, "received_at": NOW, "fingerprint": f"{uuid4().hex:0>64}"}
    return await stored(
        session,
        CommandRow(
            id=new_id(),
            case_id=of.id,
            kind=kind,
            actor=str(actor),
            role=role,
            expected_version=of.version,
            **(values | fields),
        ),
    )


async def applied(
    session: AsyncSession, of: Case, kind: str, *, actor: UUID | str, role: Role, to: Stage | None = None
) -> CommandRow:
    """A command that led the case to stage `to` (where it is, unless said), with its history and its audit line."""
    previous, of.stage, of.version = of.stage, to or of.stage, of.version + 1
    row = await command(
        session,
        of,
        kind,
        actor=actor,
        role=role,
        status=CommandStatus.APPLIED,
        version=of.version,
        result={"version": of.version},
        settled_at=NOW,
    )
    await stored(
        session,
        StageHistory(
            case_id=of.id,
            version=of.version,
            command_id=row.id,
            move=kind,
            from_stage=previous,
            to_stage=of.stage,
            at=NOW,
        ),
    )
    await audit.log(
        session, stream=f"case:{of.id}", actor=str(actor), action="command_applied", subject=str(row.id), now=NOW
    )
    return row


def finding(recommendation: Recommendation = Recommendation.MET, **fields: object) -> dict[str, Any]:
    """What an assessor wrote for a claim of the sample programme, as stored."""
    met = recommendation is Recommendation.MET
    return {
        "ratings": [
            {"criterion": key, "rating": "met" if met else "not_yet", "note": "", "pointers": [], "methods": []}
            for key in ("a", "b", "c")
        ],
        "rules": [
            {"rule": rule, "verdict": "ok", "note": ""} for rule in ("valid", "sufficient", "authentic", "current")
        ],
        "methods": ["portfolio"],
        "rationale": "The photos show each step, done safely and in the right order.",
        "recommendation": recommendation.value,
        "confidence": "high",
        "supervision": "none",
        "identification": "none",
        "learning_setting": "informal",
        "private_note": "",
        "level": 3,
    } | fields


async def judgement(
    session: AsyncSession,
    of: Assignment,
    on: Claim,
    *,
    locked_by: CommandRow | None = None,
    recommendation: Recommendation = Recommendation.MET,
    at: datetime = NOW,
) -> Judgement:
    """A draft, or with `locked_by` a submitted judgement, which stands unless another of its claim does."""
    row = await stored(
        session,
        Judgement(
            id=new_id(),
            case_id=of.case_id,
            claim_id=on.id,
            assignment_id=of.id,
            assessor_id=of.person_id,
            portfolio_version=1,
            content=finding(recommendation),
            recommendation=recommendation if locked_by else None,
            updated_at=at,
            locked_at=at if locked_by else None,
            command_id=locked_by.id if locked_by else None,
        ),
    )
    if locked_by and await session.get(FinalReading, on.id) is None:
        await judgements.stand(session, row, standing=Standing.SINGLE, command_id=locked_by.id, now=at)
    return row


async def decision(
    session: AsyncSession,
    of: Case,
    by: CommandRow,
    *,
    kind: DecisionKind = DecisionKind.RECOGNITION,
    settles: dict[UUID, tuple[ClaimState, UUID | None]] | None = None,
    facts: dict[str, str] | None = None,
    **fields: object,
) -> Decision:
    """A decision by the sender of `by`; `settles` says per claim how, and by which judgement."""
    decider = await session.get_one(Person, UUID(by.actor))
    await party(session, of, decider, Role.DECISION_MAKER)
    under = await session.get_one(ProgrammeVersion, of.programme_version_id)
    named = {"programme": under.slug, "programme_version": str(under.version)}
    values: dict[str, Any] = {"appeal_until": NOW + timedelta(days=40), "decided_at": NOW, "capacity": "Registrar"}
    row = await stored(
        session,
        Decision(
            id=new_id(),
            case_id=of.id,
            kind=kind,
            decided_by=decider.id,
            command_id=by.id,
            case_version=of.version,
            facts=named | (facts or {}),
            **(values | fields),
        ),
    )
    for claim_id, (outcome, judged) in (settles or {}).items():
        await stored(
            session,
            DecisionClaim(decision_id=row.id, claim_id=claim_id, outcome=outcome, judgement_id=judged),
        )
    return row


async def letter(session: AsyncSession, of: Decision, *, language: str = "en") -> Letter:
    """The decision's letter, released."""
    return await stored(
        session,
        Letter(
            id=new_id(),
            case_id=of.case_id,
            decision_id=of.id,
            number=f"L-2026-{next(_NUMBERS):07}",
            kind="decision",
            language=language,
            sha256=sha256(b"letter").hexdigest(),
            size=6,
            state=LetterState.RELEASED,
            drafted_at=NOW,
            released_at=NOW,
        ),
    )


async def intent(session: AsyncSession, of: Decision, on: Claim, **fields: object) -> CredentialIntent:
    """The unsigned document that a credential of `on` will be signed from."""
    status_list = await session.get(StatusList, 1)
    if status_list is None:
        await stored(session, StatusList(id=1, issuer="did:web:example.org"))
    number = next(_NUMBERS)
    values: dict[str, Any] = {"id": uuid4(), "status_list_id": 1, "status_index": number, "reserved_at": NOW}
    return await stored(
        session,
        CredentialIntent(
            **(values | fields),
            effect_key=f"{of.case_id}:{of.case_version}:reserve_issuance",
            case_id=of.case_id,
            claim_id=on.id,
            decision_id=of.id,
            code=f"S{number:011}",
            key_id="did:web:example.org#sample",
            document={"type": ["VerifiableCredential"], "validFrom": of.decided_at.isoformat()},
            options={"created": of.decided_at.isoformat()},
            hash_data=sha256(str(number).encode()).hexdigest() * 2,
        ),
    )


async def credential(session: AsyncSession, reserved: CredentialIntent, **fields: object) -> Credential:
    """The credential signed from `reserved`, published."""
    document = '{"type": ["VerifiableCredential"]}'
    values: dict[str, Any] = {"state": CredentialState.ACTIVE, "signed_at": NOW, "published_at": NOW}
    return await stored(
        session,
        Credential(
            id=reserved.id,
            case_id=reserved.case_id,
            claim_id=reserved.claim_id,
            decision_id=reserved.decision_id,
            code=reserved.code,
            document=document,
            document_sha256=sha256(document.encode()).hexdigest(),
            **(values | fields),
        ),
    )


async def decided(session: AsyncSession, *, learner: Person | None = None) -> Case:
    """A case that was judged, decided and granted: one claim, one assessor, one credential, its letters."""
    judged = await case(session, stage=Stage.IN_ASSESSMENT, learner=learner, waiting_on=WaitingOn.ASSESSOR)
    (held,) = await claims(session, judged)
    await evidence(session, judged, held)
    assessor, decider = await staff(session, Role.ASSESSOR), await staff(session, Role.DECISION_MAKER)
    sat = await seat(session, judged, assessor, state=SeatState.FINAL)
    sent = await applied(
        session,
        judged,
        "submit_judgements",
        actor=assessor.id,
        role=Role.ASSESSOR,
        to=Stage.DECISION_PENDING,
    )
    found = await judgement(session, sat, held, locked_by=sent)
    asked = await applied(session, judged, "decide", actor=decider.id, role=Role.DECISION_MAKER, to=Stage.ISSUING)
    made = await decision(session, judged, asked, settles={held.id: (ClaimState.GRANTED, found.id)})
    await credential(session, await intent(session, made, held))
    for language in letters.LANGUAGES:
        await letter(session, made, language=language)
    held.state, held.grant_active = ClaimState.CREDENTIALED, True
    await applied(session, judged, "published", actor="clock", role=Role.CLOCK, to=Stage.DECIDED)
    judged.waiting_on, judged.outcome = WaitingOn.NONE, "granted_full"
    judged.decided_at, judged.appeal_until = made.decided_at, made.appeal_until
    await session.flush()
    return judged


async def read_by(
    session: AsyncSession, of: Case, *readers: tuple[Person, SeatKind, dict[str, Recommendation]], at: datetime = NOW
) -> None:
    """Originals on the case's claims, locked at `at`: by whom, in which kind of seat, and what of which competency."""
    by_key = {one.competency: one for one in await claims(session, of)}
    for who, kind, said in readers:
        judged = [by_key[key] for key in said]
        sat = await seat(session, of, who, state=SeatState.SUBMITTED, claimed=judged, kind=kind)
        sent = await applied(session, of, "submit_judgements", actor=who.id, role=Role.ASSESSOR)
        for key, recommendation in said.items():
            found = await judgement(session, sat, by_key[key], locked_by=sent, recommendation=recommendation, at=at)
            assert found.locked_at == at
