"""Who did or opened what, for auditors: the log by case, person and action, its chain, and the same lines as a file."""

import csv
import io
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get
from litestar.params import QueryParameter
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api.access import Who
from services.api.house import Now, Reading, Writing
from services.api.pages import audit_words
from services.api.pages.site import Page, ThePage
from services.records import audit, audit_reading, people
from services.records.audit_reading import Place, Wanted
from services.records.tables.audit import AuditLine
from services.rules.people import Action, Caller
from services.rules.refusals import Refused

SEE = {"action": Action.SEE_LOG}
MOST_IN_FILE = 10_000
COLUMNS = ("at", "actor", "action", "subject", "stream", "line")
MOST_SHOWN = 20
"""Broken lines that are named; one is reason enough to stop."""

Case = Annotated[str, QueryParameter(name="case", required=False)]
Person = Annotated[str, QueryParameter(name="person", required=False)]
Did = Annotated[str, QueryParameter(name="action", required=False)]
After = Annotated[str, QueryParameter(name="after", required=False)]


@dataclass(frozen=True, slots=True)
class Filters:
    """What was asked for, as typed; `wrong` names the field of which nothing is known, or is empty."""

    wanted: Wanted
    typed: dict[str, str]
    wrong: str


async def _filters(session: AsyncSession, caller: Caller, typed: dict[str, str]) -> Filters:
    """A case by its number, a person by address or id, an action by its code."""
    case = await audit_reading.case_numbered(session, caller, typed["case"]) if typed["case"] else None
    person = await _person(session, caller, typed["person"]) if typed["person"] else None
    wrong = next((name for name, found in (("case", case), ("person", person)) if typed[name] and found is None), "")
    return Filters(Wanted(case, person, typed["action"].strip()), typed, wrong)


async def _person(session: AsyncSession, caller: Caller, said: str) -> UUID | None:
    """A person by address, or by the id that stands in a line; an id opens no line that the auditor may not read."""
    try:
        return UUID(said.strip())
    except ValueError:
        return await audit_reading.person_at(session, caller, said)


@get("/audit", opt=SEE, include_in_schema=False)
async def see(
    page: ThePage,
    caller: Who,
    *,
    reading: Reading,
    case: Case = "",
    person: Person = "",
    action: Did = "",
    after: After = "",
) -> Response[str]:
    """The newest lines that answer to the filters; with one case, whether its chain is whole."""
    filters = await _filters(reading, caller, {"case": case, "person": person, "action": action})
    found: list[AuditLine] = []
    if not filters.wrong:
        more = audit_reading.PAGE + 1
        found = await audit_reading.lines(reading, caller, filters.wanted, after=_place(after), most=more)
    shown = found[: audit_reading.PAGE]
    one_case = filters.wanted.case
    kept = {name: value for name, value in filters.typed.items() if value}
    return page.show(
        "audit/audit.html",
        lines=shown,
        names=await people.names(reading, [line.actor for line in shown]),
        cases=await audit_reading.cases_of(reading, caller, {line.stream for line in shown}),
        typed=filters.typed,
        actions=_choices(page, filters.wanted.action),
        said=audit_words.said,
        step=audit_words.step,
        actor=audit_words.actor,
        unknown=filters.wrong,
        query=urlencode(kept),
        further=urlencode(kept | {"after": _mark(shown[-1])}) if len(found) > len(shown) else "",
        first=not after,
        broken=await audit.broken(reading, stream=f"case:{one_case}") if one_case else None,
    )


def _choices(page: Page, chosen: str) -> list[tuple[str, str]]:
    """Every action and what it is called, by name; one that is asked for by an unknown code stays chosen."""
    known = {code: page.text(name) for code, name in audit_words.actions().items()}
    return sorted(((({chosen: chosen} if chosen else {}) | known).items()), key=lambda one: one[1].casefold())


def _mark(line: AuditLine) -> str:
    return f"{line.at.isoformat()}~{line.stream}~{line.seq}"


def _place(mark: str) -> Place | None:
    """Where a page begins. Raises `Refused('malformed')`."""
    if not mark:
        return None
    try:
        at, stream, seq = mark.split("~")
        return Place(datetime.fromisoformat(at), stream, int(seq))
    except ValueError:
        raise Refused("malformed", field="after") from None


@get("/audit/chain", opt=SEE, include_in_schema=False)
async def chain(page: ThePage, reading: Reading) -> Response[str]:
    """Whether the whole log is as it was written: every line of it is read, so it is asked for by hand."""
    broken = await audit.broken(reading)
    return page.show("audit/chain.html", count=len(broken), broken=broken[:MOST_SHOWN])


@get("/audit.csv", opt=SEE, include_in_schema=False, media_type="text/csv")
async def export(
    caller: Who, writing: Writing, *, now: Now, case: Case = "", person: Person = "", action: Did = ""
) -> Response[str]:
    """The newest lines that answer to the filters, at most ten thousand; that it was taken is a line itself."""
    filters = await _filters(writing, caller, {"case": case, "person": person, "action": action})
    if filters.wrong:
        raise Refused("not_found")
    found = await audit_reading.lines(writing, caller, filters.wanted, most=MOST_IN_FILE)
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\r\n")
    out.writerow(COLUMNS)
    for line in found:
        out.writerow((line.at.isoformat(), line.actor, line.action, line.subject, line.stream, line.seq))
    await audit.log(
        writing,
        stream=f"person:{caller.id}",
        actor=caller.id,
        action="log_exported",
        details={"lines": len(found)},
        now=now,
    )
    return Response(
        text.getvalue(), media_type="text/csv", headers={"Content-Disposition": 'attachment; filename="audit.csv"'}
    )
