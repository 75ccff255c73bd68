"""What a credential says in words: sentences that an employer who never heard of microcredentials understands.

Numbers and durations only; never a name of an assessor, a file, a reason or an attempt.
"""

from services.rules.programmes import Language, Method, Text

METHODS = {
    Method.PORTFOLIO: Text("portfolio of evidence", "portfolio de preuves"),
    Method.INTERVIEW: Text("structured interview", "entrevue structurée"),
    Method.CHALLENGE_TEST: Text("challenge test", "épreuve de reconnaissance"),
    Method.OBSERVATION: Text("workplace observation", "observation en milieu de travail"),
    Method.SIMULATION: Text("simulation", "mise en situation"),
    Method.THIRD_PARTY: Text("third-party report", "attestation de tiers"),
}
GENRES = {
    Method.PORTFOLIO: "Portfolio",
    Method.INTERVIEW: "Oral assessment",
    Method.CHALLENGE_TEST: "Challenge exam",
    Method.OBSERVATION: "Direct observation",
    Method.SIMULATION: "Simulation",
    Method.THIRD_PARTY: "Third-party testimony",
}
"""How exchange formats name the methods; never translated."""

EMPLOYER = Text(
    "{institution} confirms that this person can do this: “{title}”. {assessors} compared the person’s own evidence "
    "with a published standard, one criterion at a time. How it was checked: {methods}. Every required criterion was "
    "met. It does not matter where the person learned it: the standard is the same for everyone.",
    "{institution} confirme que cette personne sait faire ceci\u00a0: «\u00a0{title}\u00a0». {assessors} comparé ses "
    "preuves à une norme publiée, un critère à la fois. Moyens de vérification\u00a0: {methods}. Tous les critères "
    "obligatoires sont satisfaits. Peu importe où la personne l’a appris\u00a0: la norme est la même pour tout le "
    "monde.",
)
EMPLOYER_TRANSFER = Text(
    "{institution} confirms that this person can do this: “{title}”. Another body certified it before. Issuer, date "
    "and equivalence with the published standard were checked; nothing was assessed again.",
    "{institution} confirme que cette personne sait faire ceci\u00a0: «\u00a0{title}\u00a0». Un autre organisme l’a "
    "déjà certifié. L’organisme, la date et l’équivalence avec la norme publiée ont été vérifiés\u00a0; rien n’a été "
    "évalué de nouveau.",
)
CRITERIA_TRANSFER = Text(
    "Recognised by credit transfer: certified by another body and found equivalent to the published criteria.",
    "Reconnaissance par transfert de crédits\u00a0: certification d’un autre organisme jugée équivalente aux critères "
    "publiés.",
)
TRANSFER = Text("Credit transfer", "Transfert de crédits")
TRANSFER_GENRE = "Credit transfer"
TRANSFER_CHECKED = Text("issuer, date and equivalence checked", "organisme, date et équivalence vérifiés")

ONE_ASSESSOR = Text("A qualified assessor", "Une personne évaluatrice qualifiée a")
SEVERAL_ASSESSORS = Text("{count} qualified assessors", "{count}\u00a0personnes évaluatrices qualifiées ont")

CRITERIA = Text(
    "Assessed individually against {count} published criteria. Evidence had to be valid, sufficient, authentic and "
    "current. Methods: {methods}. Identity: {identity}. Supervision: {supervision}.",
    "Évaluation individuelle selon {count}\u00a0critères publiés. Les preuves devaient être valides, suffisantes, "
    "authentiques et actuelles. Méthodes\u00a0: {methods}. Identité\u00a0: {identity}. Supervision\u00a0: "
    "{supervision}.",
)
IDENTITY = {
    "none": Text("not checked", "non vérifiée"),
    "document_seen": Text("identity document seen", "pièce d’identité vue"),
    "live": Text("checked in person or live", "vérifiée en personne ou en direct"),
}
SUPERVISION = {
    "none": Text("none", "aucune"),
    "online": Text("online", "en ligne"),
    "on_site": Text("on site", "sur place"),
}
EARNED = {
    "formal": Text("Recognised from earlier studies.", "Reconnaissance d’études antérieures."),
    "non_formal": Text(
        "Recognised from training outside the school system.",
        "Reconnaissance d’une formation suivie hors du système scolaire.",
    ),
    "informal": Text(
        "Recognised from work, volunteer and life experience.",
        "Reconnaissance de l’expérience de travail, de bénévolat et de vie.",
    ),
}

LEVEL = Text("Competency level", "Niveau de compétence")
DECISION = Text("Recognition decision", "Décision de reconnaissance")
ITEMS = Text("{count} items mapped to {criteria} criteria", "{count}\u00a0éléments associés à {criteria}\u00a0critères")
ONE_ITEM = Text("1 item mapped to {criteria} criteria", "1\u00a0élément associé à {criteria}\u00a0critères")
TESTIMONY = Text("{count} reports", "{count}\u00a0attestations")
ONE_TESTIMONY = Text("1 report", "1\u00a0attestation")
KEPT = Text(
    "kept by the issuer, released only with the holder’s consent",
    "conservation par l’émetteur, transmission seulement avec le consentement de la personne titulaire",
)
READ_BY_ONE = Text("one assessor", "une personne évaluatrice")
READ_BY_SEVERAL = Text("{count} assessors", "{count}\u00a0personnes évaluatrices")
RUBRIC = Text("rated with the published rubric", "notation selon la grille publiée")
BADGE = Text("Badge: {title}", "Insigne\u00a0: {title}")
HEAD_CRITERIA = Text("Criteria", "Critères")
HEAD_LEVELS = Text("Levels", "Niveaux")
HEAD_EVIDENCE = Text("Evidence that usually convinces", "Preuves habituellement convaincantes")
HEAD_METHODS = Text("How it may be assessed", "Méthodes d’évaluation possibles")
HEAD_HOURS = Text("Course hours it stands for", "Heures de cours correspondantes")
MANDATORY = Text("required", "obligatoire")
OPTIONAL = Text("optional", "facultatif")
LEVEL_LINE = Text("{level}. {name}: {anchor}", "{level}. {name}\u00a0: {anchor}")
LONG = 90
"""Minutes up to which a length is shown in minutes alone."""
HOUR = 60


def both(text: Text, language: Language) -> str:
    """Return both languages in one line, the learner's first."""
    return f"{text.fr} / {text.en}" if language is Language.FR else f"{text.en} / {text.fr}"


def fill(text: Text, **parts: object) -> Text:
    """Fill the blanks of a sentence in both languages; a `Text` gives each language its own."""

    def filled(language: Language) -> str:
        own = {name: part.in_(language) if isinstance(part, Text) else part for name, part in parts.items()}
        return text.in_(language).format(**own)

    return Text(filled(Language.EN), filled(Language.FR))


def capital(text: Text) -> Text:
    """Begin both languages with a capital."""
    return Text(text.en[:1].upper() + text.en[1:], text.fr[:1].upper() + text.fr[1:])


def listed(texts: list[Text]) -> Text:
    """Join with commas, in both languages."""
    return Text(", ".join(text.en for text in texts), ", ".join(text.fr for text in texts))


def length(minutes: int) -> str:
    """Write minutes as `60 min`, `2 h` or `2 h 30 min`; the same in both languages."""
    hours, rest = divmod(minutes, HOUR)
    if minutes <= LONG:
        return f"{minutes}\u00a0min"
    return f"{hours}\u00a0h" + (f" {rest}\u00a0min" if rest else "")
