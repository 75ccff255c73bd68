"""The files of a portfolio: every one with what it shows, a form to add one, and a page for each.

Whoever may read the case sees the list; only while the portfolio is with the learner does anything change.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api import body_pace, problems
from services.api.access import Facts, Who
from services.api.house import Now, Reading, TheHouse
from services.api.pages import evidence_words
from services.api.pages.command_fields import Wrong
from services.api.pages.sent import Sent, TheForm
from services.api.pages.site import AnyRequest, Page, ThePage
from services.api.problems import Problem
from services.api.routes import evidence as evidence_routes
from services.api.routes.evidence import EvidenceView
from services.records import attested, cases, evidence, pointers, portfolio, programmes, replacing, uploads
from services.records.evidence import LONGEST, Description
from services.records.pointers import Place
from services.records.tables.cases import Case, Claim
from services.rules.claims import OPEN_CLAIMS
from services.rules.evidence import EvidenceKind
from services.rules.people import Action, Answer, Caller, CaseFacts, Tie, on_a_case
from services.rules.programmes import Programme, Text
from services.rules.refusals import Refused
from services.rules.signatures import FAMILY_OF, PLAYED, Family

PLAYERS = {Family.SOUND: "audio", Family.VIDEO: "video"}
"""What plays which kind of file on a page."""

TICKED = "yes"

AskedRemoved = Annotated[UUID | None, QueryParameter(name="removed", required=False)]
AskedSaved = Annotated[str, QueryParameter(name="saved", required=False)]


@dataclass(frozen=True, slots=True)
class Skill:
    """A competency of the case; `open` while it may still be shown something new."""

    claim: UUID
    title: Text
    open: bool


@dataclass(frozen=True, slots=True)
class Portfolio:
    """The files of a case as one reader sees them."""

    page: Page
    case: Case
    files: list[EvidenceView]
    skills: dict[UUID, Skill]
    learners: frozenset[UUID]
    sealed: frozenset[UUID]
    sent: portfolio.Sent
    editable: bool
    own: bool

    def one(self, evidence_id: UUID) -> EvidenceView:
        """One of the files. Raises `Refused('evidence_unknown')`."""
        for file in self.files:
            if file.id == evidence_id:
                return file
        raise Refused("evidence_unknown")

    def shows(self, file: EvidenceView) -> list[Skill]:
        """Which skills a file shows, in the programme's order."""
        pointed = {one.claim for one in file.pointers}
        return [skill for claim, skill in self.skills.items() if claim in pointed]

    def player(self, file: EvidenceView) -> str:
        """What plays the file on its page, for whoever may hear or watch it now; empty for what is not played."""
        return "" if file.id in self.sealed else PLAYERS.get(FAMILY_OF[file.file_kind], "")

    def mine(self, file: EvidenceView) -> bool:
        """Whether the file is the learner's own and the portfolio is still with them."""
        return self.editable and file.id in self.learners

    def removable(self, file: EvidenceView) -> bool:
        """Whether the file may still be taken out or replaced: it was never sent."""
        return self.mine(file) and str(file.id) not in self.sent.items

    def fixed(self, file: EvidenceView) -> frozenset[UUID]:
        """Claims at which the file was pointed when it was sent: that stays."""
        return frozenset(one.claim for one in file.pointers if str(one.id) in self.sent.pointers)


async def seen(
    session: AsyncSession, page: Page, case_id: UUID, *, caller: Caller, facts: CaseFacts, now: datetime
) -> Portfolio:
    """The files as the caller may see them, in the words of the case."""
    case = await cases.get(session, case_id)
    programme = await programmes.of_case(session, case)
    files = await evidence_routes.listed(session, case_id, caller=caller, facts=facts, now=now)
    claims = await cases.claims_of(session, case_id)
    editable = on_a_case(Action.EDIT_PORTFOLIO, facts) is Answer.ALLOWED and case.stage in portfolio.EDITABLE
    about = page.about(terms=programme.policy.terms, zone=case.zone)
    own = Tie.LEARNER in facts.ties
    return Portfolio(
        about,
        case,
        files,
        _skills(programme, claims),
        await evidence.of_the_learner(session, case),
        await _sealed(session, case_id, files) if own else frozenset(),
        await portfolio.sent(session, case_id),
        editable,
        own,
    )


def _skills(programme: Programme, claims: list[Claim]) -> dict[UUID, Skill]:
    titles = {one.key: one.title for one in programme.competencies}
    return {one.id: Skill(one.id, titles[one.competency], one.state in OPEN_CLAIMS) for one in claims}


async def _sealed(session: AsyncSession, case_id: UUID, files: list[EvidenceView]) -> frozenset[UUID]:
    """What a third party sent, and its learner reads only after the decision."""
    asked = [(one.id, one.attestation_id) for one in files if one.attestation_id is not None]
    sealed = [file for file, request in asked if await attested.sealed(session, case_id=case_id, request_id=request)]
    return frozenset(sealed)


@get("/cases/{case_id:uuid}/evidence", opt={"action": Action.SEE_EVIDENCE}, include_in_schema=False)
async def see(
    case_id: FromPath[UUID],
    *,
    page: ThePage,
    caller: Who,
    facts: Facts,
    reading: Reading,
    now: Now,
    removed: AskedRemoved = None,
) -> Response[str]:
    """Every file, a form to add one while that is possible, and the way back for one that was just taken out."""
    shown = await seen(reading, page, case_id, caller=caller, facts=facts, now=now)
    name = None
    if removed is not None and shown.editable:
        name = await replacing.removed(reading, case_id=case_id, evidence_id=removed, now=now)
    return _list(shown, undo=(removed, name) if name else None)


def _list(
    shown: Portfolio, *, undo: tuple[UUID | None, str] | None = None, refused: Problem | None = None
) -> Response[str]:
    return shown.page.show(
        "evidence/list.html",
        status=refused.status if refused else HTTPStatus.OK,
        portfolio=shown,
        kinds=evidence_words.KINDS,
        most=uploads.AT_ONCE,
        undo=undo,
        refused=refused,
        wrong=(),
    )


@post(
    "/cases/{case_id:uuid}/evidence",
    opt={"action": Action.EDIT_PORTFOLIO},
    middleware=[body_pace.Paced()],
    request_max_body_size=None,
    include_in_schema=False,
)
async def add(
    case_id: FromPath[UUID], *, page: ThePage, caller: Who, facts: Facts, house: TheHouse
) -> Response[Any] | Redirect:
    """Take in one file, and on to its page; what is wrong with it is said beside the form."""
    try:
        item = await evidence_routes.taken_in(page.request, case_id, caller=caller, house=house)
    except Refused as refused:
        async with house.database.reading() as session:
            shown = await seen(session, page, case_id, caller=caller, facts=facts, now=house.clock())
        return _list(shown, refused=said(page.request, refused))
    return page.go(f"/cases/{case_id}/evidence/{item.id}?saved=file")


def said(request: AnyRequest, refused: Refused) -> Problem:
    """A refusal in words, for a page that shows it in its place."""
    return problems.of_refusal(request, refused).content


@get("/cases/{case_id:uuid}/evidence/{evidence_id:uuid}", opt={"action": Action.SEE_EVIDENCE}, include_in_schema=False)
async def see_one(
    case_id: FromPath[UUID],
    evidence_id: FromPath[UUID],
    *,
    page: ThePage,
    caller: Who,
    facts: Facts,
    reading: Reading,
    now: Now,
    saved: AskedSaved = "",
) -> Response[str]:
    """One file: what it is, which skills it shows, and what can still be changed."""
    shown = await seen(reading, page, case_id, caller=caller, facts=facts, now=now)
    return _one(shown, shown.one(evidence_id), saved=saved)


def _one(
    shown: Portfolio,
    file: EvidenceView,
    *,
    saved: str = "",
    sent: Sent | None = None,
    wrong: tuple[Wrong, ...] = (),
    refused: Problem | None = None,
    at_file: bool = False,
) -> Response[str]:
    """`sent` is what was typed and could not be kept; `at_file` a refusal of another file in this one's place."""
    status = refused.status if refused else HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
    return shown.page.show(
        "evidence/one.html",
        status=status,
        portfolio=shown,
        file=file,
        values=sent.one if sent else _values(file).get,
        ticked=_ticked(sent, shown) if sent else {one.claim for one in file.pointers},
        kinds=evidence_words.KINDS,
        chosen=evidence_words.CHOSEN,
        longest=LONGEST,
        saved=saved in {"file", "words"},
        new=saved == "file",
        wrong=wrong,
        faults={one.at: one.says for one in wrong},
        refused=refused,
        at_file=at_file,
    )


def _values(file: EvidenceView) -> Mapping[str, str]:
    """What was said of a file, as fields of the form."""
    days = {name: day.isoformat() for name in ("period_start", "period_end") if (day := getattr(file, name))}
    own = {"learner_authored": TICKED} if file.learner_authored else {}
    words = {"kind": file.kind.value if file.kind else "", "title": file.title, "author": file.author}
    return (
        {"period_start": "", "period_end": "", "learner_authored": ""}
        | words
        | days
        | own
        | {"description": file.description, "transcript": file.transcript}
    )


def _ticked(sent: Sent, shown: Portfolio) -> set[UUID]:
    named = set(sent.all("claim"))
    return {claim for claim in shown.skills if str(claim) in named}


@post(
    "/cases/{case_id:uuid}/evidence/{evidence_id:uuid}", opt={"action": Action.EDIT_PORTFOLIO}, include_in_schema=False
)
async def describe(
    case_id: FromPath[UUID],
    evidence_id: FromPath[UUID],
    *,
    page: ThePage,
    caller: Who,
    facts: Facts,
    form: TheForm,
    house: TheHouse,
) -> Response[Any] | Redirect:
    """Keep what was said of a file and which skills it shows: both, or neither with what is wrong."""
    now = house.clock()
    async with house.database.reading() as session:
        shown = await seen(session, page, case_id, caller=caller, facts=facts, now=now)
    file = shown.one(evidence_id)
    described, wrong = _read(shown.page, form, file, fixed=str(file.id) in shown.sent.items)
    ticked = _ticked(form, shown)
    if ticked and described.kind is None:
        wrong = (*wrong, Wrong("kind", page.say("Say what this file is. Then tick the skills that it shows.")))
    if wrong:
        return _one(shown, file, sent=form, wrong=wrong)
    try:
        async with house.database.writing() as session:
            await evidence.describe(
                session, case_id=case_id, evidence_id=evidence_id, person=UUID(caller.id), said=described, now=now
            )
            await _point(session, shown, file, ticked, person=UUID(caller.id), now=now)
    except Refused as refused:
        return _one(shown, file, sent=form, refused=said(page.request, refused))
    return page.go(f"/cases/{case_id}/evidence/{evidence_id}?saved=words")


async def _point(
    session: AsyncSession, shown: Portfolio, file: EvidenceView, ticked: set[UUID], *, person: UUID, now: datetime
) -> None:
    """Tie the file to what was ticked and untie it from what was not; what was sent, and closed claims, stay."""
    held = {one.claim for one in file.pointers}
    about: dict[str, Any] = {"case_id": shown.case.id, "evidence_id": file.id}
    for claim in ticked - held:
        await pointers.point(session, **about, claim_id=claim, person=person, place=Place(), now=now)
    stays = shown.fixed(file) | {skill.claim for skill in shown.skills.values() if not skill.open}
    for one in file.pointers:
        if one.claim not in ticked | stays:
            await pointers.unpoint(session, **about, pointer_id=one.id, person=person, now=now)


def _read(page: Page, form: Sent, file: EvidenceView, *, fixed: bool) -> tuple[Description, tuple[Wrong, ...]]:
    """What the form says of a file, and what of it cannot be read; what was sent with a kind keeps all but words."""
    known = Description(**{name: getattr(file, name) for name in Description.__slots__})
    words = replace(known, title=form.one("title"), description=form.one("description"))
    if FAMILY_OF[file.file_kind] in PLAYED:
        words = replace(words, transcript=form.one("transcript"))
    wrong = [
        Wrong(name, page.say("This is too long. Use at most %(most)s characters.", most=LONGEST[name]))
        for name in ("title", "description", "author", "transcript")
        if len(form.one(name)) > LONGEST[name]
    ]
    if fixed and known.kind is not None:
        return words, tuple(wrong)
    days: dict[str, date | None] = {}
    for name in ("period_start", "period_end"):
        try:
            days[name] = date.fromisoformat(form.one(name)) if form.one(name) else None
        except ValueError:
            wrong.append(Wrong(name, page.say("Write the day like this: 2024-06-30.")))
    start, end = days.get("period_start"), days.get("period_end")
    if start and end and end < start:
        wrong.append(Wrong("period_end", page.say("The end cannot be before the beginning.")))
    kind = form.one("kind")
    said = replace(
        words,
        kind=EvidenceKind(kind) if kind in set(evidence_words.CHOSEN) else known.kind if kind else None,
        author=form.one("author"),
        learner_authored=form.one("learner_authored") == TICKED,
        period_start=start,
        period_end=end,
    )
    return said, tuple(wrong)


@post(
    "/cases/{case_id:uuid}/evidence/{evidence_id:uuid}/replace",
    opt={"action": Action.EDIT_PORTFOLIO},
    middleware=[body_pace.Paced()],
    request_max_body_size=None,
    include_in_schema=False,
)
async def put_instead(
    case_id: FromPath[UUID], evidence_id: FromPath[UUID], *, page: ThePage, caller: Who, facts: Facts, house: TheHouse
) -> Response[Any] | Redirect:
    """Take in another file in the place of this one, with what was said of it."""
    try:
        item = await evidence_routes.put_instead(page.request, case_id, evidence_id, caller=caller, house=house)
    except Refused as refused:
        async with house.database.reading() as session:
            shown = await seen(session, page, case_id, caller=caller, facts=facts, now=house.clock())
        return _one(shown, shown.one(evidence_id), refused=said(page.request, refused), at_file=True)
    return page.go(f"/cases/{case_id}/evidence/{item.id}?saved=file")


@post(
    "/cases/{case_id:uuid}/evidence/{evidence_id:uuid}/remove",
    opt={"action": Action.EDIT_PORTFOLIO},
    include_in_schema=False,
)
async def remove(
    case_id: FromPath[UUID], evidence_id: FromPath[UUID], *, page: ThePage, caller: Who, house: TheHouse
) -> Redirect:
    """Take a file out; the list offers to bring it back."""
    async with house.database.writing() as session:
        await evidence.remove(
            session, case_id=case_id, evidence_id=evidence_id, person=UUID(caller.id), now=house.clock()
        )
    return page.go(f"/cases/{case_id}/evidence?removed={evidence_id}")


@post(
    "/cases/{case_id:uuid}/evidence/{evidence_id:uuid}/restore",
    opt={"action": Action.EDIT_PORTFOLIO},
    include_in_schema=False,
)
async def restore(
    case_id: FromPath[UUID], evidence_id: FromPath[UUID], *, page: ThePage, caller: Who, house: TheHouse
) -> Redirect:
    """Bring back a file that was just taken out."""
    async with house.database.writing() as session:
        item = await replacing.restore(
            session, case_id=case_id, evidence_id=evidence_id, person=UUID(caller.id), now=house.clock()
        )
    return page.go(f"/cases/{case_id}/evidence#file-{item.id}")
