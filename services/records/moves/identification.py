"""From a draft to eligibility: the declaration, the advisor, what is missing, and a refusal that a person signs."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import (
    calendars,
    caps,
    cases,
    claiming,
    decisions,
    effects,
    equivalences,
    fees,
    independence,
    portfolio,
    wording,
)
from services.records.ids import new_id
from services.records.moves.content import Content, Outcome, Setting, Told
from services.records.tables.cases import Case, Consent, MissingItem
from services.records.tables.decisions import DecisionKind
from services.records.tables.people import AssessorProfile, Person, PersonRole
from services.records.tables.programmes import ProgrammeVersion
from services.rules import assignment, deadlines
from services.rules.assignment import Candidate
from services.rules.case import Stage
from services.rules.claims import OPEN_CLAIMS
from services.rules.commands import DECLARATIONS, PURPOSES, MeetingForm
from services.rules.people import Role
from services.rules.programmes import Language
from services.rules.refusals import Refused

NOT_RUNNING = (Stage.DRAFT, Stage.DECIDED, Stage.NOT_ELIGIBLE, Stage.UNDER_REVIEW, Stage.CLOSED)
"""Stages in which a case does not stand in the way of another one on the same programme."""


LONGEST_NAME = 200


async def _can_be_sent(setting: Setting) -> None:
    """Raises `Refused` for what no draft can mend: programme_closed, case_already_open, cap_reached."""
    for refused in await _against_sending(setting.session, case=setting.case, now=setting.now):
        raise refused


async def _may_submit(setting: Setting) -> None:
    """Raises `Refused`: declaration_missing, malformed, and whatever `missing_to_submit` finds."""
    body = setting.body
    if body.declaration not in DECLARATIONS:
        raise Refused("declaration_missing")
    if not PURPOSES.issuperset(body.consents):
        raise Refused("malformed", field="consents")
    wording.check("agent", body.agent, most=LONGEST_NAME)
    for refused in await missing_to_submit(setting.session, case=setting.case, now=setting.now):
        raise refused


async def missing_to_submit(session: AsyncSession, *, case: Case, now: datetime) -> list[Refused]:
    """What stands in the way of sending a draft beside its words.

    Of these: programme_closed, case_already_open, cap_reached, share_reached, tested_lately.
    """
    found = await _against_sending(session, case=case, now=now)
    return [*found, *await claiming.refused(session, case=case, now=now)]


async def _against_sending(session: AsyncSession, *, case: Case, now: datetime) -> list[Refused]:
    """Why the learner sends no case on this programme now, whatever the draft holds."""
    found = []
    version = await session.get_one(ProgrammeVersion, case.programme_version_id)
    if version.retired_at is not None and version.retired_at <= now:
        found.append(Refused("programme_closed"))
    number = await other_open(session, case=case)
    if number:
        found.append(Refused("case_already_open", number=number))
    capped = await caps.reached(session, case=case, now=now)
    return [*found, *([capped] if capped else [])]


async def other_open(session: AsyncSession, *, case: Case) -> str | None:
    """The number of another case of this learner that is under way on the same programme."""
    others = await session.exec(
        select(Case.number)
        .where(
            col(Case.learner_id) == case.learner_id,
            col(Case.programme) == case.programme,
            col(Case.id) != case.id,
            col(Case.stage).not_in(NOT_RUNNING),
        )
        .limit(1)
    )
    return others.first()


async def no_other_open(setting: Setting) -> None:
    """Raises `Refused('case_already_open')`."""
    if number := await other_open(setting.session, case=setting.case):
        raise Refused("case_already_open", number=number)


async def alone_open(setting: Setting) -> None:
    """Ask it again when nothing of this learner's can start beside it. Raises `Refused('case_already_open')`.

    Two cases are two rows, so the learner's row stands between them: whoever comes second sees what the first did.
    """
    await setting.session.exec(
        select(Person.id).where(col(Person.id) == setting.case.learner_id).with_for_update(key_share=True)
    )
    await no_other_open(setting)


async def _submit(setting: Setting) -> Outcome:
    session, case, now = setting.session, setting.case, setting.now
    await alone_open(setting)
    case.submitted_at, case.agent = now, setting.body.agent.strip()
    await fees.for_file(session, case, setting.programme.policy, command=setting.command.id, now=now)
    name = setting.programme.policy.calendar.name
    edition = await calendars.newest(session, institution=case.institution_id, name=name)
    case.calendar_id = edition.id if edition else None
    for purpose in dict.fromkeys(setting.body.consents):
        session.add(
            Consent(
                id=new_id(),
                case_id=case.id,
                person_id=case.learner_id,
                purpose=purpose,
                text_version=setting.body.declaration,
                recorded_by=UUID(setting.command.actor) if setting.command.role is Role.ADVISOR else None,
                given_at=now,
            )
        )
    await independence.enrol(session, case=case, person=case.learner_id, role=Role.LEARNER, now=now)
    if case.advisor_id is None and (advisor := await _next_advisor(setting)) is not None:
        await _follow(setting, advisor)
    recognised = await _already_recognised(setting)
    behalf = {"on_behalf_of": str(case.learner_id)} if setting.command.role is Role.ADVISOR else {}
    return Outcome(
        result={"number": case.number} | ({"already_recognised": recognised} if recognised else {}), logged=behalf
    )


async def _already_recognised(setting: Setting) -> list[str]:
    """Competencies that the learner holds, or holds the like of: a warning now, a refusal at the decision."""
    mine = [claim for claim in await cases.claims_of(setting.session, setting.case.id) if claim.state in OPEN_CLAIMS]
    return [claim.competency for claim in await equivalences.held(setting.session, setting.case.learner_id, mine)]


async def _next_advisor(setting: Setting) -> UUID | None:
    """The advisor of the programme with the fewest open cases who is not barred from this one."""
    session, case = setting.session, setting.case
    rows = await session.exec(
        select(Person, AssessorProfile)
        .join(PersonRole, col(PersonRole.person_id) == col(Person.id))
        .outerjoin(AssessorProfile, col(AssessorProfile.person_id) == col(Person.id))
        .where(*independence.live_role(case, Role.ADVISOR))
        .order_by(col(Person.id))
    )
    people = {person.id: (person, profile) for person, profile in rows}
    loads = await session.exec(
        select(Case.advisor_id, sa.func.count())
        .where(col(Case.advisor_id).in_(people), col(Case.stage).not_in(NOT_RUNNING))
        .group_by(col(Case.advisor_id))
    )
    load = dict(loads.all())
    able = [
        Candidate(
            person=str(person.id),
            # Nothing on file about languages: an advisor serves whoever comes to the institution.
            languages=frozenset(profile.languages if profile else Language),
            competencies=None,
            active=person.active and not (profile and profile.on_leave),
            open_load=load.get(person.id, 0),
            capacity=1,
            excluded=await _barred(setting, person.id),
        )
        for person, profile in people.values()
    ]
    chosen = assignment.choose_advisor(able, case_id=str(case.id), language=case.language)
    return UUID(chosen) if chosen else None


async def _barred(setting: Setting, person: UUID) -> bool:
    try:
        await independence.check(setting.session, case=setting.case, person=person, role=Role.ADVISOR)
    except Refused:
        return True
    return False


async def _follow(setting: Setting, advisor: UUID) -> None:
    await independence.enrol(setting.session, case=setting.case, person=advisor, role=Role.ADVISOR, now=setting.now)
    setting.case.advisor_id = advisor


async def _may_take(setting: Setting) -> None:
    """A lead names somebody who may advise; the case that takes itself has its advisor already."""
    if setting.command.role is Role.LEAD:
        await independence.named(setting.session, case=setting.case, person=setting.body.advisor, role=Role.ADVISOR)


async def _some_advisor(setting: Setting) -> None:
    """Raises `Refused('nobody_to_name')` for a lead who could name nobody."""
    if setting.command.role is Role.LEAD and not await independence.nameable(
        setting.session, case=setting.case, role=Role.ADVISOR
    ):
        raise Refused("nobody_to_name")


async def _take(setting: Setting) -> Outcome:
    if setting.command.role is Role.LEAD:
        await _follow(setting, UUID(setting.body.advisor))
    return Outcome(logged={"advisor": str(setting.case.advisor_id)})


async def _items_named(setting: Setting) -> None:
    items = setting.body.items
    if not items or not all(item.what.strip() and item.why.strip() for item in items):
        raise Refused("items_missing")


async def _ask_completion(setting: Setting) -> Outcome:
    for item in setting.body.items:
        setting.session.add(
            MissingItem(
                id=new_id(),
                case_id=setting.case.id,
                what=item.what.strip(),
                why=item.why.strip(),
                asked_at=setting.now,
            )
        )
    setting.case.refusal_proposed = False
    return Outcome(logged={"items": len(setting.body.items)})


async def open_items(setting: Setting) -> dict[str, MissingItem]:
    """What the advisor asked for and the learner has not answered yet, by id."""
    rows = await setting.session.exec(
        select(MissingItem)
        .where(col(MissingItem.case_id) == setting.case.id, col(MissingItem.answered_at).is_(None))
        .order_by(col(MissingItem.id))
    )
    return {str(item.id): item for item in rows}


async def _items_answered(setting: Setting) -> None:
    """Each open item has an answer, or the reason why it cannot be provided."""
    given = {answer.item: answer.answer for answer in setting.body.answers}
    asked = await open_items(setting)
    if given.keys() - asked.keys():
        raise Refused("malformed", field="answers")
    if not all(given.get(item, "").strip() for item in asked):
        raise Refused("items_unanswered")


async def _complete(setting: Setting) -> Outcome:
    asked = await open_items(setting)
    for answer in setting.body.answers:
        item = asked[answer.item]
        item.answer, item.cannot_provide, item.answered_at = answer.answer.strip(), answer.cannot_provide, setting.now
    logged: dict[str, object] = {"items": len(asked)}
    await setting.session.flush()
    if await portfolio.changed_since_sent(setting.session, setting.case):
        version = await portfolio.freeze(
            setting.session, case=setting.case, command_id=UUID(setting.command.id), now=setting.now
        )
        logged |= {"portfolio_version": version.number, "sha256": version.sha256}
    return Outcome(logged=logged)


async def _may_record_meeting(setting: Setting) -> None:
    """Raises `Refused('malformed')` for a form that is none, or a day that has not come."""
    if setting.body.form not in set(MeetingForm):
        raise Refused("malformed", field="form")
    if setting.body.held_on > deadlines.local_day(setting.now, setting.case.zone):
        raise Refused("malformed", field="held_on")


async def _record_meeting(setting: Setting) -> Outcome:
    setting.case.informed_on = setting.body.held_on
    return Outcome(logged={"held_on": setting.body.held_on.isoformat(), "form": setting.body.form})


async def _accept_eligibility(setting: Setting) -> Outcome:
    """Acceptance by silence opens the portfolio and says nothing on any claim; it is logged as the law's."""
    case = setting.case
    case.refusal_proposed = False
    if setting.command.role is not Role.CLOCK:
        return Outcome()
    leads = await effects.staff(setting.session, case=case, role=Role.LEAD)
    people = dict.fromkeys([*([case.advisor_id] if case.advisor_id else []), *leads])
    told = tuple(Told("eligible_by_silence", person) for person in people)
    return Outcome(told=told, logged={"by_law": "silence"})


async def _reasons_given(setting: Setting) -> None:
    if not setting.body.reasons.strip():
        raise Refused("reasons_missing")


async def _propose_refusal(setting: Setting) -> Outcome:
    # The reasons stay on the command's row: they are the advisor's to the one who decides, not yet the learner's.
    setting.case.refusal_proposed = True
    return Outcome()


async def _may_refuse(setting: Setting) -> None:
    """Raises `Refused`: reasons_missing, next_step_missing."""
    await _reasons_given(setting)
    if not setting.body.next_step.strip():
        raise Refused("next_step_missing")


async def _may_sign(setting: Setting) -> None:
    """Raises `Refused`: separation_of_duties, conflict_of_interest."""
    person = UUID(setting.command.actor)
    await independence.check(setting.session, case=setting.case, person=person, role=Role.DECISION_MAKER)


async def _refuse(setting: Setting) -> Outcome:
    """The claims stay as they are: a refusal says nothing on any of them."""
    decision = await decisions.record(
        setting,
        kind=DecisionKind.ELIGIBILITY_REFUSAL,
        capacity=setting.programme.institution.signatory_title.in_(setting.case.language),
        reasons=setting.body.reasons.strip(),
        next_step=setting.body.next_step.strip(),
    )
    setting.case.appeal_until = decision.appeal_until
    return Outcome(
        result={"appeal_until": decision.appeal_until.isoformat()},
        decision=decision,
        logged={"decision": str(decision.id)},
    )


CONTENT = {
    "submit": Content(_may_submit, _submit, _can_be_sent),
    "take_case": Content(_may_take, _take, _some_advisor),
    "ask_completion": Content(_items_named, _ask_completion),
    "complete": Content(_items_answered, _complete),
    "record_meeting": Content(_may_record_meeting, _record_meeting),
    "accept_eligibility": Content(carry=_accept_eligibility),
    "propose_refusal": Content(_reasons_given, _propose_refusal),
    "refuse_eligibility": Content(_may_refuse, _refuse, _may_sign),
}
