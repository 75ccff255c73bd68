"""What is held against a page as it stands in the browser, beside what axe finds; each answer is a list of faults.

The questions themselves are asked in the browser (`looking.js`). Sources: WCAG 2.2 (1.4.4 size of text, 1.4.10 reflow,
1.4.12 text spacing, 2.3.3 motion, 2.4.7 focus, 3.1.1 language), interface design, sections 12 and 13.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Page as Tab

QUESTIONS = Path(__file__).with_name("looking.js")
TAGS = {"en": ("en-CA",), "fr": ("fr-CA", "fr-FR")}
"""What a page in a language may say it is; a programme of France speaks the French of France."""

NARROW = {"width": 320, "height": 740}
"""CSS pixels: the smallest phone, and a screen of 1,280 pixels at 400 %."""


async def shell(tab: Tab, *, language: str) -> tuple[list[str], str]:
    """Language, heading, way to the other language and title; answers the faults and the title."""
    await tab.evaluate(QUESTIONS.read_text("utf-8") + "; undefined")
    found: dict[str, Any] = await tab.evaluate("() => looking.shell()")
    here, other = urlsplit(tab.url), "fr" if language == "en" else "en"
    wanted = f"/{other}{here.path.removeprefix(f'/{language}') or '/'}" + (f"?{here.query}" if here.query else "")
    faults = []
    if found["language"] not in TAGS[language]:
        faults.append(f"lang is {found['language']}")
    if (found["headings"], found["main"]) != (1, 1):
        faults.append(f"{found['headings']} h1, {found['main']} main")
    if found["other"] != wanted:
        faults.append(f"the switch of language leads to {found['other']}, not to {wanted}")
    return faults, found["title"]


async def open_all(tab: Tab) -> None:
    """What is folded is a part of the page."""
    await tab.evaluate("() => looking.openAll()")


async def wide(tab: Tab) -> list[str]:
    """Whether the page scrolls sideways as it stands, or shows a code where a word belongs."""
    return list(await tab.evaluate("() => [...looking.wide(), ...looking.coded()]"))


async def large(tab: Tab) -> list[str]:
    """The page with text twice as large: nothing scrolls sideways, is cut off, or lies over another text."""
    return list(await tab.evaluate("() => looking.large()"))


async def narrow(tab: Tab) -> list[str]:
    """The page at 320 pixels, then with the spacing of 1.4.12: nothing scrolls sideways and nothing is cut off."""
    await tab.set_viewport_size(NARROW)  # type: ignore[arg-type]  # two numbers
    return list(await tab.evaluate("() => looking.narrow()"))


async def other_eyes(tab: Tab) -> list[str]:
    """The page in forced colours and without motion: focus and state are seen, nothing moves."""
    await tab.emulate_media(forced_colors="active", reduced_motion="reduce")
    found = list(await tab.evaluate("() => looking.otherEyes()"))
    await tab.emulate_media(forced_colors="none", reduced_motion="no-preference")
    return found
