"""``sanad eval`` and ``sanad benchmark``.

Standard output has the figures alone; progress, failing cases and errors go to standard error.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NoReturn, get_args

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from evals import benchmark as benchmarking
from evals import compare, gate, github, judge, loading, report, runner, scale_results
from evals import draft as drafting
from evals import junit as junit_xml
from evals.lint import lint
from evals.suite import InputError, Suite, load
from retrieval.errors import SanadError
from retrieval.models import Mode
from retrieval.settings import Settings

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
@click.option("--repeat", type=click.IntRange(min=1), default=1, help="Ask every case so often, to find flaky ones.")
@click.option("--json", "json_file", type=_FILE, help="Write metrics, cases and run as JSON.")
@click.option("--html", "html_file", type=_FILE, help="Write a report page.")
@click.option("--previous", type=_FILE, help="JSON of an earlier run, which the report page shows the differences to.")
@click.option("--scale", type=_FILE, help="JSON of measurements by corpus size, which the report page draws.")
@click.option("--junit", "junit_file", type=_FILE, help="Write cases and bounds as JUnit XML.")
@click.option(
    "--annotations/--no-annotations",
    "annotated",
    default=lambda: os.environ.get("GITHUB_ACTIONS") == "true",
    help="Failures as workflow commands on standard error; default: where GITHUB_ACTIONS=true.",
)
@click.option("--min", "minimums", multiple=True, callback=_minimums, metavar="METRIC=VALUE", help="Exit 1 below it.")
@click.option("--thresholds", type=_FILE, help="YAML of METRIC: VALUE, as many --min; --min overrides.")
@click.option(
    "--compare",
    "compared",
    type=_FILE,
    nargs=2,
    metavar="BEFORE AFTER",
    help="Ask nothing: compare two runs written by --json. Exit 1 where AFTER is significantly worse.",
)
@click.option("--judge", "judged", is_flag=True, help="Also have an LLM judge the answers, at SANAD_LLM_BASE_URL.")
@click.option(
    "--draft",
    "drafted",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Ask nothing: propose a suite about the articles of a file or folder, for you to review.",
)
@click.option(
    "--lint",
    "linted",
    is_flag=True,
    help="Ask nothing: check suites against their corpus. Exit 2 where gold is not in it, or what must be absent is.",
)
@click.option("--out", "out_file", type=_FILE, help="Write the drafted suite here; default: standard output.")
@click.pass_context
def evaluate(
    context: click.Context,
    files: tuple[Path, ...],
    url: str | None,
    mode: Mode | None,
    repeat: int,
    json_file: Path | None,
    html_file: Path | None,
    previous: Path | None,
    scale: Path | None,
    junit_file: Path | None,
    annotated: bool,
    minimums: dict[str, float],
    thresholds: Path | None,
    compared: tuple[Path, Path] | None,
    judged: bool,
    drafted: Path | None,
    linted: bool,
    out_file: Path | None,
) -> None:
    """Ask the questions of suites, judge the answers, print one line a metric.

    قيّم الأجوبة على مجموعات أسئلة، سطر لكل مقياس.

    Exit status: 0; 1 when a bound is not met, a question could not be asked or the compared run is significantly
    worse; 2 when a suite or another file is malformed.
    """
    if (previous or scale) and html_file is None:
        raise click.UsageError("--previous and --scale are for the report page: give --html too.")
    if out_file and drafted is None:
        raise click.UsageError("--out is for a drafted suite: give --draft too.")
    for file in (json_file, html_file, junit_file, out_file):
        # Found out before anything is asked, and not after an hour of it.
        if file is not None and not file.parent.is_dir():
            _stop([f"cannot write {file}: there is no folder {file.parent}"], FAILED)
    if drafted is not None:
        _only_with(context, "--draft", {"drafted", "out_file"})
        _draft(drafted, out_file)
        return
    if linted:
        _only_with(context, "--lint", {"linted", "files"})
        _lint(files or (DEFAULT_SUITE,))
        return
    if compared:
        _only_with(context, "--compare", {"compared", "json_file", "html_file", "scale"})
        _compare(*compared, json_file=json_file, html_file=html_file, scale=scale)
        return
    with _reported():
        bounds = (gate.read_thresholds(thresholds) if thresholds else {}) | minimums
        before = compare.read_run(previous) if previous else None
        measured = scale_results.read(scale) if scale else None
        suites = _load_all(files or (DEFAULT_SUITE,), needs_corpus=url is None)
        if judged:
            judge.endpoint(Settings())
        total = repeat * sum(len(suite.cases) for _, suite in suites)
        with _progress() as bar:
            task = bar.add_task("التقييم · evaluating", total=total)
            run = runner.evaluate(suites, url=url, mode=mode, repeat=repeat, on_case=lambda case: bar.advance(task))

    if judged:
        run = run.model_copy(update={"run": run.run | {"judge": judge.judge_run(run.cases, Settings()).model_dump()}})
    by_name = {suite.suite: file for file, suite in suites}
    _write(json_file, _json(run.model_dump(mode="json")))
    if html_file is not None:
        _write(html_file, report.html(run, bounds, previous=before, scale=measured))
    if junit_file is not None:
        _write(junit_file, junit_xml.junit(run, bounds, by_name))
    if annotated:
        for line in github.workflow_commands(run, by_name, bounds, thresholds):
            click.echo(line, err=True)
    for line in [*report.failures(run), *report.flaky(run)]:
        click.echo(line, err=True)
    for line in report.lines(run):
        click.echo(line)
    if judged:
        for line in judge.lines(judge.Judgement.model_validate(run.run["judge"])):
            click.echo(line)

    problems = gate.misses(run.metrics, bounds)
    problems += [f"{case.suite}/{case.id} could not be asked: {case.error}" for case in run.cases if case.error]
    if problems:
        _stop(problems, FAILED)


def _only_with(context: click.Context, option: str, fitting: AbstractSet[str]) -> None:
    """Refuse other options than the ``fitting`` ones beside ``option``, which asks nothing.

    Raises:
        click.UsageError: naming them.
    """
    given = [
        parameter.opts[0]
        for parameter in context.command.params
        if parameter.name not in fitting
        and parameter.name is not None
        and context.get_parameter_source(parameter.name) is click.core.ParameterSource.COMMANDLINE
    ]
    if given:
        raise click.UsageError(f"{option} asks nothing, so it does not go with {', '.join(given)}.")


def _draft(corpus: Path, out: Path | None) -> None:
    with _reported():
        model = drafting.language_model(Settings())
        cases = drafting.draft([corpus], complete=model, note=lambda text: click.echo(text, err=True))
    beside = out.parent if out else Path()
    text = drafting.as_yaml(cases, name=f"draft-{corpus.resolve().stem}", corpus=[corpus], beside=beside)
    if out is None:
        click.echo(text, nl=False)
    else:
        _write(out, text)
        click.echo(f"{len(cases)} cases, to be reviewed: {out}", err=True)


def _lint(files: Sequence[Path]) -> None:
    with _reported():
        problems: list[InputError] = []
        for file, suite in _load_all(files, needs_corpus=True):
            found = lint(file, suite)
            problems += found.problems
            for warning in found.warnings:
                click.echo(f"warning: {warning}", err=True)
            if not found.problems:
                unanswerable = sum(not case.answerable for case in suite.cases)
                click.echo(f"{file}: {len(suite.cases)} cases, {unanswerable} of them unanswerable")
        if problems:
            raise InputError.gathered(problems)


def _compare(before: Path, after: Path, *, json_file: Path | None, html_file: Path | None, scale: Path | None) -> None:
    with _reported():
        old, new = compare.read_run(before), compare.read_run(after)
        measured = scale_results.read(scale) if scale else None
        comparison = compare.compare(old, new)
        if comparison is None:
            raise InputError(after, "cases", f"no case is also in {before} with the same words")
    _write(json_file, _json(comparison.model_dump(mode="json")))
    if html_file is not None:
        _write(html_file, report.html(new, {}, previous=old, scale=measured))
    for line in report.compared(comparison):
        click.echo(line)
    if worse := comparison.worse():
        _stop([f"{name} is significantly worse" for name in worse], FAILED)


@click.command()
@click.argument("dataset", type=click.Path(path_type=Path))
@click.option("--questions", type=_FILE, help="Ask this file's questions, joined by id, e.g. in another language.")
@click.option("--foreign", type=_FILE, help="Also ask this file's questions, none of which DATASET answers.")
@click.option("--split", help="Which judgements of a folder, where it has several, e.g. test or dev.")
@click.option("--limit", type=click.IntRange(min=1), help="Ask at most so many questions, evenly spaced.")
@click.option("--baseline", is_flag=True, help="Also rank the best paragraph's sentences by plain cosine.")
@click.option("--json", "json_file", type=_FILE, help="Write the figures as JSON here too.")
@click.option("--trec", "trec_folder", type=click.Path(path_type=Path, file_okay=False), help="Write TREC runs here.")
def benchmark(
    dataset: Path,
    questions: Path | None,
    foreign: Path | None,
    split: str | None,
    limit: int | None,
    baseline: bool,
    json_file: Path | None,
    trec_folder: Path | None,
) -> None:
    """Measure on public data: figures as JSON on standard output, as a table on standard error.

    DATASET is a file of SQuAD v1 JSON, or a folder in the layout of BEIR or of MIRACL.

    قِس الاسترجاع والأجوبة على بيانات منشورة بصيغة SQuAD أو BEIR أو MIRACL.

    Exit status: 0; 1 when ingest or a question fails; 2 when a file is malformed.
    """
    with _reported():
        data = loading.load(dataset, split=split, questions=questions)
        strangers = list(loading.load_questions(foreign).values()) if foreign else []
        if baseline and not any(question.answers for question in data.questions):
            raise click.UsageError(f"--baseline needs gold answers, which {dataset} does not have.")
        _make_folder(trec_folder)
        bar = _progress()
        task = bar.add_task("الأسئلة · asking")
        with ExitStack() as shown:

            def start(total: int) -> None:
                # Only one bar can be drawn at a time, so this one starts once that of ingest has ended.
                bar.update(task, total=total)
                shown.enter_context(bar)

            figures = benchmarking.run(
                data,
                foreign=strangers,
                limit=limit,
                baseline=baseline,
                trec_folder=trec_folder,
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


def _json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def _make_folder(folder: Path | None) -> None:
    """Made before anything is asked, so that it is found out then whether it can be."""
    if folder is None:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        _stop([f"cannot write {folder}: {error.strerror}"], FAILED)


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
