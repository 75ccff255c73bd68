"""The case as its learner sees it: what there is to do, what comes next and by when, and what was decided."""

from dataclasses import dataclass
from uuid import UUID

from litestar import Response

from services.api.claim_views import ClaimView
from services.api.pages import command_words, conversation, learner_tasks, live, steps
from services.api.pages.learner_tasks import Building
from services.api.pages.seen import Offered, Seen
from services.api.plan_views import RankedView
from services.api.routes import accommodations, appeals, appointments, judgements, letters, plans
from services.api.routes.judgements import JudgementView
from services.api.routes.letters import CredentialView, LetterView
from services.api.views import LearnerView
from services.records import evidence, sponsors, surveys, timeline
from services.records.sponsors import Sponsored
from services.records.surveys import Standing
from services.rules.appointments import OPEN as OPEN_APPOINTMENTS
from services.rules.claims import ClaimState, Rating
from services.rules.people import Action, Answer, on_a_case
from services.rules.programmes import Criterion

TOLD = frozenset(
    {
        ClaimState.GRANTED,
        ClaimState.GRANTED_BY_TRANSFER,
        ClaimState.CREDENTIALED,
        ClaimState.NOT_YET,
        ClaimState.SUSPENDED,
        ClaimState.REVOKED,
        ClaimState.SUPERSEDED,
    }
)
"""States of a claim that a letter told of."""

SENDING = frozenset({"submit", "submit_portfolio"})
ANSWERING = frozenset({"complete", "answer_request"})
MEETING = frozenset(
    {"book_slot", "propose_other_times", "move_appointment", "call_off", "report_no_show", "cancel_appointment"}
)
PLANNING = frozenset({"accept_plan", "decline_plan", "plan_gaps"})
APPEALING = frozenset({"lodge_appeal"})
CHALLENGING = frozenset({"challenge_lapse"})
LAST = frozenset({"withdraw", "withdraw_claim"})
"""Commands by the place on the page where they stand; what is in none of them stands under "what else"."""

PLACED = SENDING | ANSWERING | MEETING | PLANNING | APPEALING | CHALLENGING | LAST

SAVED = frozenset({"opened", "employers", "story", "self_check", "survey", "sponsor"})
"""What another page of the builder just kept, said on the page to which it leads."""


@dataclass(frozen=True, slots=True)
class Told:
    """One competency as a letter told of it: granted or not yet, with the criteria that were met."""

    claim: ClaimView
    found: JudgementView | None
    criteria: tuple[tuple[Criterion, Rating | None], ...]
    credentials: tuple[CredentialView, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided: each competency, the letters, and the way to have it looked at again.

    Not `decided`: the letters tell of a lapse, which decides nothing.
    """

    told: tuple[Told, ...]
    letters: list[LetterView]
    appeals: list[appeals.AppealView]
    decided: bool


async def draw(shown: Seen) -> Response[str]:
    """The learner's own case."""
    case = shown.case
    assert isinstance(case, LearnerView)  # noqa: S101 - the view by this name
    building = await _building(shown)
    names = {str(one.id): one.said.title or one.name for one in await evidence.of_case(shown.session, case.id)}
    met = await appointments.listed(shown.session, case.id, caller=shown.caller, facts=shown.facts)
    offers = {one.command: one for one in shown.offered}
    saved = shown.page.request.query_params.get("saved", "")
    return shown.page.show(
        "case/learner.html",
        case=case,
        row=shown.setting.case,
        programme=shown.setting.programme,
        done=shown.done,
        saved=saved if saved in SAVED else "",
        offers=offers,
        building=building,
        survey=await _survey(shown),
        sponsored=await _sponsored(shown),
        files=names,
        claims={one.id: one for one in case.claims},
        open_rounds=[one for one in case.requests if one.closed_as is None],
        meetings=[one for one in met if one.state in OPEN_APPOINTMENTS],
        past_meetings=[one for one in met if one.state not in OPEN_APPOINTMENTS],
        decision=await _decision(shown, case),
        new=await conversation.new(shown.session, shown.setting.case, caller=shown.caller, facts=shown.facts),
        beat=await live.of_case(shown.session, shown.setting.case, caller=shown.caller, facts=shown.facts),
        steps=steps.told(
            shown.page, await timeline.for_reader(shown.session, case.id, facts=shown.facts), learner=True
        )[::-1],
        arranged=(await accommodations.portrayed(shown.session, case.id, facts=shown.facts)).requests,
        arrangements=command_words.choices("arrangement"),
        courses=await _courses(shown, case),
        meeting=_of(shown, MEETING),
        planning=_of(shown, PLANNING),
        else_=[one for one in shown.offered if one.command not in PLACED],
        last=_of(shown, LAST),
    )


def _of(shown: Seen, commands: frozenset[str]) -> list[Offered]:
    return [one for one in shown.offered if one.command in commands]


async def _survey(shown: Seen) -> Standing | None:
    """Whether the learner agreed to be asked afterwards, once that can be agreed to."""
    person, case_id = UUID(shown.caller.id), shown.setting.case.id
    return next(
        (one for one in await surveys.of_person(shown.session, person, now=shown.now) if one.case_id == case_id), None
    )


async def _sponsored(shown: Seen) -> list[Sponsored]:
    """The agreement under which the case is open, if somebody pays for it; more than one where cases were merged."""
    mine = await sponsors.of_person(shown.session, UUID(shown.caller.id))
    return [one for one in mine if one.case_id == shown.setting.case.id]


async def _building(shown: Seen) -> Building | None:
    if shown.setting.case.stage not in learner_tasks.BUILDING:
        return None
    return await learner_tasks.of_case(shown.setting, now=shown.now)


async def _courses(shown: Seen, case: LearnerView) -> list[RankedView]:
    """What would fill the gaps, while there is a plan to make or to follow."""
    if case.plan is None or on_a_case(Action.SEE_PLAN, shown.facts) is not Answer.ALLOWED:
        return []
    return await plans.ranked_for(shown.session, case.id, now=shown.now)


async def _decision(shown: Seen, case: LearnerView) -> Decision | None:
    """Nothing before the letter can be read: that the guard of letters says, and not this page."""
    if on_a_case(Action.SEE_LETTER, shown.facts) is not Answer.ALLOWED:
        return None
    session, house = shown.session, shown.page.house
    found = {one.claim: one for one in await judgements.readable(session, case.id, facts=shown.facts)}
    held = await letters.held(session, house, case.id)
    told = []
    for claim in case.claims:
        if claim.state not in TOLD:
            continue
        reading = found.get(claim.id)
        rated = {one.criterion: one.rating for one in reading.ratings} if reading else {}
        competency = shown.setting.programme.competency(claim.competency)
        told.append(
            Told(
                claim=claim,
                found=reading,
                criteria=tuple((one, rated.get(one.key)) for one in competency.criteria) if reading else (),
                credentials=tuple(one for one in held if one.competency == claim.competency),
            )
        )
    return Decision(
        told=tuple(told),
        letters=await letters.readable(session, case.id),
        appeals=await appeals.shown(session, case.id, facts=shown.facts),
        decided=shown.facts.decided,
    )
