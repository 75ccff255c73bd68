"""Commands for people who apply under an agreement with a sponsor: take them in, hand out what the sponsor is told.

Either is done in the name of a lead of the programme, and stands in the log as theirs.
"""

import argparse
import asyncio
from datetime import UTC, datetime

import msgspec
from sqlmodel.ext.asyncio.session import AsyncSession

from services import cli_files, cli_records, settings
from services.api import spreadsheets
from services.api.routes import cohorts as routes
from services.cli_answers import FINE, NO, USAGE, NotDone, complain, language, say
from services.records import agreements, cohorts, milestones, people
from services.records.cohorts import TakenIn
from services.records.intake import Agreed, ConsentForm
from services.records.tables.cohorts import SponsorAgreement
from services.rules.cohort_files import Column, Fault, FileInvalid
from services.rules.cohorts import OPENING_TEXT
from services.rules.people import Caller
from services.rules.programmes import Text
from services.rules.refusals import Refused


def take_in(arguments: argparse.Namespace) -> int:
    """Open a case for everybody in a file, or name every error of it and open none."""
    house, content = settings.read(), cli_files.read(arguments.file)

    async def carry_out() -> TakenIn:
        async with cli_records.records_of(house) as opened, opened.writing() as session:
            caller, agreement = await _asked(session, arguments)
            agreed = Agreed(OPENING_TEXT, ConsentForm(arguments.agreed))
            return await cohorts.take_in(
                session, agreement.id, content, agreed=agreed, caller=caller, now=datetime.now(UTC)
            )

    try:
        done = asyncio.run(carry_out())
    except FileInvalid as invalid:
        complain(_line(one).in_(language(arguments)) for one in invalid.faults)
        return NO
    except Refused as refused:
        raise NotDone(cli_records.words_of(refused)) from refused
    said = Text(
        f"{done.added} joined, {done.known} had joined before. Their mails leave within the hour.",
        f"{done.added} personnes ajoutées, {done.known} l’étaient déjà. Leurs courriels partent dans l’heure.",
    )
    say(said.in_(language(arguments)))
    return FINE


COLUMNS: dict[str, str] = {
    Column.EMAIL: "courriel",
    Column.NAME: "nom",
    Column.LANGUAGE: "langue",
    Column.REFERENCE: "référence",
}
"""What a column is called in French."""


def _line(one: Fault) -> Text:
    """An error with its place."""
    en = ", ".join(filter(None, (f"line {one.line}" if one.line else "", one.column)))
    fr = ", ".join(filter(None, (f"ligne {one.line}" if one.line else "", COLUMNS.get(one.column, one.column))))
    return Text(f"{en}: {one.says.en}" if en else one.says.en, f"{fr}\u00a0: {one.says.fr}" if fr else one.says.fr)


def export(arguments: argparse.Namespace) -> int:
    """Write what the sponsor is told, as a table or as JSON."""
    house = settings.read()

    async def carry_out() -> bytes:
        async with cli_records.records_of(house) as opened, opened.writing() as session:
            caller, agreement = await _asked(session, arguments)
            now = datetime.now(UTC)
            report = await milestones.report(session, agreement.id, caller=caller, now=now)
            if arguments.json:
                return msgspec.json.format(msgspec.json.encode(routes.view_of(report, now=now)), indent=2)
            return spreadsheets.table(routes.rows_of(report)).encode()

    cli_files.write(asyncio.run(carry_out()), arguments.out)
    return FINE


async def _asked(session: AsyncSession, arguments: argparse.Namespace) -> tuple[Caller, SponsorAgreement]:
    """The lead in whose name it is done, and the agreement. Raises `NotDone` where that lead has none of it."""
    person = await people.by_email(session, arguments.by)
    caller = await people.caller(session, person.id) if person and person.active else None
    known = await agreements.led_by(session, caller) if caller else []
    found = [one for one in known if one.reference == arguments.agreement]
    if caller is None or len(found) != 1:
        raise NotDone(
            Text(
                f"{arguments.by} leads no agreement {arguments.agreement}.",
                f"{arguments.by} ne dirige aucune entente {arguments.agreement}.",
            ),
            code=USAGE,
        )
    return caller, found[0]
