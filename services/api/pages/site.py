"""Turns a template and what it shows into a page: the shell around it, who looks, and in which language."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from importlib import resources
from typing import Any, Literal

from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader, Undefined
from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from litestar.response import Redirect
from markupsafe import Markup

from services.api import house as parts
from services.api import languages, requests
from services.api.access import Signed
from services.api.house import House
from services.api.pages import navigation
from services.api.pages.words import Words, other
from services.records import sessions
from services.rules.people import STAFF, Caller
from services.rules.programmes import Language, Text

AnyRequest = Request[Any, Any, Any]
HTML = "text/html"
SEE_OTHER: Literal[303] = 303
"""The answer to a form: look there now."""


class AssetsMissing(Exception):  # noqa: N818 - reads as the sentence it is
    """The pages' assets were never built."""


class Named(Undefined):
    """A name that nobody gave is a fault; a parameter that a macro was not given is simply not there."""

    def _looked_at(self) -> None:
        if not isinstance(self._undefined_obj, dict) and self._undefined_name != "caller":
            self._fail_with_undefined_error()

    def __bool__(self) -> bool:
        self._looked_at()
        return False

    def __str__(self) -> str:
        self._looked_at()
        return ""

    def __iter__(self) -> Iterator[Any]:
        self._looked_at()
        return iter(())

    def __eq__(self, against: object) -> bool:
        self._looked_at()
        return against is None or isinstance(against, Named)

    def __hash__(self) -> int:
        self._looked_at()
        return hash(None)


@cache
def manifest() -> dict[str, str]:
    """Logical names of the built assets and the names that say what they hold. Raises `AssetsMissing`."""
    try:
        built = resources.files("services.api.pages").joinpath("static", "manifest.json").read_text("utf-8")
    except FileNotFoundError as missing:
        raise AssetsMissing("The pages' style and scripts are not built: run `make assets`.") from missing
    files: dict[str, str] = json.loads(built)["files"]
    return files


def asset(name: str) -> str:
    """The address of a built asset."""
    return f"/static/{manifest()[name]}"


@cache
def environment(words: Words) -> Environment:
    """The templates, speaking with these words."""
    made = Environment(
        loader=ChoiceLoader(
            [
                PackageLoader("services.api.pages"),
                PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
            ]
        ),
        autoescape=True,
        undefined=Named,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    made.install_gettext_callables(words.gettext, words.ngettext, newstyle=True)  # type: ignore[attr-defined]  # of the extension
    made.globals |= {"asset": asset, "words": words, "language": words.language.value}
    # Words of another language that the library's macros still use.
    made.globals |= {"undefined": None, "null": None}
    made.filters |= {
        "text": words.text,
        "day": words.day,
        "moment": words.moment,
        "size": words.size,
        "number": words.number,
    }
    return made


@dataclass(frozen=True, slots=True)
class Page:
    """What every page stands in: the request, who looks, the language of the address."""

    request: AnyRequest
    house: House
    words: Words
    signed: Signed | None

    @property
    def language(self) -> Language:
        """In which language the page is asked for."""
        return self.words.language

    @property
    def caller(self) -> Caller:
        """Who looks, on a page that only somebody who is signed in can open."""
        if self.signed is None:
            raise TypeError("nobody is signed in here")
        return self.signed.caller

    def about(self, *, terms: str, zone: str) -> "Page":
        """The same page in the words and the time of a case."""
        return Page(self.request, self.house, Words(self.language, terms, zone), self.signed)

    def link(self, path: str) -> str:
        """The address of another page in this language: `link("/portfolio")`."""
        return f"/{self.language}{path}"

    def say(self, message: str, **facts: object) -> str:
        """One of our sentences, for what is not written in a template."""
        return self.words.gettext(message) % facts if facts else self.words.gettext(message)

    def text(self, text: Text) -> str:
        """A text of ours that exists in both languages."""
        return self.words.text(text)

    def show(
        self, template: str, *, status: int = HTTPStatus.OK, headers: dict[str, str] | None = None, **shown: object
    ) -> Response[str]:
        """The page. `shown` is what its template names; `title` is the title of the window and the heading."""
        html = environment(self.words).get_template(template).render(self._shell() | shown)
        said = {"Content-Language": self.words.tag, "Vary": "HX-Request, Cookie"}
        return Response(html, media_type=HTML, status_code=status, headers=said | (headers or {}))

    def go(self, path: str) -> Redirect:
        """Lead to another page after something was sent."""
        return Redirect(self.link(path), status_code=SEE_OTHER)

    def _shell(self) -> dict[str, Any]:
        scope = self.request.scope
        path = scope["path"].removeprefix(f"/{self.language}") or "/"
        query = scope["query_string"].decode("latin-1")
        there = other(self.language)
        roles = self.signed.caller.roles if self.signed else frozenset()
        limits = sessions.STAFF_LIMITS if roles & STAFF else sessions.LEARNER_LIMITS
        return {
            "page": self,
            "link": self.link,
            "path": path,
            "fragment": "hx-request" in self.request.headers,
            "elsewhere": f"/{there}{path}" + (f"?{query}" if query else ""),
            "other_language": there.value,
            "places": navigation.places(roles, signed_in=self.signed is not None),
            "signed": self.signed,
            "now": self.house.clock(),
            "idle_seconds": int(limits.idle.total_seconds()),
            "reference": requests.id_of(scope),
            "json": lambda value: Markup(json.dumps(value)),  # noqa: S704 - JSON, escaped where it stands in an attribute
        }


def of(request: AnyRequest) -> Page:
    """The page that a request asks for."""
    path = request.scope["path"]
    language = Language.FR if path == "/fr" or path.startswith("/fr/") else Language.EN
    return Page(request, parts.of(request.scope), Words(language, languages.terms(request)), request.scope.get("user"))


async def provide(request: AnyRequest) -> Page:
    """The page, for handlers."""
    return of(request)


ThePage = NamedDependency[SkipValidation[Page]]
