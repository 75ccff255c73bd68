"""A file belongs to one case, changes only while the portfolio is with the learner, and leaves a line each time."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import audit, evidence, pointers, portfolio
from services.records.blobs import GIB, Stored
from services.records.database import Database
from services.records.evidence import Description
from services.records.ids import new_id
from services.records.pointers import Place
from services.records.tables.audit import AuditLine
from services.records.tables.cases import Case
from services.records.tables.evidence import EvidenceItem
from services.records.tables.people import Person
from services.rules import evidence as kinds
from services.rules.case import Stage
from services.rules.claims import ClaimState, PointedItem
from services.rules.evidence import EvidenceKind, EvidenceState
from services.rules.people import Role
from services.rules.refusals import Refused
from tests.records import makers as make
from tests.records.makers import NOW

PDF = kinds.kind_of_name("sample.pdf")
LATER = NOW + timedelta(hours=1)

Step = Callable[[AsyncSession], Awaitable[object]]


async def attach(session: AsyncSession, of: Case, *, sha256: str = "a" * 64, **changes: object) -> EvidenceItem:
    values: dict[str, Any] = {
        "person": of.learner_id,
        "name": "Relevé.pdf",
        "file_kind": PDF,
        "stored": Stored(sha256, 1000),
        "said": Description(kind=EvidenceKind.WORK_PRODUCT),
        "now": LATER,
    }
    return await evidence.attach(session, case_id=of.id, **(values | changes))


async def point(session: AsyncSession, of: Case, item: EvidenceItem, claim: UUID, place: Place = Place()) -> UUID:  # noqa: B008 - frozen
    made = await pointers.point(
        session, case_id=of.id, evidence_id=item.id, claim_id=claim, person=of.learner_id, place=place, now=LATER
    )
    return made.id


async def freeze(session: AsyncSession, of: Case) -> None:
    sent = await make.command(session, of, "submit_portfolio", actor=of.learner_id, role=Role.LEARNER)
    await portfolio.freeze(session, case=of, command_id=sent.id, now=LATER)


async def refusal(database: Database, work: Step) -> str:
    with pytest.raises(Refused) as refused:
        async with database.writing() as session:
            await work(session)
    return refused.value.code


async def actions(session: AsyncSession, of: Case) -> list[str]:
    lines = await session.exec(
        select(AuditLine.action).where(col(AuditLine.stream) == f"case:{of.id}").order_by(col(AuditLine.seq))
    )
    return list(lines)


@pytest.fixture
async def draft(database: Database) -> Case:
    async with database.writing() as session:
        return await make.case(session, competencies=("first", "second"))


async def test_an_attached_file_is_shown_with_its_hash_and_says_that_no_scanner_saw_it(
    database: Database, draft: Case
) -> None:
    async with database.writing() as session:
        item = await attach(session, draft)
    async with database.reading() as session:
        (shown,) = await evidence.of_case(session, draft.id)
        assert (shown.id, shown.name, shown.sha256, shown.size) == (item.id, "Relevé.pdf", "a" * 64, 1000)
        assert (shown.state, shown.scanned) == (EvidenceState.UNSCANNED, False)
        assert await actions(session, draft) == ["evidence_attached"]
        assert await audit.broken(session) == []
        assert (await session.get_one(Case, draft.id)).active_at == LATER


async def test_the_same_bytes_twice_in_one_case_are_one_file(database: Database, draft: Case) -> None:
    async with database.writing() as session:
        first = await attach(session, draft)
    async with database.writing() as session:
        again = await attach(session, draft, name="other name.pdf", now=LATER + timedelta(hours=1))
        other = await make.case(session, competencies=("first",))
        elsewhere = await attach(session, other)
        assert again.id == first.id
        assert elsewhere.id != first.id
        assert len(await evidence.of_case(session, draft.id)) == 1


async def test_a_removed_file_may_be_sent_again(database: Database, draft: Case) -> None:
    async with database.writing() as session:
        first = await attach(session, draft)
        await evidence.remove(session, case_id=draft.id, evidence_id=first.id, person=draft.learner_id, now=LATER)
        again = await attach(session, draft)
        assert again.id != first.id
        kept = await session.get_one(EvidenceItem, first.id)
        assert (kept.state, kept.removed_at) == (EvidenceState.REMOVED, LATER)


LOCKED = sorted(set(Stage) - portfolio.EDITABLE)


@pytest.mark.parametrize("stage", LOCKED)
async def test_nothing_changes_while_the_portfolio_is_not_with_the_learner(database: Database, stage: Stage) -> None:
    async with database.writing() as session:
        case = await make.case(session, stage=stage)
        (claim,) = await make.claims(session, case)
        item = await make.evidence(session, case, claim)
        (tie,) = (await pointers.of_case(session, case.id))[item.id]
    named: dict[str, Any] = {"case_id": case.id, "evidence_id": item.id, "person": case.learner_id, "now": LATER}
    steps: list[Step] = [
        lambda session: evidence.may_attach(session, case.id, person=case.learner_id, now=LATER),
        lambda session: attach(session, case, sha256="b" * 64),
        lambda session: evidence.describe(session, said=Description(title="new"), **named),
        lambda session: evidence.remove(session, **named),
        lambda session: pointers.point(session, claim_id=claim.id, place=Place(page=2), **named),
        lambda session: pointers.unpoint(session, pointer_id=tie.id, **named),
    ]
    assert [await refusal(database, step) for step in steps] == ["portfolio_locked"] * 6
    async with database.reading() as session:
        (shown,) = await evidence.of_case(session, case.id)
        assert (shown.said.title, shown.pointers) == ("", (tie,))
        assert await actions(session, case) == []


async def test_what_is_said_of_a_file_is_kept_as_said(database: Database, draft: Case) -> None:
    said = Description(
        kind=EvidenceKind.LOGBOOK,
        title="Carnet « hiver »",
        description="Two\nlines",
        period_start=date(2024, 1, 8),
        period_end=date(2024, 3, 29),
        language="fr-CA",
        author="Sample Person",
        learner_authored=True,
    )
    async with database.writing() as session:
        item = await attach(session, draft)
        await evidence.describe(
            session, case_id=draft.id, evidence_id=item.id, person=draft.learner_id, said=said, now=LATER
        )
    async with database.reading() as session:
        assert (await evidence.one(session, case_id=draft.id, evidence_id=item.id)).said == said
        assert await actions(session, draft) == ["evidence_attached", "evidence_described"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": "x" * 201}, "title"),
        ({"title": "two\nlines"}, "title"),
        ({"author": "a\x00b"}, "author"),
        ({"description": "a\x00b"}, "description"),
        ({"description": "x" * 5001}, "description"),
        ({"transcript": "What is heard in a PDF"}, "transcript"),
        ({"language": "x" * 17}, "language"),
        ({"period_start": date(2024, 3, 1), "period_end": date(2024, 2, 29)}, "period_end"),
    ],
)
async def test_words_that_cannot_be_kept_are_refused_by_field(
    database: Database, draft: Case, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused, match="malformed") as refused:
        async with database.writing() as session:
            await attach(session, draft, said=replace(Description(), **changes))
    assert refused.value.facts == {"field": field}
    async with database.reading() as session:
        assert await evidence.of_case(session, draft.id) == ()


async def test_a_file_of_another_case_is_unknown(database: Database, draft: Case) -> None:
    async with database.writing() as session:
        other = await make.case(session)
        item = await attach(session, other)
        (own, _) = await make.claims(session, draft)
        (foreign,) = await make.claims(session, other)
        mine = await attach(session, draft)
        tie = await point(session, draft, mine, own.id)
    named: dict[str, Any] = {"case_id": draft.id, "person": draft.learner_id, "now": LATER}
    unknown: list[Step] = [
        lambda session: evidence.describe(session, evidence_id=item.id, said=Description(), **named),
        lambda session: evidence.remove(session, evidence_id=item.id, **named),
        lambda session: evidence.read(session, evidence_id=item.id, **named),
        lambda session: evidence.one(session, case_id=draft.id, evidence_id=item.id),
        lambda session: pointers.point(session, evidence_id=item.id, claim_id=own.id, place=Place(), **named),
        lambda session: pointers.unpoint(session, evidence_id=item.id, pointer_id=tie, **named),
        lambda session: pointers.unpoint(session, evidence_id=mine.id, pointer_id=new_id(), **named),
    ]
    assert [await refusal(database, step) for step in unknown] == ["evidence_unknown"] * 7
    assert await refusal(database, lambda session: point(session, draft, mine, foreign.id)) == "claim_unknown"


async def test_one_file_shows_several_claims_and_one_claim_is_shown_by_several_files(
    database: Database, draft: Case
) -> None:
    async with database.writing() as session:
        first, second = await make.claims(session, draft)
        photo = await attach(session, draft, said=Description(kind=EvidenceKind.PHOTO_OF_WORK))
        own = Description(kind=EvidenceKind.STATEMENT, learner_authored=True)
        letter = await attach(session, draft, sha256="b" * 64, said=own)
        await point(session, draft, photo, first.id, Place(criterion="a", page=3, note="top"))
        await point(session, draft, photo, first.id, Place(criterion="b", seconds=90))
        await point(session, draft, photo, second.id)
        await point(session, draft, letter, second.id)
        assert await pointers.for_claim(session, first.id) == (
            PointedItem(str(photo.id), EvidenceKind.PHOTO_OF_WORK, learner_authored=False),
        )
        assert await pointers.for_claim(session, second.id) == (
            PointedItem(str(photo.id), EvidenceKind.PHOTO_OF_WORK, learner_authored=False),
            PointedItem(str(letter.id), EvidenceKind.STATEMENT, learner_authored=True),
        )
        places = [tie.place for tie in (await pointers.of_case(session, draft.id))[photo.id]]
        assert places == [Place("a", 3, None, "top"), Place("b", None, 90), Place()]


async def test_the_same_pointer_twice_is_one(database: Database, draft: Case) -> None:
    async with database.writing() as session:
        claim, _ = await make.claims(session, draft)
        item = await attach(session, draft)
        place = Place(criterion="a", page=1)
        assert await point(session, draft, item, claim.id, place) == await point(session, draft, item, claim.id, place)
        assert await point(session, draft, item, claim.id) == await point(session, draft, item, claim.id)


@pytest.mark.parametrize(
    "place",
    [
        Place(criterion="of-another-competency"),
        Place(page=0),
        Place(page=100_001),
        Place(seconds=-1),
        Place(page=1, seconds=1),
        Place(note="x" * 501),
    ],
)
async def test_a_pointer_to_no_place_is_malformed(database: Database, draft: Case, place: Place) -> None:
    async with database.writing() as session:
        claim, _ = await make.claims(session, draft)
        item = await attach(session, draft)
    assert await refusal(database, lambda session: point(session, draft, item, claim.id, place)) == "malformed"


async def test_a_file_shows_nothing_before_it_is_said_what_it_is(database: Database, draft: Case) -> None:
    async with database.writing() as session:
        claim, _ = await make.claims(session, draft)
        item = await attach(session, draft, said=Description())
    with pytest.raises(Refused) as refused:
        async with database.writing() as session:
            await point(session, draft, item, claim.id)
    assert refused.value.code == "evidence_undescribed"


async def test_a_settled_claim_takes_no_more_pointers(database: Database) -> None:
    async with database.writing() as session:
        case = await make.case(session, claims_are=ClaimState.WITHDRAWN)
        (claim,) = await make.claims(session, case)
        item = await attach(session, case)
    assert await refusal(database, lambda session: point(session, case, item, claim.id)) == "portfolio_locked"


async def test_what_was_sent_can_be_added_to_and_never_taken_back(database: Database) -> None:
    async with database.writing() as session:
        case = await make.case(session, stage=Stage.MORE_EVIDENCE)
        (claim,) = await make.claims(session, case)
        item = await attach(session, case)
        tie = await point(session, case, item, claim.id)
        await freeze(session, case)
        added = await attach(session, case, sha256="b" * 64)
        loose = await point(session, case, added, claim.id)
    named: dict[str, Any] = {"case_id": case.id, "person": case.learner_id, "now": LATER}
    steps: list[Step] = [
        lambda session: evidence.remove(session, evidence_id=item.id, **named),
        lambda session: pointers.unpoint(session, evidence_id=item.id, pointer_id=tie, **named),
    ]
    assert [await refusal(database, step) for step in steps] == ["portfolio_locked"] * 2
    async with database.writing() as session:
        await pointers.unpoint(session, evidence_id=added.id, pointer_id=loose, **named)
        await evidence.remove(session, evidence_id=added.id, **named)
        assert [shown.id for shown in await evidence.of_case(session, case.id)] == [item.id]


async def test_removing_a_file_unties_it(database: Database, draft: Case) -> None:
    async with database.writing() as session:
        claim, _ = await make.claims(session, draft)
        item = await attach(session, draft)
        await point(session, draft, item, claim.id)
        await evidence.remove(session, case_id=draft.id, evidence_id=item.id, person=draft.learner_id, now=LATER)
        assert await pointers.for_claim(session, claim.id) == ()
        assert await pointers.of_case(session, draft.id) == {}
        assert await actions(session, draft) == ["evidence_attached", "evidence_pointed", "evidence_removed"]


async def test_every_reading_leaves_a_line(database: Database, draft: Case) -> None:
    reader = new_id()
    async with database.writing() as session:
        item = await attach(session, draft)
        await evidence.read(session, case_id=draft.id, evidence_id=item.id, person=reader, now=LATER)
    async with database.reading() as session:
        line = (await session.exec(select(AuditLine).where(col(AuditLine.action) == "evidence_read"))).one()
        assert (line.stream, line.actor, line.subject) == (f"case:{draft.id}", str(reader), str(item.id))


async def test_a_case_holds_so_many_files_and_so_many_bytes(database: Database) -> None:
    sample = make.programme()
    small = replace(
        sample, version=2, policy=replace(sample.policy, max_files_per_case=2, max_bytes_per_case=1_002_500)
    )
    async with database.writing() as session:
        case = await make.case(session, sample=small)
        await attach(session, case, stored=Stored("a" * 64, 1_001_000))
        assert (await evidence.quota(session, case.id, person=case.learner_id, now=LATER)).left == 1500
    big = Stored("b" * 64, 1501)
    assert await refusal(database, lambda session: attach(session, case, stored=big)) == "quota_exceeded"
    async with database.writing() as session:
        second = await attach(session, case, stored=replace(big, size=1))
    full = await refusal(database, lambda session: attach(session, case, sha256="c" * 64))
    assert full == "quota_exceeded"
    async with database.writing() as session:
        await evidence.remove(session, case_id=case.id, evidence_id=second.id, person=case.learner_id, now=LATER)
        await attach(session, case, sha256="c" * 64)


async def test_a_person_sends_twenty_gib_a_day_in_all_cases_together_removed_files_included(
    database: Database, draft: Case
) -> None:
    async with database.writing() as session:
        other = await make.case(session, learner=await session.get_one(Person, draft.learner_id))
        await make.evidence(session, other, size=20 * GIB - 1500, received_at=NOW, removed_at=NOW)
        await attach(session, draft, sha256="b" * 64)
    assert await refusal(database, lambda session: attach(session, draft, sha256="c" * 64)) == "quota_exceeded"
    async with database.writing() as session:
        await attach(session, draft, sha256="c" * 64, now=NOW + timedelta(days=1))


async def test_what_the_rules_weigh_stays_as_it_was_sent(database: Database, draft: Case) -> None:
    said = Description(kind=EvidenceKind.WORK_PRODUCT, learner_authored=True)
    named: dict[str, Any] = {"case_id": draft.id, "person": draft.learner_id, "now": LATER}
    async with database.writing() as session:
        sent = await attach(session, draft, said=said)
        plain = await attach(session, draft, sha256="b" * 64, said=Description())
        await freeze(session, draft)
    changes: tuple[dict[str, Any], ...] = (
        {"kind": EvidenceKind.LOGBOOK},
        {"learner_authored": False},
        {"author": "Somebody else"},
    )
    for change in changes:
        said_now = replace(said, **change)
        code = await refusal(database, partial(evidence.describe, evidence_id=sent.id, said=said_now, **named))
        assert code == "portfolio_locked"
    async with database.writing() as session:
        clearer = replace(said, title="A clearer title", description="What it shows")
        assert (await evidence.describe(session, evidence_id=sent.id, said=clearer, **named)).title == clearer.title
        # What was never called anything was never weighed.
        assert (await evidence.describe(session, evidence_id=plain.id, said=said, **named)).kind is said.kind


async def test_sound_keeps_a_transcript_that_stays_open_once_it_was_sent(database: Database, draft: Case) -> None:
    said = Description(kind=EvidenceKind.WORK_PRODUCT, transcript="0:02 I open the valve.")
    named: dict[str, Any] = {"case_id": draft.id, "person": draft.learner_id, "now": LATER}
    async with database.writing() as session:
        item = await attach(session, draft, name="voice.mp3", file_kind=kinds.kind_of_name("voice.mp3"), said=said)
        await freeze(session, draft)
        clearer = replace(said, transcript="0:02 I open the valve, slowly.")
        await evidence.describe(session, evidence_id=item.id, said=clearer, **named)
        assert await portfolio.changed_since_sent(session, draft)
    async with database.reading() as session:
        assert (await evidence.one(session, case_id=draft.id, evidence_id=item.id)).said == clearer


async def test_with_claims_named_only_what_speaks_to_them_is_shown(database: Database, draft: Case) -> None:
    async with database.writing() as session:
        first, second = await make.claims(session, draft)
        both, other = await attach(session, draft), await attach(session, draft, sha256="b" * 64)
        mine = await point(session, draft, both, first.id)
        await point(session, draft, both, second.id)
        await point(session, draft, other, second.id)
    async with database.writing() as session:
        (shown,) = await evidence.of_case(session, draft.id, claims={first.id})
        assert (shown.id, [pointed.id for pointed in shown.pointers]) == (both.id, [mine])
        for ask in (evidence.one, partial(evidence.read, person=draft.learner_id, now=LATER)):
            assert (await ask(session, case_id=draft.id, evidence_id=both.id, claims={first.id})).id == both.id
            with pytest.raises(Refused, match="evidence_unknown"):
                await ask(session, case_id=draft.id, evidence_id=other.id, claims={first.id})
