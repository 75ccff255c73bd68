"""A sponsor's people are taken in together or not at all, and nothing is told of anybody who did not agree to it."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from services.records import agreements, cases, invariants, milestones, people, sponsors, surveys
from services.records.cohorts import JOINED, TakenIn
from services.records.database import Database
from services.records.ids import new_id
from services.records.invitations import COHORT_NOTICE
from services.records.tables.audit import AuditLine
from services.records.tables.cases import Case, Consent
from services.records.tables.cohorts import CohortEmployment, CohortMember
from services.records.tables.credentials import Credential, CredentialState
from services.records.tables.people import Person
from services.rules.case import ClosedAs, Stage
from services.rules.cohort_files import FileInvalid, Wrong
from services.rules.cohorts import Milestone
from services.rules.people import Role
from services.rules.small_cells import Bound
from services.rules.surveys import Question
from tests.records import makers, moving, sponsored
from tests.records.makers import NOW
from tests.records.sponsored import AGREED, TERMS
from tests.records.test_surveys import agreed as surveyed
from tests.records.test_surveys import asked, invited, over

TWO = "ana@example.org,Ana Sample,fr,E-7\nbo@example.org,=Bo,en,\n"


async def members(database: Database) -> dict[str, tuple[Case, CohortMember]]:
    async with database.reading() as session:
        rows = await session.exec(
            select(Person.email, Case, CohortMember)
            .join(CohortMember, col(CohortMember.learner_id) == col(Person.id))
            .join(Case, col(Case.id) == col(CohortMember.case_id))
        )
        return {email: (case, member) for email, case, member in rows}


async def choose(database: Database, case_id: UUID, person: UUID, *, tell: bool = True) -> None:
    async with database.writing() as session:
        await sponsors.choose(session, case_id, tell=tell, person=person, now=NOW)


async def told(database: Database, agreement: UUID, lead: Person) -> milestones.Report:
    caller = await sponsored.caller_of(database, lead)
    async with database.writing() as session:
        return await milestones.report(session, agreement, caller=caller, now=NOW)


async def test_a_file_opens_an_account_a_draft_and_a_consent_for_each_and_the_same_file_again_nothing(
    database: Database,
) -> None:
    who = await moving.people(database)
    async with database.writing() as session:
        known = await makers.person(session, name="Known", email="known@example.org", password_hash="x")
    agreement = await sponsored.agreement(database, who.lead)
    lines = f"{TWO}Known@example.org,Another Name,en,E-9\n"
    first = await sponsored.take_in(database, agreement, lines, lead=who.lead)
    assert (first.added, first.known, len(first.told)) == (3, 0, 3)
    joined = await members(database)
    ana, member = joined["ana@example.org"]
    assert (ana.stage, ana.language, ana.purpose, ana.advisor_id, ana.intake_by_id) == (
        Stage.DRAFT, "fr", "upskill", None, None,
    )  # fmt: skip
    assert (member.reference, member.added_by) == ("E-7", who.lead.id)
    async with database.reading() as session:
        assert (await session.get_one(Person, joined["known@example.org"][0].learner_id)).name == known.name
        assert (await session.get_one(Person, ana.learner_id)).password_hash is None
        rows = await session.exec(select(Consent.purpose, Consent.recorded_by, Consent.form))
        assert list(rows) == [("cohort", who.lead.id, "written")] * 3
        lines_of = await session.exec(select(AuditLine.action).where(col(AuditLine.stream) == f"case:{ana.id}"))
        assert list(lines_of) == ["case_opened", "cohort_joined"]
        assert await invariants.broken(session, now=NOW) == []
    assert await moving.told(database, ana.id) == [(COHORT_NOTICE, ana.learner_id)]
    assert await moving.told(database, joined["known@example.org"][0].id) == [(JOINED, known.id)]
    before = await moving.imprint(database)
    assert await sponsored.take_in(database, agreement, lines, lead=who.lead) == TakenIn(0, 3, ())
    changed = {name for name, _ in set(await moving.imprint(database)) - set(before)}
    assert changed == {"audit"}
    tomorrow = await sponsored.take_in(database, agreement, lines, lead=who.lead, now=NOW + timedelta(days=1))
    assert {ana.id, joined["bo@example.org"][0].id} == set(tomorrow.told)
    assert await moving.told(database, ana.id) == [(COHORT_NOTICE, ana.learner_id)] * 2


async def test_nobody_is_taken_in_if_anything_is_wrong(database: Database) -> None:
    who = await moving.people(database)
    async with database.writing() as session:
        gone = await makers.person(session, active=False)
        elsewhere = await makers.person(session)
        await makers.role(session, elsewhere, Role.LEAD, programme="another")
    agreement = await sponsored.agreement(database, who.lead)
    before = await moving.imprint(database)
    with pytest.raises(FileInvalid) as invalid:
        await sponsored.take_in(
            database, agreement, f"{TWO}no,No,en,\n{who.lead.email},Me,en,\n{gone.email},G,en,\n", lead=who.lead
        )
    found = [(one.line, one.column, one.wrong) for one in invalid.value.faults]
    assert found == [(4, "email", Wrong.ADDRESS), (5, "email", Wrong.ONESELF), (6, "email", Wrong.CLOSED)]
    assert await moving.imprint(database) == before
    async with moving.nothing_changes(database, "agreement_missing"):
        await sponsored.take_in(database, agreement, TWO, lead=who.lead, agreed=replace(AGREED, text_version="old"))
    for stranger in (who.assessor, elsewhere):
        async with moving.nothing_changes(database, "not_found"):
            await sponsored.take_in(database, agreement, TWO, lead=stranger)
    async with moving.nothing_changes(database, "agreement_over"):
        await sponsored.take_in(database, agreement, TWO, lead=who.lead, now=NOW + timedelta(days=400))


async def test_an_agreement_is_made_by_a_lead_of_the_programme_once_and_stays(database: Database) -> None:
    who = await moving.people(database)
    agreement = await sponsored.agreement(database, who.lead)
    for person, terms, code in (
        (who.lead, TERMS, "reference_taken"),
        (who.advisor, TERMS, "programme_unknown"),
        (who.lead, replace(TERMS, sponsor=" "), "malformed"),
        (who.lead, replace(TERMS, reference="a\nb"), "malformed"),
        (who.lead, replace(TERMS, reference="B", ends_on=date(2025, 12, 31)), "malformed"),
    ):
        async with moving.nothing_changes(database, code):
            await sponsored.agreement(database, person, terms)
    for person, seen in ((who.lead, [agreement]), (who.advisor, [])):
        caller = await sponsored.caller_of(database, person)
        async with database.reading() as session:
            assert [one.id for one in await agreements.led_by(session, caller)] == seen
    async with database.writing() as session:
        other = await makers.staff(session, Role.LEAD, programme="sample-programme")
        caller = await people.caller(session, other.id)
        assert len(await agreements.led_by(session, caller)) == 1
        version = await makers.published(session)
        version.retired_at = NOW
    async with moving.nothing_changes(database, "programme_closed"):
        await sponsored.agreement(database, who.lead, replace(TERMS, reference="B"))


async def test_a_draft_of_ones_own_joins_and_a_case_joins_one_cohort_at_most(database: Database) -> None:
    who = await moving.people(database)
    draft = await moving.standing(database, who, Stage.DRAFT)
    await moving.standing(database, who, Stage.ELIGIBLE)
    first = await sponsored.agreement(database, who.lead)
    second = await sponsored.agreement(database, who.lead, replace(TERMS, reference="B"))
    for agreement in (first, second):
        done = await sponsored.take_in(database, agreement, f"{who.learner.email},L,en,\n", lead=who.lead)
        assert done.added == 1
    async with database.reading() as session:
        rows = list(await session.exec(select(CohortMember).order_by(col(CohortMember.agreement_id))))
    assert rows[0].case_id == draft
    assert len({row.case_id for row in rows}) == 2
    with pytest.raises(IntegrityError):
        async with database.writing() as session:
            await sponsored.join(session, await cases.get(session, draft), second)
    for statement in ("UPDATE cohort_members SET reference = 'x'", "DELETE FROM sponsor_agreements"):
        with pytest.raises(IntegrityError, match=r"for good|written down"):
            async with database.engine.begin() as connection:
                await connection.execute(sa.text(statement))


async def test_only_the_learner_lets_the_sponsor_know_and_takes_it_back(database: Database) -> None:
    who = await moving.people(database)
    agreement = await sponsored.agreement(database, who.lead)
    await sponsored.take_in(database, agreement, f"{who.learner.email},L,en,\n{TWO}", lead=who.lead)
    (case, _) = (await members(database))[who.learner.email]
    own = await moving.standing(database, who, Stage.DRAFT)
    for case_id, person in ((case.id, who.advisor), (case.id, who.lead), (own, who.learner), (new_id(), who.learner)):
        async with moving.nothing_changes(database, "not_found"):
            await choose(database, case_id, person.id)
    assert (await told(database, agreement, who.lead)).people == ()
    for _ in range(2):
        await choose(database, case.id, who.learner.id)
    report = await told(database, agreement, who.lead)
    assert [(one.number, dict(one.reached)) for one in report.people] == [(case.number, {})]
    assert report.others is Bound.BELOW_TEN
    async with database.reading() as session:
        (mine,) = await sponsors.of_person(session, who.learner.id)
    assert (mine.case_id, mine.sponsor, mine.agreed_at) == (case.id, sponsored.SPONSOR, NOW)
    for _ in range(2):
        await choose(database, case.id, who.learner.id, tell=False)
    assert (await told(database, agreement, who.lead)).people == ()
    async with database.reading() as session:
        actions = await session.exec(
            select(AuditLine.action, AuditLine.details).where(
                col(AuditLine.action).in_(["sponsor_agreed", "sponsor_withdrawn", "milestones_exported"])
            )
        )
        assert sorted(action for action, _ in actions) == [
            *["milestones_exported"] * 3, "sponsor_agreed", "sponsor_withdrawn",
        ]  # fmt: skip


async def test_a_grant_is_told_with_the_hash_of_the_credential_while_it_holds(database: Database) -> None:
    who = await moving.people(database)
    agreement = await sponsored.agreement(database, who.lead)
    async with database.writing() as session:
        case = await makers.decided(session, learner=who.learner)
        await sponsored.join(session, case, agreement, reference="E-1")
        credential = (await session.exec(select(Credential))).one()
        credential.published_at = NOW
    await choose(database, case.id, who.learner.id)
    (one,) = (await told(database, agreement, who.lead)).people
    assert one.reached == {Milestone.GRANTED: milestones.Reached(date(2026, 3, 2), credential.document_sha256)}
    async with database.writing() as session:
        await makers.exclude(session, case, who.lead)
    report = await told(database, agreement, who.lead)
    assert report.people == ()  # whoever has a conflict on a case finds nothing of it here either
    other = await staff_of(database, Role.LEAD)
    async with database.writing() as session:
        (await session.exec(select(Credential))).one().state = CredentialState.REVOKED
    (one,) = (await told(database, agreement, other)).people
    assert one.reached == {}


async def staff_of(database: Database, role: Role) -> Person:
    async with database.writing() as session:
        return await makers.staff(session, role)


async def test_eligible_and_sent_in_are_told_for_the_first_time_and_also_of_the_case_that_goes_on(
    database: Database,
) -> None:
    who = await moving.people(database)
    agreement = await sponsored.agreement(database, who.lead)
    older = await moving.sent_in(database, who)
    async with database.writing() as session:
        case = await cases.get(session, older)
        moved = await makers.applied(
            session, case, "complete", actor=who.learner.id, role=Role.LEARNER, to=Stage.ELIGIBLE
        )
        younger = await makers.case(session, learner=who.learner, stage=Stage.CLOSED, closed_as=ClosedAs.DUPLICATE)
        younger.merged_into_id = older
        await sponsored.join(session, younger, agreement)
    await choose(database, older, who.learner.id)
    (one,) = (await told(database, agreement, who.lead)).people
    assert one.case_id == older
    async with database.reading() as session:
        (mine,) = await sponsors.of_person(session, who.learner.id)
        line = await session.exec(select(AuditLine.hash).where(col(AuditLine.subject) == str(moved.id)))
        assert one.reached[Milestone.ELIGIBLE].evidence == line.one()
    assert (mine.case_id, mine.agreed_at) == (older, NOW)
    assert set(one.reached) == {Milestone.ELIGIBLE, Milestone.DEPOSITED}


@pytest.mark.parametrize(("work", "noted"), [("other_work", True), ("looking", False)])
async def test_work_is_told_only_by_whoever_ticks_it_and_only_if_they_have_some(
    database: Database, work: str, *, noted: bool
) -> None:
    who = await moving.people(database)
    agreement = await sponsored.agreement(database, who.lead)
    case_id = await over(database, who)
    async with database.writing() as session:
        await sponsored.join(session, await cases.get(session, case_id), agreement)
    consent = await surveyed(database, who, case_id)
    at_once = await link(database, consent, months=0)
    await choose(database, case_id, who.learner.id)
    async with moving.nothing_changes(database, "malformed"), database.writing() as session:
        await surveys.answer(session, at_once, {Question.WORK: "in_field"}, now=NOW, tell_sponsor=True)
    later = await link(database, consent, months=3)
    now = NOW + timedelta(days=95)
    async with database.writing() as session:
        assert await sponsors.told_of_work(session, case_id, wave=3) == sponsored.SPONSOR
        assert await sponsors.told_of_work(session, case_id, wave=0) is None
        await surveys.answer(session, later, {Question.WORK: work}, now=now, tell_sponsor=True)
    (one,) = (await told(database, agreement, who.lead)).people
    assert (Milestone.EMPLOYED_3 in one.reached) == noted
    async with database.reading() as session:
        lines = await session.exec(select(AuditLine.hash).where(col(AuditLine.action) == "employment_told"))
        assert [one.reached[Milestone.EMPLOYED_3].evidence for _ in range(noted)] == list(lines)
        assert await invariants.broken(session, now=NOW) == []
    await choose(database, case_id, who.learner.id, tell=False)
    async with database.reading() as session:
        assert (await session.exec(select(CohortEmployment))).first() is None
        assert await sponsors.told_of_work(session, case_id, wave=3) is None


async def link(database: Database, consent: UUID, *, months: int) -> str:
    now = NOW + timedelta(days=months * 31)
    assert await invited(database, consent, now=now)
    return await asked(database, now=now)


async def test_others_are_a_number_from_ten_on(database: Database) -> None:
    who = await moving.people(database)
    agreement = await sponsored.agreement(database, who.lead)
    lines = "".join(f"p{number}@example.org,P,en,\n" for number in range(10))
    await sponsored.take_in(database, agreement, lines, lead=who.lead)
    assert (await told(database, agreement, who.lead)).others == 10
