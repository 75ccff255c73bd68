"""A third party is asked with the learner's consent, by a link that opens one form until it is spent, and no longer."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from services.records import (
    assignments,
    attestation_asking,
    attestation_links,
    attestations,
    audit,
    cases,
    drafts,
    invariants,
)
from services.records.blobs import Stored
from services.records.database import Database
from services.records.tables.attestations import AttestationClaim, AttestationLink, AttestationRequest
from services.records.tables.cases import Consent
from services.records.tables.commands import EffectRow
from services.records.tables.people import Person
from services.rules import commands as bodies
from services.rules import signatures
from services.rules.attestations import ASKABLE, MOST_IN_ALL, MOST_OPEN, PURPOSE, Observation, RequestState, Statement
from services.rules.case import SeatState, Stage
from services.rules.people import Role
from services.rules.refusals import Refused
from tests.records import attesting, makers, moving
from tests.records.makers import NOW
from tests.records.moving import People, nothing_changes

TXT = next(kind for kind in signatures.FILE_KINDS if "txt" in kind.extensions)


@pytest.fixture
async def who(database: Database) -> People:
    return await moving.people(database)


@pytest.fixture
async def case_id(database: Database, who: People) -> UUID:
    return await moving.standing(database, who, Stage.ELIGIBLE)


async def written(database: Database, case_id: UUID) -> list[str]:
    """The mails to third parties that were queued, by their rung."""
    async with database.reading() as session:
        rows = await session.exec(
            select(EffectRow.notice, EffectRow.key)
            .where(col(EffectRow.case_id) == case_id, col(EffectRow.attestation_id).is_not(None))
            .order_by(col(EffectRow.queued_at), col(EffectRow.key))
        )
        return [f"{notice}/{key.rpartition(':')[2]}" for notice, key in rows]


async def holds(database: Database) -> set[int]:
    async with database.reading() as session:
        return {one.number for one in await invariants.broken(session, now=NOW)}


async def ends(database: Database, token: str, *, now: Any = NOW) -> bool:  # noqa: ANN401 - a time
    async with database.reading() as session:
        try:
            await attestation_links.form(session, token, now=now)
        except Refused as refused:
            return refused.code == "link_ended"
    return False


async def test_whoever_is_named_is_written_to_once_with_the_consent_on_record(
    database: Database, who: People, case_id: UUID
) -> None:
    asked = await attesting.asked(database, case_id)
    row = await attesting.request(database, asked)
    assert (row.state, row.period, row.expires_at) == (RequestState.OPEN, 1, NOW + timedelta(days=30))
    assert await written(database, case_id) == ["attestation_asked/asked"]
    async with database.reading() as session:
        consent = await session.get_one(Consent, row.consent_id)
        assert (consent.person_id, consent.purpose, consent.text_version) == (who.learner.id, PURPOSE, "2026-1")
        (effect,) = await session.exec(select(EffectRow).where(col(EffectRow.attestation_id) == row.id))
        assert effect.recipient is None
        assert "boss@" not in repr(effect)
        assert await audit.broken(session) == []
    assert await holds(database) == set()


async def test_only_the_hash_of_a_link_is_kept(database: Database, case_id: UUID) -> None:
    asked = await attesting.asked(database, case_id)
    assert len(asked.token) >= 43  # 256 bits
    async with database.reading() as session:
        (kept,) = await session.exec(select(AttestationLink))
    assert kept.token_hash == attestation_links.hashed(asked.token)
    everything = repr(await moving.everything(database))
    assert asked.token not in everything
    assert kept.token_hash in everything


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("malformed", {"name": " "}),
        ("malformed", {"organisation": ""}),
        ("malformed", {"email": "nobody"}),
        ("malformed", {"email": "a b@example.org"}),
        ("malformed", {"email": "é@example.org"}),
        ("malformed", {"email": "a@b@example.org, c@example.org"}),
        ("claim_unknown", {"claims": ()}),
        ("claim_unknown", {"claims": (uuid4(),)}),
    ],
)
async def test_what_nobody_could_be_asked_with_changes_nothing(
    database: Database, case_id: UUID, code: str, changes: dict[str, Any]
) -> None:
    async with nothing_changes(database, code):
        await attesting.asked(database, case_id, **changes)


async def test_nobody_is_written_to_without_consent_or_twice_or_about_themselves(
    database: Database, who: People, case_id: UUID
) -> None:
    async def unasked(consent: str) -> None:
        async with database.writing() as session:
            case = await cases.get(session, case_id)
            claims = [claim.id for claim in await makers.claims(session, case)]
            await attestation_asking.ask(
                session,
                case_id=case_id,
                learner=who.learner.id,
                named=attesting.named(*claims),
                consent=consent,
                now=NOW,
            )

    async with nothing_changes(database, "consent_missing"):
        await unasked("")
    for barred in (who.learner, who.advisor):
        async with nothing_changes(database, "referee_barred"):
            await attesting.asked(database, case_id, email=f" {barred.email.upper()} ")
    await attesting.asked(database, case_id)
    async with nothing_changes(database, "already_asked"):
        await attesting.asked(database, case_id, email="Boss@GarderieSoleil.example")
    # Whether an address is that of somebody who assesses is not told.
    await attesting.asked(database, case_id, email=who.assessor.email)


@pytest.mark.parametrize("stage", sorted(set(Stage) - ASKABLE))
async def test_nobody_is_asked_once_what_they_say_could_not_be_weighed(sqlite_database: Database, stage: Stage) -> None:
    case_id = await moving.standing(sqlite_database, await moving.people(sqlite_database), stage)
    async with nothing_changes(sqlite_database, "portfolio_locked"):
        await attesting.asked(sqlite_database, case_id)


async def test_a_case_does_not_become_a_sender_of_mail(sqlite_database: Database) -> None:
    case_id = await moving.standing(sqlite_database, await moving.people(sqlite_database), Stage.ELIGIBLE)
    asked = [await attesting.asked(sqlite_database, case_id, email=f"boss{n}@example.org") for n in range(MOST_OPEN)]
    async with nothing_changes(sqlite_database, "requests_full"):
        await attesting.asked(sqlite_database, case_id, email="more@example.org")
    async with sqlite_database.writing() as session:
        await attestation_asking.cancel(session, case_id=case_id, request_id=asked[0].request_id, now=NOW)
        for n in range(MOST_IN_ALL - MOST_OPEN):
            row = await attesting.ask(session, await cases.get(session, case_id), email=f"other{n}@example.org")
            await attestation_asking.cancel(session, case_id=case_id, request_id=row.id, now=NOW)
    async with nothing_changes(sqlite_database, "requests_full"):
        await attesting.asked(sqlite_database, case_id, email="more@example.org")


async def test_what_an_assessor_proposes_waits_for_the_learner(database: Database, who: People) -> None:
    case_id = await moving.assessing(database, who)
    claims = await moving.claims_of(database, case_id)
    async with database.writing() as session:
        somebody = attesting.named(claims["first"].id, email="")
        row = await attestation_asking.propose(
            session, case_id=case_id, assessor=who.assessor.id, named=somebody, now=NOW
        )
    assert row.state is RequestState.PROPOSED
    assert await written(database, case_id) == []
    assert ("attestation_proposed", who.learner.id) in await moving.told(database, case_id)

    async def agree(consent: str = "2026-1", email: str | None = None) -> None:
        async with database.writing() as session:
            await attestation_asking.agree(
                session, case_id=case_id, request_id=row.id, consent=consent, email=email, now=NOW
            )

    async with nothing_changes(database, "malformed"):
        await agree()
    async with nothing_changes(database, "consent_missing"):
        await agree("", "boss@example.org")
    async with nothing_changes(database, "referee_barred"):
        await agree(email=who.learner.email)
    await agree(email="Boss@Example.org")
    assert await written(database, case_id) == ["attestation_asked/asked"]
    async with nothing_changes(database, "request_settled"):
        await agree(email="boss@example.org")
    assert await holds(database) == set()


async def test_an_assessor_proposes_people_for_the_own_claims_alone(database: Database, who: People) -> None:
    case_id = await moving.assessing(database, who, ("first",))
    async with database.writing() as session:
        case = await cases.get(session, case_id)
        other = await makers.claim(session, case, "second")
        stranger = await makers.staff(session, Role.ASSESSOR)
        own = (await makers.claims(session, case))[0]
    for assessor, claim in ((who.assessor.id, other.id), (stranger.id, own.id)):
        async with nothing_changes(database, "claim_unknown"), database.writing() as session:
            somebody = attesting.named(claim)
            await attestation_asking.propose(session, case_id=case_id, assessor=assessor, named=somebody, now=NOW)


async def test_opening_a_link_spends_nothing_however_often_a_scanner_does_it(database: Database, case_id: UUID) -> None:
    asked = await attesting.asked(database, case_id)
    before = await moving.everything(database)
    async with database.reading() as session:
        forms = [await attestation_links.form(session, asked.token, now=NOW) for _ in range(3)]
    assert await moving.everything(database) == before
    form = forms[-1]
    assert form.learner.startswith("Sample Learner")
    assert list(form.competencies) == ["first", "second"]
    assert form.draft == Statement()


async def test_wrong_spent_ended_and_superseded_links_are_one_and_the_same(
    database: Database, who: People, case_id: UUID
) -> None:
    spent = await attesting.asked(database, case_id, email="spent@example.org")
    declined = await attesting.asked(database, case_id, email="declined@example.org")
    cancelled = await attesting.asked(database, case_id, email="cancelled@example.org")
    renewed = await attesting.asked(database, case_id, email="renewed@example.org")
    late = await attesting.asked(database, case_id, email="late@example.org")
    await attesting.submit(database, spent.token)
    async with database.writing() as session:
        await attestation_links.decline(session, declined.token, unknown=True, now=NOW)
        await attestation_asking.cancel(session, case_id=case_id, request_id=cancelled.request_id, now=NOW)
        row = await attestation_asking.renew(session, case_id=case_id, request_id=renewed.request_id, now=NOW)
        fresh = await attesting.link(session, row)
    for token in ("", "wrong", spent.token, declined.token, cancelled.token, renewed.token):
        assert await ends(database, token)
    assert not await ends(database, fresh)
    assert not await ends(database, late.token, now=NOW + timedelta(days=30, seconds=-1))
    assert await ends(database, late.token, now=NOW + timedelta(days=30))
    async with nothing_changes(database, "link_ended"):
        await attesting.submit(database, spent.token)
    async with nothing_changes(database, "link_ended"), database.writing() as session:
        await attestation_links.decline(session, spent.token, unknown=False, now=NOW)
    await moving.send(
        database,
        case_id,
        "withdraw",
        actor=who.learner,
        role=Role.LEARNER,
        body=bodies.Withdraw(confirmed=True),
    )
    assert await ends(database, late.token)
    assert (await attesting.request(database, late)).state is RequestState.CANCELLED
    assert await holds(database) == set()


async def test_drafts_are_kept_under_the_link_and_the_slower_browser_is_told(database: Database, case_id: UUID) -> None:
    asked = await attesting.asked(database, case_id)

    async def save(draft: Statement, version: int) -> int:
        async with database.writing() as session:
            return await attestation_links.save(session, asked.token, draft, version=version, now=NOW)

    assert await save(Statement(name="Half a"), 0) == 1
    async with nothing_changes(database, "stale_version"):
        await save(Statement(name="Other"), 0)
    async with nothing_changes(database, "malformed"):
        await save(Statement(name="x" * 201), 1)
    async with nothing_changes(database, "malformed"):
        await save(attesting.statement("third", observations=(Observation("third"),)), 1)
    async with database.writing() as session:
        row = await attestation_asking.renew(session, case_id=case_id, request_id=asked.request_id, now=NOW)
        fresh = await attesting.link(session, row)
    async with database.reading() as session:
        form = await attestation_links.form(session, fresh, now=NOW)
    assert (form.draft.name, form.draft_version) == ("Half a", 1)


async def test_a_name_is_corrected_by_whoever_bears_it(database: Database, case_id: UUID) -> None:
    asked = await attesting.asked(database, case_id)
    async with database.writing() as session:
        await attestation_links.correct_name(session, asked.token, name=" Sample Supervisor-Roy ", now=NOW)
    assert (await attesting.request(database, asked)).name == "Sample Supervisor-Roy"
    async with nothing_changes(database, "malformed"), database.writing() as session:
        await attestation_links.correct_name(session, asked.token, name=" ", now=NOW)


@pytest.mark.parametrize(("unknown", "state"), [(False, RequestState.DECLINED), (True, RequestState.UNKNOWN_PERSON)])
async def test_a_refusal_tells_the_learner_and_leaves_nothing_to_hold_against_them(
    database: Database, who: People, case_id: UUID, *, unknown: bool, state: RequestState
) -> None:
    asked = await attesting.asked(database, case_id)
    async with database.writing() as session:
        await attestation_links.attach(
            session, asked.token, name="a.txt", file_kind=TXT, stored=attesting.stored(), now=NOW
        )
        await attestation_links.decline(session, asked.token, unknown=unknown, now=NOW)
    assert (await attesting.request(database, asked)).state is state
    assert ("attestation_declined", who.learner.id) in await moving.told(database, case_id)
    async with database.reading() as session:
        assert await attestation_links.files(session, asked.request_id) == []
        parties = await session.exec(sa.text("SELECT count(*) FROM case_parties WHERE role = 'third_party'"))  # type: ignore[call-overload]  # plain SQL
        assert parties.scalar_one() == 0
    async with nothing_changes(database, "already_asked"):
        await attesting.asked(database, case_id)
    await attesting.asked(database, case_id, email="somebody.else@example.org")


async def test_the_time_is_prolonged_once(database: Database, who: People, case_id: UUID) -> None:
    asked = await attesting.asked(database, case_id)
    late = NOW + timedelta(days=31)
    async with database.writing() as session:
        assert await attestations.look_after(session, case_id=case_id, request_id=asked.request_id, now=late)
    assert (await attesting.request(database, asked)).state is RequestState.EXPIRED
    assert ("attestation_ended", who.learner.id) in await moving.told(database, case_id)
    async with database.writing() as session:
        row = await attestation_asking.renew(session, case_id=case_id, request_id=asked.request_id, now=late)
    assert (row.state, row.period, row.expires_at) == (RequestState.OPEN, 2, late + timedelta(days=30))
    assert await written(database, case_id) == ["attestation_asked/asked", "attestation_renewed/asked"]
    async with nothing_changes(database, "renewal_used"), database.writing() as session:
        await attestation_asking.renew(session, case_id=case_id, request_id=asked.request_id, now=late)


async def test_the_sweep_reminds_tells_of_silence_and_ends_each_once(
    database: Database, who: People, case_id: UUID
) -> None:
    asked = await attesting.asked(database, case_id)
    did = []
    for day in (*range(33), 32):
        async with database.writing() as session:
            done = await attestations.look_after(
                session, case_id=case_id, request_id=asked.request_id, now=NOW + timedelta(days=day)
            )
        if done:
            did.append(day)
    assert did == [10, 23, 25, 30]
    assert await written(database, case_id) == [
        "attestation_asked/asked",
        "attestation_reminder/first",
        "attestation_reminder/second",
    ]
    told = [notice for notice, person in await moving.told(database, case_id) if person == who.learner.id]
    assert sorted(told) == ["attestation_ended", "attestation_silent"]


async def test_after_a_long_rest_only_the_later_reminder_goes(database: Database, case_id: UUID) -> None:
    asked = await attesting.asked(database, case_id)
    async with database.writing() as session:
        await attestations.look_after(
            session, case_id=case_id, request_id=asked.request_id, now=NOW + timedelta(days=27)
        )
    assert await written(database, case_id) == ["attestation_asked/asked", "attestation_reminder/second"]


async def test_a_learner_has_somebody_reminded_once_a_week_at_most(database: Database, case_id: UUID) -> None:
    asked = await attesting.asked(database, case_id)

    async def remind(days: int) -> None:
        async with database.writing() as session:
            await attestation_asking.remind(
                session, case_id=case_id, request_id=asked.request_id, now=NOW + timedelta(days=days)
            )

    async with nothing_changes(database, "reminded_lately"):
        await remind(6)
    await remind(7)
    async with nothing_changes(database, "reminded_lately"):
        await remind(13)
    await remind(14)
    assert len(await written(database, case_id)) == 3
    async with nothing_changes(database, "request_settled"):
        await remind(30)


async def test_a_request_that_is_taken_back_takes_the_consent_with_it(database: Database, case_id: UUID) -> None:
    asked = await attesting.asked(database, case_id)
    async with database.writing() as session:
        row = await attestation_asking.cancel(session, case_id=case_id, request_id=asked.request_id, now=NOW)
    async with database.reading() as session:
        assert (await session.get_one(Consent, row.consent_id)).withdrawn_at == NOW
    for step in (attestation_asking.cancel, attestation_asking.remind, attestation_asking.renew):
        async with nothing_changes(database, "request_settled"), database.writing() as session:
            await step(session, case_id=case_id, request_id=asked.request_id, now=NOW)
    await attesting.asked(database, case_id)


async def test_a_request_of_another_case_is_not_there(database: Database, who: People, case_id: UUID) -> None:
    asked = await attesting.asked(database, case_id)
    other = await moving.standing(database, who, Stage.DRAFT)
    async with nothing_changes(database, "not_found"), database.writing() as session:
        await attestation_asking.cancel(session, case_id=other, request_id=asked.request_id, now=NOW)


async def test_an_address_that_takes_no_mail_is_told_to_the_learner(
    database: Database, who: People, case_id: UUID
) -> None:
    asked = await attesting.asked(database, case_id)
    for _ in range(2):
        async with database.writing() as session:
            await attestations.could_not_reach(session, asked.request_id, now=NOW)
    assert (await attesting.request(database, asked)).state is RequestState.UNDELIVERED
    assert ("attestation_undelivered", who.learner.id) in await moving.told(database, case_id)
    await attesting.asked(database, case_id)


async def test_a_claim_that_leaves_a_draft_is_asked_about_no_more(database: Database, who: People) -> None:
    case_id = await moving.standing(database, who, Stage.DRAFT)
    claims = await moving.claims_of(database, case_id)
    both = await attesting.asked(database, case_id)
    one = await attesting.asked(database, case_id, email="one@example.org", claims=(claims["first"].id,))
    async with database.writing() as session:
        await drafts.drop_claim(session, case_id=case_id, competency="first", now=NOW)
    assert (await attesting.request(database, both)).state is RequestState.OPEN
    assert (await attesting.request(database, one)).state is RequestState.CANCELLED
    async with database.reading() as session:
        left = await session.exec(select(AttestationClaim.claim_id))
        assert list(left) == [claims["second"].id]


async def test_files_are_held_with_the_draft_and_capped(database: Database, case_id: UUID) -> None:
    asked = await attesting.asked(database, case_id)

    async def attach(words: str) -> UUID:
        async with database.writing() as session:
            row, _ = await attestation_links.attach(
                session, asked.token, name="a.txt", file_kind=TXT, stored=attesting.stored(words), now=NOW
            )
            return row.id

    first = await attach("0")
    assert await attach("0") == first
    for n in range(1, attestation_links.MOST_FILES):
        await attach(str(n))
    async with nothing_changes(database, "quota_exceeded"):
        await attach("more")
    async with database.writing() as session:
        await attestation_links.remove(session, asked.token, file_id=first, now=NOW)
    async with nothing_changes(database, "evidence_unknown"), database.writing() as session:
        await attestation_links.remove(session, asked.token, file_id=first, now=NOW)
    async with nothing_changes(database, "quota_exceeded"), database.writing() as session:
        huge = Stored("f" * 64, 10**12)
        await attestation_links.attach(session, asked.token, name="a.txt", file_kind=TXT, stored=huge, now=NOW)


async def test_whoever_was_named_is_not_asked_to_assess(database: Database, who: People) -> None:
    async with database.writing() as session:
        referee = await makers.staff(session, Role.ASSESSOR)
        (await session.get_one(Person, referee.id)).email = "referee@gmail.com"
    case_id = await moving.standing(database, who, Stage.ELIGIBLE)
    async with database.writing() as session:
        case = await cases.get(session, case_id)
        await makers.evidence(session, case, *await makers.claims(session, case))
    await attesting.asked(database, case_id, email="Referee@gmail.com")
    await moving.send(
        database, case_id, "submit_portfolio", actor=who.learner, role=Role.LEARNER, body=moving.PORTFOLIO
    )
    await moving.send(database, case_id, "accept_portfolio", actor=who.advisor, role=Role.ADVISOR)
    offered = await moving.seats_of(database, case_id, SeatState.OFFERED)
    assert {seat.person_id for seat in offered} == {who.assessor.id}


async def test_two_browsers_that_send_at_once_send_once(database: Database, case_id: UUID) -> None:
    asked = await attesting.asked(database, case_id)
    answers = await asyncio.gather(*(attesting.submit(database, asked.token) for _ in range(4)), return_exceptions=True)
    refused = [one.code for one in answers if isinstance(one, Refused)]
    assert refused == ["link_ended"] * 3
    assert answers.count(None) == 1
    assert await holds(database) == set()


async def test_the_sweep_finds_open_requests_page_by_page(database: Database, case_id: UUID) -> None:
    asked = [await attesting.asked(database, case_id, email=f"boss{n}@example.org") for n in range(3)]
    async with database.writing() as session:
        await attestation_asking.cancel(session, case_id=case_id, request_id=asked[1].request_id, now=NOW)
    async with database.reading() as session:
        first = await attestations.waiting(session, after=UUID(int=0), limit=1)
        second = await attestations.waiting(session, after=first[0][0], limit=5)
    assert [request for request, _ in (*first, *second)] == [asked[0].request_id, asked[2].request_id]


async def test_what_is_settled_is_left_alone_by_the_sweep(database: Database, case_id: UUID) -> None:
    asked = await attesting.asked(database, case_id)
    await attesting.submit(database, asked.token)
    before = await moving.everything(database)
    async with database.writing() as session:
        late = NOW + timedelta(days=90)
        assert not await attestations.look_after(session, case_id=case_id, request_id=asked.request_id, now=late)
    assert await moving.everything(database) == before
    async with database.reading() as session:
        assert len(list(await session.exec(select(AttestationRequest)))) == 1


async def test_whoever_is_offered_a_seat_sees_who_was_asked_before_they_answer(database: Database, who: People) -> None:
    case_id = await moving.standing(database, who, Stage.ELIGIBLE)
    async with database.writing() as session:
        case = await cases.get(session, case_id)
        await makers.evidence(session, case, *await makers.claims(session, case))
    await attesting.asked(database, case_id)
    await moving.send(
        database, case_id, "submit_portfolio", actor=who.learner, role=Role.LEARNER, body=moving.PORTFOLIO
    )
    await moving.send(database, case_id, "accept_portfolio", actor=who.advisor, role=Role.ADVISOR)
    (seat,) = await moving.seats_of(database, case_id, SeatState.OFFERED)
    async with database.reading() as session:
        facts = await assignments.screen_facts(session, assignment=seat.id, programme=makers.programme())
    assert facts.referees == ("Sample Supervisor",)
    assert facts.organisations == ("Garderie Soleil",)
