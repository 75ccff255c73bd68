"""Which values of a parameter are tried on which engine, where each takes long and asks nothing else of SQL.

Every value is tried on SQLite. What PostgreSQL does with the same statements is shown by the first one; it is given the
others by `make chaos`.
"""

from collections.abc import Iterable
from typing import Any

import pytest


def shared_out(values: Iterable[object]) -> list[Any]:
    """Pairs for `parametrize(("template", …), …, indirect=["template"])`."""
    first, *others = values
    second, long = pytest.mark.second_engine, pytest.mark.chaos
    return [
        *(("sqlite", value) for value in (first, *others)),
        pytest.param("postgresql", first, marks=second),
        *(pytest.param("postgresql", value, marks=[second, long]) for value in others),
    ]
