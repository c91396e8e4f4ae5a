from datetime import timedelta

import pytest
from django.utils import timezone

from destinations.dispatch import claims
from destinations.models import Attempt, Event
from destinations.state import transitions
from destinations.state.attempts import AttemptUpdate
from destinations.state.transitions import Change
from posts.models import Post
from tests.factories import make_account
from tests.posts.api.cases import cases
from tests.posts.conftest import data_of, refused
from tests.posts.media.states import start

STAMP = "%Y-%m-%dT%H:%M:%SZ"
FIELDS = {
    "id",
    "at",
    "destination_id",
    "account_id",
    "account_name",
    "platform",
    "move",
    "from_status",
    "to_status",
    "by",
    "reason",
    "request_id",
    "attempt",
}


@pytest.fixture
def post(ada, x):
    ada.post("/posts", {"content": "Hi", "account_ids": [x.pk]})
    return Post.objects.get()


def fail(claimed, outcome="platform_unavailable") -> None:
    note = AttemptUpdate(
        answered=True,
        finished=True,
        outcome=outcome,
        error="Down.",
        platform_code="E1",
        http_status=503,
        platform_request_id="net-7",
        response="<raw words of the network>",
    )
    fields = {"error": "Down.", "error_code": outcome}
    change = Change(claimed.id, claimed.claim, fields, "Down.", 1, note)
    assert transitions.move_all({"fail": [change]}, by="worker:host-3:12")


def events(caller, post, query=""):
    return data_of(caller.get(f"/posts/{post.public_id}/events{query}"))


def test_a_history_tells_every_move_its_try_who_and_why(ada, x, post):
    fail(start(post))
    ada.post(f"/posts/{post.public_id}/retry")

    composed, started, failed, requeued = events(ada, post)

    row, attempt = post.destinations.get(), Attempt.objects.get()
    tried = {
        "number": 1,
        "started_at": attempt.started_at.strftime(STAMP),
        "sent_at": attempt.sent_at.strftime(STAMP),
        "answered_at": attempt.answered_at.strftime(STAMP),
        "finished_at": attempt.finished_at.strftime(STAMP),
        "outcome": "platform_unavailable",
        "error": "Down.",
        "http_status": 503,
        "platform_code": "E1",
        "platform_request_id": "net-7",
    }
    event = Event.objects.get(move="fail")
    assert failed == {
        "id": event.pk,
        "at": event.at.strftime(STAMP),
        "destination_id": row.public_id,
        "account_id": x.pk,
        "account_name": x.name,
        "platform": "x",
        "move": "fail",
        "from_status": "publishing",
        "to_status": "failed",
        "by": "worker",
        "reason": "Down.",
        "request_id": None,
        "attempt": tried,
    }
    assert all(set(each) == FIELDS for each in (composed, started, requeued))
    assert (composed["move"], composed["from_status"], composed["attempt"]) == (
        "compose",
        None,
        None,
    )
    assert started["attempt"] == tried
    assert (requeued["move"], requeued["by"]) == ("requeue", f"key:{ada.key.prefix}")
    assert requeued["request_id"].startswith("req_")


def test_what_networks_said_and_credentials_are_not_told(ada, x, post):
    fail(start(post))

    response = ada.get(f"/posts/{post.public_id}/events")

    for secret in ("raw words", "host-3", x.credentials):
        assert secret not in response.content.decode()


def test_an_outcome_we_are_finding_out_reads_publishing(ada, post):
    claimed = start(post)
    late = timezone.now() + timedelta(minutes=1)
    transitions.move(
        "mark_unconfirmed", claimed.id, by="worker:a", claim=claimed.claim, due_at=late
    )

    lost = events(ada, post)[-1]

    assert (lost["move"], lost["from_status"], lost["to_status"]) == (
        "mark_unconfirmed",
        "publishing",
        "publishing",
    )


def test_pages_step_through_the_history_of_all_destinations(ada, x, post):
    linkedin = make_account(ada.workspace, "linkedin")
    body = {"content": "Hi", "account_ids": [x.pk, linkedin.pk], "draft": True}
    both = Post.objects.exclude(pk=post.pk)
    ada.post("/posts", body)
    ada.post(f"/posts/{both.get().public_id}/schedule", {"publish_now": True})

    first = ada.get(f"/posts/{both.get().public_id}/events?limit=3").json()
    rest = events(ada, both.get(), "?limit=3&offset=3")

    assert first["meta"]["pagination"] == {
        "limit": 3,
        "offset": 0,
        "total": 4,
        "total_is_exact": True,
        "has_more": True,
    }
    told = [(each["move"], each["platform"]) for each in [*first["data"], *rest]]
    assert told == [
        ("compose", "x"),
        ("compose", "linkedin"),
        ("schedule", "x"),
        ("schedule", "linkedin"),
    ]
    assert len(claims.claim(10)) == 2 + 1


def test_a_history_takes_the_same_queries_however_long_it_is(ada, post, django_assert_num_queries):
    fail(start(post))
    events(ada, post)

    with django_assert_num_queries(3):  # key, post, events
        assert len(events(ada, post)) == 3
    with django_assert_num_queries(4):  # and a count, as this page is not the last one
        assert len(ada.get(f"/posts/{post.public_id}/events?limit=2").json()["data"]) == 2


@cases("query", ["?limit=0", "?limit=101", "?offset=-1", "?limit=ten"])
def test_a_page_that_makes_no_sense_is_refused(ada, post, query):
    refused(ada.get(f"/posts/{post.public_id}/events{query}"), 400, "validation_error")
