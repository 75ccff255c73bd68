"""Where a move leads when that depends on the case; each docstring stands in `docs/stages.md`."""

from collections.abc import Callable

from services.rules import guards
from services.rules.case import CaseState, ClosedAs, Command, Stage
from services.rules.second_reading import Way


def where_it_came_from(case: CaseState, _: Command) -> Stage:
    """Back to the stage that asked."""
    return case.return_to or Stage.ELIGIBILITY_REVIEW


def where_it_is(case: CaseState, _: Command) -> Stage:
    """A move within the stage."""
    return case.stage


def where_the_readings_lead(case: CaseState, command: Command) -> Stage:
    """With the last reading on to the decision, to a second assessor or to moderation; before it, where the case is."""
    return case.stage if guards.others_still_judge(case, command) else Stage.DECISION_PENDING


def where_the_portfolio_goes(case: CaseState, _: Command) -> Stage:
    """To the assessors, or to the decision where every open claim is a transfer."""
    return Stage.DECISION_PENDING if guards.only_transfers(case) else Stage.ASSIGNING


def where_the_rest_leads(case: CaseState, _: Command) -> Stage:
    """Where it is; on, where the claim that is taken back was the last one that was waited for."""
    return case.stage


def where_the_reading_begins(case: CaseState, _: Command) -> Stage:
    """To the assessors, or to the panel where the programme lets it read the file itself."""
    return Stage.MODERATION if case.moderation is Way.PANEL else Stage.IN_ASSESSMENT


def once_both_have_signed(case: CaseState, _: Command) -> Stage:
    """On to the decision with the second signature under the same outcome; before it, where the case is."""
    return case.stage


def where_it_lives_again(case: CaseState, command: Command) -> Stage:
    """Back to where it was, a gap plan that was left among them; a completed case takes up its open claims again."""
    if case.closed_as is ClosedAs.COMPLETED and case.return_to is Stage.GAP_TRAINING:
        return Stage.GAP_TRAINING
    return guards.REOPENED_AT.get(case.closed_as, where_it_came_from(case, command))


def where_it_is_judged_anew(case: CaseState, _: Command) -> Stage:
    """What a barred person found is void: a case that was about to be decided is assessed again."""
    return Stage.IN_ASSESSMENT if case.stage is Stage.DECISION_PENDING else case.stage


def where_it_was_before_the_appeal(case: CaseState, _: Command) -> Stage:
    """Back to where the case was when the appeal was lodged."""
    return case.return_to or Stage.DECIDED


def where_the_ruling_leads(case: CaseState, command: Command) -> Stage:
    """Dismissed: back to where it was. Varied: on to the new letter, or to what was refused. Remitted: judged anew."""
    return where_it_was_before_the_appeal(case, command)


APPEALABLE = (Stage.DECIDED, Stage.GAP_TRAINING, Stage.NOT_ELIGIBLE, Stage.CLOSED)
"""Where a case can be when an appeal is lodged."""

REACHES: dict[object, frozenset[Stage]] = {
    where_it_is: frozenset(),
    where_the_rest_leads: frozenset(
        {Stage.IN_ASSESSMENT, Stage.SECOND_ASSESSMENT, Stage.MODERATION, Stage.DECISION_PENDING}
    ),
    where_the_portfolio_goes: frozenset({Stage.ASSIGNING, Stage.DECISION_PENDING}),
    where_the_readings_lead: frozenset({Stage.SECOND_ASSESSMENT, Stage.MODERATION, Stage.DECISION_PENDING}),
    where_the_reading_begins: frozenset({Stage.IN_ASSESSMENT, Stage.MODERATION}),
    once_both_have_signed: frozenset({Stage.DECISION_PENDING}),
    where_it_is_judged_anew: frozenset({Stage.IN_ASSESSMENT, Stage.SECOND_ASSESSMENT, Stage.MODERATION}),
    where_it_was_before_the_appeal: frozenset(APPEALABLE),
    where_the_ruling_leads: frozenset(
        {
            *APPEALABLE,
            Stage.ISSUING,
            Stage.ASSIGNING,
            Stage.ELIGIBLE,
            Stage.ELIGIBILITY_REVIEW,
            # what a lapse closed
            Stage.INCOMPLETE,
        }
    ),
}
"""Where a target may lead beside the stage that it begins in; one that goes back may lead anywhere."""


def reached_from(source: Stage, target: Callable[[CaseState, Command], Stage]) -> frozenset[Stage]:
    """Every stage that `target` can lead to from `source`."""
    reaches = REACHES.get(target)
    return frozenset(Stage) if reaches is None else reaches | {source}
