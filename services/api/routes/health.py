"""Whether this process lives, and whether it can do its work; for supervisors and operators."""

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal

import sqlalchemy as sa
from litestar import Response, Router, get
from sqlalchemy.exc import SQLAlchemyError

from services.api.house import House, TheHouse
from services.rules.people import Action

PATIENCE = 3.0
"""Seconds after which a part that does not answer counts as down."""

State = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class Alive:
    """This process answers."""

    status: Literal["alive"] = "alive"


@dataclass(frozen=True, slots=True)
class Health:
    """`degraded`: everything is taken in, and commands wait until Temporal is back (they are answered 202)."""

    status: Literal["ready", "degraded", "down"]
    database: State
    temporal: State


@get("/health", opt={"action": Action.PUBLIC}, operation_id="alive", summary="Does this process live?")
async def alive() -> Alive:
    """Asks nobody else."""
    return Alive()


@get("/health/ready", opt={"action": Action.PUBLIC}, operation_id="ready", summary="Can requests be taken?")
async def ready(house: TheHouse) -> Response[Health]:
    """200 while the database answers, 503 while it does not."""
    health = await state(house)
    return Response(health, status_code=HTTPStatus.OK if health.database == "up" else HTTPStatus.SERVICE_UNAVAILABLE)


async def state(house: House) -> Health:
    """How the parts are that this process needs."""
    database, temporal = await asyncio.gather(_database(house), _temporal(house))
    status: Literal["ready", "degraded", "down"] = "down" if not database else "ready" if temporal else "degraded"
    return Health(status, "up" if database else "down", "up" if temporal else "down")


async def _database(house: House) -> bool:
    try:
        async with asyncio.timeout(PATIENCE), house.database.reading() as session:
            await session.exec(sa.select(1))  # type: ignore[call-overload]  # sqlmodel types exec for its own select
    except (SQLAlchemyError, OSError, TimeoutError):
        return False
    return True


async def _temporal(house: House) -> bool:
    try:
        async with asyncio.timeout(PATIENCE):
            return await house.desk.healthy()
    except TimeoutError:
        return False


def router() -> Router:
    """Every route of health."""
    return Router("/", route_handlers=[alive, ready], tags=["health"])
