"""A lead asks for clearer reasons, and their author gives them: the words change, and nothing that was found.

The decision waits meanwhile. Whoever asked may take it back, so that nobody's silence holds a case for ever.
Source: case design, section 4.1.
"""

from datetime import datetime
from uuid import UUID

from services.records import clarity, judgements, limits
from services.records.clarity import Awaited
from services.records.ids import new_id
from services.records.judgements import Found
from services.records.moves.content import Content, Outcome, Setting, Told
from services.records.tables.clarity import JudgementClarification, JudgementReturn
from services.rules import clarity as rules
from services.rules import limits as ladder
from services.rules.refusals import Refused

LONGEST_NOTE = 2_000
LONGEST_REASON = 10_000


async def standing(setting: Setting) -> dict[str, Found]:
    """The judgement that stands for each claim that waits for its decision, by the claim's id."""
    found = await judgements.recommendations(setting.session, setting.case.id)
    return {str(claim): one for claim, one in found.items()}


# a lead asks


async def _something_stands(setting: Setting) -> None:
    """Raises `Refused('claims_missing')` where nobody recommended anything, as of transfers alone."""
    if not await standing(setting):
        raise Refused("claims_missing")


async def _may_ask(setting: Setting) -> None:
    """Raises `Refused`: claim_unknown, reasons_missing, malformed, clarity_asked while it waits already."""
    if setting.body.claim not in await standing(setting):
        raise Refused("claim_unknown")
    if not setting.body.note.strip():
        raise Refused("reasons_missing")
    if len(setting.body.note) > LONGEST_NOTE:
        raise Refused("malformed", field="note")
    if setting.body.claim in {str(one.claim_id) for one in await clarity.awaited(setting.session, setting.case.id)}:
        raise Refused("clarity_asked")


async def _ask(setting: Setting) -> Outcome:
    """Begin the time to answer; that of whoever decides begins anew once nothing waits any more."""
    session, case, now = setting.session, setting.case, setting.now
    judgement = (await standing(setting))[setting.body.claim]
    asked = new_id()
    await limits.end(session, case_id=case.id, key="decision", now=now)
    limit = await limits.begin(
        session,
        case=case,
        policy=setting.programme.policy,
        limit=ladder.LIMIT[clarity.LIMIT],
        now=now,
        subject=str(asked),
    )
    session.add(
        JudgementReturn(
            id=asked,
            case_id=case.id,
            claim_id=judgement.claim_id,
            judgement_id=judgement.id,
            author_id=judgement.assessor,
            limit_id=limit.id,
            note=setting.body.note.strip(),
            returned_by=UUID(setting.command.actor),
            command_id=UUID(setting.command.id),
            at=now,
        )
    )
    case.due_at = await limits.first_due(session, case)
    await session.flush()
    return Outcome(
        result={"due_at": limit.due_at.isoformat()},
        told=(Told("reasons_unclear", judgement.assessor, {"due": limit.due_at.isoformat()}),),
        logged={"judgement": str(judgement.id)},
    )


# their author answers


async def _asked_of(setting: Setting, *, author: str = "") -> Awaited:
    """What waits for the claim named, of `author` where given. Raises `Refused('nothing_to_clarify')`."""
    for one in await clarity.awaited(setting.session, setting.case.id):
        if str(one.claim_id) == setting.body.claim and author in ("", str(one.author)):
            return one
    raise Refused("nothing_to_clarify")


async def _asked_of_the_sender(setting: Setting) -> None:
    """Raises `Refused('nothing_to_clarify')`: to anybody else who read the case, nothing was returned."""
    if not await clarity.awaited(setting.session, setting.case.id, author=UUID(setting.command.actor)):
        raise Refused("nothing_to_clarify")


def _notes(setting: Setting) -> dict[str, str]:
    return {one.criterion: one.note.strip() for one in setting.body.notes if one.note.strip()}


async def _may_clarify(setting: Setting) -> None:
    """Raises `Refused`: nothing_to_clarify, malformed, reasons_unchanged, rationale_missing."""
    await _asked_of(setting, author=setting.command.actor)
    given = [one.criterion for one in setting.body.notes]
    texts = [setting.body.rationale, *(one.note for one in setting.body.notes)]
    if len(set(given)) != len(given) or any(len(text) > LONGEST_REASON for text in texts):
        raise Refused("malformed", field="notes")
    judgement = (await standing(setting))[setting.body.claim]
    rules.check(
        judgement.content,
        rationale=setting.body.rationale.strip(),
        notes=_notes(setting),
        competency=setting.programme.competency(judgement.competency),
        minimum=setting.programme.policy.rationale_minimum,
    )


async def _clarify(setting: Setting) -> Outcome:
    session, case, now = setting.session, setting.case, setting.now
    asked = await _asked_of(setting, author=setting.command.actor)
    before = (await standing(setting))[setting.body.claim]
    anew = rules.said_anew(before.content, rationale=setting.body.rationale.strip(), notes=_notes(setting))
    session.add(
        JudgementClarification(
            return_id=asked.id,
            case_id=case.id,
            judgement_id=asked.judgement_id,
            author_id=UUID(setting.command.actor),
            role=setting.command.role,
            rationale=anew.rationale,
            notes={one.criterion: one.note for one in anew.ratings},
            command_id=UUID(setting.command.id),
            at=now,
        )
    )
    due = await _let_decide(setting, asked)
    return Outcome(
        told=(Told("reasons_clarified", asked.returned_by, {"due": due.isoformat()} if due else {}),),
        logged={"judgement": str(asked.judgement_id)},
    )


async def _let_decide(setting: Setting, answered: Awaited) -> datetime | None:
    """End the time to answer; when nothing waits any more, whoever decides has all of theirs again."""
    session, case, now = setting.session, setting.case, setting.now
    await limits.end(session, case_id=case.id, key=clarity.key(answered.id), now=now)
    await session.flush()
    due = None
    if not await clarity.awaited(session, case.id):
        limit = ladder.LIMIT["decision"]
        due = (await limits.renew(session, case=case, policy=setting.programme.policy, limit=limit, now=now)).due_at
    case.due_at = await limits.first_due(session, case)
    return due


# a lead takes it back


async def _may_take_back(setting: Setting) -> None:
    """Raises `Refused('nothing_to_clarify')`."""
    await _asked_of(setting)


async def _take_back(setting: Setting) -> Outcome:
    asked = await _asked_of(setting)
    await _let_decide(setting, asked)
    return Outcome(told=(Told("reasons_settled", asked.author),), logged={"judgement": str(asked.judgement_id)})


CONTENT = {
    "return_judgement": Content(_may_ask, _ask, _something_stands),
    "clarify_judgement": Content(_may_clarify, _clarify, _asked_of_the_sender),
    "take_back_return": Content(_may_take_back, _take_back),
}
