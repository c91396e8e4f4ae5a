"""An operator agrees in a real browser, and it goes on to the program."""

import pytest
from playwright.sync_api import Page, expect

from posts.models import OAuthGrant
from tests.acceptance.browser import opened
from tests.factories import make_workspace
from tests.posts.keys.oauth.program import REDIRECT, make_program, page_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def asked(admin_client, live_server):
    """The address of a consent page, opened in a page that is logged in."""
    make_workspace()
    address = live_server.url + page_of(make_program().request())
    [cookie] = admin_client.cookies.values()

    def open_in(page: Page) -> None:
        known = {"name": cookie.key, "value": cookie.value, "url": live_server.url}
        page.context.add_cookies([known])
        page.route("https://agent.example/**", lambda route: route.fulfill(body="Thank you."))
        page.goto(address)

    return open_in


@pytest.mark.parametrize(("button", "answer"), [("Allow", "code="), ("Deny", "access_denied")])
def test_a_click_leads_back_to_the_program(asked, button, answer):
    with opened() as page:
        asked(page)
        page.get_by_role("button", name=button).click()
        expect(page.get_by_text("Thank you.")).to_be_visible()
        led_to = page.url

    assert led_to.startswith(REDIRECT)
    assert answer in led_to
    assert OAuthGrant.objects.count() == (button == "Allow")


def test_a_scope_that_was_taken_away_is_not_allowed(asked):
    with opened() as page:
        asked(page)
        page.get_by_label("Create, change, publish and delete").uncheck()
        page.get_by_role("button", name="Allow").click()
        expect(page.get_by_text("Thank you.")).to_be_visible()

    assert OAuthGrant.objects.get().scopes == ["read", "ai"]
