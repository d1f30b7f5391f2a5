"""Asks every case of the suites, judges the answers, and gathers the run as data."""

from __future__ import annotations

import functools
import os
import platform
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from evals.metrics import METRICS, Check, Judged, Tally, Verifier, aggregate, failed, is_exact, judge
from evals.statistics import Interval, intervals
from evals.suite import Case, InputError, Suite
from evals.targets import InProcess, Remote, Target, TargetError, fresh_settings, load_embedder
from retrieval.errors import SanadError, UnreadableFile
from retrieval.models import Answer, AnswerSentence, Citation, Mode, Status
from retrieval.settings import Settings

CONTEXT = 220  # characters of the article kept on each side of a quote, for whoever reads the report
_PACKAGES = ("sanad", "sentence-transformers", "torch", "chromadb", "llama-index-core", "tantivy")


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class JudgedSentence(AnswerSentence):
    """A sentence of an answer, and whether the verifier finds it supported by its own cited quotes."""

    grounded: bool


class ShownCitation(Citation):
    """A citation with the words of the article around it: ``… before + quote + after …``."""

    before: str = ""
    after: str = ""


class JudgedCitation(ShownCitation):
    """A citation of an answer, and whether its quote is the stored article's span."""

    exact: bool


class Attempt(_Value):
    """What asking a case again gave. ``same``: the same outcome, words and citations as the first time."""

    passed: bool
    same: bool
    status: Status | None
    answer: str | None
    error: str | None


class CaseResult(_Value):
    """A case, its answer and what was found. Without an answer, ``error`` says why."""

    suite: str
    id: str
    tags: tuple[str, ...]
    question: str
    before: tuple[str, ...]
    answerable: bool
    passed: bool
    checks: tuple[Check, ...]
    error: str | None = None
    status: Status | None = None
    mode: Mode | None = None
    confidence: float | None = None
    standalone_question: str | None = None
    answer: str | None = None
    sentences: tuple[JudgedSentence, ...] = ()
    citations: tuple[JudgedCitation, ...] = ()
    related: tuple[ShownCitation, ...] = ()
    notes: tuple[str, ...] = ()
    timings: dict[str, float] = {}
    repeats: tuple[Attempt, ...] = ()
    tally: Tally


class Group(_Value):
    """The metrics of some of the cases: those of a suite, or with a tag."""

    cases: int
    metrics: dict[str, float | None]
    intervals: dict[str, Interval | None] = {}


class Run(_Value):
    """A whole evaluation. Where there is nothing to measure a metric is ``None``, and ``notes`` says why.

    ``intervals`` are those of ``evals.statistics``, by metric.
    """

    metrics: dict[str, float | None]
    intervals: dict[str, Interval | None] = {}
    notes: dict[str, str]
    suites: dict[str, Group]
    tags: dict[str, Group]
    cases: tuple[CaseResult, ...]
    run: dict[str, Any]


Progress = Callable[[str], None]


def evaluate(
    suites: Sequence[tuple[Path, Suite]],
    *,
    url: str | None = None,
    mode: Mode | None = None,
    repeat: int = 1,
    on_case: Progress = lambda case: None,
) -> Run:
    """Ask and judge every case.

    Args:
        suites: each with the file it was read from. In process, each corpus gets an index of its own.
        url: a running server to ask instead.
        mode: how to answer; default: as the target is set.
        repeat: how often to ask every case. The figures are those of the first time; the others tell which cases
            are flaky.
        on_case: told the id of each case each time it has been asked.

    Raises:
        InputError: a file of a suite's corpus cannot be ingested.
        SanadError: the target is not there or not ready. A question that fails is a failed case instead.
    """
    from retrieval.verify import supported

    embedder = load_embedder(Settings())
    # Only a sentence in another language than its quotes is embedded, so a server is usually judged without a model.
    verifier = functools.partial(supported, read=embedder.query_tokens)
    ask = functools.partial(run_suite, mode=mode, supported=verifier, repeat=repeat, on_case=on_case)
    if url is not None:
        results, target = _evaluate_server(url, suites, ask)
    else:
        results, target = _evaluate_in_process(embedder, suites, ask)
    return gather(results, _record(suites, target, mode, repeat, results))


def gather(cases: Sequence[CaseResult], record: dict[str, Any]) -> Run:
    """The run of these cases: metrics over all, per suite and per tag."""
    every = _group(cases)
    tags = sorted({tag for case in cases for tag in case.tags})
    return Run(
        metrics=every.metrics,
        intervals=every.intervals,
        notes={name: METRICS[name].unmeasured[1] for name, value in every.metrics.items() if value is None},
        suites={
            suite: _group(case for case in cases if case.suite == suite)
            for suite in dict.fromkeys(case.suite for case in cases)
        },
        tags={tag: _group(case for case in cases if tag in case.tags) for tag in tags},
        cases=tuple(cases),
        run=record,
    )


def run_case(
    target: Target,
    suite: str,
    case: Case,
    *,
    mode: Mode | None,
    article_text: Callable[[str, int], str | None],
    supported: Verifier,
) -> CaseResult:
    """Ask one case, earlier turns first and in one conversation, and judge the last answer."""
    asked: dict[str, Any] = {
        "suite": suite,
        "id": case.id,
        "tags": case.tags,
        "question": case.question,
        "before": case.before,
        "answerable": case.answerable,
    }
    try:
        answer, latency = _converse(target, case, mode)
        judged = judge(case, answer, article_text=article_text, supported=supported, latency_ms=round(latency, 3))
    except Exception as error:
        # Whatever goes wrong with one question is that case's failure; the others still tell something.
        reason = str(error) if isinstance(error, SanadError) else f"{type(error).__name__}: {error}"
        judged = failed(case, reason)
        return CaseResult(**asked, error=reason, passed=False, checks=judged.checks, tally=judged.tally)
    return CaseResult(**asked, **_outcome(answer, judged, article_text))


def _converse(target: Target, case: Case, mode: Mode | None) -> tuple[Answer, float]:
    """The answer to the case's question, and the milliseconds that it alone took."""
    conversation: str | None = None
    for question in case.before:
        conversation = target.answer(question, conversation, mode).conversation_id
        if conversation is None:
            raise TargetError(reason="the answer has no conversation_id to follow up on")
    started = time.perf_counter()
    answer = target.answer(case.question, conversation, mode)
    return answer, (time.perf_counter() - started) * 1000


def _outcome(answer: Answer, judged: Judged, article_text: Callable[[str, int], str | None]) -> dict[str, Any]:
    return {
        "passed": judged.tally.passed,
        "checks": judged.checks,
        "status": answer.status,
        "mode": answer.mode,
        "confidence": answer.confidence,
        "standalone_question": answer.standalone_question,
        "answer": answer.text,
        "sentences": tuple(
            JudgedSentence(**sentence.model_dump(), grounded=grounded)
            for sentence, grounded in zip(answer.sentences, judged.grounded, strict=True)
        ),
        "citations": tuple(
            JudgedCitation(**_in_context(citation, article_text), exact=exact)
            for citation, exact in zip(answer.citations, judged.exact, strict=True)
        ),
        "related": tuple(ShownCitation(**_in_context(citation, article_text)) for citation in answer.related),
        "notes": answer.notes,
        "timings": {"wall_ms": judged.tally.latency_ms, **answer.timings_ms},
        "tally": judged.tally,
    }


def _in_context(citation: Citation, article_text: Callable[[str, int], str | None]) -> dict[str, Any]:
    """The fields of a citation, with the words before and after it where it is what the article says there."""
    text = article_text(citation.article_id, citation.article_version)
    fields = citation.model_dump()
    if text is None or not is_exact(citation, text):
        return fields
    before = text[max(0, citation.start - CONTEXT) : citation.start]
    after = text[citation.end : citation.end + CONTEXT]
    # A word cut in two by the limit is left out; where the article begins or ends there is none.
    if citation.start > CONTEXT:
        before = before.partition(" ")[2]
    if citation.end + CONTEXT < len(text):
        after = after.rpartition(" ")[0]
    return fields | {"before": before, "after": after}


def run_suite(
    target: Target,
    suite: Suite,
    *,
    mode: Mode | None,
    supported: Verifier,
    repeat: int = 1,
    on_case: Progress = lambda case: None,
) -> list[CaseResult]:
    """Ask and judge every case of a suite, then all of them again until each was asked ``repeat`` times."""
    article_text = functools.cache(target.article_text)
    rounds = []
    for _ in range(repeat):
        results = []
        for case in suite.cases:
            results.append(
                run_case(target, suite.suite, case, mode=mode, article_text=article_text, supported=supported)
            )
            on_case(case.id)
        rounds.append(results)
    return [_repeated(first, again) for first, *again in zip(*rounds, strict=True)]


def _repeated(first: CaseResult, again: Sequence[CaseResult]) -> CaseResult:
    if not again:
        return first
    attempts = tuple(
        Attempt(
            passed=other.passed,
            same=_said(other) == _said(first),
            status=other.status,
            answer=other.answer,
            error=other.error,
        )
        for other in again
    )
    flaky = not all(attempt.same for attempt in attempts)
    return first.model_copy(update={"repeats": attempts, "tally": first.tally.model_copy(update={"flaky": flaky})})


def _said(case: CaseResult) -> tuple[Any, ...]:
    spans = [(citation.article_id, citation.start, citation.end) for citation in case.citations]
    return case.passed, case.status, case.answer, spans, case.error


def _evaluate_server(
    url: str, suites: Sequence[tuple[Path, Suite]], ask: Callable[[Target, Suite], list[CaseResult]]
) -> tuple[list[CaseResult], list[dict[str, Any]]]:
    with closing(Remote(url)) as target:
        return [result for _, suite in suites for result in ask(target, suite)], [target.describe()]


def _evaluate_in_process(
    embedder: Any, suites: Sequence[tuple[Path, Suite]], ask: Callable[[Target, Suite], list[CaseResult]]
) -> tuple[list[CaseResult], list[dict[str, Any]]]:
    results: list[CaseResult] = []
    targets = []
    for file, suite in suites:
        with fresh_settings() as settings:
            try:
                target = InProcess(settings, embedder, suite.articles)
            except UnreadableFile as error:
                raise InputError(file, "corpus", str(error)) from error
            with closing(target):
                results += ask(target, suite)
                targets.append(target.describe())
    return results, targets


def _record(
    suites: Sequence[tuple[Path, Suite]],
    targets: Sequence[dict[str, Any]],
    mode: Mode | None,
    repeat: int,
    results: Sequence[CaseResult],
) -> dict[str, Any]:
    """What has to be known to read the run's figures later, or to run it again."""
    from retrieval.verify import NAME

    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "mode": mode,
        "repeat": repeat,
        "answered_in_mode": Counter(result.mode for result in results if result.mode),
        "verifier": f"retrieval.verify.supported ({NAME})",
        "target": targets[0]["target"],
        "model": targets[0]["model"],
        "index": [target["index"] for target in targets],
        "suites": [{"suite": suite.suite, "file": str(file), "cases": len(suite.cases)} for file, suite in suites],
        "versions": versions(),
        "machine": {"platform": platform.platform(), "cpus": os.cpu_count()},
    }


def versions() -> dict[str, str | None]:
    """The versions of Python and of the packages that figures depend on; ``None`` where not installed."""
    found: dict[str, str | None] = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = None
    return found


def _group(cases: Iterable[CaseResult]) -> Group:
    tallies = [case.tally for case in cases]
    return Group(cases=len(tallies), metrics=aggregate(tallies), intervals=intervals(tallies))
