"""The nightly sweep that sees to the seeds of the sample, a programme at a time; no case is looked at."""

from dataclasses import dataclass

from temporalio import activity

from services.records import programmes, sampling
from services.records.database import Database
from services.workflows.clock import Clock, present


@dataclass(frozen=True, slots=True)
class Sampling:
    """The sweep `sampling` of queue `acquis-case`."""

    database: Database
    clock: Clock = present

    @activity.defn(name="sweep_sampling")
    async def seeds(self) -> int:
        """Make the seeds of the quarters to come, and reveal those of the quarters that are over; answers how many."""
        now, touched = self.clock(), 0
        async with self.database.reading() as session:
            zones = await programmes.zones(session)
        for programme, zone in zones.items():
            async with self.database.writing() as session:
                touched += await sampling.keep(session, programme, zone=zone, now=now)
            activity.heartbeat()
        return touched
