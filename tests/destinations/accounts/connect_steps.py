"""The steps from a link to an account, as a browser and the network take them."""

import re
from urllib.parse import urlsplit


def link(caller, **body):
    made = caller.post("/accounts/connect-link", {"platform": "x", **body}).json()["data"]
    return urlsplit(made["url"]).path


def leave(browser, path):
    """Press the button of the link's page; the URL of the network's consent page."""
    away = browser.post(path)
    assert away.status_code == 302, away.content
    return away.headers["location"]


def consent(simulator, browser, path, account="77", *scopes, **answer):
    """Follow the link to the network and answer there; the path to which the network returns."""
    parts = urlsplit(simulator.consent(leave(browser, path), account, *scopes, **answer))
    return f"{parts.path}?{parts.query}"


def callback(simulator, browser, path, account="77", **answer):
    """The page after the callback: the choice, if all went well."""
    return browser.get(consent(simulator, browser, path, account, **answer), follow=True)


def agree(browser, page):
    """Connect everything that the choice offers."""
    text = says(page, 200, "Nothing is saved yet")
    offered = re.findall(r'name="profile" value="([^"]+)"', text)
    return browser.post(page.redirect_chain[-1][0], {"profile": offered}, follow=True)


def connect(simulator, browser, path, account="77"):
    return agree(browser, callback(simulator, browser, path, account))


def says(page, status, words):
    text = page.content.decode()
    assert page.status_code == status, text
    assert words in text
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "same-origin"
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["X-Frame-Options"] == "DENY"
    assert not re.search(r'(?:src|href)="(?!/|data:)', text), "something is loaded from elsewhere"
    return text
