"""DELETE /posts/{id}?delete_on_platforms: the post, and what is public of it."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from destinations.dispatch import claims
from destinations.models import Account, Deletion, Destination, Event
from destinations.publishing import worker
from platforms.drafts import Draft
from posts.keys import keys
from posts.models import Post
from tests.destinations.deleting import working
from tests.factories import make_account, make_post
from tests.posts.conftest import Caller, data_of, make_caller, refused
from tests.posts.features.webhooks.webhook_factories import make_webhook, told


@pytest.fixture
def publish(ada, simulator):
    """Publish a text on these networks; the post."""
    numbers = iter(range(17841400000009000, 17841400000009999))

    def published(*platforms: str) -> Post:
        accounts = []
        for platform in platforms:
            number = str(next(numbers))
            network = "x" if platform in ("instagram", "tiktok") else platform
            token = simulator.connect(network, number)
            fields = {"token": token, "platform_account_id": number}
            accounts.append(make_account(ada.workspace, network, **fields))
        post = make_post(ada.workspace, accounts, draft=Draft("Hello"))
        worker.publish(claims.claim(100))
        for row, platform in zip(post.destinations.order_by("position"), platforms, strict=True):
            # As if it had been published there.
            Destination.objects.filter(pk=row.pk).update(platform=platform)
            Account.objects.filter(pk=row.account_id).update(platform=platform)
        return Post.objects.get(pk=post.pk)

    return published


@pytest.fixture(autouse=True)
def _at_once(settings):
    settings.DELETE_WAIT_SECONDS = 0


def delete(caller, post, platforms="all"):
    return caller.delete(f"/posts/{post.public_id}?delete_on_platforms={platforms}")


def test_a_deletion_that_takes_longer_is_under_way_and_the_worker_deletes_the_post(
    ada, publish, simulator
):
    post = publish("x")
    row = post.destinations.get()

    first = data_of(delete(ada, post))
    assert first == {
        "id": post.public_id,
        "deleted": False,
        "message": "It is being deleted from X. Send the request again to learn the outcome.",
        "platforms": [
            {"destination_id": row.public_id, "platform": "x", "status": "deleting", "error": None}
        ],
    }
    assert data_of(delete(ada, post)) == first
    working.work()

    assert not Post.objects.exists()
    assert not simulator.posts("x")
    again = data_of(delete(ada, post))
    assert again["deleted"] is True
    assert again["message"] == "The post was deleted, also from X."
    assert [each["status"] for each in again["platforms"]] == ["deleted"]
    refused(ada.get(f"/posts/{post.public_id}"), 404, "not_found")


@pytest.mark.django_db(transaction=True)
def test_the_request_waits_a_moment_for_the_outcome(ada, publish, settings, simulator):
    settings.DELETE_WAIT_SECONDS = 20
    post = publish("x", "facebook")
    is_over = threading.Event()

    def worker_process() -> None:
        while not is_over.is_set():
            working.work()
            time.sleep(0.05)
        connection.close()

    with ThreadPoolExecutor(1) as threads:
        threads.submit(worker_process)
        found = data_of(delete(ada, post))
        is_over.set()

    assert found["deleted"] is True
    assert found["message"] == "The post was deleted, also from X and Facebook."
    assert not simulator.posts()


def test_copies_that_are_not_named_stay_public(ada, publish, simulator):
    post = publish("x", "facebook")

    delete(ada, post, "x")
    working.work()
    found = data_of(delete(ada, post, "x"))

    assert found["message"] == "The post was deleted, also from X. It stays public on Facebook."
    assert [each["platform"] for each in found["platforms"]] == ["x"]
    assert [each["network"] for each in simulator.posts()] == ["facebook"]
    assert Deletion.objects.get(platform="facebook").status == "left"


def test_a_copy_that_cannot_go_keeps_the_post_until_it_is_not_asked_for(ada, publish, simulator):
    post = publish("x", "instagram")

    delete(ada, post)
    working.work()
    found = data_of(delete(ada, post))

    assert found["deleted"] is False
    assert {each["platform"]: each["status"] for each in found["platforms"]} == {
        "x": "deleted",
        "instagram": "not_supported",
    }
    assert "Instagram" in found["message"]
    assert Post.objects.filter(pk=post.pk).exists()
    assert data_of(delete(ada, post, "x"))["deleted"] is True
    assert Deletion.objects.get(platform="instagram").status == "left"


def test_a_failed_deletion_is_tried_again_by_the_same_request(ada, publish, simulator):
    post = publish("x")
    simulator.fault("x", call="delete_post", status=400, times=1)
    delete(ada, post)
    working.work()

    found = data_of(delete(ada, post, "x"))
    assert (found["deleted"], found["platforms"][0]["status"]) == (False, "deleting")
    working.work()

    assert data_of(delete(ada, post, "x"))["deleted"] is True


def test_a_failure_is_told_with_its_reason(ada, publish, simulator):
    post = publish("x")
    Account.objects.update(is_active=False)
    delete(ada, post)
    working.work()
    Destination.objects.update(platform_post_id="")

    (copy,) = data_of(delete(ada, post))["platforms"]

    assert copy["status"] == "failed"
    assert "did not say which post" in copy["error"]


@pytest.mark.parametrize("word", ["twitter", "x", "x,twitter", "all"])
def test_platforms_have_their_usual_names(ada, publish, word):
    post = publish("x")

    assert [each["platform"] for each in data_of(delete(ada, post, word))["platforms"]] == ["x"]


def test_without_the_parameter_a_published_post_is_not_deleted(ada, publish):
    post = publish("x")

    refused(ada.delete(f"/posts/{post.public_id}"), 409, "post_already_published")
    refused(
        ada.delete(f"/posts/{post.public_id}?delete_on_platforms="), 409, "post_already_published"
    )
    assert not Deletion.objects.exists()


@pytest.mark.parametrize("status", ["queued", "publishing", "unconfirmed"])
def test_nothing_is_deleted_while_it_is_published(ada, publish, status):
    post = publish("x", "facebook")
    row = post.destinations.first()
    Destination.objects.filter(pk=row.pk).update(status=status)
    Post.objects.update(status="publishing")

    refused(delete(ada, post), 409, "conflict")
    assert not Deletion.objects.exists()


def test_a_draft_is_deleted_as_ever(ada, publish):
    post = make_post(ada.workspace, [make_account(ada.workspace)])
    Post.objects.update(status="draft")

    found = data_of(delete(ada, post))

    assert (found["deleted"], found["platforms"]) == (True, [])
    assert not Post.objects.exists()


def test_a_failed_post_without_copies_is_deleted(ada, publish):
    post = publish("x")
    Destination.objects.update(status="failed", platform_post_id="", error_code="text_too_long")
    Post.objects.update(status="failed")

    assert data_of(delete(ada, post))["deleted"] is True


def test_a_stranger_and_a_key_for_other_accounts_delete_nothing(ada, cy, publish):
    post = publish("x")
    made = keys.create(
        ada.workspace, "Dee", ["read", "write"], accounts=[make_account(ada.workspace)]
    )
    dee = Caller(ada.workspace, *made)

    for caller in (cy, dee):
        refused(delete(caller, post), 404, "not_found")
    assert not Deletion.objects.exists()
    delete(ada, post)
    working.work()
    assert data_of(delete(ada, post))["deleted"] is True
    for caller in (cy, dee):
        refused(delete(caller, post), 404, "not_found")


def test_a_key_that_only_reads_deletes_nothing(ada, publish):
    post = publish("x")
    reader = make_caller(ada.workspace, "reader", ("read",))

    refused(delete(reader, post), 403, "insufficient_scope")
    assert not Deletion.objects.exists()


def test_the_history_says_who_asked(ada, publish):
    post = publish("x", "instagram")
    delete(ada, post)
    working.work()

    moves = Event.objects.filter(destination__platform="x").values_list("move", "by")
    assert ("ask_to_delete", f"key:{ada.key.prefix}") in list(moves)
    events = ada.get(f"/posts/{post.public_id}/events").json()["data"]
    assert "ask_to_delete" in [event["move"] for event in events]


@pytest.mark.django_db(transaction=True)
def test_twenty_requests_at_once_make_one_call(ada, publish, simulator):
    post = publish("x")
    simulator.fault("x", call="delete_post", status=500, skip=1)

    def one(_: int):
        answer = delete(ada, post)
        connection.close()
        return answer

    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(one, range(20)))

    assert {answer.status_code for answer in answers} <= {200, 409}
    assert 200 in {answer.status_code for answer in answers}
    working.work()
    deletion = Deletion.objects.get()
    assert (deletion.status, deletion.attempts) == ("deleted", 1)


def test_on_the_compatibility_mount_a_published_post_leaves_the_list_alone(
    ada, compat, publish, simulator
):
    post = publish("x", "facebook")

    found = data_of(compat.delete(f"/posts/{post.pk}"))

    assert found == {
        "id": str(post.pk),
        "post_id": str(post.pk),
        "deleted": True,
        "message": "The post was deleted. It stays public on X and Facebook.",
        "platforms": [],
    }
    assert not Post.objects.exists()
    assert len(simulator.posts()) == 2
    assert {each.status for each in Deletion.objects.all()} == {"left"}


def test_on_the_compatibility_mount_ids_are_uuids(compat, publish):
    post = publish("x")
    row = post.destinations.get()

    found = data_of(compat.delete(f"/posts/{post.pk}?delete_on_platforms=x"))

    assert (found["id"], found["post_id"]) == (str(post.pk), str(post.pk))
    assert found["platforms"][0]["destination_id"] == str(row.pk)


def test_webhooks_are_told_of_the_copy_and_of_the_post(ada, publish):
    make_webhook(ada.workspace, "post.deleted", "post.deleted_on_platform")
    post = publish("x")
    row = post.destinations.get()
    delete(ada, post)
    working.work()

    events = dict(told(ada.workspace))
    assert events["post.deleted"] == {"post_id": str(post.pk)}
    copy = events["post.deleted_on_platform"]
    assert (copy["destination_id"], copy["status"]) == (str(row.pk), "deleted")
    assert copy["platform_post_id"] == row.platform_post_id
