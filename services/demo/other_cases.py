"""A few more cases, left where they are, so that every list has something in it."""

from typing import Any

from services.demo import story
from services.demo.story import Sample
from services.demo.visitor import Visitor
from services.demo.walk import Walk, stage
from services.rules.programmes import Text


async def leave_some(walk: Walk) -> None:
    """A draft, one to be checked for eligibility, one where something is missing, one that was withdrawn."""
    draft, waiting, incomplete, withdrawn = story.OTHERS
    advisor = await walk.enter(story.ADVISOR)
    await _open(walk, draft, "cnc-machining", ["shop-safety", "technical-drawings"])
    visitor, case = await _open(walk, waiting, "cnc-machining", ["programming", "tool-offsets"])
    await _submit(visitor, case["id"])
    visitor, case = await _open(walk, incomplete, "cnc-machining", ["machine-setup"])
    await _submit(visitor, case["id"])
    await stage(advisor, case["id"], "eligibility_review")
    await advisor.command(case["id"], "ask-completion", {"items": [story.MISSING_ITEM[incomplete.language]]})
    for who, text in zip((visitor, advisor, visitor), story.TALK, strict=True):
        await who.post(f"/cases/{case['id']}/messages", {"text": text})
    visitor, case = await _open(walk, withdrawn, story.PROGRAMME, ["inclusion"])
    await _submit(visitor, case["id"])
    await stage(visitor, case["id"], "eligibility_review")
    await visitor.command(case["id"], "withdraw", {"confirmed": True, "reason": "no_time"})
    walk.teller.step(
        "",
        Text(
            "Four other cases are there too: a draft, one to check, one with something missing and messages about it, "
            "one withdrawn.",
            "Quatre autres dossiers sont là aussi\u00a0: une ébauche, un à vérifier, un incomplet avec des messages à "
            "ce sujet, un retiré.",
        ),
    )


async def _open(walk: Walk, sample: Sample, programme: str, competencies: list[str]) -> tuple[Visitor, Any]:
    visitor = await walk.enter(sample)
    case = await visitor.post(
        "/cases",
        {"programme": programme, "language": sample.language, "purpose": "upskill", "competencies": competencies},
    )
    return visitor, case


async def _submit(visitor: Visitor, case_id: str) -> None:
    await visitor.command(case_id, "submit", {"declaration": story.DECLARATION, "consents": []})
