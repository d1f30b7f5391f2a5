"""A language model that is a script: an OpenAI-compatible endpoint on loopback, for evaluations of generative mode."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from retrieval.analysis import tokens

Script = Callable[[str], str]

_EVIDENCE = re.compile(r"^\[(\d+)\] (?:\(([^)]*)\) )?(.+)$", re.MULTILINE)
_FIGURE = re.compile(r"\d+")


@contextmanager
def endpoint(script: Script) -> Iterator[str]:
    """Serve replies made by ``script`` from the last message of each request; gives the base URL.

    Both forms of a chat completion are served: whole, and streamed in one piece.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            reply = script(request["messages"][-1]["content"])
            body, kind = _streamed(reply) if request.get("stream") else _whole(reply)
            with suppress(OSError):  # the client may have given up
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, name="scripted-llm", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def faithful(prompt: str) -> str:
    """Repeats the evidence, each with who says it, cited."""
    return "\n".join(_told(voice, text, number) for number, voice, text in _evidence(prompt))


def hostile(prompt: str) -> str:
    """As :func:`faithful`, and after each sentence its distortions: another figure, another speaker, the contrary."""
    evidence = _evidence(prompt)
    voices = list(dict.fromkeys(voice for _, voice, _ in evidence if voice))
    lines = []
    for number, voice, text in evidence:
        lines.append(_told(voice, text, number))
        if _FIGURE.search(text):
            lines.append(_told(voice, _FIGURE.sub(lambda figure: str(int(figure.group()) + 3), text), number))
        lines += [_told(other, text, number) for other in voices if other != voice][:1]
        lines.append(f"ليس صحيحا أن {text} [{number}]")
    lines.append("وأعلنت شركة الملاحة القطبية أنها باعت 917 سفينة. [1]")
    return "\n".join(lines)


def _evidence(prompt: str) -> list[tuple[int, str, str]]:
    return [(int(number), voice, text) for number, voice, text in _EVIDENCE.findall(prompt)]


def _told(voice: str, text: str, number: int) -> str:
    """A cited sentence, headed by its speaker where it does not name him, as extractive answers are."""
    speaker = voice.split(", ")[0]
    there = {_bare(word) for word in tokens(text)}
    named = any(_bare(word) in there for word in tokens(speaker))
    return f"{text} [{number}]" if named or not speaker else f"{speaker}: {text} [{number}]"


def _bare(word: str) -> str:
    return word.removeprefix("ال")


def _whole(reply: str) -> tuple[bytes, str]:
    message = {"role": "assistant", "content": reply}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return json.dumps(_completion("chat.completion", choice)).encode(), "application/json"


def _streamed(reply: str) -> tuple[bytes, str]:
    choice = {"index": 0, "delta": {"role": "assistant", "content": reply}, "finish_reason": "stop"}
    chunk = json.dumps(_completion("chat.completion.chunk", choice))
    return f"data: {chunk}\n\ndata: [DONE]\n\n".encode(), "text/event-stream"


def _completion(kind: str, choice: dict[str, object]) -> dict[str, object]:
    return {"id": "scripted", "object": kind, "created": 0, "model": "scripted", "choices": [choice]}
