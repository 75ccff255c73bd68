"""A panel settles a claim by the votes of people who may sit, with minutes that say how."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rules import panels
from services.rules.claims import Recommendation
from services.rules.panels import Ballot, Gap, Member, Minutes, Panel, Settled

MET, PARTIAL, NOT_YET, LACKING = (
    Recommendation.MET,
    Recommendation.PARTIAL,
    Recommendation.NOT_YET,
    Recommendation.INSUFFICIENT_EVIDENCE,
)
PANEL = Panel(
    members=(Member("ada", "chair", qualified=False), Member("ben", "member", True), Member("cy", "member", False)),  # noqa: FBT003 - a row
    chair="ada",
    quorum=2,
    qualified_min=1,
)
MINUTES = Minutes(
    material="The portfolio and both originals.",
    reasons="The second work sample shows the whole task.",
    statements={"ada": "None.", "ben": "None.", "cy": "None."},
    dissents={},
    signed=frozenset({"ada"}),
)


@pytest.mark.parametrize(
    ("ballot", "settled"),
    [
        (Ballot({"ada": MET, "ben": MET, "cy": NOT_YET}), Settled(MET, by_casting_vote=False)),
        (Ballot({"ada": NOT_YET, "ben": MET, "cy": MET}), Settled(MET, by_casting_vote=False)),
        (Ballot({"ada": MET, "ben": NOT_YET}), Gap.TIE),
        (Ballot({"ada": MET, "ben": NOT_YET}, casting=NOT_YET), Settled(NOT_YET, by_casting_vote=True)),
        (Ballot({"ada": MET, "ben": NOT_YET}, casting=PARTIAL), Gap.CASTING_VOTE),
        (Ballot({"ada": MET, "ben": PARTIAL, "cy": NOT_YET}, casting=PARTIAL), Settled(PARTIAL, by_casting_vote=True)),
        (Ballot({"ada": MET, "ben": MET}, casting=MET), Gap.CASTING_VOTE),
        (Ballot({}), Gap.TIE),
        (Ballot({}, casting=MET), Gap.CASTING_VOTE),
    ],
)
def test_the_majority_settles_and_without_one_the_chair_among_the_leading(
    ballot: Ballot, settled: Settled | Gap
) -> None:
    assert panels.settle(ballot) == settled


def test_a_plurality_is_no_majority_but_leads() -> None:
    votes = {"ada": MET, "ben": MET, "cy": PARTIAL, "dee": NOT_YET}
    assert panels.settle(Ballot(votes)) is Gap.TIE
    assert panels.settle(Ballot(votes, casting=PARTIAL)) is Gap.CASTING_VOTE
    assert panels.settle(Ballot(votes, casting=MET)) == Settled(MET, by_casting_vote=True)


ballots = st.dictionaries(st.text(min_size=1, max_size=3), st.sampled_from(sorted(panels.CHOICES)), max_size=7)


@given(votes=ballots, casting=st.none() | st.sampled_from(Recommendation))
def test_an_outcome_is_always_one_that_somebody_voted_for(
    votes: dict[str, Recommendation], casting: Recommendation | None
) -> None:
    settled = panels.settle(Ballot(votes, casting))
    if isinstance(settled, Settled):
        assert settled.outcome in panels.leading(votes)
        assert settled.by_casting_vote == (panels.majority(votes) is None)


@pytest.mark.parametrize(
    ("ballot", "gaps"),
    [
        (Ballot({"ada": MET, "ben": MET, "cy": NOT_YET}), ()),
        (Ballot({"ada": MET, "ben": MET}), ()),
        (Ballot({"ada": MET}), (Gap.QUORUM, Gap.QUALIFIED)),
        (Ballot({"ben": MET, "cy": MET}), (Gap.CHAIR,)),
        (Ballot({"ada": MET, "cy": MET}), (Gap.QUALIFIED,)),
        (Ballot({"ada": MET, "ben": MET, "zoe": MET}), (Gap.VOTER,)),
        (Ballot({"ada": LACKING, "ben": LACKING}), (Gap.CHOICE,)),
        (Ballot({"ada": MET, "ben": NOT_YET}), (Gap.TIE,)),
        (Ballot({}), (Gap.QUORUM, Gap.CHAIR, Gap.QUALIFIED, Gap.TIE)),
    ],
)
def test_votes_stand_with_a_quorum_the_chair_a_qualified_member_and_no_open_tie(
    ballot: Ballot, gaps: tuple[Gap, ...]
) -> None:
    assert panels.gaps_in_votes(PANEL, ballot) == gaps


AGREED = Ballot({"ada": MET, "ben": MET, "cy": NOT_YET})


@pytest.mark.parametrize(
    ("minutes", "gaps"),
    [
        (MINUTES, ()),
        (replace(MINUTES, dissents={"cy": "The sample is not dated."}), ()),
        (replace(MINUTES, material=" "), (Gap.MINUTES,)),
        (replace(MINUTES, reasons=""), (Gap.MINUTES,)),
        (replace(MINUTES, statements={"ada": "None.", "ben": "None."}), (Gap.STATEMENTS,)),
        (replace(MINUTES, statements={"ada": "None.", "ben": " ", "cy": "None."}), (Gap.STATEMENTS,)),
        (replace(MINUTES, signed=frozenset({"ben"})), (Gap.SIGNATURE,)),
        (replace(MINUTES, dissents={"ben": "I voted for it."}), (Gap.DISSENT,)),
        (replace(MINUTES, dissents={"zoe": "I was not there."}), (Gap.DISSENT,)),
    ],
)
def test_minutes_say_who_what_was_seen_why_and_who_dissents(minutes: Minutes, gaps: tuple[Gap, ...]) -> None:
    assert panels.gaps_in_minutes(PANEL, minutes, ballot=AGREED) == gaps


def test_minutes_name_the_capacity_of_each_member_and_nobody_dissents_from_an_open_tie() -> None:
    nameless = replace(PANEL, members=(*PANEL.members[:2], Member("cy", "", qualified=False)))
    assert panels.gaps_in_minutes(nameless, MINUTES, ballot=AGREED) == (Gap.MINUTES,)
    tied = Ballot({"ada": MET, "ben": NOT_YET})
    assert panels.gaps_in_minutes(PANEL, replace(MINUTES, dissents={"ben": "No."}), ballot=tied) == (Gap.DISSENT,)
