"""The share page in a browser: for a phone and a desk, light and dark, with its own styles only."""

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import sync_playwright

from tests import programs
from tests.posts.conftest import data_of
from tests.posts.factories import FUTURE
from tests.posts.features.approval.conftest import write
from tests.posts.features.approval.test_api import path
from tests.posts.features.approval.test_share_page import share

pytestmark = pytest.mark.needs("chromium")

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
)


@pytest.fixture
def address(ada, boss, account, required, live_server, settings) -> str:
    """A page with a difference, a card, a comment and every button."""
    settings.ALLOWED_HOSTS = ["*"]
    post = write(ada, account, content="Our loft is open.", scheduled_at=FUTURE)
    data_of(boss.post(path(post, "approve"), {}))
    data_of(ada.patch(f"/posts/{post.public_id}", {"content": "Our loft is open at last."}))
    comment = {"text": "What do you think?", "visibility": "client"}
    data_of(ada.post(path(post, "comments"), comment), 201)
    return live_server.url + share(boss, post)


def test_it_fits_and_is_accessible_at_each_width_in_both_themes(address, monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=programs.found("chromium"), args=FLAGS.split()
        )
        for width in (390, 1280):
            for theme in ("light", "dark"):
                size = {"width": width, "height": 844}
                page = browser.new_page(viewport=size, color_scheme=theme)
                problems: list[str] = []
                page.on("console", lambda line, said=problems: said.append(line.text))
                page.goto(address)
                assert page.evaluate("document.documentElement.scrollWidth") == width
                assert "your time" in page.inner_text("header")
                assert problems == []
                page.evaluate(AXE_SCRIPT)
                assert page.evaluate("axe.run()")["violations"] == []
                page.close()
        browser.close()
