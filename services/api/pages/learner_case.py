"""The case as its learner sees it: what there is to do, what comes next and by when, and what was decided."""

from litestar import Response

from services.api.pages.seen import Seen


async def draw(seen: Seen) -> Response[str]:
    """The learner's own case."""
    return seen.page.show("case/learner.html", case=seen.case, offered=seen.offered, done=seen.done)
