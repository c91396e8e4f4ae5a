"""Feeds at a stranger's server, and what became of their items."""

import pytest

from destinations.runtime import clock
from posts.features.feeds import poll
from posts.features.feeds.models import Feed
from posts.models import Post
from tests.factories import make_account
from tests.posts.features.feeds.documents import numbered

PATH = "/feed.xml"


@pytest.fixture
def x_account(ada):
    return make_account(ada.workspace, "x")


@pytest.fixture
def feed(ada, stranger, x_account):
    """Makes a feed through the API; its document is at PATH."""

    def make_one(document: bytes = b"", **fields) -> Feed:
        url = stranger.gives(PATH, document or numbered(1, 2))
        body = {"name": "Blog", "url": url, "account_ids": [x_account.pk], "mode": "publish"}
        response = ada.post("/feeds", body | fields)
        assert response.status_code == 201, response.json()
        return Feed.objects.get(pk=response.json()["data"]["id"])

    return make_one


def read_again(feed: Feed) -> Feed:
    """As if the pause to its next reading were over."""
    Feed.objects.filter(pk=feed.pk).update(due_at=clock.now())
    poll.tick()
    return Feed.objects.get(pk=feed.pk)


def contents() -> list[str]:
    return list(Post.objects.order_by("created_at", "pk").values_list("content", flat=True))


def states(feed: Feed) -> dict[str, str]:
    return dict(feed.items.values_list("title", "state"))
