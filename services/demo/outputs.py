"""Writes what the case gave into a folder, with a mirror of what the issuer publishes, and checks it offline."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx

from services.demo.visitor import StoryBroke
from services.demo.walk import Decided
from services.documents import issuer_keys, published, verification
from services.documents.outside_hashes import OutsideHashes
from services.documents.verdicts import Status
from services.settings import Settings

LANGUAGES = ("en", "fr")
TOLD = ("", "panel", "gap", "appeal")
"""The stories as file names have them; the first one's files bear no word of its own."""


def letter_name(story: str, language: str, *, earlier: bool = False) -> str:
    """The file of a letter; `earlier`: of a decision that another one followed in the same story."""
    words = ["letter", *filter(None, [story, "before" if earlier else "", language])]
    return "-".join(words) + ".pdf"


OURS = (
    "credentials",
    "www",
    "evidence",
    *(letter_name(story, one, earlier=earlier) for story in TOLD for one in LANGUAGES for earlier in (False, True)),
)
"""Everything that the demo writes into the folder, and all that it ever removes there."""


def clear(folder: Path) -> None:
    """Make the folder, without what an earlier demo left in it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in OURS:
        left = folder / name
        if left.is_dir():
            shutil.rmtree(left)
        else:
            left.unlink(missing_ok=True)
    (folder / "evidence").mkdir()


async def write(
    folder: Path, decided: Decided, *, story: str, settings: Settings, http: httpx.AsyncClient
) -> list[Path]:
    """Fetch letters, credentials and publications over HTTP into `folder`; answers letters and credentials.

    `story` is a word of `TOLD`; its credentials have a folder of that name.
    """
    written: list[Path] = []
    for letter in decided.letters:  # the newest decision first
        name = letter_name(story, letter["language"])
        if folder / name in written:
            name = letter_name(story, letter["language"], earlier=True)
        written.append(folder / name)
        written[-1].write_bytes(await decided.learner.read(letter["url"]))
    documents = []
    place = folder / "credentials" / story
    place.mkdir(parents=True, exist_ok=True)
    for one in decided.credentials:
        content = await decided.learner.read(urlsplit(one["url"]).path)
        documents.append(json.loads(content))
        written.append(place / f"{one['competency']}.json")
        written[-1].write_bytes(content)
    for address in sorted(_published(documents, settings)):
        path = urlsplit(address).path
        answer = await http.get(path)
        if not answer.is_success:
            raise StoryBroke(f"{path}: {answer.status_code}")
        copy = folder / "www" / unquote(path).strip("/")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(answer.content)
    return written


def _published(documents: list[dict[str, Any]], settings: Settings) -> set[str]:
    """Every address of the issuer that the credentials name."""
    found = {issuer_keys.document_url(settings.issuer)}
    base = settings.base_url.rstrip("/") + "/"
    for document in documents:
        entry = document["credentialStatus"]
        achievement = document["credentialSubject"]["achievement"]
        named = [entry["statusListCredential"], achievement["id"]]
        named += [row["targetUrl"] for row in achievement.get("alignment", ())]
        found.update(address.partition("#")[0] for address in named if address.startswith(base))
    return found


async def check(folder: Path, written: list[Path]) -> None:
    """Verify everything against the mirror alone. Raises `StoryBroke` for what is not valid."""
    for file, content in _contents(written):
        report = await verification.verify_file(
            content,
            lookup=published.Published(published.folder_fetcher(folder / "www")),
            hashes=OutsideHashes(),
            now=datetime.now(UTC),
        )
        if report.status is not Status.VALID:
            raise StoryBroke(f"{file} is {report.status}")


def _contents(written: list[Path]) -> Iterator[tuple[Path, bytes]]:
    return ((file, file.read_bytes()) for file in written)
