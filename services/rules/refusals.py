"""Why the domain says no: one value that every room understands and one mapper turns into an answer."""

REFUSALS: dict[str, int] = {
    # a case and its version
    "stale_version": 409,
    "illegal_transition": 409,
    "not_your_move": 403,
    "command_mismatch": 409,
    "key_reused": 422,
    "not_found": 404,
    "confirmation_missing": 409,
    "on_hold": 409,
    "not_paused": 409,
    "pause_too_long": 409,
    "wish_missing": 409,
    "route_not_agreed": 409,
    "not_a_duplicate": 409,
    "closed_as_duplicate": 409,
    "challenge_waiting": 409,
    "challenge_missing": 409,
    "challenge_ruled": 409,
    # opening and sending
    "declaration_missing": 409,
    "programme_closed": 409,
    "case_already_open": 409,
    "claims_missing": 409,
    "meeting_missing": 409,
    "meeting_not_asked": 409,
    "nothing_to_confirm": 409,
    "claim_unknown": 422,
    "last_claim": 409,
    "items_missing": 409,
    "items_unanswered": 409,
    "next_step_missing": 409,
    "reasons_missing": 409,
    # portfolio
    "evidence_unready": 409,
    "pointer_missing": 409,
    "authenticity_missing": 409,
    "ai_use_missing": 409,
    "answers_required": 409,
    "portfolio_locked": 409,
    "transfer_incomplete": 409,
    "transfer_unchecked": 409,
    "transfer_not_offered": 409,
    "kind_not_accepted": 415,
    "type_mismatch": 415,
    "empty_file": 422,
    "too_large": 413,
    "quota_exceeded": 409,
    "upload_aborted": 400,
    "upload_too_slow": 408,
    "uploads_at_once": 429,
    "evidence_undescribed": 409,
    "evidence_of_others": 409,
    # what third parties say
    "consent_missing": 409,
    "already_asked": 409,
    "referee_barred": 409,
    "requests_full": 409,
    "request_settled": 409,
    "reminded_lately": 409,
    "renewal_used": 409,
    "link_ended": 404,
    "statement_incomplete": 409,
    "example_missing": 409,
    "statement_sealed": 403,
    # people and seats
    "separation_of_duties": 409,
    "conflict_of_interest": 409,
    "not_qualified": 409,
    "advisor_missing": 409,
    "advisor_unchanged": 409,
    "offer_ended": 409,
    "screen_unsigned": 409,
    "tie_missing": 409,
    "override_barred": 409,
    "register_full": 409,
    "not_calibrated": 409,
    "anchor_rated": 409,
    "anchors_full": 409,
    "seats_open": 409,
    # judgement and decision
    "claims_open": 409,
    "evidence_rule": 409,
    "rationale_missing": 409,
    "judgement_locked": 409,
    "method_not_allowed": 409,
    "targets_missing": 409,
    "round_open": 409,
    "rounds_exhausted": 409,
    "answers_missing": 409,
    "double_credit": 409,
    "extension_used": 409,
    "date_not_later": 409,
    "refusal_waiting": 409,
    "refusal_not_proposed": 409,
    "nothing_to_retry": 409,
    "notices_missing": 409,
    "profile_invalid": 409,
    "letter_invalid": 409,
    "address_refused": 409,
    "programme_unknown": 404,
    "evidence_unknown": 404,
    # after the decision
    "window_closed": 409,
    "letter_missing": 409,
    "not_granted": 409,
    "already_revoked": 409,
    "no_human_decision": 409,
    # shape of what was sent
    "malformed": 422,
    "precondition_required": 428,
    # who asks
    "sign_in_failed": 401,
    "sign_in_required": 401,
    "throttled": 429,
    "forbidden": 403,
    "cross_origin": 403,
    "password_weak": 422,
    "unavailable": 503,
}
"""Every code a person may be answered with, and its HTTP status; `services/locales/refusals.toml` has the sentences."""


class Refused(Exception):  # noqa: N818 - the domain's word; it is an answer, not a fault
    """A request that the rules do not allow; `code` names its sentence in both languages, `facts` fill it.

    Raises `KeyError` for a code that `REFUSALS` does not know, so that no refusal can lack a sentence.
    """

    def __init__(self, code: str, **facts: str) -> None:
        super().__init__(code)
        self.status = REFUSALS[code]
        self.code = code
        self.facts = facts
