"""What people could write to break a page, and what no page may make of it.

Each text is data: a page shows it letter by letter. Markup of theirs would be an element, an attribute or an address
that no template of ours writes.
"""

from dataclasses import dataclass, field
from html.parser import HTMLParser

MARK = "zzq"
"""Stands in every text, so that a test knows that the text arrived at all."""

LONG = MARK + "w" * 197
"""A word of 200 characters, without a place to break it."""

TEXTS = (
    f"{MARK}<img src=x onerror=alert(1)>",
    f'{MARK}"><script>alert(1)</script>',
    f"{MARK}' onfocus='alert(1)' data-{MARK}='",
    f"{MARK}</title></textarea></style><svg onload=alert(1)>",
    f"javascript:alert('{MARK}')",
    f"{MARK}{{{{7*7}}}}{{% include 'x' %}}%(name)s%s{{0}}",
    f"{MARK}\u202egpj.exe \u2066\u200f<b>",
    f"{MARK} \x01\x1b[31m\x7f&lt;i&gt;&amp;#60;",
    f"{MARK} 👩🏽‍🏫 « ’ \" ' ` \\ <!-- ]]> -->",
    LONG,
)

TOGETHER = (
    f"{MARK}\"'><script>alert(1)</script><img src=x onerror=alert(1)></title></textarea>"
    "{{7*7}}\u202e👩🏽‍🏫&lt;b&gt;"
)
"""Most of it in one text that fits where a name does."""

FOREIGN = {"b", "i", "iframe", "object", "embed", "base", "marquee", "math"}
"""Elements that no template of ours writes."""

ADDRESSES = {"href", "src", "action", "formaction", "poster", "data", "srcset", "xlink:href"}
OURS = ("/", "#", "?", "mailto:", "tel:", "http://localhost", "https://")


@dataclass
class Watched(HTMLParser):
    """A page as a browser takes it apart: what in it is not ours, where it leads and what it says."""

    wrong: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    text: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        own = tag not in FOREIGN and (tag != "script" or held.get("src", "").startswith("/static/"))
        if not own or (tag == "img" and not held.get("src", "").startswith("/")):
            self.wrong.append(f"element {self.get_starttag_text()}")
        for name, value in held.items():
            if name.startswith("on") or name in {"style", "srcdoc", f"data-{MARK}"}:
                self.wrong.append(f"attribute {self.get_starttag_text()}")
            if name in ADDRESSES and value and not value.startswith(OURS):
                self.wrong.append(f"address {self.get_starttag_text()}")
        if tag == "a" and "href" in held:
            self.links.append(held["href"])

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        if MARK in data:
            self.wrong.append(f"comment {data}")

    def close(self) -> None:
        super().close()
        if f"{MARK}49" in self.text or "</textarea>49" in self.text:
            self.wrong.append("a text was taken for a template")


def parsed(page: str) -> Watched:
    """The page, taken apart."""
    watched = Watched()
    watched.feed(page)
    watched.close()
    return watched
