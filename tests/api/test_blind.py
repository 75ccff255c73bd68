"""Before they have judged, nobody can learn that another person reads the same claims: not who, what, when or how many.

The same case is read twice, once alone and once beside a second reader; whatever the first reader is answered is the
same, but for ids and times.
"""

import re
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from services.records.tables.people import Person
from services.rules import commands as bodies
from services.rules.case import SeatKind, SeatState
from services.rules.people import Role
from services.rules.programmes import Programme
from tests.api.kit import Api
from tests.records import moving, reading
from tests.records.reading import MET, PARTIAL

FIRST, SECOND = SeatKind.FIRST, SeatKind.SECOND
ALONE = replace(reading.programme(), slug="read-alone")
TOGETHER = reading.programme(high_stakes=True)
PATHS = ("", "/screen", "/judgements", "/evidence", "/answers", "/timeline", "/recommendations", "/letters")
VARIES = re.compile(
    r"[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d\d-\d\dT[^\"]+|[A-Z]+-2026-\d+|(Person|Assessor|Learner) \d+|read-(alone|twice)"
)


def plain(text: str) -> str:
    """An answer without what differs between any two cases."""
    return VARIES.sub("…", text)


async def everything(api: Api, case_id: UUID, who: Any) -> dict[str, tuple[int, str, str]]:  # noqa: ANN401 - a person
    """Whatever the person can ask of the case, and of what waits for them, with the tag of each answer."""
    seen = {}
    for path in (*(f"/cases/{case_id}{part}" for part in PATHS), "/cases", "/queue"):
        answer = await api.get(path, who)
        seen[plain(path)] = (answer.status_code, answer.headers.get("etag", ""), plain(answer.text))
    return seen


async def first_reader_sees(api: Api, sample: Programme) -> list[object]:
    """What the first reader sees at each step, while a second one (where there is one) is asked, accepts and judges."""
    async with api.database.writing() as session:
        await session.exec(sa.update(Person).values(active=False))  # whoever was here before is asked for nothing
    who = await reading.people(api.database, assessors=2)
    case_id = await reading.assigning(api.database, who, sample)
    asked = await reading.seat(api.database, case_id, FIRST, SeatState.OFFERED)
    author = await reading.person(api.database, asked)
    steps: list[object] = [await everything(api, case_id, author)]
    await reading.accept(api.database, case_id, FIRST)
    await moving.tick(api.database, case_id, "start_assessment")
    steps.append(await everything(api, case_id, author))
    beside = await moving.seats_of(api.database, case_id, SeatState.OFFERED)
    if beside:
        await reading.accept(api.database, case_id, SECOND)
        await reading.sends(api.database, case_id, SECOND, first=MET, second=PARTIAL)
    steps.append(await everything(api, case_id, author))
    early = await api.command(case_id, "submit_judgements", author, version=await version(api, case_id, author))
    stale = await api.command(case_id, "submit_judgements", author, version=1)
    steps.extend((one.status_code, one.headers.get("etag"), plain(one.text)) for one in (early, stale))
    drafted = {"first": moving.finding(MET), "second": moving.finding(PARTIAL)}
    await moving.write(api.database, case_id, author, **drafted)
    sent = await api.command(case_id, "submit_judgements", author, version=await version(api, case_id, author))
    steps.append((sent.status_code, sent.headers.get("etag"), plain(sent.text)))
    asked_after = await api.get(f"/commands/{sent.json()['id']}", author)
    steps.append((asked_after.status_code, plain(asked_after.text)))
    return steps


async def version(api: Api, case_id: UUID, who: Any) -> int:  # noqa: ANN401 - a person
    return int((await api.get(f"/cases/{case_id}", who)).json()["version"])


async def test_a_reader_is_answered_the_same_whether_or_not_somebody_else_reads(api: Api) -> None:
    alone = await first_reader_sees(api, ALONE)
    together = await first_reader_sees(api, TOGETHER)
    for mine, theirs in zip(alone, together, strict=True):
        assert mine == theirs


async def test_a_readers_version_stands_still_while_others_move_and_is_still_taken(api: Api) -> None:
    who = await reading.people(api.database, assessors=3)
    case_id = await reading.assessing(api.database, who, TOGETHER)
    author = await reading.person(api.database, await reading.seat(api.database, case_id, FIRST))
    before = await version(api, case_id, author)
    refusing = await reading.seat(api.database, case_id, SECOND, SeatState.OFFERED)
    declined = bodies.DeclineOffer(str(refusing.id), "no_time")
    decliner = await reading.person(api.database, refusing)
    await moving.send(api.database, case_id, "decline_offer", actor=decliner, role=Role.ASSESSOR, body=declined)
    await reading.accept(api.database, case_id, SECOND)
    await reading.sends(api.database, case_id, SECOND, first=MET, second=PARTIAL)
    assert await version(api, case_id, author) == before
    await moving.write(api.database, case_id, author, first=moving.finding(MET), second=moving.finding(PARTIAL))
    sent = await api.command(case_id, "submit_judgements", author, version=before)
    assert (sent.status_code, sent.json()["result"]) == (200, {"claims": 2, "version": before + 1})
    assert sent.json()["version"] == before + 1


@pytest.mark.parametrize(("role", "sees"), [("lead", True), ("learner", False), ("advisor", False)])
async def test_only_a_lead_sees_who_reads_beside_whom(api: Api, role: str, sees: bool) -> None:  # noqa: FBT001 - a case of the table
    who = await reading.people(api.database, assessors=2)
    case_id = await reading.assessing(api.database, who, TOGETHER)
    view = (await api.get(f"/cases/{case_id}", getattr(who, role))).json()
    assert ([seat["seat"] for seat in view["seats"]] == ["second", "first"]) if sees else "seats" not in view


async def test_the_mails_to_two_readers_do_not_differ(api: Api) -> None:
    who = await reading.people(api.database, assessors=2)
    case_id = await reading.assessing(api.database, who, TOGETHER)
    await reading.accept(api.database, case_id, SECOND)
    await moving.strike(api.database, case_id, "assessment/late")
    told = await moving.told(api.database, case_id)
    readers = {(await reading.seat(api.database, case_id, kind)).person_id for kind in (FIRST, SECOND)}
    kinds = {reader: sorted(notice for notice, person in told if person == reader) for reader in readers}
    assert list(kinds.values()) == [["assessment_reminder", "offer"]] * 2
