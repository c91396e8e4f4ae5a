import pytest

from posts.models import ApiKey, PostMedia
from tests.factories import make_account, make_post
from tests.posts.factories import make_media


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

    with django_assert_num_queries(2):  # key, posts
        assert len(ada.get("/posts").json()["data"]) == count
    with django_assert_num_queries(3):  # and the pauses, because it waits
        ada.get(f"/posts/{post.public_id}")
    assert ApiKey.objects.get().last_used_at is not None
