"""What a learner may answer where more evidence is asked for: files, an appointment, a witness, or nothing more."""

from sqlmodel import col, select

from services.records.moves import documentation
from services.records.moves.content import Setting
from services.records.tables.attestations import AttestationClaim, AttestationRequest
from services.records.tables.cases import Claim
from services.records.tables.evidence import EvidenceItem, RequestTarget
from services.rules.appointments import DIRECT
from services.rules.attestations import RequestState
from services.rules.moves.requests import TargetAnswer
from services.rules.programmes import Method, Programme
from services.rules.refusals import Refused


def check_method(programme: Programme, claim: Claim, method: Method) -> None:
    """Raises `Refused('method_not_allowed')` where the programme does not assess the claim's competency by `method`."""
    competency = programme.competency(claim.competency)
    if method not in competency.methods:
        title = competency.title
        facts = {"competency": competency.key, "competency_en": title.en, "competency_fr": title.fr}
        raise Refused("method_not_allowed", method=method, **facts)


def before(target: RequestTarget) -> TargetAnswer | None:
    """What was said of `target` on its own."""
    if target.answered_at is None:
        return None
    report = str(target.attestation_id) if target.attestation_id else ""
    return TargetAnswer(str(target.id), tuple(target.evidence), target.nothing_more, target.appointment, report)


async def check(
    setting: Setting, target: RequestTarget, answer: TargetAnswer, *, known: dict[str, EvidenceItem]
) -> None:
    """Raises `Refused`.

    answers_missing, evidence_unknown, evidence_unready, malformed, method_not_allowed, report_unasked.
    """
    if not (answer.evidence or answer.nothing_more or answer.appointment or answer.third_party):
        raise Refused("answers_missing", target=answer.target)
    if sum((answer.nothing_more, answer.appointment, bool(answer.third_party))) > 1:
        raise Refused("malformed", field="answers")
    if answer.third_party:
        await _check_report(setting, target, answer.third_party)
    if answer.appointment:
        await _check_meeting(setting, target)
    for item in answer.evidence:
        if item not in known:
            raise Refused("evidence_unknown")
        if known[item].state not in documentation.READY:
            raise Refused("evidence_unready", name=known[item].name)


async def _check_report(setting: Setting, target: RequestTarget, asked: str) -> None:
    """Raises `Refused('report_unasked')` unless that person was asked about the claim, and may still write or did."""
    found = await setting.session.exec(
        select(AttestationRequest.id)
        .join(AttestationClaim, col(AttestationClaim.request_id) == col(AttestationRequest.id))
        .where(
            col(AttestationRequest.case_id) == setting.case.id,
            col(AttestationRequest.state).in_([RequestState.OPEN, RequestState.SUBMITTED]),
            col(AttestationClaim.claim_id) == target.claim_id,
        )
    )
    if asked not in {str(one) for one in found}:
        raise Refused("report_unasked")


async def _check_meeting(setting: Setting, target: RequestTarget) -> None:
    """Raises `Refused('method_not_allowed')` where nothing of the claim is assessed at an appointment."""
    claim = await setting.session.get_one(Claim, target.claim_id)
    methods = setting.programme.competency(claim.competency).methods
    direct = next((method for method in methods if method in DIRECT), Method.INTERVIEW)
    check_method(setting.programme, claim, direct)
