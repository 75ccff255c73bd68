"""The lives of cases that several tests need: who acts, in which order, with which words."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from services.records import cases
from services.records.database import Database
from services.records.tables.assessment import Assignment
from services.records.tables.commands import CommandStatus
from services.records.tables.people import Person
from services.rules import commands as bodies
from services.rules.appointments import Mode
from services.rules.case import AppealState, SeatState, Stage
from services.rules.claims import ClaimState, Confidence, Recommendation
from services.rules.people import Role
from tests.records import appealing, makers, meeting, moderated, moving
from tests.workflows.house import House

SUBMIT = bodies.Submit("2026-1", ("holder_name",))
SEND = bodies.SubmitPortfolio(authentic=True, ai_use="None.")
DECIDE = bodies.Decide("Registrar")
LEAVE = bodies.Withdraw(confirmed=True)


async def drafted(database: Database, who: moving.People, *competencies: str) -> UUID:
    """A draft with evidence that points at each of its claims."""
    async with database.writing() as session:
        case = await makers.case(session, learner=who.learner, competencies=competencies or ("first", "second"))
        await makers.evidence(session, case, *await makers.claims(session, case))
        return case.id


async def step(house: House, case_id: UUID, kind: str, *, actor: Person, role: Role, body: object = None) -> None:
    """Send a command that must be applied, if only after the desk's patience where the machine has much to do."""
    sent = await house.send(case_id, kind, actor=actor, role=role, body=body)

    async def answered() -> bool:
        return (await house.row(sent.id)).status is not CommandStatus.PENDING

    await house.wait(answered)
    row = await house.row(sent.id)
    assert row.status is CommandStatus.APPLIED, (kind, row.status, row.refusal, row.refusal_facts)


async def to_review(house: House, who: moving.People, case_id: UUID) -> None:
    """Submitted, and taken by its advisor."""
    await step(house, case_id, "submit", actor=who.learner, role=Role.LEARNER, body=SUBMIT)
    await house.until(case_id, Stage.ELIGIBILITY_REVIEW)


async def to_eligible(house: House, who: moving.People, case_id: UUID) -> None:
    """Up to where the learner builds the portfolio."""
    await to_review(house, who, case_id)
    await step(house, case_id, "accept_eligibility", actor=who.advisor, role=Role.ADVISOR)


async def to_assessment(house: House, who: moving.People, case_id: UUID) -> Assignment:
    """Up to the assessor's desk; answers the seat."""
    await to_eligible(house, who, case_id)
    return await sent_in(house, who, case_id)


async def sent_in(house: House, who: moving.People, case_id: UUID) -> Assignment:
    """The portfolio is sent and goes to the assessor, for the first time or after a plan; answers the seat."""
    await step(house, case_id, "submit_portfolio", actor=who.learner, role=Role.LEARNER, body=SEND)
    await step(house, case_id, "accept_portfolio", actor=who.advisor, role=Role.ADVISOR)
    (seat,) = await moving.seats_of(house.database, case_id, SeatState.OFFERED)
    accepted = bodies.AcceptOffer(str(seat.id), moving.CLEAR)
    await step(house, case_id, "accept_offer", actor=who.assessor, role=Role.ASSESSOR, body=accepted)
    await house.until(case_id, Stage.IN_ASSESSMENT)
    return seat


async def judged(house: House, who: moving.People, case_id: UUID, **recommended: Recommendation) -> None:
    """The assessor writes a judgement on every claim (met unless said) and sends them in."""
    held = await moving.claims_of(house.database, case_id)
    waiting = [key for key, claim in held.items() if claim.state is ClaimState.IN_ASSESSMENT]
    found = {key: moving.finding(recommended.get(key, Recommendation.MET)) for key in waiting}
    await moving.write(house.database, case_id, who.assessor, **found)
    await step(house, case_id, "submit_judgements", actor=who.assessor, role=Role.ASSESSOR)


async def doubted(house: House, who: moving.People, case_id: UUID) -> None:
    """Two more assessors join, and the first one is not sure of a claim: a second reading is asked for."""
    async with house.database.writing() as session:
        for _ in range(2):
            await makers.staff(session, Role.ASSESSOR)
    found = {key: moving.finding() for key in await moving.claims_of(house.database, case_id)}
    unsure = {next(iter(found)): replace(moving.finding(), confidence=Confidence.LOW)}
    await moving.write(house.database, case_id, who.assessor, **(found | unsure))
    await step(house, case_id, "submit_judgements", actor=who.assessor, role=Role.ASSESSOR)
    await house.until(case_id, Stage.SECOND_ASSESSMENT)


async def accepted_by_the_next(house: House, case_id: UUID) -> Person:
    """Whoever is asked now takes the seat."""
    (seat,) = await moving.seats_of(house.database, case_id, SeatState.OFFERED)
    async with house.database.reading() as session:
        reader = await session.get_one(Person, seat.person_id)
    accepted = bodies.AcceptOffer(str(seat.id), moving.CLEAR)
    await step(house, case_id, "accept_offer", actor=reader, role=Role.ASSESSOR, body=accepted)
    return reader


async def agreed(house: House, case_id: UUID, reader: Person) -> None:
    """The second reader finds what the first one did."""
    found = {key: moving.finding() for key in await moving.claims_of(house.database, case_id)}
    await moving.write(house.database, case_id, reader, **found)
    await step(house, case_id, "submit_judgements", actor=reader, role=Role.ASSESSOR)
    await house.until(case_id, Stage.DECISION_PENDING)


async def to_issuing(house: House, who: moving.People, case_id: UUID, **recommended: Recommendation) -> None:
    """Up to the signature of the person who decides; letters and credentials follow by themselves."""
    await to_assessment(house, who, case_id)
    await judged(house, who, case_id, **recommended)
    await step(house, case_id, "decide", actor=who.decider, role=Role.DECISION_MAKER, body=DECIDE)


async def to_decided(house: House, who: moving.People, case_id: UUID, **recommended: Recommendation) -> None:
    """The straight path, up to letters that can be read."""
    await to_issuing(house, who, case_id, **recommended)
    await house.until(case_id, Stage.DECIDED)
    await house.quiet(case_id)


async def planned(house: House, who: moving.People, case_id: UUID) -> None:
    """The learner accepts the plan that came with the letter, shows something new, and the assessor has it again."""
    await step(house, case_id, "accept_plan", actor=who.learner, role=Role.LEARNER)
    await house.until(case_id, Stage.GAP_TRAINING)
    async with house.database.writing() as session:
        case = await cases.get(session, case_id)
        again = [claim for claim in await makers.claims(session, case) if claim.state is ClaimState.CLAIMED]
        await makers.evidence(session, case, *again)
    await sent_in(house, who, case_id)


async def refused(house: House, who: moving.People, case_id: UUID) -> None:
    """Found not eligible: an advisor proposes it, a person who decides signs it."""
    await to_review(house, who, case_id)
    proposal = bodies.ProposeRefusal("The programme needs work done in the last five years.")
    await step(house, case_id, "propose_refusal", actor=who.advisor, role=Role.ADVISOR, body=proposal)
    refusal = bodies.RefuseEligibility(proposal.reasons, "Come back once you have worked in the field again.")
    await step(house, case_id, "refuse_eligibility", actor=who.decider, role=Role.DECISION_MAKER, body=refusal)
    await house.quiet(case_id)


async def revoked(house: House, who: moving.People, case_id: UUID, competency: str = "first") -> None:
    """A grant is withdrawn, and the letter that says so can be read."""
    claim = (await moving.claims_of(house.database, case_id))[competency]
    body = bodies.RevokeGrant(str(claim.id), bodies.RevocationReason.ISSUED_IN_ERROR, "Two files were mixed up.")
    await step(house, case_id, "revoke_grant", actor=who.decider, role=Role.DECISION_MAKER, body=body)
    await house.quiet(case_id)


async def suspended(house: House, who: moving.People, case_id: UUID, competency: str = "first") -> None:
    """A grant is put under review, and the letter that says so can be read."""
    claim = (await moving.claims_of(house.database, case_id))[competency]
    doubt = bodies.SuspendGrant(str(claim.id), "An employer says that a letter is not theirs.")
    await step(house, case_id, "suspend_grant", actor=who.decider, role=Role.DECISION_MAKER, body=doubt)
    await house.quiet(case_id)


async def paused(house: House, who: moving.People, case_id: UUID, *, days: int) -> None:
    """The case stands still for `days` from today, as its learner wishes."""
    until = (await house.now()).date() + timedelta(days=days)
    body = bodies.Pause("illness", until, wished=True)
    await step(house, case_id, "pause", actor=who.advisor, role=Role.ADVISOR, body=body)


async def withdrawn(house: House, who: moving.People, case_id: UUID) -> None:
    """The learner leaves."""
    await step(house, case_id, "withdraw", actor=who.learner, role=Role.LEARNER, body=LEAVE)


async def asked_for_more(house: House, who: moving.People, case_id: UUID) -> None:
    """The assessor asks for more on one criterion."""
    claim = (await moving.claims_of(house.database, case_id))["first"]
    target = bodies.Target(str(claim.id), "b", "sufficient", "A second occasion", "A photo of another day")
    body = bodies.RequestEvidence((target,))
    await step(house, case_id, "request_evidence", actor=who.assessor, role=Role.ASSESSOR, body=body)


async def asked_to_complete(house: House, who: moving.People, case_id: UUID) -> None:
    """The advisor says what is missing."""
    body = bodies.AskCompletion((bodies.MissingItem("A proof of identity", "It must be you who is credited."),))
    await step(house, case_id, "ask_completion", actor=who.advisor, role=Role.ADVISOR, body=body)


async def interview_booked(house: House, who: moving.People, case_id: UUID) -> None:
    """The assessor asks for an interview on the first claim, and the learner chooses a date in two weeks."""
    claim = (await moving.claims_of(house.database, case_id))["first"]
    order = bodies.OrderAppointment("interview", (str(claim.id),), 45, "fr", "How the work is planned")
    await step(house, case_id, "order_appointment", actor=who.assessor, role=Role.ASSESSOR, body=order)
    day = (await house.now()) + timedelta(days=14)
    slots = tuple(bodies.Slot(day + timedelta(hours=hour), Mode.ON_SITE, "Workshop 4") for hour in range(3))
    await step(house, case_id, "offer_slots", actor=who.assessor, role=Role.ASSESSOR, body=bodies.OfferSlots(slots))
    first, *_ = await meeting.slots(house.database, case_id)
    await step(house, case_id, "book_slot", actor=who.learner, role=Role.LEARNER, body=bodies.BookSlot(str(first.id)))


async def interview_recorded(house: House, who: moving.People, case_id: UUID) -> None:
    """The assessor writes down what was seen; the case goes back to its assessment by itself."""
    record = bodies.RecordAppointment(await meeting.sheet(house.database, case_id))
    await step(house, case_id, "record_appointment", actor=who.assessor, role=Role.ASSESSOR, body=record)
    await house.until(case_id, Stage.IN_ASSESSMENT)


async def settled_by_panel(house: House, who: moving.People, case_id: UUID) -> None:
    """What one assessor found on the first claim is returned; a panel of three sits, votes and keeps minutes."""
    await moderated.panelists(house.database, 3)
    await to_assessment(house, who, case_id)
    await judged(house, who, case_id, first=Recommendation.PARTIAL)
    claims = {"first": (await moving.claims_of(house.database, case_id))["first"].id}
    why = bodies.ReturnDecision((bodies.ReturnedClaim(str(claims["first"]), "The second file was not looked at."),))
    await step(house, case_id, "return_decision", actor=who.decider, role=Role.DECISION_MAKER, body=why)
    members = []
    for seat in await moderated.panel_seats(house.database, case_id, SeatState.OFFERED):
        async with house.database.reading() as session:
            members.append(await session.get_one(Person, seat.person_id))
        accepted = bodies.AcceptOffer(str(seat.id), moving.CLEAR)
        await step(house, case_id, "accept_offer", actor=members[-1], role=Role.PANEL, body=accepted)
    await moderated.form(house.database, case_id, members[0], first=Recommendation.MET)
    minutes = moderated.minutes(members, claims)
    await step(house, case_id, "record_panel", actor=members[0], role=Role.PANEL, body=minutes)


async def lodged(house: House, who: moving.People, case_id: UUID) -> Person:
    """A learner contests what was decided, and somebody of the appeal body leads it; answers who."""
    await step(house, case_id, "lodge_appeal", actor=who.learner, role=Role.LEARNER, body=appealing.LODGE)
    return await _hears(house, case_id)


async def _hears(house: House, case_id: UUID) -> Person:
    """Whoever was asked to hear the appeal accepts."""
    (seat,) = await appealing.seats(house.database, case_id, SeatState.OFFERED)
    person = await appealing.person_of(house.database, seat)
    accepted = bodies.AcceptOffer(str(seat.id), moving.CLEAR)
    await step(house, case_id, "accept_offer", actor=person, role=Role.APPEAL_REVIEWER_1, body=accepted)
    return person


async def heard(house: House, who: moving.People, people: appealing.Body, case_id: UUID) -> appealing.Bench:
    """An appeal that was admitted, before a panel that is complete."""
    chair = await lodged(house, who, case_id)
    await step(house, case_id, "admit_appeal", actor=chair, role=Role.APPEAL_REVIEWER_1, body=bodies.AdmitAppeal())
    return await panel(house, who, case_id, chair, next(one for one in people.first if one.id != chair.id))


async def panel(house: House, who: moving.People, case_id: UUID, chair: Person, other: Person) -> appealing.Bench:
    """A lead names `other`, who accepts, and the panel sits."""
    named = bodies.NameAppealPanel((str(other.id),))
    await step(house, case_id, "name_appeal_panel", actor=who.lead, role=Role.LEAD, body=named)
    await _hears(house, case_id)

    async def sits() -> bool:
        return (await appealing.appeal_of(house.database, case_id)).state is AppealState.PANEL_NAMED

    await house.wait(sits)
    return appealing.Bench(case_id, chair, other, 1, await house.now())


async def ruled(house: House, bench: appealing.Bench, ruling: str, *claims: UUID) -> None:
    """The panel rules with one voice."""
    votes = tuple(bodies.AppealVote(str(one.id), ruling) for one in (bench.chair, bench.other))
    named = tuple(str(claim) for claim in claims)
    body = bodies.RuleAppeal(votes, appealing.REASONS, "judgement", claims=named)
    await step(house, bench.case_id, "rule_appeal", actor=bench.chair, role=Role.APPEAL_REVIEWER_1, body=body)
