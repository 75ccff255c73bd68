"""Who may be asked to assess or to advise, and who first; the same facts always give the same answer.

Source: case design, section 5 (auto-assignment).
"""

import hashlib
import hmac
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

NEVER = datetime.min.replace(tzinfo=UTC)
"""When somebody who was never asked was asked last."""


class DeclineReason(StrEnum):
    """Why an offer is declined; none of them counts against anybody."""

    NO_TIME = "no_time"
    OUTSIDE_SCOPE = "outside_scope"
    LANGUAGE = "language"
    ABSENCE = "absence"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person who might be asked. `competencies`: keys, or None for every one of the programme.

    `excluded`: barred from the case; `declined_here`: has declined this seat or let its offer lapse; `calibrated`:
    reads as agreed in advance, or the programme does not ask for it; `paired_lately`: has read the last cases together
    with somebody who reads this one.
    """

    person: str
    languages: frozenset[str]
    competencies: frozenset[str] | None
    active: bool
    open_load: int
    capacity: int
    last_offer: datetime | None = None
    excluded: bool = False
    declined_here: bool = False
    calibrated: bool = True
    paired_lately: bool = False

    def covers(self, competencies: frozenset[str]) -> frozenset[str]:
        """Which of `competencies` this person is qualified to judge."""
        return competencies if self.competencies is None else competencies & self.competencies


class Bar(StrEnum):
    """Why somebody cannot be asked now. A lead may name a person all the same, but for the first three."""

    CONFLICT = "conflict"
    CALIBRATION = "calibration"
    SCOPE = "scope"
    AWAY = "away"
    LANGUAGE = "language"
    LOAD = "load"
    ASKED = "asked"
    PAIR = "pair"


FOR_GOOD = frozenset({Bar.CONFLICT, Bar.CALIBRATION, Bar.SCOPE})
"""Bars that nobody sets aside by naming a person."""


def bars(candidate: Candidate, *, language: str, competencies: frozenset[str] = frozenset()) -> tuple[Bar, ...]:
    """Why `candidate` cannot be asked now to judge all of `competencies` in `language`; empty for who can."""
    holds = {
        Bar.CONFLICT: candidate.excluded,
        Bar.CALIBRATION: not candidate.calibrated,
        Bar.SCOPE: candidate.covers(competencies) != competencies,
        Bar.AWAY: not candidate.active,
        Bar.LANGUAGE: language not in candidate.languages,
        Bar.LOAD: candidate.open_load >= candidate.capacity,
        Bar.ASKED: candidate.declined_here,
        Bar.PAIR: candidate.paired_lately,
    }
    return tuple(bar for bar, held in holds.items() if held)


def free(candidate: Candidate, *, language: str) -> bool:
    """Whether `candidate` can be asked now for anything in `language`."""
    return not bars(candidate, language=language)


def eligible(candidate: Candidate, *, language: str, competencies: frozenset[str]) -> bool:
    """Whether `candidate` can be asked now to judge at least one of `competencies` in `language`."""
    return free(candidate, language=language) and bool(candidate.covers(competencies))


def choose(
    candidates: Iterable[Candidate], *, case_id: str, language: str, competencies: frozenset[str]
) -> tuple[tuple[str, frozenset[str]], ...]:
    """Return the fewest persons who cover `competencies`, each with the keys that fall to them.

    Among equals: lowest share of capacity in use, then longest without an offer, then by lot that depends on case
    and person alone. Keys that nobody can judge are missing from the answer.
    """
    able = _in_order((c for c in candidates if eligible(c, language=language, competencies=competencies)), case_id)
    seats: list[tuple[str, frozenset[str]]] = []
    left = competencies
    while able:
        best = max(able, key=lambda c: len(c.covers(left)))  # the first of the best, thus in the order above
        if not best.covers(left):
            break
        seats.append((best.person, best.covers(left)))
        left -= best.covers(left)
        able.remove(best)
    return tuple(seats)


def choose_together(
    candidates: Iterable[Candidate], *, case_id: str, language: str, lacking: Mapping[str, int], places: int
) -> tuple[str, ...]:
    """Return up to `places` persons who sit together, whoever fills most of what is lacking first, then in order.

    `lacking`: by competency, how many who are qualified in it are still needed; the others need not be.
    """
    able = _in_order((c for c in candidates if free(c, language=language)), case_id)
    needed = Counter(lacking)
    chosen: list[str] = []
    while able and len(chosen) < places:
        wanted = frozenset(+needed)
        best = max(able, key=lambda c: len(c.covers(wanted)))
        needed.subtract(best.covers(wanted))
        chosen.append(best.person)
        able.remove(best)
    return tuple(chosen)


def _in_order(candidates: Iterable[Candidate], case_id: str) -> list[Candidate]:
    """Lowest share of capacity in use, then longest without an offer, then by lot."""
    return sorted(candidates, key=lambda c: (c.open_load / c.capacity, c.last_offer or NEVER, _lot(case_id, c.person)))


def choose_advisor(candidates: Iterable[Candidate], *, case_id: str, language: str) -> str | None:
    """Return the person with the least load who can advise in `language`, or None where a lead has to find one.

    Capacity does not bind: a learner is not left alone because everybody is busy.
    """
    able = [c for c in candidates if c.active and not c.excluded and not c.declined_here and language in c.languages]
    able.sort(key=lambda c: (c.open_load, c.last_offer or NEVER, _lot(case_id, c.person)))
    return able[0].person if able else None


def _lot(case_id: str, person: str) -> bytes:
    """A lot that nobody can influence and everybody can draw again."""
    return hmac.digest(case_id.encode(), person.encode(), hashlib.sha256)
