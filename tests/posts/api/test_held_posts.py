"""A post for now that something holds before it has begun is withdrawn like a scheduled one."""

import uuid
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from destinations import pauses
from destinations.dispatch import claims
from destinations.models import Account, Destination, Event, Outage
from posts.composing import events
from posts.models import Post
from tests.factories import make_account, make_post
from tests.posts.api.cases import cases
from tests.posts.at_once import at_once
from tests.posts.conftest import refused

HOUR = timedelta(hours=1)


def go_down() -> None:
    now = timezone.now()
    down = {"scope": "network", "target": "x", "platform": "x", "name": "X"}
    Outage.objects.create(**down, opened_at=now, probe_at=now + HOUR)


def pause() -> None:
    pauses.pause("network", "x", by="operator:ada", reason="x")


def limit() -> None:
    Account.objects.update(held_until=timezone.now() + HOUR)


def put_off() -> None:
    """A late post waits for its account's others."""
    Destination.objects.update(due_at=timezone.now() + HOUR)


HOLDS = [go_down, pause, limit, put_off]


@pytest.fixture
def post(ada, x) -> Post:
    return make_post(ada.workspace, [x])


def path(post: Post) -> str:
    return f"/posts/{post.public_id}"


@cases("hold", HOLDS)
def test_what_is_held_is_cancelled(ada, post, hold):
    hold()

    assert ada.delete(path(post)).json()["data"] == {"id": post.public_id, "deleted": True}
    assert ada.get(path(post)).status_code == 404
    assert not Destination.objects.exists()


def test_a_program_of_the_newer_api_cancels_it_too(ada, compat, post):
    go_down()

    assert compat.delete(path(post)).json()["data"]["deleted"]
    assert ada.get(path(post)).status_code == 404


@cases("hold", HOLDS)
def test_what_is_held_is_edited_and_keeps_its_place(ada, post, hold):
    place = timezone.now() - HOUR
    Destination.objects.update(wanted_at=place)
    hold()

    answer = ada.patch(path(post), {"content": "New"}).json()["data"]

    assert (answer["content"], answer["status"]) == ("New", "publishing")
    row = post.destinations.get()
    assert (row.draft["text"], row.status, row.wanted_at) == ("New", "queued", place)
    assert Event.objects.get().move == "edit"


def test_what_is_held_is_given_a_time(ada, post):
    go_down()

    answer = ada.patch(path(post), {"scheduled_at": "2099-02-01T00:00:00Z"}).json()["data"]

    assert answer["status"] == "scheduled"
    row = post.destinations.get()
    assert f"{row.due_at:%Y}" == f"{row.wanted_at:%Y}" == "2099"


def claimed(rows) -> None:
    rows.update(claim=uuid.uuid4())


def tried(rows) -> None:
    rows.update(attempts=1)


def begun(rows) -> None:
    rows.update(status="publishing", attempts=1, begun_count=1, claim=uuid.uuid4())


def put_back_in_doubt(rows) -> None:
    rows.update(begun_count=2)


@cases("touch", [claimed, tried, begun, put_back_in_doubt])
@cases("call", ["delete", "patch"])
def test_once_a_worker_has_touched_one_of_its_destinations_it_stays(ada, x, touch, call):
    post = make_post(ada.workspace, [x, make_account(ada.workspace)])
    touch(post.destinations.filter(account=x))
    go_down()

    answer = ada.delete(path(post)) if call == "delete" else ada.patch(path(post), {"content": "N"})

    refused(answer, 409, "conflict")
    assert (Post.objects.get().content, Destination.objects.count()) == ("Hello", 2)


@cases("call", ["delete", "patch"])
def test_a_post_for_now_that_nothing_holds_is_being_published(ada, post, call):
    answer = ada.delete(path(post)) if call == "delete" else ada.patch(path(post), {"content": "N"})

    refused(answer, 409, "conflict")


@pytest.mark.django_db(transaction=True)
def test_a_claim_that_is_not_committed_yet_wins_against_a_cancellation(ada, post):
    with transaction.atomic():
        assert len(claims.claim(10)) == 1
        at_once([go_down])
        [meanwhile] = at_once([lambda: ada.delete(path(post))])

    refused(meanwhile, 409, "conflict")
    refused(ada.delete(path(post)), 409, "conflict")


@pytest.mark.django_db(transaction=True)
def test_a_cancellation_that_is_not_committed_yet_wins_against_a_claim(ada, post, monkeypatch):
    go_down()
    deleted, found = events.deleted, []

    def claim_meanwhile(gone: Post) -> None:
        at_once([Outage.objects.all().delete])
        found.extend(at_once([lambda: claims.claim(10)]))
        deleted(gone)

    monkeypatch.setattr(events, "deleted", claim_meanwhile)

    assert ada.delete(path(post)).status_code == 200
    assert found == [[]]
    assert claims.claim(10) == []
