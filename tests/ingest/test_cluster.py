"""Ingest fans out on a real Ray cluster of two workers, and stores what it would have stored without."""

from __future__ import annotations

import runpy
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ingest.cluster import Cluster, ClusterUnavailable
from ingest.pipeline import Report, ingest
from retrieval.catalog import Catalog
from retrieval.settings import Settings

pytestmark = pytest.mark.timeout(600)  # starting a cluster takes a while on a busy machine
ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'sanad[ray]'")
# A worker cannot import a test module, so what it calls is sent whole.
ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])
EMBEDDER = str(Path(__file__).parents[1] / "hashing_embedder.py")
HashingEmbedder: Any = runpy.run_path(EMBEDDER)["HashingEmbedder"]
NUMBER = 150  # more than are committed together


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    for number in range(NUMBER):
        text = f"قال الوزير سالم القاسم إن السد رقم {number} امتلأ. وأضاف أن المياه تكفي {number} يومًا."
        (folder / f"{number:03}.md").write_text(f"---\nid: dam-{number:03}\ntitle: السدود\n---\n{text}\n", "utf-8")
    return folder


def hashing() -> Any:
    """Called by each worker."""
    return runpy.run_path(EMBEDDER)["HashingEmbedder"]()


def broken() -> Any:
    """A model that cannot encode."""

    def fail(*_: Any) -> None:
        raise MemoryError("no room")

    embedder = hashing()
    embedder.passages = fail
    return embedder


def content(index: Path) -> list[Any]:
    """All that an index holds of articles."""
    with closing(Catalog(index)) as catalog:
        passages = [
            (p.passage, p.slot, p.version, p.title, p.vector.tobytes())
            for p in sorted(catalog.passages(), key=lambda p: p.slot)
        ]
        sentences = [
            (s.sentence, s.passage_id, s.vector.tobytes(), s.led_vector.tobytes())
            for article in catalog.articles(limit=NUMBER)
            for s in catalog.sentences(article.id, article.version)
        ]
        return [passages, sentences]


def test_two_workers_store_what_one_process_stores(files: Path, tmp_path: Path) -> None:
    alone, spread = Settings(index=tmp_path / "alone"), Settings(index=tmp_path / "spread")
    embedder = HashingEmbedder()
    ingest([files], alone, embedder=embedder)
    assert embedder.encoded

    here = HashingEmbedder()
    with Cluster.joined(spread, make_embedder=hashing, processors=2) as cluster:
        report = ingest([files], spread, embedder=here, cluster=cluster)
        assert len(report.added) == NUMBER
        assert here.encoded == 0
        again = ingest([files], spread, embedder=here, cluster=cluster)
        assert (again.added, len(again.unchanged)) == ([], NUMBER)
    assert content(spread.index) == content(alone.index)


def test_what_fails_on_a_worker_leaves_the_index_as_it_was(files: Path, tmp_path: Path) -> None:
    settings = Settings(index=tmp_path / "index")

    def run() -> Report:
        with Cluster.joined(settings, make_embedder=broken, processors=2) as cluster:
            return ingest([files], settings, embedder=HashingEmbedder(), cluster=cluster)

    with pytest.raises(Exception, match="no room"):
        run()
    with closing(Catalog(settings.index)) as catalog:
        assert catalog.article_count() == 0
    assert len(ingest([files], settings, embedder=HashingEmbedder()).added) == NUMBER


def test_a_cluster_that_is_not_there_is_told(tmp_path: Path) -> None:
    settings = Settings(index=tmp_path / "index", ray_address="127.0.0.1:1")
    with pytest.raises(ClusterUnavailable) as caught, Cluster.joined(settings):
        pytest.fail("joined a cluster that is not there")
    assert "Ray" in caught.value.message("ar")
