"""People whom an assessor knows are found before anybody is asked, and a lead sets aside only what is not a tie."""

from uuid import UUID

import pytest
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from services.records import known_people
from services.records.database import Database
from services.records.ids import new_id
from services.records.tables.cases import CaseExclusion, ConflictOverride
from services.records.tables.people import KnownPerson
from services.rules import commands as bodies
from services.rules.case import SeatState
from services.rules.conflicts import ConflictTie
from services.rules.people import Role
from services.rules.refusals import Refused
from tests.records import makers, moving
from tests.records.makers import NOW

S = SeatState


async def known(database: Database, who: moving.People, *, name: str = "", email: str = "") -> KnownPerson:
    async with database.writing() as session:
        return await known_people.add(session, owner=who.assessor.id, name=name, email=email, now=NOW)


@pytest.mark.parametrize("by", ["name", "email"])
async def test_whoever_knows_the_learner_is_silently_not_asked(database: Database, by: str) -> None:
    who = await moving.people(database)
    await known(database, who, **{by: getattr(who.learner, by)})
    case_id = await moving.assigning(database, who)
    assert await moving.seats_of(database, case_id) == []
    async with database.reading() as session:
        (barred,) = await session.exec(select(CaseExclusion))
    assert (barred.person_id, barred.tie, barred.declared) == (who.assessor.id, "register", False)


async def test_a_line_that_is_taken_out_no_longer_bars_from_other_cases(database: Database) -> None:
    who = await moving.people(database)
    line = await known(database, who, name=who.learner.name)
    async with database.writing() as session:
        await known_people.remove(session, owner=who.assessor.id, line=line.id, now=NOW)
    case_id = await moving.assigning(database, who)
    assert [seat.person_id for seat in await moving.seats_of(database, case_id)] == [who.assessor.id]


async def test_nobody_touches_somebody_elses_register(database: Database) -> None:
    who = await moving.people(database)
    line = await known(database, who, name="Sample Neighbour")
    async with moving.nothing_changes(database, "not_found"), database.writing() as session:
        await known_people.remove(session, owner=who.lead.id, line=line.id, now=NOW)
    async with moving.nothing_changes(database, "not_found"), database.writing() as session:
        await known_people.remove(session, owner=who.assessor.id, line=new_id(), now=NOW)
    async with database.reading() as session:
        assert await known_people.of(session, who.lead.id) == []


@pytest.mark.parametrize(
    ("name", "email"), [("", ""), (" ", ""), ("", "no address"), ("x" * 201, ""), ("Sample\x00", "")]
)
async def test_a_line_says_who(database: Database, name: str, email: str) -> None:
    who = await moving.people(database)
    async with moving.nothing_changes(database, "malformed"):
        await known(database, who, name=name, email=email)


async def test_a_register_has_an_end(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_people, "MOST", 1)
    who = await moving.people(database)
    await known(database, who, name="Sample Neighbour")
    async with moving.nothing_changes(database, "register_full") as refused:
        await known(database, who, name="Sample Cousin")
    assert refused.value.facts == {"most": "1"}


# what a lead sets aside


def screen(tie: ConflictTie) -> bodies.Screen:
    return bodies.Screen(moving.tied(tie).answers, signed=True, note="We once sat on a jury")


async def declared(database: Database, who: moving.People, tie: ConflictTie) -> UUID:
    """A case whose assessor declared `tie`."""
    case_id = await moving.assigning(database, who)
    (seat,) = await moving.seats_of(database, case_id, S.OFFERED)
    body = bodies.DeclareConflict(str(seat.id), screen(tie))
    await moving.send(database, case_id, "declare_conflict", actor=who.assessor, role=Role.ASSESSOR, body=body)
    return case_id


async def override(database: Database, who: moving.People, case_id: UUID, reason: str, person: str = "") -> None:
    body = bodies.OverrideConflict(person or str(who.assessor.id), reason)
    await moving.send(database, case_id, "override_conflict", actor=who.lead, role=Role.LEAD, body=body)


async def test_a_lead_sets_aside_what_is_no_tie_and_the_person_judges(database: Database) -> None:
    who = await moving.people(database)
    case_id = await declared(database, who, ConflictTie.OTHER)
    await override(database, who, case_id, "A jury of forty, nine years ago")
    async with database.reading() as session:
        assert list(await session.exec(select(CaseExclusion))) == []
        (kept,) = await session.exec(select(ConflictOverride))
    assert (kept.declared, kept.reason) == ("We once sat on a jury", "A jury of forty, nine years ago")
    body = bodies.Reassign("Asked again after the conflict was set aside", assessor=str(who.assessor.id))
    await moving.send(database, case_id, "reassign", actor=who.lead, role=Role.LEAD, body=body)
    (seat,) = await moving.seats_of(database, case_id, S.OFFERED)
    accepts = bodies.AcceptOffer(str(seat.id), screen(ConflictTie.OTHER))
    await moving.send(database, case_id, "accept_offer", actor=who.assessor, role=Role.ASSESSOR, body=accepts)
    assert [one.state for one in await moving.seats_of(database, case_id)] == [S.CONFLICT, S.ACCEPTED]


@pytest.mark.parametrize("tie", [tie for tie in ConflictTie if tie is not ConflictTie.OTHER])
async def test_a_tie_is_never_set_aside(database: Database, tie: ConflictTie) -> None:
    who = await moving.people(database)
    case_id = await declared(database, who, tie)
    async with moving.nothing_changes(database, "override_barred"):
        await override(database, who, case_id, "She is the best we have")


async def test_what_the_system_found_or_nobody_declared_is_not_set_aside(database: Database) -> None:
    who = await moving.people(database)
    await known(database, who, name=who.learner.name)
    case_id = await moving.assigning(database, who)
    for person in (str(who.assessor.id), str(who.decider.id), "no id"):
        async with moving.nothing_changes(database, "override_barred"):
            await override(database, who, case_id, "She is the best we have", person)


async def test_a_conflict_is_set_aside_in_writing(database: Database) -> None:
    who = await moving.people(database)
    case_id = await declared(database, who, ConflictTie.OTHER)
    async with moving.nothing_changes(database, "reasons_missing"):
        await override(database, who, case_id, " ")


async def rewrite(database: Database) -> None:
    async with database.writing() as session:
        (row,) = await session.exec(select(ConflictOverride))
        row.reason = "Another one"


async def test_why_a_conflict_was_set_aside_is_never_changed(database: Database) -> None:
    who = await moving.people(database)
    case_id = await declared(database, who, ConflictTie.OTHER)
    await override(database, who, case_id, "A jury of forty, nine years ago")
    with pytest.raises(DBAPIError, match="why a conflict was set aside stays on record"):
        await rewrite(database)


async def test_whoever_lost_a_seat_to_an_unrelated_refusal_is_still_refused(database: Database) -> None:
    who = await moving.people(database)
    case_id = await declared(database, who, ConflictTie.OTHER)
    async with database.writing() as session:
        other = await makers.staff(session, Role.ASSESSOR)
    with pytest.raises(Refused, match="override_barred"):
        await override(database, who, case_id, "Not the one", str(other.id))
