"""Every page of ours: axe-core finds nothing to mend, up to WCAG 2.2 AA, and the browser's console
stays empty.

Each is looked at in light at 1280 pixels and in dark at 390, where nothing may be wider than the
screen either.
"""

import pytest

from tests.acceptance.browser import launched
from tests.acceptance.pages import everything
from tests.acceptance.pages.discover import Shown
from tests.acceptance.pages.page_checks import looking

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.needs("chromium")]


@pytest.fixture
def wrong_of(live_server, admin_client):
    """What is wrong with these pages; no query is made once a browser is open."""

    def look(pages: list[Shown]) -> str:
        cookies = list(admin_client.cookies.values())
        with launched() as browser, looking(browser, live_server, cookies) as eyes:
            for page in pages:
                eyes.look(page)
        return "\n".join(eyes.wrong)

    return look


def test_pages_that_everybody_may_open(wrong_of, ada, app, simulator, admin_client, monkeypatch):
    pages = everything.for_everybody(simulator, ada, admin_client, monkeypatch)

    assert wrong_of(pages) == ""


def test_pages_of_the_admin(wrong_of, ada, admin_client, admin_user):
    assert wrong_of(everything.for_operators(ada, admin_client, admin_user)) == ""
