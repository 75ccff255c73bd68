"""Captions hold the times that a transcript gives, and none that it does not."""

import pytest

from services.rules import transcripts
from services.rules.transcripts import LAST, Caption

SUBRIP = """1
00:00:01,500 --> 00:00:03,000
I open the valve.

2
00:00:04,000 --> 00:00:05,250
Then I wait <here>.
"""


@pytest.mark.parametrize(
    "text", ["", "I open the valve, then I wait.", "Filmed at noon.\n\nNothing is said.", "1:75 x"]
)
def test_without_times_there_are_no_captions(text: str) -> None:
    assert transcripts.captions(text) == ()


def test_a_time_at_the_start_of_a_line_begins_a_caption_that_stays_until_the_next() -> None:
    text = "In the workshop.\n0:01 I open the valve.\nIt is hot.\n\n[01:05] Then I wait.\n1:00:02.5 – Done.\n2:00:00\n"
    assert transcripts.captions(text) == (
        Caption(1000, 65_000, "I open the valve.\nIt is hot."),
        Caption(65_000, 3_602_500, "Then I wait."),
        Caption(3_602_500, 7_200_000, "Done."),
    )
    assert transcripts.captions("0:09 Later\n0:02 Sooner") == (
        Caption(2000, 9000, "Sooner"),
        Caption(9000, LAST, "Later"),
    )


def test_two_captions_at_one_moment_leave_the_last_of_them() -> None:
    assert transcripts.captions("0:02 One\n0:02 Two") == (Caption(2000, LAST, "Two"),)


@pytest.mark.parametrize("before", ["", "WEBVTT\n\n"])
def test_a_file_of_captions_keeps_its_own_ends(before: str) -> None:
    assert transcripts.captions(before + SUBRIP) == (
        Caption(1500, 3000, "I open the valve."),
        Caption(4000, 5250, "Then I wait <here>."),
    )
    assert transcripts.captions("00:05.000 --> 00:03.000\nBackwards") == ()


def test_browsers_are_given_times_and_plain_text() -> None:
    text = transcripts.webvtt((Caption(1500, LAST, "a < b & c --> d"),))
    assert text == "WEBVTT\n\n00:00:01.500 --> 99:59:59.999\na &lt; b &amp; c --&gt; d\n"
