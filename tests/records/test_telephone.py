"""A referee without an e-mail address is called by the advisor, and is a party of the case as any other referee."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from services.records import (
    attestation_asking,
    attestations,
    attested,
    cases,
    evidence,
    independence,
    invariants,
    telephone,
)
from services.records.database import Database
from services.records.tables.attestations import AttestationStatement
from services.records.tables.cases import CaseParty
from services.records.tables.commands import EffectRow
from services.records.telephone import Answered, Call
from services.rules.attestations import CallBack, IdentityLevel, RequestState
from services.rules.case import Stage
from services.rules.evidence import EvidenceKind
from services.rules.people import Role
from services.rules.refusals import Refused
from tests.records import attesting, moving
from tests.records.makers import NOW
from tests.records.moving import People, nothing_changes

LATER = NOW + timedelta(days=2)
CALL = Call("Sample Supervisor", "The centre's own page", LATER - timedelta(hours=1), looked_up=True)
NUMBER = "+1 (514) 555-0100"


@pytest.fixture
async def who(database: Database) -> People:
    return await moving.people(database)


async def asked(database: Database, case_id: UUID, **changes: Any) -> UUID:  # noqa: ANN401 - any field
    async with database.writing() as session:
        fields = {"email": "", "phone": NUMBER} | changes
        return (await attesting.ask(session, await cases.get(session, case_id), **fields)).id


def said(**changes: Any) -> Answered:  # noqa: ANN401 - any field
    return replace(Answered(attesting.statement("first"), CALL, "2026-1"), **changes)


async def answer(
    database: Database,
    who: People,
    case_id: UUID,
    request: UUID,
    now: datetime = LATER,
    **changes: Any,  # noqa: ANN401 - any field
) -> None:
    async with database.writing() as session:
        await telephone.answer(
            session,
            case_id=case_id,
            request_id=request,
            advisor=who.advisor.id,
            said=said(**changes),
            stored=attesting.stored("called"),
            now=now,
        )


async def state(database: Database, case_id: UUID, request: UUID) -> RequestState:
    async with database.reading() as session:
        return (await attestations.get(session, case_id=case_id, request_id=request)).state


async def test_the_advisor_is_asked_to_call_and_nobody_is_written_to(database: Database, who: People) -> None:
    case_id = await moving.standing(database, who, Stage.ELIGIBLE)
    request = await asked(database, case_id)
    assert await moving.told(database, case_id) == [("attestation_to_phone", who.advisor.id)]
    async with database.reading() as session:
        assert [one for one in await session.exec(select(EffectRow)) if one.attestation_id] == []
        form = await telephone.form(session, case_id=case_id, request_id=request, now=NOW)
    assert (form.request.phone, set(form.competencies)) == ("+15145550100", {"first", "second"})
    assert form.learner == who.learner.name
    async with nothing_changes(database, "already_asked"):
        await asked(database, case_id, phone="+1-514-555-0100")
    for phone, email in (("call me", ""), ("12345", ""), (NUMBER, "boss@garderiesoleil.example"), ("", "")):
        async with nothing_changes(database, "malformed"):
            await asked(database, case_id, phone=phone, email=email)


async def test_a_draft_has_nobody_who_calls_until_it_has_an_advisor(database: Database, who: People) -> None:
    case_id = await moving.standing(database, who, Stage.ELIGIBLE)
    async with database.writing() as session:
        (await cases.get(session, case_id)).advisor_id = None
    request = await asked(database, case_id)
    assert await moving.told(database, case_id) == []
    async with database.writing() as session:
        (await cases.get(session, case_id)).advisor_id = who.advisor.id
    for days, count in ((1, 1), (2, 1), (24, 3)):  # asked once, then reminded; the learner is told of the silence
        async with database.writing() as session:
            now = NOW + timedelta(days=days)
            await attestations.look_after(session, case_id=case_id, request_id=request, now=now)
        assert len(await moving.told(database, case_id)) == count


async def test_what_is_said_on_the_telephone_counts_and_its_author_is_barred(database: Database, who: People) -> None:
    case_id = await moving.standing(database, who, Stage.ELIGIBLE)
    request = await asked(database, case_id)
    await answer(database, who, case_id, request)
    async with database.reading() as session:
        (one,) = await attested.of_case(session, case_id)
        row = await session.get_one(AttestationStatement, request)
        (shown,) = await evidence.of_case(session, case_id)
        (party,) = await session.exec(select(CaseParty).where(col(CaseParty.role) == Role.THIRD_PARTY))
        assert {broken.number for broken in await invariants.broken(session, now=LATER)} == set()
    assert (one.level, one.call, one.doubts, one.recorded) == (IdentityLevel.CALLED_BACK, CallBack.DONE, (), True)
    assert (row.recorded_by, row.consent_version, row.person_id) == (who.advisor.id, "2026-1", party.person_id)
    assert one.phoned is not None
    assert one.phoned["number_from"] == CALL.number_from
    assert shown.said.kind is EvidenceKind.THIRD_PARTY_REPORT
    assert ("attestation_arrived", who.learner.id) in await moving.told(database, case_id)
    async with database.writing() as session:
        case = await cases.get(session, case_id)
        with pytest.raises(Refused, match="separation_of_duties"):
            await independence.enrol(session, case=case, person=party.person_id, role=Role.ASSESSOR, now=LATER)
    async with nothing_changes(database, "request_settled"):
        await answer(database, who, case_id, request)


async def test_a_number_that_the_learner_gave_says_nothing_of_who_answered(database: Database, who: People) -> None:
    case_id = await moving.standing(database, who, Stage.ELIGIBLE)
    request = await asked(database, case_id)
    await answer(database, who, case_id, request, call=replace(CALL, looked_up=False))
    async with database.reading() as session:
        (one,) = await attested.of_case(session, case_id)
    assert (one.level, one.call) == (IdentityLevel.UNVERIFIED, CallBack.WANTED)
    assert ("attestation_to_call", who.advisor.id) in await moving.told(database, case_id)


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("consent_missing", {"consent": ""}),
        ("malformed", {"call": replace(CALL, answered_by=" ")}),
        ("malformed", {"call": replace(CALL, called_at=LATER + timedelta(hours=1))}),
        ("malformed", {"address": "nobody"}),
        ("statement_incomplete", {"statement": attesting.statement("first", position="")}),
        ("request_settled", {"now": NOW + timedelta(days=31)}),
    ],
)
async def test_nothing_is_kept_of_a_call_without_what_it_needs(
    database: Database, who: People, code: str, changes: dict[str, Any]
) -> None:
    case_id = await moving.standing(database, who, Stage.ELIGIBLE)
    request = await asked(database, case_id)
    async with nothing_changes(database, code):
        await answer(database, who, case_id, request, **changes)


async def test_whoever_has_another_part_does_not_attest_by_telephone(database: Database, who: People) -> None:
    case_id = await moving.standing(database, who, Stage.ELIGIBLE)
    request = await asked(database, case_id)
    async with nothing_changes(database, "separation_of_duties"):
        await answer(database, who, case_id, request, address=who.advisor.email)
    by_mail = await asked(database, case_id, email="boss@garderiesoleil.example", phone="")
    async with nothing_changes(database, "not_found"):  # who is asked by link answers by link
        await answer(database, who, case_id, by_mail)


@pytest.mark.parametrize(("unknown", "ends"), [(False, RequestState.DECLINED), (True, RequestState.UNKNOWN_PERSON)])
async def test_a_no_on_the_telephone_counts_against_nobody(
    database: Database, who: People, ends: RequestState, *, unknown: bool
) -> None:
    case_id = await moving.standing(database, who, Stage.ELIGIBLE)
    request = await asked(database, case_id)
    async with database.writing() as session:
        await telephone.decline(
            session, case_id=case_id, request_id=request, advisor=who.advisor.id, unknown=unknown, now=LATER
        )
    assert await state(database, case_id, request) is ends
    assert ("attestation_declined", who.learner.id) in await moving.told(database, case_id)


async def test_a_learner_agrees_that_somebody_is_called_whom_an_assessor_proposed(
    database: Database, who: People
) -> None:
    case_id = await moving.assessing(database, who)
    claim = (await moving.claims_of(database, case_id))["first"].id
    async with database.writing() as session:
        named = attesting.named(claim, email="", phone=NUMBER)
        row = await attestation_asking.propose(session, case_id=case_id, assessor=who.assessor.id, named=named, now=NOW)
        await attestation_asking.agree(
            session, case_id=case_id, request_id=row.id, consent="2026-1", email=None, now=NOW
        )
    assert await state(database, case_id, row.id) is RequestState.OPEN
    assert ("attestation_to_phone", who.advisor.id) in await moving.told(database, case_id)
