"""How soon the first sentence of an answer is seen: ``python -m ui.benchmark``.

Questions are typed into the running page in Chromium; the time from the Enter key to the frame that first shows a
sentence is read from the browser's own clock. Beside it stands what the API alone needs for the same question: to its
first ``sentence`` event, over the same loopback. Both are warm: each question has been asked once before.
"""

from __future__ import annotations

import json
import time
from contextlib import ExitStack
from statistics import median, quantiles
from typing import Any

import click
import httpx
from playwright.sync_api import sync_playwright

from ui.screenshots import served

QUESTIONS = ("ما أهداف المفاوضات؟", "ما دور سلطنة عمان في المحادثات؟", "من نفى تقرير رويترز؟", "ماذا قال بقائي؟")
_WATCH = """() => {
    window.firstSentence = new Promise((resolve) => {
        document.addEventListener("keydown", (event) => {
            const from = event.timeStamp;
            const before = document.querySelectorAll(".sanad-turn").length;
            new MutationObserver((_, observer) => {
                const turns = document.querySelectorAll(".sanad-turn");
                if (turns.length <= before || !turns[turns.length - 1].querySelector(".sanad-sentence")) return;
                observer.disconnect();
                requestAnimationFrame(() => requestAnimationFrame((now) => resolve(now - from)));
            }).observe(document.querySelector("#sanad-chat"), { childList: true, subtree: true });
        }, { once: true, capture: true });
    });
}"""


@click.command()
@click.option("--url", metavar="URL", help="A running server with its page; default: started over corpus/.")
@click.option("--rounds", default=5, show_default=True, help="How often each question is asked.")
@click.option("--chromium", default="/usr/bin/chromium", show_default=True, help="The browser.")
def main(url: str | None, rounds: int, chromium: str) -> None:
    """Measure the time to the first sentence, in the browser and of the API alone."""
    with ExitStack() as stack:
        url = url or stack.enter_context(served())
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for question in QUESTIONS:
            _api(url, question)
        api = [_api(url, question) for _ in range(rounds) for question in QUESTIONS]
        page = [_page(browser, url, question) for _ in range(rounds) for question in QUESTIONS]
        browser.close()
    click.echo(_line("from Enter to the first sentence, in the browser", page))
    click.echo(_line("to the first sentence event, of the API alone", api))


def _page(browser: Any, url: str, question: str) -> float:
    """Milliseconds from the Enter key to the frame with the first sentence, on a page opened anew."""
    page = browser.new_page()
    page.goto(url)
    page.wait_for_selector(".sanad-welcome")
    page.fill("#sanad-question textarea", question)
    page.evaluate(_WATCH)
    page.press("#sanad-question textarea", "Enter")
    taken = float(page.evaluate("window.firstSentence"))
    page.wait_for_selector("#sanad-send")
    page.close()
    return taken


def _api(url: str, question: str) -> float:
    """Milliseconds to the first ``sentence`` event."""
    start = time.perf_counter()
    headers = {"Accept": "text/event-stream"}
    body = {"question": question}
    with httpx.stream("POST", f"{url}/v1/answers", json=body, headers=headers, timeout=60, trust_env=False) as response:
        response.raise_for_status()
        for line in response.iter_lines():
            if line.startswith("data:") and "sentence" in json.loads(line.removeprefix("data:")):
                return 1000 * (time.perf_counter() - start)
    raise click.ClickException(f"no sentence for: {question}")


def _line(what: str, taken: list[float]) -> str:
    p95 = quantiles(taken, n=20, method="inclusive")[-1]
    return f"{what}: median {median(taken):.0f} ms, p95 {p95:.0f} ms, most {max(taken):.0f} ms ({len(taken)} times)"


if __name__ == "__main__":
    main()
