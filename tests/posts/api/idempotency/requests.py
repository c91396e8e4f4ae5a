"""Requests with an Idempotency-Key: one of every kind, and what became of them."""

from datetime import timedelta

from django.db.models import F
from django.utils import timezone

from destinations.models import Connection, Destination, Event
from posts.models import IdempotencyRecord, Media, Post
from tests.factories import make_account, make_post
from tests.posts.conftest import announce, put
from tests.posts.factories import make_media, png


def send(caller, method, path, body=None, key="one", **headers):
    return caller.call(method, path, body, headers={"Idempotency-Key": key, **headers})


def create(caller, body, key="one"):
    return send(caller, "POST", "/posts", body, key)


def rows() -> dict[str, int]:
    models = (Post, Destination, Event, Media, Connection, IdempotencyRecord)
    return {model.__name__: model.objects.count() for model in models}


def is_replay(answer) -> bool:
    return answer.headers.get("Idempotent-Replayed") == "true"


def without_ids(answer) -> tuple:
    """All of an answer that a repeat has in common with the first one."""
    own = {"X-Request-Id", "Idempotent-Replayed"}
    headers = {name: value for name, value in answer.headers.items() if name not in own}
    return answer.status_code, headers, {**answer.json(), "meta": None}


def run_out(by):
    """As if so much time had passed."""
    IdempotencyRecord.objects.update(expires_at=F("expires_at") - by)


# One of every kind: method, path, body


def scheduled(ada):
    account = make_account(ada.workspace)
    post = make_post(ada.workspace, [account], scheduled_for=timezone.now() + timedelta(days=1))
    post.destinations.update(due_at=None)
    return post


def failed(ada, code):
    post = make_post(ada.workspace, [make_account(ada.workspace)], due_at=None)
    post.destinations.update(status="failed", attempts=1, error="No.", error_code=code)
    return post


def editing(ada):
    return "PATCH", f"/posts/{scheduled(ada).public_id}", {"content": "Other"}


def deleting(ada):
    return "DELETE", f"/posts/{scheduled(ada).public_id}", None


def retrying(ada):
    return "POST", f"/posts/{failed(ada, 'content_rejected').public_id}/retry", None


def resolving(ada):
    post = failed(ada, "outcome_unknown")
    row = post.destinations.get().public_id
    return (
        "POST",
        f"/posts/{post.public_id}/destinations/{row}/resolve",
        {"outcome": "not_published"},
    )


def announcing(ada):
    facts = {"filename": "a.png", "content_type": "image/png", "size": 5}
    return "POST", "/media/upload", facts


def completing(ada):
    data = announce(ada, png(), "image/png")
    assert put(data, png(), "image/png").status_code == 200
    return "POST", f"/media/{data['media_id']}/complete", None


def removing(ada):
    return "DELETE", f"/media/{make_media(ada.workspace).pk}", None


def connecting(ada):
    return "POST", "/accounts/connect-link", {"platform": "x"}


def reconnecting(ada):
    return "POST", f"/accounts/{make_account(ada.workspace).pk}/reconnect", None


def catching_up(ada):
    row = failed(ada, "account_needs_reconnection").destinations.get()
    return "POST", f"/accounts/{row.account_number}/retry-missed", None
