"""Letters that tests start from: visibly sample people, one of each kind, in both languages."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from services.documents import letters
from services.documents.letters import (
    Appeal,
    Attached,
    Claim,
    Contact,
    Credential,
    Lapse,
    Letter,
    LetterKind,
    Outcome,
    Versions,
)
from services.rules.appeals import Ruling
from services.rules.programmes import Institution, Language, Method, Text

IDENTIFIER = bytes(range(16))
CREATED = datetime(2026, 3, 2, 15, 4, 5, tzinfo=UTC)

COLLEGE = Institution(
    slug="college-exemple",
    name=Text("Example College", "Collège Exemple"),
    unit=Text("Recognition of Prior Learning Office", "Service de la reconnaissance des acquis et des compétences"),
    address=("100, rue de l’Exemple", "Ville-Exemple (Québec)  H0H 0H0"),
    email="rac@college-exemple.example",
    phone="+1 555-555-0100",
    url="https://college-exemple.example/rac",
    country="CA",
    region="Québec",
    colour="#1d4f5f",
    signatory_title=Text("Registrar", "Registraire"),
    appeal_body=Text("the Review Committee of Example College", "le Comité de révision du Collège Exemple"),
    appeal_email="revision@college-exemple.example",
    privacy=Text(
        "This letter is about you alone. We keep your file for as long as our retention rules say.",
        "Cette lettre ne concerne que vous. Nous conservons votre dossier selon notre calendrier de conservation.",
    ),
)

TITLES = (
    Text("Keep children safe and act in an emergency", "Assurer la sécurité des enfants et agir en cas d’urgence"),
    Text("Prevent illness and apply hygiene measures", "Prévenir les maladies et appliquer les mesures d’hygiène"),
    Text("Offer balanced meals and snacks", "Offrir des repas et des collations équilibrés"),
    Text("Observe a child’s development and write it down", "Observer le développement d’un enfant et le consigner"),
    Text("Guide behaviour with respect", "Accompagner les comportements avec respect"),
    Text("Plan play that lets children learn", "Planifier des jeux qui font apprendre"),
    Text("Work together with families", "Travailler en collaboration avec les familles"),
    Text("Work in a team and know the law", "Travailler en équipe et connaître la loi"),
)

MET = (
    Text("Names the duties of an educator.", "Nomme les obligations d’une personne éducatrice."),
    Text("Shares what was observed with the team.", "Communique à l’équipe ce qui a été observé."),
)
MISSING = (
    Text(
        "Reports a suspected danger to a child to the right service and in time.",
        "Signale à temps au bon service une situation qui pourrait mettre un enfant en danger.",
    ),
    Text("Keeps written records that others can rely on.", "Tient des dossiers écrits auxquels on peut se fier."),
)
REASONS = Text(
    "Your shift notes and your supervisor’s report show dependable teamwork. They do not yet show how you would "
    "report a danger, or a record that a colleague could act on. A written case from your own practice, or a talk "
    "with an assessor, would be enough.",
    "Vos notes de service et l’attestation de votre superviseure montrent un travail d’équipe fiable. Elles ne "
    "montrent pas encore comment vous feriez un signalement ni un dossier sur lequel une collègue pourrait s’appuyer. "
    "Un cas écrit tiré de votre pratique, ou un entretien avec une personne évaluatrice, suffirait.",
)


def claim(number: int, language: Language, *, outcome: Outcome | None = Outcome.GRANTED) -> Claim:
    """The competency `number`, settled as `outcome`."""
    granted, open_ = outcome in letters.IN_FAVOUR, outcome is Outcome.NOT_YET
    methods = (Method.PORTFOLIO, Method.INTERVIEW) if number % 3 else (Method.PORTFOLIO,)
    code = f"K7Q{number % 10}-TM4X-9RDF"
    return Claim(
        title=TITLES[number % len(TITLES)].in_(language),
        outcome=outcome,
        code=f"EC{number + 1}",
        credit=Decimal("1.5") if number % 2 else Decimal(2),
        methods=methods if outcome and outcome is not Outcome.TRANSFERRED else (),
        transfer=outcome is Outcome.TRANSFERRED,
        settled=date(2026, 2, 12 + number % 8) if outcome else None,
        criteria_met=tuple(text.in_(language) for text in MET) if open_ else (),
        criteria_missing=tuple(text.in_(language) for text in MISSING) if open_ else (),
        reasons=REASONS.in_(language) if open_ else "",
        carried_until=date(2028, 3, 1) if open_ else None,
        credential=None
        if not granted and outcome is not Outcome.REVOKED
        else Credential(code, f"https://acquis.example.org/v/{code}"),
    )


def claims(kind: LetterKind, language: Language, *, total: int = 8) -> tuple[Claim, ...]:
    """`total` competencies as a letter of `kind` has them; a partial one leaves every fourth open."""
    outcomes: dict[LetterKind, Outcome | None] = {
        LetterKind.FULL: Outcome.GRANTED,
        LetterKind.NOT_YET: Outcome.NOT_YET,
        LetterKind.REVOCATION: Outcome.REVOKED,
        LetterKind.SUSPENSION: Outcome.SUSPENDED,
        LetterKind.REINSTATEMENT: Outcome.GRANTED,
        LetterKind.TRANSFER: Outcome.TRANSFERRED,
        LetterKind.NOT_ELIGIBLE: None,
        LetterKind.LAPSE: None,
    }
    return tuple(
        claim(
            number,
            language,
            outcome=outcomes.get(kind, Outcome.NOT_YET if number % 4 == 3 else Outcome.GRANTED),
        )
        for number in range(total)
    )


WHOLE_REASONS = {
    LetterKind.NOT_ELIGIBLE: Text(
        "The programme asks for at least 600 hours of work with children. Your file shows 140 hours, and the letters "
        "of the two other employers are not dated.",
        "Le programme exige au moins 600 heures de travail auprès d’enfants. Votre dossier en montre 140, et les "
        "lettres des deux autres employeurs ne sont pas datées.",
    ),
    LetterKind.REVOCATION: Text(
        "The certificate on which the recognition rested belongs to another person.",
        "Le certificat sur lequel reposait la reconnaissance appartient à une autre personne.",
    ),
    LetterKind.SUSPENSION: Text(
        "An employer says that the letter on file was not written there. We are asking both sides.",
        "Un employeur affirme que la lettre au dossier n’a pas été écrite chez lui. "
        "Nous interrogeons les deux parties.",
    ),
    LetterKind.REINSTATEMENT: Text(
        "The employer has confirmed the letter.",
        "L’employeur a confirmé la lettre.",
    ),
    LetterKind.APPEAL: Text(
        "The photos of March were not looked at; they show the whole task.",
        "Les photos de mars n’ont pas été regardées ; elles montrent la tâche entière.",
    ),
}
STEPS = (
    Text(
        "Choose with your advisor how to close the gaps: a short course, practice with a mentor, or new evidence.",
        "Choisissez avec votre personne conseillère comment combler ce qui manque : un cours court, "
        "une pratique avec mentorat ou de nouvelles preuves.",
    ),
    Text(
        "Send the new evidence for these competencies alone before March 1, 2028. The rest is settled.",
        "Déposez les nouvelles preuves pour ces seules compétences avant le 1er mars 2028. Le reste est réglé.",
    ),
)


def letter(
    kind: LetterKind = LetterKind.PARTIAL,
    language: Language = Language.EN,
    *,
    total: int = 8,
    name: str = "Sample Learner",
) -> Letter:
    """A letter of `kind` to a sample person about `total` competencies of a sample programme."""
    few = 2 if kind is LetterKind.REVOCATION else 3 if kind is LetterKind.NOT_YET else total
    whole = WHOLE_REASONS.get(kind)
    assessed = kind not in (LetterKind.NOT_ELIGIBLE, LetterKind.LAPSE)
    lapse = Lapse("idle", (date(2025, 12, 29), date(2026, 1, 28)), date(2027, 3, 1))
    return Letter(
        kind=kind,
        language=language,
        number="L-2026-000123",
        case_number="RPL-2026-00042",
        institution=COLLEGE,
        name=name,
        address=("12, rue du Modèle, app. 3", "Ville-Exemple (Québec)  H0H 0H1"),
        programme=Text("Early Childhood Education", "Techniques d’éducation à l’enfance").in_(language),
        received=date(2025, 11, 14),
        decided=date(2026, 3, 1),
        versions=Versions(
            framework=Text("Framework of Example College", "Référentiel du Collège Exemple").in_(language),
            programme=2,
            rubric="2026.1" if assessed else "",
            policy="2026.1",
            portfolio=2 if assessed else None,
        ),
        claims=claims(kind, language, total=few),
        reasons=whole.in_(language) if whole else "",
        next_steps=tuple(text.in_(language) for text in STEPS) if kind is not LetterKind.FULL else (),
        contact=Contact(
            name=Text("Sample Advisor", "Personne conseillère exemple").in_(language),
            email="conseil@college-exemple.example",
            phone="+1 555-555-0101",
        ),
        judged_by=(
            Text("Content specialist, early childhood", "Spécialiste de contenu, éducation à l’enfance").in_(language),
            Text("Assessor trained in recognition", "Personne évaluatrice formée à la RAC").in_(language),
        )
        if assessed
        else (),
        appeal=Appeal(deadline=date(2026, 3, 31)),
        signatory="Sample Registrar",
        ruling=Ruling.VARIED if kind is LetterKind.APPEAL else None,
        lapse=lapse if kind is LetterKind.LAPSE else None,
    )


def attachments(made: Letter) -> tuple[Attached, ...]:
    """A signed credential, or what stands for one, for every claim that has one."""
    return tuple(
        Attached(
            name=f"{one.credential.code}.json",
            content=f'{{"credential":"{one.credential.code}","name":"\\u00c9ducation"}}'.encode(),
            description=one.title,
        )
        for one in made.claims
        if one.credential
    )


def addressed(made: Letter, name: str) -> Letter:
    """The same letter to somebody else."""
    return replace(made, name=name)
