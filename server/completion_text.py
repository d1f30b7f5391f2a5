"""An answer worded for OpenAI's clients: sentences with [n] marks, then footnotes; whole or in chunks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from sse_starlette import ServerSentEvent

from retrieval.errors import SanadError
from retrieval.models import Answer, AnswerSentence, Citation, CitedSentence, Language, Started
from server.completion_schemas import (
    ChatCompletion,
    ChatCompletionChunk,
    Choice,
    ChunkChoice,
    CompletionMessage,
    CompletionRequest,
    Delta,
    Grounds,
    Usage,
)
from server.events import one_line
from server.openai_errors import openai_error
from server.problems import problem_of, unexpected
from server.workers import Step

_SOURCES: dict[Language, str] = {"ar": "المصادر:", "en": "Sources:", "fa": "منابع:"}


class Completion:
    """Words one answer as OpenAI's API does.

    Args:
        asked: What was asked.
        count: The number of tokens in a text.
        created: Unix time in seconds.
    """

    def __init__(self, asked: CompletionRequest, *, count: Callable[[str], int], created: int) -> None:
        self._asked = asked
        self._count = count
        self._created = created
        self._text = ""
        self._shown: list[AnswerSentence] = []
        self._cut = False

    def whole(self, answer: Answer) -> ChatCompletion:
        """The answer at once."""
        for sentence in answer.sentences:
            self._sentence(sentence)
        self._close(answer)
        return ChatCompletion(
            id=_id(answer),
            created=self._created,
            model=self._asked.model,
            choices=(Choice(message=CompletionMessage(content=self._text), finish_reason=self._reason),),
            usage=self._usage(),
            sanad=Grounds.of(answer),
        )

    def events(self, steps: Iterable[Step], request_id: str) -> Iterator[ServerSentEvent]:
        """The answer's steps as server-sent events of chunks, ``[DONE]`` the last; or an error, and no more."""
        try:
            for chunk in self._chunks(steps):
                yield ServerSentEvent(one_line(chunk.model_dump_json()))
            yield ServerSentEvent("[DONE]")
        except SanadError as error:
            yield ServerSentEvent(one_line(openai_error(problem_of(error)).model_dump_json()))
        except Exception as error:
            yield ServerSentEvent(one_line(openai_error(unexpected(error, request_id)).model_dump_json()))

    def _chunks(self, steps: Iterable[Step]) -> Iterator[ChatCompletionChunk]:
        for step in steps:
            if isinstance(step, Started):
                yield self._chunk(step, Delta(role="assistant", content=""))
                started = step
            elif isinstance(step, CitedSentence):
                if added := self._sentence(step.sentence):
                    yield self._chunk(started, Delta(content=added))
            else:
                yield self._chunk(step, Delta(content=self._close(step)))
                last = ChunkChoice(delta=Delta(), finish_reason=self._reason)
                yield self._chunk(step, last, sanad=Grounds.of(step))
                options = self._asked.stream_options
                if options and options.include_usage:
                    yield self._chunk(step, usage=self._usage())

    def _chunk(
        self,
        step: Started | Answer,
        choice: Delta | ChunkChoice | None = None,
        *,
        usage: Usage | None = None,
        sanad: Grounds | None = None,
    ) -> ChatCompletionChunk:
        choices = (ChunkChoice(delta=choice),) if isinstance(choice, Delta) else (choice,) if choice else ()
        return ChatCompletionChunk(
            id=_id(step), created=self._created, model=self._asked.model, choices=choices, usage=usage, sanad=sanad
        )

    def _sentence(self, sentence: AnswerSentence) -> str:
        """What the text grows by: the sentence with its marks, or nothing once the budget is used up.

        The first sentence is always given: part of a quotation would be none.
        """
        marks = "".join(f"[{number}]" for number in sentence.citations)
        added = ("\n" if self._text else "") + f"{sentence.text} {marks}"
        budget = self._asked.budget
        if self._cut or (self._shown and budget is not None and self._count(self._text + added) > budget):
            self._cut = True
            return ""
        self._shown.append(sentence)
        self._text += added
        return added

    def _close(self, answer: Answer) -> str:
        """What the text ends with: the footnotes of the sentences shown, or that there is no answer."""
        if self._shown:
            used = {number for sentence in self._shown for number in sentence.citations}
            cited = [citation for citation in answer.citations if citation.number in used]
            added = "\n\n" + footnotes(cited, answer.language)
        else:
            added = answer.text
        self._text += added
        return added

    @property
    def _reason(self) -> str:
        return "length" if self._cut else "stop"

    def _usage(self) -> Usage:
        prompt = sum(self._count(message.text) for message in self._asked.messages)
        completion = self._count(self._text)
        return Usage(prompt_tokens=prompt, completion_tokens=completion, total_tokens=prompt + completion)


def footnotes(citations: Sequence[Citation], language: Language) -> str:
    """What each [n] cites, a paragraph each: title, source and date as far as they are known, and the exact words."""
    lines = [_SOURCES[language]]
    for cited in citations:
        known = (cited.title or cited.article_id, cited.source, cited.published and cited.published.isoformat())
        about = " · ".join(part for part in known if part)
        lines.append(f"[{cited.number}] {about}: «{cited.quote}»")
    return "\n\n".join(lines)


def _id(step: Started | Answer) -> str:
    return f"chatcmpl-{step.id}"
