"""Hashtags and approval: what was approved is what is published."""

import pytest

from posts.features.approval.models import ApprovalEvent
from posts.models import Post
from tests.posts.features.approval.conftest import require, state
from tests.posts.features.approval.decide_steps import approve
from tests.posts.features.hashtags.hashtag_factories import (
    LATER,
    create,
    edit,
    make_set,
    set_defaults,
    texts,
)


@pytest.fixture
def approved(ada, x) -> Post:
    require(ada)
    post = create(ada, x, scheduled_at=LATER, hashtag_set_ids=[make_set(ada)])
    approve(post)
    assert state(post) == ("scheduled", "approved")
    return post


def test_other_sets_alone_return_a_post_to_approval(ada, approved):
    edit(ada, approved, hashtag_set_ids=[make_set(ada, "Other", ["other"])])

    assert state(approved) == ("scheduled", "pending")
    assert approved.destinations.get().due_at is None
    changed = ApprovalEvent.objects.get(post=approved, action="edited").changes["hashtags"]
    assert changed["before"]["groups"][0]["hashtags"] == ["spring", "garden"]
    assert changed["after"]["groups"][0]["hashtags"] == ["other"]


@pytest.mark.parametrize("fields", [{"hashtag_set_ids": []}, {"hashtags_in": "first_comment"}])
def test_hashtags_that_go_or_move_return_it_too(ada, approved, fields):
    edit(ada, approved, **fields)

    assert state(approved) == ("scheduled", "pending")


def test_defaults_that_come_return_it_too(ada, x):
    require(ada)
    post = create(ada, x, scheduled_at=LATER)
    approve(post)
    set_defaults(ada, hashtags=["loft"])

    edit(ada, post, use_defaults=True)

    assert state(post) == ("scheduled", "pending")


def test_what_changes_nothing_that_is_published_needs_no_approval(ada, approved):
    edit(ada, approved, metadata={"a": 1})

    assert state(approved) == ("scheduled", "approved")


def test_a_set_that_changes_changes_no_approved_post(ada, approved):
    key = ada.get("/hashtag-sets").json()["data"]["hashtag_sets"][0]["id"]

    ada.patch(f"/hashtag-sets/{key}", {"hashtags": ["other"]})
    edit(ada, approved, metadata={"a": 1})

    assert state(approved) == ("scheduled", "approved")
    assert texts(approved) == ["Hello\n\n#spring #garden"]


def test_a_client_reads_what_changed_of_them(ada, approved):
    made = ada.post(f"/posts/{approved.public_id}/share-links", {}).json()["data"]
    edit(ada, approved, hashtag_set_ids=[make_set(ada, "Other", ["other"], platforms=["x"])])

    page = ada.client.get("/share/" + made["url"].partition("/share/")[2])

    shown = page.content.decode()
    assert "#spring #garden" in shown
    assert "#other (x)" in shown
