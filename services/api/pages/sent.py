"""What a form of a page sent: names and texts, nothing more, within limits."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID, uuid4

from litestar import Request
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from services.api import numerals
from services.api.forms import MOST_ENTRIES
from services.rules.refusals import Refused

MOST_FIELDS = 5000


@dataclass(frozen=True, slots=True)
class Sent:
    """The fields of a form in the order in which they came; spaces around what was typed do not count."""

    fields: tuple[tuple[str, str], ...]

    def one(self, name: str, default: str = "") -> str:
        """The value of a field that comes once; the last one counts."""
        return next((value for key, value in reversed(self.fields) if key == name), default)

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a field that may come several times."""
        return tuple(value for key, value in self.fields if key == name and value)

    def under(self, prefix: str) -> dict[str, str]:
        """The fields whose names begin with `prefix`, without it."""
        return {key.removeprefix(prefix): value for key, value in self.fields if key.startswith(prefix)}

    def id(self, name: str) -> UUID:
        """A field that is an id. Raises `Refused('malformed')`."""
        try:
            return UUID(self.one(name))
        except ValueError:
            raise Refused("malformed", field=name) from None

    def number(self, name: str) -> int:
        """A field that is a whole number. Raises `Refused('malformed')`."""
        number = numerals.read(self.one(name))
        if number is None:
            raise Refused("malformed", field=name)
        return number

    def rows(self, path: str) -> list[int]:
        """The numbers of the rows of a list that were sent (`{path}-{number}-…`), in order.

        Raises `Refused('malformed')` for a row further down than any list goes.
        """
        written = {key.partition("-")[0] for key in self.under(f"{path}-")}
        numbers = sorted(number for one in written if (number := numerals.read(one)) is not None)
        if numbers and numbers[-1] >= MOST_ENTRIES:
            raise Refused("malformed", field=path)
        return numbers

    @property
    def key(self) -> UUID:
        """Under which key a command goes: the page's own, so that sending twice asks once."""
        return self.id("command_id") if self.one("command_id") else uuid4()


async def provide(request: Request[Any, Any, Any]) -> Sent:
    """The form of a request. Raises `Refused('malformed')`."""
    return _read(await request.body())


def of_query(request: Request[Any, Any, Any]) -> Sent:
    """What an address fills into a form beforehand. Raises `Refused('malformed')`."""
    return _read(request.scope["query_string"])


def _read(encoded: bytes) -> Sent:
    try:
        pairs = parse_qsl(encoded.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        raise Refused("malformed", field="form") from None
    # A browser sends line ends as two characters; limits and diffs count them as one.
    return Sent(tuple((name, value.replace("\r\n", "\n").strip()) for name, value in pairs))


TheForm = NamedDependency[SkipValidation[Sent]]
