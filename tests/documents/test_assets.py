"""The letters' fonts come from locked packages, are built once, and are never half there."""

import json
import re
import shutil
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest

from services import assets

ROOT = assets.ROOT


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in assets.INPUTS:
        shutil.copyfile(ROOT / name, tmp_path / name)
    return tmp_path


@cache
def font() -> bytes:
    """A real font, packed as packages have it."""
    from fontTools.ttLib import TTFont

    sample, packed = TTFont(assets.FONTS / "noto-sans-greek-ext-400-normal.ttf"), BytesIO()
    sample.flavor = "woff2"
    sample.save(packed)
    return packed.getvalue()


def fetched(folder: Path) -> None:
    """Packages as npm would have installed them."""
    for package, script in assets.SETS:
        home = folder / "node_modules" / "@fontsource" / package
        (home / "files").mkdir(parents=True, exist_ok=True)
        (home / "package.json").write_text('{"version": "5.0.0"}')
        (home / "LICENSE").write_text(f"Licence of {package}")
        for weight in assets.WEIGHTS:
            (home / "files" / f"{package}-{script}-{weight}-normal.woff2").write_bytes(font())


def refuses(folder: Path) -> None:
    raise assets.AssetsFailed(f"no network in {folder.name}")


def test_the_lock_pins_every_package_by_hash_and_names_no_registry() -> None:
    lock = (ROOT / "package-lock.json").read_text("utf-8")
    packages = {name: entry for name, entry in json.loads(lock)["packages"].items() if name}
    assert packages
    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())
    assert "resolved" not in lock
    assert "registry" not in lock


def test_package_json_asks_for_exact_versions() -> None:
    wanted = json.loads((ROOT / "package.json").read_text("utf-8"))["dependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
    assert {f"@fontsource/{package}" for package, _ in assets.SETS} <= wanted.keys()


def test_scripts_of_packages_are_never_run() -> None:
    assert "ignore-scripts=true" in (ROOT / ".npmrc").read_text("utf-8").split()


def test_the_built_fonts_are_those_of_the_lock() -> None:
    assert assets.up_to_date(), "run make assets"


def test_a_build_gives_every_face_its_licence_and_its_family(project: Path) -> None:
    fonts = project / "fonts"
    assert assets.build(fonts, root=project, install=fetched)
    faces = json.loads((fonts / assets.MANIFEST).read_text("utf-8"))["faces"]
    assert len(faces) == len(assets.SETS) * len(assets.WEIGHTS)
    assert all((fonts / face["file"]).read_bytes()[:4] == b"\x00\x01\x00\x00" for face in faces)
    licences = (fonts / assets.LICENCES).read_text("utf-8")
    assert all(f"@fontsource/{package} 5.0.0" in licences for package, _ in assets.SETS)


def test_what_is_up_to_date_is_not_fetched_again(project: Path) -> None:
    fonts = project / "fonts"
    assets.build(fonts, root=project, install=fetched)
    assert not assets.build(fonts, root=project, install=refuses)


@pytest.mark.parametrize("change", ["lock", "file"])
def test_a_changed_lock_or_a_lost_file_builds_again(project: Path, change: str) -> None:
    fonts = project / "fonts"
    assets.build(fonts, root=project, install=fetched)
    if change == "lock":
        lock = project / "package-lock.json"
        lock.write_text(lock.read_text("utf-8") + "\n", encoding="utf-8")
    else:
        next(fonts.glob("*.ttf")).unlink()
    assert not assets.up_to_date(fonts, root=project)
    assert assets.build(fonts, root=project, install=fetched)
    assert assets.up_to_date(fonts, root=project)


def test_a_build_that_fails_leaves_the_old_fonts_and_nothing_else(project: Path) -> None:
    fonts = project / "fonts"
    assets.build(fonts, root=project, install=fetched)
    (project / "package.json").write_text("{}")
    with pytest.raises(assets.AssetsFailed, match="no network"):
        assets.build(fonts, root=project, install=refuses)
    assert (fonts / assets.MANIFEST).is_file()
    assert sorted(path.name for path in project.iterdir()) == sorted([*assets.INPUTS, "fonts"])


def test_a_package_without_the_file_we_need_is_named(project: Path) -> None:
    def without_arabic(folder: Path) -> None:
        fetched(folder)
        shutil.rmtree(folder / "node_modules" / "@fontsource" / "noto-sans-arabic" / "files")

    with pytest.raises(assets.AssetsFailed, match="@fontsource/noto-sans-arabic"):
        assets.build(project / "fonts", root=project, install=without_arabic)


def test_npm_that_refuses_is_told_with_its_own_words(tmp_path: Path) -> None:
    with pytest.raises(assets.AssetsFailed, match="npm ci failed"):
        assets.npm_ci(tmp_path)


def test_the_command_says_what_it_did(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert assets.main() == 0
    assert "up to date" in capsys.readouterr().out
    monkeypatch.setattr(assets, "build", lambda: refuses(Path("here")))
    assert assets.main() == 1
    assert "no network" in capsys.readouterr().err
