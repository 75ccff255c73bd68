"""Check your answers: every competency as it will be sent in, what it lacks, and the one button that locks them."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import UUID, uuid4

from litestar import Response, get, post
from litestar.di import Provide
from litestar.params import FromPath
from litestar.response import Redirect
from sqlmodel.ext.asyncio.session import AsyncSession

from services import locales
from services.api import portraits
from services.api.access import Facts, Who
from services.api.house import Now, Reading
from services.api.pages import assess_form, assess_sending, command_pages
from services.api.pages.assess_bench import Asked
from services.api.pages.assess_sending import TheVisit
from services.api.pages.sent import Sent
from services.api.pages.site import ThePage
from services.api.problems import Problem
from services.records import judgements, readiness
from services.rules import work_time
from services.rules.commands import SubmitJudgements
from services.rules.people import Action
from services.rules.programmes import Competency


@dataclass(frozen=True, slots=True)
class Checked:
    """One competency before it is sent in: what was written, and in words what it lacks."""

    claim: UUID
    competency: Competency
    fields: Sent
    gaps: list[str]


@get("/assess/{case_id:uuid}/check", opt={"action": Action.JUDGE}, include_in_schema=False)
async def see(
    *, case_id: FromPath[UUID], page: ThePage, caller: Who, facts: Facts, reading: Reading, now: Now
) -> Response[str]:
    """What is written so far, and whether it can be sent in."""
    return await _checked(reading, Asked(page, case_id, caller, facts, now))


async def _checked(
    session: AsyncSession, asked: Asked, *, refused: Problem | None = None, minutes: str = ""
) -> Response[str]:
    about, setting = await command_pages.setting(session, asked.page, asked.case_id, caller=asked.caller)
    portrait = await portraits.of_case(session, asked.case_id, caller=asked.caller, facts=asked.facts, now=asked.now)
    seats = await judgements.seats_of(session, case_id=asked.case_id, assessor=asked.caller.id)
    policy, language = setting.programme.policy, about.language
    order = {one.key: place for place, one in enumerate(setting.programme.competencies)}
    rows: list[Checked] = []
    for claim, row in sorted(await readiness.open_claims(session, seats), key=lambda one: order[one[0].competency]):
        gaps = await readiness.gaps(
            session, case=setting.case, programme=setting.programme, claim=claim, row=row, now=asked.now
        )
        competency = setting.programme.competency(claim.competency)
        said = [
            _under(about.text(competency.title), locales.sentence(one.code, language, terms=policy.terms, **one.facts))
            for one in gaps
        ]
        fields = assess_form.filled(judgements.read(row) if row else None)
        rows.append(Checked(claim.id, competency, fields, list(dict.fromkeys(said))))
    return about.show(
        "assess/check.html",
        status=HTTPStatus.CONFLICT if refused else HTTPStatus.OK,
        case=portrait,
        rows=rows,
        ready=all(not one.gaps for one in rows),
        sends="submit_judgements" in portrait.commands,
        confirms="confirm_judgements" in portrait.commands,
        refused=refused,
        minutes=minutes,
        key=uuid4(),
    )


def _under(title: str, sentence: str) -> str:
    """A sentence as it stands under the name of the competency, which it need not name again."""
    bare = sentence.removesuffix(title)
    return sentence if bare == sentence else bare.rstrip(" :\u00a0\u202f") + "."


@post(
    "/assess/{case_id:uuid}/check",
    opt={"action": Action.JUDGE},
    include_in_schema=False,
    dependencies={"visit": Provide(assess_sending.provide)},
)
async def send(visit: TheVisit) -> Response[Any]:
    """Send in every competency of the seat; a refusal is shown with the list as it stands."""
    body = SubmitJudgements(assess_sending.worked(visit.form))
    sent = await visit.send("submit_judgements", body, back="/queue?done=submitted")
    if isinstance(sent, Redirect):
        return sent
    async with visit.house.database.reading() as session:
        asked = Asked(visit.page, visit.case_id, visit.caller, visit.facts, visit.now)
        return await _checked(session, asked, refused=sent, minutes=visit.form.one(work_time.FIELD))
