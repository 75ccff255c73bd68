"""An API that answers before it commits, as no house should: the checker must find what it loses, or it is blind."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlmodel.ext.asyncio.session import AsyncSession

from services import settings as reading
from services.api import serve
from services.records.database import Database
from services.settings import Settings
from services.workflows import means

TOO_LATE = 0.05
"""Seconds between the answer and the commit."""

COMMITTING: set[asyncio.Task[None]] = set()
"""Held here, or the loop would forget them."""


class Careless(Database):
    """A database whose writers are told that all is well, and are saved a little later."""

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """As the real one, but for the commit."""
        session = AsyncSession(self.writer, expire_on_commit=False)
        try:
            yield session
            await session.flush()
        except BaseException:
            await session.rollback()
            await session.close()
            raise
        task = asyncio.create_task(_commit(session))
        COMMITTING.add(task)
        task.add_done_callback(COMMITTING.discard)


async def _commit(session: AsyncSession) -> None:
    await asyncio.sleep(TOO_LATE)
    await session.commit()
    await session.close()


def open_carelessly(settings: Settings) -> Database:
    """What `means.open_database` answers in this process."""
    opened = sound(settings)
    return Careless(opened.engine, opened.reader, opened.writer, opened.lines)


sound = means.open_database

if __name__ == "__main__":
    means.open_database = open_carelessly
    serve.run(reading.read())
