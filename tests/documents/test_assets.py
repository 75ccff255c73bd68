"""What is built comes from locked packages, is built once, and is never half there."""

import json
import re
import shutil
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest

from services.assets import __main__ as command
from services.assets import fonts, packages, static

ROOT = packages.ROOT


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in packages.INPUTS:
        shutil.copyfile(ROOT / name, tmp_path / name)
    return tmp_path


@cache
def font() -> bytes:
    """A real font, packed as packages have it."""
    from fontTools.ttLib import TTFont

    sample, packed = TTFont(fonts.FONTS / "noto-sans-greek-ext-400-normal.ttf"), BytesIO()
    sample.flavor = "woff2"
    sample.save(packed)
    return packed.getvalue()


def fetched(folder: Path) -> None:
    """Packages as npm would have installed them."""
    for package, script in fonts.SETS:
        home = folder / "node_modules" / "@fontsource" / package
        (home / "files").mkdir(parents=True, exist_ok=True)
        (home / "package.json").write_text('{"version": "5.0.0"}')
        (home / "LICENSE").write_text(f"Licence of {package}")
        for weight in fonts.WEIGHTS:
            (home / "files" / f"{package}-{script}-{weight}-normal.woff2").write_bytes(font())


def refuses(folder: Path) -> None:
    raise packages.AssetsFailed(f"no network in {folder.name}")


def test_the_lock_pins_every_package_by_hash_and_names_no_registry() -> None:
    lock = (ROOT / "package-lock.json").read_text("utf-8")
    packages = {name: entry for name, entry in json.loads(lock)["packages"].items() if name}
    assert packages
    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())
    assert "resolved" not in lock
    assert "registry" not in lock


def test_package_json_asks_for_exact_versions() -> None:
    declared = json.loads((ROOT / "package.json").read_text("utf-8"))
    wanted = declared["dependencies"] | declared["devDependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
    assert {f"@fontsource/{package}" for package, _ in fonts.SETS} <= wanted.keys()


def test_scripts_of_packages_are_never_run() -> None:
    assert "ignore-scripts=true" in (ROOT / ".npmrc").read_text("utf-8").split()


def test_the_built_fonts_are_those_of_the_lock() -> None:
    assert fonts.up_to_date(), "run make assets"


def test_a_build_gives_every_face_its_licence_and_its_family(project: Path) -> None:
    built = project / "fonts"
    assert fonts.build(built, root=project, install=fetched)
    faces = json.loads((built / packages.MANIFEST).read_text("utf-8"))["faces"]
    assert len(faces) == len(fonts.SETS) * len(fonts.WEIGHTS)
    assert all((built / face["file"]).read_bytes()[:4] == b"\x00\x01\x00\x00" for face in faces)
    licences = (built / packages.LICENCES).read_text("utf-8")
    assert all(f"@fontsource/{package} 5.0.0" in licences for package, _ in fonts.SETS)


def test_what_is_up_to_date_is_not_fetched_again(project: Path) -> None:
    built = project / "fonts"
    fonts.build(built, root=project, install=fetched)
    assert not fonts.build(built, root=project, install=refuses)


@pytest.mark.parametrize("change", ["lock", "file"])
def test_a_changed_lock_or_a_lost_file_builds_again(project: Path, change: str) -> None:
    built = project / "fonts"
    fonts.build(built, root=project, install=fetched)
    if change == "lock":
        lock = project / "package-lock.json"
        lock.write_text(lock.read_text("utf-8") + "\n", encoding="utf-8")
    else:
        next(built.glob("*.ttf")).unlink()
    assert not fonts.up_to_date(built, root=project)
    assert fonts.build(built, root=project, install=fetched)
    assert fonts.up_to_date(built, root=project)


def test_a_build_that_fails_leaves_the_old_fonts_and_nothing_else(project: Path) -> None:
    built = project / "fonts"
    fonts.build(built, root=project, install=fetched)
    (project / "package.json").write_text("{}")
    with pytest.raises(packages.AssetsFailed, match="no network"):
        fonts.build(built, root=project, install=refuses)
    assert (built / packages.MANIFEST).is_file()
    assert sorted(path.name for path in project.iterdir()) == sorted([*packages.INPUTS, "fonts"])


def test_a_package_without_the_file_we_need_is_named(project: Path) -> None:
    def without_arabic(folder: Path) -> None:
        fetched(folder)
        shutil.rmtree(folder / "node_modules" / "@fontsource" / "noto-sans-arabic" / "files")

    with pytest.raises(packages.AssetsFailed, match="@fontsource/noto-sans-arabic"):
        fonts.build(project / "fonts", root=project, install=without_arabic)


def test_npm_that_refuses_is_told_with_its_own_words(tmp_path: Path) -> None:
    with pytest.raises(packages.AssetsFailed, match="npm ci failed"):
        packages.npm_ci(tmp_path)


def test_the_built_pages_are_those_of_the_sources() -> None:
    assert static.up_to_date(), "run make assets"


def test_nothing_of_the_pages_names_another_host_or_the_marks_of_another_house() -> None:
    for name in json.loads((static.STATIC / packages.MANIFEST).read_text("utf-8"))["files"].values():
        if name.endswith((".css", ".svg")) or name.startswith(("page.", "live.")):
            text = (static.STATIC / name).read_text("utf-8")
            hosts = set(re.findall(r"https?://([a-z0-9.-]+)", text)) - {"www.w3.org"}
            assert not {host for host in hosts if "govuk" not in name and not host.endswith("gov.uk")}, name
            assert "GDS Transport" not in text
            assert "crown" not in text.lower()


def test_the_pages_come_with_the_licence_of_each_package() -> None:
    licences = (static.STATIC / packages.LICENCES).read_text("utf-8")
    assert all(f"{name} " in licences for name in static.SHIPPED)


def test_a_package_without_terms_is_not_taken(tmp_path: Path) -> None:
    home = tmp_path / "node_modules" / "nameless"
    home.mkdir(parents=True)
    (home / "package.json").write_text('{"version": "1.0.0"}')
    (home / "README.md").write_text("# Nameless\n")
    with pytest.raises(packages.AssetsFailed, match="nameless brings no licence"):
        packages.write_licences(tmp_path, tmp_path, ["nameless"])


def test_the_command_says_what_it_did(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert command.main() == 0
    assert "up to date" in capsys.readouterr().out
    monkeypatch.setattr(fonts, "build", lambda **_: refuses(Path("here")))
    assert command.main() == 1
    assert "no network" in capsys.readouterr().err
