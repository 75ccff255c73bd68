"""Who accompanies a case: a guide stays barred from judging it for ever, also when another one takes over."""

from uuid import UUID

from services.records import independence, intake
from services.records.moves.content import Content, Outcome, Setting, Told
from services.rules.commands import TransferWish
from services.rules.people import Role
from services.rules.refusals import Refused


async def _may_transfer(setting: Setting) -> None:
    """Raises `Refused`: malformed, reasons_missing, advisor_unchanged, and why the person named cannot advise."""
    body = setting.body
    if body.wished_by not in set(TransferWish):
        raise Refused("malformed", field="wished_by")
    if not body.reason.strip():
        raise Refused("reasons_missing")
    if body.advisor == str(setting.case.advisor_id):
        raise Refused("advisor_unchanged")
    await independence.named(setting.session, case=setting.case, person=body.advisor, role=Role.ADVISOR)


async def _another_advisor(setting: Setting) -> None:
    """Raises `Refused('nobody_to_name')`."""
    people = await independence.nameable(setting.session, case=setting.case, role=Role.ADVISOR)
    if not set(people) - {setting.case.advisor_id}:
        raise Refused("nobody_to_name")


async def _transfer(setting: Setting) -> Outcome:
    """Tasks, reminders and the right to see the case go with the name on it; why stays on the command's row."""
    session, case, person = setting.session, setting.case, UUID(setting.body.advisor)
    former = case.advisor_id
    if case.intake_by_id is not None:  # the learner agreed to this advisor writing for them, not to any
        await intake.end(session, case=case, person=UUID(setting.command.actor), now=setting.now)
    await independence.enrol(session, case=case, person=person, role=Role.ADVISOR, now=setting.now)
    case.advisor_id = person
    told = (Told("case_handed_over", former),) if former is not None else ()
    return Outcome(
        result={"advisor": str(person)},
        told=told,
        logged={"from": str(former), "to": str(person), "wished_by": setting.body.wished_by},
    )


async def _may_name_mentor(setting: Setting) -> None:
    """Raises `Refused`: mentor_unchanged, and why the person named cannot be a mentor here."""
    mentor = setting.body.mentor
    if mentor == (str(setting.case.mentor_id) if setting.case.mentor_id else None):
        raise Refused("mentor_unchanged")
    if mentor is not None:
        await independence.named(
            setting.session, case=setting.case, person=mentor, role=Role.MENTOR, party=Role.ADVISOR
        )


async def _some_mentor(setting: Setting) -> None:
    """There is one to end, or somebody who could be. Raises `Refused('nobody_to_name')`."""
    session, case = setting.session, setting.case
    if case.mentor_id is None and not await independence.nameable(
        session, case=case, role=Role.MENTOR, party=Role.ADVISOR
    ):
        raise Refused("nobody_to_name")


async def _name_mentor(setting: Setting) -> Outcome:
    """A mentor is a guide: a party as an advisor is, for ever. Notes stay with whoever wrote them."""
    session, case, former = setting.session, setting.case, setting.case.mentor_id
    mentor = UUID(setting.body.mentor) if setting.body.mentor else None
    case.mentor_id, case.mentor_since = mentor, setting.now if mentor else None
    told: tuple[Told, ...] = (Told("mentoring_ended", former),) if former is not None else ()
    if mentor is not None:
        await independence.enrol(session, case=case, person=mentor, role=Role.ADVISOR, now=setting.now)
        told += (Told("mentoring_begun", mentor), Told("mentor_named", case.learner_id))
    return Outcome(told=told, logged={"from": str(former or ""), "to": str(mentor or "")})


CONTENT = {
    "transfer_advisor": Content(_may_transfer, _transfer, _another_advisor),
    "name_mentor": Content(_may_name_mentor, _name_mentor, _some_mentor),
}
