"""The form that every credential of ours has, checked before it is signed and again when somebody shows one.

One table of shapes and one walk over it: stricter than the public schema, which accepts unknown properties,
empty criteria, numbers as indices and holders without a handle.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from services.documents import contexts, status_list

CONTEXT = [contexts.CREDENTIALS, contexts.OPEN_BADGES, contexts.OPEN_BADGES_EXTENSIONS]
SCHEMA = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"
PROFILE_TARGET = "ext:microcredentialProfile"
ACHIEVEMENT_TYPES = frozenset({"Competency", "MicroCredential"})
TARGET_TYPES = frozenset(
    {
        "ceasn:Competency",
        "ceterms:Credential",
        "CFItem",
        "CFRubric",
        "CFRubricCriterion",
        "CFRubricCriterionLevel",
        "CTDL",
    }
)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where (`credentialSubject.achievement.tag[0]`) and the code of what."""

    path: str
    code: str


class ProfileInvalid(Exception):  # noqa: N818 - an answer, not a fault of ours
    """The document does not have the form of a credential of ours; `problems` names all of them."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(f"{problem.path}: {problem.code}" for problem in problems))
        self.problems = problems


Rule = Callable[[object], str | None]
"""Answers the code of what is wrong with a value, or None."""


def _pattern(pattern: str, code: str) -> Rule:
    compiled = re.compile(pattern)

    def rule(value: object) -> str | None:
        return None if isinstance(value, str) and compiled.fullmatch(value) else code

    return rule


def _exactly(expected: object, code: str) -> Rule:
    def rule(value: object) -> str | None:
        # type() as well: True equals 1 and would pass for it.
        return None if type(value) is type(expected) and value == expected else code

    return rule


def _text(value: object) -> str | None:
    if not isinstance(value, str):
        return "not_text"
    return None if value.strip() else "empty"


def _number(value: object) -> str | None:
    return None if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 else "not_a_number"


def _boolean(value: object) -> str | None:
    return None if isinstance(value, bool) else "not_a_boolean"


def _instant(value: object) -> str | None:
    return None if instant(value) else "not_whole_seconds_utc"


def _achievement_type(value: object) -> str | None:
    known = isinstance(value, str) and (value in ACHIEVEMENT_TYPES or value.startswith("ext:"))
    return None if known else "achievement_type_unknown"


def _target_type(value: object) -> str | None:
    known = isinstance(value, str) and (value in TARGET_TYPES or value.startswith("ext:"))
    return None if known else "target_type_unknown"


_url = _pattern(r"https?://[^\s/]+(/\S*)?", "not_a_url")
_uuid = _pattern(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "not_a_urn_uuid")
_holder = _pattern(r"(urn:uuid:[0-9a-f-]{36}|did:[a-z0-9]+:\S+)", "not_a_handle")
_did = _pattern(r"did:web:\S+", "not_did_web")
_email = _pattern(r"[^\s@]+@[^\s@]+", "not_an_email")
_country = _pattern(r"[A-Z]{2}", "not_a_country_code")
_language = _pattern(r"[a-z]{2,3}(-[A-Z]{2})?", "not_a_language_tag")
_index = _pattern(r"0|[1-9][0-9]{0,5}", "index_not_a_string_of_digits")


@dataclass(frozen=True, slots=True)
class Property:
    """What a property holds: a value under a rule, or a node of the shape of that name; `many` means an array."""

    holds: Rule | str
    required: bool = False
    many: bool = False


def _types(*names: str) -> Property:
    return Property(_exactly(list(names), "type_not_this_array"), required=True)


def _type(name: str) -> Property:
    return Property(_exactly(name, "type_not_this_string"), required=True)


def _needed(holds: Rule | str, *, many: bool = False) -> Property:
    return Property(holds, required=True, many=many)


SHAPES: dict[str, dict[str, Property]] = {
    "credential": {
        "@context": _needed(_exactly(CONTEXT, "context_not_ours")),
        "id": _needed(_uuid),
        "type": _types("VerifiableCredential", "OpenBadgeCredential"),
        "name": _needed(_text),
        "description": _needed(_text),
        "image": Property("image"),
        "issuer": _needed("issuer"),
        "awardedDate": _needed(_instant),
        "validFrom": _needed(_instant),
        "validUntil": Property(_instant),
        "credentialSubject": _needed("subject"),
        "evidence": _needed("evidence", many=True),
        "credentialSchema": _needed("schema", many=True),
        "credentialStatus": _needed("status"),
        "proof": Property("proof", many=True),
    },
    "image": {"id": _needed(_url), "type": _type("Image"), "caption": _needed(_text)},
    "issuer": {
        "id": _needed(_did),
        "type": _types("Profile"),
        "name": _needed(_text),
        "url": _needed(_url),
        "email": _needed(_email),
        "address": _needed("address"),
    },
    "creator": {"id": _needed(_did), "type": _types("Profile"), "name": _needed(_text)},
    "address": {"type": _types("Address"), "addressCountryCode": _needed(_country), "addressRegion": Property(_text)},
    "subject": {
        "id": Property(_holder),
        "type": _types("AchievementSubject"),
        "identifier": Property("identity", many=True),
        "licenseNumber": _needed(_pattern(r"[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}", "not_a_code")),
        "creditsEarned": Property(_number),
        "activityStartDate": Property(_instant),
        "activityEndDate": Property(_instant),
        "narrative": Property(_text),
        "achievement": _needed("achievement"),
        "result": _needed("result", many=True),
    },
    "identity": {
        "type": _type("IdentityObject"),
        "hashed": _needed(_boolean),
        "identityHash": _needed(_text),
        "identityType": _needed(_pattern(r"name|emailAddress", "identity_type_unknown")),
        "salt": Property(_text),
    },
    "achievement": {
        "id": _needed(_url),
        "type": _types("Achievement"),
        "achievementType": _needed(_achievement_type),
        "inLanguage": _needed(_language),
        "version": _needed(_text),
        "humanCode": _needed(_text),
        "fieldOfStudy": _needed(_text),
        "creditsAvailable": Property(_number),
        "name": _needed(_text),
        "description": _needed(_text),
        "criteria": _needed("criteria"),
        "creator": _needed("creator"),
        "related": Property("related", many=True),
        "tag": Property(_text, many=True),
        "alignment": _needed("alignment", many=True),
        "resultDescription": _needed("result_description", many=True),
    },
    "criteria": {"id": Property(_url), "narrative": _needed(_text)},
    "related": {
        "id": _needed(_url),
        "type": _types("Related"),
        "inLanguage": _needed(_language),
        "version": Property(_text),
    },
    "alignment": {
        "type": _types("Alignment"),
        "targetType": _needed(_target_type),
        "targetCode": Property(_text),
        "targetName": _needed(_text),
        "targetFramework": Property(_text),
        "targetUrl": _needed(_url),
    },
    "result_description": {
        "id": _needed(_url),
        "type": _types("ResultDescription"),
        "name": _needed(_text),
        "resultType": _needed(_pattern(r"RubricCriterionLevel|Status", "result_type_unknown")),
        "requiredLevel": Property(_url),
        "rubricCriterionLevel": Property("level", many=True),
        "allowedValue": Property(_exactly("Completed", "status_not_completed"), many=True),
    },
    "level": {
        "id": _needed(_url),
        "type": _types("RubricCriterionLevel"),
        "name": _needed(_text),
        "level": _needed(_text),
    },
    "result": {
        "type": _types("Result"),
        "resultDescription": _needed(_url),
        "achievedLevel": Property(_url),
        "status": Property(_exactly("Completed", "status_not_completed")),
        "value": Property(_text),
        "alignment": Property("alignment", many=True),
    },
    "evidence": {
        "type": _types("Evidence"),
        "name": _needed(_text),
        "genre": _needed(_text),
        "description": _needed(_text),
    },
    "schema": {"id": _needed(_exactly(SCHEMA, "schema_not_ours")), "type": _type("1EdTechJsonSchemaValidator2019")},
    "status": {
        "id": _needed(_url),
        "type": _type("BitstringStatusListEntry"),
        "statusPurpose": _needed(_exactly(status_list.PURPOSE, "purpose_not_revocation")),
        "statusListIndex": _needed(_index),
        "statusListCredential": _needed(_url),
    },
    "proof": {
        "type": _type("DataIntegrityProof"),
        "created": _needed(_instant),
        "verificationMethod": _needed(_pattern(r"did:web:\S+#\S+", "not_a_key_of_did_web")),
        "cryptosuite": _needed(_exactly("eddsa-rdfc-2022", "cryptosuite_unknown")),
        "proofPurpose": _needed(_exactly("assertionMethod", "purpose_not_assertion")),
        "proofValue": _needed(_pattern(r"z[1-9A-HJ-NP-Za-km-z]{80,90}", "not_a_proof_value")),
    },
}
"""Every node and property that a credential of ours may have; what is not here is an unknown property."""


def check(document: object, *, now: datetime | None = None) -> None:
    """Check a credential, signed or not; with `now` also that it does not start in the future.

    Raises `ProfileInvalid` with every problem.
    """
    problems = _shape(document, "credential", "")
    if not problems and isinstance(document, dict):
        problems = _agreement(document, now)
    if problems:
        raise ProfileInvalid(tuple(problems))


def names(document: Mapping[str, Any]) -> frozenset[str]:
    """The names of its holder that a credential carries; of a document in any shape."""
    subject = document.get("credentialSubject")
    carried = subject.get("identifier") if isinstance(subject, dict) else None
    return frozenset(
        one["identityHash"]
        for one in (carried if isinstance(carried, list) else ())
        if isinstance(one, dict) and one.get("identityType") == "name" and isinstance(one.get("identityHash"), str)
    )


def achievement(document: Mapping[str, Any]) -> str:
    """The name of what a credential says was achieved; of a document in any shape, empty where it has none."""
    subject = document.get("credentialSubject")
    achieved = subject.get("achievement") if isinstance(subject, dict) else None
    name = achieved.get("name") if isinstance(achieved, dict) else None
    return name if isinstance(name, str) else ""


def instant(value: object) -> datetime | None:
    """Read an instant as credentials write it (whole seconds, `Z`), or None."""
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}(-\d\d){2}T\d\d(:\d\d){2}Z", value, re.ASCII):
        return None
    try:
        return datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def _shape(node: object, shape: str, path: str) -> list[Problem]:
    if not isinstance(node, dict):
        return [Problem(path, "not_an_object")]
    at = f"{path}." if path else ""
    properties = SHAPES[shape]
    problems = [Problem(at + str(name), "unknown_property") for name in node if name not in properties]
    for name, expected in properties.items():
        if name in node:
            problems += _property(node[name], expected, at + name)
        elif expected.required:
            problems.append(Problem(at + name, "missing"))
    return problems


def _property(value: object, expected: Property, path: str) -> list[Problem]:
    if not expected.many:
        return _value(value, expected.holds, path)
    if not isinstance(value, list):
        return [Problem(path, "not_an_array")]
    if not value:
        return [Problem(path, "empty")]
    return [
        problem
        for place, element in enumerate(value)
        for problem in _value(element, expected.holds, f"{path}[{place}]")
    ]


def _value(value: object, holds: Rule | str, path: str) -> list[Problem]:
    if isinstance(holds, str):
        return _shape(value, holds, path)
    code = holds(value)
    return [Problem(path, code)] if code else []


def _agreement(document: dict[str, Any], now: datetime | None) -> list[Problem]:
    """What the parts of a well-formed credential must say about each other."""
    subject, status = document["credentialSubject"], document["credentialStatus"]
    achievement = subject["achievement"]
    start, end = instant(document["validFrom"]), instant(document.get("validUntil"))
    targets = {alignment["targetType"] for alignment in achievement["alignment"]}
    index = int(status["statusListIndex"])
    rows = (
        ("credentialSubject", "holder_without_handle", "id" in subject or "identifier" in subject),
        ("awardedDate", "not_valid_from", document["awardedDate"] == document["validFrom"]),
        ("validFrom", "in_the_future", now is None or start is None or start <= now),
        ("validUntil", "before_valid_from", end is None or start is None or end > start),
        ("credentialSubject.achievement.alignment", "framework_item_missing", "CFItem" in targets),
        ("credentialSubject.achievement.alignment", "definition_profile_missing", PROFILE_TARGET in targets),
        (
            "credentialSubject.achievement.creator.id",
            "not_the_issuer",
            achievement["creator"]["id"] == document["issuer"]["id"],
        ),
        ("credentialStatus.statusListIndex", "index_past_the_list", index < status_list.SIZE),
        ("credentialStatus.id", "not_list_and_index", status["id"] == f"{status['statusListCredential']}#{index}"),
        ("proof", "not_a_key_of_the_issuer", _keys_are_the_issuers(document)),
    )
    problems = [Problem(path, code) for path, code, holds in rows if not holds]
    return problems + _results(subject["result"], achievement["resultDescription"])


def _keys_are_the_issuers(document: dict[str, Any]) -> bool:
    issuer = document["issuer"]["id"]
    return all(proof["verificationMethod"].partition("#")[0] == issuer for proof in document.get("proof", []))


def _results(results: list[dict[str, Any]], descriptions: list[dict[str, Any]]) -> list[Problem]:
    """Each result names a description; a level must be one of its levels and reach the required one."""
    described = {description["id"]: description for description in descriptions}
    problems = []
    for place, result in enumerate(results):
        path = f"credentialSubject.result[{place}]"
        description = described.get(result["resultDescription"])
        if description is None:
            problems.append(Problem(f"{path}.resultDescription", "result_not_described"))
        elif "achievedLevel" in result:
            levels = [level["id"] for level in description.get("rubricCriterionLevel", [])]
            wanted = (result["achievedLevel"], description.get("requiredLevel"))
            if not set(wanted) <= set(levels):
                problems.append(Problem(f"{path}.achievedLevel", "level_not_described"))
            elif levels.index(wanted[0]) < levels.index(wanted[1]):
                problems.append(Problem(f"{path}.achievedLevel", "level_not_reached"))
    return problems
