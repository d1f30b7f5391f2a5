"""Does the gate notice? Plants defects in the product, one at a time, and runs the gate: ``python -m evals.mutations``.

The gate has to pass without a defect, in both modes, and to fail with each (mutation testing: DeMillo, Lipton and
Sayward, 1978). A defect that it lets through means that its suite or its thresholds are too weak. With ``--every 3``
a third of the cases is asked, as what a defect breaks is broken in many: without one they are held to the bounds that
are promised of every sentence, as `make eval` holds all cases to all of them, and with one to those that they met.

Defects are planted by putting something else in the place of a named function of the product, in this process only. The
index is first given an earlier edition of every article, with the engine already open, so that one that does not follow
the articles is noticed too. In generative mode the language model is a script that distorts its evidence.
"""

from __future__ import annotations

import argparse
import functools
import json
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

from evals import gate, matching, runner, scripted
from evals.remembering import RememberingEmbedder
from evals.suite import InputError, Suite, load
from evals.targets import Indexed, fresh_settings, load_embedder
from retrieval.errors import SanadError, UnreadableFile
from retrieval.models import Article, Attribution, Citation, Mode
from retrieval.settings import Settings

HERE = Path(__file__).parent
SUITE, THRESHOLDS = HERE / "suites" / "muscat.yaml", HERE / "thresholds.yaml"
FAILED, MALFORMED = 1, 2
_NEVER = re.compile("(?!)")
# What the gate holds generated answers to. Its other bounds are about the product's choice of words, not a script's.
PROMISED = ("citation_exactness", "citation_coverage", "groundedness", "citation_precision")

Plant = Callable[[], AbstractContextManager[Any]]


@dataclass(frozen=True)
class Defect:
    """Something wrong with the product, and how to make it so while its context lasts."""

    name: str
    meaning: str
    plant: Plant
    mode: Mode = "extractive"


@dataclass(frozen=True)
class Outcome:
    """What the gate said: ``misses`` are its lines, ``broken`` how many questions failed altogether."""

    defect: str
    mode: Mode
    planted: bool
    misses: tuple[str, ...]
    broken: int
    seconds: float

    @property
    def right(self) -> bool:
        """Whether the gate failed if, and only if, there is a defect. One that breaks questions tells nothing."""
        return not self.broken and bool(self.misses) == self.planted


# -- the defects -----------------------------------------------------------------------------------------------


def citations_off_by_one() -> AbstractContextManager[Any]:
    """Every citation's span is one character late."""

    def shifted(**fields: Any) -> Citation:
        return Citation(**(fields | {"start": fields["start"] + 1, "end": fields["end"] + 1}))

    return mock.patch("retrieval.extractive.Citation", shifted)


def wrong_speaker() -> AbstractContextManager[Any]:
    """Every reported sentence is said by the next speaker of its article."""
    from ingest import preparation

    attribute = preparation.attribute

    def swapped(*arguments: Any, **options: Any) -> list[Attribution | None]:
        found = attribute(*arguments, **options)
        speakers = list(dict.fromkeys(a.speaker for a in found if a and a.speaker))
        following = dict(zip(speakers, speakers[1:] + speakers[:1], strict=True))
        return [a.model_copy(update={"speaker": following[a.speaker]}) if a and a.speaker else a for a in found]

    return mock.patch("ingest.preparation.attribute", swapped)


def abstention_off() -> AbstractContextManager[Any]:
    """Whatever is asked, the answer is sure of itself."""
    return mock.patch("retrieval.engine.confidence", return_value=1.0)


@contextmanager
def verifier_off() -> Iterator[None]:
    """What a language model writes is shown as it is, with the first evidence cited."""
    from retrieval.verify import Support

    with (
        mock.patch("retrieval.generative.support", return_value=Support(1.0, (0,))),
        mock.patch("retrieval.generative.supported", return_value=True),
        mock.patch("retrieval.generative.Generator._presumes", return_value=False),
    ):
        yield


@contextmanager
def stale_index() -> Iterator[None]:
    """Neither index takes up what changes in the catalog after it was opened.

    Not following is not enough for the lexical index: tantivy sees by itself, a moment later, what another one wrote.
    """
    from retrieval.dense import DenseIndex
    from retrieval.lexical import LexicalIndex

    def documents(index: LexicalIndex) -> int:
        return int(index._index.searcher().num_docs)

    with (
        mock.patch("retrieval.dense.DenseIndex.write", _once(DenseIndex.write, DenseIndex.count)),
        mock.patch("retrieval.lexical.LexicalIndex.follow", _once(LexicalIndex.follow, documents)),
        mock.patch("retrieval.search.Search.follow"),
    ):
        yield


def _once(method: Callable[..., Any], count: Callable[[Any], int]) -> Callable[..., Any]:
    """The method where the index is empty, and nothing afterwards."""

    def once(index: Any, *arguments: Any, **options: Any) -> Any:
        return method(index, *arguments, **options) if count(index) == 0 else None

    return once


@contextmanager
def analyser_off() -> Iterator[None]:
    """Words stay as typed: letters are not unified, marks not dropped, nothing is stemmed.

    The judge reads answers with the same analyser, and would be off in the same way where such a commit is checked.
    """
    from retrieval import analysis

    as_typed = SimpleNamespace(stemWord=str, stem=str)
    _forget_analyses()
    with ExitStack() as stack:
        for name in ("_ARABIC_STEMMER", "_ENGLISH_STEMMER"):
            stack.enter_context(mock.patch.object(analysis, name, as_typed))
        stack.enter_context(mock.patch.object(analysis, "_roots", return_value=as_typed))
        stack.enter_context(mock.patch.object(analysis, "_LETTERS", {}))
        stack.enter_context(mock.patch.object(analysis, "_MARKS", _NEVER))
        yield
    _forget_analyses()


def _forget_analyses() -> None:
    from retrieval import analysis, evidence

    for remembered in (analysis.stem, analysis.root, evidence.words_of, matching.analysed, matching.analysed_pattern):
        remembered.cache_clear()


def wrong_article() -> AbstractContextManager[Any]:
    """The article found best is passed over."""
    from retrieval.search import Search

    candidates = Search.candidates

    def others(search: Search, *arguments: Any) -> list[Any]:
        found = candidates(search, *arguments)
        return [c for c in found if c.stored.passage.article_id != found[0].stored.passage.article_id]

    return mock.patch("retrieval.search.Search.candidates", others)


DEFECTS = (
    Defect("citations off by one", "spans begin and end one character late", citations_off_by_one),
    Defect("wrong speaker", "sentences are attributed to another speaker of the article", wrong_speaker),
    Defect("abstention off", "every question is answered", abstention_off),
    Defect("verifier off", "a hostile language model's sentences are not checked", verifier_off, "generative"),
    Defect("stale index", "replaced articles stay unknown to both indexes", stale_index),
    Defect("analyser off", "words are matched as typed", analyser_off),
    Defect("wrong article", "the best article is passed over", wrong_article),
)


# -- the check -------------------------------------------------------------------------------------------------

Evaluate = Callable[[Plant | None, Mode], runner.Run]


def check(
    evaluate: Evaluate,
    bounds: Mapping[str, float],
    defects: Sequence[Defect] = DEFECTS,
    *,
    sampled: bool = False,
    on_outcome: Callable[[Outcome], None] = lambda outcome: None,
) -> list[Outcome]:
    """Run the gate without a defect in every mode that the defects need, then with each of them.

    Args:
        evaluate: runs the suite with a defect planted, or none.
        bounds: of the gate.
        defects: to plant.
        sampled: whether a part of the suite's cases is asked, which may by itself miss what the whole suite meets.
        on_outcome: told of each as it is known.
    """
    planned: list[tuple[str, Mode, Plant | None]] = [
        (f"none ({mode})", mode, None) for mode in dict.fromkeys(defect.mode for defect in defects)
    ]
    planned += [(defect.name, defect.mode, defect.plant) for defect in defects]
    outcomes = []
    sound: dict[Mode, runner.Run] = {}
    for name, mode, plant in planned:
        started = time.perf_counter()
        run = evaluate(plant, mode)
        held = {metric: bound for metric, bound in bounds.items() if mode == "extractive" or metric in PROMISED}
        if plant is None:
            sound[mode] = run
            if sampled:
                held = {metric: bound for metric, bound in held.items() if metric in PROMISED}
        elif sampled:
            held = {metric: bound for metric, bound in held.items() if not _misses(sound[mode], {metric: bound})}
        outcomes.append(
            Outcome(
                defect=name,
                mode=mode,
                planted=plant is not None,
                misses=_misses(run, held),
                broken=sum(case.error is not None for case in run.cases),
                seconds=round(time.perf_counter() - started, 1),
            )
        )
        on_outcome(outcomes[-1])
    return outcomes


def _misses(run: runner.Run, bounds: Mapping[str, float]) -> tuple[str, ...]:
    return tuple(gate.misses(run.metrics, bounds))


class Evaluation:
    """Runs suites in process with a defect planted.

    Args:
        suites: each with its file, as ``evals.runner.evaluate`` takes them.
        embedder: remembers what it has encoded, so that every run but the first is quick.
        llm: base URL of the language model of generative mode.
        every: one case in so many is asked.
    """

    def __init__(self, suites: Sequence[tuple[Path, Suite]], embedder: Any, llm: str, *, every: int = 1) -> None:
        from retrieval.verify import supported

        self._suites = suites
        self._embedder = embedder
        self._llm = llm
        self._every = every
        # Bound before anything is planted: the judge stays sound.
        self._supported = functools.partial(supported, read=embedder.query_tokens)

    def __call__(self, plant: Plant | None, mode: Mode) -> runner.Run:
        """Ingest, ask and judge the cases, the defect planted from the first ingest to the last answer."""
        results: list[runner.CaseResult] = []
        for file, whole in self._suites:
            suite = whole.model_copy(update={"cases": whole.cases[:: self._every]})
            with ExitStack() as stack:
                settings = stack.enter_context(fresh_settings())
                settings = settings.model_copy(
                    update={"llm_base_url": self._llm, "llm_model": "scripted", "mode": "extractive"}
                )
                if plant is not None:
                    stack.enter_context(plant())
                try:
                    target = stack.enter_context(closing(followed(settings, self._embedder, suite.articles)))
                except UnreadableFile as error:
                    raise InputError(file, "corpus", str(error)) from error
                results += runner.run_suite(target, suite, mode=mode, supported=self._supported)
        return runner.gather(results, {})


def followed(settings: Settings, embedder: Any, corpus: Sequence[Path]) -> Indexed:
    """An engine opened over the first sentence of each article, which were then replaced by the whole ones."""
    from ingest.pipeline import ingest, ingest_articles
    from ingest.readers import discover, read
    from retrieval.segmentation import sentence_spans

    def first_sentence(article: Article) -> Article:
        _, end = sentence_spans(article.text)[0]
        return article.model_copy(update={"text": article.text[:end]})

    earlier = [first_sentence(article) for path in discover(corpus) for article in read(path)]
    ingest_articles(earlier, settings, embedder=embedder)
    target = Indexed(settings, embedder)
    report = ingest(corpus, settings, embedder=embedder)
    if report.failed:
        target.close()
        raise report.failed[0]
    return target


# -- the command -----------------------------------------------------------------------------------------------


def line(outcome: Outcome) -> str:
    """An outcome as one line of the table."""
    if outcome.broken:
        verdict = f"BROKEN: {outcome.broken} questions failed altogether"
    elif outcome.planted:
        verdict = "caught" if outcome.misses else "SURVIVED"
    else:
        verdict = "FAILED without a defect" if outcome.misses else "passes"
    told = f"  {'; '.join(outcome.misses)}" if outcome.misses else ""
    return f"{outcome.defect:<22} {outcome.mode:<10} {outcome.seconds:6.1f} s  {verdict}{told}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the gate. Exit status: 0; 1 when it is wrong about a defect or about none; 2 for a malformed file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", type=Path, action="append", help=f"the gate's suite (default: {SUITE.name})")
    parser.add_argument("--thresholds", type=Path, default=THRESHOLDS, help="its bounds (default: %(default)s)")
    names = [defect.name for defect in DEFECTS]
    parser.add_argument("--only", action="append", choices=names, metavar="DEFECT", help=f"of {', '.join(names)}")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="ask one case in N (default: all)")
    parser.add_argument("--json", type=Path, help="write the outcomes here too")
    chosen = parser.parse_args(arguments)
    if chosen.every < 1:
        parser.error("--every has to be at least 1")
    defects = [defect for defect in DEFECTS if not chosen.only or defect.name in chosen.only]
    try:
        bounds = gate.read_thresholds(chosen.thresholds)
        suites = [(file, load(file)) for file in chosen.suite or [SUITE]]
        embedder = RememberingEmbedder(load_embedder(Settings()))
        with scripted.endpoint(scripted.hostile) as llm:
            outcomes = check(
                Evaluation(suites, embedder, llm, every=chosen.every),
                bounds,
                defects,
                sampled=chosen.every > 1,
                on_outcome=lambda outcome: print(line(outcome), flush=True),
            )
    except SanadError as error:
        problems = error.problems if isinstance(error, InputError) else [str(error)]
        print(*problems, sep="\n", file=sys.stderr)
        return MALFORMED if isinstance(error, InputError) else FAILED
    if chosen.json:
        rows = [asdict(outcome) | {"right": outcome.right} for outcome in outcomes]
        chosen.json.write_text(json.dumps(rows, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return 0 if all(outcome.right for outcome in outcomes) else FAILED


if __name__ == "__main__":
    sys.exit(main())
