"""A browser that shows the pages as they were answered, and what axe-core and the console say."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, ConsoleMessage, Page, Route

from tests.acceptance.pages.discover import Shown

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
OPTIONS = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
    },
    "resultTypes": ["violations"],
}
#: Other people's software draws what is within.
NOT_OURS = {"exclude": [["#swagger-ui"], ["#redoc"]]}
#: Drawn, and nothing is being loaded or moving. Swagger UI draws <main> late.
READY = """() => !document.documentElement.hasAttribute("x-cloak")
  && !document.querySelector(".htmx-request")
  && (!document.querySelector("#swagger-ui") || document.querySelector("main"))"""
STILL = "document.getAnimations().forEach((each) => each.finish())"
#: The theme draws by this class, the other pages by the system's preference.
DARK = "document.documentElement.classList.add('dark')"


class Looking:
    """What is wrong with the pages that were opened, each with its path."""

    def __init__(self, page: Page, server: str) -> None:
        self.page, self.server = page, server
        self.wrong: list[str] = []
        self._now: Shown | None = None
        page.on("console", self._said)
        page.on("pageerror", lambda error: self._is_wrong(f"script: {error}"))

    def look(self, shown: Shown) -> None:
        """Open a page; look at it in light and wide, and in dark and narrow."""
        self._now, page = shown, self.page
        url = self.server + shown.path.partition("#")[0]
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(WIDE)
        page.route(re.compile(re.escape(url) + "$"), self._answer, times=1)
        page.goto(url, wait_until="networkidle" if "/api/" in url else "load")
        page.wait_for_function(READY)
        page.evaluate(AXE_SCRIPT)
        self._check("light", WIDE["width"])
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size(NARROW)
        page.evaluate(DARK)
        self._check("dark", NARROW["width"])

    def _answer(self, route: Route) -> None:
        assert self._now is not None
        route.fulfill(status=self._now.status, headers=self._now.headers, body=self._now.body)

    def _check(self, theme: str, width: int) -> None:
        self.page.evaluate(STILL)
        found: list[dict[str, Any]] = self.page.evaluate(
            "([context, options]) => axe.run(context, options).then((all) => all.violations)",
            [NOT_OURS, OPTIONS],
        )
        for each in found:
            for node in each["nodes"][:3]:
                self._is_wrong(
                    f"{theme} {each['id']}: {node['html'][:200]} {node['failureSummary']}"
                )
        needed = self.page.evaluate("document.documentElement.scrollWidth")
        if needed > width:
            self._is_wrong(f"{needed} px wide on a screen of {width}")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        # That the page itself is an error is what was asked for.
        is_itself = message.location["url"].partition("?")[0] == self.page.url.partition("?")[0]
        if not (is_itself and self._now and self._now.status >= 400):
            self._is_wrong(f"console: {message.text} {message.location['url']}")

    def _is_wrong(self, what: str) -> None:
        path = self._now.path if self._now else ""
        self.wrong.append(f"{path}: {what}")


@contextmanager
def looking(browser: Browser, server: str, cookies: list[Any]) -> Iterator[Looking]:
    with browser.new_context(viewport=WIDE, reduced_motion="reduce") as context:
        context.add_cookies(
            [{"name": each.key, "value": each.value, "url": server} for each in cookies]
        )
        page = context.new_page()
        page.set_default_timeout(20_000)
        yield Looking(page, server)
