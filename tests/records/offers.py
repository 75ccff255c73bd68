"""Whether what a case offers can be done: for each command on offer there are words that would be let in."""

from datetime import datetime
from random import Random
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import cases, people, programmes, ties
from services.records.moves import registry
from services.records.moves.content import Content, Setting
from services.records.offering import Desk
from services.records.tables.people import Person
from services.rules import commands as bodies
from services.rules import stages
from services.rules.case import Command
from services.rules.people import Role, roles_on_a_case
from services.rules.refusals import Refused
from tests.records import sayings
from tests.records.sayings import SAID

DRAWS = 60
"""How often somebody tries other words before they give up."""

COMPLETED_FIRST = frozenset({"submit", "submit_portfolio", "submit_judgements", "record_panel", "rule_appeal"})
"""What its sender still completes elsewhere (files, forms); the page on which it is sent says what is missing."""

MORE_WORDS = frozenset({"name_appeal_panel", "plan_gaps", "record_appointment"})
"""What is said of several things at once, for which the words of a walk are too few."""


async def of(
    session: AsyncSession,
    case_id: UUID,
    person: Person,
    *,
    staff: dict[Role, list[Person]],
    now: datetime,
    older: tuple[UUID, ...] = (),
) -> list[str]:
    """What the case offers `person`, each held against words that somebody could say of it."""
    case = await cases.get(session, case_id)
    state, programme = await cases.state(session, case), await programmes.of_case(session, case)
    caller = await people.caller(session, person.id)
    roles = roles_on_a_case(await ties.ties(session, case_id=case_id, caller=caller))
    seats = [seat.id for seat in state.seats if seat.person == caller.id]
    desk = Desk(session, case, state, programme, caller.id, now, *seats[-1:])
    offered = await desk.offers(roles)
    scene = await sayings.scene(
        session, case_id, random=Random(7), now=now, speaker=person.id, older=list(older), staff=staff
    )
    for kind in offered:
        role = next(one for one in roles if kind in stages.allowed(state, one, actor=caller.id, subject=desk.subject))
        codes: set[str] = set()
        for _ in range(DRAWS):
            said = SAID[kind](scene) if kind in SAID else bodies.Nothing()
            sent = Command("", kind, state.id, caller.id, role, state.version, bodies.subject_of(kind, said))
            try:
                stages.transition(state, sent)
                await registry.CONTENT.get(kind, Content()).hold(Setting(session, case, programme, sent, said, now))
            except Refused as refused:
                codes.add(refused.code)
            else:
                break
        else:
            assert kind in COMPLETED_FIRST | MORE_WORDS, f"{kind} is offered and nothing is let in: {codes}"
    return offered
