"""`acquis demo`: starts everything on this machine, tells one case or several, and stays up so that it can be tried."""

import argparse
import asyncio
import logging
import os
import shutil
import signal
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from services import embedded
from services import settings as reading
from services.cli_answers import FINE, NO, NotDone, language
from services.demo import seed, stories, story
from services.demo.story import Sample
from services.demo.telling import Teller
from services.demo.visitor import StoryBroke, Visitor, sign_in
from services.demo.walk import Decided, Enter
from services.documents import issuer_keys
from services.rules.programmes import Text
from services.settings import Settings
from services.workflows import means

DATA, OUTPUT = "demo-data", Path("demo-output")
MARK = "made-by-acquis-demo"
"""A file in the demo's data folder: only a folder that has it is ever emptied."""

LOOPBACK = {"localhost", "127.0.0.1"}


def run(arguments: argparse.Namespace) -> int:
    """Tell the story; with `--once` answer 0 when it ended well, otherwise stay until asked to stop."""
    teller = Teller(language(arguments))
    logging.basicConfig(level=logging.WARNING, format="%(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    wanted = settings_of(dict(os.environ))
    _fresh(wanted.data_folder)
    settings, moved = at_free_ports(wanted)
    for said in moved:
        teller.detail(said)
    try:
        return asyncio.run(_until_stopped(settings, teller, once=arguments.once, wanted=arguments.story))
    except StoryBroke as broke:
        logs = settings.data_folder / "logs"
        why = Text(
            f"The story broke off: {broke}\nSee {logs}.", f"Le récit s’est interrompu\u00a0: {broke}\nVoyez {logs}."
        )
        raise NotDone(why, code=NO) from broke


def settings_of(environment: dict[str, str]) -> Settings:
    """Settings of one machine, in a folder of the demo's own. Raises `NotDone`, `SettingsInvalid`."""
    given = reading.read(environment)
    if given.production or given.host not in LOOPBACK:
        raise NotDone(
            Text(
                "The demo prints passwords: it runs on this machine alone, not in production.",
                "La démonstration affiche des mots de passe\u00a0: elle reste sur cette machine, pas en production.",
            )
        )
    data = given.data if "ACQUIS_DATA" in environment else DATA
    base = urlsplit(given.base_url)
    named = base.port if base.hostname in LOOPBACK and "ACQUIS_PORT" not in environment else None
    return replace(given, data=data, port=named or given.port)


def at_free_ports(given: Settings) -> tuple[Settings, list[Text]]:
    """`given` at ports that nobody uses, and which ports had to be others."""
    base = urlsplit(given.base_url)
    port = embedded.free_port(given.host, given.port)
    temporal_port = embedded.free_port("127.0.0.1", given.temporal_port)
    base_url = f"{base.scheme}://{base.hostname}:{port}" if base.hostname in LOOPBACK else given.base_url
    moved = [
        Text(
            f"Port {before} is in use; the demo takes {now}.",
            f"Le port {before} est occupé\u00a0; la démonstration prend le port {now}.",
        )
        for before, now in ((given.port, port), (given.temporal_port, temporal_port))
        if before != now
    ]
    return replace(given, port=port, temporal_port=temporal_port, base_url=base_url), moved


def _fresh(folder: Path) -> None:
    """Empty the data of an earlier demo. Raises `NotDone` for a folder that is somebody else's."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARK).exists():
            raise NotDone(
                Text(
                    f"{folder} holds an installation that is not a demo: give another folder in ACQUIS_DATA.",
                    f"{folder} contient une installation qui n’est pas une démonstration\u00a0: indiquez un autre "
                    "dossier dans ACQUIS_DATA.",
                )
            )
        if embedded.in_use(folder):
            raise NotDone(
                Text(f"A demo is running in {folder} already.", f"Une démonstration est déjà en cours dans {folder}.")
            )
        embedded.end_leftovers(folder)
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / MARK).touch()
    (folder / ".gitignore").write_text("*\n")


async def _until_stopped(settings: Settings, teller: Teller, *, once: bool, wanted: str) -> int:
    """Tell the story while listening for the wish to stop."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for which in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(which, stopped.set)
    telling = asyncio.create_task(tell(settings, teller, once=once, wanted=wanted))
    waiting = asyncio.create_task(stopped.wait())
    await asyncio.wait([telling, waiting], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if telling.done():
        return telling.result()
    telling.cancel()
    await asyncio.gather(telling, return_exceptions=True)
    return NO if once else FINE


async def tell(settings: Settings, teller: Teller, *, once: bool, wanted: str) -> int:
    """Start everything, tell what `wanted` stands for, and unless `once` stay up.

    Raises `StoryBroke`, `CannotStart`.
    """
    teller.step(
        "Acquis",
        Text(
            f"starts: Temporal on port {settings.temporal_port}, two workers, and the API on {settings.base_url}.",
            f"démarre\u00a0: Temporal au port {settings.temporal_port}, deux processus de travail et l’API à "
            f"{settings.base_url}.",
        ),
    )
    async with embedded.running(settings):
        password = await _people(settings)
        origin = settings.base_url.rstrip("/")
        async with httpx.AsyncClient(
            base_url=f"http://{settings.host}:{settings.port}",
            headers={"Host": urlsplit(origin).netloc, "Accept-Language": teller.language},
            timeout=60,
            trust_env=False,
            follow_redirects=False,
        ) as http:
            with teller.story(stories.steps(wanted)):
                enter = _entrance(settings, http, password=password)
                told = await stories.tell(wanted, enter, teller, folder=OUTPUT, http=http, settings=settings)
        if not once:
            invite(settings, teller, told.decided, password=password)
            await asyncio.Event().wait()
    return FINE if told.written else NO


async def _people(settings: Settings) -> str:
    opened = means.open_database(settings)
    try:
        return await seed.people_of_the_story(opened)
    finally:
        await opened.close()


def _entrance(settings: Settings, http: httpx.AsyncClient, *, password: str) -> Enter:
    """Signs each person of the stories in when first asked for."""
    sessions: dict[str, Visitor] = {}

    async def enter(sample: Sample) -> Visitor:
        if sample.key not in sessions:
            sessions[sample.key] = await sign_in(
                http, email=sample.email, password=password, name=sample.name, origin=settings.base_url.rstrip("/")
            )
        return sessions[sample.key]

    return enter


def invite(settings: Settings, teller: Teller, decided: Decided, *, password: str) -> None:
    """Say what can be tried while the demo is up; a public address does not lead here yet."""
    base = f"http://{settings.host}:{settings.port}"
    french = teller.language == "fr"
    teller.line()
    teller.line(
        "À essayer, pendant que la démonstration est en marche\u00a0:" if french else "To try while this is up:"
    )
    code = decided.credentials[0]["code"]
    for address in (
        f"{base}/{teller.language}/",
        f"{base}/{teller.language}/verify/{code}",
        f"{base}/{teller.language}/sign-in",
        base + urlsplit(issuer_keys.document_url(settings.issuer)).path,
        f"{base}/api/v1/openapi.json",
    ):
        teller.line(f"    {address}")
    teller.line()
    teller.line(
        f"Mot de passe de tous ces comptes\u00a0: {password}"
        if french
        else f"Password of all these accounts: {password}"
    )
    for sample in story.PEOPLE:
        teller.line(f"    {sample.email:<44} {sample.role.value}")
    teller.line()
    outbox = settings.mail_place
    teller.line(f"    {outbox}" + (" (courriels)" if french else " (mails)"))
    teller.line("Ctrl+C pour arrêter." if french else "Ctrl+C stops it.")
