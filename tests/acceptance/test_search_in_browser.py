"""The box that finds everything, by keyboard alone, in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.acceptance.browser import opened
from tests.factories import make_account, make_post, make_workspace

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.needs("chromium")]


@pytest.fixture
def signed_in(sign_in):
    workspace = make_workspace("Corner Bakery")
    account = make_account(workspace, name="@corner", username="corner")
    for text in ("Fresh pretzels", "Fresh rolls"):
        make_post(workspace, [account], content=text)
    return sign_in


def test_ctrl_k_opens_the_box_and_the_keyboard_leads_to_a_result(signed_in):
    with opened() as page:
        page.goto(signed_in(page))
        dialog = page.get_by_role("dialog", name="Search")
        expect(dialog).to_be_hidden()
        page.keyboard.press("Control+k")
        expect(dialog.get_by_role("searchbox", name="Search")).to_be_focused()
        page.keyboard.type("fresh")
        expect(dialog.get_by_role("status")).to_have_text("2 results")
        links = dialog.get_by_role("link")
        page.keyboard.press("ArrowDown")
        expect(links.first).to_be_focused()
        page.keyboard.press("ArrowDown")
        expect(links.last).to_be_focused()
        page.keyboard.press("ArrowDown")
        expect(links.last).to_be_focused()
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowUp")
        expect(dialog.get_by_role("searchbox")).to_be_focused()
        page.keyboard.press("ArrowDown")
        with page.expect_navigation(url="**/posts/post/*/change/"):
            page.keyboard.press("Enter")


def test_a_slash_opens_it_but_not_where_someone_types(signed_in):
    with opened() as page:
        home = signed_in(page)
        page.goto(home)
        dialog = page.get_by_role("dialog", name="Search")
        page.keyboard.press("/")
        expect(dialog.get_by_role("searchbox")).to_be_focused()
        page.keyboard.press("/")
        expect(dialog.get_by_role("searchbox")).to_have_value("/")
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        page.goto(f"{home}posts/post/")
        page.keyboard.press("/")
        expect(page.locator("#searchbar")).to_be_focused()
        expect(dialog).to_be_hidden()
        page.goto(f"{home}search/")
        page.locator("#dovecote-search-here").press("/")
        expect(page.locator("#dovecote-search-here")).to_have_value("/")
        expect(dialog).to_be_hidden()


def test_enter_opens_the_only_result_and_shows_many_on_their_page(signed_in):
    with opened() as page:
        home = signed_in(page)
        page.goto(f"{home}posts/post/")
        page.get_by_role("link", name="Search").click()
        box = page.get_by_role("dialog", name="Search").get_by_role("searchbox")
        box.fill("pretzels")
        expect(page.get_by_role("status")).to_have_text("1 result")
        with page.expect_navigation(url="**/posts/post/*/change/"):
            box.press("Enter")
        page.keyboard.press("Control+k")
        box = page.get_by_role("dialog", name="Search").get_by_role("searchbox")
        box.fill("fresh")
        with page.expect_navigation(url="**/search/?q=fresh"):
            box.press("Enter")
        expect(page.get_by_role("heading", name="Posts by their text")).to_be_visible()
        expect(page.locator("#dovecote-search-here")).to_have_value("fresh")


def test_the_secret_of_a_key_does_not_leave_the_box(signed_in):
    with opened() as page:
        page.goto(signed_in(page))
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.keyboard.press("Control+k")
        box = page.get_by_role("dialog", name="Search").get_by_role("searchbox")
        box.fill(f"pe_live_{'0123' * 8}")
        expect(box).to_have_value("pe_live_0123")
        expect(page.get_by_role("status")).to_contain_text("Nothing found")
        assert any(url.endswith("q=pe_live_0123") for url in asked)
        assert not any("01230" in url for url in asked)
