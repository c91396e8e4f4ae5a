"""The overview names posts that people have left without a decision."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.utils import timezone

from posts.features.approval.models import Approval
from posts.models import Post
from tests.config.admin.overview.overview_page import lines, look
from tests.factories import make_account, make_post, make_workspace

pytestmark = pytest.mark.django_db


def make_waiting(*, hours: int, **fields):
    """A post that has waited so long for its approval."""
    workspace = make_workspace("Acme")
    content = fields.pop("content", f"Since {hours} h")
    post = make_post(
        workspace, [make_account(workspace, "x")], due_at=None, status="queued", content=content
    )
    asked = timezone.now() - timedelta(hours=hours)
    Approval.objects.create(post=post, workspace=workspace, requested_at=asked, **fields)
    return post


def test_only_what_has_waited_for_two_days_is_named(admin_client):
    waits = make_waiting(hours=72)
    make_waiting(hours=47)
    make_waiting(hours=72, status="approved", decided_at=timezone.now())
    Post.objects.update(status="scheduled")

    line = lines(admin_client)["Not approved"]

    assert line.text.startswith("“Since 72 h”: ")
    [item] = look(admin_client)["overview"].unapproved
    assert (item.detail, item.age) == ("of “Acme”", "3 d")
    page = admin_client.get(item.url)
    assert page.status_code == 200
    assert page.context["post"] == waits


def test_only_who_may_see_posts_is_told_of_them(client):
    make_waiting(hours=72)
    Post.objects.update(status="scheduled")
    user = User.objects.create_user("vi", password="x", is_staff=True)
    client.force_login(user)
    looking = Permission.objects.filter(codename="view_destination")

    user.user_permissions.set(looking)
    assert "Not approved" not in lines(client)
    assert "Since 72 h" not in client.get("/admin/").content.decode()

    user.user_permissions.set(looking | Permission.objects.filter(codename="view_post"))
    assert "Not approved" in lines(client)


def test_a_post_whose_time_has_passed_is_not_named(admin_client):
    make_waiting(hours=72)
    Post.objects.update(status="failed")

    assert "Not approved" not in lines(admin_client)
