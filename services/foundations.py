"""What an installation of one machine stands on before its processes start: schema, signing key, programmes.

Production does each of these by a command of its own, when an administrator says so.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlmodel import col, select

from services.documents import issuer_keys
from services.embedded import CannotStart
from services.records import database, migrating, people, programmes
from services.records.database import Database
from services.records.tables.cases import Case
from services.rules import programme_files
from services.rules.case import Stage
from services.rules.programmes import Text
from services.settings import Settings
from services.workflows import means
from services.workflows.desk import Desk

PAGE = 200
AT_ONCE = 20
log = logging.getLogger("acquis.foundations")


def lay(settings: Settings) -> None:
    """Bring the database up to date, draw a key where there is none, open the programmes where none is open.

    Blocks; run it in a thread. Raises `CannotStart`.
    """
    settings.data_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    migrating.upgrade(settings.database_url)
    if not settings.key_file.exists():
        issuer_keys.create(settings.key_file, passphrase=means.issuer_passphrase(settings))
        log.info("signing key drawn file=%s", settings.key_file)
    asyncio.run(_check_and_publish(settings))


async def _check_and_publish(settings: Settings) -> None:
    opened = means.open_database(settings)
    try:
        unsafe = await database.unsafe_settings(opened)
        if unsafe:
            named = ", ".join(f"{name} = {value}" for name, value in sorted(unsafe.items()))
            raise CannotStart(
                Text(
                    f"What is acknowledged could be lost with these settings of the database: {named}.",
                    f"Ce qui est accepté pourrait se perdre avec ces réglages de la base de données\u00a0: {named}.",
                )
            )
        async with opened.reading() as session:
            known = await programmes.published(session)
        if not known:
            await publish(opened, programme_folder(settings))
    except programme_files.ProgrammeInvalid as invalid:
        en, fr = ("\n".join(problem.in_(language) for problem in invalid.problems) for language in ("en", "fr"))
        why = Text(f"The programmes cannot be used:\n{en}", f"Les programmes sont inutilisables\u00a0:\n{fr}")
        raise CannotStart(why) from invalid
    finally:
        await opened.close()


def programme_folder(settings: Settings) -> Path:
    """The folder of the programmes of this installation."""
    return Path(settings.programmes) if settings.programmes else programme_files.published()


async def publish(opened: Database, folder: Path) -> list[str]:
    """Open every programme of `folder` to new cases, or none; answers `slug version` of each.

    Raises `ProgrammeInvalid`, `programmes.VersionTakenError`.
    """
    read = programme_files.read(folder)
    async with opened.writing() as session:
        for programme in read.values():
            await programmes.publish(session, programme, actor=people.SYSTEM, now=datetime.now(UTC))
    return [f"{programme.slug} {programme.version}" for programme in read.values()]


async def any_open(settings: Settings) -> bool:
    """Whether there is a case that needs its workflow."""
    opened = means.open_database(settings)
    try:
        async for _ in open_cases(opened):
            return True
        return False
    finally:
        await opened.close()


async def open_cases(opened: Database) -> AsyncIterator[list[UUID]]:
    """The ids of the cases that have a workflow, in pages."""
    after = UUID(int=0)
    while True:
        async with opened.reading() as session:
            page = await session.exec(
                select(Case.id)
                .where(col(Case.id) > after, col(Case.stage).not_in([Stage.DRAFT, Stage.CLOSED]))
                .order_by(col(Case.id))
                .limit(PAGE)
            )
            ids = list(page)
        if not ids:
            return
        yield ids
        after = ids[-1]


async def rehydrate(settings: Settings, *, patience: float = 0) -> int:
    """Start the workflow of every open case, twenty at a time; a running one is left alone. Answers how many.

    Waits `patience` seconds for the Temporal server. Raises `CannotStart` when it does not answer.
    """
    return await _tell_all(settings, Desk.start, patience=patience)


async def renew(settings: Settings) -> int:
    """Ask the workflow of every open case to begin a new run on the present code. Answers how many were asked.

    Raises `CannotStart` when the Temporal server does not answer.
    """
    return await _tell_all(settings, Desk.renew, patience=0)


async def _tell_all(settings: Settings, tell: Callable[[Desk, UUID], Awaitable[bool]], *, patience: float) -> int:
    desk = await means.open_desk(settings)
    await _answering(desk, settings, patience)
    places = asyncio.Semaphore(AT_ONCE)

    async def one(case_id: UUID) -> bool:
        async with places:
            return await tell(desk, case_id)

    opened = means.open_database(settings)
    told = 0
    try:
        async for page in open_cases(opened):
            told += sum(await asyncio.gather(*map(one, page)))
    except (OperationalError, ProgrammingError) as lost:
        said = str(lost.orig).strip()
        raise CannotStart(
            Text(
                f"The cases cannot be read from the database: {said}.",
                f"Les dossiers ne peuvent pas être lus dans la base de données\u00a0: {said}.",
            )
        ) from lost
    finally:
        await opened.close()
    return told


async def _answering(desk: Desk, settings: Settings, patience: float) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience
    while not await desk.healthy():
        if loop.time() >= deadline:
            raise CannotStart(
                Text(
                    f"The Temporal server at {settings.temporal_address} does not answer.",
                    f"Le serveur Temporal à {settings.temporal_address} ne répond pas.",
                )
            )
        await asyncio.sleep(0.1)
