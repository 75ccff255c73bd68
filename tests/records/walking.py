"""A random walk over the real records: random people send random commands of the table, and time passes."""

import itertools
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import (
    applying,
    cases,
    commands,
    credentials,
    invariants,
    judgements,
    lapses,
    letters,
    people,
    ties,
)
from services.records.database import Database
from services.records.ids import new_id
from services.records.tables.assessment import Assignment, AssignmentClaim
from services.records.tables.assessment import Judgement as JudgementRow
from services.records.tables.cases import CaseSpan, StageHistory
from services.records.tables.commands import EffectRow, Mail
from services.records.tables.credentials import CredentialState
from services.records.tables.people import Person
from services.rules import commands as bodies
from services.rules import stages
from services.rules.case import OPEN_SEATS, SEAT_ROLE, CaseState, Lane, SeatState, Stage, WaitingOn, own
from services.rules.people import Role, roles_on_a_case
from services.rules.programmes import Programme
from services.rules.refusals import Refused
from tests.records import makers, moving, offers, sayings
from tests.records.makers import NOW
from tests.records.sayings import FOUND, SAID

STAFF = {
    Role.ADVISOR: 2,
    Role.MENTOR: 1,
    Role.ASSESSOR: 4,
    Role.PANEL: 5,
    Role.DECISION_MAKER: 2,
    Role.LEAD: 2,
    Role.APPEAL_REVIEWER_1: 4,
    Role.APPEAL_REVIEWER_2: 4,
}

LEAVES = frozenset(
    {"withdraw", "withdraw_claim", "refuse_eligibility", "propose_refusal", "declare_conflict", "decline_offer"}
    | {"reassign", "ask_completion", "request_evidence", "order_appointment", "cancel_appointment", "merge_duplicate"}
)
"""What ends or delays a case; drawn less often, or no walk would get far."""

ASIDE = frozenset(
    {"agree_route", "name_mentor", "transfer_advisor", "ask_accommodation", "answer_accommodation", "pause", "extend"}
    | {"end_accommodation", "record_meeting", "check_transfer", "override_conflict", "retry_effect", "confirm_case"}
    | {"compose_panel", "allow_round", "resume", "change_programme_version"}
)
"""What changes no stage, and would be most of what is drawn."""

FORMS = frozenset({"submit_judgements", "record_panel", "rule_appeal"})
"""Commands before which whoever sends them writes down what they found."""


@dataclass(slots=True)
class Walk:
    """One walk: `seed` repeats it; `trail` is what was applied, `refused` counts the codes of what was not."""

    database: Database
    seed: int
    sample: Programme
    random: Random = field(init=False)
    now: datetime = NOW
    staff: dict[Role, list[Person]] = field(default_factory=dict)
    lives: list[UUID] = field(default_factory=list)
    learner: Person | None = None
    trail: list[tuple[str, Stage, Stage]] = field(default_factory=list)
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)

    async def begin(self) -> None:
        """Everybody whom cases need."""
        async with self.database.writing() as session:
            await makers.published(session, self.sample)
            for role, number in STAFF.items():
                self.staff[role] = [await makers.staff(session, role) for _ in range(number)]

    async def step(self) -> None:
        """One thing happens to the newest case, or a new one begins; then everything must hold."""
        before = await self._state() if self.lives else None
        if before is None or (before.stage is Stage.CLOSED and self.random.random() < 0.3):
            await self._open()
            return
        self.now += timedelta(hours=self.random.choice([0, 1, 5, 30]))
        await self._something(before)
        after = await self._state()
        if after.version != before.version:
            await self._moved(before, after)
            await self.holds()
            await self._offers_are_kept(after)

    async def _offers_are_kept(self, state: CaseState) -> None:
        """Somebody looks at the case: for everything that it offers them there are words that are let in."""
        person = await self._person(state, self.random.choice([Role.LEARNER, *STAFF]))
        if person is not None:
            async with self.database.reading() as session:
                await offers.of(
                    session, self.lives[-1], person, staff=self.staff, now=self.now, older=tuple(self.lives[:-1])
                )

    async def _something(self, before: CaseState) -> None:
        chance = self.random.random()
        if (move := stages.by_itself(before)) and chance < 0.7:
            await self._tick(before, move)
        elif before.effects and chance < 0.5:
            await self._effect(before)
        elif before.deadlines and chance < (0.08 if before.stage is not Stage.ISSUING else 0.5):
            due = min(before.deadlines, key=lambda one: one.at)
            self.now = max(self.now, due.at)
            await self._tick(before, "deadline_reached", due.key)
        else:
            await self._somebody(before)

    async def _state(self) -> CaseState:
        async with self.database.reading() as session:
            return await cases.state(session, await cases.get(session, self.lives[-1]))

    async def _open(self) -> None:
        """A new case; now and then of a learner who has one already."""
        async with self.database.writing() as session:
            if self.learner is None or self.random.random() < 0.8:
                self.learner = await makers.person(session, name="Sample Learner")
            case = await makers.case(
                session, learner=self.learner, competencies=("first", "second"), sample=self.sample, created_at=self.now
            )
            case.active_at = self.now
            await makers.evidence(session, case, *await makers.claims(session, case), received_at=self.now)
            self.lives.append(case.id)

    async def _tick(self, state: CaseState, kind: str, subject: str = "") -> None:
        command = own(state, kind, subject, when=self.now.isoformat())
        async with self.database.writing() as session:
            await applying.apply(session, command, version=state.version, now=self.now)

    # people

    async def _somebody(self, state: CaseState) -> None:
        """Up to some tries until somebody is let do something."""
        for _ in range(8):
            kind = self._kind(state)
            person = await self._person(state, self._role(state, kind))
            if person is None:
                continue
            try:
                await self._send(state, kind, person)
            except Refused as refused:
                self.refused[kind, refused.code] += 1
                assert await self._state() == state, f"a refused {kind} left something behind"
            else:
                return

    def _kind(self, state: CaseState) -> str:
        """A command: mostly one that somebody could be let send now, rarely any of the table."""
        human = [move.command for move in stages.MOVES if move.command in bodies.BODIES]
        if self.random.random() < 0.08:
            return self.random.choice(human)
        seats: list[tuple[str, str]] = [("", "")] + [(seat.person, seat.id) for seat in state.seats]
        roles = [role for role in Role if role is not Role.CLOCK]
        let = {
            kind
            for person, seat in seats
            for role in roles
            for kind in stages.allowed(state, role, actor=person, subject=seat)
        }
        if state.failed_effects and self.random.random() < 0.5:
            return "retry_effect"
        likely = [kind for kind in human if kind in let]
        if not likely:
            return self.random.choice(human)
        weights = [0.03 if kind in ASIDE else 0.05 if kind in LEAVES else 1 for kind in likely]
        return self.random.choices(likely, weights)[0]

    def _role(self, state: CaseState, kind: str) -> Role:
        """Who sends it; for a seat, one of the roles in which somebody sits."""
        wanted = [role for role in stages.MOVE[kind].roles if role is not Role.CLOCK]
        seated = [role for role in wanted if role in {SEAT_ROLE[seat.kind] for seat in state.seats}]
        return self.random.choice(seated or wanted)

    async def _person(self, state: CaseState, role: Role) -> Person | None:
        """Somebody who may act on the case in `role`."""
        crowd = list(self.staff.get(role, []))
        async with self.database.reading() as session:
            if role is Role.LEARNER:
                return await session.get_one(Person, UUID(state.learner))
            self.random.shuffle(crowd)
            seated = {seat.person for seat in state.seats}
            for person in sorted(crowd, key=lambda one: str(one.id) not in seated):
                caller = await people.caller(session, person.id)
                if role in roles_on_a_case(await ties.ties(session, case_id=self.lives[-1], caller=caller)):
                    return person
        return None

    async def _send(self, state: CaseState, kind: str, person: Person) -> None:
        """As the API does it: kept first, then applied. What was let in is never refused after all."""
        case_id = self.lives[-1]
        if kind in FORMS:
            await self._write(person)
        async with self.database.reading() as session:
            scene = await sayings.scene(
                session,
                case_id,
                random=self.random,
                now=self.now,
                speaker=person.id,
                older=self.lives[:-1],
                staff=self.staff,
            )
            caller = await people.caller(session, person.id)
            roles = roles_on_a_case(await ties.ties(session, case_id=case_id, caller=caller))
        said = SAID[kind](scene) if kind in SAID else bodies.Nothing()
        asked = commands.Asked(new_id(), case_id, kind, person.id, roles, state.version, said)
        async with self.database.writing() as session:
            row = await commands.accept(session, asked, now=self.now)
            message = commands.message(row)
        try:
            async with self.database.writing() as session:
                await applying.apply(session, message, version=state.version, now=self.now)
        except Refused as refused:
            raise AssertionError(f"{kind} was let in and then refused: {refused.code}") from refused

    async def _write(self, person: Person) -> None:
        """The person writes what they find on each claim of their seat."""
        async with self.database.reading() as session:
            rows = await session.exec(
                select(AssignmentClaim.claim_id)
                .join(Assignment, col(Assignment.id) == col(AssignmentClaim.assignment_id))
                .where(
                    col(Assignment.case_id) == self.lives[-1],
                    col(Assignment.person_id) == person.id,
                    col(Assignment.state) == SeatState.ACCEPTED,
                )
                .order_by(col(AssignmentClaim.claim_id))
            )
            claims = list(rows)
        for claim_id in claims:
            try:
                async with self.database.writing() as session:
                    await judgements.save_draft(
                        session,
                        case_id=self.lives[-1],
                        claim_id=claim_id,
                        assessor=person.id,
                        content=moving.finding(self.random.choice(FOUND)),
                        expected_version=await self._draft(session, person, claim_id),
                        now=self.now,
                    )
            except Refused as refused:
                self.refused["draft", refused.code] += 1

    @staticmethod
    async def _draft(session: AsyncSession, person: Person, claim_id: UUID) -> int:
        rows = await session.exec(
            select(JudgementRow.version)
            .where(col(JudgementRow.assessor_id) == person.id, col(JudgementRow.claim_id) == claim_id)
            .order_by(col(JudgementRow.id).desc())
        )
        return rows.first() or 0

    # effects

    async def _effect(self, state: CaseState) -> None:
        """The next effect of a lane ends: mostly well, with what it was to leave behind."""
        if mails := [effect for effect in state.effects if effect.lane is Lane.MAIL]:
            for effect in mails:
                await self._done(await self._state(), effect.key)
            return
        effect = state.effects[0]
        if effect.lane is Lane.ISSUE and self.random.random() < 0.1:
            await self._tick(state, "effect_failed", effect.key)
        else:
            await self._done(state, effect.key)

    async def _done(self, state: CaseState, key: str) -> None:
        async with self.database.writing() as session:
            row = await session.get_one(EffectRow, key)
            if row.notice is not None:
                await self._mail(session, row)
            else:
                await self._work(session, row)
        await self._tick(state, "effect_done", key)

    async def _mail(self, session: AsyncSession, row: EffectRow) -> None:
        assert row.notice
        await makers.stored(
            session,
            Mail(
                effect_key=row.key,
                message_id=f"<{row.key}>",
                case_id=row.case_id,
                notice=row.notice,
                recipient=row.recipient,
                attestation_id=row.attestation_id,
                language="en",
                accepted_at=self.now,
            ),
        )

    async def _work(self, session: AsyncSession, row: EffectRow) -> None:
        """What the activities of a decision leave behind, without signing or typesetting."""
        if row.activity == "rebuild_status_list":
            return
        if row.activity == "write_lapse_letter":
            await self._tell_of_lapse(session, row)
            return
        decision = await credentials.decision_of(session, row.key)
        if row.activity == "reserve_issuance":
            for granted in await credentials.granted_by(session, decision):
                await makers.intent(session, decision, granted.claim, reserved_at=self.now)
        elif row.activity == "sign_credentials":
            for intent in await credentials.intents_of(session, decision.id):
                await makers.credential(
                    session, intent, state=CredentialState.SIGNED, signed_at=self.now, published_at=None
                )
        elif row.activity == "render_letter":
            for language in letters.LANGUAGES:
                number = f"W-{decision.id.hex[-20:]}-{language}"
                await letters.keep(
                    session,
                    about=decision,
                    language=language,
                    kind="decision",
                    number=number,
                    sha256="0" * 64,
                    size=6,
                    now=self.now,
                )
        else:
            assert row.activity == stages.PIVOT, row.activity
            await letters.release(session, decision, now=self.now)
            await credentials.publish(session, decision, now=self.now)

    async def _tell_of_lapse(self, session: AsyncSession, row: EffectRow) -> None:
        lapsed = await lapses.told_by(session, row.key)
        for language in letters.LANGUAGES:
            number = f"W-{lapsed.command_id.hex[-20:]}-{language}"
            await letters.keep(
                session,
                about=lapsed,
                language=language,
                kind="lapse",
                number=number,
                sha256="0" * 64,
                size=6,
                now=self.now,
            )
        await letters.release(session, lapsed, now=self.now)

    # what must hold

    async def _moved(self, before: CaseState, after: CaseState) -> None:
        """The case took one step, and it stands in the table."""
        async with self.database.reading() as session:
            rows = await session.exec(
                select(StageHistory).where(
                    col(StageHistory.case_id) == self.lives[-1], col(StageHistory.version) > before.version
                )
            )
            (line,) = rows
        assert (line.from_stage, line.to_stage) == (before.stage, after.stage)
        assert invariants.on_the_table(line.move, before.stage, after.stage), (line.move, before.stage, after.stage)
        self.trail.append((line.move, before.stage, after.stage))

    async def holds(self) -> None:
        """Every invariant of the records, and those of the case design (3.3) that speak of a case as it stands."""
        async with self.database.reading() as session:
            broken = await invariants.broken(session, now=self.now, patience=timedelta(0))
            case = await cases.get(session, self.lives[-1])
            state = await cases.state(session, case)
            seats = list(await session.exec(select(Assignment).where(col(Assignment.case_id) == case.id)))
            spans = list(
                await session.exec(select(CaseSpan).where(col(CaseSpan.case_id) == case.id).order_by(col(CaseSpan.seq)))
            )
        assert not broken, broken
        nobody = {Stage.ISSUING, Stage.DECIDED, Stage.NOT_ELIGIBLE, Stage.CLOSED}
        assert (case.waiting_on is WaitingOn.NONE) == (case.stage in nobody), (case.stage, case.waiting_on)
        if case.waiting_on is not WaitingOn.NONE and case.stage is not Stage.DRAFT:
            assert state.deadlines or case.due_at, f"nothing is due in {case.stage}"
        if case.stage in nobody:
            assert not [seat for seat in seats if seat.state in OPEN_SEATS], "an open seat on a case that is settled"
        for one, following in itertools.pairwise(spans):
            assert one.ended_at == following.started_at, "a hole between two spans"
        assert not spans or (spans[-1].ended_at is None and spans[-1].stage is case.stage)


async def walk(database: Database, seed: int, *, steps: int, sample: Programme | None = None) -> Walk:
    """A walk of so many steps; an assertion that breaks says its seed and the way that led there."""
    going = Walk(database, seed, sample or makers.programme())
    await going.begin()
    try:
        for _ in range(steps):
            await going.step()
    except Exception as error:
        way = " ".join(f"{move}>{target}" for move, _, target in going.trail[-25:])
        error.add_note(f"seed {seed}, policy {going.sample.slug}, after {len(going.trail)} moves: {way}")
        raise
    return going
