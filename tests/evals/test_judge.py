"""An LLM's second opinion is reported beside the metrics, refused without an endpoint, and void when unreadable."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from click.testing import CliRunner

from evals.cli import evaluate
from evals.judge import NoJudge, judge_run, lines
from evals.metrics import Tally
from evals.runner import CaseResult, JudgedCitation, JudgedSentence
from retrieval.settings import Settings


@pytest.fixture
def endpoint() -> Iterator[Callable[[Callable[[str], str]], Settings]]:
    """Settings of an endpoint whose reply is a function of the prompt."""
    servers: list[ThreadingHTTPServer] = []

    def serve(reply: Callable[[str], str]) -> Settings:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                content = reply("\n".join(str(message["content"]) for message in body["messages"]))
                message = {"role": "assistant", "content": content}
                whole = {"id": "x", "object": "chat.completion", "created": 0, "model": "m"}
                data = json.dumps(
                    whole | {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
                ).encode()
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return Settings(llm_base_url=f"http://127.0.0.1:{server.server_address[1]}/v1", llm_model="m")

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def case(name: str, answer: str | None) -> CaseResult:
    quote = "يمتد الجسر 12 كيلومترا."
    citation = JudgedCitation(
        number=1, article_id="a", article_version=1, passage_id="a-0", start=0, end=len(quote), quote=quote, exact=True
    )
    sentence = JudgedSentence(text=answer or "", citations=(1,), grounded=True)
    return CaseResult(
        suite="s",
        id=name,
        tags=(),
        question="كم طول الجسر؟",
        before=(),
        answerable=True,
        passed=True,
        checks=(),
        answer=answer and f"{answer} [1]",
        sentences=(sentence,) if answer else (),
        citations=(citation,) if answer else (),
        tally=Tally(answerable=True, passed=True),
    )


def test_answers_are_judged_and_abstentions_are_not(endpoint: Callable[..., Settings]) -> None:
    prompts: list[str] = []

    def reply(prompt: str) -> str:
        prompts.append(prompt)
        if "[RESULT]" in prompt or "Relevancy" in prompt or "provided query" in prompt:
            return "Feedback: it fits.\n[RESULT] 2"
        return "YES" if "12" in prompt.split("Information:")[-1].splitlines()[0] else "NO"

    found = judge_run([case("a", "يمتد الجسر 12 كيلومترا."), case("b", None)], endpoint(reply))
    assert found.judged == {"faithfulness": 1, "relevancy": 1}
    assert found.relevancy == 1.0
    assert found.faithfulness in {0.0, 1.0}
    assert any("كم طول الجسر؟" in prompt for prompt in prompts)
    assert not any("[1]" in prompt for prompt in prompts if "يمتد" in prompt and "[RESULT]" not in prompt)
    assert all(line.startswith("judge_") for line in lines(found))


def test_a_judge_that_says_nothing_readable_counts_for_nothing(endpoint: Callable[..., Settings]) -> None:
    found = judge_run([case("a", "يمتد الجسر 12 كيلومترا.")], endpoint(lambda prompt: "ربما"))
    assert (found.faithfulness, found.relevancy) == (None, None)
    assert "–" in lines(found)[0]


def test_without_an_endpoint_it_is_refused_before_anything_is_asked() -> None:
    with pytest.raises(NoJudge, match="SANAD_LLM_BASE_URL"):
        judge_run([], Settings())
    result = CliRunner().invoke(evaluate, ["--judge"], env={"SANAD_LLM_BASE_URL": None, "SANAD_LLM_MODEL": None})
    assert result.exit_code != 0
    assert "SANAD_LLM_BASE_URL" in result.output
