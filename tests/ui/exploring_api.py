"""The canned API's part for exploring and for adding articles, over the same invented article."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import anyio
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

LISTED: list[dict[str, Any]] = [
    {"id": "ميناء-1", "title": "ميناء مرجانة: توسعة وخلاف", "source": "صحيفة الشاطئ", "published": "2029-03-09"},
    {"id": "evil", "title": "<b>عنوان</b>", "source": None, "published": None},
    *(
        {"id": f"خبر-{n}", "title": f"خبر رقم {n}", "source": "الأنباء", "published": f"2028-01-{n:02}"}
        for n in range(24, 0, -1)
    ),
]
INTERVALS = {"value": 0.86, "low": 0.78, "high": 0.93}
EVALUATION: dict[str, Any] = {
    "date": "2029-04-01T10:00:00Z",
    "model": "some/model",
    "mode": None,
    "cases": 40,
    "passed": 34,
    "metrics": {"case_pass_rate": INTERVALS, "latency_p50_ms": {"value": 44.2, "low": None, "high": None}},
    "suites": {"port": {"cases": 40, "metrics": {"case_pass_rate": INTERVALS}}},
    "tags": {
        "numbers": {"cases": 6, "metrics": {"case_pass_rate": {"value": 0.5, "low": 0.2, "high": 0.8}}},
        "denials": {"cases": 9, "metrics": {"case_pass_rate": {"value": None, "low": None, "high": None}}},
    },
}
Cited = Callable[[int, str], dict[str, Any]]
Problem = Callable[..., Response]


class Exploring:
    """Answers for the exploring pages, and what they sent. ``evaluated`` says whether there is a report."""

    def __init__(
        self,
        cited: Cited,
        problem: Problem,
        sentences: dict[str, str],
        attributions: dict[str, dict[str, Any]],
        *,
        hold: Callable[[], Awaitable[None]],
    ) -> None:
        self.cited, self.problem, self.hold = cited, problem, hold
        self.sentences, self.attributions = sentences, attributions
        self.empty = False
        self.evaluated = True
        self.sent: list[tuple[str, bytes]] = []
        self.router = APIRouter(prefix="/v1")
        self.router.get("/articles")(self.articles)
        self.router.post("/articles", status_code=202)(self.add)
        self.router.get("/jobs/{job_id}")(self.job)
        self.router.get("/sources")(self.sources)
        self.router.get("/voices")(self.voices)
        self.router.get("/timeline")(self.timeline)
        self.router.get("/evaluation")(self.evaluation)

    async def articles(
        self, q: str = "", source: str | None = None, published_from: str = "", published_to: str = "9",
        offset: int = 0, limit: int = 100,
    ) -> Response:  # fmt: skip
        await self.hold()
        if "تعطل" in q:
            return self.problem("index-unavailable", 503, "The index is away.", "الفهرس لا يجيب.")
        found = [
            {"topics": ["موانئ"], "sentences": 5, **article}
            for article in ([] if self.empty else LISTED)
            if q in article["title"]
            and source in (None, article["source"] or "")
            and published_from <= (article["published"] or "") <= published_to
        ]
        return JSONResponse({"articles": found[offset : offset + limit], "total": len(found)})

    async def sources(self) -> dict[str, Any]:
        counted = [("الأنباء", 24), ("صحيفة الشاطئ", 1), (None, 1)]
        listed = [{"source": source, "articles": count, "first": None, "last": None} for source, count in counted]
        return {"sources": [] if self.empty else listed}

    async def voices(self, q: str | None = None) -> dict[str, Any]:
        if self.empty or (q and "زحل" in q):
            return {"topic": q, "voices": [], "truncated": False}
        numbers = {key: number for number, key in enumerate(self.sentences, start=1)}
        groups: dict[str, dict[str, Any]] = {}
        for key, said in self.attributions.items():
            who = {name: said.get(name) for name in ("speaker", "role", "outlet")}
            voice = groups.setdefault(said["speaker"], {**who, "marks": []})
            voice["marks"].append(
                {
                    "stance": said["stance"],
                    "outlet": said.get("outlet"),
                    "denies": said.get("denies"),
                    "citation": self.cited(numbers[key], self.sentences[key]),
                }
            )
        return {"topic": q, "voices": list(groups.values()), "truncated": False}

    async def timeline(self, q: str | None = None, to: str = "9") -> dict[str, Any]:
        dated = [
            ("2029-03-09", "2029-03-09", "publication", None, "warning"),
            ("2030-04-01", "2030-04-30", "text", "نيسان 2030", "denial"),
            ("2031-01-01", "2031-12-31", "text", "عام 2031", "end"),
        ]
        entries = [
            {
                "start": start,
                "end": end,
                "dated_by": by,
                "words": words,
                "attribution": self.attributions[key],
                "citation": self.cited(number, self.sentences[key]),
            }
            for number, (start, end, by, words, key) in enumerate(dated, start=1)
            if not self.empty and not (q and "زحل" in q) and start <= to
        ]
        return {"topic": q, "entries": entries, "truncated": False}

    async def evaluation(self) -> Response:
        if not self.evaluated:
            return self.problem("no-evaluation", 404, "There is no report yet.", "لا تقرير بعد: اكتبه.")
        return JSONResponse(EVALUATION)

    async def add(self, request: Request) -> Response:
        form = await request.form()
        files = [(file.filename, await file.read()) for file in form.getlist("files")]  # type: ignore[union-attr]
        if any("مرفوض" in (name or "") for name, _ in files):
            return self.problem("ingest-queue-full", 503, "The queue is full.", "القائمة ممتلئة.")
        self.sent = [(name or "", content) for name, content in files]
        return JSONResponse(self._job("queued", 0, ["waiting"] * len(files)), status_code=202)

    async def job(self, job_id: str) -> Response:
        outcomes = ["failed" if name.endswith(".pdf") else "unchanged" if "قديم" in name else "added"
                    for name, _ in self.sent]  # fmt: skip

        async def events() -> AsyncIterator[str]:
            for state, done, now in (
                ("reading", 0, ["waiting"] * len(self.sent)),
                ("embedding", 1, ["read"] * len(self.sent)),
                ("done", len(self.sent), outcomes),
            ):
                yield f"event: job\ndata: {json.dumps(self._job(state, done, now))}\n\n"
                await anyio.sleep(0.4)

        return StreamingResponse(events(), media_type="text/event-stream")

    def _job(self, state: str, done: int, outcomes: list[str]) -> dict[str, Any]:
        why = {"detail": "It is encrypted.", "detail_ar": "الملف مشفّر."}
        files = [
            {"name": name, "outcome": outcome, "article_ids": [], **(why if outcome == "failed" else {})}
            for (name, _), outcome in zip(self.sent, outcomes, strict=True)
        ]
        return {"id": "j1", "kind": "ingest", "state": state, "done": done, "total": len(self.sent), "files": files}
