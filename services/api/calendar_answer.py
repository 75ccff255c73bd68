"""A date as a file to put into one's own calendar, in the reader's language."""

from litestar import Response

from services.api.house import House
from services.documents import calendar_files
from services.documents.calendar_files import Entry
from services.rules.people import Caller
from services.rules.programmes import Language


def of(entry: Entry, filename: str, *, caller: Caller, house: House) -> Response[bytes]:
    """The calendar file of `entry`, to be kept under `filename` and nowhere on the way."""
    content = calendar_files.made(
        entry, Language(caller.language), does=calendar_files.PUBLISH, domain=house.settings.mail_domain
    )
    return Response(
        content,
        media_type=f"{calendar_files.MEDIA_TYPE}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{filename}"', "Cache-Control": "private, no-store"},
    )
