"""Two cases of one learner for one programme become one, and nothing that was shown is lost."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select

from services.records import cases, evidence
from services.records.database import Database
from services.records.tables.audit import AuditLine
from services.records.tables.evidence import EvidenceItem, Pointer
from services.rules import commands as bodies
from services.rules.case import ClosedAs, SeatState, Stage
from services.rules.claims import ClaimState
from services.rules.people import Role
from services.rules.refusals import Refused
from tests.records import makers, moving
from tests.records.makers import NOW

EARLIER = NOW - timedelta(days=30)


async def older(database: Database, who: moving.People, stage: Stage = Stage.ELIGIBLE) -> UUID:
    """The case that was there first; it claims the first competency alone."""
    async with database.writing() as session:
        case = await makers.case(
            session, stage=stage, learner=who.learner, advisor=who.advisor, created_at=EARLIER, competencies=("first",)
        )
        return case.id


async def younger(database: Database, who: moving.People, stage: Stage = Stage.DRAFT) -> UUID:
    """The second case, with a file that speaks to two claims."""
    async with database.writing() as session:
        case = await makers.case(
            session, stage=stage, learner=who.learner, advisor=who.advisor, competencies=("first", "second")
        )
        await makers.evidence(session, case, *await makers.claims(session, case))
        return case.id


async def merge(
    database: Database, who: moving.People, case_id: UUID, into: object, *, reason: str = "Opened twice"
) -> dict[str, object]:
    body = bodies.MergeDuplicate(str(into), reason)
    return await moving.send(database, case_id, "merge_duplicate", actor=who.lead, role=Role.LEAD, body=body)


async def files(database: Database, case_id: UUID) -> list[EvidenceItem]:
    async with database.reading() as session:
        return list(await session.exec(select(EvidenceItem).where(col(EvidenceItem.case_id) == case_id)))


async def ties(database: Database, case_id: UUID) -> list[Pointer]:
    async with database.reading() as session:
        return list(await session.exec(select(Pointer).where(col(Pointer.case_id) == case_id)))


async def test_the_younger_case_closes_and_its_files_go_on_in_the_older_one(database: Database) -> None:
    who = await moving.people(database)
    first, second = await older(database, who), await younger(database, who)
    result = await merge(database, who, second, first)
    assert (result["files"], result["claims"], result["pointers"]) == (1, 0, 1)
    case = await moving.case_of(database, second)
    assert (case.stage, case.closed_as, case.merged_into_id) == (Stage.CLOSED, ClosedAs.DUPLICATE, first)
    assert {one.state for one in (await moving.claims_of(database, second)).values()} == {ClaimState.WITHDRAWN}
    assert ("merged", who.learner.id) in await moving.told(database, second)
    (there,), (here,) = await files(database, second), await files(database, first)
    assert (here.sha256, here.size, here.kind, here.received_at) == (
        there.sha256,
        there.size,
        there.kind,
        there.received_at,
    )
    (tie,) = await ties(database, first)
    assert (tie.evidence_id, tie.claim_id) == (here.id, (await moving.claims_of(database, first))["first"].id)
    async with database.reading() as session:
        lines = await session.exec(select(AuditLine.action).where(col(AuditLine.stream) == f"case:{first}"))
        assert "duplicate_merged" in set(lines)


async def test_what_was_merged_is_never_reopened(database: Database) -> None:
    who = await moving.people(database)
    first, second = await older(database, who), await younger(database, who)
    await merge(database, who, second, first)
    async with moving.nothing_changes(database, "closed_as_duplicate"):
        await moving.send(database, second, "reopen", actor=who.lead, role=Role.LEAD, body=bodies.Reopen("Again"))


async def test_a_draft_takes_the_claims_over_as_well_and_the_same_file_is_there_once(database: Database) -> None:
    who = await moving.people(database)
    first, second = await older(database, who, Stage.DRAFT), await younger(database, who)
    async with database.writing() as session:
        (there,) = await files(database, second)
        session.add(EvidenceItem(**(there.model_dump() | {"id": UUID(int=1), "case_id": first, "kind": None})))
    result = await merge(database, who, second, first)
    assert (result["claims"], result["pointers"]) == (1, 2)
    (here,) = await files(database, first)
    assert (here.id, here.kind) == (UUID(int=1), there.kind)
    assert set(await moving.claims_of(database, first)) == {"first", "second"}


async def test_a_portfolio_that_was_sent_takes_files_but_no_ties(database: Database) -> None:
    who = await moving.people(database)
    first, second = await older(database, who, Stage.IN_ASSESSMENT), await younger(database, who)
    result = await merge(database, who, second, first)
    assert (result["files"], result["pointers"]) == (1, 0)
    assert len(await files(database, first)) == 1
    assert await ties(database, first) == []


async def test_whoever_held_a_seat_in_the_younger_case_is_told(database: Database) -> None:
    who = await moving.people(database)
    first = await older(database, who, Stage.DECIDED)
    second = await moving.assessing(database, who)
    await merge(database, who, second, first)
    assert ("merged_staff", who.assessor.id) in await moving.told(database, second)
    (seat,) = await moving.seats_of(database, second)
    assert seat.state is SeatState.CANCELLED


async def test_only_two_cases_of_one_person_and_programme_are_one_and_the_older_goes_on(database: Database) -> None:
    who = await moving.people(database)
    first, second = await older(database, who), await younger(database, who)
    async with database.writing() as session:
        strange = await makers.case(session, stage=Stage.ELIGIBLE, created_at=EARLIER)
        closed = await makers.case(session, stage=Stage.CLOSED, learner=who.learner, created_at=EARLIER)
    for case_id, into in (
        (second, strange.id),
        (second, closed.id),
        (second, second),
        (second, "nothing"),
        (first, second),
    ):
        async with moving.nothing_changes(database, "not_a_duplicate"):
            await merge(database, who, case_id, into)
    async with moving.nothing_changes(database, "reasons_missing"):
        await merge(database, who, second, first, reason=" ")


async def test_a_case_that_the_lead_must_not_know_is_not_there_to_merge_into(database: Database) -> None:
    who = await moving.people(database)
    first, second = await older(database, who), await younger(database, who)
    async with database.writing() as session:
        await makers.exclude(session, await cases.get(session, first), who.lead)
    async with moving.nothing_changes(database, "not_a_duplicate"):
        await merge(database, who, second, first)


async def test_the_older_case_keeps_its_limits(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    who = await moving.people(database)
    first, second = await older(database, who), await younger(database, who)
    full = evidence.Quota(5, 10, 5, 100, 100)

    async def quota(*_: object, **__: object) -> evidence.Quota:
        return full

    monkeypatch.setattr(evidence, "quota", quota)
    with pytest.raises(Refused, match="quota_exceeded"):
        await merge(database, who, second, first)
