"""What is known of a request before anybody reads it: its own id, from which address it comes, how long it takes."""

import ipaddress
import time
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from litestar.types import Scope

KEY = "acquis_request"

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request: `id` is a UUID in text, `began` in seconds of the monotonic clock."""

    id: str
    began: float


def arrival(scope: Scope) -> Arrival:
    """This request's id and beginning; the first one who asks makes them."""
    state: MutableMapping[str, Any] = scope.setdefault("state", {})
    if KEY not in state:
        state[KEY] = Arrival(str(uuid4()), time.monotonic())
    known: Arrival = state[KEY]
    return known


def id_of(scope: Scope) -> str:
    """The id under which the log knows this request."""
    return arrival(scope).id


def proxies(setting: str) -> tuple[Network, ...]:
    """The networks of `ACQUIS_TRUSTED_PROXIES`, separated by commas. Raises `ValueError`."""
    return tuple(ipaddress.ip_network(part.strip()) for part in setting.split(",") if part.strip())


def address(scope: Scope, *, trusted: tuple[Network, ...]) -> str:
    """The client's address: the right-most one on its way to us that is not a proxy of ours."""
    client = scope.get("client")
    found = client[0] if client else ""
    if not _is_proxy(found, trusted):
        return found
    forwarded = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for").decode("latin-1")
    for hop in reversed([part.strip() for part in forwarded.split(",") if part.strip()]):
        if not _is_address(hop):
            break
        found = hop
        if not _is_proxy(hop, trusted):
            break
    return found


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_proxy(text: str, trusted: tuple[Network, ...]) -> bool:
    return _is_address(text) and any(ipaddress.ip_address(text) in network for network in trusted)
