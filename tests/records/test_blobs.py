"""A blob is kept whole or not at all, once, under the hash of its bytes: in a folder and in an S3 store."""

import asyncio
import hashlib
import os
import resource
import stat
from collections.abc import Iterator
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import httpx
import obstore
import pytest
from obstore.store import S3Store

from services.records import blobs
from services.records.blobs import Blobs, S3Access, Space, Stored
from services.records.blobs_folder import BLOCK, LEAST_BLOCK, FolderBlobs
from services.rules.refusals import Refused
from tests.records import s3_server
from tests.records.s3_server import S3Server

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with s3_server.running(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "blobs"


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, folder: Path) -> Blobs:
    if request.param == "folder":
        return blobs.connect(str(folder))
    server: S3Server = request.getfixturevalue("s3")
    return blobs.connect(f"s3://{s3_server.BUCKET}/{folder.parent.name}", s3=server.access)


async def keep(store: Blobs, *chunks: bytes) -> Stored:
    async with store.incoming() as incoming:
        for chunk in chunks:
            await incoming.write(chunk)
        return await incoming.keep()


async def read(store: Blobs, sha256: str, start: int = 0, end: int | None = None) -> bytes:
    return b"".join([chunk async for chunk in store.read(sha256, start, end)])


def staged(folder: Path) -> list[Path]:
    return list((folder / "staging").iterdir())


FAR = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("size", [0, 1, MIB, 17 * MIB + 5], ids=["empty", "one", "block", "parts"])
async def test_what_was_kept_is_read_back_byte_for_byte(store: Blobs, size: int) -> None:
    content = os.urandom(size)
    cuts = [*range(0, size, 700_001), size]
    stored = await keep(store, *(content[start:end] for start, end in pairwise(cuts)))
    assert stored == Stored(hashlib.sha256(content).hexdigest(), size)
    assert await store.exists(stored.sha256)
    assert await read(store, stored.sha256) == content


async def test_any_part_can_be_read_alone(store: Blobs) -> None:
    content = os.urandom(9 * MIB)
    stored = await keep(store, content)
    for start, end in [(0, 1), (5, 5), (MIB - 1, MIB + 1), (4 * MIB - 3, 8 * MIB + 3), (9 * MIB - 2, 10 * MIB)]:
        assert await read(store, stored.sha256, start, end) == content[start:end]
    assert await read(store, stored.sha256, 9 * MIB - 7) == content[-7:]


async def test_parts_of_an_upload_are_read_back_by_name_until_they_are_dropped(store: Blobs) -> None:
    for name, content in (("one/a", b"first"), ("one/b", b""), ("two/a", b"other")):
        async with store.incoming(name) as incoming:
            await incoming.write(content)
            assert (await incoming.keep()).size == len(content)
    async with store.incoming("one/c") as incoming:
        await incoming.write(b"never kept")
    await store.drop_parts("no-such-upload")
    assert b"".join([chunk async for chunk in store.read_part("one/a")]) == b"first"
    await store.drop_parts("one")
    for gone in ("one/a", "one/b", "one/c"):
        with pytest.raises(Refused):
            assert [chunk async for chunk in store.read_part(gone)]
    assert b"".join([chunk async for chunk in store.read_part("two/a")]) == b"other"


async def test_the_same_bytes_twice_are_one_blob_that_stays_as_it_was(store: Blobs) -> None:
    first = await keep(store, b"the same ", b"bytes")
    again, third = await asyncio.gather(keep(store, b"the same bytes"), keep(store, b"the same", b" bytes"))
    assert first == again == third
    assert await read(store, first.sha256) == b"the same bytes"


async def test_leaving_without_keeping_leaves_nothing(store: Blobs) -> None:
    content = os.urandom(9 * MIB)
    with suppress(LookupError):
        async with store.incoming() as incoming:
            await incoming.write(content)
            raise LookupError
    async with store.incoming() as incoming:
        await incoming.write(content)
    assert not await store.exists(hashlib.sha256(content).hexdigest())
    assert await store.sweep_staging(FAR) == 0


async def test_what_came_can_be_looked_at_before_it_is_kept(store: Blobs) -> None:
    content = os.urandom(9 * MIB)
    async with store.incoming() as incoming:
        await incoming.write(content)
        assert b"".join([chunk async for chunk in incoming.read_back()]) == content
        kept = await incoming.keep()
    assert await read(store, kept.sha256) == content
    async with store.incoming() as incoming:
        await incoming.write(b"refused after a look")
        assert [chunk async for chunk in incoming.read_back()] == [b"refused after a look"]
    assert not await store.exists(hashlib.sha256(b"refused after a look").hexdigest())


async def test_blocks_become_smaller_where_many_files_come_at_once(folder: Path) -> None:
    store = FolderBlobs(folder)
    async with AsyncExitStack() as coming:
        blocks = []
        for _ in range(300):
            await coming.enter_async_context(store.incoming())
            blocks.append(store.block())
    assert (blocks[0], blocks[-1]) == (BLOCK, LEAST_BLOCK)
    assert blocks == sorted(blocks, reverse=True)
    assert store.block() == BLOCK


async def test_after_keeping_nothing_is_left_in_staging(store: Blobs) -> None:
    await keep(store, os.urandom(6 * MIB))
    assert await store.sweep_staging(FAR) == 0


async def test_a_blob_that_was_never_kept_cannot_be_read(store: Blobs) -> None:
    missing = hashlib.sha256(b"never").hexdigest()
    assert not await store.exists(missing)
    with pytest.raises(Refused, match="unavailable"):
        await read(store, missing)


async def test_an_aborted_upload_leaves_no_parts_in_the_bucket(s3: S3Server, tmp_path: Path) -> None:
    store = blobs.connect(f"s3://{s3_server.BUCKET}/{tmp_path.name}", s3=s3.access)
    await keep(store, b"so that the bucket exists")
    async with store.incoming() as incoming:
        await incoming.write(os.urandom(20 * MIB))
    async with httpx.AsyncClient(trust_env=False) as client:
        listed = await client.get(
            f"{s3.filer}/buckets/{s3_server.BUCKET}/.uploads/", headers={"Accept": "application/json"}
        )
    assert not (listed.json().get("Entries") if listed.is_success else None)


async def test_what_a_dead_process_left_in_the_bucket_is_swept_and_blobs_stay(s3: S3Server, tmp_path: Path) -> None:
    store = blobs.connect(f"s3://{s3_server.BUCKET}/{tmp_path.name}", s3=s3.access)
    kept = await keep(store, b"kept")
    bucket = S3Store(
        s3_server.BUCKET,
        prefix=tmp_path.name,
        endpoint=s3.access.endpoint,
        region=s3.access.region,
        access_key_id=s3.access.access_key,
        secret_access_key=s3.access.secret_key,
        client_options={"allow_http": True},
    )
    await obstore.put_async(bucket, "staging/left-by-a-process-that-died", b"whole, but never copied")
    assert await store.sweep_staging(datetime.now(UTC) - timedelta(days=1)) == 0
    assert await store.sweep_staging(FAR) == 1
    assert await store.sweep_staging(FAR) == 0
    assert await read(store, kept.sha256) == b"kept"


async def test_a_store_that_does_not_answer_is_unavailable_not_a_fault(tmp_path: Path) -> None:
    access = S3Access("http://127.0.0.1:9", "us-east-1", "sample-key", "sample-secret")
    store = blobs.connect(f"s3://nowhere/{tmp_path.name}", s3=access)
    with pytest.raises(Refused, match="unavailable"):
        await store.exists("0" * 64)
    with pytest.raises(Refused, match="unavailable"):
        await keep(store, b"anything")


def test_an_s3_place_needs_to_know_how_it_is_reached() -> None:
    with pytest.raises(ValueError, match="s3://bucket"):
        blobs.connect("s3://bucket/prefix")


@pytest.fixture
def disk_takes_one_mib() -> Iterator[None]:
    """The system refuses every write past one MiB of a file, as it does on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (MIB, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("disk_takes_one_mib")
async def test_a_disk_that_takes_no_more_is_answered_and_leaves_nothing(folder: Path) -> None:
    store = blobs.connect(str(folder))
    with pytest.raises(Refused, match="unavailable"):
        await keep(store, os.urandom(3 * MIB))
    assert staged(folder) == []


async def test_a_cancelled_upload_leaves_nothing(folder: Path) -> None:
    store = blobs.connect(str(folder))
    began = asyncio.Event()

    async def upload() -> None:
        async with store.incoming() as incoming:
            await incoming.write(os.urandom(2 * MIB))
            began.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(upload())
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert staged(folder) == []


async def test_only_half_received_bytes_that_nobody_touched_are_swept(folder: Path) -> None:
    store = blobs.connect(str(folder))
    kept = await keep(store, b"kept")
    dead = folder / "staging" / "left-by-a-process-that-died"
    dead.write_bytes(b"half")
    yesterday = datetime.now(UTC) - timedelta(days=1)
    os.utime(dead, (yesterday.timestamp(),) * 2)
    async with store.incoming() as incoming:
        assert await store.sweep_staging(datetime.now(UTC) - timedelta(hours=1)) == 1
        await incoming.write(b"still coming")
        alive = await incoming.keep()
    assert not dead.exists()
    assert await read(store, kept.sha256) == b"kept"
    assert await read(store, alive.sha256) == b"still coming"


async def test_a_kept_blob_is_read_only_and_no_other_account_sees_it(folder: Path) -> None:
    stored = await keep(blobs.connect(str(folder)), b"sealed")
    path = folder / stored.sha256[:2] / stored.sha256
    assert stat.S_IMODE(path.stat().st_mode) == 0o400
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


async def test_the_name_appears_only_after_the_bytes_are_on_the_disk(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = blobs.connect(str(folder))
    done: list[str] = []
    sync, link = os.fsync, os.link

    def noted_sync(handle: int) -> None:
        done.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "bytes")
        sync(handle)

    def noted_link(source: Path, target: Path) -> None:
        done.append("name")
        link(source, target)

    monkeypatch.setattr(os, "fsync", noted_sync)
    monkeypatch.setattr(os, "link", noted_link)
    await keep(store, b"durable")
    assert done == ["bytes", "name", "folder", "folder"]


GIB = 1024**3


@pytest.mark.parametrize(
    ("free", "total", "tight"),
    [
        (1 * GIB, 10 * GIB, True),
        (3 * GIB, 10 * GIB, False),
        (9 * GIB, 100 * GIB, True),
        (11 * GIB, 100 * GIB, False),
        (21 * GIB, 4000 * GIB, False),
        (19 * GIB, 4000 * GIB, True),
    ],
)
def test_room_is_tight_below_two_gib_or_a_tenth_of_the_disk(free: int, total: int, *, tight: bool) -> None:
    assert Space(free, total).tight is tight


async def test_a_folder_knows_its_room_and_a_bucket_does_not(store: Blobs) -> None:
    space = await store.free_space()
    assert space is None or 0 < space.free <= space.total
