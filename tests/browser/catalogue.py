"""Every page in every state that somebody can come to, and who opens it: the list that `test_pages.py` walks.

A page that lands later stands in `ROWS`, or the test of this list fails. Addresses are written as the routes are, with
names of `tests/browser/houses.py` in braces. How a state is brought about that an address alone does not show (an empty
form that is sent, a database that is gone) is said in `tests/browser/acts.py`.
"""

import re
from dataclasses import dataclass

from litestar.enums import HttpMethod

from services.api.pages import command_words, routing

NOBODY = ""
"""Somebody who is not signed in."""


@dataclass(frozen=True, slots=True)
class Row:
    """A page in one state: its name (of pictures), who opens it, where, with which answer, and what is done first."""

    name: str
    who: str
    path: str
    status: int = 200
    act: str = ""


PUBLIC = (
    Row("welcome", NOBODY, "/"),
    Row("help", NOBODY, "/help"),
    Row("privacy", NOBODY, "/privacy"),
    Row("accessibility", NOBODY, "/accessibility"),
    Row("programmes-public", NOBODY, "/programmes"),
    Row("programmes-none", NOBODY, "/programmes?q=astronaut"),
    Row("programme-public", NOBODY, "/programmes/sample-programme"),
    Row("sign-in", NOBODY, "/sign-in?next=%2Fen%2Fportfolio"),
    Row("sign-in-wrong", NOBODY, "/sign-in", act="sent_empty"),
    Row("invitation", NOBODY, "/invitations/{invitation}"),
    Row("invitation-wrong", NOBODY, "/invitations/{invitation}", act="sent_empty"),
    Row("invitation-ended", NOBODY, "/invitations/never-a-link", 404),
)
EMPLOYER = (
    Row("verify", NOBODY, "/verify"),
    Row("verify-wrong", NOBODY, "/verify?code=what", 422),
    Row("verify-no-file", NOBODY, "/verify", act="no_file"),
    Row("verify-valid", NOBODY, "/verify/{valid_code}"),
    Row("verify-withdrawn", NOBODY, "/verify/{withdrawn_code}"),
    Row("verify-expired", NOBODY, "/verify/{expired_code}", act="after_its_end"),
    Row("standard", NOBODY, "/standards/sample-programme.first/v1"),
    Row("verify-thanks", NOBODY, "/verify/thanks"),
    Row("verify-not-ours", NOBODY, "/verify/0000-0000-0000"),
    Row("verify-changed", NOBODY, "/verify", act="changed_file"),
    Row("verify-unchecked", NOBODY, "/verify/{valid_code}", 503, act="a_month_later"),
)
REFEREE = (
    Row("attest", NOBODY, "/attest/{asked_link}"),
    Row("attest-wrong", NOBODY, "/attest/{asked_link}", act="sent_empty_statement"),
    Row("attest-files", NOBODY, "/attest/{asked_link}/files"),
    Row("attest-decline", NOBODY, "/attest/{asked_link}/decline"),
    Row("attest-used", NOBODY, "/attest/{answered_link}", 404),
    Row("attest-ended", NOBODY, "/attest/never-a-link", 404),
    Row("figures", NOBODY, "/figures"),
    Row("figures-year", NOBODY, "/figures/sample-programme/2025"),
    Row("survey", NOBODY, "/survey/{survey_link}"),
    Row("survey-sponsored", NOBODY, "/survey/{survey_sponsored}"),
    Row("survey-wrong", NOBODY, "/survey/{survey_link}", act="sent_empty"),
    Row("survey-ended", NOBODY, "/survey/never-a-link", 404),
    Row("survey-thanks", NOBODY, "/surveyed?done=answered"),
    Row("survey-stopped", NOBODY, "/surveyed?done=stopped"),
    Row("attest-thanks", NOBODY, "/attested?done=sent"),
    Row("attest-declined", NOBODY, "/attested?done=declined"),
)
LEARNER = (
    Row("portfolio-empty", "newcomer", "/portfolio"),
    Row("portfolio", "learner_building", "/portfolio"),
    Row("portfolio-many", "learner", "/portfolio"),
    Row("session-ends", "learner", "/portfolio", act="session_ends"),
    Row("programmes", "learner", "/programmes"),
    Row("programme", "learner", "/programmes/sample-programme"),
    Row("start", "newcomer", "/programmes/sample-programme/start"),
    Row("start-wrong", "newcomer", "/programmes/sample-programme/start", act="sent_empty"),
    Row("case-draft", "learner", "/cases/{draft}"),
    Row("self-check", "learner", "/cases/{draft}/self-check"),
    Row("story", "learner", "/cases/{draft}/story"),
    Row("employers", "learner", "/cases/{draft}/employers"),
    Row("send", "learner", "/cases/{draft}/send"),
    Row("send-wrong", "learner", "/cases/{draft}/send", act="sent_empty"),
    Row("evidence-empty", "learner_eligible", "/cases/{eligible}/evidence"),
    Row("case-building", "learner_building", "/cases/{building}"),
    Row("evidence", "learner_building", "/cases/{building}/evidence"),
    Row("evidence-one", "learner_building", "/cases/{building}/evidence/{building_item}"),
    Row("evidence-sound", "learner_building", "/cases/{building}/evidence/{building_sound}"),
    Row("skills", "learner_building", "/cases/{building}/skills"),
    Row("references", "learner_building", "/cases/{building}/references"),
    Row("references-empty", "learner_eligible", "/cases/{eligible}/references"),
    Row("transfer", "learner_building", "/cases/{building}/transfer/first"),
    Row("send-portfolio", "learner_building", "/cases/{building}/send"),
    Row("receipt", "learner_building", "/cases/{building}/receipt"),
    Row("receipt-sent", "learner_assessing", "/cases/{assessing}/receipt"),
    Row("messages-empty", "learner_eligible", "/cases/{eligible}/messages"),
    Row("messages", "learner_incomplete", "/cases/{incomplete}/messages"),
    Row("credentials", "learner_valid", "/cases/{valid}/credentials"),
    Row("appointments-learner", "learner_booked", "/cases/{booked}/appointments"),
    Row("appointments-none", "learner_eligible", "/cases/{eligible}/appointments"),
    Row("account", "learner", "/account"),
    Row("account-privacy", "learner", "/account/privacy"),
    Row("about-me", "learner", "/account/about-me"),
    Row("about-me-kept", "learner_valid", "/account/about-me?saved=kept"),
    Row("account-privacy-asked", "learner_valid", "/account/privacy?saved=asked"),
    Row("case-sponsored", "learner_cohort", "/cases/{cohort}"),
    Row("case-sponsor-told", "learner_expired", "/cases/{expired}?saved=sponsor"),
    Row("case-of-another", "learner", "/cases/{judged}", 404),
    *(
        Row(f"learner-{turn.replace('_', '-')}", f"learner_{turn}", f"/cases/{{{turn}}}")
        for turn in (
            "no_advisor", "reviewed", "incomplete", "refused", "sent", "assessing", "asked", "dates", "booked",
            "judged", "issuing", "told", "gap", "paused", "lapsed", "challenged", "convened", "valid",
        )
    ),
)  # fmt: skip
ASSESSOR = (
    Row("queue-empty", "assessor_elsewhere", "/queue"),
    Row("queue", "assessor", "/queue"),
    Row("offer", "offered", "/cases/{offered}/offer"),
    Row("offer-wrong", "offered", "/cases/{offered}/offer", act="sent_empty"),
    Row("case-assessor", "assessor", "/cases/{assessing}"),
    Row("bench", "assessor", "/assess/{assessing}"),
    Row("reasons-unclear", "assessor", "/assess/{unclear}/reasons"),
    Row("bench-shown", "assessor", "/assess/{assessing}?shown={assessing_item}"),
    Row("bench-sound", "assessor", "/assess/{assessing}?shown={assessing_sound}"),
    Row("bench-conflict", "assessor", "/assess/{assessing}", act="two_windows"),
    Row("check-missing", "assessor", "/assess/{assessing}/check"),
    Row("proposal", "assessor", "/assess/{assessing}/proposal"),
    Row("proposal-wrong", "assessor", "/assess/{assessing}/proposal", act="sent_empty"),
    Row("bench-second", "assessor", "/assess/{second}"),
    Row("case-ordered", "assessor", "/cases/{ordered}"),
    Row("case-held", "assessor", "/cases/{held}"),
    Row("appointments", "assessor", "/cases/{held}/appointments"),
    Row("appointments-wrong", "assessor", "/cases/{held}/appointments", act="no_consent"),
    Row("compare", "assessor", "/cases/{differing}/compare"),
    Row("compare-all", "second_reader", "/cases/{differing}/compare?all=1"),
    Row("compare-wrong", "assessor", "/cases/{differing}/compare", act="wrote_nothing"),
    Row("calibration", "assessor", "/calibration"),
    Row("calibration-one", "assessor", "/calibration/sample-programme"),
    Row("comments", "assessor", "/comments"),
    Row("comments-empty", "assessor_elsewhere", "/comments"),
    Row("comments-wrong", "assessor_elsewhere", "/comments", act="sent_empty"),
    Row("known-people", "assessor", "/known-people"),
    Row("look-backs", "again", "/look-backs"),
    Row("look-backs-empty", "assessor_elsewhere", "/look-backs"),
    Row("look-back", "again", "/look-backs/{look_back}"),
)
PANEL = (
    Row("queue-panel", "chair", "/queue"),
    Row("case-panel", "chair", "/cases/{panel}"),
    Row("panel", "chair", "/cases/{panel}/panel"),
    Row("panel-member", "member", "/cases/{panel}/panel"),
    Row("panel-wrong", "chair", "/cases/{panel}/panel", act="sent_empty"),
)
ADVISOR = (
    Row("cases", "advisor", "/cases"),
    Row("cases-overdue", "advisor", "/cases?show=overdue"),
    Row("cases-filtered-away", "lead", "/cases?stage=moderation&clock=stopped&closed=1"),
    Row("cases-empty", "advisor_elsewhere", "/cases"),
    Row("cases-done", "advisor", "/cases/{reviewed}?done=accept_eligibility"),
    Row("eligibility", "advisor", "/cases/{reviewed}/eligibility"),
    Row("timeline", "lead", "/cases/{assessing}/timeline"),
    Row("enquiries", "advisor", "/enquiries"),
    Row("enquiries-done", "lead", "/enquiries?done=recorded"),
    Row("enquiries-empty", "advisor_elsewhere", "/enquiries"),
    Row("enquiries-wrong", "advisor", "/enquiries", act="sent_empty"),
    Row("intake", "advisor", "/intake"),
    Row("intake-asked", "advisor", "/intake?enquiry={enquiry}"),
    Row("intake-wrong", "advisor", "/intake", act="sent_empty"),
    Row("case-on-behalf", "advisor", "/cases/{on_behalf}"),
    Row("heard", "advisor", "/cases/{eligible}/heard"),
    Row("call", "advisor", "/cases/{building}/heard/{to_call}/call"),
    Row("holder", "advisor", "/cases/{building}/heard/holder"),
    Row("holder-wrong", "advisor", "/cases/{building}/heard/holder", act="sent_empty"),
    Row("call-wrong", "advisor", "/cases/{building}/heard/{to_call}/call", act="sent_empty_call"),
    Row("calendar", "lead", "/calendar?from=2026-02-20"),
    Row("calendar-empty", "advisor_elsewhere", "/calendar"),
    Row("case-mentor", "mentor", "/cases/{assessing}"),
    *(
        Row(f"advisor-{turn.replace('_', '-')}", "advisor", f"/cases/{{{turn}}}")
        for turn in (
            "reviewed", "incomplete", "eligible", "sent", "offered", "judged", "told", "gap", "paused", "closed",
        )
    ),
    Row("messages-advisor", "advisor", "/cases/{incomplete}/messages"),
    Row("messages-nudge", "advisor", "/cases/{incomplete}/messages?nudge=date_comes"),
    Row("command-waits", "advisor", "/commands/{waiting}"),
    Row("command-waits-long", "advisor", "/commands/{waiting_long}"),
    Row("command-refused", "advisor", "/commands/{turned_down}"),
    Row("command-wrong", "advisor", "/cases/{reviewed}/do/ask-completion", act="sent_empty"),
    Row("command-overtaken", "advisor", "/cases/{reviewed}/do/propose-refusal", act="overtaken"),
    Row("command-not-now", "advisor", "/cases/{reviewed}/do/accept-portfolio", 409),
)  # fmt: skip
LEAD = (
    Row("cases-lead", "lead", "/cases"),
    Row("cases-lead-empty", "lead_elsewhere", "/cases"),
    Row("case-lead", "lead", "/cases/{assessing}"),
    Row("reasons", "lead", "/cases/{unclear}/reasons"),
    Row("case-lead-no-advisor", "lead", "/cases/{no_advisor}"),
    Row("case-lead-challenged", "lead", "/cases/{challenged}"),
    Row("case-lead-differing", "lead", "/cases/{differing}"),
    Row("seats", "lead", "/cases/{offered}/seats"),
    Row("seats-instead", "lead", "/cases/{offered}/seats?instead={seat}"),
    Row("stats", "lead", "/stats"),
    Row("stats-year", "lead", "/stats?programme=sample-programme&period=2025"),
    Row("stats-nothing", "lead_elsewhere", "/stats"),
    Row("agreements", "lead", "/agreements"),
    Row("agreements-empty", "lead_elsewhere", "/agreements"),
    Row("agreements-wrong", "lead", "/agreements", act="sent_empty"),
    Row("agreement", "lead", "/agreements/{agreement}?done=joined&added=2&known=1"),
    Row("agreement-empty", "lead", "/agreements/{agreement_empty}?done=made"),
    Row("agreement-wrong", "lead", "/agreements/{agreement_empty}", act="sent_empty"),
    Row("agreement-list-wrong", "lead", "/agreements/{agreement_empty}", act="bad_list"),
    Row("agreement-over", "lead", "/agreements/{agreement_over}"),
    Row("appeals-lead", "lead", "/appeals"),
)
DECIDER = (
    Row("decisions", "decider", "/decisions"),
    Row("decisions-empty", "decision_maker_elsewhere", "/decisions"),
    Row("decision", "decider", "/cases/{judged}/decision"),
    Row("decider-judged", "decider", "/cases/{judged}"),
    Row("decider-told", "decider", "/cases/{told}"),
)
REVIEWER = (
    Row("appeals", "reviewer_admitted", "/appeals"),
    Row("appeals-empty", "appeal_reviewer_1_elsewhere", "/appeals"),
    Row("case-appeals-lodged", "reviewer_lodged", "/cases/{lodged}/appeals"),
    Row("case-appeals", "reviewer_admitted", "/cases/{admitted}/appeals"),
    Row("case-appeals-convened", "reviewer_convened", "/cases/{convened}/appeals"),
    Row("case-reviewer", "reviewer_convened", "/cases/{convened}"),
)
ADMINISTRATOR = (
    Row("admin", "admin", "/admin"),
    Row("stats-admin", "admin", "/stats?programme=sample-programme&period=2025"),
    Row("admin-health", "admin", "/admin/health"),
    Row("admin-examined", "admin", "/admin/health/examined"),
    Row("admin-keys", "admin", "/admin/keys"),
    Row("admin-health-empty", "programme_admin_elsewhere", "/admin/health"),
    Row("admin-programmes", "admin", "/admin/programmes"),
    Row("admin-programmes-empty", "programme_admin_elsewhere", "/admin/programmes"),
    Row("admin-programme", "admin", "/admin/programmes/sample-programme/1"),
    Row("admin-anchors", "admin", "/admin/programmes/sample-programme/anchors"),
    Row("admin-anchors-wrong", "admin", "/admin/programmes/sample-programme/anchors", act="sent_empty"),
    Row("admin-offers-empty", "admin", "/admin/programmes/sample-fr-vae/offers"),
    Row("admin-offers", "admin", "/admin/programmes/sample-programme/offers?offer=safe-work"),
    Row("admin-offers-wrong", "admin", "/admin/programmes/sample-programme/offers", act="sent_empty"),
    Row("admin-equivalences-empty", "admin", "/admin/programmes/sample-fr-vae/equivalences"),
    Row("admin-equivalences", "admin", "/admin/programmes/sample-programme/equivalences"),
    Row("admin-equivalences-found", "admin", "/admin/programmes/sample-programme/equivalences?q=astronaut"),
    Row(
        "admin-equivalences-withdrawn",
        "admin",
        "/admin/programmes/sample-programme/equivalences?done=withdrawn&own=second&other=sample-fr-vae/first",
    ),
    Row("admin-equivalences-wrong", "admin", "/admin/programmes/sample-programme/equivalences", act="sent_empty"),
    Row("admin-deadlines", "admin", "/admin/programmes/sample-programme/1/deadlines"),
    Row("admin-letters", "admin", "/admin/programmes/sample-programme/1/letters"),
    Row("admin-people", "admin", "/admin/people"),
    Row("admin-people-wrong", "admin", "/admin/people", act="sent_empty"),
    Row("admin-person", "admin", "/admin/people/{advisor}"),
    Row("account-staff", "admin", "/account"),
)
AUDITOR = (
    Row("audit", "auditor", "/audit"),
    Row("audit-nothing", "auditor", "/audit?case=NONE"),
    Row("audit-empty", "auditor_elsewhere", "/audit"),
    Row("audit-chain", "auditor", "/audit/chain"),
    Row("compare-auditor", "auditor", "/cases/{differing}/compare"),
)
FAULTS = (
    Row("no-page", NOBODY, "/nothing-here", 404),
    Row("not-allowed", "learner", "/admin", 403),
    Row("unreadable", "auditor", "/audit?after=x", 422),
    Row("too-often", NOBODY, "/attest/never-a-link", 429, act="too_often"),
    Row("our-fault", NOBODY, "/programmes", 500, act="fault_of_ours"),
    Row("unavailable", NOBODY, "/programmes", 503, act="database_gone"),
)

ROWS = (
    *PUBLIC, *EMPLOYER, *REFEREE, *LEARNER, *ASSESSOR, *PANEL, *ADVISOR, *LEAD, *DECIDER, *REVIEWER, *ADMINISTRATOR,
    *AUDITOR, *FAULTS,
)  # fmt: skip

WITHOUT_A_PAGE = {
    "/home": "leads on to where somebody begins",
    "/queue/next": "leads on to the next case that waits",
    "/cases/{case_id:uuid}/pulse": "says to an open page whether something happened",
    "/cases.csv": "a file",
    "/calendar.ics": "a file",
    "/audit.csv": "a file",
    "/admin/programmes/{slug:str}/{version:int}/letters/{kind:str}/{tongue:str}": "a letter in PDF",
    "/cases/{case_id:uuid}/decision/letters/{tongue:str}": "a letter in PDF",
}
"""Routes that answer GET and show no page of ours."""

WITHOUT_A_FORM = {
    "accept_offer": "is answered on the page of the offer",
    "decline_offer": "is answered on the page of the offer",
    "screen_again": "is answered on the page of the offer",
    "confirm_judgements": "asks nothing, and is sent where two readings were made of different versions of a portfolio",
    "settle_conferral": "is sent from the page that compares both assessments",
    "record_panel": "is sent from the page of the panel",
}
"""Commands that have words and, in no case of the house, a form of their own."""

COMMANDS = tuple(sorted(command_words.known() - set(WITHOUT_A_FORM)))
"""Commands whose form somebody opens in a case of the house; the walk finds out who, and in which."""

PAGES = len(ROWS) + len(COMMANDS)


def routes() -> set[str]:
    """Every path below the language that answers GET."""
    return {path for page in routing.PAGES if HttpMethod.GET in page.http_methods for path in page.paths}


def route(path: str) -> str:
    """Which of the routes an address of this list leads to; one without braces before one with. Raises `KeyError`."""
    wanted = path.partition("?")[0].strip("/").split("/")
    for one in sorted(routes(), key=lambda known: known.count("{")):
        pieces = one.strip("/").split("/")
        if len(pieces) == len(wanted) and all(map(_fits, pieces, wanted)):
            return one
    raise KeyError(path)


def _fits(declared: str, written: str) -> bool:
    return declared == written or (declared.startswith("{") and bool(written)) or bool(re.fullmatch(declared, written))
