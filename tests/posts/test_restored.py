"""What customers change is remembered beside the database, in case it is set back."""

from collections.abc import Callable

import pytest
from django.core.cache import cache

from destinations.dispatch import changes
from destinations.dispatch.restoring import restore_detector
from destinations.runtime import clock
from posts.composing import compose
from posts.composing.destinations import Author
from posts.models import Post
from tests.posts.conftest import data_of
from tests.posts.features.approval.conftest import Mode, require, write
from tests.posts.features.approval.decide_steps import ask
from tests.posts.features.posting_queues.conftest import make_queue, put

LATER, SOONER = "2099-03-15T14:00:00Z", "2099-03-14T14:00:00Z"


@pytest.fixture
def post(ada, account) -> Post:
    return write(ada, account, scheduled_at=LATER)


def move(ada, path):
    return ada.patch(path, {"scheduled_at": SOONER})


def rewrite(ada, path):
    return ada.patch(path, {"content": "Hello"})


def delete(ada, path):
    return ada.delete(path)


def known() -> set:
    found = changes.since(clock.now())
    assert found is not None
    return found


@pytest.fixture(autouse=True)
def _ticks(db):
    cache.delete(restore_detector.KEY)
    restore_detector.check()
    yield
    cache.delete(restore_detector.KEY)


@pytest.mark.parametrize("change", [move, rewrite, delete])
def test_a_scheduled_post_that_is_changed_is_remembered(ada, post, change: Callable):
    assert post.pk not in known()

    data_of(change(ada, f"/posts/{post.public_id}"))
    assert post.pk in known()


def test_a_scheduled_post_that_is_published_at_once_is_remembered(ada, post):
    compose.publish_now(Author(ada.workspace.pk, "key:ada"), post.pk)

    assert post.pk in known()


def test_a_draft_that_is_changed_is_not_remembered(ada, account):
    post = write(ada, account, draft=True)

    assert rewrite(ada, f"/posts/{post.public_id}").status_code == 200

    assert post.pk not in known()


def test_a_post_that_waits_for_an_approval_is_remembered(ada, post):
    require(ada, Mode.OPTIONAL)

    ask(post)

    assert post.pk in known()


@pytest.mark.parametrize("change", [{"active": False}, {"reshuffle_existing": True}])
def test_posts_of_a_queue_that_is_held_or_reshuffled_are_remembered(ada, account, change):
    queue = make_queue(ada)["id"]
    put(ada, account, queue)
    post = put(ada, account, queue)
    assert ada.delete(f"/posts/{Post.objects.earliest('created_at').public_id}").status_code == 200

    assert ada.patch(f"/queues/{queue}", change).status_code == 200

    assert post.pk in known()
