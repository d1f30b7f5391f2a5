"""``sanad ingest``, ``articles``, ``delete`` and ``doctor``.

Expected failures are raised as they are; the ``sanad`` group words them. What is heavy is imported when a command
runs, so that help is quick.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ingest.doctor import Check, Diagnosis
    from ingest.pipeline import Report
    from retrieval.catalog import Catalog
    from retrieval.errors import SanadError
    from retrieval.settings import Settings

index_option = click.option(
    "--index",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the index; default: SANAD_INDEX, else .sanad.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
# A terminal obeys control characters, and an article or a file's name may hold any.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@index_option
@click.option("--prune", is_flag=True, help="Delete articles that came from under these paths and are gone.")
@click.option("--ray", is_flag=True, help="Prepare articles on a Ray cluster (SANAD_RAY_ADDRESS, else one made here).")
def ingest(paths: tuple[Path, ...], index: Path | None, prune: bool, ray: bool) -> None:
    """Bring the index up to date with files and folders (.md .txt .html .pdf .docx).

    أدخل ملفات ومجلدات في الفهرس.

    Exit status: 0; 1 when something could not be read. Everything else is ingested nevertheless.
    """
    settings = settings_for(index)
    from ingest.cluster import Cluster
    from ingest.pipeline import ingest as ingest_files

    with Cluster.joined(settings) if ray else nullcontext() as cluster:
        report = ingest_files(paths, settings, prune=prune, cluster=cluster, progress=sys.stderr.isatty())
    report_failed(report)
    click.echo(summary(report))
    if report.failed:
        sys.exit(1)


@click.command()
@index_option
@json_option
def articles(index: Path | None, as_json: bool) -> None:
    """List articles: id, date, source and title, separated by tabs.

    اعرض المقالات.
    """
    with catalog_of(settings_for(index)) as catalog:
        found = catalog.articles(limit=catalog.article_count())
    if as_json:
        _print_json({"articles": [article.model_dump(mode="json") for article in found]})
        return
    for article in found:
        fields = (article.id, article.published, article.source, article.title)
        click.echo("\t".join(one_line(str(field or "–")) for field in fields))


@click.command()
@click.argument("article_ids", nargs=-1, required=True, metavar="ARTICLE_ID...")
@index_option
def delete(article_ids: tuple[str, ...], index: Path | None) -> None:
    """Delete articles; when one is unknown, none is deleted.

    احذف مقالات.
    """
    settings = settings_for(index)
    # Before the pipeline is loaded, which takes seconds and would make an index where there is none.
    with catalog_of(settings):
        pass
    from ingest.pipeline import delete_articles

    click.echo(summary(delete_articles(article_ids, settings)))


@click.command()
@index_option
@json_option
def doctor(index: Path | None, as_json: bool) -> None:
    """Show settings and versions, and check that catalog, indexes and model agree. Changes nothing.

    افحص الإعدادات والفهرس.

    Exit status: 0; 1 when something is wrong.
    """
    settings = settings_for(index)
    from ingest.doctor import examine

    diagnosis = examine(settings)
    if as_json:
        _print_json(diagnosis.model_dump(mode="json"))
    else:
        click.echo("\n".join(_diagnosis_lines(diagnosis)))
    if not diagnosis.healthy:
        sys.exit(1)


@click.command()
@click.argument("destination", type=click.Path(path_type=Path))
@index_option
def backup(destination: Path, index: Path | None) -> None:
    """Copy articles, conversations and keys into a new folder, also while serving. Indexes are rebuilt from it.

    انسخ كل المخزون احتياطيًا.
    """
    from retrieval.backup import backup as copy

    click.echo(_backed_up(copy(settings_for(index), destination).rows))


@click.command()
@click.argument("source", type=click.Path(path_type=Path))
@index_option
@click.option("--overwrite", is_flag=True, help="Also over articles and conversations, which are then gone.")
def restore(source: Path, index: Path | None, overwrite: bool) -> None:
    """Put a backup in place of an index, in SQLite or PostgreSQL. Stop the server first.

    استعد نسخة احتياطية.
    """
    from retrieval.backup import restore as put_back

    click.echo(_backed_up(put_back(settings_for(index), source, overwrite=overwrite).rows))


@click.command()
@index_option
@click.option("--model", metavar="NAME", help="The new model; default: SANAD_EMBEDDING_MODEL.")
def reembed(index: Path | None, model: str | None) -> None:
    """Bring the index over to another embedding model, also while serving; run again, it goes on where it was.

    A server that is running goes over by itself. Set SANAD_EMBEDDING_MODEL to the new model before its next start.

    انقل الفهرس إلى نموذج تضمين آخر.
    """
    settings = settings_for(index, embedding_model=model)
    # An index that is not there is told at once, and not made.
    with catalog_of(settings):
        pass
    from ingest.reembedding import reembed as go_over

    outcome = go_over(settings, progress=sys.stderr.isatty())
    embedded = f"articles embedded مقالات ضُمّنت {outcome.embedded}"
    click.echo(one_line(f"{outcome.before or '–'} → {outcome.after} · {embedded}"))


def _backed_up(rows: dict[str, int]) -> str:
    return f"article versions نسخ المقالات {rows['article_version']} · conversations المحادثات {rows['conversation']}"


def settings_for(index: Path | None, **overrides: Any) -> Settings:
    """The environment's settings, but for the options that were given.

    Raises:
        pydantic.ValidationError: listing every setting that does not fit.
    """
    from retrieval.settings import Settings

    given = {"index": index, **overrides}
    return Settings(**{name: value for name, value in given.items() if value is not None})


@contextmanager
def catalog_of(settings: Settings) -> Iterator[Catalog]:
    """The catalog of an index that has articles; a missing one is not made.

    Raises:
        EmptyIndex: when there are no articles.
    """
    from retrieval.catalog import Catalog
    from retrieval.database import CATALOG_FILE
    from retrieval.errors import EmptyIndex

    if settings.database_url is None and not (settings.index / CATALOG_FILE).exists():
        raise EmptyIndex(index=settings.index)
    with closing(Catalog.of(settings)) as catalog:
        if not catalog.article_count():
            raise EmptyIndex(index=settings.index)
        yield catalog


def worded(error: SanadError) -> str:
    """An error as one line: English, then Arabic."""
    return one_line(f"{error.message('en')} · {error.message('ar')}")


def one_line(text: str) -> str:
    """A text for one line of a terminal."""
    return printable(" ".join(text.split()))


def printable(text: str) -> str:
    """A text for a terminal: control characters, but for line ends and tabs, are shown as �."""
    return _CONTROL.sub("\ufffd", text)


def report_failed(report: Report) -> None:
    """The files that could not be read, a line each on standard error."""
    for error in report.failed:
        click.echo(worded(error), err=True)


def summary(report: Report) -> str:
    """What an ingest did, in one line."""
    counts = [len(report.added), len(report.replaced), len(report.unchanged), len(report.deleted)]
    return " · ".join(
        f"{name} {count}"
        for name, count in zip(
            ("added أُضيف", "replaced استُبدل", "unchanged لم يتغير", "deleted حُذف"), counts, strict=True
        )
    )


def _print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _diagnosis_lines(diagnosis: Diagnosis) -> Iterator[str]:
    settings = {f"SANAD_{name.upper()}": value for name, value in diagnosis.settings.items()}
    stored = diagnosis.model_dump(include={"model", "generation", "articles", "passages"})
    for title, values in (
        ("Settings · الإعدادات", settings),
        ("Versions · الإصدارات", diagnosis.versions),
        ("Index · الفهرس", stored),
    ):
        yield title
        for name, value in values.items():
            yield "  " + one_line(f"{name}: {'–' if value is None else value}")
    yield "Checks · الفحص"
    yield from map(_check_line, diagnosis.checks)


def _check_line(check: Check) -> str:
    if check.fault is None:
        return f"  ✓ {check.part}: sound · سليم"
    english = "; ".join(filter(None, (check.fault, check.remedy)))
    arabic = "؛ ".join(filter(None, (check.fault_ar, check.remedy_ar)))
    return "  " + one_line(f"✗ {check.part}: {english} · {arabic}")
