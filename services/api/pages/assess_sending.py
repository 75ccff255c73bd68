"""Commands of whoever assesses, sent from pages of their own: what came of one, or the reason why not."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation
from litestar.response import Redirect

from services.api import numerals, problems
from services.api.access import Facts, Who
from services.api.house import House, Now, TheHouse
from services.api.pages.sent import Sent, TheForm
from services.api.pages.site import Page, ThePage
from services.api.problems import Problem
from services.api.routes import commands
from services.rules import work_time
from services.rules.people import Caller, CaseFacts, roles_on_a_case


@dataclass(frozen=True, slots=True)
class Visit:
    """A form that somebody sent from a page of a case: who, which case, what they are to it, and what it holds."""

    page: Page
    house: House
    case_id: UUID
    caller: Caller
    facts: CaseFacts
    form: Sent
    now: datetime

    @property
    def person(self) -> UUID:
        """Who sends it."""
        return UUID(self.caller.id)

    async def send(self, kind: str, body: object, *, back: str) -> Redirect | Problem:
        """Have a command carried out: on to `back`, or to its own page while it waits; a refusal as a page shows it.

        The form carries `command_id` and `version`.
        """
        form = self.form
        roles = roles_on_a_case(self.facts)
        sender = commands.Sender(self.house, self.person, roles, form.number("version"), form.key, self.now)
        try:
            answer = await sender.send(kind, self.case_id, body)
        except problems.CommandRefused as refused:
            return problems.of_command(self.page.request, refused).content
        waits = answer.status_code == HTTPStatus.ACCEPTED
        return self.page.go(f"/commands/{form.key}" if waits else back)


def worked(form: Sent) -> int | None:
    """How many minutes the work took; None where nothing was said. What is no number is refused like nought."""
    typed = form.one(work_time.FIELD)
    return (numerals.read(typed) or 0) if typed else None


async def provide(
    *,
    case_id: FromPath[UUID],
    page: ThePage,
    house: TheHouse,
    caller: Who,
    facts: Facts,
    form: TheForm,
    now: Now,
) -> Visit:
    """The visit, for handlers of forms."""
    return Visit(page, house, case_id, caller, facts, form, now)


TheVisit = NamedDependency[SkipValidation[Visit]]
