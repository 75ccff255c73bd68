"""Whether a credential holds, for somebody who never heard of one: no account, no cookie, nothing of the visitor kept.

What is shown of a credential is what was recorded when it was issued, never what a visitor's file says of itself.
"""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api import access
from services.api.house import Reading, TheHouse
from services.api.pages.sent import TheForm
from services.api.pages.site import AnyRequest, Page, ThePage
from services.api.routes import public
from services.documents import (
    badge_profile,
    badge_turning,
    credential_codes,
    letter_page,
    presented,
    verification_words,
)
from services.documents.verdicts import Report, Status, Verdict
from services.records import cases, credentials, programmes, sharing
from services.records.tables.cases import Claim
from services.records.tables.sharing import ANSWERS, Question
from services.rules.people import Action
from services.rules.programmes import Competency, Language, Programme

QUIET: dict[str, Any] = {"X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}
OPEN = {"action": Action.PUBLIC}
LARGEST_FORM = presented.LARGEST_PDF + 64 * 1024
"""Bytes of a form that brings a file: the file, and what surrounds it."""

ANSWERED = (Status.VALID, Status.EXPIRED, Status.WITHDRAWN, Status.CHANGED)
"""Answers about a credential that we know."""

Code = Annotated[str, QueryParameter(name="code", required=False)]


@dataclass(frozen=True, slots=True)
class Assessed:
    """How a competency was assessed: one sentence, and each kind of evidence with how much there was of it."""

    language: Language
    narrative: str
    evidence: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What we recorded of a credential: the standard in both languages, and what its signed text says.

    `open`: the visitor is shown it, because its holder shows it or because the visitor brought the file. `holder`: the
    name that the visitor may read. `handed_out`: the file is there for whoever has the code.
    """

    code: str
    address: str
    document: dict[str, Any]
    programme: Programme
    competency: Competency
    level: int
    decided_at: datetime
    open: bool
    holder: str
    handed_out: bool

    def told(self, language: Language) -> str:
        """The sentence for employers as it was signed; of its two languages the reader's, if they can be told apart."""
        whole = str(self.document["description"])
        both = whole.split(" / ")
        if len(both) != len(Language):
            return whole
        own = str(self.document["credentialSubject"]["achievement"]["inLanguage"]).startswith(language)
        return both[0] if own else both[1]

    def assessed(self, language: Language) -> "Assessed":
        """How it was assessed, in the reader's language where what was signed can be said in it."""
        achievement = self.document["credentialSubject"]["achievement"]
        narrative = str(achievement["criteria"]["narrative"])
        listed = [(str(one["name"]), str(one["description"])) for one in self.document["evidence"]]
        signed = next(one for one in Language if str(achievement["inLanguage"]).startswith(one))
        as_signed = Assessed(signed, narrative, listed)
        if signed is language:
            return as_signed
        turn = {"out_of": signed, "into": language}
        whole = badge_turning.criteria(narrative, **turn)
        parts = [(badge_turning.name(name, **turn), badge_turning.description(said, **turn)) for name, said in listed]
        if whole is None:
            return as_signed
        turned = [(name, said) for name, said in parts if name and said]
        return Assessed(language, whole, turned) if len(turned) == len(parts) else as_signed

    @property
    def qr(self) -> dict[str, str | int]:
        """The address as a QR code, for a sheet of paper: `size` in modules, and the `path` of a pen."""
        return letter_page.qr(self.address)

    @property
    def host(self) -> str:
        """Under which name the issuer publishes."""
        return str(self.document["issuer"]["id"]).removeprefix("did:web:").replace("%3A", ":")


async def recorded(session: AsyncSession, page: Page, verdict: Verdict, *, brought: bool) -> Recorded | None:
    """What stands in our records of a credential, or None; `brought`: the visitor has the file.

    Of a file that was changed its holder's name is shown only if it still stands in it: who made the file may not know.
    """
    found = await credentials.issued(session, credential_id=public.uuid_of(verdict))
    if found is None:
        return None
    document: dict[str, Any] = msgspec.json.decode(found.credential.document)
    claim = await session.get_one(Claim, found.credential.claim_id)
    programme = await programmes.of_case(session, await cases.get(session, claim.case_id))
    chosen = await sharing.choice(session, found.credential.id)
    names = badge_profile.names(document)
    readable = names if chosen.name else names & verdict.names
    code = credential_codes.display(found.credential.code)
    return Recorded(
        code=code,
        address=f"{page.house.base_url}/v/{code}",
        document=document,
        programme=programme,
        competency=programme.competency(claim.competency),
        level=_level(document["credentialSubject"]),
        decided_at=datetime.fromisoformat(document["awardedDate"]),
        open=brought or chosen.page,
        holder=next(iter(readable), ""),
        handed_out=public.handed_out(chosen, document),
    )


def _level(subject: dict[str, Any]) -> int:
    """The level of the rubric that was reached; 0 where nobody assessed it here."""
    reached = [str(one["achievedLevel"]) for one in subject["result"] if "achievedLevel" in one]
    return int(reached[0].rpartition("-")[2]) if reached else 0


@get("/verify", opt=OPEN, include_in_schema=False)
async def ask(page: ThePage, code: Code = "") -> Response[str] | Redirect:
    """Type a code, or choose a file."""
    stored = credential_codes.normalise(code) if code else None
    if stored:
        return page.go(f"/verify/{credential_codes.display(stored)}")
    wrong = page.say("This is not a code of ours. It has twelve letters and digits.") if code else ""
    status = HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
    return page.show("public/verify.html", status=status, headers=QUIET, code=code, wrong=wrong, at="code")


@get("/verify/{code:str}", opt=OPEN, include_in_schema=False)
async def by_code(
    request: AnyRequest, code: FromPath[str], *, page: ThePage, house: TheHouse, reading: Reading
) -> Response[str]:
    """The answer for a code."""
    report = await public.look_up(request, house, code)
    return await _answer(page, reading, report, brought=False)


@post(
    "/verify",
    opt=OPEN | {access.CHANGES_NOTHING: True},
    request_max_body_size=LARGEST_FORM,
    status_code=HTTPStatus.OK,
    include_in_schema=False,
)
async def sent(request: AnyRequest, page: ThePage, *, house: TheHouse, reading: Reading) -> Response[str]:
    """The answer for a file; nothing of it is kept."""
    file = (await request.form()).get("file")
    content = await file.read() if isinstance(file, UploadFile) else b""
    try:
        report = await public.look_into(request, house, content)
    except presented.Unreadable as unreadable:
        wrong = page.text(verification_words.unreadable(unreadable.code))
        return page.show(
            "public/verify.html",
            status=HTTPStatus.UNPROCESSABLE_ENTITY,
            headers=QUIET,
            code="",
            wrong=wrong,
            at="file",
        )
    return await _answer(page, reading, report, brought=True)


async def _answer(page: Page, session: AsyncSession, report: Report, *, brought: bool) -> Response[str]:
    under_review = any(one.under_review and one.status is report.status for one in report.verdicts)
    shown = [(verdict, await _of(session, page, verdict, brought=brought)) for verdict in report.verdicts]
    status = HTTPStatus.SERVICE_UNAVAILABLE if report.status is Status.UNCHECKED else HTTPStatus.OK
    return page.show(
        "public/verdict.html",
        status=status,
        headers=QUIET | ({"Retry-After": "60"} if status is HTTPStatus.SERVICE_UNAVAILABLE else {}),
        title=page.text(verification_words.title(report.status, under_review=under_review)),
        sentence=page.text(verification_words.sentence(report.status, under_review=under_review)),
        status_name=report.status.value,
        letter=verification_words.letter(compared=report.letter) if report.letter is not None else None,
        credentials=shown,
        check=verification_words.check,
        code_of=credential_codes.display,
        asks=next((kept.code for _, kept in shown if kept is not None), ""),
        questions=questions(page),
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """A question under an answer; `items` are the answers to choose from, none of them chosen."""

    key: str
    text: str
    items: list[dict[str, str]]


def questions(page: Page) -> list[Asked]:
    """The three questions that whoever checked may answer."""
    texts = {
        Question.CLEAR: page.say("Is it clear to you what the person can do?"),
        Question.HELPED: page.say("Did this page help you to decide something?"),
        Question.KNOWN: page.say("Before today, how well did you know the word “microcredential”?"),
    }
    said = answer_words(page)
    return [
        Asked(one.value, text, [{"value": answer, "text": said[answer]} for answer in ANSWERS[one]])
        for one, text in texts.items()
    ]


def answer_words(page: Page) -> dict[str, str]:
    """What each answer is called."""
    return {
        "yes": page.say("Yes"),
        "partly": page.say("In part"),
        "no": page.say("No"),
        "well": page.say("Well"),
        "a_little": page.say("A little"),
        "not_at_all": page.say("Not at all"),
    }


@post("/verify/{code:str}/answers", opt=OPEN, include_in_schema=False)
async def answer(
    request: AnyRequest, code: FromPath[str], form: TheForm, *, page: ThePage, house: TheHouse
) -> Redirect:
    """Count what was answered; whatever was left out is not counted, and nothing of the visitor is kept."""
    await public.count_answers(request, house, code, {one: form.one(one) for one in Question if form.one(one)})
    return page.go("/verify/thanks")


@get("/verify/thanks", opt=OPEN, include_in_schema=False)
async def thanks(page: ThePage) -> Response[str]:
    """What happened with the answers."""
    return page.show("public/verify-thanks.html", headers=QUIET)


async def _of(session: AsyncSession, page: Page, verdict: Verdict, *, brought: bool) -> Recorded | None:
    return await recorded(session, page, verdict, brought=brought) if verdict.status in ANSWERED else None
