"""A worker process: takes work of one or more queues until it is asked to stop."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import timedelta

import uvloop
from temporalio.worker import Worker

from services.documents.letter_processes import Renderer
from services.settings import Settings
from services.workflows import desk, means, post, relay, sweeps
from services.workflows.activities import Records
from services.workflows.attestation_rounds import AttestationRounds
from services.workflows.case import CASE_QUEUE, EFFECTS_QUEUE, RecognitionCase
from services.workflows.clock import Clock, present
from services.workflows.issuing import Issuing
from services.workflows.lapse_letters import LapseLetters
from services.workflows.letter_writing import LetterWriting
from services.workflows.mailing import Mailing
from services.workflows.overdue_lists import OverdueLists
from services.workflows.pulse import Pulse
from services.workflows.rolling_up import RollingUp
from services.workflows.rounds import CaseRounds, FileRounds
from services.workflows.sampling import Sampling
from services.workflows.sandbox import Sandbox
from services.workflows.survey_rounds import SurveyRounds
from services.workflows.text_rounds import TextRounds

QUEUES = {"case": CASE_QUEUE, "effects": EFFECTS_QUEUE, "files": sweeps.FILES_QUEUE}
GRACE = timedelta(seconds=20)
log = logging.getLogger("acquis.worker")


class Workshop:
    """Everything that the queues of one process share; build it once, close it with the process."""

    def __init__(self, settings: Settings, connection: desk.Desk, *, clock: Clock = present) -> None:
        self.settings = settings
        self.clock = clock
        self.desk = connection
        self.database = means.open_database(settings)
        self.blobs = means.open_blobs(settings)
        self.issuer = means.issuer(settings)

    def case_worker(self) -> Worker:
        """Workflows and the activities that are one transaction."""
        records = Records(self.database, self.clock)
        issuing = Issuing(self.database, self.issuer, clock=self.clock)
        letters = LetterWriting(self.database, self.blobs, self.issuer.base_url, None, self.clock)
        rounds = CaseRounds(self.database, self.desk, self.clock)
        asked = AttestationRounds(self.database, self.desk, self.clock)
        return Worker(
            self.desk.client,
            task_queue=CASE_QUEUE,
            workflows=[RecognitionCase, sweeps.Sweep],
            workflow_runner=Sandbox(),
            activities=[
                records.load_case,
                records.apply_command,
                issuing.reserve,
                letters.publish,
                rounds.reconcile,
                rounds.nudges,
                rounds.mentors,
                rounds.calendars,
                rounds.versions,
                rounds.look_backs,
                asked.attestations,
                Sampling(self.database, self.clock).seeds,
            ],
            max_cached_workflows=1000,
            max_concurrent_activities=20,
            max_concurrent_local_activities=20,
            graceful_shutdown_timeout=GRACE,
        )

    async def effects_worker(self, renderer: Renderer) -> Worker:
        """Letters, signatures, mails: two at once, in a process without workflow code; the only one with the key."""
        issuing = Issuing(self.database, self.issuer, means.open_signer(self.settings), self.clock)
        await issuing.register()
        letters = LetterWriting(self.database, self.blobs, self.issuer.base_url, renderer, self.clock)
        opened = post.opened(self.settings)
        sender, domain, base_url = self.settings.mail_from, self.settings.mail_domain, self.issuer.base_url
        mailing = Mailing(self.database, opened, sender, domain, base_url, self.clock)
        lists = OverdueLists(self.database, opened, sender, domain, base_url, self.clock)
        asking = SurveyRounds(self.database, opened, sender, domain, base_url, self.clock)
        return Worker(
            self.desk.client,
            task_queue=EFFECTS_QUEUE,
            activities=[
                issuing.sign,
                issuing.rebuild,
                issuing.renew_all,
                letters.render,
                LapseLetters(self.database, self.blobs, renderer, self.clock).write,
                mailing.send_notice,
                lists.weekly,
                asking.surveys,
            ],
            interceptors=[Pulse()],
            max_concurrent_activities=2,
            graceful_shutdown_timeout=GRACE,
        )

    def files_worker(self) -> Worker:
        """What takes long, one at a time: whole files, and the figures of every programme. No letter waits for it."""
        rounds = FileRounds(self.database, self.blobs, self.clock)
        return Worker(
            self.desk.client,
            task_queue=sweeps.FILES_QUEUE,
            activities=[
                rounds.uploads,
                rounds.blobs,
                TextRounds(self.database, self.blobs, self.clock).texts,
                RollingUp(self.database, self.clock).statistics,
            ],
            max_concurrent_activities=1,
            graceful_shutdown_timeout=GRACE,
        )


async def work(settings: Settings, queues: Sequence[str], stopped: asyncio.Event) -> None:
    """Take work of `queues` (`case`, `effects`, `files`) until `stopped` is set."""
    connection = await means.reach_desk(settings)
    shop = Workshop(settings, connection)
    async with AsyncExitStack() as open_things:
        open_things.push_async_callback(shop.database.close)
        if "effects" in queues:
            renderer = await open_things.enter_async_context(Renderer())
            await open_things.enter_async_context(await shop.effects_worker(renderer))
        if "files" in queues:
            await open_things.enter_async_context(shop.files_worker())
        if "case" in queues:
            await open_things.enter_async_context(shop.case_worker())
            await sweeps.schedule(connection.client)
            tasks = await open_things.enter_async_context(asyncio.TaskGroup())
            repeating = tasks.create_task(relay.run(shop.database, connection))
            open_things.callback(repeating.cancel)
        log.info("worker ready queues=%s", ",".join(queues))
        # A relay that broke ends the worker, which is then started afresh: nobody else sends kept commands again.
        await stopped.wait()


def run(settings: Settings, queues: Sequence[str]) -> None:
    """Work until SIGTERM or SIGINT, then finish what is under way, at most twenty seconds."""

    async def until_signalled() -> None:
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for which in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(which, stopped.set)
        await work(settings, queues, stopped)

    # A worker wakes for every statement, in a thread of its own, and for everything that the server tells it.
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(until_signalled())
    # The Temporal runtime may crash while the interpreter ends; its threads hold nothing that we need.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
