"""What a decision-maker reads before signing: each recommendation and why, and the letters as they would be."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from uuid import UUID, uuid4

from litestar import Response, get, post
from litestar.params import FromPath
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api import headers, portraits
from services.api.access import Facts, Who
from services.api.claim_views import TransferView
from services.api.house import House, Now, Reading, TheHouse
from services.api.pages import advise_case, advise_words, command_pages, command_words
from services.api.pages.command_choices import Setting
from services.api.pages.seen import offer
from services.api.pages.sent import TheForm
from services.api.pages.site import Page, ThePage
from services.documents import badge_wording
from services.records import cases, judgements, panels, second_readings
from services.records.judgements import Found
from services.records.tables.cases import Claim
from services.rules import claims as rules
from services.rules.case import Stage
from services.rules.claims import OPEN_CLAIMS, Confidence, Rating, Recommendation, Rule, Verdict
from services.rules.people import Action, CaseFacts, Tie
from services.rules.programmes import Language
from services.rules.refusals import Refused
from services.rules.second_reading import Trigger
from services.workflows import letter_preview
from services.workflows.letter_preview import Signing

LONGEST = 10_000
"""Characters of a note that a preview shows; a decision refuses longer ones."""

SIGNED_HERE = advise_case.READ_FIRST


@dataclass(frozen=True, slots=True)
class Rated:
    """One criterion: what it says, how it was rated, and the note."""

    text: str
    rating: str
    note: str


@dataclass(frozen=True, slots=True)
class Recommended:
    """One claim with what is recommended and on what it rests; `found` is None for a transfer and for what is open."""

    claim: Claim
    title: str
    says: str
    in_favour: bool
    found: Found | None
    rated: list[Rated]
    rules: list[str]
    methods: list[str]
    confidence: str
    read_because: list[str]
    panel: list[str]
    transfer: TransferView | None


def _recommendations(page: Page) -> dict[Recommendation, str]:
    return {
        Recommendation.MET: page.say("demonstrated"),
        Recommendation.PARTIAL: page.say("partly demonstrated"),
        Recommendation.NOT_YET: page.say("not yet demonstrated"),
        Recommendation.INSUFFICIENT_EVIDENCE: page.say("not enough evidence"),
    }


def _ratings(page: Page) -> dict[Rating, str]:
    return {
        Rating.MET: page.say("met"),
        Rating.PARTLY_MET: page.say("partly met"),
        Rating.NOT_YET: page.say("not yet met"),
        Rating.NOT_ASSESSED: page.say("not assessed"),
    }


def _confidence(page: Page) -> dict[Confidence, str]:
    return {Confidence.LOW: page.say("low"), Confidence.MEDIUM: page.say("medium"), Confidence.HIGH: page.say("high")}


def _rules(page: Page) -> dict[tuple[Rule, Verdict], str]:
    """What is said of the evidence where something is to be said."""
    return {
        (Rule.VALID, Verdict.CONCERN): page.say("a concern about whether the evidence is valid"),
        (Rule.VALID, Verdict.FAIL): page.say("the evidence is not valid"),
        (Rule.SUFFICIENT, Verdict.CONCERN): page.say("a concern about whether the evidence is sufficient"),
        (Rule.SUFFICIENT, Verdict.FAIL): page.say("the evidence is not sufficient"),
        (Rule.AUTHENTIC, Verdict.CONCERN): page.say("a concern about whether the evidence is authentic"),
        (Rule.AUTHENTIC, Verdict.FAIL): page.say("the evidence is not authentic"),
        (Rule.CURRENT, Verdict.CONCERN): page.say("a concern about whether the evidence is current"),
        (Rule.CURRENT, Verdict.FAIL): page.say("the evidence is not current"),
    }


def _triggers(page: Page) -> dict[Trigger, str]:
    """Why a claim was read more than once."""
    return {
        Trigger.READERS: page.say("the programme asks for it"),
        Trigger.HIGH_STAKES: page.say("much depends on it"),
        Trigger.NEW_ASSESSOR: page.say("the first reader is new"),
        Trigger.SAMPLED: page.say("it was drawn by lot"),
        Trigger.ALL_NOT_YET: page.say("nothing was found to be met"),
        Trigger.FULL_GRANT: page.say("everything was found to be met"),
        Trigger.LOW_CONFIDENCE: page.say("the first reader was not sure"),
        Trigger.DOUBTED_AUTHORSHIP: page.say("it was doubted whose work it is"),
    }


@dataclass(frozen=True, slots=True)
class _Desk:
    """The words of the page, and what was found, read once."""

    page: Page
    setting: Setting
    found: dict[UUID, Found]
    because: dict[UUID, frozenset[Trigger]]
    sat: list[panels.Sitting]
    transfers: dict[UUID, TransferView]

    def recommended(self, claim: Claim) -> Recommended:
        page, competency = self.page, self.setting.programme.competency(claim.competency)
        found, stated = self.found.get(claim.id), self.transfers.get(claim.id)
        says, favoured = self._says(found, stated)
        content = found.content if found else None
        said, triggers = _rules(page), _triggers(page)
        return Recommended(
            claim=claim,
            title=page.text(competency.title),
            says=says,
            in_favour=favoured,
            found=found,
            rated=[
                Rated(page.text(competency.criterion(one.criterion).text), _ratings(page)[one.rating], one.note)
                for one in (content.ratings if content else ())
            ],
            rules=[
                said[one.rule, one.verdict]
                for one in (content.rules if content else ())
                if one.verdict is not Verdict.OK
            ],
            methods=[page.text(badge_wording.METHODS[one]) for one in (content.methods if content else ())],
            confidence=_confidence(page)[content.confidence] if content else "",
            read_because=[triggers[one] for one in sorted(self.because.get(claim.id, ()))],
            panel=[one.reasons for sitting in self.sat for one in sitting.findings if one.claim_id == claim.id],
            transfer=stated,
        )

    def _says(self, found: Found | None, stated: TransferView | None) -> tuple[str, bool]:
        if stated is not None and stated.check is not None:
            check = stated.check
            holds = check.issuer_holds and check.date_holds and check.equivalent
            return (self.page.say("transfer confirmed") if holds else self.page.say("transfer not confirmed")), holds
        if found is not None and found.recommendation is not None:
            favoured = rules.settles_as(found.recommendation) in rules.IN_FAVOUR
            return _recommendations(self.page)[found.recommendation], favoured
        return self.page.say("nothing recommended yet"), False


async def _desk(session: AsyncSession, page: Page, setting: Setting, transfers: list[TransferView]) -> _Desk:
    case_id = setting.case.id
    return _Desk(
        page=page,
        setting=setting,
        found=await judgements.recommendations(session, case_id),
        because=await second_readings.asked(session, case_id),
        sat=await panels.sittings(session, case_id),
        transfers={one.claim: one for one in transfers},
    )


def _check(facts: CaseFacts) -> None:
    """Raises `Refused('forbidden')` for anybody but who decides: a guide or assessor of the case never does."""
    if Tie.DECISION_MAKER not in facts.ties:
        raise Refused("forbidden")


@get("/cases/{case_id:uuid}/decision", opt={"action": Action.SEE_CASE}, include_in_schema=False)
async def see(
    case_id: FromPath[UUID], *, page: ThePage, caller: Who, facts: Facts, reading: Reading, now: Now
) -> Response[str]:
    """The recommendations with their reasons, and what can be done with them: confirm, or return with reasons."""
    _check(facts)
    about, setting = await command_pages.setting(reading, page, case_id, caller=caller)
    portrait = await portraits.of_case(reading, case_id, caller=caller, facts=facts, now=now)
    desk = await _desk(reading, about, setting, getattr(portrait, "transfers", []))
    pending = setting.case.stage is Stage.DECISION_PENDING
    against = None
    if pending and "decide" not in portrait.commands:
        against = await portraits.why_not(reading, setting.case, "decide", caller=caller, facts=facts, now=now)
    every = [desk.recommended(claim) for claim in setting.claims if claim.state in OPEN_CLAIMS]
    return about.show(
        "decide/decision.html",
        case=portrait,
        due=advise_words.due(setting.case.due_at, zone=setting.case.zone, now=now),
        recommended=every,
        states=advise_case.claim_states(about),
        offered={
            one: command_words.said(one) for one in portrait.commands if one in SIGNED_HERE & command_words.known()
        },
        others=[
            offer(portrait, one) for one in portrait.commands if one in command_words.known() and one not in SIGNED_HERE
        ],
        pending=pending,
        against=about.words.refusal(against) if against else None,
        keys={one: uuid4() for one in SIGNED_HERE},
        capacity=about.text(setting.programme.institution.signatory_title),
    )


LETTERS = "/cases/{case_id:uuid}/decision/letters/{tongue:str}"


@get(LETTERS, opt={"action": Action.SEE_CASE}, include_in_schema=False)
async def preview(
    case_id: FromPath[UUID], tongue: FromPath[str], *, caller: Who, facts: Facts, house: TheHouse, now: Now
) -> Response[bytes]:
    """The letter as it would be, marked on every page; it is kept nowhere."""
    return await _letter(house, case_id, tongue, signing=Signing(UUID(caller.id)), facts=facts, now=now)


@post(LETTERS, opt={"action": Action.SEE_CASE}, status_code=HTTPStatus.OK, include_in_schema=False)
async def preview_as_written(
    case_id: FromPath[UUID],
    tongue: FromPath[str],
    form: TheForm,
    *,
    caller: Who,
    facts: Facts,
    house: TheHouse,
    now: Now,
) -> Response[bytes]:
    """The same with the note and the capacity that stand in the form, which are kept nowhere either."""
    signing = Signing(UUID(caller.id), form.one("capacity")[:LONGEST], form.one("note")[:LONGEST])
    return await _letter(house, case_id, tongue, signing=signing, facts=facts, now=now)


async def _letter(
    house: House, case_id: UUID, tongue: str, *, signing: Signing, facts: CaseFacts, now: datetime
) -> Response[bytes]:
    _check(facts)
    if tongue not in set(Language):
        raise Refused("not_found")
    async with house.database.reading() as session:
        case = await cases.get(session, case_id)
        if case.stage is not Stage.DECISION_PENDING:
            raise Refused("not_found")
        letter = await letter_preview.of_decision(
            session, case, signing=signing, language=Language(tongue), base_url=house.base_url, now=now
        )
    return Response(
        await house.previews.render(letter, now=now),
        media_type="application/pdf",
        headers=headers.to_keep(f"preview-{case.number}-{tongue}.pdf"),
    )
