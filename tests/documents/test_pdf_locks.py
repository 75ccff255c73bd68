"""A PDF with a password is told from one that only says what may be done with it, and from what is no PDF at all."""

import io
from collections.abc import AsyncIterator

import pytest

from services.documents import pdf_locks


def pdf(*, user: str = "", owner: str = "") -> bytes:
    """A PDF of one page, encrypted where a password is given."""
    import pikepdf

    made = pikepdf.new()
    made.add_blank_page()
    into = io.BytesIO()
    made.save(into, encryption=pikepdf.Encryption(user=user, owner=owner) if user or owner else False)
    return into.getvalue()


async def chunks(content: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(content), 100):
        yield content[at : at + 100]


@pytest.mark.parametrize(
    ("content", "marked", "locked"),
    [
        (pdf(), False, False),
        (pdf(owner="secret"), True, False),
        (pdf(user="secret", owner="other"), True, True),
        (b"%PDF-1.7 /Encrypt and nothing else", True, False),
    ],
    ids=["open", "owner only", "locked", "broken"],
)
async def test_only_a_file_that_asks_for_a_password_is_locked(content: bytes, *, marked: bool, locked: bool) -> None:
    watch = pdf_locks.Watch("pdf")
    for at in range(len(content)):
        watch.see(content[at : at + 1])
    assert watch.marked is marked
    film = pdf_locks.Watch("mp4")
    film.see(content)
    assert not film.marked
    assert await pdf_locks.locked(chunks(content)) is locked


async def test_a_file_that_takes_too_long_passes_and_its_child_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_locks, "WALL_SECONDS", 0.0)
    assert not await pdf_locks.locked(chunks(pdf(user="secret", owner="other")))
