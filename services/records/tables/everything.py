"""Imports every family once, so that migrations and tests see the whole schema."""

from sqlmodel import SQLModel

from services.records.tables import (  # noqa: F401 - imported for their tables
    accommodations,
    appeals,
    appointments,
    assessment,
    attestations,
    audit,
    calibration,
    cases,
    clarity,
    cohorts,
    commands,
    comments,
    credentials,
    decisions,
    enquiries,
    equivalences,
    evidence,
    fees,
    looking_back,
    messages,
    moderation,
    people,
    plans,
    programmes,
    saved_views,
    self_identification,
    sharing,
    statistics,
    support,
    surveys,
    transfers,
    uploads,
)

METADATA = SQLModel.metadata
