"""``sanad eval`` and ``sanad benchmark``.

Standard output has the figures alone; progress, failing cases and errors go to standard error.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NoReturn, get_args

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from evals import benchmark as benchmarking
from evals import gate, report, runner, squad
from evals.suite import InputError, Suite, load
from retrieval.errors import SanadError
from retrieval.models import Mode

DEFAULT_SUITE = Path(__file__).parent / "suites" / "muscat.yaml"
FAILED, MALFORMED = 1, 2

_FILE = click.Path(path_type=Path, dir_okay=False)


def _minimums(_context: click.Context, _parameter: click.Parameter, values: Sequence[str]) -> dict[str, float]:
    """``METRIC=VALUE`` options as a mapping; the last of one metric holds."""
    minimums = {}
    for value in values:
        name, equals, number = value.partition("=")
        if not equals:
            raise click.BadParameter(f"{value!r} is not METRIC=VALUE")
        try:
            minimums[name.strip()] = gate.minimum(name.strip(), number)
        except ValueError as error:
            raise click.BadParameter(str(error)) from error
    return minimums


@click.command(name="eval")
@click.option("--suite", "files", type=_FILE, multiple=True, help="A suite; default: the one that is shipped.")
@click.option("--url", help="Ask this running server, about the articles it has. Nothing is ingested.")
@click.option("--mode", type=click.Choice(get_args(Mode)), help="How to answer; default: as the target is set.")
@click.option("--json", "json_file", type=_FILE, help="Write metrics, cases and run as JSON.")
@click.option("--html", "html_file", type=_FILE, help="Write a report page.")
@click.option("--min", "minimums", multiple=True, callback=_minimums, metavar="METRIC=VALUE", help="Exit 1 below it.")
@click.option("--thresholds", type=_FILE, help="YAML of METRIC: VALUE, as many --min; --min overrides.")
def evaluate(
    files: tuple[Path, ...],
    url: str | None,
    mode: Mode | None,
    json_file: Path | None,
    html_file: Path | None,
    minimums: dict[str, float],
    thresholds: Path | None,
) -> None:
    """Ask the questions of suites, judge the answers, print one line a metric.

    قيّم الأجوبة على مجموعات أسئلة، سطر لكل مقياس.

    Exit status: 0; 1 when a minimum is not met or a question could not be asked; 2 when a suite is malformed.
    """
    with _reported():
        if thresholds is not None:
            minimums = gate.read_thresholds(thresholds) | minimums
        suites = _load_all(files or (DEFAULT_SUITE,), needs_corpus=url is None)
        total = sum(len(suite.cases) for _, suite in suites)
        with _progress() as bar:
            task = bar.add_task("التقييم · evaluating", total=total)
            run = runner.evaluate(suites, url=url, mode=mode, on_case=lambda case: bar.advance(task))

    _write(json_file, json.dumps(run.model_dump(mode="json"), ensure_ascii=False, indent=2) + "\n")
    if html_file is not None:
        _write(html_file, report.html(run, minimums))
    for line in report.failures(run):
        click.echo(line, err=True)
    for line in report.lines(run):
        click.echo(line)

    problems = gate.misses(run.metrics, minimums)
    problems += [f"{case.suite}/{case.id} could not be asked: {case.error}" for case in run.cases if case.error]
    if problems:
        _stop(problems, FAILED)


@click.command()
@click.argument("file", type=_FILE)
@click.option("--questions", type=_FILE, help="Ask this file's questions, joined by id, e.g. in another language.")
@click.option("--foreign", type=_FILE, help="Also ask this file's questions, none of which FILE answers.")
@click.option("--limit", type=click.IntRange(min=1), help="Ask at most so many questions, evenly spaced.")
@click.option("--baseline", is_flag=True, help="Also rank the best paragraph's sentences by plain cosine.")
@click.option("--json", "json_file", type=_FILE, help="Write the figures as JSON here too.")
def benchmark(
    file: Path,
    questions: Path | None,
    foreign: Path | None,
    limit: int | None,
    baseline: bool,
    json_file: Path | None,
) -> None:
    """Measure on SQuAD v1 JSON: figures as JSON on standard output, as a table on standard error.

    قِس الاسترجاع والأجوبة على بيانات SQuAD.

    Exit status: 0; 1 when ingest or a question fails; 2 when a file is malformed.
    """
    with _reported():
        dataset = squad.load(file, questions=questions)
        strangers = list(squad.load_questions(foreign).values()) if foreign else []
        bar = _progress()
        task = bar.add_task("الأسئلة · asking")
        with ExitStack() as shown:

            def start(total: int) -> None:
                # Only one bar can be drawn at a time, so this one starts once that of ingest has ended.
                bar.update(task, total=total)
                shown.enter_context(bar)

            figures = benchmarking.run(
                dataset,
                foreign=strangers,
                limit=limit,
                baseline=baseline,
                on_start=start,
                on_question=lambda: bar.advance(task),
                progress=True,
            )
    text = json.dumps(figures, ensure_ascii=False, indent=2)
    _write(json_file, text + "\n")
    Console(stderr=True).print(_table(figures))
    click.echo(text)


def _load_all(files: Sequence[Path], *, needs_corpus: bool) -> list[tuple[Path, Suite]]:
    """Every suite, or the problems of all of them at once."""
    suites: list[tuple[Path, Suite]] = []
    problems: list[InputError] = []
    for file in files:
        try:
            suite = load(file, needs_corpus=needs_corpus)
        except InputError as error:
            problems.append(error)
            continue
        if any(suite.suite == other.suite for _, other in suites):
            problems.append(InputError(file, "suite", f"another suite is also named {suite.suite}"))
        suites.append((file, suite))
    if problems:
        raise InputError.gathered(problems)
    return suites


def _progress() -> Progress:
    console = Console(stderr=True)
    return Progress(console=console, transient=True, disable=not console.is_terminal)


@contextmanager
def _reported() -> Iterator[None]:
    """Expected failures as lines on standard error and an exit status."""
    try:
        yield
    except InputError as error:
        _stop(error.problems, MALFORMED)
    except SanadError as error:
        _stop([str(error)], FAILED)


def _stop(problems: Sequence[str], status: int) -> NoReturn:
    for problem in problems:
        click.echo(problem, err=True)
    sys.exit(status)


def _write(file: Path | None, text: str) -> None:
    if file is None:
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        _stop([f"cannot write {file}: {error.strerror}"], FAILED)


def _table(figures: dict[str, Any]) -> Table:
    """The figures as two columns, nested names joined by spaces; what the run was is left to the JSON."""
    table = Table("", "", show_header=False)
    for name, value in figures.items():
        if name == "run":
            continue
        rows = value.items() if isinstance(value, dict) else [("", value)]
        for inner, number in rows:
            label = f"{name} {inner}".strip()
            table.add_row(label, f"{number:.1f}" if "timings" in label else f"{number:.4f}")
    return table
