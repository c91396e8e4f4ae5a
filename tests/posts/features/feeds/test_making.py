"""Making posts of a feed's new items: their text, image, time and approval."""

from datetime import timedelta

import pytest

from destinations.runtime import clock
from posts.features.feeds import create_posts
from posts.features.feeds.models import Feed, FeedItem
from posts.media.fetch import jobs
from posts.models import Post, Workspace
from tests.posts.cases import apart
from tests.posts.factories import png
from tests.posts.features.feeds.conftest import PATH, contents, read_again, states
from tests.posts.features.feeds.documents import numbered, rss


def test_words_choose_what_is_posted(feed, stranger):
    for words, is_posted in (
        ({"include_words": ["LOFT"]}, True),
        ({"include_words": ["harbour"]}, False),
        ({"exclude_words": ["sponsored"]}, False),
        ({"include_words": ["loft"], "exclude_words": ["sponsored"]}, False),
    ):
        with apart(words, is_posted):
            found = read_again(feed(**words))
            stranger.gives(
                PATH, rss({"title": "In the loft", "guid": "a", "summary": "Sponsored by us"})
            )

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
    create_posts.all_waiting()

    post = Post.objects.get()
    assert post.media.count() == 1


def test_an_image_that_cannot_be_had_is_left_out(feed, stranger):
    found = read_again(feed())
    stranger.gives(PATH, rss({"title": "Seen", "guid": "a", "image": stranger.url("/none.png")}))

    read_again(found)
    jobs.work()
    FeedItem.objects.update(due_at=clock.now())
    create_posts.all_waiting()

    assert Post.objects.get().media.count() == 0


@pytest.mark.parametrize("image", ["http://10.0.0.1/a.png", "http://[::1]/a.png"])
def test_a_private_image_is_never_asked_for(feed, stranger, image):
    found = read_again(feed())
    stranger.gives(PATH, rss({"title": "Seen", "guid": "a", "image": image}))

    read_again(found)

    assert states(found)["Seen"] == "posted"


@pytest.fixture
def next_post(feed, stranger):
    """The post of the next item of a feed with these fields."""

    def make(**fields) -> Post:
        found = read_again(feed(**fields))
        stranger.gives(PATH, numbered(3))
        read_again(found)
        return Post.objects.get()

    return make


def test_a_post_of_a_schedule_waits_for_its_delay(next_post):
    post = next_post(mode="schedule", publish_delay_minutes=60)

    assert post.status == "scheduled"
    assert timedelta(minutes=58) < post.scheduled_for - clock.now() < timedelta(minutes=61)


def test_drafts_wait_for_a_person(next_post):
    assert next_post(mode="draft").status == "draft"


def test_a_queue_gives_the_post_its_slot(next_post):
    post = next_post(mode="queue")

    assert post.status == "scheduled"
    assert post.posting_queue_id is not None


@pytest.mark.parametrize("mode", ["optional", "required_internal"])
def test_a_post_may_have_to_wait_for_its_approval(ada, next_post, mode):
    Workspace.objects.update(approval_mode=mode)

    post = next_post(require_approval=True)

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
