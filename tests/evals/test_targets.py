"""Both things that can be evaluated: an engine in this process and a server."""

import json

import httpx
import pytest

from evals.targets import InProcess, Remote, TargetError, fresh_settings, load_embedder
from retrieval.errors import EmptyIndex, UnreadableFile

ANSWER = "ونفت البلدية التأخير."


def server(handler, *, ready=200):
    """A target over a server that is ready, or says ``ready``, and answers by ``handler``."""

    def handle(request):
        if request.url.path == "/readyz":
            return httpx.Response(ready, json={"detail": "the index is empty"})
        return handler(request)

    return Remote("http://sanad.test/", transport=httpx.MockTransport(handle))


def test_a_question_is_posted_with_what_was_given(make_answer):
    requests = []

    def handle(request):
        requests.append((request.method, request.url.path, json.loads(request.content)))
        return httpx.Response(200, text=make_answer(ANSWER).model_dump_json())

    target = server(handle)
    assert target.answer("هل تأخر؟", None, None) == make_answer(ANSWER)
    target.answer("ومتى؟", "c", "generative")
    assert requests == [
        ("POST", "/v1/answers", {"question": "هل تأخر؟"}),
        ("POST", "/v1/answers", {"question": "ومتى؟", "conversation_id": "c", "mode": "generative"}),
    ]


def test_an_articles_version_is_fetched(make_engine):
    detail = make_engine({}).article("bridge")
    requests = []

    def handle(request):
        requests.append(str(request.url))
        return httpx.Response(200, text=detail.model_dump_json())

    target = server(handle)
    assert target.article_text("bridge", 1) == detail.text
    assert target.article_text("bridge", 2) is None  # the server ignored the version asked for
    target.article_text("a/b ج", 1)
    assert requests[0] == "http://sanad.test/v1/articles/bridge?version=1"
    assert "/v1/articles/a%2Fb%20%D8%AC?" in requests[2]


def test_an_article_that_is_not_there_has_no_text():
    assert server(lambda request: httpx.Response(404, json={"detail": "none"})).article_text("x", 1) is None


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (
            httpx.Response(422, json={"title": "Empty question", "detail": "write a question"}),
            "422 write a question",
        ),
        (httpx.Response(500, text="Traceback"), "500 Traceback"),
        (httpx.Response(502, json=["bad"]), "502"),
        (httpx.Response(200, json={"text": "no answer"}), "gave no answer: id: Field required"),
        (httpx.Response(200, text="<html>"), "gave no answer"),
    ],
)
def test_a_server_that_gives_no_answer_is_an_error_that_says_so(response, reason):
    with pytest.raises(TargetError, match=reason):
        server(lambda request: response).answer("؟", None, None)


def test_an_article_that_is_none_is_an_error():
    with pytest.raises(TargetError, match="gave no article"):
        server(lambda request: httpx.Response(200, json={})).article_text("x", 1)


def test_a_server_that_is_not_ready_is_not_evaluated():
    with pytest.raises(TargetError, match="503 the index is empty"):
        server(lambda request: httpx.Response(200), ready=503)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "127.0.0.1:8000", "http://[", ""])
def test_an_address_where_nothing_listens_is_an_error(url):
    with pytest.raises(TargetError):
        Remote(url)


def test_the_corpus_goes_into_an_index_of_its_own(product, tmp_path, monkeypatch, make_answer):
    monkeypatch.setenv("SANAD_INDEX", str(tmp_path / "users"))
    monkeypatch.setenv("SANAD_CHROMA_URL", "http://127.0.0.1:1")
    product.engine.answers["هل تأخر؟"] = make_answer(ANSWER)
    with fresh_settings() as settings:
        target = InProcess(settings, load_embedder(settings), [tmp_path])
        assert product.ingested == [[tmp_path]]
        assert product.chroma_urls == [None]
        assert product.indexes[0].parent.exists()
        assert target.answer("هل تأخر؟", "c", "extractive").status == "answered"
        assert product.engine.asked == [("هل تأخر؟", "c", "extractive")]
        assert target.article_text("bridge", 1).endswith(ANSWER)
        assert target.article_text("bridge", 2) is None
        assert target.article_text("road", 1) is None
        assert target.describe()["model"] == {"name": "letters", "revision": "1"}
        target.close()
    assert product.engine.closed
    assert not product.indexes[0].parent.exists()
    assert not (tmp_path / "users").exists()


def test_a_corpus_that_is_only_half_readable_is_not_evaluated(product, tmp_path):
    product.failed.append(UnreadableFile(path="broken.pdf", reason="no text"))
    with fresh_settings() as settings, pytest.raises(UnreadableFile, match=r"broken\.pdf"):
        InProcess(settings, None, [tmp_path])


def test_an_engine_that_is_not_ready_is_closed(product, tmp_path):
    product.engine.not_ready = EmptyIndex(index="x")
    with fresh_settings() as settings, pytest.raises(EmptyIndex):
        InProcess(settings, None, [tmp_path])
    assert product.engine.closed
