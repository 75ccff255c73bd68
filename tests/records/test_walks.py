"""Whatever people send and in whatever order: the records never leave the table of moves, and every invariant holds."""

import pytest

from services.records.database import Database
from services.rules import commands as bodies
from services.rules.programmes import Programme
from tests.records import makers, reading, sayings, walking

TWICE = reading.programme(sample_percent=100, readers_per_claim=2)
"""A programme in which every claim is read twice."""


async def test_a_short_walk_holds_every_invariant_after_each_move(sqlite_database: Database) -> None:
    gone = await walking.walk(sqlite_database, 2, steps=40)
    assert len(gone.trail) >= 10  # how far it comes changes with every row that the table gains


@pytest.mark.chaos
@pytest.mark.parametrize("sample", [makers.programme(), TWICE], ids=["once", "twice"])
@pytest.mark.parametrize("seed", range(6))
async def test_long_walks_hold_every_invariant_after_each_move(
    sqlite_database: Database, seed: int, sample: Programme
) -> None:
    gone = await walking.walk(sqlite_database, seed, steps=250, sample=sample)
    assert len(gone.trail) >= 50


def test_a_walk_has_words_for_every_command_that_needs_some() -> None:
    wordy = {kind for kind, body in bodies.BODIES.items() if body is not bodies.Nothing}
    assert set(sayings.SAID) == wordy
