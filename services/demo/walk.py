"""One whole case over the public API, from the first click of the learner to letters and credentials."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.demo import evidence_files, story
from services.demo.story import Asked, Finding, Shown
from services.demo.telling import Teller
from services.demo.visitor import StoryBroke, Visitor, said
from services.rules.claims import Rating, Rule
from services.rules.conflicts import ConflictTie
from services.rules.programmes import Text

Enter = Callable[[story.Sample], Awaitable[Visitor]]
"""Signs a person of the story in."""


@dataclass(frozen=True, slots=True)
class Decided:
    """The end of the story: whose case it was, and what they hold now."""

    case_id: str
    learner: Visitor
    letters: list[dict[str, Any]]
    credentials: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Walk:
    """The story while it is told: `kept` is the folder where the learner keeps their own files."""

    enter: Enter
    teller: Teller
    kept: Path

    def words(self, text: Text) -> str:
        """What a person of the story writes, in the language of the case."""
        return text.in_(self.teller.language)

    def tell(self, visitor: Visitor, en: str, fr: str) -> None:
        """One step."""
        self.teller.step(visitor.name, Text(en, fr))

    def also(self, en: str, fr: str) -> None:
        """What is to be known beside a step."""
        self.teller.detail(Text(en, fr))


async def whole_case(walk: Walk) -> Decided:
    """Lead the case to its end. Raises `StoryBroke`."""
    learner, advisor = await walk.enter(story.LEARNER), await walk.enter(story.ADVISOR)
    case_id = await open_case(walk, learner)
    await show_evidence(walk, learner, case_id, story.EVIDENCE)
    await apply(walk, learner, advisor, case_id)
    assessor, seat = await find_assessor(walk, case_id)
    await screen(walk, assessor, case_id, seat)
    await ask_for_more(walk, assessor, learner, case_id)
    await judge(walk, assessor, case_id)
    await decide(walk, case_id)
    return await receive(walk, learner, case_id)


async def open_case(walk: Walk, learner: Visitor) -> str:
    """The learner chooses a programme, claims competencies and answers its form."""
    programme = await learner.get(f"/programmes/{story.PROGRAMME}")
    opened = await learner.post(
        "/cases",
        {
            "programme": story.PROGRAMME,
            "language": walk.teller.language,
            "purpose": "access",
            "competencies": list(story.CLAIMS),
            "employers": [story.EMPLOYER],
        },
    )
    case_id = str(opened["id"])
    title = said(programme["title"])
    walk.tell(
        learner,
        f"opens a case on “{title.en}” and claims {len(story.CLAIMS)} competencies.",
        f"ouvre un dossier en «\u00a0{title.fr}\u00a0» et présente {len(story.CLAIMS)} compétences.",
    )
    for competency, seen in story.CLAIMS.items():
        await learner.put(f"/cases/{case_id}/claims/{competency}", {"self_assessment": seen})
    answers = {key: walk.words(answer) for key, answer in story.ANSWERS.items()}
    await learner.put(f"/cases/{case_id}/answers", {"answers": answers, "version": opened["answers_version"]})
    walk.tell(
        learner,
        "says how they see each competency, and tells where they learned.",
        "situe son niveau pour chaque compétence et raconte son parcours.",
    )
    return case_id


async def show_evidence(walk: Walk, learner: Visitor, case_id: str, shown: tuple[Shown, ...]) -> dict[str, list[str]]:
    """The learner sends files, describes them and points them at claims; answers the item ids by competency."""
    claims = {claim["competency"]: claim["id"] for claim in (await learner.case(case_id))["claims"]}
    pointed: dict[str, list[str]] = {}
    for one in shown:
        content = evidence_files.FILES[one.file]()
        (walk.kept / one.file).write_bytes(content)
        with walk.teller.sending(one.file, len(content)) as sending:
            item = await learner.send_file(case_id, one.file, content, sending.advance)
        await learner.patch(f"/cases/{case_id}/evidence/{item['id']}", _description(walk, one))
        for competency in one.claims:
            where = {"page": one.page} if one.page else {"seconds": one.seconds} if one.seconds else {}
            pointer = {"claim": claims[competency], **where}
            await learner.post(f"/cases/{case_id}/evidence/{item['id']}/pointers", pointer)
            pointed.setdefault(competency, []).append(item["id"])
        walk.tell(
            learner,
            f"sends {one.file} ({len(content) // 1024} KiB): {one.title.en}.",
            f"envoie {one.file} ({len(content) // 1024}\u00a0Kio)\u00a0: {one.title.fr}.",
        )
        walk.also(f"received whole, SHA-256 {item['sha256'][:16]}…", f"reçu entier, SHA-256 {item['sha256'][:16]}…")
    return pointed


def _description(walk: Walk, one: Shown) -> dict[str, Any]:
    start, end = one.period
    return {
        "kind": one.kind,
        "title": walk.words(one.title),
        "description": walk.words(one.description),
        "period_start": start,
        "period_end": end,
        "language": walk.teller.language,
        "author": one.author,
        "learner_authored": one.own_text,
    }


async def apply(walk: Walk, learner: Visitor, advisor: Visitor, case_id: str) -> None:
    """The case is sent, found eligible, and the portfolio is sent and accepted."""
    await learner.command(case_id, "submit", {"declaration": story.DECLARATION, "consents": ["holder_name"]})
    walk.tell(
        learner,
        "declares that everything is true and sends the case.",
        "déclare que tout est vrai et dépose le dossier.",
    )
    await stage(learner, case_id, "eligibility_review")
    await advisor.command(case_id, "accept-eligibility")
    walk.tell(
        advisor,
        "has taken the case, reads it and finds it eligible.",
        "a pris le dossier, le lit et le juge admissible.",
    )
    declared = {"authentic": True, "ai_use": walk.words(story.AI_USE)}
    sent = await learner.command(case_id, "submit-portfolio", declared)
    walk.tell(
        learner, "sends the portfolio; it is frozen as it stands.", "dépose le portfolio\u00a0; il est figé tel quel."
    )
    walk.also(
        f"version {sent['portfolio_version']}, SHA-256 of its list {sent['sha256'][:16]}…",
        f"version {sent['portfolio_version']}, SHA-256 de sa liste {sent['sha256'][:16]}…",
    )
    receipt = await learner.get(f"/cases/{case_id}/evidence/receipt")
    walk.also(
        f"the receipt names {len(receipt['files'])} files with their hashes",
        f"l’accusé de réception nomme {len(receipt['files'])} fichiers et leurs empreintes",
    )
    await advisor.command(case_id, "accept-portfolio")
    walk.tell(
        advisor,
        "finds the portfolio complete; an assessor is asked.",
        "juge le portfolio complet\u00a0; une personne évaluatrice est sollicitée.",
    )


async def stage(visitor: Visitor, case_id: str, wanted: str) -> Any:  # noqa: ANN401 - JSON
    """Wait until the case is in the stage `wanted`, as `visitor` sees it."""
    return await visitor.until(lambda: visitor.case(case_id), lambda case: case["stage"]["stage"] == wanted)


async def find_assessor(walk: Walk, case_id: str) -> tuple[Visitor, str]:
    """Whoever finds the offer in their queue, and the seat that is offered."""
    for sample in story.ASSESSORS:
        assessor = await walk.enter(sample)
        queue = await assessor.get("/queue")
        for row in queue["waiting"]:
            if row["case_id"] == case_id and row["seat"] == "offered":
                return assessor, str(row["id"])
    raise StoryBroke("nobody was asked to assess")


async def screen(walk: Walk, assessor: Visitor, case_id: str, seat: str) -> None:
    """The assessor answers the conflict screen before anything of the portfolio can be seen."""
    shown = await assessor.get(f"/cases/{case_id}/screen")
    walk.tell(
        assessor,
        f"is asked, sees names and places only, and answers {len(shown['questions'])} questions on conflicts of "
        "interest.",
        f"reçoit l’offre, ne voit que des noms et des lieux et répond à {len(shown['questions'])} questions sur les "
        "conflits d’intérêts.",
    )
    answers = {"answers": dict.fromkeys(ConflictTie, False), "signed": True}
    accepted = {"assignment": seat, "screen": answers}
    await assessor.command(case_id, "accept-offer", accepted, version=shown["version"])
    walk.tell(assessor, "signs, accepts, and now sees the evidence.", "signe, accepte et voit maintenant les preuves.")
    await assessor.until(lambda: assessor.case(case_id), lambda case: "request_evidence" in case["commands"])
    for item in await assessor.get(f"/cases/{case_id}/evidence"):
        await assessor.read(f"/api/v1/cases/{case_id}/evidence/{item['id']}/file")


async def ask_for_more(walk: Walk, assessor: Visitor, learner: Visitor, case_id: str) -> None:
    """The assessor asks for one thing more, and the learner answers with a file."""
    asked: Asked = story.REQUEST
    view = await assessor.case(case_id)
    claim = next(one["id"] for one in view["claims"] if one["competency"] == asked.claim)
    target = {
        "claim": claim,
        "criterion": asked.criterion,
        "rule": asked.rule,
        "missing": walk.words(asked.missing),
        "acceptable": walk.words(asked.acceptable),
    }
    await assessor.command(case_id, "request-evidence", {"targets": [target]})
    walk.tell(
        assessor,
        f"asks for more: “{asked.missing.en}”",
        f"demande un complément\u00a0: «\u00a0{asked.missing.fr}\u00a0»",
    )
    waiting = await stage(learner, case_id, "more_evidence")
    target_id = waiting["requests"][-1]["targets"][0]["id"]
    added = await show_evidence(walk, learner, case_id, (story.MENUS,))
    answer = {"target": target_id, "evidence": added[asked.claim]}
    await learner.command(case_id, "answer-request", {"answers": [answer]})
    walk.tell(
        learner,
        "answers; the portfolio has a second version, the first stays as it was.",
        "répond\u00a0; le portfolio a une deuxième version, la première demeure telle quelle.",
    )


async def judge(walk: Walk, assessor: Visitor, case_id: str) -> None:
    """The assessor writes down what was found on every criterion and sends it in."""
    programme = await assessor.get(f"/programmes/{story.PROGRAMME}")
    criteria = {one["key"]: [row["key"] for row in one["criteria"]] for one in programme["competencies"]}
    items = await assessor.get(f"/cases/{case_id}/evidence")
    for claim in (await assessor.case(case_id))["claims"]:
        finding = next(one for one in story.FINDINGS if one.claim == claim["competency"])
        shown = [item["id"] for item in items if any(pointer["claim"] == claim["id"] for pointer in item["pointers"])]
        written = _judgement(walk, finding, criteria[finding.claim], shown)
        await assessor.put(f"/cases/{case_id}/judgements/{claim['id']}", written, if_match=0)
        title = said(claim["title"])
        words = RECOMMENDED[finding.recommendation]
        walk.tell(assessor, f"judges “{title.en}”: {words.en}.", f"évalue «\u00a0{title.fr}\u00a0»\u00a0: {words.fr}.")
    await assessor.command(case_id, "submit-judgements")
    walk.tell(
        assessor,
        "sends the judgements in; from here on nobody can change them.",
        "remet ses évaluations\u00a0; plus personne ne peut les modifier.",
    )


RECOMMENDED = {
    "met": Text("met", "acquise"),
    "not_yet": Text("not yet, with what would show it", "pas encore, avec ce qui la montrerait"),
}


def _judgement(walk: Walk, finding: Finding, criteria: list[str], shown: list[str]) -> dict[str, Any]:
    lacking = finding.lacking or {}
    ratings = []
    for key in criteria:
        rating, note = lacking.get(key, (Rating.MET, Text("", "")))
        pointers = shown if rating is Rating.MET else []
        ratings.append({"criterion": key, "rating": rating, "note": walk.words(note), "pointers": pointers})
    thin = bool(lacking)
    rules = [{"rule": rule, "verdict": "ok"} for rule in Rule]
    if thin:
        note = Text("Too few notes to see it over time.", "Trop peu de notes pour le voir dans le temps.")
        rules[list(Rule).index(Rule.SUFFICIENT)] |= {"verdict": "concern", "note": walk.words(note)}
    return {
        "ratings": ratings,
        "rules": rules,
        "methods": list(finding.methods),
        "rationale": walk.words(finding.rationale),
        "recommendation": finding.recommendation,
        "confidence": "medium" if thin else "high",
        "supervision": "online",
        "identification": "live",
        "learning_setting": "informal",
        "level": finding.level,
    }


async def decide(walk: Walk, case_id: str) -> None:
    """A person who has neither advised nor assessed reads the judgements and signs."""
    registrar = await walk.enter(story.REGISTRAR)
    await stage(registrar, case_id, "decision_pending")
    found = await registrar.get(f"/cases/{case_id}/recommendations")
    met = sum(one["recommendation"] == "met" for one in found)
    capacity = walk.words(Text("Registrar", "Registraire"))
    await registrar.command(case_id, "decide", {"capacity": capacity})
    walk.tell(
        registrar,
        f"reads {len(found)} judgements and decides: {met} recognised, {len(found) - met} not yet.",
        f"lit {len(found)} évaluations et décide\u00a0: {met} reconnues, {len(found) - met} pas encore.",
    )


async def receive(walk: Walk, learner: Visitor, case_id: str) -> Decided:
    """Letters and credentials are made, and the learner finds them."""
    walk.also("letters are being set and credentials signed …", "les lettres et les attestations se préparent…")
    await stage(learner, case_id, "decided")
    letters = await learner.get(f"/cases/{case_id}/letters")
    credentials = await learner.get(f"/cases/{case_id}/credentials")
    walk.tell(
        learner,
        f"receives the letter in both languages and {len(credentials)} credentials.",
        f"reçoit la lettre dans les deux langues et {len(credentials)} attestations.",
    )
    for one in credentials:
        title = said(one["title"])
        walk.also(f"{title.en}: {one['code']}", f"{title.fr}\u00a0: {one['code']}")
    return Decided(case_id, learner, letters, credentials)
