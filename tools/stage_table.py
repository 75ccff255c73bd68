"""Print `docs/stages.md` from the tables that the program itself runs on.

Run `python -m tools.stage_table > docs/stages.md`. The diagram leaves out moves within a stage, and the ways out
and back that begin almost everywhere.
"""

from collections.abc import Iterable

from services.rules import guards, limits, stages
from services.rules.case import CaseState, Command, Stage
from services.rules.ladders import From, Limit, Rung
from services.rules.moves import targets
from services.rules.moves.arrows import Move
from services.rules.people import Role
from services.rules.stages import MOVES, STAGES

OPENING = """\
# The stages of a case

Printed by `python -m tools.stage_table` from `services/rules/stages.py`,
`services/rules/moves` and `services/rules/limits.py`; a test holds
this page against them. A case has one stage, waits on one kind of person, and moves only along the second table.
"""

FROM_ALMOST_EVERYWHERE = frozenset({"withdraw", "undo_withdraw", "reopen"})

NOT_DRAWN = """\
Not drawn: `withdraw` leads from every open stage to `closed`; `undo_withdraw` and `reopen` lead back."""

COUNTED = {
    From.START: "{by} after the start",
    From.BEFORE_DUE: "{by} before it is due",
    From.SHARE: "at {by} of the time",
    From.DUE: "when due",
    From.AFTER_DUE: "{by} after it was due",
}


def table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [heads, ("--",) * len(heads), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def said(words: Iterable[str]) -> str:
    """Codes side by side, or a dash."""
    return ", ".join(f"`{word}`" for word in words) or "–"


def destinations(move: Move, source: Stage) -> list[Stage]:
    """Every stage that `move` can lead to from `source`, found by asking it about each case that can be there."""
    if not callable(move.target):
        return [move.target]
    into = [m for m in MOVES if m.target is source or source in targets.REACHES.get(m.target, frozenset())]
    came_from = [other for other in Stage if any(other in m.sources for m in into) and _is_past(source, other)]
    asked = [CaseState("", source, 1, "", return_to=other, unseated_claims=n) for other in came_from for n in (0, 1)]
    command = Command("", move.command, "", "", move.roles[0], 1)
    found = {move.target(case, command) for case in asked}
    by_content = targets.REACHES.get(move.target, frozenset()) if found - {source} else frozenset()
    return sorted(found | by_content, key=list(Stage).index)


def _is_past(source: Stage, other: Stage) -> bool:
    """Whether a case in `source` goes back to `other`: through a closed or appealed one, to what came before that."""
    return other is not Stage.UNDER_REVIEW and (other is not Stage.CLOSED or source is Stage.UNDER_REVIEW)


def leads_to(move: Move) -> str:
    """Where a move leads, by code or in words."""
    if callable(move.target):
        words = (move.target.__doc__ or "").rstrip(".")
        return words[:1].lower() + words[1:]
    return f"`{move.target}`"


def who(move: Move) -> str:
    """The roles that may send a move; `clock` is the case itself."""
    roles = said(role for role in move.roles if role is not Role.CLOCK)
    if Role.CLOCK not in move.roles:
        return roles
    return "the case itself" if roles == "–" else f"the case itself, {roles}"


def sources(move: Move) -> str:
    """Where a move begins."""
    return "every stage" if set(move.sources) == set(Stage) else said(move.sources)


def holds(move: Move) -> str:
    """What must hold, in the guards' own words."""
    return " ".join(guard.__doc__ or "" for guard in move.guards) or "–"


def diagram() -> str:
    """The moves between stages as a Mermaid state diagram."""
    arrows = [
        f"    {source} --> {target}: {move.command}\n"
        for move in MOVES
        if move.command not in FROM_ALMOST_EVERYWHERE
        for source in move.sources
        for target in destinations(move, source)
        if target is not source
    ]
    return f"```mermaid\nstateDiagram-v2\n    [*] --> draft\n{''.join(arrows)}    closed --> [*]\n```\n"


def rung_in_words(rung: Rung) -> str:
    """One rung of a ladder: when, and what happens."""
    when = COUNTED[rung.counted].format(by=rung.by)
    mail = f"`{rung.notice}` to {said(rung.to)}" if rung.notice else ""
    own = f"the case moves by `{rung.becomes}`" if rung.becomes else ""
    alarm = "the operator is alarmed" if rung.alarm else ""
    return f"{when}: {'; '.join(part for part in (mail, own, alarm) if part)}"


def whose(limit: Limit) -> str:
    """For whom a limit runs, whether a request for more evidence stops it, and in which way of moderation it runs."""
    subject = "learner" if limit.learner else "each seat" if limit.per_seat else "staff"
    way = f", while it is settled by `{limit.way}`" if limit.way else ""
    return f"{subject}, can be stopped{way}" if limit.stops else subject + way


def page() -> str:
    """The whole page."""
    stage_rows = [
        (f"`{stage}`", facts.label.en, facts.label.fr, facts.phase, facts.waiting_on, facts.clock)
        for stage, facts in STAGES.items()
    ]
    move_rows = [
        (
            f"`{move.command}`",
            sources(move),
            leads_to(move),
            who(move),
            holds(move),
            said(work.activity for work in move.effects),
            said(notice.kind for notice in move.notices),
        )
        for move in MOVES
    ]
    limit_rows = [
        (
            f"`{limit.key}`",
            said(limit.stages),
            f"`{limit.span}`" if limit.span else "a date that was fixed",
            whose(limit),
            "<br>".join(rung_in_words(rung) for rung in limit.rungs),
        )
        for limit in limits.LIMITS
    ]
    returns = ", ".join(f"`{word}` lives again at `{stage}`" for word, stage in guards.REOPENED_AT.items() if word)
    return "\n".join(
        [
            OPENING,
            table(("Stage", "English", "Français", "Phase", "Waits on", "Our clock"), stage_rows),
            f"Our clock is what the service standard counts. {stages.waiting_on.__doc__}\n",
            "## The moves between stages\n",
            diagram(),
            f"{NOT_DRAWN} A case closed as {returns}; every other one where it was.\n",
            table(("Move", "From", "To", "Who", "What must hold", "Effects", "Mails"), move_rows),
            "## What happens by itself\n",
            "No rung ever judges, refuses or grants. Lengths are keys of the programme's policy.\n",
            table(("Limit", "Stages", "Length", "For", "Rungs"), limit_rows),
        ]
    )


if __name__ == "__main__":
    print(page(), end="")
