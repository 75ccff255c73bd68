"""A mail is handed over once per effect, in its reader's language, and trouble with it names nobody."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from uuid import UUID

import pytest
from icalendar import Calendar
from sqlmodel import col, select
from temporalio.exceptions import ApplicationError

from services.records import (
    attestation_asking,
    attestation_links,
    cases,
    effects,
    invariants,
    invitations,
    messages,
    reminders,
)
from services.records.tables.commands import EffectRow, EffectState, Mail
from services.records.tables.people import Institution, Person
from services.rules.attestations import RequestState
from services.rules.case import Stage
from services.rules.conversations import Thread
from services.rules.people import Role
from services.workflows import post
from services.workflows.mailing import Mailing
from services.workflows.post import AddressRefused, NotTaken, Outbox, Smtp
from tests import temporal_servers
from tests.records import attesting, meeting, moving
from tests.workflows.house import House


def mailing(house: House, through: post.Post | None = None) -> Mailing:
    """The activity as the effects worker has it."""
    return Mailing(
        house.database,
        through or post.opened(house.settings),
        sender="Acquis <no-reply@example.org>",
        domain="example.org",
        base_url="http://localhost:8000",
    )


async def queued(house: House, notice: str, *, language: str = "en", due: datetime | None = None) -> tuple[str, Person]:
    """An effect that tells a learner, and the learner."""
    who = await moving.people(house.database)
    case_id = await moving.standing(house.database, who, Stage.ELIGIBLE)
    async with house.database.writing() as session:
        case = await cases.get(session, case_id)
        learner = await session.get_one(Person, who.learner.id)
        learner.language, case.due_at = language, due
        await effects.tell(session, case=case, notice=notice, person=learner.id, now=datetime.now(UTC))
    async with house.database.reading() as session:
        (effect,) = await session.exec(select(EffectRow).where(col(EffectRow.case_id) == case_id))
    return effect.key, learner


async def settled(house: House, key: str) -> EffectState:
    async with house.database.reading() as session:
        return (await session.get_one(EffectRow, key)).state


async def test_a_mail_settles_its_effect_once_and_the_second_call_sends_nothing(resting: House) -> None:
    key, learner = await queued(resting, "eligible")
    assert await mailing(resting).send_notice(key)
    assert await settled(resting, key) is EffectState.DONE
    assert await mailing(resting).send_notice(key)
    assert len(resting.mailbox.to(learner)) == 1


async def test_a_mail_of_which_only_the_note_was_kept_is_left_to_its_case_to_settle(resting: House) -> None:
    key, learner = await queued(resting, "eligible")
    await mailing(resting).send_notice(key)
    async with resting.database.writing() as session:
        (await session.get_one(EffectRow, key)).state = EffectState.PENDING  # as earlier releases left it
    assert not await mailing(resting).send_notice(key)
    assert len(resting.mailbox.to(learner)) == 1


async def test_a_mail_sent_again_after_a_crash_is_the_same_mail(resting: House) -> None:
    key, learner = await queued(resting, "eligible")
    await mailing(resting).send_notice(key)
    async with resting.database.writing() as session:
        await session.delete(await session.get_one(Mail, key))  # the note of it was lost with the worker
    await mailing(resting).send_notice(key)
    first, second = resting.mailbox.kept
    assert first.as_bytes() == second.as_bytes()
    assert resting.mailbox.to(learner) == [first["Message-ID"]] * 2


@pytest.mark.parametrize(("language", "day"), [("en", "9 March 2026"), ("fr", "9 mars 2026")])
async def test_a_person_is_written_to_in_their_language_with_the_day_of_their_own_zone(
    resting: House, language: str, day: str
) -> None:
    due = datetime(2026, 3, 10, 3, 59, 59, tzinfo=UTC)  # the evening before, in Montreal
    key, _ = await queued(resting, "lapse_warning", language=language, due=due)
    await mailing(resting).send_notice(key)
    (mail,) = resting.mailbox.kept
    body = mail.get_body()
    assert body is not None
    assert day in body.get_content().replace("\u00a0", " ")


async def test_the_mail_of_a_booking_carries_its_calendar_file_to_both_sides(resting: House) -> None:
    who = await moving.people(resting.database)
    await meeting.booked(resting.database, who)
    async with resting.database.reading() as session:
        booked = await session.exec(select(EffectRow).where(col(EffectRow.notice).startswith("appointment_booked")))
        keys = {effect.recipient: effect.key for effect in booked}
    for person in (who.learner, who.assessor):
        await mailing(resting).send_notice(keys[person.id])
    for mail, person in zip(resting.mailbox.kept, (who.learner, who.assessor), strict=True):
        (file,) = mail.iter_attachments()
        content = file.get_payload(decode=True)
        assert isinstance(content, bytes)
        (event,) = Calendar.from_ical(content).events
        assert (event.start, event["sequence"]) == (meeting.SOON, 1)
        assert (str(event["attendee"]), str(event["organizer"])) == (
            f"mailto:{person.email}",
            "mailto:no-reply@example.org",
        )
        assert who.learner.name.encode() not in content


async def test_what_was_not_taken_is_not_noted_as_sent(resting: House) -> None:
    key, learner = await queued(resting, "eligible")
    resting.mailbox.refusals[learner.email] = "451 later"
    with pytest.raises(NotTaken):
        await mailing(resting).send_notice(key)
    resting.mailbox.refusals[learner.email] = "550 never"
    with pytest.raises(ApplicationError, match="address_refused") as refused:
        await mailing(resting).send_notice(key)
    assert refused.value.non_retryable
    async with resting.database.reading() as session:
        assert await session.get(Mail, key) is None


async def test_a_message_is_told_after_a_while_and_not_at_all_to_whoever_read_it(resting: House) -> None:
    who = await moving.people(resting.database)
    case_id = await moving.standing(resting.database, who, Stage.ELIGIBLE)
    words = {"case_id": case_id, "thread": Thread.GUIDANCE, "author": who.advisor.id, "role": Role.ADVISOR}
    began = datetime.now(UTC)
    async with resting.database.writing() as session:
        written = await messages.write(session, **words, text="Call me", key=who.lead.id, now=began)  # type: ignore[arg-type]  # four kinds of value
    async with resting.database.reading() as session:
        (effect,) = await session.exec(select(EffectRow).where(col(EffectRow.case_id) == case_id))
    with pytest.raises(ApplicationError, match="gathering") as early:
        await mailing(resting).send_notice(effect.key)
    assert early.value.next_retry_delay
    later = replace(mailing(resting), clock=lambda: began + messages.A_WHILE)
    assert await later.send_notice(effect.key)
    (mail,) = resting.mailbox.kept
    body = mail.get_body(("plain",))
    assert body is not None
    assert f"http://localhost:8000/en/cases/{case_id}/messages" in body.get_content()
    assert "Call me" not in mail.as_string()
    async with resting.database.writing() as session:
        await session.delete(await session.get_one(Mail, effect.key))
        read = {"case_id": case_id, "thread": Thread.GUIDANCE, "person": who.learner.id, "read_to": written}
        await messages.mark(session, **read, now=began)  # type: ignore[arg-type]  # as above
    assert not await later.send_notice(effect.key)
    async with resting.database.reading() as session:
        assert (await session.get_one(EffectRow, effect.key)).needless
        assert 27 not in {one.number for one in await invariants.broken(session, now=began)}
    assert len(resting.mailbox.kept) == 1


async def reminded(house: House) -> tuple[list[str], list[UUID], Person]:
    """The reminders of one assessor on two cases, oldest first, which cases these are, and the assessor."""
    who = await moving.people(house.database)
    ids = [await moving.assessing(house.database, who) for _ in range(2)]
    for case_id in ids:
        await moving.strike(house.database, case_id, "assessment/soon")
    async with house.database.reading() as session:
        rows = await session.exec(
            select(EffectRow).where(col(EffectRow.limit_id).is_not(None)).order_by(col(EffectRow.queued_at))
        )
        found = list(rows)
    return [effect.key for effect in found], [effect.case_id for effect in found], who.assessor


async def test_reminders_of_one_person_are_one_mail_noted_for_each(resting: House) -> None:
    keys, ids, assessor = await reminded(resting)
    resting.mailbox.refusals[assessor.email] = "451 later"
    with pytest.raises(NotTaken):
        await mailing(resting).send_notice(keys[0])
    with pytest.raises(ApplicationError, match="gathering") as waits:
        await mailing(resting).send_notice(keys[1])  # it goes with the first, which has not left yet
    assert waits.value.next_retry_delay == reminders.A_MOMENT
    async with resting.database.reading() as session:
        assert list(await session.exec(select(Mail))) == []
    resting.mailbox.refusals.clear()
    for key in (*keys, *keys):
        await mailing(resting).send_notice(key)
    (mail,) = resting.mailbox.kept
    body = mail.get_body(("plain",))
    assert body is not None
    links = re.findall(r"http://localhost:8000/cases/(\S+)", body.get_content())
    assert [UUID(link) for link in links] == ids
    async with resting.database.reading() as session:
        noted = list(await session.exec(select(Mail.effect_key, Mail.message_id)))
        assert {(await session.get_one(EffectRow, key)).state for key in keys} == {EffectState.DONE}
    assert sorted(noted) == sorted((key, mail["Message-ID"]) for key in keys)


def letter() -> EmailMessage:
    mail = EmailMessage()
    mail["Message-ID"] = "<sample@example.org>"
    mail["From"], mail["To"], mail["Subject"] = "a@example.org", "b@example.org", "Bonjour\u00a0!"
    mail.set_content("À bientôt")
    return mail


async def test_the_outbox_holds_one_file_a_mail_however_often_it_is_sent(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox")
    await outbox.send(letter())
    await outbox.send(letter())
    (file,) = (tmp_path / "outbox").iterdir()
    assert file.name == "sample.eml"
    assert BytesParser(policy=default).parsebytes(file.read_bytes())["Subject"] == "Bonjour\u00a0!"


async def test_trouble_with_a_mail_server_names_nobody(resting: House) -> None:
    resting.mailbox.refusals["b@example.org"] = "451 <b@example.org> is over quota"
    server = Smtp("127.0.0.1", resting.mailbox.port, tls=False)
    with pytest.raises(NotTaken) as trouble:
        await server.send(letter())
    assert str(trouble.value) == "SMTPRecipientsRefused"
    assert trouble.value.__suppress_context__
    resting.mailbox.refusals["b@example.org"] = "550 <b@example.org> is unknown"
    with pytest.raises(AddressRefused) as refused:
        await server.send(letter())
    assert str(refused.value) == ""
    with pytest.raises(NotTaken, match="SMTPConnectError"):
        await Smtp("127.0.0.1", temporal_servers.free_port(), tls=False).send(letter())


def test_settings_name_the_mail_service(resting: House, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("sample-password\n")
    settings = resting.settings
    assert post.opened(replace(settings, mail="")) == Outbox(settings.data_folder / "outbox")
    assert post.opened(replace(settings, mail="smtp://mail.example.org")) == Smtp("mail.example.org", 25, tls=False)
    named = replace(settings, mail="smtps://mail.example.org", mail_username="sample", mail_password_file=str(secret))
    assert post.opened(named) == Smtp("mail.example.org", 465, tls=True, username="sample", password="sample-password")


async def test_a_message_id_is_made_of_the_case_and_the_effect(resting: House) -> None:
    key, _ = await queued(resting, "eligible")
    await mailing(resting).send_notice(key)
    (mail,) = resting.mailbox.kept
    name, _, domain = str(mail["Message-ID"]).strip("<>").partition("@")
    assert UUID(name).version == 5
    assert domain == "example.org"


async def test_an_invitation_holds_a_link_of_its_own_until_there_is_a_password(resting: House) -> None:
    key, learner = await queued(resting, invitations.NOTICE, language="fr", due=datetime(2027, 3, 2, 4, tzinfo=UTC))
    await mailing(resting).send_notice(key)
    (mail,) = resting.mailbox.kept
    body = mail.get_body(("plain",))
    assert body is not None
    (token,) = re.findall(r"http://localhost:8000/fr/invitations/(\S+)", body.get_content())
    async with resting.database.reading() as session:
        row, person = await invitations.opened(session, token, now=datetime.now(UTC))
    assert (person.id, row.expires_at) == (learner.id, datetime(2027, 3, 2, 4, tzinfo=UTC))
    late, other = await queued(resting, invitations.COHORT_NOTICE, due=row.expires_at)
    async with resting.database.writing() as session:
        (await session.get_one(Person, other.id)).password_hash = "chosen meanwhile"
    assert not await mailing(resting).send_notice(late)
    assert len(resting.mailbox.kept) == 1


async def asked(house: House, *, language: str = "en") -> tuple[str, attesting.Asked]:
    """The effect that writes to a third party of a case, and who was asked."""
    who = await moving.people(house.database)
    case_id = await moving.standing(house.database, who, Stage.ELIGIBLE)
    one = await attesting.asked(house.database, case_id, language=language, now=datetime.now(UTC))
    async with house.database.reading() as session:
        (effect,) = await session.exec(select(EffectRow))
    return effect.key, one


def link_in(mail: EmailMessage) -> str:
    """The token of the link that a mail holds."""
    body = mail.get_body(("plain",))
    assert body is not None
    (link,) = re.findall(r"http://localhost:8000/attestations/(\S+)", body.get_content())
    return str(link)


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_a_third_party_gets_a_link_of_their_own_and_nothing_of_the_case(
    resting: House, language: str, caplog: pytest.LogCaptureFixture
) -> None:
    key, one = await asked(resting, language=language)
    await mailing(resting).send_notice(key)
    await mailing(resting).send_notice(key)
    (mail,) = resting.mailbox.kept
    assert str(mail["To"]) == "boss@garderiesoleil.example"
    token = link_in(mail)
    async with resting.database.reading() as session:
        form = await attestation_links.form(session, token, now=datetime.now(UTC))
        kept = await session.get_one(Mail, key)
        case = await cases.get(session, one.case_id)
        institution = await session.get_one(Institution, case.institution_id)
    assert form.request == one.request_id
    assert (kept.recipient, kept.attestation_id, kept.language) == (None, one.request_id, language)
    said = mail.as_string() + str(mail["Subject"])
    assert case.number not in said
    assert form.learner not in said
    assert str(case.id) not in said
    assert (institution.name_fr if language == "fr" else institution.name_en) in str(mail["Subject"])
    assert token not in caplog.text
    assert token not in repr(await moving.everything(resting.database))


async def test_both_links_of_a_mail_that_was_sent_twice_open_the_form(resting: House) -> None:
    key, _ = await asked(resting)
    await mailing(resting).send_notice(key)
    async with resting.database.writing() as session:
        await session.delete(await session.get_one(Mail, key))  # the note of it was lost with the worker
    await mailing(resting).send_notice(key)
    first, second = resting.mailbox.kept
    assert first["Message-ID"] == second["Message-ID"]
    tokens = {link_in(first), link_in(second)}
    assert len(tokens) == 2
    async with resting.database.reading() as session:
        forms = [await attestation_links.form(session, token, now=datetime.now(UTC)) for token in tokens]
    assert forms[0] == forms[1]


async def test_nobody_is_written_to_once_the_learner_took_the_request_back(resting: House) -> None:
    key, one = await asked(resting)
    async with resting.database.writing() as session:
        await attestation_asking.cancel(session, case_id=one.case_id, request_id=one.request_id, now=datetime.now(UTC))
    await mailing(resting).send_notice(key)
    assert resting.mailbox.kept == []


async def test_an_address_that_takes_no_mail_ends_the_request_and_holds_up_nothing(resting: House) -> None:
    key, one = await asked(resting)
    resting.mailbox.refusals["boss@garderiesoleil.example"] = "550 unknown"
    await mailing(resting).send_notice(key)
    assert (await attesting.request(resting.database, one)).state is RequestState.UNDELIVERED
    told = await moving.told(resting.database, one.case_id)
    assert [notice for notice, _ in told] == ["attestation_undelivered"]
