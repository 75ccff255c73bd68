"""A house in which every page has something to show: a case at each turn of its life, and somebody for each office.

It is furnished once for a walk over all pages. `House.places` holds what addresses are made of (ids, codes, tokens) by
the names that `tests/browser/catalogue.py` uses.
"""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from services.records import (
    audit,
    calibrations,
    cases,
    comment_bank,
    course_offers,
    equivalences,
    invitations,
    programmes,
    sponsors,
    surveys,
)
from services.records.equivalences import Pair
from services.records.tables.cases import Case
from services.records.tables.commands import CommandStatus, EffectRow, EffectState
from services.records.tables.credentials import Credential, CredentialState
from services.records.tables.enquiries import Enquiry
from services.records.tables.evidence import EvidenceItem
from services.records.tables.people import Institution, Person
from services.rules.agreement import Scope
from services.rules.case import Lane, SeatState, Stage
from services.rules.claims import Recommendation
from services.rules.deadlines import Span
from services.rules.gaps import Gap, Mode, Offer, Way
from services.rules.people import Role
from services.rules.programmes import Language, Text
from tests.api import test_progress
from tests.api import test_whole_case as whole
from tests.api.kit import Api
from tests.api.test_public import code_of
from tests.api.test_reports import counted
from tests.browser import sounds, turns
from tests.pages import test_stats, test_survey
from tests.pages.reading import sent
from tests.records import (
    appealing,
    attesting,
    makers,
    moderated,
    moving,
    sponsored,
)
from tests.records import test_looking_back as quarters
from tests.records.makers import NOW
from tests.records.moving import People
from tests.records.test_surveys import asked, invited

OFFICES = (
    Role.ASSESSOR,
    Role.ADVISOR,
    Role.LEAD,
    Role.DECISION_MAKER,
    Role.PROGRAMME_ADMIN,
    Role.AUDITOR,
    Role.APPEAL_REVIEWER_1,
)
"""Who has a list that can be empty."""


@dataclass(slots=True)
class House:
    """Everybody by name, and what addresses are made of."""

    api: Api
    people: dict[str, Person]
    places: dict[str, str] = field(default_factory=dict)

    def keep(self, name: str, place: object) -> None:
        """Remember what an address is made of."""
        self.places[name] = str(place)


async def furnished(api: Api, who: People) -> House:
    """Everything, written down."""
    house = House(api, {name: getattr(who, name) for name in People.__slots__})
    await _offices(house)
    await _credentials(house, who)
    await _turns(house, who)
    await _readings(house, who)
    await _portfolio(house, who)
    await _messages(house)
    await _figures(house, who)
    await _surveys(house)
    await _cohorts(house, who)
    await _look_backs(house)
    await _commands(house)
    house.keep("advisor", house.people["advisor"].id)
    # Whoever could be named instead comes last, or cases would be shared out between the two.
    async with api.database.writing() as session:
        await makers.published(session, replace(makers.programme(), version=9))
        await makers.staff(session, Role.ADVISOR)
    return house


async def _offices(house: House) -> None:
    """Administrators, auditors and mentors; somebody for each office where there are no cases; a newcomer."""
    async with house.api.database.writing() as session:
        kept = house.people
        kept["newcomer"] = await makers.person(session, name="Sample Newcomer")
        kept["admin"] = await makers.staff(session, Role.PROGRAMME_ADMIN)
        kept["auditor"] = await makers.staff(session, Role.AUDITOR)
        kept["mentor"] = await makers.staff(session, Role.MENTOR)
        for role in OFFICES:
            kept[f"{role}_elsewhere"] = await test_stats.elsewhere(session, role)
        where = await session.get_one(Institution, "elsewhere")
        where.name_en, where.name_fr = "Sample College Elsewhere", "Collège d’ailleurs"


async def _credentials(house: House, who: People) -> None:
    """Whole cases with signed credentials: one that holds, one that was withdrawn, and one that is valid for a year."""
    for name in ("valid", "withdrawn", "expired"):
        if name == "expired":
            async with house.api.database.writing() as session:
                await makers.published(session, makers.with_policy(version=7, credential_validity=Span.parse("12mo")))
        mine = await _of_a_learner(house, who, name)
        case_id = await whole.decided(house.api, mine)
        house.keep(name, case_id)
        house.keep(f"{name}_code", await code_of(house.api, mine, case_id))
        async with house.api.database.writing() as session:
            rows = await session.exec(select(Credential).where(Credential.case_id == UUID(case_id)))
            row = rows.one()
            if name == "withdrawn":
                row.state, row.revoked_at = CredentialState.REVOKED, NOW
    async with house.api.database.writing() as session:
        await programmes.retire(session, makers.programme().slug, version=7, actor="test", now=NOW)


async def _of_a_learner(house: House, who: People, name: str) -> People:
    async with house.api.database.writing() as session:
        learner = await makers.person(session, name="Sample Learner")
    house.people[f"learner_{name}"] = learner
    return replace(who, learner=learner)


async def _turns(house: House, who: People) -> None:
    database = house.api.database
    for name, begun in turns.TURNS.items():
        mine = await _of_a_learner(house, who, name)
        house.keep(name, await begun(database, mine))
    (seat, *_) = await moving.seats_of(database, UUID(house.places["offered"]))
    house.keep("seat", seat.id)
    sound = await sounds.recording(house.api)
    async with database.writing() as session:
        house.people["offered"] = await session.get_one(Person, seat.person_id)
        assessing = await session.get_one(Case, UUID(house.places["assessing"]))
        assessing.mentor_id = house.people["mentor"].id
        late = await session.get_one(Case, UUID(house.places["reviewed"]))
        late.due_at = NOW - timedelta(days=4)
        withdrawn = await makers.case(session, stage=Stage.CLOSED, learner=who.learner, advisor=who.advisor)
        house.keep("closed", withdrawn.id)
        items = await session.exec(select(EvidenceItem).where(EvidenceItem.case_id == assessing.id))
        house.keep("assessing_item", items.one().id)
        heard = await makers.evidence(session, assessing, *await makers.claims(session, assessing), **sound)
        house.keep("assessing_sound", heard.id)
    await _sitting(house)


async def _sitting(house: House) -> None:
    """Who leads a panel, who sits in it, and who hears which appeal."""
    database = house.api.database
    chair, member, *_ = await moderated.panel_seats(database, UUID(house.places["panel"]), SeatState.ACCEPTED)
    house.people["chair"] = await appealing.person_of(database, chair)
    house.people["member"] = await appealing.person_of(database, member)
    for name in ("lodged", "admitted", "convened"):
        (seat, *_) = await appealing.seats(database, UUID(house.places[name]), SeatState.ACCEPTED)
        house.people[f"reviewer_{name}"] = await appealing.person_of(database, seat)


async def _readings(house: House, who: People) -> None:
    """Two readings that differ, comments kept, and anchors to try oneself on."""
    api = house.api
    mine = await _of_a_learner(house, who, "differing")
    differing = await moderated.differing(api.database, mine, first=(Recommendation.MET, Recommendation.PARTIAL))
    house.keep("differing", differing.id)
    house.people["second_reader"] = differing.second
    async with api.database.writing() as session:
        version = await programmes.newest(session, makers.programme().slug)
        programme = await programmes.read(session, version.id)
        for title in ("A first anchor", "A second anchor"):
            await calibrations.keep(
                session,
                programme,
                competency="first",
                language=Language.EN,
                title=title,
                material="Read this closely.",
                agreed=Recommendation.MET,
                keeper=house.people["admin"].id,
                now=NOW,
            )
        gap = Offer(
            "safe-work", "Sample School", Text("Safe work", "Travailler sans danger"), Way.COURSE, (Gap("first", "b"),),
            9000, "CAD", 12, Mode.ONLINE, Language.EN, None,
        )  # fmt: skip
        await course_offers.replace(session, programme, [gap], actor="test", now=NOW)
        for own, same in (("first", f"{programme.slug}/third"), ("second", "sample-fr-vae/first")):
            pair = Pair(own, same, "Agreement of the two committees, 12 January 2026")
            await equivalences.keep(session, programme, pair, actor="test", now=NOW)
        await equivalences.withdraw(
            session, programme, competency="second", equals="sample-fr-vae/first", actor="test", now=NOW
        )
        for shared in (True, False):
            await comment_bank.add(
                session, owner=who.assessor.id, institution=makers.INSTITUTION, en="Every step is shown.",
                fr="Chaque étape est montrée.", shared=shared, now=NOW,
            )  # fmt: skip


async def _portfolio(house: House, who: People) -> None:
    """A portfolio half built, with a file, people who were asked to attest, and one opened for somebody."""
    api = house.api
    draft = await whole.open_case(api, who)
    house.keep("draft", draft)
    mine = await _of_a_learner(house, who, "building")
    building = await whole.open_case(api, mine)
    body = {"declaration": "2026-1", "consents": ["holder_name"]}
    whole.good(await api.command(building, "submit", mine.learner, body))
    whole.good(await api.command(building, "accept_eligibility", mine.advisor))
    house.keep("building", building)
    house.keep("building_item", await whole.show(api, mine, building))
    sound = await sounds.recording(api)
    async with api.database.writing() as session:
        case = await cases.get(session, UUID(building))
        house.keep("building_sound", (await makers.evidence(session, case, **sound)).id)
    asked, answered = [
        await attesting.asked(api.database, UUID(building), now=api.clock(), email=f"{name}@example.org")
        for name in ("asked", "answered")
    ]
    house.keep("asked_link", asked.token)
    house.keep("answered_link", answered.token)
    await attesting.answer(api.database, answered, now=api.clock())
    async with api.database.writing() as session:
        case = await cases.get(session, UUID(building))
        house.keep("to_call", (await attesting.ask(session, case, email="", phone="514 555-0100")).id)
    day = api.clock().date().isoformat()
    for programme in ("-", "sample-programme"):
        asked_before = {"day": day, "way": "phone", "language": "fr", "programme": programme}
        await api.http.post("/en/enquiries", headers=await api.as_(who.advisor), data=asked_before)
    async with api.database.reading() as session:
        rows = await session.exec(select(Enquiry.id).where(col(Enquiry.programme).is_not(None)))
        house.keep("enquiry", rows.one())
    form = {"name": "Ana Sample", "email": "ana@example.org", "language": "fr", "programme": "sample-programme"}
    form |= {"purpose": "upskill", "form": "spoken", "agreed": "yes"}
    opened = await api.http.post("/fr/intake", headers=await api.as_(who.advisor), data=form)
    house.keep("on_behalf", opened.headers["location"].rsplit("/", 1)[1])
    async with api.database.writing() as session:
        case = await cases.get(session, UUID(house.places["on_behalf"]))
        house.people["invited"] = await session.get_one(Person, case.learner_id)
        until = api.clock() + timedelta(days=7)
        house.keep("invitation", await invitations.make(session, case.learner_id, expires_at=until, now=api.clock()))


async def _messages(house: House) -> None:
    """A learner and an advisor write to each other."""
    path = f"/en/cases/{house.places['incomplete']}/messages"
    for who, text in (("learner_incomplete", "Which paper do you mean?"), ("advisor", "The one of your employer.")):
        await sent(house.api, house.people[who], path, text=text)


async def _look_backs(house: House) -> None:
    """A settled case that somebody is asked to read again after the quarter."""
    await quarters.over(house.api.database)
    await quarters.seen_to(house.api.database)
    (row, *_) = await quarters.asked(house.api.database)
    house.keep("look_back", row.id)
    async with house.api.database.reading() as session:
        house.people["again"] = await session.get_one(Person, row.reader_id)


async def _figures(house: House, who: People) -> None:
    """What leads, administrators and auditors read: figures, lines of the log, and an effect that failed."""
    api = house.api
    await counted(api)
    await test_stats.figure(api, Scope.PROGRAMME, "")
    await test_stats.figure(api, Scope.COMPETENCY, "first")
    case_id = UUID(house.places["eligible"])
    async with api.database.writing() as session:
        for action in ("case_opened", "log_exported", "role_granted"):
            await audit.log(session, stream=f"case:{case_id}", actor=str(who.advisor.id), action=action, now=NOW)
        failed = EffectRow(
            key=f"{case_id}:1:send_notice:eligible:{case_id.hex}", case_id=case_id, seq=1, step=99,
            activity="send_notice", lane=Lane.MAIL, state=EffectState.FAILED, queued_at=NOW, settled_at=NOW,
            error="refused",
        )  # fmt: skip
        await makers.stored(session, failed)


async def _surveys(house: House) -> None:
    """A learner who agreed to be asked afterwards, and what others answered."""
    api, case_id = house.api, UUID(house.places["valid"])
    async with api.database.writing() as session:
        await surveys.agree(session, case_id, person=house.people["learner_valid"].id, now=api.clock())
        (consent,) = await surveys.agreed(session, after=UUID(int=0), limit=1)
    await invited(api.database, consent, now=api.clock())
    house.keep("survey_link", await asked(api.database, now=api.clock()))
    await counted(api, quarter="2025Q4")
    for quarter in ("2025Q4", "2026Q1"):
        await test_progress.rolled_up(api, quarter=quarter)
    for year in (2025, 2026):
        await test_survey.told(api, year=year)
    await test_progress.compared(api, year=2025)
    published = await api.write("POST", "/reports/sample-programme/2025/publication", house.people["admin"])
    assert published.status_code == HTTPStatus.NO_CONTENT, published.text


async def _cohorts(house: House, who: People) -> None:
    """Agreements with a sponsor: one with people who came far and others, one without, and one that is over."""
    api, database = house.api, house.api.database
    begun, ended = date(2025, 1, 1), date(2025, 12, 31)
    for name, terms in (
        ("agreement", sponsored.TERMS),
        ("agreement_empty", replace(sponsored.TERMS, reference="E-2026-2", sponsor="Sample Fund for Skills")),
        ("agreement_over", replace(sponsored.TERMS, reference="E-2025-7", starts_on=begun, ends_on=ended)),
    ):
        house.keep(name, await sponsored.agreement(database, who.lead, terms))
    agreement = UUID(house.places["agreement"])
    lines = "nadia.sample@example.org,Nadia Sample,fr,M-1042\n"
    joined = await sponsored.take_in(database, agreement, lines, lead=who.lead, now=api.clock())
    house.keep("cohort", joined.told[0])
    case_id, later = UUID(house.places["expired"]), api.clock() + timedelta(days=95)
    async with database.writing() as session:
        case = await cases.get(session, UUID(house.places["cohort"]))
        house.people["learner_cohort"] = await session.get_one(Person, case.learner_id)
        learner = house.people["learner_expired"].id
        await sponsored.join(session, await cases.get(session, case_id), agreement, reference="M-1041")
        await sponsors.choose(session, case_id, tell=True, person=learner, now=api.clock())
        await surveys.agree(session, case_id, person=learner, now=api.clock())
        *_, consent = await surveys.agreed(session, after=UUID(int=0), limit=9)
    await invited(database, consent, now=later)
    house.keep("survey_sponsored", await asked(database, now=later))


async def _commands(house: House) -> None:
    """A command that waits, one that has waited for long, and one that was refused."""
    api = house.api
    async with api.database.writing() as session:
        case = await cases.get(session, UUID(house.places["reviewed"]))
        advisor = house.people["advisor"].id
        waits: dict[str, dict[str, Any]] = {
            "waiting": {},
            "waiting_long": {"received_at": NOW - timedelta(hours=1)},
            "turned_down": {"status": CommandStatus.REFUSED, "refusal": "stale_version", "settled_at": NOW},
        }
        for name, fields in waits.items():
            row = await makers.command(session, case, "propose_refusal", actor=advisor, role=Role.ADVISOR, **fields)
            house.keep(name, row.id)
