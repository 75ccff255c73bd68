"""The form of somebody who is asked by telephone: read out by the advisor, who writes down what is answered."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody

from services.api import forms
from services.api.access import Who
from services.api.house import House, Now, Reading, TheHouse
from services.api.routes.attestation_links import AskedView, Decline, kept
from services.api.routes.spoken_words import Recorded
from services.records import telephone
from services.records.telephone import Answered, Call
from services.rules import attestations as rules
from services.rules.attestations import Statement
from services.rules.people import Action, Caller
from services.rules.programmes import Text
from services.rules.refusals import Refused
from services.rules.statements import as_text


@dataclass(frozen=True, slots=True)
class CallForm:
    """Whom to call, and what to ask; `declaration` and `consent` are the versions of the texts to read out."""

    name: str
    organisation: str
    phone: str
    language: str
    learner: str
    competencies: list[AskedView]
    answers: list[rules.Seen]
    example_minimum: int
    declaration: str
    consent: str
    notice: Text


class CallAnswer(msgspec.Struct, forbid_unknown_fields=True):
    """What was answered, who answered, and where the number came from; `looked_up`: not from the learner."""

    statement: forms.strict(Statement, "Form")  # type: ignore[valid-type]  # the type is made from the rules
    consent: Annotated[str, msgspec.Meta(max_length=32)]
    answered_by: Annotated[str, msgspec.Meta(max_length=200)]
    number_from: Annotated[str, msgspec.Meta(max_length=500)]
    called_at: datetime
    looked_up: bool
    email: Annotated[str, msgspec.Meta(max_length=320)] = ""


@get(
    "/{request_id:uuid}/telephone",
    opt={"action": Action.HEAR_OTHERS},
    operation_id="see_call_form",
    summary="Whom to call, and what to ask",
)
async def see(case_id: FromPath[UUID], request_id: FromPath[UUID], reading: Reading, now: Now) -> CallForm:
    """For the advisor alone: nobody else is given the number."""
    form = await telephone.form(reading, case_id=case_id, request_id=request_id, now=now)
    return CallForm(
        name=form.request.name,
        organisation=form.request.organisation,
        phone=form.request.phone,
        language=form.request.language,
        learner=form.learner,
        competencies=[AskedView(key, title) for key, title in form.competencies.items()],
        answers=list(rules.Seen),
        example_minimum=rules.EXAMPLE_MINIMUM,
        declaration=max(rules.DECLARATIONS),
        consent=max(rules.CONSENTS),
        notice=rules.READ_LATER,
    )


@post(
    "/{request_id:uuid}/telephone",
    opt={"action": Action.HEAR_OTHERS},
    operation_id="record_call",
    summary="Write down what somebody answered on the telephone",
)
async def answer(
    *,
    case_id: FromPath[UUID],
    request_id: FromPath[UUID],
    data: JSONBody[CallAnswer],
    caller: Who,
    house: TheHouse,
    now: Now,
) -> Recorded:
    """The same statement as by link, with who wrote it down and by whose consent."""
    if data.called_at.tzinfo is None:
        raise Refused("malformed", field="called_at")
    call = Call(data.answered_by, data.number_from, data.called_at, data.looked_up)
    said = Answered(forms.plain(data.statement, Statement), call, data.consent, data.email)
    return await written_down(case_id, request_id, said=said, caller=caller, house=house, now=now)


async def written_down(
    case_id: UUID, request_id: UUID, *, said: Answered, caller: Caller, house: House, now: datetime
) -> Recorded:
    """Keep what was answered as `caller` heard it. Raises what `telephone.answer` says."""
    async with house.database.reading() as session:
        titles = await telephone.may_answer(session, case_id=case_id, request_id=request_id, said=said, now=now)
        form = await telephone.form(session, case_id=case_id, request_id=request_id, now=now)
    words = as_text(said.statement, titles=titles, language=form.request.language, spoken=True)
    stored = await kept(house.blobs, words)
    async with house.database.writing() as session:
        row = await telephone.answer(
            session,
            case_id=case_id,
            request_id=request_id,
            advisor=UUID(caller.id),
            said=said,
            stored=stored,
            now=now,
        )
    await house.desk.wake(case_id)
    return Recorded(row.id, "statement", stored.sha256)


@post(
    "/{request_id:uuid}/telephone/decline",
    opt={"action": Action.HEAR_OTHERS},
    status_code=HTTPStatus.NO_CONTENT,
    operation_id="record_declined_call",
    summary="Note that somebody said no on the telephone",
)
async def decline(
    *,
    case_id: FromPath[UUID],
    request_id: FromPath[UUID],
    data: JSONBody[Decline],
    caller: Who,
    house: TheHouse,
    now: Now,
) -> None:
    """It never counts against the learner, who may name somebody else."""
    await declined(case_id, request_id, unknown=data.unknown_person, caller=caller, house=house, now=now)


async def declined(
    case_id: UUID, request_id: UUID, *, unknown: bool, caller: Caller, house: House, now: datetime
) -> None:
    """Note that there will be no answer. Raises what `telephone.decline` says."""
    async with house.database.writing() as session:
        await telephone.decline(
            session,
            case_id=case_id,
            request_id=request_id,
            advisor=UUID(caller.id),
            unknown=unknown,
            now=now,
        )
    await house.desk.wake(case_id)


HANDLERS = (see, answer, decline)
"""Every route of calls; they are mounted beside those of other third parties."""
