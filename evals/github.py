"""A run as workflow commands, which GitHub and Gitea Actions show beside the lines of the files that they name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

from evals.gate import miss
from evals.runner import Run


def workflow_commands(
    run: Run,
    files: Mapping[str, Path],
    bounds: Mapping[str, float],
    thresholds: Path | None = None,
    root: Path | None = None,
) -> Iterator[str]:
    """One command each: errors for bounds not met and cases that could not be asked, warnings for failing cases.

    The errors come first: a page shows only so many annotations of a step.

    Args:
        run: what was measured.
        files: by name, the suite files that the cases are of.
        bounds: what the gate asks for, by metric.
        thresholds: the file of the bounds, where there is one.
        root: the folder that shown paths are relative to; default: the working folder.
    """
    root = root or Path.cwd()
    for name, limit in bounds.items():
        reason = miss(name, run.metrics[name], limit)
        if reason:
            place = _place(thresholds, _key_line(thresholds, name), root)
            yield _command("error", place, f"Sanad: {name}", reason)
    lines = {suite: _case_lines(file) for suite, file in files.items()}
    for error in (True, False):
        for case in run.cases:
            if case.passed or (case.error is not None) != error:
                continue
            unmet = "\n".join(f"{check.name}: {check.detail}" for check in case.checks if not check.passed)
            place = _place(files.get(case.suite), lines.get(case.suite, {}).get(case.id), root)
            level = "error" if error else "warning"
            yield _command(level, place, f"Sanad: {case.suite}/{case.id}", f"{case.question}\n{unmet}")


def _command(level: str, place: dict[str, str], title: str, message: str) -> str:
    properties = ",".join(f"{name}={_property(value)}" for name, value in {**place, "title": title}.items())
    return f"::{level} {properties}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _place(file: Path | None, line: int | None, root: Path) -> dict[str, str]:
    if file is None:
        return {}
    path = file.resolve()
    shown = path.relative_to(root.resolve()) if path.is_relative_to(root.resolve()) else path
    return {"file": shown.as_posix()} | ({} if line is None else {"line": str(line)})


def _case_lines(file: Path) -> dict[str, int]:
    """The line of each case's id in a suite, from 1."""
    cases = _value(_document(file), "cases")
    found = {}
    for case in cases.value if isinstance(cases, yaml.SequenceNode) else []:
        name = _value(case, "id")
        if isinstance(name, yaml.ScalarNode):
            found[name.value.strip()] = name.start_mark.line + 1
    return found


def _key_line(file: Path | None, key: str) -> int | None:
    if file is None:
        return None
    found = _value(_document(file), key)
    return None if found is None else found.start_mark.line + 1


def _document(file: Path) -> yaml.Node | None:
    return yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)


def _value(node: yaml.Node | None, key: str) -> yaml.Node | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for name, value in node.value if name.value == key), None)
