"""What happens by itself, and when: every limit of a stage and the rungs of its ladder.

No rung ever judges, refuses or grants; where the law says so, one opens the portfolio by silence. Spans are named by
their key in the programme's policy, so that the date in a mail, on a page and of the timer is one value. Source: case
design, section 3 (limits; reminders, escalation).
"""

from services.rules.case import Stage
from services.rules.ladders import From, Limit, Rung, To
from services.rules.second_reading import Way

S = Stage
REMIND_LEARNER = (To.LEARNER,)

PAUSABLE = tuple(
    stage for stage in Stage if stage not in {S.DRAFT, S.ISSUING, S.DECIDED, S.NOT_ELIGIBLE, S.UNDER_REVIEW, S.CLOSED}
)
"""Stages in which a case can stand still: it is under way, and no appeal has a clock of its own."""

WEEKS = range(1, 11)
"""Weeks after a panel was due in which a lead is reminded: they reach to the end of the longest time that it has."""

READING = (
    Rung("early", From.BEFORE_DUE, "5bd", "assessment_reminder", (To.WAITED_ON,)),
    Rung("soon", From.BEFORE_DUE, "1bd", "assessment_reminder", (To.WAITED_ON,)),
    Rung("late", From.AFTER_DUE, "1bd", "assessment_reminder", (To.WAITED_ON,)),
    Rung("lead", From.AFTER_DUE, "assessment_escalation", "assessment_overdue", (To.WAITED_ON, To.LEAD)),
    Rung("reoffer", From.AFTER_DUE, "assessment_reoffer", becomes="reoffer_seats"),
)
"""The ladder of whoever reads: the same mails for every seat, so that none tells which seat it is."""

LIMITS = (
    Limit(
        "advisor",
        (S.SUBMITTED,),
        "submitted_limit",
        (Rung("due", notice="case_to_take", to=(To.LEAD,)),),
    ),
    Limit(
        "eligibility",
        (S.ELIGIBILITY_REVIEW,),
        "eligibility_limit",
        (
            Rung("half", From.SHARE, "0.5", "eligibility_reminder", (To.WAITED_ON,)),
            Rung("most", From.SHARE, "0.8", "eligibility_reminder", (To.WAITED_ON,)),
            Rung("due", From.DUE, "", "eligibility_reminder", (To.WAITED_ON,)),
            Rung("silence", becomes="accept_eligibility", only_if="silence_means_eligible"),
            Rung("late", From.AFTER_DUE, "eligibility_escalation", "eligibility_overdue", (To.WAITED_ON, To.LEAD)),
        ),
        stops=True,
    ),
    Limit(
        "completion",
        (S.INCOMPLETE,),
        "incomplete_limit",
        (
            Rung("early", From.BEFORE_DUE, "15d", "completion_reminder", REMIND_LEARNER),
            Rung("soon", From.BEFORE_DUE, "5d", "completion_reminder", REMIND_LEARNER),
            Rung("last", From.BEFORE_DUE, "1d", "completion_reminder", REMIND_LEARNER),
            Rung("lapse", becomes="expire"),
        ),
        learner=True,
    ),
    Limit(
        "validity",
        (S.ELIGIBLE,),
        "eligible_validity",
        (
            Rung("early", From.BEFORE_DUE, "60d", "lapse_warning", REMIND_LEARNER),
            Rung("soon", From.BEFORE_DUE, "15d", "lapse_warning", REMIND_LEARNER),
            Rung("last", From.BEFORE_DUE, "5d", "lapse_warning", REMIND_LEARNER),
            Rung("lapse", becomes="expire"),
        ),
        learner=True,
    ),
    Limit(
        "idle",
        (S.ELIGIBLE,),
        "eligible_idle_lapse",
        (
            Rung("first", From.START, "eligible_idle_warning", "eligible_idle", REMIND_LEARNER),
            Rung("second", From.START, "eligible_idle_second", "lapse_warning", REMIND_LEARNER),
            Rung("lapse", becomes="expire"),
        ),
        learner=True,
    ),
    Limit(
        "confirmation",
        (S.ELIGIBLE,),
        "confirm_every",
        (
            Rung("asked", From.BEFORE_DUE, "confirm_notice", "confirmation_asked", REMIND_LEARNER),
            Rung("last", From.BEFORE_DUE, "5d", "confirmation_asked", REMIND_LEARNER),
            Rung("lapse", becomes="expire"),
        ),
        learner=True,
    ),
    Limit(
        "completeness",
        (S.PORTFOLIO_SUBMITTED,),
        "completeness_limit",
        (Rung("due", notice="completeness_overdue", to=(To.ADVISOR, To.LEAD)),),
        stops=True,
    ),
    Limit(
        "assigning",
        (S.ASSIGNING,),
        "assigning_limit",
        (Rung("due", notice="assignment_failed", to=(To.LEAD,)),),
    ),
    Limit(
        "offer",
        (
            S.ASSIGNING,
            S.IN_ASSESSMENT,
            S.MORE_EVIDENCE,
            S.DIRECT_ASSESSMENT,
            S.SECOND_ASSESSMENT,
            S.MODERATION,
            S.UNDER_REVIEW,
        ),
        "offer_limit",
        (
            Rung("remind", From.START, "offer_reminder", "offer_reminder", (To.SEAT,)),
            Rung("lapse", becomes="lapse_offer"),
        ),
        per_seat=True,
    ),
    Limit(
        "assessment",
        (S.IN_ASSESSMENT,),
        "assessment_limit",
        READING,
        stops=True,
    ),
    Limit("second", (S.SECOND_ASSESSMENT,), "second_limit", READING, stops=True),
    Limit(
        "evidence",
        (S.MORE_EVIDENCE,),
        "evidence_limit",
        (
            Rung("early", From.BEFORE_DUE, "15d", "evidence_reminder", REMIND_LEARNER),
            Rung("soon", From.BEFORE_DUE, "5d", "evidence_reminder", REMIND_LEARNER),
            Rung("last", From.BEFORE_DUE, "1d", "evidence_reminder", REMIND_LEARNER),
            Rung("timeout", becomes="request_timeout"),
        ),
        learner=True,
    ),
    Limit(
        "confer",
        (S.MODERATION,),
        "confer_limit",
        (
            Rung("soon", From.BEFORE_DUE, "1bd", "conferral_reminder", (To.AUTHORS,)),
            Rung("end", becomes="end_conferral"),
        ),
        way=Way.CONFER,
    ),
    Limit(
        "panel",
        (S.MODERATION,),
        "panel_limit",
        (
            Rung("soon", From.BEFORE_DUE, "5bd", "panel_reminder", (To.PANEL,)),
            Rung("due", From.DUE, "", "panel_overdue", (To.PANEL, To.LEAD)),
            *(Rung(f"week_{n}", From.AFTER_DUE, f"{7 * n}d", "panel_overdue", (To.LEAD,)) for n in WEEKS),
        ),
        stops=True,
        way=Way.PANEL,
    ),
    Limit(
        "panel_cap",
        (S.MODERATION,),
        "panel_cap",
        (Rung("end", notice="panel_too_late", to=(To.LEAD,), alarm=True),),
        stops=True,
        way=Way.PANEL,
    ),
    Limit(
        "slots",
        (S.DIRECT_ASSESSMENT,),
        "slots_limit",
        (
            Rung("due", notice="slots_needed", to=(To.CONDUCTOR,)),
            Rung("late", From.AFTER_DUE, "2bd", "slots_overdue", (To.CONDUCTOR, To.LEAD)),
        ),
    ),
    Limit(
        "booking",
        (S.DIRECT_ASSESSMENT,),
        "booking_limit",
        (
            Rung("first", From.START, "5bd", "slots_reminder", REMIND_LEARNER),
            Rung("second", From.START, "10bd", "slots_reminder", REMIND_LEARNER),
            Rung("third", From.START, "14bd", "slots_reminder", REMIND_LEARNER),
            Rung("call", notice="booking_to_call", to=(To.ADVISOR,)),
            Rung("on_file", From.AFTER_DUE, "booking_on_file", becomes="booking_timeout"),
        ),
        learner=True,
        apart=True,
    ),
    Limit(
        "meeting",
        (S.DIRECT_ASSESSMENT,),
        "",
        (
            Rung("early", From.BEFORE_DUE, "14d", "appointment_reminder", REMIND_LEARNER),
            Rung("soon", From.BEFORE_DUE, "2d", "appointment_reminder", REMIND_LEARNER),
            Rung("staff", From.BEFORE_DUE, "2d", "appointment_reminder_staff", (To.CONDUCTOR,)),
            Rung("over", becomes="meeting_over"),
        ),
        apart=True,
    ),
    Limit(
        "record",
        (S.DIRECT_ASSESSMENT,),
        "record_limit",
        (
            Rung("due", notice="record_reminder", to=(To.CONDUCTOR,)),
            Rung("again", From.AFTER_DUE, "1bd", "record_reminder", (To.CONDUCTOR,)),
            Rung("last", From.AFTER_DUE, "2bd", "record_reminder", (To.CONDUCTOR,)),
            Rung("lead", From.AFTER_DUE, "3bd", "record_overdue", (To.CONDUCTOR, To.LEAD)),
        ),
        apart=True,
    ),
    Limit(
        "decision",
        (S.DECISION_PENDING,),
        "decision_limit",
        (
            Rung("soon", From.BEFORE_DUE, "1bd", "decision_reminder", (To.WAITED_ON,)),
            Rung("due", From.DUE, "", "decision_overdue", (To.WAITED_ON, To.LEAD)),
            Rung("others", From.AFTER_DUE, "decision_escalation", "decision_overdue", (To.WAITED_ON, To.LEAD)),
        ),
    ),
    Limit(
        "clarity",
        (S.DECISION_PENDING,),
        "clarity_limit",
        (
            Rung("soon", From.BEFORE_DUE, "1bd", "clarity_reminder", (To.RETURNED,)),
            Rung("due", From.DUE, "", "clarity_overdue", (To.RETURNED, To.LEAD)),
            Rung("late", From.AFTER_DUE, "5bd", "clarity_overdue", (To.LEAD,)),
        ),
        apart=True,
    ),
    Limit(
        "pause",
        PAUSABLE,
        "",
        (
            Rung("soon", From.BEFORE_DUE, "5d", "pause_ending", (To.LEARNER, To.ADVISOR)),
            Rung("end", becomes="resume"),
        ),
        apart=True,
    ),
    Limit(
        "lapse_ruling",
        (S.CLOSED,),
        "lapse_ruling_limit",
        (
            Rung("soon", From.BEFORE_DUE, "1bd", "lapse_to_rule", (To.LEAD,)),
            Rung("due", From.DUE, "", "lapse_overdue", (To.LEAD,)),
        ),
        apart=True,
    ),
    Limit(
        "gap",
        (S.GAP_TRAINING,),
        "gap_limit",
        (
            Rung("first", From.START, "3mo", "gap_prompt", REMIND_LEARNER),
            Rung("second", From.START, "6mo", "gap_prompt", REMIND_LEARNER),
            Rung("third", From.START, "9mo", "gap_prompt", REMIND_LEARNER),
            Rung("end", becomes="close"),
        ),
        learner=True,
    ),
    Limit("issuing", (S.ISSUING,), "issuing_alert", (Rung("alarm", alarm=True),)),
    Limit("issuing_retry", (S.ISSUING,), "issuing_retry", (Rung("alarm", alarm=True),)),
    Limit(
        "letter",
        (S.ISSUING,),
        "letter_limit",
        (
            Rung("soon", From.BEFORE_DUE, "5d", "letter_late", (To.LEAD,)),
            Rung("due", From.DUE, "", "letter_late", (To.LEAD,), alarm=True),
        ),
    ),
    Limit(
        "appeal_admissibility",
        (S.UNDER_REVIEW,),
        "appeal_admissibility",
        (
            Rung("soon", From.BEFORE_DUE, "1bd", "appeal_reminder", (To.SEAT,)),
            Rung("due", From.DUE, "", "appeal_overdue", (To.SEAT, To.LEAD)),
        ),
    ),
    Limit(
        "appeal_naming",
        (S.UNDER_REVIEW,),
        "appeal_naming",
        (
            Rung("soon", From.BEFORE_DUE, "3bd", "appeal_panel_to_name", (To.LEAD,)),
            Rung("due", From.DUE, "", "appeal_overdue", (To.LEAD,)),
            Rung("cap", From.START, "appeal_naming_cap", "appeal_overdue", (To.SEAT, To.LEAD), alarm=True),
        ),
        apart=True,
    ),
    Limit(
        "appeal_ruling",
        (S.UNDER_REVIEW,),
        "appeal_ruling",
        (
            Rung("early", From.BEFORE_DUE, "10bd", "appeal_reminder", (To.SEAT,)),
            Rung("soon", From.BEFORE_DUE, "3bd", "appeal_reminder", (To.SEAT,)),
            Rung("due", From.DUE, "", "appeal_overdue", (To.SEAT, To.LEAD)),
            Rung("late", From.AFTER_DUE, "5bd", "appeal_overdue", (To.SEAT, To.LEAD)),
        ),
        apart=True,
    ),
    Limit("appeal_window", (S.DECIDED, S.NOT_ELIGIBLE), "", (Rung("end", becomes="close"),), learner=True),
)
LIMIT = {limit.key: limit for limit in LIMITS}

OF_STAFF = frozenset(
    limit.key
    for limit in LIMITS
    if limit.span and not (limit.learner or limit.per_seat) and any(rung.notice for rung in limit.rungs)
)
"""Limits of people who work on cases; the clock itself passes offers on, and alarms are an operator's."""


def of_stage(stage: Stage, way: Way | None = None) -> tuple[Limit, ...]:
    """The limits that begin when a case enters `stage`, settled by `way`; those of a seat begin with its offer."""
    return tuple(
        limit
        for limit in LIMITS
        if stage in limit.stages and not (limit.per_seat or limit.apart) and limit.way in (None, way)
    )


def rung_of(key: str) -> tuple[Limit, Rung]:
    """The limit and rung of a deadline key `{stage entry}/{limit}[:{subject}]/{rung}`. Raises `KeyError`."""
    _, limit_key, rung_key = key.split("/")
    limit = LIMIT[limit_key.partition(":")[0]]
    return limit, {rung.key: rung for rung in limit.rungs}[rung_key]


def subject_of(key: str) -> str:
    """The seat, or what else, a deadline key is about, or the empty string."""
    return key.split("/")[1].partition(":")[2]
