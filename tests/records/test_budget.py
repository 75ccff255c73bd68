"""A large case stays within its budget of commands: twenty claims, two assessors, a panel and an appeal."""

from dataclasses import replace
from uuid import UUID

from sqlmodel import col, select

from services.records.database import Database
from services.records.tables.commands import CommandRow, CommandStatus, EffectRow
from services.rules import commands as bodies
from services.rules.appeals import Ground
from services.rules.case import Lane, SeatKind, Stage
from services.rules.claims import Recommendation
from services.rules.programmes import Programme
from tests.records import appealing, makers, moderated, moving, reading

CLAIMS = 20

BUDGET = 80
"""Commands in the whole life of the case, what the clock reports of letters and credentials among them."""

BEFORE = ("submit", "take_case", "accept_eligibility")
"""What led the case to where the test takes it up."""

MET, PARTIAL, NOT_YET = Recommendation.MET, Recommendation.PARTIAL, Recommendation.NOT_YET


def large() -> Programme:
    """A programme of twenty competencies, each of which is read twice."""
    sample = makers.programme()
    one = sample.competencies[0]
    many = tuple(replace(one, key=f"part-{n}", code=f"SAM-{n}") for n in range(CLAIMS))
    policy = replace(sample.policy, readers_per_claim=2)
    return replace(sample, slug="large-programme", competencies=many, policy=policy)


async def decided_by_panel(database: Database, who: moving.People, sample: Programme) -> UUID:
    """Two readers differ on the first claims by two steps; a panel settles them, and somebody decides."""
    keys = tuple(one.key for one in sample.competencies)
    await moderated.panelists(database)
    case_id = await reading.assessing(database, who, sample, *keys)
    await reading.sends(database, case_id, SeatKind.FIRST, **dict.fromkeys(keys, MET))  # type: ignore[arg-type]  # by name
    await reading.accept(database, case_id, SeatKind.SECOND)
    apart = dict.fromkeys(keys[:3], NOT_YET) | dict.fromkeys(keys[3:], MET)
    await reading.sends(database, case_id, SeatKind.SECOND, **apart)  # type: ignore[arg-type]  # by name
    members = await moderated.seated(database, case_id)
    claims = await moderated.unsettled(database, case_id)
    await moderated.form(database, case_id, members[0], **dict.fromkeys(claims, PARTIAL))
    minutes = moderated.minutes(members, claims, votes=(PARTIAL,) * len(members))
    await moderated.record(database, case_id, members[0], minutes)
    await moving.decide(database, who, case_id)
    return case_id


async def commands_of(database: Database, case_id: UUID) -> int:
    """The moves that the case has made, those before its portfolio, and a fact for every effect but mails."""
    async with database.reading() as session:
        moved = await session.exec(
            select(CommandRow.id).where(
                col(CommandRow.case_id) == case_id,
                col(CommandRow.status) == CommandStatus.APPLIED,
                col(CommandRow.version).is_not(None),
            )
        )
        queued = await session.exec(
            select(EffectRow.key).where(col(EffectRow.case_id) == case_id, col(EffectRow.lane) != Lane.MAIL)
        )
        return len(BEFORE) + len(list(moved)) + len(list(queued))


async def test_twenty_claims_two_assessors_a_panel_and_an_appeal_stay_within_eighty_commands(
    sqlite_database: Database,
) -> None:
    database = sqlite_database
    who = await reading.people(database)
    hearing = await appealing.body(database)
    sample = large()
    case_id = await decided_by_panel(database, who, sample)
    await moving.publish(database, case_id)
    assert (await moving.case_of(database, case_id)).stage is Stage.DECIDED
    first = (await moving.claims_of(database, case_id))[sample.competencies[0].key]
    said = bodies.LodgeAppeal((Ground.EVIDENCE_OVERLOOKED.value,), appealing.WHY, claims=(str(first.id),))
    bench = await appealing.convened(database, who, hearing, case_id, said)
    await appealing.varied(database, bench, first.competency)
    await moving.publish(database, case_id)
    assert (await moving.case_of(database, case_id)).stage is Stage.DECIDED
    assert await commands_of(database, case_id) < BUDGET
