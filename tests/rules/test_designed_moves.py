"""The table of moves is the one that the case design states (sections 3.1 and 3.2), pair by pair.

`DESIGN` is written out by hand from the design. Where the product does otherwise, a list below it says so and why;
what is neither here nor there makes a test fail.
"""

from dataclasses import dataclass

import pytest

from services.rules.case import Stage
from services.rules.moves.arrows import Move
from services.rules.people import Role
from services.rules.stages import MOVE, MOVES
from tools.stage_table import destinations

OPEN = (
    "draft submitted eligibility_review incomplete eligible portfolio_submitted assigning in_assessment more_evidence"
    " direct_assessment second_assessment moderation decision_pending"
)
"""Open stages before `issuing`."""

PAST = "decided gap_training not_eligible closed"
"""Where a case can be when an appeal is lodged."""

JUDGING = "in_assessment second_assessment moderation"
REVIEWERS = "appeal_reviewer_1 appeal_reviewer_2"

DESIGN = f"""
submit | draft | submitted | learner advisor
take_case | submitted | eligibility_review | clock lead
ask_completion | eligibility_review portfolio_submitted | incomplete | advisor
complete | incomplete | eligibility_review portfolio_submitted | learner
accept_eligibility | eligibility_review | eligible | advisor clock
refuse_eligibility | eligibility_review | not_eligible | decision_maker
submit_portfolio | eligible gap_training | portfolio_submitted | learner
accept_portfolio | portfolio_submitted | assigning decision_pending | advisor
start_assessment | assigning | in_assessment moderation | clock
request_evidence | {JUDGING} | more_evidence | assessor panel
answer_request | more_evidence | {JUDGING} | learner
request_timeout | more_evidence | {JUDGING} | clock
order_appointment | {JUDGING} | direct_assessment | assessor panel
end_appointment | direct_assessment | {JUDGING} | assessor panel
submit_judgements | in_assessment second_assessment | second_assessment moderation decision_pending | assessor
settle_conferral | moderation | decision_pending | assessor
record_panel | moderation | decision_pending | panel
return_decision | decision_pending | moderation | decision_maker
decide | decision_pending | issuing | decision_maker panel
published | issuing | decided | clock
accept_plan | decided | gap_training | learner
lodge_appeal | {PAST} | under_review | learner
rule_appeal | under_review | issuing assigning eligible eligibility_review {PAST} | {REVIEWERS}
withdraw_appeal | under_review | {PAST} | learner
close | decided not_eligible gap_training | closed | clock learner
expire | draft incomplete eligible | closed | clock
withdraw | {OPEN} | closed | learner
undo_withdraw | closed | {OPEN} | learner
withdraw_claim | {OPEN.removesuffix(" decision_pending")} | | learner
pause | {OPEN.removeprefix("draft ")} gap_training | | advisor lead
resume | {OPEN.removeprefix("draft ")} gap_training | | advisor lead clock
extend | incomplete more_evidence eligible gap_training in_assessment second_assessment | | lead learner
reassign | assigning {JUDGING} | | lead
transfer_advisor | {OPEN.removeprefix("draft submitted ")} {PAST} under_review | | lead
change_programme_version | draft submitted eligibility_review incomplete eligible | | clock learner
merge_duplicate | {OPEN} | closed | lead
reopen | closed | draft incomplete eligible eligibility_review gap_training | advisor lead learner
challenge_lapse | closed | | learner
rule_lapse | closed | draft incomplete eligible | lead
correct_decision | decided gap_training closed | issuing | decision_maker
suspend_grant | decided gap_training under_review closed | | decision_maker
lift_suspension | decided gap_training under_review closed | | decision_maker
revoke_grant | decided gap_training under_review closed | | decision_maker
"""
"""Command | from | to, where the stage changes | actors."""

BACK = frozenset({"undo_withdraw", "reopen", "rule_lapse"})
"""They lead back to where the case was, which its own past and guards say; the table alone would allow any stage."""

OTHERWISE = {
    "end_appointment": "ends by itself as soon as it was recorded or there will be none: clock",
    "settle_conferral": "leads on by what was signed: the second signature alone changes the stage",
    "rule_appeal": "a lapse that is appealed is restored where it was, which may be `incomplete`",
    "withdraw_claim": "a draft's claims are simply edited; while a panel settles readings its claims are not taken from"
    " it, and of a second reading the learner is to learn nothing; a gap plan's claims can be given up as well",
    "change_programme_version": "the learner alone takes the newer version; who says nothing stays on the old one",
    "suspend_grant": "a case that was reopened keeps its grants through every stage",
    "lift_suspension": "as `suspend_grant`",
    "revoke_grant": "as `suspend_grant`",
}
"""Rows in which the table differs from the design, and why."""

BESIDE = {
    "record_meeting": "information meeting (12)",
    "propose_refusal": "waits on the decision maker once a refusal is proposed (3)",
    "name_mentor": "mentor role (2)",
    "confirm_case": "confirmation from time to time (12)",
    "check_transfer": "transfer checked by the advisor (4.4)",
    "accept_offer": "offers (5)",
    "decline_offer": "offers (5)",
    "declare_conflict": "conflicts of interest (5)",
    "screen_again": "the screen again once the name is shown (5)",
    "lapse_offer": "silence on an offer (5)",
    "reoffer_seats": "late assessors (3)",
    "override_conflict": "override of kind `other` (5)",
    "allow_round": "a third round (9)",
    "answer_target": "an answer per target (9)",
    "reports_in": "an answer that somebody else gives (3, 9)",
    "look_at_reports": "third_party if only a report is missing (3)",
    "offer_slots": "appointments (7)",
    "book_slot": "appointments (7)",
    "propose_other_times": "appointments (7)",
    "move_appointment": "appointments (7)",
    "change_place": "appointments (7)",
    "call_off": "appointments (7)",
    "cancel_appointment": "appointments (7)",
    "report_no_show": "appointments (7)",
    "record_appointment": "appointments (7)",
    "meeting_over": "appointments (7)",
    "booking_timeout": "appointments (7)",
    "confirm_judgements": "new evidence after a reading was sent in (9)",
    "return_judgement": "a lead asks for clarity (4.1)",
    "clarify_judgement": "a lead asks for clarity (4.1)",
    "take_back_return": "a lead asks for clarity (4.1)",
    "end_conferral": "conferring ends in a panel (6)",
    "compose_panel": "panel (6)",
    "admit_appeal": "admissibility (11)",
    "reject_appeal": "admissibility (11)",
    "name_appeal_panel": "appeal panel (11)",
    "convene_appeal": "appeal panel (11)",
    "ask_hearing": "hearing (11)",
    "call_hearing": "hearing (11)",
    "plan_gaps": "gap loop (10)",
    "decline_plan": "gap loop (10)",
    "agree_route": "`reoriented` where another route was agreed (3.2, `withdraw`)",
    "ask_accommodation": "accommodations (12)",
    "answer_accommodation": "accommodations (12)",
    "end_accommodation": "accommodations (12)",
    "waive_fee": "fees, waivers (12, 13 F1)",
    "calendar_changed": "a calendar that an institution changes (12)",
    "retry_effect": "operator's retry (3, `issuing`)",
}
"""Commands that sections 3.1 and 3.2 do not list, with the section of the design that asks for each."""

MAY_LEAD_ON = frozenset({"reports_in", "declare_conflict", "confirm_judgements", "reject_appeal"})
"""Those of `BESIDE` that can change the stage."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the design."""

    command: str
    sources: frozenset[Stage]
    targets: frozenset[Stage]
    roles: frozenset[Role]

    @property
    def changes(self) -> set[tuple[Stage, Stage]]:
        return {(one, other) for one in self.sources for other in self.targets if one is not other}


def read(line: str) -> Row:
    command, sources, targets, roles = (part.split() for part in line.split("|"))
    return Row(command[0], frozenset(map(Stage, sources)), frozenset(map(Stage, targets)), frozenset(map(Role, roles)))


ROWS = {row.command: row for row in map(read, DESIGN.strip().splitlines())}


def changes(move: Move) -> set[tuple[Stage, Stage]]:
    """Every change of stage that the table allows by `move`."""
    return {(source, target) for source in move.sources for target in destinations(move, source)} - {
        (stage, stage) for stage in Stage
    }


def equal(row: Row, move: Move) -> bool:
    """Whether the table says what the design says."""
    if set(move.roles) != row.roles:
        return False
    if not row.targets:  # within the stage
        return set(move.sources) == row.sources and not changes(move)
    return changes(move) >= row.changes if move.command in BACK else changes(move) == row.changes


@pytest.mark.parametrize("command", sorted(ROWS))
def test_a_row_of_the_table_is_the_designs_or_differs_for_a_reason(command: str) -> None:
    assert equal(ROWS[command], MOVE[command]) != (command in OTHERWISE)


def test_the_table_holds_the_designs_commands_and_those_that_its_other_sections_ask_for() -> None:
    assert set(MOVE) == set(ROWS) | set(BESIDE)
    assert not set(ROWS) & set(BESIDE)


def test_what_the_two_lists_do_not_name_changes_no_stage() -> None:
    assert {move.command for move in MOVES if move.command in BESIDE and changes(move)} == MAY_LEAD_ON
