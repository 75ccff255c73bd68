"""Words that are written down or recorded: of the learner, and of a knowledge holder, each with their consent.

An advisor or a mentor records what the learner says; a knowledge holder is heard by the advisor alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import post
from litestar.params import FromPath, JSONBody

from services.api import body_pace, forms, uploads
from services.api.access import Who
from services.api.house import House, Now, TheHouse
from services.api.routes.attestation_links import AnyRequest, TheSlots, kept
from services.records import cases, evidence, oral_statements
from services.records.oral_statements import Heard, Record, Spoken
from services.rules.attestations import Statement
from services.rules.people import Action, Caller
from services.rules.programmes import Language
from services.rules.refusals import Refused
from services.rules.statements import as_text

Address = Annotated[str, msgspec.Meta(max_length=320)]
Short = Annotated[str, msgspec.Meta(max_length=200)]


class LearnersWords(msgspec.Struct, forbid_unknown_fields=True):
    """What a learner said; `language` is a tag such as `fr` or `atj`, `consent` the version of the text agreed to.

    A mentor, who is shown no claims, may leave them to the learner while the portfolio is theirs.
    """

    words: Annotated[str, msgspec.Meta(max_length=oral_statements.LONGEST)]
    claims: Annotated[list[UUID], msgspec.Meta(max_length=200)]
    language: Annotated[str, msgspec.Meta(max_length=16)]
    consent: Annotated[str, msgspec.Meta(max_length=32)]


class HoldersWords(msgspec.Struct, forbid_unknown_fields=True):
    """What a knowledge holder said, in the form of a third party, and their consent, for what is known together too."""

    statement: forms.strict(Statement, "Form")  # type: ignore[valid-type]  # the type is made from the rules
    claims: Annotated[list[UUID], msgspec.Meta(max_length=200)]
    language: Language
    consent: Annotated[str, msgspec.Meta(max_length=32)]
    email: Address = ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """The piece of evidence, or the statement, that words became."""

    id: UUID
    kind: Literal["evidence", "statement"]
    sha256: str


@post(
    "/oral-statements/learner",
    opt={"action": Action.RECORD_WORDS},
    operation_id="record_learners_words",
    summary="Write down what the learner said",
)
async def record(
    case_id: FromPath[UUID], data: JSONBody[LearnersWords], caller: Who, house: TheHouse, now: Now
) -> Recorded:
    """Spoken words count as written ones: evidence, in the learner's own words, with their consent."""
    spoken = Spoken(tuple(data.claims), data.language, data.consent)
    return await write_down(house, case_id, words=data.words, spoken=spoken, caller=caller, now=now)


async def write_down(
    house: House, case_id: UUID, *, words: str, spoken: Spoken, caller: Caller, now: datetime
) -> Recorded:
    """Keep a learner's words as `caller` heard them. Raises what `oral_statements.record` says."""
    oral_statements.check_words(words)
    recorder = UUID(caller.id)
    async with house.database.reading() as session:
        await oral_statements.may_record(session, case_id=case_id, recorder=recorder, spoken=spoken, now=now)
    record = Record(await kept(house.blobs, words))
    async with house.database.writing() as session:
        item = await oral_statements.record(
            session, case_id=case_id, recorder=recorder, spoken=spoken, kept=record, now=now
        )
    await house.desk.wake(case_id)
    return Recorded(item.id, "evidence", record.stored.sha256)


@post(
    "/oral-statements/recording",
    opt={"action": Action.RECORD_WORDS},
    middleware=[body_pace.Paced()],
    request_max_body_size=None,
    operation_id="keep_recording",
    summary="Keep a recording of what the learner said",
    description="multipart/form-data: `claims` (ids, separated by commas), `language`, `consent` and, if there is "
    "one, a `transcript`; then the `file`.",
)
async def keep(request: AnyRequest, case_id: FromPath[UUID], caller: Who, slots: TheSlots, house: TheHouse) -> Recorded:
    """A voice or a video counts as written words do; the same kinds and sizes as evidence."""
    return await recorded(request, case_id, caller=caller, house=house, slots=slots, said=_spoken)


async def recorded(
    request: AnyRequest,
    case_id: UUID,
    *,
    caller: Caller,
    house: House,
    slots: uploads.Slots,
    said: Callable[[dict[str, str]], Spoken],
) -> Recorded:
    """Keep the file of a form whose text fields `said` reads. Raises what `oral_statements.record` says."""
    with slots.take(caller.id):
        async with house.database.reading() as session:
            case = await cases.get(session, case_id)
            quota = await evidence.quota(session, case_id, person=case.learner_id, now=house.clock())
        received = await uploads.receive(request, blobs=house.blobs, left=quota.left, said=said)
        record = Record(received.stored, received.name, received.kind)
        async with house.database.writing() as session:
            item = await oral_statements.record(
                session,
                case_id=case_id,
                recorder=UUID(caller.id),
                spoken=received.said,
                kept=record,
                now=house.clock(),
            )
    await house.desk.wake(case_id)
    return Recorded(item.id, "evidence", record.stored.sha256)


def _spoken(fields: dict[str, str]) -> Spoken:
    """The form's text fields. Raises `Refused`: malformed, consent_missing before a byte of the file came."""
    named = fields.get("claims", "").strip()
    try:
        claims = tuple(UUID(claim.strip()) for claim in named.split(",")) if named else ()
    except ValueError:
        raise Refused("malformed", field="claims") from None
    oral_statements.check_consent(fields.get("consent", ""))
    return Spoken(claims, fields.get("language", ""), fields.get("consent", ""), fields.get("transcript", ""))


@post(
    "/oral-statements/knowledge-holder",
    opt={"action": Action.HEAR_OTHERS},
    operation_id="record_holders_words",
    summary="Write down what a knowledge holder said",
)
async def hear(
    case_id: FromPath[UUID], data: JSONBody[HoldersWords], caller: Who, house: TheHouse, now: Now
) -> Recorded:
    """The form of a third party, spoken in person, with consent for what a community knows together."""
    said = forms.plain(data.statement, Statement)
    about = Heard(said, tuple(data.claims), data.language, data.consent, data.email)
    return await heard(case_id, about=about, caller=caller, house=house, now=now)


async def heard(case_id: UUID, *, about: Heard, caller: Caller, house: House, now: datetime) -> Recorded:
    """Keep a knowledge holder's words as `caller` heard them. Raises what `oral_statements.hear` says."""
    async with house.database.reading() as session:
        titles = await oral_statements.may_hear(session, case_id=case_id, heard=about, now=now)
    stored = await kept(house.blobs, as_text(about.statement, titles=titles, language=about.language, spoken=True))
    async with house.database.writing() as session:
        row = await oral_statements.hear(
            session, case_id=case_id, advisor=UUID(caller.id), heard=about, stored=stored, now=now
        )
    await house.desk.wake(case_id)
    return Recorded(row.id, "statement", stored.sha256)


HANDLERS = (record, keep, hear)
"""Every route of spoken words; they are mounted beside those of other third parties."""
