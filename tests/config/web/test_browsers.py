"""In production browsers come by TLS only, and keep their cookies to it."""

import runpy

import pytest
from django.test import Client, override_settings

from config import settings as product
from tests.deploy.conftest import PRODUCTION

NAMES = (
    "SECURE_SSL_REDIRECT",
    "SECURE_HSTS_SECONDS",
    "SESSION_COOKIE_SECURE",
    "CSRF_COOKIE_SECURE",
)


@pytest.fixture
def production(monkeypatch) -> dict[str, object]:
    """These settings as an installation has them that sets nothing beyond what it must."""
    for name, value in PRODUCTION.items():
        monkeypatch.setenv(name, value)
    for name in (*NAMES, "SECURE_COOKIES"):
        monkeypatch.delenv(name, raising=False)
    found = runpy.run_path(str(product.__file__))
    return {name: found[name] for name in NAMES}


def test_production_remembers_tls_for_a_year_and_keeps_cookies_to_it(production, db):
    with override_settings(**production):
        plain = Client().get("/admin/login/")
        page = Client().get("/admin/login/", secure=True)

    assert plain.status_code == 301
    assert plain.headers["Location"].startswith("https://")
    assert page.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert page.cookies
    assert all(cookie["secure"] for cookie in page.cookies.values())


def test_the_cookie_of_a_login_is_kept_to_tls_and_from_scripts(production, admin_user):
    with override_settings(**production):
        browser = Client()
        form = {"username": admin_user.username, "password": "password"}
        answer = browser.post("/admin/login/", form, secure=True)

    cookie = answer.cookies["dovecote_session"]
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")


@pytest.mark.parametrize(
    ("path", "from_elsewhere"),
    [
        ("/", set()),
        ("/api/docs", set()),
        ("/api/redoc", set()),
        ("/api/v1/me", set()),
        ("/admin/login/", set()),
        ("/connect/x", set()),
        # Files in a bucket are shown from there.
        ("/share/x", {("img-src", "https:"), ("media-src", "https:")}),
    ],
)
def test_a_page_loads_and_sends_nothing_elsewhere(path, from_elsewhere, db):
    policy = Client().get(path).headers["Content-Security-Policy"]

    rules = [rule.split() for rule in policy.split("; ")]
    allowed = {(name, source) for name, *sources in rules for source in sources}
    assert {("default-src", "'self'"), ("default-src", "'none'")} & allowed
    ours = ("'", "data:", "blob:")
    assert {each for each in allowed if not each[1].startswith(ours)} == from_elsewhere
