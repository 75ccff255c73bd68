"""A third party's statement as plain text: the bytes that are kept, hashed and read as a piece of evidence.

The learner is not named in it, so that a masked reading stays masked; nor is the number to call.
"""

from collections.abc import Mapping

from services.rules.attestations import Relation, Seen, Statement
from services.rules.programmes import Text

TITLE = Text("Statement of a third party", "Attestation de tiers")
SPOKEN = Text("Spoken words, written down by an advisor", "Paroles consignées par une personne conseillère")

_LABELS: dict[str, Text] = {
    "name": Text("Name", "Nom"),
    "position": Text("Position", "Fonction"),
    "organisation": Text("Organisation", "Organisation"),
    "relation": Text("Relation to the learner", "Lien avec la personne candidate"),
    "how_observed": Text("How they observed the learner", "Comment elle a observé la personne candidate"),
    "since": Text("Since", "Depuis"),
    "until": Text("Until", "Jusqu’à"),
    "doubts": Text("Doubts", "Réserves"),
    "may_call": Text("May be called", "Peut être appelée"),
}

RELATIONS: dict[Relation, Text] = {
    Relation.SUPERVISOR: Text("supervisor", "supérieur·e"),
    Relation.COLLEAGUE: Text("colleague", "collègue"),
    Relation.EMPLOYER: Text("employer", "employeur·euse"),
    Relation.CLIENT: Text("client", "client·e"),
    Relation.TEACHER: Text("teacher", "personne enseignante"),
    Relation.COMMUNITY: Text("member of the community", "membre de la communauté"),
    Relation.OTHER: Text("other", "autre"),
}

ANSWERS: dict[Seen, Text] = {
    Seen.SEEN_OFTEN: Text("Seen often", "Observé souvent"),
    Seen.SEEN_SOMETIMES: Text("Seen sometimes", "Observé parfois"),
    Seen.NOT_SEEN: Text("Not seen", "Non observé"),
    Seen.CANNOT_SAY: Text("Cannot say", "Je ne sais pas"),
}

_YES, _NO, _STILL = Text("yes", "oui"), Text("no", "non"), Text("today", "aujourd’hui")
_COLON = Text(":", "\u00a0:")


def as_text(statement: Statement, *, titles: Mapping[str, Text], language: str, spoken: bool = False) -> str:
    """The statement in `language`, each competency by its title; `spoken` where an advisor wrote it down."""
    colon = _COLON.in_(language)
    said = {
        "name": statement.name,
        "position": statement.position,
        "organisation": statement.organisation,
        "relation": RELATIONS[statement.relation].in_(language) if statement.relation else "",
        "how_observed": statement.how_observed,
        "since": statement.since.isoformat() if statement.since else "",
        "until": statement.until.isoformat() if statement.until else _STILL.in_(language),
        "doubts": statement.doubts or "–",
        "may_call": (_YES if statement.may_call else _NO).in_(language),
    }
    lines = [TITLE.in_(language), *([SPOKEN.in_(language)] if spoken else []), ""]
    lines += [f"{_LABELS[field].in_(language)}{colon} {text}" for field, text in said.items()]
    for one in statement.observations:
        answer = ANSWERS[one.seen].in_(language) if one.seen else "–"
        lines += ["", titles[one.competency].in_(language), answer, *([one.example] if one.example else [])]
    return "\n".join(lines) + "\n"
