"""Every page, in both languages under the same paths, and the built files that they load."""

from litestar import Router
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler

from services.api.pages import (
    about,
    account,
    accounts,
    advise_caseload,
    assess_offer,
    assess_queue,
    case,
    command_pages,
    entrances,
    learner_employers,
    learner_portfolio,
    learner_programmes,
    learner_references,
    learner_self_check,
    learner_send,
    learner_skills,
    learner_story,
    learner_transfer,
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
    account.see,
    account.choose,
    account.end,
    account.end_all,
    account.privacy,
    learner_programmes.listed,
    learner_programmes.one,
    learner_programmes.ask,
    learner_programmes.start,
    learner_portfolio.see,
    learner_portfolio.take_in_hand,
    learner_self_check.see,
    learner_self_check.answer,
    learner_story.see,
    learner_story.tell,
    learner_employers.see,
    learner_employers.name,
    learner_references.see,
    learner_references.ask,
    learner_references.agree,
    learner_references.act,
    learner_skills.see,
    learner_transfer.see,
    learner_transfer.state,
    learner_transfer.take_back,
    learner_send.ask,
    learner_send.send,
    learner_send.receipt,
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
