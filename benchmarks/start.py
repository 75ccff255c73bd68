"""From nothing to the first answer, and the weight of the command line. `python -m benchmarks.start`."""

import asyncio
import subprocess
import sys
import tempfile
import time

from services import embedded
from services.settings import Settings

ROUNDS = 5
START_WANTED, HELP_WANTED = 8.0, 0.3


def help_seconds() -> float:
    """`acquis --help` in a process of its own."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "services.cli", "--help"], check=True, capture_output=True)
    return time.perf_counter() - began


async def start_seconds() -> float:
    """A whole new installation: database, key, Temporal server, workers, API, until it says that it is ready."""
    with tempfile.TemporaryDirectory(prefix="acquis-benchmark-") as folder:
        port = embedded.free_port("127.0.0.1", 0)
        settings = Settings(
            data=folder,
            port=port,
            temporal_port=embedded.free_port("127.0.0.1", 0),
            base_url=f"http://localhost:{port}",
        )
        began = time.perf_counter()
        async with embedded.running(settings):
            return time.perf_counter() - began


def main() -> None:
    """Print two lines."""
    helps = sorted(help_seconds() for _ in range(ROUNDS))[ROUNDS // 2]
    starts = sorted(asyncio.run(start_seconds()) for _ in range(ROUNDS))[ROUNDS // 2]
    for name, took, wanted in (("acquis --help", helps, HELP_WANTED), ("start to first answer", starts, START_WANTED)):
        verdict = "reached" if took <= wanted else "WORSE THAN WANTED"
        print(f"{name}: {took:.2f} s (wanted ≤ {wanted} s) {verdict}")


if __name__ == "__main__":
    main()
