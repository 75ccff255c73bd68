"""What follows from a move is carried out once, in its order, and says when it cannot be."""

import json
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from sqlmodel import col, select
from temporalio.exceptions import ApplicationError

from services.documents import issuer_keys
from services.documents.letter_processes import Renderer
from services.records import credentials, letters
from services.records.tables.audit import AuditLine
from services.records.tables.commands import CommandRow, EffectRow, EffectState, Mail
from services.records.tables.credentials import Credential, CredentialIntent, CredentialState
from services.records.tables.decisions import Letter, LetterState
from services.records.tables.people import Person
from services.rules import commands as bodies
from services.rules import stages
from services.rules.case import Command, Stage
from services.rules.people import Role
from services.workflows import means
from services.workflows.case import RecognitionCase
from services.workflows.issuing import Issuing, OtherKeyError
from services.workflows.letter_writing import LetterWriting
from tests.records import moving
from tests.rules import makers as make
from tests.workflows import lives, record
from tests.workflows.house import House


async def failed(house: House, case_id: UUID) -> EffectRow:
    """Wait for the one effect that fails for good."""

    async def there() -> bool:
        return bool(await house.effects(case_id, EffectState.FAILED))

    await house.wait(there)
    (effect,) = await house.effects(case_id, EffectState.FAILED)
    return effect


async def again(house: House, who: moving.People, case_id: UUID, effect: EffectRow) -> None:
    """A lead lets a failed effect be tried again."""
    body = bodies.RetryEffect(effect.key)
    await lives.step(house, case_id, "retry_effect", actor=who.lead, role=Role.LEAD, body=body)


async def mailed(house: House, case_id: UUID, person: Person) -> list[str]:
    """The notices that the mail service took for this person."""
    async with house.database.reading() as session:
        rows = await session.exec(
            select(Mail.notice).where(col(Mail.case_id) == case_id, col(Mail.recipient) == person.id)
        )
        return sorted(rows)


async def facts(house: House, case_id: UUID) -> list[str]:
    """What was reported to the case."""
    async with house.database.reading() as session:
        rows = await session.exec(
            select(CommandRow.kind).where(col(CommandRow.case_id) == case_id, col(CommandRow.kind).in_(stages.FACTS))
        )
        return list(rows)


async def test_an_address_that_is_refused_raises_a_flag_and_holds_nobody_elses_mail(house: House) -> None:
    who = await moving.people(house.database)
    house.mailbox.refusals[who.advisor.email] = "550 no such person"
    case_id = await lives.drafted(house.database, who)
    await lives.to_review(house, who, case_id)
    effect = await failed(house, case_id)
    await house.quiet(case_id)
    assert effect.notice == "case_taken"
    assert (await house.case(case_id)).needs_attention == "effect_failed:send_notice"
    assert await mailed(house, case_id, who.learner) == ["advisor_named", "submitted"]
    assert await facts(house, case_id) == ["effect_failed"]  # mails that went out needed no command
    house.mailbox.refusals.clear()
    await again(house, who, case_id, effect)
    await house.quiet(case_id)
    assert await mailed(house, case_id, who.advisor) == ["case_taken"]
    assert (await house.case(case_id)).needs_attention is None


async def test_nobody_says_no_while_something_is_being_applied() -> None:
    stands = make.case(Stage.ELIGIBILITY_REVIEW)
    workflow = RecognitionCase(stands.id)
    workflow.case = stands
    retry = Command(
        str(uuid4()), "retry_effect", stands.id, str(uuid4()), Role.LEAD, stands.version, "failed meanwhile"
    )
    with pytest.raises(ApplicationError, match="nothing_to_retry"):
        workflow.refuse(retry)
    async with workflow.lock:
        workflow.refuse(retry)


async def test_a_mail_that_is_not_taken_now_holds_nobody_elses_mail(house: House) -> None:
    who = await moving.people(house.database)
    house.mailbox.refusals[who.learner.email] = "451 busy"
    case_id = await lives.drafted(house.database, who)
    await lives.to_review(house, who, case_id)

    async def others_told() -> bool:
        waiting = await house.effects(case_id, EffectState.PENDING)
        return {effect.recipient for effect in waiting} == {who.learner.id}

    await house.wait(others_told)
    assert await mailed(house, case_id, who.learner) == []
    assert await mailed(house, case_id, who.advisor) == ["case_taken"]
    assert (await house.case(case_id)).needs_attention is None


async def test_an_effect_of_a_closed_case_can_be_tried_again(house: House) -> None:
    who = await moving.people(house.database)
    case_id = await lives.drafted(house.database, who)
    await lives.to_review(house, who, case_id)
    await house.quiet(case_id)
    house.mailbox.refusals[who.learner.email] = "550 gone"
    await lives.withdrawn(house, who, case_id)
    assert await house.over(case_id) == Stage.CLOSED
    house.mailbox.refusals.clear()
    await again(house, who, case_id, await failed(house, case_id))
    assert await house.over(case_id) == Stage.CLOSED
    assert "withdrawn" in await mailed(house, case_id, who.learner)


async def test_no_name_no_address_and_no_word_of_a_person_reaches_temporal(house: House) -> None:
    who = await moving.people(house.database)
    house.mailbox.refusals[who.advisor.email] = f"550 <{who.advisor.email}> is not known here"
    house.mailbox.refusals[who.learner.email] = f"451 <{who.learner.email}> is over quota"
    case_id = await lives.drafted(house.database, who)
    await lives.to_review(house, who, case_id)
    await failed(house, case_id)
    history = await house.desk.client.get_workflow_handle(f"case/{case_id}").fetch_history()
    pending = await house.desk.client.get_workflow_handle(f"case/{case_id}").describe()
    told = str(record.readable(json.loads(history.to_json()))) + str(pending.raw_description)
    assert "eligibility_review" in told
    assert "address_refused" in told
    assert "NotTaken" in told
    for word in ("@example.org", "Sample", "sample.pdf", "not known", "over quota"):
        assert word not in told


async def issuing(house: House, renderer: Renderer) -> tuple[Issuing, LetterWriting]:
    """The activities of the effects worker, for a test that calls them itself."""
    shop = house.shop
    signer = means.open_signer(house.settings)
    issuer = Issuing(shop.database, shop.issuer, signer)
    await issuer.register()
    return issuer, LetterWriting(shop.database, shop.blobs, shop.issuer.base_url, renderer)


async def rows(house: House) -> dict[str, list[dict[str, object]]]:
    """Everything that issuing writes."""
    async with house.database.reading() as session:
        return {
            kind.__name__: [row.model_dump() for row in await session.exec(select(kind))]
            for kind in (CredentialIntent, Credential, Letter, AuditLine)
        }


async def key_of(house: House, case_id: UUID, activity: str) -> str:
    (effect,) = [effect for effect in await house.effects(case_id) if effect.activity == activity]
    return effect.key


async def test_every_step_of_issuing_done_twice_leaves_what_once_leaves(resting: House, renderer: Renderer) -> None:
    house = resting
    issuer, writer = await issuing(house, renderer)
    who = await moving.people(house.database)
    async with house.working(renderer, "case"):  # nobody carries out what belongs to the effects worker
        case_id = await lives.drafted(house.database, who)
        await lives.to_issuing(house, who, case_id)
        for name, carry_out in (
            ("reserve_issuance", issuer.reserve),
            ("sign_credentials", issuer.sign),
            ("render_letter", writer.render),
            ("publish_decision", writer.publish),
        ):
            key = await key_of(house, case_id, name)
            await carry_out(key)
            once = await rows(house)
            await carry_out(key)
            assert await rows(house) == once, name
    before = await rows(house)
    async with house.working(renderer):  # the worker that comes after one that was killed does all of it again
        await house.until(case_id, Stage.DECIDED)
    after = await rows(house)
    assert {kind: after[kind] for kind in ("CredentialIntent", "Credential", "Letter")} == {
        kind: before[kind] for kind in ("CredentialIntent", "Credential", "Letter")
    }


async def test_nothing_can_be_seen_outside_before_everything_can(resting: House, renderer: Renderer) -> None:
    house = resting
    issuer, writer = await issuing(house, renderer)
    who = await moving.people(house.database)
    async with house.working(renderer, "case"):
        case_id = await lives.drafted(house.database, who)
        await lives.to_issuing(house, who, case_id)
        await issuer.reserve(await key_of(house, case_id, "reserve_issuance"))
    await issuer.sign(await key_of(house, case_id, "sign_credentials"))
    publish = await key_of(house, case_id, "publish_decision")
    with pytest.raises(ApplicationError, match="letter_missing"):
        await writer.publish(publish)
    async with house.database.reading() as session:
        signed = list(await session.exec(select(Credential)))
        assert {credential.state for credential in signed} == {CredentialState.SIGNED}
        assert [await credentials.issued(session, code=credential.code) for credential in signed] == [None, None]
        assert await letters.released_of(session, case_id) == []
    await writer.render(await key_of(house, case_id, "render_letter"))
    async with house.database.reading() as session:
        assert {letter.state for letter in await session.exec(select(Letter))} == {LetterState.DRAFTED}


async def test_no_other_key_signs_what_was_promised_under_one(resting: House, renderer: Renderer) -> None:
    house = resting
    issuer, _ = await issuing(house, renderer)
    who = await moving.people(house.database)
    async with house.working(renderer, "case"):
        case_id = await lives.drafted(house.database, who, "first")
        await lives.to_issuing(house, who, case_id)
        await issuer.reserve(await key_of(house, case_id, "reserve_issuance"))
    issuer_keys.create(house.settings.data_folder / "other.pem")
    signer = issuer_keys.load(house.settings.data_folder / "other.pem", did=house.settings.issuer)
    key = await key_of(house, case_id, "sign_credentials")
    with pytest.raises(OtherKeyError):
        await replace(issuer, signer=signer).sign(key)
    assert (await rows(house))["Credential"] == []
    assert await issuer.sign(key) == 1


async def test_nothing_is_issued_without_the_decision_of_a_person(resting: House, renderer: Renderer) -> None:
    house = resting
    issuer, writer = await issuing(house, renderer)
    who = await moving.people(house.database)
    case_id = await lives.drafted(house.database, who)
    for carry_out in (issuer.reserve, issuer.sign, issuer.rebuild, writer.render, writer.publish):
        with pytest.raises(ApplicationError, match="no_human_decision"):
            await carry_out(f"{case_id}:1:made_up")
    assert await rows(house) | {"AuditLine": []} == {
        "CredentialIntent": [],
        "Credential": [],
        "Letter": [],
        "AuditLine": [],
    }
