"""The stages of a case and the moves between them.

This is the one table: the API guards with it, the workflow decides with it, pages offer what it allows,
`docs/stages.md` is printed from it, and the tests compare all of these with it.
Source: case design, sections 3.1 and 3.2.
"""

from dataclasses import dataclass

from services.rules import limits
from services.rules.appointments import AppointmentState
from services.rules.case import CaseState, Clock, Command, Missing, Phase, Stage, Step, WaitingOn
from services.rules.moves import (
    accommodating,
    appeals,
    appointments,
    charging,
    deciding,
    documentation,
    guiding,
    identification,
    judging,
    leaving,
    moderation,
    pausing,
    planning,
    requests,
    seats,
    transferring,
    upkeep,
)
from services.rules.people import Role
from services.rules.programmes import Text
from services.rules.refusals import Refused
from services.rules.second_reading import Way


@dataclass(frozen=True, slots=True)
class StageFacts:
    """What a stage is called, in which phase it lies, on whom it waits and whether our clock runs."""

    label: Text
    phase: Phase
    waiting_on: WaitingOn
    clock: Clock


S, W, P = Stage, WaitingOn, Phase
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
    S.DIRECT_ASSESSMENT: StageFacts(
        Text("Interview, test or observation", "Évaluation directe"), P.ASSESSMENT, W.ASSESSOR, RUNS
    ),
    S.SECOND_ASSESSMENT: StageFacts(Text("Second assessment", "Seconde évaluation"), P.ASSESSMENT, W.ASSESSOR, RUNS),
    S.MODERATION: StageFacts(Text("Moderation", "Modération"), P.ASSESSMENT, W.PANEL, RUNS),
    S.DECISION_PENDING: StageFacts(
        Text("Decision being made", "Décision à rendre"), P.CERTIFICATION, W.DECISION_MAKER, RUNS
    ),
    S.ISSUING: StageFacts(Text("Preparing your letter", "Délivrance"), P.CERTIFICATION, W.NONE, RUNS),
    S.DECIDED: StageFacts(Text("Decision made", "Décision rendue"), P.CERTIFICATION, W.NONE, STOPS),
    S.GAP_TRAINING: StageFacts(Text("Filling the gaps", "Formation manquante"), P.DOCUMENTATION, W.LEARNER, STOPS),
    S.UNDER_REVIEW: StageFacts(Text("Under appeal", "En révision"), P.CERTIFICATION, W.APPEAL_BODY, STOPS),
    S.CLOSED: StageFacts(Text("Closed", "Fermé"), P.CERTIFICATION, W.NONE, STOPS),
}
"""A case that is `incomplete` or `closed` keeps the phase it came from."""

MOVES = (
    *identification.MOVES,
    *guiding.MOVES,
    *documentation.MOVES,
    *transferring.MOVES,
    *seats.MOVES,
    *requests.MOVES,
    *appointments.MOVES,
    *judging.MOVES,
    *moderation.MOVES,
    *deciding.MOVES,
    *appeals.MOVES,
    *planning.MOVES,
    *leaving.MOVES,
    *pausing.MOVES,
    *accommodating.MOVES,
    *charging.MOVES,
    *upkeep.MOVES,
)
"""Every move, in the order in which a case meets them; a row's content is in `services/records/moves`."""

MOVE = {move.command: move for move in MOVES}

FACTS = ("deadline_reached", "effect_done", "effect_failed")
"""What the clock reports: legal in every stage, for a fact that were refused would be reported for ever."""

PIVOT = "publish_decision"
"""The effect whose completion makes a decision visible; in `issuing` it is the move `published`."""


def transition(case: CaseState, command: Command) -> Step:
    """Return the row of the table that `command` takes and the stage it leads to.

    Pure, so that the API's early answer, the workflow's verdict and the page's buttons cannot differ.
    Raises `Refused`: illegal_transition, not_your_move, on_hold, stale_version, or the code of a guard.
    """
    if command.kind in FACTS:
        return _fact(case, command)
    move = MOVE.get(command.kind)
    if move is None or case.stage not in move.sources:
        raise Refused("illegal_transition", stage=case.stage, command=command.kind)
    if command.role not in move.roles:
        raise Refused("not_your_move", command=command.kind)
    if case.paused and move.command not in pausing.WHILE_PAUSED:
        raise Refused("on_hold")
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
    """On whom the case waits now: for who decides once a refusal is proposed, for the learner in a pause or over dates.

    In moderation it waits for the two who confer or for a panel, which decides as well where the programme says so;
    a decision waits for reasons that are to be said more clearly, and a request for evidence of which only a report is
    missing for whoever was asked for it.
    """
    decision = case.stage is Stage.DECISION_PENDING
    otherwise = (
        (case.paused or _choosing(case), WaitingOn.LEARNER),
        (case.stage is Stage.MODERATION and case.moderation is Way.CONFER, WaitingOn.ASSESSOR),
        (case.stage is Stage.MORE_EVIDENCE and case.missing is Missing.REPORTS, WaitingOn.THIRD_PARTY),
        (decision and bool(case.unclear), WaitingOn.ASSESSOR),
        (decision and case.panel_decides, WaitingOn.PANEL),
        (case.stage is Stage.ELIGIBILITY_REVIEW and case.refusal_proposed, WaitingOn.DECISION_MAKER),
    )
    return next((who for so, who in otherwise if so), STAGES[case.stage].waiting_on)


def clock(case: CaseState) -> Clock:
    """Whether our own service standard counts now."""
    return Clock.STOPPED if case.paused or _choosing(case) else STAGES[case.stage].clock


def _choosing(case: CaseState) -> bool:
    """Whether the learner has dates of an appointment to choose from."""
    there = case.appointment if case.stage is Stage.DIRECT_ASSESSMENT else None
    return there is not None and there.state is AppointmentState.SLOTS_OFFERED
