"""Passwords: what is accepted, and hashes that cost the same whether or not an account exists."""

import asyncio
import secrets
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from services.rules.refusals import Refused

SHORTEST, LONGEST = 12, 128
FEWEST_DIFFERENT = 5
"""Different characters of a password: twelve times the same key is no password, and this is the only other rule."""

AT_ONCE = 2
"""Hashes computed at the same time: each takes a core for about 0.4 s and 64 MiB."""


@dataclass(frozen=True, slots=True)
class Passwords:
    """Hashes and verifies in threads of its own; `close` ends them."""

    hasher: PasswordHasher
    threads: ThreadPoolExecutor
    decoy: Future[str]

    async def hash(self, password: str) -> str:
        """The argon2id hash to store. Raises `Refused('password_weak')`."""
        check(password)
        return await asyncio.get_running_loop().run_in_executor(self.threads, self.hasher.hash, password)

    async def verify(self, password: str, stored: str | None) -> bool:
        """Whether `password` belongs to `stored`; without one (no account, no password) it takes as long to say no."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, self._matches, password, stored)

    def close(self) -> None:
        """Wait for the hashes under way and end the threads."""
        self.threads.shutdown()

    def _matches(self, password: str, stored: str | None) -> bool:
        # A password over the limit was never stored; it must not buy more of our time either.
        try:
            self.hasher.verify(stored or self.decoy.result(), password[: LONGEST + 1])
        except (VerificationError, InvalidHashError):
            return False
        return stored is not None


def argon2id(*, rounds: int = 3, memory_kib: int = 65_536, lanes: int = 4) -> Passwords:
    """Passwords hashed by argon2id at these costs. Source: security design, section 7 (t = 3, 64 MiB, p = 4)."""
    hasher = PasswordHasher(time_cost=rounds, memory_cost=memory_kib, parallelism=lanes)
    threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="password")
    return Passwords(hasher, threads, threads.submit(hasher.hash, secrets.token_urlsafe()))


def check(password: str) -> None:
    """Raise `Refused('password_weak')` unless `password` has 12 to 128 characters, five of them different."""
    if not SHORTEST <= len(password) <= LONGEST or len(set(password)) < FEWEST_DIFFERENT:
        raise Refused("password_weak", minimum=str(SHORTEST), maximum=str(LONGEST))
