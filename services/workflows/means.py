"""Opens what a process works with, from the settings: database, blobs, the issuer's key, the desk."""

from pathlib import Path

from services.documents import issuer_keys
from services.documents.achievements import Issuer
from services.records import blobs, database
from services.settings import Settings
from services.workflows import desk


def open_database(settings: Settings) -> database.Database:
    """The database; close it when the process ends."""
    return database.connect(settings.database_url)


def open_blobs(settings: Settings) -> blobs.Blobs:
    """The store of files and letters."""
    if not settings.blob_place.startswith("s3://"):
        return blobs.connect(settings.blob_place)
    access = blobs.S3Access(
        settings.s3_endpoint,
        settings.s3_region,
        _secret(settings.s3_access_key_file).decode(),
        _secret(settings.s3_secret_key_file).decode(),
    )
    return blobs.connect(settings.blob_place, s3=access)


def open_signer(settings: Settings) -> issuer_keys.FileSigner:
    """The issuer's key. Raises `KeyRefused` with the reason why it cannot be used."""
    return issuer_keys.load(settings.key_file, did=settings.issuer, passphrase=issuer_passphrase(settings))


def issuer_passphrase(settings: Settings) -> bytes | None:
    """What the issuer's key file is locked with, or None where it is not."""
    return _secret(settings.issuer_key_passphrase_file) if settings.issuer_key_passphrase_file else None


def issuer(settings: Settings) -> Issuer:
    """Who issues, and under which address it is published."""
    return Issuer(settings.issuer, settings.base_url.rstrip("/"))


async def open_desk(settings: Settings) -> desk.Desk:
    """The desk; it connects to the Temporal server when it is first used."""
    return await desk.connect(settings.temporal_address, namespace=settings.temporal_namespace)


async def reach_desk(settings: Settings) -> desk.Desk:
    """The desk of a worker: waits until the Temporal server answers."""
    return await desk.reach(settings.temporal_address, namespace=settings.temporal_namespace)


def _secret(path: str) -> bytes:
    """The first line of a secret's file."""
    return Path(path).read_bytes().partition(b"\n")[0].strip()
