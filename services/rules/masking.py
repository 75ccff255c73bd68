"""What is hidden from whoever assesses, where a programme reads masked: who the learner is.

Hidden until the reader's judgements are locked: the name in the screen, in the case and in what describes a file, and
the answers that the form marks as identifying. What a file itself shows cannot be hidden by us.
Source: case design, section 5 (masked programmes).
"""

from collections.abc import Mapping

from services.rules.case import SeatState
from services.rules.programmes import Policy, Programme

KNOWN_ONCE = frozenset({SeatState.SUBMITTED, SeatState.FINAL})
"""States of a seat whose holder has locked what they found, and may know whom they read."""


def masks(policy: Policy, seat: SeatState) -> bool:
    """Whether the holder of a seat in this state reads without knowing who the learner is."""
    return policy.mask_identity and seat not in KNOWN_ONCE


def file_name(key: str, name: str) -> str:
    """What a masked reader sees of a file's name: its kind alone, and the end of its id to tell it from others."""
    stem, dot, ending = name.rpartition(".")
    return f"file-{key[-6:]}{dot}{ending.lower()}" if stem else f"file-{key[-6:]}"


def answers(programme: Programme, given: Mapping[str, str]) -> dict[str, str]:
    """The form's answers without those that say who the learner is."""
    telling = {field.key for field in programme.form if field.identifying}
    return {key: text for key, text in given.items() if key not in telling}
