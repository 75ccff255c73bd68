"""What somebody who saw the learner at work is asked, what counts as an answer, and how far we know who answered.

Source: case design, section 8; security design, sections 7 and 13.
"""

import hmac
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

from services.rules.case import Stage
from services.rules.conflicts import PUBLIC_MAIL
from services.rules.programmes import Text
from services.rules.refusals import Refused

PURPOSE = "third_party_contact"
"""What a learner consents to before anybody is written to."""

SPOKEN_PURPOSE = "oral_statement"
"""What somebody consents to whose words an advisor writes down."""

CONSENTS = frozenset({"2026-1"})
"""Versions of the texts of these consents that may be accepted."""

READ_LATER = Text(
    "The person you write about can read your statement once their case is decided.",
    "La personne dont vous parlez pourra lire votre attestation une fois la décision rendue.",
)
"""What whoever fills in the form is told beforehand. Source: case design, section 8.4."""

DECLARATIONS = frozenset({"2026-1"})
"""Versions of the declaration of truth that may be accepted with a statement."""

LIFE = timedelta(days=30)
"""How long a link opens its form. Source: case design, section 8.2."""

RENEWALS = 1
REMINDERS = (("first", timedelta(days=7)), ("second", timedelta(days=5)))
"""Before the end of the link; only the later one goes where both are due. Source: case design, section 8.2."""

SILENT_AFTER = timedelta(days=10)
"""When the learner is told that nothing came. Source: case design, section 8.7."""

REMIND_EVERY = timedelta(days=7)
"""How often a learner may have somebody reminded, so that nobody is pestered in our name."""

MOST_OPEN, MOST_IN_ALL = 10, 30
"""People asked for one case at a time, and over its life: enough for a career, too few to send mail in our name."""

EXAMPLE_MINIMUM = 40
"""Characters of an example of what was seen. Source: case design, section 8.4."""

CALL_BACK_SHARE = Fraction(1, 10)
"""Statements whose author is called back by chance. Source: case design, section 8.5."""

ASKABLE = frozenset(
    {
        Stage.DRAFT,
        Stage.SUBMITTED,
        Stage.ELIGIBILITY_REVIEW,
        Stage.INCOMPLETE,
        Stage.ELIGIBLE,
        Stage.PORTFOLIO_SUBMITTED,
        Stage.ASSIGNING,
        Stage.IN_ASSESSMENT,
        Stage.MORE_EVIDENCE,
        Stage.DIRECT_ASSESSMENT,
        Stage.GAP_TRAINING,
    }
)
"""Stages in which somebody may be asked: what they say can still be weighed."""

ANSWERABLE = frozenset(Stage) - {Stage.ISSUING, Stage.DECIDED, Stage.NOT_ELIGIBLE, Stage.UNDER_REVIEW, Stage.CLOSED}
"""Stages in which a link opens its form; with the others every question to a third party ends."""


class RequestState(StrEnum):
    """The life of a request: `proposed` waits for the learner's consent, `open` for the person's answer."""

    PROPOSED = "proposed"
    OPEN = "open"
    SUBMITTED = "submitted"
    DECLINED = "declined"
    UNKNOWN_PERSON = "unknown_person"
    UNDELIVERED = "undelivered"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


UNANSWERED = frozenset({RequestState.PROPOSED, RequestState.OPEN})
"""States in which something may still come."""


DIGITS = range(7, 16)
"""How many digits a telephone number has. Source: ITU-T E.164 for the most."""


def plain_number(text: str) -> str:
    """A telephone number as it is compared: digits alone, with the plus in front of a country's code.

    Raises `Refused('malformed')` for anything else than digits and what is written between them.
    """
    digits = "".join(c for c in text if c.isascii() and c.isdigit())
    if len(digits) not in DIGITS or set(text) - set("+0123456789 ().-\u00a0"):
        raise Refused("malformed", field="phone")
    return "+" * text.strip().startswith("+") + digits


class Relation(StrEnum):
    """What the person is to the learner."""

    SUPERVISOR = "supervisor"
    COLLEAGUE = "colleague"
    EMPLOYER = "employer"
    CLIENT = "client"
    TEACHER = "teacher"
    COMMUNITY = "community"
    OTHER = "other"


class Seen(StrEnum):
    """How often the person saw the learner do it."""

    SEEN_OFTEN = "seen_often"
    SEEN_SOMETIMES = "seen_sometimes"
    NOT_SEEN = "not_seen"
    CANNOT_SAY = "cannot_say"


WITNESSED = frozenset({Seen.SEEN_OFTEN, Seen.SEEN_SOMETIMES})
"""Answers that need an example."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen of one competency, by its key."""

    competency: str
    seen: Seen | None = None
    example: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """What a third party says. `until` None: they still observe; `may_call`: they agree to be called, at `phone`.

    The same form is a draft, in which anything may still be missing.
    """

    name: str = ""
    position: str = ""
    organisation: str = ""
    relation: Relation | None = None
    how_observed: str = ""
    since: date | None = None
    until: date | None = None
    observations: tuple[Observation, ...] = ()
    doubts: str = ""
    may_call: bool = False
    phone: str = ""
    declaration: str = ""


LONGEST = {"name": 200, "position": 200, "organisation": 200, "phone": 40, "how_observed": 2000, "doubts": 5000}
LONGEST_EXAMPLE = 5000
"""Characters of what is written into each field."""

NEEDED = ("name", "position", "organisation", "relation", "how_observed", "since")
"""Without these nobody knows who speaks, and from what they know it."""


def check(statement: Statement, *, competencies: Mapping[str, Text], today: date) -> None:
    """Hold a statement against the form before it is taken: `competencies` are those asked about, by key.

    Raises `Refused`, the first of `faults`.
    """
    first = next(faults(statement, competencies=competencies, today=today), None)
    if first is not None:
        raise first


def faults(statement: Statement, *, competencies: Mapping[str, Text], today: date) -> Iterator[Refused]:
    """Everything for which a statement is not taken, in the order of the form, so that a page can name it at once.

    statement_incomplete (`field`), example_missing (the competency), declaration_missing.
    """
    for field in NEEDED:
        value = getattr(statement, field)
        if not (value.strip() if isinstance(value, str) else value):
            yield Refused("statement_incomplete", field=field)
    yield from _faults_of_period(statement, today=today)
    if statement.may_call and not statement.phone.strip():
        yield Refused("statement_incomplete", field="phone")
    said = {one.competency: one for one in statement.observations if one.seen is not None}
    if said.keys() != competencies.keys() or len(said) != len(statement.observations):
        yield Refused("statement_incomplete", field="observations")
    for key, one in said.items():
        if key in competencies and one.seen in WITNESSED and _length(one.example) < EXAMPLE_MINIMUM:
            title = competencies[key]
            facts = {"competency": key, "competency_en": title.en, "competency_fr": title.fr}
            yield Refused("example_missing", minimum=str(EXAMPLE_MINIMUM), **facts)
    if statement.declaration not in DECLARATIONS:
        yield Refused("declaration_missing")


def _faults_of_period(statement: Statement, *, today: date) -> Iterator[Refused]:
    since, until = statement.since, statement.until
    if since is not None and since > today:
        yield Refused("statement_incomplete", field="since")
    if until is not None and (until > today or (since is not None and until < since)):
        yield Refused("statement_incomplete", field="until")


def _length(text: str) -> int:
    """Characters that say something: spaces do not fill an example."""
    return len(" ".join(text.split()))


def witnessed(statement: Statement) -> frozenset[str]:
    """Keys of the competencies that were seen: only for these does a statement speak."""
    return frozenset(one.competency for one in statement.observations if one.seen in WITNESSED)


class IdentityLevel(StrEnum):
    """How far it is known who made a statement. Source: case design, section 8.5."""

    CALLED_BACK = "called_back"
    ORGANISATION_DOMAIN = "organisation_domain"
    PUBLIC_DOMAIN = "public_domain"
    UNVERIFIED = "unverified"


def identity(*, address: str, organisation: str, called_back: bool) -> IdentityLevel:
    """How far it is known that somebody of `organisation` answered, who was written to at `address`.

    An address is of the organisation where its domain carries the organisation's name or its initials: that proves
    little, and more than an address that anybody can open.
    """
    if called_back:
        return IdentityLevel.CALLED_BACK
    domain = address.strip().casefold().rpartition("@")[2].rstrip(".")
    if domain in PUBLIC_MAIL:
        return IdentityLevel.PUBLIC_DOMAIN
    return IdentityLevel.ORGANISATION_DOMAIN if _carries(domain, organisation) else IdentityLevel.UNVERIFIED


SAYS_NOTHING = frozenset({"inc", "ltd", "ltee", "the", "les", "des", "and", "centre", "center", "services", "service"})
SHORTEST_WORD = 3


def _carries(domain: str, organisation: str) -> bool:
    """Whether a label of `domain`, its ending aside, holds a telling word of the name or is made of its initials."""
    words = [word for word in _plain(organisation).split() if word]
    telling = {word for word in words if len(word) > SHORTEST_WORD and word not in SAYS_NOTHING}
    initials = "".join(word[0] for word in words)
    labels = {label.replace("-", "") for label in domain.split(".")[:-1]}
    by_word = any(word in label for word in telling for label in labels)
    return by_word or (len(initials) >= SHORTEST_WORD and initials in labels)


def _plain(name: str) -> str:
    """Letters and digits alone, without accents: how a name is written in a domain."""
    bare = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c if c.isascii() and c.isalnum() else " " for c in bare if not unicodedata.combining(c))


def is_drawn(seed: bytes, request: str, *, share: Fraction = CALL_BACK_SHARE) -> bool:
    """Whether the author is called back by chance: HMAC-SHA-256 of the request's id, first 8 bytes as share of 2^64.

    `seed` is drawn when the statement arrives and kept with it: nobody knows the answer before, everybody can
    recompute it afterwards.
    """
    drawn = hmac.digest(seed, request.encode("ascii"), "sha256")
    return Fraction(int.from_bytes(drawn[:8], "big"), 2**64) < share


class CallBack(StrEnum):
    """Whether the author of a statement has to be called."""

    NOT_NEEDED = "not_needed"
    WANTED = "wanted"
    DONE = "done"


def call_back(*, drawn: bool, sole: bool, done: bool) -> CallBack:
    """`sole`: for some claim this is the only thing that a third party says. Source: case design, section 8.5."""
    if done:
        return CallBack.DONE
    return CallBack.WANTED if drawn or sole else CallBack.NOT_NEEDED


class Doubt(StrEnum):
    """What an assessor is told under Authentic; a help, never a verdict."""

    PUBLIC_DOMAIN = "public_domain"
    UNVERIFIED = "unverified"
    SAME_DEVICE = "same_device"
    NOT_CALLED_BACK = "not_called_back"
    DENIED = "denied"


def doubts(level: IdentityLevel, *, same_device: bool, call: CallBack, denied: bool = False) -> tuple[Doubt, ...]:
    """Everything that speaks against knowing who made a statement, the gravest first.

    `same_device`: it was sent from a browser in which the learner was signed in; `denied`: whoever was called says
    that it is not theirs.
    """
    found = {
        Doubt.DENIED: denied,
        Doubt.SAME_DEVICE: same_device,
        Doubt.UNVERIFIED: level is IdentityLevel.UNVERIFIED,
        Doubt.PUBLIC_DOMAIN: level is IdentityLevel.PUBLIC_DOMAIN,
        Doubt.NOT_CALLED_BACK: call is CallBack.WANTED,
    }
    return tuple(doubt for doubt, holds in found.items() if holds)


DOUBTS: dict[Doubt, Text] = {
    Doubt.DENIED: Text(
        "The person named was called and says that this statement is not theirs.",
        "La personne nommée a été appelée et dit que cette attestation n’est pas la sienne.",
    ),
    Doubt.SAME_DEVICE: Text(
        "The statement was sent from a browser in which the learner had signed in.",
        "L’attestation a été envoyée depuis un navigateur où la personne candidate avait ouvert une session.",
    ),
    Doubt.UNVERIFIED: Text(
        "Nothing but the answer itself says who wrote this statement.",
        "Rien d’autre que la réponse elle-même n’indique qui a écrit cette attestation.",
    ),
    Doubt.PUBLIC_DOMAIN: Text(
        "The statement came from an address that anybody can open.",
        "L’attestation provient d’une adresse que n’importe qui peut ouvrir.",
    ),
    Doubt.NOT_CALLED_BACK: Text(
        "The author is to be called back and has not been yet.",
        "L’auteur·e doit être rappelé·e et ne l’a pas encore été.",
    ),
}


def due_reminder(expires_in: timedelta) -> str | None:
    """The reminder that is due while `expires_in` is left, or None; the later one stands for both."""
    due = [key for key, before in REMINDERS if timedelta(0) < expires_in <= before]
    return due[-1] if due else None
