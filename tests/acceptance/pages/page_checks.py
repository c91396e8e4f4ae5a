"""A browser that shows the pages as they were answered, and what axe-core and the console say."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.acceptance.pages.discover import Shown

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
EVERY_RULE = {
    "type": "tag",
    "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
#: What a theme can break.
OF_COLOURS = {"type": "rule", "values": ["color-contrast"]}
CHECK = """([exclude, runOnly]) =>
  axe.run({exclude}, {runOnly, resultTypes: ["violations"]}).then((all) => all.violations)"""
#: Other people's software draws what is within.
NOT_OURS = [["#swagger-ui"], ["#redoc"]]
#: The menus of the admin are those of its first page.
MENUS = [["#dovecote-sidebar"]]
#: Drawn, and nothing is being loaded or moving. Swagger UI draws <main> late.
READY = """() => !document.documentElement.hasAttribute("x-cloak")
  && !document.querySelector(".htmx-request")
  && (!document.querySelector("#swagger-ui") || document.querySelector("main"))"""
STILL = "document.getAnimations().forEach((each) => each.finish())"
#: The theme draws by this class, the other pages by the system's preference.
DARK = "document.documentElement.classList.add('dark')"


class Recorded:
    """A server's program that gives one page as it was answered, and its files so that a browser
    keeps them; the rest is the product's.
    """

    def __init__(self, product: Any) -> None:
        self._product = product
        #: The next page; given once.
        self.page: Shown | None = None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        query = f"?{environ['QUERY_STRING']}" if environ["QUERY_STRING"] else ""
        if self.page and quote(environ["PATH_INFO"]) + query == address(self.page):
            page, self.page = self.page, None
            # A body may have been changed since.
            headers = {**page.headers, "Content-Length": str(len(page.body))}
            start_response(f"{page.status} As it was", list(headers.items()))
            return [page.body]

        def keeping(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            return start_response(status, [*headers, ("Cache-Control", "max-age=3600")], *error)

        is_file = environ["PATH_INFO"].startswith(settings.STATIC_URL)
        return self._product(environ, keeping if is_file else start_response)


def address(page: Shown) -> str:
    return page.path.partition("#")[0]


class Looking:
    """What is wrong with the pages that were opened, each with its path."""

    def __init__(self, page: Page, url: str, server: Recorded) -> None:
        self.page, self.url, self.server = page, url, server
        self.wrong: list[str] = []
        self._now: Shown | None = None
        self._left_out = NOT_OURS
        page.add_init_script(AXE_SCRIPT)
        page.on("console", self._said)
        page.on("pageerror", lambda error: self._is_wrong(f"script: {error}"))

    def look(self, shown: Shown) -> None:
        """Open a page; look at it in light and wide, and in dark and narrow.

        The frame, of which a narrow screen shows other parts, is looked at with the first page.
        """
        is_first = self._now is None
        self._left_out = NOT_OURS if is_first else [*NOT_OURS, *MENUS]
        self._now = self.server.page = shown
        page, url = self.page, self.url + address(shown)
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(WIDE)
        page.goto(url, wait_until="networkidle" if "/api/" in url else "load")
        assert self.server.page is None, f"{shown.path} was not asked for."
        page.wait_for_function(READY)
        self._check("light", WIDE["width"], EVERY_RULE)
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size(NARROW)
        page.evaluate(DARK)
        self._check("dark", NARROW["width"], EVERY_RULE if is_first else OF_COLOURS)

    def _check(self, theme: str, width: int, rules: dict[str, Any]) -> None:
        self.page.evaluate(STILL)
        for each in self.page.evaluate(CHECK, [self._left_out, rules]):
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
def looking(browser: Browser, live_server: Any, cookies: list[Any]) -> Iterator[Looking]:
    server, url = live_server.thread.httpd, live_server.url
    recorded = Recorded(product := server.get_app())
    server.set_app(recorded)
    try:
        with browser.new_context(viewport=WIDE, reduced_motion="reduce") as context:
            context.add_cookies(
                [{"name": each.key, "value": each.value, "url": url} for each in cookies]
            )
            page = context.new_page()
            page.set_default_timeout(20_000)
            yield Looking(page, url, recorded)
    finally:
        server.set_app(product)
