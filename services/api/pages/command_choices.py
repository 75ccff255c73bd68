"""What can be chosen in a command's form where the case decides it: its claims, its seats, who may be named."""

from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.api.pages import command_words, effect_words
from services.api.pages.words import Words
from services.records import (
    accommodations,
    appeals,
    appointments,
    assignments,
    attestations,
    cases,
    clarity,
    contested,
    course_offers,
    dossier,
    effects,
    evidence,
    independence,
    judgements,
    programmes,
    transfers,
)
from services.records.moves import deciding, merging, suspending, versions
from services.records.tables.cases import Case, Claim
from services.rules import conflict_screen
from services.rules.accommodations import Answered
from services.rules.attestations import RequestState
from services.rules.case import SeatState
from services.rules.claims import OPEN_CLAIMS, ClaimState
from services.rules.people import Caller, Role
from services.rules.programmes import Language, Programme, Text


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that can be chosen."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class About:
    """What a row of a list is about: how it is called, and the fields that say so."""

    label: str
    fixed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Setting:
    """Of which case, asked by whom, in which words, and when."""

    session: AsyncSession
    case: Case
    programme: Programme
    claims: list[Claim]
    caller: Caller
    words: Words
    now: datetime

    def competency(self, key: str) -> str:
        """What a competency is called."""
        return self.words.text(self.programme.competency(key).title)

    def criterion(self, competency: str, key: str) -> str:
        """What a criterion says."""
        return self.words.text(self.programme.competency(competency).criterion(key).text)


Source = Callable[[Setting], Awaitable[list[Choice]]]


async def claims(setting: Setting) -> list[Choice]:
    """The competencies that the page is about."""
    return [Choice(str(claim.id), setting.competency(claim.competency)) for claim in setting.claims]


def _claims_that(fit: Callable[[Setting], Awaitable[Collection[UUID]]]) -> Source:
    """The claims of those that the page is about which `fit` answers."""

    async def fitting(setting: Setting) -> list[Choice]:
        ids = await fit(setting)
        return await claims(replace(setting, claims=[claim for claim in setting.claims if claim.id in ids]))

    return fitting


def _in(*states: ClaimState) -> Source:
    async def ids(setting: Setting) -> Collection[UUID]:
        return {claim.id for claim in setting.claims if claim.state in states}

    return _claims_that(ids)


async def _transfers(setting: Setting) -> Collection[UUID]:
    stated = await transfers.statements(setting.session, setting.case.id)
    return {claim.id for claim in setting.claims if claim.id in stated and claim.state in OPEN_CLAIMS}


async def _liftable(setting: Setting) -> Collection[UUID]:
    return {claim.id for claim in await suspending.liftable(setting.session, setting.case.id)}


async def _standing(setting: Setting) -> Collection[UUID]:
    return await judgements.recommendations(setting.session, setting.case.id)


async def _unclear(setting: Setting) -> Collection[UUID]:
    return {one.claim_id for one in await clarity.awaited(setting.session, setting.case.id)}


async def _unclear_of_caller(setting: Setting) -> Collection[UUID]:
    author = UUID(setting.caller.id)
    return {one.claim_id for one in await clarity.awaited(setting.session, setting.case.id, author=author)}


async def _competencies(setting: Setting) -> list[Choice]:
    return [Choice(claim.competency, setting.competency(claim.competency)) for claim in setting.claims]


async def _criteria(setting: Setting) -> list[Choice]:
    return [
        Choice(criterion.key, f"{setting.competency(claim.competency)} – {setting.words.text(criterion.text)}")
        for claim in setting.claims
        for criterion in setting.programme.competency(claim.competency).criteria
    ]


async def _people(setting: Setting, ids: Iterable[UUID]) -> list[Choice]:
    found = [await dossier.person(setting.session, one) for one in dict.fromkeys(ids)]
    named = [Choice(str(one.id), one.name) for one in found if one is not None]
    return sorted(named, key=lambda choice: choice.label)


def _staff(*roles: Role) -> Source:
    async def holders(setting: Setting) -> list[Choice]:
        held = [await effects.staff(setting.session, case=setting.case, role=role) for role in roles]
        return await _people(setting, [one for some in held for one in some])

    return holders


async def _advisors(setting: Setting) -> list[Choice]:
    people = await independence.nameable(setting.session, case=setting.case, role=Role.ADVISOR)
    return await _people(setting, set(people) - {setting.case.advisor_id})


async def _mentors(setting: Setting) -> list[Choice]:
    people = await independence.nameable(setting.session, case=setting.case, role=Role.MENTOR, party=Role.ADVISOR)
    return await _people(setting, set(people) - {setting.case.mentor_id})


def _seats(*states: SeatState) -> Source:
    async def seats(setting: Setting) -> list[Choice]:
        shown = await dossier.seats(setting.session, setting.case.id)
        return [Choice(str(one.seat.id), one.name) for one in shown if one.seat.state in states]

    return seats


async def _own_seats(setting: Setting) -> list[Choice]:
    shown = await dossier.seats(setting.session, setting.case.id, person_id=UUID(setting.caller.id))
    return [Choice(str(one.seat.id), one.name) for one in shown if one.seat.state in OPEN]


async def _candidates(setting: Setting) -> list[Choice]:
    found = await assignments.candidates(
        setting.session, case=setting.case, programme=setting.programme, claims=setting.claims, now=setting.now
    )
    return await _people(setting, [UUID(one.person) for one in found])


async def _conflicted(setting: Setting) -> list[Choice]:
    return await _people(setting, await independence.overridable(setting.session, setting.case.id))


async def _ties(setting: Setting) -> list[Choice]:
    return [
        Choice(question.tie, setting.words.text(question.text))
        for question in conflict_screen.questions(setting.programme.policy)
    ]


async def _languages(setting: Setting) -> list[Choice]:
    return [Choice(code, setting.words.text(text)) for code, text in LANGUAGES.items()]


async def _files(setting: Setting) -> list[Choice]:
    shown = await evidence.of_case(setting.session, setting.case.id)
    return [Choice(str(one.id), one.said.title or one.name) for one in shown]


async def _targets(setting: Setting) -> list[Choice]:
    return [Choice(row.fixed["target"], row.label) for row in await row_each_target(setting)]


async def _asked_to_write(setting: Setting) -> list[Choice]:
    """Who was asked what they saw, and may still write or has written."""
    states = frozenset({RequestState.OPEN, RequestState.SUBMITTED})
    asked = await attestations.of_case(setting.session, setting.case.id, states=states)
    return [Choice(str(one.id), f"{one.name} ({one.organisation})") for one in asked]


async def _slots(setting: Setting) -> list[Choice]:
    open_one = await appointments.open_one(setting.session, setting.case.id)
    if open_one is None:
        return []
    slots = await appointments.choosable(setting.session, open_one, now=setting.now)
    return [Choice(str(slot.id), f"{setting.words.moment(slot.starts_at)} – {slot.place}") for slot in slots.values()]


async def _contestable(setting: Setting) -> list[Choice]:
    found = await contested.every(setting.session, case=setting.case, policy=setting.programme.policy)
    return [Choice(str(one.decision.id), setting.words.day(one.decision.decided_at)) for one in found if one.decision]


async def appeal_members(setting: Setting) -> list[Choice]:
    """Who hears the open appeal."""
    appeal = await appeals.open_of(setting.session, setting.case.id)
    seats = await appeals.seats_of(setting.session, appeal) if appeal else []
    return await _people(setting, [seat.person_id for seat in seats])


async def _older_cases(setting: Setting) -> list[Choice]:
    older = await merging.older_ones(setting.session, setting.case, lead=UUID(setting.caller.id))
    return [Choice(str(one.id), one.number) for one in older]


def _accommodations(*states: Answered) -> Source:
    async def asked(setting: Setting) -> list[Choice]:
        words = command_words.choices("arrangement")
        rows = await accommodations.of_case(setting.session, setting.case.id)
        return [
            Choice(str(row.id), ", ".join(setting.words.text(words[one]) for one in row.arrangements))
            for row in rows
            if row.state in states
        ]

    return asked


async def _versions(setting: Setting) -> list[Choice]:
    newer = await programmes.newer(setting.session, setting.case)
    return [Choice(str(newer.version), str(newer.version))] if newer else []


async def _left_behind(setting: Setting) -> list[Choice]:
    newer = await programmes.newer(setting.session, setting.case)
    if newer is None:
        return []
    new = await programmes.read(setting.session, newer.id)
    left = await versions.left_behind(setting.session, setting.case, new)
    return [Choice(key, setting.competency(key)) for key in sorted(left)]


async def _failed(setting: Setting) -> list[Choice]:
    state = await cases.state(setting.session, setting.case)
    return [Choice(key, setting.words.text(effect_words.of_key(key))) for key in state.failed_effects]


async def _course_offers(setting: Setting) -> list[Choice]:
    listed = await course_offers.live(setting.session, setting.case.programme)
    return [Choice(one.key, f"{setting.words.text(one.title)} ({one.provider})") for one in listed]


LANGUAGES = {Language.EN: Text("English", "Anglais"), Language.FR: Text("French", "Français")}
OPEN = (SeatState.OFFERED, SeatState.ACCEPTED, SeatState.SUBMITTED)

SOURCES: dict[str, Source] = {
    "claim": claims,
    "claims": claims,
    "competency": _competencies,
    "criterion": _criteria,
    "screen.answers": _ties,
    "answers.evidence": _files,
    "evidence": _files,
    "slot": _slots,
    "third_party": _asked_to_write,
    "order_appointment.language": _languages,
    "answer_target.target": _targets,
    "return_judgement.claim": _claims_that(_standing),
    "clarify_judgement.claim": _claims_that(_unclear_of_caller),
    "take_back_return.claim": _claims_that(_unclear),
    "withdraw_claim.claim": _in(*OPEN_CLAIMS),
    "check_transfer.claim": _claims_that(_transfers),
    "revoke_grant.claim": _in(*deciding.WITHDRAWABLE),
    "suspend_grant.claim": _in(ClaimState.CREDENTIALED),
    "lift_suspension.claim": _claims_that(_liftable),
    "take_case.advisor": _advisors,
    "transfer_advisor.advisor": _advisors,
    "name_mentor.mentor": _mentors,
    "accept_offer.assignment": _own_seats,
    "decline_offer.assignment": _own_seats,
    "declare_conflict.assignment": _own_seats,
    "screen_again.assignment": _own_seats,
    "reassign.assignment": _seats(SeatState.OFFERED, SeatState.ACCEPTED),
    "reassign.assessor": _candidates,
    "override_conflict.person": _conflicted,
    "compose_panel.chair": _staff(Role.PANEL),
    "compose_panel.members": _staff(Role.PANEL),
    "lodge_appeal.decision": _contestable,
    "name_appeal_panel.members": _staff(Role.APPEAL_REVIEWER_1, Role.APPEAL_REVIEWER_2),
    "rule_appeal.votes.person": appeal_members,
    "merge_duplicate.into": _older_cases,
    "answer_accommodation.accommodation": _accommodations(Answered.ASKED),
    "end_accommodation.accommodation": _accommodations(Answered.ASKED, Answered.GRANTED),
    "change_programme_version.to": _versions,
    "change_programme_version.leave": _left_behind,
    "retry_effect.effect": _failed,
    "plan_gaps.rows.offer": _course_offers,
}
"""Where the choices of a field come from: by `command.path`, by its path, or else by its own name."""


async def of(setting: Setting, command: str, path: str) -> list[Choice] | None:
    """What can be chosen for a field; None where it is written freely."""
    asked = command_words.said(command).fields[path]
    if asked.words:
        listed = command_words.choices(asked.words)
        return [Choice(code, setting.words.text(text)) for code, text in listed.items()]
    source = SOURCES.get(f"{command}.{path}") or SOURCES.get(path) or SOURCES.get(path.rpartition(".")[2])
    return await source(setting) if source else None


async def row_each_target(setting: Setting) -> list[About]:
    """The questions of the open rounds that have no answer yet."""
    claims = {claim.id: claim.competency for claim in setting.claims}
    return [
        About(
            f"{setting.criterion(claims[target.claim_id], target.criterion)} – {target.missing}",
            {"target": str(target.id)},
        )
        for asked in await dossier.rounds(setting.session, setting.case.id)
        if asked.closed_as is None
        for target in asked.targets
        if target.answered_at is None
    ]
