"""A run as JUnit XML, as Jenkins, GitLab, Azure and the JUnit actions of GitHub read it.

Each suite is a ``testsuite`` and each of its cases a ``testcase``; the bounds of the gate are one more ``testsuite``,
``gate``. A case that does not pass is a ``failure`` there even when the gate lets so many of them be: what CI makes of
the run is told by the exit status, the file is for reading which cases those are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

from evals.gate import is_met, miss
from evals.runner import CaseResult, Run

GATE = "gate"
# What XML 1.0 has no way to write, not even escaped.
_UNWRITABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(run: Run, bounds: Mapping[str, float], files: Mapping[str, Path] | None = None) -> str:
    """The XML document, to be written as UTF-8.

    Args:
        run: what was measured.
        bounds: what the gate asks for, by metric; without any there is no ``gate`` suite.
        files: by name, the file of each suite.
    """
    root = ElementTree.Element("testsuites", name="sanad")
    for name in run.suites:
        cases = [_case(case) for case in run.cases if case.suite == name]
        suite = _suite(root, name, cases, run)
        if files and name in files:
            suite.set("file", _text(str(files[name])))
    if bounds:
        _suite(root, GATE, [_bound(name, run.metrics[name], limit) for name, limit in bounds.items()], run)
    for count in ("tests", "failures", "errors"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    root.set("time", _seconds(sum(case.tally.latency_ms or 0 for case in run.cases)))
    ElementTree.indent(root)
    # tostring's own declaration would name the encoding of this machine, whatever the file is then written in.
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _suite(root: ElementTree.Element, name: str, cases: list[ElementTree.Element], run: Run) -> ElementTree.Element:
    suite = ElementTree.SubElement(
        root,
        "testsuite",
        name=_text(name),
        tests=str(len(cases)),
        failures=str(sum(case.find("failure") is not None for case in cases)),
        errors=str(sum(case.find("error") is not None for case in cases)),
        skipped="0",
        time=f"{sum(float(case.get('time', '0')) for case in cases):.3f}",
    )
    if date := run.run.get("date"):
        suite.set("timestamp", str(date).split("+")[0])
    suite.extend(cases)
    return suite


def _case(case: CaseResult) -> ElementTree.Element:
    element = ElementTree.Element(
        "testcase",
        name=_text(case.id),
        classname=_text(f"sanad.{case.suite}"),
        time=_seconds(case.tally.latency_ms or 0),
    )
    if case.passed:
        return element
    unmet = [f"{check.name}: {check.detail}" for check in case.checks if not check.passed]
    kind = ("failure", "checks") if case.error is None else ("error", "not-asked")
    said = [f"question: {case.question}", *(f"before: {question}" for question in case.before), *unmet]
    if case.answer is not None:
        said.append(f"answer ({case.status}): {case.answer}")
    told = ElementTree.SubElement(element, kind[0], message=_text("; ".join(unmet)), type=kind[1])
    told.text = _text("\n".join(said))
    return element


def _bound(name: str, value: float | None, limit: float) -> ElementTree.Element:
    element = ElementTree.Element("testcase", name=name, classname=f"sanad.{GATE}", time="0.000")
    if not is_met(name, value, limit):
        ElementTree.SubElement(element, "failure", message=miss(name, value, limit) or "", type="bound")
    return element


def _seconds(milliseconds: float) -> str:
    return f"{milliseconds / 1000:.3f}"


def _text(text: str) -> str:
    return _UNWRITABLE.sub("�", text)
