"""Published posts on the simulated X, whose numbers are read."""

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from destinations.accounts import encryption
from destinations.models import Account
from destinations.state import transitions
from posts.features.engagement.models import AccountEngagement, Engagement
from posts.models import Post
from tests.factories import make_account, make_post
from tests.posts.conftest import Caller

_numbers = itertools.count()


@pytest.fixture(autouse=True)
def _read_x(settings, db):
    settings.ENGAGEMENT_PLATFORMS = ["x"]
    settings.ENGAGEMENT_AFTER = (3600, 24 * 3600)
    settings.ENGAGEMENT_CALLS_PER_HOUR = 60


@pytest.fixture
def account(ada: Caller, simulator: Any) -> Account:
    token = simulator.connect("x", "17")
    return make_account(ada.workspace, "x", token=token, platform_account_id="17")


@pytest.fixture
def published(simulator: Any) -> Callable[..., Post]:
    """Makes posts that are public at the simulator, and were published some time ago."""

    def publish(account: Account, *, ago: timedelta = timedelta(hours=2), text: str = "Hi") -> Post:
        answer = simulator.http.post(
            "/api.x.com/2/tweets",
            json={"text": f"{text} {next(_numbers)}"},
            headers={"Authorization": f"Bearer {account_token(account)}"},
        )
        post = make_post(account.workspace, [account])
        destination = post.destinations.get()
        at = timezone.now() - ago
        assert transitions.move("start", destination.pk, by="test")
        assert transitions.move(
            "succeed",
            destination.pk,
            by="test",
            published_at=at,
            platform_post_id=answer.json()["data"]["id"],
        )
        return post

    return publish


def account_token(account: Account) -> str:
    return encryption.credentials(account).token


def of(post: Post) -> Engagement:
    return Engagement.objects.get(destination__post=post)


def due_now() -> None:
    """Let the time until the next visit pass."""
    past = timezone.now() - timedelta(minutes=1)
    Engagement.objects.filter(due_at__isnull=False).update(due_at=past)
    AccountEngagement.objects.update(due_at=past, not_before=None)
