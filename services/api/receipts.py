"""The receipt as a paper: what a case holds and what comes next, in the words of the page, ready to be set as PDF."""

from datetime import datetime
from uuid import UUID

from markupsafe import Markup
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api import views
from services.api.pages import site
from services.api.pages.words import Words
from services.documents.letters import Contact
from services.documents.receipts import HeldFile, Next, Receipt, SentVersion
from services.records import cases, portfolio, programmes
from services.records.tables.cases import Case
from services.records.tables.people import Person
from services.rules.case import WaitingOn
from services.rules.programmes import Institution, Language, Programme


async def of_case(session: AsyncSession, case_id: UUID, *, language: Language | None, now: datetime) -> Receipt:
    """The receipt of a case in one language; in its learner's where none is named. Raises `Refused('not_found')`."""
    case = await cases.get(session, case_id)
    programme = await programmes.of_case(session, case)
    learner = await session.get_one(Person, case.learner_id)
    advisor = await session.get(Person, case.advisor_id) if case.advisor_id else None
    held = await portfolio.receipt(session, case_id)
    words = Words(language or Language(learner.language), programme.policy.terms, case.zone)
    return Receipt(
        language=words.language,
        case_number=case.number,
        institution=programme.institution,
        name=learner.name,
        programme=words.text(programme.title),
        issued=words.moment(now),
        opened=words.day(case.created_at),
        submitted=words.moment(case.submitted_at) if case.submitted_at else "",
        next=_next(case, programme, words),
        contact=Contact(advisor.name, advisor.email) if advisor else _office(programme.institution, words),
        files=tuple(
            HeldFile(one.name, words.size(one.size), words.moment(one.received_at), one.sha256) for one in held.files
        ),
        versions=tuple(SentVersion(one.number, words.moment(one.frozen_at), one.sha256) for one in held.versions),
        terms=programme.policy.terms,
    )


def _office(institution: Institution, words: Words) -> Contact:
    return Contact(words.text(institution.unit), institution.email, institution.phone, advisor=False)


def _next(case: Case, programme: Programme, words: Words) -> Next:
    """What the banner of the learner's page says, from the same macros."""
    stage = views.stage_view(case.stage, case.waiting_on, case.due_at, terms=programme.policy.terms)
    says = site.environment(words).get_template("learner/parts.html").make_module()
    paused = case.paused_until
    due = paused or case.due_at

    def said(macro: str, *about: object) -> str:
        return Markup(getattr(says, macro)(*about)).unescape().strip()  # noqa: S704 - what a template of ours made

    return Next(
        stands=said("stands", stage, paused),
        comes=said("comes", stage, paused),
        turn="" if paused or case.waiting_on is WaitingOn.NONE else said("waits", case.waiting_on),
        due_name=said("due_name", stage, paused) if due else "",
        due=words.day(due) if due else "",
    )
