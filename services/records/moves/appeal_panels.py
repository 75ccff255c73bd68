"""Who hears an appeal: a chair asked by lot, members named by a lead, all of them behind the conflict screen."""

from dataclasses import replace
from uuid import UUID

from sqlmodel import col, select

from services.records import appeals, assignments, cases, effects, independence
from services.records.moves.content import Setting, Told
from services.records.tables.appeals import Appeal
from services.records.tables.assessment import Assignment
from services.records.tables.cases import CaseParty, Claim
from services.rules import assignment
from services.rules.appeals import REVIEWER
from services.rules.assignment import Candidate
from services.rules.case import APPEAL_SEATS, AppealState, SeatState
from services.rules.people import Role
from services.rules.refusals import Refused


async def read_claims(setting: Setting, appeal: Appeal) -> list[Claim]:
    """The claims that a seat of the panel covers: those contested, or the whole case where none is."""
    contested = await appeals.contested_claims(setting.session, appeal)
    return contested or await cases.claims_of(setting.session, setting.case.id)


async def _able(setting: Setting, appeal: Appeal) -> dict[str, Candidate]:
    """Everybody of the appeal body, by id; whoever had any part in the case, an earlier appeal too, is barred."""
    session, case = setting.session, setting.case
    parties = set(await session.exec(select(CaseParty.person_id).where(col(CaseParty.case_id) == case.id)))
    known = await assignments.candidates(
        session,
        case=case,
        programme=setting.programme,
        claims=await read_claims(setting, appeal),
        now=setting.now,
        kind=APPEAL_SEATS[appeal.level],
    )
    return {one.person: replace(one, excluded=one.excluded or UUID(one.person) in parties) for one in known}


async def _offer(setting: Setting, appeal: Appeal, person: UUID) -> Told:
    seat = await assignments.offer(
        setting.session,
        case=setting.case,
        programme=setting.programme,
        person=person,
        claims=await read_claims(setting, appeal),
        now=setting.now,
        kind=APPEAL_SEATS[appeal.level],
    )
    return assignments.offered(seat)


async def lead_told(setting: Setting) -> tuple[Told, ...]:
    """The mail to the leads when somebody has to be named."""
    leads = await effects.staff(setting.session, case=setting.case, role=Role.LEAD)
    return tuple(Told("appeal_panel_to_name", lead) for lead in leads)


async def ask_chair(setting: Setting, appeal: Appeal) -> tuple[Told, ...]:
    """Ask one person of the appeal body to lead the appeal; a lead names somebody where nobody can be asked."""
    able = await _able(setting, appeal)
    chosen = assignment.choose_advisor(able.values(), case_id=str(setting.case.id), language=setting.case.language)
    return (await _offer(setting, appeal, UUID(chosen)),) if chosen else await lead_told(setting)


async def check_members(setting: Setting, appeal: Appeal) -> None:
    """Hold the persons whom a lead names against the rules of the panel.

    Raises `Refused`: malformed for nobody, for one named twice or already asked; not_qualified, conflict_of_interest,
    separation_of_duties for whoever cannot sit; panel_incomplete, expert_missing for a panel that could not rule.
    """
    named = setting.body.members
    seated = [seat.person_id for seat in await appeals.seats_of(setting.session, appeal)]
    if not named or len(set(named)) != len(named) or {str(one) for one in seated} & set(named):
        raise Refused("malformed", field="members")
    able = await _able(setting, appeal)
    people = [await _may_sit(setting, appeal, person=person, able=able) for person in named]
    if appeal.state is AppealState.LODGED:
        if len(people) != 1:
            raise Refused("malformed", field="members")
        return
    panel = [*seated, *people]
    if len(panel) < setting.programme.policy.appeal_reviewers:
        raise Refused("panel_incomplete", number=str(setting.programme.policy.appeal_reviewers))
    if not await appeals.experts(setting.session, appeal, panel):
        raise Refused("expert_missing")


async def _may_sit(setting: Setting, appeal: Appeal, *, person: str, able: dict[str, Candidate]) -> UUID:
    found = await independence.named(setting.session, case=setting.case, person=person, role=REVIEWER[appeal.level])
    if await setting.session.get(CaseParty, (setting.case.id, found)) is not None:
        raise Refused("separation_of_duties")
    if able[person].excluded:
        raise Refused("conflict_of_interest")
    return found


async def ask_members(setting: Setting, appeal: Appeal) -> tuple[Told, ...]:
    """Offer the persons named a seat."""
    return tuple([await _offer(setting, appeal, UUID(person)) for person in setting.body.members])


async def seated(setting: Setting, seat: Assignment) -> None:
    """Somebody took a seat of the panel: it is due with the appeal, and whoever is first leads it."""
    appeal = await appeals.open_of(setting.session, setting.case.id)
    if appeal is not None and appeal.chair_id is None:
        appeal.chair_id = seat.person_id
    seat.due_at = setting.case.due_at


async def left(setting: Setting) -> tuple[Told, ...]:
    """A seat came back: another member leads if the chair has left, and somebody else is asked or has to be named."""
    appeal = await appeals.open_of(setting.session, setting.case.id)
    if appeal is None:
        return ()
    seats = await appeals.seats_of(setting.session, appeal)
    sitting = [seat.person_id for seat in seats if seat.state is not SeatState.OFFERED]
    if appeal.chair_id not in sitting:
        appeal.chair_id = sitting[0] if sitting else None
    await setting.session.flush()
    failed = setting.case.offers_failed >= setting.programme.policy.offer_failures
    if appeal.state is AppealState.LODGED and not failed:
        return () if seats else await ask_chair(setting, appeal)
    return await lead_told(setting)


async def dissolve(setting: Setting, appeal: Appeal, *, served: SeatState) -> list[UUID]:
    """End the seats of the panel, those taken as `served`; answers who held or was offered one."""
    people = []
    for seat in await appeals.seats_of(setting.session, appeal):
        people.append(seat.person_id)
        state = SeatState.CANCELLED if seat.state is SeatState.OFFERED else served
        await assignments.end(setting.session, seat=seat, state=state, now=setting.now)
    return people
