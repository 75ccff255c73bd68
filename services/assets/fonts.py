"""The fonts that letters are set in, from pinned and hashed packages."""

import json
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from services.assets import packages
from services.assets.packages import MANIFEST, ROOT, AssetsFailed, Install

FONTS = ROOT / "portfolio_templates" / "fonts"
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


@dataclass(frozen=True, slots=True)
class Face:
    """One font file: `family` is the name that the letter's style sheet knows it by."""

    family: str
    weight: int
    file: str


def build(target: Path = FONTS, *, root: Path = ROOT, install: Install = packages.npm_ci) -> bool:
    """Build the fonts of `root`'s lock file into `target`; False when they are already there.

    The folder is replaced as a whole, so that a reader never finds half of it. Raises `AssetsFailed`.
    """
    if up_to_date(target, root=root):
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".fonts-") as temporary:
        fetched, built = Path(temporary, "packages"), Path(temporary, "built")
        packages.fetch(fetched, root=root, install=install)
        built.mkdir()
        faces = [_convert(fetched, built, package, script, weight) for package, script, weight in _wanted()]
        packages.write_licences(fetched, built, dict.fromkeys(f"@fontsource/{package}" for package, _ in SETS))
        manifest = {"key": _key(root), "faces": [asdict(face) for face in faces]}
        (built / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
        packages.put(built, target)
    return True


def up_to_date(target: Path = FONTS, *, root: Path = ROOT) -> bool:
    """Tell whether `target` was built by this recipe from the lock file of `root`, and every file is there."""
    if not packages.built_by(target, _key(root)):
        return False
    faces = json.loads((target / MANIFEST).read_text("utf-8"))["faces"]
    return all((target / face["file"]).is_file() for face in faces)


def _wanted() -> Iterator[tuple[str, str, int]]:
    return ((package, script, weight) for package, script in SETS for weight in WEIGHTS)


def _key(root: Path) -> str:
    return packages.key(root, repr((SETS, WEIGHTS)).encode())


def _convert(fetched: Path, built: Path, package: str, script: str, weight: int) -> Face:
    # WeasyPrint reads WOFF2, but unpacks it anew in every process: 0.1 s a file, for each of twenty files.
    from fontTools.ttLib import woff2

    name = f"{package}-{script}-{weight}-normal"
    source = fetched / "node_modules" / "@fontsource" / package / "files" / f"{name}.woff2"
    if not source.is_file():
        raise AssetsFailed(f"@fontsource/{package} holds no files/{name}.woff2")
    woff2.decompress(source, built / f"{name}.ttf")
    return Face(family=f"Letter {script}", weight=weight, file=f"{name}.ttf")
