"""Cases in moderation, with the people whom it needs: two who read, those who may sit in a panel, and their words."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlmodel import col, select

from services.records import cases, judgements, limits, moderating
from services.records.database import Database
from services.records.tables.assessment import Assignment, FinalReading, Judgement
from services.records.tables.cases import Case
from services.records.tables.people import Person
from services.records.tables.programmes import ProgrammeVersion
from services.rules import commands as bodies
from services.rules.case import SeatKind, SeatState, Stage, WaitingOn
from services.rules.claims import ClaimState, Recommendation
from services.rules.people import Role
from services.rules.programmes import Programme
from services.rules.second_reading import Way
from tests.records import makers, moving
from tests.records.makers import NOW
from tests.records.prepared import prepared

MET, PARTIAL, NOT_YET = Recommendation.MET, Recommendation.PARTIAL, Recommendation.NOT_YET


@dataclass(frozen=True, slots=True)
class Differing:
    """A case whose readings differ: who read it first and second, and their readings by author and competency."""

    id: UUID
    who: moving.People
    second: Person
    readings: dict[tuple[UUID, str], UUID]

    def choice(self, author: Person, claims: dict[str, UUID]) -> bodies.SettleConferral:
        """The signature under everything that `author` found."""
        return bodies.SettleConferral(
            tuple(
                bodies.Choice(str(claims[key]), str(reading))
                for (person, key), reading in self.readings.items()
                if person == author.id and key in claims
            )
        )


def programme(**policy: object) -> Programme:
    """The sample programme with a policy of its own."""
    sample = makers.programme()
    slug = "sample-" + "-".join(str(value) for value in policy.values()) if policy else sample.slug
    return replace(sample, slug=slug, policy=replace(sample.policy, **policy))  # type: ignore[arg-type]  # named values


@prepared
async def panelists(database: Database, number: int = 4) -> list[Person]:
    """People who may sit in a panel."""
    async with database.writing() as session:
        return [await makers.staff(session, Role.PANEL) for _ in range(number)]


@prepared
async def differing(
    database: Database,
    who: moving.People,
    *,
    way: Way = Way.CONFER,
    sample: Programme | None = None,
    **read: tuple[Recommendation, Recommendation],
) -> Differing:
    """A case in moderation with two readings of each competency named; where both say the same, one of them stands."""
    async with database.writing() as session:
        second = await makers.staff(session, Role.ASSESSOR)
        case = await makers.case(
            session,
            stage=Stage.IN_ASSESSMENT,
            learner=who.learner,
            advisor=who.advisor,
            competencies=tuple(read),
            claims_are=ClaimState.IN_ASSESSMENT,
            sample=sample,
            waiting_on=WaitingOn.ASSESSOR,
        )
        claims = await makers.claims(session, case)
        await makers.evidence(session, case, *claims)
        readers = ((who.assessor, SeatKind.FIRST, 0), (second, SeatKind.SECOND, 1))
        for person, kind, place in readers:
            await makers.read_by(session, case, (person, kind, {key: said[place] for key, said in read.items()}))
        apart = [one.id for one in claims if len(set(read[one.competency])) > 1]
        await judgements.stand_no_more(session, apart)
        rows = await session.exec(select(Judgement).where(col(Judgement.case_id) == case.id))
        names = {one.id: one.competency for one in claims}
        readings = {(row.assessor_id, names[row.claim_id]): row.id for row in rows}
        for one in claims:
            one.state = ClaimState.IN_ASSESSMENT if one.id in apart else ClaimState.RECOMMENDED_MET
        await makers.applied(
            session, case, "submit_judgements", actor=second.id, role=Role.ASSESSOR, to=Stage.MODERATION
        )
        case.moderation, case.stage_entry = way, case.stage_entry + 1
        case.waiting_on = WaitingOn.ASSESSOR if way is Way.CONFER else WaitingOn.PANEL
        policy = (sample or makers.programme()).policy
        await limits.enter(session, case=case, previous=Stage.IN_ASSESSMENT, policy=policy, now=NOW)
        return Differing(case.id, who, second, readings)


@prepared
async def returned(database: Database, who: moving.People, **found: Recommendation) -> UUID:
    """A case in which everything that one assessor found was returned to a panel."""
    case_id = await moving.judged(database, who, **found)
    held = await moving.claims_of(database, case_id)
    body = bodies.ReturnDecision(
        tuple(bodies.ReturnedClaim(str(one.id), "One occasion only.") for one in held.values())
    )
    await moving.send(database, case_id, "return_decision", actor=who.decider, role=Role.DECISION_MAKER, body=body)
    return case_id


async def panel_seats(database: Database, case_id: UUID, *states: SeatState) -> list[Assignment]:
    """The seats of the panel, whoever leads it first."""
    seats = await moving.seats_of(database, case_id, *states)
    return sorted((one for one in seats if one.seat is SeatKind.PANEL), key=lambda seat: not seat.chair)


async def accept(database: Database, seat: Assignment) -> Person:
    """Somebody takes the seat offered; answers who."""
    async with database.reading() as session:
        person = await session.get_one(Person, seat.person_id)
    body = bodies.AcceptOffer(str(seat.id), moving.CLEAR)
    await moving.send(database, seat.case_id, "accept_offer", actor=person, role=Role.PANEL, body=body)
    return person


@prepared
async def seated(database: Database, case_id: UUID) -> list[Person]:
    """Everybody who is asked takes the seat; answers the members, the chair first."""
    return [await accept(database, seat) for seat in await panel_seats(database, case_id, SeatState.OFFERED)]


async def unsettled(database: Database, case_id: UUID) -> dict[str, UUID]:
    """The claims in moderation, by competency."""
    async with database.reading() as session:
        rows = await session.exec(select(FinalReading.claim_id))
        settled = set(rows)
    held = await moving.claims_of(database, case_id)
    return {key: claim.id for key, claim in held.items() if claim.id not in settled}


def minutes(
    members: list[Person],
    claims: dict[str, UUID],
    *,
    votes: tuple[Recommendation, ...] = (MET, MET, MET),
    casting: Recommendation | None = None,
    **fields: object,
) -> bodies.RecordPanel:
    """Complete minutes: who sat, and the same votes on each claim, in the order of the members."""
    given = {
        "members": tuple(
            bodies.PanelMember(str(one.id), "Subject expert", "No tie to the learner.") for one in members
        ),
        "material": "The portfolio and both assessments.",
        "signed": True,
        "claims": tuple(
            bodies.ClaimVotes(
                str(claim),
                tuple(bodies.Vote(str(one.id), vote) for one, vote in zip(members, votes, strict=False)),
                "The second work sample shows the whole task.",
                casting,
            )
            for claim in claims.values()
        ),
    }
    return bodies.RecordPanel(**(given | fields))  # type: ignore[arg-type]  # fields by name


async def form(database: Database, case_id: UUID, chair: Person, **found: Recommendation) -> None:
    """The chair writes down what the panel found."""
    await moving.write(database, case_id, chair, **{key: moving.finding(word) for key, word in found.items()})


async def record(database: Database, case_id: UUID, chair: Person, body: bodies.RecordPanel) -> dict[str, object]:
    """The chair signs the minutes."""
    return await moving.send(database, case_id, "record_panel", actor=chair, role=Role.PANEL, body=body)


@prepared
async def found_by_panel(database: Database, who: moving.People) -> tuple[UUID, list[Person]]:
    """A case that a panel of three has settled: the case, and the members with the chair first."""
    await panelists(database)
    case_id = await returned(database, who, first=PARTIAL)
    members = await seated(database, case_id)
    claims = await unsettled(database, case_id)
    await form(database, case_id, members[0], first=MET)
    await record(database, case_id, members[0], minutes(members, claims))
    return case_id, members


async def pinned(database: Database, case_id: UUID, sample: Programme) -> None:
    """Pin the case to another policy."""
    async with database.writing() as session:
        version: ProgrammeVersion = await makers.published(session, sample)
        case: Case = await cases.get(session, case_id)
        case.programme, case.programme_version_id = version.slug, version.id
        session.add(case)


async def conferring(database: Database, case: Differing) -> dict[str, UUID]:
    """The claims on which the two confer, by competency."""
    async with database.reading() as session:
        held = await moving.claims_of(database, case.id)
        found = {one.id for one in await judgements_of(database, case.id)}
        assert found
        people = await moderating.authors(session, [one.id for one in held.values()])
    assert people == {case.who.assessor.id, case.second.id}
    return await unsettled(database, case.id)


async def judgements_of(database: Database, case_id: UUID) -> list[Judgement]:
    """Every judgement of the case."""
    async with database.reading() as session:
        return list(await session.exec(select(Judgement).where(col(Judgement.case_id) == case_id)))
