"""The fourth story: a learner appeals, people who took no part look again, and the result changes."""

from services.demo import story, walk
from services.demo.story import Finding, Shown, Tale
from services.demo.visitor import StoryBroke, Visitor, said
from services.demo.walk import Decided, Walk
from services.rules.claims import Rating, Recommendation, SelfAssessment
from services.rules.evidence import EvidenceKind
from services.rules.programmes import Text

CONTESTED = "solving-complaints"

TALE = Tale(
    story.LEARNER_WHO_APPEALS,
    "dining-room-service",
    {"table-service": SelfAssessment.ALONE, CONTESTED: SelfAssessment.ALONE},
    {
        "places": Text(
            "Auberge Exemple, 2016 to 2026: dining room with sixty seats, head waiter since 2021.",
            "Auberge Exemple, de 2016 à 2026\u00a0: salle de soixante places, maître d’hôtel depuis 2021.",
        ),
        "kind-of-service": Text("restaurant", "restaurant"),
        "languages": Text("French, English", "Français, anglais"),
        "led-a-team": Text("A team of five since 2021.", "Une équipe de cinq personnes depuis 2021."),
        "memorable-service": Text(
            "The power failed on a Saturday evening. We served sixty guests by candlelight, cold dishes first.",
            "La panne est arrivée un samedi soir. Nous avons servi soixante personnes à la chandelle, plats froids "
            "d’abord.",
        ),
    },
    {
        "organisation": "Auberge Exemple",
        "referee": "Sample Inn Referee",
        "email": "salle@auberge-exemple.example",
    },
    (
        Shown(
            "service-plans.pdf",
            EvidenceKind.WORK_PRODUCT,
            Text("Plans and timings of five services", "Plans et minutage de cinq services"),
            Text(
                "How I placed the tables, timed the courses and worked with the kitchen.",
                "Comment j’ai réparti les tables, minuté les plats et travaillé avec la cuisine.",
            ),
            ("table-service",),
            ("2026-02-06", "2026-02-28"),
            page=1,
        ),
        Shown(
            "complaints-book.pdf",
            EvidenceKind.WORK_PRODUCT,
            Text("Our complaints book, two pages", "Notre cahier des plaintes, deux pages"),
            Text(
                "What guests said, what I offered, and on the second page what we changed afterwards. No names.",
                "Ce qu’ont dit les clients, ce que j’ai offert et, à la deuxième page, ce que nous avons changé "
                "ensuite. Sans les noms.",
            ),
            (CONTESTED,),
            ("2025-11-01", "2026-02-28"),
            page=2,
        ),
    ),
)

FINDINGS = (
    Finding(
        "table-service",
        Recommendation.MET,
        Text(
            "Five services, planned and timed to the minute, show tables that eat together, plates checked at the "
            "pass and steady work with the kitchen.",
            "Cinq services planifiés à la minute montrent des tables servies ensemble, des assiettes vérifiées au "
            "passe et un travail constant avec la cuisine.",
        ),
        ("portfolio",),
    ),
    Finding(
        CONTESTED,
        Recommendation.NOT_YET,
        Text(
            "You hear guests out, and what you offer is fair. How you calm a tense moment and what you change "
            "afterwards could not be seen yet.",
            "Vous écoutez les clients jusqu’au bout, et ce que vous offrez est juste. Votre façon d’apaiser un moment "
            "tendu et ce que vous changez ensuite n’ont pas encore pu être vus.",
        ),
        ("portfolio",),
        level=2,
        lacking={
            "conflict": (
                Rating.NOT_YET,
                Text(
                    "The entries tell of cold plates and long waits. Tell of a tense moment between people, what you "
                    "did first, and when you would have called for help.",
                    "Les notes parlent de plats froids et d’attente. Racontez un moment tendu entre des personnes, ce "
                    "que vous avez fait d’abord et quand vous auriez appelé à l’aide.",
                ),
            ),
            "follow-up": (
                Rating.NOT_YET,
                Text(
                    "Nothing says yet what came of a complaint. Show for one of them whom you told and what you "
                    "proposed so that it would not happen again.",
                    "Rien ne dit encore ce qu’est devenue une plainte. Montrez pour l’une d’elles qui vous avez "
                    "informé et ce que vous avez proposé pour qu’elle ne se reproduise pas.",
                ),
            ),
        },
        concern=Text("Only complaints on one page.", "Seulement les plaintes d’une page."),
    ),
)

SEEN_AGAIN = (
    Finding(
        CONTESTED,
        Recommendation.MET,
        Text(
            "The second page of the complaints book shows a quarrel between two tables that you calmed and, after each "
            "complaint, the change that you proposed and whom you told. Nothing is missing.",
            "La deuxième page du cahier des plaintes montre une querelle entre deux tables que vous avez apaisée et, "
            "après chaque plainte, le changement que vous avez proposé et les personnes informées. Rien ne manque.",
        ),
        ("portfolio",),
    ),
)

WHY = Text(
    "The second page of the complaints book was not looked at: the quarrel and what we changed stand there.",
    "La deuxième page du cahier des plaintes n’a pas été regardée\u00a0: la querelle et ce que nous avons changé s’y "
    "trouvent.",
)
REASONS = Text(
    "The second page of the complaints book had not been looked at. Read again by people who took no part before, it "
    "shows each criterion.",
    "La deuxième page du cahier des plaintes n’avait pas été regardée. Relue par des personnes qui n’avaient pas pris "
    "part à l’évaluation, elle montre chaque critère.",
)


async def tell(told: Walk) -> Decided:
    """Lead the case to a decision, and that to a review that varies it. Raises `StoryBroke`."""
    learner, case_id = await walk.begin(told, TALE)
    (assessor,) = await walk.take_seats(told, case_id)
    await walk.judge(told, assessor, case_id, FINDINGS)
    await walk.decide(told, case_id)
    await walk.receive(told, learner, case_id)
    claim = await lodge(told, learner, case_id)
    chair, other = await name_body(told, case_id)
    await rule(told, case_id, chair, other, claim=claim)
    return await walk.receive(told, learner, case_id)


async def lodge(told: Walk, learner: Visitor, case_id: str) -> str:
    """The learner says which claim, on which ground and why; answers the claim."""
    claim = next(one["id"] for one in (await learner.case(case_id))["claims"] if one["competency"] == CONTESTED)
    body = {"grounds": ["evidence_overlooked"], "text": told.words(WHY), "claims": [claim]}
    await learner.command(case_id, "lodge-appeal", body)
    told.tell(
        learner,
        f"appeals: “{WHY.en}” What was recognised stays valid.",
        f"demande une révision\u00a0: «\u00a0{WHY.fr}\u00a0» Ce qui est reconnu le demeure.",
    )
    await walk.stage(learner, case_id, "under_review")
    return str(claim)


async def name_body(told: Walk, case_id: str) -> tuple[Visitor, Visitor]:
    """A chair by lot, who admits the appeal, and a second person whom a lead names; both answer the screen."""
    chair = await _sit(told, case_id)
    told.tell(
        chair,
        "was drawn by lot to lead the review, declares no conflict of interest and accepts.",
        "dirige la révision à la suite d’un tirage au sort\u00a0; déclare n’avoir aucun conflit d’intérêts et accepte.",
    )
    await chair.command(case_id, "admit-appeal", {"late_accepted": ""})
    told.tell(
        chair,
        "finds the appeal admissible: it is in time, and it names a ground.",
        "juge la demande recevable\u00a0: elle est à temps et invoque un motif.",
    )
    lead = await told.enter(story.LEAD)
    bodies = [await told.enter(one) for one in story.APPEAL_BODY]
    named = next(one for one in bodies if one.person != chair.person)
    await lead.command(case_id, "name-appeal-panel", {"members": [named.person]})
    told.tell(
        lead,
        f"names {named.name} to sit with the chair; neither had any part in the case.",
        f"nomme {named.name} pour siéger avec la présidence\u00a0; aucune de ces deux personnes n’a pris part au "
        "dossier.",
    )
    other = await _sit(told, case_id)
    told.tell(
        other,
        "declares no conflict of interest and accepts.",
        "déclare n’avoir aucun conflit d’intérêts et accepte.",
    )
    return chair, other


async def _sit(told: Walk, case_id: str) -> Visitor:
    asked = await walk.offers(told, case_id, story.APPEAL_BODY)
    if not asked:
        raise StoryBroke("nobody was asked to hear the appeal")
    reviewer, seat = asked[0]
    await walk.accept(reviewer, case_id, seat)
    return reviewer


async def rule(told: Walk, case_id: str, chair: Visitor, other: Visitor, *, claim: str) -> None:
    """The two vote, and the chair writes the judgement that replaces the first one."""
    await walk.allowed(chair, case_id, "rule_appeal")
    ((seen, _),) = await walk.write(told, chair, case_id, SEEN_AGAIN)
    title = said(seen["title"])
    told.tell(
        chair,
        f"reads the whole case again and judges “{title.en}”: met.",
        f"relit tout le dossier et évalue «\u00a0{title.fr}\u00a0»\u00a0: acquise.",
    )
    ruling = {
        "votes": [{"person": one.person, "ruling": "varied"} for one in (chair, other)],
        "reasons": told.words(REASONS),
        "cause": "judgement",
        "claims": [claim],
    }
    await chair.command(case_id, "rule-appeal", ruling)
    told.tell(
        chair,
        "rules, with both votes: the decision is varied, and the competency is recognised.",
        "rend la décision avec les deux voix\u00a0: le résultat est modifié, et la compétence est reconnue.",
    )
