"""Reading feeds and making posts of their new items."""

from datetime import timedelta

import pytest

from destinations.runtime import clock
from posts.feeds import make, poll
from posts.media.fetch import jobs
from posts.models import Feed, FeedItem, Post, Workspace
from tests import strangers
from tests.factories import make_account
from tests.posts.conftest import png
from tests.posts.feeds.documents import numbered, rss
from tests.posts.webhooks.making import make_webhook, told

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


@pytest.mark.parametrize("document", [b"", b"no feed", b"\xff\x00" * 50, b"<html></html>"])
def test_what_is_no_feed_is_an_error_of_the_feed(feed, stranger, document):
    found = feed(b"-")
    stranger.gives(PATH, document)

    found = read_again(found)

    assert found.consecutive_errors == 1
    assert "no RSS or Atom feed" in found.problem


def test_a_document_that_grows_without_end_is_refused(feed, stranger, monkeypatch):
    monkeypatch.setattr("posts.feeds.documents.MOST_BYTES", 1_000)

    found = read_again(feed(numbered(1) + b" " * 2_000))

    assert "larger than" in found.problem


def test_entities_that_multiply_do_no_harm(feed, stranger):
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' + b"".join(
        f'<!ENTITY {chr(98 + n)} "{("&" + chr(97 + n) + ";") * 10}">'.encode() for n in range(9)
    )
    bomb += b"]><rss version='2.0'><channel><item><title>&j;</title></item></channel></rss>"

    found = read_again(feed(bomb))

    assert all(len(title) < 2_000 for title in states(found))


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


def test_one_good_reading_forgives_all_errors(feed, stranger):
    found = feed()
    stranger.answers[PATH] = strangers.whole(b"", 503)
    read_again(found)
    stranger.gives(PATH, numbered(1))

    found = read_again(found)

    assert (found.consecutive_errors, found.problem) == (0, "")


@pytest.mark.parametrize(
    ("words", "is_posted"),
    [
        ({"include_words": ["LOFT"]}, True),
        ({"include_words": ["harbour"]}, False),
        ({"exclude_words": ["sponsored"]}, False),
        ({"include_words": ["loft"], "exclude_words": ["sponsored"]}, False),
    ],
)
def test_words_choose_what_is_posted(feed, stranger, words, is_posted):
    found = read_again(feed(**words))
    stranger.gives(PATH, rss({"title": "In the loft", "guid": "a", "summary": "Sponsored by us"}))

    read_again(found)

    assert Post.objects.count() == is_posted
    assert states(found)["In the loft"] == ("posted" if is_posted else "filtered")


def test_markup_is_not_posted(feed, stranger):
    found = read_again(feed(template="{title}: {summary} ({feed})"))
    summary = "<p>First&nbsp;<b>bold</b></p><script>alert(1)</script><p>Second &amp; last</p>"
    stranger.gives(PATH, rss({"title": "A &amp; B", "guid": "a", "summary": summary}))

    read_again(found)

    assert contents() == ["A & B: First bold\nSecond & last (The loft)"]


def test_a_long_title_is_cut_where_the_network_would_refuse_it(feed, stranger):
    found = read_again(feed())
    stranger.gives(PATH, rss({"title": "word " * 150, "guid": "a", "link": "https://a.example/b"}))

    read_again(found)

    (text,) = contents()
    assert text.endswith("word…\n\nhttps://a.example/b")


def test_an_item_that_no_network_takes_says_why(feed, stranger):
    found = read_again(feed())
    stranger.gives(
        PATH, rss({"title": "a", "guid": "a", "link": "https://a.example/" + "b" * 4000})
    )
    Feed.objects.update(template="{title} " + "x" * 400)

    read_again(found)

    item = FeedItem.objects.get(title="a")
    assert (item.state, item.post_id) == ("failed", None)
    assert item.problem
    assert Post.objects.count() == 0


def test_an_image_is_posted_once_it_is_here(feed, stranger):
    found = read_again(feed())
    picture = stranger.gives("/a.png", png())
    stranger.gives(PATH, rss({"title": "Seen", "guid": "a", "image": picture}))

    read_again(found)
    assert states(found)["Seen"] == "waiting"
    jobs.work()
    FeedItem.objects.update(due_at=clock.now())
    make.all_waiting()

    post = Post.objects.get()
    assert post.media.count() == 1


def test_an_image_that_cannot_be_had_is_left_out(feed, stranger):
    found = read_again(feed())
    stranger.gives(PATH, rss({"title": "Seen", "guid": "a", "image": stranger.url("/none.png")}))

    read_again(found)
    jobs.work()
    FeedItem.objects.update(due_at=clock.now())
    make.all_waiting()

    assert Post.objects.get().media.count() == 0


@pytest.mark.parametrize("image", ["http://10.0.0.1/a.png", "http://[::1]/a.png"])
def test_a_private_image_is_never_asked_for(feed, stranger, image):
    found = read_again(feed())
    stranger.gives(PATH, rss({"title": "Seen", "guid": "a", "image": image}))

    read_again(found)

    assert states(found)["Seen"] == "posted"


def test_a_post_of_a_schedule_waits_for_its_delay(feed, stranger):
    found = read_again(feed(mode="schedule", publish_delay_minutes=60))
    stranger.gives(PATH, numbered(3))

    read_again(found)

    post = Post.objects.get()
    assert post.status == "scheduled"
    assert timedelta(minutes=58) < post.scheduled_for - clock.now() < timedelta(minutes=61)


def test_drafts_wait_for_a_person(feed, stranger):
    found = read_again(feed(mode="draft"))
    stranger.gives(PATH, numbered(3))

    read_again(found)

    assert Post.objects.get().status == "draft"


def test_a_queue_gives_the_post_its_slot(ada, feed, stranger):
    found = read_again(feed(mode="queue"))
    stranger.gives(PATH, numbered(3))

    read_again(found)

    post = Post.objects.get()
    assert post.status == "scheduled"
    assert post.posting_queue_id is not None


@pytest.mark.parametrize("mode", ["optional", "required_internal"])
def test_a_post_may_have_to_wait_for_its_approval(ada, feed, stranger, mode):
    Workspace.objects.update(approval_mode=mode)
    found = read_again(feed(require_approval=True))
    stranger.gives(PATH, numbered(3))

    read_again(found)

    post = Post.objects.get()
    assert post.approval.status == "pending"
    assert list(post.destinations.values_list("due_at", flat=True)) == [None]


def test_no_post_goes_out_unapproved_when_approval_is_switched_off(ada, feed, stranger):
    Workspace.objects.update(approval_mode="optional")
    found = read_again(feed(require_approval=True))
    stranger.gives(PATH, numbered(3))
    Workspace.objects.update(approval_mode="none")

    read_again(found)

    assert Post.objects.count() == 0
    assert "uses no approval" in FeedItem.objects.get(title="Item 3").problem


def test_a_feed_that_was_changed_meanwhile_notes_nothing(feed, stranger):
    found = feed()
    claimed = poll.claim()
    assert claimed is not None
    Feed.objects.update(url=stranger.gives("/other.xml", numbered(7)), due_at=clock.now())

    poll.read(claimed)

    assert found.items.count() == 0


def test_two_workers_that_read_the_same_make_one_post(feed, stranger):
    found = read_again(feed())
    stranger.gives(PATH, numbered(3, 2, 1))
    Feed.objects.update(due_at=clock.now())
    claimed = poll.claim()
    assert claimed is not None

    poll.read(claimed)
    make.all_waiting()
    poll.read(claimed)
    make.all_waiting()

    assert Post.objects.count() == 1
    assert found.items.filter(title="Item 3").count() == 1


def test_a_worker_that_dies_while_it_reads_leaves_the_feed_due_again(feed):
    feed()
    assert poll.claim() is not None
    assert poll.claim() is None

    Feed.objects.update(due_at=clock.now())

    assert poll.claim() is not None


def test_an_item_stays_waiting_if_its_post_cannot_be_stored(feed, stranger, monkeypatch):
    found = read_again(feed())
    stranger.gives(PATH, numbered(3))
    monkeypatch.setattr("posts.feeds.make.compose.create", _dies)

    with pytest.raises(_DiedError):
        read_again(found)
    monkeypatch.undo()
    make.all_waiting()

    assert Post.objects.count() == 1


class _DiedError(Exception):
    pass


def _dies(*_):
    raise _DiedError


def test_items_that_the_feed_dropped_are_forgotten_and_those_it_has_are_kept(feed, stranger):
    found = read_again(feed(numbered(1, 2)))
    FeedItem.objects.update(seen_at=clock.now() - poll.KEPT - timedelta(days=1))
    stranger.gives(PATH, numbered(2))

    read_again(found)

    assert states(found) == {"Item 2": "backlog"}
