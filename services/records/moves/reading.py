"""Who reads a case beside the first assessor, and where the case goes once everybody has read.

The seats never learn of each other; what is decided here shows in a case's stage, which they do not see.
Source: case design, section 6.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select

from services.records import assignments, confirmations, judgements, moderating, panels, sampling
from services.records import second_readings as records
from services.records.moves import documentation
from services.records.moves.content import Setting, Told
from services.records.second_readings import Readings
from services.records.tables.assessment import Assignment, Standing
from services.records.tables.cases import Case, Claim
from services.rules import claims as rules
from services.rules import second_reading
from services.rules.case import SeatKind, SeatState, Stage
from services.rules.claims import ClaimState, Recommendation
from services.rules.second_reading import Trigger, Way

Logged = dict[str, object]

READS_AGAIN = (SeatKind.SECOND, SeatKind.THIRD)

OF_THE_CASE = frozenset({Trigger.ALL_NOT_YET, Trigger.FULL_GRANT})
"""What only the first readings of all claims together show; the others concern the seat that wrote them."""


# known before anybody has read


async def known_of_the_programme(setting: Setting, claims: Sequence[Claim]) -> tuple[Told, ...]:
    """Offer at once what the programme wants of every case."""
    policy = setting.programme.policy
    triggers = second_reading.triggers_in_advance(
        readers_per_claim=policy.readers_per_claim,
        high_stakes=policy.high_stakes,
        earlier_cases=policy.first_cases,  # of the assessor nothing is known yet
        first_cases=policy.first_cases,
        sampled=False,
    )
    return await _ask(setting, claims, triggers)


async def known_of_the_assessor(setting: Setting, seat: Assignment) -> tuple[tuple[Told, ...], Logged]:
    """Offer what follows from who reads first; asked when the first seat is accepted, and what the log keeps of it."""
    if seat.seat is not SeatKind.FIRST:
        return (), {}
    session, case, policy = setting.session, setting.case, setting.programme.policy
    drawn = await sampling.draw(
        session, case=case, programme=setting.programme, assessor=seat.person_id, now=setting.now
    )
    triggers = second_reading.triggers_in_advance(
        readers_per_claim=1,
        high_stakes=False,
        earlier_cases=await sampling.taken_before(session, case=case, assessor=seat.person_id),
        first_cases=policy.first_cases,
        sampled=drawn.sampled,
    )
    told = await _ask(setting, await assignments.claims_of(session, [seat]), triggers)
    draw = {"quarter": str(drawn.quarter), "share": str(drawn.share), "sampled": drawn.sampled}
    return told, {"draw": draw, "triggers": sorted(triggers)}


async def _ask(setting: Setting, claims: Sequence[Claim], triggers: frozenset[Trigger]) -> tuple[Told, ...]:
    """Have `claims` read again because of `triggers`, and offer the seats that this takes."""
    if not triggers:
        return ()
    await records.ask(
        setting.session, claims=claims, triggers=triggers, command_id=UUID(setting.command.id), now=setting.now
    )
    return await offer_what_is_free(setting, READS_AGAIN)


async def offer_what_is_free(
    setting: Setting, kinds: Sequence[SeatKind], *, among: Sequence[Claim] | None = None
) -> tuple[Told, ...]:
    """Offer every seat of `kinds` (over `among`, where claims are named) that needs somebody whom nobody asked yet."""
    told: tuple[Told, ...] = ()
    free = await records.places(setting.session, setting.case, setting.programme.policy)
    for kind in kinds:
        told += await assignments.fill(
            setting.session,
            case=setting.case,
            programme=setting.programme,
            claims=[claim for claim in free.get(kind, ()) if among is None or claim in among],
            now=setting.now,
            kind=kind,
        )
    return told


# once somebody has read


async def lead_on(setting: Setting, *, stage: Stage | None = None) -> tuple[Stage, tuple[Told, ...]]:
    """Where the case stands after a reading came in, was confirmed or is not needed any more, and who is told.

    It stays where it is (or goes back to `stage`) while somebody reads or has to confirm; it goes to a second assessor,
    to moderation, or, with a final reading for each claim, to the decision.
    """
    session, case, policy = setting.session, setting.case, setting.programme.policy
    here = stage or case.stage
    open_claims = await documentation.claims_to_assess(setting)
    unsettled = [claim for claim in open_claims if claim.state not in judgements.JUDGED]
    readings = await records.read(session, case.id)
    if any(SeatKind.FIRST not in readings.get(claim.id, {}) for claim in unsettled):
        return here, ()
    await _triggered_by_reading(setting, open_claims, readings)
    free = await records.places(session, case, policy)
    if free:
        behind = await to_confirm(setting)
        return Stage.SECOND_ASSESSMENT, (*await offer_what_is_free(setting, READS_AGAIN), *behind)
    triggers = await records.asked(session, case.id)
    if not records.all_read(unsettled, readings=readings, triggers=triggers, policy=policy):
        return here, ()
    if await confirmations.awaited(session, case.id):
        return here, ()
    return await _compare(setting, unsettled, readings)


async def to_confirm(setting: Setting) -> tuple[Told, ...]:
    """The mails to those who judged an earlier version of the portfolio than there is now."""
    seats = await confirmations.awaited(setting.session, setting.case.id)
    return tuple(Told("judgements_to_confirm", seat.person_id, {"assignment": str(seat.id)}) for seat in seats)


async def _triggered_by_reading(setting: Setting, claims: Sequence[Claim], readings: Readings) -> None:
    """Ask for a second reading where the first one does: of the whole case, or of the seat that was in doubt."""
    session, command = setting.session, UUID(setting.command.id)
    first = {claim.id: readings.get(claim.id, {}).get(SeatKind.FIRST) for claim in claims}
    read = [(claim, one.row) for claim in claims if (one := first[claim.id])]
    found = {claim.competency: judgements.read(row) for claim, row in read}
    everything = [competency.key for competency in setting.programme.competencies]
    held = await _held(setting)
    of_case = second_reading.triggers_of_reading(found, competencies=everything, held=held) & OF_THE_CASE
    await records.ask(
        session, claims=[claim for claim, _ in read], triggers=of_case, command_id=command, now=setting.now
    )
    for seat in dict.fromkeys(row.assignment_id for _, row in read):
        theirs = [claim for claim, row in read if row.assignment_id == seat]
        own = {claim.competency: found[claim.competency] for claim in theirs}
        triggers = second_reading.triggers_of_reading(own, competencies=everything, held=held) - OF_THE_CASE
        await records.ask(session, claims=theirs, triggers=triggers, command_id=command, now=setting.now)


async def _held(setting: Setting) -> frozenset[str]:
    """Competencies of the programme that are already settled in the learner's favour."""
    rows = await setting.session.exec(
        select(Claim.competency)
        .join(Case, col(Case.id) == col(Claim.case_id))
        .where(
            col(Claim.learner_id) == setting.case.learner_id,
            col(Claim.grant_active),
            col(Case.programme) == setting.case.programme,
        )
    )
    return frozenset(rows)


async def _compare(setting: Setting, claims: Sequence[Claim], readings: Readings) -> tuple[Stage, tuple[Told, ...]]:
    """Settle what the readings agree on; what they do not goes to moderation, and all of it where a panel has to."""
    if claims and panels.required(setting.programme.policy):
        return Stage.MODERATION, await moderating.lead_into(setting, way=Way.PANEL)
    twice = {
        str(claim.id): [one.original for one in readings[claim.id].values()]
        for claim in claims
        if len(readings[claim.id]) > 1
    }
    way = second_reading.compare(twice) if twice else Way.AGREED
    for claim in claims:
        read = readings[claim.id]
        first = read[SeatKind.FIRST].row
        if len({one.original.recommendation for one in read.values()}) > 1 or first.recommendation is None:
            continue
        standing = Standing.AGREED if len(read) > 1 else Standing.SINGLE
        await judgements.stand(
            setting.session, first, standing=standing, command_id=UUID(setting.command.id), now=setting.now
        )
        claim.state = rules.RECOMMENDED_AS[Recommendation(first.recommendation)]
    await setting.session.flush()
    if way is Way.AGREED:
        return Stage.DECISION_PENDING, await moderating.whoever_decides(setting)
    return Stage.MODERATION, await moderating.lead_into(setting, way=way)


# a reading that turns out to be void


async def take_away(setting: Setting, held: Sequence[Assignment]) -> list[Claim]:
    """Leave the claims that readings of `held` settled without a final one; answers those that are to be read again.

    What a panel found stands: it did not rest on these readings.
    """
    session = setting.session
    settled_apart = await judgements.settled_by(session, setting.case.id, Standing.PANEL, Standing.APPEAL)
    held_claims = {claim.id for claim in await assignments.claims_of(session, held)}
    freed = [
        claim
        for claim in await documentation.claims_to_assess(setting)
        if claim.id in held_claims and claim.id not in settled_apart
    ]
    await judgements.stand_no_more(session, [claim.id for claim in freed])
    for claim in freed:
        claim.state = ClaimState.DOCUMENTED if setting.case.stage is Stage.ASSIGNING else ClaimState.IN_ASSESSMENT
    await session.flush()
    return freed


def read_anew_in(freed: Sequence[Claim], held: Sequence[Assignment], *, stage: Stage) -> Stage | None:
    """Where a case that was about to be decided goes when readings of it are void; None: where the table says."""
    if stage is not Stage.DECISION_PENDING:
        return None
    if not freed:
        return stage
    first = any(seat.seat is SeatKind.FIRST and seat.state is SeatState.CONFLICT for seat in held)
    return Stage.IN_ASSESSMENT if first else Stage.SECOND_ASSESSMENT
