"""The ``sanad`` command, and of its subcommands ``ask`` and ``serve``.

Subcommands are found through the entry points of the group ``sanad.commands``, so that no folder has to import the
ones to its right, and loaded when they are used: torch and chromadb take seconds, which help need not.
"""

from __future__ import annotations

import errno
import logging
import os
import secrets
import sys
import traceback
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from ingest.cli import (
    catalog_of,
    index_option,
    json_option,
    one_line,
    printable,
    report_failed,
    settings_for,
    summary,
    worded,
)

if TYPE_CHECKING:
    from retrieval.embedding import Embedder
    from retrieval.engine import Engine
    from retrieval.settings import Settings

FAILED, MISUSED = 1, 2
SUMMARIES = {
    "articles": "List the articles. · اعرض المقالات.",
    "ask": "Ask a question. · اسأل سؤالًا.",
    "backup": "Copy what is stored. · انسخ المخزون احتياطيًا.",
    "benchmark": "Measure on public data. · قِس على بيانات منشورة.",
    "delete": "Delete articles. · احذف مقالات.",
    "doctor": "Check settings and index. · افحص الإعدادات والفهرس.",
    "eval": "Evaluate answers. · قيّم الأجوبة.",
    "mcp": "Serve tools to assistants. · أتح الأدوات للمساعدات الذكية.",
    "ingest": "Add files and folders. · أدخل ملفات ومجلدات.",
    "reembed": "Change the embedding model. · بدّل نموذج التضمين.",
    "restore": "Put a backup back. · استعد نسخة احتياطية.",
    "key": "Make, list and revoke API keys. · أدر مفاتيح الواجهة.",
    "serve": "Serve the API and the page. · شغّل الخادم والصفحة.",
    "ui": "Serve the page alone. · شغّل الصفحة وحدها.",
}
# Read by libraries when they are imported. A user's own value is left as it is.
QUIET = {
    "ANONYMIZED_TELEMETRY": "False",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "TRANSFORMERS_VERBOSITY": "error",
}


class Commands(click.Group):
    """A group of commands named by entry points, with failures told in a line instead of a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the commands, in alphabetical order."""
        return sorted(_entry_points())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command; ``None`` when there is none of that name."""
        found = _entry_points().get(cmd_name)
        return found.load() if found else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without loading those whose summary is known."""
        rows = []
        for name in self.list_commands(ctx):
            command = None if name in SUMMARIES else self.get_command(ctx, name)
            rows.append((name, command.get_short_help_str() if command else SUMMARIES[name]))
        with formatter.section("Commands · الأوامر"):
            formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        _quieten()
        with _told(ctx.params.get("show_traceback", False)):
            return super().invoke(ctx)


def _entry_points() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group="sanad.commands")}


def _quieten() -> None:
    """Leave standard error to what concerns the user."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    warnings.simplefilter("ignore")
    logging.basicConfig(format="%(message)s", level=logging.ERROR)
    for ours in ("ingest", "retrieval", "server"):
        logging.getLogger(ours).setLevel(logging.WARNING)


@contextmanager
def _told(show_traceback: bool) -> Iterator[None]:
    """Failures as lines on standard error and an exit status."""
    try:
        yield
    except (click.ClickException, click.exceptions.Exit, click.Abort):
        raise
    except Exception as error:
        if getattr(error, "errno", None) == errno.EPIPE:
            raise  # The reader has gone, as `head` does; click ends quietly.
        if show_traceback:
            traceback.print_exc()
        _stop(*_wording(error))


def _wording(error: Exception) -> tuple[list[str], int]:
    """The lines that tell a failure, and the exit status."""
    # Imported by now if such an error was raised; at the top they would slow help down.
    from pydantic import ValidationError

    from retrieval.errors import SanadError

    if isinstance(error, SanadError):
        return [worded(error)], FAILED
    if isinstance(error, ValidationError) and error.title == "Settings":
        return [_setting_problem(problem) for problem in error.errors()], MISUSED
    return [f"Unexpected failure, see sanad --traceback · عطل غير متوقع: {type(error).__name__}: {error}"], FAILED


def _setting_problem(problem: Any) -> str:
    """One of pydantic's error details as a line, without the value where there is none or it may be a secret."""
    from retrieval.settings import without_password

    name = f"SANAD_{problem['loc'][0]}".upper()
    hidden = problem["input"] is None or name.endswith(("_KEY", "_DATABASE_URL"))
    value = "" if hidden else f"={without_password(str(problem['input']))}"
    from server.problems import in_arabic

    return f"{name}{value}: {problem['msg']} · {in_arabic(problem)}"


def _stop(problems: list[str], status: int) -> NoReturn:
    for problem in problems:
        click.echo(one_line(problem), err=True)
    sys.exit(status)


@click.command(cls=Commands, name="sanad")
@click.version_option(package_name="sanad")
@click.option("--traceback", "show_traceback", is_flag=True, help="Show where in the program a failure arose.")
def main(show_traceback: bool) -> None:
    """Cited answers from Arabic news: who said what, in which article, word for word.

    سند: إجابات من نصوص الأخبار، كل جملة مسندة إلى موضعها وقائلها.

    Settings are environment variables that begin with SANAD_; `sanad doctor` shows them.
    """


@click.command()
@click.argument("question")
@index_option
@json_option
@click.option("--mode", type=click.Choice(("extractive", "generative")), help="How to answer; default: SANAD_MODE.")
@click.option("--conversation", metavar="ID", help="Ask as a follow-up in this conversation.")
def ask(question: str, index: Path | None, as_json: bool, mode: Any, conversation: str | None) -> None:
    """Ask a question and print the answer with who says it and what it cites.

    اسأل سؤالًا عمّا في المقالات.

    Exit status: 0, also when the articles do not answer; 1 when the question could not be asked.
    """
    settings = settings_for(index)
    # An index that is not there is told at once, and not made.
    with catalog_of(settings):
        pass
    from server.printed import printed

    with closing(_open(settings)) as engine:
        answer = engine.answer(question, mode=mode, conversation_id=conversation)
    if as_json:
        click.echo(answer.model_dump_json(indent=2))
        return
    click.echo(printable(printed(answer)))
    hint = "للمتابعة" if answer.language == "ar" else "To follow up"
    click.echo(f'{hint}: sanad ask --conversation {answer.conversation_id} "…"', err=True)


@click.command()
@click.option("--host", help="Address to listen on; default: SANAD_HOST, else 127.0.0.1.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port; 0 takes a free one; default: SANAD_PORT, else 8000.")
@click.option("--no-ui", is_flag=True, help="Serve the API without the page.")
@index_option
@click.option(
    "--ingest",
    "paths",
    multiple=True,
    metavar="PATH",
    type=click.Path(path_type=Path),
    help="Ingest this first if the index is empty. May be repeated.",
)
def serve(host: str | None, port: int | None, no_ui: bool, index: Path | None, paths: tuple[Path, ...]) -> None:
    """Serve the API and the chat page until Ctrl-C or SIGTERM.

    شغّل الواجهة البرمجية وصفحة المحادثة.
    """
    settings = settings_for(index, host=host, port=port)
    from server import logs, serving

    logs.configure(settings)
    serving.stop_on_signals()
    if sys.stderr.isatty():  # Whoever sits there waits; a log does not.
        click.echo("starting; the model takes some seconds · يبدأ التشغيل، وتحميل النموذج يستغرق ثواني", err=True)
    with closing(serving.bind(settings.host, settings.port)) as bound:
        from retrieval.embedding import Embedder

        embedder = Embedder.of(settings)
        if paths:
            _ingest_if_empty(paths, settings, embedder)
        with closing(_open(settings, embedder)) as engine:
            _make_ready(engine)
            serving.run(
                _application(settings, engine, None if no_ui else serving.address_of(bound)),
                bound,
                patience=settings.shutdown_timeout,
            )


def _open(settings: Settings, embedder: Embedder | None = None) -> Engine:
    """The engine, with a bar for each index that has to be rebuilt."""
    from ingest.progress import bars
    from retrieval.engine import Engine

    with bars() as bar:
        return Engine(settings, embedder=embedder, progress=lambda name: bar(f"rebuilding · إعادة بناء {name}"))


def _ingest_if_empty(paths: tuple[Path, ...], settings: Settings, embedder: Embedder) -> None:
    from ingest.pipeline import ingest
    from retrieval.catalog import Catalog

    with closing(Catalog.of(settings)) as catalog:
        if catalog.article_count():
            return
    report = ingest(paths, settings, embedder=embedder, progress=sys.stderr.isatty())
    report_failed(report)
    click.echo(summary(report))


def _make_ready(engine: Engine) -> None:
    """Load the model now, so that the first question need not wait for it. An empty index can be filled later."""
    from retrieval.errors import EmptyIndex

    try:
        engine.ready()
        engine.warm()
    except EmptyIndex as error:
        click.echo(worded(error), err=True)


def _application(settings: Settings, engine: Engine, page_api: str | None) -> Any:
    """The API; with the chat page on it, which asks the API at ``page_api``."""
    from server.app import create_app

    if page_api is None:
        return create_app(settings, engine)
    secret = secrets.token_urlsafe(32)
    app = create_app(settings, engine, root_page=False, page_secret=secret)
    # The one place where the server knows the page: `sanad serve` is both in one process.
    from ui.app import mount

    return mount(app, page_api, secret=secret)
