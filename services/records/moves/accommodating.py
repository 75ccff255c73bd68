"""What accommodations write: the request, its answer, the learner's dates. The log has no word of what is needed."""

from uuid import UUID

from services.records import accommodations, effects
from services.records.ids import new_id
from services.records.moves.content import Check, Content, Outcome, Setting, Told
from services.records.tables.accommodations import Accommodation
from services.rules.accommodations import LONGEST_TIME, USUAL_TIME, Answered, Arrangement
from services.rules.people import Role
from services.rules.refusals import Refused

STANDING = (Answered.ASKED, Answered.GRANTED)
"""What a learner can say that they need no more."""


def _check_time(extra_time: int) -> None:
    if not USUAL_TIME <= extra_time <= LONGEST_TIME:
        raise Refused("malformed", field="extra_time")


async def _may_ask(setting: Setting) -> None:
    """Raises `Refused('malformed')`: no arrangement, an unknown one, or a time that nobody grants."""
    words = setting.body.arrangements
    if not words or not set(Arrangement).issuperset(words):
        raise Refused("malformed", field="arrangements")
    _check_time(setting.body.extra_time)


async def _ask(setting: Setting) -> Outcome:
    """Whoever accompanies the case is told, or its leads; not who asked on the learner's behalf."""
    case, body = setting.case, setting.body
    row = Accommodation(
        id=new_id(),
        case_id=case.id,
        command_id=UUID(setting.command.id),
        asked_by=UUID(setting.command.actor),
        arrangements=list(dict.fromkeys(body.arrangements)),
        extra_time=body.extra_time,
        note=body.note.strip(),
        state=Answered.ASKED,
        asked_at=setting.now,
    )
    setting.session.add(row)
    await setting.session.flush()
    people = [case.advisor_id] if case.advisor_id else await effects.staff(setting.session, case=case, role=Role.LEAD)
    told = tuple(Told("accommodation_asked", person) for person in people if person != row.asked_by)
    return Outcome(result={"accommodation": str(row.id)}, told=told, logged={"accommodation": str(row.id)})


async def _named(setting: Setting, *states: Answered) -> Accommodation:
    """Raises `Refused('accommodation_settled')`: it is another case's, or not in one of `states`."""
    try:
        row = await setting.session.get(Accommodation, UUID(setting.body.accommodation))
    except ValueError:
        raise Refused("malformed", field="accommodation") from None
    if row is None or row.case_id != setting.case.id or row.state not in states:
        raise Refused("accommodation_settled")
    return row


def _some(*states: Answered) -> Check:
    """There is one in one of `states`. Raises `Refused('accommodation_settled')`."""

    async def beforehand(setting: Setting) -> None:
        rows = await accommodations.of_case(setting.session, setting.case.id)
        if not any(row.state in states for row in rows):
            raise Refused("accommodation_settled")

    return beforehand


async def _may_answer(setting: Setting) -> None:
    """Raises `Refused`: accommodation_settled, reasons_missing where it is not granted, malformed."""
    await _named(setting, Answered.ASKED)
    _check_time(setting.body.extra_time)
    if not setting.body.granted and not setting.body.reason.strip():
        raise Refused("reasons_missing")


async def _answer(setting: Setting) -> Outcome:
    row = await _named(setting, Answered.ASKED)
    row.state = Answered.GRANTED if setting.body.granted else Answered.NOT_GRANTED
    row.extra_time = setting.body.extra_time
    row.reason = setting.body.reason.strip()
    row.answered_by, row.answered_at = UUID(setting.command.actor), setting.now
    await _let_time_follow(setting)
    return Outcome(
        result={"granted": setting.body.granted, "due_at": _due(setting)},
        logged={"accommodation": str(row.id), "granted": setting.body.granted},
    )


async def _may_end(setting: Setting) -> None:
    """Raises `Refused('accommodation_settled')`."""
    await _named(setting, *STANDING)


async def _end(setting: Setting) -> Outcome:
    """Dates that were given stay; those of limits that begin later have the usual length."""
    row = await _named(setting, *STANDING)
    row.state, row.ended_at = Answered.ENDED, setting.now
    await _let_time_follow(setting)
    return Outcome(logged={"accommodation": str(row.id)})


async def _let_time_follow(setting: Setting) -> None:
    session, case = setting.session, setting.case
    await session.flush()
    arranged = await accommodations.in_force(session, case.id)
    await accommodations.give_time(
        session, case=case, policy=setting.programme.policy, extra_time=arranged.extra_time, now=setting.now
    )


def _due(setting: Setting) -> str:
    return setting.case.due_at.isoformat() if setting.case.due_at else ""


CONTENT = {
    "ask_accommodation": Content(_may_ask, _ask),
    "answer_accommodation": Content(_may_answer, _answer, _some(Answered.ASKED)),
    "end_accommodation": Content(_may_end, _end, _some(*STANDING)),
}
