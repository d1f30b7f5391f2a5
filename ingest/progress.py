"""Progress bars on standard error, as the pipeline and the indexes report: ``advance(done, total)``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

Advance = Callable[[int, int], None]


@contextmanager
def bars(shown: bool = True) -> Iterator[Callable[[str], Advance]]:
    """Gives ``bar(description)``, whose bar appears with its first ``advance(done, total)``.

    Args:
        shown: ``False`` counts silently. Nothing is drawn either where standard error is not a terminal.
    """
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not (shown and console.is_terminal)) as progress:

        def bar(description: str) -> Advance:
            task = None

            def advance(done: int, total: int) -> None:
                nonlocal task
                if task is None:
                    task = progress.add_task(description, total=total)
                progress.update(task, completed=done, total=total)

            return advance

        yield bar
