"""The description of the API is the one that was reviewed, and good enough to generate clients from."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from services.api import snapshot
from services.rules.commands import BODIES, WORDLESS, Nothing
from tests.api.kit import Api

KEPT = Path(__file__).with_name("openapi.json")


@cache
def described() -> dict[str, Any]:
    """The description; to make it takes a second and more."""
    document: dict[str, Any] = json.loads(snapshot.made())
    return document


def test_the_description_is_the_one_that_was_reviewed() -> None:
    renew = "renew it: python -m services.api.snapshot > tests/api/openapi.json"
    assert json.loads(KEPT.read_text(encoding="utf-8")) == described(), renew


async def test_it_is_served_to_anybody(api: Api) -> None:
    answer = await api.http.get("/api/v1/openapi.json")
    assert answer.json() == described()
    assert "no-store" not in answer.headers["cache-control"]


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, operation)
        for path, methods in described()["paths"].items()
        for method, operation in methods.items()
    ]


def test_every_operation_has_a_name_a_summary_and_a_place_in_the_table_of_contents() -> None:
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(names) == len(set(names))
    tags = {tag["name"] for tag in described()["tags"]}
    for method, path, operation in operations():
        assert operation["summary"], (method, path)
        assert set(operation["tags"]) <= tags, (method, path)
        assert operation["tags"], (method, path)


def test_every_operation_may_answer_a_problem_and_none_answers_400() -> None:
    for method, path, operation in operations():
        assert "400" not in operation["responses"], (method, path)
        refused = operation["responses"]["404"]
        assert "content" in refused, (method, path)
    assert set(described()["components"]["schemas"]["Problem"]["required"]) == {
        "type",
        "title",
        "status",
        "code",
        "instance",
    }


def test_every_command_has_its_body_and_needs_a_version() -> None:
    by_name = {operation["operationId"]: operation for _, _, operation in operations()}
    for kind, body in BODIES.items():
        operation = by_name[kind]
        (version,) = [one for one in operation["parameters"] if one["name"] == "If-Match"]
        assert version["required"], kind
        assert {"200", "202", "409", "428"} <= set(operation["responses"]), kind
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        if kind in WORDLESS:
            schema, nothing = schema["oneOf"]
            assert nothing == {"type": "null"}, kind
        said = "Wordless" if body is Nothing else body.__name__
        assert schema["$ref"].endswith(f"/{said}"), kind


def test_every_reference_leads_somewhere_and_no_schema_is_empty() -> None:
    document = described()

    def walk(tree: Any) -> None:  # noqa: ANN401 - JSON
        if isinstance(tree, list):
            for part in tree:
                walk(part)
        elif isinstance(tree, dict):
            if "$ref" in tree:
                assert tree["$ref"].removeprefix("#/components/schemas/") in document["components"]["schemas"]
            for name, part in tree.items():
                assert not (name in {"items", "schema"} and part == {}), tree
                walk(part)

    walk(document)


def test_what_anybody_may_ask_needs_no_token() -> None:
    for method, path, operation in operations():
        public = operation.get("security") == []
        assert public == (
            not path.startswith("/api/v1/")
            or path.startswith(
                (
                    "/api/v1/verify",
                    "/api/v1/programmes",
                    "/api/v1/public/",
                    "/api/v1/attestations/",
                    "/api/v1/invitations/",
                    "/api/v1/surveys/",
                )
            )
            or path in {"/api/v1/sign-in", "/api/v1/credentials/{code}"}
        ), (method, path)


BY_ASKING = {
    "hand_over",
    "invite_learner",
    "sign_out",
    "remind_attestation",
    "renew_attestation",
    "cancel_attestation",
    "begin_upload",
    "publish_year",
    "stop_surveys_by_link",
}
"""What is done by asking for it, without a word more."""


def test_whatever_is_sent_or_answered_as_bytes_is_described_as_such() -> None:
    by_name = {operation["operationId"]: operation for _, _, operation in operations()}
    assert set(by_name["attach_evidence"]["requestBody"]["content"]) == {"multipart/form-data"}
    assert set(by_name["verify_file"]["requestBody"]["content"]) == {"application/json", "application/pdf"}
    assert set(by_name["read_letter"]["responses"]["200"]["content"]) == {"application/pdf"}
    for method, path, operation in operations():
        if method in {"post", "put", "patch"} and operation["operationId"] not in BY_ASKING:
            assert "requestBody" in operation, (method, path)
