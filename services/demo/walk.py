"""One whole case over the public API, from the first click of the learner to letters and credentials."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.demo import evidence_files, story
from services.demo.story import Asked, Finding, Sample, Shown, Tale
from services.demo.telling import Teller
from services.demo.visitor import StoryBroke, Visitor, said
from services.rules.claims import Rating, Rule
from services.rules.conflicts import ConflictTie
from services.rules.programmes import Text

Enter = Callable[[story.Sample], Awaitable[Visitor]]
"""Signs a person of the story in."""

LOOKS = 5
"""How often somebody looks again when a case has changed meanwhile."""


@dataclass(frozen=True, slots=True)
class Decided:
    """The end of a story: whose case it was, and what they hold now. Letters of the newest decision come first."""

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
    learner, case_id = await begin(walk, story.FIRST)
    (assessor,) = await take_seats(walk, case_id)
    await ask_for_more(walk, assessor, learner, case_id)
    await judge(walk, assessor, case_id, story.FINDINGS)
    await decide(walk, case_id)
    return await receive(walk, learner, case_id)


async def begin(walk: Walk, tale: Tale) -> tuple[Visitor, str]:
    """Open the case of a story, up to the offer to an assessor; answers the learner and the case."""
    learner, advisor = await walk.enter(tale.learner), await walk.enter(story.ADVISOR)
    case_id = await open_case(walk, learner, tale)
    await show_evidence(walk, learner, case_id, tale.evidence)
    await apply(walk, learner, advisor, case_id)
    return learner, case_id


async def open_case(walk: Walk, learner: Visitor, tale: Tale) -> str:
    """The learner chooses a programme, claims competencies and answers its form."""
    programme = await learner.get(f"/programmes/{tale.programme}")
    opened = await learner.post(
        "/cases",
        {
            "programme": tale.programme,
            "language": walk.teller.language,
            "purpose": "access",
            "competencies": list(tale.claims),
            "employers": [tale.employer],
        },
    )
    case_id = str(opened["id"])
    title = said(programme["title"])
    walk.tell(
        learner,
        f"opens a case on “{title.en}” and claims {len(tale.claims)} competencies.",
        f"ouvre un dossier en «\u00a0{title.fr}\u00a0» et présente {len(tale.claims)} compétences.",
    )
    for competency, seen in tale.claims.items():
        await learner.put(f"/cases/{case_id}/claims/{competency}", {"self_assessment": seen})
    answers = {key: walk.words(answer) for key, answer in tale.answers.items()}
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
            f"sends {one.file} ({-(-len(content) // 1024)} KiB): {one.title.en}.",
            f"envoie {one.file} ({-(-len(content) // 1024)}\u00a0Kio)\u00a0: {one.title.fr}.",
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
    await send_portfolio(walk, learner, advisor, case_id)


async def send_portfolio(walk: Walk, learner: Visitor, advisor: Visitor, case_id: str) -> None:
    """The portfolio is frozen by its learner and found complete by the advisor."""
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


async def allowed(visitor: Visitor, case_id: str, command: str) -> None:
    """Wait until `visitor` can send `command`."""
    await visitor.until(lambda: visitor.case(case_id), lambda case: command in case["commands"])


async def offers(walk: Walk, case_id: str, people: tuple[Sample, ...]) -> list[tuple[Visitor, str]]:
    """Those of `people` who find an offer of a seat on the case in their queue, each with the seat."""
    found = []
    for sample in people:
        visitor = await walk.enter(sample)
        queue = await visitor.get("/queue")
        found += [
            (visitor, str(row["id"]))
            for row in queue["waiting"]
            if row["case_id"] == case_id and row["seat"] == "offered"
        ]
    return found


async def take_seats(walk: Walk, case_id: str) -> list[Visitor]:
    """Every assessor who is asked answers the conflict screen before anything of the portfolio can be seen."""
    asked = await offers(walk, case_id, story.ASSESSORS)
    if not asked:
        raise StoryBroke("nobody was asked to assess")
    for assessor, seat in asked:
        shown = await assessor.get(f"/cases/{case_id}/screen")
        walk.tell(
            assessor,
            f"is asked, sees names and places only, and answers {len(shown['questions'])} questions on conflicts of "
            "interest.",
            f"reçoit l’offre, ne voit que des noms et des lieux et répond à {len(shown['questions'])} questions sur "
            "les conflits d’intérêts.",
        )
        await accept(assessor, case_id, seat)
        walk.tell(
            assessor, "signs, accepts, and now sees the evidence.", "signe, accepte et voit maintenant les preuves."
        )
    for assessor, _ in asked:
        await allowed(assessor, case_id, "request_evidence")
        for item in await assessor.get(f"/cases/{case_id}/evidence"):
            await assessor.read(f"/api/v1/cases/{case_id}/evidence/{item['id']}/file")
    return [assessor for assessor, _ in asked]


async def accept(visitor: Visitor, case_id: str, seat: str) -> None:
    """Sign that there is no conflict of interest, and take the seat; look again where somebody else was quicker."""
    answers = {"answers": dict.fromkeys(ConflictTie, False), "signed": True}
    for _ in range(LOOKS):
        shown = await visitor.get(f"/cases/{case_id}/screen")
        try:
            await visitor.command(
                case_id, "accept-offer", {"assignment": seat, "screen": answers}, version=shown["version"]
            )
        except StoryBroke as broke:
            if "stale_version" not in str(broke):
                raise
        else:
            return
    raise StoryBroke("the case changed whenever a seat was to be taken")


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


async def judge(walk: Walk, assessor: Visitor, case_id: str, findings: tuple[Finding, ...]) -> None:
    """The assessor writes down what was found on every criterion and sends it in."""
    for claim, finding in await write(walk, assessor, case_id, findings):
        title = said(claim["title"])
        words = RECOMMENDED[finding.recommendation]
        walk.tell(assessor, f"judges “{title.en}”: {words.en}.", f"évalue «\u00a0{title.fr}\u00a0»\u00a0: {words.fr}.")
    await assessor.command(case_id, "submit-judgements")
    walk.tell(
        assessor,
        "sends the judgements in; from here on nobody can change them.",
        "remet ses évaluations\u00a0; plus personne ne peut les modifier.",
    )


async def write(
    walk: Walk, author: Visitor, case_id: str, findings: tuple[Finding, ...]
) -> list[tuple[dict[str, Any], Finding]]:
    """Keep a draft for each finding; answers the claims that were written on, each with what was found."""
    seen = await author.case(case_id)
    programme = await author.get(f"/programmes/{seen['programme']['slug']}")
    criteria = {one["key"]: [row["key"] for row in one["criteria"]] for one in programme["competencies"]}
    items = await author.get(f"/cases/{case_id}/evidence")
    claims = {claim["competency"]: claim for claim in seen["claims"]}  # of several attempts the last
    for finding in findings:
        claim = claims[finding.claim]["id"]
        shown = [item["id"] for item in items if any(pointer["claim"] == claim for pointer in item["pointers"])]
        written = _judgement(walk, finding, criteria[finding.claim], shown)
        await author.put(f"/cases/{case_id}/judgements/{claim}", written, if_match=0)
    return [(claims[finding.claim], finding) for finding in findings]


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
        rules[list(Rule).index(Rule.SUFFICIENT)] |= {"verdict": "concern", "note": walk.words(finding.concern)}
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
    open_claims = {
        claim["id"] for claim in (await registrar.case(case_id))["claims"] if claim["state"].startswith("recommended")
    }
    read = await registrar.get(f"/cases/{case_id}/recommendations")
    found = [one for one in read if one["claim"] in open_claims]
    met = sum(one["recommendation"] == "met" for one in found)
    capacity = walk.words(Text("Registrar", "Registraire"))
    await registrar.command(case_id, "decide", {"capacity": capacity})
    read_en, read_fr = counted(len(found), "judgement", "évaluation")
    _, recognised = counted(met, "", "reconnue")
    walk.tell(
        registrar,
        f"reads {read_en} and decides: {met} recognised, {len(found) - met} not yet.",
        f"lit {read_fr} et décide\u00a0: {recognised}, {len(found) - met} pas encore.",
    )


def counted(number: int, en: str, fr: str) -> tuple[str, str]:
    """A number with its noun in both languages; French counts nothing as one."""
    many_en, many_fr = ("" if number == 1 else "s"), ("" if number in (0, 1) else "s")
    return f"{number} {en}{many_en}", f"{number} {fr}{many_fr}"


async def receive(walk: Walk, learner: Visitor, case_id: str) -> Decided:
    """Letters and credentials are made, and the learner finds them."""
    walk.also("letters are being set and credentials signed …", "les lettres et les attestations se préparent…")
    await stage(learner, case_id, "decided")
    letters = await learner.get(f"/cases/{case_id}/letters")
    credentials = await learner.get(f"/cases/{case_id}/credentials")
    held_en, held_fr = counted(len(credentials), "credential", "attestation")
    walk.tell(
        learner,
        f"receives the letter in both languages and holds {held_en}.",
        f"reçoit la lettre dans les deux langues et détient {held_fr}.",
    )
    for one in credentials:
        title = said(one["title"])
        walk.also(f"{title.en}: {one['code']}", f"{title.fr}\u00a0: {one['code']}")
        shown = {"page": True, "name": one["carries_name"]}
        await learner.put(f"/cases/{case_id}/credentials/{one['id']}/sharing", shown)
    if credentials:
        walk.also("… and opens what they say to whoever has the code", "… et en ouvre le contenu à qui a le code")
    return Decided(case_id, learner, letters, credentials)
