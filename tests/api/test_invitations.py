"""Whoever got an account by an intake chooses its password by a link that works once and not for ever."""

from datetime import datetime
from uuid import UUID

import pytest
from sqlmodel import col, select

from services.records import invitations
from services.records.tables.commands import EffectRow
from services.records.tables.people import Invitation, Person
from tests.api.kit import BASE, Api
from tests.api.test_intakes import learner_of, opened
from tests.records import moving
from tests.records.moving import People

HERE = {"Origin": BASE}
PASSWORD = "correct horse battery"


async def invited(api: Api, who: People) -> tuple[str, Person, str]:
    """A case opened on behalf, its learner, and the token of the mail that went to them."""
    case = await opened(api, who)
    learner = await learner_of(api, case["id"])
    async with api.database.writing() as session:
        (effect,) = await session.exec(select(EffectRow).where(col(EffectRow.notice) == invitations.NOTICE))
        until = datetime.fromisoformat(effect.facts["due"])
        token = await invitations.make(session, learner.id, expires_at=until, now=api.clock())
    assert token
    return case["id"], learner, token


async def chosen(api: Api, token: str, password: str = PASSWORD) -> int:
    answer = await api.http.post(f"/api/v1/invitations/{token}", json={"password": password}, headers=HERE)
    return answer.status_code


async def test_a_link_sets_the_first_password_once_and_opening_it_changes_nothing(api: Api, who: People) -> None:
    _, learner, token = await invited(api, who)
    async with moving.writing(api.database) as session:
        other = await invitations.make(
            session, learner.id, expires_at=api.clock.now.replace(year=2027), now=api.clock()
        )
    for _ in range(2):
        answer = await api.get(f"/invitations/{token}")
        assert answer.json()["email"] == learner.email
        assert answer.headers["cache-control"] == "no-store"
    assert await chosen(api, token, "short") == 422
    assert await chosen(api, token) == 204
    signed = await api.http.post("/api/v1/sign-in", json={"email": learner.email, "password": PASSWORD}, headers=HERE)
    assert signed.status_code == 200
    for spent in (token, str(other), "unknown"):
        answer = await api.get(f"/invitations/{spent}")
        assert (answer.status_code, answer.json()["code"]) == (404, "invitation_ended")
        assert await chosen(api, spent, "another good password") == 404
    async with api.database.reading() as session:
        kept = list(await session.exec(select(Invitation)))
    assert len(kept) == 2
    assert all(row.spent_at and token not in row.token_hash for row in kept)


async def test_a_link_ends_with_the_day_that_the_mail_names_and_guesses_are_counted(api: Api, who: People) -> None:
    _, learner, token = await invited(api, who)
    async with api.database.reading() as session:
        (row,) = await session.exec(select(Invitation))
    api.clock.now = row.expires_at
    assert await chosen(api, token) == 404
    async with api.database.reading() as session:
        assert (await session.get_one(Person, learner.id)).password_hash is None
    answers = [(await api.get(f"/invitations/wrong-{number}")).status_code for number in range(11)]
    assert answers[-1] == 429


async def test_the_advisor_sends_another_link_until_there_is_a_password(api: Api, who: People) -> None:
    case_id, learner, token = await invited(api, who)
    path = f"/cases/{case_id}/invite"
    assert (await api.write("POST", path, who.advisor)).status_code == 204
    api.clock.pass_(days=1)
    api.headers.clear()  # nobody's session lasts that long
    assert (await api.write("POST", path, who.advisor)).status_code == 204
    told = [person for notice, person in await moving.told(api.database, UUID(case_id)) if notice == invitations.NOTICE]
    assert told == [learner.id, learner.id], "once a day at the most"
    assert (await api.write("POST", path, who.assessor)).status_code == 404
    assert await chosen(api, token) == 204
    async with moving.nothing_changes(api.database, "invitation_needless"), api.database.writing() as session:
        await invitations.invite_again(session, UUID(case_id), now=api.clock())
    async with moving.writing(api.database) as session:
        late = await invitations.make(session, learner.id, expires_at=api.clock(), now=api.clock())
    assert late is None, "a mail that waited meanwhile is not sent"


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_the_page_behind_the_link_asks_for_a_password_and_leads_to_signing_in(
    api: Api, who: People, language: str
) -> None:
    _, learner, token = await invited(api, who)
    path = f"/{language}/invitations/{token}"
    page = await api.http.get(path)
    assert page.status_code == 200
    assert learner.email in page.text
    weak = await api.http.post(path, data={"password": "aaaaaaaaaaaaaaa"}, headers=HERE)
    assert (weak.status_code, "govuk-error-summary" in weak.text) == (422, True)
    done = await api.http.post(path, data={"password": PASSWORD}, headers=HERE)
    assert (done.status_code, done.headers["location"]) == (303, f"/{language}/sign-in")
    assert (await api.http.get(path)).status_code == 404
