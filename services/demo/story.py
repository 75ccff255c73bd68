"""What happens in the demo: who takes part, what the learner shows, what the assessor finds. All of it is invented."""

from dataclasses import dataclass

from services.rules.claims import Rating, Recommendation, SelfAssessment
from services.rules.evidence import EvidenceKind
from services.rules.people import Role
from services.rules.programmes import Text

PROGRAMME = "early-childhood-education"
DECLARATION = "2026-1"


@dataclass(frozen=True, slots=True)
class Sample:
    """A person of the demo, whose name says so; a learner has no role at the institution.

    `bilingual`: judges in both languages, not only in the one that mails come in.
    """

    key: str
    name: str
    role: Role
    language: str = "en"
    bilingual: bool = False

    @property
    def email(self) -> str:
        """The address to sign in with."""
        return f"{self.key}@college-exemple.example"


LEARNER = Sample("learner.one", "Sample Learner One", Role.LEARNER)
LEARNER_OF_THE_PANEL = Sample("learner.six", "Sample Learner Six", Role.LEARNER)
LEARNER_WITH_A_PLAN = Sample("learner.seven", "Sample Learner Seven", Role.LEARNER)
LEARNER_WHO_APPEALS = Sample("learner.eight", "Sample Learner Eight", Role.LEARNER)
OTHERS = (
    Sample("learner.two", "Sample Learner Two", Role.LEARNER),
    Sample("learner.three", "Sample Learner Three", Role.LEARNER, "fr"),
    Sample("learner.four", "Sample Learner Four", Role.LEARNER),
    Sample("learner.five", "Sample Learner Five", Role.LEARNER, "fr"),
)
ADVISOR = Sample("advisor", "Sample Advisor", Role.ADVISOR)
ASSESSORS = (
    Sample("assessor.one", "Sample Assessor One", Role.ASSESSOR),
    Sample("assessor.two", "Sample Assessor Two", Role.ASSESSOR, "fr"),
    Sample("assessor.three", "Sample Assessor Three", Role.ASSESSOR, bilingual=True),
    Sample("assessor.four", "Sample Assessor Four", Role.ASSESSOR, "fr", bilingual=True),
)
PANEL = tuple(
    Sample(f"panel.{number.lower()}", f"Sample Panel Member {number}", Role.PANEL, bilingual=True)
    for number in ("One", "Two", "Three")
)
APPEAL_BODY = tuple(
    Sample(f"appeal.{number.lower()}", f"Sample Appeal Reviewer {number}", Role.APPEAL_REVIEWER_1, bilingual=True)
    for number in ("One", "Two", "Three")
)
LEAD = Sample("lead", "Sample Lead", Role.LEAD)
REGISTRAR = Sample("registrar", "Sample Registrar", Role.DECISION_MAKER)
CATALOGUE = Sample("programmes", "Sample Programme Administrator", Role.PROGRAMME_ADMIN)
PEOPLE = (
    LEARNER,
    *OTHERS,
    LEARNER_OF_THE_PANEL,
    LEARNER_WITH_A_PLAN,
    LEARNER_WHO_APPEALS,
    ADVISOR,
    *ASSESSORS,
    *PANEL,
    *APPEAL_BODY,
    LEAD,
    REGISTRAR,
    CATALOGUE,
    Sample("auditor", "Sample Auditor", Role.AUDITOR),
)

EMPLOYER = {
    "organisation": "Garderie Exemple",
    "referee": "Sample Referee",
    "email": "direction@garderie-exemple.example",
}

CLAIMS: dict[str, SelfAssessment] = {
    "child-health-safety": SelfAssessment.ALONE,
    "meals-and-nutrition": SelfAssessment.ALONE,
    "activity-planning": SelfAssessment.ALONE,
    "observation": SelfAssessment.WITH_HELP,
}
"""The competencies that the learner claims, and how they see each."""

ANSWERS: dict[str, Text] = {
    "experience": Text(
        "Garderie Exemple, 2017 to 2026, group of three-year-olds, then of four-year-olds; before that two summers at "
        "a day camp.",
        "Garderie Exemple, de 2017 à 2026, groupe des trois ans, puis des quatre ans\u00a0; auparavant, deux étés dans "
        "un camp de jour.",
    ),
    "setting": Text("centre", "centre"),
    "age-groups": Text("Three- and four-year-olds", "Les enfants de trois et de quatre ans"),
    "first-aid": Text("2025-10-04", "2025-10-04"),
    "proud-moment": Text(
        "Rain cancelled our walk. The children built a bus out of chairs and drove through the rain for a whole "
        "morning. I gave them tickets, a map and time.",
        "La pluie a annulé notre promenade. Les enfants ont construit un autobus avec des chaises et ont roulé sous la "
        "pluie toute une matinée. Je leur ai donné des billets, une carte et du temps.",
    ),
}
"""The programme's form, by the key of its question."""

AI_USE = Text("None.", "Aucune utilisation.")


@dataclass(frozen=True, slots=True)
class Shown:
    """A file that the learner sends; `claims` are the competencies that it is pointed at, `page` or `seconds` where."""

    file: str
    kind: EvidenceKind
    title: Text
    description: Text
    claims: tuple[str, ...]
    period: tuple[str, str]
    author: str = ""
    own_text: bool = False
    page: int | None = None
    seconds: int | None = None


EVIDENCE = (
    Shown(
        "play-corner.jpg",
        EvidenceKind.PHOTO_OF_WORK,
        Text("The play corner that I set up", "Le coin de jeu que j’ai aménagé"),
        Text(
            "Shelves at the children’s height, three open areas, a quiet corner. No child can be recognised.",
            "Des étagères à la hauteur des enfants, trois aires ouvertes, un coin calme. Aucun enfant n’est "
            "reconnaissable.",
        ),
        ("activity-planning",),
        ("2025-03-10", "2025-03-10"),
    ),
    Shown(
        "safety-checklists.pdf",
        EvidenceKind.WORK_PRODUCT,
        Text("Safety checks and drills, twelve weeks", "Vérifications de sécurité et exercices, douze semaines"),
        Text(
            "My checks of rooms and yard, two evacuation drills, and an incident report with the names removed.",
            "Mes vérifications des locaux et de la cour, deux exercices d’évacuation et un rapport d’accident sans "
            "les noms.",
        ),
        ("child-health-safety",),
        ("2025-09-01", "2025-11-21"),
        page=2,
    ),
    Shown(
        "activity-plans.docx",
        EvidenceKind.WORK_PRODUCT,
        Text("Three activity plans and what I changed", "Trois planifications et ce que j’ai changé"),
        Text(
            "A week of play around shadows, with my notes after each day.",
            "Une semaine de jeux autour des ombres, avec mes notes après chaque journée.",
        ),
        ("activity-planning", "observation"),
        ("2025-02-03", "2025-02-07"),
        own_text=True,
    ),
    Shown(
        "supervisor.wav",
        EvidenceKind.THIRD_PARTY_REPORT,
        Text("My supervisor tells about our work", "Ma responsable parle de notre travail"),
        Text(
            "A recording, made with her agreement: an allergic reaction in the yard, and how we eat together.",
            "Un enregistrement fait avec son accord\u00a0: une réaction allergique dans la cour et nos repas avec les "
            "enfants.",
        ),
        ("child-health-safety", "meals-and-nutrition"),
        ("2026-01-15", "2026-01-15"),
        author="Sample Referee",
        seconds=4,
    ),
)
"""What the learner shows at first."""

MENUS = Shown(
    "menus-and-allergies.pdf",
    EvidenceKind.WORK_PRODUCT,
    Text("Menus of four weeks and the list of allergies", "Les menus de quatre semaines et la liste des allergies"),
    Text(
        "The menus that I planned, and the list that hangs in our kitchen, without names.",
        "Les menus que j’ai planifiés et la liste affichée dans notre cuisine, sans les noms.",
    ),
    ("meals-and-nutrition",),
    ("2025-10-01", "2025-10-28"),
    page=1,
)
"""What the learner adds when asked for more."""


@dataclass(frozen=True, slots=True)
class Tale:
    """What one story is made of: a learner, a programme, what is claimed, answered and shown."""

    learner: Sample
    programme: str
    claims: dict[str, SelfAssessment]
    answers: dict[str, Text]
    employer: dict[str, str]
    evidence: tuple[Shown, ...]


FIRST = Tale(LEARNER, PROGRAMME, CLAIMS, ANSWERS, EMPLOYER, EVIDENCE)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the assessor asks for."""

    claim: str
    criterion: str
    rule: str
    missing: Text
    acceptable: Text


REQUEST = Asked(
    "meals-and-nutrition",
    "allergies",
    "sufficient",
    Text(
        "The recording tells how you eat together; nothing yet shows how you keep track of allergies and diets.",
        "L’enregistrement raconte vos repas\u00a0; rien ne montre encore comment vous tenez compte des allergies et "
        "des régimes.",
    ),
    Text(
        "A list of allergies that you keep up to date, without names, and the menus that go with it.",
        "Une liste des allergies que vous tenez à jour, sans les noms, et les menus qui l’accompagnent.",
    ),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What the assessor writes on one claim; `lacking` names the criteria that were not met, each with its reason.

    `concern`: why the evidence is not sufficient, where criteria are lacking.
    """

    claim: str
    recommendation: Recommendation
    rationale: Text
    methods: tuple[str, ...]
    level: int = 3
    lacking: dict[str, tuple[Rating, Text]] | None = None
    concern: Text = Text("", "")  # noqa: RUF009 - it is frozen


FINDINGS = (
    Finding(
        "child-health-safety",
        Recommendation.MET,
        Text(
            "Twelve weeks of checks, two drills and a complete incident report show steady, careful work. Your report "
            "says step by step what you did when a child had an allergic reaction, and your supervisor describes the "
            "same.",
            "Douze semaines de vérifications, deux exercices et un rapport d’accident complet montrent un travail "
            "constant et attentif. Votre rapport décrit pas à pas vos gestes lors d’une réaction allergique, et votre "
            "responsable raconte la même chose.",
        ),
        ("portfolio", "third_party"),
        level=4,
    ),
    Finding(
        "meals-and-nutrition",
        Recommendation.MET,
        Text(
            "With the menus and the list of allergies that you added, everything is there: varied meals, forbidden "
            "foods kept away, and a calm table where nobody is pressed to eat.",
            "Avec les menus et la liste des allergies que vous avez ajoutés, tout y est\u00a0: des repas variés, les "
            "aliments interdits tenus à l’écart et une table calme où personne n’est poussé à manger.",
        ),
        ("portfolio", "third_party"),
    ),
    Finding(
        "activity-planning",
        Recommendation.MET,
        Text(
            "Your plans start from what you saw the children do, and your notes say what you changed on the spot and "
            "why. The photo shows a room where children can choose and stay with their play.",
            "Vos planifications partent de ce que vous avez vu les enfants faire, et vos notes disent ce que vous avez "
            "changé sur-le-champ et pourquoi. La photo montre un local où les enfants peuvent choisir et prolonger "
            "leur jeu.",
        ),
        ("portfolio",),
    ),
    Finding(
        "observation",
        Recommendation.NOT_YET,
        Text(
            "You notice a great deal, and you write facts without judging. What could not be seen yet are notes about "
            "one child over several weeks. You are close: a month of short notes, on more than one side of "
            "development, would show it.",
            "Vous remarquez beaucoup de choses et vous notez des faits sans juger. On n’a pas encore pu voir de notes "
            "sur un même enfant pendant plusieurs semaines. Vous y êtes presque\u00a0: un mois de courtes notes, sur "
            "plus d’une facette du développement, le montrerait.",
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
                    "Only short notes after the fact were shown. A second way of observing, such as a checklist or a "
                    "timed note, would show that you choose.",
                    "Seules de courtes notes après coup ont été montrées. Une deuxième façon d’observer, comme une "
                    "grille ou une note minutée, montrerait que vous choisissez.",
                ),
            ),
            "next-step": (
                Rating.PARTLY_MET,
                Text(
                    "You name a next step for the group. Say for one child what the notes mean and what you would try "
                    "next with this child.",
                    "Vous nommez une prochaine étape pour le groupe. Dites pour un enfant ce que les notes révèlent et "
                    "ce que vous essaieriez ensuite avec cet enfant.",
                ),
            ),
            "childs-view": (
                Rating.NOT_ASSESSED,
                Text(
                    "None of the files speaks of the child’s own words or drawings; this criterion is not mandatory "
                    "and counts against nobody.",
                    "Aucun fichier ne parle des mots ou des dessins de l’enfant\u00a0; ce critère n’est pas "
                    "obligatoire et ne nuit à personne.",
                ),
            ),
        },
        concern=Text("Too few notes to see it over time.", "Trop peu de notes pour le voir dans le temps."),
    ),
)
"""What the assessor finds: three competencies met, one not yet."""

TALK = (
    "I worked in three shops. Do you need the years of the first one too? I was an apprentice there.",
    "Yes please, apprenticeship counts. A line for each shop is enough; your payslips are not needed.",
    "Thank you. I will send it on the weekend.",
)
"""What the learner whose case is incomplete and the advisor write to each other."""

MISSING_ITEM = {
    "en": {"what": "The years you worked in each shop", "why": "We count experience from them."},
    "fr": {
        "what": "Les années travaillées dans chaque établissement",
        "why": "Nous nous en servons pour compter l’expérience.",
    },
}
