"""Every figure, each in its own process: `python -m benchmarks`, or some by name: `python -m benchmarks letters`."""

import subprocess
import sys

FIGURES = ("start", "letters", "credentials", "queues", "pages", "commands", "uploads", "statistics")


def main(names: list[str]) -> int:
    """Run the figures named (all, if none is) and answer how many could not be measured."""
    failed = 0
    for name in names or FIGURES:
        if name not in FIGURES:
            print(f"{name}: no such figure; there are {', '.join(FIGURES)}")
            failed += 1
            continue
        print(f"== {name}", flush=True)
        if subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode:
            print(f"{name}: could not be measured", flush=True)
            failed += 1
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
