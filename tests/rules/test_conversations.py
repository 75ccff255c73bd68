"""A learner speaks with those who guide them; whoever judges or decides reads nothing and writes nothing."""

import pytest

from services.rules import conversations
from services.rules.conversations import Thread
from services.rules.people import Action, Answer, CaseFacts, Role, Tie, on_a_case
from services.rules.refusals import Refused

G, M = Thread.GUIDANCE, Thread.MENTORING

READ = {Tie.LEARNER: (G, M), Tie.ADVISOR: (G,), Tie.LEAD: (G,), Tie.MENTOR: (M,), Tie.AUDITOR: (G, M)}


@pytest.mark.parametrize("tie", [tie for tie in Tie if tie is not Tie.EXCLUDED])
def test_each_tie_reads_its_own_threads_and_the_guard_says_the_same(tie: Tie) -> None:
    ties = frozenset({tie})
    assert conversations.readable(ties) == READ.get(tie, ())
    reads = on_a_case(Action.READ_MESSAGES, CaseFacts(ties)) is Answer.ALLOWED
    writes = on_a_case(Action.WRITE_MESSAGES, CaseFacts(ties)) is Answer.ALLOWED
    assert reads is bool(READ.get(tie))
    assert writes is any(conversations.speaks_as(thread, ties) for thread in Thread)


def test_nobody_opens_a_thread_of_others() -> None:
    assert conversations.chosen(None, frozenset({Tie.MENTOR})) is M
    assert conversations.chosen(M, frozenset({Tie.LEARNER})) is M
    for thread, tie in ((G, Tie.MENTOR), (M, Tie.ADVISOR), (None, Tie.ASSESSOR), (None, Tie.DECISION_MAKER)):
        with pytest.raises(Refused, match="forbidden"):
            conversations.chosen(thread, frozenset({tie}))


def test_an_auditor_writes_nothing_and_a_learner_answers_nobody() -> None:
    assert conversations.speaker(G, frozenset({Tie.LEAD, Tie.OFFERED})) is Role.LEAD
    assert conversations.answerer(G, frozenset({Tie.ADVISOR})) is Role.ADVISOR
    with pytest.raises(Refused, match="forbidden"):
        conversations.speaker(G, frozenset({Tie.AUDITOR}))
    with pytest.raises(Refused, match="forbidden"):
        conversations.answerer(G, frozenset({Tie.LEARNER}))
