"""What another body certified is recognised when issuer, date and equivalence hold, and nobody assesses it."""

from dataclasses import replace
from itertools import product

import pytest

from services.rules import stages, transfers
from services.rules.case import Stage
from services.rules.claims import ClaimState
from services.rules.people import Role
from tests.rules import makers as make


@pytest.mark.parametrize("found", list(product((True, False), repeat=3)), ids=str)
def test_a_transfer_is_granted_when_all_three_things_hold_and_never_in_part(found: tuple[bool, bool, bool]) -> None:
    settled = ClaimState.GRANTED_BY_TRANSFER if all(found) else ClaimState.NOT_YET
    assert transfers.settles_as(transfers.Check(*found)) is settled


@pytest.mark.parametrize(("transferred", "target"), [(0, Stage.ASSIGNING), (1, Stage.ASSIGNING), (2, "decided")])
def test_assessors_are_asked_unless_every_open_claim_is_a_transfer(transferred: int, target: Stage | str) -> None:
    case = replace(make.case(Stage.PORTFOLIO_SUBMITTED), open_transfers=transferred)
    step = stages.transition(case, make.command("accept_portfolio", Role.ADVISOR))
    assert step.target is (Stage.DECISION_PENDING if target == "decided" else target)


def test_the_learner_may_take_a_claim_back_until_the_decision_is_due() -> None:
    offered = {stage for stage in Stage if "withdraw_claim" in stages.allowed(make.case(stage), Role.LEARNER)}
    assert {Stage.SUBMITTED, Stage.ELIGIBLE, Stage.IN_ASSESSMENT} < offered
    assert not {Stage.DRAFT, Stage.DECISION_PENDING, Stage.ISSUING, Stage.DECIDED, Stage.CLOSED} & offered
