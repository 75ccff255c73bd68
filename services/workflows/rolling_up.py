"""The nightly sweep that turns double readings into figures, a programme at a time."""

import asyncio
from dataclasses import dataclass

from temporalio import activity

from services.records import courses, enquiries, group_figures, progress, self_identification, statistics
from services.records.database import Database
from services.workflows.clock import Clock, present


@dataclass(frozen=True, slots=True)
class RollingUp:
    """The sweep `statistics` of queue `acquis-files`: it computes for seconds, and must not delay a case."""

    database: Database
    clock: Clock = present

    @activity.defn(name="sweep_statistics")
    async def statistics(self) -> int:
        """Compute every programme's figures anew; answers how many there are. No transaction stays open meanwhile."""
        now, figures = self.clock(), 0
        async with self.database.reading() as session:
            programmes = await statistics.programmes_read(session)
        for programme in programmes:
            async with self.database.reading() as session:
                rollup = await statistics.gather(session, programme, now=now)
            computed = await asyncio.to_thread(statistics.compute, rollup)
            counts = await asyncio.to_thread(statistics.tallied, rollup)
            async with self.database.writing() as session:
                figures += await statistics.store(session, rollup, computed, counts)
            activity.heartbeat()
            async with self.database.reading() as session:
                gathered = await courses.gather(session, programme, now=now)
                owed = await group_figures.gather(session, gathered)
            reached = await asyncio.to_thread(progress.counted, gathered)
            year = await asyncio.to_thread(group_figures.counted, owed) if owed else None
            async with self.database.writing() as session:
                figures += await progress.store(session, gathered, reached)
                if year is not None:
                    await group_figures.store(session, year)
            activity.heartbeat()
        async with self.database.writing() as session:
            await self_identification.forget(session, year=now.year)
            await enquiries.forget(session, today=now.date())
        return figures
