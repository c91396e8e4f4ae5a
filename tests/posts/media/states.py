"""Destinations in every state, and raw SQL that breaks them."""

import uuid
from datetime import timedelta

from django.utils import timezone

from destinations.dispatch import claims
from destinations.models import Attempt
from destinations.state import transitions
from posts.models import Post
from tests.factories import make_post
from tests.psql import psql

SET = "UPDATE destinations_destination SET "
ENDS = {
    "published": ("succeed", {"platform_post_id": "777", "published_at": timezone.now()}),
    "refused": ("fail", {"error": "No.", "error_code": "content_rejected"}),
    "retrying": ("retry", {"error": "Later.", "error_code": "platform_unavailable"}),
}


def start(post):
    """Claim the only destination of the post and begin it, as a worker does."""
    wanted = post.destinations.get().pk
    found = claims.claim(10)
    (claimed,) = [row for row in found if row.id == wanted]
    claims.release([row.key for row in found if row.id != wanted])
    now = timezone.now()
    later = now + timedelta(minutes=1)
    fields = {"due_at": later, "claim": claimed.claim, "attempts": 1, "begun_at": now}
    change = transitions.Change(claimed.id, claimed.claim, fields, attempt=1)
    assert transitions.move_all({"start": [change]}, by="worker:a")
    Attempt.objects.filter(destination=claimed.id).update(sent_at=now)
    return claimed


def made(account, state):
    """The destination of a post that came to this state by the moves that lead there."""
    late = timezone.now() + timedelta(hours=1)
    if state == "draft":
        post = make_post(account.workspace, [account], due_at=None)
        Post.objects.filter(pk=post.pk).update(status="draft")
        return post.destinations.get()
    post = make_post(account.workspace, [account], scheduled_for=late if state == "later" else None)
    if state not in ("queued", "later"):
        claimed = start(post)
        if state == "unconfirmed":
            transitions.move(
                "mark_unconfirmed", claimed.id, by="a", claim=claimed.claim, due_at=late
            )
        elif state in ENDS:
            move, fields = ENDS[state]
            if state == "retrying":
                fields = {**fields, "due_at": late, "next_retry_at": late}
            assert transitions.move(move, claimed.id, by="a", claim=claimed.claim, **fields)
            Attempt.objects.filter(destination=claimed.id).update(
                finished_at=timezone.now(), outcome=fields.get("error_code", "published")
            )
    return post.destinations.get()


def run_sql(sql, destination):
    values = {"id": destination.pk, "post": destination.post_id, "other": uuid.uuid4()}
    psql(sql, values)
