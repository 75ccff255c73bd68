"""What a command's form asks of a case: the rows that the case itself gives, and fields that say nothing in it."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from services.api.pages import command_choices
from services.api.pages.command_choices import About, Setting
from services.records import appointments, clarity, dossier, plans
from services.rules.people import Role
from services.rules.programmes import Method

Rows = Callable[[Setting], Awaitable[list[About]]]


async def _row_each_claim(setting: Setting) -> list[About]:
    return [About(choice.label, {"claim": choice.value}) for choice in await command_choices.claims(setting)]


async def _row_each_item(setting: Setting) -> list[About]:
    items = await dossier.missing_items(setting.session, setting.case.id)
    return [About(item.what, {"item": str(item.id)}) for item in items if item.answered_at is None]


async def _row_each_gap(setting: Setting) -> list[About]:
    gaps = await plans.missing(setting.session, case=setting.case, programme=setting.programme, now=setting.now)
    return [
        About(
            f"{setting.competency(gap.competency)} – {setting.criterion(gap.competency, gap.criterion)}"
            if gap.criterion
            else setting.competency(gap.competency),
            {"competency": gap.competency} | ({"criterion": gap.criterion} if gap.criterion else {}),
        )
        for gap in gaps
    ]


async def _row_each_member(setting: Setting) -> list[About]:
    return [About(choice.label, {"person": choice.value}) for choice in await command_choices.appeal_members(setting)]


async def _row_each_criterion(setting: Setting) -> list[About]:
    met = await appointments.open_one(setting.session, setting.case.id)
    about = {claim.id for claim in await appointments.claims_of(setting.session, met.id)} if met else set()
    return [
        About(
            f"{setting.competency(claim.competency)} – {setting.words.text(criterion.text)}",
            {"claim": str(claim.id), "criterion": criterion.key},
        )
        for claim in setting.claims
        if claim.id in about
        for criterion in setting.programme.competency(claim.competency).criteria
    ]


async def _row_each_unclear(setting: Setting) -> list[About]:
    """The criteria of the first claim whose reasons the reader is asked to say more clearly."""
    asked = await clarity.awaited(setting.session, setting.case.id, author=UUID(setting.caller.id))
    about = {one.claim_id for one in asked[:1]}
    return [
        About(setting.words.text(criterion.text), {"criterion": criterion.key})
        for claim in setting.claims
        if claim.id in about
        for criterion in setting.programme.competency(claim.competency).criteria
    ]


ROWS: dict[str, Rows] = {
    "complete.answers": _row_each_item,
    "answer_request.answers": command_choices.row_each_target,
    "clarify_judgement.notes": _row_each_unclear,
    "return_decision.claims": _row_each_claim,
    "correct_decision.claims": _row_each_claim,
    "plan_gaps.rows": _row_each_gap,
    "rule_appeal.votes": _row_each_member,
    "record_appointment.sheet.lines": _row_each_criterion,
}
"""Lists whose rows the case gives, each once; every other list begins with empty rows and may grow."""

GROWING = frozenset({"record_appointment.sheet.lines"})
"""Of those, lists to which somebody may add rows: a criterion can be asked about more than once."""

BY_METHOD = {
    "sheet.lines.marks": (Method.CHALLENGE_TEST,),
    "sheet.lines.out_of": (Method.CHALLENGE_TEST,),
    "sheet.lines.done": (Method.OBSERVATION, Method.SIMULATION),
    "sheet.version": (Method.CHALLENGE_TEST, Method.SIMULATION),
    "sheet.conditions": (Method.CHALLENGE_TEST,),
    "sheet.place": (Method.OBSERVATION,),
    "sheet.props": (Method.SIMULATION,),
    "sheet.safety_stop": (Method.OBSERVATION,),
    "sheet.supervisor_present": (Method.OBSERVATION,),
}
"""What only the form of these methods asks. Source: `rules/appointments.ASKED`."""


async def not_asked(setting: Setting, command: str) -> frozenset[str]:
    """Fields of a command that say nothing in this case, or that are not this reader's to fill in."""
    case, programme = setting.case, setting.programme
    if command == "record_appointment":
        met = await appointments.open_one(setting.session, case.id)
        return frozenset(name for name, methods in BY_METHOD.items() if met and met.method not in methods)
    if command == "extend" and not setting.caller.holds(Role.LEAD, case.institution_id, programme.slug):
        return frozenset({"until"})
    if command == "withdraw" and not case.other_route:
        return frozenset({"reoriented"})
    return frozenset()


async def rows(setting: Setting, command: str, path: str) -> list[About] | None:
    """What the rows of a list are about; None where a person writes them freely."""
    source = ROWS.get(f"{command}.{path}")
    return await source(setting) if source else None
