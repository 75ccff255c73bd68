"""Programmes, people and health, as administrators of one institution keep them and nobody else."""

import html
import re
from datetime import datetime
from zoneinfo import ZoneInfo

import httpx
import pytest

from services.api.pages import admin_deadlines, admin_equivalences, words
from services.documents import notices
from services.documents.letters import LetterKind
from services.records import audit, due_dates, issuer_keys, people, programmes, staff
from services.records.tables.cases import Case
from services.records.tables.commands import EffectRow, EffectState
from services.records.tables.people import Person, PersonRole
from services.rules import limits as ladder
from services.rules.case import Lane, Stage
from services.rules.people import Role
from services.rules.programmes import Language
from tests.api import test_whole_case as whole
from tests.api.kit import HERE, ISSUER, Api
from tests.pages.test_stats import elsewhere
from tests.records import makers, moving
from tests.records.makers import NOW
from tests.records.moving import People

SLUG = makers.programme().slug


@pytest.fixture
async def admin(api: Api, who: People) -> Person:  # noqa: ARG001 - its people stand in the list
    async with api.database.writing() as session:
        return await makers.staff(session, Role.PROGRAMME_ADMIN)


async def page(api: Api, path: str, person: Person) -> httpx.Response:
    return await api.http.get(path, headers=await api.as_(person))


async def sent(api: Api, path: str, person: Person, **fields: str) -> httpx.Response:
    return await api.http.post(path, headers=await api.as_(person) | HERE, data=fields)


async def roles_of(api: Api, person: Person) -> set[Role]:
    async with api.database.reading() as session:
        return {one.role for one in await people.memberships(session, person.id)}


async def held(api: Api, person: Person) -> tuple[PersonRole, ...]:
    async with api.database.reading() as session:
        return (await staff.one(session, [(makers.INSTITUTION, None)], person.id)).roles


async def test_programmes_stand_side_by_side_in_both_languages(api: Api, who: People, admin: Person) -> None:
    await moving.standing(api.database, who, Stage.ELIGIBLE)
    listed = await page(api, "/en/admin/programmes", admin)
    assert f"/en/admin/programmes/{SLUG}/1" in listed.text
    assert "acquis programmes check FILE" in listed.text
    shown = await page(api, f"/fr/admin/programmes/{SLUG}/1", admin)
    assert f"acquis programmes retire {SLUG} --version 1<" in shown.text
    assert "First competency" in shown.text
    assert "Première compétence" in shown.text
    assert (await page(api, f"/en/admin/programmes/{SLUG}/9", admin)).status_code == 404
    async with api.database.writing() as session:
        foreign = await elsewhere(session, Role.PROGRAMME_ADMIN)
    assert SLUG not in (await page(api, "/en/admin/programmes", foreign)).text
    assert (await page(api, f"/en/admin/programmes/{SLUG}/1", foreign)).status_code == 404


async def test_texts_are_named_in_words(api: Api, who: People, admin: Person) -> None:
    await moving.standing(api.database, who, Stage.ELIGIBLE)
    shown = await page(api, f"/fr/admin/programmes/{SLUG}/1", admin)
    text = html.unescape(shown.text)
    for where in ("Établissement – Instance d’appel", "Compétence Première compétence – Critère 2", "– Niveau 1 – Nom"):
        assert where in text, where
    assert "field_of_study" not in text


async def test_keys_and_lists_are_shown_with_what_stands_on_them(api: Api, who: People, admin: Person) -> None:
    before = await page(api, "/en/admin/keys", admin)
    assert "the first credential opens one" in before.text
    await whole.decided(api, who)
    async with api.database.writing() as session:
        key = await issuer_keys.active(session, issuer=ISSUER.did)
        await issuer_keys.register(session, kid=f"{key.id}x", issuer=ISSUER.did, public_key=b"1" * 32, now=NOW)
    shown = await page(api, "/en/admin/keys", admin)
    assert re.search(r"z6Mk\w+x</code>.*?signs</strong>.*?z6Mk\w+</code>.*?retired</strong>", shown.text, re.DOTALL)
    assert 'href="/status/revocation/1"' in shown.text
    assert re.search(r'data-label="Credentials">[1-9]\d*<', shown.text)
    assert (await page(api, "/en/admin/keys", who.lead)).status_code == 403


async def test_anchors_are_kept_and_taken_out_of_use_on_a_page(api: Api, who: People, admin: Person) -> None:
    await moving.standing(api.database, who, Stage.ELIGIBLE)
    here = f"/fr/admin/programmes/{SLUG}/anchors"
    assert here in (await page(api, f"/fr/admin/programmes/{SLUG}/1", admin)).text
    said = {"competency": "first", "language": "fr", "title": "Un <b>repère</b>", "material": "Lisez.", "agreed": "met"}
    before = await moving.everything(api.database)
    for name in said:
        empty = await sent(api, here, admin, **said | {name: ""})
        assert (empty.status_code, f'href="#{name}"' in empty.text) == (422, True), name
    assert (await page(api, "/en/admin/programmes/never/anchors", admin)).status_code == 404
    assert await moving.everything(api.database) == before
    assert (await sent(api, here, admin, **said)).headers["location"] == f"{here}?done=kept"
    shown = (await page(api, here, admin)).text
    assert "Un &lt;b&gt;repère&lt;/b&gt;" in shown
    (retire,) = re.findall(r'action="([^"]+/retire)"', shown)
    assert (await sent(api, retire, admin)).headers["location"] == f"{here}?done=retired"
    assert "repère&lt;" not in (await page(api, here, admin)).text
    for person in (who.lead, who.assessor, who.learner):
        assert (await page(api, here, person)).status_code == 403


async def test_the_machine_is_examined_from_a_page(api: Api, who: People, admin: Person) -> None:
    assert "/fr/admin/health/examined" in (await page(api, "/fr/admin/health", admin)).text
    shown = await page(api, "/fr/admin/health/examined", admin)
    assert "courriels gardés" in shown.text
    assert "Rien n’est à corriger." in html.unescape(shown.text)
    assert (await page(api, "/fr/admin/health/examined", who.lead)).status_code == 403


async def test_a_role_is_given_by_address_and_ended_and_somebody_signed_out(
    api: Api, who: People, admin: Person
) -> None:
    fields = {"email": who.advisor.email.upper(), "role": "lead", "scope": f"{makers.INSTITUTION}/"}
    assert who.learner.email not in (await page(api, "/en/admin/people", admin)).text
    given = await sent(api, "/en/admin/people", admin, **fields)
    assert given.headers["location"] == "/en/admin/people?done=granted"
    assert await roles_of(api, who.advisor) == {Role.ADVISOR, Role.LEAD}
    api.headers.pop(who.advisor.id, None)
    path = f"/en/admin/people/{who.advisor.id}"
    shown = await page(api, path, admin)
    (lead,) = [one for one in await held(api, who.advisor) if one.role is Role.LEAD]
    assert str(lead.id) in shown.text
    assert (await sent(api, f"{path}/end-role", admin, role=str(lead.id))).headers["location"] == f"{path}?done=ended"
    assert await roles_of(api, who.advisor) == {Role.ADVISOR}
    assert (await sent(api, f"{path}/end-role", admin, role=str(lead.id))).status_code == 404
    assert (await page(api, "/en/home", who.advisor)).headers["location"] == "/en/cases"
    assert (await sent(api, f"{path}/end-sessions", admin)).status_code == 303
    assert (await page(api, "/en/home", who.advisor)).headers["location"].startswith("/en/sign-in")
    async with api.database.reading() as session:
        assert await audit.broken(session, stream=f"person:{who.advisor.id}") == []


async def test_nobody_is_given_what_is_not_the_administrators_to_give(api: Api, who: People, admin: Person) -> None:
    own = {"email": who.advisor.email, "role": "lead", "scope": f"{makers.INSTITUTION}/"}
    await api.as_(admin)
    before = await moving.everything(api.database)
    for wrong in (
        {"role": "auditor"},
        {"role": "programme_admin"},
        {"scope": "elsewhere/"},
        {"email": "nobody@example.org"},
        {"email": admin.email},
    ):
        assert (await sent(api, "/en/admin/people", admin, **own | wrong)).status_code == 422, wrong
    assert (await sent(api, f"/en/admin/people/{who.learner.id}/end-sessions", admin)).status_code == 404
    assert await moving.everything(api.database) == before
    (role,) = await held(api, admin)
    assert (await sent(api, f"/en/admin/people/{admin.id}/end-role", admin, role=str(role.id))).status_code == 403
    for person in (who.lead, who.learner, who.assessor):
        for path in ("", "/people", "/programmes", "/health"):
            assert (await page(api, f"/en/admin{path}", person)).status_code == 403


async def test_what_failed_is_listed_and_tried_again(api: Api, who: People, admin: Person) -> None:
    case_id = await moving.standing(api.database, who, Stage.ELIGIBLE)
    case = await moving.case_of(api.database, case_id)
    async with api.database.writing() as session:
        effect = EffectRow(
            key=f"{case_id.hex}-mail",
            case_id=case_id,
            seq=1,
            step=99,
            activity="send_notice",
            lane=Lane.MAIL,
            state=EffectState.FAILED,
            queued_at=NOW,
            settled_at=NOW,
            error="refused",
        )
        await makers.stored(session, effect)
        foreign = await elsewhere(session, Role.PROGRAMME_ADMIN)
        tied = await makers.staff(session, Role.PROGRAMME_ADMIN)
        await makers.exclude(session, case, tied)
    for other in (foreign, tied):
        assert case.number not in (await page(api, "/en/admin/health", other)).text
    shown = await page(api, "/fr/admin/health", admin)
    assert case.number in shown.text
    fields = {"effect": effect.key, "version": str(case.version)}
    wrong = await sent(api, f"/en/admin/cases/{case_id}/retry", admin, effect="none", version=str(case.version))
    assert wrong.status_code == 409
    again = await sent(api, f"/en/admin/cases/{case_id}/retry", admin, **fields)
    assert again.headers["location"] == "/en/admin/health", again.text
    assert case.number not in (await page(api, "/en/admin/health", admin)).text
    assert (await sent(api, f"/en/admin/cases/{case_id}/retry", tied, **fields)).status_code == 404


async def test_deadlines_are_shown_as_dates_that_cases_would_have(api: Api, who: People, admin: Person) -> None:
    case = await moving.standing(api.database, who, Stage.ELIGIBLE)
    shown = await page(api, f"/en/admin/programmes/{SLUG}/1/deadlines?from=2026-03-02", admin)
    assert shown.status_code == 200
    for key, name in admin_deadlines.names().items():
        limit = ladder.LIMIT[key]
        assert (html.escape(name.en) in shown.text) is (getattr(makers.programme().policy, limit.span) is not None), key
    async with api.database.writing() as session:
        row = await session.get_one(Case, case)
        policy = (await programmes.of_case(session, row)).policy
        noon = datetime(2026, 3, 2, 12, tzinfo=ZoneInfo(policy.calendar.zone))
        row.zone = policy.calendar.zone
        due = due_dates.due_of(case=row, policy=policy, limit=ladder.LIMIT["validity"], start=noon)
    assert words.Words(Language.EN, zone=policy.calendar.zone).day(due) in shown.text
    french = await page(api, f"/fr/admin/programmes/{SLUG}/1/deadlines?from=nonsense", admin)
    assert "jours ouvrables" in french.text
    async with api.database.writing() as session:
        foreign = await elsewhere(session, Role.PROGRAMME_ADMIN)
    assert (await page(api, f"/en/admin/programmes/{SLUG}/1/deadlines", foreign)).status_code == 404


def test_every_limit_with_a_span_has_a_name() -> None:
    assert set(admin_deadlines.names()) == {limit.key for limit in ladder.LIMITS if limit.span}


async def test_every_kind_of_letter_and_mail_can_be_read_before_anybody_gets_one(
    api: Api, who: People, admin: Person
) -> None:
    await moving.standing(api.database, who, Stage.ELIGIBLE)
    here = f"admin/programmes/{SLUG}/1/letters"
    shown = await page(api, f"/fr/{here}", admin)
    assert shown.text.count("(PDF)") == 2 * len(LetterKind)
    for template in notices.templates().values():
        assert html.escape(template.action.fr) in shown.text
    pdf = await page(api, f"/fr/{here}/partial/fr", admin)
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF-1.7")
    assert (await page(api, f"/fr/{here}/poem/fr", admin)).status_code == 404
    async with api.database.writing() as session:
        foreign = await elsewhere(session, Role.PROGRAMME_ADMIN)
    for path in (here, f"{here}/full/en"):
        assert (await page(api, f"/en/{path}", foreign)).status_code == 404


async def test_what_is_offered_to_fill_gaps_is_kept_changed_and_withdrawn(api: Api, admin: Person) -> None:
    here, mine = f"/en/admin/programmes/{SLUG}/offers", await api.as_(admin) | HERE
    assert here in (await page(api, f"/en/admin/programmes/{SLUG}/1", admin)).text
    assert "Nothing is offered yet" in (await page(api, here, admin)).text
    empty = await api.http.post(here, headers=mine, data={"title_en": "Safe <b>work</b>", "cost": "much"})
    assert empty.status_code == 422
    assert {f'href="#{name}"' for name in ("title_fr", "way", "covers", "cost", "hours", "language")} <= set(
        re.findall(r'href="#\w+"', empty.text)
    )
    assert 'value="Safe &lt;b&gt;work&lt;/b&gt;"' in empty.text
    said = {"title_en": "Safe work", "title_fr": "Sans danger", "provider": "Sample School", "way": "course"}
    said |= {"cost": "90,50", "currency": "CAD", "hours": "12", "mode": "online", "language": "fr"}
    for wrong in ({"starts_on": "soon"}, {"covers": "first/none"}, {"cost": "1.234"}, {"cost": "NaN"}):
        refused = await api.http.post(here, headers=mine, data=said | {"covers": "first"} | wrong)
        assert refused.status_code == 422
    for _ in range(2):
        kept = await api.http.post(here, headers=mine, data=said | {"covers": ["first/b", "second"]})
        assert kept.headers["location"] == f"{here}?done=kept"
    offers = (await api.get(f"/programmes/{SLUG}/offers", admin)).json()
    assert [(one["key"], one["cost"]) for one in offers] == [("safe-work", 9050), ("safe-work-2", 9050)]
    form = (await page(api, f"{here}?offer=safe-work", admin)).text
    assert 'value="90.50"' in form
    assert re.search(r'value="first/b" checked', form)
    changed = said | {"key": "safe-work", "covers": "first", "starts_on": "2026-09-01", "cost": "0"}
    assert (await api.http.post(here, headers=mine, data=changed)).status_code == 303
    await api.http.post(f"{here}/safe-work-2/withdraw", headers=mine)
    (offer,) = (await api.get(f"/programmes/{SLUG}/offers", admin)).json()
    assert (offer["key"], offer["cost"], offer["starts_on"]) == ("safe-work", 0, "2026-09-01")
    assert (await api.http.post(f"{here}/safe-work-2/withdraw", headers=mine)).status_code == 404


async def test_competencies_worth_the_same_are_kept_withdrawn_and_brought_back(
    api: Api, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, mine = f"/en/admin/programmes/{SLUG}/equivalences", await api.as_(admin) | HERE
    assert here in (await page(api, f"/en/admin/programmes/{SLUG}/1", admin)).text
    assert "No pair is kept yet" in (await page(api, here, admin)).text
    empty = await api.http.post(here, headers=mine, data={"source": "<b>Nobody</b>", "equals": f"{SLUG}/second"})
    assert (empty.status_code, "&lt;b&gt;Nobody&lt;/b&gt;" in empty.text) == (422, True)
    assert re.search(rf'value="{SLUG}/second" checked', empty.text)
    itself = {"competency": "first", "equals": f"{SLUG}/first", "source": "x"}
    unknown = itself | {"equals": "nothing/first"}
    assert [(await api.http.post(here, headers=mine, data=one)).status_code for one in (itself, unknown)] == [422, 422]
    pair = {"competency": "second", "equals": f"{SLUG}/first", "source": "Agreement of 2026"}
    for source in ("A draft", "Agreement of 2026"):
        kept = await api.http.post(here, headers=mine, data=pair | {"source": source})
        assert kept.headers["location"] == f"{here}?done=kept"
    listed = (await page(api, here, admin)).text
    assert (listed.count('<section class="aq-card'), "Agreement of 2026" in listed) == (1, True)
    assert 'id="q"' not in listed
    monkeypatch.setattr(admin_equivalences, "AT_MOST", 1)
    assert "more are not shown" in (await page(api, here, admin)).text
    nothing = (await page(api, f"{here}?q=astronaut", admin)).text
    assert ("No pair that is kept has these words" in nothing, 'value="astronaut"' in nothing) == (True, True)
    gone = await api.http.post(f"{here}/withdraw", headers=mine, data=pair)
    assert "Undo: keep it again" in (await page(api, gone.headers["location"], admin)).text
    path = f"/catalogues/{SLUG}/equivalences"
    assert (await api.get(path, admin)).json() == []
    assert (await api.http.post(f"{here}/withdraw", headers=mine, data=pair)).status_code == 404
    assert (await api.http.post(here, headers=mine, data=pair)).status_code == 303
    assert "Undo: keep it again" not in (await page(api, gone.headers["location"], admin)).text
    assert pair in (await api.get(path, admin)).json()
    async with api.database.writing() as session:
        stranger = await elsewhere(session, Role.PROGRAMME_ADMIN)
    assert (await page(api, here, stranger)).status_code == 404
