"""Every state of a claim has one outcome code, also after gap training and once its case is closed."""

import pytest

from services.rules import avetmiss
from services.rules.avetmiss import Code
from services.rules.claims import ClaimState as S


@pytest.mark.parametrize(
    ("states", "plain", "trained"),
    [
        ((S.GRANTED, S.CREDENTIALED, S.SUSPENDED, S.SUPERSEDED), Code.GRANTED, Code.GRANTED_AFTER_TRAINING),
        ((S.NOT_YET, S.REVOKED), Code.NOT_YET, Code.NOT_YET_AFTER_TRAINING),
        ((S.GRANTED_BY_TRANSFER,), Code.TRANSFERRED, Code.TRANSFERRED),
        ((S.WITHDRAWN,), Code.LEFT, Code.LEFT),
        ((S.CLAIMED, S.IN_ASSESSMENT, S.RECOMMENDED_MET), Code.OPEN, Code.OPEN),
    ],
)
def test_a_claim_has_the_code_of_what_it_came_to(states: tuple[S, ...], plain: Code, trained: Code) -> None:
    for state in states:
        for after_training, code in ((False, plain), (True, trained)):
            found = avetmiss.code(state, transfer=False, case_closed=False, after_training=after_training)
            assert found is code, state


def test_what_was_certified_elsewhere_stays_a_transfer_and_what_was_left_open_was_left() -> None:
    assert avetmiss.code(S.CREDENTIALED, transfer=True, case_closed=True, after_training=True) is Code.TRANSFERRED
    assert avetmiss.code(S.NOT_YET, transfer=True, case_closed=True, after_training=False) is Code.NOT_YET
    assert avetmiss.code(S.DOCUMENTED, transfer=False, case_closed=True, after_training=False) is Code.LEFT


def test_the_codes_are_those_of_the_national_statistics() -> None:
    assert {code.value for code in Code} == {"20", "30", "40", "51", "52", "60", "70"}
