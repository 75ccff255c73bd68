"""Who may not judge whom: what the signed screen came to, and the ties found by the system.

Source: case design, section 5.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from services.rules.refusals import Refused


class ConflictTie(StrEnum):
    """A kind of tie between the person asked and the learner; any of them is a conflict."""

    FAMILY_HOUSEHOLD = "family_household"
    FINANCIAL = "financial"
    SAME_ORGANISATION = "same_organisation"
    COLLABORATED_SUPERVISED = "collaborated_supervised"
    TAUGHT_OR_GUIDED = "taught_or_guided"
    OTHER = "other"


PUBLIC_MAIL = frozenset(
    {
        "aol.com",
        "bell.net",
        "free.fr",
        "gmail.com",
        "gmx.com",
        "googlemail.com",
        "hotmail.com",
        "hotmail.fr",
        "icloud.com",
        "live.ca",
        "live.com",
        "mail.com",
        "me.com",
        "msn.com",
        "orange.fr",
        "outlook.com",
        "outlook.fr",
        "proton.me",
        "protonmail.com",
        "rogers.com",
        "sympatico.ca",
        "videotron.ca",
        "yahoo.ca",
        "yahoo.com",
        "yahoo.fr",
    }
)
"""Mail domains that anybody may have an address at, and that therefore tie nobody to anybody."""


def declared(answers: Mapping[str, bool]) -> frozenset[str]:
    """Return the ties that were answered with yes. Raises `Refused`: screen_unsigned where answers are not whole."""
    if unlike := answers.keys() ^ frozenset(ConflictTie):
        raise Refused("screen_unsigned", question=min(unlike))
    return frozenset(tie for tie, answer in answers.items() if answer)


def check_screen(
    answers: Mapping[str, bool],
    signed: bool,  # noqa: FBT001 - the two fields of `Screen`
    *,
    set_aside: frozenset[str] = frozenset(),
) -> None:
    """Hold the answers against the screen before a seat is taken; a lead has `set_aside` some ties in writing.

    Raises `Refused`: screen_unsigned, conflict_of_interest.
    """
    ties = declared(answers) - set_aside
    if not signed:
        raise Refused("screen_unsigned", question="signature")
    if ties:
        raise Refused("conflict_of_interest", tie=min(ties))


class Detected(StrEnum):
    """A tie that the system finds by itself; it excludes silently."""

    EXCLUDED = "excluded"
    LEARNER = "learner"
    PARTY = "party"
    DECIDED_BEFORE = "decided_before"
    EMAIL_DOMAIN = "email_domain"
    SAME_ORGANISATION = "same_organisation"
    REGISTER = "register"


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody in a person's register of people they know: by name, by mail address, or by both."""

    name: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """The person who might be asked; `organisation` as it stands on file, or empty; `register` whom they know."""

    id: str
    email: str
    organisation: str = ""
    register: tuple[Known, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """Whom a case ties: ids of people, and what the learner listed. `who` is the learner by name and address.

    `parties` are people of the case in another role (referees and third parties too), `excluded` those who declared
    or were found in conflict, `decided_before` those who decided on this learner's claims earlier. `emails` are
    addresses or domains of listed employers and referees; `organisations` names of these and of the learner's own.
    """

    learner: str
    who: Known = Known()
    parties: frozenset[str] = field(default_factory=frozenset)
    excluded: frozenset[str] = field(default_factory=frozenset)
    decided_before: frozenset[str] = field(default_factory=frozenset)
    emails: frozenset[str] = field(default_factory=frozenset)
    organisations: frozenset[str] = field(default_factory=frozenset)


def detected(*, person: PersonFacts, case: CaseFacts) -> str | None:
    """Return the `Detected` tie that bars `person` from `case`, or None where nothing is known."""
    ties = {
        Detected.EXCLUDED: person.id in case.excluded,
        Detected.LEARNER: person.id == case.learner,
        Detected.PARTY: person.id in case.parties,
        Detected.DECIDED_BEFORE: person.id in case.decided_before,
        Detected.EMAIL_DOMAIN: _shares_domain(person.email, case.emails),
        Detected.SAME_ORGANISATION: _plain(person.organisation) in {_plain(name) for name in case.organisations} - {""},
        Detected.REGISTER: any(_is(known, case.who) for known in person.register),
    }
    return next((tie for tie, found in ties.items() if found), None)


def _is(known: Known, who: Known) -> bool:
    """Whether a line of a register means `who`: the address decides where the line has one, otherwise the name."""
    if known.email:
        return known.email.strip().casefold() == who.email.strip().casefold()
    return _plain(known.name) == _plain(who.name) != ""


def _plain(name: str) -> str:
    """A name as it is compared: case, spaces and the kind of apostrophe do not tell organisations apart."""
    return " ".join(name.casefold().replace("\u2019", "'").split())


def _domain(address: str) -> str:
    """The domain of an address, or the domain itself; empty for public mail, which says nothing of its holder."""
    domain = address.strip().casefold().rpartition("@")[2].rstrip(".")
    return "" if domain in PUBLIC_MAIL else domain


def _shares_domain(email: str, others: frozenset[str]) -> bool:
    """Whether `email` is at the domain of one of `others`, or one lies below the other (`mail.example.org`)."""
    own = _domain(email)
    known = {_domain(other) for other in others} - {""}
    return bool(own) and any(f".{own}".endswith(f".{name}") or f".{name}".endswith(f".{own}") for name in known)
