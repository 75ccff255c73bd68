"""A cohort is taken in and its milestones are handed out on the command line as over the API, in a lead's name."""

import asyncio
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from services import cli
from services.records import agreements, database, people
from services.records.agreements import Agreed
from services.records.drafts import Purpose

BY = ["--by", "lead@college.example", "--agreement", "E-1"]


@pytest.fixture(autouse=True)
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """An installation with a lead and two agreements, one of them over."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ACQUIS_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert cli.run(["programmes", "publish"]) == 0
    assert cli.run(["people", "add", "--email", BY[1], "--name", "Sample Lead", "--role", "lead"]) == 0
    asyncio.run(_agreements(tmp_path / "data"))
    capsys.readouterr()


async def _agreements(data: Path) -> None:
    opened, now = database.connect(f"sqlite:///{data / 'acquis.db'}"), datetime.now(UTC)
    async with opened.writing() as session:
        lead = await people.by_email(session, BY[1])
        assert lead is not None
        caller = await people.caller(session, lead.id)
        for reference, ends in (("E-1", now.date() + timedelta(days=9)), ("OVER", date(2021, 1, 1))):
            terms = Agreed("Sample Works", reference, "cnc-machining", Purpose.UPSKILL, date(2020, 1, 1), ends)
            await agreements.make(session, terms, caller=caller, now=now)
    await opened.close()


def test_a_cohort_is_taken_in_and_told_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "people.csv"
    file.write_text("email,name,language\nana@example.org,Ana,fr\n")
    take_in = ["cohort", "import", "people.csv", "--agreed", "written"]
    assert cli.run([*take_in, *BY]) == 0
    assert capsys.readouterr().out == "1 joined, 0 had joined before. Their mails leave within the hour.\n"
    assert cli.run(["cohort", "export", "--json", *BY]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["sponsor"], report["people"], report["others"]) == ("Sample Works", [], "below_ten")
    assert cli.run(["cohort", "export", "--out", "told.csv", *BY]) == 0
    assert (tmp_path / "told.csv").read_text("utf-8-sig").splitlines()[1] == "E-1,,,,,,,,,,,,,,below_ten"
    file.write_text("email,name,language\nana,,fr\n")
    assert cli.run([*take_in, *BY, "--language", "fr"]) == 1
    told = capsys.readouterr().err.splitlines()
    assert [line.partition("\u00a0")[0] for line in told] == ["ligne 2, courriel", "ligne 2, nom"]
    file.write_bytes(b"")
    assert cli.run([*take_in, *BY]) == 1
    assert "line 1, email: " in capsys.readouterr().err
    file.write_text("email,name,language\nana@example.org,Ana,fr\n")
    assert cli.run([*take_in, *BY[:3], "OVER"]) == 1
    assert "This agreement is over" in capsys.readouterr().err
    for asked in ([*BY[:3], "E-9"], ["--by", "nobody@college.example", *BY[2:]]):
        assert cli.run([*take_in, *asked]) == 2
