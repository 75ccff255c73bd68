"""The command `acquis`: reads what is asked and hands it to the module that does it, loaded only then.

Exit codes: 0 done or true, 1 not done or not true, 2 asked or set up wrongly.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from services.cli_answers import FINE, NO, USAGE, NotDone, complain, language, say

Group = argparse.ArgumentParser
QUEUES = ("case", "effects", "files")
STORIES = ("first", "panel", "gap", "appeal", "all")
ROLES = (
    *("learner", "advisor", "mentor", "assessor", "lead", "panel", "decision_maker"),
    *("appeal_reviewer_1", "appeal_reviewer_2", "programme_admin", "auditor"),
)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="acquis",
        description="Recognition of prior learning: from a portfolio to a verifiable credential and a letter.",
        epilog="Settings are read from ACQUIS_*; docs/operating.md lists them. "
        "Exit codes: 0 done or true, 1 not done or not true, 2 asked or set up wrongly.",
    )
    parser.add_argument("--version", action=_Version, help="say which release this is")
    groups = parser.add_subparsers(metavar="COMMAND", required=True)
    for add in (_running, _looking, _frameworks, _programmes, _people, _cohorts, _keys, _temporal):
        add(groups)
    return parser


class _Version(argparse.Action):
    """Prints the version, which is looked up only then."""

    def __init__(self, **words: Any) -> None:  # noqa: ANN401 - argparse hands over what it was given
        super().__init__(nargs=0, **words)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib import metadata

        say(f"acquis {metadata.version('acquis')}")
        parser.exit()


def _command(
    groups: "argparse._SubParsersAction[Group]", name: str, run: str, says: str, *, languages: bool = False
) -> argparse.ArgumentParser:
    """A command that is carried out by `run` (`module:function`)."""
    command = groups.add_parser(name, help=says, description=says)
    command.set_defaults(run=run)
    if languages:
        command.add_argument("--language", choices=("en", "fr"), help="by default that of the terminal")
    return command


def _group(groups: "argparse._SubParsersAction[Group]", name: str, says: str) -> "argparse._SubParsersAction[Group]":
    group = groups.add_parser(name, help=says, description=says)
    return group.add_subparsers(metavar="COMMAND", required=True)


def _running(groups: "argparse._SubParsersAction[Group]") -> None:
    _command(groups, "serve", "cli_house:serve", "run everything on this machine; in production, the API alone")
    demo = _command(
        groups, "demo", "demo.command:run", "start everything and lead one case to its letters", languages=True
    )
    demo.add_argument("--once", action="store_true", help="stop when the case is decided and demo-output is written")
    demo.add_argument(
        "--story",
        choices=STORIES,
        default=STORIES[0],
        help="which case is told: the straight way; a panel; not yet and a plan; an appeal; all of them",
    )
    work = _command(groups, "work", "cli_house:work", "run a worker")
    work.add_argument("--queue", choices=QUEUES, action="append", required=True, help="may be given several times")
    _command(groups, "api", "cli_house:api", "run the API process alone")
    _command(groups, "migrate", "cli_house:migrate", "bring the database to the schema of this release")


def _looking(groups: "argparse._SubParsersAction[Group]") -> None:
    doctor = _command(groups, "doctor", "cli_house:doctor", "say what is wrong with this installation", languages=True)
    doctor.add_argument(
        "--thorough",
        action="store_true",
        help="also read the whole database: what must always hold, and the log (always done on one machine)",
    )
    verify = _command(
        groups, "verify", "cli_files:verify", "say what a credential (JSON) or letter (PDF) is worth", languages=True
    )
    verify.add_argument("file", metavar="FILE")
    verify.add_argument("--offline", metavar="FOLDER", help="ask a copy of what the issuer publishes, not the network")
    verify.add_argument("--json", action="store_true", help="answer as JSON")


def _frameworks(groups: "argparse._SubParsersAction[Group]") -> None:
    taken = _group(groups, "import", "take in a framework of others")
    case = _command(taken, "case", "cli_records:import_case", "keep a CASE package (CFPackage)", languages=True)
    case.add_argument("file", metavar="FILE")
    case.add_argument("--replace", action="store_true", help="put it in the place of another of the same identifier")
    esco = _command(taken, "esco", "cli_files:import_esco", "draft a bilingual programme from an ESCO occupation")
    esco.add_argument("--occupation", metavar="URI", required=True)
    esco.add_argument("--archives", metavar="FOLDER", help="where the archives of ESCO lie")
    esco.add_argument("--out", metavar="FILE", help="by default the draft is printed")
    given = _group(groups, "export", "hand out a framework")
    case = _command(given, "case", "cli_records:export_case", "write a CASE package", languages=True)
    case.add_argument("name", metavar="IDENTIFIER", help="the identifier of an imported one, or a programme's slug")
    case.add_argument("--out", metavar="FILE", help="by default the package is printed")


def _programmes(groups: "argparse._SubParsersAction[Group]") -> None:
    group = _group(groups, "programmes", "the files of programmes")
    check = _command(
        group, "check", "cli_files:check_programmes", "name every error of programme files", languages=True
    )
    check.add_argument("path", metavar="FOLDER", nargs="?", help="a folder or one file; by default those in use")
    publish = _command(
        group, "publish", "cli_records:publish_programmes", "open programmes to new cases", languages=True
    )
    publish.add_argument("path", metavar="FOLDER", nargs="?", help="by default the folder in use")
    retire = _command(group, "retire", "cli_records:retire_programme", "close a version of a programme to new cases")
    retire.add_argument("slug", metavar="SLUG")
    retire.add_argument("--version", type=int, metavar="N", required=True)
    retire.add_argument(
        "--until", type=date.fromisoformat, metavar="DAY", help="last day to send a portfolio under it (YYYY-MM-DD)"
    )
    calendar = _command(
        group, "calendar", "cli_records:publish_calendar", "change a calendar; open cases take it up", languages=True
    )
    calendar.add_argument("file", metavar="FILE", help="a calendar; its name is the one that programmes give it")
    calendar.add_argument("--institution", help="its slug; may be left out where there is one")


def _people(groups: "argparse._SubParsersAction[Group]") -> None:
    group = _group(groups, "people", "accounts and their roles")
    add = _command(group, "add", "cli_records:add_person", "open an account")
    add.add_argument("--email", required=True)
    add.add_argument("--name", required=True)
    reads = "the language that the person reads"
    add.add_argument("--language", dest="reads", choices=("en", "fr"), default="en", help=reads)
    add.add_argument("--organisation", help="where the person works, for conflicts of interest")
    add.add_argument("--password-file", metavar="FILE", help="its first line; - reads it here; by default one is drawn")
    grant = _command(group, "grant", "cli_records:grant_role", "give a further role to an account")
    grant.add_argument("--email", required=True)
    end = _command(group, "end", "cli_records:end_role", "take a role away from an account, or close the account")
    end.add_argument("--email", required=True)
    password = _command(group, "password", "cli_records:set_password", "give an account a new password")
    password.add_argument("--email", required=True)
    password.add_argument("--password-file", metavar="FILE", help="its first line; - reads it here; or one is drawn")
    add.add_argument("--role", choices=ROLES, default="learner")
    grant.add_argument("--role", choices=ROLES[1:], required=True)
    end.add_argument("--role", choices=ROLES[1:], help="without it the account is closed, with all of its roles")
    for command in (add, grant, end):
        command.add_argument("--institution", help="its slug; may be left out where there is one")
        command.add_argument("--programme", help="its slug; by default all of the institution")


def _cohorts(groups: "argparse._SubParsersAction[Group]") -> None:
    group = _group(groups, "cohort", "people who apply under an agreement with a sponsor")
    add = _command(group, "import", "cli_cohorts:take_in", "open a case for everybody in a CSV file", languages=True)
    add.add_argument("file", metavar="FILE", help="headings: email, name, language, and a reference if you like")
    add.add_argument(
        "--agreed", choices=("written", "spoken"), required=True, help="how everybody in it agreed to a case of theirs"
    )
    told = _command(group, "export", "cli_cohorts:export", "write what the sponsor is told: a table", languages=True)
    told.add_argument("--json", action="store_true", help="as JSON")
    told.add_argument("--out", metavar="FILE", help="by default it is printed")
    for command in (add, told):
        command.add_argument("--agreement", metavar="REFERENCE", required=True, help="our reference of the agreement")
        command.add_argument("--by", metavar="EMAIL", required=True, help="the lead in whose name it is done")


def _keys(groups: "argparse._SubParsersAction[Group]") -> None:
    group = _group(groups, "keys", "the signing key of the issuer")
    _command(group, "create", "cli_house:create_key", "draw a key; an existing one is never replaced")
    _command(group, "show", "cli_house:show_key", "say under which name the key signs")


def _temporal(groups: "argparse._SubParsersAction[Group]") -> None:
    group = _group(groups, "temporal", "the workflows of cases")
    _command(group, "rehydrate", "cli_temporal:rehydrate", "start the workflow of every open case that has none")
    _command(group, "renew", "cli_temporal:renew", "let every open case go on with the present code")
    replay = _command(group, "replay", "cli_temporal:replay", "run histories through the present code")
    replay.add_argument("--open", type=int, metavar="COUNT", default=100, help="so many open cases (100)")
    replay.add_argument("files", metavar="FILE", nargs="*", help="histories as JSON, instead of open cases")


def run(words: Sequence[str]) -> int:
    """Carry out one command; answers its exit code."""
    arguments = _parser().parse_args(words)
    module, _, name = arguments.run.partition(":")
    carry_out: Callable[[argparse.Namespace], int] = getattr(importlib.import_module(f"services.{module}"), name)
    # Loaded by now by whoever could raise them, and cheap where not.
    from services.embedded import CannotStart
    from services.settings import SettingsInvalid

    try:
        return carry_out(arguments)
    except NotDone as sentence:
        complain([sentence.why.in_(language(arguments))])
        return sentence.code
    except SettingsInvalid as wrong:
        complain(problem.in_(language(arguments)) for problem in wrong.problems)
        return USAGE
    except CannotStart as sentence:
        complain([sentence.why.in_(language(arguments))])
        return USAGE
    except KeyboardInterrupt:
        return FINE


def main() -> None:
    """Carry out the command of this process and end it."""
    try:
        code = run(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our answer has read enough; what is left goes nowhere instead of into another complaint.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = NO
    sys.stderr.flush()
    if "temporalio" in sys.modules:
        # Its runtime may crash while the interpreter ends; its threads hold nothing that we need.
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    main()
