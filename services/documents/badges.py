"""Builds the credential of one granted competency: Open Badges 3.0 on the Verifiable Credentials model, unsigned.

Core terms only, no context of our own: whatever has no property there is said in words or on the public page.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.documents import achievements, badge_profile, badge_wording, credential_codes, proofs, status_list
from services.documents.achievements import Issuer
from services.rules import deadlines
from services.rules.programmes import Competency, Language, Method, Programme, Text


class LearningSetting(StrEnum):
    """Where the learning took place."""

    FORMAL = "formal"
    NON_FORMAL = "non_formal"
    INFORMAL = "informal"


class Supervision(StrEnum):
    """How the assessment was watched."""

    NONE = "none"
    ONLINE = "online"
    ON_SITE = "on_site"


class IdentityCheck(StrEnum):
    """How the identity of the person was checked."""

    NONE = "none"
    DOCUMENT_SEEN = "document_seen"
    LIVE = "live"


@dataclass(frozen=True, slots=True)
class MethodUsed:
    """A method and its size: pieces of evidence where there are any, minutes where there was a meeting."""

    method: Method
    items: int = 0
    minutes: int = 0
    assessors: int = 1


@dataclass(frozen=True, slots=True)
class StatusEntry:
    """The place of a credential in a status list: the list's address and the index drawn for it."""

    list_url: str
    index: int


@dataclass(frozen=True, slots=True)
class HashedEmail:
    """The holder's address with consent, and the 8-byte salt; still personal data, since it can be guessed."""

    address: str
    salt: bytes


@dataclass(frozen=True, slots=True)
class Grant:
    """What a decision says of one competency, and the numbers reserved for its credential.

    `code` in its stored form, 12 characters. `subject` is a fresh `urn:uuid:…`, or the DID of the learner's wallet.
    `holder_name` and `holder_email` only with recorded consent. `level` counts from 1 as the rubric does.
    `transfer`: another body certified it and nobody assessed it here; then there are neither methods nor a level.
    """

    credential_id: UUID
    subject: str
    code: str
    status: StatusEntry
    language: Language
    decided_at: datetime
    activity_start: date
    activity_end: date
    level: int
    assessors: int
    methods: tuple[MethodUsed, ...]
    learning_setting: LearningSetting
    supervision: Supervision
    identity_check: IdentityCheck
    holder_name: str | None = None
    holder_email: HashedEmail | None = None
    image_url: str | None = None
    transfer: bool = False


def credential(grant: Grant, programme: Programme, competency: Competency, *, issuer: Issuer) -> dict[str, Any]:
    """Return the unsigned credential of `grant`. Raises `badge_profile.ProfileInvalid` with every problem."""
    decided = proofs.moment(grant.decided_at)
    document = {
        "@context": badge_profile.CONTEXT,
        "id": f"urn:uuid:{grant.credential_id}",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": competency.title.in_(grant.language),
        "description": badge_wording.both(_employer_sentence(grant, programme, competency), grant.language),
        **_image(grant, competency),
        "issuer": _issuer(programme, issuer),
        "awardedDate": decided,
        "validFrom": decided,
        **_valid_until(grant, programme),
        "credentialSubject": _subject(grant, programme, competency, issuer),
        "evidence": _evidences(grant, competency),
        "credentialSchema": [{"id": badge_profile.SCHEMA, "type": "1EdTechJsonSchemaValidator2019"}],
        "credentialStatus": {
            "id": f"{grant.status.list_url}#{grant.status.index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": status_list.PURPOSE,
            "statusListIndex": str(grant.status.index),
            "statusListCredential": grant.status.list_url,
        },
    }
    badge_profile.check(document)
    return document


def _employer_sentence(grant: Grant, programme: Programme, competency: Competency) -> Text:
    say = badge_wording
    if grant.transfer:
        return say.fill(say.EMPLOYER_TRANSFER, institution=programme.institution.name, title=competency.title)
    assessors = say.ONE_ASSESSOR if grant.assessors == 1 else say.fill(say.SEVERAL_ASSESSORS, count=grant.assessors)
    return say.fill(
        say.EMPLOYER,
        institution=programme.institution.name,
        title=competency.title,
        assessors=assessors,
        methods=_methods(grant),
    )


def _methods(grant: Grant) -> Text:
    say = badge_wording

    def named(used: MethodUsed) -> Text:
        name = say.METHODS[used.method]
        if not used.minutes:
            return name
        return Text(f"{name.en} ({say.length(used.minutes)})", f"{name.fr} ({say.length(used.minutes)})")

    return say.listed([named(used) for used in grant.methods])


def _image(grant: Grant, competency: Competency) -> dict[str, Any]:
    if grant.image_url is None:
        return {}
    caption = badge_wording.fill(badge_wording.BADGE, title=competency.title)
    both = badge_wording.both(caption, grant.language)
    return {"image": {"id": grant.image_url, "type": "Image", "caption": both}}


def _issuer(programme: Programme, issuer: Issuer) -> dict[str, Any]:
    institution = programme.institution
    name, unit = institution.name, institution.unit
    return {
        "id": issuer.did,
        "type": ["Profile"],
        "name": f"{name.en} – {unit.en} / {name.fr} – {unit.fr}",
        "url": issuer.base_url,
        "email": institution.email,
        "address": {
            "type": ["Address"],
            "addressCountryCode": institution.country,
            "addressRegion": institution.region,
        },
    }


def _valid_until(grant: Grant, programme: Programme) -> dict[str, str]:
    """The currency rule: only where the programme sets one, at the decision's time of day."""
    validity = programme.policy.credential_validity
    if validity is None:
        return {}
    decided = grant.decided_at.astimezone(UTC)
    last = deadlines.add(programme.policy.calendar, decided.date(), validity)
    return {"validUntil": proofs.moment(datetime.combine(last, decided.timetz()))}


def _subject(grant: Grant, programme: Programme, competency: Competency, issuer: Issuer) -> dict[str, Any]:
    language = grant.language
    narrative = badge_wording.EARNED[grant.learning_setting].in_(language)
    return {
        "id": grant.subject,
        "type": ["AchievementSubject"],
        **_identifiers(grant),
        "licenseNumber": credential_codes.display(grant.code),
        "creditsEarned": achievements.number(competency.credit),
        "activityStartDate": _midnight(grant.activity_start),
        "activityEndDate": _midnight(grant.activity_end),
        "narrative": narrative,
        "achievement": achievements.achievement(
            programme,
            competency,
            issuer=issuer,
            language=language,
            narrative=_criteria(grant, competency),
            definition=achievements.TRANSFER if grant.transfer else achievements.RECOGNITION,
        ),
        "result": _results(grant, programme, competency, issuer),
    }


def _identifiers(grant: Grant) -> dict[str, Any]:
    identifiers: list[dict[str, Any]] = []
    if grant.holder_name:
        name = {"hashed": False, "identityHash": grant.holder_name, "identityType": "name"}
        identifiers.append({"type": "IdentityObject", **name})
    if grant.holder_email:
        salt = grant.holder_email.salt.hex()
        digest = hashlib.sha256((grant.holder_email.address.lower() + salt).encode()).hexdigest()
        email = {"hashed": True, "identityHash": f"sha256${digest}", "identityType": "emailAddress", "salt": salt}
        identifiers.append({"type": "IdentityObject", **email})
    return {"identifier": identifiers} if identifiers else {}


def _criteria(grant: Grant, competency: Competency) -> str:
    say = badge_wording
    if grant.transfer:
        return say.CRITERIA_TRANSFER.in_(grant.language)
    return say.fill(
        say.CRITERIA,
        count=len(competency.criteria),
        methods=_methods(grant),
        identity=say.IDENTITY[grant.identity_check],
        supervision=say.SUPERVISION[grant.supervision],
    ).in_(grant.language)


def _results(grant: Grant, programme: Programme, competency: Competency, issuer: Issuer) -> list[dict[str, Any]]:
    address = achievements.url(programme, competency, issuer.base_url)
    item = achievements.framework_item(programme, competency, issuer=issuer, language=grant.language)
    level = {
        "type": ["Result"],
        "resultDescription": f"{address}#level",
        "achievedLevel": achievements.level_id(address, grant.level),
        "alignment": [item],
    }
    decision = {"type": ["Result"], "resultDescription": f"{address}#decision", "status": achievements.STATUS}
    return [decision | {"alignment": [item]}] if grant.transfer else [level, decision]


def _evidences(grant: Grant, competency: Competency) -> list[dict[str, Any]]:
    """How it was shown: each method used, or the transfer that was checked."""
    if not grant.transfer:
        return [_evidence(used, competency, grant.language) for used in grant.methods]
    say = badge_wording
    return [
        {
            "type": ["Evidence"],
            "name": say.TRANSFER.in_(grant.language),
            "genre": say.TRANSFER_GENRE,
            "description": say.capital(say.listed([say.TRANSFER_CHECKED, say.KEPT])).in_(grant.language) + ".",
        }
    ]


def _evidence(used: MethodUsed, competency: Competency, language: Language) -> dict[str, Any]:
    """One method as numbers and durations; the evidence itself stays with the issuer."""
    say = badge_wording
    parts = []
    if used.minutes:
        parts.append(Text(say.length(used.minutes), say.length(used.minutes)))
    if used.items:
        parts.append(_items(used, competency))
    parts.append(say.READ_BY_ONE if used.assessors == 1 else say.fill(say.READ_BY_SEVERAL, count=used.assessors))
    parts.append(say.RUBRIC)
    if used.method is Method.PORTFOLIO:
        parts.append(say.KEPT)
    return {
        "type": ["Evidence"],
        "name": say.capital(say.METHODS[used.method]).in_(language),
        "genre": say.GENRES[used.method],
        "description": say.capital(say.listed(parts)).in_(language) + ".",
    }


def _items(used: MethodUsed, competency: Competency) -> Text:
    say = badge_wording
    if used.method is Method.THIRD_PARTY:
        return say.ONE_TESTIMONY if used.items == 1 else say.fill(say.TESTIMONY, count=used.items)
    sentence = say.ONE_ITEM if used.items == 1 else say.ITEMS
    return say.fill(sentence, count=used.items, criteria=len(competency.criteria))


def _midnight(day: date) -> str:
    return proofs.moment(datetime.combine(day, time(), UTC))
