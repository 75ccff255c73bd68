"""Commands about the workflows of cases: start them again, renew them, run their histories through this code."""

import argparse
import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from temporalio.client import WorkflowHistory
from temporalio.service import RPCError
from temporalio.worker import Replayer

from services import foundations, settings
from services.cli_answers import FINE, NO, USAGE, NotDone, complain, language, say
from services.rules.programmes import Text
from services.settings import Settings
from services.workflows import means
from services.workflows.case import RecognitionCase
from services.workflows.sandbox import Sandbox


def rehydrate(arguments: argparse.Namespace) -> int:
    """Start the workflow of every open case that has none."""
    started = asyncio.run(foundations.rehydrate(settings.read()))
    told = Text(f"{started} open cases have their workflow.", f"{started} dossiers ouverts ont leur flux de travail.")
    say(told.in_(language(arguments)))
    return FINE


def renew(arguments: argparse.Namespace) -> int:
    """Let every open case go on with the present code."""
    asked = asyncio.run(foundations.renew(settings.read()))
    told = Text(
        f"{asked} workflows were asked to begin anew.", f"{asked} flux de travail ont été invités à recommencer."
    )
    say(told.in_(language(arguments)))
    return FINE


def replay(arguments: argparse.Namespace) -> int:
    """Run histories through the present code; answers 1 when one of them would go another way."""

    async def kept() -> AsyncIterator[WorkflowHistory]:
        for file in map(Path, arguments.files):
            if not file.is_file():
                raise NotDone(Text(f"There is no file {file}.", f"Le fichier {file} n’existe pas."), code=USAGE)
            yield WorkflowHistory.from_json(file.stem, file.read_text("utf-8"))

    async def run() -> tuple[int, dict[str, str]]:
        replayer = Replayer(workflows=[RecognitionCase], workflow_runner=Sandbox())
        histories = kept() if arguments.files else _live(settings.read(), arguments.open)
        count, failures = 0, {}
        async for history in histories:
            count += 1
            result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
            if result.replay_failure is not None:
                failures[history.workflow_id] = str(result.replay_failure).partition("\n")[0]
        return count, failures

    count, failures = asyncio.run(run())
    complain(f"{name}: {why}" for name, why in failures.items())
    same = count - len(failures)
    told = Text(
        f"{same} of {count} histories go the same way.", f"{same} historiques sur {count} suivent le même chemin."
    )
    say(told.in_(language(arguments)))
    return NO if failures else FINE


async def _live(house: Settings, count: int) -> AsyncIterator[WorkflowHistory]:
    """The histories of up to `count` open cases."""
    desk = await means.open_desk(house)
    if not await desk.healthy():
        raise NotDone(
            Text(
                f"The Temporal server at {house.temporal_address} does not answer.",
                f"Le serveur Temporal à {house.temporal_address} ne répond pas.",
            )
        )
    opened = means.open_database(house)
    try:
        async for page in foundations.open_cases(opened):
            for case_id in page[:count]:
                try:
                    yield await desk.client.get_workflow_handle(f"case/{case_id}").fetch_history()
                except RPCError:
                    complain([f"case/{case_id}: has no workflow; see acquis temporal rehydrate"])
            count -= len(page)
            if count <= 0:
                return
    finally:
        await opened.close()
