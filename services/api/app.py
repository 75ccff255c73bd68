"""The composition of the API: which routes there are, who stands before them, and what they work with."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp, Receive, Scope, Send

from services.api import access, body_pace, headers, house, openapi, requests, second_origin
from services.api.house import Clock, House
from services.api.misses import Misses
from services.api.pages import faults, routing
from services.api.routes import (
    accommodations,
    accounts,
    appeals,
    appointments,
    attestation_links,
    attestations,
    calibration,
    cases,
    clarity,
    cohorts,
    commands,
    credentials,
    description,
    enquiries,
    evidence,
    exports,
    health,
    intakes,
    invitations,
    judgements,
    known_people,
    letters,
    look_backs,
    mentoring,
    messages,
    moderation,
    outcomes,
    plans,
    portfolio,
    programmes,
    progress,
    public,
    public_reports,
    publications,
    reading_notes,
    recordings,
    reports,
    self_identification,
    statistics,
    surveys,
    uploads,
)
from services.documents.outside_hashes import OutsideHashes
from services.records import passwords as hashing
from services.records.blobs import Blobs
from services.records.database import Database
from services.records.passwords import Passwords
from services.settings import Settings
from services.workflows import means
from services.workflows.desk import Desk
from services.workflows.relay import Heard

LARGEST_BODY = 256 * 1024
"""Bytes of a body, where a route does not say otherwise. Source: workflow design, section 3."""


class PacedBodies(body_pace.Paced):
    """Holds to a pace whatever may bring a body."""

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Pass the request on."""
        if scope["method"] in access.SAFE:  # type: ignore[typeddict-item]  # only HTTP scopes come here
            await next_app(scope, receive, send)
        else:
            await super().handle(scope, receive, send, next_app)


def utc_now() -> datetime:
    """The clock of a running house."""
    return datetime.now(UTC)


def _routers(parts: House) -> list[Router | HTTPRouteHandler]:
    return [
        accounts.router(),
        known_people.router(),
        calibration.router(),
        look_backs.router(),
        plans.router(),
        reports.router(),
        outcomes.router(),
        progress.router(),
        public_reports.router(),
        statistics.router(),
        self_identification.router(),
        surveys.router(),
        programmes.router(),
        programmes.policy_router(),
        cases.router(),
        enquiries.router(),
        intakes.router(),
        cohorts.router(),
        invitations.router(),
        mentoring.router(),
        messages.router(),
        accommodations.router(),
        portfolio.router(),
        evidence.router(),
        uploads.router(),
        attestations.router(),
        attestation_links.router(),
        judgements.router(),
        clarity.router(),
        reading_notes.router(),
        appeals.router(),
        appointments.router(),
        recordings.router(),
        moderation.router(),
        commands.router(),
        letters.router(),
        credentials.router(),
        exports.router(),
        public.router(),
        publications.router(means.issuer(parts.settings)),
        health.router(),
        description.see,
        second_origin.fetch,
        routing.router(),
    ]


def create(
    settings: Settings,
    *,
    database: Database,
    desk: Desk,
    blobs: Blobs,
    passwords: Passwords | None = None,
    clock: Clock = utc_now,
    examine: house.Examine | None = None,
) -> Litestar:
    """The API over these parts, which the caller opened and closes; `examine` looks over this machine.

    Raises `ImproperlyConfiguredException` naming every handler that does not state its action.
    """
    parts = House(
        settings=settings,
        database=database,
        desk=desk,
        blobs=blobs,
        passwords=passwords or hashing.argon2id(),
        hashes=OutsideHashes(),
        clock=clock,
        trusted=requests.proxies(settings.trusted_proxies),
        misses=Misses(time.monotonic),
        heard=Heard(database),
        examine=examine,
    )

    @asynccontextmanager
    async def open_house(_: Litestar) -> AsyncIterator[None]:
        try:
            yield
        finally:
            parts.passwords.close()
            await parts.previews.close()
            await parts.heard.close()

    app = Litestar(
        route_handlers=_routers(parts),
        dependencies=house.dependencies(parts)
        | {
            "caller": Provide(access.provide_caller),
            # Not a word that a body has for a field: what is wrong there would pass for a fault of this dependency.
            "signed_in": Provide(access.provide_signed),
            "facts": Provide(access.provide_facts),
        },
        middleware=[second_origin.Hosts(), PacedBodies(), access.Access()],
        before_send=[headers.of_every_answer(parts), headers.note],
        exception_handlers=faults.PAGE_HANDLERS,
        request_max_body_size=LARGEST_BODY,
        openapi_config=openapi.config(parts.base_url),
        lifespan=[open_house],
        state=State({"house": parts}),
        logging_config=None,
        debug=False,
    )
    access.declared(app, closed=openapi.CLOSED)
    return app
