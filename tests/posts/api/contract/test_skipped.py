"""`meta.skipped` names each destination that a retry leaves out, why, and how to retry it."""

import uuid

import pytest

from destinations.models import Destination
from posts.composing.changes import retry as post_retry
from tests.factories import make_account, make_post
from tests.posts.api.idempotency.requests import send

FAILED = {"status": "failed", "due_at": None, "attempts": 1, "error": "No."}


@pytest.fixture
def accounts(ada):
    return [
        make_account(ada.workspace, key, name=f"@{key}") for key in ("x", "threads", "linkedin")
    ]


@pytest.fixture
def post(ada, accounts):
    """One that failed, one that may be live, one that is public."""
    post = make_post(ada.workspace, accounts, **FAILED, error_code="content_rejected")
    rows = post.destinations
    rows.filter(platform="threads").update(error_code="outcome_unknown")
    rows.filter(platform="linkedin").update(status="published", error="", error_code="")
    return post


def retry(caller, post, body=None, **options):
    response = caller.post(f"/posts/{post.public_id}/retry", body, **options)
    assert response.status_code == 200, response.json()
    return response.json()


def reasons(answer):
    return [(each["platform"], each["reason"]) for each in answer["meta"].get("skipped", [])]


def test_a_retry_without_a_body_names_what_may_be_live(ada, post):
    answer = retry(ada, post)

    row = post.destinations.get(platform="threads")
    assert answer["data"]["retried_count"] == 1
    assert set(answer["data"]) == {"retried_count", "destinations"}
    [skipped] = answer["meta"]["skipped"]
    how = skipped.pop("how")
    assert skipped == {"id": row.public_id, "platform": "threads", "reason": "may_be_live"}
    assert "Look at @threads on Threads" in how
    assert "confirm_not_published: true" in how


def test_a_retry_that_leaves_nothing_out_says_nothing(ada, post):
    answer = retry(ada, post, {"confirm_not_published": True})

    assert answer["data"]["retried_count"] == 2
    assert set(answer["meta"]) == {"request_id", "timestamp"}


def test_a_retry_names_what_was_tried_since_and_what_was_not_checked(ada, post):
    x, threads = (post.destinations.get(platform=key) for key in ("x", "threads"))
    word = {"confirm_not_published": True}

    assert reasons(retry(ada, post, {**word, "seen_attempts": {threads.public_id: 0}})) == [
        ("x", "not_named"),
        ("threads", "tried_since"),
    ]
    assert reasons(retry(ada, post, {**word, "seen_attempts": {x.public_id: 1}})) == [
        ("threads", "not_named")
    ]


def test_a_retry_names_what_is_being_worked_on(ada, post):
    Destination.objects.filter(platform="x").update(claim=uuid.uuid4())

    assert reasons(retry(ada, post, {"confirm_not_published": True})) == [("x", "in_progress")]


def test_what_is_not_failed_is_named_only_where_it_was_asked_for(ada, post, accounts):
    assert reasons(retry(ada, post)) == [("threads", "may_be_live")]

    answer = retry(ada, post, {"account_ids": [accounts[2].pk]})

    assert reasons(answer) == [("linkedin", "not_failed")]
    assert (
        answer["meta"]["skipped"][0]["how"]
        == "It is published. Only failed destinations are retried."
    )


def test_an_unconfirmed_one_reads_publishing(ada, post, accounts):
    Destination.objects.filter(platform="linkedin").update(status="unconfirmed")

    answer = retry(ada, post, {"account_ids": [accounts[2].pk]})

    assert "It is publishing." in answer["meta"]["skipped"][0]["how"]


def test_a_repeated_retry_hears_again_what_was_left_out(ada, post):
    path = f"/posts/{post.public_id}/retry"

    first, again = (send(ada, "POST", path, key="again").json() for _ in range(2))

    assert reasons(again) == reasons(first) == [("threads", "may_be_live")]


def test_retry_failed_names_what_may_be_live_and_its_post(ada, post):
    answer = ada.post("/posts/retry-failed", {"post_ids": [post.public_id]}).json()

    [skipped] = answer["meta"]["skipped"]
    assert set(skipped) == {"id", "post_id", "platform", "reason", "how"}
    assert (skipped["post_id"], skipped["reason"]) == (post.public_id, "may_be_live")
    assert answer["data"]["retried_count"] == 1


def test_retry_failed_names_some_of_many_and_counts_the_others(ada, accounts, monkeypatch):
    monkeypatch.setattr(post_retry, "NAMED", 2)
    for _ in range(5):
        make_post(ada.workspace, accounts[:1], **FAILED, error_code="outcome_unknown")

    meta = ada.post("/posts/retry-failed", {"platform": "x"}).json()["meta"]

    assert (len(meta["skipped"]), meta["more_skipped"]) == (2, 3)


def test_retry_missed_names_what_is_being_worked_on(ada, accounts):
    account = accounts[0]
    post = make_post(ada.workspace, [account], **FAILED, error_code="account_needs_reconnection")
    Destination.objects.update(claim=uuid.uuid4())

    answer = ada.post(f"/accounts/{account.pk}/retry-missed").json()

    [skipped] = answer["meta"]["skipped"]
    assert (skipped["post_id"], skipped["reason"]) == (post.public_id, "in_progress")
    assert answer["data"] == {"retried_count": 0, "destinations": []}


def test_results_tell_programs_why_something_failed_and_who_must_act(ada, post):
    answer = ada.get(f"/posts/{post.public_id}/results").json()

    x, threads = (post.destinations.get(platform=key).public_id for key in ("x", "threads"))
    assert answer["meta"]["errors"] == [
        {
            "destination_id": x,
            "error_code": "content_rejected",
            "actor": "customer",
            "to_do": "Change the post; the platform refuses its content.",
            "may_be_live": False,
        },
        {
            "destination_id": threads,
            "error_code": "outcome_unknown",
            "actor": "customer",
            "to_do": "Check whether it is public, then confirm what you found.",
            "may_be_live": True,
        },
    ]


def test_results_hold_the_references_fields_in_its_order(ada, post):
    rows = ada.get(f"/posts/{post.public_id}/results").json()["data"]

    assert [list(row) for row in rows] == 3 * [
        [
            *("id", "platform", "status", "account_name", "account_id", "published_at"),
            *("platform_post_id", "platform_post_url", "error", "attempts", "next_retry_at"),
        ]
    ]
