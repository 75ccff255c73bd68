"""A knowledge holder speaks in person: the advisor asks the questions of a third party and writes down the answers.

All open competencies stand in the form; those about which something was said are what the statement is about.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from services.api import problems
from services.api.access import Who
from services.api.house import Now, Reading, TheHouse
from services.api.pages import advise_calls, advise_heard, attest_form, command_pages
from services.api.pages.command_choices import Setting
from services.api.pages.command_fields import TICKED, Wrong
from services.api.pages.sent import Sent, TheForm
from services.api.pages.site import Page, ThePage
from services.api.problems import Problem
from services.api.routes import spoken_words
from services.records.oral_statements import Heard
from services.rules import attestations as rules
from services.rules import deadlines
from services.rules.attestations import Relation, Statement
from services.rules.claims import OPEN_CLAIMS
from services.rules.programmes import Language, Text
from services.rules.refusals import Refused

TYPED = ("language", "email", "since", "until", "consent")


@get("/cases/{case_id:uuid}/heard/holder", opt=advise_calls.HEARS, include_in_schema=False)
async def see(case_id: FromPath[UUID], *, page: ThePage, caller: Who, reading: Reading) -> Response[str]:
    """What to ask."""
    about, setting = await command_pages.setting(reading, page, case_id, caller=caller)
    begun = Statement(relation=Relation.COMMUNITY)
    return _shown(about, setting, said=begun, sent=Sent((("language", setting.case.language),)))


def _asked(setting: Setting) -> dict[str, Text]:
    """The competencies about which something can still be said."""
    open_ = {one.competency for one in setting.claims if one.state in OPEN_CLAIMS}
    return {one.key: one.title for one in setting.programme.competencies if one.key in open_}


def _shown(
    about: Page,
    setting: Setting,
    *,
    said: Statement,
    sent: Sent = advise_heard.NOTHING_SENT,
    wrong: tuple[Wrong, ...] = (),
    refused: Problem | None = None,
) -> Response[str]:
    return about.show(
        "advise/holder.html",
        case=setting.case,
        form={"learner": "", "competencies": _asked(setting)},
        typed={name: sent.one(name) for name in TYPED},
        **attest_form.questions(said, wrong=wrong, refused=refused),
    )


@post("/cases/{case_id:uuid}/heard/holder", opt=advise_calls.HEARS, include_in_schema=False)
async def write(
    case_id: FromPath[UUID], *, page: ThePage, form: TheForm, caller: Who, house: TheHouse, now: Now
) -> Response[Any]:
    """Keep what was said as a third party's statement that its author spoke in person."""
    async with house.database.reading() as session:
        about, setting = await command_pages.setting(session, page, case_id, caller=caller)
    asked = _asked(setting)
    said, wrong = attest_form.said_in(page, form, asked)
    refused: Refused | None = None
    if not wrong:
        try:
            await spoken_words.heard(case_id, about=_heard(form, setting, said), caller=caller, house=house, now=now)
            return page.go(f"/cases/{case_id}/heard?done=answered")
        except Refused as no:
            refused = no
            wrong = tuple(_named(page, one, _about(said), asked) for one in _faults(no, setting, _about(said), now=now))
    problem = problems.of_refusal(page.request, refused).content if refused is not None and not wrong else None
    return _shown(about, setting, said=said, sent=form, wrong=wrong, refused=problem)


def _spoken(said: Statement) -> tuple[str, ...]:
    """The competencies about which something was said."""
    return tuple(one.competency for one in said.observations if one.seen is not None or one.example)


def _heard(form: Sent, setting: Setting, said: Statement) -> Heard:
    """What the form says, about the claims that were spoken of."""
    spoken = _spoken(said)
    claims = tuple(one.id for one in setting.claims if one.competency in spoken and one.state in OPEN_CLAIMS)
    language = Language.FR if form.one("language") == Language.FR else Language.EN
    consent = max(rules.CONSENTS) if form.one("consent") == TICKED else ""
    return Heard(_about(said), claims, language, consent, form.one("email"))


def _about(said: Statement) -> Statement:
    """The statement, without the skills that were left out."""
    spoken = _spoken(said)
    return replace(said, observations=tuple(one for one in said.observations if one.competency in spoken))


def _faults(first: Refused, setting: Setting, said: Statement, *, now: datetime) -> list[Refused]:
    """Everything that a field mends, not the first of it alone; nothing where no field does."""
    if first.code in {"malformed", "consent_missing", "claim_unknown"}:
        return [first]
    if first.code not in attest_form.NOT_WHOLE:
        return []
    asked = {key: title for key, title in _asked(setting).items() if key in _spoken(said)}
    today = deadlines.local_day(now, setting.case.zone)
    return list(rules.faults(said, competencies=asked, today=today)) or [first]


def _named(page: Page, refused: Refused, said: Statement, competencies: dict[str, Text]) -> Wrong:
    """A fault at its field, in words of the form."""
    if refused.code == "claim_unknown":
        first = next(iter(competencies), "")
        return Wrong(f"seen-{first}", page.say("Write down what they said of at least one skill."))
    return advise_calls.named(page, refused, said, competencies)
