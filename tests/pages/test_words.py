"""Every sentence of a page exists in both languages, with the same places for facts."""

import ast
import re
from pathlib import Path

import services
from services.api.pages import audit_words, words
from services.records import evidence
from services.rules.programmes import Language
from tools import words as tool


def _parts(message: str | tuple[str, ...]) -> tuple[str, ...]:
    return (message,) if isinstance(message, str) else message


def _places(message: str) -> list[str]:
    return sorted(re.findall(r"%\((\w+)\)s", message))


def test_no_message_is_missing_and_none_is_left_over() -> None:
    wanted = {message for messages in tool.wanted().values() for message in messages}
    assert not wanted - set(words.catalogue()), "run python -m tools.words and translate"
    assert set(words.catalogue()) == wanted


def test_each_message_stands_in_the_file_of_whoever_says_it() -> None:
    for area, messages in tool.wanted().items():
        kept = (tool.FRENCH / f"{area}.po").read_bytes()
        assert kept == tool.written(messages, tool.said()), f"{area}.po: run python -m tools.words"


def test_a_translation_has_the_places_of_its_message() -> None:
    for message, said in words.catalogue().items():
        wanted = {place for part in _parts(message) for place in _places(part)}
        for part in _parts(said):
            assert set(_places(part)) <= wanted, message
        assert {place for part in _parts(said) for place in _places(part)} == wanted, message


def test_french_keeps_spaces_before_its_high_signs_together() -> None:
    for said in words.catalogue().values():
        for part in _parts(said):
            assert not re.search(r"[ ](?=[:;?!»])|«[ ]|(?<=\w)[?!;](?=\s|$)", part), part
            assert "'" not in part.replace("%(", ""), part


def test_numbers_dates_and_sizes_are_written_as_each_language_does() -> None:
    english, french = words.Words(Language.EN), words.Words(Language.FR)
    assert (english.size(1_500_000), french.size(1_500_000)) == ("1.5\u00a0MB", "1,5\u00a0Mo")
    assert (english.size(900), french.size(900)) == ("900\u00a0B", "900\u00a0o")


def written(source: Path) -> set[str]:
    """The actions that a module writes to the log."""
    calls = [one for one in ast.walk(ast.parse(source.read_text("utf-8"))) if isinstance(one, ast.Call)]
    said = [word.value for call in calls for word in call.keywords if word.arg == "action"]
    codes = {one.value for value in said for one in ast.walk(value) if isinstance(one, ast.Constant)}
    return {code for code in codes if isinstance(code, str)}


def test_every_action_of_the_log_has_its_words_and_none_is_left_over() -> None:
    rooms = [Path(services.__file__).parent / room for room in ("records", "api", "workflows")]
    found = {code for room in rooms for source in room.rglob("*.py") for code in written(source)}
    assert found | {evidence.READ} == set(audit_words.actions())
    for name in audit_words.actions().values():
        assert name.en != name.fr
