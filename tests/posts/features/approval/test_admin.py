"""Operators who may approve posts do so in the admin; others cannot."""

from posts.features.approval.models import Approval, ApprovalEvent
from posts.models import Post
from tests.destinations.admin.action_steps import staff
from tests.posts.features.approval.conftest import FUTURE, due, state, write
from tests.posts.features.operations.test_admin import confirm, operate, text


def test_an_operator_approves_what_a_page_has_shown(admin_client, ada, account, required):
    post = write(ada, account, scheduled_at=FUTURE)
    assert "Approve 1 post?" in text(operate(admin_client, "approve", post))
    assert state(post)[1] == "pending"

    confirm(admin_client, "approve", Post.objects.get())

    assert state(post) == ("scheduled", "approved")
    assert due(post) is not None
    assert ApprovalEvent.objects.latest("id").by == "operator:admin"


def test_a_post_that_was_changed_since_is_not_approved(admin_client, ada, account, required):
    write(ada, account, scheduled_at=FUTURE)
    seen = Post.objects.get()
    ada.patch(f"/posts/{seen.public_id}", {"content": "Ho"})

    confirm(admin_client, "approve", seen)

    assert state(seen)[1] == "pending"


def test_a_post_that_another_person_rejected_since_is_not_approved(
    admin_client, ada, boss, account, required
):
    write(ada, account, scheduled_at=FUTURE)
    seen = Post.objects.get()
    boss.post(f"/posts/{seen.public_id}/reject", {"comment": "No"})

    confirm(admin_client, "approve", seen)

    assert state(seen)[1] == "rejected"


def test_who_may_only_change_posts_neither_approves_nor_overrides(client, ada, account, required):
    post = write(ada, account, scheduled_at=FUTURE)
    operator = staff(client, "change_post", "change_destination")

    confirm(operator, "approve", Post.objects.get())
    confirm(operator, "publish_now", Post.objects.get())

    assert state(post) == ("scheduled", "pending")
    assert due(post) is None
    assert Approval.objects.get().by == ""


def test_the_mode_is_on_the_workspaces_page(admin_client, ada):
    page = text(admin_client.get(f"/admin/posts/workspace/{ada.workspace.pk}/change/"))

    assert 'name="approval_mode"' in page
