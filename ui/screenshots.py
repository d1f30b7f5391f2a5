"""Pictures of the running page for the README: ``python -m ui.screenshots``, or ``make screenshots``.

With ``--all``, further pages and looks are taken as well, to be looked at after a change. Without ``--url`` it starts
``sanad serve`` over ``corpus/`` in a temporary index and stops it at the end. Each picture is a new visit in Chromium:
a question is typed, answered by the real server, and a citation of the answer is opened.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
FOLDER = Path(__file__).with_name("screenshots")
ANSWER_MS = 60_000  # the first answer after a start on a busy machine


@dataclass(frozen=True)
class Shot:
    """A picture to take: of the chat with a question asked, or of the page at a path.

    ``before`` are questions asked in conversations of their own first. ``cite`` is the position of the citation to
    open, in the order shown, and ``press`` what is clicked at the end; ``None``: none. ``files`` are given to the page
    for adding articles.
    """

    name: str
    question: str = ""
    path: str = ""
    width: int = 1440
    height: int = 900
    english: bool = False
    dark: bool = False
    before: tuple[str, ...] = ()
    cite: int | None = None
    press: str | None = None
    files: tuple[Path, ...] = ()


OMAN = "ما دور سلطنة عمان في المحادثات؟"
EARLIER = ("من نفى تقرير رويترز؟", OMAN, "ماذا قال إبراهيم عزيزي؟")
SHOWN = (  # in the README
    Shot("desktop-ar", "ما أهداف المفاوضات؟", before=EARLIER, cite=0),
    Shot("phone-ar", OMAN, width=390, height=844),
    Shot("phone-ar-source", OMAN, width=390, height=844, cite=0),
    Shot("phone-ar-conversations", OMAN, width=390, height=844, before=EARLIER, press="#sanad-list-button"),
    Shot("desktop-en-dark", "What is Oman's role in the talks?", english=True, dark=True, cite=0),
    Shot("desktop-ar-abstained", "متى وُلد عباس عراقجي؟"),
    Shot("desktop-ar-feedback", "من نفى تقرير رويترز؟", before=EARLIER[1:], press="[data-verdict=down]"),
)
FURTHER = (
    Shot("phone-en-dark", "What is Oman's role in the talks?", width=390, height=844, english=True, dark=True),
    Shot("desktop-ar-dark-article", path="articles?id=goals-of-the-muscat-talks", dark=True),
    Shot("phone-en-articles", path="articles", width=390, height=844, english=True),
    Shot("desktop-ar-voices", path="voices", press=".sanad-stance-denies"),
    Shot("phone-ar-dark-voices", path="voices", width=390, height=844, dark=True),
    Shot("desktop-en-dark-timeline", path="timeline", english=True, dark=True),
    Shot("phone-ar-timeline", path="timeline", width=390, height=844),
    Shot("desktop-en-upload", path="upload", english=True, files=(ROOT / "corpus" / "articles", ROOT / "Makefile")),
    Shot("desktop-ar-evaluation", path="evaluation"),
)


@click.command()
@click.option("--url", metavar="URL", help="A running page; default: started over corpus/.")
@click.option("--chromium", default="/usr/bin/chromium", show_default=True, help="The browser.")
@click.option("--to", "folder", default=FOLDER, type=click.Path(file_okay=False, path_type=Path), help="Where to.")
@click.option("--all", "further", is_flag=True, help="Take the pictures that the README does not show, too.")
@click.option("--only", help="Take those only whose name holds this.", default="")
@click.option(
    "--evaluation",
    type=click.Path(exists=True, dir_okay=False, resolve_path=True),
    help="Report of `sanad eval --json` for the started server to show.",
)
def main(url: str | None, chromium: str, folder: Path, further: bool, only: str, evaluation: str | None) -> None:
    """Take pictures of the running page."""
    folder.mkdir(exist_ok=True)
    with ExitStack() as stack:
        url = url or stack.enter_context(served(SANAD_EVALUATION=evaluation) if evaluation else served())
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for shot in (shot for shot in (*SHOWN, *(FURTHER if further else ())) if only in shot.name):
            click.echo(take(browser, url, shot, folder / f"{shot.name}.png"))
        browser.close()


def take(browser: Any, url: str, shot: Shot, path: Path) -> Path:
    """Do on a new visit what the shot says, and write what the reader then sees to ``path``."""
    context = browser.new_context(
        viewport={"width": shot.width, "height": shot.height},
        color_scheme="dark" if shot.dark else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector(".sanad-welcome")
    if shot.english:
        page.click("#sanad-language")
        page.wait_for_function("document.documentElement.lang == 'en'")
    for question in shot.before:
        _ask(page, question)
        page.click("#sanad-renew")
        page.wait_for_selector(".sanad-welcome")
    if shot.path:
        page.goto(f"{url}/{shot.path}")
        page.wait_for_selector(".sanad-explore h1")
    else:
        _ask(page, shot.question)
    if shot.files:
        files = [file for given in shot.files for file in (sorted(given.iterdir()) if given.is_dir() else [given])]
        page.set_input_files("input[type=file]", files)
        page.wait_for_selector(".sanad-outcome[data-state=done]", timeout=ANSWER_MS)
    if shot.cite is not None:
        page.locator(".sanad-cite").nth(shot.cite).click()
        page.wait_for_selector("#sanad-panel mark")
    if shot.press:
        page.locator(shot.press).first.click()
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(500)  # Gradio's own transitions know nothing of reduced motion
    page.screenshot(path=path)
    context.close()
    return path


def _ask(page: Any, question: str) -> None:
    page.fill("#sanad-question textarea", question)
    page.press("#sanad-question textarea", "Enter")
    page.wait_for_selector(".sanad-answer:not([data-status=pending])", timeout=ANSWER_MS)
    page.wait_for_selector("#sanad-send")


@contextmanager
def served(**settings: str) -> Iterator[str]:
    """The address of a server over corpus/ that lives as long as the context; ``settings`` as its environment."""
    with tempfile.TemporaryDirectory() as index:
        command = [str(Path(sys.executable).with_name("sanad")), "serve", "--port", "0", "--index", index]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SANAD_")} | settings
        process = subprocess.Popen(
            [*command, "--ingest", str(ROOT / "corpus")], stdout=subprocess.PIPE, text=True, env=environment
        )
        try:
            assert process.stdout is not None
            line = next((line for line in process.stdout if "http://" in line), None)
            if line is None:
                raise click.ClickException("the server did not start")
            yield line[line.index("http://") :].strip()
        finally:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    main()
