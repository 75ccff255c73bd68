"""The reviews and appeals of one case: what is contested and why, who hears it, and what was found."""

from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath

from services.api import portraits
from services.api.access import Facts, Who
from services.api.house import Now, Reading
from services.api.pages import advise_words, command_pages, command_words, steps
from services.api.pages.seen import offer
from services.api.pages.site import Page, ThePage
from services.api.routes import appeals as routes
from services.records import dossier
from services.rules.appeals import Cause, Ground, Matter, Ruling
from services.rules.case import AppealState, SeatState
from services.rules.people import Action


def matters(page: Page) -> dict[Matter, str]:
    """What is contested."""
    return {
        Matter.RECOGNITION: page.say("the decision on competencies"),
        Matter.ELIGIBILITY: page.say("the refusal of the application"),
        Matter.REVOCATION: page.say("the withdrawal of a recognition"),
        Matter.SUSPENSION: page.say("the suspension of a recognition"),
        Matter.LAPSE: page.say("the ruling on a lapse"),
    }


def states(page: Page) -> dict[AppealState, str]:
    """How far an appeal is."""
    return {
        AppealState.LODGED: page.say("waits to be admitted"),
        AppealState.ADMISSIBLE: page.say("admitted, its panel is being named"),
        AppealState.INADMISSIBLE: page.say("not admissible"),
        AppealState.PANEL_NAMED: page.say("being heard"),
        AppealState.RULED: page.say("ruled on"),
        AppealState.WITHDRAWN: page.say("taken back"),
    }


def grounds(page: Page) -> dict[str, str]:
    """Why a learner asks for a review."""
    return {
        Ground.PROCEDURE: page.say("the procedure was not followed"),
        Ground.BIAS_OR_CONFLICT: page.say("bias or a conflict of interest"),
        Ground.EVIDENCE_OVERLOOKED: page.say("evidence was overlooked"),
        Ground.UNREASONABLE_JUDGEMENT: page.say("the judgement is unreasonable"),
        Ground.ACCOMMODATION_NOT_GIVEN: page.say("an accommodation was not given"),
    }


def rulings(page: Page) -> dict[Ruling, str]:
    """What a review came to."""
    return {
        Ruling.DISMISSED: page.say("the decision stands"),
        Ruling.VARIED: page.say("the decision is changed"),
        Ruling.REMITTED: page.say("it is judged anew"),
        Ruling.INADMISSIBLE: page.say("the request could not be admitted"),
    }


def causes(page: Page) -> dict[Cause, str]:
    """What lay behind an appeal."""
    return {
        Cause.PROCEDURE: page.say("a fault of procedure"),
        Cause.JUDGEMENT: page.say("a matter of judgement"),
        Cause.CONFLICT: page.say("a conflict of interest"),
        Cause.INFORMATION: page.say("information that was missing"),
        Cause.ACCOMMODATION: page.say("an accommodation"),
    }


def members(page: Page) -> dict[SeatState, str]:
    """How far somebody is who was asked to hear an appeal."""
    return {
        SeatState.OFFERED: page.say("asked"),
        SeatState.DECLINED: page.say("declined"),
        SeatState.CONFLICT: page.say("conflict declared"),
        SeatState.EXPIRED: page.say("not answered in time"),
        SeatState.CANCELLED: page.say("cancelled"),
        SeatState.ACCEPTED: page.say("hears it"),
        SeatState.SUBMITTED: page.say("heard it"),
        SeatState.FINAL: page.say("heard it"),
        SeatState.DISMISSED: page.say("ended"),
    }


@get("/cases/{case_id:uuid}/appeals", opt={"action": Action.SEE_APPEALS}, include_in_schema=False)
async def see(
    case_id: FromPath[UUID], *, page: ThePage, caller: Who, facts: Facts, reading: Reading, now: Now
) -> Response[str]:
    """Newest first. What the learner wrote, and who hears it, stand only for whoever may read them."""
    about, setting = await command_pages.setting(reading, page, case_id, caller=caller)
    portrait = await portraits.of_case(reading, case_id, caller=caller, facts=facts, now=now)
    shown = await routes.shown(reading, case_id, facts=facts)
    people = {member.person for one in shown if one.record for member in one.record.members}
    people |= {over.person for one in shown if one.record for over in one.record.overrides}
    named = [await dossier.person(reading, person) for person in people]
    titles = {claim.id: about.text(setting.programme.competency(claim.competency).title) for claim in setting.claims}
    return about.show(
        "decide/case-appeals.html",
        case=portrait,
        due=advise_words.due(setting.case.due_at, zone=setting.case.zone, now=now),
        appeals=shown[::-1],
        names={one.id: one.name for one in named if one is not None},
        titles=titles,
        matters=matters(about),
        states=states(about),
        grounds=grounds(about),
        rulings=rulings(about),
        causes=causes(about),
        members=members(about),
        offered=[
            offer(portrait, one)
            for one in portrait.commands
            if one in command_words.known() and steps.subject_of(one) == "appeal"
        ],
    )
