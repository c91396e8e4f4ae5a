"""Operators who may approve posts do so in the admin; others cannot."""

import pytest

from posts.features.approval.models import Approval, ApprovalEvent
from posts.models import Post
from tests.destinations.admin.action_steps import staff
from tests.posts.factories import FUTURE
from tests.posts.features.approval.conftest import due, state, write
from tests.posts.features.operations.test_admin import confirm, operate, text


def test_an_operator_approves_what_a_page_has_shown(admin_client, post):
    assert "Approve 1 post?" in text(operate(admin_client, "approve", post))
    assert state(post)[1] == "pending"

    confirm(admin_client, "approve", Post.objects.get())

    assert state(post) == ("scheduled", "approved")
    assert due(post) is not None
    assert ApprovalEvent.objects.latest("id").by == "operator:admin"


@pytest.mark.parametrize(("method", "left"), [("PATCH", "pending"), ("POST", "rejected")])
def test_a_post_that_was_changed_or_rejected_since_is_not_approved(
    admin_client, ada, boss, account, required, method, left
):
    write(ada, account, scheduled_at=FUTURE)
    seen = Post.objects.get()
    path = f"/posts/{seen.public_id}"
    if method == "PATCH":
        ada.patch(path, {"content": "Ho"})
    else:
        boss.post(f"{path}/reject", {"comment": "No"})

    confirm(admin_client, "approve", seen)

    assert state(seen)[1] == left


def test_who_may_only_change_posts_neither_approves_nor_overrides(client, post):
    operator = staff(client, "change_post", "change_destination")

    confirm(operator, "approve", Post.objects.get())
    confirm(operator, "publish_now", Post.objects.get())

    assert state(post) == ("scheduled", "pending")
    assert due(post) is None
    assert Approval.objects.get().by == ""


def test_the_mode_is_on_the_workspaces_page(admin_client, ada):
    page = text(admin_client.get(f"/admin/posts/workspace/{ada.workspace.pk}/change/"))

    assert 'name="approval_mode"' in page
