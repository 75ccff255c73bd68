"""Whether an application is eligible: what was given, side by side with what an advisor can do about it."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from litestar import Response, get
from litestar.params import FromPath

from services.api import portraits
from services.api.access import Facts, Who
from services.api.house import Now, Reading
from services.api.pages import advise_words, command_pages, command_words
from services.api.pages.site import Page, ThePage
from services.records import dossier, evidence
from services.records.tables.cases import Case, MissingItem
from services.rules.people import Action, Tie
from services.rules.programmes import Programme
from services.rules.refusals import Refused

ITEMS = 3
"""Empty lines offered for what is missing; the command's own page has more."""

TAKEN_HERE = frozenset({"record_meeting", "accept_eligibility", "ask_completion", "propose_refusal"})


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at: whether it is there, and what is there."""

    words: str
    there: bool
    says: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the learner wrote to one question of the form."""

    question: str
    text: str


def checks(
    page: Page, case: Case, programme: Programme, *, claims: int, files: int, items: list[MissingItem]
) -> list[Check]:
    """What was given, in the order in which an advisor reads it."""
    waits = sum(item.answered_at is None for item in items)
    found = [
        Check(
            page.say("Application sent"),
            case.submitted_at is not None,
            page.words.day(case.submitted_at) if case.submitted_at else page.say("not yet"),
        ),
        Check(page.say("Competencies claimed"), claims > 0, page.words.number(claims)),
        Check(page.say("Documents"), files > 0, page.words.number(files)),
        Check(
            page.say("Missing items answered"),
            waits == 0,
            page.say("nothing was asked for") if not items else page.say("%(waits)s still open", waits=waits),
        ),
    ]
    if programme.policy.information_meeting:
        held = case.informed_on
        found.append(
            Check(
                page.say("Information meeting"), held is not None, page.words.day(held) if held else page.say("not yet")
            )
        )
    return found


def answers(page: Page, case: Case, programme: Programme) -> list[Answer]:
    """What the learner wrote so far, question by question; what the form does not ask any more is left out."""
    return [
        Answer(page.text(field.label), str(case.answers[field.key]))
        for field in programme.form
        if case.answers.get(field.key)
    ]


@get("/cases/{case_id:uuid}/eligibility", opt={"action": Action.SEE_MISSING}, include_in_schema=False)
async def see(
    case_id: FromPath[UUID], *, page: ThePage, caller: Who, facts: Facts, reading: Reading, now: Now
) -> Response[str]:
    """The checklist, and the four answers that an advisor can give to it."""
    if Tie.ADVISOR not in facts.ties:
        raise Refused("forbidden")
    about, setting = await command_pages.setting(reading, page, case_id, caller=caller)
    case, programme = setting.case, setting.programme
    portrait = await portraits.of_case(reading, case_id, caller=caller, facts=facts, now=now)
    items = await dossier.missing_items(reading, case_id)
    files = await evidence.of_case(reading, case_id)
    return about.show(
        "advise/eligibility.html",
        case=portrait,
        due=advise_words.due(case.due_at, zone=case.zone, now=now),
        checks=checks(about, case, programme, claims=len(setting.claims), files=len(files), items=items),
        answers=answers(about, case, programme),
        items=items,
        evidence=files,
        offered={
            one: command_words.said(one) for one in portrait.commands if one in TAKEN_HERE & command_words.known()
        },
        keys={one: uuid4() for one in TAKEN_HERE},
        lines=range(ITEMS),
        today=now.date().isoformat(),
    )
