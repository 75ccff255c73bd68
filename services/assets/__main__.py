"""`python -m services.assets` (also run by `make`): builds what is missing or older than its sources.

Needs Python and the package indexes only: Node comes as a Python package.
"""

import sys
from functools import cache
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory

from services.assets import fonts, packages, static
from services.assets.packages import ROOT, AssetsFailed


def main() -> int:
    """Build, say what happened, answer the exit code."""
    try:
        with TemporaryDirectory() as shared:
            install = _once(Path(shared))
            done = {fonts.FONTS: fonts.build(install=install), static.STATIC: static.build(install=install)}
    except AssetsFailed as failed:
        print(failed, file=sys.stderr)  # noqa: T201 - a command's answer
        return 1
    for folder, fresh in done.items():
        print(f"{folder.relative_to(ROOT)}: {'built' if fresh else 'up to date'}")  # noqa: T201 - a command's answer
    return 0


def _once(shared: Path) -> packages.Install:
    """Fetch the packages for the first who asks, and hand the same to the next."""

    @cache
    def fetched() -> Path:
        packages.fetch(shared / "packages", root=ROOT, install=packages.npm_ci)
        return shared / "packages" / "node_modules"

    return lambda folder: (copytree(fetched(), folder / "node_modules", symlinks=True), None)[1]


if __name__ == "__main__":
    sys.exit(main())
