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


CONTENT = {"transfer_advisor": Content(_may_transfer, _transfer)}
