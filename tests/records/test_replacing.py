"""A file that was taken out comes back as it was, and one that was wrong gives way; what was sent does neither."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.records import cases, evidence, pointers, portfolio, replacing
from services.records.blobs import Stored
from services.records.database import Database
from services.records.evidence import Description
from services.records.ids import new_id
from services.records.pointers import Place
from services.records.tables.evidence import EvidenceItem
from services.rules.case import Stage
from services.rules.evidence import EvidenceKind, kind_of_name
from tests.records import makers, moving
from tests.records.makers import NOW
from tests.records.moving import People

PDF = kind_of_name("sample.pdf")
PLACE = Place(criterion="a", page=3, note="Look at the drawing")


@pytest.fixture
async def who(database: Database) -> People:
    return await moving.people(database)


async def pointed(database: Database, who: People) -> tuple[UUID, UUID]:
    """A draft with one described file that is pointed at one criterion."""
    case_id = await moving.standing(database, who, Stage.ELIGIBLE, competencies=("first", "second"))
    claims = await moving.claims_of(database, case_id)
    async with database.writing() as session:
        item = await evidence.attach(
            session,
            case_id=case_id,
            person=who.learner.id,
            name="wrong.pdf",
            file_kind=PDF,
            stored=Stored("1" * 64, 100),
            said=Description(kind=EvidenceKind.LOGBOOK, title="Logbook"),
            now=NOW,
        )
        await pointers.point(
            session,
            case_id=case_id,
            evidence_id=item.id,
            claim_id=claims["first"].id,
            person=who.learner.id,
            place=PLACE,
            now=NOW,
        )
    return case_id, item.id


async def test_a_removed_file_comes_back_within_the_hour_with_what_it_was_pointed_at(
    database: Database, who: People
) -> None:
    case_id, item_id = await pointed(database, who)
    about: dict[str, Any] = {"case_id": case_id, "evidence_id": item_id, "person": who.learner.id}
    async with moving.nothing_changes(database, "evidence_unknown"), database.writing() as session:
        await replacing.restore(session, **about, now=NOW)
    async with database.writing() as session:
        await evidence.remove(session, **about, now=NOW)
    async with database.reading() as session:
        assert await evidence.of_case(session, case_id) == ()
        assert await replacing.removed(session, case_id=case_id, evidence_id=item_id, now=NOW) == "wrong.pdf"
        later = NOW + replacing.UNDO
        assert await replacing.removed(session, case_id=case_id, evidence_id=item_id, now=later) is None
    async with moving.nothing_changes(database, "evidence_unknown"), database.writing() as session:
        await replacing.restore(session, **about, now=NOW + replacing.UNDO)
    async with database.writing() as session:
        await replacing.restore(session, **about, now=NOW + timedelta(minutes=59))
    async with database.reading() as session:
        (shown,) = await evidence.of_case(session, case_id)
    assert (shown.id, shown.said.title) == (item_id, "Logbook")
    assert [one.place for one in shown.pointers] == [PLACE]


async def test_bringing_back_what_came_again_meanwhile_is_the_item_there_is(database: Database, who: People) -> None:
    case_id, item_id = await pointed(database, who)
    about: dict[str, Any] = {"case_id": case_id, "person": who.learner.id, "now": NOW}
    async with database.writing() as session:
        await evidence.remove(session, evidence_id=item_id, **about)
        again = await evidence.attach(session, name="again.pdf", file_kind=PDF, stored=Stored("1" * 64, 100), **about)
        assert (await replacing.restore(session, evidence_id=item_id, **about)).id == again.id


async def test_another_file_takes_the_place_with_words_and_pointers(database: Database, who: People) -> None:
    case_id, item_id = await pointed(database, who)
    about: dict[str, Any] = {"case_id": case_id, "evidence_id": item_id, "person": who.learner.id, "now": NOW}
    async with database.writing() as session:
        before = await evidence.quota(session, case_id, person=who.learner.id, now=NOW)
        room = await replacing.may_replace(session, **about)
        assert (room.files, room.size) == (before.files - 1, before.size - 100)
        same = await replacing.put_instead(
            session, name="same.pdf", file_kind=PDF, stored=Stored("1" * 64, 100), **about
        )
        assert (same.id, same.name) == (item_id, "wrong.pdf")
        new = await replacing.put_instead(
            session, name="right.pdf", file_kind=PDF, stored=Stored("2" * 64, 200), **about
        )
    async with database.reading() as session:
        (shown,) = await evidence.of_case(session, case_id)
    assert (shown.id, shown.name, shown.said.title) == (new.id, "right.pdf", "Logbook")
    assert [one.place for one in shown.pointers] == [PLACE]


async def test_a_transcript_stays_with_another_recording_and_not_with_a_document(
    database: Database, who: People
) -> None:
    case_id = await moving.standing(database, who, Stage.ELIGIBLE)
    about: dict[str, Any] = {"case_id": case_id, "person": who.learner.id, "now": NOW}
    said = Description(kind=EvidenceKind.VIDEO_OF_WORK, transcript="0:01 I open the valve.")
    async with database.writing() as session:
        film = kind_of_name("film.mp4")
        item = await evidence.attach(
            session, name="film.mp4", file_kind=film, stored=Stored("1" * 64, 100), said=said, **about
        )
        again = await replacing.put_instead(
            session, evidence_id=item.id, name="again.mp4", file_kind=film, stored=Stored("2" * 64, 100), **about
        )
        assert again.transcript == said.transcript
        paper = await replacing.put_instead(
            session, evidence_id=again.id, name="paper.pdf", file_kind=PDF, stored=Stored("3" * 64, 100), **about
        )
        assert paper.transcript == ""


async def test_what_was_sent_is_not_replaced_and_a_full_case_brings_nothing_back(
    database: Database, who: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id, item_id = await pointed(database, who)
    about: dict[str, Any] = {"case_id": case_id, "evidence_id": item_id, "person": who.learner.id, "now": NOW}
    async with database.writing() as session:
        case = await cases.get(session, case_id)
        await makers.evidence(session, case, *await makers.claims(session, case))
        await portfolio.freeze(session, case=case, command_id=None, now=NOW)
    async with moving.nothing_changes(database, "portfolio_locked"), database.writing() as session:
        await replacing.put_instead(session, name="right.pdf", file_kind=PDF, stored=Stored("2" * 64, 200), **about)
    async with database.writing() as session:
        loose = await evidence.attach(
            session,
            case_id=case_id,
            person=who.learner.id,
            name="loose.pdf",
            file_kind=PDF,
            stored=Stored("3" * 64, 100),
            now=NOW,
        )
        await evidence.remove(session, **about | {"evidence_id": loose.id})
    monkeypatch.setattr(evidence.Quota, "room", 0)
    async with moving.nothing_changes(database, "quota_exceeded"), database.writing() as session:
        await replacing.restore(session, **about | {"evidence_id": loose.id})
    async with database.reading() as session:
        assert await session.get(EvidenceItem, new_id()) is None
        assert await evidence.of_the_learner(session, await cases.get(session, case_id)) >= {item_id}
