"""Where each kind of person goes: the places in the bar at the top, one table for all."""

from dataclasses import dataclass

from services.rules.people import Role
from services.rules.programmes import Text


@dataclass(frozen=True, slots=True)
class Place:
    """A page in the bar: its path below the language, its name, and whose it is; no roles: everybody's."""

    path: str
    name: Text
    roles: frozenset[Role] = frozenset()


def _for(*roles: Role) -> frozenset[Role]:
    return frozenset(roles)


SITTING = _for(Role.ASSESSOR, Role.PANEL, Role.APPEAL_REVIEWER_1, Role.APPEAL_REVIEWER_2)

EVERYBODY = (
    Place("/programmes", Text("Programmes", "Programmes")),
    Place("/verify", Text("Check a credential", "Vérifier une attestation")),
)
"""What nobody need be signed in for."""

SIGNED_IN = (
    Place("/portfolio", Text("My portfolio", "Mon dossier")),
    Place("/queue", Text("My assessments", "Mes évaluations"), SITTING),
    Place("/cases", Text("Cases", "Dossiers"), _for(Role.ADVISOR, Role.LEAD, Role.MENTOR)),
    Place("/decisions", Text("Decisions", "Décisions"), _for(Role.DECISION_MAKER)),
    Place(
        "/appeals",
        Text("Appeals", "Révisions"),
        _for(Role.LEAD, Role.APPEAL_REVIEWER_1, Role.APPEAL_REVIEWER_2),
    ),
    Place("/stats", Text("Statistics", "Statistiques"), _for(Role.LEAD, Role.PROGRAMME_ADMIN, Role.AUDITOR)),
    Place("/agreements", Text("Agreements", "Ententes"), _for(Role.LEAD)),
    Place("/admin", Text("Administration", "Administration"), _for(Role.PROGRAMME_ADMIN)),
    Place("/audit", Text("Audit", "Vérification"), _for(Role.AUDITOR)),
)


def places(roles: frozenset[Role], *, signed_in: bool) -> tuple[Place, ...]:
    """The places of somebody with these roles; whoever has none is a learner."""
    if not signed_in:
        return EVERYBODY
    if not roles:
        return (SIGNED_IN[0], *EVERYBODY)
    return tuple(place for place in SIGNED_IN[1:] if place.roles & roles)


def home(roles: frozenset[Role]) -> str:
    """Where somebody begins after signing in."""
    mine = places(roles, signed_in=True)
    return mine[0].path if mine else "/account"
