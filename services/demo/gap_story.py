"""The third story: "not yet", a plan for what is missing, and a return with that alone."""

from typing import Any

from services.demo import story, walk
from services.demo.story import Finding, Shown, Tale
from services.demo.visitor import Visitor
from services.demo.walk import Decided, Walk
from services.rules.claims import Rating, Recommendation, SelfAssessment
from services.rules.evidence import EvidenceKind
from services.rules.programmes import Text

OPEN = "observation"
"""The competency that is not yet demonstrated at first."""

TALE = Tale(
    story.LEARNER_WITH_A_PLAN,
    story.PROGRAMME,
    {"daily-care": SelfAssessment.ALONE, OPEN: SelfAssessment.WITH_HELP},
    story.ANSWERS,
    {
        "organisation": "Halte-garderie Exemple",
        "referee": "Sample Centre Referee",
        "email": "direction@halte-exemple.example",
    },
    (
        Shown(
            "care-log.pdf",
            EvidenceKind.WORK_PRODUCT,
            Text("Six weeks of our care log", "Six semaines de notre registre de soins"),
            Text(
                "Naps, changes, hygiene and signs of illness in my group, without names.",
                "Siestes, changes, hygiène et signes de maladie dans mon groupe, sans les noms.",
            ),
            ("daily-care",),
            ("2026-01-12", "2026-02-20"),
            page=1,
        ),
        Shown(
            "short-notes.pdf",
            EvidenceKind.WORK_PRODUCT,
            Text("Short notes on one child", "Courtes notes sur un enfant"),
            Text("What I saw in one week, without a name.", "Ce que j’ai vu pendant une semaine, sans nom."),
            (OPEN,),
            ("2026-02-09", "2026-02-13"),
            page=1,
        ),
    ),
)

AT_FIRST = (
    Finding(
        "daily-care",
        Recommendation.MET,
        Text(
            "Six weeks of entries show gentle, regular care, hands washed at the right moments, and a first sign of "
            "illness noticed and passed on the same morning.",
            "Six semaines de notes montrent des soins doux et réguliers, les mains lavées aux bons moments et un "
            "premier signe de maladie remarqué et transmis le matin même.",
        ),
        ("portfolio",),
    ),
    Finding(
        OPEN,
        Recommendation.NOT_YET,
        Text(
            "Your notes are facts, and they stay private. One week does not yet show all sides of development, nor "
            "that you choose how to observe.",
            "Vos notes rapportent des faits et demeurent confidentielles. Une semaine ne montre pas encore toutes les "
            "facettes du développement, ni que vous choisissez votre façon d’observer.",
        ),
        ("portfolio",),
        level=2,
        lacking={
            "all-areas": (
                Rating.NOT_YET,
                Text(
                    "The notes speak of language and of feelings. Add what you see of movement, of thinking and of how "
                    "the child is with others.",
                    "Les notes parlent du langage et des émotions. Ajoutez ce que vous voyez du mouvement, de la "
                    "pensée et des relations avec les autres.",
                ),
            ),
            "tools": (
                Rating.NOT_YET,
                Text(
                    "Only short notes were shown. A second way of observing, such as a checklist or a timed note, "
                    "would show that you choose.",
                    "Seules de courtes notes ont été montrées. Une deuxième façon d’observer, comme une grille ou une "
                    "note minutée, montrerait que vous choisissez.",
                ),
            ),
        },
        concern=Text("One week is too short.", "Une semaine, c’est trop peu."),
    ),
)

COURSE: dict[str, Any] = {
    "key": "observing-children",
    "provider": "Collège Exemple",
    "title": {"en": "Observing children: methods", "fr": "Observer les enfants : méthodes"},
    "way": "course",
    "covers": [{"competency": OPEN, "criterion": "tools"}],
    "cost": 9000,
    "currency": "CAD",
    "hours": 15,
    "mode": "online",
    "language": "fr",
}
"""A course that the institution offers."""

MORE = Shown(
    "month-of-notes.pdf",
    EvidenceKind.WORK_PRODUCT,
    Text("A month of notes on one child", "Un mois de notes sur un enfant"),
    Text(
        "Timed notes and a checklist on movement, language, thinking and feelings, and what I tried next.",
        "Des notes minutées et une grille sur le mouvement, le langage, la pensée et les émotions, et ce que j’ai "
        "essayé ensuite.",
    ),
    (OPEN,),
    ("2026-04-06", "2026-05-01"),
    page=1,
)
"""What the learner brings when coming back."""

IN_THE_END = (
    Finding(
        OPEN,
        Recommendation.MET,
        Text(
            "A month of timed notes and a checklist show every side of one child’s development, each method chosen for "
            "a reason, and the next step follows from what you saw.",
            "Un mois de notes minutées et une grille montrent toutes les facettes du développement d’un enfant, chaque "
            "méthode choisie pour une raison, et la prochaine étape découle de ce que vous avez vu.",
        ),
        ("portfolio",),
    ),
)

NOTE = Text("Four weeks, one child, all sides of development.", "Quatre semaines, un enfant, toutes les facettes.")


async def tell(told: Walk) -> Decided:
    """Lead the case to "not yet", through the plan, and back. Raises `StoryBroke`."""
    catalogue, language = await told.enter(story.CATALOGUE), told.teller.language
    await catalogue.put(f"/catalogues/{TALE.programme}/offers", {"offers": [COURSE | {"language": language}]})
    learner, case_id = await walk.begin(told, TALE)
    (assessor,) = await walk.take_seats(told, case_id)
    await walk.judge(told, assessor, case_id, AT_FIRST)
    await walk.decide(told, case_id)
    await walk.receive(told, learner, case_id)
    await plan(told, learner, case_id)
    await come_back(told, learner, case_id)
    (again,) = await walk.take_seats(told, case_id)
    await walk.judge(told, again, case_id, IN_THE_END)
    await walk.decide(told, case_id)
    return await walk.receive(told, learner, case_id)


async def plan(told: Walk, learner: Visitor, case_id: str) -> None:
    """The advisor proposes how each gap can be filled, and the learner accepts."""
    advisor = await told.enter(story.ADVISOR)
    best, *_ = await advisor.get(f"/cases/{case_id}/offers")
    rows = [
        {"competency": OPEN, "criterion": "tools", "way": "course", "offer": best["offer"]["key"]},
        {"competency": OPEN, "criterion": "all-areas", "way": "new_evidence", "note": told.words(NOTE)},
    ]
    await advisor.command(case_id, "plan-gaps", {"rows": rows})
    told.tell(
        advisor,
        f"proposes a plan: the course “{COURSE['title']['en']}” of {COURSE['hours']} hours, and a month of notes.",
        f"propose un plan\u00a0: le cours «\u00a0{COURSE['title']['fr']}\u00a0» de {COURSE['hours']} heures et un mois "
        "de notes.",
    )
    await learner.command(case_id, "accept-plan")
    told.tell(
        learner,
        "accepts the plan; the case waits, and everything that was shown is kept.",
        "accepte le plan\u00a0; le dossier attend, et tout ce qui a été montré est conservé.",
    )
    await walk.stage(learner, case_id, "gap_training")


async def come_back(told: Walk, learner: Visitor, case_id: str) -> None:
    """After course and practice the learner sends what was missing, for the open competency alone."""
    await walk.show_evidence(told, learner, case_id, (MORE,))
    told.tell(
        learner,
        "comes back with what was missing; only the open competency is assessed again.",
        "revient avec ce qui manquait\u00a0; seule la compétence ouverte est évaluée de nouveau.",
    )
    await walk.send_portfolio(told, learner, await told.enter(story.ADVISOR), case_id)
