"""Long requests of one workspace leave threads to the others."""

import pytest

from posts.api import long_requests
from posts.api.long_requests import BODY_BYTES, MOST_POSTS, MOST_QUEUED_POSTS
from posts.keys import keys
from posts.models import Post
from tests.posts.conftest import Caller, refused
from tests.posts.features.importing.upload_steps import send_csv, table

NEVER_MADE = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def busy(ada):
    """Ada's workspace has as many long requests as it may have."""
    with long_requests._room.enter(ada.workspace.pk), long_requests._room.enter(ada.workspace.pk):
        yield


def long_ones(caller, account):
    draft = {"content": "A draft", "draft": True, "account_ids": [account.pk]}
    queued = {"content": "Next", "use_queue": True, "account_ids": [account.pk]}
    large = {**draft, "content": "x" * (BODY_BYTES + 1)}
    file = table(
        *[{"content": f"Row {number}", "draft": "yes"} for number in range(MOST_POSTS + 1)]
    )
    rule = f"/recurrences/{NEVER_MADE}"
    yield "a file", lambda: send_csv(caller, file)
    yield "a file that is checked", lambda: send_csv(caller, file, "?dry_run=true")
    yield "many posts", lambda: caller.post("/posts/bulk", {"posts": [draft] * (MOST_POSTS + 1)})
    posts = [queued] * (MOST_QUEUED_POSTS + 1)
    yield "queued posts", lambda: caller.post("/posts/bulk", {"posts": posts})
    yield "queued rows", lambda: caller.post("/posts/import", {"posts": posts})
    yield "a large post", lambda: caller.post("/posts", large)
    yield "a large check", lambda: caller.post("/posts/validate", large)
    yield "a large preview", lambda: caller.post("/posts/preview", large)
    yield "many retries", lambda: caller.post("/posts/retry-failed", {"platform": "x"})
    yield "a rule", lambda: caller.patch(rule, {"content": "New"})
    yield "its end", lambda: caller.delete(rule)
    yield "its pause", lambda: caller.post(f"{rule}/pause")
    yield "its return", lambda: caller.post(f"{rule}/resume")
    yield "a queue", lambda: caller.patch(f"/queues/{NEVER_MADE}", {"active": False})
    yield "its end", lambda: caller.delete(f"/queues/{NEVER_MADE}")


@pytest.mark.usefixtures("busy")
def test_a_workspace_has_few_long_requests_at_once(ada, account):
    for name, send in long_ones(ada, account):
        answer = send()
        assert answer.status_code == 503, (name, answer.content[:300])
        refused(answer, 503, "service_unavailable")
        assert answer["Retry-After"] == "5"
    assert Post.objects.count() == 0


@pytest.mark.usefixtures("busy")
def test_others_and_short_requests_need_no_place(ada, account, cy):
    draft = {"content": "A draft", "draft": True}
    for caller in (ada, cy):
        assert caller.post("/posts", draft).status_code == 201
        assert caller.post("/posts/bulk", {"posts": [draft] * MOST_POSTS}).status_code == 201
        assert send_csv(caller, table({"content": "Row", "draft": "yes"})).status_code == 201
    assert cy.post("/posts/bulk", {"posts": [draft] * 50}).status_code == 201


@pytest.mark.usefixtures("busy")
def test_the_compatibility_mount_has_the_same_places(compat, account):
    draft = {"content": "A draft", "draft": True, "account_ids": [account.pk]}
    many = {"posts": [draft] * (MOST_POSTS + 1)}
    assert compat.post("/posts/bulk", many).status_code == 503


@pytest.mark.usefixtures("busy")
def test_what_found_no_place_costs_no_post(ada):
    few = Caller(ada.workspace, *keys.create(ada.workspace, "Few", ["write"], post_limits="1/h"))
    draft = {"content": "A draft", "draft": True}
    for _ in range(3):
        large = few.post("/posts", {**draft, "content": "x" * (BODY_BYTES + 1)})
        assert large.status_code == 503
    assert few.post("/posts", draft).status_code == 201
    refused(few.post("/posts", draft), 429, "rate_limit_exceeded")


def test_a_place_is_given_back_with_any_answer(ada, account):
    for _, send in long_ones(ada, account):
        assert send().status_code != 503
        assert not long_requests._room._taken
