"""A competency of a programme version as the public sees it: its address, its Open Badges form, its definition.

One credential names it by address; the page at that address is made by the same functions, so the two agree.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from services.documents import badge_wording, contexts
from services.documents.badge_profile import PROFILE_TARGET
from services.rules.programmes import Alignment, Competency, Language, Programme, Text

REQUIRED_LEVEL = 3
"""The rubric's level "fully demonstrated"; a grant reaches it."""
STATUS = "Completed"


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who signs and where it publishes: `did:web` and address without a slash at the end."""

    did: str
    base_url: str


@dataclass(frozen=True, slots=True)
class DefinitionProfile:
    """A published definition of what a microcredential is, which the credential satisfies."""

    key: str
    version: int
    name: Text
    conditions: tuple[Text, ...]


RECOGNITION = DefinitionProfile(
    "acquis-recognition",
    1,
    Text("Acquis definition profile: recognised competency", "Profil de définition Acquis\u00a0: compétence reconnue"),
    (
        Text(
            "The credential is about one competency of a published, versioned framework.",
            "L’attestation porte sur une compétence d’un référentiel publié et versionné.",
        ),
        Text(
            "A person decided, after qualified assessors judged every criterion; the credential says how.",
            "Une personne a décidé, après que des personnes qualifiées ont évalué chaque critère\u00a0; l’attestation "
            "dit comment.",
        ),
        Text(
            "The required level is stated and was reached.",
            "Le niveau exigé est indiqué et a été atteint.",
        ),
        Text(
            "Anybody can check it without an account, and the institution can withdraw it.",
            "Toute personne peut la vérifier sans compte, et l’établissement peut la retirer.",
        ),
    ),
)
"""The definition that every assessed credential of ours satisfies: `badge_profile.check` enforces its conditions."""


TRANSFER = DefinitionProfile(
    "acquis-transfer",
    1,
    Text(
        "Acquis definition profile: competency recognised by credit transfer",
        "Profil de définition Acquis\u00a0: compétence reconnue par transfert de crédits",
    ),
    (
        Text(
            "The credential is about one competency of a published, versioned framework.",
            "L’attestation porte sur une compétence d’un référentiel publié et versionné.",
        ),
        Text(
            "Another body certified it; issuer, date and equivalence were checked, and a person decided.",
            "Un autre organisme l’a certifiée\u00a0; l’organisme, la date et l’équivalence ont été vérifiés, et une "
            "personne a décidé.",
        ),
        Text(
            "Nothing was assessed again: no level is stated.",
            "Rien n’a été évalué de nouveau\u00a0: aucun niveau n’est indiqué.",
        ),
        Text(
            "Anybody can check it without an account, and the institution can withdraw it.",
            "Toute personne peut la vérifier sans compte, et l’établissement peut la retirer.",
        ),
    ),
)
"""The definition of a credential that rests on a checked transfer, where nobody assessed anything."""

DEFINITIONS = {(profile.key, profile.version): profile for profile in (RECOGNITION, TRANSFER)}
"""Every definition that is published."""


def slug(programme: Programme, competency: Competency) -> str:
    """Return the name of an achievement in its address; neither part contains a dot."""
    return f"{programme.slug}.{competency.key}"


def url(programme: Programme, competency: Competency, base_url: str) -> str:
    """Return the address of an achievement's version, the same in both languages."""
    return f"{base_url}/achievements/{slug(programme, competency)}/v{programme.version}"


def item_url(programme: Programme, competency: Competency, base_url: str) -> str:
    """Return the address of the competency as an item of the published framework."""
    identifier = uuid5(NAMESPACE_URL, f"{url(programme, competency, base_url)}#item")
    return f"{base_url}/ims/case/v1p1/CFItems/{identifier}"


def tag(language: Language, programme: Programme) -> str:
    """Return the language tag that Open Badges take: `en-CA`, `fr-CA`; `fr-FR` where the programme's terms say so."""
    if language is Language.EN:
        return "en-CA"
    return "fr-FR" if programme.policy.terms == "fr-FR" else "fr-CA"


def number(value: Decimal) -> int | float:
    """Return a credit value as JSON has it: whole values as int."""
    return int(value) if value == value.to_integral_value() else float(value)


def achievement(
    programme: Programme,
    competency: Competency,
    *,
    issuer: Issuer,
    language: Language,
    narrative: str,
    definition: DefinitionProfile = RECOGNITION,
) -> dict[str, Any]:
    """Return the Open Badges achievement of a competency in `language`; `narrative` says how it is assessed."""
    address = url(programme, competency, issuer.base_url)
    other = Language.EN if language is Language.FR else Language.FR
    return {
        "id": address,
        "type": ["Achievement"],
        "achievementType": "Competency",
        "inLanguage": tag(language, programme),
        "version": str(programme.version),
        "humanCode": competency.code,
        "fieldOfStudy": programme.field_of_study.in_(language),
        "creditsAvailable": number(competency.credit),
        "name": competency.title.in_(language),
        "description": competency.explanation.in_(language),
        "criteria": {"id": f"{address}#criteria", "narrative": narrative},
        "creator": {"id": issuer.did, "type": ["Profile"], "name": programme.institution.name.in_(language)},
        "related": [
            {
                "id": f"{address}/{other}",
                "type": ["Related"],
                "inLanguage": tag(other, programme),
                "version": str(programme.version),
            }
        ],
        "tag": ["prior-learning", "RPL", "RAC"],
        "alignment": [
            framework_item(programme, competency, issuer=issuer, language=language),
            *(_elsewhere(row, language) for row in competency.alignment),
            _definition(definition, issuer, language),
        ],
        "resultDescription": [_levels(competency, address, language), _decision(address, language)],
    }


def framework_item(
    programme: Programme, competency: Competency, *, issuer: Issuer, language: Language
) -> dict[str, Any]:
    """Return the alignment to the competency's own item in the programme's framework."""
    address = item_url(programme, competency, issuer.base_url)
    framework = programme.framework.in_(language)
    return _alignment(
        "CFItem", competency.title.in_(language), framework=framework, address=address, code=competency.code
    )


def achievement_page(
    programme: Programme, competency: Competency, *, issuer: Issuer, language: Language
) -> dict[str, Any]:
    """Return the public JSON of an achievement's version: all criteria, the rubric, the usual evidence, the methods."""
    page = achievement(
        programme, competency, issuer=issuer, language=language, narrative=_standard(competency, language)
    )
    return {"@context": [contexts.CREDENTIALS, contexts.OPEN_BADGES], **page}


def definition_page(profile: DefinitionProfile, *, base_url: str) -> dict[str, Any]:
    """Return the public JSON of a definition profile: what a credential that names it satisfies, in both languages."""
    return {
        "id": _definition_url(profile, base_url),
        "profile": f"{profile.key}@{profile.version}",
        "name": {"en": profile.name.en, "fr": profile.name.fr},
        "conditions": [{"en": condition.en, "fr": condition.fr} for condition in profile.conditions],
    }


def level_id(address: str, level: int) -> str:
    """Return the address of a rubric level of the achievement at `address`."""
    return f"{address}#level-{level}"


def _elsewhere(row: Alignment, language: Language) -> dict[str, Any]:
    return _alignment(row.target_type, row.name.in_(language), framework=row.framework, address=row.uri, code=row.code)


def _definition(profile: DefinitionProfile, issuer: Issuer, language: Language) -> dict[str, Any]:
    code = f"{profile.key}@{profile.version}"
    address = _definition_url(profile, issuer.base_url)
    return _alignment(
        PROFILE_TARGET, profile.name.in_(language), framework="Acquis definition profiles", address=address, code=code
    )


def _definition_url(profile: DefinitionProfile, base_url: str) -> str:
    return f"{base_url}/profiles/{profile.key}/{profile.version}"


def _alignment(target_type: str, name: str, *, framework: str, address: str, code: str | None) -> dict[str, Any]:
    node = {"type": ["Alignment"], "targetType": target_type}
    if code:
        node["targetCode"] = code
    return {**node, "targetName": name, "targetFramework": framework, "targetUrl": address}


def _levels(competency: Competency, address: str, language: Language) -> dict[str, Any]:
    return {
        "id": f"{address}#level",
        "type": ["ResultDescription"],
        "name": badge_wording.LEVEL.in_(language),
        "resultType": "RubricCriterionLevel",
        "requiredLevel": level_id(address, REQUIRED_LEVEL),
        "rubricCriterionLevel": [
            {
                "id": level_id(address, level.level),
                "type": ["RubricCriterionLevel"],
                "name": level.name.in_(language),
                "level": str(level.level),
            }
            for level in sorted(competency.levels, key=lambda level: level.level)
        ],
    }


def _decision(address: str, language: Language) -> dict[str, Any]:
    return {
        "id": f"{address}#decision",
        "type": ["ResultDescription"],
        "name": badge_wording.DECISION.in_(language),
        "resultType": "Status",
        "allowedValue": [STATUS],
    }


def _standard(competency: Competency, language: Language) -> str:
    """Write the whole standard as text: criteria, levels with their anchors, usual evidence, methods, hours."""
    say = badge_wording
    mandatory = {True: say.MANDATORY, False: say.OPTIONAL}
    criteria = [f"- {row.text.in_(language)} ({mandatory[row.mandatory].in_(language)})" for row in competency.criteria]
    levels = [
        f"- {say.fill(say.LEVEL_LINE, level=row.level, name=row.name, anchor=row.anchor).in_(language)}"
        for row in competency.levels
    ]
    evidence = [f"- {row.in_(language)}" for row in competency.usual_evidence]
    methods = [f"- {say.METHODS[method].in_(language)}" for method in competency.methods]
    sections = (
        (say.HEAD_CRITERIA, criteria),
        (say.HEAD_LEVELS, levels),
        (say.HEAD_EVIDENCE, evidence),
        (say.HEAD_METHODS, methods),
        (say.HEAD_HOURS, [f"- {competency.hours}\u00a0h"]),
    )
    return "\n\n".join("\n".join([head.in_(language), *lines]) for head, lines in sections)
