"""What a programme reports of second readings, its service standard and appeals: the words, and what may leave it.

Counts are kept by quarter, as events of that quarter. Staff read them as they are; a year's report may leave the house
and passes through `small_cells`. Source: case design, section 13 (B4, D1, D4, small cells).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.rules import small_cells
from services.rules.appeals import Cause, Ground, Matter, Ruling
from services.rules.programmes import Text
from services.rules.second_reading import Trigger
from services.rules.small_cells import Bound, Printed, Quantile, Rate

DEFINITION = "report-2"
"""The version of the definitions in this file; every stored figure names the one that it was counted by."""

ALL = small_cells.ALL
"""The word of a count that is not divided."""

SECOND_LEVEL = "ruling"
"""What an appeal at the second level contests, beside the matters of the first."""

TAKEN_BACK = "withdrawn"
"""How an appeal ends on which nobody rules, beside the rulings."""


class Measure(StrEnum):
    """What is counted."""

    DECIDED = "decided"
    JUDGED = "judged"
    READ_TWICE = "read_twice"
    SETTLED = "read_twice_and_settled"
    DECISIONS = "decisions"
    LODGED = "appeals_lodged"
    GROUNDS = "appeal_grounds"
    ENDED = "appeals_ended"
    CAUSES = "appeal_causes"
    DAYS = "appeal_days"


class Pace(StrEnum):
    """Whether a letter came by the date of the service standard."""

    WITHIN = "within_standard"
    BEYOND = "beyond_standard"


class Indicator(StrEnum):
    """A share that is made of two counts."""

    WITHIN_STANDARD = "share_within_standard"
    READ_TWICE = "share_read_twice"
    CHANGED = "share_changed_by_another_reading"
    APPEALED = "appeals_per_100_decisions"
    UPHELD = "share_of_rulings_for_the_learner"


WORDS: dict[Measure, tuple[str, ...]] = {
    Measure.DECIDED: tuple(Pace),
    Measure.JUDGED: (ALL,),
    Measure.READ_TWICE: (ALL, *Trigger),
    Measure.SETTLED: ("as_first_read", "changed"),
    Measure.DECISIONS: (ALL,),
    Measure.LODGED: (*Matter, SECOND_LEVEL),
    Measure.GROUNDS: tuple(Ground),
    Measure.ENDED: (*Ruling, TAKEN_BACK),
    Measure.CAUSES: tuple(Cause),
    Measure.DAYS: (ALL,),
}
"""Into what each count is divided. Triggers and grounds overlap: one claim or appeal may have several."""

CODEBOOK: dict[Measure | Indicator, Text] = {
    Measure.DECIDED: Text(
        "Cases whose first decision letter could be read in the period, by whether it came within the service "
        "standard: business days from the portfolio, without the time in which the case waited for its learner.",
        "Dossiers dont la première lettre de décision a pu être lue dans la période, selon que la norme de "
        "service a été respectée ou non : jours ouvrables depuis le dépôt du dossier de preuves, sans le temps où "
        "le dossier attendait la personne candidate.",
    ),
    Measure.JUDGED: Text(
        "Claims with an assessment that was locked in the period.",
        "Compétences demandées dont une évaluation a été verrouillée dans la période.",
    ),
    Measure.READ_TWICE: Text(
        "Claims that two or three people assessed without knowing of each other, the last of them in the period; "
        "then by why a second reading was asked for. A claim with several reasons counts under each.",
        "Compétences demandées que deux ou trois personnes ont évaluées sans rien savoir les unes des autres, la "
        "dernière dans la période ; puis selon le motif de la seconde évaluation. Une compétence qui a plusieurs "
        "motifs compte sous chacun.",
    ),
    Measure.SETTLED: Text(
        "Claims read twice in the period and settled since, by whether the decision rests on what the first assessor "
        "recommended.",
        "Compétences évaluées deux fois dans la période et tranchées depuis, selon que la décision suit ou non ce que "
        "la première personne évaluatrice avait recommandé.",
    ),
    Measure.DECISIONS: Text(
        "Decisions taken in the period that a learner can contest: recognitions, refusals of eligibility, "
        "withdrawals and suspensions. Rulings on appeals, corrections and lifted suspensions are left out.",
        "Décisions prises dans la période que la personne candidate peut contester : reconnaissances, refus de "
        "recevabilité, révocations et suspensions. Les décisions d’appel, les rectifications et les suspensions "
        "levées n’en font pas partie.",
    ),
    Measure.LODGED: Text(
        "Appeals lodged in the period, by what they contest; what contests a ruling is an appeal at the second level.",
        "Appels déposés dans la période, selon ce qui est contesté ; contre une décision d’appel, au second niveau.",
    ),
    Measure.GROUNDS: Text(
        "Appeals lodged in the period, by ground. An appeal on several grounds counts under each.",
        "Appels déposés dans la période, selon le motif. Un appel qui a plusieurs motifs compte sous chacun.",
    ),
    Measure.ENDED: Text(
        "Appeals that ended in the period, by how: a ruling, inadmissible, or taken back by the learner.",
        "Appels terminés dans la période, selon l’issue : décision, irrecevabilité ou désistement de la personne "
        "candidate.",
    ),
    Measure.CAUSES: Text(
        "Rulings of the period, by what lay behind the appeal as the panel recorded it.",
        "Décisions d’appel de la période, selon la cause que le comité a consignée.",
    ),
    Measure.DAYS: Text(
        "Calendar days from lodging to ruling, of the rulings of the period: median and ninth decile, nearest rank.",
        "Jours civils entre le dépôt et la décision, pour les décisions d’appel de la période : médiane et "
        "neuvième décile, au rang le plus proche.",
    ),
    Indicator.WITHIN_STANDARD: Text(
        "Cases decided within the service standard, of all cases decided in the period.",
        "Part des dossiers décidés dans la norme de service, parmi tous ceux de la période.",
    ),
    Indicator.READ_TWICE: Text(
        "Claims read twice, of the claims judged in the period.",
        "Part des compétences évaluées deux fois, parmi celles qui ont été évaluées dans la période.",
    ),
    Indicator.CHANGED: Text(
        "Claims settled otherwise than the first assessor recommended, of those read twice and settled.",
        "Part des compétences tranchées autrement que la première personne évaluatrice ne l’avait recommandé, parmi "
        "celles qui ont été évaluées deux fois et tranchées.",
    ),
    Indicator.APPEALED: Text(
        "Appeals of the first level against a decision (lapses left out), of the decisions of the period; times 100.",
        "Appels de premier niveau contre une décision (expirations exclues), rapportés aux décisions de la "
        "période ; multipliés par 100.",
    ),
    Indicator.UPHELD: Text(
        "Rulings that varied a decision or sent it back, of all rulings of the period.",
        "Part des décisions d’appel qui modifient une décision ou la renvoient, parmi toutes celles de la période.",
    ),
}
"""What each figure means, in words for its reader."""

PARTED = (Measure.DECIDED, Measure.SETTLED, Measure.LODGED, Measure.ENDED, Measure.CAUSES)
"""Measures whose words divide a whole."""

Counts = Mapping[tuple[Measure, str], int]
QUANTILES: dict[str, int] = {"median": 500, "p90": 900}
"""Of the days that an appeal took, per mille."""


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of a report that may leave the house."""

    measure: Measure | Indicator
    word: str
    value: Printed


def shares(counts: Counts) -> dict[Indicator, Rate]:
    """The two counts of each share; one of nothing is left out."""
    against = sum(counts.get((Measure.LODGED, matter), 0) for matter in Matter if matter is not Matter.LAPSE)
    upheld = sum(counts.get((Measure.ENDED, ruling), 0) for ruling in (Ruling.VARIED, Ruling.REMITTED))
    within, beyond = (counts.get((Measure.DECIDED, pace), 0) for pace in (Pace.WITHIN, Pace.BEYOND))
    same, changed = (counts.get((Measure.SETTLED, word), 0) for word in WORDS[Measure.SETTLED])
    found = {
        Indicator.WITHIN_STANDARD: Rate(within, within + beyond),
        Indicator.READ_TWICE: Rate(counts.get((Measure.READ_TWICE, ALL), 0), counts.get((Measure.JUDGED, ALL), 0)),
        Indicator.CHANGED: Rate(changed, same + changed),
        Indicator.APPEALED: Rate(against, counts.get((Measure.DECISIONS, ALL), 0)),
        Indicator.UPHELD: Rate(upheld, upheld + counts.get((Measure.ENDED, Ruling.DISMISSED), 0)),
    }
    return {name: rate for name, rate in found.items() if rate.whole}


def published(counts: Counts, days: Sequence[int]) -> list[Line]:
    """A year's report as it may leave the house; `days`: how long each appeal took that was ruled on.

    Words that divide a whole stand with it; those that overlap stand as parts of what they overlap in.
    """
    lines: list[Line] = []
    for measure in PARTED:
        told, whole = small_cells.parted([counts.get((measure, word), 0) for word in WORDS[measure]])
        lines += [
            Line(measure, word, value) for word, value in zip((*WORDS[measure], ALL), (*told, whole), strict=True)
        ]
    judged, twice = (counts.get((measure, ALL), 0) for measure in (Measure.JUDGED, Measure.READ_TWICE))
    lines.append(Line(Measure.JUDGED, ALL, small_cells.nested([judged])[-1]))
    for word in WORDS[Measure.READ_TWICE]:
        chain = [judged, twice] if word == ALL else [judged, twice, counts.get((Measure.READ_TWICE, word), 0)]
        lines.append(Line(Measure.READ_TWICE, word, small_cells.nested(chain)[-1]))
    lines.append(Line(Measure.DECISIONS, ALL, small_cells.nested([counts.get((Measure.DECISIONS, ALL), 0)])[-1]))
    lodged = sum(counts.get((Measure.LODGED, word), 0) for word in WORDS[Measure.LODGED])
    for word in WORDS[Measure.GROUNDS]:
        lines.append(
            Line(Measure.GROUNDS, word, small_cells.nested([lodged, counts.get((Measure.GROUNDS, word), 0)])[-1])
        )
    spans = tuple(map(float, days))
    taken = small_cells.printed([[Quantile(spans, per_mille) for per_mille in QUANTILES.values()]])[0]
    lines += [Line(Measure.DAYS, name, value) for name, value in zip(QUANTILES, taken, strict=True)]
    for indicator, rate in shares(counts).items():
        lines.append(Line(indicator, ALL, _in_hundreds(indicator, small_cells.printed([[rate]])[0][0])))
    return lines


def _in_hundreds(indicator: Indicator, value: Printed) -> Printed:
    return value if isinstance(value, Bound) or indicator is not Indicator.APPEALED else round(value * 100, 6)
