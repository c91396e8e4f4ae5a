from datetime import UTC, datetime

import pytest

from destinations.models import Destination
from posts.models import ApiKey, PostMedia
from tests.factories import make_account, make_post
from tests.posts.conftest import make_media

SOON = datetime(2099, 1, 1, 12, 0, 0, 987654, tzinfo=UTC)


@pytest.fixture
def post(ada):
    accounts = [make_account(ada.workspace, key) for key in ("x", "linkedin")]
    post = make_post(ada.workspace, accounts, scheduled_for=SOON)
    PostMedia.objects.create(post=post, media=make_media(ada.workspace), position=0)
    return post


def listed(row: Destination) -> dict:
    return {
        "id": row.public_id,
        "platform": row.platform,
        "status": "queued",
        "account_name": row.account_name,
    }


def detailed(row: Destination) -> dict:
    return listed(row) | {
        "account_id": row.account_number,
        "published_at": None,
        "platform_post_id": None,
        "error": None,
        "attempts": 0,
    }


@pytest.mark.parametrize("count", [1, 7])
def test_reading_takes_the_same_queries_however_many_there_are(
    ada, count, django_assert_num_queries
):
    accounts = [make_account(ada.workspace, key) for key in ("x", "threads", "linkedin")]
    for _ in range(count):
        post = make_post(ada.workspace, accounts)
        for position in range(3):
            media = make_media(ada.workspace)
            PostMedia.objects.create(post=post, media=media, position=position)
    ada.get("/posts")  # writes last_used_at, once a minute

    with django_assert_num_queries(4):  # key, posts, destinations, files
        assert len(ada.get("/posts").json()["data"]) == count
    with django_assert_num_queries(4):
        ada.get(f"/posts/{post.public_id}")
    assert ApiKey.objects.get().last_used_at is not None
