"""A command is answered from its row: applied, refused with reasons, or kept; and however often it is sent, once."""

import asyncio
import dataclasses
import json
from enum import StrEnum
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID, uuid4

import pytest
from sqlmodel import col, select

from services.records import cases
from services.records.tables.commands import CommandRow, CommandStatus
from services.records.tables.people import Person
from services.rules.case import SEAT_ROLE, SeatState, Stage
from services.rules.commands import BODIES
from services.rules.people import Role
from services.rules.stages import MOVE, MOVES
from tests.api.desks import ClosedDesk
from tests.api.kit import Api
from tests.records import makers, moving
from tests.records.moving import People

SUBMIT = {"declaration": "2026-1", "consents": []}


async def draft(api: Api, who: People) -> UUID:
    return await moving.standing(api.database, who, Stage.DRAFT)


async def kept(api: Api, case_id: UUID) -> list[CommandRow]:
    """The commands that people sent."""
    async with api.database.reading() as session:
        rows = await session.exec(
            select(CommandRow).where(col(CommandRow.case_id) == case_id, col(CommandRow.role) != Role.CLOCK)
        )
        return list(rows)


async def test_an_applied_command_answers_its_result_and_the_new_version(api: Api, who: People) -> None:
    case_id = await draft(api, who)
    answer = await api.command(case_id, "submit", who.learner, SUBMIT)
    assert answer.status_code == 200
    told = answer.json()
    assert (told["status"], told["version"], told["result"]["stage"]) == ("applied", 1, "submitted")
    assert answer.headers["etag"] == '"1"'


async def test_a_refused_command_says_why_in_both_languages_and_stores_nothing(api: Api, who: People) -> None:
    case_id = await draft(api, who)
    answer = await api.command(case_id, "submit", who.learner, SUBMIT | {"declaration": "1999-1"})
    assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")
    told = answer.json()
    assert (told["code"], told["version"]) == ("declaration_missing", 0)
    assert told["reasons"]["en"].startswith("The declaration")
    assert told["reasons"]["fr"].startswith("La déclaration")
    assert await kept(api, case_id) == []


async def test_whoever_looked_at_an_older_version_is_told_which_one_it_is_now(api: Api, who: People) -> None:
    case_id = await moving.standing(api.database, who, Stage.ELIGIBILITY_REVIEW)
    await api.command(case_id, "ask_completion", who.advisor, {"items": [{"what": "A date", "why": "To count"}]})
    answer = await api.command(case_id, "withdraw", who.learner, {"confirmed": True}, version=0)
    assert (answer.status_code, answer.json()["code"], answer.json()["version"]) == (409, "stale_version", 1)
    assert answer.headers["etag"] == '"1"'


async def test_a_command_without_a_version_is_not_carried_out(api: Api, who: People) -> None:
    case_id = await draft(api, who)
    answer = await api.write("POST", f"/cases/{case_id}/submit", who.learner, SUBMIT)
    assert (answer.status_code, answer.json()["code"]) == (428, "precondition_required")


@pytest.mark.parametrize("version", ["0", "", '"', '"-1"', '"1.0"', "*", '"one"'])
async def test_a_version_that_is_none_is_malformed(api: Api, who: People, version: str) -> None:
    case_id = await draft(api, who)
    answer = await api.write("POST", f"/cases/{case_id}/submit", who.learner, SUBMIT, **{"If-Match": version})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["at"] == "If-Match"


async def test_the_same_key_is_answered_as_the_first_time(api: Api, who: People) -> None:
    case_id, key = await draft(api, who), {"If-Match": '"0"', "Idempotency-Key": str(uuid4())}
    first = await api.write("POST", f"/cases/{case_id}/submit", who.learner, SUBMIT, **key)
    again = await api.write("POST", f"/cases/{case_id}/submit", who.learner, SUBMIT, **key)
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json() == first.json()
    assert (first.headers.get("idempotency-replayed"), again.headers["idempotency-replayed"]) == (None, "true")
    assert len(await kept(api, case_id)) == 1


async def test_a_key_never_carries_another_request(api: Api, who: People) -> None:
    case_id, key = await draft(api, who), {"If-Match": '"0"', "Idempotency-Key": str(uuid4())}
    await api.write("POST", f"/cases/{case_id}/submit", who.learner, SUBMIT, **key)
    other = await api.write("POST", f"/cases/{case_id}/withdraw", who.learner, {"confirmed": True}, **key)
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")


async def test_the_same_key_sent_eight_times_at_once_is_one_command(either_api: Api) -> None:
    api, who = either_api, await moving.people(either_api.database)
    case_id, key = await draft(api, who), {"If-Match": '"0"', "Idempotency-Key": str(uuid4())}
    path = f"/cases/{case_id}/submit"
    await api.as_(who.learner)
    answers = await asyncio.gather(*(api.write("POST", path, who.learner, SUBMIT, **key) for _ in range(8)))
    assert {answer.status_code for answer in answers} <= {200, 202}
    assert len(await kept(api, case_id)) == 1


async def test_eight_people_at_once_get_one_yes(api: Api, who: People) -> None:
    case_id = await draft(api, who)
    await api.as_(who.learner)
    answers = await asyncio.gather(*(api.command(case_id, "submit", who.learner, SUBMIT, version=0) for _ in range(8)))
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [200] + [409] * 7


async def test_while_temporal_is_down_a_command_is_kept_and_its_address_told(waiting_api: Api, who: People) -> None:
    api = waiting_api
    case_id = await draft(api, who)
    answer = await api.command(case_id, "submit", who.learner, SUBMIT)
    assert (answer.status_code, answer.json()["status"]) == (202, "pending")
    assert answer.headers["retry-after"] == "2"
    place = answer.headers["location"].removeprefix("/api/v1")
    seen = await api.get(place, who.learner)
    assert (seen.json()["status"], seen.headers["retry-after"]) == ("pending", "2")
    (row,) = await kept(api, case_id)
    assert row.status is CommandStatus.PENDING
    assert isinstance(api.desk, ClosedDesk)
    assert [command.id for command in api.desk.sent] == [str(row.id)]


async def test_a_kept_command_is_not_sent_again_by_a_repeat(waiting_api: Api, who: People) -> None:
    api = waiting_api
    case_id, key = await draft(api, who), {"If-Match": '"0"', "Idempotency-Key": str(uuid4())}
    await api.write("POST", f"/cases/{case_id}/submit", who.learner, SUBMIT, **key)
    answer = await api.write("POST", f"/cases/{case_id}/submit", who.learner, SUBMIT, **key)
    assert (answer.status_code, answer.headers["idempotency-replayed"]) == (202, "true")
    assert isinstance(api.desk, ClosedDesk)
    assert len(api.desk.sent) == 1


async def test_a_command_is_open_to_its_sender_and_to_leads_and_to_nobody_else(waiting_api: Api, who: People) -> None:
    api = waiting_api
    case_id = await moving.standing(api.database, who, Stage.ELIGIBILITY_REVIEW)
    answer = await api.command(case_id, "accept_eligibility", who.advisor)
    place = answer.headers["location"].removeprefix("/api/v1")
    seen = {
        name: (await api.get(place, getattr(who, name))).status_code
        for name in ("advisor", "lead", "learner", "assessor", "decider")
    }
    assert seen == {"advisor": 200, "lead": 200, "learner": 403, "assessor": 404, "decider": 404}
    assert (await api.get(f"/commands/{case_id}", who.lead)).status_code == 404, "a case is no command"


async def test_an_assessor_is_not_told_the_stage(api: Api, who: People) -> None:
    case_id = await moving.assigning(api.database, who)
    (seat,) = await moving.seats_of(api.database, case_id, SeatState.OFFERED)
    body = {"assignment": str(seat.id), "screen": dataclasses.asdict(moving.CLEAR)}
    answer = await api.command(case_id, "accept_offer", who.assessor, body)
    assert answer.status_code == 200
    assert "stage" not in answer.json()["result"]
    seen = await api.get(f"/commands/{answer.json()['id']}", who.assessor)
    assert "stage" not in seen.json()["result"]


async def test_somebody_elses_move_is_refused_as_such(api: Api, who: People) -> None:
    case_id = await moving.standing(api.database, who, Stage.ELIGIBILITY_REVIEW)
    answer = await api.command(case_id, "accept_eligibility", who.learner)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_your_move")


async def test_a_body_over_the_limit_is_not_read(api: Api, who: People) -> None:
    case_id = await draft(api, who)
    answer = await api.command(case_id, "submit", who.learner, SUBMIT | {"declaration": "x" * 300_000})
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


# every body, deformed

ROOM = {"str": "text", "bool": True, "int": 7, "date": "2026-11-20", "datetime": "2026-11-20T14:00:00Z"}


def sample(hint: Any) -> Any:  # noqa: ANN401 - type hints and JSON
    """A value of the right form."""
    if dataclasses.is_dataclass(hint):
        hints = get_type_hints(hint)
        return {field.name: sample(hints[field.name]) for field in dataclasses.fields(hint)}
    if get_origin(hint) is tuple:
        return [sample(get_args(hint)[0])]
    if get_origin(hint) is dict:
        return {"key": sample(get_args(hint)[1])}
    if get_args(hint):
        return sample(get_args(hint)[0])
    if issubclass(hint, StrEnum):
        return next(iter(hint)).value
    return ROOM[hint.__name__]


def deformed(value: Any) -> list[Any]:  # noqa: ANN401 - JSON
    """The same with one thing wrong, wherever something can be wrong."""
    # A number where a moment is expected is one: seconds since 1970.
    wrong: list[Any] = ["perhaps"] if isinstance(value, int) or value == ROOM["datetime"] else [42]
    if isinstance(value, str):
        wrong += ["x" * 20_001, "\x00", ["text"], {}]
    if isinstance(value, list):
        wrong += [[part] for one in value for part in deformed(one)] + [{"0": value[0]}, [value[0]] * 501]
    if isinstance(value, dict):
        wrong += [value | {name: part} for name, one in value.items() for part in deformed(one)]
        wrong.append([value])
    return wrong


def required(kind: type) -> list[str]:
    return [field.name for field in dataclasses.fields(kind) if field.default is dataclasses.MISSING]


async def seated(api: Api, case_id: UUID, role: Role) -> Person:
    """Somebody who sits on the case in `role`."""
    kind = next(kind for kind, of in SEAT_ROLE.items() if of is role)
    async with api.database.writing() as session:
        holder = await makers.staff(session, role)
        await makers.seat(session, await cases.get(session, case_id), holder, kind=kind)
        return holder


@pytest.mark.parametrize("kind", sorted(BODIES))
async def test_a_malformed_body_is_refused_with_its_place_and_never_breaks_anything(
    api: Api, who: People, kind: str
) -> None:
    case_id = await moving.standing(api.database, who, Stage.DECISION_PENDING)
    async with api.database.writing() as session:
        await makers.seat(session, await cases.get(session, case_id), who.assessor, state=SeatState.OFFERED)
    role = next(role for role in MOVE[kind].roles if role is not Role.CLOCK)
    senders = {
        Role.LEARNER: who.learner,
        Role.ADVISOR: who.advisor,
        Role.ASSESSOR: who.assessor,
        Role.LEAD: who.lead,
        Role.DECISION_MAKER: who.decider,
    }
    sender = senders.get(role) or await seated(api, case_id, role)
    whole = sample(BODIES[kind])
    bodies = [body for body in deformed(whole) if body != 42] + [whole | {"surprise": 1}]
    bodies += [{name: part for name, part in whole.items() if name != left} for left in required(BODIES[kind])]
    path = f"/cases/{case_id}/{kind.replace('_', '-')}"
    for body in bodies:
        answer = await api.write("POST", path, sender, body, **{"If-Match": '"0"'})
        assert answer.status_code == 422, (body, answer.text)
        assert answer.json()["errors"]
    assert await kept(api, case_id) == []


@pytest.mark.parametrize(
    "content", [b"{", b"{'a': 1}", b"\xff\xfe", b'{"declaration": "\\ud800"}', b"[" * 100_000, b"null", b"7", b'""']
)
async def test_what_is_no_json_object_is_malformed(api: Api, who: People, content: bytes) -> None:
    case_id = await draft(api, who)
    answer = await api.http.post(
        f"/api/v1/cases/{case_id}/submit", headers=await api.as_(who.learner) | {"If-Match": '"0"'}, content=content
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed")


async def test_an_unknown_field_is_named_with_its_path(api: Api, who: People) -> None:
    case_id = await moving.standing(api.database, who, Stage.ELIGIBILITY_REVIEW)
    body = {"items": [{"what": "A", "why": "B", "when": "C"}]}
    answer = await api.command(case_id, "ask_completion", who.advisor, body)
    assert answer.json()["errors"] == [
        {"at": "items[0].when", "code": "unknown", "detail": "There is no such field here."}
    ]


async def test_a_command_without_words_needs_no_body(api: Api, who: People) -> None:
    case_id = await moving.standing(api.database, who, Stage.ELIGIBILITY_REVIEW)
    answer = await api.http.post(
        f"/api/v1/cases/{case_id}/accept-eligibility", headers=await api.as_(who.advisor) | {"If-Match": '"0"'}
    )
    assert answer.status_code == 200


def test_every_move_of_a_person_has_an_address(api: Api) -> None:
    paths = {route.path for route in api.app.routes}
    for move in MOVES:
        address = f"/api/v1/cases/{{case_id:uuid}}/{move.command.replace('_', '-')}"
        assert (address in paths) == bool(set(move.roles) - {Role.CLOCK}), move.command


async def test_a_case_that_is_not_there_is_answered_like_one_that_is_not_mine(api: Api, who: People) -> None:
    case_id = await draft(api, who)
    async with api.database.writing() as session:
        stranger = await makers.person(session)
    answers = [await api.command(one, "submit", stranger, SUBMIT, version=0) for one in (case_id, uuid4())]
    bodies = [{name: value for name, value in json.loads(a.content).items() if name != "instance"} for a in answers]
    assert [a.status_code for a in answers] == [404, 404]
    assert bodies[0] == bodies[1]
