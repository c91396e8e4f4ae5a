"""Single sign-on as a browser sees it: cookies, redirects and the page's policy."""

import pytest

from tests.acceptance.browser import opened


@pytest.mark.needs("chromium")
@pytest.mark.django_db(transaction=True)
def test_a_browser_logs_in_by_the_button_and_out(live_server, provider, monkeypatch):
    # The browser's thread runs a loop of its own.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with opened() as page:
        page.goto(f"{live_server.url}/admin/posts/post/")
        page.get_by_role("link", name="Log in with SSO").click()
        page.wait_for_url("**/admin/posts/post/")

        page.goto(f"{live_server.url}/admin/")
        page.locator("form[action='/admin/logout/']").first.evaluate("form => form.submit()")
        page.get_by_role("link", name="Log out of single sign-on").wait_for()
