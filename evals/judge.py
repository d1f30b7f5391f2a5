"""A second opinion on a run from an LLM: is each answer faithful to what it cites, and does it answer its question?

The judge is LlamaIndex's, over the OpenAI-compatible endpoint that is set. It is reported beside the deterministic
metrics and never takes the place of one: another model, or the same one asked again, may judge otherwise. ragas 0.3
asks for parts of langchain-community that 0.4 no longer has, so it cannot be used with the pinned packages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from pydantic import BaseModel, ConfigDict

from evals.runner import CaseResult
from retrieval.endpoint import chat_model
from retrieval.errors import SanadError
from retrieval.settings import Settings

LIBRARY = "llama_index.core.evaluation"
_MARKS = re.compile(r"\s*\[\d+\]")


class NoJudge(SanadError):
    """No endpoint is set to judge with."""

    code, status = "no-judge", 422
    arabic = "لا نقطة وصول لنموذج لغة يحكم: اضبط SANAD_LLM_BASE_URL وSANAD_LLM_MODEL، أو دع ‎--judge"
    english = "There is no LLM to judge with: set SANAD_LLM_BASE_URL and SANAD_LLM_MODEL, or leave out --judge"


class Verdict(BaseModel):
    """What a judge says of one answer, each in [0, 1]; ``None`` where it said nothing that can be read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    suite: str
    id: str
    faithfulness: float | None
    relevancy: float | None


class Judgement(BaseModel):
    """What a judge says of a run: means over the answers that it judged, and how many those were."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    library: str = LIBRARY
    model: str
    faithfulness: float | None
    relevancy: float | None
    judged: dict[str, int]
    verdicts: tuple[Verdict, ...]


def endpoint(settings: Settings) -> None:
    """Check that there is an LLM to judge with.

    Raises:
        NoJudge: when no endpoint is set.
    """
    if not settings.llm_base_url or not settings.llm_model:
        raise NoJudge


def judge_run(
    cases: Sequence[CaseResult], settings: Settings, *, on_case: Callable[[str], None] = lambda case: None
) -> Judgement:
    """Have every answer judged that was not an abstention.

    Raises:
        NoJudge: when no endpoint is set.
    """
    endpoint(settings)
    faithful, relevant = _evaluators(settings)
    verdicts = []
    for case in cases:
        if case.sentences and case.answer:
            response = _MARKS.sub("", case.answer)
            quotes = [citation.quote for citation in case.citations]
            query = case.standalone_question or case.question
            faithfulness = _score(partial(faithful.evaluate, response=response, contexts=quotes), yes_or_no=True)
            relevancy = _score(partial(relevant.evaluate, query=query, response=response))
            verdicts.append(Verdict(suite=case.suite, id=case.id, faithfulness=faithfulness, relevancy=relevancy))
        on_case(case.id)
    scores = {
        "faithfulness": [v.faithfulness for v in verdicts if v.faithfulness is not None],
        "relevancy": [v.relevancy for v in verdicts if v.relevancy is not None],
    }
    means = {name: sum(values) / len(values) if values else None for name, values in scores.items()}
    counts = {name: len(values) for name, values in scores.items()}
    return Judgement(model=settings.llm_model, judged=counts, verdicts=tuple(verdicts), **means)


def lines(judgement: Judgement) -> list[str]:
    """A line a figure, under a name that no metric has."""
    found = []
    for name in ("faithfulness", "relevancy"):
        value = getattr(judgement, name)
        shown = "–" if value is None else f"{value:.3f}"
        found.append(f"judge_{name:22} {shown}  ({judgement.judged[name]} answers, {judgement.model}: no metric)")
    return found


def _evaluators(settings: Settings) -> tuple[Any, Any]:
    from llama_index.core.evaluation import AnswerRelevancyEvaluator, FaithfulnessEvaluator

    llm = chat_model(settings, max_retries=1)
    return FaithfulnessEvaluator(llm=llm), AnswerRelevancyEvaluator(llm=llm)


def _score(ask: Callable[[], Any], *, yes_or_no: bool = False) -> float | None:
    """The score in [0, 1] of one evaluation, ``None`` where the judge failed or did not answer as it was told to."""
    try:
        result = ask()
    # The judge's endpoint or its reply may fail in any way; the run's own figures do not depend on it.
    except Exception:
        return None
    if result.score is None or (yes_or_no and not re.search(r"\b(?:yes|no)\b", result.feedback or "", re.IGNORECASE)):
        return None
    return min(1.0, max(0.0, float(result.score)))
