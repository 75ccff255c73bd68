"""What is due by the calendar and belongs to no running case is found by the rounds, however often they go."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import col, select
from temporalio.testing import ActivityEnvironment

from services.demo import evidence_files
from services.documents import proofs
from services.documents.letter_processes import Renderer
from services.records import calendars, cases, credentials, effects, limits, programmes, sampling
from services.records.tables.assessment import Assignment
from services.records.tables.commands import EffectState, Mail
from services.records.tables.credentials import StatusList
from services.records.tables.evidence import TextMark
from services.rules import likeness
from services.rules.case import ClosedAs, SeatKind, Stage
from services.rules.claims import ClaimState, Recommendation
from services.rules.people import Role
from services.workflows import means, post, sweeps
from services.workflows.attestation_rounds import AttestationRounds
from services.workflows.case import CASE_QUEUE
from services.workflows.issuing import Issuing
from services.workflows.overdue_lists import OverdueLists
from services.workflows.rounds import CaseRounds, FileRounds
from services.workflows.sweeps import ROUNDS, Sweep
from services.workflows.text_rounds import TextRounds
from tests.records import attesting, makers, moving
from tests.workflows import lives
from tests.workflows.house import House


async def go_round(house: House, kind: str) -> int:
    """Let one sweep run as its schedule would start it."""
    touched: int = await house.desk.client.execute_workflow(
        Sweep.run, kind, id=f"sweep/{kind}/{uuid4()}", task_queue=CASE_QUEUE
    )
    return touched


async def drafted_since(house: House, who: moving.People, days: int) -> UUID:
    async with house.database.writing() as session:
        active = datetime.now(UTC) - timedelta(days=days)
        return (await makers.case(session, learner=who.learner, active_at=active, created_at=active)).id


async def notices(house: House, case_id: UUID) -> list[str]:
    async with house.database.reading() as session:
        return sorted(await session.exec(select(Mail.notice).where(col(Mail.case_id) == case_id)))


@pytest.mark.parametrize(
    ("days", "told"), [(13, []), (14, ["draft_nudge"]), (45, ["draft_nudge"]), (60, ["draft_warning"])]
)
async def test_whoever_left_a_draft_is_reminded_once_a_rung(house: House, days: int, told: list[str]) -> None:
    who = await moving.people(house.database)
    case_id = await drafted_since(house, who, days)
    assert await go_round(house, "nudges") == len(told)
    await house.quiet(case_id)
    await go_round(house, "nudges")
    await house.quiet(case_id)
    assert await notices(house, case_id) == told
    assert (await house.case(case_id)).stage is Stage.DRAFT


async def test_a_draft_left_for_ninety_days_is_closed_softly(house: House) -> None:
    who = await moving.people(house.database)
    case_id = await drafted_since(house, who, 90)
    assert await go_round(house, "nudges") == 1
    await house.quiet(case_id)
    case = await house.case(case_id)
    assert (case.stage, case.closed_as) == (Stage.CLOSED, ClosedAs.EXPIRED)
    assert await notices(house, case_id) == ["lapsed"]
    assert await go_round(house, "nudges") == 0


async def test_a_draft_that_was_sent_meanwhile_is_left_alone(resting: House, monkeypatch: pytest.MonkeyPatch) -> None:
    who = await moving.people(resting.database)
    rounds = CaseRounds(resting.database, resting.desk)
    sent, touched = await drafted_since(resting, who, 20), await drafted_since(resting, who, 100)

    async def seen_before(_: CaseRounds, __: datetime) -> list[UUID]:
        return [sent, touched]

    monkeypatch.setattr(CaseRounds, "_idle_drafts", seen_before)
    async with resting.database.writing() as session:
        (await cases.get(session, sent)).stage = Stage.SUBMITTED
        (await cases.get(session, touched)).active_at = datetime.now(UTC)
    assert await ActivityEnvironment().run(rounds.nudges) == 0
    assert await resting.effects(sent) == await resting.effects(touched) == []


async def test_workflows_found_missing_are_started(resting: House, renderer: Renderer) -> None:
    house = resting
    who = await moving.people(house.database)
    waits = await moving.standing(house.database, who, Stage.ELIGIBILITY_REVIEW)
    draft = await moving.standing(house.database, who, Stage.DRAFT)
    closed = await moving.standing(house.database, who, Stage.CLOSED)
    owing = await moving.standing(house.database, who, Stage.CLOSED)
    async with house.database.writing() as session:
        case = await cases.get(session, owing)
        await effects.tell(session, case=case, notice="lapsed", person=who.learner.id, now=datetime.now(UTC))
    async with house.working(renderer):
        assert await go_round(house, "reconcile") == 2
        await house.quiet(owing)
        assert await house.over(owing) == Stage.CLOSED
        assert await house.runs(waits)
        assert [await house.runs(one) for one in (draft, closed)] == [False, False]
        assert await go_round(house, "reconcile") == 1
    assert await house.effects(owing, EffectState.PENDING) == []


async def test_a_case_is_woken_to_take_up_a_changed_calendar(house: House) -> None:
    who = await moving.people(house.database)
    case_id = await lives.drafted(house.database, who)
    await lives.to_review(house, who, case_id)
    await house.quiet(case_id)
    assert await go_round(house, "calendars") == 0
    calendar = makers.programme().policy.calendar
    async with house.database.writing() as session:
        closed = replace(calendar, closures=(datetime.now(UTC).date(),))
        await calendars.publish(session, closed, institution=makers.INSTITUTION, actor="test", now=datetime.now(UTC))
    assert await go_round(house, "calendars") == 1

    async def taken_up() -> bool:
        return (await house.case(case_id)).next_calendar_id is None

    await house.wait(taken_up)
    assert await go_round(house, "calendars") == 0


async def test_learners_are_told_once_of_a_newer_version(house: House) -> None:
    who = await moving.people(house.database)
    case_id = await moving.standing(house.database, who, Stage.ELIGIBLE)
    assert await go_round(house, "versions") == 0
    async with house.database.writing() as session:
        await programmes.publish(session, makers.with_policy(rationale_minimum=90), actor="test", now=datetime.now(UTC))
    assert [await go_round(house, "versions") for _ in range(2)] == [1, 0]
    assert ("newer_version", who.learner.id) in await moving.told(house.database, case_id)


async def test_every_status_list_is_signed_anew(house: House) -> None:
    issuer = Issuing(house.database, house.shop.issuer, means.open_signer(house.settings))
    async with house.database.writing() as session:
        await credentials.free_place(session, issuer=house.shop.issuer.did)
    assert await go_round(house, "status_lists") == 1
    async with house.database.reading() as session:
        first = await session.get_one(StatusList, 1)
    assert first.document is not None
    assert first.valid_until is not None
    assert first.signed_at is not None
    assert first.valid_until - first.signed_at == timedelta(days=30)
    assert issuer.signer is not None
    assert proofs.verify(first.document, issuer.signer.public_key)


async def test_what_was_left_half_received_is_swept_after_a_day(resting: House) -> None:
    async with resting.shop.blobs.incoming() as incoming:
        await incoming.write(b"half a file")
        early = FileRounds(resting.database, resting.shop.blobs)
        late = FileRounds(resting.database, resting.shop.blobs, lambda: datetime.now(UTC) + timedelta(days=2))
        assert await early.uploads() == 0
        assert await late.uploads() == 1


async def test_damaged_and_missing_files_are_named_in_the_log(resting: House, caplog: pytest.LogCaptureFixture) -> None:
    who = await moving.people(resting.database)
    case_id = await moving.standing(resting.database, who, Stage.DRAFT)
    kept = {}
    for content in (b"whole", b"spoilt"):
        async with resting.shop.blobs.incoming() as incoming:
            await incoming.write(content)
            kept[content] = (await incoming.keep()).sha256
    missing = sha256(b"missing").hexdigest()
    async with resting.database.writing() as session:
        case = await cases.get(session, case_id)
        for number in (*kept.values(), missing):
            await makers.evidence(session, case, sha256=number)
    (file,) = [path for path in (resting.settings.data_folder / "blobs").rglob("*") if path.name == kept[b"spoilt"]]
    file.chmod(0o600)
    file.write_bytes(b"spoiled")
    rounds = FileRounds(resting.database, resting.shop.blobs)
    assert await ActivityEnvironment().run(rounds.blobs) == 2
    damaged = {message.rpartition("=")[2] for message in caplog.messages}
    assert damaged == {kept[b"spoilt"], missing}


async def test_the_text_of_each_document_is_read_once(resting: House, caplog: pytest.LogCaptureFixture) -> None:
    who = await moving.people(resting.database)
    case_id = await moving.standing(resting.database, who, Stage.DRAFT)
    said = [f"On day {day} I checked guard {day * 7} and wrote down what shift {day * 3} left." for day in range(12)]
    async with resting.shop.blobs.incoming() as incoming:
        await incoming.write(evidence_files.docx("A week", said))
        kept = (await incoming.keep()).sha256
    missing = sha256(b"missing").hexdigest()
    async with resting.database.writing() as session:
        case = await cases.get(session, case_id)
        item = await makers.evidence(session, case, file_kind="docx", sha256=kept)
        lost = await makers.evidence(session, case, file_kind="docx", sha256=missing)
    rounds = TextRounds(resting.database, resting.shop.blobs)
    assert [await ActivityEnvironment().run(rounds.texts) for _ in range(2)] == [1, 0]
    assert str(lost.id) in caplog.text
    async with resting.database.reading() as session:
        marks = set(await session.exec(select(TextMark.mark).where(col(TextMark.evidence_id) == item.id)))
    assert marks == set(likeness.marks("A week " + " ".join(said)))


async def test_schedules_are_made_once(house: House) -> None:
    await sweeps.schedule(house.desk.client)
    await sweeps.schedule(house.desk.client)
    for kind, round_ in ROUNDS.items():
        described = await house.desk.client.get_schedule_handle(f"sweep/{kind}").describe()
        assert described.schedule.spec.intervals[0].every == round_.every
        await house.desk.client.get_schedule_handle(f"sweep/{kind}").delete()


async def test_people_who_were_asked_are_reminded_though_the_case_rests_or_runs(house: House) -> None:
    who = await moving.people(house.database)
    long_ago = datetime.now(UTC) - timedelta(days=26)
    draft = await moving.standing(house.database, who, Stage.DRAFT)
    running = await moving.standing(house.database, who, Stage.ELIGIBLE)
    for case_id in (draft, running):
        await attesting.asked(house.database, case_id, now=long_ago)
    await house.desk.wake(running)
    await house.wait(lambda: house.runs(running))
    assert await go_round(house, "attestations") == 2
    for case_id in (draft, running):
        await house.quiet(case_id)
        assert await notices(house, case_id) == ["attestation_asked", "attestation_reminder", "attestation_silent"]
    assert await house.runs(running)
    assert await go_round(house, "attestations") == 0


async def test_a_mail_of_which_a_running_case_never_heard_is_found_by_the_hour(house: House) -> None:
    who = await moving.people(house.database)
    case_id = await moving.standing(house.database, who, Stage.ELIGIBLE)
    await house.desk.start(case_id)
    await house.wait(lambda: house.runs(case_id))
    await asyncio.sleep(0.5)
    await attesting.asked(house.database, case_id, now=datetime.now(UTC) - timedelta(hours=2))
    await go_round(house, "reconcile")
    await house.quiet(case_id)
    assert await notices(house, case_id) == ["attestation_asked"]


async def test_a_statement_that_waited_is_laid_to_the_evidence(resting: House) -> None:
    who = await moving.people(resting.database)
    case_id = await moving.judged(resting.database, who, first=Recommendation.NOT_YET, second=Recommendation.NOT_YET)
    async with resting.database.writing() as session:
        (await cases.get(session, case_id)).stage = Stage.IN_ASSESSMENT
    one = await attesting.asked(resting.database, case_id)
    await attesting.submit(resting.database, one.token)
    async with resting.database.writing() as session:
        case = await cases.get(session, case_id)
        case.stage = Stage.ELIGIBLE
        for claim in await makers.claims(session, case):
            claim.state = ClaimState.NOT_YET
    rounds = AttestationRounds(resting.database, resting.desk)
    assert await ActivityEnvironment().run(rounds.attestations) == 1
    assert await ActivityEnvironment().run(rounds.attestations) == 0


async def test_every_programme_is_counted_at_night(house: House) -> None:
    who = await moving.people(house.database)
    at = datetime.now(UTC)
    async with house.database.writing() as session:
        partner = await makers.staff(session, Role.ASSESSOR)
        case = await makers.case(session, stage=Stage.IN_ASSESSMENT)
        one = (who.assessor, SeatKind.FIRST, {"first": Recommendation.MET})
        other = (partner, SeatKind.SECOND, {"first": Recommendation.NOT_YET})
        await makers.read_by(session, case, one, other, at=at)
    assert (
        await go_round(house, "statistics") == 11
    )  # programme, competency, three criteria, two assessors; the quarter; two counts; begun


async def test_the_seeds_of_a_programmes_sample_are_seen_to_once(house: House) -> None:
    async with house.database.writing() as session:
        await makers.published(session)
    assert await go_round(house, "sampling") == 2  # this quarter's and the next
    assert await go_round(house, "sampling") == 0


async def test_whoever_is_asked_to_read_again_is_written_to_at_once_and_once(house: House) -> None:
    who = await moving.people(house.database)
    async with house.database.writing() as session:
        case = await makers.case(session, stage=Stage.CLOSED, learner=who.learner)
        await makers.read_by(session, case, (who.assessor, SeatKind.FIRST, {"first": Recommendation.MET}))
        await session.exec(sa.update(Assignment).values(answered_at=makers.NOW))
        await sampling.keep(session, "sample-programme", zone="America/Montreal", now=makers.NOW)
        await makers.published(session, makers.with_policy(sample_percent=10, sample_least=3))
        await makers.staff(session, Role.ASSESSOR)
    rounds = CaseRounds(house.database, house.desk, lambda: makers.NOW + timedelta(days=100))
    assert await ActivityEnvironment().run(rounds.look_backs) == 1
    await house.quiet(case.id)
    assert await notices(house, case.id) == ["look_back_offered"]
    assert await ActivityEnvironment().run(rounds.look_backs) == 0


async def test_programme_administrators_are_told_in_numbers_once_a_week_what_takes_twice_its_time(
    resting: House,
) -> None:
    who = await moving.people(resting.database)
    case_id = await moving.standing(resting.database, who, Stage.ELIGIBILITY_REVIEW)
    async with resting.database.writing() as session:
        reader = await makers.staff(session, Role.PROGRAMME_ADMIN)
        case = await cases.get(session, case_id)
        policy = (await programmes.of_case(session, case)).policy
        began = datetime(2026, 8, 3, 9, tzinfo=UTC)
        await limits.enter(session, case=case, previous=Stage.SUBMITTED, policy=policy, now=began)
    monday = datetime(2026, 11, 23, 9, tzinfo=UTC)
    now = [monday]
    settings = resting.settings
    lists = OverdueLists(
        resting.database, post.opened(settings), settings.mail_from, "example.org", "http://x.example", lambda: now[0]
    )
    resting.mailbox.refusals[reader.email] = "550 not today"
    assert await ActivityEnvironment().run(lists.weekly) == 0
    del resting.mailbox.refusals[reader.email]
    for later, sent in ((1, 1), (2, 0), (7, 1)):
        now[0] = monday + timedelta(days=later)
        assert await ActivityEnvironment().run(lists.weekly) == sent
    first, second = resting.mailbox.kept
    assert first["Message-ID"] != second["Message-ID"]
    body = first.get_body()
    assert body is not None
    text = body.get_content()
    assert f"{makers.programme().title.en}: 1" in text
    assert str(case_id) not in text
    assert case.number not in text


async def test_the_weekly_list_goes_round_with_the_worker_that_has_the_mail_service(house: House) -> None:
    assert await go_round(house, "overdue") == 0
