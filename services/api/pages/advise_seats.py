"""Who is asked to assess a case, who could be, and why others cannot: a lead offers seats from here."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from litestar import Response, get
from litestar.params import FromPath
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api import portraits
from services.api.access import Facts, Who
from services.api.house import Now, Reading
from services.api.pages import advise_case, command_pages, command_words
from services.api.pages.command_choices import Setting
from services.api.pages.seen import offer
from services.api.pages.site import Page, ThePage
from services.records import assignments, cases, dossier, second_readings
from services.records.dossier import SeatShown
from services.records.tables.cases import Claim
from services.rules.assignment import Bar
from services.rules.case import OPEN_SEATS, SeatKind
from services.rules.people import Action
from services.rules.second_reading import Way

OFFERED_HERE = ("override_conflict", "compose_panel", "name_appeal_panel", "allow_round", "transfer_advisor")


@dataclass(frozen=True, slots=True)
class Place:
    """A seat to fill: what kind it is, over which claims, and instead of which open seat, if of one."""

    kind: SeatKind
    claims: list[Claim]
    instead_of: SeatShown | None = None

    @property
    def held_by(self) -> UUID | None:
        """Who holds it, and so cannot be given it."""
        return self.instead_of.seat.person_id if self.instead_of else None


def bars(page: Page) -> dict[Bar, str]:
    """Why somebody cannot be asked, or would not be asked first; of a conflict, no more than that there is one."""
    return {
        Bar.CONFLICT: page.say("a conflict of interest, or another part in the case"),
        Bar.CALIBRATION: page.say("has not read the anchors as agreed"),
        Bar.SCOPE: page.say("not qualified for these competencies"),
        Bar.AWAY: page.say("away"),
        Bar.LANGUAGE: page.say("does not work in the language of the case"),
        Bar.LOAD: page.say("has as many seats as can be held"),
        Bar.ASKED: page.say("was asked here before"),
        Bar.PAIR: page.say("read the last cases with the same colleague"),
    }


def kinds(page: Page) -> dict[SeatKind, str]:
    """What a seat is for."""
    return {
        SeatKind.FIRST: page.say("first assessment"),
        SeatKind.SECOND: page.say("second assessment"),
        SeatKind.THIRD: page.say("third assessment"),
        SeatKind.INTERVIEW: page.say("second person at an appointment"),
        SeatKind.PANEL: page.say("panel"),
        SeatKind.APPEAL_1: page.say("review"),
        SeatKind.APPEAL_2: page.say("appeal"),
    }


async def _place(session: AsyncSession, setting: Setting, shown: list[SeatShown], asked: str) -> Place | None:
    """The seat to fill: one that is open and named, else the first that nobody holds."""
    for one in shown:
        if str(one.seat.id) == asked and one.seat.state in OPEN_SEATS:
            return Place(one.seat.seat, await assignments.claims_of(session, [one.seat]), one)
    if setting.case.moderation is Way.PANEL:
        open_claims = [claim for claim in setting.claims if cases.is_open(claim, setting.case.stage)]
        return Place(SeatKind.PANEL, open_claims)
    free = await second_readings.places(session, setting.case, setting.programme.policy)
    return next((Place(kind, claims) for kind, claims in free.items()), None)


@get("/cases/{case_id:uuid}/seats", opt={"action": Action.SEE_SEATS}, include_in_schema=False)
async def see(
    case_id: FromPath[UUID], *, page: ThePage, caller: Who, facts: Facts, reading: Reading, now: Now
) -> Response[str]:
    """Every offer and seat; for a lead also everybody who holds the role, those who can be asked first."""
    about, setting = await command_pages.setting(reading, page, case_id, caller=caller)
    portrait = await portraits.of_case(reading, case_id, caller=caller, facts=facts, now=now)
    shown = await dossier.seats(reading, case_id)
    may_offer = "reassign" in portrait.commands and "reassign" in command_words.known()
    place = await _place(reading, setting, shown, page.request.query_params.get("instead", "")) if may_offer else None
    considered = (
        await assignments.considered(
            reading, case=setting.case, programme=setting.programme, claims=place.claims, now=now, kind=place.kind
        )
        if place and place.claims
        else []
    )
    titles = {claim.id: about.text(setting.programme.competency(claim.competency).title) for claim in setting.claims}
    return about.show(
        "advise/seats.html",
        case=portrait,
        seats=shown,
        states=advise_case.seat_states(about),
        kinds=kinds(about),
        bars=bars(about),
        place=place,
        titles=titles,
        considered=[one for one in considered if place is None or one.person != place.held_by],
        may_offer=may_offer,
        open_states=OPEN_SEATS,
        others=[
            offer(portrait, one) for one in OFFERED_HERE if one in portrait.commands and one in command_words.known()
        ],
        key=uuid4(),
    )
