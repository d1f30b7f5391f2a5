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

from evals.metrics import METRICS, Check, Judged, Tally, Verifier, aggregate, failed, judge
from evals.suite import Case, InputError, Suite
from evals.targets import InProcess, Remote, Target, TargetError, fresh_settings, load_embedder
from retrieval.errors import SanadError, UnreadableFile
from retrieval.models import Answer, AnswerSentence, Citation, Mode, Status
from retrieval.settings import Settings

_PACKAGES = ("sanad", "sentence-transformers", "torch", "chromadb", "llama-index-core", "tantivy")


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class JudgedSentence(AnswerSentence):
    """A sentence of an answer, and whether the verifier finds it supported by its own cited quotes."""

    grounded: bool


class JudgedCitation(Citation):
    """A citation of an answer, and whether its quote is the stored article's span."""

    exact: bool


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
    related: tuple[Citation, ...] = ()
    notes: tuple[str, ...] = ()
    timings: dict[str, float] = {}
    tally: Tally


class Group(_Value):
    """The metrics of some of the cases: those of a suite, or with a tag."""

    cases: int
    metrics: dict[str, float | None]


class Run(_Value):
    """A whole evaluation. Where there is nothing to measure a metric is ``None``, and ``notes`` says why."""

    metrics: dict[str, float | None]
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
    on_case: Progress = lambda case: None,
) -> Run:
    """Ask and judge every case.

    Args:
        suites: each with the file it was read from. In process, each corpus gets an index of its own.
        url: a running server to ask instead.
        mode: how to answer; default: as the target is set.
        on_case: told the id of each case when it is done.

    Raises:
        InputError: a file of a suite's corpus cannot be ingested.
        SanadError: the target is not there or not ready. A question that fails is a failed case instead.
    """
    from retrieval.verify import supported

    embedder = load_embedder(Settings())
    # Only a sentence in another language than its quotes is embedded, so a server is usually judged without a model.
    verifier = functools.partial(supported, embed=embedder.queries)
    if url is not None:
        results, target = _evaluate_server(url, suites, mode, verifier, on_case)
    else:
        results, target = _evaluate_in_process(embedder, suites, mode, verifier, on_case)
    return gather(results, _record(suites, target, mode, results))


def gather(cases: Sequence[CaseResult], record: dict[str, Any]) -> Run:
    """The run of these cases: metrics over all, per suite and per tag."""
    metrics = aggregate([case.tally for case in cases])
    tags = sorted({tag for case in cases for tag in case.tags})
    return Run(
        metrics=metrics,
        notes={name: METRICS[name].unmeasured for name, value in metrics.items() if value is None},
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
    return CaseResult(**asked, **_outcome(answer, judged))


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


def _outcome(answer: Answer, judged: Judged) -> dict[str, Any]:
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
            JudgedCitation(**citation.model_dump(), exact=exact)
            for citation, exact in zip(answer.citations, judged.exact, strict=True)
        ),
        "related": answer.related,
        "notes": answer.notes,
        "timings": {"wall_ms": judged.tally.latency_ms, **answer.timings_ms},
        "tally": judged.tally,
    }


def _run_suite(
    target: Target, suite: Suite, mode: Mode | None, supported: Verifier, on_case: Progress
) -> list[CaseResult]:
    article_text = functools.cache(target.article_text)
    results = []
    for case in suite.cases:
        results.append(run_case(target, suite.suite, case, mode=mode, article_text=article_text, supported=supported))
        on_case(case.id)
    return results


def _evaluate_server(
    url: str,
    suites: Sequence[tuple[Path, Suite]],
    mode: Mode | None,
    supported: Verifier,
    on_case: Progress,
) -> tuple[list[CaseResult], list[dict[str, Any]]]:
    with closing(Remote(url)) as target:
        results = [result for _, suite in suites for result in _run_suite(target, suite, mode, supported, on_case)]
        return results, [target.describe()]


def _evaluate_in_process(
    embedder: Any,
    suites: Sequence[tuple[Path, Suite]],
    mode: Mode | None,
    supported: Verifier,
    on_case: Progress,
) -> tuple[list[CaseResult], list[dict[str, Any]]]:
    results: list[CaseResult] = []
    targets = []
    for file, suite in suites:
        with fresh_settings() as settings:
            try:
                target = InProcess(settings, embedder, suite.corpus)
            except UnreadableFile as error:
                raise InputError(file, "corpus", str(error)) from error
            with closing(target):
                results += _run_suite(target, suite, mode, supported, on_case)
                targets.append(target.describe())
    return results, targets


def _record(
    suites: Sequence[tuple[Path, Suite]],
    targets: Sequence[dict[str, Any]],
    mode: Mode | None,
    results: Sequence[CaseResult],
) -> dict[str, Any]:
    """What has to be known to read the run's figures later, or to run it again."""
    from retrieval.verify import NAME

    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "mode": mode,
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
    return Group(cases=len(tallies), metrics=aggregate(tallies))
