"""The weaknesses of the closest peer, each held off by a named test of ours (case design, section 16).

The table is the design's. A row lists the tests that show it, by file; a test that is renamed or lost is missed here.
"""

import ast
from functools import lru_cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent

SHOWN = {
    "one function writes any status": [
        "rules/test_stages.py::test_every_cell_answers_as_the_table_says",
        "rules/test_designed_moves.py::test_a_row_of_the_table_is_the_designs_or_differs_for_a_reason",
        "rules/test_any_case.py::test_ten_thousand_steps_never_leave_the_table",
        "records/test_walks.py::test_a_short_walk_holds_every_invariant_after_each_move",
    ],
    "send errors caught, then every row marked sent": [
        "workflows/test_deadlines.py::test_a_mail_nobody_takes_for_a_day_raises_an_alarm_while_the_others_went",
        "workflows/test_effects.py::test_a_mail_that_is_not_taken_now_holds_nobody_elses_mail",
        "workflows/test_mailing.py::test_what_was_not_taken_is_not_noted_as_sent",
    ],
    "reminders fire once and never escalate": [
        "workflows/test_ladders.py::test_every_rung_of_every_ladder_comes_on_the_day_that_page_and_mail_name",
        "workflows/test_deadlines.py::test_an_overdue_assessment_is_recalled_escalated_and_offered_to_somebody_else",
    ],
    "a jury is a date, an address and one result": [
        "records/test_moves_paneling.py::test_no_record_stands_for_one_voter_without_minutes_or_with_a_tie",
        "rules/test_panels.py::test_votes_stand_with_a_quorum_the_chair_a_qualified_member_and_no_open_tie",
    ],
    "no conflict of interest": [
        "records/test_moves_seats.py::test_a_declared_conflict_bars_the_person_for_ever",
        "records/test_queue.py::test_an_excluded_person_finds_the_case_in_no_list",
        "rules/test_people.py::test_for_a_stranger_and_a_former_assessor_the_case_does_not_exist",
        "rules/test_people.py::test_an_exclusion_ends_every_other_tie",
    ],
    "partial success does not say which blocks": [
        "records/test_letters.py::test_letter_record_and_credentials_list_the_same_claims",
        "records/test_letters.py::test_a_letter_tells_what_the_decision_said_of_each_claim",
        "workflows/test_whole_case.py::test_only_what_was_granted_becomes_a_credential",
        "documents/test_letters.py::test_what_is_not_yet_demonstrated_comes_with_reasons_gaps_and_what_is_kept",
    ],
    "no appeal of a result; contesting a lapse has no code left": [
        "records/test_moves_appeals.py::test_each_ground_puts_the_case_under_review_and_asks_somebody_who_had_no_part",
        "records/test_moves_appeals.py::test_after_its_window_an_appeal_needs_a_cause_and_a_chair_who_accepts_it",
        "rules/test_appeals.py::test_a_first_decision_is_reviewed_at_the_first_level_and_its_ruling_at_the_second",
        "records/test_moves_ruling.py::test_a_lapse_is_contested_and_the_case_lives_again_where_it_was",
        "records/test_moves_suspension_appeals.py::test_a_suspension_that_stands_says_so_and_can_go_to_the_second_level",
        "records/test_moves_lapses.py::test_a_restored_case_goes_on_where_it_was_with_thirty_days_at_the_least",
    ],
    "drafts over two months hard-deleted with their log": [
        "records/test_moves_leaving.py::test_an_idle_draft_closes_without_warnings_of_a_ladder_and_can_be_restored",
    ],
    "a comment says 15 d, the constant 180 d": [
        "records/test_one_date.py::test_mail_page_and_timer_say_one_date_for_every_limit",
        "records/test_one_date.py::test_every_limit_that_begins_with_a_stage_or_a_seat_is_looked_at",
    ],
    "status mixes where and who": [
        "records/test_walks.py::test_a_short_walk_holds_every_invariant_after_each_move",
        "rules/test_stages.py::test_nobody_waits_for_nothing_except_where_our_own_work_or_the_end_is_waited_for",
        "rules/test_stages.py::test_our_clock_never_runs_while_the_learner_is_waited_for",
    ],
    "no digital credential": [
        "documents/test_proofs.py::test_outside_software_verifies_a_credential_with_its_key_and_its_status_and_no_network",
        "documents/test_verification.py::test_a_genuine_credential_is_valid_from_a_folder_alone",
        "workflows/test_whole_case.py::test_a_credential_verifies_with_the_published_key_and_its_list_is_there",
    ],
    "French only": [
        "test_locales.py::test_a_sentence_exists_in_both_languages",
        "test_locales.py::test_a_sentence_is_set_as_french_is",
        "test_locales.py::test_every_refusal_has_a_sentence_and_no_sentence_lacks_its_refusal",
        "documents/test_letters.py::test_every_sentence_exists_in_both_languages_with_the_same_facts",
        "documents/test_notices.py::test_every_kind_is_said_in_both_languages_with_its_link_and_nothing_unfilled",
    ],
    "whole upload in memory": [
        "api/test_uploads.py::test_a_large_file_passes_through_without_filling_the_memory",
        "api/test_resumable.py::test_a_file_in_parts_becomes_evidence_byte_for_byte",
        "api/test_uploads.py::test_a_file_leaves_as_an_attachment_that_no_browser_runs",
    ],
    "accessibility audited once": [
        "browser/test_pages.py::test_every_route_that_shows_a_page_stands_in_the_catalogue",
        "browser/test_pages.py::test_every_page_is_without_fault_for_everybody",
        "browser/test_pages.py::test_every_page_in_both_languages_on_both_screens",
    ],
    "15 API operations": [
        "pages/test_commands.py::test_every_command_and_every_field_has_its_words",
        "pages/test_commands.py::test_a_page_offers_what_may_be_sent_now_and_each_offer_opens",
        "api/test_rights.py::test_every_action_of_the_rules_is_used_by_a_route",
    ],
    "jury decision undone by an administrator's soft delete": [
        "api/test_public.py::test_a_corrected_decision_withdraws_what_it_lowers_and_keeps_both_letters",
    ],
    "statistics only in embedded frames": [
        "records/test_statistics.py::test_pairs_of_originals_become_figures_of_every_scope",
    ],
}
"""A weakness, and where it is shown that we do not have it."""

NOT_YET = {
    "whole upload in memory": "no scanner comes with this release: what is not scanned says so, and is run by no page",
}
"""What the design asks for and nothing can show yet, and why."""


@lru_cache
def names(file: str) -> frozenset[str]:
    """The tests of one file."""
    parsed = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in parsed.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@pytest.mark.parametrize("weakness", list(SHOWN))
def test_a_weakness_of_the_peer_is_held_off_by_tests_that_exist(weakness: str) -> None:
    for shown in SHOWN[weakness]:
        file, _, test = shown.partition("::")
        assert test in names(file), shown


def test_every_row_of_the_design_is_shown_or_says_why_not() -> None:
    assert len(set(SHOWN) | set(NOT_YET)) == 17  # rows of the design's table
