"""The database is asked what must always hold; each sentence is broken on purpose and must report its own number."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import (
    agreements,
    calibrations,
    invariants,
    letters,
    people,
    portfolio,
    sharing,
    sponsors,
    statements,
    surveys,
    triggers,
)
from services.records.database import Database, connect
from services.records.ids import new_id
from services.records.tables.appeals import Appeal, AppealRuling, AppealVote
from services.records.tables.appointments import Appointment, AppointmentRecord
from services.records.tables.assessment import Assignment, Judgement
from services.records.tables.cases import Case
from services.records.tables.commands import CommandRow, CommandStatus, EffectRow, EffectState, Mail
from services.records.tables.credentials import Credential, CredentialIntent
from services.records.tables.decisions import Decision, DecisionKind
from services.records.tables.evidence import EvidenceRequest, PortfolioVersion
from services.records.tables.messages import CaseMessage
from services.rules import stages
from services.rules.appeals import Cause, Matter, Ruling
from services.rules.appointments import AppointmentState
from services.rules.case import AppealState, Lane, Stage
from services.rules.claims import Identification, Outcome, Recommendation, Supervision
from services.rules.conversations import Thread
from services.rules.moves.arrows import Move
from services.rules.people import Role
from services.rules.programmes import Method
from tests.records import attesting, makers, sponsored
from tests.records.databases import Template

WORDS = {
    "new": UUID(int=7).hex,
    "someone": str(UUID(int=9)),
    "ago": "2020-01-01 00:00:00.000000",
}
"""What the statements below leave open."""


async def calibrated(session: AsyncSession) -> None:
    """An assessor who read the one anchor of a programme as it was agreed."""
    keeper, assessor = await makers.staff(session, Role.PROGRAMME_ADMIN), await makers.staff(session, Role.ASSESSOR)
    words = {"competency": "first", "language": "en", "title": "Sample", "material": "Sample"}
    anchor = await calibrations.keep(
        session, makers.programme(), **words, agreed=Recommendation.MET, keeper=keeper.id, now=makers.NOW
    )
    answer = {"anchor": anchor.id, "person": assessor.id}
    await calibrations.rate(session, makers.programme(), **answer, answer=Recommendation.MET, now=makers.NOW)


async def attested(session: AsyncSession) -> None:
    """Somebody who was asked by link and answered, and somebody who was asked and has not."""
    case = await makers.case(session, stage=Stage.ELIGIBLE, competencies=("first", "second"))
    said = attesting.statement("first")
    answered = await attesting.ask(session, case)
    await statements.submit(
        session,
        await attesting.link(session, answered),
        said,
        stored=attesting.stored(),
        same_device=False,
        now=makers.NOW,
    )
    await attesting.link(session, await attesting.ask(session, case, email="other@example.org"))


async def sound(session: AsyncSession) -> None:
    """A decided case, one that waits, a command refused, a portfolio sent, a mail accepted: everything as it should."""
    row, lead = await makers.decided(session), await makers.staff(session, Role.LEAD)
    await makers.command(session, row, "revoke_grant", actor=row.learner_id, role=Role.LEARNER)
    refused = {"status": CommandStatus.REFUSED, "refusal": "not_your_move", "settled_at": makers.NOW}
    await makers.command(session, row, "withdraw", actor=row.learner_id, role=Role.LEARNER, **refused)
    sent = await makers.case(session)
    asked = await makers.applied(session, sent, "submit", actor=sent.learner_id, role=Role.LEARNER, to=Stage.SUBMITTED)
    manifest = {"case": str(sent.id), "items": []}
    await makers.stored(
        session,
        PortfolioVersion(
            case_id=sent.id,
            number=1,
            manifest=manifest,
            sha256=portfolio.digest(manifest),
            command_id=asked.id,
            frozen_at=makers.NOW,
        ),
    )
    await calibrated(session)
    await attested(session)
    effect = EffectRow(
        key=f"{sent.id}:1:send_notice:submitted:{sent.learner_id}",
        case_id=sent.id,
        seq=1,
        step=100,
        activity="send_notice",
        lane=Lane.MAIL,
        notice="submitted",
        recipient=sent.learner_id,
        state=EffectState.DONE,
        queued_at=makers.NOW,
    )
    await makers.stored(session, effect)
    mail = Mail(
        effect_key=effect.key,
        message_id="<sample@example.org>",
        case_id=sent.id,
        notice="submitted",
        recipient=sent.learner_id,
        language="en",
        accepted_at=makers.NOW,
    )
    await makers.stored(session, mail)
    await shown(session, row)
    await shared(session, row)
    await appealed(session, row)
    await surveyed(session)
    await sponsored_case(session)
    for author, role in ((row.learner_id, Role.LEARNER), (lead.id, Role.LEAD)):
        words: dict[str, Any] = {"thread": Thread.GUIDANCE, "text": "Sample", "key": new_id(), "at": makers.NOW}
        await makers.stored(session, CaseMessage(id=new_id(), case_id=row.id, author_id=author, role=role, **words))


async def surveyed(session: AsyncSession) -> None:
    """Somebody agreed to be asked after their case, and the mail is about to leave."""
    row = await makers.case(session, stage=Stage.DECIDED, outcome=Outcome.GRANTED_FULL, decided_at=makers.NOW)
    await surveys.agree(session, row.id, person=row.learner_id, now=makers.NOW)
    (consent,) = await surveys.agreed(session, after=UUID(int=0), limit=1)
    await surveys.invite(session, consent, now=makers.NOW)
    (waiting,) = await surveys.unsent(session, now=makers.NOW)
    await surveys.letter(session, waiting, now=makers.NOW)


async def sponsored_case(session: AsyncSession) -> None:
    """A case of a cohort, whose learner had the sponsor told that they have work."""
    lead, row = await makers.staff(session, Role.LEAD), await makers.case(session)
    terms = sponsored.TERMS
    agreement = await agreements.make(session, terms, caller=await people.caller(session, lead.id), now=makers.NOW)
    await sponsored.join(session, row, agreement.id)
    await sponsors.choose(session, row.id, tell=True, person=row.learner_id, now=makers.NOW)
    await sponsors.tell_of_work(session, row.id, wave=3, now=makers.NOW)


async def shared(session: AsyncSession, row: Case) -> None:
    """The learner shows the credential with their name."""
    credential = (await session.exec(select(Credential).where(col(Credential.case_id) == row.id))).one()
    chosen = sharing.Choice(page=True, name=True)
    await sharing.choose(session, credential, chosen=chosen, carries_name=True, by=row.learner_id, now=makers.NOW)


async def appealed(session: AsyncSession, row: Case) -> None:
    """The decision was contested and upheld, with a letter of its own."""
    chair = await makers.staff(session, Role.APPEAL_REVIEWER_1)
    await makers.party(session, row, chair, Role.APPEAL_REVIEWER_1)
    contested = (await session.exec(select(Decision).where(col(Decision.case_id) == row.id))).one()
    await makers.applied(session, row, "lodge_appeal", actor=row.learner_id, role=Role.LEARNER, to=Stage.UNDER_REVIEW)
    ruled = await makers.applied(
        session, row, "rule_appeal", actor=chair.id, role=Role.APPEAL_REVIEWER_1, to=Stage.DECIDED
    )
    appeal = Appeal(
        id=new_id(),
        case_id=row.id,
        level=1,
        matter=Matter.RECOGNITION,
        decision_id=contested.id,
        root_id=contested.id,
        state=AppealState.RULED,
        grounds=["procedure"],
        text="Sample",
        chair_id=chair.id,
        outcome=Ruling.DISMISSED,
        return_to=Stage.DECIDED,
        lodged_at=makers.NOW,
        ended_at=makers.NOW,
    )
    await makers.stored(session, appeal)
    facts = {"appeal": str(appeal.id), "level": "1", "ruling": "dismissed"}
    made = await makers.decision(
        session, row, ruled, kind=DecisionKind.APPEAL, role=Role.APPEAL_REVIEWER_1, facts=facts, reasons="Sample"
    )
    for language in letters.LANGUAGES:
        await makers.letter(session, made, language=language)
    held: dict[str, Any] = {"case_id": row.id, "role": Role.APPEAL_REVIEWER_1}
    ruling = AppealRuling(
        **held,
        id=new_id(),
        appeal_id=appeal.id,
        level=1,
        ruled_by=chair.id,
        outcome=Ruling.DISMISSED,
        by_casting_vote=False,
        cause=Cause.PROCEDURE,
        reasons="Sample",
        decision_id=made.id,
        command_id=ruled.id,
        at=makers.NOW,
    )
    await makers.stored(session, ruling)
    vote = AppealVote(**held, ruling_id=ruling.id, person_id=chair.id, vote=Ruling.DISMISSED)
    await makers.stored(session, vote)


async def shown(session: AsyncSession, row: Case) -> None:
    """The decided case was asked for more, and showed it at an interview."""
    request = EvidenceRequest(
        id=new_id(), case_id=row.id, round=1, asked_at=makers.NOW, closed_at=makers.NOW, closed_as="answered"
    )
    await makers.stored(session, request)
    seat = (await session.exec(select(Assignment).where(col(Assignment.case_id) == row.id))).one()
    command = (await session.exec(select(CommandRow).where(col(CommandRow.kind) == "submit_judgements"))).one()
    held: dict[str, Any] = {
        "id": new_id(),
        "case_id": row.id,
        "assignment_id": seat.id,
        "person_id": seat.person_id,
        "role": Role.ASSESSOR,
    }
    meeting = Appointment(
        **held,
        method=Method.INTERVIEW,
        state=AppointmentState.RECORDED,
        minutes=45,
        language="en",
        about="Sample",
        ordered_at=makers.NOW,
    )
    await makers.stored(session, meeting)
    record = AppointmentRecord(
        **(held | {"id": new_id()}),
        appointment_id=meeting.id,
        sheet={},
        supervision=Supervision.ON_SITE,
        identification=Identification.LIVE,
        recorded_at=makers.NOW,
        command_id=command.id,
    )
    await makers.stored(session, record)


async def numbers(database: Database, *, patience: timedelta = invariants.PATIENCE) -> set[int]:
    async with database.reading() as session:
        found = await invariants.broken(session, now=makers.NOW, patience=patience)
    assert all(one.sentence and one.ids for one in found)
    return {one.number for one in found}


async def test_a_sound_database_breaks_nothing(database: Database) -> None:
    assert await numbers(database) == set()
    async with database.writing() as session:
        await sound(session)
    assert await numbers(database) == set()


COPY_CLAIM = """INSERT INTO claims
    (id, case_id, learner_id, competency, competency_key, kind, attempt, state, grant_active)
    SELECT '{new}', case_id, learner_id, competency, competency_key, kind, 2, state, grant_active
    FROM claims WHERE grant_active"""
COPY_CREDENTIAL = """INSERT INTO credentials
    (id, case_id, claim_id, decision_id, code, state, document, document_sha256, signed_at)
    SELECT '{new}', case_id, claim_id, decision_id, 'OTHER', state, document, document_sha256, signed_at
    FROM credentials"""
COPY_DECISION = """INSERT INTO decisions
    (id, case_id, kind, decided_by, role, capacity, command_id, case_version, reasons, next_step, facts,
     appeal_until, decided_at)
    SELECT '{new}', d.case_id, d.kind, d.decided_by, d.role, d.capacity, k.id, d.case_version, '', '', d.facts,
     d.appeal_until, d.decided_at
    FROM decisions AS d JOIN commands AS k ON k.case_id = d.case_id AND k.kind = 'submit_judgements'
    WHERE d.kind = 'recognition'"""
EXCLUDE = """INSERT INTO case_exclusions (case_id, person_id, tie, declared, at)
    SELECT case_id, assessor_id, 'other', true, '{ago}' FROM judgements"""
ASK_TWICE = """INSERT INTO second_readings (claim_id, trigger, command_id, asked_at)
    SELECT claim_id, 'sampled', command_id, locked_at FROM judgements WHERE recommendation = 'met'"""
RETURN = """INSERT INTO judgement_returns
    (id, case_id, claim_id, judgement_id, author_id, limit_id, note, returned_by, command_id, at)
    SELECT '{new}', j.case_id, j.claim_id, j.id, j.assessor_id, '{new}', '', j.assessor_id, j.command_id, '{ago}'
    FROM judgements AS j WHERE j.locked_at IS NOT NULL ORDER BY j.id LIMIT 1"""
SAY_ANEW = """INSERT INTO judgement_clarifications
    (return_id, case_id, judgement_id, author_id, role, rationale, notes, command_id, at)
    SELECT id, case_id, judgement_id, '{new}', 'assessor', '', '{{}}', command_id, at FROM judgement_returns"""
TELL_OF_LAPSE = """INSERT INTO letters
    (id, case_id, command_id, number, kind, language, sha256, size, state, drafted_at)
    SELECT '{new}', case_id, command_id, 'L-NEVER', 'lapse', 'en', '', 1, 'drafted', '{ago}'
    FROM stage_history WHERE move = 'submit_judgements'"""
JUDGED = sa.update(Judgement)
STATES_TOO_MUCH = {
    "validFrom": makers.NOW.isoformat(),
    "credentialSubject": {"result": [{"achievedLevel": "https://example.org/a#level-4"}]},
}
BREAKS: list[tuple[int, str, list[str | sa.UpdateBase]]] = [
    (1, "a credential for a claim that was not granted", ["UPDATE decision_claims SET outcome = 'not_yet'"]),
    (
        2,
        "a decision by somebody else's command",
        ["UPDATE commands SET actor = '{someone}' WHERE kind = 'decide'"],
    ),
    (2, "a decision by nobody", ["DELETE FROM case_parties WHERE role = 'decision_maker'"]),
    (2, "a decision by the clock", ["UPDATE commands SET role = 'clock', actor = 'clock' WHERE kind = 'decide'"]),
    (3, "a judgement without a party", ["DELETE FROM case_parties WHERE role = 'assessor'"]),
    (3, "a learner who is no party", ["DELETE FROM case_parties WHERE role = 'learner'"]),
    (3, "an advisor who is no party", ["UPDATE cases SET advisor_id = learner_id"]),
    (4, "a judgement from a seat that was declined", ["UPDATE assignments SET state = 'declined'"]),
    (4, "a decision that rests on a seat that was dismissed", ["UPDATE assignments SET state = 'dismissed'"]),
    (4, "a decision that rests on a conflict", [EXCLUDE]),
    (5, "a competency held twice", [COPY_CLAIM]),
    (5, "a grant without its mark", ["UPDATE claims SET grant_active = false"]),
    (6, "two credentials of one claim", [COPY_CREDENTIAL]),
    (6, "a credential of a claim that fell", ["UPDATE claims SET state = 'not_yet', grant_active = false"]),
    (6, "a claim without its credential", ["UPDATE credentials SET state = 'signed'"]),
    (7, "a letter in one language only", ["DELETE FROM letters WHERE language = 'fr'"]),
    (7, "a case closed without a letter", ["UPDATE cases SET closed_as = 'completed'"]),
    (7, "a lapse without warnings", ["UPDATE cases SET closed_as = 'expired', submitted_at = created_at"]),
    (8, "a grant on the learner's own words", ["UPDATE evidence_items SET learner_authored = true"]),
    (8, "a grant on a draft", ["UPDATE judgements SET locked_at = NULL, command_id = NULL"]),
    (8, "a grant against the recommendation", ["UPDATE judgements SET recommendation = 'partial'"]),
    (
        8,
        "a grant without a mandatory criterion",
        [JUDGED.values(content=makers.finding(ratings=[{"criterion": "a", "rating": "met"}]))],
    ),
    (
        8,
        "a grant on evidence that may not be theirs",
        [JUDGED.values(content=makers.finding(rules=[{"rule": "authentic", "verdict": "fail"}]))],
    ),
    (29, "a transfer that was granted as if it had been assessed", ["UPDATE claims SET kind = 'transfer'"]),
    (29, "a transfer that nobody checked", ["UPDATE decision_claims SET outcome = 'granted_by_transfer'"]),
    (8, "a grant on what was voided", ["UPDATE assignments SET state = 'conflict'"]),
    (
        8,
        "a credential for a level that nobody found",
        [sa.update(CredentialIntent).values(document=STATES_TOO_MUCH)],
    ),
    (9, "a decision on one reading where two were asked for", [ASK_TWICE]),
    (10, "a version that nobody made", ["UPDATE cases SET version = version + 1"]),
    (10, "a gap in the versions", ["UPDATE commands SET version = 9 WHERE kind = 'decide'"]),
    (11, "a move without history", ["DELETE FROM stage_history WHERE move = 'decide'"]),
    (11, "a move without a line of the log", ["DELETE FROM audit WHERE action = 'command_applied'"]),
    (11, "a case that is not where history led", ["UPDATE cases SET stage = 'closed'"]),
    (11, "history that jumps", ["UPDATE stage_history SET from_stage = 'draft' WHERE move = 'published'"]),
    (11, "a move that no table knows", ["UPDATE stage_history SET move = 'nonsense' WHERE move = 'decide'"]),
    (
        11,
        "a move that leads elsewhere",
        ["UPDATE stage_history SET to_stage = 'eligible' WHERE move = 'submit_judgements'"],
    ),
    (
        12,
        "a decision by a refused command",
        ["UPDATE commands SET status = 'refused', refusal = 'double_credit' WHERE kind = 'decide'"],
    ),
    (
        13,
        "a command that waits for years",
        ["UPDATE commands SET received_at = '{ago}' WHERE status = 'pending'"],
    ),
    (14, "a command without its answer", ["UPDATE commands SET result = NULL WHERE kind = 'decide'"]),
    (14, "a refusal without its reason", ["UPDATE commands SET refusal = NULL WHERE status = 'refused'"]),
    (14, "a request without its fingerprint", ["UPDATE commands SET fingerprint = '' WHERE kind = 'decide'"]),
    (15, "an empty file", ["UPDATE evidence_items SET size = 0"]),
    (17, "a portfolio that was changed", ["UPDATE portfolio_versions SET sha256 = 'other'"]),
    (19, "a line of the log that was taken out", ["DELETE FROM audit WHERE seq = 1"]),
    (19, "a line of the log that was changed", ["UPDATE audit SET actor = 'somebody' WHERE seq = 1"]),
    (20, "a signature without its intent", ["UPDATE credential_intents SET code = 'OTHER'"]),
    (20, "an intent written after the signature", ["UPDATE credential_intents SET reserved_at = '2030-01-01'"]),
    (20, "an intent of another case", ["UPDATE credential_intents SET case_id = '{new}'"]),
    (21, "a revocation that nobody decided", ["UPDATE credentials SET state = 'revoked'"]),
    (21, "a suspension that nobody decided", ["UPDATE credentials SET state = 'suspended'"]),
    (6, "a grant under review without a suspended credential", ["UPDATE claims SET state = 'suspended'"]),
    (5, "a grant under review that counts", ["UPDATE claims SET state = 'suspended' WHERE grant_active"]),
    (6, "a credential without the successor it is said to have", ["UPDATE credentials SET state = 'superseded'"]),
    (
        21,
        "a credential suspended by a decision on something else",
        [
            "UPDATE credentials SET state = 'suspended', revoked_at = signed_at, revoked_by = decision_id",
            "UPDATE decisions SET reasons = 'Sample'",
        ],
    ),
    (21, "a date of revocation on a live credential", ["UPDATE credentials SET revoked_at = signed_at"]),
    (
        22,
        "two decisions on one claim",
        [
            COPY_DECISION,
            """INSERT INTO decision_claims SELECT '{new}', claim_id, outcome, judgement_id, check_id
            FROM decision_claims""",
        ],
    ),
    (22, "a decision that supersedes itsel", ["UPDATE decisions SET supersedes_id = id"]),
    (23, "an intent older than its decision", ["UPDATE credential_intents SET reserved_at = '{ago}'"]),
    (23, "an open seat on a decided case", ["UPDATE assignments SET state = 'accepted'"]),
    (
        23,
        "a credential valid before the decision",
        [sa.update(CredentialIntent).values(document={"validFrom": "2020-01-01T00:00:00+00:00"})],
    ),
    (33, "an appointment on a case that is decided", ["UPDATE appointments SET state = 'held'"]),
    (33, "a request that nobody can answer any more", ["UPDATE evidence_requests SET closed_at = NULL"]),
    (34, "an appointment that nobody wrote down", ["DELETE FROM appointment_records"]),
    (34, "a record of an appointment that was missed", ["UPDATE appointments SET state = 'no_show_excused'"]),
    (3, "a ruling by somebody who is no party", ["DELETE FROM case_parties WHERE role = 'appeal_reviewer_1'"]),
    (35, "a case under review without an appeal", ["UPDATE cases SET stage = 'under_review'"]),
    (35, "an open appeal on a decided case", ["UPDATE appeals SET state = 'lodged'"]),
    (35, "an appeal without its ruling", ["DELETE FROM appeal_rulings"]),
    (39, "a learner's words from somebody else", ["UPDATE case_messages SET role = 'learner'"]),
    (
        39,
        "somebody who judges and writes to the learner",
        ["UPDATE case_messages SET author_id = (SELECT assessor_id FROM judgements LIMIT 1) WHERE role = 'lead'"],
    ),
    (36, "a ruling without the vote of its chair", ["DELETE FROM appeal_votes"]),
    (36, "a ruling that nobody voted for", ["UPDATE appeal_votes SET vote = 'varied'"]),
    (28, "a round that counts what nobody answered", ["DELETE FROM anchor_ratings"]),
    (28, "a round with more as agreed than was", ["UPDATE anchor_ratings SET recommendation = 'not_yet'"]),
    (30, "a statement for a request that is open", ["UPDATE attestation_requests SET state = 'open'"]),
    (30, "an answer that is nowhere", ["DELETE FROM attestation_statements"]),
    (30, "an author who is no party", ["DELETE FROM case_parties WHERE role = 'third_party'"]),
    (
        30,
        "a statement that counts as the learner's",
        ["UPDATE evidence_items SET learner_authored = true WHERE attestation_id IS NOT NULL"],
    ),
    (30, "a statement in other words", ["UPDATE attestation_statements SET sha256 = 'other'"]),
    (31, "somebody asked without consent", ["UPDATE consents SET withdrawn_at = given_at"]),
    (31, "somebody asked about a settled case", ["UPDATE cases SET stage = 'closed' WHERE stage = 'eligible'"]),
    (31, "a link of a life that never began", ["UPDATE attestation_links SET period = 9"]),
    (
        40,
        "a name on a page that is not shown",
        ["UPDATE credential_shares SET withdrawn_at = given_at WHERE part = 'page'"],
    ),
    (40, "a credential that somebody else shows", ["UPDATE credential_shares SET person_id = '{new}'"]),
    (41, "somebody asked without consent", ["UPDATE consents SET purpose = 'other' WHERE purpose = 'survey'"]),
    (41, "somebody asked who stopped", ["UPDATE consents SET withdrawn_at = given_at WHERE purpose = 'survey'"]),
    (41, "an answer of somebody who was not asked", ["UPDATE survey_invitations SET answered = true"]),
    (42, "reasons said anew by somebody else", [RETURN, SAY_ANEW]),
    (43, "a letter of a lapse that never was", [TELL_OF_LAPSE]),
    (44, "a case of another programme in a cohort", ["UPDATE sponsor_agreements SET programme = 'other'"]),
    (44, "a case of somebody else in a cohort", ["UPDATE cohort_members SET learner_id = added_by"]),
    (44, "work told without consent", ["UPDATE consents SET withdrawn_at = given_at WHERE purpose = 'sponsor'"]),
    (41, "a link that can be read back", ["UPDATE survey_links SET token_hash = 'open'"]),
    (27, "a mail that was never sent", ["DELETE FROM mails"]),
    (27, "a mail to somebody else", ["UPDATE mails SET recipient = '{new}'"]),
    (27, "a mail for no effect", ["DELETE FROM effects"]),
]


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.second_engine)])
def sound_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database in which everything is as it should be; tests break it in transactions that they never commit."""
    template: Template = request.getfixturevalue(f"{request.param}_template")
    url = template.make()

    async def fill() -> None:
        opened = connect(url)
        async with opened.writing() as session:
            await sound(session)
        await opened.close()

    asyncio.run(fill())
    yield url
    template.drop(url)


def unguard(connection: Connection) -> None:
    """Take away what would forbid the rest of this transaction: triggers, foreign keys, unique indexes of credit."""
    triggers.remove(connection)
    for index in ("uq_claims_double_credit", "uq_credentials_active"):
        connection.exec_driver_sql(f"DROP INDEX {index}")
    sqlite = connection.dialect.name == "sqlite"
    off = "PRAGMA defer_foreign_keys=ON" if sqlite else "SET LOCAL session_replication_role = replica"
    connection.exec_driver_sql(off)


@pytest.mark.parametrize(
    ("number", "statements"), [(number, statements) for number, _, statements in BREAKS], ids=[one[1] for one in BREAKS]
)
async def test_what_is_broken_reports_its_own_number(
    sound_url: str, number: int, statements: list[str | sa.UpdateBase]
) -> None:
    opened = connect(sound_url)
    async with AsyncSession(opened.engine) as session:
        connection = await session.connection()
        await connection.run_sync(unguard)
        for statement in statements:
            spelled = sa.text(statement.format(**WORDS)) if isinstance(statement, str) else statement
            await connection.execute(spelled)
        found = await invariants.broken(session, now=makers.NOW)
        await session.rollback()
    await opened.close()
    assert number in {one.number for one in found}


async def test_once_the_house_is_quiet_no_command_may_wait(database: Database) -> None:
    async with database.writing() as session:
        await sound(session)
    assert await numbers(database, patience=timedelta(seconds=-1)) == {13}


@pytest.mark.parametrize("move", stages.MOVES, ids=lambda move: move.command)
def test_a_step_from_a_stage_that_a_move_does_not_start_from_is_off_the_table(move: Move) -> None:
    for source in Stage:
        allowed = [target for target in Stage if invariants.on_the_table(move.command, source, target)]
        assert bool(allowed) is (source in move.sources)
