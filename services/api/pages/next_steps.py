"""What is expected next, in words, as rows of lists say it: of whoever assesses, and in a case that staff follow.

It follows from what a row holds already: the stage and on whom the case waits, or the seat and what it waits for.
"""

from services.api.pages.site import Page
from services.records.caseload import Row
from services.records.seats_held import Held, Pile
from services.rules.case import SeatKind, Stage, WaitingOn
from services.rules.people import Caller, Role

MINE = {WaitingOn.ADVISOR: Role.ADVISOR, WaitingOn.LEAD: Role.LEAD}
"""On whom a case waits, and who reads of it as of something to do."""


def of_case(page: Page, row: Row) -> str:
    """The next thing to be done in a case, by whoever it waits for; empty where nothing is."""
    if row.paused:
        return page.say("Nothing until the pause ends; an advisor can end it earlier.")
    by = {
        WaitingOn.LEARNER: _by_learner,
        WaitingOn.ADVISOR: _by_advisor,
        WaitingOn.LEAD: _by_lead,
        WaitingOn.ASSESSOR: _by_assessor,
        WaitingOn.DECISION_MAKER: _by_decision_maker,
    }
    if row.waiting_on in by:
        return by[row.waiting_on](page, row.stage)
    return {
        WaitingOn.THIRD_PARTY: page.say("Write the report that was asked for."),
        WaitingOn.PANEL: page.say("Decide, and sign for the panel.")
        if row.stage is Stage.DECISION_PENDING
        else page.say("Meet, and record the minutes."),
        WaitingOn.APPEAL_BODY: page.say("Hear the appeal, and rule on it."),
    }.get(row.waiting_on, _by_itself(page, row.stage))


def for_me(row: Row, caller: Caller) -> bool:
    """Whether what comes next is for people of an office that the reader holds."""
    return not row.paused and MINE.get(row.waiting_on) in caller.roles


def _by_learner(page: Page, stage: Stage) -> str:
    return {
        Stage.DRAFT: page.say("Fill in the application, and send it."),
        Stage.INCOMPLETE: page.say("Answer what was found missing."),
        Stage.ELIGIBLE: page.say("Build the portfolio, and send it."),
        Stage.MORE_EVIDENCE: page.say("Answer the questions of the assessment."),
        Stage.GAP_TRAINING: page.say("Fill the gaps, and send the portfolio again."),
    }.get(stage, page.say("Choose a date, or answer what was asked."))


def _by_advisor(page: Page, stage: Stage) -> str:
    return {
        Stage.ELIGIBILITY_REVIEW: page.say(
            "Check the application: accept it, ask for what is missing, or propose a refusal."
        ),
        Stage.PORTFOLIO_SUBMITTED: page.say(
            "Check that the portfolio is complete, and accept it or ask for what is missing."
        ),
    }.get(stage, page.say("Open the case: it waits for an answer."))


def _by_lead(page: Page, stage: Stage) -> str:
    return {
        Stage.SUBMITTED: page.say("Name an advisor."),
        Stage.ASSIGNING: page.say("Name an assessor."),
    }.get(stage, page.say("Open the case: it waits for a ruling or for people to be named."))


def _by_assessor(page: Page, stage: Stage) -> str:
    return {
        Stage.ASSIGNING: page.say("Accept the offer; others are asked until somebody does."),
        Stage.DIRECT_ASSESSMENT: page.say("Hold the interview, test or observation, and record it."),
        Stage.MODERATION: page.say("Settle where the two assessments differ."),
        Stage.DECISION_PENDING: page.say("Say the reasons more clearly."),
    }.get(stage, page.say("Read the evidence, and judge each competency."))


def _by_decision_maker(page: Page, stage: Stage) -> str:
    if stage is Stage.DECISION_PENDING:
        return page.say("Confirm what is recommended, or return it with reasons.")
    return page.say("Confirm the refusal that is proposed, or return it.")


def _by_itself(page: Page, stage: Stage) -> str:
    return {
        Stage.ISSUING: page.say("Nothing: the letter is being made."),
        Stage.NOT_ELIGIBLE: page.say("Nothing, unless the learner asks for a review."),
        Stage.DECIDED: page.say("Nothing, unless the learner asks for a review or goes on with a plan."),
    }.get(stage, "")


def of_seat(page: Page, held: Held) -> str:
    """The next thing that is expected of whoever holds the seat; nothing in it tells of other seats."""
    if held.pile is Pile.MINE:
        return _of_mine(page, held)
    return {
        Pile.OFFERED: page.say("Say whether you know the people in it, and accept or decline."),
        Pile.WAITING: page.say("Nothing now: the learner answers first."),
    }.get(held.pile, "")


def _of_mine(page: Page, held: Held) -> str:
    appeal = held.seat in (SeatKind.APPEAL_1, SeatKind.APPEAL_2)
    panel = held.seat is SeatKind.PANEL
    steps = (
        (held.unclear, page.say("Say your reasons more clearly.")),
        (held.confers, page.say("Settle with the other assessor where you differ.")),
        (held.signs, page.say("Decide, and sign for the panel.")),
        (panel and held.chair, page.say("Read the case, lead the meeting, and record the minutes.")),
        (panel, page.say("Read the case, and take part in the meeting.")),
        (appeal, page.say("Hear the appeal, and rule on it.")),
        (held.seat is SeatKind.INTERVIEW, page.say("Hold the appointment beside the assessor.")),
    )
    return next((says for so, says in steps if so), page.say("Read the evidence, judge each competency, and send in."))
