"""What a case's answer is checked for, and the metrics made of those checks.

Every metric over citations or sentences is a micro average: hits of all cases over the units of all cases. A
metric with nothing to measure (no citation given, no unanswerable case, …) is ``None`` with a note, never
1.0.

Citation precision follows ALCE (Gao et al., 2023, "Enabling Large Language Models to Generate Text with
Citations"): a citation counts when it alone supports its sentence, or the sentence is supported with it and
not without it. Added to that, a citation that names the sentence's speaker counts when no citation that
supports the sentence names them.

A metric is a function of what each case gives to it (``Definition.part``, ``Definition.value``), so that the same
definition serves the figure, its interval and the difference of two runs (``evals.statistics``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from evals.matching import answer_texts, matches, met
from evals.suite import Case, Saying
from retrieval.analysis import normalise
from retrieval.models import Answer, AnswerSentence, Citation

Verifier = Callable[[str, Sequence[str]], bool]


Array = npt.NDArray[np.float64]
Part = tuple[float, ...]
# What a generative answer, or one that fell back from it, notes of having asked a language model.
_LLM_NOTES = ("llm_failed", "sentences_dropped")


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Check(_Value):
    """One thing an answer was checked for. ``detail`` says what was wanted, or what was wrong."""

    name: str
    passed: bool
    detail: str


class Count(_Value):
    """``hits`` of ``units``."""

    hits: int = 0
    units: int = 0


class Tally(_Value):
    """What one case adds to each metric, so that metrics of any set of cases are sums over their tallies."""

    passed: bool
    answerable: bool
    abstained: bool = False
    correctness: float | None = None
    citation_exactness: Count = Count()
    citation_coverage: Count = Count()
    groundedness: Count = Count()
    citation_precision: Count = Count()
    attribution_accuracy: Count = Count()
    confidence: float | None = None
    flaky: bool | None = None
    asked_llm: bool | None = None
    latency_ms: float | None = None


def _ratio(parts: Array) -> Array:
    """Parts ``(..., cases, 2)`` of a numerator and a denominator to the quotient of their sums ``(...)``."""
    sums = parts.sum(axis=-2)
    with np.errstate(invalid="ignore", divide="ignore"):
        return sums[..., 0] / sums[..., 1]


def _auroc(parts: Array) -> Array:
    """How often an answerable case has more confidence than an unanswerable one, a tie counting half.

    Parts ``(..., cases, 2)`` are confidence and answerable (0 or 1). By rank sums (Mann and Whitney, 1947); ``nan``
    where one of the two kinds is absent.
    """
    from scipy.stats import rankdata

    positive = parts[..., 1]
    positives = positive.sum(axis=-1)
    negatives = positive.shape[-1] - positives
    ranks = (rankdata(parts[..., 0], axis=-1) * positive).sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (ranks - positives * (positives + 1) / 2) / (positives * negatives)


def _percentile(percent: int) -> Callable[[Array], Array]:
    def value(parts: Array) -> Array:
        return np.asarray(np.percentile(parts[..., 0], percent, axis=-1))

    return value


def _share(hit: Callable[[Tally], float | None]) -> Callable[[Tally], Part]:
    """The part of a case in a mean over the cases for which ``hit`` is not ``None``."""

    def part(tally: Tally) -> Part:
        value = hit(tally)
        return () if value is None else (float(value), 1.0)

    return part


def _counted(name: str) -> Callable[[Tally], Part]:
    def part(tally: Tally) -> Part:
        count: Count = getattr(tally, name)
        return (float(count.hits), float(count.units)) if count.units else ()

    return part


def _abstention_f1(tally: Tally) -> Part:
    """F1 is 2·hits / (unanswerable + abstained), hits being the cases that are both."""
    unanswerable = not tally.answerable
    units = unanswerable + tally.abstained
    return (2.0 * (unanswerable and tally.abstained), float(units)) if units else ()


def _confidence(tally: Tally) -> Part:
    return () if tally.confidence is None else (tally.confidence, float(tally.answerable))


def _latency(tally: Tally) -> Part:
    return () if tally.latency_ms is None else (tally.latency_ms,)


class Definition(NamedTuple):
    """A metric: how it is shown to a reader, what is missing when it cannot be measured, and how it is measured.

    ``unmeasured`` says what is missing, in Arabic and in English. ``part`` is what a case gives to the metric, empty
    when it has no part in it; ``value`` makes of parts ``(..., cases, k)`` the figures ``(...)``.
    """

    arabic: str
    english: str
    unmeasured: tuple[str, str]
    part: Callable[[Tally], Part]
    value: Callable[[Array], Array] = _ratio
    lower_is_better: bool = False


METRICS: dict[str, Definition] = {
    "case_pass_rate": Definition(
        "الحالات الناجحة", "Cases passed", ("لا حالات", "no cases"), _share(lambda tally: tally.passed)
    ),
    "correctness": Definition(
        "الصحة",
        "Correctness",
        ("لا حالة لها جواب تذكر ما يجب أن يَرِد أو ألا يرد", "no answerable case says what to include or not"),
        _share(lambda tally: tally.correctness),
    ),
    "citation_exactness": Definition(
        "حرفية الاقتباس",
        "Citation exactness",
        ("لم يُعطَ اقتباس", "no citation was given"),
        _counted("citation_exactness"),
    ),
    "citation_coverage": Definition(
        "شمول الاقتباس",
        "Citation coverage",
        ("لم تُعطَ جملة جواب", "no answer sentence was given"),
        _counted("citation_coverage"),
    ),
    "groundedness": Definition(
        "الاستناد", "Groundedness", ("لم تُعطَ جملة جواب", "no answer sentence was given"), _counted("groundedness")
    ),
    "citation_precision": Definition(
        "دقة الاقتباس", "Citation precision", ("لم يُعطَ اقتباس", "no citation was given"), _counted("citation_precision")
    ),
    "attribution_accuracy": Definition(
        "صحة النسبة",
        "Attribution accuracy",
        ("لا حالة فيها attributed_to", "no case has attributed_to"),
        _counted("attribution_accuracy"),
    ),
    "abstention_recall": Definition(
        "استدعاء الامتناع",
        "Abstention recall",
        ("لا حالة بلا جواب", "no unanswerable case"),
        _share(lambda tally: None if tally.answerable else tally.abstained),
    ),
    "abstention_precision": Definition(
        "دقة الامتناع",
        "Abstention precision",
        ("لم يمتنع جواب", "no answer abstained"),
        _share(lambda tally: not tally.answerable if tally.abstained else None),
    ),
    "abstention_f1": Definition(
        "مقياس F1 للامتناع",
        "Abstention F1",
        ("لا حالة بلا جواب، ولم يمتنع جواب", "no unanswerable case, and no answer abstained"),
        _abstention_f1,
    ),
    "abstention_auroc": Definition(
        "تمييز الثقة لما له جواب",
        "Abstention AUROC",
        ("لا ثقة معروفة لحالات لها جواب وأخرى بلا جواب معًا", "no confidence of both answerable and unanswerable cases"),
        _confidence,
        _auroc,
    ),
    "flaky": Definition(
        "حالات متقلبة",
        "Flaky cases",
        ("طُرح كل سؤال مرة واحدة؛ انظر ‎--repeat", "every question was asked once; see --repeat"),
        _share(lambda tally: tally.flaky),
        lower_is_better=True,
    ),
    "llm_calls": Definition(
        "استدعاء النموذج التوليدي لكل جواب",
        "LLM calls per answer",
        ("لم يُجب عن سؤال", "no question was answered"),
        _share(lambda tally: tally.asked_llm),
        lower_is_better=True,
    ),
    **{
        f"latency_p{percent}_ms": Definition(
            arabic,
            f"Latency p{percent} (ms)",
            ("لم يُجب عن سؤال", "no question was answered"),
            _latency,
            _percentile(percent),
            lower_is_better=True,
        )
        for percent, arabic in (
            (50, "زمن الجواب الوسيط (م.ث)"),
            (95, "زمن الجواب عند 95٪ (م.ث)"),
            (99, "زمن الجواب عند 99٪ (م.ث)"),
        )
    },
}


class Judged(_Value):
    """An answer, judged. ``exact`` is parallel to ``answer.citations``, ``grounded`` to its sentences."""

    checks: tuple[Check, ...]
    tally: Tally
    exact: tuple[bool, ...] = ()
    grounded: tuple[bool, ...] = ()


def is_exact(citation: Citation, text: str | None) -> bool:
    """Whether the quote is, character for character, the span it names in the stored article's ``text``."""
    if text is None or not 0 <= citation.start < citation.end <= len(text):
        return False
    return text[citation.start : citation.end] == citation.quote


def judge(
    case: Case,
    answer: Answer,
    *,
    article_text: Callable[[str, int], str | None],
    supported: Verifier,
    latency_ms: float | None = None,
) -> Judged:
    """Check an answer against its case and against the product's promise.

    Args:
        case: what was asked and is wanted.
        answer: what was answered.
        article_text: the stored text of an article id and version, ``None`` if there is no such version.
        supported: whether quotes support a sentence.
        latency_ms: how long the answer took.

    Returns:
        The case's own checks, then for the answer as it is: ``citations_exact``, ``sentences_cited``,
        ``sentences_grounded``; and ``related_exact`` for the passages shown when abstaining.
    """
    exact = tuple(_exact(citation, article_text) for citation in answer.citations)
    related = [_exact(citation, article_text) for citation in answer.related]
    cited = [_is_cited(sentence, answer) for sentence in answer.sentences]
    grounded = tuple(_grounded(sentence, answer, supported) for sentence in answer.sentences)
    said = [_attributed(saying, answer) for saying in case.attributed_to]
    abstained = answer.status == "abstained"
    # Text shown as an answer without sentences is text that cites nothing: one unit, not none.
    unsentenced = int(not abstained and not answer.sentences)

    checks = [_status(case, answer), *_text_checks(case, answer), *_quote_checks(case, answer)]
    checks += _attribution_checks(case, said)
    if not abstained or answer.sentences:
        numbers = [citation.number for citation in answer.citations]
        places = range(1, len(answer.sentences) + 1)
        checks += [
            _promise("citations_exact", "citation", numbers, exact),
            _promise("sentences_cited", "sentence", places, cited, none_passes=False),
            _promise("sentences_grounded", "sentence", places, grounded, none_passes=False),
        ]
    if related:
        checks.append(_promise("related_exact", "related passage", range(1, len(related) + 1), related))

    return Judged(
        checks=tuple(checks),
        exact=exact,
        grounded=grounded,
        tally=Tally(
            passed=all(check.passed for check in checks),
            answerable=case.answerable,
            abstained=abstained,
            correctness=correctness(case, answer),
            citation_exactness=_count(exact),
            citation_coverage=_count(cited, more=unsentenced),
            groundedness=_count(grounded, more=unsentenced),
            citation_precision=_precision(answer, supported),
            attribution_accuracy=_count(said),
            confidence=answer.confidence,
            asked_llm=answer.mode == "generative" or any(note.startswith(_LLM_NOTES) for note in answer.notes),
            latency_ms=latency_ms,
        ),
    )


def failed(case: Case, reason: str) -> Judged:
    """The judgement of a case whose question got no answer at all but an error."""
    states_text = bool(case.must_include or case.must_not_include)
    return Judged(
        checks=(Check(name="asked", passed=False, detail=reason),),
        tally=Tally(
            passed=False,
            answerable=case.answerable,
            correctness=0.0 if case.answerable and states_text else None,
            attribution_accuracy=Count(units=len(case.attributed_to)),
        ),
    )


def correctness(case: Case, answer: Answer) -> float | None:
    """The share of ``must_include`` groups met: 0 when abstained or where a ``must_not_include`` matches.

    An answerable case with only ``must_not_include`` scores 1 when answered without a match; a case with
    neither, or an unanswerable one, has no correctness (``None``).
    """
    if not case.answerable or not (case.must_include or case.must_not_include):
        return None
    texts = answer_texts(answer)
    if answer.status == "abstained" or any(matches(unwanted, texts) for unwanted in case.must_not_include):
        return 0.0
    if not case.must_include:
        return 1.0
    return sum(met(group, texts) for group in case.must_include) / len(case.must_include)


def parts(name: str, tallies: Sequence[Tally]) -> Array:
    """What these cases give to a metric: ``(cases that have a part in it, k)``."""
    given = [part for part in map(METRICS[name].part, tallies) if part]
    return np.array(given, dtype=float)


def measured(name: str, given: Array) -> float | None:
    """The figure made of such parts; ``None`` where there is nothing to measure."""
    if not given.size:
        return None
    value = float(METRICS[name].value(given))
    return None if np.isnan(value) else value


def aggregate(tallies: Sequence[Tally]) -> dict[str, float | None]:
    """The metrics of these cases, in the order of ``METRICS``; ``None`` where there is nothing to measure."""
    return {name: measured(name, parts(name, tallies)) for name in METRICS}


def _count(hits: Sequence[bool], *, more: int = 0) -> Count:
    return Count(hits=sum(hits), units=len(hits) + more)


def _exact(citation: Citation, article_text: Callable[[str, int], str | None]) -> bool:
    return is_exact(citation, article_text(citation.article_id, citation.article_version))


def _is_cited(sentence: AnswerSentence, answer: Answer) -> bool:
    """Whether the sentence has a citation, and no number that the answer has no citation for."""
    numbers = {citation.number for citation in answer.citations}
    return bool(sentence.citations) and numbers.issuperset(sentence.citations)


def _cited(sentence: AnswerSentence, answer: Answer) -> list[Citation]:
    """The citations of the answer that a sentence names."""
    return [citation for citation in answer.citations if citation.number in sentence.citations]


def _grounded(sentence: AnswerSentence, answer: Answer, supported: Verifier) -> bool:
    quotes = [citation.quote for citation in _cited(sentence, answer)]
    return bool(quotes) and supported(sentence.text, quotes)


def _precision(answer: Answer, supported: Verifier) -> Count:
    """Over uses: a citation used by two sentences counts in each; one that no sentence uses is a miss."""
    hits = units = 0
    for sentence in answer.sentences:
        judged = _supporting(sentence, _cited(sentence, answer), supported)
        hits += sum(judged)
        units += len(judged)
    used = {number for sentence in answer.sentences for number in sentence.citations}
    return Count(hits=hits, units=units + sum(citation.number not in used for citation in answer.citations))


def _supporting(sentence: AnswerSentence, citations: Sequence[Citation], supported: Verifier) -> list[bool]:
    """For each citation of a sentence, whether it supports it (see the module's docstring)."""
    quotes = [citation.quote for citation in citations]
    alone = [supported(sentence.text, [quote]) for quote in quotes]
    if all(alone) or not supported(sentence.text, quotes):
        return alone
    needed = []
    for index in range(len(quotes)):
        others = quotes[:index] + quotes[index + 1 :]
        needed.append(alone[index] or not (others and supported(sentence.text, others)))
    if _names_speaker(sentence, [quote for quote, supports in zip(quotes, needed, strict=True) if supports]):
        return needed
    return [supports or _names_speaker(sentence, [quote]) for quote, supports in zip(quotes, needed, strict=True)]


def _names_speaker(sentence: AnswerSentence, quotes: Sequence[str]) -> bool:
    if sentence.attribution is None:
        return False
    speaker = normalise(sentence.attribution.speaker or sentence.attribution.outlet or "")
    return bool(speaker) and any(speaker in normalise(quote) for quote in quotes)


def _attributed(saying: Saying, answer: Answer) -> bool:
    """Whether a sentence citing a quote that matches ``says`` has a matching speaker or outlet."""
    for sentence in answer.sentences:
        quotes = [citation.quote for citation in _cited(sentence, answer)]
        if sentence.attribution is None or not met(saying.says, quotes):
            continue
        names = [name for name in (sentence.attribution.speaker, sentence.attribution.outlet) if name]
        if met(saying.speaker, names):
            return True
    return False


def _status(case: Case, answer: Answer) -> Check:
    wanted = "an answer" if case.answerable else "an abstention"
    passed = (answer.status != "abstained") == case.answerable
    return Check(name="status", passed=passed, detail=f"{wanted} wanted, the answer is {answer.status}")


def _text_checks(case: Case, answer: Answer) -> list[Check]:
    texts = answer_texts(answer)
    answered = answer.status != "abstained"
    checks = [
        Check(
            name=f"must_include[{index}]",
            passed=answered and met(group, texts),
            detail=" | ".join(group) if answered else f"{' | '.join(group)} (abstained)",
        )
        for index, group in enumerate(case.must_include)
    ]
    checks += [
        Check(name=f"must_not_include[{index}]", passed=not matches(unwanted, texts), detail=unwanted)
        for index, unwanted in enumerate(case.must_not_include)
    ]
    return checks


def _quote_checks(case: Case, answer: Answer) -> list[Check]:
    quotes = [citation.quote for citation in answer.citations]
    return [
        Check(name=f"quote_includes[{index}]", passed=met(group, quotes), detail=" | ".join(group))
        for index, group in enumerate(case.quote_includes)
    ]


def _attribution_checks(case: Case, said: Sequence[bool]) -> list[Check]:
    return [
        Check(
            name=f"attributed_to[{index}]",
            passed=passed,
            detail=f"{' | '.join(saying.says)} ← {' | '.join(saying.speaker)}",
        )
        for index, (saying, passed) in enumerate(zip(case.attributed_to, said, strict=True))
    ]


def _promise(name: str, unit: str, names: Sequence[int], passed: Sequence[bool], *, none_passes: bool = True) -> Check:
    if not passed:
        return Check(name=name, passed=none_passes, detail=f"the answer has no {unit}")
    wrong = [str(number) for number, good in zip(names, passed, strict=True) if not good]
    detail = f"not so for {unit} {', '.join(wrong)}" if wrong else f"every {unit} ({len(passed)})"
    return Check(name=name, passed=not wrong, detail=detail)
