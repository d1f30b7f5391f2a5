"""The last evaluation: its figures with their intervals, over all questions, by suite and by tag."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from ui.address import Address
from ui.client import Api, ApiError, EvaluatedGroup, Evaluation, Figure
from ui.explore_html import empty_html, heading_html, page_html
from ui.explore_texts import ExploreTexts, explore_texts
from ui.texts import Texts

HEADLINE = (
    "case_pass_rate", "correctness", "citation_exactness", "groundedness", "attribution_accuracy", "abstention_recall",
)  # fmt: skip
BY_GROUP = ("case_pass_rate", "correctness", "attribution_accuracy")


async def draw(api: Api, address: Address, texts: Texts) -> str:
    """The report's summary. Raises ``ApiError``, but not when there is no report: that is told."""
    words = explore_texts(texts)
    try:
        found = await api.evaluation()
    except ApiError as error:
        if error.code != "no-evaluation":
            raise
        detail = escape(texts.problem(error.code, error.messages))
        body = empty_html(words.no_evaluation, f'<span dir="auto">{detail}</span>')
    else:
        body = _report(found, texts, words)
    return page_html(words.evaluation, words.evaluation_detail, body, texts)


def _report(found: Evaluation, texts: Texts, words: ExploreTexts) -> str:
    facts = [
        (words.ran, texts.date(found.date.date())),
        (words.model, found.model or texts.unknown),
        (words.asked, str(found.cases)),
        (words.passed, str(found.passed)),
    ]
    rows = "".join(f"<div><dt>{name}</dt><dd><bdi>{escape(value)}</bdi></dd></div>" for name, value in facts)
    headline = [name for name in HEADLINE if name in found.metrics]
    rest = [name for name in found.metrics if name not in headline]
    return (
        f'<dl class="sanad-facts">{rows}</dl>{heading_html(words.figure)}'
        f"{_figures({name: found.metrics[name] for name in [*headline, *rest]}, words)}"
        f"{_groups(words.by_suite, words.suite, found.suites, words)}"
        f"{_groups(words.by_tag, words.tag, found.tags, words)}"
    )


def _figures(metrics: Mapping[str, Figure], words: ExploreTexts) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(words.metrics.get(name, name))}</th>'
        f"<td><bdi>{_value(name, figure, words)}</bdi></td>"
        f"<td>{_bar(name, figure)}</td><td><bdi>{_interval(name, figure)}</bdi></td></tr>"
        for name, figure in metrics.items()
    )
    return (
        f'<div class="sanad-chart-frame" role="region" tabindex="0" aria-label="{words.figure}">'
        f'<table class="sanad-figures"><thead><tr><th scope="col">{words.figure}</th><th scope="col">{words.value}</th>'
        f'<td></td><th scope="col">{words.interval}</th></tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _groups(title: str, head: str, groups: Mapping[str, EvaluatedGroup], words: ExploreTexts) -> str:
    if not groups:
        return ""
    names = [name for name in BY_GROUP if any(name in group.metrics for group in groups.values())]
    heads = "".join(f'<th scope="col">{escape(words.metrics.get(name, name))}</th>' for name in names)
    rows = "".join(
        f'<tr><th scope="row"><bdi>{escape(label)}</bdi></th><td>{group.cases}</td>'
        + "".join(_group_cell(name, group.metrics.get(name) or Figure(), words) for name in names)
        + "</tr>"
        for label, group in groups.items()
    )
    return (
        f'<h2 class="sanad-found-heading">{title}</h2>'
        f'<div class="sanad-chart-frame" role="region" tabindex="0" aria-label="{title}"><table class="sanad-figures">'
        f'<thead><tr><th scope="col">{head}</th><th scope="col">{words.questions}</th>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _group_cell(name: str, figure: Figure, words: ExploreTexts) -> str:
    interval = _interval(name, figure)
    small = f"<small><bdi>{interval}</bdi></small>" if interval else ""
    return f"<td><bdi>{_value(name, figure, words)}</bdi>{_bar(name, figure)}{small}</td>"


def _number(name: str, value: float) -> str:
    return f"{value:.0f}" if name.endswith("_ms") else f"{value:.2f}"


def _value(name: str, figure: Figure, words: ExploreTexts) -> str:
    return words.unmeasured if figure.value is None else _number(name, figure.value)


def _interval(name: str, figure: Figure) -> str:
    if figure.low is None or figure.high is None:
        return ""
    return f"{_number(name, figure.low)} – {_number(name, figure.high)}"


def _bar(name: str, figure: Figure) -> str:
    """A share as a bar with its interval as a line over it; other figures have no scale to be drawn on."""
    if figure.value is None or not 0 <= figure.value <= 1 or name.endswith("_ms"):
        return ""
    low, high = figure.low if figure.low is not None else figure.value, figure.high or figure.value
    style = f"--value:{figure.value * 100:.1f}%;--low:{low * 100:.1f}%;--high:{high * 100:.1f}%"
    return f'<span class="sanad-bar" style="{style}" aria-hidden="true"><span></span><i></i></span>'
