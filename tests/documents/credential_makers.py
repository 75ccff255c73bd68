"""Makers for the credential tests: the published test key, one sample programme, signed credentials, a mirror."""

import json
from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.documents import badges, issuer_keys, proofs, status_list
from services.documents.achievements import Issuer
from services.documents.issuer_keys import FileSigner, IssuerKey, KeyState
from services.rules.deadlines import Calendar, Span
from services.rules.programmes import (
    Alignment,
    Competency,
    Criterion,
    Institution,
    Language,
    Level,
    Method,
    Policy,
    Programme,
    Text,
)

DID = "did:web:acquis.example.org"
BASE = "https://acquis.example.org"
ISSUER = Issuer(DID, BASE)
LIST = f"{BASE}/status/revocation/1"
INDEX = 94567
DECIDED = datetime(2026, 11, 20, 14, 0, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 25, 12, 0, 0, tzinfo=UTC)
VECTORS = Path(__file__).parent / "vectors"


def vector(name: str) -> dict[str, Any]:
    """Return a fixed document, signed with the published test key."""
    document: dict[str, Any] = json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))
    return document


def signer(seed: bytes = bytes(range(32)), *, did: str = DID) -> FileSigner:
    """Return a signer; without a seed the published test key's."""
    return FileSigner(Ed25519PrivateKey.from_private_bytes(seed), did)


def policy(**changes: Any) -> Policy:  # noqa: ANN401 - fields of one dataclass
    """Return a policy in which every limit is 30 days and every count 1."""
    values: dict[Any, Any] = {Span: Span.parse("30d"), int: 1, str: "x", Calendar: Calendar("America/Toronto")}
    made = {field.name: values.get(field.type) for field in fields(Policy)}
    return Policy(**{**made, "terms": "fr-CA", "credential_validity": Span.parse("60mo"), **changes})


def competency() -> Competency:
    """Return the sample competency of the fixed vector."""
    names = ("Not yet demonstrated", "Partly demonstrated", "Fully demonstrated", "Demonstrated beyond the standard")
    noms = ("Non encore démontrée", "Partiellement démontrée", "Pleinement démontrée", "Démontrée au-delà de la norme")
    return Competency(
        key="safe-kitchen",
        code="HOS-201",
        title=Text(
            "Keep food safe in a commercial kitchen", "Assurer la salubrité des aliments en cuisine commerciale"
        ),
        explanation=Text(
            "Plans, applies and checks food-safety practice in a commercial kitchen and acts on incidents.",
            "Planifie, applique et vérifie la salubrité des aliments en cuisine commerciale et réagit aux incidents.",
        ),
        criteria=tuple(
            Criterion(f"c{number}", Text(f"Shows thing {number}", f"Montre la chose {number}"), mandatory=number < 6)
            for number in range(1, 7)
        ),
        levels=tuple(
            Level(number, Text(name, nom), Text(f"What is seen at {number}", f"Ce que l’on voit à {number}"))
            for number, (name, nom) in enumerate(zip(names, noms, strict=True), start=1)
        ),
        usual_evidence=(Text("Temperature records", "Relevés de température"),),
        methods=(Method.PORTFOLIO, Method.INTERVIEW, Method.OBSERVATION),
        credit=Decimal(3),
        hours=45,
        alignment=(
            Alignment(
                "https://esco.example.org/skill/1",
                "ext:esco",
                Text("comply with food safety and hygiene", "respecter la salubrité des aliments"),
                "ESCO",
            ),
        ),
    )


def programme(**changes: Any) -> Programme:  # noqa: ANN401 - fields of one dataclass
    """Return the sample programme around the sample competency."""
    institution = Institution(
        slug="college-exemple",
        name=Text("Example College", "Collège Exemple"),
        unit=Text("Prior Learning Recognition", "Reconnaissance des acquis"),
        address=("1 Sample Street",),
        email="recognition@example.org",
        phone="555-0100",
        url="https://www.example.org",
        country="CA",
        region="ON",
        colour="#123456",
        signatory_title=Text("Registrar", "Registraire"),
        appeal_body=Text("Appeal board", "Comité d’appel"),
        appeal_email="appeals@example.org",
        privacy=Text("Kept as the law says.", "Conservé selon la loi."),
    )
    made = Programme(
        slug="hospitality",
        version=3,
        title=Text("Hospitality", "Hôtellerie"),
        summary=Text("Sample", "Exemple"),
        field_of_study=Text("Hospitality", "Hôtellerie"),
        framework=Text("Example Hospitality Competency Framework 2026", "Référentiel Exemple en hôtellerie 2026"),
        institution=institution,
        competencies=(competency(),),
        form=(),
        policy=policy(),
    )
    return replace(made, **changes)


def grant(**changes: Any) -> badges.Grant:  # noqa: ANN401 - fields of one dataclass
    """Return what the sample decision says of the sample competency."""
    made = badges.Grant(
        credential_id=UUID("3f0a52c9-6d0e-4f6f-9a39-54d0a1c7b2e8"),
        subject="urn:uuid:9d3c1a90-1f0f-4d2a-8d2f-6a4f5f0c1b77",
        code="K7QM2ZTX9F4B",
        status=badges.StatusEntry(LIST, INDEX),
        language=Language.EN,
        decided_at=DECIDED,
        activity_start=date(2026, 9, 2),
        activity_end=date(2026, 11, 20),
        level=3,
        assessors=2,
        methods=(
            badges.MethodUsed(Method.PORTFOLIO, items=7, assessors=2),
            badges.MethodUsed(Method.INTERVIEW, minutes=60, assessors=2),
            badges.MethodUsed(Method.OBSERVATION, minutes=120),
        ),
        learning_setting=badges.LearningSetting.INFORMAL,
        supervision=badges.Supervision.ON_SITE,
        identity_check=badges.IdentityCheck.LIVE,
        holder_name="Learner, Sample",
    )
    return replace(made, **changes)


def unsigned(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of one dataclass
    """Return the sample credential without proof; `changes` are the grant's."""
    return badges.credential(grant(**changes), programme(), competency(), issuer=ISSUER)


async def signed(document: dict[str, Any] | None = None, *, by: FileSigner | None = None) -> dict[str, Any]:
    """Return the sample credential, or `document`, signed five seconds after the decision."""
    document, by = document or unsigned(), by or signer()
    created = DECIDED.replace(second=5)
    options = proofs.options_for(document, created=created, verification_method=by.kid)
    return await proofs.sign(document, options, by)


async def listing(
    withdrawn: Iterable[int] = (), *, now: datetime = NOW, by: FileSigner | None = None, issuer: str = DID
) -> dict[str, Any]:
    """Return the signed status list."""
    return await status_list.signed(LIST, issuer=issuer, withdrawn=withdrawn, now=now, signer=by or signer())


def did_document(*states: tuple[FileSigner, KeyState]) -> dict[str, Any]:
    """Return the DID document of the sample issuer; without keys that of the test key, active."""
    keys = states or ((signer(), KeyState.ACTIVE),)
    return issuer_keys.did_document(DID, [IssuerKey(by.public_key, state) for by, state in keys])


def mirror(folder: Path, *, did: dict[str, Any], status: dict[str, Any]) -> Path:
    """Write what the issuer publishes into `folder`, by URL path."""
    for path, document in ((".well-known/did.json", did), ("status/revocation/1", status)):
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(proofs.as_bytes(document))
    return folder
