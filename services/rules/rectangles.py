"""A part of a page or of a picture, as somebody marks it: in fractions, so that it fits whatever its size."""

from dataclasses import dataclass

FINENESS = 4
"""Decimals that are kept of a fraction: less than a pixel of the largest picture that is shown."""

CORNERS = ("left", "top", "width", "height")


@dataclass(frozen=True, slots=True)
class Rectangle:
    """Where it begins, from the left and from the top, and how wide and high it is; the whole page is 1 by 1."""

    left: float
    top: float
    width: float
    height: float

    @property
    def rounded(self) -> "Rectangle":
        """As it is kept."""
        return Rectangle(*(round(getattr(self, name), FINENESS) for name in CORNERS))

    @property
    def on_the_page(self) -> bool:
        """Whether it is a part of the page at all: neither empty nor beyond an edge. What is no number is not."""
        finest = 10.0**-FINENESS
        across = self.left >= 0 and self.width >= finest and self.left + self.width <= 1 + finest
        return across and self.top >= 0 and self.height >= finest and self.top + self.height <= 1 + finest
