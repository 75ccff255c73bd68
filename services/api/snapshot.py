"""Prints the description of the API as it would be served, to be kept and compared: a change in it is seen.

`python -m services.api.snapshot > tests/api/openapi.json` renews the one that the tests compare with.
"""

import sys
from typing import Any, cast

from services.api import app, openapi
from services.settings import Settings


def made() -> bytes:
    """The description, made from the handlers alone: nothing is opened for it."""
    nothing = cast("Any", None)
    return openapi.printed(app.create(Settings(), database=nothing, desk=nothing, blobs=nothing, passwords=nothing))


if __name__ == "__main__":
    sys.stdout.buffer.write(made())
