"""The chat endpoint: any that speaks OpenAI's protocol, through LlamaIndex. It may be slow, down or malformed.

A request waits its turn (``llm_concurrency``), is tried again with jitter when the endpoint was not reached or was
overloaded (``llm_retries``), and ends in time: so many seconds to connect, to the first token, and in all. An
endpoint that keeps failing is left alone for a while (a circuit breaker). When nobody reads on, or nobody wants the
answer any more, the stream to the endpoint is closed, which stops a model that would write on for nobody.
"""

from __future__ import annotations

import logging
import queue
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any

import httpx
import pybreaker
import tenacity

from retrieval.errors import Abandoned, LLMNotConfigured
from retrieval.settings import Settings

if TYPE_CHECKING:
    from llama_index.core.base.llms.types import ChatMessage
    from llama_index.llms.openai_like import OpenAILike

log = logging.getLogger(__name__)
FAILURES = 5  # in a row, after which the endpoint is left alone
REST_SECONDS = 30.0  # until it is tried again
ASKED_SECONDS = 0.2  # how often, while the endpoint is waited for, whether the answer is still wanted is asked


class EndpointFailed(Exception):
    """The endpoint is away, slow, busy or malformed; the extractive answer is given instead."""


def always() -> bool:
    """Wanted until it is there."""
    return True


def chat_model(settings: Settings, **options: Any) -> OpenAILike:
    """LlamaIndex's client of the model that the settings name; ``options`` are of the class, and come before ours."""
    from llama_index.llms.openai_like import OpenAILike

    ours: dict[str, Any] = {
        "model": settings.llm_model or "",
        "api_base": settings.llm_base_url,
        "api_key": settings.llm_api_key.get_secret_value() if settings.llm_api_key else "none",
        "is_chat_model": True,
        "timeout": settings.llm_timeout,
        "temperature": 0.0,
    }
    return OpenAILike(**(ours | options))


class Endpoint:
    """One endpoint with its limits; shared by all requests of an engine, from many threads.

    Raises:
        LLMNotConfigured: when the endpoint or the model is not set.
    """

    def __init__(self, settings: Settings) -> None:
        if not settings.llm_base_url or not settings.llm_model:
            raise LLMNotConfigured
        self._settings = settings
        self._turns = threading.BoundedSemaphore(settings.llm_concurrency)
        # Imported only where there is a language model. It loads its parts when they are first used, seconds on a busy
        # machine: not in a request's time.
        import openai

        self._passing = (
            openai.APIConnectionError, openai.RateLimitError, openai.InternalServerError, httpx.TransportError,
        )  # fmt: skip
        with httpx.Client() as client:
            _ = chat_model(settings, http_client=client)
            _ = openai.OpenAI(api_key="none", base_url=settings.llm_base_url, http_client=client).chat.completions
        self._breaker = pybreaker.CircuitBreaker(fail_max=FAILURES, reset_timeout=REST_SECONDS, exclude=[Abandoned])

    def stream(
        self, messages: Sequence[ChatMessage], most_tokens: int, wanted: Callable[[], bool] = always
    ) -> Iterator[str]:
        """The pieces of the reply as they come; closing the iterator closes the stream to the endpoint.

        A reply that the model has ended itself ends its last line; one that was cut off, by its tokens or a connection
        that broke, does not.

        Args:
            messages: the prompt.
            most_tokens: of the reply.
            wanted: asked a few times a second while the endpoint is waited for.

        Raises:
            EndpointFailed: with a stable code, before or after pieces have come.
            Abandoned: when the reply is not wanted any more.
        """
        deadline = monotonic() + self._settings.llm_timeout
        self._take_turn(deadline, wanted)
        try:
            yield from self._tried(messages, most_tokens, deadline, wanted)
        finally:
            self._turns.release()

    def _take_turn(self, deadline: float, wanted: Callable[[], bool]) -> None:
        while not self._turns.acquire(timeout=max(0.0, min(ASKED_SECONDS, deadline - monotonic()))):
            if not wanted():
                raise Abandoned
            if monotonic() >= deadline:
                raise EndpointFailed("busy")

    def _tried(
        self, messages: Sequence[ChatMessage], most_tokens: int, deadline: float, wanted: Callable[[], bool]
    ) -> Iterator[str]:
        attempts = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(1 + self._settings.llm_retries),
            wait=tenacity.wait_random_exponential(multiplier=0.2, max=2.0),
            retry=tenacity.retry_if_exception_type(self._passing)
            & tenacity.retry_if_exception(lambda _: monotonic() < deadline),
            reraise=True,
        )
        try:
            reply, first = attempts(self._breaker.call, self._opened, messages, most_tokens, deadline, wanted)
            with reply:
                yield first
                yield from reply
        except pybreaker.CircuitBreakerError:
            raise EndpointFailed("resting") from None
        except Abandoned:
            raise
        except EndpointFailed as failure:
            log.warning("LLM endpoint failed: %s", failure)
            raise
        # Any library, network or protocol error is the same to the reader: this endpoint gives no answer.
        except Exception as error:
            log.warning("LLM endpoint failed: %s", type(error).__name__)
            raise EndpointFailed(type(error).__name__) from error

    def _opened(
        self, messages: Sequence[ChatMessage], most_tokens: int, deadline: float, wanted: Callable[[], bool]
    ) -> tuple[_Reply, str]:
        """A reply and its first piece."""
        reply = _Reply(self._settings, messages, most_tokens, deadline, wanted)
        try:
            return reply, reply.first()
        except BaseException:
            reply.close()
            raise


class _Reply:
    """One reply being read by a thread: a network timeout bounds one read only, not a server that drips."""

    def __init__(
        self,
        settings: Settings,
        messages: Sequence[ChatMessage],
        most_tokens: int,
        deadline: float,
        wanted: Callable[[], bool],
    ) -> None:
        self._deadline = deadline
        self._wanted = wanted
        self._first_by = min(deadline, monotonic() + settings.llm_first_token_timeout)
        timeout = httpx.Timeout(settings.llm_timeout, connect=settings.llm_connect_timeout)
        self._socket: socket.socket | None = None
        self._client = httpx.Client(timeout=timeout, event_hooks={"request": [self._follow]})
        self._llm = chat_model(settings, http_client=self._client, max_retries=0, max_tokens=most_tokens)
        self._pieces: queue.SimpleQueue[str | Exception | None] = queue.SimpleQueue()
        threading.Thread(target=self._read, args=(messages,), name="llm-reader", daemon=True).start()

    def first(self) -> str:
        """The first piece that has text."""
        while True:
            piece = self._next(self._first_by)
            if piece is None:
                raise EndpointFailed("empty")
            if piece.strip():
                return piece

    def __iter__(self) -> Iterator[str]:
        while (piece := self._next(self._deadline)) is not None:
            yield piece

    def __enter__(self) -> _Reply:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connection, and with it the thread that reads.

        Closing alone would wait for that thread's read to end, and the other side would learn nothing until then.
        """
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
        self._client.close()

    def _follow(self, request: httpx.Request) -> None:
        request.extensions["trace"] = self._connected

    def _connected(self, event: str, details: dict[str, Any]) -> None:
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            self._socket = details["return_value"].get_extra_info("socket")

    def _next(self, by: float) -> str | None:
        while True:
            if not self._wanted():
                raise Abandoned
            try:
                piece = self._pieces.get(timeout=max(0.0, min(ASKED_SECONDS, by - monotonic())))
            except queue.Empty:
                if monotonic() >= by:
                    raise EndpointFailed("timeout") from None
                continue
            if isinstance(piece, Exception):
                raise piece
            return piece

    def _read(self, messages: Sequence[ChatMessage]) -> None:
        try:
            finished = None
            for part in self._llm.stream_chat(messages):
                self._pieces.put(part.delta or "")
                choices = getattr(part.raw, "choices", None)
                finished = choices[0].finish_reason if choices and choices[0].finish_reason else finished
            if finished == "stop":
                self._pieces.put("\n")
            self._pieces.put(None)
        except Exception as error:
            self._pieces.put(error)
