"""A picture of a report page, for a README: ``python -m evals.picture REPORT.html evals/report.png``."""

from __future__ import annotations

from pathlib import Path

import click
from playwright.sync_api import sync_playwright


@click.command()
@click.argument("report", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.argument("picture", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--width", default=1440, show_default=True)
@click.option("--height", default=1500, show_default=True, help="Of the page from its top; 0: the whole page.")
@click.option("--english", is_flag=True, help="The page in English.")
@click.option("--dark", is_flag=True, help="As on a dark screen.")
@click.option("--chromium", default="/usr/bin/chromium", show_default=True, help="The browser.")
def main(report: Path, picture: Path, width: int, height: int, english: bool, dark: bool, chromium: str) -> None:
    """Take a picture of a page that ``sanad eval --html`` wrote, offline as it is."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context(
            viewport={"width": width, "height": height or 1000},
            color_scheme="dark" if dark else "light",
            offline=True,
        )
        page = context.new_page()
        page.goto(report.resolve().as_uri())
        if english:
            page.click("label[for=in-english]")
        page.evaluate("document.fonts.ready")
        page.screenshot(path=picture, full_page=not height)
        browser.close()
    click.echo(picture)


if __name__ == "__main__":
    main()
