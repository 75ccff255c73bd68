"""How the demo speaks: a line a step, as a person would tell it, with a bar below while somebody watches."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from services.rules.programmes import Text


class Teller:
    """Tells the story in `language` on the terminal; without one, in plain lines."""

    def __init__(self, language: str, *, console: Console | None = None) -> None:
        self.language = language
        self.console = console or Console(highlight=False, soft_wrap=True)
        self._progress: Progress | None = None
        self._story: TaskID | None = None

    @contextmanager
    def story(self, steps: int) -> Iterator[None]:
        """Show the bar of a story told in so many `steps` while the block runs."""
        if not self.console.is_terminal:
            yield
            return
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, console=self.console, transient=True) as progress:
            self._progress = progress
            self._story = progress.add_task("", total=steps)
            yield
        self._progress = None

    def step(self, who: str, said: Text) -> None:
        """One step of the case."""
        self.console.print(f"[bold]{who}[/bold]  {said.in_(self.language)}" if who else said.in_(self.language))
        if self._progress is not None and self._story is not None:
            self._progress.advance(self._story)

    def detail(self, said: Text) -> None:
        """Something beside a step."""
        self.console.print(f"    {said.in_(self.language)}", style="dim")

    def line(self, text: str = "") -> None:
        """A line as it is."""
        self.console.print(text, markup=False)

    @contextmanager
    def sending(self, name: str, size: int) -> "Iterator[Sending]":
        """Show how much of a file has been sent."""
        if self._progress is None:
            yield Sending(None, None)
            return
        task = self._progress.add_task(name, total=size)
        try:
            yield Sending(self._progress, task)
        finally:
            self._progress.refresh()  # small files would be gone before anybody saw them
            self._progress.remove_task(task)


class Sending:
    """A file on its way."""

    def __init__(self, progress: Progress | None, task: TaskID | None) -> None:
        self._progress, self._task = progress, task

    def advance(self, count: int) -> None:
        """So many bytes more are sent."""
        if self._progress is not None and self._task is not None:
            self._progress.advance(self._task, count)
