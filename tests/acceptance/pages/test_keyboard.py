"""An operator without a mouse: Tab and Enter reach everything."""

import pytest
from playwright.sync_api import Page, expect

from tests.acceptance.browser import opened
from tests.factories import make_account, make_post, make_workspace

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.needs("chromium")]
#: More stops than a page has.
STOPS = 120
NAME = """() => {
  const at = document.activeElement;
  const box = at.getBoundingClientRect(), style = getComputedStyle(at);
  const isSeen = box.width > 0 && (style.outlineStyle !== "none" || style.boxShadow !== "none");
  const name = at.getAttribute("aria-label") || at.labels?.[0]?.textContent || at.textContent;
  return [at.tagName.toLowerCase(), (name || "").trim().replace(/\\s+/g, " "), isSeen];
}"""


@pytest.fixture
def signed_in(sign_in):
    workspace = make_workspace()
    failed = {"status": "failed", "error_code": "content_rejected", "due_at": None}
    post = make_post(workspace, [make_account(workspace)], content="Not accepted", **failed)

    def open_page(page: Page, path: str) -> None:
        page.goto(f"{sign_in(page)}{path}")
        page.wait_for_function("!document.documentElement.hasAttribute('x-cloak')")

    open_page.row = post.destinations.get().public_id
    return open_page


def tab_to(page: Page, tag: str, words: str) -> list[str]:
    """Press Tab until this has the focus; the names of what was passed. Each stop is visible."""
    passed: list[str] = []
    for _ in range(STOPS):
        page.keyboard.press("Tab")
        at, name, is_seen = page.evaluate(NAME)
        assert at == "body" or is_seen, f"the focus on {at} {name!r} is invisible"
        if at == tag and words in name:
            return passed
        passed.append(name)
    raise AssertionError(f"no {tag} {words!r} among {[name[:60] for name in passed]}")


def test_tab_leads_from_the_top_to_a_rows_action_and_its_confirmation(signed_in):
    with opened() as page:
        page.set_viewport_size({"width": 1280, "height": 900})
        signed_in(page, "destinations/destination/")

        assert tab_to(page, "a", "Skip to the content") == []
        tab_to(page, "a", "Overview")
        tab_to(page, "button", "Theme and account")
        tab_to(page, "button", "Menu")
        tab_to(page, "a", "Search")
        tab_to(page, "button", "Filters")
        tab_to(page, "input", "Select record")
        page.keyboard.press("Space")
        tab_to(page, "a", signed_in.row)
        tab_to(page, "select", "Select action to run")
        page.keyboard.type("Retry")
        tab_to(page, "button", "Run")
        page.keyboard.press("Enter")

        expect(page.get_by_text("Not accepted").first).to_be_visible()
        tab_to(page, "button", "Retry")


def test_the_link_past_the_menus_leads_to_the_content(signed_in):
    with opened() as page:
        signed_in(page, "posts/post/")
        tab_to(page, "a", "Skip to the content")
        page.keyboard.press("Enter")

        expect(page.locator("main")).to_be_focused()
        assert "Theme and account" not in tab_to(page, "input", "Select")


def test_the_menus_open_and_close_by_keys(signed_in):
    with opened() as page:
        page.set_viewport_size({"width": 390, "height": 844})
        signed_in(page, "posts/post/")
        opener = page.get_by_role("button", name="Menu", exact=True)
        expect(opener).to_have_attribute("aria-expanded", "false")

        tab_to(page, "button", "Menu")
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Close the menu")).to_be_focused()
        expect(page.get_by_role("link", name="Posts").first).to_have_attribute(
            "aria-current", "page"
        )
        passed = tab_to(page, "button", "Theme and account")
        assert "Calendar" in " ".join(passed)
        page.keyboard.press("Enter")
        expect(page.get_by_role("group", name="Theme")).to_be_visible()
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Escape")
        expect(page.get_by_role("button", name="Theme and account")).to_be_focused()
        expect(page.get_by_role("group", name="Theme")).to_be_hidden()

        page.keyboard.press("Escape")
        expect(opener).to_be_focused()
        expect(page.locator("#dovecote-sidebar")).to_be_hidden()
