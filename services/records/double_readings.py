"""What is known of a claim that two or three people read without knowing of each other, before anything is computed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Original:
    """One locked reading of one claim."""

    assessor: UUID
    recommendation: str
    ratings: dict[str, int]
    locked_at: datetime


@dataclass(frozen=True, slots=True)
class Read:
    """A claim that two or three people read on their own, by seat; `final` is what was decided on, once it was.

    `triggers`: why it was read more than once.
    """

    case_id: UUID
    competency: str
    originals: tuple[Original, ...]
    final: str | None
    triggers: frozenset[str] = frozenset()

    @property
    def at(self) -> datetime:
        """When the last of them was locked."""
        return max(original.locked_at for original in self.originals)

    @property
    def changed(self) -> bool | None:
        """Whether it was settled otherwise than it was first read; None while it is not settled."""
        return None if self.final is None else self.final != self.originals[0].recommendation
