from collections.abc import Callable, Iterator

import httpx
import pytest
from django.test import Client

from config.operators import sso
from config.operators.sso import views
from tests.config.operators.sso.provider import CLIENT, SECRET, Provider, new_key, serving

#: Making one takes a tenth of a second.
KEY = new_key()


@pytest.fixture(autouse=True)
def _begun_as_often_as_they_like(monkeypatch):
    """All tests begin from one address."""
    monkeypatch.setattr(views, "BEGINS", ())


@pytest.fixture
def provider(settings, db) -> Iterator[Provider]:
    """A provider at which Ada is in the group of those on call."""
    made = Provider(key=KEY)
    made.claims = {"sub": "8f3a", "preferred_username": "ada", "groups": ["oncall", "staff"]}
    settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = CLIENT, SECRET
    settings.OIDC_ROLES = {"oncall": "On-call", "boss": "Administrator", "look": "Viewer"}
    settings.AUTHENTICATION_BACKENDS = [
        "axes.backends.AxesStandaloneBackend",
        sso.BACKEND,
        "django.contrib.auth.backends.ModelBackend",
    ]
    with serving(made):
        settings.OIDC_ISSUER = made.issuer
        yield made


@pytest.fixture
def log_in(provider) -> Callable[..., httpx.Response]:
    """Log in at the provider and come back; the answer to coming back."""

    def go(client: Client, begin: str = "/admin/sso/"):
        return client.get(returned(client, begin))

    return go


def returned(client: Client, begin: str = "/admin/sso/") -> str:
    """Where the provider sends a browser that has logged in there."""
    sent = client.get(begin)
    assert sent.status_code == 302, sent.content
    back = httpx.get(sent.headers["Location"], trust_env=False).headers["Location"]
    assert back.startswith("http://testserver/admin/sso/callback/?")
    return back.removeprefix("http://testserver")
