"""Commands that run the house or look at it: processes, schema, doctor, the signing key."""

import argparse
import asyncio
import logging
import sys
from functools import partial

from services import doctor as examination
from services import embedded, loading, settings
from services.cli_answers import FINE, NO, NotDone, language, say
from services.rules.programmes import Text


def serve(_: argparse.Namespace) -> int:
    """Run everything under one supervisor; where Temporal is somebody else's, in production, the API alone."""
    house = settings.read()
    if house.production:
        return _api(house)
    _log()
    asyncio.run(embedded.serve(house))
    return FINE


def api(_: argparse.Namespace) -> int:
    """Run the API process."""
    return _api(settings.read())


def _api(house: settings.Settings) -> int:
    with loading.for_life():
        from services.api import serve as process

    _log()
    process.run(house, examine=partial(examination.examine, house, thorough=False))
    return FINE


def work(arguments: argparse.Namespace) -> int:
    """Run a worker of the queues that were named."""
    house = settings.read()
    with loading.for_life():
        from services.workflows import worker

    _log()
    worker.run(house, tuple(dict.fromkeys(arguments.queue)))
    return FINE


def migrate(arguments: argparse.Namespace) -> int:
    """Bring the database up to date and say to which revision."""
    house = settings.read()
    from sqlalchemy.exc import OperationalError

    from services.records import migrating

    if not house.database:
        house.data_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        migrating.upgrade(house.database_url)
    except OperationalError as lost:
        said = str(lost.orig).strip()
        why = Text(f"The database cannot be reached: {said}", f"La base de données est injoignable\u00a0: {said}")
        raise NotDone(why) from lost
    at = Text(
        f"The database is at revision {migrating.head()}.", f"La base de données est à la révision {migrating.head()}."
    )
    say(at.in_(language(arguments)))
    return FINE


def doctor(arguments: argparse.Namespace) -> int:
    """Print every finding; answers 1 when one of them is a fault."""
    house = settings.read()
    told = language(arguments)
    findings = asyncio.run(examination.examine(house, thorough=arguments.thorough or not house.production))
    for finding in findings:
        say(f"{examination.MARKS[finding.state]} {finding.name.in_(told)}: {finding.says.in_(told)}")
    faults = sum(finding.state is examination.State.FAULT for finding in findings)
    say(examination.summary(faults).in_(told))
    return NO if faults else FINE


def create_key(arguments: argparse.Namespace) -> int:
    """Draw the signing key, once."""
    house = settings.read()
    from services.documents import issuer_keys
    from services.workflows import means

    try:
        public = issuer_keys.create(house.key_file, passphrase=means.issuer_passphrase(house))
    except issuer_keys.KeyRefused as refused:
        raise NotDone(
            Text(
                f"There is a key already at {house.key_file}; it was left as it is.",
                f"Il y a déjà une clé dans {house.key_file}\u00a0; elle est restée telle quelle.",
            )
        ) from refused
    name = issuer_keys.key_id(house.issuer, public)
    drawn = Text(
        f"Drawn: {house.key_file}\nSigns as {name}\nKeep a copy offline.",
        f"Créée\u00a0: {house.key_file}\nSigne au nom de {name}\nGardez-en une copie hors ligne.",
    )
    say(drawn.in_(language(arguments)))
    return FINE


def show_key(arguments: argparse.Namespace) -> int:
    """Say who signs, with which key, and where that is published."""
    house = settings.read()
    from services.documents import issuer_keys
    from services.workflows import means

    try:
        signer = means.open_signer(house)
    except issuer_keys.KeyRefused as refused:
        raise NotDone(examination.KEY_SENTENCES[refused.code]) from refused
    at = issuer_keys.document_url(house.issuer)
    shown = Text(
        f"Issuer    {house.issuer}\nKey       {signer.kid}\nPublished {at}",
        f"Émetteur  {house.issuer}\nClé       {signer.kid}\nPubliée   {at}",
    )
    say(shown.in_(language(arguments)))
    return FINE


def _log() -> None:
    # Our lines name neither threads nor places in the source: to find them out costs every line a third of its time.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None  # noqa: SLF001 - the switch that the manual of the library names for this
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", force=True
    )
    for talkative in ("httpx", "alembic.runtime.plugins"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
