"""What follows from a move: work to carry out once, and the mails that tell people, each under its own key."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import cases, clarity, confirmations
from services.records.moves.content import Outcome
from services.records.tables.assessment import Assignment, AssignmentClaim, FinalReading
from services.records.tables.attestations import AttestationRequest
from services.records.tables.cases import Case, CaseExclusion, CaseParty, Claim
from services.records.tables.commands import CommandRow, EffectRow, EffectState, LimitRow, Mail
from services.records.tables.decisions import Decision, DecisionKind
from services.records.tables.people import Person, PersonRole
from services.rules import limits as ladder
from services.rules.case import SEAT_ROLE, Lane, SeatKind, SeatState, Stage, WaitingOn
from services.rules.claims import OPEN_CLAIMS
from services.rules.ladders import Rung, To
from services.rules.moves.arrows import Move
from services.rules.people import Role
from services.rules.programmes import Programme

ANNOUNCED_AS: dict[DecisionKind, str] = {
    DecisionKind.RECOGNITION: "decided",
    DecisionKind.ELIGIBILITY_REFUSAL: "not_eligible",
    DecisionKind.REVOCATION: "credential_withdrawn",
    DecisionKind.SUSPENSION: "credential_suspended",
    DecisionKind.REINSTATEMENT: "credential_restored",
    DecisionKind.APPEAL: "appeal_ruled",
}
"""The mail that says that a decision can be read."""

WAITED_ON: dict[WaitingOn, To] = {
    WaitingOn.LEARNER: To.LEARNER,
    WaitingOn.ADVISOR: To.ADVISOR,
    WaitingOn.ASSESSOR: To.SEAT,
    WaitingOn.PANEL: To.PANEL,
    WaitingOn.DECISION_MAKER: To.DECISION_MAKER,
    WaitingOn.APPEAL_BODY: To.SEAT,
    WaitingOn.LEAD: To.LEAD,
}


async def queue(
    session: AsyncSession,
    *,
    case: Case,
    move: Move,
    outcome: Outcome,
    now: datetime,
) -> None:
    """Queue the move's effects in order, then its mails; `key` makes each of them happen once."""
    decision = outcome.decision.id if outcome.decision else None
    for step, work in enumerate(() if outcome.spares else move.effects):
        session.add(
            EffectRow(
                key=f"{case.id}:{case.version}:{work.activity}",
                case_id=case.id,
                seq=case.version,
                step=step,
                activity=work.activity,
                lane=work.lane,
                decision_id=decision,
                state=EffectState.PENDING,
                queued_at=now,
            )
        )
    for notice in move.notices:
        for person in await recipients(session, case=case, to=notice.to):
            # The case's date is that of whoever has the longest time: a reader is told of their own alone.
            own = await _due_of_seat(session, case=case, person=person, subject="") if notice.to is To.SEAT else None
            facts = {"due": own.isoformat()} if own else None
            await tell(session, case=case, notice=notice.kind, person=person, facts=facts, now=now)
    for told in outcome.told:
        await tell(session, case=case, notice=told.notice, person=told.person, facts=told.facts, now=now)
    await session.flush()


_QUEUED = select(EffectRow.key).where(col(EffectRow.key) == sa.bindparam("key", type_=sa.String()))


def _mail_key(case_id: UUID, occasion: str, notice: str, person: UUID) -> str:
    return f"{case_id}:{occasion}:send_notice:{notice}:{person}"


async def tell(
    session: AsyncSession,
    *,
    case: Case,
    notice: str,
    person: UUID,
    now: datetime,
    facts: dict[str, str] | None = None,
    occasion: str = "",
    limit: LimitRow | None = None,
) -> bool:
    """Queue one mail; the same notice to the same person on the same `occasion` (default: this version) goes once.

    Answers whether it was queued now. `limit` is what it reminds of.
    """
    key = _mail_key(case.id, occasion or str(case.version), notice, person)
    await session.flush()
    if (await session.exec(_QUEUED, params={"key": key})).first() is not None:
        return False
    due = {"due": case.due_at.isoformat()} if case.due_at else {}
    session.add(
        EffectRow(
            key=key,
            case_id=case.id,
            seq=case.version,
            step=100,
            activity="send_notice",
            lane=Lane.MAIL,
            notice=notice,
            recipient=person,
            limit_id=limit.id if limit else None,
            facts={"number": case.number, "zone": case.zone, **due, **(facts or {})},
            state=EffectState.PENDING,
            queued_at=now,
        )
    )
    return True


async def write_to(
    session: AsyncSession, *, case: Case, request: AttestationRequest, notice: str, rung: str, now: datetime
) -> bool:
    """Queue a mail with a link to the third party whom `request` asks, once a `rung` of each life of the link.

    Answers whether it was queued now. The link itself is made when the mail is sent: it is kept nowhere.
    """
    key = f"{case.id}:{request.id.hex}{request.period}:send_notice:{notice}:{rung}"
    if await session.get(EffectRow, key) is not None:
        return False
    due = {"due": request.expires_at.isoformat()} if request.expires_at else {}
    session.add(
        EffectRow(
            key=key,
            case_id=case.id,
            seq=case.version,
            step=100,
            activity="send_notice",
            lane=Lane.MAIL,
            notice=notice,
            attestation_id=request.id,
            facts={"zone": case.zone, **due},
            state=EffectState.PENDING,
            queued_at=now,
        )
    )
    await session.flush()
    return True


async def note(session: AsyncSession, mail: Mail, *, now: datetime) -> bool:
    """Note that the mail service took `mail`, and settle its effect; answers whether it is settled as done.

    Two attempts at one mail may both come here: the first note stands.
    """
    if await session.get(Mail, mail.effect_key) is None:
        mail.accepted_at = now
        session.add(mail)
    effect = await session.get_one(EffectRow, mail.effect_key)
    if effect.state is EffectState.PENDING:
        effect.state, effect.settled_at = EffectState.DONE, now
    return effect.state is EffectState.DONE


async def spare(session: AsyncSession, key: str) -> None:
    """Remember of a mail that nobody needs it any more; one that was sent stays one that was needed."""
    effect = await session.get_one(EffectRow, key)
    effect.needless = await session.get(Mail, key) is None
    await session.flush()


async def remind(
    session: AsyncSession,
    *,
    case: Case,
    row: CommandRow,
    rung: Rung,
    programme: Programme,
    limit: LimitRow,
    now: datetime,
) -> None:
    """Queue the mails of a rung of `limit` that fired; a seat's own date is told to its holder."""
    subject = ladder.subject_of(row.subject)
    for to in rung.to if rung.notice else ():
        if to is To.LEARNER and case.waiting_on is WaitingOn.THIRD_PARTY:
            continue  # who waits for somebody else's report is not reminded of it
        for person in await recipients(session, case=case, to=to, subject=subject):
            # Told of the date of the appointment, or of the answer that is asked for, and not of their seat's.
            seated = to not in (To.CONDUCTOR, To.RETURNED)
            own = await _due_of_seat(session, case=case, person=person, subject=subject) if seated else None
            facts = {"institution": programme.institution.slug, "due": (own or limit.due_at).isoformat()}
            await tell(
                session,
                case=case,
                notice=rung.notice,
                person=person,
                facts=facts,
                occasion=row.id.hex,
                limit=limit,
                now=now,
            )


async def tell_of_decision(session: AsyncSession, *, case: Case, effect: EffectRow, now: datetime) -> None:
    """Once a decision is published, tell the learner that the letter can be read."""
    decision = await session.get_one(Decision, effect.decision_id)
    await tell(
        session,
        case=case,
        notice=announced_as(decision),
        person=case.learner_id,
        facts={"due": decision.appeal_until.isoformat()},
        occasion=_occasion(decision),
        now=now,
    )


def _occasion(decision: Decision) -> str:
    return f"decision-{decision.case_version}"


def announcement(decision: Decision, *, learner: UUID) -> str:
    """The key of the mail that tells the learner that `decision` can be read."""
    return _mail_key(decision.case_id, _occasion(decision), announced_as(decision), learner)


async def undelivered(session: AsyncSession, *, case: Case, effect: EffectRow, now: datetime) -> None:
    """A mail to the learner came to nothing: whoever accompanies the case is told, to find them in another way."""
    if effect.notice and effect.recipient == case.learner_id:
        for person in await recipients(session, case=case, to=To.ADVISOR if case.advisor_id else To.LEAD):
            occasion = f"undelivered-{effect.seq}-{effect.notice}"
            await tell(session, case=case, notice="learner_unreachable", person=person, occasion=occasion, now=now)


def announced_as(decision: Decision) -> str:
    """The mail that says that `decision` can be read; one that an appeal body made is a ruling whatever it settles."""
    if "appeal" not in decision.facts:
        return ANNOUNCED_AS[decision.kind]
    return "appeal_ruled_finally" if "final" in decision.facts else ANNOUNCED_AS[DecisionKind.APPEAL]


async def recipients(session: AsyncSession, *, case: Case, to: To, subject: str = "") -> list[UUID]:
    """Who is meant by `to` on this case now; `subject` names a seat, or what was returned."""
    waited_on = to is To.WAITED_ON
    if waited_on:
        to = WAITED_ON.get(case.waiting_on, To.LEAD)
    if to is To.LEARNER:
        return [case.learner_id]
    if to is To.ADVISOR:
        return [case.advisor_id] if case.advisor_id else []
    if to is To.SEAT:
        unconfirmed = await confirmations.awaited(session, case.id) if waited_on else []
        return [*await _seats(session, case=case, subject=subject), *(seat.person_id for seat in unconfirmed)]
    if to is To.RETURNED:
        return await clarity.authors(session, case.id, subject=subject)
    if to in _SITTING:
        return await _SITTING[to](session, case)
    return await staff(session, case=case, role=Role.LEAD if to is To.LEAD else Role.DECISION_MAKER)


async def _seats(session: AsyncSession, *, case: Case, subject: str) -> list[UUID]:
    asked = select(Assignment.person_id).where(col(Assignment.case_id) == case.id).distinct()
    if subject:
        asked = asked.where(col(Assignment.id) == UUID(subject))
    else:
        asked = asked.where(col(Assignment.state) == SeatState.ACCEPTED)
    return list(await session.exec(asked))


async def _conductors(session: AsyncSession, case: Case) -> list[UUID]:
    """Who conducts the open appointment."""
    there = await cases.meeting(session, case)
    return [UUID(person) for person in there.people] if there else []


async def _panel(session: AsyncSession, case: Case) -> list[UUID]:
    """Whoever sits in the panel; once it has recorded what it found, its chair alone, who may have to sign."""
    asked = select(Assignment.person_id).where(
        col(Assignment.case_id) == case.id, col(Assignment.seat) == SeatKind.PANEL
    )
    if case.stage is Stage.DECISION_PENDING:
        asked = asked.where(col(Assignment.chair), col(Assignment.state) == SeatState.SUBMITTED)
    else:
        asked = asked.where(col(Assignment.state) == SeatState.ACCEPTED)
    return list(await session.exec(asked.order_by(col(Assignment.person_id)).distinct()))


async def _authors(session: AsyncSession, case: Case) -> list[UUID]:
    """Who read a claim of which no reading stands yet."""
    asked = (
        select(Assignment.person_id)
        .join(AssignmentClaim, col(AssignmentClaim.assignment_id) == col(Assignment.id))
        .join(Claim, col(Claim.id) == col(AssignmentClaim.claim_id))
        .outerjoin(FinalReading, col(FinalReading.claim_id) == col(Claim.id))
        .where(
            col(Assignment.case_id) == case.id,
            col(Assignment.state) == SeatState.SUBMITTED,
            col(Assignment.seat).in_([kind for kind, role in SEAT_ROLE.items() if role is Role.ASSESSOR]),
            col(Claim.state).in_(OPEN_CLAIMS),
            col(FinalReading.claim_id).is_(None),
        )
        .order_by(col(Assignment.person_id))
        .distinct()
    )
    return list(await session.exec(asked))


_SITTING: dict[To, Callable[[AsyncSession, Case], Awaitable[list[UUID]]]] = {
    To.CONDUCTOR: _conductors,
    To.AUTHORS: _authors,
    To.PANEL: _panel,
}
"""Some of those who hold seats, by what they do."""


async def _due_of_seat(session: AsyncSession, *, case: Case, person: UUID, subject: str) -> datetime | None:
    """By when `person` has to answer the offer `subject`, or to send what they judge; None without such a seat."""
    asked = select(Assignment).where(col(Assignment.case_id) == case.id, col(Assignment.person_id) == person)
    if subject:
        offered = (await session.exec(asked.where(col(Assignment.id) == UUID(subject)))).first()
        return offered.respond_by if offered else None
    held = await session.exec(asked.where(col(Assignment.state) == SeatState.ACCEPTED))
    return min((seat.due_at for seat in held if seat.due_at), default=None)


async def staff(session: AsyncSession, *, case: Case, role: Role) -> list[UUID]:
    """Everybody who holds `role` for this case's programme and is neither excluded nor a party in another role."""
    barred = select(CaseExclusion.person_id).where(col(CaseExclusion.case_id) == case.id)
    others = select(CaseParty.person_id).where(col(CaseParty.case_id) == case.id, col(CaseParty.role) != role)
    holders = await session.exec(
        select(PersonRole.person_id)
        .join(Person, col(Person.id) == col(PersonRole.person_id))
        .where(
            col(PersonRole.role) == role,
            col(PersonRole.ended_at).is_(None),
            col(PersonRole.institution_id) == case.institution_id,
            col(PersonRole.programme).is_(None) | (col(PersonRole.programme) == case.programme),
            col(Person.active),
            col(PersonRole.person_id).not_in(barred),
            col(PersonRole.person_id).not_in(others),
        )
        .order_by(col(PersonRole.person_id))
        .distinct()
    )
    return list(holders)
