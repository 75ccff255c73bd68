"""What becomes of people afterwards: who agreed to be asked, the mails, the links, and answers counted without a name.

An answer is added to a number and kept nowhere else; that somebody answered is kept with their invitation, what they
said is not. Whatever is wrong with a link is found by one question and answered in one way; opening it changes nothing.
Source: case design, section 13 (G1); security design, sections 7 (link without account) and 10 (consents).
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import agreement_figures, audit, baselines, counters, sponsors
from services.records.database import UtcDateTime
from services.records.ids import new_id
from services.records.tables.cases import Case, Consent, StageHistory
from services.records.tables.people import Institution, Person
from services.records.tables.surveys import SurveyCount, SurveyInvitation, SurveyLink, SurveyRound
from services.rules import cohorts, deadlines
from services.rules import surveys as rules
from services.rules.case import Stage
from services.rules.programmes import Text
from services.rules.refusals import Refused
from services.rules.surveys import Asked, Followed, Question, Said

NOTICE = "survey"
"""The kind of mail that asks."""

RUNS = (col(Consent.purpose) == rules.PURPOSE, col(Consent.withdrawn_at).is_(None))
"""A consent to be asked that its person has not taken back."""


# agreeing and stopping


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with one case of a person: whether they agreed, and whether they can."""

    case_id: UUID
    number: str
    agreed_at: datetime | None
    open: bool


async def of_person(session: AsyncSession, person: UUID, *, now: datetime) -> list[Standing]:
    """Every case after which somebody is or can be asked, newest first."""
    rows = await session.exec(
        select(Case, Consent)
        .outerjoin(Consent, sa.and_(col(Consent.case_id) == col(Case.id), *RUNS))
        .where(col(Case.learner_id) == person)
        .order_by(col(Case.id).desc())
    )
    found = []
    for case, consent in rows:
        possible = await _followed(session, case) is not None and not rules.over(_since(case), _today(case, now))
        if possible or consent:
            found.append(Standing(case.id, case.number, consent.given_at if consent else None, possible))
    return found


async def agree(session: AsyncSession, case_id: UUID, *, person: UUID, now: datetime) -> None:
    """The learner of a case that is over agrees to be asked afterwards; to agree again changes nothing.

    Raises `Refused`: not_found for a case of somebody else, survey_not_open while it runs and once it is too late.
    """
    case = (await session.exec(select(Case).where(col(Case.id) == case_id).with_for_update())).first()
    if case is None or case.learner_id != person:
        raise Refused("not_found")
    if await _followed(session, case) is None or rules.over(_since(case), _today(case, now)):
        raise Refused("survey_not_open")
    known = await session.exec(select(Consent.id).where(col(Consent.case_id) == case_id, *RUNS))
    if known.first() is not None:
        return
    consent = Consent(
        id=new_id(), case_id=case_id, person_id=person, purpose=rules.PURPOSE, text_version=rules.TEXT, given_at=now
    )
    session.add(consent)
    await _log(session, consent, action="survey_agreed", now=now)


async def stop(session: AsyncSession, person: UUID, *, now: datetime) -> None:
    """Ask this person nothing any more, after none of their cases: every consent is taken back, every link ends."""
    rows = await session.exec(select(Consent).where(col(Consent.person_id) == person, *RUNS).with_for_update())
    for consent in list(rows):
        consent.withdrawn_at = now
        await session.exec(
            sa.update(SurveyInvitation)
            .where(col(SurveyInvitation.consent_id) == consent.id, col(SurveyInvitation.ended_at).is_(None))
            .values(ended_at=now)
        )
        await _log(session, consent, action="survey_stopped", now=now)


async def _log(session: AsyncSession, consent: Consent, *, action: str, now: datetime) -> None:
    await session.flush()
    await audit.log(
        session,
        stream=f"case:{consent.case_id}",
        actor=str(consent.person_id),
        action=action,
        subject=str(consent.id),
        now=now,
    )


async def _followed(session: AsyncSession, case: Case) -> Followed | None:
    reached = select(StageHistory.version).where(
        col(StageHistory.case_id) == case.id, col(StageHistory.to_stage) == Stage.ELIGIBLE
    )
    eligible = case.outcome is None and (await session.exec(reached.limit(1))).first() is not None
    return rules.followed(stage=case.stage, outcome=case.outcome, closed_as=case.closed_as, eligible=eligible)


def _since(case: Case) -> date:
    """The day of the decision, else of the end."""
    return deadlines.local_day(case.decided_at or case.closed_at or case.active_at, case.zone)


def _today(case: Case, now: datetime) -> date:
    return deadlines.local_day(now, case.zone)


# the nightly sweep


async def agreed(session: AsyncSession, *, after: UUID, limit: int) -> list[UUID]:
    """The next consents that run, in order of id."""
    rows = await session.exec(
        select(Consent.id).where(col(Consent.id) > after, *RUNS).order_by(col(Consent.id)).limit(limit)
    )
    return list(rows)


async def invite(session: AsyncSession, consent_id: UUID, *, now: datetime) -> bool:
    """Write down that somebody is to be asked in the wave whose time it is; answers whether that is new.

    Nobody is asked while their case is looked at again or goes on: the wave is left out, unless it ends in time.
    """
    consent = await session.get_one(Consent, consent_id)
    case = (await session.exec(select(Case).where(col(Case.id) == consent.case_id).with_for_update())).one()
    group, wave = await _followed(session, case), rules.wave(_since(case), _today(case, now))
    if group is None or wave is None:
        return False
    known = await session.exec(
        select(SurveyInvitation.id).where(col(SurveyInvitation.case_id) == case.id, col(SurveyInvitation.wave) == wave)
    )
    if known.first() is not None:
        return False
    row = SurveyInvitation(
        id=new_id(),
        case_id=case.id,
        consent_id=consent.id,
        wave=wave,
        followed=group,
        year=_today(case, now).year,
        made_at=now,
        expires_at=now + rules.LIFE,
    )
    session.add(row)
    await session.flush()
    return True


async def unsent(session: AsyncSession, *, now: datetime) -> list[UUID]:
    """Invitations whose mail the mail service has not taken, and that can still be answered."""
    rows = await session.exec(
        select(SurveyInvitation.id)
        .where(
            col(SurveyInvitation.accepted_at).is_(None),
            col(SurveyInvitation.ended_at).is_(None),
            col(SurveyInvitation.expires_at) > now,
        )
        .order_by(col(SurveyInvitation.id))
    )
    return list(rows)


@dataclass(frozen=True, slots=True)
class Letter:
    """What the mail needs: to whom, in which language, from whom, until when, and the token of its link."""

    address: str
    language: str
    institution: Text
    made_at: datetime
    until: date
    token: str


async def letter(session: AsyncSession, invitation_id: UUID, *, now: datetime) -> Letter | None:
    """A new link (256 random bits, kept nowhere) for the mail that is about to leave; None once it must not leave.

    A mail that is sent again after a crash has another link in it, and both open the same questions.
    """
    row, case = await _locked(session, invitation_id)
    person = await session.get_one(Person, case.learner_id)
    if row.ended_at is not None or row.accepted_at is not None or not person.active:
        return None
    institution = await session.get_one(Institution, case.institution_id)
    token = secrets.token_urlsafe(32)
    session.add(SurveyLink(token_hash=hashed(token), invitation_id=row.id, made_at=now))
    until = deadlines.local_day(row.expires_at, case.zone)
    name = Text(institution.name_en, institution.name_fr)
    return Letter(person.email, person.language, name, row.made_at, until, token)


async def accepted(session: AsyncSession, invitation_id: UUID, *, now: datetime) -> None:
    """Note that the mail service took the mail, and count somebody who was asked; once."""
    row, case = await _locked(session, invitation_id)
    await _reached(session, row, case, now=now)


async def unreachable(session: AsyncSession, invitation_id: UUID, *, now: datetime) -> None:
    """The mail service refuses the address for good: nobody was asked."""
    row, _ = await _locked(session, invitation_id)
    if row.ended_at is None:
        row.ended_at = now


async def _locked(session: AsyncSession, invitation_id: UUID) -> tuple[SurveyInvitation, Case]:
    asked = select(SurveyInvitation).where(col(SurveyInvitation.id) == invitation_id).with_for_update()
    row = (await session.exec(asked.execution_options(populate_existing=True))).one()
    return row, await session.get_one(Case, row.case_id)


async def _reached(session: AsyncSession, row: SurveyInvitation, case: Case, *, now: datetime) -> None:
    if row.accepted_at is None:
        row.accepted_at = now
        await _count_round(session, row, case, "invited")
        await baselines.count(session, row, case)


async def _count_round(session: AsyncSession, row: SurveyInvitation, case: Case, counted: str) -> None:
    key = _key(row, case) | {"language": case.language}
    begun = {"institution_id": case.institution_id, "invited": 0, "answered": 0}
    await counters.one_more(session, SurveyRound, counted=counted, key=key, given=begun)


def _key(row: SurveyInvitation, case: Case) -> dict[str, object]:
    return {"programme": case.programme, "year": row.year, "wave": row.wave, "followed": row.followed}


# the page behind the link


def hashed(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


_KNOWN: sa.Select[*tuple[Any, ...]] = (
    sa.select(col(SurveyInvitation.id), col(Consent.person_id))
    .join(SurveyLink, col(SurveyLink.invitation_id) == col(SurveyInvitation.id))
    .join(Consent, col(Consent.id) == col(SurveyInvitation.consent_id))
    .where(col(SurveyLink.token_hash) == sa.bindparam("token_hash", type_=sa.String()))
)
_LIVE = _KNOWN.where(
    col(SurveyInvitation.ended_at).is_(None),
    col(SurveyInvitation.expires_at) > sa.bindparam("now", type_=UtcDateTime()),
    col(Consent.withdrawn_at).is_(None),
)


async def opened(session: AsyncSession, token: str, *, now: datetime) -> SurveyInvitation:
    """The invitation that `token` opens. Raises `Refused('survey_ended')`, whatever is wrong with the link."""
    found = (await session.exec(_LIVE, params={"token_hash": hashed(token), "now": now})).first()  # type: ignore[call-overload]  # a select of columns
    if found is None:
        raise Refused("survey_ended")
    return await session.get_one(SurveyInvitation, found[0])


async def answer(
    session: AsyncSession, token: str, answers: Mapping[Question, str], *, now: datetime, tell_sponsor: bool = False
) -> None:
    """Count the answers, once: the link is spent. Nothing of them is kept with the person.

    `tell_sponsor`: that they have work, if they do, whoever pays for them may know; that alone is noted with them.
    Raises `Refused`: survey_ended; malformed for a word that is none; survey_unanswered where nothing was answered.
    """
    found = await opened(session, token, now=now)
    row, case = await _locked(session, found.id)
    if row.ended_at is not None:  # another browser was faster while we waited for the lock
        raise Refused("survey_ended")
    if not answers:
        raise Refused("survey_unanswered")
    for question, word in answers.items():
        if word not in rules.ANSWERS[question]:
            raise Refused("malformed", field=question)
    # Between the mail service's yes and our note there may have been a crash: whoever answers was asked.
    await _reached(session, row, case, now=now)
    row.ended_at, row.answered = now, True
    await _count_round(session, row, case, "answered")
    given = {"institution_id": case.institution_id}
    for question, word in sorted(answers.items()):
        key = _key(row, case) | {"question": question, "answer": word}
        await counters.one_more(session, SurveyCount, key=key, given=given)
    if tell_sponsor and answers.get(Question.WORK) in cohorts.AT_WORK:
        await sponsors.tell_of_work(session, case.id, wave=row.wave, now=now)


async def stop_by_link(session: AsyncSession, token: str, *, now: datetime) -> None:
    """Stop all surveys of whoever the link was sent to; a link that was answered or is over does it too.

    Raises `Refused('survey_ended')` for a link that was never sent.
    """
    found = (await session.exec(_KNOWN, params={"token_hash": hashed(token)})).first()  # type: ignore[call-overload]  # a select of columns
    if found is None:
        raise Refused("survey_ended")
    await stop(session, found[1], now=now)


# what is known afterwards


async def invitations_of(session: AsyncSession, person: UUID) -> list[dict[str, Any]]:
    """When somebody was asked and whether they answered, oldest first; what they said is known of nobody."""
    rows = await session.exec(
        select(SurveyInvitation, Case.number)
        .join(Consent, col(Consent.id) == col(SurveyInvitation.consent_id))
        .join(Case, col(Case.id) == col(SurveyInvitation.case_id))
        .where(col(Consent.person_id) == person)
        .order_by(col(SurveyInvitation.made_at), col(SurveyInvitation.id))
    )
    shown = {"wave", "made_at", "expires_at", "accepted_at", "ended_at", "answered"}
    return [{"case": number} | row.model_dump(include=shown) for row, number in rows]


@dataclass(frozen=True, slots=True)
class Group:
    """What one group said in one wave, beside how many were asked and answered, by language and in all."""

    wave: int
    followed: Followed
    asked: Mapping[str, Asked]
    said: Mapping[Question, Said]


async def figures(
    session: AsyncSession, reach: Sequence[tuple[str, str | None]], programme: str, year: int, *, answers: bool
) -> list[Group]:
    """What was asked in `year`, as far as it is in `reach`; answers only with `answers`, once the year is over."""
    rounds = await session.exec(
        select(SurveyRound)
        .where(
            agreement_figures.within(SurveyRound, reach),
            col(SurveyRound.programme) == programme,
            col(SurveyRound.year) == year,
        )
        .order_by(col(SurveyRound.wave), col(SurveyRound.followed), col(SurveyRound.language))
    )
    asked: dict[tuple[int, Followed], dict[str, tuple[int, int]]] = {}
    for row in rounds:
        asked.setdefault((row.wave, row.followed), {})[row.language] = (row.invited, row.answered)
    counts = await session.exec(
        select(SurveyCount).where(
            agreement_figures.within(SurveyCount, reach),
            col(SurveyCount.programme) == programme,
            col(SurveyCount.year) == year,
        )
    )
    said: dict[tuple[int, Followed], dict[Question, dict[str, int]]] = {}
    for one in counts:
        said.setdefault((one.wave, one.followed), {}).setdefault(one.question, {})[one.answer] = one.number
    order = list(Followed)
    # What people did at the beginning has no round of its own: they were asked when they applied.
    asked |= {(wave, group): {} for wave, group in said if answers and wave == rules.BASELINE}
    return [
        Group(
            wave,
            group,
            rules.asked(languages) if wave != rules.BASELINE else {},
            {
                question: rules.said(question, said.get((wave, group), {}).get(question, {}))
                for question in (rules.asked_in(wave) if answers else ())
            },
        )
        for (wave, group), languages in sorted(asked.items(), key=lambda one: (one[0][0], order.index(one[0][1])))
    ]
