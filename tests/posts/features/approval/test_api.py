"""Asking, deciding and sharing over the API."""

from dataclasses import replace

from posts.features.approval.models import Approval, ApprovalEvent, ShareLink
from posts.keys import keys
from posts.models import ApiKey
from tests.posts.conftest import data_of, make_caller, refused
from tests.posts.factories import FUTURE
from tests.posts.features.approval.conftest import Mode, due, require, state, write


def path(post, rest: str) -> str:
    return f"/posts/{post.public_id}/{rest}"


def test_a_post_is_approved_and_says_so(ada, boss, post):
    seen = data_of(boss.get(path(post, "approval")))
    assert seen["approval"]["status"] == "pending"
    assert data_of(ada.get(f"/posts/{post.public_id}"))["approval"]["status"] == "pending"

    said = data_of(
        boss.post(path(post, "approve"), {"comment": "Fine", "revision": seen["revision"]})
    )

    assert (said["approval"]["status"], said["post_status"]) == ("approved", "scheduled")
    listed = data_of(ada.get("/posts"))[0]["approval"]
    assert (listed["by"], listed["comment"]) == (f"key:{boss.key.prefix}", "Fine")
    assert listed["decided_at"].endswith("Z")
    assert due(post) is not None


def test_the_compatibility_mount_shows_it_too(ada, post):
    there = replace(ada, mount="/compat/api/v1")

    assert data_of(there.get(f"/posts/{post.pk}"))["approval"]["status"] == "pending"
    assert data_of(there.get("/posts"))["posts"][0]["approval"]["stage"] == "internal"


def test_without_approval_posts_do_not_have_the_field(ada, account):
    post = write(ada, account, scheduled_at=FUTURE)

    assert "approval" not in data_of(ada.get(f"/posts/{post.public_id}"))
    assert data_of(ada.get("/me"))["workspace"]["approval_mode"] == "none"
    refused(ada.post(path(post, "request-approval"), {}), 409, "conflict")


def test_a_new_post_says_that_it_waits(ada, account, required):
    body = {"content": "Hi", "account_ids": [account.pk]}

    said = data_of(ada.post("/posts", body), 201)

    assert said["status"] == "scheduled"
    assert "waits for approval" in said["message"]


def test_only_a_post_whose_approval_was_asked_for_shows_one(ada, account):
    require(ada, Mode.OPTIONAL)
    post = write(ada, account, scheduled_at=FUTURE)
    there = replace(ada, mount="/compat/api/v1")
    assert "approval" not in data_of(ada.get(f"/posts/{post.public_id}"))
    assert "approval" not in data_of(ada.get("/posts"))[0]
    assert "approval" not in data_of(there.get("/posts"))["posts"][0]
    assert data_of(ada.get(path(post, "approval")))["approval"]["status"] == "none"

    body = {"reviewers": ["Ann"], "message": "Please"}
    assert (
        data_of(ada.post(path(post, "request-approval"), body))["approval"]["status"] == "pending"
    )

    found = data_of(ada.get(path(post, "approval")))
    assert found["reviewers"] == ["Ann"]
    assert [each["action"] for each in found["history"]] == ["requested"]
    assert due(post) is None


def test_the_key_that_wrote_the_post_cannot_approve_it_nor_can_its_successor(
    account, ada, required
):
    writer = make_caller(ada.workspace, "Writer", ("read", "write", "approve"))
    post = write(writer, account)
    refused(writer.post(path(post, "approve"), {}), 403, "own_post")

    key, secret = keys.create(ada.workspace, "Successor", ("read", "write", "approve"))
    ApiKey.objects.filter(pk=writer.key.pk).update(replaced_by=key)
    refused(
        replace(writer, key=key, secret=secret).post(path(post, "approve"), {}), 403, "own_post"
    )
    refused(writer.post(path(post, "share-links"), {"can_decide": True}), 403, "own_post")
    assert state(post)[1] == "pending"


def test_a_revision_that_was_decided_about_since_is_not_approved(post, boss):
    seen = data_of(boss.get(path(post, "approval")))["revision"]
    data_of(boss.post(path(post, "request-changes"), {"comment": "Shorter"}))
    data_of(boss.post(path(post, "reject"), {"comment": "No"}))

    error = refused(boss.post(path(post, "approve"), {"revision": seen}), 409, "conflict")

    assert "changes requested, then rejected" in error["message"]
    read = data_of(boss.get(path(post, "approval")))
    assert (state(post)[1], read["revision"]) == ("rejected", error["details"]["revision"])
    data_of(boss.post(path(post, "approve"), {"revision": read["revision"]}))
    assert state(post)[1] == "approved"


def test_a_revision_that_was_edited_since_is_not_approved(ada, boss, post):
    seen = data_of(boss.get(path(post, "approval")))["revision"]
    data_of(ada.patch(f"/posts/{post.public_id}", {"content": "Ho"}))

    error = refused(boss.post(path(post, "approve"), {"revision": seen}), 409, "conflict")

    assert error["details"]["revision"] != seen
    assert due(post) is None


def test_the_difference_since_the_last_approval_is_structured(ada, boss, post):
    data_of(boss.post(path(post, "approve"), {}))
    data_of(ada.patch(f"/posts/{post.public_id}", {"content": "Ho"}))

    found = data_of(ada.get(path(post, "approval")))

    assert found["diff"] == {"content": {"before": "Hi", "after": "Ho"}}
    assert found["history"][-2]["changes"] == found["diff"]


def test_two_stages_are_two_calls(ada, boss, account):
    require(ada, Mode.REQUIRED_INTERNAL_AND_CLIENT)
    post = write(ada, account, scheduled_at=FUTURE)

    assert data_of(boss.post(path(post, "approve"), {}))["approval"]["stage"] == "client"
    refused(boss.post(path(post, "approve"), {}), 409, "conflict")
    assert state(post)[1] == "pending"
    done = data_of(boss.post(path(post, "approve"), {"stage": "client"}))
    assert done["approval"]["status"] == "approved"


def test_asking_for_changes_needs_a_comment(ada, boss, account, required):
    post = write(ada, account)

    refused(boss.post(path(post, "request-changes"), {}), 400, "validation_error")
    refused(boss.post(path(post, "reject"), {"comment": ""}), 400, "validation_error")
    said = data_of(boss.post(path(post, "request-changes"), {"comment": "Shorter"}))
    assert said["approval"]["status"] == "changes_requested"


def test_comments_are_kept_in_order(ada, account):
    post = write(ada, account)
    data_of(ada.post(path(post, "comments"), {"text": "One"}), 201)
    data_of(ada.post(path(post, "comments"), {"text": "Two", "visibility": "client"}), 201)

    history = data_of(ada.get(path(post, "approval") + "?limit=1&offset=1"))
    assert [each["text"] for each in history["history"]] == ["Two"]
    assert history["history"][0]["visibility"] == "client"
    refused(ada.post(path(post, "comments"), {"text": "x" * 2001}), 400, "validation_error")


def test_a_share_link_is_shown_once_and_stored_as_a_hash(ada, boss, account, required):
    post = write(ada, account)
    made = data_of(
        boss.post(path(post, "share-links"), {"can_decide": True, "reviewer": "Ann"}), 201
    )

    secret = made["url"].rsplit("/", 1)[1]
    assert len(secret) == 22
    assert secret not in str(list(ShareLink.objects.values()))
    (listed,) = data_of(ada.get(path(post, "share-links")))["share_links"]
    assert "url" not in listed
    assert (listed["state"], listed["reviewer"]) == ("active", "Ann")

    gone = data_of(ada.delete(path(post, f"share-links/{made['id']}")))
    assert gone["state"] == "revoked"
    assert data_of(ada.delete(path(post, f"share-links/{made['id']}")))["state"] == "revoked"
    actions = ApprovalEvent.objects.filter(post=post).values_list("action", flat=True)
    assert list(actions) == ["requested", "link_created", "link_revoked"]


def test_a_link_that_decides_needs_the_scope_and_lasts_a_week_at_most(ada, account, required):
    post = write(ada, account)
    bo = make_caller(ada.workspace, "Bo", ("read", "write"))

    refused(bo.post(path(post, "share-links"), {"can_decide": True}), 403, "insufficient_scope")
    refused(ada.post(path(post, "share-links"), {"expires_in": 604801}), 400, "validation_error")


def test_the_link_of_another_post_is_unknown(ada, account):
    one, two = write(ada, account), write(ada, account)
    made = data_of(ada.post(path(one, "share-links"), {}), 201)

    refused(ada.delete(path(two, f"share-links/{made['id']}")), 404, "not_found")
    assert not Approval.objects.exists()
