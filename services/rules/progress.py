"""How far cases come, how long that takes and where they are left: what is counted, in which words, and what it means.

Cohort measures follow the cases that were sent in a quarter to date; flow measures count what happened in a quarter;
the rest says how things stand on the last night. Source: case design, section 13 (A1 to C2, E1, E2).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.rules import small_cells
from services.rules.case import SeatKind, Stage, WaitingOn
from services.rules.commands import LeavingReason
from services.rules.programmes import Text
from services.rules.small_cells import Printed, Quantile

DEFINITION = "progress-1"
"""The version of the definitions in this file; every stored figure names the one that it was counted by."""

ALL = small_cells.ALL
"""The word of a count that is not divided, and the group of everybody."""

FOLLOWED = 12
"""Quarters for which a cohort is followed; after three years its figures stay as they are."""


class Measure(StrEnum):
    """What is counted."""

    REACHED = "reached"
    NEVER_PRESENTED = "never_presented"
    DECIDED_WITHIN = "decided_within"
    OLD_ENOUGH = "old_enough"
    LEFT_IN = "left_in"
    LEFT_BECAUSE = "left_because"
    DAYS_TO_DECISION = "days_to_decision"
    OUR_DAYS = "our_days"
    THEIR_DAYS = "their_days"
    SEATS_DUE = "seats_due"
    SEATS_LATE = "seats_late"
    CLAIMS = "claims"
    CLAIMS_GRANTED = "claims_granted"
    CLAIMS_NOT_YET = "claims_not_yet"
    ASSESSED = "assessed"
    OFFERS_ANSWERED = "offers_answered"
    BARRED = "barred"
    SET_ASIDE = "conflicts_set_aside"
    CHANGED = "decisions_changed"
    RETURNED = "recommendations_returned"
    OPEN_FOR = "open_for"
    OPEN_IN = "open_in"
    OPEN_WAITING = "open_waiting"


COHORT = frozenset({Measure.REACHED, Measure.NEVER_PRESENTED, Measure.DECIDED_WITHIN, Measure.OLD_ENOUGH})
"""Measures of the cases that were sent in a quarter, followed to date."""

STANDING = frozenset({Measure.OPEN_FOR, Measure.OPEN_IN, Measure.OPEN_WAITING})
"""Measures of how things stood on the last night of a quarter."""


class Step(StrEnum):
    """How far a case came, in order; from `granted_full` to `not_granted` it is one of three."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    ELIGIBLE = "eligible"
    DEPOSITED = "deposited"
    ASSESSED = "assessed"
    DECIDED = "decided"
    GRANTED_FULL = "granted_full"
    GRANTED_PARTIAL = "granted_partial"
    NOT_GRANTED = "not_granted"
    ISSUED = "issued"
    OPENED = "opened"
    APPEALED = "appealed"


FUNNEL = (Step.SUBMITTED, Step.ELIGIBLE, Step.DEPOSITED, Step.ASSESSED, Step.DECIDED, Step.ISSUED)
"""Steps each of which is part of the one before; a draft belongs to the quarter in which it was begun."""

WITHIN = (90, 180, 365)
"""Days within which a decision is looked for."""

AGES = ((30, "0_30"), (90, "31_90"), (180, "91_180"), (365, "181_365"))
OLDEST = "over_365"


def age(days: int) -> str:
    """The band of days since a case was sent."""
    return next((word for most, word in AGES if days <= most), OLDEST)


CLAIM_WORDS = ("granted", "granted_by_transfer", "not_yet", "withdrawn")
STAGES = tuple(stage for stage in Stage if stage not in {Stage.DRAFT, Stage.CLOSED})

WORDS: dict[Measure, tuple[str, ...]] = {
    Measure.REACHED: tuple(Step),
    Measure.NEVER_PRESENTED: ("closed", "open"),
    Measure.DECIDED_WITHIN: tuple(map(str, WITHIN)),
    Measure.OLD_ENOUGH: tuple(map(str, WITHIN)),
    Measure.LEFT_IN: (Stage.DRAFT, *STAGES),
    Measure.LEFT_BECAUSE: tuple(LeavingReason),
    Measure.DAYS_TO_DECISION: (ALL,),
    Measure.OUR_DAYS: (ALL, *STAGES),
    Measure.THEIR_DAYS: (ALL, *STAGES),
    Measure.SEATS_DUE: tuple(SeatKind),
    Measure.SEATS_LATE: tuple(SeatKind),
    Measure.CLAIMS: CLAIM_WORDS,
    Measure.CLAIMS_GRANTED: (),
    Measure.CLAIMS_NOT_YET: (),
    Measure.ASSESSED: ("with_request", "without_request"),
    Measure.OFFERS_ANSWERED: ("accepted", "declined", "conflict", "conflict_late"),
    Measure.BARRED: ("declared", "detected"),
    Measure.SET_ASIDE: (ALL,),
    Measure.CHANGED: ("corrected", "revocation", "suspension", "reinstatement"),
    Measure.RETURNED: (ALL,),
    Measure.OPEN_FOR: (*(word for _, word in AGES), OLDEST),
    Measure.OPEN_IN: STAGES,
    Measure.OPEN_WAITING: tuple(WaitingOn),
}
"""Into what each count is divided; claims by competency have the programme's own keys."""

CODEBOOK: dict[Measure, Text] = {
    Measure.REACHED: Text(
        "Cases that were sent in the period, by how far they ever came until now; drafts by when they were begun. "
        "Assessed means that every skill was judged, issued that a credential was published.",
        "Demandes déposées dans la période, selon l’étape la plus avancée atteinte jusqu’ici ; brouillons selon leur "
        "début. Évalué veut dire que toutes les compétences l’ont été, délivrée qu’une attestation est publiée.",
    ),
    Measure.NEVER_PRESENTED: Text(
        "Of the cases sent in the period that became eligible: those closed without a portfolio, and those still open "
        "without one.",
        "Parmi les dossiers déposés dans la période et devenus recevables : ceux qui ont été fermés sans dossier de "
        "preuves, et ceux qui restent ouverts sans en avoir.",
    ),
    Measure.DECIDED_WITHIN: Text(
        "Cases sent in the period whose first letter could be read within so many days, of those old enough.",
        "Dossiers déposés dans la période dont la première lettre a pu être lue en autant de jours, parmi ceux qui "
        "sont assez anciens.",
    ),
    Measure.OLD_ENOUGH: Text(
        "Cases sent in the period, so many days ago or more.",
        "Dossiers déposés dans la période, il y a autant de jours ou plus.",
    ),
    Measure.LEFT_IN: Text(
        "Cases that were withdrawn or lapsed in the period, by the stage in which they were.",
        "Dossiers retirés ou expirés dans la période, selon l’étape où ils se trouvaient.",
    ),
    Measure.LEFT_BECAUSE: Text(
        "The same cases by the reason that the learner gave; a lapse has none.",
        "Les mêmes dossiers selon le motif donné par la personne candidate ; une expiration n’en a pas.",
    ),
    Measure.DAYS_TO_DECISION: Text(
        "Calendar days from sending the case to the first letter, of cases whose letter could be read in the period.",
        "Jours civils entre le dépôt de la demande et la première lettre, pour les dossiers dont la lettre a pu être "
        "lue dans la période.",
    ),
    Measure.OUR_DAYS: Text(
        "Business days in which our clock ran, of the same cases; whole, then by stage where a case was in it.",
        "Jours ouvrables où notre délai courait, pour les mêmes dossiers ; en tout, puis par étape traversée.",
    ),
    Measure.THEIR_DAYS: Text(
        "Calendar days in which a case waited for its learner, of the same cases; whole, then by stage.",
        "Jours civils où le dossier attendait la personne candidate, pour les mêmes dossiers ; en tout, puis par "
        "étape.",
    ),
    Measure.SEATS_DUE: Text(
        "Seats of readers that were due in the period, by what they are for.",
        "Évaluations à rendre dans la période, selon leur rôle.",
    ),
    Measure.SEATS_LATE: Text(
        "Those of them that were not sent in by the end of the due day.",
        "Celles qui n’ont pas été rendues à la fin du jour d’échéance.",
    ),
    Measure.CLAIMS: Text(
        "Skills that were decided on in the period by a first decision, and skills that learners took back.",
        "Compétences tranchées dans la période par une première décision, et compétences retirées.",
    ),
    Measure.CLAIMS_GRANTED: Text(
        "Granted skills by competency, transfers left out.", "Compétences accordées, sans les transferts."
    ),
    Measure.CLAIMS_NOT_YET: Text(
        "Skills not yet demonstrated, by competency.", "Compétences non encore démontrées, une à une."
    ),
    Measure.ASSESSED: Text(
        "Cases whose assessment was complete in the period, by whether more evidence had been asked for.",
        "Dossiers dont l’évaluation s’est terminée dans la période, selon que des preuves complémentaires avaient été "
        "demandées ou non.",
    ),
    Measure.OFFERS_ANSWERED: Text(
        "Offers of a seat that were answered in the period; `conflict_late`: declared after the seat was taken.",
        "Offres de siège auxquelles une réponse a été donnée dans la période ; `conflict_late` : conflit déclaré une "
        "fois le siège occupé.",
    ),
    Measure.BARRED: Text(
        "People who were barred from a case in the period: they declared a conflict, or the system found a tie.",
        "Personnes écartées d’un dossier dans la période : conflit déclaré, ou lien trouvé par le système.",
    ),
    Measure.SET_ASIDE: Text(
        "Declared conflicts of another kind that a lead set aside in writing.",
        "Conflits déclarés d’un autre ordre qu’une personne responsable a écartés par écrit.",
    ),
    Measure.CHANGED: Text(
        "Decisions of the period that correct an earlier one, withdraw, suspend or give back what was granted.",
        "Décisions de la période qui en rectifient une autre, ou qui révoquent, suspendent ou rétablissent ce qui "
        "avait été accordé.",
    ),
    Measure.RETURNED: Text(
        "Recommendations that whoever decides sent back in the period, with reasons.",
        "Recommandations renvoyées dans la période par la personne qui décide, avec motifs.",
    ),
    Measure.OPEN_FOR: Text(
        "Open cases on the last night of the period, by days since they were sent.",
        "Dossiers ouverts la dernière nuit de la période, selon les jours depuis le dépôt.",
    ),
    Measure.OPEN_IN: Text("The same cases by stage.", "Les mêmes dossiers par étape."),
    Measure.OPEN_WAITING: Text(
        "The same cases by whom they wait for.", "Les mêmes dossiers selon la personne dont ils attendent l’action."
    ),
}
"""What each figure means, in words for its reader."""

Counts = Mapping[tuple[Measure, str], int]
Values = Mapping[tuple[Measure, str], Sequence[float]]


# what may leave the house


@dataclass(frozen=True, slots=True)
class Line:
    """One figure that may leave the house."""

    measure: Measure
    word: str
    value: Printed


EXCLUSIVE = frozenset(
    {
        Measure.LEFT_IN,
        Measure.LEFT_BECAUSE,
        Measure.CLAIMS,
        Measure.ASSESSED,
        Measure.OFFERS_ANSWERED,
        Measure.CHANGED,
        Measure.OPEN_FOR,
        Measure.OPEN_WAITING,
    }
)
"""Measures whose words divide a whole."""

QUANTILES: dict[str, int] = {"median": 500, "p90": 900}


def published(counts: Counts, values: Values) -> list[Line]:
    """A year as it may leave the house; nothing in it tells of fewer than ten people, nor can be found by subtraction.

    Steps of the funnel are parts of each other, so what lies between two steps is withheld like a number of its own.
    """
    came = small_cells.nested([counts.get((Measure.REACHED, step), 0) for step in FUNNEL])
    lines = [Line(Measure.REACHED, step, value) for step, value in zip(FUNNEL, came, strict=True)]
    for measure in (one for one in Measure if one in EXCLUSIVE):
        words = WORDS[measure]
        told, whole = small_cells.parted([counts.get((measure, word), 0) for word in words])
        lines += [Line(measure, word, one) for word, one in zip((*words, ALL), (*told, whole), strict=True)]
    for measure in (Measure.DAYS_TO_DECISION, Measure.OUR_DAYS, Measure.THEIR_DAYS):
        taken = tuple(values.get((measure, ALL), ()))
        cells = small_cells.printed([[Quantile(taken, per_mille) for per_mille in QUANTILES.values()]])
        lines += [Line(measure, name, value) for name, value in zip(QUANTILES, cells[0], strict=True)]
    return lines
