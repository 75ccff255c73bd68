"""What somebody says of themselves, so that everybody is treated alike: nine questions, and no answer that is due."""

from dataclasses import dataclass
from uuid import UUID

from litestar import Response, get, post
from litestar.response import Redirect

from services.api.access import Who
from services.api.house import Now, Reading, Writing
from services.api.pages.sent import TheForm
from services.api.pages.site import Page, ThePage
from services.records import self_identification
from services.rules.people import Action
from services.rules.self_identification import ANSWERS, KEPT_YEARS, Trait

OWN = {"action": Action.OWN_ACCOUNT}
NOTHING = ""
"""What a question that is left out is answered with."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the words that it can be answered with; the last says nothing."""

    key: str
    text: str
    hint: str
    items: list[dict[str, object]]


@get("/account/about-me", opt=OWN, include_in_schema=False)
async def see(page: ThePage, caller: Who, reading: Reading) -> Response[str]:
    """The questions with one's own answers, if any are kept."""
    kept = await self_identification.of_person(reading, UUID(caller.id))
    saved = page.request.query_params.get("saved", "")
    return page.show(
        "account/about-me.html",
        questions=_questions(page, kept or {}),
        kept=kept is not None,
        years=KEPT_YEARS,
        saved=saved if saved in {"kept", "deleted"} else "",
    )


@post("/account/about-me", opt=OWN, include_in_schema=False)
async def keep(page: ThePage, caller: Who, form: TheForm, *, writing: Writing, now: Now) -> Redirect:
    """Keep what was answered; whoever answers nothing has nothing kept."""
    answers = {one.value: form.one(one) for one in Trait if form.one(one)}
    await self_identification.keep(writing, UUID(caller.id), answers, now=now)
    return page.go("/account/about-me?saved=kept" if answers else "/account/about-me?saved=deleted")


@post("/account/about-me/delete", opt=OWN, include_in_schema=False)
async def take_back(page: ThePage, caller: Who, *, writing: Writing, now: Now) -> Redirect:
    """Delete it at once."""
    await self_identification.take_back(writing, UUID(caller.id), now=now)
    return page.go("/account/about-me?saved=deleted")


def _questions(page: Page, kept: dict[Trait, str]) -> list[Asked]:
    texts, said = question_words(page), answer_words(page)
    nothing = page.say("I leave this out")
    return [
        Asked(
            one.value,
            texts[one],
            _hint(page, one),
            [
                *({"value": word, "text": said[one][word], "checked": kept.get(one) == word} for word in words),
                {"divider": page.say("or")},
                {"value": NOTHING, "text": nothing, "checked": one not in kept},
            ],
        )
        for one, words in ANSWERS.items()
    ]


def _hint(page: Page, question: Trait) -> str:
    if question is Trait.DISABILITY:
        return page.say("This arranges nothing. If you need more time or another form, ask for it in your case.")
    return ""


def question_words(page: Page) -> dict[Trait, str]:
    """What each question is called."""
    return {
        Trait.GENDER: page.say("What is your gender?"),
        Trait.AGE: page.say("How old are you?"),
        Trait.INDIGENOUS: page.say("Are you an Indigenous person?"),
        Trait.NEWCOMER: page.say("How long have you lived in this country?"),
        Trait.DISABILITY: page.say("Do you live with a disability?"),
        Trait.FIRST_LANGUAGE: page.say("Which language did you speak first?"),
        Trait.REGION: page.say("Where do you live?"),
        Trait.EMPLOYMENT: page.say("Do you work for pay?"),
        Trait.EDUCATION: page.say("What is your highest diploma so far?"),
    }


def dimension_words(page: Page) -> dict[Trait, str]:
    """By what groups are told apart, in the words of a figure."""
    return {
        Trait.GENDER: page.say("by gender"),
        Trait.AGE: page.say("by age"),
        Trait.INDIGENOUS: page.say("Indigenous people beside others"),
        Trait.NEWCOMER: page.say("by years in the country"),
        Trait.DISABILITY: page.say("by disability"),
        Trait.FIRST_LANGUAGE: page.say("by first language"),
        Trait.REGION: page.say("by where people live"),
        Trait.EMPLOYMENT: page.say("by work"),
        Trait.EDUCATION: page.say("by earlier diploma"),
    }


def answer_words(page: Page) -> dict[Trait, dict[str, str]]:
    """What each answer to each question is called."""
    yes, no = page.say("Yes"), page.say("No")
    return {
        Trait.GENDER: {
            "woman": page.say("Woman"),
            "man": page.say("Man"),
            "non_binary": page.say("Non-binary"),
            "another": page.say("Another gender"),
        },
        Trait.AGE: {
            "under_25": page.say("Under 25"),
            "25_34": page.say("25 to 34"),
            "35_44": page.say("35 to 44"),
            "45_54": page.say("45 to 54"),
            "55_64": page.say("55 to 64"),
            "65_or_over": page.say("65 or over"),
        },
        Trait.INDIGENOUS: {
            "first_nations": page.say("Yes, First Nations"),
            "inuit": page.say("Yes, Inuit"),
            "metis": page.say("Yes, Métis"),
            "another_people": page.say("Yes, of another Indigenous people"),
            "no": no,
        },
        Trait.NEWCOMER: {
            "under_5_years": page.say("Under five years"),
            "5_years_or_more": page.say("Five years or more, and I was born elsewhere"),
            "born_here": page.say("I was born here"),
        },
        Trait.DISABILITY: {"yes": yes, "no": no},
        Trait.FIRST_LANGUAGE: {
            "english": page.say("English"),
            "french": page.say("French"),
            "indigenous": page.say("An Indigenous language"),
            "another": page.say("Another language"),
        },
        Trait.REGION: {
            "large_city": page.say("In a large city or close to it"),
            "town": page.say("In a town"),
            "countryside": page.say("In the countryside"),
            "remote": page.say("In a remote place"),
        },
        Trait.EMPLOYMENT: {
            "employee": page.say("Yes, for an employer"),
            "self_employed": page.say("Yes, on my own account"),
            "looking": page.say("No, I am looking for work"),
            "not_looking": page.say("No, and I am not looking"),
        },
        Trait.EDUCATION: {
            "none": page.say("None"),
            "secondary": page.say("Secondary school"),
            "trade": page.say("A trade"),
            "college": page.say("College"),
            "university": page.say("University"),
        },
    }
