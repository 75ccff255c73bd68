"""Two readings that differ, side by side for those who wrote them: what differs, what is written, what is signed."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID, uuid4

from litestar import Response, get, post
from litestar.di import Provide
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api import portraits
from services.api.access import Facts, Who
from services.api.house import Now, Reading
from services.api.pages import assess_sending, command_pages
from services.api.pages.assess_bench import Asked
from services.api.pages.assess_sending import TheVisit, Visit
from services.api.pages.sent import Sent
from services.api.pages.site import ThePage
from services.api.problems import Problem
from services.api.routes import moderation
from services.api.routes.moderation import ConferralView, ReadingView
from services.rules.commands import Choice, Nothing, SettleConferral
from services.rules.people import Action
from services.rules.programmes import Competency, Programme

Everything = Annotated[str, QueryParameter(name="all", required=False)]

NOTHING_SENT = Sent(())


@dataclass(frozen=True, slots=True)
class Line:
    """One thing on which both said something: what it is, and what each said, with the note beside it."""

    kind: str
    key: str
    mine: str
    theirs: str
    my_note: str = ""
    their_note: str = ""

    @property
    def differs(self) -> bool:
        """Whether the two say different things; a note in other words is no difference."""
        return self.mine != self.theirs


@dataclass(frozen=True, slots=True)
class Pair:
    """The two readings of one competency; `signed` and `other_signed`: under which each put their name last.

    An auditor wrote neither: `mine` is then the first of the two.
    """

    claim: UUID
    competency: Competency
    mine: ReadingView
    theirs: ReadingView
    lines: list[Line]
    signed: UUID | None
    other_signed: UUID | None


def pairs(view: ConferralView, programme: Programme) -> list[Pair]:
    """Every competency that both have read, in the order of the framework."""
    order = {one.key: place for place, one in enumerate(programme.competencies)}
    found: list[Pair] = []
    own = any(one.own for one in view.readings)
    first = {one.judgement.claim: one for one in reversed(view.readings) if one.own or not own}
    for mine in sorted(first.values(), key=lambda one: order[one.judgement.competency]):
        claim = mine.judgement.claim
        for theirs in view.readings:
            if theirs.id == mine.id or theirs.judgement.claim != claim:
                continue
            signed = {one.own: one.judgement for one in view.signed if one.claim == claim}
            competency = programme.competency(mine.judgement.competency)
            lines = _lines(mine, theirs, competency)
            found.append(Pair(claim, competency, mine, theirs, lines, signed.get(True), signed.get(False)))
    return found


def _lines(mine: ReadingView, theirs: ReadingView, competency: Competency) -> list[Line]:
    here, there = mine.judgement, theirs.judgement
    rated = ({one.criterion: one for one in here.ratings}, {one.criterion: one for one in there.ratings})
    ruled = ({one.rule: one for one in here.rules}, {one.rule: one for one in there.rules})
    lines = [
        Line("recommendation", "", here.recommendation, there.recommendation, here.rationale, there.rationale),
        Line("level", "", str(here.level), str(there.level)),
    ]
    for criterion in competency.criteria:
        one, other = (side.get(criterion.key) for side in rated)
        if one and other:
            lines.append(Line("rating", criterion.key, one.rating, other.rating, one.note, other.note))
    for rule, verdict in ruled[0].items():
        if found := ruled[1].get(rule):
            lines.append(Line("rule", rule, verdict.verdict, found.verdict, verdict.note, found.note))
    return lines


@get("/cases/{case_id:uuid}/compare", opt={"action": Action.SEE_CONFERRAL}, include_in_schema=False)
async def see(
    *,
    case_id: FromPath[UUID],
    page: ThePage,
    caller: Who,
    facts: Facts,
    reading: Reading,
    now: Now,
    everything: Everything = "",
) -> Response[str]:
    """What differs, or with `all` everything that the two wrote."""
    return await _compared(reading, Asked(page, case_id, caller, facts, now), everything=bool(everything))


async def _compared(
    session: AsyncSession,
    asked: Asked,
    *,
    everything: bool = False,
    sent: Sent = NOTHING_SENT,
    refused: Problem | None = None,
    wrong: str = "",
) -> Response[str]:
    view = await moderation.conferral_of(session, asked.case_id, caller=asked.caller, facts=asked.facts)
    about, setting = await command_pages.setting(session, asked.page, asked.case_id, caller=asked.caller)
    portrait = await portraits.of_case(session, asked.case_id, caller=asked.caller, facts=asked.facts, now=asked.now)
    status = HTTPStatus.CONFLICT if refused else HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
    return about.show(
        "assess/compare.html",
        status=status,
        case=portrait,
        view=view,
        pairs=pairs(view, setting.programme),
        everything=everything,
        own=any(one.own for one in view.readings),
        sent=sent,
        refused=refused,
        wrong=wrong,
        key=uuid4(),
    )


@post(
    "/cases/{case_id:uuid}/compare",
    opt={"action": Action.CONFER},
    include_in_schema=False,
    dependencies={"visit": Provide(assess_sending.provide)},
)
async def send(visit: TheVisit) -> Response[Any]:
    """Write to the other, sign what stands, or give it to a panel."""
    said, form, here = visit.form.one("answer"), visit.form, f"/cases/{visit.case_id}/compare"
    if said == "write":
        return await _written(visit, back=here)
    if said == "end":
        return await _sent(visit, "end_conferral", Nothing(), back="/queue?done=ended")
    choices = tuple(Choice(claim, judgement) for claim, judgement in form.under("choice-").items() if judgement)
    return await _sent(visit, "settle_conferral", SettleConferral(choices), back="/queue?done=signed")


async def _written(visit: Visit, *, back: str) -> Response[Any]:
    text = visit.form.one("text")
    if not text:
        wrong = visit.page.say("Write something first.")
        async with visit.house.database.reading() as session:
            return await _compared(session, _asked(visit), sent=visit.form, wrong=wrong)
    async with visit.house.database.writing() as session:
        await moderation.write_to_the_other(session, visit.case_id, caller=visit.caller, text=text, now=visit.now)
    return visit.page.go(f"{back}#messages")


async def _sent(visit: Visit, kind: str, body: object, *, back: str) -> Response[Any]:
    sent = await visit.send(kind, body, back=back)
    if isinstance(sent, Redirect):
        return sent
    async with visit.house.database.reading() as session:
        return await _compared(session, _asked(visit), sent=visit.form, refused=sent)


def _asked(visit: Visit) -> Asked:
    return Asked(visit.page, visit.case_id, visit.caller, visit.facts, visit.now)
