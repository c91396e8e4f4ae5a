"""Reading feeds: what is new in them, and what readings that fail do."""

import uuid
from datetime import timedelta

import pytest

from destinations.runtime import clock
from posts.features.feeds import create_posts, poll
from posts.features.feeds.models import Feed, FeedItem
from posts.models import Post
from tests import strangers
from tests.factories import make_workspace
from tests.posts.cases import apart
from tests.posts.features.feeds.conftest import PATH, contents, read_again, states
from tests.posts.features.feeds.documents import numbered
from tests.posts.features.webhooks.webhook_factories import make_webhook, told


def test_what_a_new_feed_has_is_not_posted(feed):
    found = read_again(feed())

    assert Post.objects.count() == 0
    assert states(found) == {"Item 1": "backlog", "Item 2": "backlog"}
    assert found.baseline_at is not None


def test_a_new_item_is_posted_once(feed, stranger):
    found = read_again(feed())
    stranger.gives(PATH, numbered(3, 2, 1))

    read_again(found)
    read_again(found)

    assert contents() == ["Item 3\n\nhttps://blog.example.com/3"]
    item = FeedItem.objects.get(title="Item 3")
    assert item.state == "posted"
    assert Post.objects.get().pk == item.post_id
    assert Post.objects.get().status == "publishing"


def test_at_most_five_items_of_a_reading_are_posted_oldest_first(feed, stranger):
    found = read_again(feed())
    stranger.gives(PATH, numbered(9, 8, 7, 6, 5, 4, 3, 2, 1))

    read_again(found)
    first = contents()
    read_again(found)

    assert [text.split("\n")[0] for text in first] == [f"Item {n}" for n in (3, 4, 5, 6, 7)]
    assert len(contents()) == 7


def test_a_document_that_is_not_worked_off_is_read_again(feed, stranger):
    found = read_again(feed())
    stranger.gives(PATH, numbered(*range(9, 0, -1)), ETag='"nine"')

    assert read_again(found).etag == ""
    assert read_again(found).etag == '"nine"'


def test_an_unchanged_document_is_not_sent_again(feed, stranger):
    found = feed()
    stranger.gives(PATH, numbered(1), ETag='"one"', Last_Modified="Mon, 02 Mar 2026 10:00:00 GMT")
    read_again(found)
    seen = []

    def not_modified(to) -> None:
        seen.append((to.headers["If-None-Match"], to.headers["If-Modified-Since"]))
        strangers.whole(b"", 304)(to)

    stranger.answers[PATH] = not_modified
    found = read_again(found)

    assert seen == [('"one"', "Mon, 02 Mar 2026 10:00:00 GMT")]
    assert (found.consecutive_errors, found.problem) == (0, "")


def test_another_url_has_a_backlog_too(ada, feed, stranger):
    found = read_again(feed())
    url = stranger.gives("/other.xml", numbered(7, 8))

    ada.patch(f"/feeds/{found.pk}", {"url": url})
    read_again(found)

    assert Post.objects.count() == 0
    assert states(found)["Item 8"] == "backlog"


def test_what_came_while_a_feed_was_off_is_not_posted(ada, feed, stranger):
    found = read_again(feed())
    ada.patch(f"/feeds/{found.pk}", {"enabled": False})
    stranger.gives(PATH, numbered(3, 2, 1))
    read_again(found)
    assert states(found).get("Item 3") is None

    ada.patch(f"/feeds/{found.pk}", {"enabled": True})
    read_again(found)

    assert Post.objects.count() == 0
    assert states(found)["Item 3"] == "backlog"


def test_a_page_leads_to_its_feed(feed, stranger):
    page = b'<html><link rel="alternate" type="application/rss+xml" href="/the.xml"></html>'
    stranger.gives("/the.xml", numbered(1))

    found = read_again(feed(page))

    assert found.source_url == stranger.url("/the.xml")
    assert states(found) == {"Item 1": "backlog"}


def test_what_is_no_feed_is_an_error_of_the_feed(feed, stranger):
    for document in (b"", b"no feed", b"\xff\x00" * 50, b"<html></html>"):
        with apart(document):
            found = feed(b"-")
            stranger.gives(PATH, document)

            found = read_again(found)

            assert found.consecutive_errors == 1
            assert "no RSS or Atom feed" in found.problem


def test_a_document_that_grows_without_end_is_refused(feed, stranger, monkeypatch):
    monkeypatch.setattr("posts.features.feeds.fetch.MOST_BYTES", 1_000)

    found = read_again(feed(numbered(1) + b" " * 2_000))

    assert "larger than" in found.problem


@pytest.mark.usefixtures("real_sandbox")
def test_entities_that_multiply_do_no_harm(feed, stranger):
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' + b"".join(
        f'<!ENTITY {chr(98 + n)} "{("&" + chr(97 + n) + ";") * 10}">'.encode() for n in range(9)
    )
    bomb += b"]><rss version='2.0'><channel><item><title>&j;</title></item></channel></rss>"

    assert all(len(title) < 2_000 for title in states(read_again(feed(bomb))))


def test_errors_pause_longer_and_longer_and_then_switch_it_off(ada, feed, stranger):
    make_webhook(ada.workspace, "feed.disabled")
    found = feed()
    stranger.answers[PATH] = strangers.whole(b"", 503)
    pauses = []

    for _ in range(poll.MOST_ERRORS):
        found = read_again(found)
        pauses.append(found.due_at - clock.now())

    assert pauses[1] > pauses[0] > timedelta(minutes=15)
    assert max(pauses) < 1.2 * poll.LONGEST_PAUSE
    assert (found.enabled, found.consecutive_errors) == (False, poll.MOST_ERRORS)
    assert "answered 503" in found.problem
    ((event, data),) = told(ada.workspace)
    assert (event, data["feed_id"]) == ("feed.disabled", str(found.pk))


def test_a_document_that_breaks_our_code_is_an_error_of_its_feed_alone(feed, monkeypatch):
    found, made = feed(), []

    def breaks(_: Feed) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(poll.fetch, "read", breaks)
    monkeypatch.setattr(create_posts, "all_waiting", lambda: made.append(True))
    found = read_again(found)

    assert (found.consecutive_errors, found.problem) == (1, poll.CRASHED)
    assert found.due_at > clock.now() + poll.EVERY
    assert made


def test_one_good_reading_forgives_all_errors(feed, stranger):
    found = feed()
    stranger.answers[PATH] = strangers.whole(b"", 503)
    read_again(found)
    stranger.gives(PATH, numbered(1))

    found = read_again(found)

    assert (found.consecutive_errors, found.problem) == (0, "")


def test_a_feed_that_was_changed_meanwhile_notes_nothing(feed, stranger):
    found = feed()
    claimed = poll.claim(found.workspace_id)
    assert claimed is not None
    Feed.objects.update(url=stranger.gives("/other.xml", numbered(7)), due_at=clock.now())

    poll.read(claimed)

    assert found.items.count() == 0


def test_two_workers_that_read_the_same_make_one_post(feed, stranger):
    found = read_again(feed())
    stranger.gives(PATH, numbered(3, 2, 1))
    Feed.objects.update(due_at=clock.now())
    claimed = poll.claim(found.workspace_id)
    assert claimed is not None

    poll.read(claimed)
    create_posts.all_waiting()
    poll.read(claimed)
    create_posts.all_waiting()

    assert Post.objects.count() == 1
    assert found.items.filter(title="Item 3").count() == 1


def test_workspaces_take_turns_and_none_is_read_twice_at_once():
    slow, other, third = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    turns = poll.WorkspaceTurns()

    assert turns.begin([slow, other]) == slow
    assert turns.begin([slow, other]) == other
    assert turns.begin([slow, other]) is None
    turns.end(slow)
    turns.end(other)
    assert turns.begin([slow, other, third]) == third
    assert turns.begin([slow, other, third]) == slow


def test_slow_feeds_of_one_workspace_hold_up_no_other(feed, monkeypatch):
    slow = [feed() for _ in range(3)]
    other = make_workspace("Other")
    Feed.objects.create(
        workspace=other,
        name="Blog",
        url="https://blog.example/",
        account_ids=[],
        due_at=clock.now(),
        updated_at=clock.now(),
    )
    read = []

    def read_slowly(found):
        read.append(found.workspace_id)
        if len(read) == 1:
            poll.tick()  # of the process's other slot, meanwhile

    monkeypatch.setattr(poll, "read", read_slowly)
    poll.tick()

    mine = slow[0].workspace_id
    assert read == [mine, other.pk, mine, mine]


def test_items_that_the_feed_dropped_are_forgotten_and_those_it_has_are_kept(feed, stranger):
    found = read_again(feed(numbered(1, 2)))
    FeedItem.objects.update(seen_at=clock.now() - poll.KEPT - timedelta(days=1))
    stranger.gives(PATH, numbered(2))

    read_again(found)

    assert states(found) == {"Item 2": "backlog"}
