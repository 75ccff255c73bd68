"""What people send on the straight path of a case, as short as the rules allow."""

from collections.abc import Iterable, Sequence
from typing import Any

from services.demo import evidence_files, story
from services.rules.claims import Rating, Recommendation, Rule
from services.rules.conflicts import ConflictTie
from services.rules.evidence import EvidenceKind

PROGRAMME = "dining-room-service"
COMPETENCY = "hygiene-and-safety"

ANSWERS = {
    "places": "Garderie Exemple, four years.",
    "kind-of-service": "restaurant",
    "languages": "English and French",
    "memorable-service": "The oven failed; we served cold plates and told everybody why.",
}
"""The questions of the programme's form that must be answered."""

SUBMIT = {"declaration": story.DECLARATION, "consents": []}
SUBMIT_PORTFOLIO = {"authentic": True, "ai_use": "None."}
ASK_COMPLETION = {"items": [{"what": "The years you worked in each place", "why": "We count experience from them."}]}
DECIDE = {"capacity": "Registrar"}
WITHDRAW = {"confirmed": True, "reason": "no_time"}


def opening(*competencies: str, programme: str = PROGRAMME) -> dict[str, Any]:
    """A draft."""
    return {
        "programme": programme,
        "language": "en",
        "purpose": "upskill",
        "competencies": list(competencies or (COMPETENCY,)),
    }


def file(title: str) -> bytes:
    """A small PDF; another title gives other bytes."""
    return evidence_files.pdf(title, [["Sample temperature sheets, filled in by Sample Learner."]])


def description(title: str) -> dict[str, Any]:
    """What a learner says of a file."""
    return {
        "kind": EvidenceKind.WORK_PRODUCT,
        "title": title,
        "description": "Temperature sheets of four weeks.",
        "period_start": "2025-09-01",
        "period_end": "2025-09-28",
        "language": "en",
        "author": "",
        "learner_authored": False,
    }


def screen(seat: str) -> dict[str, Any]:
    """An offer accepted: no tie to anybody."""
    return {"assignment": seat, "screen": {"answers": dict.fromkeys(ConflictTie, False), "signed": True}}


def request(claim: str, criterion: str) -> dict[str, Any]:
    """Asks for more on one criterion."""
    target = {
        "claim": claim,
        "criterion": criterion,
        "rule": Rule.SUFFICIENT,
        "missing": "One week is not enough to see it.",
        "acceptable": "The sheets of another week.",
    }
    return {"targets": [target]}


def judgement(criteria: Iterable[str], items: Sequence[str]) -> dict[str, Any]:
    """Everything was seen."""
    return {
        "ratings": [{"criterion": key, "rating": Rating.MET, "note": "", "pointers": list(items)} for key in criteria],
        "rules": [{"rule": rule, "verdict": "ok"} for rule in Rule],
        "methods": ["portfolio"],
        "rationale": "Four weeks of complete sheets show steady work.",
        "recommendation": Recommendation.MET,
        "confidence": "high",
        "supervision": "none",
        "identification": "none",
        "learning_setting": "informal",
        "level": 3,
    }
