"""Who may do what, asked of the running guard for every route; `python -m tests.api.rights` writes `rights.csv` anew.

The file is read by people: a change in it is a change in who sees what.
"""

import asyncio
import csv
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from litestar.connection import ASGIConnection
from litestar.enums import HttpMethod
from litestar.handlers import HTTPRouteHandler

from services.api import access, openapi
from services.api.access import Signed
from services.records import people
from services.records.database import Database, connect
from services.records.ids import new_id
from services.records.tables.people import Person
from services.rules.case import SeatKind, SeatState, Stage
from services.rules.claims import ClaimState
from services.rules.people import Role
from services.rules.programmes import Programme
from services.rules.refusals import Refused
from tests.api.kit import Api, opened
from tests.records import makers
from tests.records.databases import SqliteTemplate

FILE = Path(__file__).with_name("rights.csv")

PRINCIPALS = (
    "anonymous",
    "learner",
    "other_learner",
    "advisor",
    "other_advisor",
    "offered",
    "accepted",
    "conflicted",
    "unassigned",
    "panel_member",
    "appeal_reviewer",
    "lead",
    "decision_maker",
    "programme_admin",
    "auditor",
    "foreign_lead",
)
"""`conflicted` is an assessor and lead who declared a tie; `foreign_lead` leads at another institution.

The panel member sits while the case is assessed and is done once it is decided; only then the appeal reviewer sits.
"""

GROUPS = {"draft": Stage.DRAFT, "in_assessment": Stage.IN_ASSESSMENT, "decided": Stage.DECIDED, "missing": None}
"""Stages that stand for their neighbours, and a case that does not exist."""

ANY = "any"
"""The group of a route that names no case."""

Key = tuple[str, str, str]
Table = dict[Key, dict[str, str]]


@dataclass(frozen=True, slots=True)
class World:
    """Everybody, a case per group, and a command of each."""

    people: dict[str, Person]
    cases: dict[str, UUID]
    commands: dict[str, UUID]


async def world(database: Database) -> World:
    """Write it down."""
    async with database.writing() as session:
        version = await makers.published(session)
        foreign = await makers.published(session, _elsewhere())
        everybody = {name: await makers.person(session, name=f"Sample {name}") for name in PRINCIPALS[1:]}
        roles = {
            "advisor": Role.ADVISOR,
            "other_advisor": Role.ADVISOR,
            "offered": Role.ASSESSOR,
            "accepted": Role.ASSESSOR,
            "conflicted": Role.ASSESSOR,
            "unassigned": Role.ASSESSOR,
            "panel_member": Role.PANEL,
            "appeal_reviewer": Role.APPEAL_REVIEWER_1,
            "lead": Role.LEAD,
            "decision_maker": Role.DECISION_MAKER,
            "programme_admin": Role.PROGRAMME_ADMIN,
            "auditor": Role.AUDITOR,
        }
        for name, role in roles.items():
            await makers.role(session, everybody[name], role)
        await makers.role(session, everybody["conflicted"], Role.LEAD)
        await makers.role(session, everybody["foreign_lead"], Role.LEAD, institution=foreign.institution_id)
        assert version.institution_id != foreign.institution_id
        cases = {
            "draft": await makers.case(session, stage=Stage.DRAFT, learner=everybody["learner"]),
            "in_assessment": await makers.case(
                session,
                stage=Stage.IN_ASSESSMENT,
                learner=everybody["learner"],
                advisor=everybody["advisor"],
                claims_are=ClaimState.IN_ASSESSMENT,
            ),
            "decided": await makers.decided(session, learner=everybody["learner"]),
        }
        cases["decided"].advisor_id = everybody["advisor"].id
        await makers.party(session, cases["decided"], everybody["advisor"], Role.ADVISOR)
        await makers.seat(session, cases["in_assessment"], everybody["accepted"], state=SeatState.ACCEPTED)
        await makers.seat(session, cases["in_assessment"], everybody["offered"], state=SeatState.OFFERED)
        await makers.seat(session, cases["decided"], everybody["accepted"], state=SeatState.FINAL)
        await makers.seat(session, cases["decided"], everybody["offered"], state=SeatState.DECLINED)
        panel, reviewer = everybody["panel_member"], everybody["appeal_reviewer"]
        await makers.seat(session, cases["in_assessment"], panel, state=SeatState.ACCEPTED, kind=SeatKind.PANEL)
        await makers.seat(session, cases["decided"], panel, state=SeatState.FINAL, kind=SeatKind.PANEL)
        await makers.seat(session, cases["decided"], reviewer, state=SeatState.ACCEPTED, kind=SeatKind.APPEAL_1)
        commands = {}
        for name, case in cases.items():
            await makers.exclude(session, case, everybody["conflicted"])
            sent = await makers.command(session, case, "withdraw", actor=everybody["learner"].id, role=Role.LEARNER)
            commands[name] = sent.id
        found = {name: case.id for name, case in cases.items()} | {"missing": new_id()}
        return World(everybody, found, commands | {"missing": new_id()})


def _elsewhere() -> Programme:
    """The sample programme, at another institution."""
    sample = makers.programme()
    return replace(sample, slug="foreign-programme", institution=replace(sample.institution, slug="ecole-exemple"))


def routes(api: Api) -> list[tuple[str, str, HTTPRouteHandler]]:
    """Every method of every route; the framework's own pages, its OPTIONS and the pages' French twins are left out."""
    found = [
        (method, route.path, handler)
        for route in api.app.routes
        if not route.path.startswith((openapi.CLOSED, "/fr"))
        for handler in getattr(route, "route_handlers", ())
        for method in handler.http_methods
        if method != HttpMethod.OPTIONS
    ]
    return sorted(found, key=lambda row: (row[1], row[0]))


async def answered(api: Api, handler: HTTPRouteHandler, signed: Signed | None, parameters: dict[str, Any]) -> str:
    """What the guard of the handler says to whoever is `signed` in: `yes`, or the status of the refusal."""
    scope: Any = {
        "type": "http",
        "litestar_app": api.app,
        "route_handler": handler,
        "path_params": parameters,
        "user": signed,
        "state": {},
        "headers": [],
    }
    connection: ASGIConnection[Any, Any, Any, Any] = ASGIConnection(scope)
    try:
        await access.guard(connection, handler)
    except Refused as refused:
        return str(refused.status)
    return "yes"


def guarded(handler: HTTPRouteHandler) -> tuple[object, ...]:
    """All that the guard goes by, beside who asks and for what: handlers that agree in it are guarded alike."""
    assert any(isinstance(one, access.Access) for one in handler.resolve_middleware()), handler
    return tuple(sorted(f"{name}={value!r}" for name, value in handler.opt.items()))


async def table(api: Api, known: World) -> Table:
    """Every cell; what handlers that are guarded alike answer for the same case is asked once."""
    found: Table = {}
    asked: dict[tuple[object, ...], dict[str, str]] = {}
    async with api.database.reading() as session:
        signed = {
            name: Signed(await people.caller(session, person.id), person.name, "")
            for name, person in known.people.items()
        }
    for method, path, handler in routes(api):
        about_a_case = "{case_id:uuid}" in path or "{command_id:uuid}" in path
        for group in GROUPS if about_a_case else (ANY,):
            parameters = (
                {"case_id": known.cases[group]}
                if "{case_id:uuid}" in path
                else {"command_id": known.commands[group]}
                if about_a_case
                else {}
            )
            key = (*guarded(handler), *parameters.items())
            if key not in asked:
                asked[key] = {name: await answered(api, handler, signed.get(name), parameters) for name in PRINCIPALS}
            found[method, path, group] = asked[key]
    return found


def written() -> Table:
    """The reviewed file."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        return {(row.pop("method"), row.pop("path"), row.pop("case")): row for row in csv.DictReader(lines)}


def write(found: Table) -> None:
    """Write the file anew."""
    with FILE.open("w", encoding="utf-8", newline="") as lines:
        out = csv.writer(lines, lineterminator="\n")
        out.writerow(["method", "path", "case", *PRINCIPALS])
        for (method, path, group), cells in found.items():
            out.writerow([method, path, group, *(cells[name] for name in PRINCIPALS)])


async def main() -> None:
    """Ask and write."""
    with tempfile.TemporaryDirectory() as scratch:
        template = await asyncio.to_thread(SqliteTemplate, Path(scratch))
        database = connect(template.make())
        async with opened(database, Path(scratch)) as api:
            write(await table(api, await world(database)))
        await database.close()


if __name__ == "__main__":
    asyncio.run(main())
    sys.stdout.write(f"{FILE}: read what changed before you keep it\n")
