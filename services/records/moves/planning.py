"""A plan is proposed and answered, and the learner comes back with new attempts at what is open."""

from services.records import attempts, cases, claiming, plans, wording
from services.records.moves import identification
from services.records.moves.content import Content, Outcome, Setting, Told
from services.rules import gaps
from services.rules.gaps import Gap, Row, Way
from services.rules.people import Role
from services.rules.refusals import Refused

LONGEST_NOTE = 1000


def _named(setting: Setting, gap: Gap) -> dict[str, str]:
    competency = setting.programme.competency(gap.competency)
    text = competency.criterion(gap.criterion).text if gap.criterion else competency.title
    return {"competency": gap.competency, "gap": gap.criterion or "", "gap_en": text.en, "gap_fr": text.fr}


async def _may_plan(setting: Setting) -> None:
    """Raises `Refused`: plan_incomplete for a gap without its row, malformed, course_unknown."""
    asked = await plans.missing(setting.session, case=setting.case, programme=setting.programme, now=setting.now)
    ranked = await plans.offers(setting.session, case=setting.case, asked=list(asked), now=setting.now)
    covers = {one.offer.key: set(one.covered) for one in ranked}
    planned = [Gap(row.competency, row.criterion) for row in setting.body.rows]
    if len(planned) != len(set(planned)) or set(planned) - asked.keys():
        raise Refused("malformed", field="rows")
    for row, gap in zip(setting.body.rows, planned, strict=True):
        if row.way not in set(Way) or not 0 <= row.hours <= gaps.LONGEST_HOURS:
            raise Refused("malformed", field="rows")
        wording.check("note", row.note, most=LONGEST_NOTE, lines=True)
        if row.offer is not None and gap not in covers.get(row.offer, set()):
            raise Refused("course_unknown", offer=row.offer)
    for gap in asked:
        if gap not in planned:
            raise Refused("plan_incomplete", **_named(setting, gap))


async def _plan(setting: Setting) -> Outcome:
    session, case = setting.session, setting.case
    asked = await plans.missing(session, case=case, programme=setting.programme, now=setting.now)
    ranked = await plans.offers(session, case=case, asked=list(asked), now=setting.now)
    known = {one.offer.key: one.offer for one in ranked}
    rows = [
        Row(
            Gap(row.competency, row.criterion),
            Way(row.way),
            known[row.offer].hours if row.offer else row.hours,
            row.offer,
            row.note.strip(),
        )
        for row in setting.body.rows
    ]
    by = setting.command.role
    plan = await plans.propose(setting, rows, claims=asked, by=by, known=known)
    told: tuple[Told, ...] = ()
    if by is Role.ADVISOR:
        told = (Told("plan_proposed", case.learner_id),)
    elif case.advisor_id is not None:
        told = (Told("plan_changed", case.advisor_id),)
    return Outcome(result={"plan": str(plan.id), "number": plan.number}, told=told, logged={"plan": str(plan.id)})


async def _answer(setting: Setting, *, word: str) -> None:
    found = await plans.newest(setting.session, setting.case.id)
    if found is None:
        raise Refused("plan_missing")
    found.plan.answered_as, found.plan.answered_at = word, setting.now
    await setting.session.flush()


async def _may_accept(setting: Setting) -> None:
    """Raises `Refused`: case_already_open (a plan runs beside no other case on the same programme), share_reached."""
    await identification.no_other_open(setting)
    again = await cases.not_yet(setting.session, setting.case.id)
    await claiming.room_for(setting.session, case=setting.case, claims=again)


async def _accept(setting: Setting) -> Outcome:
    """What is open is attempted again, beginning with what was shown before; what was met is carried."""
    session, case = setting.session, setting.case
    await identification.alone_open(setting)
    await _answer(setting, word=plans.ACCEPTED)
    case.rounds_used, case.rounds_allowed, case.offers_failed, case.judge_on_file = 0, 0, 0, False
    begun = await attempts.begin(session, await cases.not_yet(session, case.id), now=setting.now)
    return Outcome(logged={"attempts": [str(claim.id) for claim in begun]})


async def _may_decline(setting: Setting) -> None:
    wording.check("reason", setting.body.reason, most=LONGEST_NOTE, lines=True)


async def _decline(setting: Setting) -> Outcome:
    # The reason stays on the command's row, for the advisor who plans with the learner.
    await _answer(setting, word=plans.DECLINED)
    return Outcome()


CONTENT = {
    "plan_gaps": Content(_may_plan, _plan),
    "accept_plan": Content(carry=_accept, beforehand=_may_accept),
    "decline_plan": Content(_may_decline, _decline),
}
