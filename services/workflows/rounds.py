"""The activities of the sweeps: each goes through its rows in pages and may be run again at any time."""

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from temporalio import activity

from services.records import (
    applying,
    blobs,
    calendars,
    cases,
    effects,
    grants,
    looking_back,
    mentoring,
    statistics,
    uploads,
    versions,
)
from services.records.database import Database
from services.records.tables.appointments import AppointmentFile
from services.records.tables.cases import Case
from services.records.tables.commands import EffectRow, EffectState
from services.records.tables.evidence import EvidenceItem
from services.records.tables.support import LapseChallenge
from services.rules.case import Lane, Stage
from services.workflows.clock import Clock, present
from services.workflows.desk import Desk

PAGE = 200
NUDGES = (
    (timedelta(days=60), "draft_warning"),
    (timedelta(days=45), "draft_nudge"),
    (timedelta(days=14), "draft_nudge"),
)
"""After how long without activity a draft's learner is written to. Source: case design, section 3, `draft`."""

UNSEEN_AFTER = timedelta(hours=1)
SOFT_CLOSE = timedelta(days=90)
SAMPLE = 200
log = logging.getLogger("acquis.rounds")


@dataclass(frozen=True, slots=True)
class CaseRounds:
    """Sweeps of queue `acquis-case`."""

    database: Database
    desk: Desk
    clock: Clock = present

    @activity.defn(name="sweep_reconcile")
    async def reconcile(self) -> int:
        """Start the workflow of every case that is open or has something to carry out.

        A running one is left alone, unless a mail waits in it for an hour: then it may not know of that mail.
        """
        started, after = 0, UUID(int=0)
        unseen = await self._unseen()
        while page := await self.open_cases(after):
            for case_id in page:
                started += await (self.desk.wake(case_id) if case_id in unseen else self.desk.start(case_id))
            activity.heartbeat()
            after = page[-1]
        return started

    async def open_cases(self, after: UUID) -> list[UUID]:
        waits = sa.or_(
            col(Case.id).in_(select(EffectRow.case_id).where(col(EffectRow.state) == EffectState.PENDING)),
            col(Case.id).in_(select(LapseChallenge.case_id).where(col(LapseChallenge.ruled_at).is_(None))),
        )
        async with self.database.reading() as session:
            rows = await session.exec(
                select(Case.id)
                .where(col(Case.id) > after, col(Case.stage).not_in([Stage.DRAFT, Stage.CLOSED]) | waits)
                .order_by(col(Case.id))
                .limit(PAGE)
            )
            return list(rows)

    async def _unseen(self) -> set[UUID]:
        """Cases whose mails wait for longer than it takes to hand them over."""
        async with self.database.reading() as session:
            rows = await session.exec(
                select(EffectRow.case_id)
                .where(col(EffectRow.state) == EffectState.PENDING, col(EffectRow.lane) == Lane.MAIL)
                .where(col(EffectRow.queued_at) < self.clock() - UNSEEN_AFTER)
                .distinct()
            )
            return set(rows)

    @activity.defn(name="sweep_calendars")
    async def calendars(self) -> int:
        """Wake every case whose calendar was changed: it then takes the new one up by itself."""
        woken, after = 0, UUID(int=0)
        while page := await self._behind(after):
            for case_id in page:
                woken += await self.desk.renew(case_id)
            activity.heartbeat()
            after = page[-1]
        return woken

    async def _behind(self, after: UUID) -> list[UUID]:
        async with self.database.reading() as session:
            return await calendars.behind(session, after=after, limit=PAGE)

    @activity.defn(name="sweep_nudges")
    async def nudges(self) -> int:
        """Write to learners whose draft lies still, and close softly what lay for ninety days."""
        now, touched = self.clock(), 0
        for case_id in await self._idle_drafts(now):
            async with self.database.writing() as session:
                case = await cases.get(session, case_id, lock=True)
                idle = now - case.active_at
                if case.stage is not Stage.DRAFT or idle < NUDGES[-1][0]:
                    continue  # the learner was faster than this sweep
                if idle >= SOFT_CLOSE:
                    touched += await applying.close_draft(session, case_id, now=now)
                else:
                    notice = next(name for after, name in NUDGES if idle >= after)
                    rung = max(after for after, _ in NUDGES if idle >= after).days
                    occasion = f"{case.active_at.date().isoformat()}-{rung}"
                    await effects.tell(
                        session, case=case, notice=notice, person=case.learner_id, now=now, occasion=occasion
                    )
                    touched += 1
            # A draft has no workflow: this run sends what waits, and ends.
            await self.desk.start(case_id)
            activity.heartbeat()
        return touched

    @activity.defn(name="sweep_mentors")
    async def mentors(self) -> int:
        """Ask mentors who fell silent to call their learner; answers in how many cases somebody was written to."""
        touched, after = 0, UUID(int=0)
        while page := await self._mentored(after):
            for case_id in page:
                async with self.database.writing() as session:
                    nudged = await mentoring.nudge(session, case_id, now=self.clock())
                if nudged:
                    await self.desk.wake(case_id)
                    touched += 1
            activity.heartbeat()
            after = page[-1]
        return touched

    async def _mentored(self, after: UUID) -> list[UUID]:
        async with self.database.reading() as session:
            return await mentoring.mentored(session, after, limit=PAGE)

    @activity.defn(name="sweep_versions")
    async def versions(self) -> int:
        """Tell learners of open cases, once, that a newer version of their programme can be chosen."""
        told, after = 0, UUID(int=0)
        while page := await self._of_older_versions(after):
            for case_id in page:
                async with self.database.writing() as session:
                    fresh = await versions.tell(session, case_id, now=self.clock())
                if fresh:
                    await self.desk.wake(case_id)
                    told += 1
            activity.heartbeat()
            after = page[-1]
        return told

    @activity.defn(name="sweep_look_backs")
    async def look_backs(self) -> int:
        """Ask for what the quarter before still lacks in double readings; answers in how many cases."""
        asked = 0
        async with self.database.reading() as session:
            slugs = await statistics.programmes_read(session)
        for slug in slugs:
            async with self.database.writing() as session:
                told = await looking_back.see_to(session, slug, now=self.clock())
            for case_id in told:
                await self.desk.wake(case_id)
            asked += len(told)
            activity.heartbeat()
        return asked

    async def _of_older_versions(self, after: UUID) -> list[UUID]:
        async with self.database.reading() as session:
            return await versions.behind(session, after=after, limit=PAGE)

    async def _idle_drafts(self, now: datetime) -> list[UUID]:
        async with self.database.reading() as session:
            rows = await session.exec(
                select(Case.id)
                .where(col(Case.stage) == Stage.DRAFT, col(Case.active_at) <= now - NUDGES[-1][0])
                .order_by(col(Case.active_at))
            )
            return list(rows)


@dataclass(frozen=True, slots=True)
class FileRounds:
    """Sweeps of queue `acquis-files`."""

    database: Database
    store: blobs.Blobs
    clock: Clock = present

    @activity.defn(name="sweep_uploads")
    async def uploads(self) -> int:
        """Remove what was left half received for a day, uploads that nobody can resume any more, and old grants."""
        async with self.database.reading() as session:
            over = await uploads.expired(session, now=self.clock())
        for upload in over:
            await self.store.drop_parts(upload.hex)
            async with self.database.writing() as session:
                await uploads.end(session, upload)
            activity.heartbeat()
        async with self.database.writing() as session:
            await grants.sweep(session, now=self.clock())
        return len(over) + await self.store.sweep_staging(older_than=self.clock() - timedelta(days=1))

    @activity.defn(name="sweep_blobs")
    async def blobs(self) -> int:
        """Hash a random sample of stored files again; answers how many do not match, each with an error in the log."""
        async with self.database.reading() as session:
            held = sa.union_all(sa.select(col(EvidenceItem.sha256)), sa.select(col(AppointmentFile.sha256))).subquery()
            rows = await session.exec(sa.select(held.c.sha256).order_by(sa.func.random()).limit(SAMPLE))  # type: ignore[call-overload]  # a select of a union
            sample = set(rows.scalars())
        damaged = 0
        for sha256 in sample:
            if not await self._intact(sha256):
                damaged += 1
                log.error("blob damaged sha256=%s", sha256)
            activity.heartbeat()
        return damaged

    async def _intact(self, sha256: str) -> bool:
        if not await self.store.exists(sha256):
            return False
        digest = hashlib.sha256()
        async for chunk in self.store.read(sha256):
            digest.update(chunk)
        return digest.hexdigest() == sha256
