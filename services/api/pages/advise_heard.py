"""What others said of a learner's work, who of them is to be called, and the learner's own words, written down."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api import body_pace
from services.api.access import Facts, Who
from services.api.house import Now, Reading, TheHouse
from services.api.pages import command_pages
from services.api.pages.command_fields import TICKED
from services.api.pages.sent import Sent, TheForm
from services.api.pages.site import Page, ThePage
from services.api.routes import attestations, spoken_words
from services.records import attested, cases, oral_statements, telephone
from services.records.oral_statements import Spoken
from services.rules.attestations import CONSENTS, CallBack
from services.rules.claims import OPEN_CLAIMS
from services.rules.people import Action, Answer, Caller, CaseFacts, on_a_case
from services.rules.refusals import Refused

NOTHING_SENT = Sent(())
Done = Annotated[str, QueryParameter(name="done", required=False)]


async def _show(
    session: AsyncSession,
    page: Page,
    case_id: UUID,
    *,
    caller: Caller,
    facts: CaseFacts,
    sent: Sent = NOTHING_SENT,
    refused: Refused | None = None,
    at: str = "",
    now: datetime,
    done: str = "",
) -> Response[str]:
    about, setting = await command_pages.setting(session, page, case_id, caller=caller)
    hears = on_a_case(Action.SEE_STATEMENTS, facts) is Answer.ALLOWED
    said = await attestations.statements_for(session, case_id, caller=caller, facts=facts) if hears else []
    return about.show(
        "advise/heard.html",
        status=HTTPStatus.CONFLICT if refused else HTTPStatus.OK,
        case=setting.case,
        hears=hears,
        to_call=await telephone.to_call(session, case_id, now=now) if hears else frozenset(),
        asked=await attestations.asked(session, case_id) if hears else [],
        said=said,
        wanted=CallBack.WANTED,
        # A mentor is shown no claims: what they write down is tied to none until the learner ties it.
        claims=[(one.id, setting.competency(one.competency)) for one in setting.claims if one.state in OPEN_CLAIMS]
        if hears
        else [],
        sent=sent,
        why=about.words.refusal(refused) if refused else None,
        at=at,
        done=done,
    )


@get("/cases/{case_id:uuid}/heard", opt={"action": Action.RECORD_WORDS}, include_in_schema=False)
async def see(
    case_id: FromPath[UUID], *, page: ThePage, caller: Who, facts: Facts, reading: Reading, now: Now, done: Done = ""
) -> Response[str]:
    """Who was asked, what they said, who is still to be called, and a place to write down the learner's words."""
    return await _show(reading, page, case_id, caller=caller, facts=facts, now=now, done=done)


@post("/cases/{case_id:uuid}/heard/{request_id:uuid}", opt={"action": Action.CALL_BACK}, include_in_schema=False)
async def call(
    case_id: FromPath[UUID],
    request_id: FromPath[UUID],
    *,
    page: ThePage,
    form: TheForm,
    caller: Who,
    facts: Facts,
    house: TheHouse,
    now: Now,
) -> Response[Any]:
    """Note that the author of a statement was called: it stays as it was noted."""
    try:
        async with house.database.writing() as session:
            zone = (await cases.get(session, case_id)).zone
            await attested.note_call(
                session,
                case_id=case_id,
                request_id=request_id,
                advisor=UUID(caller.id),
                answered_by=form.one("answered_by"),
                number_from=form.one("number_from"),
                confirmed=form.one("confirmed") == TICKED,
                called_at=moment(form.one("called_at"), zone=zone),
                now=now,
            )
    except Refused as refused:
        async with house.database.reading() as session:
            return await _show(
                session,
                page,
                case_id,
                caller=caller,
                facts=facts,
                now=now,
                sent=form,
                refused=refused,
                at=str(request_id),
            )
    return page.go(f"/cases/{case_id}/heard")


def moment(typed: str, *, zone: str) -> datetime:
    """A day and time in the zone of the case. Raises `Refused('malformed')`."""
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=ZoneInfo(zone))
    except ValueError:
        raise Refused("malformed", field="called_at") from None


@post("/cases/{case_id:uuid}/heard", opt={"action": Action.RECORD_WORDS}, include_in_schema=False)
async def write(
    case_id: FromPath[UUID], *, page: ThePage, form: TheForm, caller: Who, facts: Facts, house: TheHouse, now: Now
) -> Response[Any]:
    """Keep what the learner said as evidence in their own words; the learner is told."""
    try:
        claims = tuple(UUID(one) for one in form.all("claims"))
    except ValueError:
        raise Refused("malformed", field="claims") from None
    spoken = Spoken(claims, form.one("language"), max(CONSENTS) if form.one("consent") == TICKED else "")
    try:
        await spoken_words.write_down(house, case_id, words=form.one("words"), spoken=spoken, caller=caller, now=now)
    except Refused as refused:
        async with house.database.reading() as session:
            return await _show(
                session, page, case_id, caller=caller, facts=facts, now=now, sent=form, refused=refused, at="words"
            )
    return page.go(f"/cases/{case_id}/heard?done=kept")


@post(
    "/cases/{case_id:uuid}/heard/recording",
    opt={"action": Action.RECORD_WORDS},
    middleware=[body_pace.Paced()],
    request_max_body_size=None,
    include_in_schema=False,
)
async def record(
    case_id: FromPath[UUID], *, page: ThePage, caller: Who, facts: Facts, house: TheHouse
) -> Response[Any]:
    """Keep a recording of what the learner said, with what is said in it; the learner is told."""
    try:
        await spoken_words.recorded(
            page.request, case_id, caller=caller, house=house, slots=house.slots, said=_recorded
        )
    except Refused as refused:
        async with house.database.reading() as session:
            now = house.clock()
            return await _show(
                session, page, case_id, caller=caller, facts=facts, now=now, refused=refused, at="recording"
            )
    return page.go(f"/cases/{case_id}/heard?done=kept")


def _recorded(fields: dict[str, str]) -> Spoken:
    """The text fields of the form, where every competency has a field of its own. Raises `Refused`."""
    try:
        claims = tuple(UUID(name.removeprefix("claim-")) for name in fields if name.startswith("claim-"))
    except ValueError:
        raise Refused("malformed", field="claims") from None
    consent = max(CONSENTS) if fields.get("consent") == TICKED else ""
    oral_statements.check_consent(consent)
    return Spoken(claims, fields.get("language", ""), consent, fields.get("transcript", "").replace("\r\n", "\n"))
