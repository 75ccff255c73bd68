"""People who agreed are asked once a wave by a link that opens once; what they answer is counted and nothing else."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import baselines, cases, surveys
from services.records.database import Database
from services.records.tables.audit import AuditLine
from services.records.tables.cases import Consent
from services.records.tables.surveys import SurveyCount, SurveyInvitation, SurveyRound
from services.rules.case import ClosedAs, Stage
from services.rules.claims import Outcome
from services.rules.people import Role
from services.rules.refusals import Refused
from services.rules.surveys import BASELINE, LIFE, Followed, Question
from tests.records import makers, moving
from tests.records.makers import NOW
from tests.records.moving import People

SLUG = makers.programme().slug
REACH = [(makers.INSTITUTION, None)]
SAID = {Question.WORK: "in_field", Question.RECOMMEND: "yes"}


async def over(database: Database, who: People, *, outcome: str | None = Outcome.GRANTED_FULL) -> UUID:
    """A case whose decision could be read at `NOW`."""
    return await moving.standing(database, who, Stage.DECIDED, outcome=outcome, decided_at=NOW)


async def agreed(database: Database, who: People, case_id: UUID, *, now: datetime = NOW) -> UUID:
    """The learner agrees; answers the consent."""
    async with database.writing() as session:
        await surveys.agree(session, case_id, person=who.learner.id, now=now)
    async with database.reading() as session:
        (consent,) = await surveys.agreed(session, after=UUID(int=0), limit=9)
        return consent


async def invited(database: Database, consent: UUID, *, now: datetime = NOW) -> bool:
    async with database.writing() as session:
        return await surveys.invite(session, consent, now=now)


async def asked(database: Database, *, now: datetime = NOW, noted: bool = True) -> str:
    """The token of the mail that is waiting; `noted`: that it left."""
    async with database.writing() as session:
        (waiting,) = await surveys.unsent(session, now=now)
        letter = await surveys.letter(session, waiting, now=now)
        assert letter is not None
        if noted:
            await surveys.accepted(session, waiting, now=now)
        return letter.token


async def linked(database: Database, who: People) -> str:
    """Somebody agreed and was written to; answers the token."""
    await invited(database, await agreed(database, who, await over(database, who)))
    return await asked(database)


async def answer(database: Database, token: str, said: dict[Question, str], *, now: datetime = NOW) -> None:
    async with database.writing() as session:
        await surveys.answer(session, token, said, now=now)


async def numbers(database: Database) -> tuple[list[tuple[int, int]], dict[tuple[Question, str], int]]:
    async with database.reading() as session:
        rounds = await session.exec(select(SurveyRound.invited, SurveyRound.answered))
        counts = await session.exec(select(SurveyCount.question, SurveyCount.answer, SurveyCount.number))
        return list(rounds), {(Question(question), word): number for question, word, number in counts}


async def test_only_the_learner_agrees_and_only_after_the_case(database: Database) -> None:
    who = await moving.people(database)
    running = await moving.standing(database, who, Stage.IN_ASSESSMENT)
    done = await over(database, who)
    for case_id, person, code, now in (
        (running, who.learner, "survey_not_open", NOW),
        (done, who.advisor, "not_found", NOW),
        (done, who.learner, "survey_not_open", NOW + timedelta(days=800)),
    ):
        async with moving.nothing_changes(database, code), database.writing() as session:
            await surveys.agree(session, case_id, person=person.id, now=now)
    await agreed(database, who, done)
    async with moving.writing(database) as session:
        await surveys.agree(session, done, person=who.learner.id, now=NOW)
        assert len(list(await session.exec(select(Consent)))) == 1
        standing = await surveys.of_person(session, who.learner.id, now=NOW)
        assert [(one.case_id, one.agreed_at, one.open) for one in standing] == [(done, NOW, True)]


async def test_each_wave_asks_once_in_its_time_and_whoever_stopped_is_asked_no_more(database: Database) -> None:
    who = await moving.people(database)
    consent = await agreed(database, who, await over(database, who))
    new = []
    for day in range(0, 800, 20):
        if await invited(database, consent, now=NOW + timedelta(days=day)):
            new.append(day)
        assert not await invited(database, consent, now=NOW + timedelta(days=day))
    assert len(new) == 5
    async with database.writing() as session:
        await surveys.stop(session, who.learner.id, now=NOW)
        assert await surveys.agreed(session, after=UUID(int=0), limit=9) == []
        assert await surveys.unsent(session, now=NOW) == []
        told = await surveys.invitations_of(session, who.learner.id)
        assert [one["wave"] for one in told] == [0, 3, 6, 12, 24]
        lines = await session.exec(select(AuditLine.action).where(col(AuditLine.action).like("survey%")))
        assert sorted(lines) == ["survey_agreed", "survey_stopped"]


async def test_answers_are_counted_once_and_stand_nowhere_else(database: Database) -> None:
    who = await moving.people(database)
    token = await linked(database, who)
    for said, code in (({}, "survey_unanswered"), ({Question.WORK: "yes"}, "malformed")):
        async with moving.nothing_changes(database, code):
            await answer(database, token, said)
    await answer(database, token, SAID, now=NOW + timedelta(days=3))
    assert await numbers(database) == ([(1, 1)], dict.fromkeys(SAID.items(), 1))
    async with moving.nothing_changes(database, "survey_ended"):
        await answer(database, token, SAID, now=NOW + timedelta(days=3))
    rows = await moving.everything(database)
    held = [name for name, lines in rows.items() if any("in_field" in line for line in lines)]
    assert held == ["survey_counts"]
    assert not any(str(who.learner.id) in line or who.learner.id.hex in line for line in rows["survey_counts"])


async def test_a_link_that_is_wrong_over_or_stopped_opens_nothing(database: Database) -> None:
    who = await moving.people(database)
    token = await linked(database, who)
    for wrong, now in ((token[:-1], NOW), ("", NOW), (token, NOW + LIFE)):
        async with moving.nothing_changes(database, "survey_ended"), database.writing() as session:
            await surveys.opened(session, wrong, now=now)
    async with moving.nothing_changes(database, "survey_ended"), database.writing() as session:
        await surveys.stop_by_link(session, "never-a-link", now=NOW)
    async with database.writing() as session:
        await surveys.stop_by_link(session, token, now=NOW)
    async with moving.nothing_changes(database, "survey_ended"):
        await answer(database, token, SAID)
    async with database.writing() as session:
        await surveys.stop_by_link(session, token, now=NOW)
        assert (await session.exec(select(Consent.withdrawn_at))).all() == [NOW]


async def test_one_click_stops_every_survey_of_a_person_and_of_nobody_else(database: Database) -> None:
    who, other = await moving.people(database), await moving.people(database)
    token = await linked(database, who)
    await answer(database, token, SAID)
    second = await over(database, who)
    async with database.writing() as session:
        await surveys.agree(session, second, person=who.learner.id, now=NOW)
        await surveys.agree(session, await over_of(session, other), person=other.learner.id, now=NOW)
    async with database.writing() as session:
        await surveys.stop_by_link(session, token, now=NOW)
    async with database.reading() as session:
        left = await session.exec(select(Consent.person_id).where(col(Consent.withdrawn_at).is_(None)))
        assert left.all() == [other.learner.id]


async def over_of(session: AsyncSession, who: People) -> UUID:
    row = await makers.case(
        session, stage=Stage.DECIDED, learner=who.learner, outcome=Outcome.NOT_GRANTED, decided_at=NOW
    )
    return row.id


async def test_a_crash_between_the_mail_and_its_note_asks_nobody_twice_and_counts_whoever_answered(
    database: Database,
) -> None:
    who = await moving.people(database)
    await invited(database, await agreed(database, who, await over(database, who)))
    first, again = await asked(database, noted=False), await asked(database, noted=False)
    async with database.reading() as session:
        assert (await surveys.opened(session, first, now=NOW)).wave == 0
        (waiting,) = await surveys.unsent(session, now=NOW)
    await answer(database, again, SAID)
    async with moving.nothing_changes(database, "survey_ended"):
        await answer(database, first, SAID)
    async with database.writing() as session:
        assert await surveys.letter(session, waiting, now=NOW) is None
        await surveys.accepted(session, waiting, now=NOW)
        await surveys.unreachable(session, waiting, now=NOW)
    assert (await numbers(database))[0] == [(1, 1)]


async def test_whoever_left_after_being_eligible_is_the_group_to_compare_with(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.ELIGIBLE)
    async with database.writing() as session:
        case = await cases.get(session, case_id)
        await makers.applied(
            session, case, "accept_eligibility", actor=who.advisor.id, role=Role.ADVISOR, to=Stage.ELIGIBLE
        )
        case.stage, case.closed_as, case.closed_at = Stage.CLOSED, ClosedAs.WITHDRAWN, NOW
    consent = await agreed(database, who, case_id)
    assert await invited(database, consent)
    async with database.reading() as session:
        assert (await session.exec(select(SurveyInvitation.followed))).all() == [Followed.NOT_COMPLETED]


async def test_an_invitation_that_is_over_or_of_a_closed_account_is_not_sent(database: Database) -> None:
    who = await moving.people(database)
    await invited(database, await agreed(database, who, await over(database, who)))
    async with database.writing() as session:
        (waiting,) = await surveys.unsent(session, now=NOW)
        assert await surveys.unsent(session, now=NOW + LIFE) == []
        (await session.merge(who.learner)).active = False
        await session.flush()
        assert await surveys.letter(session, waiting, now=NOW) is None
        await surveys.unreachable(session, waiting, now=NOW)
        assert await surveys.unsent(session, now=NOW) == []
    assert await numbers(database) == ([], {})


async def test_staff_read_figures_of_their_own_programmes_and_answers_only_when_they_may(database: Database) -> None:
    async with database.writing() as session:
        await makers.published(session)
        where: dict[str, Any] = {"programme": SLUG, "year": 2026, "wave": 6, "followed": Followed.RECOGNISED}
        where |= {"institution_id": makers.INSTITUTION}
        for language, invited_, answered in (("en", 60, 40), ("fr", 30, 16)):
            await makers.stored(session, SurveyRound(**where, language=language, invited=invited_, answered=answered))
        for word, number in (("yes", 31), ("unsure", 13), ("no", 12)):
            row = SurveyCount(**where, question=Question.RECOMMEND, answer=word, number=number)
            await makers.stored(session, row)
    async with database.reading() as session:
        (group,) = await surveys.figures(session, REACH, SLUG, 2026, answers=True)
        assert group.asked["all"].answered == 56
        assert group.said[Question.RECOMMEND].shares["no"] == pytest.approx(12 / 56)
        (quiet,) = await surveys.figures(session, REACH, SLUG, 2026, answers=False)
        assert not quiet.said
        for reach, year in (([("elsewhere", None)], 2026), ([], 2026), (REACH, 2025)):
            assert await surveys.figures(session, reach, SLUG, year, answers=True) == []


async def test_the_database_keeps_who_was_asked_and_never_more_answers_than_were_asked_for(database: Database) -> None:
    who = await moving.people(database)
    await linked(database, who)
    for broken in ("UPDATE survey_invitations SET wave = 3", "UPDATE survey_rounds SET answered = 2"):
        with pytest.raises(sa.exc.DBAPIError):
            async with database.writing() as session:
                await session.exec(sa.text(broken))  # type: ignore[call-overload]  # a statement as text
    with pytest.raises(Refused):
        await answer(database, "never", SAID, now=datetime(2026, 1, 1, tzinfo=UTC))


async def began(database: Database, case_id: UUID, who: People, work: str) -> None:
    async with database.writing() as session:
        await baselines.tell(session, case_id, work, person=who.learner.id, now=NOW)


async def test_what_somebody_did_when_they_applied_is_counted_with_the_first_wave_and_kept_no_longer(
    database: Database,
) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.IN_ASSESSMENT)
    await began(database, case_id, who, "in_field")
    await began(database, case_id, who, "looking")
    async with database.writing() as session:
        case = await cases.get(session, case_id)
        case.stage, case.outcome, case.decided_at = Stage.DECIDED, Outcome.GRANTED_FULL, NOW
    await invited(database, await agreed(database, who, case_id))
    await asked(database)
    async with database.reading() as session:
        assert await baselines.of_case(session, case_id) is None
        (count,) = list(await session.exec(select(SurveyCount)))
        early = await surveys.figures(session, REACH, SLUG, NOW.year, answers=False)
        found = await surveys.figures(session, REACH, SLUG, NOW.year, answers=True)
    assert (count.wave, count.followed, count.answer, count.number) == (BASELINE, Followed.RECOGNISED, "looking", 1)
    assert [(group.wave, set(group.said), set(group.asked)) for group in found] == [
        (BASELINE, {Question.WORK}, set()),
        (0, set(Question), {"en", "all"}),
    ]
    assert [group.wave for group in early] == [0]


@pytest.mark.parametrize(
    ("stage", "work", "code"),
    [
        (Stage.DRAFT, "looking", "survey_not_open"),
        (Stage.DECIDED, "looking", "survey_not_open"),
        (Stage.IN_ASSESSMENT, "king", "malformed"),
    ],
)
async def test_what_somebody_does_is_told_of_a_running_case_of_theirs_in_our_words(
    database: Database, stage: Stage, work: str, code: str
) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, stage)
    before = await moving.everything(database)
    with pytest.raises(Refused) as refused:
        await began(database, case_id, who, work)
    assert refused.value.code == code
    with pytest.raises(Refused) as hidden:
        await began(database, case_id, await moving.people(database), "looking")
    assert hidden.value.code == "not_found"
    assert (await moving.everything(database))["survey_baselines"] == before["survey_baselines"] == []
