"""The story is told in plain lines to a file, and with a bar to somebody who watches."""

import io

import pytest
from rich.console import Console

from services.demo.telling import Teller
from services.rules.programmes import Text


@pytest.mark.parametrize(("language", "line"), [("en", "Sample  says\n"), ("fr", "Sample  dit\n")])
def test_a_step_is_one_line_in_the_language_of_the_teller(
    language: str, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    teller = Teller(language)
    with teller.story(25), teller.sending("photo.jpg", 10) as sending:
        teller.step("Sample", Text("says", "dit"))
        sending.advance(10)
    assert capsys.readouterr().out == line


def test_brackets_in_a_line_are_shown_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    Teller("en").line("[/etc] [x]")
    assert capsys.readouterr().out == "[/etc] [x]\n"


def test_a_terminal_sees_how_far_the_story_is_and_how_much_of_a_file_is_sent() -> None:
    written = io.StringIO()
    terminal = Console(file=written, force_terminal=True, width=100, _environ={"TERM": "xterm"})
    teller = Teller("en", console=terminal)
    with teller.story(25):
        teller.step("Sample", Text("says", "dit"))
        with teller.sending("photo.jpg", 10) as sending:
            sending.advance(10)
            teller.detail(Text("received", "reçu"))
    shown = written.getvalue()
    assert "1/25" in shown
    assert "photo.jpg" in shown
    assert "10/10" in shown
