"""What a programme charges is said by service; a case costs no more than its policy says."""

from dataclasses import replace

import pytest

from services.rules import fees
from services.rules.fees import Service
from tests.records import makers

FREE = makers.programme().policy
PAID = replace(FREE, fee_file=100, fee_competency=50, fee_competencies_most=500, fee_reactivation=50)


def test_what_costs_nothing_is_in_no_list_and_no_letter() -> None:
    assert fees.prices(FREE) == ()
    assert fees.again(FREE) is None


def test_every_service_has_its_price() -> None:
    assert [(one.service, one.amount, one.most) for one in fees.prices(PAID)] == [
        (Service.FILE, 100, None),
        (Service.COMPETENCIES, 50, 500),
        (Service.REACTIVATION, 50, None),
    ]


@pytest.mark.parametrize(
    ("number", "charged", "amount"), [(2, 0, 100), (12, 0, 500), (3, 400, 100), (3, 500, 0), (0, 0, 0)]
)
def test_competencies_of_a_case_cost_no_more_than_the_most(number: int, charged: int, amount: int) -> None:
    assert fees.for_competencies(PAID, number, charged=charged) == amount


def test_without_a_most_each_competency_costs_the_same() -> None:
    policy = replace(PAID, fee_competencies_most=0)
    assert fees.for_competencies(policy, 12, charged=600) == 600
    assert [one.most for one in fees.prices(policy)] == [None, None, None]
    said = fees.again(policy)
    assert said is not None
    assert "at most" not in said.en


def test_a_letter_says_what_another_attempt_costs_and_for_what() -> None:
    said = fees.again(PAID)
    assert said is not None
    assert said.en == (
        "Another assessment costs 50 CAD for each competency, 500 CAD at most in your case. You pay for the service, "
        "whatever its result."
    )
    assert "au plus 500\u00a0CAD" in said.fr
