"""A real page in real Chromium over a small API of canned answers, all on loopback.

The canned API follows the contract of ``server/`` but knows nothing: what it answers is chosen by a word of
the question, so that each test sees the one shape of answer that it is about. The news in it is invented.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import pytest
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from tests.ui.exploring_api import Exploring

PORT_ARTICLE = (
    "أعلنت بلدية مرجانة بدء توسعة مينائها الشمالي في ربيع العام المقبل.\n\n"
    "وقالت رئيسة البلدية هالة السروجي: «لن نهدم السوق القديم، وسنضيف 3 أرصفة بكلفة 12.5 مليون دينار». "
    "وأضافت أن الأشغال تنتهي في عام 2031.\n\n"
    "ونقلت وكالة Harbour Wire عن مصدر في شركة المقاولات أن السوق القديم سيُزال كله. "
    "ونفى المتحدث باسم البلدية كريم الدالي ما نقلته الوكالة، وقال إن «السوق باقٍ في مكانه». "
    "وحذّر اتحاد الصيادين من ضيق المرسى خلال الأشغال.\n\n"
) + "\n\n".join(f"فقرة خلفية رقم {number} عن تاريخ الميناء وحركة السفن فيه عبر السنين." for number in range(1, 25))
EVIL_ARTICLE = (
    "جملة أولى عادية. جملة فيها <script>window.pwned = true</script> و "
    '<img src=x onerror="window.pwned = true"> و {{constructor}} و ${window.pwned = true} & أخرى. جملة أخيرة.'
)
PORT_TITLE = "ميناء مرجانة: توسعة وخلاف"
SENTENCES = {
    "mayor": "«لن نهدم السوق القديم، وسنضيف 3 أرصفة بكلفة 12.5 مليون دينار»",
    "end": "وأضافت أن الأشغال تنتهي في عام 2031.",
    "wire": "ونقلت وكالة Harbour Wire عن مصدر في شركة المقاولات أن السوق القديم سيُزال كله.",
    "denial": "ونفى المتحدث باسم البلدية كريم الدالي ما نقلته الوكالة، وقال إن «السوق باقٍ في مكانه».",
    "warning": "وحذّر اتحاد الصيادين من ضيق المرسى خلال الأشغال.",
}
ATTRIBUTIONS: dict[str, dict[str, Any]] = {
    "mayor": {
        "speaker": "هالة السروجي",
        "role": "رئيسة بلدية مرجانة",
        "direct_quote": True,
        "stance": "asserts",
    },
    "end": {"speaker": "هالة السروجي", "role": "رئيسة بلدية مرجانة", "stance": "asserts"},
    "wire": {"speaker": "مصدر في شركة المقاولات", "outlet": "Harbour Wire", "stance": "claims"},
    "denial": {
        "speaker": "كريم الدالي",
        "role": "المتحدث باسم البلدية",
        "direct_quote": True,
        "stance": "denies",
        "denies": "Harbour Wire",
    },
    "warning": {"speaker": "اتحاد الصيادين", "stance": "warns"},
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests in the browser after the others of this folder: Playwright leaves an event loop running."""
    places = [place for place, item in enumerate(items) if Path(__file__).parent in item.path.parents]
    ordered = sorted(
        (items[place] for place in places), key=lambda item: item.get_closest_marker("browser") is not None
    )
    for place, item in zip(places, ordered, strict=True):
        items[place] = item


@dataclass
class CannedApi:
    """The API's answers, and what it was asked."""

    questions: list[dict[str, Any]] = field(default_factory=list)
    abandoned: list[str] = field(default_factory=list)
    conversations: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    ratings: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    heard: Callable[[dict[str, str]], None] | None = None  # is told the headers of each question
    generative: bool = False  # whether a language model is set on the server
    held: threading.Event | None = None  # articles and lists are given once it is set
    app: FastAPI = field(default_factory=lambda: FastAPI(openapi_url=None))

    def __post_init__(self) -> None:
        self.app.get("/v1/models")(self.models)
        self.app.get("/readyz")(self.readiness)
        self.app.post("/v1/answers")(self.answers)
        self.exploring = Exploring(citation, problem, SENTENCES, ATTRIBUTIONS, hold=self.hold)
        self.app.include_router(self.exploring.router)
        self.app.get("/v1/articles/{article_id}")(self.article)
        self.app.get("/v1/conversations/{conversation_id}")(self.conversation)
        self.app.get("/v1/examples")(self.examples)
        self.app.get("/v1/conversations")(self.listed)
        self.app.patch("/v1/conversations/{conversation_id}")(self.rename)
        self.app.delete("/v1/conversations/{conversation_id}")(self.delete)
        self.app.get("/v1/conversations/{conversation_id}/export")(self.export)
        self.app.put("/v1/answers/{answer_id}/feedback")(self.rate)

    async def models(self) -> dict[str, Any]:
        names = ["sanad", "sanad-extractive", *(["sanad-generative"] if self.generative else [])]
        return {"data": [{"id": name} for name in names]}

    async def readiness(self) -> dict[str, str]:
        return {"mode": "extractive"}

    async def answers(self, request: Request) -> Response:
        body = await request.json()
        if self.heard:
            self.heard(dict(request.headers))
        self.questions.append(body)
        conversation = body.get("conversation_id") or f"c{len(self.questions)}"
        if body.get("conversation_id") and conversation not in self.conversations:
            return problem("unknown-conversation", 404, "There is no such conversation.", "لا توجد محادثة كهذه.")
        if "مرفوض" in body["question"]:
            return problem("question-too-long", 422, "The question is too long.", "السؤال أطول من الحد.")
        if "مهلا" in body["question"] and len([q for q in self.questions if q["question"] == body["question"]]) == 1:
            return problem("rate-limited", 429, "Too many requests.", "طلبات كثيرة.", headers={"Retry-After": "2"})
        if "تعطل" in body["question"]:
            return Response("<html>Bad gateway</html>", status_code=502, media_type="text/html")
        answer = {**canned_answer(body["question"], conversation), "id": f"a{len(self.questions)}"}
        turns = self.conversations.setdefault(conversation, [])
        replaced = [turn["answer"]["id"] for turn in turns]
        if "replaces" in body:
            del turns[replaced.index(body["replaces"]) :]
        return StreamingResponse(self.watched(answer, turns), media_type="text/event-stream")

    async def watched(self, answer: dict[str, Any], turns: list[dict[str, Any]]) -> AsyncIterator[str]:
        """The events, noting the question when the reader leaves before the last of them."""
        whole = False
        try:
            async for part in self.events(answer, turns):
                yield part
            whole = True
        finally:
            if not whole:
                self.abandoned.append(answer["question"])

    async def events(self, answer: dict[str, Any], turns: list[dict[str, Any]]) -> AsyncIterator[str]:
        started = {key: answer[key] for key in ("id", "conversation_id", "standalone_question")}
        yield ": ping\r\n\r\n" + event("started", started)
        slow = "بطيء" in answer["question"]
        seen: set[int] = set()
        for number, sentence in enumerate(answer["sentences"]):
            if slow:
                await anyio.sleep(0.7)
            new = [c for c in answer["citations"] if c["number"] in sentence["citations"] and c["number"] not in seen]
            seen.update(sentence["citations"])
            yield event("sentence", {"sentence": sentence, "citations": new})
            if "ينقطع" in answer["question"] and number == 0:
                return
        if slow:
            await anyio.sleep(0.7)
        turns.append({"question": answer["question"], "answer": answer})
        yield event("answer", answer)

    async def hold(self) -> None:
        held, self.held = self.held, None  # the next one only
        while held and not held.is_set():
            await anyio.sleep(0.02)

    async def article(self, article_id: str, version: int = 1) -> Response:
        await self.hold()
        if article_id == "ميناء-1":
            return JSONResponse(article_detail(article_id, PORT_TITLE, "صحيفة الشاطئ", "2029-03-09", PORT_ARTICLE))
        if article_id == "evil":
            return JSONResponse(article_detail(article_id, "<b>عنوان</b>", None, None, EVIL_ARTICLE))
        return problem("unknown-article", 404, f"There is no article {article_id}.", "لا يوجد مقال بهذا المعرّف.")

    @property
    def empty(self) -> bool:
        """Whether there is no article."""
        return self.exploring.empty

    @empty.setter
    def empty(self, empty: bool) -> None:
        self.exploring.empty = empty

    async def conversation(self, conversation_id: str) -> Response:
        if conversation_id not in self.conversations:
            return problem("unknown-conversation", 404, "There is no such conversation.", "لا توجد محادثة كهذه.")
        return JSONResponse({"id": conversation_id, "turns": self.conversations[conversation_id]})

    async def listed(self, q: str = "", limit: int = 50) -> dict[str, Any]:
        await self.hold()
        found = [
            {
                "id": key,
                "title": self.titles.get(key, turns[0]["question"]),
                "created": "2029-03-09T10:00:00Z",
                "updated": "2029-03-10T10:00:00Z",
                "turns": len(turns),
            }
            for key, turns in reversed(self.conversations.items())
            if turns
        ]
        return {"conversations": [row for row in found if q in row["title"]][:limit]}

    async def rename(self, conversation_id: str, request: Request) -> dict[str, Any]:
        self.titles[conversation_id] = (await request.json())["title"]
        return {"id": conversation_id}

    async def delete(self, conversation_id: str) -> Response:
        del self.conversations[conversation_id]
        return Response(status_code=204)

    async def export(self, conversation_id: str, format: str) -> Response:
        if format == "json":
            return JSONResponse({"id": conversation_id, "turns": self.conversations[conversation_id]})
        questions = [turn["question"] for turn in self.conversations[conversation_id]]
        return Response("\n".join(f"## {question}" for question in questions), media_type="text/markdown")

    async def rate(self, answer_id: str, request: Request) -> Response:
        self.ratings.append((answer_id, await request.json()))
        return Response(status_code=204)

    async def examples(self, language: str = "ar") -> dict[str, list[str]]:
        if self.empty:
            return {"questions": []}
        arabic = ["ماذا يقول كل طرف عن السوق؟", "من وعد بثلاثة أرصفة؟"]
        return {"questions": arabic if language == "ar" else ["What does each side say about the market?"]}


def problem(code: str, status: int, detail: str, detail_ar: str, *, headers: dict[str, str] | None = None) -> Response:
    body = {"type": f"urn:sanad:problem:{code}", "title": code, "status": status}
    return JSONResponse(
        {**body, "detail": detail, "detail_ar": detail_ar},
        status_code=status,
        media_type="application/problem+json",
        headers=headers,
    )


def event(name: str, data: dict[str, Any]) -> str:
    return f"event: {name}\r\ndata: {json.dumps(data, ensure_ascii=False)}\r\n\r\n"


def citation(number: int, quote: str, article_id: str = "ميناء-1", text: str = PORT_ARTICLE) -> dict[str, Any]:
    start = text.index(quote)
    port = article_id == "ميناء-1"
    return {
        "number": number,
        "article_id": article_id,
        "article_version": 1,
        "passage_id": f"{article_id}#0",
        "start": start,
        "end": start + len(quote),
        "quote": quote,
        "title": PORT_TITLE if port else None,
        "source": "صحيفة الشاطئ" if port else None,
        "published": "2029-03-09" if port else None,
    }


def article_detail(article_id: str, title: str, source: str | None, published: str | None, text: str) -> dict[str, Any]:
    spans = [(text.index(words), key) for key, words in SENTENCES.items() if words in text]
    sentences = [
        {
            "index": index,
            "start": start,
            "end": start + len(SENTENCES[key]),
            "text": SENTENCES[key],
            "attribution": ATTRIBUTIONS[key],
        }
        for index, (start, key) in enumerate(spans)
    ]
    listed = {"language": "ar", "topics": [], "text": text, "sentences": sentences, "version": 1}
    return {"id": article_id, "title": title, "source": source, "published": published, **listed}


def canned_answer(question: str, conversation: str) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "id": "a1",
        "conversation_id": conversation,
        "question": question,
        "standalone_question": question,
        "language": "ar",
        "status": "answered",
        "mode": "extractive",
        "text": "",
        "sentences": [],
        "citations": [],
        "perspectives": [],
        "evidence": [],
        "related": [],
        "confidence": 0.91,
        "notes": [],
        "timings_ms": {"total": 41.0},
    }
    if "خبيث" in question:
        words = EVIL_ARTICLE[EVIL_ARTICLE.index("جملة فيها") : EVIL_ARTICLE.index(" جملة أخيرة")]
        said = {"speaker": "<script>window.pwned = true</script>", "stance": '"><img src=x onerror=alert(1)>'}
        answer["sentences"] = [{"text": words, "citations": [1], "attribution": said}]
        answer["citations"] = [citation(1, words, "evil", EVIL_ARTICLE)]
        return answer
    if "سلام" in question:
        return {**answer, "status": "abstained", "text": "وعليكم السلام.", "notes": ["small_talk:greeting"]}
    if "غائب" in question:
        related = [citation(1, SENTENCES["warning"]), citation(2, SENTENCES["end"])]
        text = "لا تجيب المقالات عن هذا السؤال."
        return {**answer, "status": "abstained", "text": text, "confidence": 0.12, "related": related}
    if "مفقود" in question:
        lost = {**citation(1, SENTENCES["end"]), "article_id": "gone"}
        sentence = {"text": SENTENCES["end"], "citations": [1], "attribution": None}
        return {
            **answer,
            "sentences": [sentence],
            "citations": [lost],
            "confidence": 0.5,
            "status": "partial",
        }
    keys = ["mayor", "end", "wire", "denial", "warning"] if "طرف" in question else ["mayor", "end", "wire"]
    answer["sentences"] = [
        {"text": SENTENCES[key], "citations": [number], "attribution": ATTRIBUTIONS[key]}
        for number, key in enumerate(keys, start=1)
    ]
    answer["citations"] = [citation(number, SENTENCES[key]) for number, key in enumerate(keys, start=1)]
    if "طرف" in question:
        answer["perspectives"] = [
            perspective("mayor", [0, 1]),
            perspective("wire", [2]),
            perspective("denial", [3], denies=1),
            perspective("warning", [4]),
        ]
    if "ترتيب" in question:  # a sentence that no side says comes second, and is shown before the cards
        answer["sentences"][1]["attribution"] = None
        answer["perspectives"] = [perspective("mayor", [0]), perspective("wire", [2])]
    if "نموذج" in question:
        answer |= {"mode": "generative", "notes": ["sentences_dropped:2"]}
    if "احتياط" in question:
        answer["notes"] = ["llm_failed:timeout"]
    if question.startswith("وماذا"):
        answer["standalone_question"] = "ماذا قالت هالة السروجي عن موعد انتهاء الأشغال؟"
    return answer


def perspective(key: str, sentences: list[int], denies: int | None = None) -> dict[str, Any]:
    said = ATTRIBUTIONS[key]
    who = {name: said.get(name) for name in ("speaker", "role", "outlet", "stance")}
    return {**who, "sentences": sentences, "denies": denies}


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


@dataclass
class Served:
    """An app on a loopback port, in a thread of its own."""

    app: FastAPI
    port: int = 0
    server: uvicorn.Server | None = None
    thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.port = self.port or free_port()
        config = uvicorn.Config(
            self.app,
            host="127.0.0.1",
            port=self.port,
            log_level="error",
            timeout_graceful_shutdown=1,
            proxy_headers=False,  # as `sanad serve` has it
        )
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        deadline = time.monotonic() + 20
        while not self.server.started:
            if time.monotonic() > deadline or not self.thread.is_alive():
                raise RuntimeError("the server did not start")
            time.sleep(0.02)

    def stop(self) -> None:
        assert self.server is not None
        assert self.thread is not None
        self.server.should_exit = True
        self.thread.join(timeout=10)


@pytest.fixture(scope="session")
def canned_api() -> CannedApi:
    return CannedApi()


@pytest.fixture(scope="session")
def api_server(canned_api: CannedApi) -> Iterator[Served]:
    served = Served(canned_api.app)
    served.start()
    yield served
    served.stop()


@pytest.fixture(scope="session")
def page_server(api_server: Served) -> Iterator[Served]:
    from ui.app import mount

    served = Served(mount(FastAPI(openapi_url=None), api_server.url))
    served.start()
    yield served
    served.stop()


@pytest.fixture(scope="session")
def context(chromium: Any, page_server: Served) -> Iterator[Any]:
    """One browser for all tests, so that the page's scripts are fetched once; ``open_page`` forgets the reader."""
    context = chromium.new_context()
    yield context
    context.close()


@pytest.fixture
def open_page(context: Any, page_server: Served) -> Iterator[Any]:
    """Opens a page as a new reader: ``open_page(width, height, dark=…, path=…)``."""
    pages = []

    def opened(width: int = 1440, height: int = 900, *, dark: bool = False, path: str = "") -> Any:
        page = context.new_page()
        pages.append(page)
        page.set_default_timeout(30_000)
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")
        page.requested = []  # every URL asked for, to be checked for outside ones
        page.on("request", lambda request: page.requested.append(request.url))
        page.goto(f"{page_server.url}/{path}")
        page.wait_for_selector(".sanad-explore" if path else ".sanad-welcome, .sanad-turn")
        return page

    yield opened
    for page in pages:
        page.evaluate("localStorage.clear()")
        page.close()


@pytest.fixture
def page(open_page: Any) -> Any:
    """The page as an Arabic reader finds it, on a desktop."""
    return open_page()


@pytest.fixture
def ask() -> Any:
    """Asks and waits for the whole answer or its failure: ``ask(page, question)`` gives the turn."""

    def asked(page: Any, question: str) -> Any:
        turns = page.locator(".sanad-turn")
        before = turns.count()
        page.fill("#sanad-question textarea", question)
        page.press("#sanad-question textarea", "Enter")
        turn = turns.nth(before)
        turn.locator(".sanad-answer:not([data-status=pending])").wait_for()
        return turn

    return asked
