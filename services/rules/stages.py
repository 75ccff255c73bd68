"""The stages of a case and the moves between them.

This is the one table: the API guards with it, the workflow decides with it, pages offer what it allows,
`docs/stages.md` is printed from it, and the tests compare all of these with it.
Source: case design, sections 3.1 and 3.2.
"""

from collections.abc import Callable
from dataclasses import dataclass

from services.rules import guards, limits
from services.rules.case import CaseState, Clock, Command, Lane, Phase, Stage, Step, WaitingOn
from services.rules.guards import Guard
from services.rules.limits import To
from services.rules.people import Role
from services.rules.programmes import Text
from services.rules.refusals import Refused


@dataclass(frozen=True, slots=True)
class StageFacts:
    """What a stage is called, in which phase it lies, on whom it waits and whether our clock runs."""

    label: Text
    phase: Phase
    waiting_on: WaitingOn
    clock: Clock


@dataclass(frozen=True, slots=True)
class Work:
    """An effect that a move queues: the activity that carries it out, and its lane."""

    activity: str
    lane: Lane = Lane.ISSUE


@dataclass(frozen=True, slots=True)
class Notice:
    """A mail that a move queues."""

    kind: str
    to: To


Target = Stage | Callable[[CaseState, Command], Stage]


@dataclass(frozen=True, slots=True)
class Move:
    """One arrow: who may send `command` from where, what must hold, where it leads and what follows.

    `by_itself`: the case makes this move as soon as its guards allow it.
    """

    command: str
    sources: tuple[Stage, ...]
    target: Target
    roles: tuple[Role, ...]
    guards: tuple[Guard, ...] = ()
    effects: tuple[Work, ...] = ()
    notices: tuple[Notice, ...] = ()
    by_itself: bool = False


S, R, W, P = Stage, Role, WaitingOn, Phase
RUNS, STOPS = Clock.RUNNING, Clock.STOPPED

STAGES: dict[Stage, StageFacts] = {
    S.DRAFT: StageFacts(Text("Draft", "Brouillon"), P.IDENTIFICATION, W.LEARNER, STOPS),
    S.SUBMITTED: StageFacts(Text("Received", "Demande déposée"), P.IDENTIFICATION, W.LEAD, RUNS),
    S.ELIGIBILITY_REVIEW: StageFacts(
        Text("Eligibility check", "Étude de recevabilité"), P.IDENTIFICATION, W.ADVISOR, RUNS
    ),
    S.INCOMPLETE: StageFacts(Text("Something is missing", "Dossier incomplet"), P.IDENTIFICATION, W.LEARNER, STOPS),
    S.NOT_ELIGIBLE: StageFacts(Text("Not eligible", "Non recevable"), P.IDENTIFICATION, W.NONE, STOPS),
    S.ELIGIBLE: StageFacts(
        Text("Eligible: building your portfolio", "Recevable\u00a0: dossier en préparation"),
        P.DOCUMENTATION,
        W.LEARNER,
        STOPS,
    ),
    S.PORTFOLIO_SUBMITTED: StageFacts(
        Text("Portfolio received", "Dossier de preuves déposé"), P.DOCUMENTATION, W.ADVISOR, RUNS
    ),
    S.ASSIGNING: StageFacts(Text("Finding an assessor", "En attribution"), P.ASSESSMENT, W.ASSESSOR, RUNS),
    S.IN_ASSESSMENT: StageFacts(Text("Being assessed", "En évaluation"), P.ASSESSMENT, W.ASSESSOR, RUNS),
    S.MORE_EVIDENCE: StageFacts(
        Text("More evidence asked", "Preuves complémentaires demandées"), P.DOCUMENTATION, W.LEARNER, STOPS
    ),
    S.DECISION_PENDING: StageFacts(
        Text("Decision being made", "Décision à rendre"), P.CERTIFICATION, W.DECISION_MAKER, RUNS
    ),
    S.ISSUING: StageFacts(Text("Preparing your letter", "Délivrance"), P.CERTIFICATION, W.NONE, RUNS),
    S.DECIDED: StageFacts(Text("Decision made", "Décision rendue"), P.CERTIFICATION, W.NONE, STOPS),
    S.CLOSED: StageFacts(Text("Closed", "Fermé"), P.CERTIFICATION, W.NONE, STOPS),
}
"""A case that is `incomplete` or `closed` keeps the phase it came from."""

OPEN = tuple(stage for stage in Stage if stage not in {S.ISSUING, S.DECIDED, S.NOT_ELIGIBLE, S.CLOSED})
"""Stages that a learner can still withdraw from."""


ONCE_DECIDED = tuple(stage for stage in Stage if stage not in {S.DRAFT, S.ISSUING})
"""Stages that a case may be in after a decision: a reopened one passes through all of them again."""

SEATING = (S.ASSIGNING, S.IN_ASSESSMENT, S.MORE_EVIDENCE)
"""Stages in which a seat may be on offer."""


def where_it_came_from(case: CaseState, _: Command) -> Stage:
    """Back to the stage that asked."""
    return case.return_to or Stage.ELIGIBILITY_REVIEW


def where_it_is(case: CaseState, _: Command) -> Stage:
    """A move within the stage."""
    return case.stage


def when_the_last_one_is_in(case: CaseState, command: Command) -> Stage:
    """On to the decision with the last assessor's judgements, otherwise still in assessment."""
    return Stage.IN_ASSESSMENT if guards.others_still_judge(case, command) else Stage.DECISION_PENDING


def where_it_lives_again(case: CaseState, command: Command) -> Stage:
    """A lapsed or withdrawn case goes back to where it was; a completed one takes up its open claims again."""
    return guards.REOPENED_AT.get(case.closed_as, where_it_came_from(case, command))


def where_it_is_judged_anew(case: CaseState, _: Command) -> Stage:
    """What a barred person found is void: a case that was about to be decided is assessed again."""
    return Stage.IN_ASSESSMENT if case.stage is Stage.DECISION_PENDING else case.stage


RECOGNISE = (Work("reserve_issuance"), Work("sign_credentials"), Work("render_letter"), Work("publish_decision"))
REFUSE = (Work("render_letter"), Work("publish_decision"))
REVOKE = (Work("rebuild_status_list"), Work("render_letter"), Work("publish_decision"))

MOVES = (
    # identification
    Move(
        "submit",
        (S.DRAFT,),
        S.SUBMITTED,
        (R.LEARNER,),
        (guards.has_claims,),
        notices=(Notice("submitted", To.LEARNER),),
    ),
    Move(
        "take_case",
        (S.SUBMITTED,),
        S.ELIGIBILITY_REVIEW,
        (R.CLOCK, R.LEAD),
        (guards.advisor_named,),
        notices=(Notice("advisor_named", To.LEARNER), Notice("case_taken", To.ADVISOR)),
        by_itself=True,
    ),
    Move(
        "ask_completion",
        (S.ELIGIBILITY_REVIEW, S.PORTFOLIO_SUBMITTED),
        S.INCOMPLETE,
        (R.ADVISOR,),
        notices=(Notice("completion_asked", To.LEARNER),),
    ),
    Move("complete", (S.INCOMPLETE,), where_it_came_from, (R.LEARNER,), notices=(Notice("completed", To.ADVISOR),)),
    Move(
        "accept_eligibility",
        (S.ELIGIBILITY_REVIEW,),
        S.ELIGIBLE,
        (R.ADVISOR,),
        (guards.has_claims,),
        notices=(Notice("eligible", To.LEARNER),),
    ),
    Move(
        "propose_refusal",
        (S.ELIGIBILITY_REVIEW,),
        where_it_is,
        (R.ADVISOR,),
        (guards.no_refusal_proposed,),
        notices=(Notice("decision_needed", To.DECISION_MAKER),),
    ),
    Move(
        "refuse_eligibility",
        (S.ELIGIBILITY_REVIEW,),
        S.NOT_ELIGIBLE,
        (R.DECISION_MAKER,),
        (guards.refusal_proposed,),
        effects=REFUSE,
    ),
    # documentation
    Move(
        "submit_portfolio",
        (S.ELIGIBLE,),
        S.PORTFOLIO_SUBMITTED,
        (R.LEARNER,),
        (guards.has_claims,),
        notices=(Notice("portfolio_received", To.LEARNER), Notice("portfolio_to_check", To.ADVISOR)),
    ),
    Move("accept_portfolio", (S.PORTFOLIO_SUBMITTED,), S.ASSIGNING, (R.ADVISOR,), (guards.has_claims,)),
    # assessment
    Move("accept_offer", SEATING, where_it_is, (R.ASSESSOR,), (guards.seat_on_offer,)),
    Move("decline_offer", SEATING, where_it_is, (R.ASSESSOR,), (guards.seat_on_offer,)),
    Move(
        "declare_conflict",
        (*SEATING, S.DECISION_PENDING),
        where_it_is_judged_anew,
        (R.ASSESSOR,),
        (guards.seat_open,),
    ),
    Move("lapse_offer", SEATING, where_it_is, (R.CLOCK,), (guards.offer_still_open,)),
    Move("reoffer_seats", (S.IN_ASSESSMENT,), where_it_is, (R.CLOCK,)),
    Move("reassign", (S.ASSIGNING, S.IN_ASSESSMENT), where_it_is, (R.LEAD,)),
    Move(
        "start_assessment",
        (S.ASSIGNING,),
        S.IN_ASSESSMENT,
        (R.CLOCK,),
        (guards.every_seat_accepted,),
        notices=(Notice("assessment_started", To.LEARNER),),
        by_itself=True,
    ),
    Move(
        "request_evidence",
        (S.IN_ASSESSMENT,),
        S.MORE_EVIDENCE,
        (R.ASSESSOR,),
        (guards.seat_accepted, guards.round_left),
        notices=(Notice("evidence_asked", To.LEARNER),),
    ),
    Move(
        "answer_request",
        (S.MORE_EVIDENCE,),
        where_it_came_from,
        (R.LEARNER,),
        notices=(Notice("evidence_answered", To.SEAT),),
    ),
    Move(
        "request_timeout",
        (S.MORE_EVIDENCE,),
        where_it_came_from,
        (R.CLOCK,),
        notices=(Notice("evidence_timeout", To.LEARNER), Notice("evidence_timeout_staff", To.SEAT)),
    ),
    Move(
        "submit_judgements",
        (S.IN_ASSESSMENT,),
        when_the_last_one_is_in,
        (R.ASSESSOR,),
        (guards.seat_accepted,),
    ),
    # certification
    Move("decide", (S.DECISION_PENDING,), S.ISSUING, (R.DECISION_MAKER,), effects=RECOGNISE),
    Move("published", (S.ISSUING,), S.DECIDED, (R.CLOCK,)),
    Move("close", (S.DECIDED, S.NOT_ELIGIBLE), S.CLOSED, (R.CLOCK,)),
    # ways out, and back in
    Move(
        "expire",
        (S.DRAFT, S.INCOMPLETE, S.ELIGIBLE),
        S.CLOSED,
        (R.CLOCK,),
        notices=(Notice("lapsed", To.LEARNER),),
    ),
    Move(
        "withdraw",
        OPEN,
        S.CLOSED,
        (R.LEARNER,),
        notices=(Notice("withdrawn", To.LEARNER),),
    ),
    Move(
        "undo_withdraw",
        (S.CLOSED,),
        where_it_came_from,
        (R.LEARNER,),
        (guards.was_withdrawn,),
        notices=(Notice("reopened", To.LEARNER),),
    ),
    Move(
        "reopen",
        (S.CLOSED,),
        where_it_lives_again,
        (R.LEARNER, R.ADVISOR, R.LEAD),
        (guards.may_reopen, guards.something_to_reopen),
        notices=(Notice("reopened", To.LEARNER),),
    ),
    # within a stage
    Move(
        "extend",
        (S.INCOMPLETE, S.MORE_EVIDENCE, S.ELIGIBLE, S.IN_ASSESSMENT),
        where_it_is,
        (R.LEARNER, R.LEAD),
        (guards.extension_left,),
        notices=(Notice("extension_granted", To.LEARNER),),
    ),
    Move("revoke_grant", ONCE_DECIDED, where_it_is, (R.DECISION_MAKER,), effects=REVOKE),
    Move("retry_effect", tuple(Stage), where_it_is, (R.LEAD, R.PROGRAMME_ADMIN), (guards.effect_failed,)),
)
MOVE = {move.command: move for move in MOVES}

FACTS = ("deadline_reached", "effect_done", "effect_failed")
"""What the clock reports: legal in every stage, for a fact that were refused would be reported for ever."""

PIVOT = "publish_decision"
"""The effect whose completion makes a decision visible; in `issuing` it is the move `published`."""


def transition(case: CaseState, command: Command) -> Step:
    """Return the row of the table that `command` takes and the stage it leads to.

    Pure, so that the API's early answer, the workflow's verdict and the page's buttons cannot differ.
    Raises `Refused`: illegal_transition, not_your_move, stale_version, or the code of a guard.
    """
    if command.kind in FACTS:
        return _fact(case, command)
    move = MOVE.get(command.kind)
    if move is None or case.stage not in move.sources:
        raise Refused("illegal_transition", stage=case.stage, command=command.kind)
    if command.role not in move.roles:
        raise Refused("not_your_move", command=command.kind)
    if command.expected_version != case.version:
        raise Refused("stale_version", version=str(case.version))
    for guard in move.guards:
        if code := guard(case, command):
            raise Refused(code)
    return Step(move.command, move.target(case, command) if callable(move.target) else move.target)


def _fact(case: CaseState, command: Command) -> Step:
    """A fact carries the move that it becomes, where the table allows that move now; otherwise it only closes."""
    if command.role is not Role.CLOCK:
        raise Refused("command_mismatch")
    becomes = _becomes(case, command)
    own = Command(command.id, becomes, case.id, command.actor, Role.CLOCK, case.version, command.subject)
    return transition(case, own) if becomes and _permits(case, own) else Step(command.kind, case.stage)


def _becomes(case: CaseState, command: Command) -> str:
    if command.kind == "deadline_reached":
        try:
            return limits.rung_of(command.subject)[1].becomes
        except KeyError:  # a rung of an earlier release, of which nothing is left but its key
            return ""
    published = command.kind == "effect_done" and case.stage is Stage.ISSUING and _is_pivot(command.subject)
    return "published" if published and not _waits_for_another(case, command.subject) else ""


def _is_pivot(key: str) -> bool:
    return key.endswith(f":{PIVOT}")


def _waits_for_another(case: CaseState, key: str) -> bool:
    """Whether a later decision is still to be published: then `key` published a withdrawal that was made before it."""
    waiting = [effect.key for effect in case.effects] + list(case.failed_effects)
    return any(_is_pivot(other) and _version(other) > _version(key) for other in waiting)


def _version(key: str) -> int:
    """The version of the case at which an effect was queued; its key is `{case}:{version}:{activity}`."""
    return int(key.split(":")[1])


def by_itself(case: CaseState) -> str | None:
    """The move that the case can make now without being asked, if there is one."""
    for move in MOVES:
        if move.by_itself and _permits(case, Command("", move.command, case.id, "", Role.CLOCK, case.version)):
            return move.command
    return None


def allowed(case: CaseState, role: Role, *, actor: str = "", subject: str = "") -> list[str]:
    """The commands that a page may offer `actor` as `role` now, in the table's order.

    `subject` is the seat or effect that the page is about; content (a missing rationale, an unready file)
    is not looked at: a page offers the command and says what is missing.
    """
    return [
        move.command
        for move in MOVES
        if _permits(case, Command("", move.command, case.id, actor, role, case.version, subject))
    ]


def _permits(case: CaseState, command: Command) -> bool:
    try:
        transition(case, command)
    except Refused:
        return False
    return True


def waiting_on(case: CaseState) -> WaitingOn:
    """On whom the case waits now: a proposed refusal waits for the person who decides."""
    if case.stage is Stage.ELIGIBILITY_REVIEW and case.refusal_proposed:
        return WaitingOn.DECISION_MAKER
    return STAGES[case.stage].waiting_on
