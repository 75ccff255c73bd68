"""The forms of all commands as they leave the server, without a browser: `make pages` opens them in one as well.

Every form is made by one template of a command's words and fields, so what a browser adds to it (colours, reflow, eyes
that need something else) is held by the pages of the catalogue; what is each form's own is in its markup.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from tests.browser import looking
from tests.browser.catalogue import Row
from tests.browser.houses import House
from tests.browser.walk import LANGUAGES

CONTROLS = ("input", "select", "textarea")
NO_LABEL = ("hidden", "submit", "button")
"""Kinds of input that nobody reads, or that bear their own words."""


class Form(HTMLParser):
    """What of a page is held against it."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.inside_labels = 0
        self.wrapped: list[dict[str, str]] = []
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep every element, and which control stands inside of its label."""
        given = {name: value or "" for name, value in attrs}
        self.seen.append((tag, given))
        self.inside_labels += tag == "label"
        if self.inside_labels:
            self.wrapped.append(given)

    def handle_endtag(self, tag: str) -> None:
        """A label ends."""
        self.inside_labels -= tag == "label"

    def of(self, *tags: str) -> list[dict[str, str]]:
        """The attributes of every element of these."""
        return [given for tag, given in self.seen if tag in tags]

    def faults(self, row: Row, language: str) -> Iterator[str]:
        """What is wrong."""
        (html,) = self.of("html")
        if html["lang"] not in looking.TAGS[language]:
            yield f"lang is {html['lang']}"
        if (len(self.of("h1")), len(self.of("main"))) != (1, 1):
            yield f"{len(self.of('h1'))} h1, {len(self.of('main'))} main"
        if not any(form.get("method") == "post" for form in self.of("form")):
            yield "nothing to send"
        other = "fr" if language == "en" else "en"
        if not any(row.path.rpartition("/")[2] in one["href"] and one["href"].startswith(f"/{other}/")
                   for one in self.of("a") if one.get("rel") == "alternate"):  # fmt: skip
            yield "no way to the other language"
        yield from self._unnamed()

    def _unnamed(self) -> Iterator[str]:
        named = [given["id"] for _, given in self.seen if "id" in given]
        yield from (f"two elements of the name {one}" for one in sorted(set(named)) if named.count(one) > 1)
        labels = {label.get("for") for label in self.of("label")}
        for control in self.of(*CONTROLS):
            spoken = control.get("id") in labels or {"aria-label", "aria-labelledby"} & control.keys()
            if control.get("type") not in NO_LABEL and not spoken and control not in self.wrapped:
                yield f"nothing says what {control.get('name')} is"
        pointed = [
            one for given in (given for _, given in self.seen) for one in given.get("aria-describedby", "").split()
        ]
        yield from (f"{one} describes something and is not there" for one in pointed if one not in named)


async def rendered(house: House, rows: list[Row]) -> list[str]:
    """What is wrong with these forms, languages taking turns."""
    found, titles = [], set[str]()
    for number, row in enumerate(rows):
        language = LANGUAGES[number % 2]
        path = f"/{language}{row.path.format(**house.places)}"
        answer = await house.api.http.get(path, headers=await house.api.as_(house.people[row.who]))
        title = "".join(re.findall(r"<title>(.*?)</title>", answer.text, re.DOTALL))
        wrong = [f"answers {answer.status_code}"] if answer.status_code != row.status else []
        wrong += Form(answer.text).faults(row, language)
        if title in titles:
            wrong.append(f"another form has the title {title!r}")
        titles.add(title)
        found += [f"{row.name} ({path} as {row.who}): {one}" for one in wrong]
    return found
