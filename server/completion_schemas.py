"""Requests and responses of the OpenAI-compatible routes.

The request names every parameter of OpenAI's API that a client may send by default. Those that only steer sampling
are taken and change nothing, since answers are quotations; of those that would change what an answer is, only the
value that means "no" fits, so that nobody believes to have got what they asked for.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from retrieval.models import Answer, AnswerSentence, Citation, Language, Mode, Perspective, Record, Status

Name = Literal["sanad", "sanad-extractive", "sanad-generative"]
MODES: dict[str, Mode | None] = {"sanad": None, "sanad-extractive": "extractive", "sanad-generative": "generative"}
"""How each model answers; ``None`` is as the setting SANAD_MODE says."""


def _exactly(kind: type) -> BeforeValidator:
    """Python holds 0 and False, and 1 and True, to be the same; JSON does not."""

    def check(value: object) -> object:
        if type(value) is not kind:
            raise PydanticCustomError("literal_error", "Input should be the one value of its type that fits")
        return value

    return BeforeValidator(check)


_number, _truth = _exactly(int), _exactly(bool)


class TextPart(BaseModel):
    """A part of a message."""

    model_config = ConfigDict(frozen=True)

    type: Literal["text"]
    text: str


class Message(BaseModel):
    """A message; what else clients echo of an earlier completion is ignored."""

    model_config = ConfigDict(frozen=True)

    role: Literal["system", "developer", "user", "assistant"] = Field(
        description="`system` and `developer` messages change nothing: answers are what the articles say."
    )
    content: str | tuple[TextPart, ...] | None = Field(default=None, description="Text; null in assistant messages.")

    @property
    def text(self) -> str:
        """The text of all parts."""
        if isinstance(self.content, tuple):
            return "\n".join(part.text for part in self.content)
        return self.content or ""


class StreamOptions(Record):
    """Options of a stream."""

    include_usage: bool | None = Field(default=None, strict=True, description="Send a last chunk with the usage.")
    include_obfuscation: bool | None = Field(default=None, strict=True, description="Changes nothing.")


class TextFormat(Record):
    """The one format there is."""

    type: Literal["text"]


_IGNORED = "Taken and of no effect: answers are quotations, not samples."
_ONLY = "Sanad cannot do otherwise; another value is refused."


class CompletionRequest(Record):
    """A chat to complete: the last message is the question, the user's earlier ones its context."""

    model: str = Field(
        min_length=1, max_length=128, description="One of GET /v1/models; `sanad` answers as the server is set."
    )
    messages: tuple[Message, ...] = Field(min_length=1, max_length=2000)
    stream: bool | None = Field(
        default=None, strict=True, description="Send the answer as it is made, a sentence a chunk."
    )
    stream_options: StreamOptions | None = None
    max_tokens: int | None = Field(
        default=None,
        ge=1,
        description="Most tokens of the sentences, of which whole ones are left out; footnotes extra.",
    )
    max_completion_tokens: int | None = Field(
        default=None, strict=True, ge=1, description="The same, by its newer name."
    )
    n: Annotated[Literal[1], _number] | None = Field(default=None, description=_ONLY)
    stop: tuple[()] | None = Field(default=None, max_length=0, description=_ONLY)
    tools: tuple[()] | None = Field(default=None, max_length=0, description=_ONLY)
    tool_choice: Literal["none", "auto"] | None = Field(default=None, description=_ONLY)
    functions: tuple[()] | None = Field(default=None, max_length=0, description=_ONLY)
    function_call: Literal["none", "auto"] | None = Field(default=None, description=_ONLY)
    response_format: TextFormat | None = Field(default=None, description=_ONLY)
    logprobs: Annotated[Literal[False], _truth] | None = Field(default=None, description=_ONLY)
    top_logprobs: Annotated[Literal[0], _number] | None = Field(default=None, description=_ONLY)
    modalities: tuple[Literal["text"], ...] | None = Field(default=None, max_length=1, description=_ONLY)
    audio: None = Field(default=None, description=_ONLY)
    temperature: float | None = Field(default=None, strict=True, ge=0, le=2, description=_IGNORED)
    top_p: float | None = Field(default=None, strict=True, ge=0, le=1, description=_IGNORED)
    presence_penalty: float | None = Field(default=None, strict=True, ge=-2, le=2, description=_IGNORED)
    frequency_penalty: float | None = Field(default=None, strict=True, ge=-2, le=2, description=_IGNORED)
    logit_bias: dict[str, Annotated[float, Field(strict=True)]] | None = Field(default=None, description=_IGNORED)
    seed: int | None = Field(default=None, strict=True, description=_IGNORED)
    user: str | None = Field(default=None, description=_IGNORED)
    safety_identifier: str | None = Field(default=None, description=_IGNORED)
    prompt_cache_key: str | None = Field(default=None, description=_IGNORED)
    parallel_tool_calls: bool | None = Field(default=None, strict=True, description=_IGNORED)
    reasoning_effort: str | None = Field(default=None, description=_IGNORED)
    verbosity: str | None = Field(default=None, description=_IGNORED)
    service_tier: str | None = Field(default=None, description=_IGNORED)
    store: bool | None = Field(default=None, strict=True, description=_IGNORED)
    metadata: dict[str, str] | None = Field(default=None, description=_IGNORED)
    prediction: dict[str, Any] | None = Field(default=None, description=_IGNORED)

    @property
    def budget(self) -> int | None:
        """Most tokens of the answer's sentences."""
        return self.max_completion_tokens or self.max_tokens


FIXED = frozenset(name for name, field in CompletionRequest.model_fields.items() if field.description == _ONLY)
"""Parameters of which only the value that means "no" fits."""


class Usage(Record):
    """Tokens, as the embedding model counts them."""

    prompt_tokens: int = Field(ge=0)
    completion_tokens: int = Field(ge=0)
    total_tokens: int = Field(ge=0)


class Grounds(Record):
    """What a completion rests on: the answer as data, as in POST /v1/answers but for its evidence."""

    status: Status
    mode: Mode
    language: Language
    confidence: float = Field(ge=0, le=1)
    standalone_question: str = Field(description="What was understood, the earlier messages considered.")
    sentences: tuple[AnswerSentence, ...]
    citations: tuple[Citation, ...]
    perspectives: tuple[Perspective, ...]
    related: tuple[Citation, ...] = Field(description="Nearest passages when abstaining; not an answer.")
    notes: tuple[str, ...]

    @classmethod
    def of(cls, answer: Answer) -> Grounds:
        """The grounds of an answer."""
        return cls(**{name: getattr(answer, name) for name in cls.model_fields})


class CompletionMessage(Record):
    """The answer's text: sentences with [n], then what each n cites."""

    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None


class Choice(Record):
    """The one choice; `length` means that sentences were left out for the sake of `max_tokens`."""

    index: Literal[0] = 0
    message: CompletionMessage
    logprobs: None = None
    finish_reason: Literal["stop", "length"]


class ChatCompletion(Record):
    """An answer in OpenAI's shape, with `sanad` as an extension."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int = Field(description="Unix time in seconds.")
    model: str
    choices: tuple[Choice, ...]
    usage: Usage
    sanad: Grounds


def _absent(value: object) -> bool:
    """Clients tell chunks apart by what they hold, so these have no nulls."""
    return value is None


class Delta(Record):
    """What a chunk adds."""

    role: Literal["assistant"] | None = Field(default=None, exclude_if=_absent)
    content: str | None = Field(default=None, exclude_if=_absent)


class ChunkChoice(Record):
    """The one choice of a chunk."""

    index: Literal[0] = 0
    delta: Delta
    logprobs: None = None
    finish_reason: Literal["stop", "length"] | None = None


class ChatCompletionChunk(Record):
    """A piece of a streamed answer; the one that finishes it has `sanad`, the one after that, on request, `usage`."""

    id: str
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    created: int
    model: str
    choices: tuple[ChunkChoice, ...]
    usage: Usage | None = Field(default=None, exclude_if=_absent)
    sanad: Grounds | None = Field(default=None, exclude_if=_absent)


class ModelCard(Record):
    """A way to be answered."""

    id: Name
    object: Literal["model"] = "model"
    created: int = Field(description="Unix time in seconds.")
    owned_by: Literal["sanad"] = "sanad"


class ModelList(Record):
    """The ways to be answered."""

    object: Literal["list"] = "list"
    data: tuple[ModelCard, ...]
