"""Forms of our pages, filled in over HTTP as a browser without scripts does."""

import re
from collections.abc import Callable

import httpx

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


def press(
    browser: httpx.Client, page: httpx.Response, **filled_in: str | list[str]
) -> httpx.Response:
    """Send the form of this page, else as it is; the answer, which may be a redirect."""
    return browser.post(page.url, data={**dict(HIDDEN.findall(page.text)), **filled_in})


def connect(
    browser: httpx.Client, link: str, at_the_network: Callable[[str], str], **form: str
) -> httpx.Response:
    """Follow a link and connect the one profile that is offered; the last page.

    `at_the_network` answers the consent page at this address, and tells where it leads back to.
    `form` is what the login asks for before it leads there.
    """
    away = press(browser, browser.get(link))
    if form and away.next_request:
        away = press(browser, browser.send(away.next_request), **form)
    returned = at_the_network(away.headers["location"])
    choice = browser.get(returned, follow_redirects=True)
    assert choice.is_success, choice.text
    done = press(browser, choice)
    assert done.next_request is not None, done.text
    return browser.send(done.next_request)
