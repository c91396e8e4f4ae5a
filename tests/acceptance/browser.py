"""A real browser, as Debian ships it."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests import programs

#: No sandbox as root, and nothing that calls home.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
#: Also for what is expected of a page: machines are busy, and a page that is right is done sooner.
TIMEOUT_MS = 20_000
expect.set_options(timeout=TIMEOUT_MS)


@contextmanager
def launched() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=programs.found("chromium"), args=FLAGS)


@contextmanager
def opened(browser: Browser | None = None) -> Iterator[Page]:
    """A page without cookies, of this browser or of one of its own; an error of the page fails."""
    if browser is None:
        with launched() as own, opened(own) as page:
            yield page
        return
    wrong: list[str] = []
    with browser.new_context(viewport={"width": 900, "height": 760}) as context:
        page = context.new_page()
        page.set_default_timeout(TIMEOUT_MS)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "console",
            lambda said: wrong.append(said.text) if "Content Security" in said.text else None,
        )
        yield page
    assert not wrong, wrong
