"""What was published stays as it was; what is closed opens no new case; frameworks come in whole."""

from dataclasses import replace

import pytest
from sqlmodel import select

from services.records import institutions, programmes
from services.records.database import Database
from services.records.ids import new_id
from services.records.tables.audit import AuditLine
from services.rules.programmes import Text
from services.rules.refusals import Refused
from tests.records import makers

SECOND = replace(makers.programme(), version=2, title=Text("Second title", "Deuxième titre"))


async def test_a_case_reads_the_programme_that_it_was_pinned_to(database: Database) -> None:
    async with database.writing() as session:
        pinned = await makers.case(session)
        await makers.published(session, SECOND)
    async with database.reading() as session:
        programmes._READ.clear()  # noqa: SLF001 - as another process would read it
        assert await programmes.of_case(session, pinned) == makers.programme()
        assert await programmes.of_case(session, pinned) == makers.programme()


async def test_publishing_the_same_version_again_changes_nothing(database: Database) -> None:
    async with database.writing() as session:
        first, again = await makers.published(session), await makers.published(session)
        actions = list(await session.exec(select(AuditLine.action)))
    assert first.id == again.id
    assert actions == ["programme_published"]


async def test_other_contents_need_the_next_version(database: Database) -> None:
    changed = replace(SECOND, version=1)
    async with database.writing() as session:
        await makers.published(session)
        with pytest.raises(programmes.VersionTakenError, match="sample-programme 1"):
            await makers.published(session, changed)


async def test_the_list_shows_the_newest_open_version_of_each_programme(database: Database) -> None:
    other = replace(makers.programme(), slug="another-programme")
    async with database.writing() as session:
        for sample in (makers.programme(), SECOND, other):
            await makers.published(session, sample)
        shown = await programmes.published(session)
        assert [(one.slug, one.version, one.title.fr) for one in shown] == [
            ("another-programme", 1, makers.programme().title.fr),
            ("sample-programme", 2, "Deuxième titre"),
        ]
        await programmes.retire(session, "sample-programme", version=2, actor="test", now=makers.NOW)
        assert [one.version for one in await programmes.published(session)] == [1, 1]
        assert (await programmes.newest(session, "sample-programme")).version == 1


async def test_a_programme_without_an_open_version_opens_no_case(database: Database) -> None:
    async with database.writing() as session:
        await makers.published(session)
        for _ in range(2):
            await programmes.retire(session, "sample-programme", version=1, actor="test", now=makers.NOW)
        with pytest.raises(Refused, match="programme_closed"):
            await programmes.newest(session, "sample-programme")


async def test_an_unknown_programme_is_refused(database: Database) -> None:
    async with database.reading() as session:
        with pytest.raises(Refused, match="programme_unknown"):
            await programmes.newest(session, "unheard-of")
        with pytest.raises(Refused, match="programme_unknown"):
            await programmes.retire(session, "unheard-of", version=1, actor="test", now=makers.NOW)
        with pytest.raises(Refused, match="programme_unknown"):
            await programmes.read(session, new_id())


async def test_an_institution_is_known_by_the_newest_name_it_published_under(database: Database) -> None:
    renamed = replace(makers.programme().institution, name=Text("New Name", "Nouveau nom"))
    async with database.writing() as session:
        await makers.published(session)
        await makers.published(session, replace(SECOND, institution=renamed))
        (known,) = await institutions.known(session)
    assert known == institutions.Named("college-exemple", Text("New Name", "Nouveau nom"))


async def test_more_programmes_than_are_kept_at_hand_are_read_all_the_same(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programmes, "READ_AT_MOST", 1)
    programmes._READ.clear()  # noqa: SLF001 - what is at hand
    async with database.writing() as session:
        versions = [await makers.published(session, sample) for sample in (makers.programme(), SECOND)]
        for version in [*versions, *versions]:
            assert (await programmes.read(session, version.id)).version == version.version
    assert len(programmes._READ) == 1  # noqa: SLF001 - what is at hand


async def test_a_framework_is_kept_whole_and_replaced_by_its_next_import(database: Database) -> None:
    async with database.writing() as session:
        for title in ("First", "Second"):
            await programmes.keep_framework(
                session,
                identifier="urn:sample",
                title=title,
                source="sample.json",
                licence="CC BY 4.0",
                package={"CFDocument": {"title": title}, "extra": ["é"]},
                actor="test",
                now=makers.NOW,
                replace=title == "Second",
            )
        kept = await programmes.framework(session, "urn:sample")
        assert await programmes.framework(session, "urn:unheard-of") is None
    assert kept is not None
    assert kept.package == {"CFDocument": {"title": "Second"}, "extra": ["é"]}
