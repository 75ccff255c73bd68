"""Identifiers are made by the server: ordered in time for rows, random where an order would tell something."""

import secrets
from uuid import UUID

import uuid_utils.compat

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_id() -> UUID:
    """A UUIDv7: later rows sort after earlier ones."""
    return uuid_utils.compat.uuid7()


def number(prefix: str, year: int) -> str:
    """A case or letter number that people can read out: prefix, year, seven characters without I, L, O, U."""
    return f"{prefix}-{year}-{''.join(secrets.choice(CROCKFORD) for _ in range(7))}"
