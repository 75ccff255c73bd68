"""A panel settles by votes of people who may sit, and only with minutes in which nothing is missing."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
from sqlmodel import col, select

from services.records import assignments, cases, judgements, moderating, panels
from services.records.database import Database
from services.records.tables.assessment import FinalReading, Standing
from services.records.tables.moderation import PanelFinding, PanelMinutes, PanelVote
from services.records.tables.people import AssessorProfile, Person
from services.rules import commands as bodies
from services.rules.case import SeatKind, SeatState, Stage, WaitingOn
from services.rules.claims import ClaimState
from services.rules.commands import RecordPanel
from services.rules.conflicts import ConflictTie
from services.rules.people import Role
from services.rules.refusals import Refused
from services.rules.second_reading import Way
from tests.records import makers, moderated, moving, reading
from tests.records.moderated import MET, NOT_YET, PARTIAL
from tests.records.prepared import prepared

Change = Callable[[RecordPanel], RecordPanel]


def claims_as(**fields: object) -> Change:
    """The minutes, with every claim's votes changed."""
    return lambda body: replace(body, claims=tuple(replace(one, **fields) for one in body.claims))  # type: ignore[arg-type]  # fields by name


def votes_as(
    change: Callable[[tuple[bodies.Vote, ...]], tuple[bodies.Vote, ...]], casting: str | None = None
) -> Change:
    return lambda body: replace(
        body, claims=tuple(replace(one, votes=change(one.votes), casting=casting) for one in body.claims)
    )


def split(votes: tuple[bodies.Vote, ...]) -> tuple[bodies.Vote, ...]:
    """One for and one against, the third away."""
    return (votes[0], replace(votes[1], vote="not_yet"))


GAPS: list[tuple[str, str, Change]] = [
    ("quorum_missing", "quorum", votes_as(lambda votes: votes[:1])),
    ("quorum_missing", "chair", votes_as(lambda votes: votes[1:])),
    ("votes_invalid", "voter", votes_as(lambda votes: (*votes, votes[0]))),
    ("votes_invalid", "voter", votes_as(lambda votes: (*votes, bodies.Vote(str(UUID(int=5)), "met")))),
    ("votes_invalid", "choice", votes_as(lambda votes: (replace(votes[0], vote="maybe"), *votes[1:]))),
    ("votes_invalid", "choice", votes_as(lambda votes: (replace(votes[0], vote="insufficient_evidence"), *votes[1:]))),
    ("votes_invalid", "tie", votes_as(split)),
    ("votes_invalid", "casting_vote", votes_as(split, casting="partial")),
    ("votes_invalid", "outcome", votes_as(split, casting="not_yet")),
    ("minutes_missing", "minutes", lambda body: replace(body, material=" ")),
    ("minutes_missing", "minutes", claims_as(reasons="")),
    (
        "minutes_missing",
        "statements",
        lambda body: replace(body, members=tuple(replace(one, statement="") for one in body.members)),
    ),
    ("minutes_missing", "signature", lambda body: replace(body, signed=False)),
    (
        "minutes_missing",
        "dissent",
        votes_as(lambda votes: (replace(votes[0], dissent="I see it otherwise."), *votes[1:])),
    ),
]
"""Refused with which code and gap: complete minutes with one thing changed."""


@prepared
async def ready(database: Database) -> tuple[UUID, list[Person], dict[str, UUID]]:
    """A panel of three that has met: the case, the members with the chair first, and the claim in moderation."""
    who = await moving.people(database)
    await moderated.panelists(database)
    case_id = await moderated.returned(database, who, first=PARTIAL)
    members = await moderated.seated(database, case_id)
    await moderated.form(database, case_id, members[0], first=MET)
    return case_id, members, await moderated.unsettled(database, case_id)


async def test_no_record_stands_for_one_voter_without_minutes_or_with_a_tie(database: Database) -> None:
    case_id, members, claims = await ready(database)
    complete = moderated.minutes(members, claims)
    for code, gap, change in GAPS:
        async with moving.nothing_changes(database, code) as refused:
            await moderated.record(database, case_id, members[0], change(complete))
        assert refused.value.facts["gap"] == gap
        assert refused.value.facts["competency"] == "first"


async def test_no_record_stands_without_a_qualified_member_who_votes(database: Database) -> None:
    case_id, members, claims = await ready(database)
    async with database.writing() as session:
        for member in members[:2]:
            session.add(AssessorProfile(person_id=member.id, capacity=10, languages=["en"], competencies=["second"]))
    body = moderated.minutes(members, claims, votes=(MET, MET))
    async with moving.nothing_changes(database, "quorum_missing") as refused:
        await moderated.record(database, case_id, members[0], body)
    assert refused.value.facts["gap"] == "qualified"
    await moderated.record(database, case_id, members[0], moderated.minutes(members, claims))
    async with database.reading() as session:
        rows = await session.exec(select(PanelVote.person_id, PanelVote.qualified))
        assert {person for person, able in rows if able} == {members[2].id}


async def test_a_record_is_about_the_claims_in_moderation_and_no_other(database: Database) -> None:
    case_id, members, claims = await ready(database)
    body = moderated.minutes(members, claims)
    (mine,) = body.claims
    for changed, code in (
        (replace(body, claims=()), "claims_open"),
        (replace(body, claims=(mine, mine)), "malformed"),
        (replace(body, claims=(mine, replace(mine, claim=str(case_id)))), "claim_unknown"),
        (replace(body, members=(*body.members, body.members[0])), "malformed"),
    ):
        async with moving.nothing_changes(database, code):
            await moderated.record(database, case_id, members[0], changed)


async def test_the_chair_writes_one_form_to_which_the_rules_of_evidence_apply(database: Database) -> None:
    who = await moving.people(database)
    await moderated.panelists(database)
    case_id = await moderated.returned(database, who, first=PARTIAL)
    members = await moderated.seated(database, case_id)
    claims = await moderated.unsettled(database, case_id)
    body = moderated.minutes(members, claims)
    async with moving.nothing_changes(database, "claims_open"):
        await moderated.record(database, case_id, members[0], body)
    async with moving.nothing_changes(database, "not_chair"):
        await moderated.form(database, case_id, members[1], first=MET)
    contrary = replace(moving.finding(PARTIAL), recommendation=MET)
    await moving.write(database, case_id, members[0], first=contrary)
    async with moving.nothing_changes(database, "evidence_rule"):
        await moderated.record(database, case_id, members[0], body)


async def test_nobody_but_the_chair_records(database: Database) -> None:
    case_id, members, claims = await ready(database)
    async with moving.nothing_changes(database, "not_chair"):
        await moderated.record(database, case_id, members[1], moderated.minutes(members, claims))


async def test_what_a_panel_recorded_is_what_a_decision_confirms(database: Database) -> None:
    case_id, members, claims = await ready(database)
    body = moderated.minutes(members, claims, votes=(NOT_YET, MET), casting=MET, composition=" Two trades. ")
    dissent = replace(body.claims[0].votes[0], dissent="One occasion only.")
    body = replace(body, claims=(replace(body.claims[0], votes=(dissent, body.claims[0].votes[1])),))
    result = await moderated.record(database, case_id, members[0], body)
    assert (result["stage"], result["warnings"]) == (Stage.DECISION_PENDING, [])
    async with database.reading() as session:
        (minutes,) = await session.exec(select(PanelMinutes))
        (finding,) = await session.exec(select(PanelFinding))
        votes = {vote.person_id: vote for vote in await session.exec(select(PanelVote))}
        (final,) = await session.exec(select(FinalReading))
        (found,) = (await judgements.recommendations(session, case_id)).values()
        (kept,) = await panels.sittings(session, case_id)
        assert len(await panels.voters(session, [found.id])) == 2
    assert (minutes.chair_id, minutes.composition, minutes.quorum) == (members[0].id, "Two trades.", 2)
    assert (finding.outcome, finding.casting) == (MET, MET)
    assert (votes[members[0].id].dissent, votes[members[1].id].vote) == ("One occasion only.", MET)
    assert (final.standing, final.judgement_id) == (Standing.PANEL, finding.judgement_id)
    assert (found.role, found.assessor, found.recommendation) == (Role.PANEL, members[0].id, MET)
    assert (kept.minutes.id, len(kept.votes), kept.names[members[1].id]) == (minutes.id, 2, members[1].name)
    assert {seat.state for seat in await moderated.panel_seats(database, case_id)} == {SeatState.SUBMITTED}
    told = await moving.told(database, case_id)
    assert {person for notice, person in told if notice == "panel_recorded"} == {one.id for one in members[1:]}


async def test_a_programme_may_ask_for_a_word_on_the_panels_balance_and_never_waits_for_it(database: Database) -> None:
    case_id, members, claims = await ready(database)
    await moderated.pinned(database, case_id, moderated.programme(panel_balance="warn"))
    result = await moderated.record(database, case_id, members[0], moderated.minutes(members, claims))
    assert result["warnings"] == ["composition"]


# who sits


async def test_three_are_asked_one_of_whom_leads_and_nobody_who_had_a_part(database: Database) -> None:
    who = await moving.people(database)
    able = await moderated.panelists(database, 3)
    async with database.writing() as session:
        for person in (who.assessor, who.advisor):
            await makers.role(session, person, Role.PANEL)
    case_id = await moderated.returned(database, who, first=PARTIAL)
    asked = await moderated.panel_seats(database, case_id, SeatState.OFFERED)
    assert {seat.person_id for seat in asked} == {one.id for one in able}
    assert [seat.chair for seat in asked] == [True, False, False]
    assert ("panel_offer", asked[0].person_id) in await moving.told(database, case_id)
    chair = await moderated.accept(database, asked[0])
    (held,) = await moderated.panel_seats(database, case_id, SeatState.ACCEPTED)
    assert (held.person_id, held.due_at) == (chair.id, (await moving.case_of(database, case_id)).due_at)


async def test_a_seat_that_comes_back_goes_to_the_next_and_a_lead_hears_of_a_panel_that_is_too_small(
    database: Database,
) -> None:
    who = await moving.people(database)
    await moderated.panelists(database, 4)
    case_id = await moderated.returned(database, who, first=PARTIAL)
    chair, second, _ = await moderated.panel_seats(database, case_id, SeatState.OFFERED)
    for seat, kind, body in (
        (chair, "decline_offer", bodies.DeclineOffer(str(chair.id), "no_time")),
        (second, "declare_conflict", bodies.DeclareConflict(str(second.id), moving.tied(ConflictTie.FINANCIAL))),
    ):
        async with database.reading() as session:
            person = await session.get_one(Person, seat.person_id)
        await moving.send(database, case_id, kind, actor=person, role=Role.PANEL, body=body)
    asked = await moderated.panel_seats(database, case_id, SeatState.OFFERED)
    assert [seat.chair for seat in asked] == [True, False]
    assert not {chair.person_id, second.person_id} & {seat.person_id for seat in asked}
    assert ("assignment_failed", who.lead.id) in await moving.told(database, case_id)


def compose(reason: str = "Our trades must be there.", **named: object) -> bodies.ComposePanel:
    return bodies.ComposePanel(reason, **named)  # type: ignore[arg-type]  # fields by name


async def test_a_lead_names_who_sits_and_who_leads(database: Database) -> None:
    who = await moving.people(database)
    (only,) = await moderated.panelists(database, 1)
    case_id = await moderated.returned(database, who, first=PARTIAL)
    later, other = await moderated.panelists(database, 2)
    body = compose(chair=str(later.id), members=(str(other.id), str(later.id)))
    await moving.send(database, case_id, "compose_panel", actor=who.lead, role=Role.LEAD, body=body)
    asked = await moderated.panel_seats(database, case_id, SeatState.OFFERED)
    assert {seat.person_id for seat in asked} == {only.id, later.id, other.id}
    assert [seat.person_id for seat in asked if seat.chair] == [later.id]
    body = compose(chair=str(only.id))
    await moving.send(database, case_id, "compose_panel", actor=who.lead, role=Role.LEAD, body=body)
    asked = await moderated.panel_seats(database, case_id, SeatState.OFFERED)
    assert [seat.person_id for seat in asked if seat.chair] == [only.id]


async def test_a_panel_is_composed_in_writing_and_of_people_who_may_sit(database: Database) -> None:
    who = await moving.people(database)
    await moderated.panelists(database, 2)
    case_id = await moderated.returned(database, who, first=PARTIAL)
    able, *more = await moderated.panelists(database, 3)
    async with database.writing() as session:
        await makers.role(session, who.assessor, Role.PANEL)
        barred = await makers.staff(session, Role.PANEL)
        await makers.exclude(session, await cases.get(session, case_id), barred)
        tied = await makers.staff(session, Role.PANEL)
        tied.organisation = who.learner.organisation = "Sample Works"
        session.add_all([tied, who.learner])
    for body, code in (
        (compose(" ", chair=str(able.id)), "reasons_missing"),
        (compose(), "malformed"),
        (compose(members=tuple(str(one.id) for one in more)), "panel_full"),
        (compose(chair=str(who.lead.id)), "not_qualified"),
        (compose(chair=str(who.assessor.id)), "separation_of_duties"),
        (compose(chair=str(barred.id)), "conflict_of_interest"),
        (compose(chair=str(tied.id)), "conflict_of_interest"),
    ):
        async with moving.nothing_changes(database, code):
            await moving.send(database, case_id, "compose_panel", actor=who.lead, role=Role.LEAD, body=body)


async def test_a_member_who_is_dismissed_is_replaced_and_a_new_chair_leads(database: Database) -> None:
    who = await moving.people(database)
    await moderated.panelists(database, 4)
    case_id = await moderated.returned(database, who, first=PARTIAL)
    members = await moderated.seated(database, case_id)
    chair, *_ = await moderated.panel_seats(database, case_id, SeatState.ACCEPTED)
    body = bodies.Reassign("Ill for a month", str(chair.id))
    await moving.send(database, case_id, "reassign", actor=who.lead, role=Role.LEAD, body=body)
    (asked,) = await moderated.panel_seats(database, case_id, SeatState.OFFERED)
    assert asked.chair
    assert asked.person_id not in {one.id for one in members}
    (last,) = await moderated.panelists(database, 1)
    named = bodies.Reassign("One more", assessor=str(last.id))
    with pytest.raises(Refused, match="panel_full"):
        await moving.send(database, case_id, "reassign", actor=who.lead, role=Role.LEAD, body=named)
    named = bodies.Reassign("Knows the trade", str(asked.id), str(last.id))
    await moving.send(database, case_id, "reassign", actor=who.lead, role=Role.LEAD, body=named)
    (asked,) = await moderated.panel_seats(database, case_id, SeatState.OFFERED)
    assert (asked.person_id, asked.chair) == (last.id, True)
    again = compose(chair=str(chair.person_id))
    await moving.send(
        database,
        case_id,
        "reassign",
        actor=who.lead,
        role=Role.LEAD,
        body=bodies.Reassign("x", str(asked.id), str(members[0].id)),
    )
    (back,) = await moderated.panel_seats(database, case_id, SeatState.OFFERED)
    assert (back.person_id, back.chair) == (members[0].id, False)  # whoever had a part before leads no panel
    async with moving.nothing_changes(database, "separation_of_duties"):
        await moving.send(database, case_id, "compose_panel", actor=who.lead, role=Role.LEAD, body=again)


async def test_a_tie_of_a_member_found_after_the_vote_calls_another_panel(database: Database) -> None:
    who = await moving.people(database)
    case_id, members = await moderated.found_by_panel(database, who)
    await moderated.panelists(database, 2)
    seat = next(one for one in await moderated.panel_seats(database, case_id) if one.person_id == members[2].id)
    body = bodies.DeclareConflict(str(seat.id), moving.tied())
    await moving.send(database, case_id, "declare_conflict", actor=members[2], role=Role.PANEL, body=body)
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.moderation) == (Stage.MODERATION, Way.PANEL)
    assert set(await moderated.unsettled(database, case_id)) == {"first"}
    asked = await moderated.panel_seats(database, case_id, SeatState.OFFERED)
    assert members[2].id not in {one.person_id for one in asked}
    assert next(one.person_id for one in asked if one.chair) not in {one.id for one in members}
    assert (await moving.claims_of(database, case_id))["first"].state is ClaimState.IN_ASSESSMENT


async def test_a_second_panel_is_led_by_somebody_else_and_the_first_ones_minutes_stay(database: Database) -> None:
    who = await moving.people(database)
    case_id, members = await moderated.found_by_panel(database, who)
    claim = (await moderated.judgements_of(database, case_id))[0].claim_id
    why = bodies.ReturnDecision((bodies.ReturnedClaim(str(claim), "The casting vote has no reasons."),))
    await moving.send(database, case_id, "return_decision", actor=who.decider, role=Role.DECISION_MAKER, body=why)
    again = await moderated.seated(database, case_id)
    led = [one for one in await moderated.panel_seats(database, case_id, SeatState.ACCEPTED) if one.chair]
    assert [one.person_id in {member.id for member in members} for one in led] == [False]
    chair = next(one for one in again if one.id == led[0].person_id)
    await moderated.form(database, case_id, chair, first=NOT_YET)
    votes = moderated.minutes(
        [chair, *(one for one in again if one is not chair)], {"first": claim}, votes=(NOT_YET, NOT_YET, NOT_YET)
    )
    await moderated.record(database, case_id, chair, votes)
    async with database.reading() as session:
        assert len(await panels.sittings(session, case_id)) == 2
        (found,) = (await judgements.recommendations(session, case_id)).values()
    assert found.recommendation is NOT_YET
    await moving.decide(database, who, case_id)
    assert (await moving.case_of(database, case_id)).outcome == "not_granted"


# time


async def test_a_lead_hears_of_a_panel_when_it_is_due_every_week_after_and_when_all_time_is_used(
    database: Database,
) -> None:
    case_id, members, _ = await ready(database)
    await moving.strike(database, case_id, "panel/soon")
    told = await moving.told(database, case_id)
    assert {person for notice, person in told if notice == "panel_reminder"} == {one.id for one in members}
    for name in ("panel/due", "panel/week_1", "panel/week_2"):
        await moving.strike(database, case_id, name)
    told = await moving.told(database, case_id)
    leads = [person for notice, person in told if notice == "panel_overdue" and person not in {m.id for m in members}]
    assert len(leads) == 3
    await moving.strike(database, case_id, "panel_cap/end")
    assert (await moving.case_of(database, case_id)).needs_attention == "late:panel_cap"


async def test_a_panel_asks_for_more_and_goes_on_with_the_days_it_had_left(database: Database) -> None:
    case_id, members, claims = await ready(database)
    target = bodies.Target(str(claims["first"]), "b", "sufficient", "A second occasion", "A photo of another day")
    asked = bodies.RequestEvidence((target,))
    await moving.send(database, case_id, "request_evidence", actor=members[1], role=Role.PANEL, body=asked)
    assert (await moving.case_of(database, case_id)).stage is Stage.MORE_EVIDENCE
    await moving.strike(database, case_id, "evidence/timeout")
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.moderation, case.judge_on_file) == (Stage.MODERATION, Way.PANEL, True)
    assert {seat.due_at for seat in await moderated.panel_seats(database, case_id, SeatState.ACCEPTED)} == {case.due_at}
    await moderated.record(database, case_id, members[0], moderated.minutes(members, claims))
    assert (await moving.case_of(database, case_id)).stage is Stage.DECISION_PENDING


# a panel that decides


async def test_where_a_panel_decides_its_chair_signs_and_nobody_else(database: Database) -> None:
    case_id, members, claims = await ready(database)
    who_decides = moderated.programme(decision_by="panel")
    await moderated.pinned(database, case_id, who_decides)
    await moderated.record(database, case_id, members[0], moderated.minutes(members, claims))
    case = await moving.case_of(database, case_id)
    assert case.waiting_on is WaitingOn.PANEL
    told = await moving.told(database, case_id)
    assert [person for notice, person in told if notice == "decision_needed"][-1] == members[0].id
    await moving.strike(database, case_id, "decision/soon")
    reminded = [person for notice, person in await moving.told(database, case_id) if notice == "decision_reminder"]
    assert reminded == [members[0].id]
    body = bodies.Decide("Chair of the panel")
    async with database.writing() as session:
        registrar = await makers.staff(session, Role.DECISION_MAKER)
    why = bodies.ReturnDecision((bodies.ReturnedClaim(str(claims["first"]), "Why"),))
    for actor, role, kind, said, code in (
        (registrar, Role.DECISION_MAKER, "decide", body, "not_your_move"),
        (registrar, Role.DECISION_MAKER, "return_decision", why, "not_your_move"),
        (members[1], Role.PANEL, "decide", body, "not_chair"),
    ):
        async with moving.nothing_changes(database, code):
            await moving.send(database, case_id, kind, actor=actor, role=role, body=said)
    await moving.send(database, case_id, "decide", actor=members[0], role=Role.PANEL, body=body)
    assert (await moving.case_of(database, case_id)).outcome == "granted_full"


async def test_no_panel_decides_where_the_registrar_does(database: Database) -> None:
    case_id, members, claims = await ready(database)
    await moderated.record(database, case_id, members[0], moderated.minutes(members, claims))
    async with moving.nothing_changes(database, "not_your_move"):
        body = bodies.Decide("Chair of the panel")
        await moving.send(database, case_id, "decide", actor=members[0], role=Role.PANEL, body=body)


async def test_originals_and_final_readings_are_two_things(database: Database) -> None:
    who = await moving.people(database)
    case_id, members = await moderated.found_by_panel(database, who)
    async with database.reading() as session:
        claims = [one.id for one in (await moving.claims_of(database, case_id)).values()]
        (original,) = await moderating.originals(session, claims)
        finals = list(await session.exec(select(FinalReading.judgement_id)))
        seats = await assignments.of_case(session, case_id, SeatState.SUBMITTED)
        rows = await session.exec(select(PanelVote).where(col(PanelVote.case_id) == case_id))
        assert len(list(rows)) == 3
    assert original.assessor_id == who.assessor.id
    assert original.id not in finals
    assert {seat.person_id for seat in seats} == {who.assessor.id, *(one.id for one in members)}


# whole lives


async def test_two_who_differ_widely_a_panel_and_a_decision(database: Database) -> None:
    who = await reading.people(database)
    await moderated.panelists(database)
    case_id = await reading.assessing(database, who, reading.programme(readers_per_claim=2), "first")
    await reading.accept(database, case_id, SeatKind.SECOND)
    await reading.sends(database, case_id, SeatKind.FIRST, first=MET)
    result = await reading.sends(database, case_id, SeatKind.SECOND, first=NOT_YET)
    assert result["stage"] == Stage.MODERATION
    assert (await moving.case_of(database, case_id)).moderation is Way.PANEL
    members = await moderated.seated(database, case_id)
    claims = await moderated.unsettled(database, case_id)
    await moderated.form(database, case_id, members[0], first=MET)
    await moderated.record(database, case_id, members[0], moderated.minutes(members, claims))
    await moving.decide(database, who, case_id)
    assert (await moving.case_of(database, case_id)).outcome == "granted_full"


async def test_two_who_differ_by_one_step_confer(database: Database) -> None:
    who = await reading.people(database)
    case_id = await reading.assessing(database, who, reading.programme(readers_per_claim=2), "first")
    await reading.accept(database, case_id, SeatKind.SECOND)
    await reading.sends(database, case_id, SeatKind.FIRST, first=MET)
    await reading.sends(database, case_id, SeatKind.SECOND, first=PARTIAL)
    case = await moving.case_of(database, case_id)
    assert (case.moderation, case.waiting_on) == (Way.CONFER, WaitingOn.ASSESSOR)
    assert [notice for notice, _ in await moving.told(database, case_id)].count("conferral_opened") == 2
    await moving.rung(database, case_id, "confer/end")


@pytest.mark.parametrize("policy", [{"panel_required": "always"}, {"decision_by": "panel"}], ids=str)
async def test_where_a_panel_is_required_it_settles_what_a_reader_found_as_well(
    database: Database, policy: dict[str, object]
) -> None:
    who = await moving.people(database)
    await moderated.panelists(database)
    case_id = await reading.assessing(database, who, reading.programme(**policy), "first")
    result = await reading.sends(database, case_id, SeatKind.FIRST, first=MET)
    case = await moving.case_of(database, case_id)
    assert (result["stage"], case.moderation) == (Stage.MODERATION, Way.PANEL)
    assert set(await moderated.unsettled(database, case_id)) == {"first"}
    assert len(await moderated.panel_seats(database, case_id, SeatState.OFFERED)) == 3


async def test_without_readers_the_panel_reads_the_file_itself(database: Database) -> None:
    who = await moving.people(database)
    await moderated.panelists(database)
    case_id = await reading.assigning(database, who, reading.programme(readers_per_claim=0), "first")
    await moving.tick(database, case_id, "start_assessment")
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.moderation) == (Stage.MODERATION, Way.PANEL)
    assert {seat.seat for seat in await moving.seats_of(database, case_id)} == {SeatKind.PANEL}
    members = await moderated.seated(database, case_id)
    claims = await moderated.unsettled(database, case_id)
    await moderated.form(database, case_id, members[0], first=MET)
    await moderated.record(database, case_id, members[0], moderated.minutes(members, claims))
    await moving.decide(database, who, case_id)
    async with database.reading() as session:
        assert await moderating.originals(session, list(claims.values())) == []
