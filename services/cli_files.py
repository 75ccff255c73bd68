"""Commands about files alone, which need no database: verify a credential, check programmes, draft one from ESCO."""

import argparse
import asyncio
import json
import os
from pathlib import Path

from services.cli_answers import FINE, NO, USAGE, NotDone, complain, language, say
from services.documents import esco, presented, published, verdicts, verification, verification_words
from services.documents.outside_hashes import OutsideHashes
from services.documents.verdicts import Report, Status
from services.rules import programme_files
from services.rules.programmes import Text
from services.workflows import clock

MARKS = {True: "✓", False: "✗", None: "·"}


def verify(arguments: argparse.Namespace) -> int:
    """Answer what a credential or letter is worth; 0 for a valid one."""
    told = language(arguments)
    content = read(arguments.file)
    folder = Path(arguments.offline) if arguments.offline is not None else None
    if folder is not None and not folder.is_dir():
        raise NotDone(_no_folder(str(folder)), code=USAGE)
    try:
        report = asyncio.run(_report(content, folder))
    except presented.Unreadable as unreadable:
        raise NotDone(verification_words.unreadable(unreadable.code)) from unreadable
    if arguments.json:
        say(json.dumps(verdicts.as_json(report), ensure_ascii=False, indent=2))
    else:
        _tell(report, told, letter=content.startswith(b"%PDF-"))
    return FINE if report.status is Status.VALID else NO


async def _report(content: bytes, folder: Path | None) -> Report:
    fetch = published.https_fetcher() if folder is None else published.folder_fetcher(folder)
    return await verification.verify_file(
        content, lookup=published.Published(fetch), hashes=OutsideHashes(), now=clock.present()
    )


def _tell(report: Report, told: str, *, letter: bool) -> None:
    for verdict in report.verdicts:
        say(verification_words.title(verdict.status, under_review=verdict.under_review).in_(told))
        say(verification_words.sentence(verdict.status, under_review=verdict.under_review).in_(told))
        if verdict.achievement:
            say(f"  {_printable(verdict.achievement)}")
        say(f"  {verdict.credential_id}", f"  {verdict.issuer or ''}".rstrip())
        say(
            *(
                f"  {MARKS[passed]} {verification_words.check(row, passed=passed).in_(told)}"
                for row, passed in verdict.checks
            ),
            "",
        )
    if letter:
        say(verification_words.letter(compared=report.letter).in_(told))


def _printable(name: str) -> str:
    """A name from a file of any issuer, without what would steer a terminal."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in name)


def check_programmes(arguments: argparse.Namespace) -> int:
    """Name every error of programme files; 0 when all can be used."""
    told = language(arguments)
    path = Path(arguments.path) if arguments.path else _folder_in_use()
    if not path.exists():
        raise NotDone(_no_folder(str(path)), code=USAGE)
    problems = programme_files.check(path)
    if problems:
        complain(problem.in_(told) for problem in problems)
        return NO
    found = list(programme_files.read(path).values()) if path.is_dir() else [programme_files.read_one(path)]
    if not found:
        raise NotDone(Text(f"There is no programme in {path}.", f"Il n’y a aucun programme dans {path}."))
    for programme in found:
        counted = len(programme.competencies)
        words = Text(f"{counted} competencies, no error", f"{counted} compétences, aucune erreur")
        say(f"{programme.slug} {programme.version}: {words.in_(told)}")
        if programme.policy.review_by_jurist:
            waits = Text(
                f"  policy {programme.policy.version}: a jurist has still to confirm its values; "
                "then write review_by_jurist = false under [override]",
                f"  politique {programme.policy.version}\u00a0: un juriste doit encore en confirmer les valeurs\u00a0; "
                "écrivez ensuite review_by_jurist = false sous [override]",
            )
            say(waits.in_(told))
    return FINE


def _folder_in_use() -> Path:
    from services import settings

    named = settings.read().programmes
    return Path(named) if named else programme_files.published()


def import_esco(arguments: argparse.Namespace) -> int:
    """Write a draft programme from an occupation."""
    shared = Path(os.environ.get("ACQUIS_SHARED", "../shared")) / "data" / "frameworks" / "esco"
    archives = Path(arguments.archives) if arguments.archives else shared
    if not archives.is_dir():
        raise NotDone(
            Text(
                f"There is no folder {archives}. Give the folder of the ESCO archives with --archives.",
                f"Le dossier {archives} n’existe pas. Indiquez celui des archives d’ESCO avec --archives.",
            ),
            code=USAGE,
        )
    try:
        text = esco.draft(archives, arguments.occupation)
    except esco.OccupationUnknown as unknown:
        near = "; ".join(f"{label} <{uri}>" for uri, label in unknown.nearest)
        raise NotDone(
            Text(
                f"ESCO has no occupation <{unknown.asked}>. Nearest by label: {near or 'none'}.",
                f"ESCO n’a pas de profession <{unknown.asked}>. Les plus proches par le nom\u00a0: {near or 'aucune'}.",
            )
        ) from unknown
    except FileNotFoundError as missing:
        raise NotDone(
            Text(
                f"The ESCO archive {missing.filename} is missing.",
                f"L’archive d’ESCO {missing.filename} est introuvable.",
            ),
            code=USAGE,
        ) from missing
    write(text.encode(), arguments.out)
    return FINE


def write(content: bytes, out: str | None) -> None:
    """Write an answer into the file `out`, or print it."""
    if out is None:
        say(content.decode().rstrip("\n"))
        return
    try:
        Path(out).write_bytes(content)
    except OSError as lost:
        raise NotDone(
            Text(f"{out} cannot be written: {lost.strerror}.", f"{out} ne peut pas être écrit\u00a0: {lost.strerror}."),
            code=USAGE,
        ) from lost
    say(f"{out}: {len(content)} B")


def read(file: str) -> bytes:
    """What `file` holds. Raises `NotDone`."""
    try:
        return Path(file).read_bytes()
    except OSError as lost:
        raise NotDone(
            Text(f"{file} cannot be read: {lost.strerror}.", f"{file} ne peut pas être lu\u00a0: {lost.strerror}."),
            code=USAGE,
        ) from lost


def _no_folder(path: str) -> Text:
    return Text(f"There is no folder {path}.", f"Le dossier {path} n’existe pas.")
