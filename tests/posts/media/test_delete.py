"""Deleting files that posts still need: refused, or forced and reported."""

from datetime import timedelta

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from destinations.dispatch import claims
from destinations.models import Destination
from destinations.publishing import worker
from posts.keys import keys
from posts.models import Media, Post, PostMedia
from tests.factories import make_account
from tests.posts.cases import apart
from tests.posts.conftest import Caller, data_of, once_destinations_are_locked, refused
from tests.posts.factories import make_media
from tests.posts.media.test_uploads import stored_files

SOON = "2099-01-01T00:00:00Z"


def compose(caller, account, *media: Media, **fields) -> str:
    body = {
        "content": "Look",
        "account_ids": [account.pk],
        "media_ids": [str(item.pk) for item in media],
        "scheduled_at": SOON,
        **fields,
    }
    return data_of(caller.post("/posts", body), 201)["post_id"]


def keep(caller, *media: Media, **fields) -> str:
    body = {"content": "Look", "draft": True, "media_ids": [str(item.pk) for item in media]}
    return data_of(caller.post("/posts", body | fields), 201)["post_id"]


def run() -> None:
    """What is scheduled comes due, and is published as beat and a worker would."""
    Destination.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    worker.publish(claims.claim(10))


def force(caller, media: Media):
    return caller.delete(f"/media/{media.pk}?force=true")


def test_an_invalid_force_parameter_is_refused(ada, media):
    refused(ada.delete(f"/media/{media.pk}?force=perhaps"), 400, "validation_error")

    assert Media.objects.count() == 1


def test_a_forced_deletion_fails_the_due_post_with_a_reason(
    ada, x, media, simulator, settings, django_capture_on_commit_callbacks
):
    post = compose(ada, x, media)

    with django_capture_on_commit_callbacks(execute=True):
        response = force(ada, media)

    assert response.json()["data"] == {"id": str(media.pk), "deleted": True}
    assert stored_files(settings) == []
    scheduled = ada.get(f"/posts/{post}").json()["data"]
    assert (scheduled["status"], scheduled["media"]) == ("scheduled", [])
    run()
    [result] = ada.get(f"/posts/{post}/results").json()["data"]
    assert (result["status"], result["error"]) == ("failed", "a.png was deleted.")
    assert (result["attempts"], result["next_retry_at"]) == (0, None)
    assert simulator.posts() == []


def test_a_post_whose_file_is_replaced_in_time_is_published(ada, x, media, simulator):
    post = compose(ada, x, media)
    assert force(ada, media).status_code == 200

    other = make_media(ada.workspace)
    assert ada.patch(f"/posts/{post}", {"media_ids": [str(other.pk)]}).status_code == 200
    run()

    [result] = ada.get(f"/posts/{post}/results").json()["data"]
    assert (result["status"], result["error"]) == ("published", None)
    assert len(simulator.posts()) == 1


def test_other_posts_are_not_changed(ada, x, media):
    other = make_media(ada.workspace)
    compose(ada, x, other)
    before = Destination.objects.values().get()
    compose(ada, x, media)

    assert force(ada, media).status_code == 200

    assert Destination.objects.values().get(pk=before["id"]) == before
    assert PostMedia.objects.get().media == other


def test_a_file_that_is_being_sent_is_kept_even_with_force(ada, x, media):
    for fields in ({"status": "publishing"}, {"status": "unconfirmed"}, {"claim": "0" * 32}):
        with apart(fields):
            post = compose(ada, x, media)
            Destination.objects.update(due_at=timezone.now(), **fields)

            error = refused(force(ada, media), 409, "media_in_use")

            assert error["details"] == {"post_ids": [post]}
            assert "being changed or published right now" in error["message"]
            assert Media.objects.count() == PostMedia.objects.count() == 1


def test_a_waiting_retry_fails_instead_of_sending(ada, x, media, simulator):
    post = compose(ada, x, media)
    soon = timezone.now() + timedelta(minutes=5)
    Destination.objects.update(status="failed", due_at=soon, next_retry_at=soon)

    assert force(ada, media).status_code == 200
    run()

    [result] = ada.get(f"/posts/{post}/results").json()["data"]
    assert (result["status"], result["error"]) == ("failed", "a.png was deleted.")
    assert simulator.posts() == []


def test_a_manual_retry_after_a_deletion_names_the_missing_file(ada, x, media, simulator):
    post = compose(ada, x, media)
    Destination.objects.update(status="failed", due_at=None, error_code="media_rejected")
    Destination.objects.get().post.__class__.objects.update(status="failed")

    assert ada.delete(f"/media/{media.pk}").status_code == 200
    assert ada.post(f"/posts/{post}/retry").json()["data"]["retried_count"] == 1
    run()

    [result] = ada.get(f"/posts/{post}/results").json()["data"]
    assert result["error"] == "a.png was deleted."


def test_a_restricted_key_neither_sees_nor_breaks_posts_of_other_accounts(ada, x, media):
    other = make_account(ada.workspace, "x")
    dee = Caller(
        ada.workspace, *keys.create(ada.workspace, "Dee", ["read", "write"], accounts=[other])
    )
    mine = compose(dee, other, media)
    compose(ada, x, media)

    for query in ("", "?force=true"):
        error = refused(dee.delete(f"/media/{media.pk}{query}"), 409, "media_in_use")
        assert error["details"] == {"post_ids": [mine]}

    assert PostMedia.objects.count() == 2
    assert not any(
        "deleted" in item for row in Destination.objects.all() for item in row.draft["media"]
    )


def other_connection() -> psycopg.Connection:
    known = connection.get_connection_params()
    names = ("dbname", "user", "host", "port", "password")
    return psycopg.connect(**{name: known[name] for name in names if known.get(name)})


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("table", ["destinations_destination", "posts_post"])
def test_a_deletion_does_not_wait_for_a_locked_post(ada, x, media, table):
    compose(ada, x, media)
    with other_connection() as other:
        other.execute(f"SELECT 1 FROM {table} FOR UPDATE")
        error = refused(force(ada, media), 409, "media_in_use")

    assert "right now" in error["message"]
    assert Media.objects.count() == 1
    assert Post.objects.get().deleted_files == {}


@pytest.mark.django_db(transaction=True)
def test_a_destination_that_a_concurrent_edit_adds_is_not_missed(ada, x, media):
    post = keep(ada, media)

    def add():
        other = Caller(ada.workspace, ada.key, ada.secret)
        return other.patch(f"/posts/{post}", {"account_ids": [x.pk]})

    with once_destinations_are_locked(add) as answers:
        refused(force(ada, media), 409, "media_in_use")

    assert [answer.status_code for answer in answers] == [200]
    assert PostMedia.objects.count() == 1
    assert force(ada, media).status_code == 200
    assert Destination.objects.get().draft["media"][0]["deleted"] is True
