"""Whom a learner names to say what they saw, and whom an assessor proposes: asked with the learner's consent alone.

Source: case design, section 8.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import attestations, cases, effects, wording
from services.records.attestations import end, get, log, of_case, over, reach
from services.records.ids import new_id
from services.records.tables.assessment import Assignment, AssignmentClaim
from services.records.tables.attestations import AttestationRequest
from services.records.tables.cases import Case, Consent
from services.records.tables.people import Person
from services.records.ties import JUDGING
from services.rules import attestations as rules
from services.rules.attestations import UNANSWERED, Relation, RequestState
from services.rules.refusals import Refused

ASKED_AGAIN = frozenset({RequestState.PROPOSED, RequestState.CANCELLED, RequestState.UNDELIVERED, RequestState.EXPIRED})
"""States of a request that do not keep the same person from being asked anew."""


class Step(Protocol):
    """What a learner does with a request that is theirs."""

    async def __call__(
        self, session: AsyncSession, *, case_id: UUID, request_id: UUID, now: datetime
    ) -> AttestationRequest: ...


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody who is to be asked about `claims`, in `language` (`en` or `fr`): by mail, or at `phone` without one."""

    name: str
    organisation: str
    relation: Relation
    email: str
    language: str
    claims: tuple[UUID, ...]
    phone: str = ""


async def ask(
    session: AsyncSession, *, case_id: UUID, learner: UUID, named: Named, consent: str, now: datetime
) -> AttestationRequest:
    """Ask somebody whom the learner names; `consent` is the version of the text that the learner agreed to.

    Raises `Refused`: not_found, portfolio_locked, consent_missing, malformed, claim_unknown, already_asked,
    referee_barred, requests_full.
    """
    case = await _askable(session, case_id)
    _check(named)
    await _check_address(session, case=case, address=named.email, phone=named.phone)
    row = await _written(session, case=case, asker=learner, named=named, now=now)
    await _open(session, case=case, row=row, consent=consent, now=now)
    return row


async def propose(
    session: AsyncSession, *, case_id: UUID, assessor: UUID, named: Named, now: datetime
) -> AttestationRequest:
    """Name somebody as an assessor, for claims of the own seat: nobody is written to before the learner agrees.

    The address may be left to the learner. Raises `Refused`: not_found, portfolio_locked, malformed, claim_unknown,
    requests_full.
    """
    case = await _askable(session, case_id)
    _check(named, address_needed=False)
    rows = await session.exec(
        select(AssignmentClaim.claim_id)
        .join(Assignment, col(Assignment.id) == col(AssignmentClaim.assignment_id))
        .where(
            col(Assignment.case_id) == case_id,
            col(Assignment.person_id) == assessor,
            col(Assignment.state).in_(sorted(JUDGING)),
        )
    )
    if not set(named.claims) <= set(rows):
        raise Refused("claim_unknown")
    row = await _written(session, case=case, asker=assessor, named=named, now=now)
    await effects.tell(
        session, case=case, notice="attestation_proposed", person=case.learner_id, now=now, occasion=row.id.hex
    )
    return row


async def agree(
    session: AsyncSession, *, case_id: UUID, request_id: UUID, consent: str, email: str | None, now: datetime
) -> AttestationRequest:
    """The learner agrees that somebody whom an assessor proposed is written to, at `email` where the learner knows it.

    Raises `Refused`: not_found, portfolio_locked, request_settled, consent_missing, malformed, already_asked,
    referee_barred.
    """
    case = await _askable(session, case_id)
    row = await get(session, case_id=case_id, request_id=request_id)
    if row.state is not RequestState.PROPOSED:
        raise Refused("request_settled")
    address = _plain(email or row.email)
    phone = "" if address else row.phone
    if not phone:
        check_email(address)
    await _check_address(session, case=case, address=address, phone=phone)
    row.email, row.phone = address, phone
    await _open(session, case=case, row=row, consent=consent, now=now)
    return row


async def remind(session: AsyncSession, *, case_id: UUID, request_id: UUID, now: datetime) -> AttestationRequest:
    """Have the person reminded, at most once a week. Raises `Refused`: not_found, request_settled, reminded_lately."""
    case = await cases.get(session, case_id, lock=True)
    row = await get(session, case_id=case_id, request_id=request_id)
    if row.state is not RequestState.OPEN or row.opened_at is None or over(row, now):
        raise Refused("request_settled")
    if now - (row.reminded_at or row.opened_at) < rules.REMIND_EVERY:
        raise Refused("reminded_lately")
    row.reminded_at = now
    await reach(session, case=case, row=row, notice="attestation_reminder", rung=now.date().isoformat(), now=now)
    await log(session, row, action="attestation_reminded", actor=case.learner_id, now=now)
    return row


async def renew(session: AsyncSession, *, case_id: UUID, request_id: UUID, now: datetime) -> AttestationRequest:
    """Give the person another thirty days and a new link, once; the link that went before opens nothing any more.

    Raises `Refused`: not_found, portfolio_locked, request_settled, renewal_used.
    """
    case = await _askable(session, case_id)
    row = await get(session, case_id=case_id, request_id=request_id)
    if row.state not in {RequestState.OPEN, RequestState.EXPIRED}:
        raise Refused("request_settled")
    if row.period > rules.RENEWALS:
        raise Refused("renewal_used")
    row.state, row.ended_at = RequestState.OPEN, None
    row.period += 1
    row.opened_at, row.expires_at, row.reminded_at = now, now + rules.LIFE, None
    await reach(session, case=case, row=row, notice="attestation_renewed", rung="asked", now=now)
    await log(session, row, action="attestation_renewed", actor=case.learner_id, now=now)
    return row


async def cancel(session: AsyncSession, *, case_id: UUID, request_id: UUID, now: datetime) -> AttestationRequest:
    """Take a request back, and the consent with it: no mail leaves from now on. Raises: not_found, request_settled."""
    case = await cases.get(session, case_id, lock=True)
    row = await get(session, case_id=case_id, request_id=request_id)
    if row.state not in UNANSWERED:
        raise Refused("request_settled")
    await end(session, row, state=RequestState.CANCELLED, now=now)
    await log(session, row, action="attestation_cancelled", actor=case.learner_id, now=now)
    return row


async def _askable(session: AsyncSession, case_id: UUID) -> Case:
    """Raises `Refused`: not_found, portfolio_locked once what somebody says could no longer be weighed."""
    case = await cases.get(session, case_id, lock=True)
    if case.stage not in rules.ASKABLE:
        raise Refused("portfolio_locked")
    return case


async def _written(
    session: AsyncSession, *, case: Case, asker: UUID, named: Named, now: datetime
) -> AttestationRequest:
    """Raises `Refused`: claim_unknown, requests_full."""
    earlier = await of_case(session, case.id)
    if len(earlier) >= rules.MOST_IN_ALL or len([one for one in earlier if one.state in UNANSWERED]) >= rules.MOST_OPEN:
        raise Refused("requests_full")
    row = AttestationRequest(
        id=new_id(),
        case_id=case.id,
        asked_by=asker,
        name=named.name.strip(),
        organisation=named.organisation.strip(),
        relation=named.relation,
        email=_plain(named.email),
        phone=rules.plain_number(named.phone) if named.phone else "",
        language=named.language,
        state=RequestState.PROPOSED,
        asked_at=now,
    )
    session.add(row)
    await session.flush()
    await attestations.about(session, case=case, request=row, claims=named.claims)
    await log(session, row, action="attestation_named", actor=asker, now=now)
    return row


async def _open(session: AsyncSession, *, case: Case, row: AttestationRequest, consent: str, now: datetime) -> None:
    """Keep the consent, and write to the person. Raises `Refused('consent_missing')`."""
    if consent not in rules.CONSENTS:
        raise Refused("consent_missing")
    given = Consent(
        id=new_id(),
        case_id=case.id,
        person_id=case.learner_id,
        purpose=rules.PURPOSE,
        text_version=consent,
        given_at=now,
    )
    session.add(given)
    await session.flush()
    row.consent_id, row.state = given.id, RequestState.OPEN
    row.opened_at, row.expires_at = now, now + rules.LIFE
    await reach(session, case=case, row=row, notice="attestation_asked", rung="asked", now=now)
    await log(session, row, action="attestation_opened", actor=case.learner_id, now=now)


def _check(named: Named, *, address_needed: bool = True) -> None:
    """Hold what was written against what can be kept. Raises `Refused('malformed')`, with the field."""
    for field, text in (("name", named.name), ("organisation", named.organisation)):
        wording.check(field, text, most=200)
        if not text.strip():
            raise Refused("malformed", field=field)
    if named.phone:
        rules.plain_number(named.phone)
        if named.email:
            raise Refused("malformed", field="phone")
    elif address_needed or named.email:
        check_email(named.email)


def _plain(address: str) -> str:
    return address.strip().lower()


def check_email(address: str) -> None:
    """Hold an address against what mail can be sent to. Raises `Refused('malformed')`."""
    wording.check("email", address, most=320)
    local, at, domain = _plain(address).rpartition("@")
    spaced = any(c.isspace() or c in '<>,;:"()[]\\@' for c in local + domain)
    if not (local and at and "." in domain.strip(".")) or spaced or not address.isascii():
        raise Refused("malformed", field="email")


async def _check_address(session: AsyncSession, *, case: Case, address: str, phone: str) -> None:
    """Nobody attests for themselves, guides and attests, or is asked twice.

    Raises `Refused`: referee_barred, already_asked. Whether the address is that of anybody else here is not said.
    """
    plain = _plain(address)
    rows = await session.exec(
        select(Person.email).where(col(Person.id).in_([one for one in (case.learner_id, case.advisor_id) if one]))
    )
    if plain in set(rows):
        raise Refused("referee_barred")
    others = await of_case(session, case.id, states=frozenset(RequestState) - ASKED_AGAIN)
    number = rules.plain_number(phone) if phone else ""
    if (plain and plain in {one.email for one in others}) or (number and number in {one.phone for one in others}):
        raise Refused("already_asked")
