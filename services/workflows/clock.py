"""The one clock of the activities; tests that skip time hand in another."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Answers the present instant in UTC."""


def present() -> datetime:
    """The instant now."""
    return datetime.now(UTC)
