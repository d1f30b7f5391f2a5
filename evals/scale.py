"""How ingest, answers, memory and disk grow with the corpus: ``python -m evals.scale FILE.json --json OUT --png OUT``.

Real paragraphs are embedded once, which is what the ingest rate with embedding is measured on. Larger corpora are
**replicas** of them, since embedding 100,000 passages takes hours on two cores: each replica has about a tenth of its
words replaced by others of the same length, and its vectors turned by noise to a cosine of about .97 with their
originals. They are stored through the product's own pipeline and searched as any other article, so that everything but
embedding is measured as it is; what is found in them says nothing about quality.

Questions are timed twice, each time by a fresh process: ``cold``, when their passages have not been read token by token
before, and ``warm``, asked again in other words.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from evals.benchmark import sample
from evals.loading import load
from ingest.pipeline import delete_articles, ingest_articles
from ingest.preparation import Origin, content_hash, prepare
from retrieval.catalog import Catalog, PreparedArticle
from retrieval.embedding import Embedder
from retrieval.engine import Engine
from retrieval.models import Article
from retrieval.search import Search
from retrieval.settings import Settings

SIZES = (1_000, 10_000, 100_000)
CHANGED_WORDS = 0.1
NOISE = 0.25  # length of the noise added to a unit vector: a cosine of about .97
_WORD = re.compile(r"[^\W\d_]{3,}")


class Replicas:
    """Stands in for the preparing of articles whose ids are ``replica-N-ID``: gives altered copies of the originals."""

    def __init__(self, originals: Sequence[PreparedArticle]) -> None:
        self._originals = {one.article.id: one for one in originals}
        words: dict[int, list[str]] = {}
        for one in originals:
            for word in _WORD.findall(one.article.text):
                words.setdefault(len(word), []).append(word)
        self._words = words

    def article(self, number: int, original: str) -> Article:
        """The altered text; the same for the same number."""
        chosen = random.Random(f"{number} {original}")

        def altered(match: re.Match[str]) -> str:
            return chosen.choice(self._words[len(match[0])]) if chosen.random() < CHANGED_WORDS else match[0]

        source = self._originals[original].article
        return source.model_copy(update={"id": f"replica-{number}-{original}", "text": _WORD.sub(altered, source.text)})

    def prepared(self, chunks: Sequence[Sequence[tuple[Article, Origin]]]) -> Iterator[list[PreparedArticle]]:
        """Copies of the originals' spans and attributions, with noise on their vectors."""
        for chunk in chunks:
            yield [self._copy(article, origin) for article, origin in chunk]

    def _copy(self, article: Article, origin: Origin) -> PreparedArticle:
        _, number, original = article.id.split("-", 2)
        found = self._originals[original]
        noise = np.random.default_rng(int(number))
        return replace(
            found,
            article=article,
            content_hash=content_hash(article),
            origin=origin,
            sentences=tuple(s.model_copy(update={"text": article.text[s.start : s.end]}) for s in found.sentences),
            passage_vectors=_turned(found.passage_vectors, noise),
            sentence_vectors=_turned(found.sentence_vectors, noise),
            led_vectors=_turned(found.led_vectors, noise),
        )


def _turned(vectors: np.ndarray, noise: np.random.Generator) -> np.ndarray:
    """Unit (n, dimension) float16 vectors a little away from the given ones."""
    wide = vectors.astype(np.float32)
    wide = wide + NOISE * noise.standard_normal(wide.shape).astype(np.float32) / np.sqrt(wide.shape[1])
    return (wide / np.linalg.norm(wide, axis=1, keepdims=True)).astype(np.float16)


def measure(file: Path, sizes: Sequence[int], questions: int, folder: Path) -> dict[str, Any]:
    """Grow an index in ``folder`` to each size in turn and measure it there."""
    data = load(file)
    settings = Settings(index=folder / "index", chroma_url=None)
    embedder = Embedder.of(settings)
    embedder.queries(["تمهيد"])
    articles = [(article, None) for article in data.articles]
    started = time.perf_counter()
    originals = prepare(articles, embedder, settings.passage_characters)
    passages = sum(len(one.passage_spans) for one in originals)
    embedding_rate = passages / (time.perf_counter() - started)
    replicas = Replicas(originals)
    asked = [question.text for question in sample(data.questions, questions)]
    (folder / "questions.json").write_text(json.dumps(asked, ensure_ascii=False), "utf-8")
    held, number, rows = 0, 0, []
    for size in sorted(sizes):
        wanted: list[Article] = []
        growth = 0
        while held + growth < size:
            batch = originals[: max(1, -(-(size - held - growth) * len(originals) // passages))]
            wanted += [replicas.article(number, one.article.id) for one in batch]
            growth += sum(len(one.passage_spans) for one in batch)
            number += 1
        started = time.perf_counter()
        ingest_articles(wanted, settings, embedder=embedder, cluster=replicas)
        seconds = time.perf_counter() - started
        held += growth
        row = {"passages": held, "stored_per_s": round(growth / seconds, 1), **_asked(folder)}
        row |= {"disk_mb": round(_disk(settings.index) / 1e6, 1), **_changes(settings, replicas, wanted[0], embedder)}
        rows.append(row)
        print(json.dumps(row), file=sys.stderr, flush=True)
    return {"ingest_with_embedding_per_s": round(embedding_rate, 2), "questions": len(asked), "sizes": rows}


def _asked(folder: Path) -> dict[str, Any]:
    """Times of the questions, cold and warm, and the memory of a process of its own that asks them."""
    command = [sys.executable, "-m", "evals.scale", "--ask", str(folder)]
    found = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return dict(json.loads(found.splitlines()[-1]))


def ask(folder: Path) -> dict[str, Any]:
    """What the process that :func:`measure` starts does."""
    questions = json.loads((folder / "questions.json").read_text("utf-8"))
    started = time.perf_counter()
    with closing(Engine(Settings(index=folder / "index", chroma_url=None))) as engine:
        opened = time.perf_counter() - started
        engine.answer("تمهيد للقياس")
        cold = [_milliseconds(engine, question) for question in questions]
        warm = [_milliseconds(engine, f"{question} ؟") for question in questions]
    return {
        "query_ms": _percentiles(warm),
        "cold_ms": _percentiles(cold),
        "open_s": round(opened, 2),
        "rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def _milliseconds(engine: Engine, question: str) -> float:
    started = time.perf_counter()
    engine.answer(question)
    return 1000 * (time.perf_counter() - started)


def _percentiles(times: Sequence[float]) -> dict[str, float]:
    return {f"p{percent}": round(float(np.percentile(times, percent)), 1) for percent in (50, 95)}


def _changes(settings: Settings, replicas: Replicas, article: Article, embedder: Embedder) -> dict[str, float]:
    """Seconds to replace one article, delete it, put it back, and make both indexes anew from the catalog."""
    changed = article.model_copy(update={"text": article.text.replace(" ", "\u00a0", 1)})
    seconds = {}
    for name, work in (
        ("update_s", lambda: ingest_articles([changed], settings, embedder=embedder, cluster=replicas)),
        ("delete_s", lambda: delete_articles([article.id], settings)),
        ("restore_s", lambda: ingest_articles([article], settings, embedder=embedder, cluster=replicas)),
    ):
        seconds[name] = _seconds(work)
    with closing(Catalog.of(settings)) as catalog, closing(Search.of(catalog, settings)) as search:
        search.open()
        for name, index in (("rebuild_chroma_s", search.dense), ("rebuild_bm25_s", search.lexical)):
            seconds[name] = _seconds(lambda index=index: index.rebuild(catalog))
    return seconds


def _seconds(work: Any) -> float:
    started = time.perf_counter()
    work()
    return round(time.perf_counter() - started, 2)


def _disk(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def draw(found: dict[str, Any], file: Path) -> None:
    """The measurements against the size, all axes logarithmic."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    rows = found["sizes"]
    sizes = [row["passages"] for row in rows]
    panels = {
        "Stored passages/s (without embedding)": {"": [row["stored_per_s"] for row in rows]},
        "Answer (ms)": {
            f"{name} {share}": [row[f"{key}_ms"][share] for row in rows]
            for name, key in (("warm", "query"), ("cold", "cold"))
            for share in ("p50", "p95")
        },
        "Memory (MB)": {"": [row["rss_mb"] for row in rows]},
        "Disk (MB)": {"": [row["disk_mb"] for row in rows]},
    }
    figure, axes = pyplot.subplots(2, 2, figsize=(9, 6.5), layout="constrained")
    for axis, (title, lines) in zip(axes.flat, panels.items(), strict=True):
        for label, values in lines.items():
            axis.loglog(sizes, values, marker="o", label=label)
        axis.set(title=title, xlabel="passages")
        axis.grid(True, which="both", alpha=0.3)
        if len(lines) > 1:
            axis.legend()
    figure.savefig(file, dpi=110)


def main() -> None:
    """Read the command line, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="what `sanad benchmark` reads; replicated")
    parser.add_argument("--ask", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="passages (default: %(default)s)")
    parser.add_argument("--questions", type=int, default=100, help="questions to time (default: %(default)s)")
    parser.add_argument("--json", type=Path, help="write the figures, for `sanad eval --scale`")
    parser.add_argument("--png", type=Path, help="draw them")
    chosen = parser.parse_args()
    if chosen.ask:
        print(json.dumps(ask(chosen.file)))
        return
    with tempfile.TemporaryDirectory() as folder:
        found = measure(chosen.file, chosen.sizes, chosen.questions, Path(folder))
    print(json.dumps(found, indent=2))
    if chosen.json:
        chosen.json.write_text(json.dumps(found, indent=2) + "\n", "utf-8")
    if chosen.png:
        draw(found, chosen.png)


if __name__ == "__main__":
    main()
