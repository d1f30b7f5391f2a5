"""GET /v1/evaluation: the figures of the last evaluation, as `sanad eval --json` wrote them."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path

from fastapi import APIRouter
from pydantic import BaseModel, ValidationError

from retrieval.errors import SanadError
from server import examples
from server.callers import guarded
from server.problems import BAD_ADDRESS, documented
from server.schemas import EvaluatedGroup, EvaluationSummary, Figure
from server.strict import StrictRoute
from server.workers import WorkersDep

router = APIRouter(prefix="/v1", tags=["evaluation"], route_class=StrictRoute, **guarded("read"))

Interval = tuple[float, float] | None


class NoEvaluation(SanadError):
    """No evaluation has been written. Values: ``path``, ``folder``."""

    code, status = "no-evaluation", 404
    arabic = "لا تقرير تقييم بعد: اكتبه بالأمر mkdir -p {folder} && sanad eval --json {path}"
    english = "There is no evaluation report yet: write one with mkdir -p {folder} && sanad eval --json {path}"


class UnreadableEvaluation(SanadError):
    """The evaluation report is not what `sanad eval --json` writes. Values: ``path``."""

    code, status = "unreadable-evaluation", 500
    arabic = "تقرير التقييم {path} ليس بالصيغة التي يكتبها sanad eval --json: اكتبه من جديد."
    english = "The evaluation report {path} is not what sanad eval --json writes: write it again."


# The parts of the report that are shown; the report may hold more.
class _Group(BaseModel):
    cases: int
    metrics: dict[str, float | None]
    intervals: dict[str, Interval] = {}


class _Case(BaseModel):
    passed: bool


class _Model(BaseModel):
    name: str


class _Record(BaseModel):
    date: datetime
    mode: str | None = None
    model: _Model | None = None


class _Report(BaseModel):
    metrics: dict[str, float | None]
    intervals: dict[str, Interval] = {}
    suites: dict[str, _Group] = {}
    tags: dict[str, _Group] = {}
    cases: tuple[_Case, ...]
    run: _Record


_REPORT_ERRORS = (
    NoEvaluation(path="reports/evaluation.json", folder="reports"),
    UnreadableEvaluation(path="reports/evaluation.json"),
)


@router.get(
    "/evaluation",
    operation_id="getEvaluation",
    summary="The last evaluation",
    responses=examples.shown(examples.evaluation) | documented(*BAD_ADDRESS, *_REPORT_ERRORS),
)
async def get_evaluation(workers: WorkersDep) -> EvaluationSummary:
    """The figures of the last run of `sanad eval --json`, with their 95 % intervals, over all questions, by suite and
    by tag.
    """
    settings = workers.engine.settings
    path = settings.evaluation or settings.index / "reports" / "evaluation.json"
    return await workers.run(partial(read, path), waits=True)


def read(path: Path) -> EvaluationSummary:
    """The summary of a report.

    Raises:
        NoEvaluation, UnreadableEvaluation: when there is none at ``path``, or something else.
    """
    try:
        report = _Report.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise NoEvaluation(path=path, folder=path.parent) from None
    except (OSError, ValidationError):
        raise UnreadableEvaluation(path=path) from None
    return EvaluationSummary(
        date=report.run.date,
        model=report.run.model.name if report.run.model else None,
        mode=report.run.mode,
        cases=len(report.cases),
        passed=sum(case.passed for case in report.cases),
        metrics=_figures(report.metrics, report.intervals),
        suites={name: _group(group) for name, group in report.suites.items()},
        tags={name: _group(group) for name, group in report.tags.items()},
    )


def _group(group: _Group) -> EvaluatedGroup:
    return EvaluatedGroup(cases=group.cases, metrics=_figures(group.metrics, group.intervals))


def _figures(metrics: dict[str, float | None], intervals: dict[str, Interval]) -> dict[str, Figure]:
    bounds = {name: intervals.get(name) or (None, None) for name in metrics}
    return {name: Figure(value=value, low=bounds[name][0], high=bounds[name][1]) for name, value in metrics.items()}
