"""The rooms of the house stay apart: every import contract holds, and every one of them would notice a breach."""

import os
import re
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
    "layers": ("services/workflows/breach_of_layers.py", "import services.api"),
    "rules-stdlib": ("services/rules/breach_of_rules.py", "import msgspec"),
    "records-no-wire": ("services/records/breach_of_records.py", "import temporalio"),
    "documents-no-wire": ("services/documents/breach_of_documents.py", "import services.records"),
    "workflows-no-http": ("services/workflows/breach_of_workflows.py", "import litestar"),
    "workflow-definitions": ("services/workflows/case.py", "import cryptography"),
    "api-no-temporal": ("services/api/breach_of_api.py", "import temporalio"),
    "templates-data": ("portfolio_templates/breach_of_templates.py", "import services.rules"),
}
"""For each contract a module, new or old, and a line that must not stand in it."""


def lint(house: Path) -> subprocess.CompletedProcess[str]:
    lint_imports = Path(sys.executable).with_name("lint-imports")
    wide = os.environ | {"COLUMNS": "1000"}  # one line a contract, however narrow the terminal
    return subprocess.run(
        [lint_imports, "--no-cache"], cwd=house, env=wide, capture_output=True, text=True, check=False
    )


def copy_of_the_house(folder: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", folder)
    for room in ("services", "portfolio_templates", "tools"):
        for module in (ROOT / room).rglob("*.py"):
            target = folder / module.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(module, target)
    return folder


@pytest.fixture(scope="module")
def findings_in_a_breached_house(tmp_path_factory: pytest.TempPathFactory) -> str:
    house = copy_of_the_house(tmp_path_factory.mktemp("house"))
    for module, line in BREACHES.values():
        with (house / module).open("a") as opened:
            opened.write(f"\n{line}\n")
    found = lint(house)
    assert found.returncode == 1, found.stdout + found.stderr
    return found.stdout


def test_every_contract_is_kept() -> None:
    found = lint(ROOT)
    assert found.returncode == 0, found.stdout + found.stderr


def test_every_contract_has_its_breach() -> None:
    assert set(BREACHES) == set(CONTRACTS)


@pytest.mark.parametrize("contract", BREACHES)
def test_a_breach_is_found(contract: str, findings_in_a_breached_house: str) -> None:
    module, line = BREACHES[contract]
    importer = module.removesuffix(".py").replace("/", ".")
    imported = line.removeprefix("import ")
    assert f"{CONTRACTS[contract]} BROKEN" in findings_in_a_breached_house
    assert re.search(rf"{importer} -> {imported}\b", findings_in_a_breached_house)
