"""The letters and mails of a programme, to be read before anybody gets one: letters as PDF, mails side by side.

Their texts are files of the product (`portfolio_templates`); the letterhead is that of the institution.
"""

from dataclasses import dataclass

from litestar import Response, get
from litestar.params import FromPath

from services.api import headers
from services.api.access import Who
from services.api.house import Now, Reading, TheHouse
from services.api.pages import admin_programmes
from services.api.pages.site import Page, ThePage
from services.documents import letter_samples, letter_words, notices
from services.documents.letters import LetterKind
from services.documents.notices import Template
from services.rules import deadlines, terms
from services.rules.programmes import Language, Programme, Text
from services.rules.refusals import Refused

NUMBER = "RPL-0000-00000"
"""A case number of no case."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One kind of mail in one language, as its reader would see it; `due` is empty where no date is ever known."""

    subject: str
    body: str
    due: str
    action: str


@get("/admin/programmes/{slug:str}/{version:int}/letters", opt=admin_programmes.KEEP, include_in_schema=False)
async def see(
    slug: FromPath[str], version: FromPath[int], *, page: ThePage, caller: Who, reading: Reading, now: Now
) -> Response[str]:
    """Every kind of letter with its samples, and every mail in both languages."""
    programme = await admin_programmes.kept(reading, caller, slug=slug, version=version)
    page = page.about(terms=programme.policy.terms, zone=programme.policy.calendar.zone)
    due = {
        language: letter_words.day(deadlines.local_day(now, programme.policy.calendar.zone), language)
        for language in Language
    }
    return page.show(
        "admin/letters.html",
        programme=programme,
        kinds=kinds(page),
        mails={
            kind: {language: _mail(template, language, programme, due[language]) for language in Language}
            for kind, template in notices.templates().items()
        },
    )


def kinds(page: Page) -> dict[LetterKind, str]:
    """What each kind of letter tells."""
    return {
        LetterKind.FULL: page.say("Everything is recognised"),
        LetterKind.PARTIAL: page.say("A part is recognised"),
        LetterKind.NOT_YET: page.say("Nothing is demonstrated yet"),
        LetterKind.TRANSFER: page.say("Recognised by transfer"),
        LetterKind.NOT_ELIGIBLE: page.say("The application is not eligible"),
        LetterKind.REVOCATION: page.say("A recognition is withdrawn"),
        LetterKind.SUSPENSION: page.say("A recognition is suspended"),
        LetterKind.REINSTATEMENT: page.say("A suspension is lifted"),
        LetterKind.APPEAL: page.say("A review is ruled on"),
        LetterKind.LAPSE: page.say("A case lapsed"),
    }


def _mail(template: Template, language: Language, programme: Programme, due: str) -> Mail:
    def say(text: Text | None) -> str:
        said = terms.said(text, language, terms=programme.policy.terms) if text else ""
        return said.format(number=NUMBER, institution=programme.institution.name.in_(language), due=due)

    return Mail(say(template.subject), say(template.body), say(template.due), say(template.action))


@get(
    "/admin/programmes/{slug:str}/{version:int}/letters/{kind:str}/{tongue:str}",
    opt=admin_programmes.KEEP,
    include_in_schema=False,
)
async def letter(
    slug: FromPath[str],
    version: FromPath[int],
    kind: FromPath[str],
    tongue: FromPath[str],
    *,
    caller: Who,
    house: TheHouse,
    now: Now,
) -> Response[bytes]:
    """A sample as PDF, marked on every page; it is kept nowhere."""
    if kind not in set(LetterKind) or tongue not in set(Language):
        raise Refused("not_found")
    async with house.database.reading() as session:
        programme = await admin_programmes.kept(session, caller, slug=slug, version=version)
    sample = letter_samples.sample(
        LetterKind(kind),
        Language(tongue),
        programme,
        today=deadlines.local_day(now, programme.policy.calendar.zone),
        base_url=house.base_url,
    )
    return Response(
        await house.previews.render(sample, now=now),
        media_type="application/pdf",
        headers=headers.to_keep(f"sample-{kind}-{tongue}.pdf"),
    )
