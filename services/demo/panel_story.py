"""The second story: two assessors who do not know of each other disagree, and a panel votes and keeps minutes."""

from services.demo import story, walk
from services.demo.story import Finding, Shown, Tale
from services.demo.visitor import StoryBroke, Visitor, said
from services.demo.walk import Decided, Walk
from services.rules.claims import Rating, Recommendation, SelfAssessment
from services.rules.evidence import EvidenceKind
from services.rules.programmes import Text

TALE = Tale(
    story.LEARNER_OF_THE_PANEL,
    "cnc-machining",
    {"shop-safety": SelfAssessment.ALONE, "technical-drawings": SelfAssessment.ALONE},
    {
        "shops": Text(
            "Usinage Exemple, 2015 to 2026: milling machines with three and four axes, brackets and housings.",
            "Usinage Exemple, de 2015 à 2026\u00a0: fraiseuses à trois et à quatre axes, supports et boîtiers.",
        ),
        "main-role": Text("setting-up", "setting-up"),
        "materials": Text("Aluminium, mild steel, brass", "Aluminium, acier doux, laiton"),
        "tightest-tolerance": Text("0.02 mm, on a bore", "0,02\u00a0mm, sur un alésage"),
        "confidential-parts": Text("None of the parts shown is confidential.", "Aucune pièce montrée n’est secrète."),
    },
    {
        "organisation": "Usinage Exemple",
        "referee": "Sample Shop Referee",
        "email": "atelier@usinage-exemple.example",
    },
    (
        Shown(
            "shop-rounds.pdf",
            EvidenceKind.WORK_PRODUCT,
            Text("My rounds at the start of the shift", "Mes rondes de début de quart"),
            Text(
                "Two months of checks of guards, stops and coolants, and two lockouts that I carried out.",
                "Deux mois de vérifications des protecteurs, des arrêts et des fluides, et deux cadenassages faits.",
            ),
            ("shop-safety",),
            ("2026-01-12", "2026-03-13"),
            page=1,
        ),
        Shown(
            "bracket-drawing.pdf",
            EvidenceKind.WORK_PRODUCT,
            Text("The drawing of a bracket, with my notes", "Le dessin d’un support, avec mes notes"),
            Text(
                "The limits that I worked out, how I read the datums, and a size that I had cleared before machining.",
                "Les limites que j’ai calculées, ma lecture des références et une cote que j’ai fait corriger avant "
                "l’usinage.",
            ),
            ("technical-drawings",),
            ("2026-02-02", "2026-02-04"),
            page=2,
        ),
    ),
)

SAFE = Finding(
    "shop-safety",
    Recommendation.MET,
    Text(
        "Two months of rounds show steady checks of guards and stops, coolants handled as the sheets ask, and two "
        "lockouts carried out and tested step by step.",
        "Deux mois de rondes montrent des vérifications constantes des protecteurs et des arrêts, des fluides "
        "manipulés selon les fiches et deux cadenassages exécutés et vérifiés pas à pas.",
    ),
    ("portfolio",),
    level=3,
)

FIRST_READING = (
    SAFE,
    Finding(
        "technical-drawings",
        Recommendation.MET,
        Text(
            "The limits beside each size are right, the datums decide how the part is held, and the missing size was "
            "found and cleared before the first cut.",
            "Les limites notées à côté de chaque cote sont justes, les références déterminent la prise de pièce, et la "
            "cote manquante a été relevée et corrigée avant la première passe.",
        ),
        ("portfolio",),
        level=3,
    ),
)

SECOND_READING = (
    SAFE,
    Finding(
        "technical-drawings",
        Recommendation.NOT_YET,
        Text(
            "The sizes are read rightly. From the notes alone I could not see that the geometric tolerances are "
            "understood, nor what was taken from the notes of the drawing.",
            "Les cotes sont bien lues. Les notes seules ne m’ont pas permis de voir que les tolérances géométriques "
            "sont comprises, ni ce qui a été tiré des notes du dessin.",
        ),
        ("portfolio",),
        level=2,
        lacking={
            "geometry": (
                Rating.NOT_YET,
                Text(
                    "The drawing gives a position tolerance with three datums. Say what it means for holding the part, "
                    "and how you would check it.",
                    "Le dessin donne une tolérance de position avec trois références. Dites ce qu’elle signifie pour "
                    "la prise de pièce et comment vous la vérifieriez.",
                ),
            ),
            "notes": (
                Rating.NOT_YET,
                Text(
                    "The notes of the drawing name material, finish and revision. Show which of them you used, and "
                    "what each changed in your work.",
                    "Les notes du dessin nomment le matériau, le fini et la révision. Montrez lesquels vous avez "
                    "utilisés et ce que chacun a changé à votre travail.",
                ),
            ),
        },
        concern=Text("One drawing with few notes.", "Un seul dessin, avec peu de notes."),
    ),
)

OF_THE_PANEL = (
    Finding(
        "technical-drawings",
        Recommendation.MET,
        Text(
            "The panel read the second page together: your sketch of the fixture follows the datums of the drawing in "
            "their order, and your list names material, finish and revision. That is what the criteria ask for.",
            "Le comité a lu ensemble la deuxième page\u00a0: votre croquis du montage suit les références du dessin "
            "dans leur ordre, et votre liste nomme le matériau, le fini et la révision. C’est ce que demandent les "
            "critères.",
        ),
        ("portfolio",),
        level=3,
    ),
)

MATERIAL = Text(
    "The drawing with its notes, both pages, and both assessments.",
    "Le dessin annoté, les deux pages, et les deux évaluations.",
)
REASONS = Text(
    "The sketch of the fixture shows that the geometric tolerances are understood.",
    "Le croquis du montage montre que les tolérances géométriques sont comprises.",
)
CAPACITY = Text("Subject expert", "Spécialiste du métier")
CHAIR = Text("Chair", "Présidence")
STATEMENT = Text("No tie to the learner.", "Aucun lien avec la personne candidate.")
DISSENT = Text(
    "One drawing is little; I would have asked for a second one.",
    "Un seul dessin, c’est peu\u00a0; j’en aurais demandé un deuxième.",
)


async def tell(told: Walk) -> Decided:
    """Lead the case through two readings and a panel. Raises `StoryBroke`."""
    learner, case_id = await walk.begin(told, TALE)
    told.also(
        "this programme has every case read twice: two people are asked, and neither knows of the other",
        "ce programme fait lire chaque dossier deux fois\u00a0: deux personnes sont sollicitées, et aucune ne "
        "connaît l’autre",
    )
    first, second = await walk.take_seats(told, case_id)
    await walk.judge(told, first, case_id, FIRST_READING)
    await walk.judge(told, second, case_id, SECOND_READING)
    await settle(told, case_id)
    await walk.decide(told, case_id)
    return await walk.receive(told, learner, case_id)


async def settle(told: Walk, case_id: str) -> None:
    """Three people who had no part in the case sit, vote, and their chair signs the minutes."""
    members = await seat_panel(told, case_id)
    chair, *others = members
    readings = await chair.get(f"/cases/{case_id}/originals")
    told.tell(
        chair,
        f"chairs the panel, and reads all {len(readings)} assessments without the names of who wrote them.",
        f"préside le comité et lit les {len(readings)} évaluations sans le nom des personnes qui les ont écrites.",
    )
    ((claim, _),) = await walk.write(told, chair, case_id, OF_THE_PANEL)
    votes = [{"person": one.person, "vote": "met"} for one in members]
    votes[-1] |= {"vote": "not_yet", "dissent": told.words(DISSENT)}
    minutes = {
        "members": [
            {
                "person": one.person,
                "capacity": told.words(CHAIR if one is chair else CAPACITY),
                "statement": told.words(STATEMENT),
            }
            for one in members
        ],
        "material": told.words(MATERIAL),
        "claims": [{"claim": claim["id"], "votes": votes, "reasons": told.words(REASONS)}],
        "signed": True,
    }
    await chair.command(case_id, "record-panel", minutes)
    title = said(claim["title"])
    told.tell(
        others[-1],
        f"votes against, and says why: “{DISSENT.en}”",
        f"vote contre et dit pourquoi\u00a0: «\u00a0{DISSENT.fr}\u00a0»",
    )
    told.tell(
        chair,
        f"signs the minutes: “{title.en}” is met by two votes to one.",
        f"signe le procès-verbal\u00a0: «\u00a0{title.fr}\u00a0» est acquise par deux voix contre une.",
    )


async def seat_panel(told: Walk, case_id: str) -> list[Visitor]:
    """Everybody who is asked to sit answers the conflict screen and accepts; answers the members, the chair first."""
    lead = await told.enter(story.LEAD)
    await walk.stage(lead, case_id, "moderation")
    told.tell(
        lead,
        "sees that the readings are more than one level apart: a panel of three has been called.",
        "voit que les évaluations ont plus d’un niveau d’écart\u00a0: un comité de trois personnes est convoqué.",
    )
    sitting: list[tuple[bool, Visitor]] = []
    for member, seat in await walk.offers(told, case_id, story.PANEL):
        shown = await member.get(f"/cases/{case_id}/screen")
        await walk.accept(member, case_id, seat)
        sitting.append((shown["chair"], member))
    members = [member for _, member in sorted(sitting, key=lambda one: not one[0])]
    if len(members) != len(story.PANEL) or not any(chairs for chairs, _ in sitting):
        raise StoryBroke("the panel is not complete")
    for member in members:
        told.tell(
            member,
            "declares no conflict of interest and joins the panel.",
            "déclare n’avoir aucun conflit d’intérêts et se joint au comité.",
        )
    return members
