from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client

from destinations.dispatch.restoring import restore_detector
from destinations.publishing import pending_media
from platforms.drafts import Draft, Media
from platforms.limits import Form
from platforms.oauth import App, Profile
from platforms.registry import ADAPTERS
from platforms.x.oauth import XOAuth
from tests.posts.conftest import ada, cy  # noqa: F401 - fixtures


@pytest.fixture
def no_tick_so_far() -> Iterator[None]:
    """Redis has not seen other tests' databases, and no other test sees this one's."""
    cache.delete(restore_detector.KEY)
    yield
    cache.delete(restore_detector.KEY)


@pytest.fixture
def app(simulator, settings) -> App:
    app = App(*simulator.app("x", f"{settings.PUBLIC_URL}/connect/x/return"))
    settings.PLATFORM_APPS = {"x": app}
    simulator.connect("x", "77", username="acme")
    simulator.connect("x", "78", username="other")
    return app


@pytest.fixture
def browser() -> Client:
    return Client()


@pytest.fixture
def pages(app, monkeypatch):
    """X as a network where one login speaks for several pages."""
    found = []

    class Several(XOAuth):
        async def profiles(self, app, tokens, http):
            return [
                Profile(number, name, name.lower(), tokens, kind="page") for number, name in found
            ]

    monkeypatch.setattr(type(ADAPTERS["x"]), "logins", {"x": Several()})
    return found


@pytest.fixture
def unmade(monkeypatch) -> Draft:
    """A draft whose file is never converted."""
    monkeypatch.setattr(
        pending_media, "_makers", [lambda wanted: dict.fromkeys(wanted, pending_media.Making(5))]
    )
    form = Form("image/jpeg", max_bytes=1000)
    item = Media("a", "image", "image/webp", "a.webp", 10, width=64, height=64, form=form)
    return Draft("Hello", (item,))
