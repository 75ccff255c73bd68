"""The panel: who sits, what was returned to it, every reading before it, and the minutes that its chair signs."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import UUID, uuid4

from litestar import Response, get, post
from litestar.di import Provide
from litestar.params import FromPath
from litestar.response import Redirect
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api import access, portraits
from services.api.access import Facts, Who
from services.api.house import Now, Reading
from services.api.pages import assess_sending, command_fields, command_pages
from services.api.pages.assess_bench import Asked
from services.api.pages.assess_sending import TheVisit
from services.api.pages.sent import Sent
from services.api.pages.site import ThePage
from services.api.problems import Problem
from services.api.routes import moderation
from services.api.routes.moderation import ReadingView
from services.records import cases, judgements
from services.rules import panels as rules
from services.rules.case import SeatState
from services.rules.claims import OPEN_CLAIMS, Recommendation
from services.rules.commands import ClaimVotes, PanelMember, RecordPanel, Vote
from services.rules.people import Action, Answer, on_a_case
from services.rules.programmes import Competency, Programme

NOTHING_SENT = Sent(())

CHOICES = tuple(one for one in Recommendation if one in rules.CHOICES)
"""What a member may vote, in order."""


@dataclass(frozen=True, slots=True)
class Settling:
    """One competency that the panel is to settle, and what its chair has written down on it so far."""

    claim: UUID
    competency: Competency
    written: Recommendation | None


@get("/cases/{case_id:uuid}/panel", opt={"action": Action.SEE_PANEL}, include_in_schema=False)
async def see(
    *, case_id: FromPath[UUID], page: ThePage, caller: Who, facts: Facts, reading: Reading, now: Now
) -> Response[str]:
    """The panel as its members, whoever decides, an appeal body and auditors see it."""
    return await _panel(reading, Asked(page, case_id, caller, facts, now))


async def _panel(
    session: AsyncSession, asked: Asked, *, sent: Sent = NOTHING_SENT, refused: Problem | None = None
) -> Response[str]:
    about, setting = await command_pages.setting(session, asked.page, asked.case_id, caller=asked.caller)
    portrait = await portraits.of_case(session, asked.case_id, caller=asked.caller, facts=asked.facts, now=asked.now)
    panel = await moderation.panel_of(session, asked.case_id)
    sees = on_a_case(Action.SEE_ORIGINALS, asked.facts) is Answer.ALLOWED
    records = "record_panel" in portrait.commands
    claims = {claim.id: setting.programme.competency(claim.competency) for claim in setting.claims}
    return about.show(
        "assess/panel.html",
        status=HTTPStatus.CONFLICT if refused else HTTPStatus.OK,
        case=portrait,
        panel=panel,
        names={one.person: one.name for minutes in panel.minutes for one in minutes.members},
        originals=await _originals(session, asked) if sees else [],
        claims=claims,
        sitting=[one for one in panel.members if one.state is SeatState.ACCEPTED] if records else [],
        settling=await _settling(session, asked, setting.programme) if records else [],
        policy=setting.programme.policy,
        choices=CHOICES,
        records=records,
        judges=on_a_case(Action.JUDGE, asked.facts) is Answer.ALLOWED,
        sent=sent,
        refused=refused,
        key=uuid4(),
    )


async def _originals(session: AsyncSession, asked: Asked) -> list[ReadingView]:
    return await moderation.originals_of(session, asked.case_id, caller=asked.caller)


async def _settling(session: AsyncSession, asked: Asked, programme: Programme) -> list[Settling]:
    """The open claims of which no reading stands, in the order of the framework."""
    settled = await judgements.recommendations(session, asked.case_id)
    found = await judgements.drafts_of(session, case_id=asked.case_id, assessor=UUID(asked.caller.id))
    written = {one.claim_id: one.content for one in found if one.locked_at is None}
    order = {one.key: place for place, one in enumerate(programme.competencies)}
    return [
        Settling(
            claim.id,
            programme.competency(claim.competency),
            None if claim.id not in written or written[claim.id].undecided else written[claim.id].recommendation,
        )
        for claim in sorted(await cases.claims_of(session, asked.case_id), key=lambda one: order[one.competency])
        if claim.state in OPEN_CLAIMS and claim.id not in settled
    ]


@post(
    "/cases/{case_id:uuid}/panel",
    opt={"action": Action.SEND_COMMAND, access.MOVE: "record_panel"},
    include_in_schema=False,
    dependencies={"visit": Provide(assess_sending.provide)},
)
async def record(visit: TheVisit) -> Response[Any]:
    """Sign the minutes; a refusal shows them again with everything that was typed."""
    sent = await visit.send("record_panel", minutes(visit.form), back="/queue?done=recorded")
    if isinstance(sent, Redirect):
        return sent
    async with visit.house.database.reading() as session:
        asked = Asked(visit.page, visit.case_id, visit.caller, visit.facts, visit.now)
        return await _panel(session, asked, sent=visit.form, refused=sent)


def minutes(form: Sent) -> RecordPanel:
    """What the form of the minutes says: whoever is not ticked as present neither sat nor voted."""
    present = [person for person in form.all("member") if form.one(f"present-{person}") == command_fields.TICKED]
    return RecordPanel(
        members=tuple(
            PanelMember(person, form.one(f"capacity-{person}"), form.one(f"statement-{person}")) for person in present
        ),
        material=form.one("material"),
        claims=tuple(
            ClaimVotes(
                claim,
                tuple(
                    Vote(person, form.one(f"vote-{claim}-{person}"), form.one(f"dissent-{claim}-{person}"))
                    for person in present
                    if form.one(f"vote-{claim}-{person}")
                ),
                form.one(f"reasons-{claim}"),
                form.one(f"casting-{claim}") or None,
            )
            for claim in form.all("claim")
        ),
        signed=form.one("signed") == command_fields.TICKED,
        composition=form.one("composition"),
        worked_minutes=assess_sending.worked(form),
    )
