"""Words that are written down for somebody: a learner's own, or a knowledge holder's, each with consent on record.

What is spoken counts as what is written: the learner's words are the learner's, a knowledge holder's are those of a
third party whom an advisor heard in person. Source: case design, sections 2 (advisor, mentor), 4.2 and 8.6.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import (
    attestation_links,
    attestations,
    audit,
    cases,
    effects,
    evidence,
    people,
    portfolio,
    programmes,
    statements,
    wording,
)
from services.records.attestation_asking import check_email
from services.records.blobs import Stored
from services.records.ids import new_id
from services.records.independence import enrol
from services.records.statements import Author
from services.records.tables.attestations import AttestationRequest
from services.records.tables.cases import Case, Claim, Consent
from services.records.tables.evidence import EvidenceItem, Pointer
from services.records.tables.people import Person
from services.rules import attestations as rules
from services.rules import deadlines
from services.rules.attestations import Relation, RequestState, Statement
from services.rules.evidence import EvidenceKind, EvidenceState
from services.rules.people import Role
from services.rules.programmes import Text
from services.rules.refusals import Refused
from services.rules.signatures import PLAYED, FileKind

LONGEST = 20_000
"""Characters of what a learner said."""

TITLE = Text("Oral statement", "Déclaration orale")
NAME = "oral-statement.txt"


@dataclass(frozen=True, slots=True)
class Spoken:
    """That a learner spoke about `claims`, in `language` (a tag such as `fr` or `atj`); `consent` to its record.

    `transcript`: what is said in a recording of it, for whoever cannot hear it.
    """

    claims: tuple[UUID, ...]
    language: str
    consent: str
    transcript: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """As what spoken words are kept: a recording of the voice, or what was written down."""

    stored: Stored
    name: str = NAME
    kind: FileKind = statements.TEXT


@dataclass(frozen=True, slots=True)
class Heard:
    """What a knowledge holder said, in the form of a third party. `address`: by which they are known, if by any."""

    statement: Statement
    claims: tuple[UUID, ...]
    language: str
    consent: str
    address: str = ""


def check_words(words: str) -> None:
    """Hold what was written down against what can be kept. Raises `Refused('malformed')`."""
    wording.check("words", words, most=LONGEST, lines=True)
    if not words.strip():
        raise Refused("malformed", field="words")


async def may_record(session: AsyncSession, *, case_id: UUID, recorder: UUID, spoken: Spoken, now: datetime) -> int:
    """Whether a learner's words may be kept, asked before they are; answers how many bytes may still come.

    Raises `Refused`: not_found, portfolio_locked, consent_missing, malformed, claim_unknown.
    """
    case = await cases.get(session, case_id)
    check_consent(spoken.consent)
    await _check_time(session, case)
    wording.check("language", spoken.language, most=16)
    wording.check("transcript", spoken.transcript, most=LONGEST, lines=True)
    await _about(session, case=case, recorder=recorder, spoken=spoken)
    return (await evidence.quota(session, case_id, person=case.learner_id, now=now)).left


async def record(
    session: AsyncSession, *, case_id: UUID, recorder: UUID, spoken: Spoken, kept: Record, now: datetime
) -> EvidenceItem:
    """Keep what the learner said as evidence in their own words; its bytes are kept already.

    `recorder` is the advisor or the mentor who heard it. The learner is told, for it was not they who sent it.
    Raises what `may_record` says, and quota_exceeded.
    """
    case = await cases.get(session, case_id, lock=True)
    if kept.stored.size > await may_record(session, case_id=case_id, recorder=recorder, spoken=spoken, now=now):
        raise Refused("quota_exceeded")
    learner = await session.get_one(Person, case.learner_id)
    session.add(
        Consent(
            id=new_id(),
            case_id=case_id,
            person_id=learner.id,
            purpose=rules.SPOKEN_PURPOSE,
            text_version=spoken.consent,
            given_at=now,
        )
    )
    item = EvidenceItem(
        id=new_id(),
        case_id=case_id,
        uploaded_by=recorder,
        name=kept.name,
        file_kind=kept.kind.key,
        media_type=kept.kind.media_type,
        size=kept.stored.size,
        sha256=kept.stored.sha256,
        state=EvidenceState.UNSCANNED,
        kind=EvidenceKind.ORAL_STATEMENT,
        title=TITLE.in_(case.language),
        author=learner.name,
        language=spoken.language,
        learner_authored=True,
        transcript=spoken.transcript if kept.kind.family in PLAYED else "",
        received_at=now,
    )
    session.add(item)
    await session.flush()
    await _point(session, item, await _about(session, case=case, recorder=recorder, spoken=spoken))
    await statements.freeze(session, case=case, now=now)
    await audit.log(
        session,
        stream=f"case:{case_id}",
        actor=str(recorder),
        action="oral_statement_recorded",
        subject=str(item.id),
        details={
            "speaker": Role.LEARNER.value,
            "recorder": Role.MENTOR.value if recorder == case.mentor_id else Role.ADVISOR.value,
            "consent": spoken.consent,
            "sha256": kept.stored.sha256,
        },
        now=now,
    )
    await effects.tell(
        session, case=case, notice="words_recorded", person=case.learner_id, now=now, occasion=item.id.hex
    )
    return item


async def may_hear(session: AsyncSession, *, case_id: UUID, heard: Heard, now: datetime) -> dict[str, Text]:
    """Hold a knowledge holder's words against the form; answers the titles of the competencies, by key.

    Raises `Refused`: not_found, portfolio_locked, consent_missing, malformed, claim_unknown, referee_barred, and what
    `rules.attestations.check` says.
    """
    case = await cases.get(session, case_id)
    check_consent(heard.consent)
    await _check_time(session, case)
    if heard.address:
        check_email(heard.address)
    programme = await programmes.of_case(session, case)
    about = await attestations.open_claims(session, case=case, claims=heard.claims)
    titles = {claim.competency: programme.competency(claim.competency).title for claim in about}
    attestation_links.check_words(heard.statement, set(titles))
    rules.check(heard.statement, competencies=titles, today=deadlines.local_day(now, case.zone))
    return titles


async def hear(
    session: AsyncSession, *, case_id: UUID, advisor: UUID, heard: Heard, stored: Stored, now: datetime
) -> AttestationRequest:
    """Keep what a knowledge holder said as a third party's statement, which its author spoke in person.

    Somebody known by address takes part in the case from now on, and in no other way. Raises what `may_hear` says, and
    separation_of_duties for somebody who has another part.
    """
    case = await cases.get(session, case_id, lock=True)
    await may_hear(session, case_id=case_id, heard=heard, now=now)
    request = AttestationRequest(
        id=new_id(),
        case_id=case_id,
        asked_by=advisor,
        name=heard.statement.name.strip(),
        organisation=heard.statement.organisation.strip(),
        relation=heard.statement.relation or Relation.COMMUNITY,
        email=people.address(heard.address),
        language=heard.language,
        state=RequestState.PROPOSED,
        asked_at=now,
    )
    session.add(request)
    await session.flush()
    await attestations.about(session, case=case, request=request, claims=heard.claims)
    person = None
    if heard.address:
        known = await people.known_by_address(
            session, email=heard.address, name=heard.statement.name, language=heard.language, now=now
        )
        await enrol(session, case=case, person=known.id, role=Role.THIRD_PARTY, now=now)
        person = known.id
    author = Author(person, recorded_by=advisor, consent=heard.consent)
    await statements.keep(
        session, case=case, request=request, statement=heard.statement, stored=stored, author=author, now=now
    )
    return request


def check_consent(version: str) -> None:
    """Nothing spoken is kept without its speaker's consent. Raises `Refused('consent_missing')`."""
    if version not in rules.CONSENTS:
        raise Refused("consent_missing")


async def _about(session: AsyncSession, *, case: Case, recorder: UUID, spoken: Spoken) -> list[Claim]:
    """The claims that the words speak to. Raises `Refused('claim_unknown')`.

    A mentor is not shown any claim: what they wrote down the learner ties to claims, while the portfolio is theirs.
    """
    if not spoken.claims and recorder == case.mentor_id and case.stage in portfolio.EDITABLE:
        return []
    return await attestations.open_claims(session, case=case, claims=spoken.claims)


async def _check_time(session: AsyncSession, case: Case) -> None:
    """Words are recorded while everybody who judges can still weigh them. Raises `Refused('portfolio_locked')`."""
    if case.stage not in rules.ASKABLE or not await statements.takes_evidence(session, case):
        raise Refused("portfolio_locked")


async def _point(session: AsyncSession, item: EvidenceItem, claims: Sequence[Claim]) -> None:
    session.add_all(
        Pointer(id=new_id(), case_id=item.case_id, evidence_id=item.id, claim_id=claim.id) for claim in claims
    )
    await session.flush()
