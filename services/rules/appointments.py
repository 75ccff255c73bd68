"""Direct assessment: an interview, a test, an observation or a simulation, from the wish to the record of it.

Pure; what a form must hold depends on the method alone, so that pages, clients and the records cannot differ.
Source: case design, section 7.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.rules import deadlines
from services.rules.claims import Identification, Rating, Supervision
from services.rules.deadlines import Calendar, Span
from services.rules.programmes import Method
from services.rules.refusals import Refused
from services.rules.signatures import Family

SHORTEST, LONGEST = 5, 480
"""Minutes of an appointment, and of a hearing."""


class AppointmentState(StrEnum):
    """The life of one appointment."""

    REQUESTED = "requested"
    SLOTS_OFFERED = "slots_offered"
    BOOKED = "booked"
    HELD = "held"
    RECORDED = "recorded"
    CANCELLED = "cancelled"
    NO_SHOW_EXCUSED = "no_show_excused"
    NO_SHOW_UNEXCUSED = "no_show_unexcused"


OPEN = frozenset(
    {AppointmentState.REQUESTED, AppointmentState.SLOTS_OFFERED, AppointmentState.BOOKED, AppointmentState.HELD}
)
"""States of an appointment that is still to be settled."""

DIRECT = frozenset({Method.INTERVIEW, Method.CHALLENGE_TEST, Method.OBSERVATION, Method.SIMULATION})
"""Methods for which people meet."""


class Mode(StrEnum):
    """Where people meet; `recorded_answers` are sent in by the learner as sound or video, without a meeting."""

    ON_SITE = "on_site"
    ONLINE = "online"
    PHONE = "phone"
    RECORDED_ANSWERS = "recorded_answers"


class Absent(StrEnum):
    """Who did not come."""

    LEARNER = "learner"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Meeting:
    """The open appointment of a case: how far it is, and who conducts it."""

    state: AppointmentState
    people: tuple[str, ...]


def left_to_try(*, excused: int, unexcused: int, may_excused: int, may_unexcused: int) -> bool:
    """Whether another date is offered after so many absences; each kind may be made good so often."""
    return excused <= may_excused and unexcused <= may_unexcused


def in_good_time(calendar: Calendar, today: date, day: date, notice: Span) -> bool:
    """Whether a meeting on `day` leaves the learner the notice that the policy promises."""
    return day >= deadlines.add(calendar, today, notice)


# the form


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was asked, set or watched for one criterion, what was seen of it, and how it is rated.

    `marks` of `out_of` for a test, `done` for a checklist.
    """

    claim: str
    criterion: str
    what: str
    seen: str
    rating: Rating
    marks: int | None = None
    out_of: int | None = None
    done: bool | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """The form of an appointment. `version` is that of the paper, task or scenario; `props` what was at hand.

    `supervision` and `identification` are always answered. `safety_stop`: why it was stopped for safety, or "none".
    `recorded`: a recording was made; `consenting` of those `present` agreed to it before.
    """

    lines: tuple[Line, ...]
    supervision: Supervision
    identification: Identification
    present: tuple[str, ...]
    version: str = ""
    conditions: str = ""
    place: str = ""
    props: str = ""
    safety_stop: str = ""
    supervisor_present: bool | None = None
    recorded: bool = False
    consenting: tuple[str, ...] = ()


def _every_line(holds: Callable[[Line], bool]) -> Callable[[Sheet], bool]:
    return lambda sheet: all(holds(line) for line in sheet.lines)


def _said(text: str) -> bool:
    return bool(text.strip())


def _marked(line: Line) -> bool:
    return line.marks is not None and line.out_of is not None and 0 <= line.marks <= line.out_of and line.out_of > 0


_QUESTION = ("what", _every_line(lambda line: _said(line.what)))
_ANSWER = ("seen", _every_line(lambda line: _said(line.seen)))
_CHECKED = ("done", _every_line(lambda line: line.done is not None))
_VERSION: tuple[str, Callable[[Sheet], bool]] = ("version", lambda sheet: _said(sheet.version))

ASKED: dict[Method, tuple[tuple[str, Callable[[Sheet], bool]], ...]] = {
    Method.INTERVIEW: (_QUESTION, _ANSWER),
    Method.CHALLENGE_TEST: (
        _VERSION,
        ("conditions", lambda sheet: _said(sheet.conditions)),
        _QUESTION,
        ("marks", _every_line(_marked)),
    ),
    Method.OBSERVATION: (
        ("place", lambda sheet: _said(sheet.place)),
        _QUESTION,
        _ANSWER,
        _CHECKED,
        ("safety_stop", lambda sheet: _said(sheet.safety_stop)),
        ("supervisor_present", lambda sheet: sheet.supervisor_present is not None),
    ),
    Method.SIMULATION: (_VERSION, ("props", lambda sheet: _said(sheet.props)), _QUESTION, _CHECKED),
}
"""What the form of each method holds, by field; `genre` of the credential follows the method."""


def check_sheet(sheet: Sheet, *, method: Method, criteria: Mapping[str, Collection[str]]) -> None:
    """Hold the form of `method` against what it must say; `criteria` are the keys that each claim of it may rate.

    Raises `Refused`: record_incomplete (with the field), recording_consent, malformed for a line about something else.
    """
    for field in _lacking(sheet, method=method, criteria=criteria):
        raise Refused("record_incomplete", field=field)
    rated = [(line.claim, line.criterion, line.what) for line in sheet.lines]
    strange = any(line.criterion not in criteria.get(line.claim, ()) for line in sheet.lines)
    if strange or len(rated) != len(set(rated)):
        raise Refused("malformed", field="lines")
    if sheet.recorded and set(sheet.present) - set(sheet.consenting):
        raise Refused("recording_consent")


def _lacking(sheet: Sheet, *, method: Method, criteria: Mapping[str, Collection[str]]) -> Iterator[str]:
    """The fields that are still empty, in the order of the form."""
    if {line.claim for line in sheet.lines} < set(criteria):
        yield "lines"
    if not any(_said(name) for name in sheet.present):
        yield "present"
    for field, holds in ASKED[method]:
        if not holds(sheet):
            yield field


# what is kept beside the form


class KeptAs(StrEnum):
    """What a file of an appointment is: what was heard and seen, or the form as it was filled in by hand."""

    RECORDING = "recording"
    FORM = "form"


FAMILIES: dict[KeptAs, frozenset[Family]] = {
    KeptAs.RECORDING: frozenset({Family.SOUND, Family.VIDEO}),
    KeptAs.FORM: frozenset({Family.PDF, Family.PICTURE, Family.OFFICE, Family.TEXT}),
}


def check_consent(what: KeptAs, *, present: Collection[str], consenting: Collection[str]) -> None:
    """A recording is kept only with the consent of everybody who was present. Raises `Refused('recording_consent')`.

    Source: case design, section 7.
    """
    if what is KeptAs.RECORDING and (not present or set(present) - set(consenting)):
        raise Refused("recording_consent")


def check_kind(what: KeptAs, *, name: str, family: Family) -> None:
    """A recording is sound or film, a form can be read. Raises `Refused('kind_not_accepted')`."""
    if family not in FAMILIES[what]:
        raise Refused("kind_not_accepted", name=name, what_to_do="other")
