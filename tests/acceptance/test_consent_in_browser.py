"""An operator agrees in a real browser, and it goes on to the program."""

import pytest
from playwright.sync_api import Page, expect

from posts.models import OAuthGrant
from tests.acceptance.browser import opened
from tests.factories import make_workspace
from tests.posts.keys.oauth.program import REDIRECT, make_program, page_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.needs("chromium")]


#: A scope that is taken away, the button that is pressed, the answer, what the program may do then.
CASES = (
    (None, "Deny", "access_denied", None),
    (None, "Allow", "code=", ["read", "write", "ai"]),
    ("Create, change, publish and delete", "Allow", "code=", ["read", "ai"]),
)


@pytest.fixture
def asked(sign_in, live_server):
    """Signs a page in; the address of a consent page for each case."""
    make_workspace()
    programs = [make_program(client_name=f"Program {number}") for number in range(len(CASES))]
    addresses = [live_server.url + page_of(each.request()) for each in programs]

    def log_in(page: Page) -> list[str]:
        sign_in(page)
        page.route("https://agent.example/**", lambda route: route.fulfill(body="Thank you."))
        return addresses

    return log_in


def test_a_click_leads_back_to_the_program_with_what_was_allowed(asked):
    led_to = []
    with opened() as page:
        for address, (without, button, _, _) in zip(asked(page), CASES, strict=True):
            page.goto(address)
            if without:
                page.get_by_label(without).uncheck()
            page.get_by_role("button", name=button).click()
            expect(page.get_by_text("Thank you.")).to_be_visible()
            led_to.append(page.url)

    for url, (_, button, answer, _) in zip(led_to, CASES, strict=True):
        assert url.startswith(REDIRECT), button
        assert answer in url, button
    allowed = [scopes for *_, scopes in CASES if scopes]
    grants = OAuthGrant.objects.order_by("client__name")
    assert [grant.scopes for grant in grants] == allowed
