"""Settings are read once, every problem is told at once, and production has no default secrets."""

import pytest

from services import settings

PRODUCTION = {
    "ACQUIS_MODE": "production",
    "ACQUIS_BASE_URL": "https://rpl.example.org",
    "ACQUIS_DATABASE": "postgresql://acquis@db/acquis",
    "ACQUIS_BLOBS": "s3://evidence",
    "ACQUIS_TEMPORAL": "temporal:7233",
    "ACQUIS_MAIL": "smtp://relay:25",
    "ACQUIS_ISSUER_DID": "did:web:rpl.example.org",
    "ACQUIS_ISSUER_KEY_FILE": "/run/secrets/issuer",
    "ACQUIS_ACCEPT_UNSCANNED": "yes",
}


def problems(environment: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(settings.SettingsInvalid) as invalid:
        settings.read(environment)
    assert all(problem.fr != problem.en for problem in invalid.value.problems)
    return tuple(problem.en for problem in invalid.value.problems)


def test_nothing_set_is_one_machine_with_everything_in_one_folder() -> None:
    read = settings.read({"ACQUIS_DATA": "/srv/acquis"})
    assert not read.production
    assert read.database_url == "sqlite:////srv/acquis/acquis.db"
    assert (read.blob_place, read.mail_place) == ("/srv/acquis/blobs", "/srv/acquis/outbox")
    assert (read.temporal_address, str(read.key_file)) == ("127.0.0.1:7233", "/srv/acquis/keys/issuer.pem")


def test_the_issuer_is_named_after_the_base_address_with_its_port_escaped() -> None:
    assert settings.read({"ACQUIS_BASE_URL": "http://localhost:8123"}).issuer == "did:web:localhost%3A8123"
    assert settings.read({"ACQUIS_BASE_URL": "https://rpl.example.org"}).issuer == "did:web:rpl.example.org"


def test_what_a_child_process_gets_is_what_its_parent_had() -> None:
    read = settings.read({"ACQUIS_DATA": "/srv/acquis", "ACQUIS_PORT": "8123"})
    assert settings.read(read.environment()) == read


def test_every_problem_is_told_at_once() -> None:
    told = problems({"ACQUIS_MODE": "testing", "ACQUIS_PORT": "many", "ACQUIS_COLOUR": "blue"})
    assert [sentence.split()[0] for sentence in told] == ["ACQUIS_COLOUR", "ACQUIS_PORT", "ACQUIS_MODE"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "65536"),
        ("TEMPORAL_PORT", "99999"),
        ("DATABASE", "mysql://host/name"),
        ("DATABASE", "postgresql://host:port/name"),
        ("DATABASE", "postgresql://host"),
        ("BLOBS", "gs://bucket"),
        ("BLOBS", "s3://"),
        ("S3_ENDPOINT", "objects:8333"),
        ("TEMPORAL", "temporal"),
        ("TEMPORAL", "http://temporal:7233"),
        ("MAIL", "http://relay"),
        ("MAIL", "smtp://relay:port"),
        ("MAIL_FROM", "Office <nowhere>"),
        ("MAIL_FROM", "Office <a@b.example>\nBcc: c@d.example"),
        ("TRUSTED_PROXIES", "10.0.0.0/8, proxy"),
        ("PROGRAMMES", "/nowhere/at/all"),
        ("EVIDENCE_ORIGIN", "http://[files"),
    ],
)
def test_a_setting_that_nothing_can_be_done_with_is_refused_before_anything_starts(name: str, value: str) -> None:
    (told,) = problems({f"ACQUIS_{name}": value})
    assert told.startswith(f"ACQUIS_{name} must be ")


@pytest.mark.parametrize(
    "address", ["http://rpl.example.org", "ftp://localhost", "localhost:8000", "http://[", "http://localhost:p"]
)
def test_a_base_address_that_others_could_read_along_is_refused(address: str) -> None:
    assert any("ACQUIS_BASE_URL" in sentence for sentence in problems({"ACQUIS_BASE_URL": address}))


@pytest.mark.parametrize(
    "origin", ["http://files.example.org", "https://files.example.org/path", "https://rpl.example.org:8443", "files"]
)
def test_the_origin_of_evidence_is_another_host_and_as_safe(origin: str) -> None:
    (told,) = problems(PRODUCTION | {"ACQUIS_EVIDENCE_ORIGIN": origin})
    assert told.startswith("ACQUIS_EVIDENCE_ORIGIN must ")
    assert settings.read(PRODUCTION | {"ACQUIS_EVIDENCE_ORIGIN": "https://files.example.org"}).evidence_origin


def test_a_complete_production_environment_is_accepted() -> None:
    assert settings.read(PRODUCTION).production


@pytest.mark.parametrize("missing", sorted(set(PRODUCTION) - {"ACQUIS_MODE", "ACQUIS_BASE_URL"}))
def test_production_names_each_setting_that_is_missing(missing: str) -> None:
    left = {name: value for name, value in PRODUCTION.items() if name != missing}
    assert any(missing in sentence for sentence in problems(left))


def test_production_issues_under_a_web_address_only() -> None:
    assert any("did:web" in sentence for sentence in problems(PRODUCTION | {"ACQUIS_ISSUER_DID": "did:key:z6Mk"}))
