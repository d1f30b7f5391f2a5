"""``sanad key``: API keys made, listed and revoked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from ingest.cli import index_option, one_line, settings_for
from retrieval.settings import Scope

if TYPE_CHECKING:
    from server.keys import Key, Keys


@click.group(short_help="Make, list and revoke API keys. · أدر مفاتيح الواجهة.")
def key() -> None:
    """Make, list and revoke API keys.

    أدر مفاتيح الواجهة البرمجية.
    """


@key.command()
@click.argument("name")
@click.argument("scopes", nargs=-1, type=click.Choice(get_args(Scope)))
@index_option
def create(name: str, scopes: tuple[Scope, ...], index: Path | None) -> None:
    """Make a key and print it, once: only its hash is kept. Scopes: read ask ingest admin; default: read ask.

    أنشئ مفتاحًا يُعرض مرة واحدة، ولا يُحفظ إلا ملخصه.
    """
    with _keys(index) as keys:
        made, token = keys.create(name, scopes or ("read", "ask"))
    click.echo(f"{made.id}: keep it, it is not shown again · احفظه، فلن يُعرض ثانية", err=True)
    click.echo(token)


@key.command("list")
@index_option
def list_keys(index: Path | None) -> None:
    """List keys: id, name, scopes, when made, last used and revoked, separated by tabs.

    اعرض المفاتيح.
    """
    with _keys(index) as keys:
        for known in keys.all():
            click.echo("\t".join(map(one_line, _fields(known))))


@key.command()
@click.argument("key_id")
@index_option
def revoke(key_id: str, index: Path | None) -> None:
    """Make a key invalid, from the next request on.

    ألغِ مفتاحًا.
    """
    with _keys(index) as keys:
        keys.revoke(key_id)
    click.echo(f"revoked · أُلغي {one_line(key_id)}")


@contextmanager
def _keys(index: Path | None) -> Iterator[Keys]:
    settings = settings_for(index)
    # Here, so that help is quick.
    from retrieval.catalog import Catalog
    from server.keys import Keys

    with closing(Catalog.of(settings)) as catalog:
        yield Keys(catalog.database)


def _fields(known: Key) -> Iterator[str]:
    yield known.id
    yield known.name
    yield ",".join(sorted(known.scopes))
    for moment in (known.created, known.last_used, known.revoked):
        yield f"{moment:%Y-%m-%d %H:%M}" if moment else "–"
