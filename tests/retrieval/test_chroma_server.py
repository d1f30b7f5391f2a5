"""Chroma as a server: what holds over a folder holds over ``chroma run``, and processes see each other's writes."""

from __future__ import annotations

import os
import runpy
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import chromadb
import httpx
import numpy as np
import pytest

from ingest.pipeline import delete_articles, ingest_articles
from retrieval.catalog import Catalog
from retrieval.engine import Engine
from retrieval.errors import IndexUnavailable
from retrieval.models import Article
from retrieval.search import Search
from retrieval.settings import Settings

TESTS = Path(__file__).parents[1]
WRITER = TESTS / "hashing_embedder.py"
HashingEmbedder: Any = runpy.run_path(str(WRITER))["HashingEmbedder"]
# Whatever opens an index through the settings, of which the environment says that Chroma is a server.
SAME_TESTS = (
    "ingest/test_pipeline.py",
    "ingest/test_crash_safety.py",
    "ingest/test_reembedding.py",
    "retrieval/test_search.py",
)


@pytest.fixture
def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def chroma(tmp_path: Path, free_port: int) -> Iterator[tuple[str, Callable[[], None]]]:
    """A Chroma server's address, and how to stop it."""
    program = shutil.which("chroma", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if program is None:
        pytest.skip(f"there is no chroma executable beside {sys.executable} or on the path")
    command = [program, "run", "--path", str(tmp_path / "server"), "--port", str(free_port)]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{free_port}"

    def stop() -> None:
        process.terminate()
        process.wait(20)

    try:
        wait_for(f"{url}/api/v2/heartbeat", process)
        yield url, stop
    finally:
        stop()


def wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(address, trust_env=False).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail("chroma run did not start")


def bridges(number: int) -> list[Article]:
    return [Article(id=f"a{n}", text=f"قال الوزير إن الجسر رقم {n} يفتح في الشهر {n % 12}.") for n in range(number)]


def found(engine: Engine, query: str = "متى يفتح الجسر رقم 7؟") -> list[tuple[str, float]]:
    return [(hit.passage.id, round(hit.score, 3)) for hit in engine.search(query)]


def write(index: Path, folder: Path, url: str) -> subprocess.CompletedProcess[str]:
    """Ingest a folder in another process, over the server."""
    paths = os.pathsep.join([str(TESTS.parent), os.environ.get("PYTHONPATH", "")])
    environment = os.environ | {"SANAD_CHROMA_URL": url, "PYTHONPATH": paths}
    command = [sys.executable, str(WRITER), str(index), str(folder)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=True)


def test_a_server_gives_the_same_results(chroma: tuple[str, Callable[[], None]], tmp_path: Path) -> None:
    url, stop = chroma
    local, embedder = Settings(index=tmp_path / "index"), HashingEmbedder()
    ingest_articles(bridges(60), local, embedder=embedder)
    with closing(Engine(local, embedder=embedder)) as engine:
        expected = found(engine)
    settings, fresh = Settings(index=local.index, chroma_url=url), HashingEmbedder()
    shutil.rmtree(local.index / "chroma")
    with closing(Engine(settings, embedder=fresh)) as engine:
        assert engine.rebuilt == ["chroma"]
        assert found(engine) == expected
        assert fresh.encoded == 0
        stop()
        with pytest.raises(IndexUnavailable):
            engine.search("سؤال آخر")


def test_a_server_that_is_down_is_an_error_that_says_so(tmp_path: Path, free_port: int) -> None:
    ingest_articles(bridges(3), Settings(index=tmp_path / "index"), embedder=HashingEmbedder())
    url = f"http://127.0.0.1:{free_port}"
    with pytest.raises(IndexUnavailable) as caught:
        Engine(Settings(index=tmp_path / "index", chroma_url=url), embedder=HashingEmbedder())
    assert (caught.value.code, caught.value.status) == ("index-unavailable", 503)
    for language in ("ar", "en"):
        assert url in caught.value.message(language)


def test_processes_see_each_others_ingests(chroma: tuple[str, Callable[[], None]], tmp_path: Path) -> None:
    url, _ = chroma
    settings = Settings(index=tmp_path / "index", chroma_url=url)
    ingest_articles(bridges(5), settings, embedder=HashingEmbedder())
    with (
        closing(Engine(settings, embedder=HashingEmbedder())) as one,
        closing(Engine(settings, embedder=HashingEmbedder())) as other,
    ):
        assert "library" not in dict(found(one, "مكتبة الشاطئ"))
        folder = tmp_path / "files"
        folder.mkdir()
        (folder / "library.md").write_text("---\nid: library\n---\nافتتح الأمير مكتبة الشاطئ.\n", "utf-8")
        assert "added 1" in write(settings.index, folder, url).stdout
        for engine in (one, other):
            assert found(engine, "مكتبة الشاطئ")[0][0] == "library@1#0"
        delete_articles(["library"], settings)
        for engine in (one, other):
            assert "library@1#0" not in dict(found(engine, "مكتبة الشاطئ"))
        # Each follows with its own view of the BM25 index, too.
        assert one.generation == other.generation


def test_catalogs_on_one_server_keep_apart(chroma: tuple[str, Callable[[], None]], tmp_path: Path) -> None:
    url, _ = chroma
    settings = [Settings(index=tmp_path / name, chroma_url=url) for name in ("one", "other")]
    ingest_articles(bridges(5), settings[0], embedder=HashingEmbedder())
    ingest_articles([Article(id="wheat", text="ارتفع سعر القمح.")], settings[1], embedder=HashingEmbedder(dimension=48))
    for each, embedder, number in zip(
        settings, (HashingEmbedder(), HashingEmbedder(dimension=48)), (5, 1), strict=True
    ):
        with closing(Engine(each, embedder=embedder)) as engine:
            assert engine.rebuilt == []
            assert len(engine.search("سعر القمح")) == number


def test_what_a_server_has_lost_or_changed_is_written_again(
    chroma: tuple[str, Callable[[], None]], tmp_path: Path
) -> None:
    url, _ = chroma
    settings, embedder = Settings(index=tmp_path / "index", chroma_url=url), HashingEmbedder()
    ingest_articles(bridges(8), settings, embedder=embedder)
    with closing(Engine(settings, embedder=embedder)) as engine:
        expected = found(engine)
    with closing(Catalog(settings.index)) as catalog:
        name = f"sanad-{catalog.identity}"
    client = chromadb.HttpClient(host="127.0.0.1", port=int(url.rpartition(":")[2]))

    client.get_collection(name).delete(ids=["3"])
    check(settings, expected)
    wrong = np.zeros(32, np.float32)
    wrong[0] = 1.0
    client.get_collection(name).update(ids=["4"], embeddings=[wrong.tolist()])
    check(settings, expected)
    client.delete_collection(name)
    client.create_collection(name, embedding_function=None).add(ids=["0"], embeddings=[[1.0, 0.0]])
    check(settings, expected)


def check(settings: Settings, expected: list[tuple[str, float]]) -> None:
    """The index is made again from the catalog, encoding nothing, and is sound then."""
    embedder = HashingEmbedder()
    with closing(Engine(settings, embedder=embedder)) as engine:
        assert engine.rebuilt == ["chroma"]
        assert found(engine) == expected
    assert embedder.encoded == 0
    with closing(Catalog(settings.index)) as catalog, closing(Search.of(catalog, settings)) as search:
        assert search.dense.fault(catalog) is None


@pytest.mark.long
@pytest.mark.timeout(900)  # all of them, in a process of their own
def test_the_tests_of_storage_pass_over_a_server_as_well(chroma: tuple[str, Callable[[], None]]) -> None:
    url, _ = chroma
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *(str(TESTS / t) for t in SAME_TESTS)]
    # Over a folder it is killed in more places and replaced more often; processes that see each other are tested above.
    command += ["-k", "not (a_killed_ingest and not 40 or twenty_replacements or another_process_ingests)"]
    run = subprocess.run(
        command, cwd=TESTS.parent, env=os.environ | {"SANAD_CHROMA_URL": url}, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout[-4000:]
    assert " passed" in run.stdout
