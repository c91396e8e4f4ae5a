"""The API's pages in a browser: what "Execute" sends works with the demo data."""

import json

import pytest
from playwright.sync_api import Locator, Page, expect

from posts.models import Media, Post
from tests.acceptance.browser import launched, opened
from tests.factories import make_account
from tests.posts.conftest import upload
from tests.posts.factories import png

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.needs("chromium")]


@pytest.fixture
def demo(ada, settings, tmp_path):
    """As `make up` leaves it: a key, an account of each of three networks, a picture."""
    accounts = [make_account(ada.workspace, each).pk for each in ("x", "linkedin", "facebook")]
    upload(ada, png(), "image/png")
    media = str(Media.objects.get().pk)
    file = tmp_path / "demo.env"
    file.write_text(
        f"API_KEY={ada.secret}\nACCOUNT_IDS='{','.join(map(str, accounts))}'\n"
        f"MEDIA_IDS='{json.dumps(media)}'\n"
    )
    settings.DEMO_ENV = str(file)
    return ada


def execute(page: Page, call: str) -> Locator:
    """Open a call, and press its buttons as they stand; the answer's status is shown."""
    block = page.locator(f"[id$='-{call}']")
    block.locator("button.opblock-summary-control").click()
    block.get_by_role("button", name="Try it out").click()
    block.get_by_role("button", name="Execute").click()
    return block.locator(".live-responses-table tbody .response-col_status").first


def test_a_reader_tries_the_calls_with_the_demo_data(demo, live_server):
    with opened() as page:
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(f"{live_server.url}/api/docs")
        for call, status in (("get_me", "200"), ("validate_post", "200"), ("create_post", "201")):
            expect(execute(page, call)).to_contain_text(status)
        # The next user of the browser cannot publish.
        assert demo.secret not in page.evaluate("JSON.stringify(localStorage)")
    post = Post.objects.get()
    assert post.workspace == demo.workspace
    assert post.scheduled_for is None
    assert post.destinations.count() == 3
    assert post.attachments.count() == 1


def test_a_key_is_pasted_where_there_is_no_demo(ada, live_server):
    with opened() as page:
        page.goto(f"{live_server.url}/api/docs")
        page.get_by_role("button", name="Authorize").first.click()
        page.locator(".auth-container input").fill(ada.secret)
        page.locator(".auth-container").get_by_role("button", name="Apply credentials").click()
        page.get_by_role("button", name="Close").first.click()
        expect(execute(page, "get_me")).to_contain_text("200")


def test_the_reference_is_shown_without_an_error(live_server):
    said: list[str] = []
    with launched() as browser, browser.new_context() as context:
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(f"{live_server.url}/api/redoc")
        expect(page.get_by_role("heading", name="Create a post").first).to_be_attached()
        page.wait_for_load_state("networkidle")
    assert said == []
