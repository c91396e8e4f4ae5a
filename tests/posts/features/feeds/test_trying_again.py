"""Posts of items that were refused: which are tried again, when, and until when."""

from datetime import timedelta

import pytest

from destinations.runtime import clock
from posts.composing import compose
from posts.composing.changes import lock
from posts.errors import RequestRefused, invalid, try_again
from posts.features.feeds import create_posts
from posts.features.feeds.models import FeedItem
from posts.models import Post
from tests.factories import make_account
from tests.posts.features.feeds.conftest import PATH, contents, read_again
from tests.posts.features.feeds.documents import numbered


@pytest.fixture
def full(monkeypatch):
    """No queue has a free slot; returns what ends that."""
    monkeypatch.setattr("posts.features.posting_queues.slots.AHEAD", timedelta(0))
    return monkeypatch.undo


def one_more(feed, stranger) -> FeedItem:
    """The new item of a feed, after one reading and one try."""
    stranger.gives(PATH, numbered(3, 2, 1))
    read_again(feed)
    return FeedItem.objects.get(title="Item 3")


def tried(item: FeedItem, age: timedelta) -> FeedItem:
    """As if the item were so old, and its pause over."""
    FeedItem.objects.filter(pk=item.pk).update(
        created_at=clock.now() - age, due_at=clock.now() - timedelta(seconds=1)
    )
    create_posts.all_waiting()
    return FeedItem.objects.get(pk=item.pk)


def test_a_full_queue_is_waited_for(feed, stranger, full):
    found = read_again(feed(mode="queue"))
    item = one_more(found, stranger)
    assert (item.state, item.post_id) == ("waiting", None)
    assert "no free slot" in item.problem
    assert item.values
    full()

    item = tried(item, timedelta(hours=5))

    assert (item.state, item.problem, item.values) == ("posted", "", {})
    assert Post.objects.get().pk == item.post_id


def test_pauses_grow_and_have_an_end(feed, stranger, full):
    found = read_again(feed(mode="queue"))
    item = one_more(found, stranger)
    pauses = [item.due_at - clock.now()]

    for age in (timedelta(minutes=10), timedelta(hours=2), timedelta(hours=40)):
        item = tried(item, age)
        assert item.state == "waiting"
        pauses.append(item.due_at - clock.now())
    item = tried(item, create_posts.GIVE_UP)

    assert pauses == sorted(pauses)
    assert timedelta(seconds=30) < pauses[0] <= create_posts.SOONEST
    assert pauses[-1] <= create_posts.LATEST
    assert (item.state, item.values) == ("failed", {})
    assert "no free slot" in item.problem
    assert Post.objects.count() == 0


def test_other_accounts_save_the_items_of_one_that_is_gone(ada, feed, stranger, account):
    found = read_again(feed())
    account.delete()
    item = one_more(found, stranger)
    assert (item.state, item.problem) == ("waiting", "This workspace has no such accounts.")

    ada.patch(f"/feeds/{found.pk}", {"account_ids": [make_account(ada.workspace, "x").pk]})
    item = tried(item, timedelta(minutes=5))

    assert item.state == "posted"


def test_an_account_that_must_be_reconnected_keeps_no_item_waiting(feed, stranger, account):
    found = read_again(feed())
    account.needs_reconnection_since = clock.now()
    account.save()

    assert one_more(found, stranger).state == "posted"


def test_the_api_says_why_an_item_waits(ada, feed, stranger, full):
    found = read_again(feed(mode="queue"))
    one_more(found, stranger)

    [item] = ada.get(f"/feeds/{found.pk}/items?state=waiting").json()["data"]["items"]

    assert "no free slot" in item["problem"]


@pytest.mark.parametrize(
    ("refused", "may_pass"),
    [
        (RequestRefused("rate_limit_exceeded", "Slower."), True),
        (RequestRefused("storage_quota_exceeded", "Full."), True),
        (RequestRefused("storage_full", "Full."), True),
        (RequestRefused("internal_error", "Oh."), True),
        (RequestRefused("conflict", lock.BUSY), True),
        (try_again("Later.", 5), True),
        (RequestRefused("conflict", "Only drafts can be scheduled."), False),
        (RequestRefused("content_too_long", "Too long."), False),
        (RequestRefused("invalid_campaign", "It is archived."), False),
        (RequestRefused("past_schedule_time", "Past."), False),
        (invalid("content", "Blank."), False),
    ],
)
def test_only_what_time_or_a_person_can_end_is_waited_for(refused, may_pass):
    assert create_posts.may_pass(refused) == may_pass


def test_an_item_that_cannot_be_stored_waits_and_holds_up_no_other(feed, stranger, monkeypatch):
    found = read_again(feed())
    stranger.gives(PATH, numbered(4, 3, 2, 1))
    create = compose.create

    def dies_at_three(author, new):
        if "Item 3" in new.content:
            raise _DiedError
        return create(author, new)

    monkeypatch.setattr("posts.features.feeds.create_posts.compose.create", dies_at_three)
    read_again(found)
    assert [text.split("\n")[0] for text in contents()] == ["Item 4"]
    monkeypatch.undo()

    item = tried(FeedItem.objects.get(title="Item 3"), timedelta(minutes=2))

    assert item.state == "posted"
    assert len(contents()) == 2


class _DiedError(Exception):
    pass
