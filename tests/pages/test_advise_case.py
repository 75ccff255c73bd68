"""The pages of a case for those who lead it: each shows what its view holds, and offers what the rules allow now."""

import re
from uuid import UUID, uuid4

from sqlmodel import select

from services.api.pages import steps
from services.records.tables.cases import Case, MissingItem
from services.records.tables.commands import EffectRow, EffectState
from services.rules import commands as bodies
from services.rules.case import Lane, Stage
from services.rules.people import Role
from services.rules.stages import MOVES
from tests.api.kit import Api
from tests.pages.reading import read, sent
from tests.records import makers, moving, test_fees
from tests.records.makers import NOW
from tests.records.moving import People


def form(page: str, command: str) -> dict[str, str]:
    """The hidden fields of the form that sends `command`."""
    start = page.index(f"/do/{command}")
    part = page[start : page.index("</form>", start)]
    return dict(re.findall('<input type="hidden" name="([^"]+)" value="([^"]*)"', part))


def test_every_move_has_a_sentence_in_both_languages() -> None:
    assert steps.known() == {move.command for move in MOVES}
    assert all(text.en and text.fr for text in steps.subjects().values())


async def test_each_view_shows_its_own_parts(api: Api, who: People) -> None:
    case_id = await moving.assessing(api.database, who)
    async with api.database.writing() as session:
        mentor, auditor = [await makers.staff(session, role) for role in (Role.MENTOR, Role.AUDITOR)]
        (await session.get_one(Case, case_id)).mentor_id = mentor.id
    advisor = await read(api, who.advisor, f"/en/cases/{case_id}")
    assert "sample.pdf" in advisor
    assert who.assessor.name not in advisor
    assert "Waiting on" in advisor
    lead = await read(api, who.lead, f"/fr/cases/{case_id}")
    assert who.assessor.name in lead
    assert "sample.pdf" not in lead
    assert "Confier à une autre personne évaluatrice" in lead
    seen = await read(api, mentor, f"/en/cases/{case_id}")
    assert "Nobody but you reads them." in seen
    assert "sample.pdf" not in seen
    assert "First" not in seen.split("<h1")[1]
    audited = await read(api, auditor, f"/en/cases/{case_id}")
    assert who.assessor.name in audited
    assert "/do/" not in audited
    for person, path in ((who.decider, ""), (who.decider, "/seats"), (who.assessor, "/timeline")):
        await read(api, person, f"/en/cases/{case_id}{path}", 403 if person is who.assessor else 404)
    await read(api, who.advisor, f"/en/cases/{case_id}/seats", 403)


async def test_whoever_leads_a_case_reads_what_was_charged_and_is_led_to_waive_it(api: Api, who: People) -> None:
    case_id = await test_fees.sent(api.database, who)
    for person, language, words in ((who.advisor, "en", "Fees and waivers"), (who.lead, "fr", "Frais et remises")):
        _, fees = (await read(api, person, f"/{language}/cases/{case_id}")).split(words)
        assert "100&nbsp;CAD" in fees
        assert f"/{language}/cases/{case_id}/do/waive-fee" in fees
    await test_fees.waive(api.database, case_id, actor=who.advisor, role=Role.ADVISOR, service="file")
    _, fees = (await read(api, who.lead, f"/fr/cases/{case_id}")).split("Frais et remises")
    assert "Hard times" in fees
    assert ">remis<" in fees
    async with api.database.writing() as session:
        auditor = await makers.staff(session, Role.AUDITOR)
    assert "Hard times" not in await read(api, auditor, f"/fr/cases/{case_id}")


async def test_a_timeline_tells_who_did_what_and_folds_the_system(api: Api, who: People) -> None:
    case_id = await moving.assessing(api.database, who)
    english = await read(api, who.advisor, f"/en/cases/{case_id}/timeline")
    assert "The portfolio was sent." in english
    assert "An offer to assess was accepted." not in english
    assert english.index("The portfolio was accepted") < english.index("The portfolio was sent.")
    assert "step that the system took by itself" in english
    lead = await read(api, who.lead, f"/fr/cases/{case_id}/timeline?about=assessment")
    assert "Une offre d’évaluation a été acceptée." in lead
    assert "Le dossier de preuves a été déposé." not in lead


async def test_a_mentor_keeps_notes(api: Api, who: People) -> None:
    case_id = await moving.standing(api.database, who, Stage.ELIGIBLE)
    async with api.database.writing() as session:
        mentor = await makers.staff(session, Role.MENTOR)
        (await session.get_one(Case, case_id)).mentor_id = mentor.id
    kept = await sent(api, mentor, f"/en/cases/{case_id}/notes", text="Called <b>today</b>.", spoke="yes")
    assert kept.status_code == 303
    seen = await read(api, mentor, f"/en/cases/{case_id}")
    assert "Called &lt;b&gt;today&lt;/b&gt;." in seen
    assert "spoke with the learner" in seen
    assert (await sent(api, who.advisor, f"/en/cases/{case_id}/notes", text="x")).status_code == 403


async def test_an_advisor_answers_on_eligibility(api: Api, who: People) -> None:
    case_id = await moving.standing(api.database, who, Stage.ELIGIBILITY_REVIEW, informed_on=NOW.date())
    path = f"/en/cases/{case_id}/eligibility"
    seen = await read(api, who.advisor, path)
    assert "Sample work, every day" in seen
    asked = await sent(
        api,
        who.advisor,
        f"/en/cases/{case_id}/do/ask-completion",
        **form(seen, "ask-completion"),
        **{"items-0-what": "A résumé", "items-0-why": "To see your years", "items-1-what": "", "items-1-why": ""},
    )
    assert asked.headers["location"] == f"/en/cases/{case_id}?done=ask_completion"
    assert "A résumé" in await read(api, who.advisor, f"/en/cases/{case_id}")
    async with api.database.writing() as session:
        (item,) = await session.exec(select(MissingItem))
    await moving.send(
        api.database,
        case_id,
        "complete",
        actor=who.learner,
        role=Role.LEARNER,
        body=bodies.Complete((bodies.ItemAnswer(str(item.id), "I have none", cannot_provide=True),)),
    )
    seen = await read(api, who.advisor, path)
    assert "The learner cannot provide this." in seen
    accepted = await sent(
        api, who.advisor, f"/en/cases/{case_id}/do/accept-eligibility", **form(seen, "accept-eligibility")
    )
    assert accepted.status_code == 303
    assert (await moving.case_of(api.database, case_id)).stage is Stage.ELIGIBLE
    assert "nothing for you to decide here" in await read(api, who.advisor, path)
    await read(api, who.learner, path, 403)
    await read(api, who.lead, path, 403)


async def test_a_lead_sees_why_somebody_is_barred_and_offers_a_seat(api: Api, who: People) -> None:
    async with api.database.writing() as session:
        free, tied = [await makers.staff(session, Role.ASSESSOR) for _ in range(2)]
    case_id = await moving.assigning(api.database, who)
    (seat,) = await moving.seats_of(api.database, case_id)
    other = who.assessor if seat.person_id != who.assessor.id else free
    async with api.database.writing() as session:
        case = await session.get_one(Case, case_id)
        barred = next(one for one in (tied, free, who.assessor) if one.id not in (seat.person_id, other.id))
        await makers.exclude(session, case, barred)
    seen = await read(api, who.lead, f"/en/cases/{case_id}/seats?instead={seat.id}")
    assert f"{barred.name} – a conflict of interest" in seen
    assert "family" not in seen
    assert f'value="{barred.id}"' not in seen
    asked = await sent(
        api,
        who.lead,
        f"/en/cases/{case_id}/do/reassign",
        **form(seen, "reassign"),
        assessor=str(other.id),
        reason="Knows the trade",
    )
    assert asked.status_code == 303, asked.text
    assert {one.person_id for one in await moving.seats_of(api.database, case_id)} == {seat.person_id, other.id}
    assert "Every seat is held" in await read(api, who.lead, f"/en/cases/{case_id}/seats")


async def test_a_failed_effect_can_be_tried_again_by_a_lead(api: Api, who: People) -> None:
    case_id = await moving.standing(api.database, who, Stage.ELIGIBLE)
    key = f"{case_id}:1:render_letter"
    async with api.database.writing() as session:
        session.add(
            EffectRow(
                key=key,
                case_id=case_id,
                seq=1,
                step=1,
                activity="render_letter",
                lane=Lane.ISSUE,
                state=EffectState.FAILED,
                queued_at=NOW,
            )
        )
    assert "retry-effect" not in await read(api, who.advisor, f"/en/cases/{case_id}")
    seen = await read(api, who.lead, f"/en/cases/{case_id}")
    assert form(seen, "retry-effect")["effect"] == key


async def test_an_advisor_opens_a_case_for_somebody_and_hands_it_over(api: Api, who: People) -> None:
    fields = {"name": "Ana Sample", "email": "ana@example.org", "language": "fr", "programme": "sample-programme"}
    fields |= {"purpose": "upskill", "form": "spoken"}
    assert "Sample" in await read(api, who.advisor, "/en/intake")
    lacking = await sent(api, who.advisor, "/fr/intake", **fields)
    assert lacking.status_code == 422
    assert "ana@example.org" in lacking.text
    odd = await sent(api, who.advisor, "/fr/intake", **fields | {"email": "ana"}, agreed="yes")
    assert odd.status_code == 422
    assert (await sent(api, who.advisor, "/fr/intake", **fields | {"purpose": "x"}, agreed="yes")).status_code == 422
    opened = await sent(api, who.advisor, "/fr/intake", **fields, agreed="yes")
    assert opened.status_code == 303, opened.text
    path = opened.headers["location"]
    assert "Vous écrivez pour la personne candidate" in await read(api, who.advisor, path)
    assert (await sent(api, who.advisor, f"{path}/hand-over")).status_code == 303
    assert "Vous écrivez pour la personne candidate" not in await read(api, who.advisor, path)
    async with api.database.reading() as session:
        assert (await session.get_one(Case, UUID(path.rsplit("/", 1)[1]))).intake_by_id is None
    await read(api, who.lead, "/en/intake", 403)
    assert (await sent(api, who.lead, f"/en/cases/{uuid4()}/hand-over")).status_code == 404
