"""A credential shows nothing until its holder chooses; what was shown stays on record; checks are only counted."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from services.records import cases, sharing
from services.records.database import Database
from services.records.sharing import PRIVATE, Choice
from services.records.tables.audit import AuditLine
from services.records.tables.credentials import Credential, CredentialState
from services.records.tables.sharing import CheckAnswers, CredentialShare, Question, SharedPart
from services.rules.refusals import Refused
from tests.records import makers, moving
from tests.records.makers import NOW

LATER = NOW + timedelta(days=1)


async def issued(database: Database) -> Credential:
    """The credential of a decided case."""
    async with database.writing() as session:
        case = await makers.decided(session)
        return (await session.exec(select(Credential).where(col(Credential.case_id) == case.id))).one()


async def choose(
    database: Database, credential: Credential, *, page: bool, name: bool = False, named: bool = True, later: int = 0
) -> None:
    async with database.writing() as session:
        await sharing.choose(
            session,
            credential,
            chosen=Choice(page=page, name=name),
            carries_name=named,
            by=(await cases.get(session, credential.case_id)).learner_id,
            now=NOW + timedelta(days=later),
        )


async def shown(database: Database, credential: Credential) -> Choice:
    async with database.reading() as session:
        return await sharing.choice(session, credential.id)


async def test_a_credential_is_private_until_its_holder_chooses_and_whenever_they_choose_so_again(
    database: Database,
) -> None:
    credential = await issued(database)
    assert await shown(database, credential) == PRIVATE
    for number, chosen in enumerate([Choice(page=True), Choice(page=True, name=True), PRIVATE, Choice(page=True)]):
        await choose(database, credential, page=chosen.page, name=chosen.name, later=number)
        assert await shown(database, credential) == chosen
    await choose(database, credential, page=True, later=9)  # what is so already is not chosen again
    async with database.reading() as session:
        rows = list(await session.exec(select(CredentialShare).order_by(col(CredentialShare.given_at))))
        lines = await session.exec(
            select(AuditLine.action, AuditLine.details).where(col(AuditLine.subject) == str(credential.id))
        )
        told = [(action, details["part"]) for action, details in lines]
    assert [(row.part, row.given_at, row.withdrawn_at) for row in rows] == [
        (SharedPart.PAGE, NOW, NOW + timedelta(days=2)),
        (SharedPart.NAME, NOW + timedelta(days=1), NOW + timedelta(days=2)),
        (SharedPart.PAGE, NOW + timedelta(days=3), None),
    ]
    assert sorted(told) == [("credential_hidden", part) for part in ("name", "page")] + [
        ("credential_shown", part) for part in ("name", "page", "page")
    ]


async def test_a_name_is_shown_on_a_page_that_is_shown_and_only_if_it_stands_in_the_credential(
    database: Database,
) -> None:
    credential = await issued(database)
    async with moving.nothing_changes(database, "name_without_page"):
        await choose(database, credential, page=False, name=True)
    async with moving.nothing_changes(database, "name_not_carried"):
        await choose(database, credential, page=True, name=True, named=False)


async def test_only_a_published_credential_of_this_very_case_can_be_chosen_for(database: Database) -> None:
    credential = await issued(database)
    other = await issued(database)
    async with database.reading() as session:
        with pytest.raises(Refused, match="not_found"):
            await sharing.published(session, case_id=other.case_id, credential_id=credential.id)
    async with database.writing() as session:
        (await session.get_one(Credential, credential.id)).state = CredentialState.SIGNED
    async with database.reading() as session:
        with pytest.raises(Refused, match="not_found"):
            await sharing.published(session, case_id=credential.case_id, credential_id=credential.id)


@pytest.mark.parametrize("change", ["UPDATE credential_shares SET part = 'name'", "DELETE FROM credential_shares"])
async def test_what_was_shown_stays_on_record(database: Database, change: str) -> None:
    await choose(database, await issued(database), page=True)
    with pytest.raises(IntegrityError, match="credential_shares"):
        async with database.engine.begin() as connection:
            await connection.execute(sa.text(change))


async def test_checks_are_counted_by_day_and_hold_nothing_else(database: Database) -> None:
    credential, other = await issued(database), await issued(database)
    async with database.writing() as session:
        for day in (NOW.date(), NOW.date(), LATER.date()):
            await sharing.checked(session, credential.id, day=day)
    async with database.reading() as session:
        assert await sharing.checks(session, [credential.id, other.id]) == {credential.id: 3}
        columns = (await session.exec(sa.text("SELECT * FROM credential_checks"))).keys()  # type: ignore[call-overload]  # plain SQL
    assert set(columns) == {"credential_id", "day", "number"}


async def test_answers_are_counted_by_programme_and_quarter_and_tell_of_no_credential(database: Database) -> None:
    credential = await issued(database)
    async with database.writing() as session:
        for answers in ({"clear": "yes", "known": "not_at_all"}, {"clear": "yes"}, {"clear": "no"}, {}):
            await sharing.answered(session, code=credential.code, answers=answers, now=NOW)
    async with database.reading() as session:
        here = col(CheckAnswers.institution_id) == makers.INSTITUTION
        found = await sharing.answers_of(session, here, "sample-programme", ["2026Q1"])
        assert found == {
            Question.CLEAR: {"yes": 2, "partly": 0, "no": 1},
            Question.KNOWN: {"well": 0, "a_little": 0, "not_at_all": 1},
        }
        assert await sharing.answers_of(session, sa.false(), "sample-programme", ["2026Q1"]) == {}
        assert await sharing.answers_of(session, here, "sample-programme", ["2026Q2"]) == {}


@pytest.mark.parametrize(
    ("code", "answers", "refusal"),
    [
        ("", {"name": "yes"}, "malformed"),
        ("", {"clear": "perhaps"}, "malformed"),
        ("", {"clear": "yes", "known": "yes"}, "malformed"),
        ("000000000000", {"clear": "yes"}, "not_found"),
    ],
)
async def test_an_answer_to_no_question_of_ours_is_not_counted(
    database: Database, code: str, answers: dict[str, str], refusal: str
) -> None:
    credential = await issued(database)
    async with moving.nothing_changes(database, refusal), database.writing() as session:
        await sharing.answered(session, code=code or credential.code, answers=answers, now=NOW)
