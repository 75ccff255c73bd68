"""Which tests wait for one another when several processes share them: those of one file, and those of one lane.

A whole installation mostly waits: for timers, for a server that comes back, for a process that starts. Two lanes of
them leave the cores to the tests that reckon; begun in every process at once, they would leave the cores idle. The
other lanes are of tests that share what is dear to start: a browser, a process that sets letters.
"""

from xdist.scheduler.loadfile import LoadFileScheduling

LANES = {
    "tests/journeys/test_faults.py": "one town",
    "tests/journeys/test_mail_down.py": "one town",
    "tests/journeys/test_demo.py": "one machine, and another engine",
    "tests/journeys/test_faults_postgresql.py": "one machine, and another engine",
    "tests/journeys/test_whole_case.py": "one machine, and another engine",
    "tests/browser/test_pages.py": "every page",
    "tests/browser/": "a browser",
    "tests/workflows/": "a renderer of letters",
}
"""By file or folder, the lane that it shares; each lane takes about two minutes on two cores."""


def is_shared(nodeid: str) -> bool:
    """Whether a test goes in a lane; lanes begin before everything else."""
    return _lane(nodeid) is not None


def _lane(nodeid: str) -> str | None:
    return next((lane for place, lane in LANES.items() if nodeid.startswith(place)), None)


class Lanes(LoadFileScheduling):  # type: ignore[misc]  # xdist ships no types
    """A file's tests stay in one process, so that its servers and databases are started once; so do those of a lane."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return _lane(nodeid) or file
