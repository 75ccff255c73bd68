"""Third parties without an e-mail address: an advisor calls them and writes down what they say, on the same form.

Who answers becomes a party of the case as whoever answers by link does, under the address that they name or, without
one, under their number. Source: case design, section 8 (1, 5 and 6).
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import attestation_links, attestations, cases, effects, people, statements, wording
from services.records.attestation_asking import check_email
from services.records.blobs import Stored
from services.records.independence import enrol
from services.records.oral_statements import check_consent
from services.records.statements import Author
from services.records.tables.attestations import AttestationRequest
from services.records.tables.cases import Case
from services.records.tables.people import Person
from services.rules import attestations as rules
from services.rules import deadlines
from services.rules.attestations import RequestState, Statement
from services.rules.people import Role
from services.rules.programmes import Text
from services.rules.refusals import Refused


@dataclass(frozen=True, slots=True)
class Call:
    """Who answered, when, and where the number came from; `looked_up`: not from the learner."""

    answered_by: str
    number_from: str
    called_at: datetime
    looked_up: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """What was said on the telephone; `consent` is the version of the text agreed to, `address` an e-mail, if any."""

    statement: Statement
    call: Call
    consent: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """What the advisor asks, and where."""

    request: AttestationRequest
    learner: str
    competencies: dict[str, Text]


async def form(session: AsyncSession, *, case_id: UUID, request_id: UUID, now: datetime) -> Form:
    """The form of somebody who is to be called. Raises `Refused`: not_found, request_settled."""
    case = await cases.get(session, case_id)
    request = await _waiting(session, case=case, request_id=request_id, now=now)
    learner = await session.get_one(Person, case.learner_id)
    asked = await attestation_links.competencies(session, case=case, request=request)
    return Form(request, learner.name, asked)


async def to_call(session: AsyncSession, case_id: UUID, *, now: datetime) -> frozenset[UUID]:
    """The requests of a case that a call answers now."""
    case = await cases.get(session, case_id)
    if case.stage not in rules.ANSWERABLE:
        return frozenset()
    rows = await session.exec(
        select(AttestationRequest).where(
            col(AttestationRequest.case_id) == case_id,
            col(AttestationRequest.state) == RequestState.OPEN,
            col(AttestationRequest.phone) != "",
        )
    )
    return frozenset(one.id for one in rows if not attestations.over(one, now))


async def may_answer(
    session: AsyncSession, *, case_id: UUID, request_id: UUID, said: Answered, now: datetime
) -> dict[str, Text]:
    """Hold what was said against the form; answers the titles of the competencies, by key.

    Raises `Refused`: not_found, request_settled, consent_missing, malformed, and what `rules.attestations.check` says.
    """
    asked = await form(session, case_id=case_id, request_id=request_id, now=now)
    check_consent(said.consent)
    for field, text, most in (("answered_by", said.call.answered_by, 200), ("number_from", said.call.number_from, 500)):
        wording.check(field, text, most=most)
        if not text.strip():
            raise Refused("malformed", field=field)
    begun = asked.request.opened_at or asked.request.asked_at
    if not begun <= said.call.called_at <= now:
        raise Refused("malformed", field="called_at")
    if said.address:
        check_email(said.address)
    attestation_links.check_words(said.statement, set(asked.competencies))
    case = await cases.get(session, case_id)
    rules.check(said.statement, competencies=asked.competencies, today=deadlines.local_day(now, case.zone))
    return asked.competencies


async def answer(
    session: AsyncSession,
    *,
    case_id: UUID,
    request_id: UUID,
    advisor: UUID,
    said: Answered,
    stored: Stored,
    now: datetime,
) -> AttestationRequest:
    """Keep what was said; its bytes are kept already. Whoever said it takes part in the case in no other way.

    Raises what `may_answer` says, and `Refused('separation_of_duties')` for somebody who has another part.
    """
    case = await cases.get(session, case_id, lock=True)
    await may_answer(session, case_id=case_id, request_id=request_id, said=said, now=now)
    request = await _waiting(session, case=case, request_id=request_id, now=now)
    person = await people.known_by_address(
        session,
        email=said.address or f"tel:{request.phone}",  # no mail goes there, and it names one number alone
        name=said.statement.name,
        language=request.language,
        now=now,
    )
    await enrol(session, case=case, person=person.id, role=Role.THIRD_PARTY, now=now)
    call = {
        "answered_by": said.call.answered_by.strip(),
        "number_from": said.call.number_from.strip(),
        "called_at": said.call.called_at.isoformat(),
        "looked_up": said.call.looked_up,
    }
    author = Author(person.id, recorded_by=advisor, consent=said.consent, call=call)
    await statements.keep(
        session, case=case, request=request, statement=said.statement, stored=stored, author=author, now=now
    )
    return request


async def decline(
    session: AsyncSession, *, case_id: UUID, request_id: UUID, advisor: UUID, unknown: bool, now: datetime
) -> None:
    """Note that who was called says no, or does not know this person; it counts against nobody, the learner is told.

    Raises `Refused`: not_found, request_settled.
    """
    case = await cases.get(session, case_id, lock=True)
    request = await _waiting(session, case=case, request_id=request_id, now=now)
    state = RequestState.UNKNOWN_PERSON if unknown else RequestState.DECLINED
    await attestations.end(session, request, state=state, now=now)
    await effects.tell(
        session,
        case=case,
        notice="attestation_declined",
        person=case.learner_id,
        now=now,
        occasion=f"{request.id.hex}{request.period}",
    )
    await attestations.log(session, request, action="attestation_declined", actor=advisor, now=now)


async def _waiting(session: AsyncSession, *, case: Case, request_id: UUID, now: datetime) -> AttestationRequest:
    """A request that a call answers. Raises `Refused`: not_found, request_settled."""
    request = await attestations.get(session, case_id=case.id, request_id=request_id)
    if not request.phone:
        raise Refused("not_found")
    asked = request.state is RequestState.OPEN and not attestations.over(request, now)
    if not asked or case.stage not in rules.ANSWERABLE:
        raise Refused("request_settled")
    return request
