"""What a programme charges, by service and never by result; assessors and panels learn nothing of it.

Amounts are whole units of the policy's currency. Source: case design, sections 10 and 12 (`fees`).
"""

from dataclasses import dataclass
from enum import StrEnum

from services.rules.programmes import Policy, Text


class Service(StrEnum):
    """What is charged for: the file, competencies that somebody assesses, a file that is taken up after long rest."""

    FILE = "file"
    COMPETENCIES = "competencies"
    REACTIVATION = "reactivation"


@dataclass(frozen=True, slots=True)
class Price:
    """What one service costs: `amount` each time, for a competency each; `most`: never more than that in a case."""

    service: Service
    amount: int
    currency: str
    most: int | None = None


def prices(policy: Policy) -> tuple[Price, ...]:
    """Every service that costs something, in the order in which a learner meets them."""
    every = (
        Price(Service.FILE, policy.fee_file, policy.fee_currency),
        Price(Service.COMPETENCIES, policy.fee_competency, policy.fee_currency, policy.fee_competencies_most or None),
        Price(Service.REACTIVATION, policy.fee_reactivation, policy.fee_currency),
    )
    return tuple(price for price in every if price.amount)


def for_competencies(policy: Policy, number: int, *, charged: int) -> int:
    """What it costs to have `number` competencies assessed in a case in which `charged` was charged for others."""
    whole = number * policy.fee_competency
    most = policy.fee_competencies_most
    return min(whole, max(0, most - charged)) if most else whole


WAIVED = Text(
    "Another assessment costs you nothing: the fee is waived in your case.",
    "Une nouvelle évaluation ne vous coûte rien\u00a0: les frais sont remis dans votre dossier.",
)
"""What a letter says of the cost of another attempt where nobody has to pay it."""


def again(policy: Policy) -> Text | None:
    """What a letter says of the cost of another attempt; None where it costs nothing."""
    each, currency, most = policy.fee_competency, policy.fee_currency, policy.fee_competencies_most
    if not each:
        return None
    return Text(
        f"Another assessment costs {each} {currency} for each competency"
        + (f", {most} {currency} at most in your case" if most else "")
        + ". You pay for the service, whatever its result.",
        f"Une nouvelle évaluation coûte {each}\u00a0{currency} par compétence"
        + (f", au plus {most}\u00a0{currency} pour votre dossier" if most else "")
        + ". Vous payez le service, quel qu’en soit le résultat.",
    )
