"""What a third party says is evidence once and for all; whoever said it takes part in the case in no other way."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import (
    attestation_links,
    attested,
    cases,
    effects,
    evidence,
    independence,
    invariants,
    people,
    pointers,
    portfolio,
    sessions,
    statements,
    ties,
)
from services.records.attested import Attested
from services.records.database import Database
from services.records.evidence import Description
from services.records.pointers import Place
from services.records.tables.assessment import Judgement
from services.records.tables.attestations import AttestationCallBack, AttestationStatement
from services.records.tables.cases import CaseParty
from services.records.tables.evidence import PortfolioVersion
from services.records.tables.people import Person
from services.rules import commands as bodies
from services.rules import signatures
from services.rules.attestations import CallBack, Doubt, IdentityLevel, Observation, RequestState, Seen
from services.rules.case import Stage
from services.rules.claims import ClaimState, PointedItem, Recommendation
from services.rules.evidence import EvidenceKind
from services.rules.people import Caller, Membership, Role, Tie
from services.rules.refusals import Refused
from tests.records import attesting, makers, moving
from tests.records.attesting import Asked
from tests.records.makers import NOW
from tests.records.moving import People, nothing_changes

LATER = NOW + timedelta(hours=1)


@pytest.fixture
async def who(database: Database) -> People:
    return await moving.people(database)


@pytest.fixture
async def case_id(database: Database, who: People) -> UUID:
    return await moving.standing(database, who, Stage.ELIGIBLE)


async def seen(database: Database, asked: Asked) -> Attested:
    async with database.reading() as session:
        request = await attesting.request(database, asked)
        found = await attested.of_request(session, request)
    assert found is not None
    return found


async def holds(database: Database) -> set[int]:
    async with database.reading() as session:
        return {one.number for one in await invariants.broken(session, now=NOW)}


async def versions(database: Database, case_id: UUID) -> list[int]:
    async with database.reading() as session:
        rows = await session.exec(
            select(PortfolioVersion).where(col(PortfolioVersion.case_id) == case_id).order_by(PortfolioVersion.number)  # type: ignore[arg-type]  # a column
        )
        found = list(rows)
    assert all(portfolio.verify(version) for version in found)
    return [version.number for version in found]


async def test_a_statement_is_evidence_for_what_was_seen_and_its_author_a_party(
    database: Database, who: People, case_id: UUID
) -> None:
    asked = await attesting.asked(database, case_id)
    await attesting.submit(database, asked.token)
    claims = await moving.claims_of(database, case_id)
    async with database.reading() as session:
        (shown,) = await evidence.of_case(session, case_id)
        spoken_for = await pointers.for_claim(session, claims["first"].id)
        assert await pointers.for_claim(session, claims["second"].id) == ()
        parties = list(await session.exec(select(CaseParty).where(col(CaseParty.role) == Role.THIRD_PARTY)))
        author = await session.get_one(Person, parties[0].person_id)
    assert (shown.said.kind, shown.said.learner_authored) == (EvidenceKind.THIRD_PARTY_REPORT, False)
    assert (shown.attestation_id, shown.said.author) == (asked.request_id, "Sample Supervisor")
    assert spoken_for == (PointedItem(str(shown.id), EvidenceKind.THIRD_PARTY_REPORT, learner_authored=False),)
    assert [party.case_id for party in parties] == [case_id]
    assert author.email == "boss@garderiesoleil.example"
    assert ("attestation_arrived", who.learner.id) in await moving.told(database, case_id)
    assert (await attesting.request(database, asked)).state is RequestState.SUBMITTED
    assert await holds(database) == set()


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("statement_incomplete", {"position": ""}),
        (
            "example_missing",
            {
                "observations": (
                    Observation("first", Seen.SEEN_OFTEN, "short"),
                    Observation("second", Seen.NOT_SEEN),
                )
            },
        ),
        ("declaration_missing", {"declaration": ""}),
        ("malformed", {"doubts": "\u0000"}),
    ],
)
async def test_an_incomplete_statement_changes_nothing_and_the_link_still_opens(
    database: Database, case_id: UUID, code: str, changes: dict[str, object]
) -> None:
    asked = await attesting.asked(database, case_id)
    said = attesting.statement("first", **changes)
    async with nothing_changes(database, code):
        await attesting.submit(database, asked.token, said)
    async with database.reading() as session:
        await statements.readable(session, asked.token, attesting.statement("first"), now=NOW)


async def test_whoever_attests_can_never_judge_or_lead_the_case(database: Database, who: People) -> None:
    case_id = await moving.standing(database, who, Stage.ELIGIBLE)
    asked = await attesting.asked(database, case_id, email=who.lead.email)
    async with database.reading() as session:
        before = await session.get_one(Person, who.lead.id)
    await attesting.submit(database, asked.token)
    async with database.reading() as session:
        assert repr(await session.get_one(Person, who.lead.id)) == repr(before)  # the account is as it was
        case = await cases.get(session, case_id)
        assert await effects.staff(session, case=case, role=Role.LEAD) == []
        caller = await people.caller(session, who.lead.id)
        assert (await ties.ties(session, case_id=case_id, caller=caller)).ties == {Tie.STRANGER}
        for role in (Role.ASSESSOR, Role.PANEL, Role.DECISION_MAKER, Role.APPEAL_REVIEWER_1):
            with pytest.raises(Refused, match="separation_of_duties"):
                await independence.check(session, case=case, person=who.lead.id, role=role)


async def test_whoever_judges_can_not_attest(database: Database, who: People) -> None:
    case_id = await moving.assessing(database, who)
    asked = await attesting.asked(database, case_id, email=who.assessor.email)
    async with nothing_changes(database, "separation_of_duties"):
        await attesting.submit(database, asked.token)


async def test_an_address_alone_opens_no_account_and_takes_none_over(database: Database, case_id: UUID) -> None:
    asked = await attesting.asked(database, case_id)
    await attesting.submit(database, asked.token)
    async with database.writing() as session:
        known = await people.by_email(session, "boss@garderiesoleil.example")
        assert known is not None
        assert (known.account, known.active, known.password_hash) == (False, False, None)
        token = await sessions.start(session, known.id, now=NOW)
        assert await sessions.find(session, token, now=NOW) is None
        opened = await people.add(
            session, name="Real Name", email=known.email, language="fr", password_hash="x", organisation=None, now=NOW
        )
        assert (opened.id, opened.name, opened.account, opened.active) == (known.id, "Real Name", True, True)
        case = await cases.get(session, case_id)
        with pytest.raises(Refused, match="separation_of_duties"):
            await independence.check(session, case=case, person=opened.id, role=Role.ASSESSOR)
        with pytest.raises(people.AddressTakenError):
            await people.add(
                session, name="Other", email=known.email, language="fr", password_hash=None, organisation=None, now=NOW
            )


async def test_what_was_attested_is_never_changed(database: Database, who: People, case_id: UUID) -> None:
    asked = await attesting.asked(database, case_id)
    await attesting.submit(database, asked.token)
    async with database.reading() as session:
        (shown,) = await evidence.of_case(session, case_id)
        claim = (await makers.claims(session, await cases.get(session, case_id)))[1]
    named: dict[str, Any] = {"case_id": case_id, "evidence_id": shown.id, "person": who.learner.id, "now": NOW}
    steps: tuple[Callable[[AsyncSession], Awaitable[object]], ...] = (
        lambda session: evidence.describe(session, said=Description(title="Mine"), **named),
        lambda session: evidence.remove(session, **named),
        lambda session: pointers.point(session, claim_id=claim.id, place=Place(), **named),
        lambda session: pointers.unpoint(session, pointer_id=shown.pointers[0].id, **named),
    )
    for step in steps:
        async with nothing_changes(database, "evidence_of_others"), database.writing() as session:
            await step(session)
    with pytest.raises(IntegrityError, match="stays as they said it"):
        async with database.writing() as session:
            (await session.get_one(AttestationStatement, asked.request_id)).same_device = True


async def test_what_comes_while_assessors_read_makes_a_version_for_all_of_them(database: Database, who: People) -> None:
    case_id = await moving.assessing(database, who)
    await moving.write(database, case_id, who.assessor, first=moving.finding())
    asked = await attesting.asked(database, case_id)
    assert await versions(database, case_id) == [1]
    await attesting.submit(database, asked.token)
    assert await versions(database, case_id) == [1, 2]
    async with database.reading() as session:
        (draft,) = await session.exec(select(Judgement))
    assert draft.portfolio_version == 2
    assert await holds(database) == set()


async def test_what_comes_after_a_reading_waits_until_the_case_asks_again(database: Database, who: People) -> None:
    case_id = await moving.assessing(database, who, ("first", "second"))
    asked = await attesting.asked(database, case_id)
    for competency in ("first", "second"):
        await moving.write(database, case_id, who.assessor, **{competency: moving.finding(Recommendation.NOT_YET)})
    await moving.send(database, case_id, "submit_judgements", actor=who.assessor, role=Role.ASSESSOR)
    await attesting.submit(database, asked.token)
    assert await versions(database, case_id) == [1]
    async with database.reading() as session:
        assert all(shown.attestation_id is None for shown in await evidence.of_case(session, case_id))
        assert await statements.held(session) == []
    async with database.writing() as session:
        case = await cases.get(session, case_id)
        case.stage = Stage.MORE_EVIDENCE
    async with database.reading() as session:
        assert await statements.held(session) == [(case_id, asked.request_id)]
    async with database.writing() as session:  # judged on file: nothing is laid beside what was read
        assert not await statements.lay_held(session, case_id=case_id, request_id=asked.request_id, now=LATER)


async def test_a_held_statement_is_laid_to_the_evidence_once_it_can_be_weighed(database: Database, who: People) -> None:
    case_id = await moving.assessing(database, who)
    asked = await attesting.asked(database, case_id)
    await moving.write(database, case_id, who.assessor, first=moving.finding(), second=moving.finding())
    await moving.send(database, case_id, "submit_judgements", actor=who.assessor, role=Role.ASSESSOR)
    case = await moving.case_of(database, case_id)
    assert case.stage not in portfolio.EDITABLE
    await attesting.submit(database, asked.token)
    async with database.writing() as session:
        for claim in await makers.claims(session, await cases.get(session, case_id)):
            claim.state = ClaimState.NOT_YET  # settled: its reading binds nobody any more
        await makers.claim(session, await cases.get(session, case_id), "first", attempt=2)
        (await cases.get(session, case_id)).stage = Stage.ELIGIBLE
    async with database.writing() as session:
        assert await statements.lay_held(session, case_id=case_id, request_id=asked.request_id, now=LATER)
    async with database.reading() as session:
        (laid,) = [one for one in await evidence.of_case(session, case_id) if one.attestation_id]
        assert laid.attestation_id == asked.request_id
        newest = (await moving.claims_of(database, case_id))["first"]
        assert [pointer.claim for pointer in laid.pointers] == [newest.id]
        assert await statements.held(session) == []


async def test_files_that_came_with_a_statement_are_its_authors(database: Database, case_id: UUID) -> None:
    kind = next(kind for kind in signatures.FILE_KINDS if "jpg" in kind.extensions)
    asked = await attesting.asked(database, case_id)
    async with database.writing() as session:
        await attestation_links.attach(
            session, asked.token, name="floor.jpg", file_kind=kind, stored=attesting.stored("photo"), now=NOW
        )
    async with database.reading() as session:
        assert await evidence.of_case(session, case_id) == ()
    await attesting.submit(database, asked.token)
    async with database.reading() as session:
        words, photo = await evidence.of_case(session, case_id)
    assert (words.name, photo.name, photo.said.author) == ("statement.txt", "floor.jpg", "Sample Supervisor")
    assert len(photo.pointers) == 1
    assert await holds(database) == set()


async def test_the_sole_third_party_of_a_claim_is_always_called_back(
    database: Database, who: People, case_id: UUID
) -> None:
    first = await attesting.asked(database, case_id)
    await attesting.submit(database, first.token)
    alone = await seen(database, first)
    assert (alone.call, alone.level) == (CallBack.WANTED, IdentityLevel.ORGANISATION_DOMAIN)
    assert alone.doubts == (Doubt.NOT_CALLED_BACK,)
    assert ("attestation_to_call", who.advisor.id) in await moving.told(database, case_id)
    second = await attesting.asked(database, case_id, email="other@gmail.com")
    await attesting.submit(database, second.token, same_device=True)
    public = await seen(database, second)
    assert public.level is IdentityLevel.PUBLIC_DOMAIN
    assert public.doubts[:2] == (Doubt.SAME_DEVICE, Doubt.PUBLIC_DOMAIN)


async def note_call(database: Database, who: People, asked: Asked, **changes: object) -> None:
    values = {
        "answered_by": "Sample Supervisor",
        "number_from": "The organisation's web page",
        "confirmed": True,
        "called_at": LATER,
        "now": LATER,
    }
    async with database.writing() as session:
        await attested.note_call(
            session,
            case_id=asked.case_id,
            request_id=asked.request_id,
            advisor=who.advisor.id,
            **(values | changes),  # type: ignore[arg-type]  # tests give wrong values too
        )


async def test_a_call_back_says_who_answered_and_where_the_number_came_from(
    database: Database, who: People, case_id: UUID
) -> None:
    asked = await attesting.asked(database, case_id, email="boss@gmail.com")
    async with nothing_changes(database, "request_settled"):
        await note_call(database, who, asked)
    await attesting.submit(database, asked.token)
    for wrong in ({"answered_by": " "}, {"number_from": ""}, {"called_at": NOW - timedelta(days=1)}):
        async with nothing_changes(database, "malformed"):
            await note_call(database, who, asked, **wrong)
    await note_call(database, who, asked)
    called = await seen(database, asked)
    assert (called.level, called.call, called.doubts) == (IdentityLevel.CALLED_BACK, CallBack.DONE, ())
    await note_call(database, who, asked, confirmed=False)
    denied = await seen(database, asked)
    assert (denied.level, denied.doubts) == (IdentityLevel.PUBLIC_DOMAIN, (Doubt.DENIED, Doubt.PUBLIC_DOMAIN))
    assert len(denied.calls) == 2
    with pytest.raises(IntegrityError, match="stays as it was noted"):
        async with database.writing() as session:
            (await session.get_one(AttestationCallBack, denied.calls[0].id)).confirmed = False


async def test_the_learner_reads_a_statement_once_a_later_decision_can_be_read(database: Database) -> None:
    async with database.writing() as session:
        case = await makers.decided(session)
        other = await makers.case(session, stage=Stage.ELIGIBLE)
        for one in (case, other):
            one.stage = Stage.ELIGIBLE
            for claim in await makers.claims(session, one):
                claim.state = ClaimState.CLAIMED
    before = await attesting.asked(database, case.id, now=NOW - timedelta(days=1))
    said = attesting.statement("first", observations=(Observation("first", Seen.SEEN_OFTEN, "x" * 40),))
    await attesting.submit(database, before.token, said, now=NOW - timedelta(days=1))
    after = await attesting.asked(database, case.id, email="later@example.org")
    await attesting.submit(database, after.token, said, now=LATER)
    elsewhere = await attesting.asked(database, other.id)
    async with database.reading() as session:
        assert not await attested.sealed(session, case_id=case.id, request_id=before.request_id)
        assert await attested.sealed(session, case_id=case.id, request_id=after.request_id)
        assert await attested.sealed(session, case_id=case.id, request_id=elsewhere.request_id)
        assert await attested.sealed(session, case_id=other.id, request_id=before.request_id)
        assert await attested.sealed(session, case_id=other.id, request_id=elsewhere.request_id)
        assert await attested.of_request(session, await attesting.request(database, elsewhere)) is None


async def test_a_third_party_is_a_stranger_to_the_case(database: Database, case_id: UUID) -> None:
    asked = await attesting.asked(database, case_id)
    await attesting.submit(database, asked.token)
    async with database.reading() as session:
        person = await people.by_email(session, "boss@garderiesoleil.example")
        assert person is not None
        caller = Caller(str(person.id), "en", (Membership(Role.AUDITOR, makers.INSTITUTION),))
        facts = await ties.ties(session, case_id=case_id, caller=caller)
    assert facts.ties == {Tie.STRANGER}
    assert facts.seats == frozenset()


async def test_what_was_said_for_a_second_case_goes_on_in_the_first(database: Database, who: People) -> None:
    older = await moving.standing(database, who, Stage.ELIGIBLE)
    younger = await moving.standing(database, who, Stage.DRAFT)
    async with database.writing() as session:
        (await cases.get(session, younger)).created_at = LATER
    asked = await attesting.asked(database, younger)
    await attesting.submit(database, asked.token)
    waiting = await attesting.asked(database, younger, email="slow@example.org")
    body = bodies.MergeDuplicate(into=str(older), reason="Opened twice")
    await moving.send(database, younger, "merge_duplicate", actor=who.lead, role=Role.LEAD, body=body)
    async with database.reading() as session:
        (one,) = await attested.of_case(session, older)
        parties = await session.exec(select(CaseParty.case_id).where(col(CaseParty.role) == Role.THIRD_PARTY))
        assert set(parties) == {older, younger}
        assert await attested.sealed(session, case_id=older, request_id=asked.request_id)
    assert one.claims == ((await moving.claims_of(database, older))["first"].id,)
    assert (await attesting.request(database, waiting)).state is RequestState.CANCELLED
    assert await holds(database) == set()


async def test_two_cases_do_not_become_one_where_somebody_would_judge_what_they_attest(
    database: Database, who: People
) -> None:
    older = await moving.assessing(database, who)
    younger = await moving.standing(database, who, Stage.DRAFT)
    async with database.writing() as session:
        (await cases.get(session, younger)).created_at = LATER
    asked = await attesting.asked(database, younger, email=who.assessor.email)
    await attesting.submit(database, asked.token)
    body = bodies.MergeDuplicate(into=str(older), reason="Opened twice")
    with pytest.raises(Refused, match="separation_of_duties"):
        await moving.send(database, younger, "merge_duplicate", actor=who.lead, role=Role.LEAD, body=body)
    assert (await moving.case_of(database, younger)).stage is Stage.DRAFT
