"""The production shape that compose.yaml describes fits the code: its settings, commands and ports, and no secret."""

import re
import subprocess
import sys
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from services import settings

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "compose.yaml").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if service["image"].startswith("acquis:")]
JOBS = {"migrate", "grants", "temporal-schema", "namespace"}
"""What runs to its end at every start; everything else stays up."""

VARIABLE = re.compile(r"(?<!\$)\$\{(?P<name>\w+)(?P<rest>[^}]*)\}")
SAMPLE = {
    "ACQUIS_BASE_URL": "https://recognition.college.example",
    "ACQUIS_EVIDENCE_ORIGIN": "https://files.college.example",
    "ACQUIS_ISSUER_DID": "did:web:recognition.college.example",
    "ACQUIS_SERVICE_PASSWORD": "sample",
    "ACQUIS_OWNER_PASSWORD": "sample",
    "ACQUIS_MAIL_FROM": "Sample College <recognition@college.example>",
    "ACQUIS_MAIL_DOMAIN": "college.example",
    "ACQUIS_ACCEPT_UNSCANNED": "yes",
    "ACQUIS_TRUSTED_PROXIES": "172.18.0.1",
}
"""What an adopter would put into .env; a variable that is not named here does not reach Acquis."""


def environment_of(service: str) -> dict[str, str]:
    given = SERVICES[service]["environment"]
    return {name: VARIABLE.sub(lambda found: SAMPLE[found["name"]], value) for name, value in given.items()}


@pytest.mark.parametrize("service", OURS)
def test_every_setting_is_one_that_acquis_knows(service: str) -> None:
    known = {f"ACQUIS_{field.name.upper()}" for field in fields(settings.Settings)}
    assert set(SERVICES[service]["environment"]) <= known


@pytest.mark.parametrize("service", OURS)
def test_the_settings_are_accepted_in_production(service: str) -> None:
    assert settings.read(environment_of(service)).production


@pytest.mark.parametrize("service", OURS)
def test_every_command_is_one_that_acquis_has(service: str) -> None:
    program, *arguments = SERVICES[service]["command"]
    acquis = Path(sys.executable).with_name(program)
    answered = subprocess.run([acquis, *arguments, "--help"], capture_output=True, text=True, check=False)
    assert answered.returncode == 0, answered.stderr


def test_every_kind_of_process_is_there() -> None:
    queues = {SERVICES[name]["command"][-1] for name in OURS if "work" in SERVICES[name]["command"]}
    assert queues == {"case", "effects", "files"}
    assert ["acquis", "serve"] in [SERVICES[name]["command"] for name in OURS]
    assert ["acquis", "migrate"] in [SERVICES[name]["command"] for name in OURS]


def test_the_api_listens_where_compose_image_and_health_check_look() -> None:
    port = settings.read(environment_of("api")).port
    assert SERVICES["api"]["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert f"http://127.0.0.1:{port}/health/ready" in SERVICES["api"]["healthcheck"]["test"][-1]
    assert f"EXPOSE {port}\n" in DOCKERFILE
    assert port == settings.Settings().port


def test_the_addresses_lead_to_services_of_this_file() -> None:
    chosen = settings.read(environment_of("api"))
    objects = urlsplit(chosen.s3_endpoint)
    assert f"-s3.port={objects.port} " in SERVICES[str(objects.hostname)]["command"][0]
    assert chosen.blobs.startswith("s3://")
    server, port = chosen.temporal.split(":")
    assert port in SERVICES[server]["healthcheck"]["test"]
    assert f"--namespace {chosen.temporal_namespace} " in SERVICES["namespace"]["command"][0]
    for address in (chosen.database, chosen.mail):
        assert urlsplit(address).hostname in SERVICES


def test_nothing_secret_has_a_default() -> None:
    loose = [
        found["name"]
        for found in VARIABLE.finditer(TEXT)
        if not found["rest"].startswith(":?")
        and found["rest"] != ":-"  # `:-` alone is an empty text: no sign-in at all
    ]
    assert loose == []
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|PWD|SECRET|PASSPHRASE", name):
                assert value.startswith(("${", "/run/secrets/")), name


def test_only_the_effects_worker_holds_the_signing_key() -> None:
    assert [name for name, service in SERVICES.items() if "issuer_key" in service.get("secrets", [])] == [
        "worker-effects"
    ]


def test_only_the_api_can_be_reached_and_only_from_this_host() -> None:
    assert {name: service["ports"] for name, service in SERVICES.items() if "ports" in service} == {
        "api": ["127.0.0.1:8000:8000"]
    }


def test_what_stays_up_is_watched_and_what_is_waited_for_can_answer() -> None:
    assert {name for name, service in SERVICES.items() if "healthcheck" not in service} == JOBS
    for service in SERVICES.values():
        for name, wait in service.get("depends_on", {}).items():
            expected = "service_completed_successfully" if name in JOBS else "service_healthy"
            assert wait["condition"] == expected


def test_every_image_is_pinned_and_ours_has_the_version_of_the_project() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    tags = {service["image"].rpartition(":")[::2] for service in SERVICES.values()}
    assert ("acquis", version) in tags
    assert [image for image, tag in tags if not re.match(r"v?\d+\.\d+", tag)] == []


@pytest.mark.parametrize("kind", ["volumes", "secrets", "networks"])
def test_what_services_name_is_declared_and_used(kind: str) -> None:
    named = {entry.partition(":")[0] for service in SERVICES.values() for entry in service.get(kind, [])}
    assert named == set(COMPOSE[kind])


def test_the_image_holds_what_production_needs_and_no_more() -> None:
    running = DOCKERFILE.rpartition("\nFROM ")[2]
    assert "--requirement requirements-production.lock" in DOCKERFILE
    assert "requirements.lock" not in running
    assert {"libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "libfontconfig1"} <= set(running.split())
    assert "\nUSER acquis\n" in running
