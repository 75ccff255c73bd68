"""The rooms of the house stay apart: every import contract holds, and every one of them would notice a breach."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CONTRACTS = {
    contract["id"]: contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
}

BREACHES = {
    "layers": ("services/workflows", "import services.api"),
    "rules-stdlib": ("services/rules", "import msgspec"),
    "records-no-wire": ("services/records", "import temporalio"),
    "documents-no-wire": ("services/documents", "import services.records"),
    "workflows-no-http": ("services/workflows", "import litestar"),
    "api-no-temporal": ("services/api", "import temporalio"),
    "templates-data": ("portfolio_templates", "import services.rules"),
}
"""For each contract a room and a line that must not stand in it."""


def lint(house: Path) -> subprocess.CompletedProcess[str]:
    lint_imports = Path(sys.executable).with_name("lint-imports")
    wide = os.environ | {"COLUMNS": "1000"}  # one line a contract, however narrow the terminal
    return subprocess.run(
        [lint_imports, "--no-cache"], cwd=house, env=wide, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def copy_of_the_house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    house = tmp_path_factory.mktemp("house")
    shutil.copy(ROOT / "pyproject.toml", house)
    for folder in ("services", "portfolio_templates", "tools"):
        for module in (ROOT / folder).rglob("*.py"):
            target = house / module.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(module, target)
    return house


@pytest.fixture(scope="module")
def findings_in_a_breached_house(copy_of_the_house: Path) -> str:
    for contract, (room, line) in BREACHES.items():
        breach = copy_of_the_house / room / f"breach_of_{contract.replace('-', '_')}.py"
        breach.write_text(f"{line}\n")
    found = lint(copy_of_the_house)
    for breach in copy_of_the_house.rglob("breach_of_*.py"):
        breach.unlink()
    assert found.returncode == 1, found.stdout + found.stderr
    return found.stdout


def test_every_contract_is_kept(copy_of_the_house: Path) -> None:
    found = lint(copy_of_the_house)
    assert found.returncode == 0, found.stdout + found.stderr


def test_every_contract_has_its_breach() -> None:
    assert set(BREACHES) == set(CONTRACTS)


@pytest.mark.parametrize("contract", BREACHES)
def test_a_breach_is_found(contract: str, findings_in_a_breached_house: str) -> None:
    assert f"{CONTRACTS[contract]} BROKEN" in findings_in_a_breached_house
    assert f"breach_of_{contract.replace('-', '_')}" in findings_in_a_breached_house
