"""A case moves only along the table, only by the right person, and only from what that person saw."""

from dataclasses import replace
from itertools import product
from pathlib import Path
from uuid import UUID

import pytest

from services.rules import commands, stages
from services.rules.appeals import LEVELS
from services.rules.appointments import OPEN as OPEN_APPOINTMENTS
from services.rules.appointments import AppointmentState as A
from services.rules.appointments import Meeting
from services.rules.case import (
    CLOCK,
    SEAT_ROLE,
    AppealState,
    CaseState,
    Clock,
    ClosedAs,
    Command,
    Effect,
    Lane,
    Missing,
    Review,
    SeatKind,
    SeatState,
    Stage,
    Step,
    WaitingOn,
    own,
)
from services.rules.ladders import To
from services.rules.moves.arrows import Move
from services.rules.moves.seats import SEATING
from services.rules.people import Role
from services.rules.refusals import Refused
from services.rules.second_reading import Way
from services.rules.stages import FACTS, MOVE, MOVES, STAGES
from tests.rules import makers as make
from tools import stage_table

EVERYWHERE = {Stage.ISSUING, Stage.DECIDED, Stage.NOT_ELIGIBLE, Stage.CLOSED}


KINDS = {role: kind for kind, role in reversed(SEAT_ROLE.items())}
"""A seat that somebody in this role sits in."""


CLOSED_AS = {
    "undo_withdraw": ClosedAs.WITHDRAWN,
    "challenge_lapse": ClosedAs.EXPIRED,
    "rule_lapse": ClosedAs.EXPIRED,
}
"""What a case must be closed as for a move that lets it live again."""

STATES = dict.fromkeys(("accept_offer", "decline_offer", "lapse_offer"), SeatState.OFFERED) | dict.fromkeys(
    ("settle_conferral", "end_conferral", "decide", "confirm_judgements", "screen_again", "clarify_judgement"),
    SeatState.SUBMITTED,
)
"""In which state a seat is, for moves that do not ask for one that was accepted."""

UNDER_APPEAL = {
    "admit_appeal": AppealState.LODGED,
    "reject_appeal": AppealState.LODGED,
    "name_appeal_panel": AppealState.ADMISSIBLE,
    "convene_appeal": AppealState.ADMISSIBLE,
    "ask_hearing": AppealState.ADMISSIBLE,
    "call_hearing": AppealState.PANEL_NAMED,
    "rule_appeal": AppealState.PANEL_NAMED,
    "withdraw_appeal": AppealState.LODGED,
}
"""Moves about an open appeal, and a state in which it allows them."""


MEETINGS = {"book_slot": A.SLOTS_OFFERED, "propose_other_times": A.SLOTS_OFFERED, "booking_timeout": A.SLOTS_OFFERED}
"""How far an appointment is for a move; most need a booked one."""


def meeting(move: Move, role: Role) -> Meeting | None:
    """An appointment at the point that `move` asks for, conducted by somebody in `role`."""
    state = A.REQUESTED if move.command == "offer_slots" else MEETINGS.get(move.command, A.BOOKED)
    return None if move.command == "end_appointment" else Meeting(state, (role.value,))


def ready(move: Move, stage: Stage, role: Role) -> tuple[CaseState, Command]:
    """A case in `stage` in which every guard of `move` is content, so that only table and role decide."""
    case = make.case(stage)
    state = STATES.get(move.command, SeatState.ACCEPTED)
    confers = move.command in {"settle_conferral", "end_conferral"}
    case = replace(
        case,
        seats=(make.seat(state, person=role.value, kind=KINDS.get(role, SeatKind.FIRST), chair=role is Role.PANEL),),
        moderation=Way.CONFER if confers else Way.PANEL,
        panel_decides=role is Role.PANEL,
        refusal_proposed=move.command == "refuse_eligibility",
        paused=move.command == "resume",
        informed=move.command != "record_meeting",
        accepted_by_silence=True,
        calendar_behind=True,
        version_behind=True,
        confirms=True,
        missing=Missing.NOTHING if move.command == "reports_in" else Missing.REPORTS,
        unclear=1 if move.command in {"clarify_judgement", "take_back_return"} else 0,
        closed_as=CLOSED_AS.get(move.command),
        lapse_challenged=move.command == "rule_lapse",
        intake_by=role.value,
        open_transfers=1 if move.command == "check_transfer" else 0,
    )
    if move.command == "reopen" and role is Role.LEARNER:
        case = replace(case, closed_as=ClosedAs.EXPIRED, return_to=Stage.DRAFT)
    case = replace(case, appointment=meeting(move, role), rounds_left=0 if move.command == "allow_round" else 2)
    if move.command in UNDER_APPEAL:
        level = LEVELS.get(role, 1)
        case = replace(case, appeal=Review("appeal", level, UNDER_APPEAL[move.command], role.value))
    subject = f"1/offer:{make.SEAT}/lapse" if move.command == "lapse_offer" else ""
    return case, make.command(move.command, role, subject=subject)


def word(part: object) -> str:
    """What stands in a test's name: equal in every process, which the address of a function is not."""
    return part.command if isinstance(part, Move) else str(part)


@pytest.mark.parametrize("move", MOVES, ids=word)
def test_every_cell_answers_as_the_table_says(move: Move) -> None:
    for stage, role in product(Stage, Role):
        cell_answers_as_the_table_says(stage, move, role)


def cell_answers_as_the_table_says(stage: Stage, move: Move, role: Role) -> None:
    case, command = ready(move, stage, role)
    only_lead = move.command == "extend" and stage not in {Stage.INCOMPLETE, Stage.MORE_EVIDENCE}
    by_itself = move.command == "close" and stage is not Stage.GAP_TRAINING
    if stage not in move.sources:
        expected = "illegal_transition"
    elif role not in move.roles or ((only_lead or by_itself) and role is Role.LEARNER):
        expected = "not_your_move"
    else:
        step = stages.transition(case, command)
        assert step.move == move.command
        assert step.target in (set(Stage) if callable(move.target) else {move.target})
        return
    with pytest.raises(Refused) as refused:
        stages.transition(case, command)
    assert refused.value.code == expected


def test_a_command_that_the_table_does_not_know_is_refused() -> None:
    with pytest.raises(Refused, match="illegal_transition"):
        stages.transition(make.case(), make.command("grant_everything", Role.LEAD))


def test_who_looked_at_an_older_version_is_told_so() -> None:
    with pytest.raises(Refused) as refused:
        stages.transition(make.case(), make.command("submit", Role.LEARNER, version=2))
    assert (refused.value.code, refused.value.facts) == ("stale_version", {"version": "3"})


@pytest.mark.parametrize("asked_in", [Stage.ELIGIBILITY_REVIEW, Stage.PORTFOLIO_SUBMITTED])
def test_completing_returns_to_where_the_request_came_from(asked_in: Stage) -> None:
    case = replace(make.case(Stage.INCOMPLETE), return_to=asked_in)
    assert stages.transition(case, make.command("complete", Role.LEARNER)).target is asked_in


@pytest.mark.parametrize("move", ["answer_request", "request_timeout"])
def test_an_answer_and_a_silence_both_lead_back_to_the_assessors(move: str) -> None:
    case = replace(make.case(Stage.MORE_EVIDENCE), return_to=Stage.IN_ASSESSMENT)
    role = MOVE[move].roles[0]
    assert stages.transition(case, make.command(move, role)).target is Stage.IN_ASSESSMENT


@pytest.mark.parametrize(
    ("others", "unseated", "target"),
    [
        ((), 0, Stage.DECISION_PENDING),
        ((SeatState.SUBMITTED,), 0, Stage.DECISION_PENDING),
        ((SeatState.ACCEPTED,), 0, Stage.IN_ASSESSMENT),
        ((SeatState.SUBMITTED, SeatState.OFFERED), 0, Stage.IN_ASSESSMENT),
        ((), 1, Stage.IN_ASSESSMENT),
    ],
)
def test_only_the_last_judgements_lead_to_the_decision(
    others: tuple[SeatState, ...], unseated: int, target: Stage
) -> None:
    seats = tuple(make.seat(state, person=f"other-{n}", id_=f"s{n}") for n, state in enumerate(others))
    case = replace(make.case(Stage.IN_ASSESSMENT), seats=(make.seat(), *seats), unseated_claims=unseated)
    assert stages.transition(case, make.command("submit_judgements", Role.ASSESSOR)).target is target


def test_a_second_assessor_is_waited_for_where_the_case_is() -> None:
    others = (make.seat(SeatState.ACCEPTED, person="other", id_="s"),)
    case = replace(make.case(Stage.SECOND_ASSESSMENT), seats=(make.seat(), *others))
    sent = make.command("submit_judgements", Role.ASSESSOR)
    assert stages.transition(case, sent).target is Stage.SECOND_ASSESSMENT
    assert stages.transition(replace(case, seats=(make.seat(),)), sent).target is Stage.DECISION_PENDING


@pytest.mark.parametrize(
    ("closed_as", "target"),
    [
        (ClosedAs.COMPLETED, Stage.ELIGIBLE),
        (ClosedAs.NOT_ELIGIBLE, Stage.ELIGIBILITY_REVIEW),
        (ClosedAs.EXPIRED, Stage.INCOMPLETE),
        (ClosedAs.WITHDRAWN, Stage.INCOMPLETE),
    ],
)
def test_a_reopened_case_lives_where_it_can_go_on(closed_as: ClosedAs, target: Stage) -> None:
    case = replace(make.case(Stage.CLOSED), closed_as=closed_as, return_to=Stage.INCOMPLETE)
    assert stages.transition(case, make.command("reopen", Role.ADVISOR)).target is target


def test_a_plan_that_was_left_is_taken_up_where_it_was() -> None:
    left = replace(make.case(Stage.CLOSED), closed_as=ClosedAs.COMPLETED, return_to=Stage.GAP_TRAINING)
    assert stages.transition(left, make.command("reopen", Role.LEAD)).target is Stage.GAP_TRAINING


def test_a_draft_that_lapsed_is_taken_up_again_by_its_learner_alone_however_empty() -> None:
    draft = replace(make.case(Stage.CLOSED), closed_as=ClosedAs.EXPIRED, return_to=Stage.DRAFT, open_claims=0)
    assert stages.transition(draft, make.command("reopen", Role.LEARNER)).target is Stage.DRAFT
    for role in (Role.ADVISOR, Role.LEAD):
        with pytest.raises(Refused, match="not_your_move"):
            stages.transition(draft, make.command("reopen", role))


@pytest.mark.parametrize(
    ("closed_as", "return_to"), [(ClosedAs.EXPIRED, Stage.ELIGIBLE), (ClosedAs.WITHDRAWN, Stage.DRAFT)]
)
def test_any_other_closed_case_is_not_reopened_by_its_learner(closed_as: ClosedAs, return_to: Stage) -> None:
    case = replace(make.case(Stage.CLOSED), closed_as=closed_as, return_to=return_to)
    with pytest.raises(Refused, match="not_your_move"):
        stages.transition(case, make.command("reopen", Role.LEARNER))
    with pytest.raises(Refused, match="claims_missing"):
        stages.transition(replace(case, open_claims=0), make.command("reopen", Role.LEAD))


def test_a_tie_that_is_declared_before_the_decision_leads_back_to_assessment() -> None:
    pending = replace(make.case(Stage.DECISION_PENDING), seats=(make.seat(SeatState.SUBMITTED),))
    declared = make.command("declare_conflict", Role.ASSESSOR)
    assert stages.transition(pending, declared).target is Stage.IN_ASSESSMENT
    for stage in SEATING:
        assert stages.transition(make.case(stage), declared).target is stage


def test_a_grant_can_be_withdrawn_wherever_its_case_is_by_now_unless_a_decision_is_being_published() -> None:
    assert set(Stage) - set(MOVE["revoke_grant"].sources) == {Stage.DRAFT, Stage.ISSUING}


def offered(case: CaseState, role: Role, *, subject: str = "") -> list[str]:
    return stages.allowed(case, role, actor=role.value, subject=subject)


def test_a_page_offers_exactly_what_the_server_would_accept() -> None:
    draft = make.case(Stage.DRAFT)
    assert offered(draft, Role.LEARNER) == ["submit", "withdraw"]
    assert offered(replace(draft, open_claims=0), Role.LEARNER) == ["withdraw"]
    review = make.case(Stage.ELIGIBILITY_REVIEW)
    arranged = ["ask_accommodation", "answer_accommodation"]
    assert offered(review, Role.ADVISOR) == [
        "ask_completion",
        "accept_eligibility",
        "propose_refusal",
        "name_mentor",
        "agree_route",
        "pause",
        *arranged,
        "waive_fee",
    ]
    assert offered(review, Role.AUDITOR) == []
    assessing = make.case(Stage.IN_ASSESSMENT)
    assert offered(assessing, Role.ASSESSOR, subject=make.SEAT) == [
        "declare_conflict",
        "request_evidence",
        "order_appointment",
        "submit_judgements",
    ]
    assert offered(assessing, Role.ASSESSOR, subject="another seat") == []


def test_the_case_waits_for_who_decides_once_a_refusal_is_proposed() -> None:
    review = make.case(Stage.ELIGIBILITY_REVIEW)
    assert stages.waiting_on(review) is WaitingOn.ADVISOR
    assert stages.waiting_on(replace(review, refusal_proposed=True)) is WaitingOn.DECISION_MAKER
    assert stages.waiting_on(replace(make.case(Stage.ELIGIBLE), refusal_proposed=True)) is WaitingOn.LEARNER


@pytest.mark.parametrize("state", sorted(OPEN_APPOINTMENTS))
def test_our_clock_stands_only_while_the_learner_chooses_a_date(state: A) -> None:
    case = replace(make.case(Stage.DIRECT_ASSESSMENT), appointment=Meeting(state, ("assessor",)))
    chooses = state is A.SLOTS_OFFERED
    assert stages.waiting_on(case) is (WaitingOn.LEARNER if chooses else WaitingOn.ASSESSOR)
    assert stages.clock(case) is (Clock.STOPPED if chooses else Clock.RUNNING)
    assert stages.clock(replace(case, stage=Stage.IN_ASSESSMENT)) is Clock.RUNNING


def test_a_case_takes_itself_when_it_has_an_advisor_and_starts_when_every_seat_is_taken() -> None:
    assert stages.by_itself(make.case(Stage.SUBMITTED)) == "take_case"
    assert stages.by_itself(replace(make.case(Stage.SUBMITTED), advisor=None)) is None
    assert stages.by_itself(make.case(Stage.ASSIGNING)) == "start_assessment"
    assert stages.by_itself(replace(make.case(Stage.ASSIGNING), unseated_claims=1)) is None


def test_nothing_else_happens_by_itself() -> None:
    waiting = {stage for stage in Stage if stages.by_itself(make.case(stage))}
    assert waiting == {Stage.SUBMITTED, Stage.ASSIGNING, Stage.DIRECT_ASSESSMENT}
    there = replace(make.case(Stage.DIRECT_ASSESSMENT), appointment=Meeting(A.HELD, ("assessor",)))
    assert stages.by_itself(there) is None


@pytest.mark.parametrize(("stage", "fact"), list(product(Stage, FACTS)), ids=str)
def test_a_fact_is_legal_in_every_stage_whatever_the_version(stage: Stage, fact: str) -> None:
    subject = "1/appeal_window/end" if fact == "deadline_reached" else "c/1:render_letter"
    step = stages.transition(make.case(stage), make.command(fact, Role.CLOCK, version=1, subject=subject))
    closes = fact == "deadline_reached" and stage in {Stage.DECIDED, Stage.NOT_ELIGIBLE, Stage.GAP_TRAINING}
    assert (step.move, step.target) == (("close", Stage.CLOSED) if closes else (fact, stage))


def test_nobody_but_the_clock_reports_facts() -> None:
    with pytest.raises(Refused, match="command_mismatch"):
        stages.transition(make.case(), make.command("effect_done", Role.LEAD, subject="c/1:publish_decision"))


def test_publishing_makes_the_case_decided_and_nothing_else_does() -> None:
    issuing = make.case(Stage.ISSUING)
    published = make.command("effect_done", Role.CLOCK, subject=f"c/1:{stages.PIVOT}")
    rendered = make.command("effect_done", Role.CLOCK, subject="c/1:render_letter")
    assert stages.transition(issuing, published).target is Stage.DECIDED
    assert stages.transition(issuing, rendered).target is Stage.ISSUING
    assert stages.transition(make.case(Stage.DECIDED), published).target is Stage.DECIDED


def test_a_withdrawal_that_is_published_late_does_not_pass_for_the_decision_made_since() -> None:
    keys = [f"{make.CASE}:{version}:{stages.PIVOT}" for version in (9, 10)]
    waiting = tuple(Effect(key, stages.PIVOT, Lane.ISSUE) for key in keys)
    issuing = replace(make.case(Stage.ISSUING), effects=waiting)
    first, second = (make.command("effect_done", Role.CLOCK, subject=key) for key in keys)
    assert stages.transition(issuing, first).target is Stage.ISSUING
    assert stages.transition(replace(issuing, effects=(), failed_effects=(keys[1],)), first).target is Stage.ISSUING
    assert stages.transition(issuing, second).target is Stage.DECIDED
    assert stages.transition(replace(issuing, effects=waiting[1:]), second).target is Stage.DECIDED


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("key", ["1/eligibility/renamed", "1/renamed/due"])
def test_a_rung_that_no_release_knows_any_more_only_closes(stage: Stage, key: str) -> None:
    fact = make.command("deadline_reached", Role.CLOCK, subject=key)
    assert stages.transition(make.case(stage), fact) == Step("deadline_reached", stage)


def test_whoever_holds_a_seat_hears_of_a_withdrawal_from_what_ends_the_seat() -> None:
    # By the time that the table's mails are queued, no seat is left that one could go to.
    assert {notice.to for notice in stages.MOVE["withdraw"].notices} == {To.LEARNER}


def test_a_deadline_whose_offer_was_answered_only_closes() -> None:
    subject = f"1/offer:{make.SEAT}/lapse"
    fact = make.command("deadline_reached", Role.CLOCK, subject=subject)
    waiting = replace(make.case(Stage.ASSIGNING), seats=(make.seat(SeatState.OFFERED),))
    assert stages.transition(waiting, fact).move == "lapse_offer"
    assert stages.transition(make.case(Stage.ASSIGNING), fact).move == "deadline_reached"


def test_the_clocks_own_command_has_one_id_however_often_it_is_sent() -> None:
    case = make.case(Stage.SUBMITTED)
    first, again = own(case, "take_case"), own(case, "take_case")
    assert first == again
    assert (first.actor, first.role, first.expected_version) == (CLOCK, Role.CLOCK, 3)
    assert UUID(first.id) != UUID(own(case, "take_case", when="later").id)
    assert first.id != own(replace(case, version=4), "take_case").id


def test_every_human_command_has_a_body_and_no_body_lacks_its_command() -> None:
    human = {move.command for move in MOVES if set(move.roles) - {Role.CLOCK}}
    assert set(commands.BODIES) == human


def test_each_command_stands_in_the_table_once_and_every_stage_has_its_facts() -> None:
    assert len(MOVE) == len(MOVES)
    assert set(STAGES) == set(Stage)
    assert not set(FACTS) & set(MOVE)


def test_nobody_waits_for_nothing_except_where_our_own_work_or_the_end_is_waited_for() -> None:
    nobody = {stage for stage, facts in STAGES.items() if facts.waiting_on is WaitingOn.NONE}
    assert nobody == EVERYWHERE


def test_our_clock_never_runs_while_the_learner_is_waited_for() -> None:
    learners = [facts.clock for facts in STAGES.values() if facts.waiting_on is WaitingOn.LEARNER]
    assert learners
    assert set(learners) == {Clock.STOPPED}


def test_the_page_about_stages_is_the_one_that_the_tables_print() -> None:
    printed = Path(__file__).parents[2] / "docs" / "stages.md"
    assert printed.read_text(encoding="utf-8") == stage_table.page(), "python -m tools.stage_table > docs/stages.md"


def test_a_case_walks_from_draft_to_closed_in_the_order_of_the_phases() -> None:
    path = ["submit", "take_case", "accept_eligibility", "submit_portfolio", "accept_portfolio", "start_assessment"]
    path += ["submit_judgements", "decide", "published", "close"]
    case = make.case(Stage.DRAFT)
    seen = []
    for kind in path:
        role = MOVE[kind].roles[0]
        command = Command("k", kind, case.id, "assessor", role, case.version, "")
        case = replace(case, stage=stages.transition(case, command).target, version=case.version + 1)
        seen.append(STAGES[case.stage].phase)
    order = list(dict.fromkeys(seen))
    assert case.stage is Stage.CLOSED
    assert order == ["identification", "documentation", "assessment", "certification"]


def test_a_reminder_changes_nothing_but_itself() -> None:
    case = make.case(Stage.INCOMPLETE)
    step = stages.transition(case, own(case, "deadline_reached", "1/completion/soon"))
    assert (step.move, step.target) == ("deadline_reached", Stage.INCOMPLETE)
