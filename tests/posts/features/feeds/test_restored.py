"""Feeds after the database was set back: what they have may have been posted before."""

from destinations.dispatch.restoring import lost_history
from destinations.models import Heartbeat
from posts.features.feeds import poll
from posts.features.feeds.models import Feed, FeedItem
from posts.models import Post
from tests.posts.features.feeds.conftest import PATH, contents, read_again, states
from tests.posts.features.feeds.documents import numbered


def set_back() -> None:
    lost_history.history_lost.send(sender=Heartbeat)


def test_items_that_came_in_the_lost_time_are_not_posted_and_later_ones_are(feed, stranger):
    found = read_again(feed())
    stranger.gives(PATH, numbered(3, 2, 1))

    set_back()
    poll.tick()
    assert states(found)["Item 3"] == "backlog"
    stranger.gives(PATH, numbered(4, 3, 2, 1))
    read_again(found)

    assert contents() == ["Item 4\n\nhttps://blog.example.com/4"]


def test_an_item_that_waited_is_not_posted_and_says_why(feed, stranger):
    found = read_again(feed())
    item = FeedItem.objects.filter(feed=found).latest("id")
    FeedItem.objects.filter(pk=item.pk).update(state="waiting", values={"title": "Item 2"})

    set_back()
    poll.tick()

    item.refresh_from_db()
    assert item.state == "failed"
    assert "may have been posted before" in item.problem
    assert not Post.objects.exists()


def test_a_feed_that_is_switched_off_stays_so(feed):
    found = read_again(feed())
    Feed.objects.update(enabled=False)

    set_back()
    poll.tick()

    found.refresh_from_db()
    assert found.baseline_at is None
