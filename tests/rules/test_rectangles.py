"""A rectangle is a part of its page: not empty, not beyond an edge, and made of numbers."""

import math

import pytest

from services.rules.rectangles import Rectangle


@pytest.mark.parametrize(
    "part", [Rectangle(0, 0, 1, 1), Rectangle(0.9, 0.99, 0.1, 0.01), Rectangle(0.3333, 0.1, 0.6667, 0.9)]
)
def test_it_may_touch_every_edge(part: Rectangle) -> None:
    assert part.on_the_page
    assert part.rounded == part


@pytest.mark.parametrize("bad", [-0.01, 0.96, math.nan, math.inf])
@pytest.mark.parametrize("edge", range(4))
def test_beyond_an_edge_it_is_none(edge: int, bad: float) -> None:
    edges = [0.05, 0.05, 0.05, 0.05]
    edges[edge] = bad
    assert not Rectangle(*edges).on_the_page


def test_without_width_or_height_it_is_none() -> None:
    assert not Rectangle(0, 0, 0, 1).on_the_page
    assert not Rectangle(0, 0, 1, 0).on_the_page
    assert Rectangle(0.12345, 0, 0.5, 1).rounded == Rectangle(0.1235, 0, 0.5, 1)
