"""The first page: what recognition is, how it goes, and where to begin."""

from litestar import Response, get

from services.api.pages.site import ThePage
from services.rules.people import Action


@get("/", opt={"action": Action.PUBLIC, "knows_session": True}, include_in_schema=False)
async def first(page: ThePage) -> Response[str]:
    """For everybody who comes here for the first time."""
    return page.show("public/welcome.html")
