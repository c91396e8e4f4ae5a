"""DELETE /posts/{id}, row by row."""

from datetime import UTC, datetime

import pytest

from posts.models import Post, PostMedia
from tests.factories import make_post
from tests.posts.api.cases import cases
from tests.posts.api.contract.conftest import is_nothing_made, stored
from tests.posts.conftest import refused
from tests.posts.factories import make_media


@pytest.fixture
def post(ada, x):
    return make_post(ada.workspace, [x], scheduled_for=datetime(2099, 1, 1, tzinfo=UTC))


@cases("status", ["scheduled", "draft"])
def test_delete_answers_id_and_deleted_and_removes_all_for_ever(bo, ada, post, status):
    Post.objects.update(status=status)
    PostMedia.objects.create(post=post, media=make_media(ada.workspace), position=0)
    path = f"/posts/{post.public_id}"

    response = bo.delete(path)

    assert (response.status_code, response.json()["data"]) == (
        200,
        {"id": post.public_id, "deleted": True},
    )
    for again in (ada.delete(path), ada.get(path), ada.get(f"{path}/results")):
        refused(again, 404, "not_found")
    assert ada.get("/posts").json()["data"] == []
    assert is_nothing_made()


@cases(
    ("status", "code"),
    [
        ("published", "post_already_published"),
        ("publishing", "conflict"),
        ("partial", "conflict"),
        ("failed", "conflict"),
    ],
)
def test_delete_is_only_of_scheduled_and_draft_posts(ada, post, status, code):
    Post.objects.update(status=status)
    before = stored()

    refused(ada.delete(f"/posts/{post.public_id}"), 409, code)

    assert stored() == before
