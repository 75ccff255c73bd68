"""Small ready things that a test of the rules changes by `dataclasses.replace`."""

from decimal import Decimal

from services.rules.case import CaseState, Command, Seat, SeatKind, SeatState, Stage
from services.rules.claims import (
    Confidence,
    CriterionRating,
    Identification,
    Judgement,
    LearningSetting,
    PointedItem,
    Rating,
    Recommendation,
    Rule,
    RuleVerdict,
    Supervision,
    Verdict,
)
from services.rules.deadlines import Calendar, Holiday, HolidayKind
from services.rules.evidence import EvidenceKind
from services.rules.people import Role
from services.rules.programmes import Competency, Criterion, Level, Method, Text

CASE = "0193a1f0-0000-7000-8000-000000000001"
SEAT = "seat-1"
REASONS = "What was seen shows the first steps; a plan for a longer meeting is not there yet and would be welcome."
"""A rationale that is long enough for every policy that is shipped."""

WORD = Text("Word", "Mot")

QUEBEC = Calendar(
    "America/Toronto",
    holidays=(
        Holiday(HolidayKind.FIXED, month=1, day=1),
        Holiday(HolidayKind.EASTER_OFFSET, offset=-2),
        Holiday(HolidayKind.WEEKDAY_BEFORE, month=5, day=25, weekday=0),
        Holiday(HolidayKind.FIXED, month=6, day=24),
        Holiday(HolidayKind.FIXED, month=7, day=1),
        Holiday(HolidayKind.NTH_WEEKDAY, month=9, weekday=0, nth=1),
        Holiday(HolidayKind.NTH_WEEKDAY, month=10, weekday=0, nth=2),
        Holiday(HolidayKind.FIXED, month=12, day=25),
    ),
)
"""The holidays of Quebec. Source: case design, section 12."""


def seat(
    state: SeatState = SeatState.ACCEPTED,
    *,
    person: str = "assessor",
    id_: str = SEAT,
    kind: SeatKind = SeatKind.FIRST,
    chair: bool = False,
) -> Seat:
    return Seat(id_, person, state, kind, chair)


def case(stage: Stage = Stage.DRAFT) -> CaseState:
    """A case in which everything is there that a move may ask for."""
    return CaseState(
        id=CASE,
        stage=stage,
        version=3,
        learner="learner",
        return_to=Stage.ELIGIBILITY_REVIEW,
        advisor="advisor",
        open_claims=2,
        gaps=1,
        planned=True,
        seats=(seat(),),
        rounds_left=2,
        failed_effects=("c/1/render_letter",),
    )


def command(kind: str, role: Role, *, version: int = 3, subject: str = "") -> Command:
    return Command("k", kind, CASE, role.value, role, version, subject)


def criterion(key: str, *, mandatory: bool = True) -> Criterion:
    return Criterion(key, Text(f"{key} in English", f"{key} en français"), mandatory)


def competency(*criteria: Criterion) -> Competency:
    return Competency(
        key="meetings",
        code="M1",
        title=Text("Run a meeting", "Animer une réunion"),
        explanation=WORD,
        criteria=criteria or (criterion("plan"), criterion("lead"), criterion("minutes", mandatory=False)),
        levels=tuple(Level(level, WORD, WORD) for level in (1, 2, 3, 4)),
        usual_evidence=(WORD,),
        methods=(Method.PORTFOLIO, Method.INTERVIEW),
        credit=Decimal("1.5"),
        hours=45,
        alignment=(),
    )


def rated(**ratings: Rating) -> tuple[CriterionRating, ...]:
    return tuple(CriterionRating(key, rating, REASONS) for key, rating in ratings.items())


def rules(**verdicts: Verdict) -> tuple[RuleVerdict, ...]:
    """All four rules of evidence, `ok` unless said otherwise."""
    return tuple(RuleVerdict(rule, verdicts.get(rule, Verdict.OK), "Seen.") for rule in Rule)


def judgement(**ratings: Rating) -> Judgement:
    """A judgement that recommends `met`, with every criterion of `competency()` met unless said otherwise."""
    return Judgement(
        ratings=rated(**{"plan": Rating.MET, "lead": Rating.MET, "minutes": Rating.MET, **ratings}),
        rules=rules(),
        methods=(Method.PORTFOLIO,),
        rationale=REASONS,
        recommendation=Recommendation.MET,
        confidence=Confidence.HIGH,
        supervision=Supervision.NONE,
        identification=Identification.DOCUMENT_SEEN,
        learning_setting=LearningSetting.NON_FORMAL,
    )


def item(kind: EvidenceKind = EvidenceKind.WORK_PRODUCT, *, learner_authored: bool = False) -> PointedItem:
    return PointedItem(f"item-{kind}", kind, learner_authored)
