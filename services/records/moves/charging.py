"""A fee is waived: of one service in one case, what was charged and what would be. The log holds no reason."""

from uuid import UUID

from services.records import fees
from services.records.moves.content import Content, Outcome, Setting
from services.records.tables.fees import FeeWaiver
from services.rules.fees import Service
from services.rules.refusals import Refused

LONGEST = 500


async def _something_costs(setting: Setting) -> None:
    """Raises `Refused('nothing_to_waive')` where nothing is left that this learner would pay for."""
    if not await fees.waivable(setting.session, setting.case, setting.programme.policy):
        raise Refused("nothing_to_waive")


async def _may_waive(setting: Setting) -> None:
    """Raises `Refused`: malformed, reasons_missing, nothing_to_waive."""
    if setting.body.service not in set(Service):
        raise Refused("malformed", field="service")
    reason = setting.body.reason.strip()
    if not reason:
        raise Refused("reasons_missing")
    if len(reason) > LONGEST:
        raise Refused("malformed", field="reason")
    if setting.body.service not in await fees.waivable(setting.session, setting.case, setting.programme.policy):
        raise Refused("nothing_to_waive")


async def _waive(setting: Setting) -> Outcome:
    setting.session.add(
        FeeWaiver(
            case_id=setting.case.id,
            service=Service(setting.body.service),
            reason=setting.body.reason.strip(),
            waived_by=UUID(setting.command.actor),
            command_id=UUID(setting.command.id),
            at=setting.now,
        )
    )
    await setting.session.flush()
    return Outcome(result={"service": setting.body.service}, logged={"service": setting.body.service})


CONTENT = {"waive_fee": Content(_may_waive, _waive, _something_costs)}
