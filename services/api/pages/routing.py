"""Every page, in both languages under the same paths, and the built files that they load."""

from litestar import Router
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler

from services.api.pages import (
    about,
    accounts,
    advise_caseload,
    assess_offer,
    assess_queue,
    case,
    command_pages,
    entrances,
    sent,
    site,
    static_files,
    verify,
    welcome,
)
from services.rules.programmes import Language

PAGES: tuple[HTTPRouteHandler, ...] = (
    welcome.first,
    about.help_page,
    about.privacy,
    about.accessibility,
    verify.ask,
    verify.by_code,
    verify.sent,
    accounts.ask,
    accounts.sign_in,
    accounts.sign_out,
    accounts.home,
    advise_caseload.see,
    advise_caseload.find,
    advise_caseload.export,
    advise_caseload.keep,
    advise_caseload.drop,
    case.see,
    assess_queue.see,
    assess_queue.follow,
    assess_offer.ask,
    assess_offer.answer,
    command_pages.ask,
    command_pages.send,
    command_pages.follow,
)
"""The handlers of pages, each of a path below the language."""


def router() -> Router:
    """Every route of the pages."""
    site.manifest()
    languages = [Router(f"/{language}", route_handlers=list(PAGES)) for language in Language]
    return Router(
        "/",
        route_handlers=[*entrances.ENTRANCES, static_files.router(), *languages],
        dependencies={"page": Provide(site.provide), "form": Provide(sent.provide)},
    )
