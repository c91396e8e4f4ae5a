"""What two people do at once cannot publish a version that was not approved."""

from functools import partial

import pytest

from destinations.models import Destination
from posts.composing import compose
from posts.composing.destinations import Author
from posts.errors import RequestRefused
from posts.features.approval import overdue
from posts.features.approval.models import Approval, ApprovalEvent
from posts.models import Post
from tests.posts.at_once import at_once
from tests.posts.factories import FUTURE
from tests.posts.features.approval.conftest import pass_time, write
from tests.posts.features.approval.decide_steps import approve

pytestmark = pytest.mark.django_db(transaction=True)


def together(*acts) -> list[str]:
    """What became of each of these, begun at once: `done`, or why it was refused."""

    def do(act) -> str:
        try:
            act()
        except RequestRefused as refused:
            return refused.code
        return "done"

    return at_once([partial(do, act) for act in acts])


def test_of_two_approvals_at_once_one_counts(ada, account, required):
    for _ in range(5):
        post = write(ada, account, scheduled_at=FUTURE)
        ended = together(partial(approve, post, "key:b"), partial(approve, post, "key:c"))

        assert sorted(ended) == ["conflict", "done"]
        assert ApprovalEvent.objects.filter(post=post, action="approved").count() == 1


def test_an_edit_that_races_with_an_approval_leaves_nothing_unapproved_due(ada, account, required):
    author = Author(ada.workspace.pk, "key:a")
    for number in range(10):
        post = write(ada, account, scheduled_at=FUTURE)
        change = {"content": f"Text {number}"}
        together(partial(approve, post), partial(compose.edit, author, post.pk, change))

        approval, is_due = Approval.objects.get(pk=post.pk), Destination.objects.get(post=post)
        now = Post.objects.get(pk=post.pk)
        if is_due.due_at is not None:
            assert approval.status == "approved"
            assert approval.approved["content"] == now.content


def test_time_that_passes_and_an_approval_end_in_one_way(ada, account, required):
    author = Author(ada.workspace.pk, "key:a")
    for _ in range(5):
        post = write(ada, account, scheduled_at=FUTURE)
        pass_time(post)
        cancel = partial(compose.cancel, author, post.pk)
        together(partial(approve, post), overdue.end_missed, cancel)

        assert not Destination.objects.filter(post=post, due_at__isnull=False).exists()
