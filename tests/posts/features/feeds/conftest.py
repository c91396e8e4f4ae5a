"""Feeds at a stranger's server, and what became of their items."""

import pytest

from destinations.runtime import clock
from posts.features.feeds import poll
from posts.features.feeds.models import Feed
from posts.models import Post
from tests.posts.conftest import data_of
from tests.posts.features.feeds.documents import numbered

PATH = "/feed.xml"


@pytest.fixture
def feed(ada, stranger, account):
    """Makes a feed through the API; its document is at PATH."""

    def make_one(document: bytes = b"", **fields) -> Feed:
        url = stranger.gives(PATH, document or numbered(1, 2))
        body = {"name": "Blog", "url": url, "account_ids": [account.pk], "mode": "publish"}
        return Feed.objects.get(pk=data_of(ada.post("/feeds", body | fields), 201)["id"])

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
