"""The ways of a case that the replay corpus keeps: each leads one case and answers it."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

from sqlmodel import select
from temporalio.testing import WorkflowEnvironment

from services.records import letters
from services.records.tables.commands import EffectState
from services.records.tables.evidence import RequestTarget
from services.rules import commands as bodies
from services.rules.case import SeatState, Stage
from services.rules.claims import Recommendation
from services.rules.people import Role
from tests.records import appealing, attesting, makers, moving
from tests.workflows import lives
from tests.workflows.house import House

Path = Callable[[House, moving.People, UUID], Awaitable[str | None]]


async def grant(house: House, who: moving.People, case_id: UUID) -> None:
    await lives.to_decided(house, who, case_id)


async def partial(house: House, who: moving.People, case_id: UUID) -> None:
    await lives.to_decided(house, who, case_id, second=Recommendation.NOT_YET)


async def gap_plan(house: House, who: moving.People, case_id: UUID) -> None:
    await lives.to_decided(house, who, case_id, second=Recommendation.NOT_YET)
    await lives.planned(house, who, case_id)
    await lives.judged(house, who, case_id)
    await lives.step(house, case_id, "decide", actor=who.decider, role=Role.DECISION_MAKER, body=lives.DECIDE)
    await house.until(case_id, Stage.DECIDED)
    await house.quiet(case_id)


async def more_evidence(house: House, who: moving.People, case_id: UUID) -> None:
    await lives.to_assessment(house, who, case_id)
    await lives.asked_for_more(house, who, case_id)
    await lives.step(house, case_id, "extend", actor=who.learner, role=Role.LEARNER, body=bodies.Extend("A journey"))
    await house.quiet(case_id)


async def refusal(house: House, who: moving.People, case_id: UUID) -> None:
    await lives.refused(house, who, case_id)


async def withdrawal(house: House, who: moving.People, case_id: UUID) -> None:
    await lives.to_eligible(house, who, case_id)
    await lives.withdrawn(house, who, case_id)
    await house.over(case_id)


async def undo(house: House, who: moving.People, case_id: UUID) -> None:
    await withdrawal(house, who, case_id)
    await lives.step(house, case_id, "undo_withdraw", actor=who.learner, role=Role.LEARNER)
    await house.quiet(case_id)


async def reopen(house: House, who: moving.People, case_id: UUID) -> None:
    await withdrawal(house, who, case_id)
    why = bodies.Reopen("The learner is back from a journey.")
    await lives.step(house, case_id, "reopen", actor=who.advisor, role=Role.ADVISOR, body=why)
    await house.quiet(case_id)


async def revoke(house: House, who: moving.People, case_id: UUID) -> None:
    await lives.to_decided(house, who, case_id)
    await lives.revoked(house, who, case_id)


async def suspension(house: House, who: moving.People, case_id: UUID) -> None:
    await lives.to_decided(house, who, case_id)
    await lives.suspended(house, who, case_id)
    claim = (await moving.claims_of(house.database, case_id))["first"]
    well = bodies.LiftSuspension(str(claim.id), "The employer has confirmed the letter.")
    await lives.step(house, case_id, "lift_suspension", actor=who.decider, role=Role.DECISION_MAKER, body=well)
    await house.quiet(case_id)


async def suspension_contested(house: House, who: moving.People, case_id: UUID) -> None:
    people = await appealing.body(house.database)
    await lives.to_decided(house, who, case_id)
    await lives.suspended(house, who, case_id)
    bench = await lives.heard(house, who, people, case_id)
    claim = (await moving.claims_of(house.database, case_id))["first"]
    await lives.ruled(house, bench, "varied", claim.id)
    await house.until(case_id, Stage.DECIDED)
    await house.quiet(case_id)


async def effect_failure(house: House, who: moving.People, case_id: UUID) -> None:
    house.mailbox.refusals[who.advisor.email] = "550 no such person"
    await lives.to_review(house, who, case_id)

    async def failed() -> bool:
        return bool(await house.effects(case_id, EffectState.FAILED))

    await house.wait(failed)
    house.mailbox.refusals.clear()
    (effect,) = await house.effects(case_id, EffectState.FAILED)
    again = bodies.RetryEffect(effect.key)
    await lives.step(house, case_id, "retry_effect", actor=who.lead, role=Role.LEAD, body=again)
    await house.quiet(case_id)


async def renew(house: House, who: moving.People, case_id: UUID) -> str:
    """Answers the run that ended so that a new one could begin."""
    await lives.to_eligible(house, who, case_id)
    await house.quiet(case_id)
    handle = house.desk.client.get_workflow_handle(f"case/{case_id}")
    before = (await handle.describe()).run_id
    await house.desk.renew(case_id)

    async def anew() -> bool:
        return (await handle.describe()).run_id != before

    await house.wait(anew)
    return str(before)


async def attestation(house: House, who: moving.People, case_id: UUID) -> None:
    await lives.to_eligible(house, who, case_id)
    await house.quiet(case_id)
    asked = await attesting.asked(house.database, case_id, now=await house.now())
    await house.desk.wake(case_id)
    await house.quiet(case_id)
    await attesting.answer(house.database, asked, now=await house.now())
    await house.desk.wake(case_id)
    await house.quiet(case_id)


async def third_party_report(house: House, who: moving.People, case_id: UUID) -> None:
    await lives.to_assessment(house, who, case_id)
    await lives.asked_for_more(house, who, case_id)
    asked = await attesting.asked(house.database, case_id, now=await house.now())
    async with house.database.reading() as session:
        target = (await session.exec(select(RequestTarget.id))).one()
    said = bodies.AnswerTarget(str(target), third_party=str(asked.request_id))
    await lives.step(house, case_id, "answer_target", actor=who.learner, role=Role.LEARNER, body=said)
    await house.quiet(case_id)
    await attesting.answer(house.database, asked, now=await house.now())
    await house.desk.wake(case_id)
    await house.until(case_id, Stage.IN_ASSESSMENT)
    await house.quiet(case_id)


async def clearer_reasons(house: House, who: moving.People, case_id: UUID) -> None:
    await lives.to_assessment(house, who, case_id)
    await lives.judged(house, who, case_id)
    claim = str((await moving.claims_of(house.database, case_id))["first"].id)
    unclear = bodies.ReturnJudgement(claim, "Which of the two?")
    await lives.step(house, case_id, "return_judgement", actor=who.lead, role=Role.LEAD, body=unclear)
    clear = bodies.ClarifyJudgement(claim, "The second work sample shows the whole task, done safely. " * 2)
    await lives.step(house, case_id, "clarify_judgement", actor=who.assessor, role=Role.ASSESSOR, body=clear)
    await lives.step(house, case_id, "decide", actor=who.decider, role=Role.DECISION_MAKER, body=lives.DECIDE)
    await house.until(case_id, Stage.DECIDED)
    await house.quiet(case_id)


async def panel(house: House, who: moving.People, case_id: UUID) -> None:
    await lives.settled_by_panel(house, who, case_id)
    await lives.step(house, case_id, "decide", actor=who.decider, role=Role.DECISION_MAKER, body=lives.DECIDE)
    await house.until(case_id, Stage.DECIDED)
    await house.quiet(case_id)


async def appeal_varied(house: House, who: moving.People, case_id: UUID) -> None:
    people = await appealing.body(house.database)
    await lives.to_decided(house, who, case_id, second=Recommendation.NOT_YET)
    bench = await lives.heard(house, who, people, case_id)
    await moving.write(house.database, case_id, bench.chair, second=moving.finding())
    claim = (await moving.claims_of(house.database, case_id))["second"]
    await lives.ruled(house, bench, "varied", claim.id)
    await house.until(case_id, Stage.DECIDED)
    await house.quiet(case_id)


async def appeal_remitted(house: House, who: moving.People, case_id: UUID) -> None:
    people = await appealing.body(house.database)
    await lives.to_decided(house, who, case_id, second=Recommendation.NOT_YET)
    bench = await lives.heard(house, who, people, case_id)
    async with house.database.writing() as session:
        fresh = await makers.staff(session, Role.ASSESSOR)
    claim = (await moving.claims_of(house.database, case_id))["second"]
    await lives.ruled(house, bench, "remitted", claim.id)
    (seat,) = await moving.seats_of(house.database, case_id, SeatState.OFFERED)
    accepted = bodies.AcceptOffer(str(seat.id), moving.CLEAR)
    await lives.step(house, case_id, "accept_offer", actor=fresh, role=Role.ASSESSOR, body=accepted)
    await house.until(case_id, Stage.IN_ASSESSMENT)
    await moving.write(house.database, case_id, fresh, second=moving.finding())
    await lives.step(house, case_id, "submit_judgements", actor=fresh, role=Role.ASSESSOR)
    await lives.step(house, case_id, "decide", actor=who.decider, role=Role.DECISION_MAKER, body=lives.DECIDE)
    await house.until(case_id, Stage.DECIDED)
    await house.quiet(case_id)


async def lapse(house: House, who: moving.People, case_id: UUID, machine: WorkflowEnvironment) -> None:
    """On a server that skips time."""
    await lives.to_eligible(house, who, case_id)
    await machine.sleep(timedelta(days=300))
    assert await house.over(case_id) == Stage.CLOSED


async def lapse_letter(house: House, who: moving.People, case_id: UUID, machine: WorkflowEnvironment) -> None:
    """A lapse since it has a letter; on a server that skips time."""
    await lapse(house, who, case_id, machine)
    async with house.database.reading() as session:
        assert len(await letters.released_of(session, case_id)) == len(letters.LANGUAGES)


async def lapse_challenged(house: House, who: moving.People, case_id: UUID, machine: WorkflowEnvironment) -> None:
    """On a server that skips time."""
    await lapse(house, who, case_id, machine)
    said = bodies.ChallengeLapse("I was ill, and wrote so.")
    await lives.step(house, case_id, "challenge_lapse", actor=who.learner, role=Role.LEARNER, body=said)
    await machine.sleep(timedelta(days=20))  # no lead answers in time
    again = bodies.RuleLapse(restored=True, reasons="The letter had not been read.")
    await lives.step(house, case_id, "rule_lapse", actor=who.lead, role=Role.LEAD, body=again)
    assert (await house.case(case_id)).stage is Stage.ELIGIBLE
    await house.quiet(case_id)


async def overdue(house: House, who: moving.People, case_id: UUID, machine: WorkflowEnvironment) -> None:
    """On a server that skips time."""
    await lives.to_assessment(house, who, case_id)
    await machine.sleep(timedelta(days=90))


async def pause(house: House, who: moving.People, case_id: UUID, machine: WorkflowEnvironment) -> None:
    """On a server that skips time."""
    await lives.to_eligible(house, who, case_id)
    await lives.paused(house, who, case_id, days=60)
    await machine.sleep(timedelta(days=70))
    assert (await house.case(case_id)).paused_until is None
    await house.quiet(case_id)


async def appointment(house: House, who: moving.People, case_id: UUID, machine: WorkflowEnvironment) -> None:
    """On a server that skips time."""
    await lives.to_assessment(house, who, case_id)
    await lives.interview_booked(house, who, case_id)
    await machine.sleep(timedelta(days=16))
    await lives.interview_recorded(house, who, case_id)
    await house.quiet(case_id)


async def second_reading(house: House, who: moving.People, case_id: UUID, machine: WorkflowEnvironment) -> None:
    """On a server that skips time."""
    await lives.to_assessment(house, who, case_id)
    await lives.doubted(house, who, case_id)
    await machine.sleep(timedelta(days=10))  # the first of the second readers who is asked says nothing
    await lives.agreed(house, case_id, await lives.accepted_by_the_next(house, case_id))
    await house.quiet(case_id)


PATHS: dict[str, Path] = {
    path.__name__: path
    for path in (
        grant,
        partial,
        gap_plan,
        more_evidence,
        refusal,
        withdrawal,
        undo,
        reopen,
        revoke,
        suspension,
        suspension_contested,
        effect_failure,
        renew,
        attestation,
        third_party_report,
        clearer_reasons,
        panel,
        appeal_varied,
        appeal_remitted,
    )
}
SKIPPING = {
    path.__name__: path for path in (lapse, lapse_letter, lapse_challenged, overdue, pause, appointment, second_reading)
}
"""Those that need a server which skips time."""
