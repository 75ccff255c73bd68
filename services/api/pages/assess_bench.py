"""The workbench: a case’s evidence beside a form per competency, saved as one writes, sent in on a page of its own.

A second reading looks the same: the page tells of one's own seat and of nothing else.
"""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from litestar import MediaType, Response, get, post
from litestar.di import Provide
from litestar.params import FromPath, QueryParameter
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api import portraits, views
from services.api.access import Facts, Who
from services.api.house import Now, Reading
from services.api.pages import assess_form, assess_sending, command_pages
from services.api.pages.assess_sending import TheVisit, Visit
from services.api.pages.evidence_words import KINDS
from services.api.pages.sent import Sent
from services.api.pages.site import Page, ThePage
from services.api.routes import (
    appointments,
    attestations,
    evidence,
    evidence_files,
    judgements,
    portfolio,
    reading_notes,
)
from services.api.routes.evidence import EvidenceView
from services.api.routes.judgements import DraftView
from services.records import cases, comment_bank, evidence_help, programmes, readiness
from services.records import judgements as written
from services.records.evidence_help import Around
from services.records.judgements import Found
from services.records.tables.cases import Claim
from services.rules.case import APPEAL_SEATS, SeatKind, SeatState
from services.rules.claims import Confidence, Identification, LearningSetting, Rating, Recommendation, Rule, Supervision
from services.rules.people import Action, Caller, CaseFacts
from services.rules.programmes import Competency, Programme
from services.rules.refusals import Refused
from services.rules.signatures import FAMILY_OF, Family

Shown = Annotated[UUID | None, QueryParameter(name="shown", required=False)]

VIEWERS = {Family.PDF: "pdf", Family.PICTURE: "picture", Family.SOUND: "sound", Family.VIDEO: "film"}
"""By which viewer of `viewer.mjs` a kind of file is shown; any other is downloaded."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who opens which case, what they are to it, and when."""

    page: Page
    case_id: UUID
    caller: Caller
    facts: CaseFacts
    now: datetime


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of evidence as the workbench lists it: by the learner's title first, by the name of its file second."""

    view: EvidenceView
    viewer: str
    path: str

    @property
    def title(self) -> str:
        """What the learner calls it."""
        return plain(self.view.title) or self.name

    @property
    def name(self) -> str:
        """The name of its file."""
        return plain(self.view.name)

    @property
    def captions(self) -> str:
        """Where its captions are; empty without."""
        return f"{self.path}/captions" if self.view.captioned else ""


@dataclass(frozen=True, slots=True)
class Row:
    """One competency with its form as it stands: `theirs` is what another window saved while this form was open."""

    claim: UUID
    competency: Competency
    self_assessment: str | None
    draft: DraftView | None
    fields: Sent
    version: int
    pieces: list[Piece]
    around: Around
    theirs: Sent | None = None
    theirs_at: datetime | None = None

    @property
    def written_there(self) -> list[str]:
        """The texts that another window saved and this form does not hold."""
        texts = ("note-", "doubt-", "rationale", "private_note")
        there = self.theirs.fields if self.theirs else ()
        return [text for name, text in there if text and name.startswith(texts) and text != self.fields.one(name)]

    @property
    def locked(self) -> bool:
        """Whether it was sent in."""
        return self.draft is not None and self.draft.locked_at is not None


@dataclass(frozen=True, slots=True)
class Way:
    """Where one goes from the workbench to send in what is written: `to` is a page of ours, `kind` says which."""

    kind: str
    to: str


@dataclass(frozen=True, slots=True)
class Clash:
    """A form that was sent over a newer draft: of which claim, what it said, and what is kept."""

    claim: UUID
    sent: Sent
    theirs: Found


TURNS = dict.fromkeys(map(ord, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))
"""Characters that turn the writing direction round: with them `exe.jpg` is a name of something else."""


def plain(name: str) -> str:
    """A name as it is read from its beginning to its end."""
    return name.translate(TURNS)


def piece(case_id: UUID, shown: EvidenceView) -> Piece:
    """A piece of evidence with the viewer that can show it."""
    can = shown.file_kind in evidence_files.VIEWED
    viewer = VIEWERS.get(FAMILY_OF[shown.file_kind], "") if can else ""
    return Piece(shown, viewer, f"/api/v1/cases/{case_id}/evidence/{shown.id}")


@get("/assess/{case_id:uuid}", opt={"action": Action.JUDGE}, include_in_schema=False)
async def see(
    *,
    case_id: FromPath[UUID],
    page: ThePage,
    caller: Who,
    facts: Facts,
    reading: Reading,
    now: Now,
    shown: Shown = None,
) -> Response[str]:
    """The workbench of one's own seat."""
    return await _bench(reading, Asked(page, case_id, caller, facts, now), shown=shown)


async def _bench(
    session: AsyncSession, asked: Asked, *, shown: UUID | None = None, clash: Clash | None = None
) -> Response[str]:
    case_id, caller, facts = asked.case_id, asked.caller, asked.facts
    about, setting = await command_pages.setting(session, asked.page, case_id, caller=caller)
    seat = await readiness.held(session, case_id=case_id, person=UUID(caller.id))
    if seat is None:
        raise Refused("not_found")
    portrait = await portraits.of_case(session, case_id, caller=caller, facts=facts, now=asked.now)
    listed = await evidence.listed(session, case_id, caller=caller, facts=facts, now=asked.now)
    pieces = [piece(case_id, one) for one in listed]
    answers = (await portfolio.answered(session, case_id, caller=caller, facts=facts)).answers
    return about.show(
        "assess/bench.html",
        status=HTTPStatus.CONFLICT if clash else HTTPStatus.OK,
        case=portrait,
        learner=_name(portrait),
        seat=seat,
        writes=seat.state is SeatState.ACCEPTED and (seat.seat is not SeatKind.PANEL or seat.chair),
        way=_way(case_id, seat.seat),
        rows=await _rows(session, asked, setting.programme, portrait, pieces=pieces, clash=clash),
        pieces=pieces,
        open=next((one for one in pieces if one.view.id == shown), None),
        answers=[(one, answers[one.key]) for one in setting.programme.form if answers.get(one.key)],
        statements=await attestations.statements_for(session, case_id, caller=caller, facts=facts),
        appointments=await appointments.listed(session, case_id, caller=caller, facts=facts),
        minimum=setting.programme.policy.rationale_minimum,
        comments=await comment_bank.usable(session, person=UUID(caller.id), institution=setting.case.institution_id),
        words_for=WORDS,
        notes=await reading_notes.seen(session, case_id, caller=caller),
        notes_open=seat.state is SeatState.ACCEPTED and bool(pieces),
        kinds=KINDS,
        ai_use=await evidence_help.use_of_ai(session, case_id),
        titles={one.view.id: one for one in pieces},
    )


def _way(case_id: UUID, seat: SeatKind) -> Way:
    """Where what is written in a seat is sent in: an assessor's answers, a panel's minutes, the ruling of an appeal."""
    if seat is SeatKind.PANEL:
        return Way("panel", f"/cases/{case_id}/panel")
    if seat in APPEAL_SEATS.values():
        return Way("appeal", f"/cases/{case_id}")
    return Way("check", f"/assess/{case_id}/check")


def _name(portrait: views.CaseView) -> str | None:
    """Who asks for recognition; None where the programme reads masked."""
    learner = getattr(portrait, "learner", None)
    return learner.name if isinstance(learner, views.PersonView) else learner


async def _rows(
    session: AsyncSession,
    asked: Asked,
    programme: Programme,
    portrait: views.CaseView,
    *,
    pieces: list[Piece],
    clash: Clash | None,
) -> list[Row]:
    """The claims of the seat in the order of the framework."""
    case = await cases.get(session, asked.case_id)
    order = {one.key: place for place, one in enumerate(programme.competencies)}
    claims = sorted(getattr(portrait, "claims", ()), key=lambda one: order[one.competency])
    kept = {one.id: await _carried(session, asked, programme, one.id) for one in claims}
    about = {one.id: (programme.competency(one.competency), kept[one.id]) for one in claims}
    around = await evidence_help.of_claims(session, case, about)
    drafts = {
        one.claim_id: await judgements.draft(session, case.id, one, now=asked.now, around=around.get(one.claim_id))
        for one in await written.drafts_of(session, case_id=case.id, assessor=UUID(asked.caller.id))
    }
    rows: list[Row] = []
    for claim in claims:
        draft = drafts.get(claim.id)
        fields = assess_form.filled(draft.content) if draft else assess_form.filled(None, carried=kept[claim.id])
        mine = clash if clash and clash.claim == claim.id else None
        rows.append(
            Row(
                claim=claim.id,
                competency=programme.competency(claim.competency),
                self_assessment=claim.self_assessment,
                draft=draft,
                fields=mine.sent if mine else fields,
                version=draft.version if draft else 0,
                around=around[claim.id],
                pieces=[one for one in pieces if any(tie.claim == claim.id for tie in one.view.pointers)],
                theirs=fields if mine else None,
                theirs_at=mine.theirs.updated_at if mine else None,
            )
        )
    return rows


async def _carried(session: AsyncSession, asked: Asked, programme: Programme, claim_id: UUID) -> tuple[str, ...]:
    """What was met in an earlier attempt and is kept: in an empty form it is met, and it needs no evidence."""
    claim = await session.get_one(Claim, claim_id)
    return tuple(sorted(await written.carried(session, claim, programme.policy, asked.now)))


WORDS: dict[str, tuple[str, ...]] = {
    "rating": tuple(Rating),
    "rule": tuple(Rule),
    "verdict": assess_form.VERDICTS,
    "recommendation": tuple(Recommendation),
    "confidence": tuple(Confidence),
    "supervision": tuple(Supervision),
    "identification": tuple(Identification),
    "learning_setting": tuple(LearningSetting),
}
"""Every list of choices on the page, in its order; the template says them in words."""


@post(
    "/assess/{case_id:uuid}/claims/{claim_id:uuid}",
    opt={"action": Action.JUDGE},
    include_in_schema=False,
    dependencies={"visit": Provide(assess_sending.provide)},
)
async def save(claim_id: FromPath[UUID], visit: TheVisit) -> Response[Any]:
    """Keep what was written on one competency. A script is answered in JSON, a form by the page.

    Sent over a newer draft, nothing is kept: both are shown, and whoever writes chooses.
    """
    scripted = MediaType.JSON in visit.page.request.headers.get("accept", "")
    try:
        saved = await _save(visit, claim_id)
    except Refused as refused:
        if refused.code != "stale_version":
            raise
        return await _clash(visit, claim_id, scripted=scripted)
    if scripted:
        async with visit.house.database.reading() as session:
            draft = await judgements.draft(session, visit.case_id, saved, now=visit.now)
        return Response({"version": draft.version, "allowed": draft.allowed}, status_code=HTTPStatus.OK)
    return visit.page.go(f"/assess/{visit.case_id}#c-{claim_id}")


async def _save(visit: Visit, claim_id: UUID) -> Found:
    async with visit.house.database.writing() as session:
        claim = await session.get(Claim, claim_id)
        if claim is None or claim.case_id != visit.case_id:
            raise Refused("not_found")
        programme = await programmes.of_case(session, await cases.get(session, visit.case_id))
        before = await _mine(session, visit, claim_id)
        return await written.save_draft(
            session,
            case_id=visit.case_id,
            claim_id=claim_id,
            assessor=visit.person,
            content=assess_form.read(
                visit.form, programme.competency(claim.competency), before=before.content if before else None
            ),
            expected_version=visit.form.number("version"),
            now=visit.now,
        )


async def _mine(session: AsyncSession, visit: Visit, claim_id: UUID) -> Found | None:
    found = await written.drafts_of(session, case_id=visit.case_id, assessor=visit.person)
    return next((one for one in found if one.claim_id == claim_id), None)


async def _clash(visit: Visit, claim_id: UUID, *, scripted: bool) -> Response[Any]:
    async with visit.house.database.reading() as session:
        theirs = await _mine(session, visit, claim_id)
        if theirs is None:
            raise Refused("not_found")
        if not scripted:
            asked = Asked(visit.page, visit.case_id, visit.caller, visit.facts, visit.now)
            return await _bench(session, asked, clash=Clash(claim_id, visit.form, theirs))
    content = {
        "version": theirs.version,
        "at": visit.page.words.moment(theirs.updated_at),
        "fields": [list(field) for field in assess_form.filled(theirs.content).fields],
    }
    return Response(content, status_code=HTTPStatus.CONFLICT)
