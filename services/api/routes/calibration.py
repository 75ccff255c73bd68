"""Anchors, for whoever keeps them; and the reading of them, for assessors who see their own result and nothing else."""

from dataclasses import dataclass
from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router, delete, get, post
from litestar.params import FromPath, JSONBody
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api.access import Who
from services.api.house import Now, Reading, Writing
from services.records import calibrations, programmes
from services.records.calibrations import Standing
from services.records.tables.calibration import Anchor
from services.rules.claims import Recommendation
from services.rules.people import Action, Caller, Role
from services.rules.programmes import Language, Programme
from services.rules.refusals import Refused


class AnchorForm(msgspec.Struct, forbid_unknown_fields=True):
    """A claim with what there is to read of it, and the recommendation that was agreed in advance."""

    competency: Annotated[str, msgspec.Meta(max_length=64)]
    language: Language
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    material: Annotated[str, msgspec.Meta(min_length=1, max_length=20_000)]
    agreed: Recommendation


class AnswerForm(msgspec.Struct, forbid_unknown_fields=True):
    """What the assessor recommends on the anchor."""

    recommendation: Recommendation


@dataclass(frozen=True, slots=True)
class AnchorView:
    """An anchor as its keeper sees it."""

    id: UUID
    competency: str
    language: str
    title: str
    material: str
    agreed: Recommendation
    kept_at: datetime


@dataclass(frozen=True, slots=True)
class ToRead:
    """An anchor as an assessor sees it: without the answer."""

    id: UUID
    competency: str
    language: str
    title: str
    material: str


@dataclass(frozen=True, slots=True)
class RoundView:
    """A finished round: so many anchors read, so many exactly as agreed."""

    rated: int
    agreed: int
    passed: bool
    finished_at: datetime | None
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class StandingView:
    """Where one stands; no anchor's answer is told, for the next round asks the same ones."""

    required: bool
    rated: int
    left: tuple[ToRead, ...]
    last: RoundView | None


async def programme_for(reading: AsyncSession, slug: str, caller: Caller, role: Role = Role.ASSESSOR) -> Programme:
    """The newest version of a programme for which the caller holds `role`. Raises `Refused('not_found')`."""
    try:
        row = await programmes.last_published(reading, slug)
    except Refused:
        raise Refused("not_found") from None
    if not caller.holds(role, row.institution_id, row.slug):
        raise Refused("not_found")
    return await programmes.read(reading, row.id)


def _anchor(row: Anchor) -> AnchorView:
    return AnchorView(**{name: getattr(row, name) for name in AnchorView.__slots__})


def standing_of(standing: Standing, programme: Programme) -> StandingView:
    last = standing.last
    return StandingView(
        required=programme.policy.calibration_required,
        rated=standing.rated,
        left=tuple(ToRead(**{name: getattr(one, name) for name in ToRead.__slots__}) for one in standing.left),
        last=RoundView(last.rated, last.agreed, standing.passed, last.finished_at, standing.valid_until)
        if last
        else None,
    )


@get("/{slug:str}/anchors", opt={"action": Action.KEEP_ANCHORS}, operation_id="list_anchors", summary="Anchors in use")
async def anchors(slug: FromPath[str], caller: Who, reading: Reading) -> list[AnchorView]:
    """Oldest first."""
    programme = await programme_for(reading, slug, caller, Role.PROGRAMME_ADMIN)
    return [_anchor(row) for row in await calibrations.in_use(reading, programme.slug)]


@post("/{slug:str}/anchors", opt={"action": Action.KEEP_ANCHORS}, operation_id="keep_anchor", summary="Add an anchor")
async def keep(slug: FromPath[str], data: JSONBody[AnchorForm], caller: Who, writing: Writing, now: Now) -> AnchorView:
    """It is asked in every round that ends from now on. What was agreed is never changed: retire it and add another."""
    programme = await programme_for(writing, slug, caller, Role.PROGRAMME_ADMIN)
    row = await calibrations.keep(
        writing,
        programme,
        competency=data.competency,
        language=data.language,
        title=data.title,
        material=data.material,
        agreed=data.agreed,
        keeper=UUID(caller.id),
        now=now,
    )
    return _anchor(row)


@delete(
    "/{slug:str}/anchors/{anchor:uuid}",
    opt={"action": Action.KEEP_ANCHORS},
    status_code=HTTPStatus.NO_CONTENT,
    operation_id="retire_anchor",
    summary="Take an anchor out of use",
)
async def retire(slug: FromPath[str], anchor: FromPath[UUID], caller: Who, writing: Writing, now: Now) -> None:
    """Answers already given to it stay on record and count no more."""
    programme = await programme_for(writing, slug, caller, Role.PROGRAMME_ADMIN)
    await calibrations.retire(writing, programme=programme.slug, anchor=anchor, keeper=UUID(caller.id), now=now)


@get("/{slug:str}", opt={"action": Action.CALIBRATE}, operation_id="see_calibration", summary="What is left to read")
async def standing(slug: FromPath[str], caller: Who, reading: Reading) -> StandingView:
    """The anchors that one has not answered in this round, and how one's last round ended."""
    programme = await programme_for(reading, slug, caller, Role.ASSESSOR)
    return standing_of(await calibrations.standing(reading, programme, person=UUID(caller.id)), programme)


@post(
    "/{slug:str}/anchors/{anchor:uuid}/answer",
    opt={"action": Action.CALIBRATE},
    operation_id="answer_anchor",
    summary="Answer an anchor",
)
async def answer(
    *, slug: FromPath[str], anchor: FromPath[UUID], data: JSONBody[AnswerForm], caller: Who, writing: Writing, now: Now
) -> StandingView:
    """An answer stays as it is given; the last one ends the round."""
    programme = await programme_for(writing, slug, caller, Role.ASSESSOR)
    after = await calibrations.rate(
        writing, programme, anchor=anchor, person=UUID(caller.id), answer=data.recommendation, now=now
    )
    return standing_of(after, programme)


def router() -> Router:
    """Every route of calibration."""
    return Router("/api/v1/calibration", route_handlers=[anchors, keep, retire, standing, answer], tags=["calibration"])
