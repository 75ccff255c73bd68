"""A decision that is returned goes through a panel to its letter, and everybody hears of what is theirs to act on."""

from sqlmodel import col, select

from services.records.tables.commands import EffectRow
from services.records.tables.decisions import Letter, LetterState
from tests.records import moving
from tests.workflows import lives, paths
from tests.workflows.house import House


async def test_a_returned_decision_goes_through_a_panel_to_its_letter(house: House) -> None:
    who = await moving.people(house.database)
    case_id = await lives.drafted(house.database, who)
    await paths.panel(house, who, case_id)
    async with house.database.reading() as session:
        released = await session.exec(
            select(Letter.language).where(col(Letter.case_id) == case_id, col(Letter.state) == LetterState.RELEASED)
        )
        assert set(released) == {"en", "fr"}
        rows = await session.exec(
            select(EffectRow.notice).where(col(EffectRow.case_id) == case_id, col(EffectRow.notice).is_not(None))
        )
        told = list(rows)
    assert told.count("panel_offer") == 3
    assert {"decision_returned", "panel_recorded", "decision_needed", "decided"} <= set(told)
    assert (await house.case(case_id)).outcome == "granted_full"
