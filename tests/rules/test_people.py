"""Who may do what: by tie to a case, by role elsewhere; strangers and excluded people are told nothing."""

from itertools import combinations, product

import pytest

from services.rules.people import (
    BY_ROLE,
    ON_A_CASE,
    STAFF,
    Action,
    Answer,
    Caller,
    CaseFacts,
    Membership,
    Role,
    Tie,
    by_role,
    keeps_role,
    on_a_case,
    roles_on_a_case,
)
from services.rules.stages import MOVES

A, F, H = Answer.ALLOWED, Answer.FORBIDDEN, Answer.HIDDEN

# The columns of TABLE; whether decided or not is said where it matters.
TIES = (
    Tie.LEARNER,
    Tie.ADVISOR,
    Tie.OFFERED,
    Tie.ASSESSOR,
    Tie.PANEL,
    Tie.DECISION_MAKER,
    Tie.APPEAL_REVIEWER,
    Tie.LEAD,
    Tie.PROGRAMME_ADMIN,
    Tie.AUDITOR,
)
TABLE: dict[Action, tuple[Answer, ...]] = {
    Action.SEE_CASE: (A, A, H, A, A, A, A, A, H, A),
    Action.EDIT_PORTFOLIO: (A, F, H, F, F, F, F, F, H, F),
    Action.END_INTAKE: (A, F, H, F, F, F, F, F, H, F),
    Action.INVITE: (F, A, H, F, F, F, F, F, H, F),
    Action.KEEP_NOTES: (F, F, H, F, F, F, F, F, H, F),
    Action.READ_MESSAGES: (A, A, H, F, F, F, F, A, H, A),
    Action.WRITE_MESSAGES: (A, A, H, F, F, F, F, A, H, F),
    Action.SEE_REMARKS: (F, A, H, F, F, F, F, A, H, A),
    Action.KEEP_REMARKS: (F, A, H, F, F, F, F, A, H, F),
    Action.SEE_PORTFOLIO: (A, A, H, A, A, F, A, F, H, A),
    Action.SEE_EVIDENCE: (A, A, H, A, A, F, A, F, H, A),
    Action.SEE_MISSING: (A, A, H, F, F, F, F, F, H, F),
    Action.SEE_RECEIPT: (A, A, H, F, F, F, F, F, H, A),
    Action.ASK_ATTESTATION: (A, F, H, F, F, F, F, F, H, F),
    Action.PROPOSE_ATTESTATION: (F, F, H, A, F, F, F, F, H, F),
    Action.SEE_REQUESTS: (A, A, H, F, F, F, F, F, H, A),
    Action.SEE_STATEMENTS: (F, A, H, A, A, F, A, F, H, A),
    Action.CALL_BACK: (F, A, H, F, F, F, F, F, H, F),
    Action.RECORD_WORDS: (F, A, H, F, F, F, F, F, H, F),
    Action.HEAR_OTHERS: (F, A, H, F, F, F, F, F, H, F),
    Action.SCREEN_OFFER: (F, F, A, A, A, F, A, F, H, F),
    Action.JUDGE: (F, F, H, A, A, F, A, F, H, F),
    Action.SEE_CONFERRAL: (F, F, H, A, F, F, F, F, H, A),
    Action.CONFER: (F, F, H, A, F, F, F, F, H, F),
    Action.SEE_ORIGINALS: (F, F, H, F, A, F, A, F, H, A),
    Action.SEE_PANEL: (F, F, H, F, A, A, A, F, H, A),
    Action.SEE_JUDGEMENTS: (F, F, H, F, A, A, A, A, H, A),
    Action.SEE_ARRANGED: (A, A, H, A, A, F, A, A, H, F),
    Action.SEE_LETTER: (F, F, H, F, F, F, F, F, H, F),
    Action.SEE_APPOINTMENTS: (A, A, H, A, A, F, A, A, H, A),
    Action.KEEP_RECORDING: (F, F, H, A, A, F, F, F, H, F),
    Action.SHARE_CREDENTIAL: (A, F, H, F, F, F, F, F, H, F),
    Action.SEE_PLAN: (F, F, H, F, F, F, F, F, H, F),
    Action.SEE_TIMELINE: (A, A, H, F, F, A, A, A, H, A),
    Action.SEE_SEATS: (F, F, H, F, F, F, F, A, H, A),
    Action.SEE_APPEALS: (A, A, H, F, F, F, A, A, H, A),
    Action.SEND_COMMAND: (A, A, A, A, A, A, A, A, A, F),
    Action.SEE_COMMAND: (A, A, A, A, A, A, A, A, A, A),
}
AFTER_THE_DECISION = {
    Action.SEE_JUDGEMENTS: (A, A, H, F, A, A, A, A, H, A),
    Action.SEE_LETTER: (A, A, H, F, F, A, A, F, H, A),
    Action.SEE_PLAN: (A, A, H, F, F, F, F, F, H, A),
}


@pytest.mark.parametrize(("action", "decided"), list(product(TABLE, [False, True])), ids=str)
def test_each_tie_may_do_on_a_case_what_the_table_says(action: Action, decided: bool) -> None:  # noqa: FBT001 - drawn by pytest
    row = AFTER_THE_DECISION.get(action, TABLE[action]) if decided else TABLE[action]
    answers = tuple(on_a_case(action, CaseFacts(frozenset({tie}), decided=decided)) for tie in TIES)
    assert answers == row


def test_the_table_of_this_test_speaks_of_every_action_and_tie() -> None:
    assert set(TABLE) == set(ON_A_CASE)
    assert set(ON_A_CASE) | set(BY_ROLE) | {Action.PUBLIC} == set(Action)
    assert set(TIES) | {Tie.INTAKE, Tie.MENTOR, Tie.EXCLUDED, Tie.FORMER_ASSESSOR, Tie.STRANGER} == set(Tie)


def test_a_mentor_sees_where_the_case_is_keeps_notes_and_writes_down_what_the_learner_says() -> None:
    allowed = {action for action in TABLE if on_a_case(action, CaseFacts(frozenset({Tie.MENTOR}), decided=True)) is A}
    talking = {Action.READ_MESSAGES, Action.WRITE_MESSAGES}
    assert allowed == {Action.SEE_CASE, Action.KEEP_NOTES, Action.RECORD_WORDS, Action.SEE_COMMAND} | talking


def test_whoever_writes_for_a_learner_does_what_an_advisor_does_and_edits_as_well() -> None:
    writing = {
        action
        for action in TABLE
        if on_a_case(action, CaseFacts(frozenset({Tie.ADVISOR, Tie.INTAKE})))
        is not on_a_case(action, CaseFacts(frozenset({Tie.ADVISOR})))
    }
    assert writing == {Action.EDIT_PORTFOLIO, Action.END_INTAKE}


@pytest.mark.parametrize("ties", [(), (Tie.STRANGER,), (Tie.FORMER_ASSESSOR,), (Tie.STRANGER, Tie.FORMER_ASSESSOR)])
def test_for_a_stranger_and_a_former_assessor_the_case_does_not_exist(ties: tuple[Tie, ...]) -> None:
    facts = CaseFacts(frozenset(ties), decided=True)
    assert [action for action in TABLE if on_a_case(action, facts) is not Answer.HIDDEN] == []


@pytest.mark.parametrize("tie", TIES)
def test_an_exclusion_ends_every_other_tie(tie: Tie) -> None:
    facts = CaseFacts(frozenset({tie, Tie.EXCLUDED}), decided=True)
    assert [action for action in TABLE if on_a_case(action, facts) is not Answer.HIDDEN] == []


def test_the_letter_of_a_lapse_is_read_and_opens_nothing_else() -> None:
    for tie in TIES:
        told = CaseFacts(frozenset({tie}), lapsed=True)
        assert on_a_case(Action.SEE_LETTER, told) is on_a_case(Action.SEE_LETTER, CaseFacts(told.ties, decided=True))
        for action in (Action.SEE_JUDGEMENTS, Action.SEE_PLAN):
            assert on_a_case(action, told) is on_a_case(action, CaseFacts(told.ties))


@pytest.mark.parametrize("second", [tie for tie in TIES if tie not in {Tie.LEARNER, Tie.ADVISOR}])
@pytest.mark.parametrize("first", [Tie.LEARNER, Tie.ADVISOR])
def test_a_second_role_does_not_show_a_judgement_before_the_decision(first: Tie, second: Tie) -> None:
    both = frozenset({first, second})
    assert on_a_case(Action.SEE_JUDGEMENTS, CaseFacts(both)) is Answer.FORBIDDEN
    assert on_a_case(Action.SEE_JUDGEMENTS, CaseFacts(both, decided=True)) is Answer.ALLOWED


def test_no_two_ties_together_see_a_letter_before_it_is_there() -> None:
    for pair in combinations(TIES, 2):
        assert on_a_case(Action.SEE_LETTER, CaseFacts(frozenset(pair))) is not Answer.ALLOWED


def caller(*memberships: Membership) -> Caller:
    return Caller("person", "en", memberships)


def test_everybody_signed_in_has_an_account_and_may_open_a_case() -> None:
    for action in (Action.OWN_ACCOUNT, Action.OPEN_CASE, Action.LIST_CASES):
        assert by_role(action, caller()) is Answer.ALLOWED


@pytest.mark.parametrize(
    ("programme", "institution", "case_programme", "reached"),
    [
        (None, "college-exemple", "office", True),
        ("office", "college-exemple", "office", True),
        ("office", "college-exemple", "care", False),
        (None, "another", "office", False),
    ],
)
def test_a_role_reaches_the_programmes_it_was_given_for(
    programme: str | None,
    institution: str,
    case_programme: str,
    reached: bool,  # noqa: FBT001 - drawn by pytest
) -> None:
    lead = caller(Membership(Role.LEAD, "college-exemple", programme))
    assert lead.holds(Role.LEAD, institution, case_programme) is reached
    assert not lead.holds(Role.AUDITOR, institution, case_programme)
    assert lead.roles == {Role.LEAD}


def test_the_clock_and_the_learner_are_not_staff() -> None:
    assert not {Role.CLOCK, Role.LEARNER} & STAFF


def test_a_person_acts_on_a_case_in_every_role_that_a_tie_gives_and_in_none_when_excluded() -> None:
    ties = frozenset({Tie.LEAD, Tie.OFFERED, Tie.ASSESSOR, Tie.STRANGER})
    facts = CaseFacts(ties, seats=frozenset({Role.ASSESSOR, Role.PANEL}))
    assert roles_on_a_case(facts) == (Role.ASSESSOR, Role.PANEL, Role.LEAD)
    assert roles_on_a_case(CaseFacts(ties | {Tie.EXCLUDED})) == ()
    assert roles_on_a_case(CaseFacts(frozenset({Tie.STRANGER, Tie.FORMER_ASSESSOR}))) == ()


@pytest.mark.parametrize("tie", Tie)
def test_who_may_send_commands_has_a_role_to_send_them_in(tie: Tie) -> None:
    seated = {
        Tie.OFFERED: {Role.ASSESSOR},
        Tie.ASSESSOR: {Role.ASSESSOR},
        Tie.PANEL: {Role.PANEL},
        Tie.APPEAL_REVIEWER: {Role.APPEAL_REVIEWER_1},
    }
    facts = CaseFacts(frozenset({tie}), seats=frozenset(seated.get(tie, ())))
    may_send = on_a_case(Action.SEND_COMMAND, facts) is Answer.ALLOWED
    acting = set(roles_on_a_case(facts)) & {role for move in MOVES for role in move.roles}
    assert may_send is bool(acting)


@pytest.mark.parametrize(
    ("keeps", "role", "institution", "programme", "may"),
    [
        (None, Role.ADVISOR, "here", None, True),
        (None, Role.ADVISOR, "here", "one", True),
        (None, Role.ADVISOR, "elsewhere", None, False),
        ("one", Role.ADVISOR, "here", "one", True),
        ("one", Role.ADVISOR, "here", "two", False),
        ("one", Role.ADVISOR, "here", None, False),
        (None, Role.PROGRAMME_ADMIN, "here", None, False),
        (None, Role.AUDITOR, "here", None, False),
        (None, Role.LEARNER, "here", None, False),
    ],
)
def test_an_administrator_gives_roles_where_they_administer_and_none_that_watches_over_them(
    keeps: str | None,
    role: Role,
    institution: str,
    programme: str | None,
    may: bool,  # noqa: FBT001 - a column of the table
) -> None:
    caller = Caller("x", "en", (Membership(Role.LEAD, "elsewhere"), Membership(Role.PROGRAMME_ADMIN, "here", keeps)))
    assert keeps_role(caller, role, institution=institution, programme=programme) is may
