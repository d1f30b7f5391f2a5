"""How many extractive answers a second the server gives with p95 under a limit, beside a bare Chroma query endpoint.

``python -m evals.load`` starts both on loopback over the shipped articles, raises the rate step by step until a step
no longer holds, and stops them. Requests are sent at their times, whether or not earlier ones are answered, as users
do; waiting counts. Every question is a new one, so that no cache answers. ``--soak MINUTES`` then asks at 70 % of the
rate found, and reports errors and how the server's memory grew. All figures are printed as JSON; what to quote of
them is said in words on standard error, where each step and each minute of the soak are told as well.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import httpx
import numpy as np
import psutil
import uvicorn
from fastapi import Body, FastAPI

from evals.suite import load
from ingest.pipeline import ingest
from retrieval.catalog import Catalog
from retrieval.search import Search
from retrieval.settings import Settings

LIMIT_MS = 500.0
FIRST_RATE = 1.0  # requests a second
GROWTH = 1.4  # of the rate from step to step
STEP_SECONDS = 8.0
MOST_RATE = 2000.0
SOAK_SHARE = 0.7
SETTLING_SECONDS = 60.0  # of the soak, in which caches fill and threads start, before memory is looked at
ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Step:
    """What happened at a rate. Times are in milliseconds from when a request was due."""

    rate: float
    sent: int
    errors: int
    p50_ms: float
    p95_ms: float

    @property
    def holds(self) -> bool:
        """Whether all were answered, and 95 % in time."""
        return self.errors == 0 and self.p95_ms < LIMIT_MS


Ask = Callable[[httpx.AsyncClient, int], Awaitable[httpx.Response]]


async def at_rate(url: str, ask: Ask, rate: float, seconds: float) -> Step:
    """Send ``rate`` requests a second for ``seconds``, each at its time."""
    times: list[float] = []
    errors = 0

    async def send(client: httpx.AsyncClient, number: int, due: float) -> None:
        nonlocal errors
        try:
            response = await ask(client, number)
            errors += not response.is_success
        except httpx.HTTPError:
            errors += 1
        times.append((time.perf_counter() - due) * 1000)

    limits = httpx.Limits(max_connections=256, max_keepalive_connections=256)
    async with (
        httpx.AsyncClient(base_url=url, limits=limits, timeout=60, trust_env=False) as client,
        asyncio.TaskGroup() as group,
    ):
        began = time.perf_counter()
        for number in range(max(1, round(rate * seconds))):
            due = began + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            group.create_task(send(client, number, due))
    p50, p95 = np.percentile(times, [50, 95])
    return Step(round(rate, 2), len(times), errors, round(float(p50), 1), round(float(p95), 1))


async def capacity(url: str, ask: Ask, seconds: float) -> tuple[Step | None, list[Step]]:
    """The last step that held, and all of them. Two failing steps in a row end it: one may be chance."""
    steps: list[Step] = []
    best: Step | None = None
    rate, failed = FIRST_RATE, 0
    while failed < 2 and rate < MOST_RATE:
        steps.append(await at_rate(url, ask, rate, seconds))
        print(f"  {steps[-1]}", file=sys.stderr, flush=True)
        failed = 0 if steps[-1].holds else failed + 1
        if steps[-1].holds:
            best = steps[-1]
        rate *= GROWTH
    return best, steps


def answers(questions: Sequence[str]) -> Ask:
    """Asks for extractive answers, each question only once."""
    seen = random.Random(1)

    async def ask(client: httpx.AsyncClient, number: int) -> httpx.Response:
        # A word in front makes it another question to every cache, of the same length and difficulty.
        question = f"{seen.randrange(10**6)} {questions[number % len(questions)]}"
        return await client.post("/v1/answers", json={"question": question, "mode": "extractive"})

    return ask


def bare_queries(dimension: int) -> Ask:
    """Asks for the nearest vectors to random ones."""
    numbers = np.random.default_rng(1)

    async def ask(client: httpx.AsyncClient, number: int) -> httpx.Response:
        return await client.post("/query", json={"vector": numbers.standard_normal(dimension).tolist()})

    return ask


@contextmanager
def started(command: Sequence[str | Path]) -> Iterator[tuple[str, psutil.Process]]:
    """A server that prints its address; its address and process."""
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = next((line for line in process.stdout if "http://" in line), None)
        if line is None:
            raise SystemExit("the server did not start; what it said is above")
        yield line[line.index("http://") :].strip(), psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def bare(settings: Settings) -> Iterator[FastAPI]:
    """An endpoint over the collection that the product itself searches: one query of Chroma, nothing else."""
    app = FastAPI()
    with closing(Catalog.of(settings)) as catalog, closing(Search.of(catalog, settings)) as search:
        collection = search.dense.collection

        @app.post("/query")
        def query(vector: Annotated[list[float], Body(embed=True)]) -> dict[str, Any]:
            found = collection.query(query_embeddings=[vector], n_results=10, include=["distances"])
            return {"ids": found["ids"], "distances": found["distances"]}

        yield app


def serve_bare(index: Path) -> None:
    """Serve :func:`bare` on a free port of loopback, which is printed."""
    with bare(Settings(index=index)) as app:
        listener = socket.create_server(("127.0.0.1", 0))
        print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
        uvicorn.Server(uvicorn.Config(app, log_level="error")).run(sockets=[listener])


def dimension_of(settings: Settings) -> int:
    """The length of an index's vectors."""
    with closing(Catalog.of(settings)) as catalog:
        return next(iter(catalog.passages())).vector.size


@dataclass(frozen=True)
class Soak:
    """A rate held for minutes. Memory is the server's resident set, in MB, at the end of each minute but the first."""

    minutes: float
    rate: float
    sent: int
    errors: int
    p50_ms: float
    p95_ms: float
    memory_mb: tuple[float, ...]

    @property
    def growth(self) -> float:
        """Of the memory, from the first look at it to the last, as a share."""
        return self.memory_mb[-1] / self.memory_mb[0] - 1

    def __str__(self) -> str:
        return (
            f"soak: {self.minutes:g} min at {self.rate:.2f} requests/s, {self.sent} answers asked for, "
            f"{self.errors} errors, p50 {self.p50_ms:.0f} ms, p95 {self.p95_ms:.0f} ms, "
            f"memory {self.memory_mb[0]:.0f} MB at the start, {max(self.memory_mb):.0f} MB at most, "
            f"{self.memory_mb[-1]:.0f} MB at the end ({self.growth:+.1%})"
        )


async def soak(url: str, ask: Ask, rate: float, minutes: float, memory: Callable[[], int]) -> Soak:
    """Ask at a rate for ``minutes``, of which the first :data:`SETTLING_SECONDS` do not count for the memory.

    Args:
        memory: the server's, in bytes.
    """
    measured: list[float] = []

    def look() -> None:
        measured.append(round(memory() / 2**20, 1))

    async def watch() -> None:
        for minute in itertools.count(1):
            await asyncio.sleep(60)
            look()
            print(f"  after {minute} min: {measured[-1]} MB", file=sys.stderr, flush=True)

    settled = await at_rate(url, ask, rate, min(SETTLING_SECONDS, minutes * 60))
    look()
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(watch())
        step = await at_rate(url, ask, rate, max(1.0, minutes * 60 - SETTLING_SECONDS))
        watching.cancel()
    look()
    return Soak(
        minutes=minutes,
        rate=round(rate, 2),
        sent=settled.sent + step.sent,
        errors=settled.errors + step.errors,
        p50_ms=step.p50_ms,
        p95_ms=step.p95_ms,
        memory_mb=tuple(measured),
    )


async def measure(index: Path, seconds: float, soak_minutes: float) -> dict[str, Any]:
    """Both capacities in one run, and the soak. Raises SystemExit when there is no rate to soak at."""
    questions = [case.question for case in load(ROOT / "evals" / "suites" / "muscat.yaml").cases]
    found: dict[str, Any] = {"limit_p95_ms": LIMIT_MS, "cores": os.cpu_count(), "load_average": os.getloadavg()}
    with started([sys.executable, "-m", "evals.load", "--serve-bare", index]) as (url, _):
        print("bare Chroma query endpoint", file=sys.stderr)
        best, steps = await capacity(url, bare_queries(dimension_of(Settings(index=index))), seconds)
        found["chroma"] = {"requests_per_second": best and best.rate, "steps": [asdict(step) for step in steps]}
    sanad = Path(sys.executable).with_name("sanad")
    with started([sanad, "serve", "--no-ui", "--port", "0", "--index", index]) as (url, server):
        print("extractive answers", file=sys.stderr)
        ask = answers(questions)
        await at_rate(url, ask, 2 * FIRST_RATE, seconds)  # not counted: the first questions read their passages
        best, steps = await capacity(url, ask, seconds)
        found["answers"] = {"requests_per_second": best and best.rate, "steps": [asdict(step) for step in steps]}
        if soak_minutes and best is None:
            raise SystemExit("no rate holds on this machine now, of which a soak could take a share")
        if soak_minutes and best:
            print(f"soak at {SOAK_SHARE:.0%} of {best.rate} requests/s", file=sys.stderr)
            held = await soak(url, ask, best.rate * SOAK_SHARE, soak_minutes, lambda: server.memory_info().rss)
            found["soak"] = asdict(held) | {"memory_growth": round(held.growth, 4)}
    for name in ("chroma", "answers"):
        print(f"{name}: {found[name]['requests_per_second']} requests/s at p95 < {LIMIT_MS:.0f} ms", file=sys.stderr)
    if "soak" in found:
        print(held, file=sys.stderr)
    return found


def main() -> None:
    """Measure and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=STEP_SECONDS, help="length of a step")
    parser.add_argument("--soak", type=float, default=0, metavar="MINUTES", help="then ask this long at 70 %%")
    parser.add_argument("--serve-bare", metavar="INDEX", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve_bare is not None:
        serve_bare(options.serve_bare)
        return
    with tempfile.TemporaryDirectory() as folder:
        index = Path(folder) / "index"
        ingest([ROOT / "corpus" / "articles"], Settings(index=index))
        print(json.dumps(asyncio.run(measure(index, options.seconds, options.soak)), indent=2))


if __name__ == "__main__":
    main()
