"""Letters to nobody, as those of a programme would look: for whoever keeps the programme, before anybody gets one."""

from datetime import date, timedelta

from services.documents import letter_steps
from services.documents.letters import (
    IN_FAVOUR,
    Appeal,
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
from services.rules.programmes import Competency, Language, Programme, Text

SHOWN = 3
"""Competencies that a sample speaks of, at most: the first ones of the programme."""

OUTCOMES: dict[LetterKind, tuple[Outcome, ...]] = {
    LetterKind.FULL: (Outcome.GRANTED,),
    LetterKind.PARTIAL: (Outcome.GRANTED, Outcome.NOT_YET),
    LetterKind.NOT_YET: (Outcome.NOT_YET,),
    LetterKind.TRANSFER: (Outcome.TRANSFERRED,),
    LetterKind.NOT_ELIGIBLE: (),
    LetterKind.REVOCATION: (Outcome.REVOKED,),
    LetterKind.SUSPENSION: (Outcome.SUSPENDED,),
    LetterKind.REINSTATEMENT: (Outcome.GRANTED,),
    LetterKind.APPEAL: (Outcome.GRANTED, Outcome.NOT_YET),
    LetterKind.LAPSE: (),
}
"""How the competencies of a sample are settled, in turn."""

UNREASONED = (LetterKind.FULL, LetterKind.LAPSE)
"""Letters in which nobody gives reasons as a whole."""

NAME = Text("Sample Learner", "Personne candidate exemple")
ADVISOR = Text("Sample Advisor", "Personne conseillère exemple")
SIGNATORY = Text("Sample Signatory", "Signataire exemple")
REASONS = Text(
    "Here stand the reasons, in the words of the person who judged.",
    "Ici figurent les motifs, dans les mots de la personne qui a évalué.",
)
CODE = "SAMP-LE00-0000"


def sample(kind: LetterKind, language: Language, programme: Programme, *, today: date, base_url: str) -> Letter:
    """A letter of `kind` decided `today`, with the programme's own competencies; it is marked as undecided.

    The last day to appeal is only an example of one.
    """
    outcomes = OUTCOMES[kind]
    competencies = programme.competencies[:SHOWN] if outcomes else ()
    claims = tuple(
        _claim(one, outcomes[number % len(outcomes)], language, today=today, base_url=base_url)
        for number, one in enumerate(competencies)
    )
    assessed = kind not in (LetterKind.NOT_ELIGIBLE, LetterKind.TRANSFER, LetterKind.LAPSE)
    terms, lapsed = programme.policy.terms, kind is LetterKind.LAPSE
    return Letter(
        kind=kind,
        language=language,
        number="–",
        case_number="–",
        institution=programme.institution,
        name=NAME.in_(language),
        programme=programme.title.in_(language),
        received=today - timedelta(days=90),
        decided=today,
        versions=Versions(programme.framework.in_(language), programme.version, programme.policy.version),
        appeal=Appeal(today + timedelta(days=30)),
        signatory=SIGNATORY.in_(language),
        signatory_title=programme.institution.signatory_title.in_(language),
        claims=claims,
        reasons="" if any(one.reasons for one in claims) or kind in UNREASONED else REASONS.in_(language),
        next_steps=letter_steps.next_steps(kind, language, until=_kept(today), terms=terms),
        contact=Contact(ADVISOR.in_(language), programme.institution.email, programme.institution.phone),
        judged_by=letter_steps.capacities(2, language) if assessed else (),
        written_in=language,
        terms=terms,
        ruling=Ruling.VARIED if kind is LetterKind.APPEAL else None,
        preview=True,
        lapse=Lapse("idle", (today - timedelta(days=75), today - timedelta(days=45)), _kept(today)) if lapsed else None,
    )


def _claim(one: Competency, outcome: Outcome, language: Language, *, today: date, base_url: str) -> Claim:
    open_ = outcome is Outcome.NOT_YET
    met, *missing = (criterion.text.in_(language) for criterion in one.criteria)
    certified = outcome in IN_FAVOUR or outcome is Outcome.REVOKED
    return Claim(
        title=one.title.in_(language),
        outcome=outcome,
        code=one.code,
        credit=one.credit,
        methods=one.methods[:1] if outcome is not Outcome.TRANSFERRED else (),
        settled=today - timedelta(days=7),
        criteria_met=(met,) if open_ else (),
        criteria_missing=tuple(missing[:2]) if open_ else (),
        reasons=REASONS.in_(language) if open_ else "",
        carried_until=_kept(today) if open_ else None,
        credential=Credential(CODE, f"{base_url}/v/{CODE}") if certified else None,
        transfer=outcome is Outcome.TRANSFERRED,
    )


def _kept(today: date) -> date:
    return today + timedelta(days=730)
