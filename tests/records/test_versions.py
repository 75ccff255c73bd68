"""A newer version of the programme is chosen by the learner or not at all; what was sent or judged keeps its own."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select

from services.records import cases, drafts, missing, programmes, versions
from services.records.database import Database
from services.records.tables.evidence import EvidenceItem, Pointer
from services.rules import commands as bodies
from services.rules.case import Stage
from services.rules.claims import ClaimState
from services.rules.people import Role
from services.rules.programmes import Programme
from tests.records import makers, moving
from tests.records.makers import INSTITUTION, NOW
from tests.records.test_limits import eligible, mails

OLD = makers.programme()


def newer(version: int = 2, *, without: str = "third", **values: object) -> Programme:
    """The next version: one competency less, one question more, and another last criterion of `first`."""
    first, *others = OLD.competencies
    *same, last = first.criteria
    kept = (replace(first, criteria=(*same, replace(last, key="d"))), *others)
    asked = replace(OLD.form[0], key="since", required=True)
    return replace(
        OLD,
        version=version,
        competencies=tuple(one for one in kept if one.key != without),
        form=(*OLD.form, asked),
        policy=replace(OLD.policy, **values),  # type: ignore[arg-type]  # keys
    )


async def publish(database: Database, programme: Programme) -> None:
    async with database.writing() as session:
        await programmes.publish(session, programme, actor="test", now=NOW)


async def change(
    database: Database,
    who: moving.People,
    case_id: UUID,
    to: int = 2,
    *,
    confirmed: bool = True,
    leave: tuple[str, ...] = (),
) -> dict[str, object]:
    body = bodies.ChangeProgrammeVersion(to, confirmed, leave)
    return await moving.send(
        database, case_id, "change_programme_version", actor=who.learner, role=Role.LEARNER, body=body
    )


async def version_of(database: Database, case_id: UUID) -> int:
    async with database.reading() as session:
        return (await programmes.of_case(session, await cases.get(session, case_id))).version


async def test_open_claims_go_over_with_their_files_and_the_answer_says_what_changed(database: Database) -> None:
    who = await moving.people(database)
    case_id = await eligible(database, who)
    async with database.writing() as session:
        case = await cases.get(session, case_id)
        first, second = await makers.claims(session, case)
        item = await makers.evidence(session, case, first, second)
        for tie, criterion in zip(await session.exec(select(Pointer).order_by(col(Pointer.id))), "cb", strict=True):
            tie.criterion = criterion
    due = (await moving.case_of(database, case_id)).due_at
    await publish(database, newer())
    answer = await change(database, who, case_id)
    assert {key: answer[key] for key in ("stage", "programme_version", "changed", "pointers_widened", "questions")} == {
        "stage": "eligible",
        "programme_version": 2,
        "changed": ["first"],
        "pointers_widened": 1,
        "questions": ["since"],
    }
    assert answer["claims"] == ["first", "second"]
    assert await version_of(database, case_id) == 2
    assert (await moving.case_of(database, case_id)).due_at == due, "a date that was given stays"
    claims = await moving.claims_of(database, case_id)
    assert {key: claim.id for key, claim in claims.items()} == {"first": first.id, "second": second.id}
    async with database.reading() as session:
        ties = list(await session.exec(select(Pointer).order_by(col(Pointer.id))))
        assert [(tie.claim_id, tie.criterion) for tie in ties] == [(first.id, None), (second.id, "b")]
        assert (await session.get_one(EvidenceItem, item.id)).removed_at is None
    async with moving.nothing_changes(database, "version_same"):
        await change(database, who, case_id)


async def test_answers_that_the_newer_form_would_show_to_anybody_or_nowhere_go(database: Database) -> None:
    who = await moving.people(database)
    work = replace(OLD.form[0], identifying=False)
    old = replace(OLD, version=2, form=(work, *(replace(work, key=key, identifying=True) for key in ("age", "name"))))
    given = {"work": "Welding", "age": "51", "name": "Sample"}
    case_id = await moving.standing(database, who, Stage.ELIGIBLE, sample=old, answers=given)
    before = (await moving.case_of(database, case_id)).answers_version
    await publish(database, replace(old, version=3, form=(work, replace(work, key="age"))))
    answer = await change(database, who, case_id, 3)
    assert answer["answers_dropped"] == ["age", "name"]
    case = await moving.case_of(database, case_id)
    assert (case.answers, case.answers_version) == ({"work": "Welding"}, before + 1)


async def test_without_an_answer_the_case_stays_on_its_version_and_the_learner_is_told_once(database: Database) -> None:
    who = await moving.people(database)
    case_id = await eligible(database, who)
    await publish(database, newer())

    async def told() -> bool:
        async with database.writing() as session:
            return await versions.tell(session, case_id, now=NOW)

    async with database.reading() as session:
        assert await versions.behind(session, after=UUID(int=0), limit=10) == [case_id]
        assert await versions.behind(session, after=case_id, limit=10) == []
    assert [await told(), await told()] == [True, False]
    (mail,) = await mails(database, case_id, "newer_version")
    assert mail.recipient == who.learner.id
    assert await version_of(database, case_id) == 1
    await publish(database, newer(3))
    assert await told(), "another version is another choice"
    await change(database, who, case_id, 3)
    assert not await told()
    async with database.reading() as session:
        assert await versions.behind(session, after=UUID(int=0), limit=10) == []


async def test_only_the_newest_version_that_takes_cases_is_offered(database: Database) -> None:
    who = await moving.people(database)
    case_id = await eligible(database, who)
    async with moving.nothing_changes(database, "version_same"):
        await change(database, who, case_id)
    await publish(database, newer())
    await publish(database, newer(3))
    async with moving.nothing_changes(database, "version_not_offered") as refused:
        await change(database, who, case_id, 2)
    assert refused.value.facts == {"newest": "3"}
    async with moving.nothing_changes(database, "confirmation_missing"):
        await change(database, who, case_id, 3, confirmed=False)
    async with database.writing() as session:
        await programmes.retire(session, OLD.slug, version=3, actor="test", now=NOW)
    await change(database, who, case_id, 2)
    assert await version_of(database, case_id) == 2


async def test_a_draft_whose_version_was_retired_can_be_sent_under_the_newer_one(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.DRAFT)
    await publish(database, newer())
    async with database.writing() as session:
        await programmes.retire(session, OLD.slug, version=1, actor="test", now=NOW)
    sent = bodies.Submit("2026-1", ())
    async with moving.nothing_changes(database, "programme_closed"):
        await moving.send(database, case_id, "submit", actor=who.learner, role=Role.LEARNER, body=sent)
    await change(database, who, case_id)
    await moving.send(database, case_id, "submit", actor=who.learner, role=Role.LEARNER, body=sent)
    assert await version_of(database, case_id) == 2


async def test_what_the_newer_version_does_not_hold_is_left_behind_knowingly_and_shown_in_its_old_words(
    database: Database,
) -> None:
    who = await moving.people(database)
    case_id = await eligible(database, who)
    await publish(database, newer(without="second"))
    async with moving.nothing_changes(database, "version_lacks_competency") as refused:
        await change(database, who, case_id)
    assert refused.value.facts["competency"] == "second"
    async with moving.nothing_changes(database, "malformed"):
        await change(database, who, case_id, leave=("first", "second"))
    answer = await change(database, who, case_id, leave=("second",))
    assert (answer["claims"], answer["left"]) == (["first"], ["second"])
    claims = await moving.claims_of(database, case_id)
    assert (claims["first"].state, claims["second"].state) == (ClaimState.CLAIMED, ClaimState.WITHDRAWN)
    assert {("claims_left", who.learner.id), ("claims_left", who.advisor.id)} <= set(
        await moving.told(database, case_id)
    )
    async with database.reading() as session:
        followed = await programmes.of_case(session, await cases.get(session, case_id))
    assert [one.key for one in followed.competencies] == ["first", "third"]
    assert followed.competency("second") == OLD.competency("second")
    assert followed.competency("first") != OLD.competency("first")
    async with moving.nothing_changes(database, "claim_unknown"), database.writing() as session:
        await drafts.assess_oneself(session, case_id=case_id, competency="second", said=None, now=NOW)
    await publish(database, newer(3, without=""))
    assert (await change(database, who, case_id, 3))["left"] == []


async def test_a_claim_that_was_taken_back_is_no_obstacle_and_a_version_that_leaves_nothing_is(
    database: Database,
) -> None:
    who = await moving.people(database)
    case_id = await eligible(database, who)
    claim = (await moving.claims_of(database, case_id))["second"]
    gone = bodies.WithdrawClaim(str(claim.id), confirmed=True)
    await moving.send(database, case_id, "withdraw_claim", actor=who.learner, role=Role.LEARNER, body=gone)
    await publish(database, newer(without="first"))
    async with moving.nothing_changes(database, "version_leaves_nothing"):
        await change(database, who, case_id, leave=("first",))
    await publish(database, newer(3, without="second"))
    assert (await change(database, who, case_id, 3))["left"] == []


async def test_until_its_end_date_a_case_is_finished_on_the_old_version_and_then_on_the_newer_one(
    database: Database,
) -> None:
    who = await moving.people(database)
    case_id = await eligible(database, who)
    await publish(database, newer())
    until = (NOW + timedelta(days=60)).date()

    async def ends(day: date) -> None:
        async with database.writing() as session:
            await programmes.retire(session, OLD.slug, version=1, actor="test", now=NOW, until=day)

    async def told(now: datetime) -> bool:
        async with database.writing() as session:
            return await versions.tell(session, case_id, now=now)

    async def lacks(now: datetime) -> set[str]:
        async with database.reading() as session:
            found = await missing.of_case(session, await cases.get(session, case_id), now=now)
        return {one.code for one in found}

    await ends(until)
    for early in (until - timedelta(days=1), NOW.date() - timedelta(days=1)):
        async with moving.nothing_changes(database, "end_too_early"):
            await ends(early)
    assert [await told(NOW + timedelta(days=day)) for day in (1, 2, 40, 41)] == [True, False, True, False]
    for notice in ("newer_version", "version_ending"):
        (mail,) = await mails(database, case_id, notice)
        assert datetime.fromisoformat(mail.facts["due"]).date() == until + timedelta(days=1), "23:59:59 there, in UTC"
    assert "version_ended" not in await lacks(NOW + timedelta(days=60))
    late = NOW + timedelta(days=62)
    assert "version_ended" in await lacks(late)
    send = bodies.SubmitPortfolio(authentic=True, ai_use="None.")
    async with moving.nothing_changes(database, "version_ended"):
        await moving.send(
            database, case_id, "submit_portfolio", actor=who.learner, role=Role.LEARNER, body=send, now=late
        )
    await change(database, who, case_id)
    assert "version_ended" not in await lacks(late)


@pytest.mark.parametrize("state", [ClaimState.DOCUMENTED, ClaimState.GRANTED])
async def test_what_was_sent_or_settled_keeps_its_version(database: Database, state: ClaimState) -> None:
    who = await moving.people(database)
    case_id = await eligible(database, who)
    async with database.writing() as session:
        await makers.claim(session, await cases.get(session, case_id), "third", state=state)
    await publish(database, newer(without=""))
    async with moving.nothing_changes(database, "version_relied_on"):
        await change(database, who, case_id)
    async with database.writing() as session:
        assert await versions.behind(session, after=UUID(int=0), limit=10) == []
        assert not await versions.tell(session, case_id, now=NOW)


async def test_once_the_portfolio_is_sent_the_question_is_closed(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.sent_in(database, who)
    await publish(database, newer())
    async with moving.nothing_changes(database, "illegal_transition"):
        await change(database, who, case_id)


async def test_another_calendar_measures_what_begins_after_the_change(database: Database) -> None:
    who = await moving.people(database)
    case_id = await eligible(database, who)
    async with database.writing() as session:
        (await cases.get(session, case_id)).submitted_at = NOW
    other = replace(OLD.policy.calendar, name="another")
    await publish(database, newer(calendar=other))
    await change(database, who, case_id)
    case = await moving.case_of(database, case_id)
    assert (case.calendar_id, case.next_calendar_id) == (None, None)
    async with database.reading() as session:
        assert (await programmes.of_case(session, case)).policy.calendar == other
    assert case.institution_id == INSTITUTION
