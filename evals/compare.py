"""Two runs of the same cases: what differs, and whether it is more than chance."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from evals.metrics import METRICS
from evals.runner import CaseResult, Run
from evals.statistics import Change, changes
from evals.suite import InputError


class CaseChange(BaseModel):
    """A case of both runs whose outcome differs, with the checks that fail in the run where it fails."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    suite: str
    id: str
    question: str
    passed: bool
    not_met: tuple[str, ...]


class Comparison(BaseModel):
    """The second run against the first, over the cases that both asked with the same words.

    ``broken`` passed and now fail, ``fixed`` the other way round; ``reworded``, ``only_before`` and ``only_after``
    name (``suite/id``) the cases left out.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    cases: int
    metrics: dict[str, Change]
    broken: tuple[CaseChange, ...]
    fixed: tuple[CaseChange, ...]
    reworded: tuple[str, ...]
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]

    def worse(self) -> list[str]:
        """The metrics that are significantly worse. Times are not among them: they are of a machine and its load."""
        return [
            name
            for name, change in self.metrics.items()
            if change.significant and not name.endswith("_ms") and self.direction(name) < 0
        ]

    def direction(self, name: str) -> int:
        """1 where the metric got better, -1 where it got worse, 0 where it is as it was or not in both runs."""
        difference = self.metrics[name].difference
        if not difference:
            return 0
        return 1 if (difference > 0) != METRICS[name].lower_is_better else -1


def read_run(file: Path) -> Run:
    """A run that ``sanad eval --json`` wrote.

    Raises:
        InputError: the file cannot be read, or is no such run.
    """
    try:
        return Run.model_validate_json(file.read_bytes())
    except OSError as error:
        raise InputError(file, "(file)", error.strerror or str(error)) from error
    except ValidationError as error:
        found = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in found["loc"]) or "(file)"
        raise InputError(file, field, f"no run that sanad eval --json wrote: {found['msg']}") from error


def compare(before: Run, after: Run) -> Comparison | None:
    """Pair the cases of two runs by suite and id; ``None`` where they have none in common."""
    old, new = _by_name(before.cases), _by_name(after.cases)
    both = [name for name in new if name in old]
    same = [name for name in both if _asked(old[name]) == _asked(new[name])]
    if not same:
        return None
    return Comparison(
        cases=len(same),
        metrics=changes([old[name].tally for name in same], [new[name].tally for name in same]),
        broken=tuple(_changed(new[name], new[name]) for name in same if old[name].passed and not new[name].passed),
        fixed=tuple(_changed(new[name], old[name]) for name in same if new[name].passed and not old[name].passed),
        reworded=tuple(name for name in both if name not in same),
        only_before=tuple(name for name in old if name not in new),
        only_after=tuple(name for name in new if name not in old),
    )


def _by_name(cases: Sequence[CaseResult]) -> dict[str, CaseResult]:
    return {f"{case.suite}/{case.id}": case for case in cases}


def _asked(case: CaseResult) -> tuple[str, tuple[str, ...], bool]:
    return case.question, case.before, case.answerable


def _changed(case: CaseResult, failing: CaseResult) -> CaseChange:
    not_met = tuple(f"{check.name} ({check.detail})" for check in failing.checks if not check.passed)
    return CaseChange(suite=case.suite, id=case.id, question=case.question, passed=case.passed, not_met=not_met)
