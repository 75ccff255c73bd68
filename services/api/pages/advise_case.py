"""A case as those who lead it see it: advisor, lead, mentor, who decides, who hears an appeal, who audits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID, uuid4

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api.access import Facts, Who
from services.api.house import Now, Reading, Writing
from services.api.pages import (
    advise_words,
    command_pages,
    command_words,
    conversation,
    effect_words,
    learner_tasks,
    live,
    steps,
)
from services.api.pages.seen import Offered, Seen
from services.api.pages.sent import TheForm
from services.api.pages.site import Page, ThePage
from services.api.pages.steps import Step
from services.api.routes import accommodations
from services.records import appeals, appointments, cases, evidence, letters, mentoring, remarks, timeline
from services.records.evidence import Shown
from services.records.tables.cases import Case
from services.records.tables.decisions import Letter
from services.records.tables.support import MentorNote
from services.rules import stages
from services.rules.case import SeatState, Stage
from services.rules.claims import ClaimState
from services.rules.people import Action, Answer, Caller, CaseFacts, Role, Tie, on_a_case
from services.rules.programmes import Text

LATEST = 5
"""Steps of the timeline that the page of a case shows; the whole of it has a page of its own."""

READ_FIRST = frozenset({"decide", "return_decision", "return_judgement"})
"""Commands that stand beside what has to be read before they are sent."""

FIRST = frozenset(
    {
        "admit_appeal",
        "answer_accommodation",
        "accept_portfolio",
        "check_transfer",
        "compose_panel",
        "name_appeal_panel",
        "rule_appeal",
        "rule_lapse",
        "take_case",
    }
)
"""Commands that somebody waits for: they stand out among what can be done."""

ELIGIBLE_STILL_OPEN = frozenset({Stage.SUBMITTED, Stage.ELIGIBILITY_REVIEW, Stage.INCOMPLETE})


@dataclass(frozen=True, slots=True)
class Group:
    """Commands about one thing."""

    title: Text
    commands: list[Offered]


@dataclass(frozen=True, slots=True)
class _Files:
    evidence: Sequence[Shown]
    letters: Sequence[Letter]


async def draw(seen: Seen) -> Response[str]:
    """The page of a case for whoever leads it; each view brings its own parts."""
    session, case, portrait = seen.session, seen.setting.case, seen.case
    files = await _files(session, case, seen.facts)
    return seen.page.show(
        "case/staff.html",
        case=portrait,
        view=portrait.view,
        done=seen.done,
        due=advise_words.due(getattr(portrait, "stage").due_at, zone=case.zone, now=seen.now),  # noqa: B009 - of a union
        waiting=advise_words.waiting(seen.page)[case.waiting_on],
        clock=advise_words.clocks(seen.page)[case.clock],
        states=claim_states(seen.page),
        seat_states=seat_states(seen.page),
        links=await _links(seen, contested=bool(await appeals.of_case(session, case.id))),
        groups=grouped([one for one in seen.offered if one.command not in READ_FIRST]),
        first=FIRST,
        evidence=files.evidence,
        letters=files.letters,
        retries=await retries(session, case, caller=seen.caller, facts=seen.facts),
        work=effect_words.of_key,
        arranged=(await accommodations.portrayed(session, case.id, facts=seen.facts)).requests,
        arrangements=command_words.choices("arrangement"),
        ways=command_words.choices("way"),
        services=command_words.choices("service"),
        key=uuid4(),
        notes=await _notes(session, case, seen),
        new=await conversation.new(session, case, caller=seen.caller, facts=seen.facts),
        beat=await live.of_case(session, case, caller=seen.caller, facts=seen.facts),
        remarks=await remarks.of_case(session, case.id) if _may(Action.SEE_REMARKS, seen.facts) else None,
        remarking=_may(Action.KEEP_REMARKS, seen.facts),
        latest=(await _steps(session, seen.page, case, seen.facts))[-LATEST:][::-1],
        has_timeline=_may(Action.SEE_TIMELINE, seen.facts),
    )


def _may(action: Action, facts: CaseFacts) -> bool:
    return on_a_case(action, facts) is Answer.ALLOWED


async def _links(seen: Seen, *, contested: bool) -> list[tuple[str, str]]:
    """Pages for one task each, where the task can be done now: path below the language, and words."""
    case, page, ties = seen.setting.case, seen.page, seen.facts.ties
    here = f"/cases/{case.id}"
    offers: list[tuple[bool, str, str]] = [
        (
            Tie.ADVISOR in ties and case.stage in ELIGIBLE_STILL_OPEN,
            f"{here}/eligibility",
            page.say("Check whether the application is eligible"),
        ),
        (_may(Action.SEE_SEATS, seen.facts), f"{here}/seats", page.say("Seats and who can be asked")),
        (
            _may(Action.SEE_SEATS, seen.facts) and case.stage is Stage.DECISION_PENDING,
            f"{here}/reasons",
            page.say("Reasons as the learner will read them"),
        ),
        (
            Tie.DECISION_MAKER in ties and case.stage is Stage.DECISION_PENDING,
            f"{here}/decision",
            page.say("Read the recommendations and decide"),
        ),
        (
            _may(Action.SEE_APPEALS, seen.facts) and contested,
            f"{here}/appeals",
            page.say("Reviews and appeals of this case"),
        ),
    ]
    met = bool(await appointments.of_case(seen.session, case.id)) and _may(Action.SEE_APPOINTMENTS, seen.facts)
    offers.append((met, f"{here}/appointments", page.say("Appointments of this case")))
    writes = Tie.INTAKE in ties and case.stage in learner_tasks.BUILDING
    offers += [
        (_may(Action.RECORD_WORDS, seen.facts), f"{here}/heard", page.say("What was said: calls, and words to keep")),
        (writes, f"{here}/self-check", page.say("Self-check, written with the learner")),
        (writes, f"{here}/story", page.say("Story, written with the learner")),
        (writes, f"{here}/evidence", page.say("Evidence, added with the learner")),
        (writes, f"{here}/send", page.say("Check and send for the learner")),
    ]
    return [(path, words) for when, path, words in offers if when]


def grouped(offered: list[Offered]) -> list[Group]:
    """The commands that can be sent now, by what they are about, in the order of a case's life."""
    found = {
        subject: [one for one in offered if steps.subject_of(one.command) == subject] for subject in steps.subjects()
    }
    return [Group(title, found[subject]) for subject, title in steps.subjects().items() if found[subject]]


async def _files(session: AsyncSession, case: Case, facts: CaseFacts) -> _Files:
    held = await evidence.of_case(session, case.id) if _may(Action.SEE_EVIDENCE, facts) else ()
    released = await letters.released_of(session, case.id) if _may(Action.SEE_LETTER, facts) else ()
    return _Files(held, released)


async def retries(session: AsyncSession, case: Case, *, caller: Caller, facts: CaseFacts) -> list[str]:
    """Effects that failed for good and that this reader may have tried again, by key."""
    if not facts.ties & {Tie.LEAD, Tie.PROGRAMME_ADMIN}:
        return []
    state, role = await cases.state(session, case), Role.LEAD if Tie.LEAD in facts.ties else Role.PROGRAMME_ADMIN
    return [
        key
        for key in state.failed_effects
        if "retry_effect" in stages.allowed(state, role, actor=caller.id, subject=key)
    ]


async def _notes(session: AsyncSession, case: Case, seen: Seen) -> list[MentorNote] | None:
    """A mentor's own notes; None for anybody else."""
    if not _may(Action.KEEP_NOTES, seen.facts):
        return None
    return await mentoring.notes(session, case_id=case.id, mentor=UUID(seen.caller.id))


async def _steps(session: AsyncSession, page: Page, case: Case, facts: CaseFacts) -> list[Step]:
    if not _may(Action.SEE_TIMELINE, facts):
        return []
    moved = await timeline.for_reader(session, case.id, facts=facts)
    return steps.told(page, moved, learner=Tie.LEARNER in facts.ties)


About = Annotated[str, QueryParameter(name="about", required=False)]


@get("/cases/{case_id:uuid}/timeline", opt={"action": Action.SEE_TIMELINE}, include_in_schema=False)
async def history(
    case_id: FromPath[UUID], *, page: ThePage, caller: Who, facts: Facts, reading: Reading, about: About = ""
) -> Response[str]:
    """Who did what and when, newest first; `about` one subject, with what the system did by itself folded."""
    worded, setting = await command_pages.setting(reading, page, case_id, caller=caller)
    every = await _steps(reading, worded, setting.case, facts)
    subjects = {name: title for name, title in steps.subjects().items() if any(one.subject == name for one in every)}
    return worded.show(
        "advise/timeline.html",
        case=setting.case,
        steps=[one for one in reversed(every) if about not in subjects or one.subject == about],
        subjects=subjects,
        about=about if about in subjects else "",
        beat=await live.of_case(reading, setting.case, caller=caller, facts=facts),
    )


@post("/cases/{case_id:uuid}/notes", opt={"action": Action.KEEP_NOTES}, include_in_schema=False)
async def keep_note(
    case_id: FromPath[UUID], *, page: ThePage, caller: Who, form: TheForm, writing: Writing, now: Now
) -> Redirect:
    """Keep a mentor's note."""
    await mentoring.note(
        writing,
        case_id=case_id,
        mentor=UUID(caller.id),
        text=form.one("text"),
        spoke=form.one("spoke") == "yes",
        now=now,
    )
    return page.go(f"/cases/{case_id}")


def claim_states(page: Page) -> dict[ClaimState, str]:
    """How far a claim is."""
    return {
        ClaimState.CLAIMED: page.say("claimed"),
        ClaimState.DOCUMENTED: page.say("documented"),
        ClaimState.IN_ASSESSMENT: page.say("being assessed"),
        ClaimState.RECOMMENDED_MET: page.say("recommended: met"),
        ClaimState.RECOMMENDED_PARTIAL: page.say("recommended: partly met"),
        ClaimState.RECOMMENDED_NOT_YET: page.say("recommended: not yet demonstrated"),
        ClaimState.INSUFFICIENT_EVIDENCE: page.say("not enough evidence"),
        ClaimState.GRANTED: page.say("granted"),
        ClaimState.GRANTED_BY_TRANSFER: page.say("granted by transfer"),
        ClaimState.NOT_YET: page.say("not yet demonstrated"),
        ClaimState.WITHDRAWN: page.say("withdrawn by the learner"),
        ClaimState.CREDENTIALED: page.say("recognised, with a credential"),
        ClaimState.SUSPENDED: page.say("suspended, under review"),
        ClaimState.SUPERSEDED: page.say("replaced by a later decision"),
        ClaimState.REVOKED: page.say("recognition withdrawn"),
    }


def seat_states(page: Page) -> dict[SeatState, str]:
    """How far a seat is."""
    return {
        SeatState.OFFERED: page.say("offered"),
        SeatState.DECLINED: page.say("declined"),
        SeatState.CONFLICT: page.say("conflict declared"),
        SeatState.EXPIRED: page.say("not answered in time"),
        SeatState.CANCELLED: page.say("cancelled"),
        SeatState.ACCEPTED: page.say("accepted"),
        SeatState.SUBMITTED: page.say("judgements sent in"),
        SeatState.FINAL: page.say("finished"),
        SeatState.DISMISSED: page.say("ended"),
    }
