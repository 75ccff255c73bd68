"""A command over the public API of an embedded installation, beside a bare update of the same Temporal server.

Two commands, `ask_completion` of an advisor and `complete` of the learner, go back and forth between two stages of
forty cases; each writes the inbox, the case, history, limits and a mail. What a command costs without a mail is seen
where a learner completes a case that nobody accompanies: there is nobody to be mailed, and all else is the same. The
limit is an update that runs one activity which does nothing, in a worker of its own.
`python -m benchmarks.commands [other open cases]`
"""

import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import col, select
from temporalio.client import Client, WorkflowHandle

from benchmarks import bare_workflow, loading, serving
from benchmarks.figure import Figure
from services import embedded
from services.records.database import Database
from services.records.tables.cases import Case, MissingItem
from services.records.tables.commands import EffectRow, EffectState
from services.rules.case import Stage
from services.rules.people import Caller, Role
from services.settings import Settings
from services.workflows import means
from tests.records import makers

CASES, AT_ONCE, ROUNDS, QUIET_ROUNDS = 40, 8, 5, 5
P50_WANTED, RATE_WANTED, CPU_ALLOWED, P95_ALLOWED = 1 / 1.5, 15.0, 50.0, 400.0
ITEMS = {"items": [{"what": "Sample certificate", "why": "It shows the date."}]}

Act = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Site:
    """A running installation with cases that people work on, and what is to be measured beside it."""

    posting: serving.Posting
    database: Database
    case_ids: Sequence[UUID]
    advisor_id: UUID
    advisor: str
    learners: dict[UUID, str]
    bare: Sequence[WorkflowHandle[Any, Any]]
    processes: Sequence[int]
    bare_processes: Sequence[int]


@dataclass(frozen=True, slots=True)
class Load:
    """One round under load: commands a second until the last answer and until nothing was left, CPU-ms of each."""

    answered: float
    drained: float
    cpu: float


async def people_and_cases(database: Database, *, others: int) -> tuple[list[UUID], UUID, str, dict[UUID, str]]:
    """Cases under review with an advisor, each of its own learner; and many more that nobody touches."""
    await loading.load(database, cases=round(others / loading.OPEN_SHARE))
    async with database.writing() as session:
        advisor = await makers.staff(session, Role.ADVISOR)
        made = [await makers.case(session, stage=Stage.ELIGIBILITY_REVIEW, advisor=advisor) for _ in range(CASES)]
    token = await serving.signed_in(database, Caller(str(advisor.id), "en"))
    learners = {one.id: await serving.signed_in(database, Caller(str(one.learner_id), "en")) for one in made}
    return [one.id for one in made], advisor.id, token, learners


async def versions(database: Database, case_ids: Sequence[UUID]) -> dict[UUID, int]:
    """The present version of each case."""
    async with database.reading() as session:
        rows = await session.exec(select(Case.id, Case.version).where(col(Case.id).in_(case_ids)))
        return dict(rows.all())


async def drained(database: Database) -> None:
    """Wait until every mail was sent and reported."""
    waiting = select(sa.func.count()).select_from(EffectRow).where(col(EffectRow.state) == EffectState.PENDING)
    while True:
        async with database.reading() as session:
            if not (await session.exec(waiting)).one():
                return
        await asyncio.sleep(0.02)


async def commands(site: Site, *, complete: bool) -> list[Act]:
    """The next command of every case, ready to be sent."""
    known = await versions(site.database, site.case_ids)
    async with site.database.reading() as session:
        open_items = select(MissingItem.case_id, MissingItem.id).where(col(MissingItem.answered_at).is_(None))
        items = dict((await session.exec(open_items)).all())

    def command(case_id: UUID) -> Act:
        kind = "complete" if complete else "ask-completion"
        answer = {"answers": [{"item": str(items.get(case_id)), "answer": "Sample answer."}]}
        path, body = f"/api/v1/cases/{case_id}/{kind}", json.dumps(answer if complete else ITEMS).encode()
        headers = (
            f"Authorization: {site.learners[case_id] if complete else site.advisor}",
            f'If-Match: "{known[case_id]}"',
            f"Idempotency-Key: {uuid4()}",
        )

        async def send() -> None:
            status, said = await site.posting.post(path, body, *headers)
            if status != 200:
                raise RuntimeError(f"{status} {said.decode()}")

        return send

    return [command(case_id) for case_id in site.case_ids]


def updates(site: Site) -> list[Act]:
    """The same number of bare updates."""
    return [lambda handle=handle: handle.execute_update(bare_workflow.Bare.command) for handle in site.bare]  # type: ignore[misc]


async def timed(act: Act) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    await act()
    return (time.perf_counter() - began) * 1000


async def one_after_the_other(site: Site) -> tuple[list[float], list[float]]:
    """Milliseconds of commands and of bare updates, in turn."""
    ours: list[float] = []
    limit: list[float] = []
    for complete in (True, False):
        for act, bare in zip(await commands(site, complete=complete), updates(site), strict=True):
            ours.append(await timed(act))
            limit.append(await timed(bare))
        await drained(site.database)
    return ours, limit


async def under_load(site: Site, acts: Sequence[Act], pids: Sequence[int]) -> Load:
    """Send all, eight at a time."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(act: Act) -> None:
        async with places:
            await act()

    used, began = serving.cpu_seconds(pids), time.perf_counter()
    await asyncio.gather(*map(one, acts))
    answered = time.perf_counter() - began
    await drained(site.database)
    ended = time.perf_counter() - began
    return Load(len(acts) / answered, len(acts) / ended, (serving.cpu_seconds(pids) - used) / len(acts) * 1000)


async def accompanied_by(site: Site, advisor: UUID | None) -> None:
    """Give the cases an advisor, or none."""
    async with site.database.writing() as session:
        await session.exec(sa.update(Case).where(col(Case.id).in_(site.case_ids)).values(advisor_id=advisor))


async def mailing_nobody(site: Site) -> Load:
    """What is under load where a learner completes a case that nobody accompanies."""
    await under_load(site, await commands(site, complete=False), site.processes)
    await accompanied_by(site, None)
    load = await under_load(site, await commands(site, complete=True), site.processes)
    await accompanied_by(site, site.advisor_id)
    return load


async def measure(site: Site, *, others: int) -> None:
    """Print the figures."""
    # The first command of each case starts its workflow; it is not measured.
    await under_load(site, await commands(site, complete=False), site.processes)
    await under_load(site, updates(site), site.bare_processes)
    ours, limit = await one_after_the_other(site)
    loads, bare = [], []
    for number in range(ROUNDS):
        loads.append(await under_load(site, await commands(site, complete=number % 2 == 0), site.processes))
        bare.append(await under_load(site, updates(site), site.bare_processes))
    quiet = [await mailing_nobody(site) for _ in range(QUIET_ROUNDS)]
    name = f"command, {others:,} other open cases"
    median, limit_median = statistics.median(ours), statistics.median(limit)
    print(Figure(f"{name}, p50", median, limit_median, "ms", P50_WANTED).line())
    p95, limit_p95 = (statistics.quantiles(one, n=20)[-1] for one in (ours, limit))
    wanted = f"(wanted ≤ {P95_ALLOWED:.0f}) {_verdict(p95 <= P95_ALLOWED)}"
    print(f"{name}, p95: {p95:.0f} ms, limit {limit_p95:.0f} ms {wanted}")
    rate, drained_rate, cpu = (statistics.median(getattr(one, what) for one in loads) for what in Load.__slots__)
    bare_rate, _, bare_cpu = (statistics.median(getattr(one, what) for one in bare) for what in Load.__slots__)
    print(
        f"commands a second, {AT_ONCE} at once: {rate:.1f} answered, {drained_rate:.1f} with their mails, "
        f"limit {bare_rate:.1f}, share {rate / bare_rate:.2f} "
        f"(wanted ≥ {RATE_WANTED:.0f}) {_verdict(rate >= RATE_WANTED)}"
    )
    quiet_cpu = statistics.median(one.cpu for one in quiet)
    print(
        f"CPU of a command accepted, applied and answered, all processes: {quiet_cpu:.0f} ms, limit {bare_cpu:.0f} ms "
        f"(wanted ≤ {CPU_ALLOWED:.0f}) {_verdict(quiet_cpu <= CPU_ALLOWED)}"
    )
    print(f"CPU of a command with its mail, all processes: {cpu:.0f} ms")


def _verdict(good: bool) -> str:  # noqa: FBT001 - the one thing that it is about
    return "reached" if good else "WORSE THAN WANTED"


async def main(others: int = 5_000) -> None:
    """Set up a whole installation in a folder that is thrown away, and measure."""
    with tempfile.TemporaryDirectory(prefix="acquis-benchmark-") as folder:
        port, temporal_port = (embedded.free_port("127.0.0.1", 0) for _ in range(2))
        base_url = f"http://localhost:{port}"
        settings = Settings(data=str(Path(folder)), port=port, temporal_port=temporal_port, base_url=base_url)
        async with embedded.running(settings) as family, aclosing(serving.Posting(port)) as posting:
            database = means.open_database(settings)
            case_ids, advisor_id, advisor, learners = await people_and_cases(database, others=others)
            pids = {child.name: child.process.pid for child in family if child.process is not None}
            place = (settings.temporal_address, settings.temporal_namespace)
            with serving.printing_its_port("benchmarks.bare_workflow", *place) as (_, worker):
                client = await Client.connect(place[0], namespace=place[1])
                bare = [
                    await client.start_workflow(
                        bare_workflow.Bare.run, id=f"bare/{one}", task_queue=bare_workflow.QUEUE
                    )
                    for one in case_ids
                ]
                both = (list(pids.values()), [pids[embedded.SERVER], worker])
                site = Site(posting, database, case_ids, advisor_id, advisor, learners, bare, *both)
                await measure(site, others=others)
            await database.close()


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
