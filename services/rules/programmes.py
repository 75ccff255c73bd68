"""What one applies to: a programme, its competencies with criteria and rubric, and its policy.

Frozen data only. The annotations are also the rules that a programme file is read by: `programme_tables.py` turns
tables into these classes and names every error at once.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from services.rules.deadlines import Calendar, Span


@dataclass(frozen=True, slots=True)
class Between:
    """A number from `low` to `high`, or that many entries; both ends belong to it."""

    low: int | Decimal
    high: int


@dataclass(frozen=True, slots=True)
class Shape:
    """A text that the regular expression `pattern` matches as a whole, such as `example`."""

    pattern: str
    example: str


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of these words."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spelled:
    """The field's name in a file, where its entries are written one by one: `[[competency]]`."""

    name: str


@dataclass(frozen=True, slots=True)
class Beside:
    """The text's two languages stand in a file beside the other keys, not in a table of their own."""


Key = Annotated[str, Shape(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", "child-health")]
Email = Annotated[str, Shape(r"[^@\s]+@[^@\s]+\.[a-z]+", "rac@college-exemple.example")]
Web = Annotated[str, Shape(r"https?://\S+", "https://college-exemple.example/rac")]


class Language(StrEnum):
    """The languages of every sentence that a person can read."""

    EN = "en"
    FR = "fr"


class Method(StrEnum):
    """How a competency may be assessed. Source: CAEL/CAPLA practice; case glossary."""

    PORTFOLIO = "portfolio"
    INTERVIEW = "interview"
    CHALLENGE_TEST = "challenge_test"
    OBSERVATION = "observation"
    SIMULATION = "simulation"
    THIRD_PARTY = "third_party"


@dataclass(frozen=True, slots=True)
class Text:
    """One thing said in both languages."""

    en: str
    fr: str

    def in_(self, language: str) -> str:
        """Return the sentence in `language` (`en` or `fr`)."""
        return self.fr if language == Language.FR else self.en


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that has to be seen; `mandatory` ones decide whether a claim is met."""

    key: Key
    text: Annotated[Text, Beside()]
    mandatory: bool


@dataclass(frozen=True, slots=True)
class Level:
    """One level of the rubric: 1 not yet, 2 partly, 3 fully, 4 beyond the standard; the anchor says what is seen."""

    level: Annotated[int, Between(1, 4)]
    name: Text
    anchor: Annotated[Text, Beside()]


@dataclass(frozen=True, slots=True)
class Alignment:
    """The same thing in somebody else's framework, named by its URI; `target_type` such as `ext:esco`."""

    uri: Web
    target_type: str
    name: Text
    framework: str
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Competency:
    """One thing a person can do, as published; `key` is stable over all versions of the programme.

    `block`: the block of the framework that it is part of, where the framework has blocks.
    """

    key: Key
    code: str
    title: Text
    explanation: Text
    criteria: Annotated[tuple[Criterion, ...], Spelled("criterion"), Between(3, 8)]
    levels: Annotated[tuple[Level, ...], Spelled("level"), Between(4, 4)]
    usual_evidence: Annotated[tuple[Text, ...], Between(1, 8)]
    methods: Annotated[tuple[Method, ...], Between(1, 6)]
    credit: Annotated[Decimal, Between(Decimal("0.01"), 100)]
    hours: Annotated[int, Between(1, 2000)]
    alignment: Annotated[tuple[Alignment, ...], Between(0, 50)]
    block: Text | None = None

    def criterion(self, key: str) -> Criterion:
        """Return the criterion `key`. Raises `KeyError`."""
        return {criterion.key: criterion for criterion in self.criteria}[key]

    @property
    def mandatory(self) -> frozenset[str]:
        """Keys of the criteria without which the competency is not met."""
        return frozenset(criterion.key for criterion in self.criteria if criterion.mandatory)


class FieldKind(StrEnum):
    """What a question of the portfolio form is answered with."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    CHOICE = "choice"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class FormField:
    """One question of the portfolio form; an `identifying` one (name, age, gender, photo) is masked where masked."""

    key: Key
    kind: FieldKind
    label: Text
    hint: Text
    required: bool
    choices: tuple[tuple[Key, Text], ...] = ()
    identifying: bool = False


@dataclass(frozen=True, slots=True)
class Institution:
    """The awarding body as its letterhead shows it; `country` is ISO 3166-1 alpha-2."""

    slug: Key
    name: Text
    unit: Text
    address: Annotated[tuple[str, ...], Between(1, 6)]
    email: Email
    phone: str
    url: Web
    country: Annotated[str, Shape(r"[A-Z]{2}", "CA")]
    region: str
    colour: Annotated[str, Shape(r"#[0-9a-f]{6}", "#1d4f5f")]
    signatory_title: Text
    appeal_body: Text
    appeal_email: Email
    privacy: Text


@dataclass(frozen=True, slots=True)
class Policy:
    """Every limit, window and share that a programme may set; the defaults are `policies/generic.toml`.

    `review_by_jurist`: values of the preset were read through secondary sources, and nobody has confirmed them yet.

    Spans are business days (`bd`), days (`d`), calendar months (`mo`) or hours (`h`). Source of each default:
    the comment beside it in that file.
    """

    version: str
    review_by_jurist: bool
    terms: Annotated[str, OneOf(("fr-CA", "fr-FR"))]
    calendar: Calendar
    submitted_limit: Span
    information_meeting: bool
    eligibility_limit: Span
    eligibility_escalation: Span
    silence_means_eligible: bool
    incomplete_limit: Span
    extension: Span
    eligible_validity: Span
    eligible_idle_warning: Span
    eligible_idle_second: Span
    eligible_idle_lapse: Span
    confirm_every: Span | None
    confirm_notice: Span
    completeness_limit: Span
    assigning_limit: Span
    offer_limit: Span
    offer_reminder: Span
    offer_failures: Annotated[int, Between(1, 20)]
    assessment_limit: Span
    assessment_escalation: Span
    assessment_reoffer: Span
    readers_per_claim: Annotated[int, Between(0, 3)]
    high_stakes: bool
    first_cases: Annotated[int, Between(0, 100)]
    sample_percent: Annotated[int, Between(0, 100)]
    sample_least: Annotated[int, Between(0, 100)]
    avoid_same_pair: Annotated[int, Between(1, 50)]
    second_limit: Span
    evidence_limit: Span
    request_rounds: Annotated[int, Between(0, 10)]
    confer_limit: Span
    panel_limit: Span
    panel_cap: Span
    panel_size: Annotated[int, Between(1, 15)]
    panel_quorum: Annotated[int, Between(1, 15)]
    panel_qualified_min: Annotated[int, Between(0, 15)]
    panel_balance: Annotated[str, OneOf(("off", "warn"))]
    panel_required: Annotated[str, OneOf(("off", "always"))]
    decision_by: Annotated[str, OneOf(("registrar", "panel"))]
    slots_limit: Span
    slots_minimum: Annotated[int, Between(1, 20)]
    slot_notice: Span
    slot_proposals: Annotated[int, Between(0, 10)]
    booking_limit: Span
    booking_on_file: Span
    rebook_excused: Annotated[int, Between(0, 10)]
    rebook_unexcused: Annotated[int, Between(0, 10)]
    record_limit: Span
    interview_minutes: Annotated[int, Between(5, 480)]
    interview_assessors: Annotated[int, Between(1, 2)]
    interview_required: bool
    clarity_limit: Span
    decision_limit: Span
    decision_escalation: Span
    issuing_alert: Span
    issuing_retry: Span
    letter_limit: Span
    service_standard: Span
    appeal_lodge: Span
    appeal_admissibility: Span
    appeal_naming: Span
    appeal_naming_cap: Span
    appeal_ruling: Span
    appeal_reviewers: Annotated[int, Between(1, 9)]
    appeal_levels: Annotated[int, Between(1, 2)]
    hearing_notice: Span
    deemed_receipt: Span
    undo_withdraw: Span
    reopen_window: Span
    lapse_ruling_limit: Span
    lapse_restored: Span
    correction_window: Span
    mentor_cadence: Span
    mask_identity: bool
    coi_financial_years: Annotated[int, Between(0, 100)]
    coi_organisation_years: Annotated[int, Between(1, 100)]
    coi_collaborated_years: Annotated[int, Between(1, 100)]
    coi_taught_years: Annotated[int, Between(1, 100)]
    currency_warn_years: Annotated[int, Between(0, 50)]
    pause_limit: Span
    assessor_capacity: Annotated[int, Between(1, 500)]
    rationale_minimum: Annotated[int, Between(1, 2000)]
    calibration_required: bool
    calibration_anchors: Annotated[int, Between(1, 200)]
    calibration_share: Annotated[int, Between(1, 100)]
    calibration_validity: Span
    carry: Span
    gap_limit: Span
    cap_files: Annotated[int, Between(0, 100)]
    cap_programmes: Annotated[int, Between(0, 100)]
    max_recognisable_share: Annotated[int, Between(1, 100)]
    repeat_bar_months: Annotated[int, Between(0, 120)]
    transfer_no_reassessment: bool
    credential_validity: Span | None
    export_avetmiss: bool
    reveal_assessor: Annotated[str, OneOf(("capacity", "name"))]
    letter_group_by: Annotated[str, OneOf(("competency", "block"))]
    agents: Annotated[str, OneOf(("declared", "flagged"))]
    fee_currency: Annotated[str, Shape(r"[A-Z]{3}", "CAD")]
    fee_file: Annotated[int, Between(0, 100_000)]
    fee_competency: Annotated[int, Between(0, 100_000)]
    fee_competencies_most: Annotated[int, Between(0, 1_000_000)]
    fee_reactivation: Annotated[int, Between(0, 100_000)]
    fee_idle: Span
    hourly_first: Annotated[int, Between(0, 10_000)]
    hourly_second: Annotated[int, Between(0, 10_000)]
    hourly_third: Annotated[int, Between(0, 10_000)]
    hourly_interview: Annotated[int, Between(0, 10_000)]
    hourly_panel: Annotated[int, Between(0, 10_000)]
    max_files_per_case: Annotated[int, Between(1, 10_000)]
    max_bytes_per_case: Annotated[int, Between(1_000_000, 1_000_000_000_000)]


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme as published: pinned to a case by (`slug`, `version`)."""

    slug: Key
    version: Annotated[int, Between(1, 10_000)]
    title: Text
    summary: Text
    field_of_study: Text
    framework: Text
    institution: Institution
    competencies: Annotated[tuple[Competency, ...], Spelled("competency"), Between(1, 200)]
    form: Annotated[tuple[FormField, ...], Spelled("question"), Between(1, 30)]
    policy: Policy

    def competency(self, key: str) -> Competency:
        """Return the competency `key`. Raises `KeyError`."""
        return {competency.key: competency for competency in self.competencies}[key]


@dataclass(frozen=True, slots=True)
class Followed(Programme):
    """A programme as a case follows it that came from an older version and left claims behind there.

    `former`: competencies that the older versions held; what is left behind is still shown in their words.
    """

    former: tuple[Competency, ...] = ()

    def competency(self, key: str) -> Competency:
        """Return the competency `key` of this version, or of an older one. Raises `KeyError`."""
        return {competency.key: competency for competency in (*self.former, *self.competencies)}[key]
