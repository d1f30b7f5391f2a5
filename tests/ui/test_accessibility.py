"""axe-core over the page in its several states: no violation that it calls serious or critical."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
pytestmark = pytest.mark.browser


def violations(page: Any) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [
        f"{found_one['id']}: {node['html'][:160]}"
        for found_one in found
        if found_one["impact"] in ("serious", "critical")
        for node in found_one["nodes"]
    ]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("english", [False, True], ids=["arabic", "english"])
def test_no_serious_violation(open_page: Any, ask: Any, english: bool, dark: bool) -> None:
    page = open_page(dark=dark)
    if english:
        page.click("#sanad-language")
        page.wait_for_function("document.documentElement.dir === 'ltr'")
    assert violations(page) == []
    turn = ask(page, "ماذا يقول كل طرف عن السوق؟")
    turn.locator("[data-verdict=down]").click()
    turn.locator(".sanad-why").wait_for()
    turn.locator(".sanad-cite").first.click()
    page.locator("mark").wait_for()
    page.locator(".sanad-row summary").first.click()
    page.click(".sanad-menu summary")
    ask(page, "سؤال غائب")
    assert violations(page) == []


def test_no_serious_violation_on_a_phone(open_page: Any, ask: Any) -> None:
    page = open_page(390, 844)
    ask(page, "خادم تعطل")
    page.click("#sanad-list-button")
    assert violations(page) == []
