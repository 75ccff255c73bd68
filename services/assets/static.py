"""What the pages load in a browser: style, modules and fonts, compiled, packed and named by what they hold."""

import json
import tempfile
from pathlib import Path
from shutil import copyfile

from services.assets import packages
from services.assets.packages import MANIFEST, ROOT, Install

SOURCES = Path("services", "api", "pages", "assets")
STATIC = ROOT / "services" / "api" / "pages" / "static"
RECIPE = "build.mjs"
SHIPPED = ("govuk-frontend", "htmx.org", "tus-js-client", "pdfjs-dist")
AXE = Path("build", "axe", "axe.min.js")
FONTS = ("@fontsource/noto-sans-canadian-aboriginal", "@fontsource/noto-sans-arabic")


def build(target: Path = STATIC, *, root: Path = ROOT, install: Install = packages.npm_ci) -> bool:
    """Build the assets of `root` into `target`; False when they are already there.

    The folder is replaced as a whole. Raises `AssetsFailed`.
    """
    if up_to_date(target, root=root):
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".static-") as temporary:
        fetched, built = Path(temporary, "packages"), Path(temporary, "built")
        packages.fetch(fetched, root=root, install=install)
        built.mkdir()
        packages.run([root / SOURCES / RECIPE, root / SOURCES, built], folder=fetched, what="the build of the pages")
        packages.write_licences(fetched, built, (*SHIPPED, *FONTS))
        manifest = json.loads((built / MANIFEST).read_text("utf-8"))
        (built / MANIFEST).write_text(json.dumps({"key": _key(root)} | manifest, indent=1) + "\n", encoding="utf-8")
        packages.put(built, target)
        _keep_axe(fetched, root)
    return True


def _keep_axe(fetched: Path, root: Path) -> None:
    """The checker of accessibility, for the tests: it is not part of what is shipped."""
    (root / AXE).parent.mkdir(parents=True, exist_ok=True)
    copyfile(fetched / "node_modules" / "axe-core" / "axe.min.js", root / AXE)


def up_to_date(target: Path = STATIC, *, root: Path = ROOT) -> bool:
    """Tell whether `target` was built from the sources and the lock of `root`, and every file is there."""
    if not packages.built_by(target, _key(root)):
        return False
    files = json.loads((target / MANIFEST).read_text("utf-8"))["files"]
    return (root / AXE).is_file() and all((target / name).is_file() for name in files.values())


def _key(root: Path) -> str:
    sources = sorted(path for path in (root / SOURCES).rglob("*") if path.is_file())
    named = [(str(path.relative_to(root)).encode(), path.read_bytes()) for path in sources]
    return packages.key(root, *(part for pair in named for part in pair))
