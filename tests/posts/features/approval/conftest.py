"""A workspace that requires approval, its writer, and a program that may approve."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from destinations.dispatch import claims
from destinations.models import Destination
from posts.features.approval.models import Approval
from posts.models import Post, Workspace
from tests.posts.conftest import Caller, data_of, make_caller
from tests.posts.factories import FUTURE

Mode = Workspace.ApprovalMode
PAST = datetime(2026, 1, 1, tzinfo=UTC)


def require(caller: Caller, mode: str = Mode.REQUIRED_INTERNAL) -> None:
    Workspace.objects.filter(pk=caller.workspace.pk).update(approval_mode=mode)


@pytest.fixture
def required(ada) -> None:
    require(ada)


@pytest.fixture
def boss(ada) -> Caller:
    """Another key of Ada's workspace, which may approve."""
    return make_caller(ada.workspace, "Boss", ("read", "write", "approve"))


def write(caller: Caller, account: Any, **fields: Any) -> Post:
    """A new post."""
    data_of(caller.post("/posts", {"content": "Hi", "account_ids": [account.pk], **fields}), 201)
    return Post.objects.latest("created_at")


@pytest.fixture
def post(ada, account, required) -> Post:
    """Scheduled, and to be approved."""
    return write(ada, account, scheduled_at=FUTURE)


def make_due(post: Post) -> None:
    """The post's time comes."""
    Post.objects.filter(pk=post.pk, scheduled_for__isnull=False).update(scheduled_for=PAST)
    rows = Destination.objects.filter(post=post)
    rows.filter(due_at__isnull=False).update(due_at=PAST)
    rows.update(wanted_at=PAST)


def pass_time(post: Post) -> None:
    """The time until which the post could be approved passes."""
    Post.objects.filter(pk=post.pk, scheduled_for__isnull=False).update(scheduled_for=PAST)
    Approval.objects.filter(pk=post.pk, expires_at__isnull=False).update(expires_at=PAST)


def claimed() -> int:
    return len(claims.claim(100))


def state(post: Post) -> tuple[str, str]:
    """The statuses of the post and of its approval."""
    return (Post.objects.get(pk=post.pk).status, Approval.objects.get(pk=post.pk).status)


def due(post: Post) -> datetime | None:
    return Destination.objects.get(post=post).due_at


def soon() -> str:
    return (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
