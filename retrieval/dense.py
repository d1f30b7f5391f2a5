"""The dense index: passage vectors in Chroma through LlamaIndex's vector store.

Vectors live in numbered *slots*. A replaced article's new passages are written to free slots, become visible with
the catalog's commit, and its old slots are reused by later writes: every write is an upsert and the HNSW graph
stays bounded, while a reader never sees half an article. What a hit means is looked up in the catalog by slot.
"""

from __future__ import annotations

import json
import logging
import math
import os
import shutil
import sqlite3
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

import chromadb
import httpx
import numpy as np
from chromadb.config import Settings as ChromaSettings
from chromadb.errors import ChromaError, NotFoundError
from filelock import FileLock
from llama_index.core.schema import BaseNode, TextNode
from llama_index.core.vector_stores import FilterOperator, MetadataFilter, MetadataFilters, VectorStoreQuery
from llama_index.vector_stores.chroma import ChromaVectorStore

from retrieval.catalog import StoredPassage
from retrieval.errors import IndexUnavailable
from retrieval.settings import without_password

log = logging.getLogger(__name__)
COLLECTION = "sanad"
STATE_FILE = "sanad.json"
LISTED = 100  # collections of a server asked for at a time
BATCH = 1000  # vectors sent to Chroma in one call
SMALL = 5000  # passages up to which every one is compared whenever an index is opened
PROBES = 32  # live vectors that must find themselves when an index is opened
# Chroma counts who uses a folder in this process, but not safely: opened while the last one closes it, KeyError.
_FOLDERS = threading.Lock()


class Vectors(Protocol):
    """What a dense index is made from: the catalog, or embeddings that are to take the place of its own."""

    @property
    def identity(self) -> str:
        """The catalog's."""

    @property
    def generation(self) -> int:
        """The catalog's."""

    def passage_count(self) -> int:
        """Number of live passages."""

    def passages(self) -> Iterator[StoredPassage]:
        """Live passages by slot."""


class SlotVectorStore(ChromaVectorStore):
    """LlamaIndex's Chroma store with ``add`` as an upsert: Chroma's own keeps a reused slot's old vector, silently."""

    def add(self, nodes: list[BaseNode], **_: Any) -> list[str]:
        """Write nodes whose ids are slots; returns the ids."""
        ids = [node.node_id for node in nodes]
        self._collection.upsert(
            ids=ids,
            embeddings=[node.get_embedding() for node in nodes],
            metadatas=[node.metadata for node in nodes],
        )
        return ids


class DenseIndex:
    """Nearest passages by cosine. ``folder`` is Chroma's, or keeps only the state file when ``url`` is set.

    ``collection`` is what the vectors are kept under: a server may hold those of many catalogs. May be searched by
    many threads. Whoever writes, in whichever process, holds ``lock`` meanwhile: one of files
    beside the folder, unless a Chroma server is used from several machines and they share another.

    Raises:
        IndexUnavailable: by any method, when ``url`` is set and no Chroma server answers there.
    """

    def __init__(
        self,
        folder: Path,
        *,
        url: str | None = None,
        collection: str = COLLECTION,
        lock: AbstractContextManager[Any] | None = None,
    ) -> None:
        self.folder = folder
        self._url = url
        self._shown = without_password(url) if url else None
        self._name = collection
        # In Chroma's folder, so that an old copy of the folder put back has the old state with it.
        self._state_file = folder / STATE_FILE
        self.lock = lock or FileLock(str(folder) + ".lock")
        self._in_use = threading.RLock()
        self._client: Any = None
        self._store: SlotVectorStore | None = None

    # -- life -----------------------------------------------------------------------------------------------

    def open(self, catalog: Vectors, progress: Callable[[int, int], None] | None = None) -> bool:
        """Connect; check the index against the catalog and rebuild it when it cannot be trusted.

        Returns:
            Whether it was rebuilt.
        """
        if not self._fault(catalog):
            return False
        # What looks like damage may be a writer at work, whose files must not be pulled from under it.
        with self.lock:
            fault = self._fault(catalog)
            if fault:
                log.warning("dense index: %s; rebuilding it from the catalog", fault)
                self.rebuild(catalog, progress)
        return bool(fault)

    def reopen(self) -> None:
        """Connect afresh, so that what another process wrote is seen (a Chroma client keeps its own view)."""
        with self._in_use:
            self.close()
            self._connect()

    def close(self) -> None:
        """Disconnect, once no thread is searching."""
        with self._in_use:
            if self._client is not None:
                with _FOLDERS:
                    self._client.close()
            self._client = self._store = None

    def count(self) -> int:
        """Number of slots that hold a vector, those of retired passages among them."""
        with self._in_use, self._reaching():
            return int(self.collection.count())

    def check(self, catalog: Vectors) -> None:
        """See whether as many vectors can be reached as there are live passages.

        Raises:
            IndexUnavailable: when they cannot.
        """
        if self.count() < catalog.passage_count():
            raise IndexUnavailable(url=self._shown or self.folder, reason="vectors are missing")

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        """Failures to talk to a Chroma server, as one error that says what to do."""
        try:
            yield
        # Chroma's client raises ValueError when it finds no server, or another one, at the address.
        except (httpx.HTTPError, ChromaError, ValueError) as error:
            if self._url is None:
                raise
            reason = str(error).strip().partition("\n")[0] or type(error).__name__
            raise IndexUnavailable(url=self._shown, reason=reason) from error

    def _connect(self) -> None:
        with self._reaching():
            self._open_collection()

    def _open_collection(self) -> None:
        options = ChromaSettings(anonymized_telemetry=False)
        if self._url:
            address = urlsplit(self._url)
            login = f"{unquote(address.username or '')}:{unquote(address.password or '')}".encode()
            self._client = chromadb.HttpClient(
                host=address.hostname or "127.0.0.1",
                port=address.port or (443 if address.scheme == "https" else 8000),
                ssl=address.scheme == "https",
                # Chroma has no passwords of its own; a proxy before it may.
                headers={"Authorization": f"Basic {b64encode(login).decode()}"} if address.username else None,
                settings=options,
            )
        else:
            with _FOLDERS:
                self._client = chromadb.PersistentClient(str(self.folder), settings=options)
        collection = self._client.get_or_create_collection(
            self._name, configuration={"hnsw": {"space": "cosine"}}, embedding_function=None
        )
        self._store = SlotVectorStore(chroma_collection=collection)

    @property
    def collection(self) -> Any:
        """Chroma's own collection, for measuring what is around it; connects when that has not been done."""
        if self._store is None:
            self._connect()
        assert self._store is not None
        return self._store.client

    # -- trust ----------------------------------------------------------------------------------------------

    def fault(self, catalog: Vectors) -> str | None:
        """Compare every live passage with the index; what is wrong, or ``None``."""
        with self._in_use, self._reaching():
            return (
                self._another_catalogs(catalog)
                or self._damaged_files()
                or self._foreign_vectors(catalog, everything=True)
            )

    def _fault(self, catalog: Vectors) -> str | None:
        try:
            damage = self._another_catalogs(catalog) or self._damaged_files()
            if damage:
                return damage
            self.reopen()
            fresh = self._state().get("generation") == catalog.generation
            with self._reaching():
                fault = self._foreign_vectors(catalog, everything=not fresh or catalog.passage_count() <= SMALL)
            if fault is None and not fresh:
                self.record(catalog)
            return fault
        # Chroma's Rust core raises its panics past Exception; an interrupt must still get through.
        except BaseException as error:
            if isinstance(error, (KeyboardInterrupt, SystemExit)) or self._url:
                raise
            return f"it cannot be opened ({type(error).__name__})"

    def _another_catalogs(self, catalog: Vectors) -> str | None:
        named = self._state().get("identity", catalog.identity)
        return None if named == catalog.identity else "made from another catalog"

    def _damaged_files(self) -> str | None:
        if self._url:
            return None
        database = self.folder / "chroma.sqlite3"
        if not database.exists():
            return "missing" if self._state() else None
        try:
            with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as connection:
                answer = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if answer != "ok":
                return "its database is damaged"
        except sqlite3.DatabaseError:
            return "its database is damaged"
        # Chroma rewrites parts of these files whenever it opens them, so their contents say nothing; what they hold is
        # probed instead.
        for name, size in dict(self._state().get("segments") or {}).items():
            path = self.folder / name
            if not path.exists() or path.stat().st_size < size:
                return f"{name} is missing or truncated"
        return None

    def _foreign_vectors(self, catalog: Vectors, *, everything: bool) -> str | None:
        """Check that the collection holds the catalog's live passages, each in its slot and findable."""
        count = catalog.passage_count()
        if self.collection.count() < count:
            return "vectors are missing"
        sample: list[StoredPassage] = []
        for batch in _batches(catalog.passages()):
            if everything:
                found = self.collection.get(ids=[str(p.slot) for p in batch], include=["metadatas"])
                held = dict(zip(found["ids"], found["metadatas"], strict=True))
                if any((held.get(str(p.slot)) or {}).get("passage_id") != p.passage.id for p in batch):
                    return "vectors belong to other passages"
            sample.extend(batch[:: max(1, count // PROBES)])
        for passage in sample:
            found = self.collection.get(ids=[str(passage.slot)], include=["embeddings"])["embeddings"]
            if len(found) == 0 or float(np.dot(found[0], _unit(passage.vector))) < 0.999:
                return "vectors differ from the catalog's"
            nearest = self.collection.query(
                query_embeddings=[_unit(passage.vector)], n_results=1, include=["distances"]
            )
            if not nearest["distances"][0] or nearest["distances"][0][0] > 1e-3:
                return "vectors cannot be found"
        return None

    def _state(self) -> dict[str, Any]:
        try:
            return dict(json.loads(self._state_file.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return {}

    def record(self, catalog: Vectors) -> None:
        """Note that the index holds all that the catalog's generation makes visible, and what its files look like.

        Chroma is closed first: it writes the last of its graph then.
        """
        self.close()
        segments = {}
        if not self._url:
            paths = sorted(p for p in self.folder.glob("*/*") if p.is_file())
            segments = {str(p.relative_to(self.folder)): p.stat().st_size for p in paths}
        state = {"identity": catalog.identity, "generation": catalog.generation, "segments": segments}
        self.folder.mkdir(parents=True, exist_ok=True)
        temporary = self._state_file.with_suffix(".tmp")
        temporary.write_text(json.dumps(state), "utf-8")
        os.replace(temporary, self._state_file)

    # -- writing --------------------------------------------------------------------------------------------

    def rebuild(self, catalog: Vectors, progress: Callable[[int, int], None] | None = None) -> None:
        """Make the index anew from the catalog's vectors; nothing is encoded.

        On a server the vectors are written over those that are there, since others may be searching them; only when
        that does not help is the collection dropped first.
        """
        self._state_file.unlink(missing_ok=True)
        self.close()
        # With nothing live to write, what is there may be vectors of another length: those have to go.
        if self._url and catalog.passage_count() and self._overwritten(catalog, progress):
            self.record(catalog)
            return
        self._drop()
        self._connect()
        self._fill(catalog, progress)
        self.record(catalog)

    def _overwritten(self, catalog: Vectors, progress: Callable[[int, int], None] | None) -> bool:
        """Whether writing every live vector again has made a server's collection sound."""
        self._connect()
        try:
            self._fill(catalog, progress)
            with self._reaching():
                return self._foreign_vectors(catalog, everything=True) is None
        # Vectors of another length are refused. A server that is away fails again, and says so, when dropping.
        except IndexUnavailable:
            return False

    def _drop(self) -> None:
        if self._url:
            self._connect()
            with self._reaching():
                self._client.delete_collection(self._name)
        self.close()
        if not self._url:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _fill(self, catalog: Vectors, progress: Callable[[int, int], None] | None) -> None:
        done, total = 0, catalog.passage_count()
        for batch in _batches(catalog.passages()):
            self.write(
                [p.passage.id for p in batch],
                [p.passage.article_id for p in batch],
                [p.slot for p in batch],
                np.stack([p.vector for p in batch]),
            )
            done += len(batch)
            if progress:
                progress(done, total)

    def drop_others(self, prefix: str) -> None:
        """Delete a server's other collections whose names begin with ``prefix``."""
        self._connect()
        with self._reaching():
            found: list[str] = []
            while page := self._client.list_collections(limit=LISTED, offset=len(found)):
                found += [collection.name for collection in page]
            for name in found:
                if name.startswith(prefix) and name != self._name:
                    self._client.delete_collection(name)

    def write(
        self,
        passage_ids: Sequence[str],
        article_ids: Sequence[str],
        slots: Sequence[int],
        vectors: np.ndarray,
    ) -> None:
        """Put (n, dimension) float16 vectors into slots."""
        nodes = [
            TextNode(
                id_=str(slot),
                metadata={"passage_id": passage_id, "article_id": article_id},
                embedding=_unit(vector).tolist(),
            )
            for passage_id, article_id, slot, vector in zip(passage_ids, article_ids, slots, vectors, strict=True)
        ]
        if self._store is None:
            self._connect()
        assert self._store is not None
        with self._reaching():
            for start in range(0, len(nodes), BATCH):
                self._store.add(nodes[start : start + BATCH])

    # -- reading --------------------------------------------------------------------------------------------

    def search(self, vector: np.ndarray, limit: int, article_ids: Sequence[str] | None = None) -> dict[int, float]:
        """Slots nearest to a (dimension,) unit vector with their cosines, best first.

        Slots may be retired ones; the caller keeps those that the catalog knows.
        """
        if article_ids is not None and not article_ids:
            return {}
        with self._in_use:
            try:
                return self._nearest(vector, limit, article_ids)
            except NotFoundError:  # another process has rebuilt the collection
                self.reopen()
                with self._reaching():
                    return self._nearest(vector, limit, article_ids)
            except (httpx.HTTPError, ChromaError):
                with self._reaching():
                    raise

    def _nearest(self, vector: np.ndarray, limit: int, article_ids: Sequence[str] | None) -> dict[int, float]:
        count = self.collection.count()
        if count == 0:
            return {}
        filters = None
        if article_ids is not None:
            filters = MetadataFilters(
                filters=[MetadataFilter(key="article_id", value=list(article_ids), operator=FilterOperator.IN)]
            )
        assert self._store is not None
        result = self._store.query(
            VectorStoreQuery(query_embedding=vector.tolist(), similarity_top_k=min(limit, count), filters=filters)
        )
        # LlamaIndex reports exp(-distance), and Chroma's cosine distance is 1 - cosine.
        similarities = result.similarities or []
        return {int(i): 1.0 + math.log(s) for i, s in zip(result.ids or [], similarities, strict=True)}


def _unit(vector: np.ndarray) -> np.ndarray:
    wide = vector.astype(np.float32)
    return wide / max(float(np.linalg.norm(wide)), 1e-12)


def _batches(passages: Any) -> Any:
    batch: list[StoredPassage] = []
    for passage in passages:
        batch.append(passage)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
