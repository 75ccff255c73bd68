"""A learner takes a newer version of the programme: open claims go over by their key, or are left behind knowingly."""

import sqlalchemy as sa
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import calendars, cases, claiming, programmes, versions
from services.records.moves import documentation
from services.records.moves.content import Content, Outcome, Setting, Told
from services.records.tables.cases import Case, Claim
from services.records.tables.evidence import Pointer
from services.records.tables.programmes import ProgrammeVersion
from services.rules.case import Stage
from services.rules.claims import OPEN_CLAIMS, ClaimState
from services.rules.programmes import Programme
from services.rules.refusals import Refused


async def _offered(setting: Setting) -> ProgrammeVersion:
    """The newer version that is open. Raises `Refused`: version_same, version_not_offered."""
    row = await programmes.newer(setting.session, setting.case)
    if row is None:
        raise Refused("version_same")
    if row.version != setting.body.to:
        raise Refused("version_not_offered", newest=str(row.version))
    return row


async def _can_change(setting: Setting) -> None:
    """Nothing rests on the present version yet, and something is left to claim under the newer one.

    Raises `Refused`: version_same, version_relied_on, version_leaves_nothing, share_reached.
    """
    row = await programmes.newer(setting.session, setting.case)
    if row is None:
        raise Refused("version_same")
    if await versions.relied_on(setting.session, setting.case.id):
        raise Refused("version_relied_on")
    new = await programmes.read(setting.session, row.id)
    opened = await documentation.open_claims(setting)
    left = await left_behind(setting.session, setting.case, new)
    if left and len(left) == len(opened):
        raise Refused("version_leaves_nothing")
    if setting.case.stage is not Stage.DRAFT:  # a draft is asked when it is sent
        await claiming.room_for(setting.session, case=setting.case, claims=[], programme=new)


async def _may_change(setting: Setting) -> None:
    """The learner leaves every claim behind that the newer version lacks.

    Raises `Refused`: confirmation_missing, version_not_offered, malformed for a claim that is not lacking,
    version_lacks_competency.
    """
    if not setting.body.confirmed:
        raise Refused("confirmation_missing")
    new = await programmes.read(setting.session, (await _offered(setting)).id)
    left = await left_behind(setting.session, setting.case, new)
    if not left.issuperset(setting.body.leave):
        raise Refused("malformed", field="leave")
    for key in sorted(left.difference(setting.body.leave)):
        raise Refused("version_lacks_competency", **documentation.competency_facts(setting.programme, key))


async def left_behind(session: AsyncSession, case: Case, new: Programme) -> set[str]:
    """The competencies of open claims that `new` does not hold."""
    return {claim.competency for claim in await _lacking(session, case, new) if claim.state in OPEN_CLAIMS}


async def _lacking(session: AsyncSession, case: Case, new: Programme) -> list[Claim]:
    """The claims, taken back or not, of competencies that `new` does not hold."""
    kept = {competency.key for competency in new.competencies}
    return [claim for claim in await cases.claims_of(session, case.id) if claim.competency not in kept]


async def _leave_behind(setting: Setting, new: Programme) -> list[str]:
    """Open claims that `new` lacks are taken back; all of them are shown in the words of the version that is left."""
    case = setting.case
    lacking = await _lacking(setting.session, case, new)
    if lacking:
        case.left_versions = [*case.left_versions, str(case.programme_version_id)]
    left = [claim for claim in lacking if claim.state in OPEN_CLAIMS]
    for claim in left:
        claim.state, claim.withdrawn_at = ClaimState.WITHDRAWN, setting.now
    await setting.session.flush()
    return [claim.competency for claim in left]


async def _change(setting: Setting) -> Outcome:
    """Dates that were given stay; what begins from now on is measured by the policy of the newer version."""
    session, case, old = setting.session, setting.case, setting.programme
    row = await _offered(setting)
    new = await programmes.read(session, row.id)
    left = await _leave_behind(setting, new)
    case.programme_version_id = row.id
    case.active_at = setting.now
    await _take_calendar(setting, new)
    dropped = _drop_answers(setting, new)
    claims = [claim for claim in await cases.claims_of(session, case.id) if claim.state in OPEN_CLAIMS]
    reworded = [key.competency for key in claims if new.competency(key.competency) != old.competency(key.competency)]
    result = {
        "programme_version": row.version,
        "claims": [claim.competency for claim in claims],
        "changed": reworded,
        "left": left,
        "pointers_widened": await _widen_pointers(setting, new),
        "answers_dropped": dropped,
        "questions": [question.key for question in documentation.unanswered(new, case.answers)],
    }
    told = [Told("claims_left", person) for person in (case.learner_id, case.advisor_id) if person and left]
    logged = {"from": old.version, "to": row.version, "claims": len(claims), "left": left}
    return Outcome(result=result, told=tuple(told), logged=logged)


def _drop_answers(setting: Setting, new: Programme) -> list[str]:
    """Take out answers to questions that are asked no more; answers their keys.

    One that says who the learner is goes as well where the newer form does not hold it back from masked readers.
    """
    case = setting.case
    telling = {question.key for question in setting.programme.form if question.identifying}
    kept = {question.key for question in new.form if question.identifying or question.key not in telling}
    dropped = sorted(case.answers.keys() - kept)
    if dropped:
        case.answers = {key: text for key, text in case.answers.items() if key in kept}
        case.answers_version += 1
    return dropped


async def _take_calendar(setting: Setting, new: Programme) -> None:
    """A sent case that was measured by another calendar takes the institution's newest of the name that is new."""
    case, name = setting.case, new.policy.calendar.name
    if case.submitted_at is None or name == setting.programme.policy.calendar.name:
        return
    edition = await calendars.newest(setting.session, institution=case.institution_id, name=name)
    case.calendar_id, case.next_calendar_id = edition.id if edition else None, None


async def _widen_pointers(setting: Setting, new: Programme) -> int:
    """A pointer at a criterion that is no more points at the whole claim; answers how many did."""
    widened = 0
    kept = {competency.key for competency in new.competencies}
    for claim in await cases.claims_of(setting.session, setting.case.id):
        if claim.competency not in kept:
            continue
        criteria = [criterion.key for criterion in new.competency(claim.competency).criteria]
        done = await setting.session.exec(
            sa.update(Pointer)
            .where(col(Pointer.claim_id) == claim.id, col(Pointer.criterion).not_in(criteria))
            .values(criterion=None)
        )
        widened += done.rowcount
    return widened


CONTENT = {"change_programme_version": Content(_may_change, _change, _can_change)}
