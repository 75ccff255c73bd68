"""The page of a case for whoever assesses it or sits in its panel: what is theirs to do, nothing of anybody else."""

from litestar import Response

from services.api.pages.seen import Seen
from services.api.routes import appointments
from services.records.tables.assessment import Assignment
from services.rules.attestations import ASKABLE
from services.rules.case import SeatState
from services.rules.people import Action, Answer, on_a_case

HELD_BY_PAGES = frozenset(
    {
        "submit_judgements",
        "clarify_judgement",
        "record_panel",
        "settle_conferral",
        "declare_conflict",
        "screen_again",
    }
)
"""Commands that have pages of their own; the others stand in the list."""


async def assessor(shown: Seen) -> Response[str]:
    """One's own seat: where to go on, what was asked of the learner, and what can be done."""
    return await _drawn(shown, "case/assessor.html")


async def panel(shown: Seen) -> Response[str]:
    """One's seat in the panel: evidence, every reading, the minutes."""
    return await _drawn(shown, "case/panel.html")


async def _drawn(shown: Seen, template: str) -> Response[str]:
    seat = await shown.session.get_one(Assignment, shown.case.seat.id)  # type: ignore[union-attr]  # both views have one
    return shown.page.show(
        template,
        case=shown.case,
        offered=[one for one in shown.offered if one.command not in HELD_BY_PAGES],
        done=shown.done,
        writes=seat.state is SeatState.ACCEPTED,
        met=await appointments.listed(shown.session, shown.setting.case.id, caller=shown.caller, facts=shown.facts),
        asked_again="screen_again" in shown.case.commands,
        proposes=on_a_case(Action.PROPOSE_ATTESTATION, shown.facts) is Answer.ALLOWED
        and shown.setting.case.stage in ASKABLE,
        unclear="clarify_judgement" in shown.case.commands,
        conferring="settle_conferral" in shown.case.commands,
    )
