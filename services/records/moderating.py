"""The way into moderation: how readings that differ, or a file that a panel reads itself, are to be settled."""

from services.records.moves.content import Setting, Told
from services.rules.second_reading import Way


async def lead_into(setting: Setting, *, way: Way) -> tuple[Told, ...]:
    """Let the case be settled by `way` (`confer` or `panel`); called by every move that leads to moderation.

    Answers who is told. The caller's outcome leads to `Stage.MODERATION`.
    """
    setting.case.moderation = way
    return ()
