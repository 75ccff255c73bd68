"""Each command has a page that says in both languages what it asks; a page offers what the table allows."""

import html
import re
from collections.abc import Iterator
from uuid import UUID, uuid4

import httpx

from services import locales
from services.api.pages import command_fields, command_words
from services.api.pages.command_fields import Field
from services.api.pages.sent import Sent
from services.records.tables.commands import CommandRow
from services.records.tables.people import Person
from services.rules.case import Stage
from services.rules.commands import BODIES, OfferSlots
from services.rules.people import Role
from services.rules.programmes import Language
from services.rules.stages import MOVES
from tests.api.kit import Api
from tests.pages.reading import read, sent
from tests.records import ladders, meeting, moving, test_moves_suspending
from tests.records.moving import People

SENT_BY_PEOPLE = sorted(move.command for move in MOVES if set(move.roles) - {Role.CLOCK})


SENDING = {"submit", "submit_portfolio"}
"""What has a page of its own, on which everything is looked through first."""

BESIDE_THEIR_SUBJECT = {"lodge_appeal", "answer_request", "complete", "decide", "return_decision"}
"""What stands beside the decision, the question, the item or the recommendations that it is about."""


def paths(fields: tuple[Field, ...], before: str = "") -> Iterator[str]:
    """Where the words of every field stand."""
    for field in fields:
        yield before + field.name
        yield from paths(field.inside, f"{before}{field.name}.")


def test_every_command_and_every_field_has_its_words() -> None:
    assert sorted(command_words.known()) == SENT_BY_PEOPLE
    for command in SENT_BY_PEOPLE:
        said = command_words.said(command)
        assert set(said.fields) == set(paths(command_fields.of(BODIES[command]))), command
        for text in (said.title, said.button, said.done, *(field.label for field in said.fields.values())):
            assert text.en, command
            assert text.fr, command
        for field in said.fields.values():
            assert not field.words or command_words.choices(field.words)


def offered(page: httpx.Response) -> set[str]:
    """The commands that a page leads to."""
    return {found.replace("-", "_") for found in re.findall(r"/do/([a-z-]+)", page.text)}


async def shown(api: Api, case_id: object, person: Person, *, language: str = "en") -> httpx.Response:
    return await api.http.get(f"/{language}/cases/{case_id}", headers=await api.as_(person))


async def test_a_page_offers_what_may_be_sent_now_and_each_offer_opens(api: Api, who: People) -> None:
    opened: set[str] = set()
    for stage in Stage:
        case_id = await moving.standing(api.database, who, stage)
        for person in (who.learner, who.advisor, who.lead, who.decider):
            seen = await api.get(f"/cases/{case_id}", person)
            if seen.status_code != 200:
                continue
            commands = set(seen.json()["commands"])
            page = await shown(api, case_id, person)
            assert offered(page) <= commands, (stage, person.name)
            elsewhere = commands - offered(page)
            assert elsewhere <= BESIDE_THEIR_SUBJECT | SENDING, (stage, person.name)
            assert not elsewhere & SENDING or f"/cases/{case_id}/send" in page.text, (stage, person.name)
            refused = next(command for command in SENT_BY_PEOPLE if command not in commands)
            for command in (*(commands - opened), refused):
                path = f"/fr/cases/{case_id}/do/{command.replace('_', '-')}"
                page = await api.http.get(path, headers=await api.as_(person))
                assert page.status_code == (200 if command in commands else 409), (stage, person.name, command)
            opened |= commands


async def test_what_the_case_leaves_nothing_for_is_not_offered_and_its_page_says_why(api: Api, who: People) -> None:
    case_id = await test_moves_suspending.decided(api.database, who)
    path = f"/en/cases/{case_id}/do/lift-suspension"
    assert "lift_suspension" not in (await api.get(f"/cases/{case_id}", who.decider)).json()["commands"]
    page = await api.http.get(path, headers=await api.as_(who.decider))
    assert page.status_code == 409
    assert locales.sentence("not_suspended", "en") in html.unescape(page.text)
    granted = await test_moves_suspending.granted(api.database, case_id)
    await test_moves_suspending.suspend(api.database, case_id, who.decider, granted)
    offer = await api.http.get(path, headers=await api.as_(who.decider))
    assert re.findall(r'name="claim" [^>]*value="([^"]+)"', offer.text) == [str(granted.id)]


async def form(api: Api, case_id: object, command: str, person: Person, **typed: object) -> dict[str, object]:
    """What a browser would send: the hidden fields of the page, and what was typed."""
    page = await api.http.get(f"/en/cases/{case_id}/do/{command}", headers=await api.as_(person))
    assert page.status_code == 200, page.text
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.text)) | typed


async def post(
    api: Api, case_id: object, command: str, person: Person, data: dict[str, object], *, language: str = "en"
) -> httpx.Response:
    path = f"/{language}/cases/{case_id}/do/{command}"
    return await api.http.post(path, headers=await api.as_(person), data=data)


async def test_a_command_that_was_applied_leads_to_the_case_which_says_so(api: Api, who: People) -> None:
    case_id = await moving.standing(api.database, who, Stage.ELIGIBILITY_REVIEW)
    sent = await form(api, case_id, "ask-completion", who.advisor, **{"items-0-what": "A bill", "items-0-why": "Proof"})
    answer = await post(api, case_id, "ask-completion", who.advisor, sent)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/en/cases/{case_id}?done=ask_completion")
    after = await api.http.get(answer.headers["location"], headers=await api.as_(who.advisor))
    assert "The learner has been asked." in after.text
    assert (await api.get(f"/cases/{case_id}", who.learner)).json()["missing_items"][0]["what"] == "A bill"


async def test_what_is_missing_is_said_at_its_field_and_everything_typed_stays(api: Api, who: People) -> None:
    case_id = await moving.standing(api.database, who, Stage.ELIGIBILITY_REVIEW)
    typed = "Une preuve <b>de domicile</b>"
    sent = await form(api, case_id, "ask-completion", who.advisor, **{"items-0-what": typed})
    answer = await post(api, case_id, "ask-completion", who.advisor, sent, language="fr")
    assert answer.status_code == 422
    assert 'href="#items-0-why"' in answer.text
    assert "Une preuve &lt;b&gt;de domicile&lt;/b&gt;" in answer.text
    assert "<title>Erreur" in answer.text


async def test_a_case_that_changed_meanwhile_keeps_what_was_typed_and_goes_through_on_the_second_try(
    api: Api, who: People
) -> None:
    case_id = await moving.standing(api.database, who, Stage.ELIGIBILITY_REVIEW)
    sent = await form(api, case_id, "propose-refusal", who.advisor, reasons="Not our field of study.")
    await api.command(case_id, "ask_accommodation", who.learner, {"arrangements": ["breaks"]})
    answer = await post(api, case_id, "propose-refusal", who.advisor, sent)
    assert answer.status_code == 409
    assert "This case has changed since you opened the page." in answer.text
    assert "Not our field of study." in answer.text
    again = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', answer.text))
    assert again["command_id"] != sent["command_id"]
    done = await post(api, case_id, "propose-refusal", who.advisor, again | {"reasons": "Not our field of study."})
    assert done.status_code == 303


async def test_a_form_that_is_sent_twice_asks_once(api: Api, who: People) -> None:
    case_id = await moving.standing(api.database, who, Stage.ELIGIBILITY_REVIEW)
    sent = await form(api, case_id, "propose-refusal", who.advisor, reasons="Not our field of study.")
    answers = [await post(api, case_id, "propose-refusal", who.advisor, sent) for _ in range(2)]
    assert {answer.headers["location"] for answer in answers} == {f"/en/cases/{case_id}?done=propose_refusal"}


async def test_a_command_that_is_kept_while_nobody_can_apply_it_has_a_page_that_waits(
    waiting_api: Api, who: People
) -> None:
    api = waiting_api
    case_id = await moving.standing(api.database, who, Stage.ELIGIBILITY_REVIEW)
    sent = await form(api, case_id, "propose-refusal", who.advisor, reasons="Not our field of study.")
    answer = await post(api, case_id, "propose-refusal", who.advisor, sent)
    assert answer.headers["location"] == f"/en/commands/{sent['command_id']}"
    page = await api.http.get(answer.headers["location"], headers=await api.as_(who.advisor))
    assert "What you sent is kept" in page.text
    assert "hx-get" in page.text
    other = await api.http.get(answer.headers["location"], headers=await api.as_(who.learner))
    assert other.status_code == 403
    async with api.database.reading() as session:
        assert await session.get(CommandRow, UUID(str(sent["command_id"])))


async def test_a_row_more_is_offered_and_empty_rows_do_not_count(api: Api, who: People) -> None:
    case_id = await moving.standing(api.database, who, Stage.ELIGIBILITY_REVIEW)
    sent = await form(api, case_id, "ask-completion", who.advisor, **{"items-1-what": "A", "items-1-why": "B"})
    grown = await post(api, case_id, "ask-completion", who.advisor, sent | {"add": "items"})
    assert grown.status_code == 200
    assert 'name="items-3-what"' in grown.text
    done = await post(api, case_id, "ask-completion", who.advisor, sent)
    assert done.status_code == 303
    assert len((await api.get(f"/cases/{case_id}", who.learner)).json()["missing_items"]) == 1


async def test_an_interview_is_written_down_criterion_by_criterion_and_asks_nothing_of_a_test(
    api: Api, who: People
) -> None:
    case_id = await meeting.booked(api.database, who)
    api.clock.now = meeting.HELD
    path = f"/en/cases/{case_id}/do/record-appointment"
    page = await api.http.get(path, headers=await api.as_(who.assessor))
    assert "First competency – It is done safely." in page.text
    assert "Second competency" not in page.text
    for name in ("lines-0-marks", "lines-0-done", "version", "safety_stop"):
        assert f'name="sheet-{name}"' not in page.text
    hidden: dict[str, object] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.text):
        hidden[name] = [*hidden.get(name, []), value]  # type: ignore[misc]  # a list so far
    said = {
        "sheet-lines-0-what": "How do you plan?",
        "sheet-lines-0-seen": "A clear plan",
        "sheet-lines-0-rating": "met",
        "sheet-supervision": "on_site",
        "sheet-identification": "document_seen",
        "sheet-present": "The learner\nThe assessor",
    }
    more = await api.http.post(
        path, headers=await api.as_(who.assessor), data=hidden | said | {"add": "sheet.lines".replace(".", "-")}
    )
    assert 'name="sheet-lines-3-claim"' in more.text
    kept = await api.http.post(path, headers=await api.as_(who.assessor), data=hidden | said)
    assert kept.headers["location"] == f"/en/cases/{case_id}?done=record_appointment"


async def test_what_is_not_the_readers_to_say_is_not_asked_and_the_only_choice_is_made(api: Api, who: People) -> None:
    case_id = await moving.assessing(api.database, who)
    tie = await api.http.get(f"/en/cases/{case_id}/do/declare-conflict", headers=await api.as_(who.assessor))
    assert re.search(r'type="hidden" name="assignment" value="[^"]', tie.text)
    open_case = await ladders.BEGUN["completion"](api.database, who)
    for person, command, field, asked in (
        (who.learner, "withdraw", "reoriented", False),
        (who.learner, "extend", "until", False),
        (who.lead, "extend", "until", True),
    ):
        page = await api.http.get(f"/en/cases/{open_case}/do/{command}", headers=await api.as_(person))
        assert page.status_code == 200
        assert (f'name="{field}"' in page.text) == asked, (person.name, command)


async def test_nobody_opens_a_form_on_a_case_that_is_not_theirs(api: Api, who: People) -> None:
    case_id = await moving.standing(api.database, who, Stage.ELIGIBILITY_REVIEW)
    for path in (f"/en/cases/{case_id}", f"/en/cases/{case_id}/do/propose-refusal", f"/en/cases/{uuid4()}"):
        page = await api.http.get(path, headers=await api.as_(who.assessor))
        assert page.status_code == 404
        assert "Sample" not in page.text.replace(who.assessor.name, "")


def test_a_day_and_time_is_read_in_the_time_of_the_case() -> None:
    typed = {"slots-0-starts_at": "2026-12-04T14:00", "slots-0-mode": "online", "slots-0-place": "https://meet.example"}
    body = command_fields.read(
        BODIES["offer_slots"], Sent(tuple(typed.items())), zone="America/Montreal", language=Language.EN
    )
    assert isinstance(body, OfferSlots)
    assert body.slots[0].starts_at.isoformat() == "2026-12-04T14:00:00-05:00"


async def test_a_row_further_down_than_any_list_goes_is_refused_not_drawn(api: Api, who: People) -> None:
    case_id = await moving.standing(api.database, who, Stage.ELIGIBILITY_REVIEW)
    path = f"/fr/cases/{case_id}/do/ask-completion"
    for number in ("500", "999999999999"):
        told = await read(api, who.advisor, f"{path}?items-{number}-what=x", status=422)
        assert "n’a pas la forme attendue" in told
    endless = await sent(api, who.advisor, path, **{"items-500-what": "x", "items-500-why": "y", "version": "1"})
    assert endless.status_code == 422
    assert 'name="items-7-what"' in await read(api, who.advisor, f"{path}?items-7-what=x&items-{'9' * 5000}-what=x")
